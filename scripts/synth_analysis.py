#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Size of the analysis block on ECP5 (synth_ecp5 -abc9): with and without its ring, and a module at a time. Writes a JSON.

usage: synth_analysis.py [-o FILE] [N_CH ...]     default 27
LUT4 counts what a carry (2), a distributed RAM cell (6) and a wide multiplexer (its LUT4s) take."""
import argparse
import glob
import json
import pathlib
import re
import subprocess
import sys

WEIGHT = {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 6}


def synth(n_ch, ring_log2, log, extra=""):
    """Cells of each module, own cells only, and of all together."""
    script = [f"read_verilog -defer -Ibuild/gen {' '.join(sorted(glob.glob('rtl/analysis/*.v')))}",
              f"hierarchy -check -top pw_analysis -chparam N_CH {n_ch} -chparam RING_LOG2 {ring_log2} -chparam FRAME_CLK 2560",
              f"synth_ecp5 -abc9 -top pw_analysis {extra}", f"tee -q -o {log} stat"]
    code = f"import pyosys.libyosys as y\nd = y.Design()\nfor c in {script!r}: y.run_pass(c, d)\n"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        errors = [line for line in (run.stdout + run.stderr).splitlines() if "ERROR" in line]
        sys.exit(f"synth_analysis: {errors[0] if errors else run.stderr[-300:]}")
    modules, name = {}, ""
    for line in pathlib.Path(log).read_text().splitlines():
        m = re.match(r"=== (.*) ===", line)
        if m:
            found = re.search(r"\bpw_\w+", m[1])
            name = found[0] if found else m[1]
            modules[name] = {}
        m = re.match(r"\s+(\d+)\s+(\S+)\s*$", line)
        if m and name:
            modules[name][m[2]] = int(m[1])
    return {n: count(c) for n, c in modules.items()}


def count(cells):
    return {"lut4": sum(WEIGHT.get(t, 0) * n for t, n in cells.items()), "ff": cells.get("TRELLIS_FF", 0), "bram": cells.get("DP16KD", 0),
            "mult": cells.get("MULT18X18D", 0)}


def main():
    parser = argparse.ArgumentParser(description="size of the analysis block on ECP5")
    parser.add_argument("channels", nargs="*", type=int, default=[27])
    parser.add_argument("-o", "--out", default="build/analysis/size.json", type=pathlib.Path)
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    report = {}
    for n_ch in args.channels:
        modules = synth(n_ch, 3, args.out.with_suffix(".txt"), "-noflatten")
        report[n_ch] = {"without ring": synth(n_ch, 0, args.out.with_suffix(".txt"))["pw_analysis"],
                        "modules, own cells": {n: c for n, c in modules.items() if n.startswith("pw_")}}
        report[n_ch]["ring 2^11"] = synth(n_ch, 11, args.out.with_suffix(".txt"))["pw_analysis"]
        for name, c in [*report[n_ch]["modules, own cells"].items(), ("without ring", report[n_ch]["without ring"]), ("with ring 2^11", report[n_ch]["ring 2^11"])]:
            print(f"{n_ch} channels, {name:15} {c['lut4']:5} LUT4, {c['ff']:5} FF, {c['bram']:3} block RAM, {c['mult']} multipliers")
    args.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
