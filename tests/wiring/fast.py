# SPDX-License-Identifier: Apache-2.0
"""Random panels as phasors straight into the finder (no modulators): thousands in seconds. Each as with and as
without an analysis block. `fast.py LIB PANELS [--seed N] [--allow N] [--report FILE]`"""
import argparse, ctypes, json, pathlib, sys

import panels


class Finder:
    spectrum = False    # True: as with an analysis block, which knows currents without their voltage

    def __init__(self, path):
        self.lib = ctypes.CDLL(path)

    def run(self, p, evaluations=3):
        lib = self.lib
        lib.shim_init(p.n_ct)
        lib.shim_general(p.n_points, 0)
        roles = {"branch": 0, "main": 1, "source": 2}
        for c in p.con:
            lib.shim_ct(c["ct"], c["told"], c["point"], roles[c["role"]], round(c["rated"] * 1000))
        volts = p.voltages()
        for _ in range(evaluations):
            for t, v in enumerate(volts):
                lib.shim_voltage(t, round(v.real * 1000), round(v.imag * 1000))
            for c in p.con:
                i = p.measured(c) * 1000
                dead = volts[c["told"]] == 0
                flags = (4 if dead and not self.spectrum else 0) | (1 if c["rated"] < panels.RATED else 0)
                dead = flags & 4
                lib.shim_current(c["ct"], 0 if dead else round(i.real), 0 if dead else round(i.imag), round(abs(i)), flags)
            lib.shim_evaluate()
        got = []
        for c in p.con:
            a = (ctypes.c_int * 9)()
            lib.shim_result(c["ct"], a)
            got.append({"code": panels.CODES[a[0]], "phase": a[1], "reversed": bool(a[2]), "alt_phase": a[3], "alt_reversed": bool(a[4]),
                        "confidence": a[5], "partner": a[6], "clipping": bool(a[7]), "registers": a[8]})
        return got, lib.shim_service()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("lib")
    p.add_argument("panels", type=int)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--allow", type=int, default=0, help="panels with a mistake that are no failure")
    p.add_argument("--report", type=pathlib.Path)
    a = p.parse_args()
    finder, tally, bad = Finder(a.lib), panels.Tally(), 0
    for seed in range(a.seed, a.seed + a.panels):
        n, panel = len(tally.bad), panels.Panel(seed)
        for finder.spectrum in (False, True):
            tally.add(panel, *finder.run(panel))
        wrong = [text for verdict, text in tally.bad[n:] if verdict != "hinted"]
        bad += bool(wrong)
        for text in wrong:
            print(text)
    report = tally.report()
    if a.report:
        a.report.parent.mkdir(parents=True, exist_ok=True)
        a.report.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps({k: v for k, v in report.items() if k != "confusion"}))
    ok = bad <= a.allow
    print(f"{int(ok)} passed, {int(not ok)} failed")
    return not ok


if __name__ == "__main__":
    sys.exit(main())
