# SPDX-License-Identifier: Apache-2.0
"""What `make accuracy` runs: cases of the model tier, of the RTL tier, and the special tests."""
import dataclasses, subprocess

import numpy as np

import bench, cases, recordings, response
from cases import REALISTIC, grid, sine_case

DECADES = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 150, 200]
RTL_SETTLE = 1.5
WAVEFORMS = "/work/shared/waveforms"


def model_cases():
    return (cases.main_curves() + cases.frequencies() + cases.voltages() + cases.unbalance()
            + [cases.harmonic_case(), cases.shapes_case(), cases.mzc_voltage_case()])


def rtl_cases(low_s=10.0):
    s = dict(settle=RTL_SETTLE)
    out = [
        sine_case("rtl_low", grid([0.01, 0.02, 0.05], ("1", "0.5L", "0.8C", "-1")) + grid([0.1, 1, 10], ("1", "0.5L", "0.25L", "-1")), seconds=low_s, **s),
        sine_case("rtl_main", grid(DECADES, ("1", "0.5L")), seconds=6.0, **s),
        sine_case("rtl_phase", grid(DECADES, ("0.8C", "0.25L")), seconds=4.0, **s),
        sine_case("rtl_export", grid(DECADES, ("-1", "0")), seconds=4.0, **s),
    ]
    out += [dataclasses.replace(c, settle=RTL_SETTLE) for c in cases.frequencies((45, 50, 65), seconds=3.0)]
    out += [dataclasses.replace(c, settle=RTL_SETTLE) for c in cases.voltages((50, 120), seconds=3.0)]
    out += [dataclasses.replace(c, settle=RTL_SETTLE) for c in (cases.harmonic_case(3.0), cases.shapes_case(3.0), cases.mzc_voltage_case(3.0))]
    return out


def sample_cases(tier):
    """For test-accuracy: 24 loads at once over four decades; every kind of waveform in the model tier."""
    if tier == "rtl":
        return [sine_case("rtl_main", grid([0.1, 0.5, 1, 5, 20, 50, 100, 200], ("1", "0.5L", "-1")), seconds=3.0, settle=1.2)]
    return [dataclasses.replace(c, seconds=3.0, settle=1.5) for c in
            (cases.main_curves()[1:] + cases.frequencies((45, 51, 65)) + cases.voltages((50, 120)) + cases.unbalance()[:1] + cases.unbalance()[3:]
             + [cases.harmonic_case(), cases.shapes_case(), cases.mzc_voltage_case()])]


def calibrated(case_list, gains):
    return [dataclasses.replace(c, gains=gains) for c in case_list]


def calibration_case():
    return sine_case("calibration", [(100, "1")] * 24, seconds=5.0, **REALISTIC)


def realistic_model():
    return cases.main_curves("real_", **REALISTIC)


def realistic_rtl():
    return [sine_case("real_rtl_main", grid(DECADES, ("1", "0.5L")), seconds=6.0, settle=RTL_SETTLE, **REALISTIC)]


def tone_cases(fs_hz):
    p, s = cases.PASS_BAND, cases.stop_band(fs_hz)
    return ([cases.tones_case(f"pass{k}", p[24 * k:24 * k + 24], 1 / 60, 8192, 1.0) for k in range(3)]
            + [cases.tones_case(f"stop{k}", s[24 * k:24 * k + 24], 0.05, 1 << 17, 1.0) for k in range(3)])


def tone_case_rtl(fs_hz):
    zone = lambda k, d: round((k * fs_hz + d) / 20) * 20.0
    hz = ([60.0 * h for h in (1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 48, 49, 50)]
          + [zone(k, d) for k in (1, 4) for d in (-2990, -1500, 1500, 2990)] + [zone(2, -2990), zone(3, 2990), zone(8, 2990)])
    return dataclasses.replace(cases.tones_case("tones", hz, 0.05, 1 << 15, 0.6), settle=0.3)


def run_measured(case, tier):
    return bench.measure(case, bench.run(case, tier))


def run_tones(case, tier):
    return response.tones(case, bench.run(case, tier, samples=True))


def run_crosstalk(tier):
    on, off = (cases.crosstalk_case(x) for x in (True, False))
    return response.crosstalk(on, bench.run(on, tier, samples=True), bench.run(off, tier, samples=True))


