#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One board from RTL to an image to program, and its report.json. Called by scripts/mk/60-boards.mk.

Timing is asked for with 10 % margin; missed timing, a firmware that does not fit and any tool error end with one line and status 1."""
import argparse
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv/bin"
MIN_YOSYS = (0, 40)        # older ones lack the memory mapping this design counts on
MARGIN = 1.10
SCRATCH_B = 8              # pw_bus keeps SYS.SCRATCH in the last words of the RAM
FLASH_FIRMWARE = 0x20000   # where pw_boot looks
EXT = 0x20000000           # SDRAM, or the flash itself (pw_xip)
FLASH_EXT = 0x100000       # where pw_ext_load and pw_xip look
DECIMATOR = ("pw_decimate", "pw_modclk", "pw_capture", "pw_commutator", "pw_cic", "pw_fir")
DEVICE = {"up5k": "--up5k", "hx8k": "--hx8k", "12F": "--12k", "25F": "--25k", "45F": "--45k", "85F": "--85k"}
SYNTH = {"up5k": "synth_ice40 -dsp -abc9 -device u -dff", "hx8k": "synth_ice40 -abc9 -device hx -dff"}   # HX8K: no DSP
IDCODE = {"12F": "0x21111043"}     # same die as 25F, another id


def die(text):
    sys.exit(f"synth: {text}")


def run(cmd, log):
    with open(log, "w") as f:
        code = subprocess.run([str(c) for c in cmd], stdout=f, stderr=subprocess.STDOUT, cwd=ROOT).returncode
    if code != 0:
        lines = [l for l in pathlib.Path(log).read_text().splitlines() if "ERROR" in l]
        die(f"{pathlib.Path(cmd[0]).name} failed: {lines[-1] if lines else 'see the log'} ({log})")


def tool(name):
    """Native if on PATH (OSS CAD Suite), else the YoWASP one of the venv."""
    return shutil.which(name) or str(VENV / f"yowasp-{name}")


def version(cmd):
    out = subprocess.run(cmd, capture_output=True, text=True)
    text = (out.stdout + out.stderr).strip().splitlines()
    return text[0] if text else "?"


class Yosys:
    """yosys on PATH if it is new enough, else pyosys of the venv."""
    def __init__(self):
        self.native = shutil.which("yosys")
        if self.native:
            text = version([self.native, "-V"])
            m = re.search(r"Yosys (\d+)\.(\d+)", text)
            if not m or (int(m[1]), int(m[2])) < MIN_YOSYS:
                self.native = None
        if self.native:
            self.version = text
        else:
            self.version = "pyosys " + version([str(VENV / "python"), "-c", "from importlib.metadata import version as v; print(v('pyosys'))"])

    def script(self, text, path):
        path.write_text(text)
        code = f"from pyosys import libyosys as ys; ys.run_pass('script {path}', ys.Design())"
        run([self.native, "-s", path] if self.native else [VENV / "python", "-c", code], path.with_suffix(".log"))


def cells(path):
    """Cell counts of a flat Yosys JSON netlist's top module."""
    data = json.loads(path.read_text())
    count = {}
    for c in data["modules"]["top"]["cells"].values():
        count[c["type"]] = count.get(c["type"], 0) + 1
    return count


