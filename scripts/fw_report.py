# SPDX-License-Identifier: Apache-2.0
"""Sizes of the firmware: prints a table, writes build/firmware/report.json. Fails when a variant does not fit the memory of its board;
what is over the budget of 96 KiB text and 24 KiB RAM is said and reported. The figures of the first variant are at the top level too."""
import argparse
import json
import subprocess
import sys

BUDGET = {"text_bytes": 96 * 1024, "ram_bytes": 24 * 1024}


def sizes(tool: str, elf: str) -> dict:
    """Text: all code and constants, ext: those of them in external memory or flash. RAM: data, bss and stack."""
    out = subprocess.run([tool, "-A", elf], check=True, capture_output=True, text=True).stdout
    sections = {}
    for line in out.splitlines():
        part = line.split()
        if len(part) == 3 and part[0].startswith("."):
            sections[part[0]] = int(part[1])
    ext = sections.get(".ext", 0)
    ram = {name: sections.get("." + name, 0) for name in ("data", "bss", "stack")}
    return {"text_bytes": sections[".text"] + ext, "ext_bytes": ext, "ram_bytes": sum(ram.values()), **{f"{k}_bytes": v for k, v in ram.items()}}


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--size", required=True, help="the tool chain's size program")
    ap.add_argument("--out", required=True)
    ap.add_argument("elf", nargs="+", metavar="name:memory=elf", help="memory: bytes for RAM and the text in it, 0: code in external memory")
    args = ap.parse_args()
    report, wrong = {}, []
    for item in args.elf:
        variant, elf = item.split("=", 1)
        name, memory = variant.split(":", 1)
        r = sizes(args.size, elf)
        r["memory_bytes"] = int(memory)
        r["over_budget"] = {k: r[k] - limit for k, limit in BUDGET.items() if r[k] > limit}
        report[name] = r
        used = r["text_bytes"] - r["ext_bytes"] + r["ram_bytes"]
        print(f"{name:14} text {r['text_bytes']:6} ram {r['ram_bytes']:6} (ext {r['ext_bytes']}, data {r['data_bytes']}, bss {r['bss_bytes']}, stack {r['stack_bytes']})"
              + "".join(f", {k} {n} over the budget" for k, n in r["over_budget"].items()))
        if 0 < r["memory_bytes"] < used:
            wrong.append(f"{name}: {used} bytes do not fit {r['memory_bytes']}")
    first = next(iter(report.values()))
    report = {**{k: first[k] for k in BUDGET}, "budget": BUDGET, **report}
    with open(args.out, "w", encoding="ascii") as f:
        json.dump(report, f, indent=2)
        f.write("\n")
    for line in wrong:
        print(f"firmware: {line}", file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
