# SPDX-License-Identifier: Apache-2.0
"""Recordings in every format against numpy on the same samples; channel assignment; refusals."""
import os
import struct
import subprocess
import sys

import numpy as np
import pytest

import analog

KEATING = os.path.join(analog.ROOT, "../shared/waveforms/keating_1999.CFG")
NAMES = ["Va", "Vb", "Vc", "Ia", "Ib", "Ic", "In"]
UNITS = ["V"] * 3 + ["A"] * 4


def waves(rate=12000.0, n=2400, f=60.0, dc=True, reverse=None, missing=None):
    """Three phases with harmonics up to the 15th, a neutral, offsets: columns of NAMES."""
    t = np.arange(n) / rate
    out = np.zeros((n, 7))
    for k in range(3):
        a = 2 * np.pi * f * t - k * 2 * np.pi / 3
        out[:, k] = 170 * np.sin(a) + 5 * np.sin(5 * a + 1) + 2 * np.sin(7 * a)
        out[:, 3 + k] = (30 + 10 * k) * np.sin(a - 0.5) + 4 * np.sin(3 * a) + 3 * np.sin(5 * a) + 1 * np.sin(15 * a + k)
    out[:, 6] = out[:, 3:6].sum(axis=1)
    if dc:
        out += np.array([1, -2, 0.5, 0.3, -0.2, 0, 0.7])
    if reverse is not None:
        out[:, 3 + reverse] *= -1
    if missing is not None:
        out[:, missing] = 0
    return out


def expected(x, vsel=(0, 1, 2, 0)):
    """P, I, V per CT of whole cycles, DC removed."""
    x = x - x.mean(axis=0)
    v = [x[:, 0], x[:, 1], x[:, 2], x[:, 0] - x[:, 1], x[:, 1] - x[:, 2], x[:, 2] - x[:, 0]]
    return [(np.mean(v[s] * x[:, 3 + k]), np.mean(x[:, 3 + k] ** 2) ** .5, np.mean(v[s] ** 2) ** .5) for k, s in enumerate(vsel)]


