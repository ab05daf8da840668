#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Guided calibration of a meter against a reference standard, over Modbus (docs/calibration.md).

    calibrate.py --port 15020 --reference build/run/truth.csv voltages gain
    calibrate.py --port 15020 --reference build/run/truth.csv phase noload

Steps: voltages, gain (PF 1), phase (PF 0.5 inductive or capacitive), noload, verify. All CTs at once, or --ct N (from 1). What the steps find is
stored at the end (unless --dry); if one fails, the meter keeps its old calibration. The reference standard of the simulation is the
truth that pwsim writes while it runs (--truth FILE); a real one is a class with the method read()."""
import argparse, json, pathlib, sys, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from meter_client import Meter, MeterError  # noqa: E402

COMMAND = {"begin": 1, "voltages": 2, "gain": 3, "phase": 4, "noload": 5, "verify": 6, "commit": 7, "abort": 8}
RESULT = ["none", "good", "unstable", "bad signal", "beyond the limits", "beyond the range", "ended from outside"]
MEASURING = 2


class CalibrationError(Exception):
    pass


class SimulatedStandard:
    """Reads along in the truth of a running pwsim: V, and P and Q of each CT, means over the last ten seconds: the ends of a mean are whole samples, which costs up to 2 samples of it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def rows(self, n):
        with open(self.path) as f:
            head = f.readline().strip().split(",")
            f.seek(0, 2)
            size = f.tell()
            f.seek(max(0, size - (n + 2) * 40 * len(head)))
            lines = f.read().split("\n")[1:-1]   # the first may be cut off, the last is being written
        rows = [dict(zip(head, map(float, line.split(",")))) for line in lines[-n:] if line and line[0].isdigit() and line.count(",") == len(head) - 1]
        return rows

    def read(self, windows=50):
        """-> {"v": [V] * 3, "p": [W], "q": [var]}"""
        end = time.time() + 30
        while True:
            rows = self.rows(windows + 1)
            if len(rows) > windows:
                break
            if time.time() > end:
                raise CalibrationError(f"{self.path}: no {windows} windows within 30 s")
            time.sleep(0.05)
        a, b = rows[0], rows[-1]
        t = b["seconds"] - a["seconds"]
        n = sum(k.endswith("_wh_j") for k in a)
        return {"v": [((b[f"v{x}_v2s"] - a[f"v{x}_v2s"]) / t) ** 0.5 for x in "abc"],
                "p": [(b[f"ct{k}_wh_j"] - a[f"ct{k}_wh_j"]) / t for k in range(n)],
                "q": [(b[f"ct{k}_varh_j"] - a[f"ct{k}_varh_j"]) / t for k in range(n)]}