def run_recording(path, tier):
    """Measurements with the truth of numpy on the recorded samples themselves; truth of the resampled period must agree with it."""
    case, truth = recordings.load(path, *((3.0, 3.0) if tier == "rtl" else (20.0, 5.0)))
    ms = run_measured(case, tier)
    for m, t in zip(ms, truth):
        m["resampling_pct"] = 100 * (m["p_true"] / t["p"] - 1) if t["p"] else 0.0
        m["neutral"] = t["neutral"]
        m["name"], m["pf"] = t["name"], f"{t['p'] / (t['v'] * t['i']):.3f}" if t["v"] * t["i"] else "-"
    return ms


def run_creep(tier, seconds, **modulators):
    """115 % of voltage, open current circuits: what is registered, in uWh and pulses."""
    case = cases.creep_case(seconds, **modulators)
    report = bench.run(case, tier, every=1)
    first, last = report["blocks"][0], report["blocks"][-1]
    uwh = sum(sum(b) - sum(a) for a, b in zip(first["e_uwh"], last["e_uwh"]))
    return {"tier": tier, "seconds": (last["clk"] - first["clk"]) / report["fmod_hz"], "registered_uwh": uwh, "pulses": sum(last["pulses"]) - sum(first["pulses"]),
            "largest_mw": max(max(map(abs, b["p_mw"])) for b in report["blocks"])}


def run_tier_compare(seconds=1.5):
    """The same case through both tiers: do the blocks show the same numbers?"""
    case = sine_case("tiers", grid(DECADES, ("1", "0.5L")), seconds=seconds, settle=1.1)
    a, b = (bench.run(case, tier)["blocks"] for tier in ("model", "rtl"))
    keys = ("seq", "clk", "samples", "v_mv", "i_ua", "p_mw", "q_mvar", "f_mhz")
    growth = lambda win: [[y - x for x, y in zip(p, q)] for p, q in zip(win[0]["e_uwh"], win[-1]["e_uwh"])]
    same = len(a) == len(b) and all(x[k] == y[k] for x, y in zip(a, b) for k in keys)
    worst = max(abs(x - y) for p, q in zip(growth(a), growth(b)) for x, y in zip(p, q))
    return {"blocks": len(a), "same": same, "energy_differs_uwh": worst}


NOLOAD_CTS = 6


def run_noload(hours):
    """CTs without load at 115 % of voltage for hours. The noise is that of realistic modulators, recorded from the bench; the power it
    makes must have the same spread as with the modulators themselves."""
    case = cases.creep_case(30.0, settle=6.0, **REALISTIC)
    report = bench.run(case, "model", samples=True)
    sigma = float(np.std([b["p_mw"] for b in report["blocks"]]))
    r = bench.run_long("noload", case, hours, NOLOAD_CTS, report["x"])
    ratio = r["sigma_mw"] / sigma
    r["sigma_mw_modulators"] = sigma
    note = f"threshold 1 W a CT; largest window {r['largest_mw'] / 1000:.3f} W, spread of a second {r['sigma_mw']:.1f} mW"
    return {**r, "goals": [
        {"goal": f"no load, 115 % of voltage, {hours:g} h, {NOLOAD_CTS} CTs", "limit": "0 uWh, 0 pulses", "value": f"{r['registered_uwh']} uWh, {r['pulses']} pulses",
         "pass": r["registered_uwh"] == 0 and r["pulses"] == 0 and r["missed"] == 0, "tier": "model", "note": note + "; sample sets with recorded noise of realistic modulators"},
        {"goal": "the noise used for it is that of the modulators: spread of the power", "limit": "1 +- 0.1", "value": f"{ratio:.3f} of it",
         "pass": abs(ratio - 1) <= 0.1, "tier": "model", "note": "720 values of a second with modulators, all of the run without"}]}


PULSE_LOADS = grid([0.2, 0.5, 1, 2, 5, 10, 20, 50, 75, 100, 150, 200], ("1", "0.5L"))


