#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Size of decimator and front-end beside the textbook decimator (a sinc3 per channel); speed of the simulation's tiers.

usage: bench.py [-o DIR] [--speed FILE] [--tiers NAME=SECONDS=COMMAND ...] [N_CH ...]
Writes DIR/report.json (default build/bench): the figures of the 27-channel build (else of the first count) at the top
level, all counts under "channels", the front-end on ECP5 under "ecp5", speeds under "realtime_factor" (metered seconds a
second of processor time). iCE40: synth_ice40 -dsp; LUT4 counts every SB_LUT4, those in carry chains included. ECP5:
synth_ecp5 -abc9; LUT4 + 2 a CCU2C + 6 a TRELLIS_DPR16X4.
"""
import argparse
import json
import pathlib
import re
import resource
import shlex
import subprocess
import sys

OURS = [f"rtl/frontend/pw_{m}.v" for m in ("modclk", "commutator", "capture", "cic", "fir", "decimate")]
FRONTEND = OURS + [f"rtl/frontend/pw_{m}.v" for m in ("integrate_steps", "integrate", "line", "fe_ctrl", "ct_curve", "frontend")]
TEXTBOOK = ["tests/bench/sinc3_channel.v", "tests/bench/textbook.v"]
MOD_DIV = {15: 4, 27: 5, 51: 11, 57: 11}
GOAL = 24.0                       # LUT4 a channel
RAM_LIMIT = {15: 18, 27: 23}      # block RAMs that the boards can spare


def synth(files, top, params, log, family="ice40 -dsp"):
    """Cell counts of a flat synthesis."""
    chparam = " ".join(f"-chparam {k} {v}" for k, v in params.items())
    script = (f"read_verilog -defer -Irtl/frontend -Ibuild/gen {' '.join(files)}; hierarchy -check -top {top} {chparam}; "
              f"synth_{family} -top {top}; tee -q -o {log} stat")
    code = f"import pyosys.libyosys as y\nd = y.Design()\nfor c in {script.split('; ')!r}: y.run_pass(c, d)\n"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        errors = [line for line in (run.stdout + run.stderr).splitlines() if "ERROR" in line or "Error" in line]
        sys.exit(f"bench: synthesis of {top} failed: {errors[0] if errors else run.stderr[-300:]}")
    return count(pathlib.Path(log).read_text())


def count(stat):
    """Cells of a yosys 'stat' report, either column order ("cell count" or "count cell")."""
    cells = {}
    for line in stat.splitlines():
        m = re.match(r"\s+([A-Z$]\w+)\s+(\d+)\s*$", line) or re.match(r"\s+(\d+)\s+(?:\S+\s+)?([A-Z$]\w+)\s*$", line)
        if m:
            name, n = (m[1], m[2]) if m[2].isdigit() else (m[2], m[1])
            cells[name] = int(n)
    if not any(c.startswith("SB_") or c == "LUT4" for c in cells):
        sys.exit("bench: no cell counts in the report of yosys")
    if "LUT4" in cells:
        return {"lut4": cells["LUT4"] + 2 * cells.get("CCU2C", 0) + 6 * cells.get("TRELLIS_DPR16X4", 0), "carry": cells.get("CCU2C", 0),
                "ff": cells.get("TRELLIS_FF", 0), "bram": sum(cells.get(c, 0) for c in ("DP16KD", "PDPW16KD")), "dsp": cells.get("MULT18X18D", 0)}
    return {"lut4": cells.get("SB_LUT4", 0), "carry": cells.get("SB_CARRY", 0),
            "ff": sum(n for c, n in cells.items() if c.startswith("SB_DFF")),
            "bram": cells.get("SB_RAM40_4K", 0), "dsp": cells.get("SB_MAC16", 0)}


def bench(n_ch, out):
    """Both designs at n_ch channels."""
    ours = synth(OURS, "pw_decimate", {"N_CH": n_ch, "MOD_DIV": MOD_DIV[n_ch]}, out / f"decimate_{n_ch}.txt")
    text = synth(TEXTBOOK, "textbook", {"N_CH": n_ch}, out / f"textbook_{n_ch}.txt")
    whole = synth(FRONTEND, "pw_frontend", {"N_CT": n_ch - 3, "MOD_DIV": MOD_DIV[n_ch]}, out / f"frontend_{n_ch}.txt")
    per = {name: {k: round(v / n_ch, 2) for k, v in row.items()} for name, row in (("decimator", ours), ("frontend", whole), ("textbook", text))}
    return {"frontend_lut4_per_channel": round(whole["lut4"] / n_ch, 2), "frontend": whole, "decimator_lut4_per_channel": round(ours["lut4"] / n_ch, 2),
            "textbook_lut4_per_channel": round(text["lut4"] / n_ch, 2), "decimator": ours, "textbook": text, "per_channel": per}


def bench_ecp5(n_ch, out):
    """Decimator and front-end on ECP5."""
    row = {}
    for name, files, top, params in (("decimator", OURS, "pw_decimate", {"N_CH": n_ch}), ("frontend", FRONTEND, "pw_frontend", {"N_CT": n_ch - 3})):
        row[name] = synth(files, top, {**params, "MOD_DIV": MOD_DIV[n_ch]}, out / f"ecp5_{name}_{n_ch}.txt", "ecp5 -abc9")
        row[f"{name}_lut4_per_channel"] = round(row[name]["lut4"] / n_ch, 2)
    return row


def tier(seconds, command):
    """Metered seconds of a tier in one second of processor time: the machine may be busy with other things."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode != 0:
        sys.exit(f"bench: {command}: {(run.stderr or run.stdout).strip().splitlines()[-1]}")
    return round(seconds / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), 4)


