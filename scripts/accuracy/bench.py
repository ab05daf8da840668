# SPDX-License-Identifier: Apache-2.0
"""Runs a case through a tier of the bench and compares what the meter shows with the truth."""
import dataclasses, hashlib, json, os, pathlib, subprocess, threading, time

import numpy as np

import waves

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "build/accuracy"
N_CT, N_V = 24, 3
V_FS, I_FS = 500.0, 800.0            # peak at full scale: 120 V inputs, CT 200 A : 80 mA (docs/architecture.md)
I_RATED = 200.0
FS_HZ = 25e6 / 5 / 512               # of the sample sets; each report says its own, this one chooses tones


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


_binaries, _lock = {}, threading.Lock()


def kept(program, *inputs):
    """Path without ending of what this program gave for these inputs (bytes, numbers, texts). A run is deterministic, so it is run again
    only when program or inputs have changed, as make would."""
    with _lock:
        if program not in _binaries:
            tables = sorted((ROOT / "build/gen").glob("*.hex")) if program == "bench-rtl" else []       # read when it runs
            _binaries[program] = hashlib.sha256(b"".join(p.read_bytes() for p in [OUT / program] + tables)).digest()
    h = hashlib.sha256(_binaries[program])
    for x in inputs:
        b = x if isinstance(x, bytes) else repr(x).encode()
        h.update(len(b).to_bytes(8, "little") + b)
    (OUT / "kept").mkdir(parents=True, exist_ok=True)
    return OUT / "kept" / f"{program}-{h.hexdigest()[:24]}"


def forget_old(days=2):
    for path in (OUT / "kept").glob("*"):
        if time.time() - path.stat().st_mtime > days * 86400:
            path.unlink()


def stimulus(case, n_ct=N_CT):
    """The file for the bench: sim/accuracy/stimulus.h."""
    rows = case.v[0].size
    head = [f"n_ct {n_ct}", f"rows {rows}", f"period_s {case.period_s:.17g}", f"nominal_hz {case.nominal_hz}",
            f"window_cycles {case.window_cycles or case.nominal_hz // 5}", f"noise_dbfs {case.noise_dbfs}", f"leakage {case.leakage}",
            f"offset {case.offset}", f"seed {case.seed}", f"v_fs_mv {round(case.v_fs * 1000)}", f"creep_mw {case.creep_mw}"]
    data = np.zeros((rows, N_V + n_ct))
    for k, v in enumerate(case.v):
        data[:, k] = v / case.v_fs
    for k in range(n_ct):
        load = case.loads[k] if k < len(case.loads) else Load(np.zeros(rows))
        data[:, N_V + k] = load.i / case.i_fs
        head.append(f"ct {k} {load.vsel} {load.pol} {round(case.i_fs * 1000)}")
    head += [f"gain {ch} {g}" for ch, g in enumerate(case.gains)]
    return ("\n".join(head) + "\ndata\n").encode() + np.ascontiguousarray(data, dtype="<f8").tobytes()


def execute(program, stem, files, *args):
    """Runs a program of the bench with input files (ending -> bytes) written beside each other; @return its JSON."""
    (OUT / "run").mkdir(parents=True, exist_ok=True)
    paths = {ending: OUT / "run" / f"{stem}-{os.getpid()}-{threading.get_ident()}.{ending}" for ending in files}
    for ending, content in files.items():
        paths[ending].write_bytes(content)
    command = [str(OUT / program)] + [str(paths.get(a, a)) for a in args]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    for path in paths.values():
        path.unlink()
    if done.returncode != 0:
        raise BenchError(done.stderr.strip() or f"{command[0]} ended with {done.returncode}")
    return json.loads(done.stdout)


def run(case, tier, samples=False, every=1):
    """The bench's report; with samples=True also the decimator's samples "x", an array (sets, channels) with full scale 1."""
    program, stem = f"bench-{tier}", f"{tier}-{case.name}"
    stim = stimulus(case)
    keep = kept(program, stim, case.settle, case.seconds, every, samples)
    raw = keep.with_suffix(".raw")
    if not keep.with_suffix(".json").exists():
        args = ["stim", "--settle", case.settle, "--seconds", case.seconds, "--every", every] + (["--samples", raw] if samples else [])
        t0 = time.time()
        report = execute(program, stem, {"stim": stim}, *args)
        report["wall_s"] = time.time() - t0
        keep.with_suffix(".json").write_text(json.dumps(report))
    report = json.loads(keep.with_suffix(".json").read_text())
    if report["faults"] or report["mismatches"] or report["rejected"] or report["missed"]:
        raise BenchError(f"{case.name}, {tier}: {report['faults']} bus faults or lost samples, {report['mismatches']} energy mismatches, "
                         f"{report['rejected']} refused readings, {report['missed']} missed windows")
    if samples:
        report["x"] = np.fromfile(raw, "<i4").reshape(-1, N_V + N_CT) / 2.0 ** 23
    return report


