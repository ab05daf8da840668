# SPDX-License-Identifier: Apache-2.0
"""The test points: which waveforms at which loads. A case is a run with one set of voltages and up to 24 loads."""
import numpy as np

from bench import Case, Load, I_RATED
from waves import harmonics, scale_rms, smooth, theta

ROWS = 8192
VOLTS = 120.0
PF_LAG = {"1": 0.0, "0.5L": 60.0, "0.8C": -np.degrees(np.arccos(0.8)), "0.25L": np.degrees(np.arccos(0.25)), "0": 90.0, "-1": 180.0}
CURRENTS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 150, 200]


def three_phase(th, volts=VOLTS, lags=(0, 120, 240)):
    return [harmonics(th, v, lag) for v, lag in zip(np.broadcast_to(volts, 3), lags)]


def sine_case(name, points, hz=60.0, volts_percent=100.0, lags=(0, 120, 240), volts=None, **more):
    """points: (percent of rated current, PF); CT k is metered with voltage k % 3."""
    th = theta(ROWS)
    v_rms = np.broadcast_to(VOLTS * volts_percent / 100 if volts is None else volts, 3)
    loads = [Load(harmonics(th, I_RATED * pct / 100, lags[k % 3] + PF_LAG[pf]), k % 3, pct, pf) for k, (pct, pf) in enumerate(points)]
    return Case(name, hz, three_phase(th, v_rms, lags), loads, volts_percent=volts_percent, nominal_hz=50 if hz < 55 else 60, **more)
