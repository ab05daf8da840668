# SPDX-License-Identifier: Apache-2.0
"""Waveform captures of the running meter (model tier), exported as COMTRADE and read back by the PyPI package comtrade."""
import subprocess, sys
import comtrade
import numpy as np
import pytest
from conftest import ROOT
from waveform import export

PANEL = ROOT / "sim/scenarios/panel24.scn"


def load(path):
    rec = comtrade.Comtrade()
    rec.load(str(path.with_suffix(".cfg")), str(path.with_suffix(".dat")))
    return rec


def whole_cycles(x, fs, f):
    return x[:round(int(len(x) * f / fs) * fs / f)]


def rms_of_whole_cycles(x, fs, f):
    x = whole_cycles(x, fs, f)
    return np.sqrt(np.mean((x - np.mean(x)) ** 2))


@pytest.fixture(scope="module")
def capture(panel, tmp_path_factory):
    """The tool, as a user calls it."""
    out = tmp_path_factory.mktemp("capture") / "now"
    with panel.meter() as m:
        before = m.snapshot()
    run = subprocess.run([sys.executable, str(ROOT / "scripts/waveform.py"), "--port", str(panel.port), "--out", str(out), "--trigger"],
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert "2048 frames of 27 channels" in run.stdout and "manual" in run.stdout
    with panel.meter() as m:
        after = m.snapshot()
    steady = [k for k in range(24) if abs(before["CT"][k]["CT_I"] - after["CT"][k]["CT_I"]) < 2e-3 * after["CT"][k]["CT_I"] and after["CT"][k]["CT_I"] > 1000]
    assert len(steady) >= 12
    return out, after, steady


def test_channels_have_the_meters_volts_and_amperes(panel, capture):
    out, s, steady = capture
    rec = load(out)
    with panel.meter() as m:
        fs = m.item("WAVE")["FS"] / 1000
    assert rec.analog_count == 27 and rec.total_samples == 2048
    assert abs(rec.cfg.sample_rates[0][0] - fs) < 0.01
    f = s["WINDOW"]["FREQ"] / 1000
    for i in range(3):
        assert abs(rms_of_whole_cycles(np.array(rec.analog[i]), fs, f) / (s["VOLT"][i]["V_MV"] / 1000) - 1) < 2e-3
    lsb = 800 / 2 ** 15
    for k in steady:
        amps = s["CT"][k]["CT_I"] / 1000
        assert abs(rms_of_whole_cycles(np.array(rec.analog[3 + k]), fs, f) - amps) < 5e-3 * amps + lsb, rec.analog_channel_ids[3 + k]


def test_the_phase_order_and_the_power_are_those_of_the_panel(capture):
    out, s, steady = capture
    rec = load(out)
    v, t = np.array(rec.analog[0:3]), np.array(rec.time)
    angle = np.angle(v @ np.exp(-2j * np.pi * 60.0 * t), deg=True)
    assert abs((angle[0] - angle[1]) % 360 - 120) < 2 and abs((angle[0] - angle[2]) % 360 - 240) < 2
    judged, fs, f = 0, rec.cfg.sample_rates[0][0], s["WINDOW"]["FREQ"] / 1000
    for k in steady:
        ct = s["CT"][k]
        if ct["CT_VSEL"] < 3 and abs(ct["CT_P"]) > 500_000:
            p = np.mean(whole_cycles(v[ct["CT_VSEL"]] * np.array(rec.analog[3 + k]), fs, f))
            assert abs(p * 1000 / ct["CT_P"] - 1) < 0.01, (k, p, ct["CT_P"])
            judged += 1
    assert judged >= 6


def test_trigger_by_level_keeps_what_was_before_it(sim, tmp_path):
    scn = tmp_path / "inrush.scn"
    scn.write_text('service wye 120\nload 0 heater watts=1000\nload 1 heater watts=12000 on_s=3 off_s=40\n')
    run = sim(scn)
    with run.meter() as m:
        m.wait(lambda w: m.items("CT", 2)[1]["CT_I"] > 90_000, 60, "load on")
        m.wait(lambda w: m.items("CT", 2)[1]["CT_I"] < 10, 60, "load off")
        for value, number in (("CAUSES", 1 << 2), ("LEVEL_I", 1000), ("PRE", 75), ("COMMAND", 1)):
            assert not m.write("WAVE", 0, value, number).isError()
        assert m.write("WAVE", 0, "PRE", 100).isError()
        wave = export(m, tmp_path / "level", 90)
    rec = load(tmp_path / "level")
    assert wave["CAUSE"] == 2 and wave["CHANNEL"] == 4 and wave["TRIG"] == 1536
    i = np.abs(np.array(rec.analog[4]))
    assert i[:wave["TRIG"]].max() < 80 <= i[wave["TRIG"]] * 1.0001 and i[wave["TRIG"]:].max() > 100


def test_a_meter_without_a_ring_says_so(sim, tmp_path):
    run = sim(ROOT / "sim/scenarios/panel12.scn", "--ct", "12")
    done = subprocess.run([sys.executable, str(ROOT / "scripts/waveform.py"), "--port", str(run.port), "--out", str(tmp_path / "x"), "--trigger"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "no waveform ring" in done.stderr and not (tmp_path / "x.cfg").exists()
