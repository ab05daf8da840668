#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mutation tests: puts one deliberate fault at a time into a copy of the tree and demands that a test turns red.

tests/mutants/mutants.txt, one mutant a block:
    = name: what is broken
    file path/in/tree
    test make-target or shell command run at the copy's root
    - exact text that stands once in the file
    + text that replaces it
Usage: mutants.py [--sample N] [--only NAME]. Writes build/mutants/report.json; exit 1 if a mutant survives.
"""
import argparse, json, os, pathlib, random, re, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIST = ROOT / "tests/mutants/mutants.txt"
WORK = ROOT / "build/mutants"


def fail(text):
    print(f"mutants: {text}", file=sys.stderr)
    sys.exit(2)


def parse():
    mutants = []
    for n, line in enumerate(LIST.read_text().splitlines(), 1):
        where = f"{LIST.relative_to(ROOT)}:{n}"
        if not line.strip() or line.startswith("#"):
            continue
        key, _, rest = line.partition(" ")
        if key == "=":
            name, _, what = rest.partition(": ")
            mutants.append({"name": name, "what": what, "old": None, "new": None, "where": where})
        elif key in ("file", "test", "-", "+") and mutants:
            mutants[-1][{"-": "old", "+": "new"}.get(key, key)] = rest
        else:
            fail(f"{where}: cannot read '{line}'")
    for m in mutants:
        for key in ("file", "test", "old", "new"):
            if m.get(key) is None:
                fail(f"{m['where']}: '{m['name']}' has no {key}")
        if not (ROOT / m["file"]).is_file():
            fail(f"{m['where']}: no file {m['file']}")
        text = (ROOT / m["file"]).read_text()
        if text.count(m["old"]) != 1:
            fail(f"{m['where']}: '{m['old']}' stands {text.count(m['old'])} times in {m['file']}, must be once")
        if m["old"] == m["new"]:
            fail(f"{m['where']}: replaces nothing")
    return mutants


def sync(tree):
    """The copy gets the tracked and new files; its build/ stays, so that only what a mutant touches is built again."""
    tree.mkdir(parents=True, exist_ok=True)
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [f for f in files.decode().split("\0") if f and (ROOT / f).is_file()]
    for name in names:
        src, dst = ROOT / name, tree / name
        if not dst.exists() or dst.read_bytes() != src.read_bytes():
            dst.parent.mkdir(parents=True, exist_ok=True)
            dst.write_bytes(src.read_bytes())
            dst.chmod(src.stat().st_mode)
    venv = tree / ".venv"
    if not venv.is_symlink():
        venv.symlink_to(ROOT / ".venv")


def run(tree, command, timeout):
    if command.startswith("test-"):
        command = f"make -s {command}"
    try:
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        done = subprocess.run(command, shell=True, cwd=tree, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired:
        return "timeout", ""


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--sample", type=int, default=0, help="only N mutants, drawn with --seed")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--only", help="only mutants whose name contains this")
    ap.add_argument("--timeout", type=int, default=900)
    args = ap.parse_args()
    mutants = parse()
    if args.only:
        mutants = [m for m in mutants if args.only in m["name"]] or fail(f"no mutant named like '{args.only}'")
    if args.sample:
        mutants = random.Random(args.seed).sample(mutants, min(args.sample, len(mutants)))
    tree = WORK / "tree"
    sync(tree)
    # A test that is red without a mutant would kill everything: each must be green first.
    for test in sorted({m["test"] for m in mutants}):
        code, out = run(tree, test, args.timeout)
        if code != 0:
            fail(f"'{test}' fails without any mutant ({code}):\n{out[-2000:]}")
    results, broken = [], []
    for m in mutants:
        path = tree / m["file"]
        good = path.read_text()
        start = time.time()
        path.write_text(good.replace(m["old"], m["new"]))
        try:
            code, out = run(tree, m["test"], args.timeout)
        finally:
            path.write_text(good)
        # Red means that a test ran and failed (or hung); a mutant that does not build shows nothing.
        killed = code == "timeout" or (code != 0 and re.search(r"\b[1-9]\d* (failed|FAILED)", out) is not None)
        if code not in (0, "timeout") and not killed:
            broken.append(m["name"])
            print(f"NO TEST  {m['where']}: '{m['name']}' did not get as far as a test:\n{out[-1500:]}", flush=True)
            continue
        results.append({"name": m["name"], "what": m["what"], "file": m["file"], "test": m["test"], "killed": killed,
                        "exit": code, "seconds": round(time.time() - start, 1)})
        print(f"{'killed  ' if killed else 'SURVIVED'} {m['name']}: {m['what']} ({m['test']}, {results[-1]['seconds']} s)", flush=True)
    survivors = [r["name"] for r in results if not r["killed"]]
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "report.json").write_text(json.dumps({"mutants": results, "survivors": survivors, "without_test": broken}, indent=1))
    bad = len(survivors) + len(broken)
    print(f"mutants: {len(results) - len(survivors)} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
