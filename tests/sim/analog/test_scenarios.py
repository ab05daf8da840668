# SPDX-License-Identifier: Apache-2.0
"""Scenario files: every shipped one opens, bad lines are named, table driven."""
import glob
import os

import pytest

import analog

SIZES = {"panel12": 12, "wiring": 5, "euro50": 6, "noload": 12, "service600": 12, "delta": 12, "highleg": 8}


@pytest.mark.parametrize("path", sorted(glob.glob(os.path.join(analog.SCENARIOS, "*.scn"))), ids=os.path.basename)
def test_shipped_scenarios_open(path):
    n = SIZES.get(os.path.basename(path)[:-4], 24)
    for n_ct in {n, 48, 54}:
        p = analog.Panel(path, n_ct=n_ct)
        assert p.n_loaded() <= n_ct and p.config.n_ct == n_ct
        m = p.means(2)
        for ct in range(n_ct):
            assert (m[ct][2] == 0) == p.load(ct).noload


def test_panel24_is_what_the_demo_needs():
    p = analog.Panel(os.path.join(analog.SCENARIOS, "panel24.scn"))
    kinds = {p.load(ct).kind.decode() for ct in range(24)}
    assert kinds == {"heater", "splitphase", "motor", "dimmer", "led", "smps", "threephase", "pv", "fridge", "noload", "harmonics"}
    i = p.means(12)[:, 2] / 200
    loaded = [ct for ct in range(24) if not p.load(ct).noload]
    assert min(i[loaded]) > 0.00099 and abs(max(i) - 1) < 1e-3 and len(loaded) == 21


def test_too_many_cts_for_the_hardware():
    with pytest.raises(analog.BadInput, match=r"panel24.scn:\d+: CT \d+: this meter has CT 0 .. 11"):
        analog.Panel(os.path.join(analog.SCENARIOS, "panel24.scn"), n_ct=12)


