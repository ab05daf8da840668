#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""afe-read on the RTL front-end with the demonstration panel: volts, amperes, watts, energy and pulses against the panel's truth.
usage: test_read.py SERVE AFE_READ OUT_DIR"""
import csv
import pathlib
import subprocess
import sys
import time

SERVE, READ, OUT = sys.argv[1:]
SCENARIO = "sim/scenarios/panel24.scn"
SECONDS, WINDOWS = 2.6, 6
LIMIT = 0.001                      # of reading, loads from 1 % of rated current on
RATED_A = 200.0
UNSTEADY = {12}                    # a compressor that switches: its windows differ from each other
PULSE_WH = 2.0
out = pathlib.Path(OUT)
passed = failed = 0


def check(ok, what):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print("FAIL", what)


def run(args, device):
    return subprocess.run([READ, *args, str(device)], capture_output=True, text=True, timeout=300)


def truth():
    """Window number -> volts, [(A, W)], pulses."""
    rows = {}
    for r in csv.reader(open(out / "truth.csv")):
        v = [float(x) for x in r[1:]]
        rows[int(r[0])] = v[:3], [(v[3 + 2 * k], v[4 + 2 * k]) for k in range(24)], [int(x) for x in v[51:75]]
    return rows


def windows(text):
    """What afe-read printed: window number -> {channel: [V, A, W, var, kWh in, kWh out]}, flags dropped."""
    rows, now = {}, None
    for r in csv.reader(text.splitlines()):
        if r[0] == "window":
            now = rows.setdefault(int(r[1]), {})
        else:
            now[r[0]] = [float(x) for x in r[1:7]]
    return rows


def compare(shown, true):
    n, worst = 0, 0.0
    for seq, ch in shown.items():
        if seq not in true:
            continue
        volts, loads, _ = true[seq]
        for i, v in enumerate(volts):
            e = abs(ch["V" + "abc"[i]][0] / v - 1)
            worst = max(worst, e)
            check(e < LIMIT, f"window {seq}: V{'abc'[i]} {ch['V' + 'abc'[i]][0]} instead of {v:.4f}")
        for k, (amps, watts) in enumerate(loads):
            if k in UNSTEADY:
                continue
            _, a, w, *_ = ch[f"CT{k}"]
            floor_a, floor_w = (0.0, 0.0) if amps >= 0.01 * RATED_A else (0.02, 1.0)      # below: noise of the modulators
            check(abs(a - amps) <= LIMIT * amps + floor_a, f"window {seq}: CT{k} {a} A instead of {amps:.5f}")
            check(abs(w - watts) <= LIMIT * abs(watts) + floor_w, f"window {seq}: CT{k} {w} W instead of {watts:.4f}")
            if floor_a == 0.0 and abs(watts) > 100:
                worst = max(worst, abs(a / amps - 1), abs(w / watts - 1))
        n += 1
    check(n == WINDOWS, f"{n} windows compared")
    return n, worst


def energy(shown, true):
    """Growth of the registers from the first to the last window shown = what these windows carried; pulses fit it."""
    first, last = min(shown), max(shown)
    seconds = {}
    for k in range(24):
        if k in UNSTEADY:
            continue
        j = sum(true[s][1][k][1] for s in range(first + 1, last + 1)) * 0.2               # 12 cycles of 60 Hz
        kwh = [(shown[last][f"CT{k}"][i] - shown[first][f"CT{k}"][i]) * 3.6e6 for i in (4, 5)]
        got = kwh[0] - kwh[1]
        seconds[k] = got
        check(abs(got - j) <= 0.002 * abs(j) + 2.0, f"CT{k}: {got:.1f} J counted instead of {j:.1f}")
        check(min(kwh) == 0.0 or abs(j) < 5, f"CT{k}: energy in both directions")
    pulses = [true[last][2][k] - true[first][2][k] for k in range(24)]
    lead = {0: [0]}
    for k, cts in lead.items():
        want = sum(seconds[c] for c in cts) / 3600 / PULSE_WH
        check(abs(pulses[k] - want) <= 1.5, f"CT{k}: {pulses[k]} pulses, {want:.2f} are due")
    check(sum(pulses) > 0, "no pulses")


def misuse(device):
    for args, word in ((["-b", "12345"], "bit rate"), (["-V", "x"], "not a number"), (["-c", SCENARIO], "no meter configuration"), (["-c", "/nonexistent"], "cannot be read")):
        r = run(args, device)
        check(r.returncode != 0 and word in r.stderr and len(r.stderr.strip().splitlines()) == 1, f"{args}: {r.returncode} {r.stderr!r}")
    for dev, word in (("/nonexistent", "No such file"), ("/dev/null", "not a serial device")):
        r = run([], dev)
        check(r.returncode == 1 and word in r.stderr, f"{dev}: {r.returncode} {r.stderr!r}")


def main():
    out.mkdir(parents=True, exist_ok=True)
    link = out / "uart"
    link.unlink(missing_ok=True)
    serve = subprocess.Popen([SERVE, str(link), SCENARIO, str(SECONDS), str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(100):
            if link.exists() or serve.poll() is not None:
                break
            time.sleep(0.05)
        r = run(["-s", "-c", str(out / "config.bin"), "-n", str(WINDOWS)], link)
        check(r.returncode == 0, f"afe-read: {r.stderr.strip()}")
        shown = windows(r.stdout)
        (out / "read.csv").write_text(r.stdout)
        misuse(link)
        text, err = serve.communicate(timeout=300)
        print(text.strip())
        check(serve.returncode == 0, f"serve: {err.strip()}")
    finally:
        serve.kill()
    true = truth()
    n, worst = compare(shown, true)
    energy(shown, true)
    print(f"afe-read: {n} windows, error at most {100 * worst:.4f} % (V, A, W of loads from 1 % of rated current on)")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
