#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a waveform capture from a meter over Modbus TCP and writes it as COMTRADE (IEC 60255-24, revision 1999, BINARY): name.cfg, name.dat.

  scripts/waveform.py --port 15020 --out build/capture           what the meter holds, or waits for
  scripts/waveform.py --port 15020 --out build/capture --trigger   by hand, now
"""
import argparse, datetime, pathlib, struct, sys, time
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from meter_client import Meter, MeterError

STATES = ["absent", "idle", "armed", "recording", "complete"]
CAUSES = ["none", "manual", "level", "sag", "swell", "interruption"]
MISSING = -32768  # COMTRADE's mark of a missing value: no sample may have it


def wait_complete(meter, timeout_s):
    end = time.time() + timeout_s
    while True:
        w = meter.item("WAVE")
        state = STATES[w["STATE"]]
        if state == "complete":
            return w
        if state in ("absent", "idle"):
            raise MeterError(f"waveform capture is {state}")
        if time.time() > end:
            raise MeterError(f"no capture within {timeout_s} s: still {state}")
        time.sleep(0.05)


def read_samples(meter, wave):
    """All samples of the capture, frame by frame. Each request carries its own proof of what it is."""
    total = wave["N_FRAMES"] * wave["N_CHANNELS"]
    base = meter.map["WAVE"]["addr"] + 28
    out = []
    while len(out) < total:
        if meter.write("WAVE", 0, "SELECT", len(out)).isError():
            raise MeterError("selecting samples was refused")
        words = meter.words(base, 4 + 120)  # one request: CHUNK is 124
        select, capture = words[0] << 16 | words[1], words[2]
        if capture != wave["CAPTURE"]:
            raise MeterError("the capture was replaced while it was being read")
        if select != len(out):
            continue  # another client selected something else
        out += [w - 65536 if w > 32767 else w for w in words[4:]]
    return out[:total]


def scales(meter, wave):
    """[(name, phase, unit, factor)] of each channel: value = factor * sample, polarity applied."""
    lsb = 2.0 ** (wave["SHIFT"] - 23)
    out = [("V" + p, p.upper(), "V", v["CV_VFS"] / 1000 * lsb) for p, v in zip("abc", meter.items("CFG_V", 3))]
    for k, ct in enumerate(meter.items("CFG_CT", meter.n_ct)):
        out.append((f"CT{k}", "ABC"[ct["C_VSEL"] % 3], "A", ct["C_IFS"] / 1000 * lsb * (-1 if ct["C_POL"] else 1)))
    return out


def write_comtrade(path, wave, channels, samples, station, freq_hz):
    n_ch, fs = len(channels), wave["FS"] / 1000
    start = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=wave["TIME"] - wave["TRIG"] / fs * 1e6)
    trigger = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=wave["TIME"])
    stamp = lambda t: t.strftime("%d/%m/%Y,%H:%M:%S.%f")
    lines = [f"{station},Polywatt {CAUSES[wave['CAUSE']]} {wave['CAPTURE']},1999", f"{n_ch},{n_ch}A,0D"]
    lines += [f"{i + 1},{name},{phase},,{unit},{factor:.9g},0,0,-32767,32767,1,1,P" for i, (name, phase, unit, factor) in enumerate(channels)]
    lines += [f"{freq_hz:.3f}", "1", f"{fs:.6f},{wave['N_FRAMES']}", stamp(start), stamp(trigger), "BINARY", "1"]
    path.with_suffix(".cfg").write_text("\r\n".join(lines) + "\r\n")
    with open(path.with_suffix(".dat"), "wb") as f:
        for n in range(wave["N_FRAMES"]):
            frame = [max(s, MISSING + 1) for s in samples[n * n_ch:(n + 1) * n_ch]]
            f.write(struct.pack(f"<II{n_ch}h", n + 1, round(n / fs * 1e6), *frame))


def export(meter, out, timeout_s=30):
    wave = wait_complete(meter, timeout_s)
    samples = read_samples(meter, wave)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_comtrade(out, wave, scales(meter, wave), samples, meter.ident["SERIAL"], meter.item("WINDOW")["FREQ"] / 1000)
    return wave


def main():
    a = argparse.ArgumentParser(description="waveform capture of a meter to COMTRADE")
    a.add_argument("--host", default="127.0.0.1")
    a.add_argument("--port", type=int, default=15020)
    a.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/waveform/capture"))
    a.add_argument("--trigger", action="store_true", help="arm and trigger now")
    a.add_argument("--timeout", type=float, default=30, help="s to wait for a capture")
    o = a.parse_args()
    try:
        meter = Meter(o.port, o.host)
        if o.trigger:
            for command in (1, 2):
                if meter.write("WAVE", 0, "COMMAND", command).isError():
                    raise MeterError("the meter refused to " + ("arm", "trigger")[command - 1] + ": it has no waveform ring")
        wave = export(meter, o.out, o.timeout)
    except MeterError as e:
        sys.exit(f"waveform: {e}")
    print(f"{o.out}.cfg, .dat: {wave['N_FRAMES']} frames of {wave['N_CHANNELS']} channels at {wave['FS'] / 1000:.1f} Hz, "
          f"trigger ({CAUSES[wave['CAUSE']]}) at frame {wave['TRIG']}")


if __name__ == "__main__":
    main()
