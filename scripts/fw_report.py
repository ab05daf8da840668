# SPDX-License-Identifier: Apache-2.0
"""Sizes of the firmware: prints a table, writes build/firmware/report.json. Fails when a variant does not fit the memory of its board;
what is over the budget of 96 KiB text, 24 KiB RAM, 20 ms a pass is said and reported, with the load and longest pass that fw_load.py measured on the RTL. The figures of the first variant are at the top level too."""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

BUDGET = {"text_bytes": 96 * 1024, "ram_bytes": 24 * 1024, "worst_loop_ms": 20.0}
LOAD_PCT = {"rv32i_12ct": 50.0}
LOAD_PCT_ELSE = 15.0


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


def text_by_folder(linked: pathlib.Path) -> dict:
    """Code and constants by folder of sw/firmware (and lib, libgcc), from the linker's map. The few bytes of alignment are left out."""
    folders, section = collections.Counter(), ""
    lines = linked.read_text(encoding="ascii").partition("Linker script and memory map")[2].splitlines()
    for line in lines:
        if alone := re.match(r" (\.[\w.\-]+)$", line):
            section = alone[1]
        elif part := re.match(r" (\.[\w.\-]+)? +0x[0-9a-f]+ +0x([0-9a-f]+) (\S+\.o\)?)$", line):
            section = part[1] or section
            if section.startswith((".text", ".rodata", ".srodata", ".init")):
                folders["libgcc" if part[3].endswith(")") else pathlib.Path(part[3]).parent.name] += int(part[2], 16)
    return dict(folders.most_common())


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--size", required=True, help="the tool chain's size program")
    ap.add_argument("--out", required=True)
    ap.add_argument("--load", required=True, help="what fw_load.py wrote")
    ap.add_argument("elf", nargs="+", metavar="name:memory=elf", help="memory: bytes for RAM and the text in it, 0: code in external memory")
    args = ap.parse_args()
    report, wrong = {}, []
    with open(args.load, encoding="ascii") as f:
        load = json.load(f)
    for item in args.elf:
        variant, elf = item.split("=", 1)
        name, memory = variant.split(":", 1)
        r = sizes(args.size, elf)
        r["memory_bytes"] = int(memory)
        r["text_by_folder"] = text_by_folder(pathlib.Path(elf).with_suffix(".map"))
        r.update(load.get(name, {}))
        budget = {**BUDGET, "cpu_load_pct": LOAD_PCT.get(name, LOAD_PCT_ELSE)}
        r["over_budget"] = {k: round(r[k] - limit, 2) for k, limit in budget.items() if r.get(k, 0) > limit}
        report[name] = r
        used = r["text_bytes"] - r["ext_bytes"] + r["ram_bytes"]
        print(f"{name:14} text {r['text_bytes']:6} ram {r['ram_bytes']:6} (ext {r['ext_bytes']}, data {r['data_bytes']}, bss {r['bss_bytes']}, stack {r['stack_bytes']})"
              + "".join(f", {k} {n} over the budget" for k, n in r["over_budget"].items()))
        if 0 < r["memory_bytes"] < used:
            wrong.append(f"{name}: {used} bytes do not fit {r['memory_bytes']}")
    first = next(iter(report.values()))
    report = {**{k: first[k] for k in (*BUDGET, "cpu_load_pct")}, "budget": {**BUDGET, "cpu_load_pct": LOAD_PCT_ELSE}, **report, "load_of_others": {k: v for k, v in load.items() if k not in report}}
    with open(args.out, "w", encoding="ascii") as f:
        json.dump(report, f, indent=2)
        f.write("\n")
    for line in wrong:
        print(f"firmware: {line}", file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
