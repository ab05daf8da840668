# SPDX-License-Identifier: Apache-2.0
"""Judges everything that was run: points, goals (one line for each promise of issue 4), standards."""
import json

import bench, limits, points

WHERE = {"rtl": "RTL", "model": "model"}


def goal(name, limit, value, ok, tier, note=""):
    return {"goal": name, "limit": limit, "value": value, "pass": bool(ok), "tier": tier, "note": note}


def worst_of(judged, quantity, select):
    found = [p for p in judged if p["quantity"] == quantity and p["limit_pct"] is not None and select(p)]
    return max(found, key=lambda p: abs(p["error_pct"]) / p["limit_pct"], default=None), len(found)


def point_goal(judged, name, quantity, select, note=""):
    """A line for each tier that has such points."""
    out = []
    for tier in ("rtl", "model"):
        worst, n = worst_of(judged, quantity, lambda p: p["tier"] == tier and select(p))
        if worst is not None:
            out.append(goal(name, f"{worst['limit_pct']:g} %", f"{worst['error_pct']:+.4f} % at {worst['load']} ({n} points)",
                            all(p["pass"] for p in judged if p["quantity"] == quantity and p["tier"] == tier and select(p)), WHERE[tier], note))
    return out


DC_NOTE = "the DC blocker's droop, (fs / (2 pi 4096) / f)^2; below 0.1 % of rated current also the samples' rounding to 24 bits"


def starting(sine):
    """Starting current: ANSI 0.05 % of class amperes (M), IEC 62053-22 0.001 In, -21 0.002 In (V): registers, in both directions."""
    out = []
    for tier in ("rtl", "model"):
        mine = [p for p in sine if p["quantity"] == "Wh" and p["tier"] == tier and p["percent"] in (0.05, 0.1, 0.2) and p["pf"] in ("1", "-1") and p["hz"] == 60]
        if mine:
            worst = max(mine, key=lambda p: abs(p["error_pct"]))
            out.append(goal("starting current 0.05, 0.1, 0.2 % of rated: registers, import and export", "error within 1 %",
                            f"{worst['error_pct']:+.4f} % at {worst['load']} ({len(mine)} points)", abs(worst["error_pct"]) <= 1, WHERE[tier], "no-load threshold 1 W: 0.004 % at 120 V"))
    return out


def curve_goals(judged):
    ideal = [p for p in judged if p["modulators"] == "ideal"]
    sine = [p for p in ideal if p["kind"] == "sine"]
    g = []
    g += point_goal(sine, "Wh, 0.1 to 200 % of rated current, PF 1 (import and export)", "Wh", lambda p: p["percent"] >= 0.1 and p["pf"] in ("1", "-1"), DC_NOTE)
    g += point_goal(sine, "Wh, same, PF 0.5 (lag and lead) and 0.8 lead", "Wh", lambda p: p["percent"] >= 0.1 and p["pf"] in ("0.5L", "0.5C", "-0.5L", "0.8C"), DC_NOTE)
    g += point_goal(sine, "Wh, same, PF 0.25 lag (limit: our own, by tan phi)", "Wh", lambda p: p["percent"] >= 0.1 and p["pf"] == "0.25L", DC_NOTE)
    g += point_goal(sine, "Wh at 0.01 % of rated current, PF 1, in 60 s", "Wh", lambda p: p["percent"] == 0.01 and p["pf"] in ("1", "-1"), "noise of the modulators, 1e-6 Wh steps")
    g += starting(sine)
    g += point_goal(sine, "varh, 0.1 to 200 %, sin phi 0.6 to 1", "varh", lambda p: True, "DC blocker; the 90-degree all-pass is set in steps of 2.5e-3 degrees")
    g += point_goal(sine, "varh at PF 1, in % of VAh (limit: our own)", "varh in % of VAh", lambda p: True, "phase of the 90-degree all-pass; below the no-load threshold nothing counts")
    g += point_goal(ideal, "PF, 1 s, in % of 1 (limit: our own)", "PF", lambda p: True, "steps of 0.0001")
    g += point_goal(ideal, "VAh (limit: our own)", "VAh", lambda p: True, "DC blocker; V x A of each second")
    g += point_goal(ideal, "Vrms, 1 s", "Vrms", lambda p: True, "DC blocker; steps of 1 mV")
    g += point_goal(ideal, "Irms, 1 s, 0.1 to 200 % of rated current", "Irms", lambda p: True, "DC blocker; what lies above 3.3 kHz is not in the shown value")
    g += point_goal(ideal, "frequency 45 to 65 Hz, within 1 mHz", "Hz", lambda p: True, "the shown value's resolution")
    g += point_goal(ideal, "Wh with the standards' waveforms (class 0.1, M)", "Wh", lambda p: p["kind"] in points.HARMONIC_KINDS, DC_NOTE)
    return g