def main():
    parser = argparse.ArgumentParser(description="size of the decimator beside the textbook one")
    parser.add_argument("channels", nargs="*", type=int, default=[27], choices=[27, *MOD_DIV])
    parser.add_argument("-o", "--out", default="build/bench", type=pathlib.Path)
    parser.add_argument("--speed", help="program that prints the C model's multiple of real time")
    parser.add_argument("--tiers", nargs="*", default=[], help="NAME=SECONDS=COMMAND: runs SECONDS of metered time")
    parser.add_argument("--ecp5", nargs="*", type=int, default=[], help="channel counts of the front-end on ECP5")
    args = parser.parse_args()
    channels = args.channels if isinstance(args.channels, list) else [args.channels]
    args.out.mkdir(parents=True, exist_ok=True)
    rows = {n: bench(n, args.out) for n in channels}
    main_row = rows[27 if 27 in rows else channels[0]]
    report = {"n_ch": 27 if 27 in rows else channels[0], **main_row, **main_row["decimator"], "channels": rows}
    if args.speed:
        report["decimator_model_realtime_factor"] = float(subprocess.run([args.speed], capture_output=True, text=True, check=True).stdout.split()[0])
        print(f"C model of the decimator, 27 channels: {report['decimator_model_realtime_factor']:.1f} times real time on one core")
    report["ecp5"] = {n: bench_ecp5(n, args.out) for n in args.ecp5}
    report["realtime_factor"] = {name: tier(float(seconds), command) for name, seconds, command in (t.split("=", 2) for t in args.tiers)}
    for name, factor in report["realtime_factor"].items():
        print(f"{name}: {factor:.3f} times real time on one core")
    (args.out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    print("channels  design                   LUT4  LUT4/ch    FF  block RAM  DSP")
    failed = []
    for n, row in rows.items():
        for name, key in (("block sinc4 + FIR", "decimator"), ("whole front-end", "frontend"), ("sinc3 a channel", "textbook")):
            c = row[key]
            print(f"{n:8}  {name:24}{c['lut4']:5}  {c['lut4'] / n:7.1f} {c['ff']:5}  {c['bram']:9}  {c['dsp']:3}")
        if row["decimator_lut4_per_channel"] > GOAL and n >= 27:
            failed.append(f"{n} channels: {row['decimator_lut4_per_channel']} LUT4 a channel, goal {GOAL}")
        if row["decimator"]["bram"] > RAM_LIMIT.get(n, 9999):
            failed.append(f"{n} channels: {row['decimator']['bram']} block RAMs, limit {RAM_LIMIT[n]}")
    for n, row in report["ecp5"].items():
        for name, key in (("block sinc4 + FIR, ECP5", "decimator"), ("whole front-end, ECP5", "frontend")):
            c = row[key]
            print(f"{n:8}  {name:24}{c['lut4']:5}  {c['lut4'] / n:7.1f} {c['ff']:5}  {c['bram']:9}  {c['dsp']:3}")
    for line in failed:
        print(f"bench: {line}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