W = "service wye 120\n"
BAD = [
    ("", "t.scn: no service in it"),
    ("# only a remark\n", "t.scn: no service in it"),
    ("service\n", "t.scn:1: 'service wye|split|network|delta|single VOLTS'"),
    ("service triangle 240\n", "t.scn:1: 'service wye|split|network|delta|single VOLTS'"),
    ("service wye 120 a\n", "t.scn:1: 'service wye|split|network|delta|single VOLTS'"),
    ("service highleg 120 d\n", "t.scn:1: high leg on 'd'"),
    ("service highleg 120\nvoltage all volts=118\n", "t.scn:2: volts belongs to one voltage here"),
    ("service delta 240\nload 0 heater watts=1 on=a\n", "t.scn:2: a: this service has no such voltage"),
    ("service delta 240\nload 0,1 splitphase watts=1\n", "t.scn:2: splitphase needs a neutral"),
    ("service highleg 120\nload 0,1,2 threephase watts=1\n", "t.scn:2: threephase needs a wye"),
    ("point 0 form=1e2w a=1\n", "t.scn:1: point before service"),
    (W + "point 0\n", "t.scn:2: 'point CTS form=NAME"),
    (W + "point 0 form=1e2w\n", "t.scn:2: 'point CTS form=NAME"),
    (W + "point 0 form=1e2w name=x\n", "t.scn:2: point: no load"),
    (W + "point 0 form=9s a=1\n", "t.scn:2: form: '9s' is none of"),
    (W + "point 0 a=1 b=2\n", "t.scn:2: form: '' is none of"),
    (W + "point 0 form=2e3w a=1\n", "t.scn:2: form 2e3w takes 2 CTs"),
    (W + "point 0-5 form=1e2w a=1\n", "t.scn:2: form 1e2w takes 1 CT,"),
    (W + "point 1,0 form=2e3w a=1\n", "t.scn:2: point: CTs in rising order"),
    (W + "point 0,1 form=2e3w c=1\n", "t.scn:2: c: form 2e3w does not see this load"),
    (W + "point 0,1 form=2e-delta a=1\n", "t.scn:2: a: form 2e-delta does not see this load"),
    (W + "point 0 form=1.5e-1ct ab=1\n", "t.scn:2: form 1.5e-1ct does not fit the service"),
    (W + "point 0,1 form=2e3w first=ab ab=1\n", "t.scn:2: first: a, b or c"),
    (W + "point 0 form=1e2w a=lots\n", "t.scn:2: a: 'lots' is not a number"),
    (W + "point 0 form=1e2w a=1@90\n", "t.scn:2: a: 90 is outside"),
    (W + "point 0 form=1e2w a=1@\n", "t.scn:2: a: '' is not a number"),
    (W + "point 0 form=1e2w a=1\npoint 0 form=1e2w a=1\n", "t.scn:3: CT 0 has a load already"),
    (W + "point 0 form=1e2w a=1\nload 0 heater watts=1\n", "t.scn:3: CT 0 is on a point already, line 2"),
    (W + "ct 0 rated=100\npoint 0,1 form=2e3w a=1\n", "CT 0 and CT 1 are on one point"),
    (W + "voltage a volts=0\npoint 0 form=1e2w a=1\n", "t.scn:3: a: there is no voltage"),
    ("service network 120\npoint 0,1 form=2e3w first=b b=1\n", "t.scn:2: form 2e3w from b on: this service has no voltage c"),
    ("service wye lots\n", "t.scn:1: volts: 'lots' is not a number"),
    ("service wye 5\n", "t.scn:1: volts: 5 is outside 10 .. 1000"),
    ("service wye nan\n", "t.scn:1: volts: 'nan' is not a number"),
    (W + W, "t.scn:2: a second service"),
    (W + "frequency\n", "t.scn:2: 'frequency HZ'"),
    (W + "frequency 400\n", "t.scn:2: frequency: 400 is outside 40 .. 70"),
    (W + "loud 0 heater watts=1\n", "t.scn:2: unknown statement 'loud'"),
    ("load 0 heater watts=1\n", "t.scn:1: load before service"),
    (W + "load 0\n", "t.scn:2: 'load CTS KIND"),
    (W + "load x heater watts=1\n", "t.scn:2: 'x' is not a list of CTs"),
    (W + "load 0- heater watts=1\n", "t.scn:2: '0-' is not a list of CTs"),
    (W + "load 6 heater watts=1\n", "t.scn:2: CT 6: this meter has CT 0 .. 5"),
    (W + "load 99999999999999999999 heater watts=1\n", "this meter has CT 0 .. 5"),
    (W + "load 0 toaster watts=1\n", "t.scn:2: unknown load 'toaster'"),
    (W + "load 0,1 heater watts=1\n", "t.scn:2: heater goes through 1 CT, not 2"),
    (W + "load 0 splitphase watts=1\n", "t.scn:2: splitphase goes through 2 CTs, not 1"),
    (W + "load 1,1 splitphase watts=1\n", "t.scn:2: CT 1 twice"),
    (W + "load 0 heater\n", "t.scn:2: heater: one of watts, amps, percent"),
    (W + "load 0 heater watts=1 amps=1\n", "t.scn:2: heater: one of watts, amps, percent"),
    (W + "load 0 noload amps=1\n", "t.scn:2: noload has no size"),
    (W + "load 0 heater watts=-5\n", "t.scn:2: watts: -5 is outside"),
    (W + "load 0 heater watts=1e999\n", "t.scn:2: watts: '1e999' is not a number"),
    (W + "load 0 heater watts=1k\n", "t.scn:2: watts: '1k' is not a number"),
    (W + "load 0 heater watts\n", "t.scn:2: 'watts': key=value expected"),
    (W + "load 0 heater watts=1 watts=2\n", "t.scn:2: key 'watts' twice"),
    (W + "load 0 heater wats=1\n", "t.scn:2: unknown key 'wats'"),
    (W + "load 0 heater watts=1 pf=0.5\n", "t.scn:2: heater has no pf"),
    (W + "load 0 motor watts=1 cut=90\n", "t.scn:2: motor has no key 'cut'"),
    (W + "load 0 motor watts=1 pf=1.5\n", "t.scn:2: pf: 1.5 is outside"),
    (W + "load 0 motor watts=1 angle=90\n", "t.scn:2: angle: at 90 degrees give amps"),
    (W + "load 0 motor watts=1 angle=30 pf=0.5\n", "t.scn:2: angle or pf"),
    (W + "load 0 motor watts=1 lead=maybe\n", "t.scn:2: lead: 'maybe' is none of no, yes"),
    (W + "load 0 heater watts=1 on=d\n", "t.scn:2: on: 'd' is none of"),
    (W + "load 0,1 splitphase watts=1 on=a\n", "t.scn:2: splitphase is on two conductors"),
    (W + "load 0 motor watts=1 harmonics=1:5\n", "t.scn:2: harmonics: '1:5'"),
    (W + "load 0 motor watts=1 harmonics=3:5@\n", "t.scn:2: harmonics:"),
    (W + "load 0 motor watts=1 harmonics=3:5,\n", "t.scn:2: harmonics:"),
    (W + "load 0 fridge amps=1 on_s=0.02\n", "t.scn:2: on_s: 0.02 s is shorter"),
    (W + "load 0 heater amps=1 on_s=2\n", "t.scn:2: on_s and off_s go together"),
    (W + "load 0 heater amps=1 inrush=2\n", "t.scn:2: inrush, inrush_s, on_s and off_s"),
    (W + "load 0 heater watts=1\nload 0 heater watts=1\n", "t.scn:3: CT 0 has a load already, line 2"),
    ("service split 120\nload 0 heater watts=1 on=c\n", "t.scn:2: c: this service has no such voltage"),
    ("service split 120\nload 0,1,2 threephase watts=1\n", "t.scn:2: threephase needs a wye"),
    (W + "voltage a volts=0\nload 0 heater watts=100\n", "t.scn:3: heater: there is no voltage"),
    (W + "voltage d volts=1\n", "t.scn:2: 'voltage a|b|c|all"),
    (W + "voltage all angle=3\n", "t.scn:2: angle belongs to one voltage"),
    ("voltage a volts=1\n", "t.scn:1: voltage before service"),
    (W + "ct 0 rated=0\n", "t.scn:2: rated: 0 is outside"),
    (W + "ct 0\n", "t.scn:2: 'ct all|LIST"),
    (W + "ct 0 rated=10 ct=3\n", "t.scn:2: unknown key 'ct'"),
    (W + "ct 0 phase_error=9\n", "t.scn: CT 0: phase errors span"),
    (W + "ct 0 rated=10000 secondary_ma=1 burden=0.001\n", "t.scn: the meter cannot be configured for this: ct 0: i_fs_ma"),
    (W + "ct 0 rated=100\nload 0 heater amps=1 point=x\nload 1 heater amps=1 point=x\n", "CT 0 and CT 1 are on one point"),
    (W + "meter v_fs=1\n", "t.scn:2: v_fs: 1 is outside"),
    (W + "meter\n", "t.scn:2: 'meter key=value"),
    (W + 'name "half\n', "t.scn:2: quote without its end"),
    (W + "name\n", "t.scn:2: name"),
    (W + "name " + "x" * 70 + "\n", "t.scn:2: name"),
    (W + "load 0 heater " + "x" * 1100 + "\n", "t.scn:2: line longer than"),
    (W + "name " + "x " * 100 + "\n", "t.scn:2: more than 64 words"),
    (W + "load 0 \0heater\n", "t.scn:2: not a text file"),
]


