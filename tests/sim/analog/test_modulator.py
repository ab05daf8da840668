# SPDX-License-Identifier: Apache-2.0
"""Modulator: density of ones, noise, overload, leakage; determinism of whole panels."""
import ctypes as C
import os
import time

import numpy as np
import pytest

import analog


def run(dc, amplitude=0.0, cycles_per_clock=0.0, noise=-999.0, leakage=0.0, n=1 << 18, seed=7):
    lib = C.CDLL(os.path.join(analog.BUILD, "libmodshim.so"))
    out = np.empty(n, np.uint8)
    lib.mod_run(C.c_double(dc), C.c_double(amplitude), C.c_double(cycles_per_clock), C.c_double(noise), C.c_double(leakage),
                C.c_uint64(seed), C.c_size_t(n), out.ctypes.data_as(C.c_void_p))
    return out


@pytest.mark.parametrize("dc", [-0.9, -0.7, -0.5, -1 / 3, -0.01, -1e-4, 0.0, 1e-5, 0.003, 0.25, 0.5, 0.777, 0.9])
def test_density_follows_input(dc):
    n = 1 << 22                                     # 33.5 million clocks, 8 s
    ones = np.unpackbits(run(dc, n=n)).sum(dtype=np.int64)
    assert abs(2 * ones / (8 * n) - 1 - dc) < 1e-6


def test_density_with_noise_is_unbiased():
    n = 1 << 22
    for dc in (-0.6, 0.0, 0.3):
        ones = np.unpackbits(run(dc, noise=-106, n=n)).sum(dtype=np.int64)
        assert abs(2 * ones / (8 * n) - 1 - dc) < 1e-6


def in_band_snr(noise, amplitude=0.7, n=1 << 19):
    k = 37 / (n * 8)                                # whole cycles: 294 Hz
    x = analog.sinc4(analog.bits(run(0.0, amplitude, k, noise, n=n)), 512)[8:]
    t = np.arange(len(x))
    w = 2 * np.pi * k * 512
    a = np.column_stack([np.sin(w * t), np.cos(w * t), np.ones_like(t)])
    fit = a @ np.linalg.lstsq(a, x, rcond=None)[0]
    return 10 * np.log10(np.mean((fit - fit.mean()) ** 2) / np.mean((x - fit) ** 2))


def test_snr_of_quantisation_alone():
    snr = in_band_snr(-999)
    print(f"second order, OSR 512, no thermal noise: {snr:.1f} dB")
    assert snr > 112                                # 50 log10 512 - 11.1 = 124.3 dB for an ideal brick wall


@pytest.mark.parametrize("noise", [-106, -90])
def test_snr_with_thermal_noise_is_as_specified(noise):
    """noise= is dB of a full-scale sine in 0 .. fs/2; the sinc4 passes 0.48 of that band's noise power (-3.2 dB)."""
    r = 512
    box = np.ones(r) / r
    h = np.convolve(np.convolve(box, box), np.convolve(box, box))
    share = np.sum(h ** 2) * r                      # noise power of the decimated signal : density x fs / 2
    want = -noise + 20 * np.log10(0.7) - 10 * np.log10(share)
    assert abs(in_band_snr(noise) - want) < 0.7


def test_leakage_makes_a_dead_zone():
    n = 1 << 20
    dc = 2e-5
    tight = 2 * np.unpackbits(run(dc, n=n)).sum(dtype=np.int64) / (8 * n) - 1
    leaky = 2 * np.unpackbits(run(dc, leakage=1e-2, n=n)).sum(dtype=np.int64) / (8 * n) - 1
    assert abs(tight - dc) < 1e-6 and abs(leaky - dc) > 3e-6


def test_overload_is_constant_with_an_opposite_bit_every_128_clocks(tmp_path):
    scn = tmp_path / "o.scn"
    scn.write_text("service wye 120\nct 0 rated=20\nload 0 heater amps=400\n")
    p = analog.Panel(scn, n_ct=1)
    x = analog.bits(p.bytes(8688)[:, 3])            # one cycle
    i = np.abs(x.reshape(-1, 128).sum(axis=1))
    assert np.sum(i == 126) > 400                   # most of a cycle is far beyond full scale
    blocks = x.reshape(-1, 128)[i == 126]
    assert {int(np.argmin(b * np.sign(b.sum()))) for b in blocks} == {127}


def test_recovers_from_overload(tmp_path):
    scn = tmp_path / "o.scn"
    scn.write_text("service wye 120\nct 0 rated=20 noise=-140\nload 0 heater amps=60\n")   # 85 A peak of 80 A
    p = analog.Panel(scn, n_ct=1)
    x = analog.bits(p.bytes(8681 * 4)[:, 3])
    y = analog.sinc4(x, 128)
    t = (np.arange(len(y)) * 128 + 254) / analog.FMOD
    ideal = 60 * 2 ** .5 / 80 * np.sin(2 * np.pi * 60 * t)
    calm = np.abs(ideal) < 0.8
    assert np.max(np.abs(y - ideal)[calm]) < 0.01


def test_same_seed_same_bits_other_seed_other_bits():
    path = os.path.join(analog.SCENARIOS, "panel24.scn")
    a, b, c = (analog.Panel(path, seed=s).bytes(3000) for s in (5, 5, 6))
    assert np.array_equal(a, b) and not np.array_equal(a, c)


def test_vector_clones_give_the_same_bits():
    path = os.path.join(analog.SCENARIOS, "panel24.scn")
    plain = analog.library("libpwanalog_sse2.so")
    a = analog.Panel(path)
    b = analog.Panel(path, lib=plain)
    assert np.array_equal(a.bytes(200000), b.bytes(200000))
    assert bytes(a.truth(1.5e6)) == bytes(b.truth(1.5e6))


def test_speed():
    p = analog.Panel(os.path.join(analog.SCENARIOS, "panel24.scn"))
    best = 1e9
    for _ in range(3):
        t = time.process_time()
        p.bytes(50000)
        best = min(best, time.process_time() - t)
    ns = best / 400000 * 1e9
    print(f"{ns:.0f} ns a modulator clock for 27 channels, Python's call included")
    assert ns < 240                                 # one core keeps up with 4.17 MHz
