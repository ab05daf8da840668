# SPDX-License-Identifier: Apache-2.0
"""The test points: which waveforms at which loads. A case is a run with one set of voltages and up to 24 loads."""
import numpy as np

from bench import Case, Load, I_RATED
from waves import harmonics, scale_rms, smooth, theta

ROWS = 8192
VOLTS = 120.0
PF_LAG = {"1": 0.0, "0.5L": 60.0, "0.8C": -np.degrees(np.arccos(0.8)), "0.25L": np.degrees(np.arccos(0.25)), "0": 90.0, "-1": 180.0,
          "0.5C": -60.0, "-0.5L": 120.0}
CURRENTS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 150, 200]


def three_phase(th, volts=VOLTS, lags=(0, 120, 240)):
    return [harmonics(th, v, lag) for v, lag in zip(np.broadcast_to(volts, 3), lags)]


def sine_case(name, points, hz=60.0, volts_percent=100.0, lags=(0, 120, 240), volts=None, **more):
    """points: (percent of rated current, PF); CT k is metered with voltage k % 3."""
    th = theta(ROWS)
    v_rms = np.broadcast_to(VOLTS * volts_percent / 100 if volts is None else volts, 3)
    loads = [Load(harmonics(th, I_RATED * pct / 100, lags[k % 3] + PF_LAG[pf]), k % 3, pct, pf) for k, (pct, pf) in enumerate(points)]
    return Case(name, hz, three_phase(th, v_rms, lags), loads, volts_percent=volts_percent, nominal_hz=50 if hz < 55 else 60, **more)


def grid(currents, pfs):
    return [(c, p) for c in currents for p in pfs]


def main_curves(tag="", long_s=60.0, seconds=10.0, **more):
    """0.01 to 200 % of rated current at four power factors, and the ANSI load points; 60 Hz, 100 % voltage."""
    pfs = ("1", "0.5L", "0.8C", "0.25L")
    ansi = [1.5, 3, 15, 30, 75, 90]
    return [
        sine_case(tag + "low", grid(CURRENTS[:6], pfs), seconds=long_s, info="the lowest currents", **more),
        sine_case(tag + "middle", grid(CURRENTS[6:12], pfs), seconds=seconds, **more),
        sine_case(tag + "high", grid(CURRENTS[12:], pfs) + grid(ansi, ("1", "0.5L")), seconds=seconds, **more),
        sine_case(tag + "export", grid([0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 150, 200], ("-1", "0")), seconds=seconds, **more),
        sine_case(tag + "lead", grid([0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 150, 200], ("0.5C", "-0.5L")), seconds=seconds, **more),
    ]


INFLUENCE = grid([1, 2, 5, 10, 50, 100], ("1", "0.5L", "0.8C", "0.25L"))


def frequencies(hz=(45, 50, 55, 65, 49, 51, 58.8, 61.2), seconds=10.0, **more):
    wide = grid([0.1, 1, 5, 10, 100, 200], ("1", "0.5L", "0.8C", "0.25L"))
    return [sine_case(f"hz{f:g}", wide if f in (45, 50, 55, 65) else INFLUENCE, hz=float(f), seconds=seconds, **more) for f in hz]


def voltages(percent=(50, 70, 80, 90, 110, 115, 120), seconds=10.0):
    return [sine_case(f"volts{p}", INFLUENCE, volts_percent=float(p), seconds=seconds) for p in percent]


def unbalance(seconds=10.0):
    return [
        sine_case("unbalance", INFLUENCE, volts=np.array([0.8, 1.0, 1.1]) * VOLTS, seconds=seconds, info="voltages 80, 100, 110 %"),
        sine_case("one_voltage", INFLUENCE, volts=np.array([1.0, 0.0, 0.0]) * VOLTS, seconds=seconds, info="B and C interrupted"),
        sine_case("lost_a", INFLUENCE, volts=np.array([0.0, 1.0, 1.0]) * VOLTS, seconds=seconds, settle=4.0,
                  info="A interrupted: windows count on another voltage"),
        sine_case("reversed", INFLUENCE, lags=(0, 240, 120), seconds=seconds, info="phase sequence reversed"),
    ]


# facts/accuracy.md 1.6 and 1.8 (both M): order, percent, degrees
FIFTH_V, FIFTH_I = [(5, 10, 0)], [(5, 40, 0)]
QUADRIFORM_I = [(3, 30, 0), (5, 18, 0), (7, 14, 0), (11, 9, 0), (13, 5, 0)]
QUADRIFORM_V = [(3, 3.8, 180), (5, 2.4, 180), (7, 1.7, 180), (11, 1.0, 180), (13, 0.8, 180)]
PEAKED_I = [(3, 30, 180), (5, 18, 0), (7, 14, 180), (11, 9, 0), (13, 5, 0)]
PEAKED_V = [(3, 3.8, 0), (5, 2.4, 180), (7, 1.7, 0), (11, 1.0, 180), (13, 0.8, 180)]
# Their amplitudes are not public: strong enough for three crossings where a sine has one.
MZC_I = [(5, 40, 180), (7, 20, 180)]
MZC_V = [(5, 30, 180), (7, 10, 180)]
LEVELS = [0.1, 1, 5, 10, 20, 50, 75, 100]