def run_pulses(hours):
    """500 imp/kWh for hours at constant power, 24 W to 48 kW."""
    case = sine_case("pulses", PULSE_LOADS)
    r = bench.run_long("pulses", case, hours)
    timed = [c for c in r["ct"] if c["timed"] >= 3]
    worst = max(timed, key=lambda c: c["jitter_place"])
    left = [c for c in r["ct"] if c["left_over_units"] != 0]
    most = max(r["ct"], key=lambda c: c["pulses"])
    total = sum(c["pulses"] for c in r["ct"])
    watts = [200 * 120 * percent / 100 * (1.0 if pf == "1" else 0.5) for percent, pf in PULSE_LOADS]
    trail = lambda c: watts[c["ct"]] / 3600e-6 * (2 ** 13 / r["fs_hz"] + 0.21)       # docs/decisions/0005: 2^13 samples and a window
    apart = max(abs(c["uwh"] - 2e6 * c["pulses"]) - trail(c) for c in r["ct"])
    return {**r, "goals": [
        {"goal": f"pulses: constant exact over {hours:g} h: energy = pulses x constant + remainder", "limit": "to the last unit, 0.7 uWh",
         "value": f"{len(left)} of 24 CTs differ; {total} pulses, most {most['pulses']}", "pass": not left, "tier": "model", "note": "24 W to 48 kW a CT"},
        {"goal": "pulses: registered Wh - 2 Wh x pulses, less what 2^13 samples and a window deliver", "limit": "1 pulse, 2 Wh", "value": f"{apart / 1e6:.3f} Wh at most",
         "pass": apart <= 2e6, "tier": "model", "note": "energy that waits to be released, and one pulse not yet complete"},
        {"goal": "pulses: jitter of the 500 imp/kWh output", "limit": "1 sample", "value": f"{worst['jitter_place']:.3f} samples at {PULSE_LOADS[worst['ct']][0]:g} % PF "
         f"{PULSE_LOADS[worst['ct']][1]} ({sum(c['timed'] for c in timed)} pulses)", "pass": worst["jitter_place"] <= 1.0, "tier": "model",
         "note": f"a pulse's distance from its place on a straight line, either way; largest change of an interval {max(c['jitter_interval'] for c in timed):.3f} samples; a sample is {1e6 / r['fs_hz']:.1f} us"}]}


def run_known_error():
    """The bench must see what is wrong: currents calibrated 0.05 % too high."""
    steps = round(0.0005 * 2 ** 17)
    points = grid([1, 5, 20, 100], ("1", "0.5L", "0.8C"))
    good = sine_case("known_good", points, seconds=2.0, settle=1.2)
    bad = dataclasses.replace(good, name="known_bad", gains=(0,) * 3 + (steps,) * 24)
    moved = [b["wh"] - g["wh"] for b, g in zip(run_measured(bad, "model"), run_measured(good, "model"))]
    expected = 100 * steps / 2 ** 17
    off = max(abs(m - expected) for m in moved)
    seen = all(abs(b) > 0.02 for b in moved)
    return {"goals": [{"goal": "the bench sees a known error: currents 0.05 % too high", "limit": "within 0.002 %", "tier": "model",
                       "value": f"Wh moves by {np.mean(moved):.4f} %, off by {off:.5f} % at most", "pass": bool(off <= 0.002 and seen), "note": "test of the bench itself"}]}


def run_refusals():
    """Bad stimuli: one line and exit status 2 each."""
    good = bench.stimulus(sine_case("refused", [(1, "1")]))
    head, data = good.split(b"data\n", 1)
    bad = {"empty": b"", "no data": head, "unknown word": head + b"volts 3\ndata\n" + data, "n_ct 0": head.replace(b"n_ct 24", b"n_ct 0") + b"data\n" + data,
           "cut off": good[:-8], "beyond full scale": head + b"data\n" + np.full(len(data) // 8, 1.5).tobytes(), "not a number": head + b"data\n" + np.full(len(data) // 8, np.nan).tobytes(),
           "no such CT": head + b"ct 24 0 0 800000\ndata\n" + data, "no such voltage": head + b"ct 3 6 0 800000\ndata\n" + data}
    wrong = []
    for name, content in bad.items():
        path = bench.OUT / "run" / "refused.stim"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        done = subprocess.run([str(bench.OUT / "bench-model"), str(path)], capture_output=True, text=True, cwd=bench.ROOT)
        path.unlink()
        if done.returncode != 2 or done.stderr.count("\n") != 1 or done.stdout:
            wrong.append(name)
    return {"goals": [{"goal": "bad stimuli are refused with one line", "limit": "all", "value": f"{len(bad) - len(wrong)} of {len(bad)}" + (": " + ", ".join(wrong) if wrong else ""),
                       "pass": not wrong, "tier": "model", "note": "test of the bench itself"}]}
