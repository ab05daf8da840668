# SPDX-License-Identifier: Apache-2.0
"""Scenario files: every shipped one opens, bad lines are named, table driven."""
import glob
import os

import pytest

import analog

SIZES = {"panel12": 12, "wiring": 5, "euro50": 6, "noload": 12, "service600": 12}


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
    ("service\n", "t.scn:1: 'service wye VOLTS'"),
    ("service delta 240\n", "t.scn:1: 'service wye VOLTS'"),
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
    ("service split 120\nload 0 heater watts=1 on=c\n", "t.scn:2: c: a split-phase service has a, b and ab only"),
    ("service split 120\nload 0,1,2 threephase watts=1\n", "t.scn:2: threephase: a split-phase service"),
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
