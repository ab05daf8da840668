# SPDX-License-Identifier: Apache-2.0
"""ctypes view of sim/analog/panel.h, and a decimator in numpy that is independent of the gateware and its model."""
import ctypes as C
import os

import numpy as np

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
BUILD = os.path.join(ROOT, "build/analog")
SCENARIOS = os.path.join(ROOT, "sim/scenarios")
FMOD = 25e6 / 5
MAX_CT = 54


class Opts(C.Structure):
    _fields_ = [("scenario", C.c_char_p), ("recording", C.c_char_p), ("map", C.c_char_p), ("fmod_hz", C.c_double),
                ("n_ct", C.c_uint), ("seed", C.c_uint64)]


class TruthCt(C.Structure):
    _fields_ = [("wh_j", C.c_double), ("varh_j", C.c_double), ("i2s", C.c_double), ("v2s", C.c_double)]


class Truth(C.Structure):
    _fields_ = [("mod_clock", C.c_double), ("seconds", C.c_double), ("v2s", C.c_double * 3), ("ct", TruthCt * MAX_CT)]


class Load(C.Structure):
    _fields_ = [("name", C.c_char_p), ("kind", C.c_char_p), ("rated_a", C.c_double), ("noload", C.c_bool)]


class ConfigV(C.Structure):
    _fields_ = [("v_fs_mv", C.c_uint32), ("gain_f17", C.c_int16), ("delay", C.c_uint8)]


class ConfigCt(C.Structure):
    _fields_ = [("i_fs_ma", C.c_uint32), ("gain_f17", C.c_int16), ("delay", C.c_uint8), ("vsel", C.c_uint8),
                ("pol", C.c_uint8), ("point", C.c_uint8), ("role", C.c_uint8), ("curve", C.c_uint8),
                ("rated_ma", C.c_uint32), ("i_noise_ua", C.c_uint16)]


class ConfigPoint(C.Structure):
    _fields_ = [("pulse_weight_mwh", C.c_uint32), ("creep_mw", C.c_uint32), ("form", C.c_uint8)]


class ConfigCurve(C.Structure):
    _fields_ = [("n", C.c_uint8), ("point", (C.c_uint16 * 3) * 8)]


class Config(C.Structure):
    _fields_ = [("version", C.c_uint16), ("revision", C.c_uint32), ("n_ct", C.c_uint8), ("n_points", C.c_uint8),
                ("nominal_hz", C.c_uint8), ("window_cycles", C.c_uint8), ("service", C.c_uint8), ("va_method", C.c_uint8),
                ("v_nominal_mv", C.c_uint32), ("event_e4", C.c_uint16 * 4), ("v", ConfigV * 3), ("ct", ConfigCt * MAX_CT),
                ("point", ConfigPoint * MAX_CT), ("curve", ConfigCurve * 8), ("net", C.c_uint8 * 18), ("modbus_port", C.c_uint16),
                ("unit_id", C.c_uint8), ("serial", C.c_char * 17)]


def library(name="libpwanalog.so"):
    lib = C.CDLL(os.path.join(BUILD, name))
    p = C.c_void_p
    lib.pw_panel_open.restype = p
    lib.pw_panel_open.argtypes = [C.POINTER(Opts), C.c_char_p, C.c_size_t]
    lib.pw_panel_close.argtypes = [p]
    lib.pw_panel_step8.argtypes = [p, C.c_void_p]
    lib.pw_panel_clocks.restype = C.c_uint64
    lib.pw_panel_clocks.argtypes = [p]
    lib.pw_panel_truth.argtypes = [p, C.c_double, C.POINTER(Truth)]
    lib.pw_panel_config.restype = C.POINTER(Config)
    lib.pw_panel_config.argtypes = [p]
    lib.pw_panel_load.restype = C.POINTER(Load)
    lib.pw_panel_load.argtypes = [p, C.c_uint]
    for name in ("pw_panel_name", "pw_panel_note"):
        getattr(lib, name).restype = C.c_char_p
        getattr(lib, name).argtypes = [p]
    for name in ("pw_panel_n_ct", "pw_panel_n_loaded"):
        getattr(lib, name).restype = C.c_uint
        getattr(lib, name).argtypes = [p]
    lib.pw_panel_freq_hz.restype = C.c_double
    lib.pw_panel_freq_hz.argtypes = [p]
    lib.pw_panel_waveform.argtypes = [p, C.c_void_p, C.c_size_t]
    lib.pw_panel_full_scale.restype = C.c_double
    lib.pw_panel_full_scale.argtypes = [p, C.c_uint]
    return lib