class Calibrator:
    def __init__(self, meter, standard, ct=0, blocks=5):
        self.meter, self.standard, self.ct, self.blocks = meter, standard, ct, blocks
        self.found = {}

    def write(self, value, number):
        reply = self.meter.write("CAL", 0, value, number)
        if reply.isError():
            why = {3: "not possible with this reference or target", 4: "sealed, or not now"}.get(getattr(reply, "exception_code", 0), str(reply))
            raise CalibrationError(f"{value} = {number}: {why}")

    def command(self, name):
        self.write("CAL_COMMAND", COMMAND[name])

    def reference(self):
        """One reading a voltage; CTs of one phase must carry the same power, or be calibrated one by one."""
        ref = self.standard.read()
        vsel = [c["C_VSEL"] for c in self.meter.items("CFG_CT", self.meter.n_ct)]
        chosen = range(self.meter.n_ct) if self.ct == 0 else [self.ct - 1]
        p, q = [0.0] * 3, [0.0] * 3
        for phase in range(3):
            mine = [k for k in chosen if vsel[k] == phase]
            if not mine:
                continue
            p[phase], q[phase] = ref["p"][mine[0]], ref["q"][mine[0]]
            scale = max(1.0, abs(p[phase]) + abs(q[phase]))
            if any(abs(ref["p"][k] - p[phase]) + abs(ref["q"][k] - q[phase]) > 2e-5 * scale for k in mine):
                raise CalibrationError("CTs of one voltage carry different powers: calibrate them one by one")
        if any(vsel[k] > 2 for k in chosen):
            raise CalibrationError("a CT between lines needs the powers of its current with all three voltages")
        return {"v": ref["v"], "p": p, "q": q}

    def step(self, name):
        ref = self.reference()
        self.write("CAL_TARGET", self.ct)
        self.write("CAL_BLOCKS", self.blocks)
        for k, x in enumerate("ABC"):
            self.write(f"CAL_REF_V{x}", round(ref["v"][k] * 1000))
            self.write(f"CAL_REF_P{x}", round(ref["p"][k] * 1000))
            self.write(f"CAL_REF_Q{x}", round(ref["q"][k] * 1000))
        self.command(name)
        end = time.time() + 120
        while self.meter.item("CAL")["CAL_STATE"] == MEASURING:
            if time.time() > end:
                raise CalibrationError(f"{name}: not finished within 120 s")
            time.sleep(0.02)
        after = self.reference()
        for what, kinds, least in (("voltage", "v", 1.0), ("power", "pq", 1.0)):
            scale = max([least] + [abs(x) for kind in kinds for x in ref[kind]])
            moved = max(abs(x - y) for kind in kinds for x, y in zip(ref[kind], after[kind]))
            if moved > 2e-4 * scale:
                raise CalibrationError(f"{name}: the source's {what} moved by {moved:.6g}")
        state = self.meter.item("CAL")
        cts = self.meter.items("CAL_CT", self.meter.n_ct)
        volts = self.meter.items("CAL_V", 3)
        self.found[name] = {"result": RESULT[state["CAL_RESULT"]], "v": volts, "ct": cts, "reference": ref}
        if state["CAL_RESULT"] != 1:
            bad = [f"CT {k + 1} {RESULT[c['CALC_RESULT']]}" for k, c in enumerate(cts) if c["CALC_RESULT"] > 1]
            bad += [f"V{'abc'[k]} {RESULT[c['CALV_RESULT']]}" for k, c in enumerate(volts) if c["CALV_RESULT"] > 1]
            late = [c["CALC_PHASE"] / 1e3 for c in cts]
            what = ", ".join(bad) or f"the delays do not fit together: {min(late):+.3f} .. {max(late):+.3f} degrees"
            raise CalibrationError(f"{name}: {RESULT[state['CAL_RESULT']]}: {what}")
        return self.found[name]

    def run(self, steps, commit=True):
        self.command("begin")
        try:
            for name in steps:
                self.step(name)
        except Exception:
            self.meter.write("CAL", 0, "CAL_COMMAND", COMMAND["abort"])
            raise
        self.command("commit" if commit else "abort")
        start = self.meter.item("WINDOW")["UPTIME_WIN"]     # until it is in force, and in the FRAM
        self.meter.wait(lambda w: w["UPTIME_WIN"] > start + 1_000_000, 60, "a second after the end")
        return self.found


def table(found):
    for name, f in found.items():
        print(f"{name}: {f['result']}")
        for k, c in enumerate(f["v"]):
            if c["CALV_RESULT"]:
                print(f"  V{'abc'[k]}   error {c['CALV_ERROR'] / 1e4:+9.4f} %")
        for k, c in enumerate(f["ct"]):
            if c["CALC_RESULT"] and name == "noload":
                print(f"  CT {k + 1:2} offset {c['CALC_ERROR'] / 1e4:+9.4f} % of full scale, noise {c['CALC_NOISE'] / 1e3:.3f} mA")
            elif c["CALC_RESULT"]:
                print(f"  CT {k + 1:2} error {c['CALC_ERROR'] / 1e4:+9.4f} %, current late by {c['CALC_PHASE'] / 1e3:+7.3f} degrees")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("steps", nargs="+", choices=["voltages", "gain", "phase", "noload", "verify"])
    ap.add_argument("--port", type=int, default=15020)
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--reference", required=True, help="truth file of the running simulation")
    ap.add_argument("--ct", type=int, default=0, help="one CT, from 1; 0 = all at once")
    ap.add_argument("--blocks", type=int, default=3, help="seconds that each step measures")
    ap.add_argument("--dry", action="store_true", help="store nothing")
    ap.add_argument("--json", help="what was found, as a file")
    a = ap.parse_args()
    try:
        if not pathlib.Path(a.reference).exists():
            raise CalibrationError(f"{a.reference}: no such file")
        c = Calibrator(Meter(a.port, a.host), SimulatedStandard(a.reference), a.ct, a.blocks)
        table(c.run(a.steps, not a.dry))
        if a.json:
            pathlib.Path(a.json).write_text(json.dumps(c.found, indent=1))
    except (CalibrationError, MeterError, OSError) as e:
        print(f"calibrate: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
