# SPDX-License-Identifier: Apache-2.0
"""Random panels as phasors straight into the finder (no modulators): thousands in seconds. `fast.py LIB PANELS [SEED]`"""
import ctypes, json, sys

import panels


class Finder:
    spectrum = False    # True: as with an analysis block, which knows currents without their voltage

    def __init__(self, path):
        self.lib = ctypes.CDLL(path)

    def run(self, p, evaluations=3):
        lib = self.lib
        lib.shim_init(panels.N_CT)
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
    finder, tally = Finder(sys.argv[1]), panels.Tally()
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    for seed in range(first, first + int(sys.argv[2])):
        p = panels.Panel(seed)
        for finder.spectrum in (False, True):
            tally.add(p, *finder.run(p))
    return tally


if __name__ == "__main__":
    t = main()
    for verdict, text in t.bad[:int(sys.argv[4]) if len(sys.argv) > 4 else 20]:
        print(verdict, text)
    rep = t.report()
    for truth, row in rep.pop("confusion").items():
        print(f"{truth:24}", row)
    print(json.dumps(rep))
