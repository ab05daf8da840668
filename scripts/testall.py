#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs make targets one after the other, keeps their output in build/test/, sums what they passed and failed.

Usage: testall.py TARGET...   Each target's output must hold a line 'N passed, N failed' (or pytest's own) or it counts as failed.
Ends with that line summed over all and exits 1 if anything failed.
"""
import pathlib, re, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build/test"
OURS = re.compile(r"^(?:\S+: )?(\d+) passed, (\d+) failed", re.M)
PYTEST = re.compile(r"^=* ?(?:(\d+) failed, )?(\d+) passed.* in [\d.]+s", re.M)


def counts(text):
    """The last closing line: where a target has several runs, it ends with their sum."""
    found = [(m.start(), int(m[1]), int(m[2])) for m in OURS.finditer(text)]
    found += [(m.start(), int(m[2]), int(m[1] or 0)) for m in PYTEST.finditer(text)]
    return max(found)[1:] if found else None


def main(targets):
    LOGS.mkdir(parents=True, exist_ok=True)
    total = [0, 0]
    for target in targets:
        log = LOGS / f"{target}.log"
        start = time.time()
        with log.open("w") as out:
            code = subprocess.run(["make", "--no-print-directory", "-j2", target], cwd=ROOT, stdout=out,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL).returncode
        text = log.read_text(errors="replace")
        result = counts(text)
        passed, failed = result or (0, 0)
        if code != 0 or result is None:
            failed = max(failed, 1)
        total[0] += passed
        total[1] += failed
        print(f"{target:16} {passed:5} passed, {failed:3} failed  {time.time() - start:6.1f} s", flush=True)
        if failed:
            tail = "\n".join("    " + line for line in text.splitlines()[-40:])
            print(f"  {log.relative_to(ROOT)} ends with:\n{tail}", flush=True)
    print(f"{total[0]} passed, {total[1]} failed")
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
