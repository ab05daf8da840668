#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Quarter wave of the analysis block's oscillator, one source for gateware and C model.

Writes into the directory given (default build/gen):
  pw_sine.hex  1024 x 17 bit, ROM of pw_spectrum ($readmemh)
  pw_sine.h    the same numbers for sim/model
Entry i is the floor of 2^17 sin at the middle of step i, so that a quarter is mirrored by inverting the address and a
sign is changed by inverting the bits: the value meant is entry + 1/2. A step is 2^-12 turn; pw_spectrum interpolates.
"""
import argparse
import math
import pathlib

STEPS_LOG2 = 10
BITS = 17


def main():
    parser = argparse.ArgumentParser(description="generate the sine table of the analysis block")
    parser.add_argument("out", nargs="?", default="build/gen", type=pathlib.Path)
    out = parser.parse_args().out
    n = 1 << STEPS_LOG2
    rom = [min(math.floor((1 << BITS) * math.sin(math.pi / 2 * (i + 0.5) / n)), (1 << BITS) - 1) for i in range(n)]
    out.mkdir(parents=True, exist_ok=True)
    head = "from scripts/sine_rom.py, do not edit"
    (out / "pw_sine.hex").write_text(f"// {head}\n" + "".join(f"{v:05x}\n" for v in rom))
    lines = [f"/* {head} */", "#ifndef PW_SINE_H", "#define PW_SINE_H", "#include <stdint.h>",
             "/* floor(2^17 sin(pi/2 (i + 1/2) / 1024)) */", f"static const int32_t pw_sine[{n}] = {{"]
    lines += ["    " + ", ".join(str(v) for v in rom[i:i + 16]) + "," for i in range(0, n, 16)]
    (out / "pw_sine.h").write_text("\n".join(lines + ["};", "#endif"]) + "\n")


if __name__ == "__main__":
    main()