def harmonic_case(seconds=10.0):
    """Va 5th harmonic, Vb quadriform, Vc peaked; each with currents of its own shape."""
    th, lags = theta(ROWS), (0, 120, 240)
    shapes = [("5th harmonic", FIFTH_V, FIFTH_I), ("quadriform", QUADRIFORM_V, QUADRIFORM_I), ("peaked", PEAKED_V, PEAKED_I)]
    v = [harmonics(th, VOLTS, lags[k], s[1]) for k, s in enumerate(shapes)]
    loads = [Load(harmonics(th, I_RATED * pct / 100, lags[k], s[2]), k, pct, "1", s[0]) for k, s in enumerate(shapes) for pct in LEVELS]
    return Case("harmonics", 60.0, v, loads, seconds=seconds)


def half_pulses(th):
    """Raised cosines of 60 degrees at the crests of the voltage."""
    a = (th % (2 * np.pi)) - np.pi / 2
    one = lambda x: np.where(np.abs(x) < np.pi / 6, 0.5 * (1 + np.cos(6 * x)), 0.0)
    return one(a) - one(a - np.pi)


def fired(th):
    """Resistor from 90 degrees on in each half cycle."""
    return np.where((th % np.pi) >= np.pi / 2, np.sin(th), 0.0)


def half_wave(th):
    return np.maximum(np.sin(th), 0.0)


def burst(th):
    """Two cycles on, two off."""
    return np.where((th % (8 * np.pi)) < 4 * np.pi, np.sin(th), 0.0)


def shapes_case(seconds=10.0, levels=(5, 20, 50, 100)):
    """Sinusoidal voltages; pulses, phase-fired, half-wave rectified, bursts, multiple zero crossings, and a sine for the change of error."""
    cycles, rows, lags = 4, 32768, (0, 120, 240)
    th = theta(rows, cycles)
    makers = [("pulse", half_pulses), ("phase-fired 90", fired), ("half-wave rectified", half_wave), ("burst 2 on 2 off", burst),
              ("multiple zero crossings I", lambda a: harmonics(a, 1.0, 0, MZC_I)), ("sine", np.sin)]
    loads = []
    for k, (kind, make) in enumerate(makers):
        phase = k % 3
        wave = make(th - np.radians(lags[phase]) + 2 * np.pi * cycles)
        if kind != "burst 2 on 2 off":
            wave = smooth(wave, cycles, 200)
        for pct in levels:
            loads.append(Load(scale_rms(wave, I_RATED * pct / 100), phase, pct, "1", kind))
    return Case("shapes", 60.0, three_phase(th), loads, cycles=cycles, seconds=seconds)


def mzc_voltage_case(seconds=10.0):
    th, lags = theta(ROWS), (0, 120, 240)
    loads = [Load(harmonics(th, I_RATED * pct / 100, lags[k] + PF_LAG[pf]), k, pct, pf, "multiple zero crossings V")
             for pct in (1, 10, 50, 100) for pf in ("1", "0.5L") for k in range(3)]
    return Case("mzc_voltage", 60.0, [harmonics(th, VOLTS, lag, MZC_V) for lag in lags], loads, seconds=seconds)


PASS_BAND = [60.0 * h for h in range(1, 51)] + [3060.0 + 60 * k for k in range(22)]


def stop_band(fs_hz, zones=(1, 2, 3, 4, 8, 12)):
    """Tones that fold onto 0 .. 3 kHz: beside multiples of the sample rate; on a grid of 20 Hz."""
    return [round((k * fs_hz + d) / 20) * 20.0 for k in zones for d in (-2990, -2400, -1500, -700, -300, -60, 60, 300, 700, 1500, 2400, 2990)]


def tones_case(name, hz, period_s, rows, seconds, level=0.5):
    """One tone a CT, `level` of full scale; voltages 0. hz: multiples of 1 / period_s."""
    t = np.arange(rows) / rows * period_s
    loads = [Load(800.0 * level * np.sin(2 * np.pi * f * t), 0, 0.0, "-", f"{f:g} Hz") for f in hz]
    return Case(name, 1 / period_s, [np.zeros(rows)] * 3, loads, seconds=seconds, settle=1.0)


def crosstalk_case(aggressor_on, seconds=0.5, aggressor=10):
    """One CT at the edge of full scale (0.9), the others and the voltages without input; 60 Hz."""
    th = theta(ROWS)
    loads = [Load(np.zeros(ROWS), 0, 0.0, "-", "victim") for _ in range(24)]
    if aggressor_on:
        loads[aggressor] = Load(0.9 * 800.0 * np.sin(th), 0, 0.0, "-", "aggressor")
    return Case("crosstalk_on" if aggressor_on else "crosstalk_off", 60.0, [np.zeros(ROWS)] * 3, loads, seconds=seconds, settle=0.5)


def creep_case(seconds=60.0, **more):
    """115 % of voltage, nothing through the CTs."""
    th = theta(ROWS)
    loads = [Load(np.zeros(ROWS), k % 3, 0.0, "-", "no load") for k in range(24)]
    return Case("creep", 60.0, three_phase(th, 1.15 * VOLTS), loads, volts_percent=115.0, seconds=seconds, **more)


REALISTIC = dict(noise_dbfs=-90.0, leakage=1e-3, offset=1e-3)
