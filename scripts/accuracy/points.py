# SPDX-License-Identifier: Apache-2.0
"""From measurements to judged points and to the rows of the standards' tables."""
import limits

HARMONIC_KINDS = {"5th harmonic", "quadriform", "peaked", "pulse", "phase-fired 90", "half-wave rectified", "burst 2 on 2 off",
                  "multiple zero crossings I", "multiple zero crossings V"}
NAMES = {"wh": "Wh", "varh": "varh", "vah": "VAh", "v": "Vrms", "i": "Irms", "varh_of_va": "varh in % of VAh", "pf_pct": "PF"}
CREEP_W = 1.0


def load_name(m):
    parts = [f"{m['percent']:g} % PF {m['pf']}"]
    if m["kind"] != "sine":
        parts.append(m["kind"])
    if m["hz"] != 60:
        parts.append(f"{m['hz']:g} Hz")
    if m["volts_percent"] != 100:
        parts.append(f"{m['volts_percent']:g} % V")
    if m["case"].removeprefix("real_") in ("unbalance", "one_voltage", "lost_a", "reversed"):
        parts.append(m["case"].removeprefix("real_").replace("_", " "))
    return ", ".join(parts)


def defined(m, quantity):
    """False where an error in percent means nothing: no such power, or below the no-load threshold by design."""
    if m[quantity] is None:
        return False
    if quantity == "wh":
        return m["pf"] != "0" and abs(m["p_true"]) > 1.05 * CREEP_W
    if quantity == "varh":
        return m["pf"] not in ("1", "-1", "recorded") and abs(m["q1_true"]) > 1.05 * CREEP_W
    if quantity == "varh_of_va":
        return m["pf"] in ("1", "-1")
    return True


def point(m, quantity, load, error, limit, modulators):
    kept = {k: m[k] for k in ("tier", "case", "kind", "percent", "pf", "hz", "volts_percent")}
    return {"quantity": quantity, "load": load, "error_pct": round(error, 6), "limit_pct": limit, "pass": bool(limit is None or abs(error) <= limit * 1.000001),
            "modulators": modulators, "seconds": round(m["seconds"], 3), **kept}


def judge(measurements, goals, modulators):
    """Points: quantity, load, tier, error_pct, limit_pct (None: only reported), pass."""
    out = []
    for m in measurements:
        out += [point(m, name, load_name(m), m[q], goals[q](m), modulators) for q, name in NAMES.items() if defined(m, q)]
        if m["ct"] == 0 and m["hz_err"] is not None:
            out.append(point(m, "Hz", f"{m['hz']:g} Hz, case {m['case']}", 100 * m["hz_err"] / m["hz"], 100 * limits.HZ_LIMIT / m["hz"], modulators))
    return out


def standards(measurements):
    """Rows of the pass/fail table: the worst error, or change of error against the reference, of all points a test names."""
    main = {"low", "middle", "high", "export", "lead"}
    ref = {(m["percent"], m["pf"]): m for m in measurements if m["case"] in main}
    rows = []
    for std, test, q, kind, select, limit, tag in limits.TABLES:
        if kind == "load":
            found = [(abs(m[q]), m) for m in ref.values() if select(m) and defined(m, q)]
        elif isinstance(kind, tuple):
            found = [(abs(m[q] - ref[m["percent"], m["pf"]][q]), m) for m in measurements
                     if m["case"] in kind and select(m) and defined(m, q) and (m["percent"], m["pf"]) in ref]
        else:
            found = [(abs(m[q] - ref[m["percent"], m["pf"]][q]), m) for m in measurements
                     if m["kind"] == kind and select(m) and defined(m, q) and (m["percent"], m["pf"]) in ref]
        worst = max(found, key=lambda f: f[0], default=None)
        rows.append({"standard": std, "test": test, "quantity": NAMES[q], "limit_pct": limit, "tag": tag, "points": len(found),
                     "what": "error" if kind == "load" else "change of error", "worst_pct": None if worst is None else round(worst[0], 5),
                     "at": "" if worst is None else load_name(worst[1]), "pass": worst is not None and worst[0] <= limit})
    return rows
