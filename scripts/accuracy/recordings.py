# SPDX-License-Identifier: Apache-2.0
"""Recorded waveforms as cases: read, cut to whole cycles, resampled by their spectrum. A reader of its own, so that the product's is checked too.
COMTRADE (ASCII, BINARY, BINARY32, FLOAT32), CSV (time in the first column, names with V or A), WAV (V I, or V V V I I I ..., 500 V and 800 A)."""
import csv, pathlib

import numpy as np

from bench import Case, Load

ROWS_A_CYCLE = 8192
PEAK = 0.7                               # of full scale


class RecordingError(Exception):
    pass


def comtrade(path):
    lines = [line.split(",") for line in path.read_text(errors="replace").splitlines() if line.strip()]
    n_analog = int(lines[1][1].strip().rstrip("aA"))
    channels = [[f.strip() for f in lines[2 + k]] for k in range(n_analog)]
    at = 2 + int(lines[1][0])
    rate, count = float(lines[at + 2][0]), int(lines[at + 2][1])
    kind = lines[at + 5][0].strip().upper()
    data = next(p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.upper() == ".DAT")
    if kind == "ASCII":
        raw = np.array([[float(f) for f in row[2:2 + n_analog]] for row in csv.reader(data.open()) if len(row) >= 2 + n_analog])
    else:
        analog = {"BINARY": "<i2", "BINARY32": "<i4", "FLOAT32": "<f4"}[kind]
        n_words = (int(lines[1][2].strip().rstrip("dD")) + 15) // 16
        raw = np.fromfile(data, [("n", "<u4"), ("t", "<u4"), ("x", analog, (n_analog,)), ("d", "<u2", (n_words,))])["x"].astype(float)
    names, units = [c[1] for c in channels], [c[4] for c in channels]
    x = raw[:count] * [float(c[5]) for c in channels] + [float(c[6]) for c in channels]
    return rate, x, names, units


def csv_file(path):
    rows = [row for row in csv.reader(path.open()) if row and not row[0].startswith("#")]
    names = [f.strip() for f in rows[0]][1:]
    x = np.array([[float(f) for f in row] for row in rows[1:]])
    return (len(x) - 1) / (x[-1, 0] - x[0, 0]), x[:, 1:], names, ["V" if n.upper()[:1] in "VU" else "A" for n in names]


def wav_file(path):
    from scipy.io import wavfile
    rate, x = wavfile.read(path)
    x = x / (1.0 if x.dtype.kind == "f" else float(np.iinfo(x.dtype).max) + 1)
    n = x.shape[1]
    n_v = {2: 1, 3: 1, 4: 2}.get(n, 3)
    return float(rate), x * ([500.0] * n_v + [800.0] * (n - n_v)), [f"{k}" for k in range(n)], ["V"] * n_v + ["A"] * (n - n_v)


READERS = {".cfg": comtrade, ".csv": csv_file, ".wav": wav_file}


def whole_cycles(v, rate):
    """(samples, cycles): the longest piece from the start that ends where a whole number of cycles does."""
    window = np.hanning(v.size)
    spec = np.abs(np.fft.rfft((v - v.mean()) * window, 16 * v.size))
    f = np.argmax(spec) * rate / (16 * v.size)
    crossings = np.flatnonzero((v[:-1] < 0) & (v[1:] >= 0))
    crossings = crossings + v[crossings] / (v[crossings] - v[crossings + 1])
    if crossings.size > 1:
        f = rate / np.median(np.diff(crossings))
    best = min(range(1, max(2, int(v.size * f / rate + 0.01) + 1)), key=lambda n: (abs(n * rate / f - round(n * rate / f)) > 0.05 * n, -n))
    return min(round(best * rate / f), v.size), best


def upsample(x, rows):
    spec = np.fft.rfft(x, axis=0)
    wide = np.zeros((rows // 2 + 1, x.shape[1]), complex)
    keep = min(spec.shape[0] - 1, wide.shape[0] - 1)           # without the Nyquist bin, which has no phase
    wide[:keep] = spec[:keep]
    return np.fft.irfft(wide, rows, axis=0) * (rows / x.shape[0])


def phase_of(name, order):
    for letters in ("1aAR", "2bBS", "3cCT"):
        if name and name[-1] in letters:
            return ("1aAR", "2bBS", "3cCT").index(letters)
    return order % 3 if order < 3 else 0


def load(path, seconds=5.0, settle=3.0):
    """(case, truth): truth is a list of dicts a CT: Vrms, Irms, P of numpy on the recorded samples, DC removed."""
    rate, x, names, units = READERS[path.suffix.lower()](path)
    units = [u.strip().lower() for u in units]                  # V, kV, volt, A, ampere ...
    x = x * np.array([1000.0 if u.startswith("k") else 1.0 for u in units])
    volts, amps = ([k for k, u in enumerate(units) if u.removeprefix("k").startswith(kind)] for kind in ("v", "a"))
    if not volts or not amps:
        raise RecordingError(f"{path.name}: no voltage or no current")
    n, cycles = whole_cycles(x[:, volts[0]], rate)
    x = x[:n]
    x = x - x.mean(axis=0)
    fine = upsample(x, ROWS_A_CYCLE * cycles)
    fs = [round(np.abs(fine[:, group]).max() / PEAK, 3) for group in (volts[:3], amps)]
    v = [fine[:, volts[k]] if k < len(volts) else np.zeros(len(fine)) for k in range(3)]
    loads, truth = [], []
    for order, k in enumerate(amps[:24]):
        phase = phase_of(names[k], order) if len(volts) >= 3 else 0
        loads.append(Load(fine[:, k], phase, 100.0, "recorded", f"{path.name} {names[k]}"))
        a, b = x[:, volts[phase]], x[:, k]
        truth.append({"name": names[k], "phase": phase, "neutral": len(volts) >= 3 and order >= 3, "p": float(np.mean(a * b)), "v": float(np.sqrt(np.mean(a * a))), "i": float(np.sqrt(np.mean(b * b)))})
    hz = cycles * rate / n
    case = Case(f"recording_{path.stem}", hz, v, loads, cycles=cycles, nominal_hz=50 if hz < 55 else 60, seconds=seconds, settle=settle, v_fs=fs[0], i_fs=fs[1])
    return case, truth


def files(folder):
    folder = pathlib.Path(folder)
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in READERS) if folder.is_dir() else []
