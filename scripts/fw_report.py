# SPDX-License-Identifier: Apache-2.0
"""Sizes of the firmware against its budget: prints a table, writes build/firmware/report.json, fails when over budget."""
import argparse
import json
import subprocess
import sys

BUDGET = {"text_bytes": 96 * 1024, "ram_bytes": 24 * 1024}


def sizes(tool: str, elf: str) -> dict:
    """Text: all that is loaded as code and constants. RAM: data, bss and stack."""
    out = subprocess.run([tool, "-A", elf], check=True, capture_output=True, text=True).stdout
    sections = {}
    for line in out.splitlines():
        part = line.split()
        if len(part) == 3 and part[0].startswith("."):
            sections[part[0]] = int(part[1])
    ram = {name: sections.get("." + name, 0) for name in ("data", "bss", "stack")}
    return {"text_bytes": sections[".text"], "ram_bytes": sum(ram.values()), **{f"{k}_bytes": v for k, v in ram.items()}}


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--size", required=True, help="the tool chain's size program")
    ap.add_argument("--out", required=True)
    ap.add_argument("elf", nargs="+", metavar="arch=elf")
    args = ap.parse_args()
    report = {}
    for item in args.elf:
        arch, elf = item.split("=", 1)
        report[arch] = sizes(args.size, elf)
    worst = {key: max(r[key] for r in report.values()) for key in BUDGET}
    report.update(worst)
    report["budget"] = BUDGET
    with open(args.out, "w", encoding="ascii") as f:
        json.dump(report, f, indent=2)
        f.write("\n")
    for arch in (i.split("=", 1)[0] for i in args.elf):
        r = report[arch]
        print(f"{arch:7} text {r['text_bytes']:6} ram {r['ram_bytes']:6} (data {r['data_bytes']}, bss {r['bss_bytes']}, stack {r['stack_bytes']})")
    over = [f"{k} {worst[k]} > {BUDGET[k]}" for k in BUDGET if worst[k] > BUDGET[k]]
    if over:
        print("firmware over budget: " + ", ".join(over), file=sys.stderr)
    return 1 if over else 0


sys.exit(main())
