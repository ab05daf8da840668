#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""C model of the decimator against an independent reference in numpy, and its response measured through bitstreams.

The reference knows nothing of bytes, bases or passes: it delays a stream, sums it four times bit by bit, and
convolves. usage: test_model.py build/decimate/libdec.so build/gen/pw_dec_fir.json [seed]
"""
import ctypes
import json
import sys

import numpy as np

R, DEC = 128, 512
FMOD = (50e6 / 11, 5e6, 5.25e6)
U8 = np.ctypeslib.ndpointer(np.uint8, flags="C")
I32 = np.ctypeslib.ndpointer(np.int32, flags="C")
U32 = np.ctypeslib.ndpointer(np.uint32, flags="C")
F64 = np.ctypeslib.ndpointer(np.float64, flags="C")


class Model:
    """The C model, a whole recording a call."""

    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        self.lib.dec_run.argtypes = [ctypes.c_uint, ctypes.c_uint, U32, U8, U8, I32, I32]
        self.lib.sdm_run.argtypes = [ctypes.c_uint, ctypes.c_uint, F64, F64, F64, U8]
        self.lib.sdm_run.restype = None
        self.settle = self.lib.dec_settle_sets()
        self.group_delay = self.lib.dec_group_delay()

    def run(self, data, delays=None):
        """data[frame][ch] -> delayed bytes, sinc4 samples, output samples."""
        n_frames, n_ch = data.shape
        delays = np.zeros(n_ch, np.uint32) if delays is None else np.array(delays, np.uint32)
        delayed = np.zeros((n_frames, n_ch), np.uint8)
        sinc4 = np.zeros((n_frames // 16, n_ch), np.int32)
        out = np.zeros((n_frames // 64 + 1, n_ch), np.int32)
        n = self.lib.dec_run(n_ch, n_frames, delays, np.ascontiguousarray(data), delayed, sinc4, out)
        assert n >= 0, "model refused a delay"
        return delayed, sinc4, out[:n]

    def modulate(self, n_sets, freq, amp, phase):
        """Bytes of a modulator per channel; freq in units of fmod."""
        data = np.zeros((64 * n_sets, len(freq)), np.uint8)
        self.lib.sdm_run(len(freq), 64 * n_sets, *(np.array(a, float) for a in (amp, freq, phase)), data)
        return data


def to_bits(data):
    return np.unpackbits(data, axis=0, bitorder="little") if data.ndim == 1 else \
        np.stack([np.unpackbits(data[:, c], bitorder="little") for c in range(data.shape[1])], axis=1)


def reference(bits, delay, taps, scale):
    """One channel: sinc4 samples, all FIR samples (settling included), and the exact sinc4 times 16."""
    b = np.concatenate([np.zeros(delay, np.int64), bits.astype(np.int64)])[:len(bits)]
    i4 = b
    for _ in range(4):
        i4 = np.cumsum(i4)                                  # wraps at 2^64, which is harmless
    i4 = np.concatenate([np.zeros(3, np.int64), i4])[:len(b)]
    x = ((i4 & (2 ** 28 - 1)) >> 4)[R - 1::R]
    padded = np.concatenate([np.zeros(4, np.int64), x])
    sinc4 = (np.diff(padded, 4) & (2 ** 24 - 1)) - 2 ** 23
    h = np.array([1], np.int64)
    for _ in range(4):
        h = np.convolve(h, np.ones(R, np.int64))
    exact = np.convolve(np.concatenate([np.zeros(3, np.int64), b]), h)[:len(b)][R - 1::R]
    y = np.convolve(np.concatenate([np.zeros(len(taps) - 1, np.int64), sinc4]), np.array(taps, np.int64), "valid")[3::4]
    fir = np.clip((y + 2 ** (scale - 1)) >> scale, -2 ** 23, 2 ** 23 - 1)
    return sinc4, fir, exact


def blackman_harris(n):
    t = 2 * np.pi * np.arange(n) / n
    return 0.35875 - 0.48829 * np.cos(t) + 0.14128 * np.cos(2 * t) - 0.01168 * np.cos(3 * t)


def fit(samples, freq):
    """Complex amplitude of a sine of that frequency (units of the sample rate), with DC; Blackman-Harris weights."""
    n = np.arange(len(samples))
    w = blackman_harris(len(samples))
    a = np.stack([np.sin(2 * np.pi * freq * n), np.cos(2 * np.pi * freq * n), np.ones(len(n))], axis=1)
    sol = np.linalg.lstsq(a * w[:, None], samples * w, rcond=None)[0]
    return complex(sol[0], sol[1])


class Tests:
    def __init__(self, model, fir, seed):
        self.model, self.taps, self.scale = model, fir["taps"], fir["scale"]
        self.rng = np.random.default_rng(seed)
        self.passed = self.failed = 0

    def check(self, name, ok, detail=""):
        self.passed += bool(ok)
        self.failed += not ok
        if not ok or detail:
            print(f"{'ok  ' if ok else 'FAIL'} {name}{': ' + detail if detail else ''}")

    def random_bytes(self, n_frames, n_ch, density):
        return np.packbits((self.rng.random((n_frames, 8, n_ch)) < density).astype(np.uint8), axis=1,
                           bitorder="little")[:, 0, :]

    def against_reference(self):
        worst = 0
        for density in (0.0, 0.02, 0.3, 0.5, 0.5, 0.8, 0.98):
            data = self.random_bytes(64 * (self.model.settle + 12), 6, density)
            delays = [0, 1, 7, 8, int(self.rng.integers(240)), 239]
            _, sinc4, out = self.model.run(data, delays)
            for ch, delay in enumerate(delays):
                want4, want, exact = reference(to_bits(data[:, ch]), delay, self.taps, self.scale)
                error = (sinc4[:, ch] + 2 ** 23) * 16 - exact
                worst = max(worst, int(np.max(np.abs(error))))
                self.check(f"density {density}, delay {delay}",
                           np.array_equal(sinc4[:, ch], want4) and np.array_equal(out[:, ch], want[self.model.settle:]))
        self.check("sinc4 beside the direct convolution", worst <= 15 * 8, f"off by at most {worst / 16:.1f} LSB of s24")
        data = np.full((64 * (self.model.settle + 4), 1), 255, np.uint8)
        data[64 * (self.model.settle + 1):] = 0             # from rail to rail: the FIR overshoots, and saturates
        data[64 * (self.model.settle + 1) - 1] = 127
        _, _, out = self.model.run(data)
        self.check("rail to rail", np.array_equal(out[:, 0], reference(to_bits(data[:, 0]), 0, self.taps, self.scale)[1][self.model.settle:]))

    def saturation(self):
        """A stream that drives the FIR over both rails."""
        n = 64 * (self.model.settle + 24)
        t = np.arange(n * 8)
        bits = np.sin(2 * np.pi * 2950 / FMOD[0] * t) > 0
        bits ^= t % 64 == 0                                 # all ones would wrap to -FS
        data = np.packbits(bits.astype(np.uint8), bitorder="little")[:, None]
        _, _, out = self.model.run(data)
        want = reference(to_bits(data[:, 0]), 0, self.taps, self.scale)[1][self.model.settle:]
        self.check("saturation", np.array_equal(out[:, 0], want) and out.max() == 2 ** 23 - 1 and out.min() == -2 ** 23)

    def every_delay(self):
        data = self.random_bytes(64 * (self.model.settle + 3), 1, 0.5)
        bits = to_bits(data[:, 0])
        wrong = []
        for first in range(0, 240, 60):
            delays = list(range(first, first + 60))
            delayed, _, out = self.model.run(np.repeat(data, 60, axis=1), delays)
            shifted = np.stack([np.packbits(np.concatenate([np.zeros(d, np.uint8), bits])[:len(bits)], bitorder="little")
                                for d in delays], axis=1)
            _, _, plain = self.model.run(shifted)
            wrong += [d for i, d in enumerate(delays)
                      if not np.array_equal(delayed[:, i], shifted[:, i]) or not np.array_equal(out[:, i], plain[:, i])]
        self.check("delay of d clocks is d clocks, d = 0..239", not wrong, f"wrong: {wrong}" if wrong else "")
        lib = self.model.lib
        self.check("range of delay and channel", [lib.dec_set_delay(27, *a) for a in
                                                  ((0, 239), (26, 0), (27, 0), (0, 240), (63, 1), (0, 2 ** 31))] == [0, 0] + [-1] * 4)

    def crosstalk(self):
        data = self.random_bytes(64 * (self.model.settle + 6), 27, 0.5)
        delays = self.rng.integers(0, 240, 27)
        _, base4, base = self.model.run(data, delays)
        for victim in (0, 2, 3, 13, 26):
            other = data.copy()
            other[:, victim] = self.random_bytes(len(data), 1, 0.9)[:, 0]
            _, now4, now = self.model.run(other, delays)
            keep = np.arange(27) != victim
            self.check(f"crosstalk from channel {victim}", np.array_equal(now[:, keep], base[:, keep]) and
                       np.array_equal(now4[:, keep], base4[:, keep]) and not np.array_equal(now[:, victim], base[:, victim]))

    def tones(self, hz, fmod, n_sets=1800, amp=0.7):
        """Gain of each tone from the bitstream to the samples, complex, at the frequency the tone folds to."""
        freq = np.array(hz, float) / fmod
        data = self.model.modulate(n_sets + self.model.settle, freq, np.full(len(freq), amp), self.rng.random(len(freq)))
        out = self.model.run(data)[2]
        gains = []
        for ch, f in enumerate(freq):
            first = DEC * (self.model.settle + 1) - 1 - self.model.group_delay    # instant of the first set, in bits
            bits = to_bits(data[:, ch])[first % DEC:].astype(float) * 2 - 1
            n = np.arange(len(bits)) + first % DEC
            w = blackman_harris(len(bits))
            a_in = 2j * np.sum(w * bits * np.exp(-2j * np.pi * f * n)) / np.sum(w)
            a_out = fit(out[:, ch] / 2.0 ** 23, f * DEC)
            gains.append(a_out / (a_in * np.exp(2j * np.pi * (f * first))))
        return np.array(gains)

    def response(self):
        for fmod in FMOD:
            hz = [50.0, 60.0, 150.0, 400.0, 700.0, 1000.0, 1300.0, 1600.0, 1900.0, 2200.0, 2500.0, 2700.0, 2850.0, 3000.0]
            g = self.tones(hz, fmod)
            db = 20 * np.log10(np.abs(g))
            late = -np.angle(g) / (2 * np.pi * np.array(hz)) * 1e9
            self.check(f"pass band, fmod {fmod / 1e6:.4f} MHz", np.max(np.abs(db)) <= 0.01, f"+-{np.max(np.abs(db)):.4f} dB")
            mains = np.max(np.abs(np.abs(g[:2]) - 1))
            self.check("gain at 50 and 60 Hz", mains <= 1e-5, f"1 within {mains:.1e}")
            self.check("group delay as declared", np.max(np.abs(late)) <= 5, f"within {np.max(np.abs(late)):.2f} ns")
            fs = fmod / DEC
            far = [4 * fs - 3000, 4 * fs - 60, 4 * fs + 3000, 8 * fs - 3000]      # sinc4 alone
            near = [fs - 3000, fs - 2500, fs - 1000, fs - 60, fs + 300, fs + 1500, fs + 3000, 2 * fs - 3000, 2 * fs - 1234,
                    2 * fs - 60, 2 * fs + 777, 2 * fs + 3000, 3 * fs - 3000, 3 * fs + 2000]
            for name, zone, limit in (("FIR zones", near, -80.0), ("sinc4 zones", far, -80.0)):
                db = 20 * np.log10(np.abs(self.tones(zone, fmod)))
                w = int(np.argmax(db))
                self.check(f"alias rejection, {name}", db[w] <= limit, f"{db[w]:.1f} dB at worst, from {zone[w]:.0f} Hz")

    def impulse(self):
        """One bit more: the response to it is symmetric about the declared delay."""
        data = np.full((64 * (self.model.settle + 20), 512), 0x55, np.uint8)
        at = 8 * 64 * (self.model.settle + 2)
        for phase in range(0, 512):
            data[(at + phase) // 8, phase] |= np.uint8(1 << ((at + phase) % 8))
        rows = []
        for first in range(0, 512, 64):
            base = self.model.run(np.full((len(data), 64), 0x55, np.uint8))[2]
            rows.append(self.model.run(data[:, first:first + 64])[2] - base)
        resp = np.concatenate(rows, axis=1).astype(float)   # [set][phase]; one bits (phase odd) only flips zeros
        sets = (np.arange(resp.shape[0]) + self.model.settle + 1) * DEC - 1
        age = sets[:, None] - (at + np.arange(512))[None, :]
        weight = resp.sum()
        centre = (resp * age).sum() / weight
        self.check("impulse response centre", abs(centre - self.model.group_delay) < 0.6,
                   f"{centre:.2f}, declared {self.model.group_delay}")

    def run(self):
        for test in (self.against_reference, self.saturation, self.every_delay, self.crosstalk, self.impulse, self.response):
            test()
        print(f"decimator model: {self.passed} passed, {self.failed} failed")
        return self.failed != 0


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as f:
        FIR = json.load(f)
    sys.exit(Tests(Model(sys.argv[1]), FIR, int(sys.argv[3]) if len(sys.argv) > 3 else 1).run())
