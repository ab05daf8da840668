# SPDX-License-Identifier: Apache-2.0
"""Runs a case through a tier of the bench and compares what the meter shows with the truth."""
import dataclasses, json, pathlib, subprocess, time

import numpy as np

import waves

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "build/accuracy"
N_CT, N_V = 24, 3
V_FS, I_FS = 500.0, 800.0            # peak at full scale: 120 V inputs, CT 200 A : 80 mA (docs/architecture.md)
I_RATED = 200.0
FS_HZ = 25e6 / 5 / 512               # of the sample sets; each report says its own, this one chooses tones
AGGREGATE_S = 1.0                    # V and A are judged over this time


@dataclasses.dataclass
class Load:
    """One CT: its current, the voltage it is metered with, and what it stands for."""
    i: np.ndarray
    vsel: int = 0
    percent: float = 0.0             # of rated current, fundamental
    pf: str = "1"
    kind: str = "sine"
    pol: int = 0


@dataclasses.dataclass
class Case:
    name: str
    hz: float
    v: list                          # three arrays of one period, volts
    loads: list                      # up to 24
    cycles: int = 1                  # mains cycles in the period
    nominal_hz: int = 60
    settle: float = 2.0
    seconds: float = 10.0
    volts_percent: float = 100.0
    window_cycles: int = 0           # 0: as nominal
    creep_mw: int = 1000
    v_fs: float = V_FS
    i_fs: float = I_FS
    noise_dbfs: float = -999.0
    leakage: float = 0.0
    offset: float = 0.0
    seed: int = 1
    gains: tuple = ()                # gain_f17 of each channel; empty: all 0
    info: str = ""

    @property
    def period_s(self):
        return self.cycles / self.hz


class BenchError(Exception):
    pass


def write_stimulus(case, path):
    rows = case.v[0].size
    head = [f"n_ct {N_CT}", f"rows {rows}", f"period_s {case.period_s:.17g}", f"nominal_hz {case.nominal_hz}",
            f"window_cycles {case.window_cycles or case.nominal_hz // 5}", f"noise_dbfs {case.noise_dbfs}", f"leakage {case.leakage}",
            f"offset {case.offset}", f"seed {case.seed}", f"v_fs_mv {round(case.v_fs * 1000)}", f"creep_mw {case.creep_mw}"]
    head += [f"gain {ch} {g}" for ch, g in enumerate(case.gains)]
    data = np.zeros((rows, N_V + N_CT))
    for k, v in enumerate(case.v):
        data[:, k] = v / case.v_fs
    for k in range(N_CT):
        load = case.loads[k] if k < len(case.loads) else Load(np.zeros(rows))
        data[:, N_V + k] = load.i / case.i_fs
        head.append(f"ct {k} {load.vsel} {load.pol} {round(case.i_fs * 1000)}")
    with open(path, "wb") as f:
        f.write(("\n".join(head) + "\ndata\n").encode())
        f.write(np.ascontiguousarray(data, dtype="<f8").tobytes())


def run(case, tier, samples=False, every=1):
    """The bench's report; with samples=True also the decimator's samples, an array (sets, channels) with full scale 1."""
    work = OUT / "run"
    work.mkdir(parents=True, exist_ok=True)
    stem = work / f"{tier}-{case.name}"
    stim, raw = stem.with_suffix(".stim"), stem.with_suffix(".raw")
    write_stimulus(case, stim)
    command = [str(OUT / f"bench-{tier}"), str(stim), "--settle", str(case.settle), "--seconds", str(case.seconds), "--every", str(every)]
    if samples:
        command += ["--samples", str(raw)]
    t0 = time.time()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    stim.unlink()
    if done.returncode != 0:
        raise BenchError(done.stderr.strip() or f"{command[0]} ended with {done.returncode}")
    report = json.loads(done.stdout)
    report["wall_s"] = time.time() - t0
    if report["faults"] or report["mismatches"] or report["rejected"] or report["missed"]:
        raise BenchError(f"{case.name}, {tier}: {report['faults']} bus faults or lost samples, {report['mismatches']} energy mismatches, "
                         f"{report['rejected']} refused readings, {report['missed']} missed windows")
    if samples:
        report["x"] = np.fromfile(raw, "<i4").reshape(-1, N_V + N_CT) / 2.0 ** 23
        raw.unlink()
    return report


