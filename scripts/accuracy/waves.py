# SPDX-License-Identifier: Apache-2.0
"""Analog waveforms in double precision, as samples of one period, and the truth computed from them. Nothing here knows the meter.

A waveform is a numpy array over one period of the stimulus, which may hold several mains cycles. Volts and amperes.
"""
import numpy as np

DEG = np.pi / 180


def theta(rows, cycles=1):
    """Angle of the fundamental at each row of a period of `cycles` mains cycles."""
    return 2 * np.pi * cycles * np.arange(rows) / rows


def harmonics(th, rms, lag_deg, parts=()):
    """Fundamental of `rms`, lagging by lag_deg, plus (order, percent, degrees): each harmonic is shifted in time with the fundamental."""
    a = th - lag_deg * DEG
    wave = np.sin(a)
    for order, percent, degrees in parts:
        wave = wave + percent / 100 * np.sin(order * a + degrees * DEG)
    return np.sqrt(2) * rms * wave


def smooth(wave, cycles, top):
    """Band-limits to harmonic `top` of the mains with a raised-cosine end, so that edges ring little and the cubic of the bench is exact."""
    spec = np.fft.rfft(wave)
    h = np.arange(spec.size) / cycles
    spec *= np.where(h <= top / 2, 1, np.where(h >= top, 0, 0.5 * (1 + np.cos(np.pi * (h - top / 2) / (top / 2)))))
    return np.fft.irfft(spec, wave.size)


def scale_rms(wave, rms):
    return wave * (rms / np.sqrt(np.mean(wave ** 2)))


def without_dc(wave):
    return wave - np.mean(wave)


class Truth:
    """What an ideal meter shows for a voltage and a current over a period; DC of both taken off, as CT-operated meters do."""

    def __init__(self, v, i, period_s, cycles):
        v, i = without_dc(v), without_dc(i)
        self.period_s = period_s
        p = v * i
        self.p = np.mean(p)
        self.v = np.sqrt(np.mean(v ** 2))
        self.i = np.sqrt(np.mean(i ** 2))
        self.s = self.v * self.i
        fv, fi = (2 * np.fft.rfft(x)[cycles] / x.size for x in (v, i))
        s1 = fv * np.conj(fi) / 2
        self.p1, self.q1 = s1.real, s1.imag                    # of the fundamental; + inductive
        self.pf = self.p / self.s if self.s else 0.0
        self._p = np.fft.rfft(p) / p.size
        q = np.real(-1j * fv * np.exp(1j * theta(v.size, cycles))) * i   # voltage's fundamental, 90 degrees late
        self._q = np.fft.rfft(q) / q.size

    def _integral(self, spec, t0, t1):
        k = np.arange(1, spec.size)
        w = 2 * np.pi * k / self.period_s
        swing = (np.exp(1j * w * t1) - np.exp(1j * w * t0)) / (1j * w)
        return spec[0].real * (t1 - t0) + 2 * np.sum((spec[1:] * swing).real)

    def energy_j(self, t0, t1):
        """Joule between two instants: the periodic power integrated term by term."""
        return self._integral(self._p, t0, t1)

    def reactive_j(self, t0, t1):
        return self._integral(self._q, t0, t1)