@pytest.mark.parametrize("text,want", BAD, ids=[w[:60] for _, w in BAD])
def test_bad_scenario(tmp_path, text, want):
    (tmp_path / "t.scn").write_bytes(text.encode())
    with pytest.raises(analog.BadInput) as e:
        analog.Panel(tmp_path / "t.scn", n_ct=6)
    assert want in str(e.value) and str(e.value).startswith(str(tmp_path)) and "\n" not in str(e.value), str(e.value)


def test_unreadable(tmp_path):
    for path, want in ((tmp_path / "no.scn", "No such file"), (tmp_path, None)):
        if want is None:
            path = tmp_path / "d.scn"
            path.mkdir()
            want = "is a directory"
        with pytest.raises(analog.BadInput, match=want):
            analog.Panel(path)


def test_crlf_quotes_and_remarks(tmp_path):
    (tmp_path / "t.scn").write_bytes(b'name "A # B"   # remark\r\nservice wye 120\r\nload 0 heater watts=5 name="Two words"\r\n')
    p = analog.Panel(tmp_path / "t.scn", n_ct=1)
    assert p.load(0).name == b"Two words" and p.lib.pw_panel_name(p.p) == b"A # B"


@pytest.mark.parametrize("kw,want", [(dict(n_ct=0), "number of CTs"), (dict(n_ct=55), "number of CTs"), (dict(fmod=1e3), "modulator clock")])
def test_bad_options(kw, want):
    with pytest.raises(analog.BadInput, match=want):
        analog.Panel(os.path.join(analog.SCENARIOS, "noload.scn"), **kw)


