#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables of the decimator, one source for gateware and C model.

Writes into the directory given (default build/gen):
  pw_dec_fir.hex  64 x 16 bit, coefficient ROM of pw_fir ($readmemh); entry 4 step + age holds tap 4 step + (-age mod 4)
  pw_dec_rom.hex   256 x 27 bit, byte sums of pw_cic {S3[7], T2[9], T1[7], S0[4]}
  pw_dec_tables.h  the same numbers for sim/model
  pw_dec_fir.json  taps and figures, for tests and docs

The FIR is a linear program (minimax): pass band within PASS_DB of 1 with the sinc4 droop included, everything that
decimation by 4 folds onto the pass band as small as possible, then rounded to integers whose sum is exactly
2**SCALE and improved by a fixed-order search of single steps. The run fails if the limits below are missed.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
from scipy.optimize import linprog

TAPS = 64
SCALE = 17                          # coefficients are sQ-2.17: 16 bits, sum = 2**17 = gain 1
R = 128                             # sinc4 decimation
FMOD = (50e6 / 11, 4.8e6, 5e6, 5.25e6)   # the modulator clocks supported
EDGE = 3000.0 / (4166666.667 / 128)     # pass band of the design, in units of the FIR's input rate: 3 kHz down to 4.17 MHz
BAND_HZ = 3000.0                    # pass band
PASS_LIMIT_DB = 0.01
STOP_LIMIT_DB = -80.0
MAINS_HZ = 70.0                     # up to here the gain is 1 within MAINS_LIMIT
MAINS_LIMIT = 1e-5
PASS_DESIGN_DB = 0.006              # target of the linear program; the rest is left for rounding


def sinc4(f):
    """Response of the sinc4 at f, in units of its output rate."""
    f = np.asarray(f, dtype=float)
    x = np.where(f == 0, 1.0, np.sin(np.pi * f) / np.where(f == 0, 1.0, R * np.sin(np.pi * f / R)))
    return x ** 4


def grids(points):
    """Pass band and the zones that fold onto it, in units of the FIR's input rate, for all clocks at once."""
    edge = EDGE
    grid_pass = np.linspace(0.0, edge, points)
    grid_stop = np.concatenate([np.linspace(0.25 - edge, 0.25 + edge, 2 * points),
                                np.linspace(0.5 - edge, 0.5, points)])
    return grid_pass, grid_stop


