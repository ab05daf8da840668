#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy of the analysis block: model (bit for bit the RTL) and driver against float64 numpy. test_accuracy.py LIB REPORT.json [SEED]"""
import ctypes
import json
import pathlib
import sys

import numpy as np

FS = 9765.625
N_CH = 27
HARMONICS = 50
lib = ctypes.CDLL(str(pathlib.Path(sys.argv[1]).resolve()))
results, figures = [], {}


def check(name, ok, text=""):
    results.append(bool(ok))
    print(f"{'ok  ' if ok else 'FAIL'} {name}{': ' + text if text else ''}")


def ptr(a, kind):
    return a.ctypes.data_as(ctypes.POINTER(kind))


def start(step, cycles, detail=(0, 1, 3), ring_log2=0):
    return lib.ana_start(N_CH, ring_log2, ctypes.c_uint32(step), cycles, (ctypes.c_uint8 * 3)(*detail))


def push(z, max_pass=64, max_half=4096):
    z = np.ascontiguousarray(z, dtype=np.int32)
    fund, harm = np.zeros((max_pass, N_CH, 2)), np.zeros((max_pass, 3, HARMONICS, 2))
    half, n_half = np.zeros((max_half, 5)), ctypes.c_uint()
    n = lib.ana_push(ptr(z, ctypes.c_int32), len(z), max_pass, ptr(fund, ctypes.c_double), ptr(harm, ctypes.c_double), max_half,
                     ptr(half, ctypes.c_double), ctypes.byref(n_half))
    if n < 0:
        sys.exit(f"test_accuracy: ana_push: {n}")
    return fund[:n] @ [1, 1j], harm[:n] @ [1, 1j], half[:n_half.value]


def quantise(x):
    return np.clip(np.round(x * 2 ** 23), -2 ** 23, 2 ** 23 - 1).astype(np.int32)