def run_long(test, case, hours, n_ct=N_CT, noise=None):
    """Hours of metering from sample sets (sim/accuracy/long.c): "noload" with the recorded noise `noise` (sets, channels), or "pulses"."""
    files = {"stim": stimulus(case, n_ct)}
    if noise is not None:
        files["raw"] = np.rint(noise[:, :N_V + n_ct] * 2.0 ** 23).astype("<i4").tobytes()
    keep = kept("bench-long", test, *files.values(), hours).with_suffix(".json")
    if not keep.exists():
        keep.write_text(json.dumps(execute("bench-long", f"long-{test}", files, test, *files, hours)))
    return json.loads(keep.read_text())


def voltage(case, vsel):
    return case.v[vsel] if vsel < 3 else case.v[vsel - 3] - case.v[(vsel - 2) % 3]


def measure(case, report):
    """A dict a load: true and metered values; errors in percent of the true value: below 0, the meter registers too little."""
    blocks = report["blocks"]
    first, last, inner = blocks[0], blocks[-1], blocks[1:]
    t0, t1 = first["clk"] / report["fmod_hz"], last["clk"] / report["fmod_hz"]
    rel = lambda m, x: 100 * (m - x) / x if x else None
    worst = lambda values, x: max((rel(m, x) for m in values), key=abs) if x else None
    hz = max((abs(b["f_mhz"] / 1000 - case.hz) for b in inner if b["f_valid"]), default=None)
    out = []
    for k, load in enumerate(case.loads):
        truth = waves.Truth(voltage(case, load.vsel), -load.i if load.pol else load.i, case.period_s, case.cycles)
        de = [b - a for a, b in zip(first["e_uwh"][k], last["e_uwh"][k])]
        wh, varh, vah = de[0] - de[1], de[2] + de[3] - de[4] - de[5], last["vah_u"][k] - first["vah_u"][k]
        wh_true, varh_true = truth.energy_j(t0, t1) / 3600e-6, truth.reactive_j(t0, t1) / 3600e-6
        vah_true = truth.s * (t1 - t0) / 3600e-6
        out.append({
            "case": case.name, "tier": report["tier"], "ct": k, "kind": load.kind, "percent": load.percent, "pf": load.pf, "hz": case.hz,
            "volts_percent": case.volts_percent, "seconds": t1 - t0, "vsel": load.vsel,
            "p_true": truth.p, "q1_true": truth.q1, "s_true": truth.s, "i_true": truth.i, "v_true": truth.v,
            "wh": rel(wh, wh_true), "varh": rel(varh, varh_true), "vah": rel(vah, vah_true),
            "varh_of_va": 100 * (varh - varh_true) / vah_true if vah_true else None,
            "v": worst([b["v_mv"][load.vsel] / 1e3 for b in inner], truth.v) if load.vsel < 3 else None,
            "i": worst([b["i_ua"][k] / 1e6 for b in inner], truth.i),
            "pf_pct": 100 * max((b["pf_e4"][k] / 1e4 - truth.pf for b in inner), key=abs) if truth.s else None,
            "uwh": wh, "uwh_true": wh_true, "gross_uwh": de[0] + de[1], "hz_err": hz,
        })
    return out


def calibrate(case, tier):
    """gain_f17 of each channel from a run at 100 %, power factor 1, as against a reference standard."""
    report = run(case, tier)
    blocks = report["blocks"][1:]
    rms = lambda get: (sum(get(b) ** 2 for b in blocks) / len(blocks)) ** 0.5
    ac = lambda x: np.sqrt(np.mean(waves.without_dc(x) ** 2))
    seen = [rms(lambda b: b["v_mv"][k] / 1e3) for k in range(N_V)] + [rms(lambda b: b["i_ua"][k] / 1e6) for k in range(N_CT)]
    true = [ac(v) for v in case.v] + [ac(load.i) for load in case.loads]
    return tuple(round((t / s - 1) * 2 ** 17) for t, s in zip(true, seen))