def basis(f):
    """Cosine basis of a symmetric filter with an even number of taps (half of them, innermost last)."""
    k = np.arange(TAPS // 2)
    return 2.0 * np.cos(2.0 * np.pi * np.outer(f, (TAPS - 1) / 2.0 - k))


def design():
    """Half of the taps as real numbers, sum of all = 1."""
    grid_pass, grid_stop = grids(180)
    a_pass = basis(grid_pass) * sinc4(grid_pass)[:, None]
    a_stop = basis(grid_stop) * sinc4(grid_stop)[:, None]
    f_between = np.linspace(0.25 + EDGE, 0.5 - EDGE, 60)
    a_between = basis(f_between) * sinc4(f_between)[:, None]
    ripple = 10 ** (PASS_DESIGN_DB / 20) - 1
    n = TAPS // 2
    one = np.ones((len(grid_pass), 1))
    rows = [np.hstack([a_pass, 0 * one]), np.hstack([-a_pass, 0 * one])]
    limits = [np.full(len(grid_pass), 1 + ripple), np.full(len(grid_pass), -(1 - ripple))]
    for a, weight in ((a_stop, 1.0), (a_between, 20.0)):     # folds above the pass band: may be 26 dB worse
        one = np.full((a.shape[0], 1), weight)
        rows += [np.hstack([a, -one]), np.hstack([-a, -one])]
        limits += [np.zeros(a.shape[0])] * 2
    cost = np.zeros(n + 1)
    cost[n] = 1.0
    # At 0: gain 1 and no curvature, so that 50 and 60 Hz have the gain of DC.
    offset = (TAPS - 1) / 2.0 - np.arange(n)
    flat = np.vstack([np.full(n, 2.0), 2.0 * (2 * np.pi * offset) ** 2])
    bend = -4 * np.pi ** 2 / 3 * (1 - 1 / R ** 2)       # second derivative of sinc4 at 0
    res = linprog(cost, A_ub=np.vstack(rows), b_ub=np.concatenate(limits),
                  A_eq=np.hstack([flat, np.zeros((2, 1))]), b_eq=[1.0, bend],
                  bounds=[(None, None)] * n + [(0, None)], method="highs")
    if res.status != 0:
        sys.exit(f"fir_design: linear program failed: {res.message}")
    return res.x[:n]


def worst(half, tables):
    """Largest excess over the design limits; < 1 is good. The search minimises this."""
    a_pass, a_stop, a_between = tables
    h = half / 2.0 ** SCALE
    ripple = np.max(np.abs(a_pass @ h - 1.0)) / (10 ** (PASS_LIMIT_DB * 0.75 / 20) - 1)
    stop = np.max(np.abs(a_stop @ h)) / 10 ** (STOP_LIMIT_DB / 20)
    between = np.max(np.abs(a_between @ h)) / 10 ** ((STOP_LIMIT_DB + 35) / 20)
    return max(stop, ripple / 4, between / 4) + 1e-3 * ripple


def quantise(real):
    """Integers near the real taps, sum 2**SCALE exactly, improved by moving one step between two taps."""
    half = np.round(real * 2 ** SCALE).astype(np.int64)
    half[-1] += 2 ** (SCALE - 1) - half.sum()
    grid_pass, grid_stop = grids(120)
    f_between = np.linspace(0.25 + EDGE, 0.5 - EDGE, 40)
    tables = [basis(f) * sinc4(f)[:, None] for f in (grid_pass, grid_stop, f_between)]
    best = worst(half, tables)
    improved = True
    while improved:
        improved = False
        for i in range(TAPS // 2):
            for j in range(TAPS // 2):
                if i == j:
                    continue
                half[i] += 1
                half[j] -= 1
                now = worst(half, tables)
                if now < best - 1e-9:
                    best, improved = now, True
                else:
                    half[i] -= 1
                    half[j] += 1
    return half


def figures(half):
    """Measured response of the rounded filter with the sinc4, per modulator clock."""
    out = {}
    for fmod in FMOD:
        rate = fmod / R
        f_pass = np.linspace(0, BAND_HZ, 2001) / rate
        g_pass = np.abs(basis(f_pass) @ half / 2.0 ** SCALE * sinc4(f_pass))
        mains = np.linspace(0, MAINS_HZ, 71)
        fs = rate / 4
        fold = np.concatenate([np.linspace(k * fs - BAND_HZ, min(k * fs + BAND_HZ, rate / 2), 2001) for k in (1, 2)])
        g_stop = np.abs(basis(fold / rate) @ half / 2.0 ** SCALE * sinc4(fold / rate))
        zone = np.linspace(rate - BAND_HZ, rate + BAND_HZ, 2001) / rate     # first image of the sinc4
        out[f"{fmod / 1e6:.4f} MHz"] = {
            "pass_ripple_db": float(np.max(np.abs(20 * np.log10(g_pass)))),
            "stop_db": float(20 * np.log10(np.max(g_stop))),
            "stop_from_hz": float(fs - BAND_HZ),
            "mains_gain_error": float(np.max(np.abs(basis(mains / rate) @ half / 2.0 ** SCALE * sinc4(mains / rate) - 1))),
            "sinc4_first_zone_db": float(20 * np.log10(np.max(np.abs(sinc4(zone))))),
        }
    return out


def byte_sums():
    """ROM of pw_cic: for each byte (bit 0 oldest) S0, T1 = S1 + 7 S0, T2 = 2 S2 + 7 S1 + 14 S0, S3."""
    rows = []
    for byte in range(256):
        s = [0, 0, 0, 0]
        for k in range(8):
            if byte >> k & 1:
                j = 7 - k
                s = [s[0] + 1, s[1] + j, s[2] + j * (j - 1) // 2, s[3] + j * (j - 1) * (j - 2) // 6]
        rows.append((s[0], s[1] + 7 * s[0], 2 * s[2] + 7 * s[1] + 14 * s[0], s[3]))
    return rows


def main():
    parser = argparse.ArgumentParser(description="generate the decimator's tables")
    parser.add_argument("out", nargs="?", default="build/gen", type=pathlib.Path)
    out = parser.parse_args().out
    half = quantise(design())
    taps = [int(c) for c in half] + [int(c) for c in half[::-1]]
    fig = figures(half)
    l1 = sum(abs(c) for c in taps) / 2 ** SCALE
    bad = [f"sum {sum(taps)}"] if sum(taps) != 2 ** SCALE else []
    bad += [f"tap {c} is over 16 bits" for c in taps if abs(c) > 32767]
    bad += [f"sum of magnitudes {l1:.3f} needs more accumulator bits"] if l1 >= 2 else []
    for clock, f in fig.items():
        if f["pass_ripple_db"] > PASS_LIMIT_DB or f["stop_db"] > STOP_LIMIT_DB or f["mains_gain_error"] > MAINS_LIMIT:
            bad.append(f"{clock}: gain error {f['mains_gain_error']:.1e} below 70 Hz, ripple {f['pass_ripple_db']:.4f} dB, stop band {f['stop_db']:.1f} dB")
    if bad:
        sys.exit("fir_design: " + "; ".join(bad))
    rom = byte_sums()
    out.mkdir(parents=True, exist_ok=True)
    words = [taps[4 * step + -age % 4] for step in range(TAPS // 4) for age in range(4)]
    head = "from scripts/fir_design.py, do not edit"
    (out / "pw_dec_fir.hex").write_text(f"// {head}\n" + "".join(f"{c & 0xffff:04x}\n" for c in words))
    (out / "pw_dec_rom.hex").write_text(f"// {head}\n" + "".join(
        f"{s3 << 20 | t2 << 11 | t1 << 4 | s0:07x}\n" for s0, t1, t2, s3 in rom))
    lines = [f"/* {head} */", "#ifndef PW_DEC_TABLES_H", "#define PW_DEC_TABLES_H", "#include <stdint.h>", "",
             f"#define PW_DEC_TAPS {TAPS}", f"#define PW_DEC_FIR_SCALE {SCALE}  /* coefficients are units of 2^-{SCALE} */",
             "static const int16_t pw_dec_taps[PW_DEC_TAPS] = {"]
    lines += ["    " + ", ".join(str(c) for c in taps[i:i + 8]) + "," for i in range(0, TAPS, 8)]
    lines += ["};", "/* sums of a byte, bit 0 oldest: S0, S1 + 7 S0, 2 S2 + 7 S1 + 14 S0, S3 */",
              "static const uint16_t pw_dec_sums[256][4] = {"]
    lines += ["    " + ", ".join("{%d,%d,%d,%d}" % row for row in rom[i:i + 4]) + "," for i in range(0, 256, 4)]
    lines += ["};", "#endif"]
    (out / "pw_dec_tables.h").write_text("\n".join(lines) + "\n")
    (out / "pw_dec_fir.json").write_text(json.dumps(
        {"taps": taps, "scale": SCALE, "l1": l1, "figures": fig}, indent=1) + "\n")
    for clock, f in fig.items():
        print(f"FIR at {clock}: gain 1 within {f['mains_gain_error']:.1e} to 70 Hz, +-{f['pass_ripple_db']:.4f} dB to 3 kHz, from {f['stop_from_hz']:.0f} Hz "
              f"{f['stop_db']:.1f} dB, sinc4 first zone {f['sinc4_first_zone_db']:.1f} dB")


if __name__ == "__main__":
    main()
