#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""iCE40 netlist of the decimator as module pw_decimate_net. usage: dec_netlist.py N_CH MOD_DIV OUT.v"""
import sys

import pyosys.libyosys as ys

RTL = " ".join(f"rtl/frontend/pw_{m}.v" for m in ("modclk", "commutator", "capture", "cic", "fir", "decimate"))
N_CH, MOD_DIV, OUT = sys.argv[1:4]
design = ys.Design()
for command in (f"read_verilog -defer {RTL}",
                f"hierarchy -check -top pw_decimate -chparam N_CH {N_CH} -chparam MOD_DIV {MOD_DIV}",
                "synth_ice40 -dsp -top pw_decimate", "rename pw_decimate pw_decimate_net", f"write_verilog -noattr {OUT}"):
    ys.run_pass(command, design)