def realistic_goals(judged):
    real = [p for p in judged if p["modulators"] == "realistic"]
    note = "90 dB SNR, leakage 1e-3 a clock, offset 0.1 % of full scale, calibrated at 100 %, PF 1; " + limits.REALISTIC_CLASS_01
    return (point_goal(real, "realistic modulators: Wh, class 0.1 from 1 % to 200 %", "Wh", lambda p: True, note)
            + point_goal(real, "realistic modulators: Vrms, 0.1 %", "Vrms", lambda p: True, note)
            + point_goal(real, "realistic modulators: Irms from 1 % on, 0.1 %", "Irms", lambda p: True, note + "; below 1 % the noise itself is measured: reported only"))


def tone_goals(tones):
    out = []
    for tier in ("rtl", "model"):
        mine = [t for t in tones if t["tier"] == tier]
        passed = [t for t in mine if t["hz"] <= 3000.5]
        folded = [t for t in mine if t["hz"] > 6000 and t["folded_hz"] <= 3000]
        if passed:
            w = max(passed, key=lambda t: abs(t["gain_db"]))
            out.append(goal("pass band flat up to the 50th harmonic of 60 Hz", "0.01 dB", f"{w['gain_db']:+.4f} dB at {w['hz']:g} Hz ({len(passed)} tones)",
                            abs(w["gain_db"]) <= 0.01, WHERE[tier], "ripple of the 64-tap filter, 0.006 dB by design"))
        if folded:
            w = max(folded, key=lambda t: t["gain_db"])
            out.append(goal("alias rejection of what folds onto 0 .. 3 kHz", "80 dB", f"{-w['gain_db']:.1f} dB at {w['hz']:g} Hz ({len(folded)} tones)",
                            w["gain_db"] <= -80, WHERE[tier], "beside fs the 64 taps, beside fmod / 128 the sinc4"))
    return out


def other_goals(data):
    out = []
    for c in data["crosstalk"]:
        out.append(goal("crosstalk between channels, one CT at 0.9 of full scale", "-120 dB", ("no bit of another channel changes; " if c["equal"] else "")
                        + f"{c['db']:.0f} dB left at its frequency", c["db"] < -120, WHERE[c["tier"]], "digital part; analog crosstalk is the board's matter"))
    for c in data["creep"]:
        out.append(goal(f"no load, 115 % of voltage, {c['seconds']:.0f} s, bitstreams", "0 uWh, 0 pulses", f"{c['registered_uwh']} uWh, {c['pulses']} pulses, "
                        f"largest window {c['largest_mw']} mW", c["registered_uwh"] == 0 and c["pulses"] == 0, WHERE[c["tier"]], "threshold 1 W a CT"))
    for t in data["tiers"]:
        out.append(goal("model tier shows what the RTL shows", "equal", f"{t['blocks']} blocks of 1 s of 24 CTs, energies differ by {t['energy_differs_uwh']} uWh",
                        t["same"] and t["energy_differs_uwh"] <= 1, "both", "P, Q, V, Hz, window ends"))
    for m in data["recordings"]:
        judged = m["vsel"] >= 0 and not m["neutral"]
        out.append(goal(f"recording {m['kind'].removeprefix('recorded ')}, Wh against numpy", "0.05 %" if judged else "-",
                        f"{m['wh']:+.4f} % of {m['p_true']:.1f} W in {m['seconds']:.0f} s", not judged or abs(m["wh"]) <= 0.05, WHERE[m["tier"]],
                        "" if judged else "neutral: no voltage belongs to it; not judged. Of this power, which is the recorder's noise, 0.19 % lies above 3 kHz"))
    for m in data["ideal_rtl"] + data["ideal"]:
        if m["case"] == "mzc_voltage" and m["ct"] == 0:
            out.append(goal("frequency of a voltage with three crossings a cycle", "0.001 Hz", "not shown" if m["hz_err"] is None else f"{m['hz_err']:.4f} Hz",
                            m["hz_err"] is not None and m["hz_err"] <= 0.001, WHERE[m["tier"]], "what arms the crossing detector; energies and V, A are right all the same"))
    for job in data["long"]:
        out += job["goals"]
    return out