class BadInput(Exception):
    pass


class Panel:
    def __init__(self, path, n_ct=24, seed=1, map=None, fmod=FMOD, lib=None):
        self.lib = lib or library()
        self.n_ct, self.n_ch, self.fmod = n_ct, n_ct + 3, fmod
        is_scn = str(path).endswith(".scn")
        enc = str(path).encode()
        opts = Opts(enc if is_scn else None, None if is_scn else enc, map.encode() if map else None, fmod, n_ct, seed)
        err = C.create_string_buffer(400)
        self.p = self.lib.pw_panel_open(C.byref(opts), err, 400)
        if not self.p:
            raise BadInput(err.value.decode(errors="replace"))
        self.config = self.lib.pw_panel_config(self.p).contents
        assert self.config.version == 2 and self.config.serial == b"PW000001"   # the structs above are those of config.h
        self.freq = self.lib.pw_panel_freq_hz(self.p)
        self.note = self.lib.pw_panel_note(self.p).decode()

    def __del__(self):
        if getattr(self, "p", None):
            self.lib.pw_panel_close(self.p)

    def load(self, ct):
        return self.lib.pw_panel_load(self.p, ct).contents

    def n_loaded(self):
        return self.lib.pw_panel_n_loaded(self.p)

    def full_scale(self, ch):
        return self.lib.pw_panel_full_scale(self.p, ch)

    def truth(self, clock):
        t = Truth()
        self.lib.pw_panel_truth(self.p, clock, C.byref(t))
        return t

    def bytes(self, n_blocks):
        out = np.empty((n_blocks, self.n_ch), np.uint8)
        base, step = out.ctypes.data, out.strides[0]
        for k in range(n_blocks):
            self.lib.pw_panel_step8(self.p, base + k * step)
        return out

    def waves(self, n_blocks):
        """Analog values at the end of the next blocks."""
        scratch = np.empty(self.n_ch, np.uint8)
        out = np.empty((n_blocks, self.n_ch))
        for k in range(n_blocks):
            self.lib.pw_panel_step8(self.p, scratch.ctypes.data)
            self.lib.pw_panel_waveform(self.p, out.ctypes.data + k * out.strides[0], self.n_ch)
        return out

    def means(self, cycles):
        """True P, Q, I, V per CT over the next whole cycles."""
        start = self.lib.pw_panel_clocks(self.p)
        end = start + cycles * self.fmod / self.freq
        a = self.truth(start)
        scratch = np.empty(self.n_ch, np.uint8)
        history = 131072 - 64 - 8
        while self.lib.pw_panel_clocks(self.p) < end:
            self.lib.pw_panel_step8(self.p, scratch.ctypes.data)
        assert self.lib.pw_panel_clocks(self.p) - end < history
        b = self.truth(end)
        s = b.seconds - a.seconds
        out = []
        for ct in range(self.n_ct):
            x, y = a.ct[ct], b.ct[ct]
            out.append(((y.wh_j - x.wh_j) / s, (y.varh_j - x.varh_j) / s, ((y.i2s - x.i2s) / s) ** .5, ((y.v2s - x.v2s) / s) ** .5))
        return np.array(out)


def bits(b):
    """Bytes of one channel -> +-1 per clock, oldest first."""
    return np.unpackbits(b, bitorder="little").astype(np.float64) * 2 - 1


def sinc4(x, r=512):
    """Decimate +-1 samples by r."""
    box = np.ones(r) / r
    h = np.convolve(np.convolve(box, box), np.convolve(box, box))
    n = (len(x) - len(h)) // r
    strided = np.lib.stride_tricks.as_strided(x, (n, len(h)), (x.strides[0] * r, x.strides[0]))
    return strided @ h
