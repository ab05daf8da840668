# SPDX-License-Identifier: Apache-2.0
"""Frequency response, alias rejection and crosstalk from the decimator's samples."""
import numpy as np

BLOCK = 8                                # modulator clocks between which the modulators see straight lines


def amplitude(x, hz, fs_hz):
    """Of the sinusoid at hz (folded onto 0 .. fs/2) in the samples x, least squares."""
    folded = abs(hz - round(hz / fs_hz) * fs_hz)
    a = 2 * np.pi * folded / fs_hz * np.arange(x.size)
    basis = np.column_stack([np.cos(a), np.sin(a), np.ones(x.size)])
    c = np.linalg.lstsq(basis, x, rcond=None)[0]
    return float(np.hypot(c[0], c[1])), folded


def tones(case, report, level=0.5):
    """A dict a tone: gain in dB against the analog tone. The straight lines between the points of the stimulus, sinc^2, are taken off."""
    out = []
    for k, load in enumerate(case.loads):
        hz = float(load.kind.split()[0])
        given = level * np.sinc(hz * BLOCK / report["fmod_hz"]) ** 2
        a, folded = amplitude(report["x"][:, 3 + k], hz, report["fs_hz"])
        out.append({"hz": hz, "folded_hz": folded, "gain_db": float(20 * np.log10(max(a, 1e-12) / given)), "tier": report["tier"]})
    return out


def crosstalk(case, on, off, aggressor=10):
    """Of one CT at 0.9 of full scale into the others: largest tone at its frequency in dB, and whether any bit of them changed."""
    victims = [ch for ch in range(on["x"].shape[1]) if ch != 3 + aggressor]
    driven, _ = amplitude(on["x"][:, 3 + aggressor], case.hz, on["fs_hz"])
    worst = max(amplitude(on["x"][:, ch], case.hz, on["fs_hz"])[0] for ch in victims)
    return {"db": float(20 * np.log10(max(worst, 1e-12) / driven)), "equal": bool((on["x"][:, victims] == off["x"][:, victims]).all()),
            "samples": int(on["x"].shape[0]), "tier": on["tier"], "driven": driven}