def wiring():
    """What the wiring finder's own long test found (make test-wiring-long, model tier), if it has been run here."""
    path = bench.ROOT / "build/wiring/report.json"
    return json.loads(path.read_text()) if path.exists() else None


def wiring_goal(w):
    wrong = w["missed"] + w["false_alarms"] + w["misnamed"]
    return goal("wiring finder: random panels, 0 to 4 faults each, none missed, no false alarm, all named right", "500 panels, 0 wrong",
                f"{w['panels']} panels, {w['faults']} faults: {w['named']} named, {w['missed']} missed, {w['misnamed']} misnamed, {w['false_alarms']} false alarms, "
                f"{w['hinted']} hints, {w['unclear']} unclear", w["panels"] >= 500 and wrong == 0, "model",
                f"loads from {w.get('min_load_pct_of_rated', 0):g} % of rated current; run by make test-wiring-long")


def build(data):
    judged = points.judge(data["ideal_rtl"] + data["ideal"], limits.IDEAL, "ideal") + points.judge(data["real_rtl"] + data["real"], limits.REALISTIC, "realistic")
    goals = curve_goals(judged) + realistic_goals(judged) + tone_goals(data["tones"]) + other_goals(data)
    found = wiring()
    if found is not None:
        goals.append(wiring_goal(found))
    return {
        "goals": goals,
        "standards": points.standards(data["ideal"]),
        "points": judged,
        "tones": data["tones"], "crosstalk": data["crosstalk"], "creep": data["creep"], "tiers": data["tiers"],
        "long": [{k: v for k, v in job.items() if k != "goals"} for job in data["long"]],
        "recordings": data["recordings"], "wiring": found,
    }


def show(result, out):
    """Prints the goals and what missed; @return exit status."""
    for g in result["goals"]:
        print(f"{'pass' if g['pass'] else 'MISS'}  {g['goal'][:72]:72} {g['tier']:5} {g['value']}  (limit {g['limit']})")
    misses = [p for p in result["points"] if not p["pass"]]
    for p in misses[:20]:
        print(f"MISS  {p['quantity']} {p['load']}, {p['tier']}, {p['modulators']}: {p['error_pct']:+.4f} %, limit {p['limit_pct']} %")
    rows = [r for r in result["standards"] if r["points"]]
    bad = [r for r in rows if not r["pass"]]
    for r in bad:
        print(f"MISS  {r['standard']}, {r['test']}: {r['worst_pct']} % at {r['at']}, limit {r['limit_pct']} %")
    judged = [p for p in result["points"] if p["limit_pct"] is not None]
    lines = len(result["goals"]) + len(judged) + len(rows)
    failed = sum(not g["pass"] for g in result["goals"]) + len(misses) + len(bad)
    print(f"{len(result['goals'])} goals, {len(judged)} judged points, {len(rows)} rows of standards; {out}/report.json, index.html")
    print(f"{lines - failed} passed, {failed} failed")
    return 1 if failed else 0
