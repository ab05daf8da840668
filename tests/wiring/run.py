# SPDX-License-Identifier: Apache-2.0
"""Runs the wiring suites and adds up: `run.py [--long]`."""
import re, subprocess, sys

B = "build/wiring"
PY = [sys.executable, "-B"]
FAST = PY + ["tests/wiring/fast.py", f"{B}/libwiring.so"]
MODEL = PY + ["tests/wiring/model.py"]
# Of the 4000 panels as phasors two are known to be misnamed (docs/wiring.md): swapped CTs that other faults hide from the mains.
SHORT = [[f"{B}/test_wiring"], FAST + ["1000"], MODEL + ["16", "--report", f"{B}/short.json"], PY + ["tests/wiring/app.py"]]
LONG = [FAST + ["4000", "--allow", "2", "--report", f"{B}/fast.json"], MODEL + ["500", "--seed", "1001", "--report", f"{B}/report.json"],
        PY + ["tests/wiring/app.py", "--long"]]


def main():
    passed = failed = 0
    for command in LONG if "--long" in sys.argv else SHORT:
        r = subprocess.run(command, capture_output=True, text=True)
        out = r.stdout + r.stderr
        found = re.findall(r"^(\d+) passed, (\d+) failed$", out, re.M)
        ok, bad = (int(found[-1][0]), int(found[-1][1])) if found else (len(re.findall(r"^\[       OK \]", out, re.M)),
                                                                       len(set(re.findall(r"^\[  FAILED  \] [a-z].*$", out, re.M))))
        if r.returncode != 0 and bad == 0:
            bad = 1
        if bad:
            print(" ".join(command))
            print(out[-4000:])
        passed, failed = passed + ok, failed + bad
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