def check(p, x, tol=2e-6, vsel=(0, 1, 2, 0)):
    m = p.means(max(4, 10 // 5))
    full = np.array(expected(x, vsel))
    for k in range(len(full)):
        size = full[k][1] * full[k][2]
        assert abs(m[k][0] - full[k][0]) < tol * size + 1e-9, (k, m[k], full[k])
        assert abs(m[k][2] - full[k][1]) < tol * full[k][1] + 1e-9
        assert abs(m[k][3] - full[k][2]) < tol * full[k][2] + 1e-9
    return m


# ---- writers ----
def csv(path, x, rate=12000.0, head="t (s)," + ",".join(f"{n} ({u})" for n, u in zip(NAMES, UNITS)), sep=",", point=".", time=True, eol="\n", clock=None):
    rows = [head.replace(" (", "_").replace(")", "").replace(",", sep) if sep == " " else head.replace(",", sep)] if head else []
    for j, r in enumerate(x):
        stamp = f"{j / rate:.9f}" if clock is None else f"{clock}23:45:{1 + j / rate:012.9f}"
        cells = ([stamp] if time else []) + [f"{v:.9g}" for v in r]
        rows.append(sep.join(c.replace(".", point) for c in cells))
    path.write_bytes((eol.join(rows) + eol).encode())
    return path


def wav(path, x, kind, rate=12000, v_scale=500.0, i_scale=800.0, extensible=False):
    y = x / np.array([v_scale] * 3 + [i_scale] * (x.shape[1] - 3))
    if kind == "f32":
        raw, fmt, bits = y.astype("<f4").tobytes(), 3, 32
    elif kind == "f64":
        raw, fmt, bits = y.astype("<f8").tobytes(), 3, 64
    else:
        bits, fmt = kind, 1
        q = np.round(y * 2 ** (bits - 1)).astype("<i4")
        raw = b"".join(struct.pack("<i", v)[:bits // 8] for v in q.ravel()) if bits == 24 else q.astype(f"<i{bits // 8}").tobytes()
    n = x.shape[1]
    head = struct.pack("<HHIIHH", 0xFFFE if extensible else fmt, n, rate, rate * n * bits // 8, n * bits // 8, bits)
    if extensible:
        head += struct.pack("<HHIH", 22, bits, 0, fmt) + bytes.fromhex("000000001000800000aa00389b71")
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"data" + struct.pack("<I", len(raw)) + raw
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def comtrade(path, x, rev="1999", fmt="ASCII", rate=12000.0, rates=None, digital=3, names=NAMES, units=UNITS, phases=None, ps="P",
             ratio=(1, 1), skew=0, eol="\r\n", ext=(".cfg", ".dat"), nrates0=False, cff=False):
    n, k = x.shape
    phases = phases or ["A", "B", "C", "A", "B", "C", "N"]
    bits = {"BINARY": 32000, "BINARY32": 2e9}.get(fmt, 99999)
    a = np.maximum(np.abs(x).max(axis=0), 1e-9) / bits * 1.01
    b = np.linspace(-0.5, 0.5, k)
    if fmt == "FLOAT32":
        a, b = np.full(k, 0.5), np.zeros(k)
    raw = (x / (ratio[0] / ratio[1] if ps == "S" else 1) - b) / a
    cfg = [f"here,meter,{rev}" if rev != "1991" else "here,meter", f"{k + digital},{k}A,{digital}D"]
    for c in range(k):
        line = f"{c + 1},{names[c]},{phases[c]},,{units[c]},{a[c]:.17g},{b[c]:.17g},{skew},-99999,99999"
        cfg.append(line + (f",{ratio[0]},{ratio[1]},{ps}" if rev != "1991" else ""))
    cfg += [f"{c + 1},D{c},,,0" for c in range(digital)] + ["60"]
    if nrates0:
        cfg += ["0", f"0,{n}"]
    else:
        rates = rates or [(rate, n)]
        cfg += [str(len(rates))] + [f"{r},{e}" for r, e in rates]
    cfg += ["18/11/2015,05:33:03.765333", "18/11/2015,05:33:03.790289", fmt]
    if rev != "1991":
        cfg += ["1"]
    if rev == "2013":
        cfg += ["-5h30,-5h30", "B,3"]
    stamp = [round(j / rate * 1e6) for j in range(n)]
    if fmt == "ASCII":
        q = np.round(raw).astype(np.int64)
        dat = eol.join(",".join([str(j + 1), str(stamp[j])] + [str(v) for v in q[j]] + ["0"] * digital) for j in range(n)).encode() + eol.encode()
    else:
        words = (digital + 15) // 16
        typ = {"BINARY": "<i2", "BINARY32": "<i4", "FLOAT32": "<f4"}[fmt]
        q = raw.astype(typ) if fmt == "FLOAT32" else np.round(raw).astype(typ)
        dat = b"".join(struct.pack("<II", j + 1, stamp[j]) + q[j].tobytes() + b"\0\0" * words for j in range(n))
    text = eol.join(cfg) + eol
    if cff:
        path = path.with_suffix(".cff")
        kind = "ASCII" if fmt == "ASCII" else f"{fmt}: {len(dat)}"
        path.write_bytes(f"--- file type: CFG ---{eol}{text}--- file type: INF ---{eol}--- file type: HDR ---{eol}"
                         f"--- file type: DAT {kind} ---{eol}".encode() + dat)
        return path
    path.with_suffix(ext[1]).write_bytes(dat)
    path = path.with_suffix(ext[0])
    path.write_bytes(text.encode())
    return path


# ---- the real record ----
@pytest.mark.skipif(not os.path.exists(KEATING), reason="the recording is not here")
def test_real_record():
    p = analog.Panel(KEATING)
    m = p.means(8)
    for k, (v, i, w, q) in enumerate([(348.9510, None, 40486.194, 16346.9), (352.2239, None, 49500.869, 16897.2),
                                      (345.9534, None, 53634.750, 20833.3)]):
        assert abs(m[k][0] / w - 1) < 1e-6 and abs(m[k][1] / q - 1) < 1e-5 and abs(m[k][3] / v - 1) < 3e-5
    assert "4 whole cycles" in p.note and p.n_loaded() == 4


# ---- formats ----
@pytest.mark.parametrize("kw", [
    dict(), dict(sep=";"), dict(sep="\t"), dict(sep=";", point=","), dict(sep=" "), dict(eol="\r\n"),
    dict(head="time_ms," + ",".join(NAMES)), dict(head=None),
    dict(head='"t","U_L1 [V]","U_L2 [V]","U_L3 [V]","I_L1 [A]","I_L2 [A]","I_L3 [A]","I_N [A]"'),
    dict(head="# Scope 3000\nModel,X\nTime,Va,Vb,Vc,Ia,Ib,Ic,In\n(s),(V),(V),(V),(A),(A),(A),(A)"),
    dict(head="# rate=12000\nVoltage A,Voltage B,Voltage C,Current A,Current B,Current C,Neutral current", time=False),
    dict(head="Time,Va,Vb,Vc,Ia,Ib,Ic,In\n--------"), dict(head="Time,Va,Vb,Vc,Ia,Ib,Ic,In", clock="2026-03-01 "), dict(head="T,Va,Vb,Vc,Ia,Ib,Ic,In", clock=""),
    dict(head="\ufeffTime,V1,V2,V3,I1,I2,I3,I4"),
], ids=lambda k: ascii(k)[:60])
def test_csv(tmp_path, kw):
    x = waves()
    if "time_ms" in (kw.get("head") or ""):
        path = csv(tmp_path / "r.csv", x, rate=12.0, **kw)
    else:
        path = csv(tmp_path / "r.csv", x, **kw)
    p = analog.Panel(path)
    assert abs(p.freq - 60) < 1e-6, p.note
    check(p, x)
    assert [p.config.ct[k].vsel for k in range(4)] == [0, 1, 2, 0]


def test_csv_units_and_kilo(tmp_path):
    x = waves()
    scaled = x * ([1e-3] * 3 + [1e3] * 4)
    for head in ("t,Va (kV),Vb (kV),Vc (kV),Ia (mA),Ib (mA),Ic (mA),In (mA)", "t,Va_kV,Vb_kV,Vc_kV,Ia_mA,Ib_mA,Ic_mA,In_mA"):
        check(analog.Panel(csv(tmp_path / "r.csv", scaled, head=head)), x)


@pytest.mark.parametrize("kind", [16, 24, 32, "f32", "f64"])
@pytest.mark.parametrize("extensible", [False, True])
def test_wav(tmp_path, kind, extensible):
    x = waves()
    p = analog.Panel(wav(tmp_path / "r.wav", x, kind, extensible=extensible))
    if kind == 16:                                  # what 16 bits keep of 800 A
        x = np.round(x / ([500] * 3 + [800] * 4) * 32768) / 32768 * ([500] * 3 + [800] * 4)
    check(p, x)


def test_wav_scales_in_a_map(tmp_path):
    x = waves()
    path = wav(tmp_path / "r.wav", x, 24, v_scale=200, i_scale=100)
    check(analog.Panel(path, map="v_scale=200 i_scale=100"), x, tol=1e-5)
    (tmp_path / "r.wav.map").write_text("# beside the recording\nv_scale=200\ni_scale=100\n")
    check(analog.Panel(path), x, tol=1e-5)


@pytest.mark.parametrize("rev", ["1991", "1999", "2013"])
@pytest.mark.parametrize("fmt", ["ASCII", "BINARY", "BINARY32", "FLOAT32"])
@pytest.mark.parametrize("kw", [dict(), dict(eol="\n", ext=(".CFG", ".DAT"), digital=0), dict(cff=True), dict(nrates0=True, digital=17)],
                         ids=["crlf", "lf-upper", "cff", "no-rate"])
def test_comtrade(tmp_path, rev, fmt, kw):
    x = waves(rate=10000.0, n=2000)
    path = comtrade(tmp_path / "r.cfg", x, rev, fmt, rate=10000.0, **kw)
    p = analog.Panel(path)
    assert abs(p.freq - 60) < (1e-3 if kw.get("nrates0") else 1e-6)
    check(p, x, tol=1e-4 if fmt in ("BINARY", "ASCII") else 5e-6)


def test_comtrade_opened_by_its_dat(tmp_path):
    x = waves()
    comtrade(tmp_path / "r.cfg", x, fmt="FLOAT32", ext=(".Cfg", ".dAt"))
    check(analog.Panel(tmp_path / "r.dAt"), x)


def test_comtrade_secondary_values_and_skew(tmp_path):
    x = waves()
    check(analog.Panel(comtrade(tmp_path / "r.cfg", x, fmt="FLOAT32", ps="S", ratio=(60, 1))), x)
    check(analog.Panel(comtrade(tmp_path / "q.cfg", x, fmt="FLOAT32", ps="P", ratio=(60, 1))), x)
    late = waves()                                  # currents sampled 20 us late: undone by the skew of all channels together
    p = analog.Panel(comtrade(tmp_path / "s.cfg", late, fmt="FLOAT32", skew=20))
    check(p, late)
    cfg = (tmp_path / "s.cfg").read_bytes().decode().split("\r\n")
    for k in range(2, 5):                           # voltages without skew: the currents now lag by 20 us less
        f = cfg[k].split(",")
        f[7] = "0"
        cfg[k] = ",".join(f)
    (tmp_path / "s.cfg").write_bytes("\r\n".join(cfg).encode())
    m = analog.Panel(tmp_path / "s.cfg").means(4)
    q = waves(dc=False)
    a = np.exp(-1j * np.arange(1201) * 2 * np.pi / 0.2 * 20e-6)
    i = np.fft.irfft(np.fft.rfft(q[:, 3]) * a)
    assert abs(m[0][0] - np.mean(q[:, 0] * i)) < 1e-2 and abs(m[0][0] - np.mean(q[:, 0] * q[:, 3])) > 5


def test_comtrade_missing_values_hold(tmp_path):
    x = waves(dc=False)
    path = comtrade(tmp_path / "r.cfg", x)
    lines = (tmp_path / "r.dat").read_text().splitlines()
    f = lines[100].split(",")
    f[5] = ""
    lines[100] = ",".join(f)
    (tmp_path / "r.dat").write_text("\n".join(lines) + "\n\x1a")
    x[100, 3] = x[99, 3]
    check(analog.Panel(path), x, tol=1e-4)


def test_comtrade_several_rates_uses_the_longest(tmp_path):
    x = np.vstack([waves(rate=1200.0, n=60), waves(rate=12000.0, n=2400), waves(rate=600.0, n=10)])
    p = analog.Panel(comtrade(tmp_path / "r.cfg", x, fmt="FLOAT32", rates=[(1200, 60), (12000, 2460), (600, 2470)]))
    check(p, x[60:2460])
    assert "3 sample rates" in p.note


# ---- rates, lengths, services ----
@pytest.mark.parametrize("rate,n,f", [(1000, 200, 50), (1000, 1000, 60), (2400, 480, 50), (6400, 1280, 50), (15360, 3072, 60),
                                      (100000, 20000, 50), (1e6, 100000, 50), (48000, 800, 60), (3840, 3840, 60), (10000, 10000, 59.97)])
def test_rates(tmp_path, rate, n, f):
    x = waves(rate, n, f)
    if rate < 30 * f:                               # the 15th harmonic does not fit: leave what does
        t = np.arange(n) / rate
        for k in range(3):
            a = 2 * np.pi * f * t - k * 2 * np.pi / 3
            x[:, k] = 170 * np.sin(a) + 5 * np.sin(5 * a + 1)
            x[:, 3 + k] = 30 * np.sin(a - 0.5) + 4 * np.sin(3 * a)
        x[:, 6] = x[:, 3]
    p = analog.Panel(comtrade(tmp_path / "r.cfg", x, fmt="FLOAT32", rate=rate))
    assert abs(p.freq / f - 1) < 2e-4, p.note
    used = int(p.note.split("(")[1].split()[0])
    assert used > n / 2
    check(p, x[:used], tol=2e-5)


@pytest.mark.parametrize("cut", [2400, 2399, 2350, 2111, 1234, 777, 420, 210])
def test_part_cycles_use_whole_ones(tmp_path, cut):
    """A cut record: P of its whole cycles is the P of the waveform."""
    x = waves()
    p = analog.Panel(comtrade(tmp_path / "r.cfg", x[:cut], fmt="FLOAT32"))
    check(p, x, tol=1e-5)
    assert f"{cut // 200} whole cycles" in p.note
    assert abs(p.freq - 60) < 1e-6


def test_resampling_keeps_power_for_odd_lengths(tmp_path):
    """Any number of samples, noise included: mean squares and products survive the table, within its band."""
    rng = np.random.default_rng(3)
    for n, rate in ((1667, 10002.0), (997, 5982.0), (1009, 6054.0)):
        x = waves(rate, n, f=10 * rate / n)
        x += rng.normal(0, 1, x.shape)
        p = analog.Panel(comtrade(tmp_path / "r.cfg", x, fmt="FLOAT32", rate=rate))
        assert f"10 whole cycles" in p.note and f"({n} of {n}" in p.note
        m = p.means(10)
        for k, (w, i, v) in enumerate(expected(x)):
            assert abs(m[k][0] - w) < 2e-5 * i * v and abs(m[k][2] / i - 1) < 2e-5 and abs(m[k][3] / v - 1) < 2e-5


def test_real_faults(tmp_path):
    x = waves(reverse=1)
    m = check(analog.Panel(csv(tmp_path / "r.csv", x)), x)
    assert m[1][0] < 0 < m[0][0]
    x = waves(missing=0, dc=False)                  # Va lost
    p = analog.Panel(csv(tmp_path / "m.csv", x))
    m = p.means(4)
    assert m[0][0] == 0 and abs(m[1][0] - expected(x)[1][0]) < 0.01 and p.config.ct[0].vsel == 0
    x = waves(missing=5, dc=False)                  # a current lost: a no-load channel
    p = analog.Panel(csv(tmp_path / "i.csv", x))
    assert p.load(2).noload and not p.load(1).noload


def test_assignment_of_other_layouts(tmp_path):
    x = waves(dc=False)
    two = csv(tmp_path / "a.csv", x[:, [0, 3]], head="time,voltage,current")
    p = analog.Panel(two)
    check(p, x[:, [0, 1, 2, 3, 4, 5, 6]], vsel=(0,))
    assert p.n_loaded() == 1
    order = [6, 5, 4, 3, 2, 1, 0]                   # currents first, phases backwards
    p = analog.Panel(comtrade(tmp_path / "b.cfg", x[:, order], fmt="FLOAT32", names=[NAMES[k] for k in order], units=[UNITS[k] for k in order],
                              phases=["N", "C", "B", "A", "C", "B", "A"]))
    assert [p.load(k).name for k in range(4)] == [b"In", b"Ic", b"Ib", b"Ia"]
    assert [p.config.ct[k].vsel for k in range(4)] == [0, 2, 1, 0]
    m = p.means(4)
    want = expected(x)
    for got, k in zip(m, (3, 2, 1, 0)):
        assert abs(got[0] - want[k][0]) < 1e-5 * want[k][1] * want[k][2]
    p = analog.Panel(csv(tmp_path / "c.csv", x[:, [0, 3, 4, 5, 6]], head="t,U,I1,I2,I3,I4"))     # one voltage for all
    assert [p.config.ct[k].vsel for k in range(4)] == [0, 0, 0, 0]
    p = analog.Panel(csv(tmp_path / "d.csv", x), n_ct=2)
    assert p.n_loaded() == 2 and "2 current channel(s) more" in p.note


@pytest.mark.parametrize("lines", [["Vab", "Vbc", "Vca"], ["Vab", "Vbc"], ["V31", "V12"]])
def test_voltages_between_lines(tmp_path, lines):
    """Three-wire records: total power as with two wattmeters, Aron's circuit."""
    x = waves(dc=False)
    x[:, 5] = -x[:, 3] - x[:, 4]                    # no neutral
    pair = {"Vab": (0, 1), "V12": (0, 1), "Vbc": (1, 2), "Vca": (2, 0), "V31": (2, 0)}
    cols = [x[:, pair[n][0]] - x[:, pair[n][1]] for n in lines] + [x[:, 3], x[:, 4], x[:, 5]]
    p = analog.Panel(csv(tmp_path / "r.csv", np.array(cols).T, head="t," + ",".join(lines) + ",Ia,Ib,Ic"))
    aron = np.mean((x[:, 0] - x[:, 1]) * x[:, 3] + (x[:, 2] - x[:, 1]) * x[:, 5])
    m = p.means(4)
    assert abs(m[:3, 0].sum() / aron - 1) < 1e-5 and [p.config.ct[k].vsel for k in range(3)] == [0, 1, 2]
    assert "virtual neutral" in p.note


def test_phase_names():
    lib = analog.library()
    lib.pw_rec_phase_of.argtypes = [analog.C.c_char_p]
    for text, want in [("Va", 0), ("VB", 1), ("I_C", 2), ("IL1", 0), ("I L2", 1), ("U1", 0), ("UL3-N", 2), ("VAN", 0), ("V12", 3), ("Vab", 3),
                       ("U_L3L1", 5), ("Phase B Voltage", 1), ("Current C", 2), ("I4", 6), ("In", 6), ("Neutral", 6), ("CT2", 1),
                       ("Voltage", 7), ("Volts", 7), ("L1 Voltage", 0), ("current", 7), ("A", 0), ("R", 0), ("T", 2), ("1", 0), ("", 7)]:
        assert lib.pw_rec_phase_of(text.encode()) == want, text


def test_map(tmp_path):
    x = waves(dc=False)
    path = csv(tmp_path / "r.csv", x, head="t,one,two,three,four,five,six,seven")
    p = analog.Panel(path, map="va=one vb=2 vc=three ct0=four@a ct5=-five*2@bc")
    m = p.means(4)
    e = expected(x, (0, 4))
    assert abs(m[0][0] - e[0][0]) < 1e-2 and abs(m[5][0] + 2 * e[1][0]) < 1e-1
    assert p.load(1).kind == b"unused" and p.load(5).name == b"five" and p.config.ct[5].vsel == 4


def test_scales_leave_headroom(tmp_path):
    x = waves()
    p = analog.Panel(csv(tmp_path / "r.csv", x))
    w = p.waves(int(2 * p.fmod / 60 / 8))
    for ch in range(7):
        fs = p.full_scale(ch)
        cfg = p.config.v[ch].v_fs_mv if ch < 3 else p.config.ct[ch - 3].i_fs_ma
        assert fs == cfg / 1e3 and np.abs(w[:, ch]).max() <= 0.7 * fs and (ch < 3 or np.abs(w[:, ch]).max() > 0.68 * fs)
    assert abs(w[:, 0].mean() - 1) < .3             # the offset is in what is fed
    kv = analog.Panel(csv(tmp_path / "kv.csv", x * ([1000] * 3 + [500] * 4)))
    assert kv.config.v[0].v_fs_mv <= 2000000 and "divided by" in kv.note


def test_long_and_fast_stays_bounded(tmp_path):
    """1 MHz, 16 channels: 32 bit, 2 million samples; read in part, looped."""
    n = 1_600_000
    t = np.arange(n) / 1e6
    x = np.zeros((n, 16), "<f4")
    for k in range(3):
        x[:, k] = 100 * np.sin(2 * np.pi * 50 * t - k * 2.0944)
    for k in range(3, 16):
        x[:, k] = k * np.sin(2 * np.pi * 50 * t - 0.3)
    head = struct.pack("<HHIIHH", 3, 16, 1000000, 64000000, 64, 32)
    with open(tmp_path / "big.wav", "wb") as f:
        f.write(b"RIFF" + struct.pack("<I", 36 + x.nbytes) + b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", x.nbytes))
        f.write(x.tobytes())
    code = ("import resource, sys; sys.path.insert(0, sys.argv[2]); import analog; p = analog.Panel(sys.argv[1], map='v_scale=1 i_scale=1');"
            "m = p.means(5); assert abs(m[0][2] - 3 / 2 ** .5) < 1e-4, m[0]; print(p.note);"
            "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024; print(peak, 'MiB'); assert peak < 700")
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path / "big.wav"), os.path.dirname(os.path.abspath(__file__))],
                         capture_output=True, text=True, timeout=300)
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr


# ---- refusals ----
def text(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def good(d, **kw):
    return comtrade(d / "r.cfg", waves(n=600), **kw)


def edited(d, old, new, **kw):
    good(d, **kw)
    s = (d / "r.cfg").read_bytes().decode()
    assert old in s
    return text(d / "r.cfg", s.replace(old, new, 1))


def cut_dat(d, fmt, keep):
    good(d, fmt=fmt)
    b = (d / "r.dat").read_bytes()
    (d / "r.dat").write_bytes(b[:int(len(b) * keep)])
    return d / "r.cfg"


def cut_wav(d, keep):
    b = wav(d / "r.wav", waves(n=600), 16).read_bytes()
    return text(d / "r.wav", b[:keep] if keep > 1 else b[:int(len(b) * keep)])


ROWS = "".join(f"{j / 1000:.4f},{np.sin(j * .377):.6f},{np.sin(j * .377):.6f}\n" for j in range(300))
BAD = {
    "nothing there": (lambda d: d / "no.csv", "no.csv: No such file"),
    "kind": (lambda d: text(d / "x.mp3", "x"), "x.mp3: unknown kind"),
    "no extension": (lambda d: text(d / "x", "x"), "unknown kind"),
    "directory": (lambda d: (d / "x.csv").mkdir() or d / "x.csv", "is a directory"),
    "wav directory": (lambda d: (d / "x.wav").mkdir() or d / "x.wav", "not a file"),
    "csv empty": (lambda d: text(d / "x.csv", ""), "x.csv: empty"),
    "csv long line": (lambda d: text(d / "x.csv", "t,v,i\n" + ROWS + "0.3," + "1" * 9000 + "\n"), "x.csv:302: line longer"),
    "csv words": (lambda d: text(d / "x.csv", "hello\nworld\n"), "no rows of numbers"),
    "csv binary": (lambda d: text(d / "x.csv", b"\x00\x01\x02\x03\n" * 50), "x.csv:1: not a text file"),
    "csv short row": (lambda d: text(d / "x.csv", "t,v,i\n" + ROWS + "0.3,1"), "x.csv:302: 2 of 3 columns"),
    "csv long row": (lambda d: text(d / "x.csv", "t,v,i\n" + ROWS + "0.3,1,2,3\n"), "x.csv:302: 4 of 3 columns"),
    "csv word": (lambda d: text(d / "x.csv", "t,v,i\n" + ROWS + "0.3,1,oops\n"), "x.csv:302: column 3: 'oops'"),
    "csv nan": (lambda d: text(d / "x.csv", "t,v,i\n" + ROWS + "0.3,1,nan\n"), "x.csv:302: column 3: 'nan'"),
    "csv time back": (lambda d: text(d / "x.csv", "t,v,i\n" + ROWS + "0.1,1,2\n"), "x.csv:302: time"),
    "csv gap": (lambda d: text(d / "x.csv", "t,v,i\n" + ROWS + "0.9,1,2\n"), "not evenly spaced"),
    "csv no time": (lambda d: text(d / "x.csv", "v,i\n" + "".join(f"{np.sin(j * .377)},1\n" for j in range(300))), "no time column"),
    "csv names": (lambda d: text(d / "x.csv", "t,v,i,extra\n" + ROWS), "x.csv:1: 4 names for 3 columns"),
    "csv rate": (lambda d: text(d / "x.csv", "# rate=fast\nv,i\n1,2\n"), "x.csv:1: rate="),
    "csv one row": (lambda d: text(d / "x.csv", "t,v,i\n0,1,2\n"), "only 1 sample"),
    "csv too short": (lambda d: text(d / "x.csv", "t,v,i\n" + "".join(ROWS.splitlines(True)[:12])), "shorter than one cycle"),
    "csv no voltage": (lambda d: text(d / "x.csv", "t,i1,i2\n" + ROWS), "no voltage channel"),
    "csv no current": (lambda d: text(d / "x.csv", "t,v1,v2\n" + ROWS), "no current channel"),
    "csv flat": (lambda d: text(d / "x.csv", "t,v,i\n" + "".join(f"{j / 1000},5,1\n" for j in range(300))), "no mains frequency"),
    "csv 400 Hz": (lambda d: text(d / "x.csv", "t,v,i\n" + "".join(f"{j / 8000:.6f},{np.sin(j / 8000 * 2513.27)},1\n" for j in range(3000))),
                   "no mains frequency (40 .. 70 Hz) in voltage 'v'"),
    "csv slow": (lambda d: text(d / "x.csv", "t,v,i\n" + "".join(f"{j / 100},{j % 2},1\n" for j in range(300))), "100 Hz is too low"),
    "wav text": (lambda d: text(d / "x.wav", "hello, world, this is not a wav file"), "not a WAV"),
    "wav empty": (lambda d: text(d / "x.wav", ""), "not a WAV"),
    "wav cut": (lambda d: cut_wav(d, 0.5), "cut off:"),
    "wav head": (lambda d: cut_wav(d, 30), "r.wav: "),
    "wav mono": (lambda d: wav(d / "r.wav", waves()[:, :1] * [1], 16) if False else text(
        d / "m.wav", b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16) + b"data\x08\0\0\0" + bytes(8)), "1 channels"),
    "wav mulaw": (lambda d: text(d / "m.wav", b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<HHIIHH", 7, 2, 8000, 16000, 2, 8) + b"data\0\0\0\0"), "format 7"),
    "wav nan": (lambda d: wav(d / "r.wav", waves() * ([1] * 6 + [np.nan]), "f32"), "channel 7 is not a number"),
    "cfg empty": (lambda d: text(d / "x.cfg", ""), "x.cfg: empty"),
    "cfg no dat": (lambda d: text(d / "x.cfg", "a,b,1999\n"), "no 'x.dat' beside"),
    "dat no cfg": (lambda d: text(d / "x.dat", "a,b,1999\n"), "no 'x.cfg' beside"),
    "cfg revision": (lambda d: edited(d, ",1999", ",1949"), "r.cfg:1: revision '1949'"),
    "cfg count": (lambda d: edited(d, "10,7A,3D", "10,7,3"), "r.cfg:2: number of channels"),
    "cfg sum": (lambda d: edited(d, "10,7A,3D", "12,7A,3D"), "r.cfg:2: number of channels"),
    "cfg huge": (lambda d: edited(d, "10,7A,3D", "903,900A,3D"), "r.cfg:2: 900 analog channels"),
    "cfg number": (lambda d: edited(d, "4,Ia,A,,A,", "4,Ia,A,,A,x"), "r.cfg:6: a: 'x"),
    "cfg fields": (lambda d: edited(d, ",-99999,99999,1,1,P\r\n2,", "\r\n2,"), "r.cfg:3: an analog channel: 8 fields of 10"),
    "cfg rate": (lambda d: edited(d, "12000.0,600", "-5,600"), "rate of -5 Hz"),
    "cfg type": (lambda d: edited(d, "\r\nASCII\r\n", "\r\nEBCDIC\r\n"), "data file type 'EBCDIC'"),
    "cfg cut": (lambda d: text(good(d), (d / "r.cfg").read_bytes()[:400]), "r.cfg:"),
    "ascii cut": (lambda d: cut_dat(d, "ASCII", 0.5), "r.dat:"),
    "ascii short": (lambda d: edited(d, "12000.0,600", "12000.0,700"), "r.dat: ends after 600 of 700 samples"),
    "ascii word": (lambda d: (lambda p: text(d / "r.dat", (d / "r.dat").read_text().replace(",", ",x", 3)) and p)(good(d)), "is not a number"),
    "binary cut": (lambda d: cut_dat(d, "BINARY", 0.5), "r.dat: cut off: 300 of 600 samples"),
    "binary32 cut": (lambda d: cut_dat(d, "BINARY32", 0.9), "r.dat: cut off: 540 of 600"),
    "float32 cut": (lambda d: cut_dat(d, "FLOAT32", 0), "r.dat: cut off: 0 of 600"),
    "cff": (lambda d: text(d / "x.cff", "--- file type: CFG ---\nabc\n"), "no '--- file type"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_recording(tmp_path, case):
    make, want = BAD[case]
    with pytest.raises(analog.BadInput) as e:
        analog.Panel(make(tmp_path))
    assert want in str(e.value) and "\n" not in str(e.value) and str(e.value).startswith(str(tmp_path)), str(e.value)


@pytest.mark.parametrize("map,want", [
    ("va", "'va': va=CHANNEL"), ("vd=Va", "va, vb, vc, ct0"), ("va=nope", "no such channel"), ("va=Va", "no current channel"),
    ("ct0=Ia", "no voltage channel"), ("ct99=Ia", "no such CT"), ("ct0=Ia@x", "after @"), ("rate=-1", "positive number"),
    ("va=Va*", "positive number"), ('va="Va', "quote"), ("v_scale=0", "positive number"), ("va=9", "no such channel")])
def test_bad_map(tmp_path, map, want):
    with pytest.raises(analog.BadInput) as e:
        analog.Panel(csv(tmp_path / "r.csv", waves(n=400)), map=map)
    assert want in str(e.value)


def test_fuzz(tmp_path):
    """Damaged files of every kind, under address and undefined-behaviour sanitizers."""
    d = tmp_path / "good"
    d.mkdir()
    x = waves(n=420)
    files = [csv(d / "a.csv", x), csv(d / "b.csv", x, sep=";", point=","), wav(d / "c.wav", x, 16), wav(d / "d.wav", x, "f32", extensible=True)]
    for k, fmt in enumerate(("ASCII", "BINARY", "BINARY32", "FLOAT32")):
        files += [comtrade(d / f"e{k}.cfg", x, "2013", fmt), d / f"e{k}.dat"]
        files.append(comtrade(d / f"f{k}.cfg", x, "1999", fmt, cff=True))
    files += [os.path.join(analog.SCENARIOS, s) for s in ("panel24.scn", "panel12.scn", "wiring.scn")]
    scratch = tmp_path / "x"
    scratch.mkdir()
    rounds, seed = os.environ.get("FUZZ_ROUNDS", "400"), os.environ.get("FUZZ_SEED", "1")
    run = subprocess.run([os.path.join(analog.BUILD, "fuzz"), seed, rounds, str(scratch), *map(str, files)], capture_output=True, text=True, timeout=3600)
    print(run.stdout)
    assert run.returncode == 0, f"seed {seed}: " + run.stdout + run.stderr[:3000]