def voltage(case, vsel):
    return case.v[vsel] if vsel < 3 else case.v[vsel - 3] - case.v[(vsel - 2) % 3]


def groups(windows, fs_hz):
    """Windows gathered into pieces of AGGREGATE_S: lists of (index, seconds)."""
    out, now, span = [], [], 0.0
    for k, w in enumerate(windows):
        seconds = w["samples"] / fs_hz
        now.append((k, seconds))
        span += seconds
        if span >= AGGREGATE_S - 0.05:
            out.append(now)
            now, span = [], 0.0
    return out or [now]


def aggregate_rms(windows, parts, get):
    t = sum(s for _, s in parts)
    return (sum(s * get(windows[k]) ** 2 for k, s in parts) / t) ** 0.5


def measure(case, report):
    """A dict a load: true and metered values; errors in percent (of the true value unless the key says otherwise)."""
    win = report["windows"]
    first, last, inner = win[0], win[-1], win[1:]
    fmod, fs = report["fmod_hz"], report["fs_hz"]
    t0, t1 = first["clk"] / fmod, last["clk"] / fmod
    pieces = groups(inner, fs)
    out = []
    for k, load in enumerate(case.loads):
        truth = waves.Truth(voltage(case, load.vsel), -load.i if load.pol else load.i, case.period_s, case.cycles)
        e0, e1 = first["e_uwh"][k], last["e_uwh"][k]
        de = [b - a for a, b in zip(e0, e1)]
        wh, varh = de[0] - de[1], de[2] + de[3] - de[4] - de[5]
        wh_true, varh_true = truth.energy_j(t0, t1) / 3600e-6, truth.reactive_j(t0, t1) / 3600e-6
        vah = sum(w["s_mva"][k] * w["samples"] for w in inner) / fs / 3600e-3
        vah_true = truth.s * (t1 - t0) / 3600e-6
        v = [aggregate_rms(inner, p, lambda w: w["v_mv"][load.vsel] / 1e3) for p in pieces] if load.vsel < 3 else []
        i = [aggregate_rms(inner, p, lambda w: w["i_ma"][k] / 1e3) for p in pieces]
        rel = lambda m, x: 100 * (m - x) / x if x else None      # below 0: registers too little, export too
        worst = lambda values, x: max((rel(m, x) for m in values), key=abs, default=None) if x else None
        out.append({
            "case": case.name, "tier": report["tier"], "ct": k, "kind": load.kind, "percent": load.percent, "pf": load.pf, "hz": case.hz,
            "volts_percent": case.volts_percent, "seconds": t1 - t0, "vsel": load.vsel,
            "p_true": truth.p, "q1_true": truth.q1, "s_true": truth.s, "i_true": truth.i, "v_true": truth.v,
            "wh": rel(wh, wh_true), "varh": rel(varh, varh_true), "vah": rel(vah, vah_true),
            "wh_of_va": 100 * (wh - wh_true) / vah_true if vah_true else None,
            "varh_of_va": 100 * (varh - varh_true) / vah_true if vah_true else None,
            "v": worst(v, truth.v), "i": worst(i, truth.i), "uwh": wh, "uwh_true": wh_true, "gross_uwh": de[0] + de[1],
            "hz_err": max((abs(w["f_mhz"] / 1000 - case.hz) for w in inner if w["f_valid"]), default=None),
        })
    return out


def calibrate(case, tier):
    """gain_f17 of each channel from a run at 100 %, power factor 1, as against a reference standard."""
    report = run(case, tier)
    win = report["windows"][1:]
    n = sum(w["samples"] for w in win)
    rms = lambda get: (sum(w["samples"] * get(w) ** 2 for w in win) / n) ** 0.5 / 1000
    ac = lambda x: np.sqrt(np.mean(waves.without_dc(x) ** 2))
    seen = [rms(lambda w: w["v_mv"][k]) for k in range(N_V)] + [rms(lambda w: w["i_ma"][k]) for k in range(N_CT)]
    true = [ac(v) for v in case.v] + [ac(load.i) for load in case.loads]
    return tuple(round((t / s - 1) * 2 ** 17) for t, s in zip(true, seen))