# service, point statement, its CTs' voltages, polarities and true watts (elements), all of them together
FORMS = [
    ("single 120", "0 form=1e2w a=1500@30", [0], [0], [1500]),
    ("wye 120", "0 form=1e2w first=bc bc=900", [4], [0], [900]),
    ("split 120", "0 form=1.5e-1ct a=1500@30 b=-700 ab=2000@-20", [3], [0], [2800]),
    ("split 120", "0,1 form=1.5e-2ct a=1500@30 b=-700 ab=2000", [3, 3], [0, 1], [2500, 300]),
    ("split 120", "0,1 form=2e3w a=1500 b=-700 ab=2000", [0, 1], [0, 0], [2500, 300]),
    ("network 120", "0,1 form=2e3w a=1000 b=500@40 ab=1200@30", [0, 1], [0, 0], None),
    ("wye 120", "0,1 form=2e3w first=c c=1000 a=500", [2, 0], [0, 0], [1000, 500]),
    ("delta 240", "0,1 form=2e-delta ab=3000@20 bc=1500 ca=-800", [3, 4], [0, 1], None),
    ("delta 480", "2,3 form=2e-delta first=b ab=3000@20 bc=1500 ca=-800", [4, 5], [0, 1], None),
    ("wye 277", "0-2 form=3e-wye a=3000 b=2000@30 c=1000@-30 ab=600", [0, 1, 2], [0, 0, 0], None),
    ("highleg 120", "0-2 form=3e-delta a=900 b=400 ab=1000@10 bc=2000@30 ca=1800", [0, 1, 2], [0, 0, 0], None),
    ("highleg 120 b", "0-2 form=3e-delta first=c c=900 a=400 ab=1000@10 bc=2000@30 ca=1800", [2, 0, 1], [0, 0, 0], None),
    ("wye 120", "0-5 form=3e-wye a=3000 b=2000 c=1000", [0, 1, 2] * 2, [0] * 6, [1500, 1000, 500] * 2),
    ("delta 240", "0-5 form=2e-delta ab=3000 bc=1500 ca=-600", [3, 4] * 3, [0, 1] * 3, None),
]


@pytest.mark.parametrize("service,point,vsel,pol,watts", FORMS, ids=[f"{s}-{p.split()[1]}" for s, p, *_ in FORMS])
def test_point_forms(tmp_path, service, point, vsel, pol, watts):
    """Blondel: the elements together are the loads, whatever lies between the conductors; the meter is told the form."""
    (tmp_path / "t.scn").write_text(f"service {service}\nct all polarity=yes reversed=yes\npoint {point} name=x\n")
    p = analog.Panel(tmp_path / "t.scn", n_ct=6)
    first = int(point[0])
    cts = range(first, first + len(vsel))
    assert [p.config.ct[k].vsel for k in cts] == vsel and [p.config.ct[k].pol ^ 1 for k in cts] == pol
    assert len({p.config.ct[k].point for k in cts}) == 1 and p.config.point[p.config.ct[first].point].form != 0
    true = p.means(6)[list(cts), 0]
    total = sum(float(w.split("=")[1].split("@")[0]) for w in point.split() if w[0] in "abc" and "=" in w)
    assert abs(true.sum() / total - 1) < 1e-6
    if watts:
        assert all(abs(t / w - 1) < 1e-6 for t, w in zip(true, watts))