def passes(step, cycles, n):
    """Phase of each frame in turns, and the frames of each pass: the oscillator starts after the first frame."""
    wstep = (step + cycles // 2) // cycles
    k = np.arange(n, dtype=np.int64) - 1
    u = k * wstep
    return (k * step % 2 ** 32) / 2.0 ** 32, u / 2.0 ** 32, wstep


def reference(z, step, cycles, which, h):
    """Phasors of a pass: float64 DFT with the same window."""
    phi, u, wstep = passes(step, cycles, len(z))
    sel = np.floor(u) == which
    w = 0.5 - 0.5 * np.cos(2 * np.pi * u[sel])
    return 4 * wstep / 2.0 ** 32 * (w * np.exp(-2j * np.pi * h * phi[sel])) @ (z[sel] / 2.0 ** 23)


def db(x):
    return 20 * np.log10(max(float(np.max(np.abs(x))), 1e-30))


def sine_test(rng):
    """One sine near full scale: amplitude, angle, leakage onto all other harmonics, for a step right to 0 and 1e-5."""
    worst = {"amplitude_ppm": 0.0, "angle_mdeg": 0.0, "leak_db": -999.0, "leak_1e5_db": -999.0, "leak_1e3_db": -999.0}
    for f in (45.0, 49.7, 50.0, 55.3, 59.97, 60.0, 65.0):
        cycles = 10 if f < 55 else 12
        step = round(f / FS * 2 ** 32)
        n = 3 * 3072
        phi, _, _ = passes(step, cycles, n)
        for error, key in ((0.0, "leak_db"), (1e-5, "leak_1e5_db"), (-1e-5, "leak_1e5_db"), (1e-3, "leak_1e3_db")):
            angle = rng.uniform(-np.pi, np.pi, N_CH)
            true_phi = (np.arange(n) - 1) * (step / 2.0 ** 32) * (1 + error)
            z = quantise(0.98 * np.cos(2 * np.pi * true_phi[:, None] + angle))
            if start(step, cycles) != 0:
                sys.exit("test_accuracy: step refused")
            fund, harm, _ = push(z)
            leak = db(harm[:, :, 1:]) - 20 * np.log10(0.98)
            worst[key] = max(worst[key], leak)
            if error == 0.0:
                ratio = fund / (0.98 * np.exp(1j * angle))
                worst["amplitude_ppm"] = max(worst["amplitude_ppm"], 1e6 * np.max(np.abs(np.abs(ratio) - 1)))
                worst["angle_mdeg"] = max(worst["angle_mdeg"], 1e3 * np.max(np.abs(np.degrees(np.angle(ratio)))))
                if not np.array_equal(harm[:, 2, 0], fund[:, 3]):
                    check("h = 1 of a slot is the fundamental of its channel", False)
    figures["sine"] = worst
    check("amplitude of a sine", worst["amplitude_ppm"] < 5, f"{worst['amplitude_ppm']:.2f} ppm, limit 5")
    check("angle of a sine", worst["angle_mdeg"] < 0.5, f"{worst['angle_mdeg']:.3f} m degrees, limit 0.5")
    check("leakage onto other harmonics, step exact", worst["leak_db"] < -100, f"{worst['leak_db']:.1f} dB, limit -100")
    check("same, step off by 1e-5", worst["leak_1e5_db"] < -100, f"{worst['leak_1e5_db']:.1f} dB, limit -100 (asked: -90)")
    check("same, step off by 1e-3", worst["leak_1e3_db"] < -90, f"{worst['leak_1e3_db']:.1f} dB, limit -90")


def harmonic_test(rng):
    """Each harmonic alone, 0.01 % of a fundamental of 1 % of full scale: 1e-6 of full scale, 8 LSB of a sample."""
    worst = 0.0
    for f in (50.0, 60.0):
        cycles, step = (10 if f < 55 else 12), round(f / FS * 2 ** 32)
        n = 2 * 2100
        phi, _, _ = passes(step, cycles, n)
        for h in range(2, HARMONICS + 1):
            a, b = rng.uniform(-np.pi, np.pi, (2, 3))
            x = np.zeros((n, N_CH))
            x[:, [0, 1, 3]] = 0.01 * np.cos(2 * np.pi * phi[:, None] + a) + 1e-6 * np.cos(2 * np.pi * h * phi[:, None] + b)
            start(step, cycles)
            _, harm, _ = push(quantise(x))
            worst = max(worst, np.max(np.abs(harm[:, :, h - 1] - 1e-6 * np.exp(1j * b))) / 1e-6)
    figures["small_harmonic_error_pct"] = 100 * worst
    check("harmonic of 0.01 % of a fundamental of 1 % FS", worst < 0.05, f"error {100 * worst:.2f} %, limit 5 %")


def dft_test(rng):
    """Noise, harmonics and all at once against a float64 DFT of the same samples: what the block's own arithmetic adds."""
    step, cycles, n = round(59.93 / FS * 2 ** 32), 12, 2100
    phi, _, _ = passes(step, cycles, n)
    x = 0.05 * rng.standard_normal((n, N_CH))
    for h in range(1, HARMONICS + 1):
        x += 0.4 / h ** 1.3 * np.cos(2 * np.pi * (h * phi[:, None] + rng.random(N_CH)))
    z = quantise(0.6 * x / np.max(np.abs(x)))
    start(step, cycles, (2, 20, 26))
    fund, harm, _ = push(z)
    err = [fund[0, ch] - reference(z[:, ch], step, cycles, 0, 1) for ch in range(N_CH)]
    err += [harm[0, s, h - 1] - reference(z[:, ch], step, cycles, 0, h) for s, ch in enumerate((2, 20, 26)) for h in range(1, HARMONICS + 1)]
    figures["arithmetic_db_fs"] = db(err)
    check("block against float64 DFT, all sums", db(err) < -110, f"difference {db(err):.1f} dB of full scale, limit -110")


def range_test():
    """Rails of the accumulator: a square wave at both rails through the longest pass."""
    step, cycles = 12 * 1398102, 12
    n = 2 * 3072 + 2
    phi, _, _ = passes(step, cycles, n)
    square = np.where(np.cos(2 * np.pi * phi) >= 0, 2 ** 23 - 1, -2 ** 23)
    start(step, cycles)
    fund, harm, _ = push(np.repeat(square[:, None], N_CH, axis=1))
    want = [reference(square, step, cycles, 0, h) for h in range(1, HARMONICS + 1)]
    err = db(harm[0] - want)
    check("square wave at the rails, longest pass: no overflow", err < -100 and abs(abs(fund[0, 0]) - 4 / np.pi) < 1e-3, f"difference {err:.1f} dB, limit -100")


def half_test(rng):
    """Urms(1/2) of two neighbouring half cycles, and of a missing voltage."""
    worst, count = {0.9: 0.0, 0.34: 0.0, 0.034: 0.0}, 0
    for f in (45.0, 50.0, 60.0, 65.0):
        for a in worst:
            n, ph = int(FS), rng.random(3)
            x = np.zeros((n, N_CH))
            x[:, :3] = a * np.sin(2 * np.pi * (f / FS * np.arange(n)[:, None] + ph))
            start(0, 0)
            _, _, half = push(quantise(x))
            for ch in range(3):
                mine = half[half[:, 0] == ch][1:]
                rms = np.sqrt((mine[1:, 3] + mine[:-1, 3]) / (mine[1:, 2] + mine[:-1, 2]))
                true = []
                for b, e in zip(mine[:-1, 4] - mine[:-1, 2], mine[1:, 4]):     # the same samples in float64
                    true.append(np.sqrt(np.mean(x[int(b):int(e), ch] ** 2)))
                worst[a] = max(worst[a], 1e6 * float(np.max(np.abs(rms / true - 1))))
                count += len(mine)
                if np.any(mine[:, 1]) or abs(len(mine) - 2 * f) > 2:
                    check(f"half cycles at {f} Hz", False, f"{len(mine)} in a second")
    figures["urms_half_error_ppm"] = {f"{100 * a:g} % of full scale": e for a, e in worst.items()}
    check("Urms(1/2) of its samples", all(e * a < 5 for a, e in worst.items()),
          f"{', '.join(f'{e:.1f} ppm at {100 * a:g} % FS' for a, e in worst.items())}, {count} half cycles, limit 5 ppm of full scale")
    x = np.zeros((3000, N_CH))
    x[:, :3] = 0.3 * np.sin(2 * np.pi * 60 / FS * np.arange(3000))[:, None]
    x[1000:2000, 1] = 0.002 * rng.standard_normal(1000)
    start(0, 0)
    lib.ana_half_timeout(120)
    _, _, half = push(quantise(x))
    mine = half[half[:, 0] == 1]
    gone = mine[(mine[:, 4] > 1130) & (mine[:, 4] <= 2000)]
    check("missing voltage: pieces by time-out", len(gone) >= 6 and np.all(gone[:, 1] == 1) and np.all(gone[:, 2] == 120) and
          np.all(np.sqrt(gone[:, 3] / 120) < 0.003) and not np.any(half[half[:, 0] != 1][:, 1]))
    check("every sample is in one half cycle", np.all(np.cumsum(mine[:, 2]) == mine[:, 4]))


def ring_test(rng):
    """Trigger by level and by hand; what is read is what was there."""
    def state():
        s = (ctypes.c_uint32 * 9)()
        lib.ana_ring_state(s)
        return list(s)

    def read(frame, ch, n):
        out = np.zeros(n, dtype=np.int16)
        return lib.ana_ring_read(ctypes.c_uint32(frame), ch, n, ptr(out, ctypes.c_int16)), out

    z = quantise(0.2 * rng.standard_normal((900, N_CH)))
    z[700, 7] = -2 ** 22
    z[690, 8] = 2 ** 22                                                  # not enabled
    z[np.abs(z) > 2 ** 22 - 4096] = 2 ** 22 - 5000
    z[700, 7], z[690, 8], z[705, 9] = -2 ** 22 - 1, 2 ** 22, 2 ** 22
    start(0, 0, ring_log2=8)
    push(z[:100])
    ok = lib.ana_ring_arm(100, 4, 0, 0, 2 ** 14, ctypes.c_uint64(1 << 7 | 1 << 9)) == 0
    push(z[100:])
    s = state()
    check("ring: trigger by level", ok and s[:5] == [0, 1, 1, 2, 7] and s[6:] == [700, 545, 800], str(s))
    code, got = read(545, 0, 256 * N_CH)
    want = np.clip(z[545:801] >> np.array([4] * 3 + [0] * (N_CH - 3)), -32768, 32767).astype(np.int16)
    check("ring: all of it is right", code == 0 and np.array_equal(got.reshape(256, N_CH), want))
    code, got = read(701, 5, 60)
    check("ring: part of it", code == 0 and np.array_equal(got, want.ravel()[156 * N_CH + 5:156 * N_CH + 65]))
    check("ring: outside is refused", read(544, 0, 1)[0] == -1 and read(801, 0, 1)[0] == -1 and read(800, 1, N_CH)[0] == -1 and read(545, N_CH, 1)[0] == -1)
    start(0, 0, ring_log2=8)
    lib.ana_ring_arm(10, 8, 8, 0, 0, ctypes.c_uint64(0))
    push(z[:50])
    lib.ana_ring_trigger()
    push(z[50:100])
    s = state()
    check("ring: trigger by hand, started late", s[:5] == [0, 1, 1, 1, 0] and s[6:] == [50, 1, 60], str(s))
    code, got = read(1, 0, 60 * N_CH)
    check("ring: shift 8", code == 0 and np.array_equal(got, (z[1:61] >> 8).ravel().astype(np.int16)))


def main():
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = np.random.default_rng(seed)
    code = lib.ana_driver_checks()
    check("driver: ranges and states", code == 0, f"check {code}" if code else "")
    sine_test(rng)
    harmonic_test(rng)
    dft_test(rng)
    range_test()
    half_test(rng)
    ring_test(rng)
    report = pathlib.Path(sys.argv[2])
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps({"seed": seed, "fs_hz": FS, **figures}, indent=1) + "\n")
    failed = len(results) - sum(results)
    print(f"{sum(results)} passed, {failed} failed")
    sys.exit(failed != 0)


main()