def lut4_of_modules(log):
    """LUT4 of each module of a hierarchy-preserving run, own cells only; a LUT wider than 4 inputs is LUT4s and muxes."""
    lut, name = {}, None
    for line in log.read_text().splitlines():
        m = re.match(r"=== (.*) ===", line)
        if m:
            name = m[1]
            if name != "design hierarchy":
                lut[name] = 0
            continue
        # "count name" or "name count", as the Yosys version likes; ECP5 carry cells hold two LUT4, distributed RAM four and its two of write logic
        m = re.match(r"\s+(?:(\d+)\s.*\b(\w+)|(\w+)\s+(\d+))$", line)
        if m and name in lut:
            n, cell = (int(m[1]), m[2]) if m[1] else (int(m[4]), m[3])
            weight = {"SB_LUT4": 1, "LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 6}.get(cell, 0)
            lut[name] += n * weight
    return lut


def plain(name):
    """pw_cic of $paramod$1234\\pw_cic or $paramod\\pw_cic\\N_CH=..."""
    m = re.search(r"\bpw_\w+", name)
    return m[0] if m else name


def report_counts(family, count):
    def total(*types):
        return sum(n for t, n in count.items() if t in types or any(t.startswith(x[:-1]) for x in types if x.endswith("*")))
    if family == "ice40":
        return dict(lut4=total("SB_LUT4"), ff=total("SB_DFF*"), bram=total("SB_RAM40_4K*"), dsp=total("SB_MAC16"), spram=total("SB_SPRAM256KA"))
    return dict(lut4=total("LUT4") + 2 * total("CCU2C") + 6 * total("TRELLIS_DPR16X4"), ff=total("TRELLIS_FF"),
                bram=total("DP16KD"), dsp=total("MULT18X18D"), spram=0)


def firmware_image(binary, ram_kib, boot):
    image = pathlib.Path(binary).read_bytes()
    image += bytes(-len(image) % 4)
    if len(image) > ram_kib * 1024 - SCRATCH_B:
        die(f"{binary}: {len(image)} bytes do not fit {ram_kib} KiB of RAM")
    if boot == "flash":
        return struct.pack("<4sII", b"PWFW", len(image), zlib.crc32(image)) + image
    return image


def ram_needed(elf):
    """End of bss and stack, from the ELF program headers: what the linker was allowed to use may be more than this board has."""
    data = pathlib.Path(elf).read_bytes()
    off, size, num = struct.unpack_from("<I", data, 28)[0], *struct.unpack_from("<HH", data, 42)
    heads = [struct.unpack_from("<8I", data, off + i * size) for i in range(num)]
    return max(h[2] + h[5] for h in heads if h[0] == 1 and h[2] < EXT)


def flash_image(path, bits, at, rest):
    if len(bits) > at:
        die(f"{len(bits)} bytes (bitstream, firmware) reach the next part's place in the flash, 0x{at:X}")
    path.write_bytes(bits + b"\xff" * (at - len(bits)) + rest)
    return path


def fmax(log, clock):
    """The last figure nextpnr gives for the system clock, after routing."""
    found = re.findall(r"Max frequency for clock\s+'([^']+)':\s+([\d.]+) MHz", log.read_text())
    mine = [float(f) for n, f in found if clock in n]
    if not mine:
        die(f"no frequency of {clock} in {log}")
    return mine[-1]


def main():
    ap = argparse.ArgumentParser()
    for name in ("board", "size", "family", "package", "pins", "arch", "boot"):
        ap.add_argument("--" + name, required=True)
    for name in ("clk-mhz", "n-ct", "mod-div", "ram-kib", "seed"):
        ap.add_argument("--" + name, type=int, required=True)
    ap.add_argument("--cts", nargs="+", type=int, help="CT counts the board's top can be built for, if it has a parameter for it")
    ap.add_argument("--ring-log2", type=int, help="log2 of the frames in the waveform ring: the board gets an analysis block")
    ap.add_argument("--rtl", nargs="+", required=True)
    ap.add_argument("--firmware", help="firmware.bin; .elf and .hex beside it; none on a board without CPU")
    ap.add_argument("--ext", help="the part of the firmware that lives in SDRAM, or runs from the flash, with its header")
    a = ap.parse_args()
    name = a.board + ("-85F" if a.size == "85F" else "") + (f"-{a.n_ct}" if a.cts and a.n_ct != a.cts[0] else "")
    bare = a.arch != "none" and not a.firmware         # for figures of the gateware alone
    os.chdir(ROOT)
    out = pathlib.Path("build/synth") / (name + "-bare" * bare)
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").unlink(missing_ok=True)
    need, image, top = 0, b"", ""
    if a.firmware:
        firmware = pathlib.Path(a.firmware)
        need = ram_needed(firmware.with_suffix(".elf"))
        if need > a.ram_kib * 1024 - SCRATCH_B:
            die(f"{firmware}: code, data and stack take {need} bytes, {a.board} {a.size} with {a.n_ct} CT has {a.ram_kib} KiB of RAM")
        image = firmware_image(firmware, a.ram_kib, a.boot)
        if a.boot == "bitstream":
            top = f' -set RAM_INIT "{firmware.with_suffix(".hex")}"'
    if a.boot == "bitstream":
        top += f" -set RAM_KIB {a.ram_kib}" + (f" -set N_CT {a.n_ct}" if a.cts else "")
    if a.ring_log2 is not None:
        top += f" -set ANALYSIS 1 -set RING_LOG2 {a.ring_log2}"
    top = f"chparam{top} top\n" if top else ""

    yosys = Yosys()
    synth = SYNTH[a.size] if a.family == "ice40" else "synth_ecp5 -abc9"
    read = f"read_verilog -Ibuild/gen -Irtl/frontend {' '.join(a.rtl)}\n"
    print(f"synth: {a.board} {a.size}: {yosys.version}", flush=True)
    yosys.script(f"{read}{top}{synth} -top top -json {out}/top.json\n", out / "top.ys")
    yosys.script(f"{read}hierarchy -top pw_frontend -chparam N_CT {a.n_ct} -chparam MOD_DIV {a.mod_div}\n"
                 f"{synth} -top pw_frontend -noflatten\nstat\n", out / "frontend.ys")
    # the synth pass prints the same statistics before: lut4_of_modules keeps the last of each module
    text = (out / "frontend.log").read_text()
    stats = out / "frontend.stat"
    stats.write_text(text[text.rfind("Printing statistics"):])
    lut = lut4_of_modules(stats)

    print(f"synth: place and route, seed {a.seed}", flush=True)
    pnr = tool("nextpnr-" + a.family)
    pins = "--pcf" if a.family == "ice40" else "--lpf"
    config = out / ("top.asc" if a.family == "ice40" else "top.config")
    goal = a.clk_mhz * MARGIN
    args = [pnr, DEVICE[a.size], "--package", a.package, "--json", out / "top.json", pins, a.pins, "--freq", f"{goal:.3f}", "--seed", a.seed]
    args += ["--asc", config] if a.family == "ice40" else ["--textcfg", config, "--speed", "6"]
    run(args + ["--timing-allow-fail"], out / "nextpnr.log")
    got = fmax(out / "nextpnr.log", "clk")

    if a.family == "ice40":
        run([tool("icepack"), config, out / "top.bin"], out / "pack.log")
        product = out / "top.bin"
        if a.boot == "flash":
            product = flash_image(out / "flash.bin", product.read_bytes(), FLASH_FIRMWARE, image)
    else:
        extra = ["--idcode", IDCODE[a.size]] if a.size in IDCODE else []
        run([tool("ecppack"), "--compress", *extra, config, out / "top.bit"], out / "pack.log")
        product = out / "top.bit"
    if a.ext:
        product = flash_image(out / "flash.bin", product.read_bytes(), FLASH_EXT, pathlib.Path(a.ext).read_bytes())

    rep = dict(board=a.board, size=a.size, **report_counts(a.family, cells(out / "top.json")), fmax_mhz=got, clock_mhz=a.clk_mhz,
               margin_pct=round(100 * (got / a.clk_mhz - 1), 1), n_ct=a.n_ct, channels=a.n_ct + 3, ram_kib=a.ram_kib,
               frontend_lut4=sum(lut.values()),
               decimator_lut4_per_channel=round(sum(n for m, n in lut.items() if plain(m) in DECIMATOR) / (a.n_ct + 3), 2),
               frontend_lut4_per_channel=round(sum(lut.values()) / (a.n_ct + 3), 2),
               firmware_bytes=len(image), firmware_ram_bytes=need, firmware_ext_bytes=pathlib.Path(a.ext).stat().st_size if a.ext else 0, image=str(product), seed=a.seed,
               tools=dict(yosys=yosys.version, nextpnr=version([pnr, "--version"])))
    util = re.findall(r"(\w+):\s+(\d+)/\s*(\d+)\s+\d+%", (out / "nextpnr.log").read_text())
    rep["utilisation"] = {n: f"{u}/{t}" for n, u, t in util if int(u)}
    (out / "report.json").write_text(json.dumps(rep, indent=2) + "\n")
    print(json.dumps({k: rep[k] for k in ("lut4", "ff", "bram", "dsp", "spram", "fmax_mhz", "clock_mhz", "frontend_lut4",
                                          "decimator_lut4_per_channel")}))
    if got < goal:
        die(f"{a.board} {a.size}: timing missed: {got:.2f} MHz, {goal:.2f} MHz asked ({a.clk_mhz} MHz and 10 %)")
    if out.name != a.board and not bare:            # the board's folder holds the size built last
        last = out.parent / a.board
        last.mkdir(exist_ok=True)
        for f in (product, out / "report.json"):
            shutil.copy(f, last / f.name)
    print(f"synth: {product}: {got:.2f} MHz, {rep['margin_pct']} % above the clock")


main()
