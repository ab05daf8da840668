# SPDX-License-Identifier: Apache-2.0
"""The analysis block behind the running firmware: gateware and register model give the same answers, and the right ones."""
import pytest
from conftest import ROOT

PANEL = ROOT / "sim/scenarios/panel24.scn"
# panel24.scn: harmonics in percent, angle behind voltage A in degrees
HARMONICS = [(0.9, 1.6, 0.7), (0.8, 1.5, 0.6), (1.0, 1.7, 0.8)]
ANGLE = [0.0, 120.0, 240.4]


@pytest.mark.parametrize("tier", ["model", "rtl"])
def test_fundamentals_angles_half_cycles(sim, tier):
    run = sim(PANEL, tier=tier)
    with run.meter() as m:
        m.wait(lambda w: w["UPTIME_WIN"] > 1_500_000, 300, "1.5 s")
        for _ in range(3):
            x, v = m.item("VX"), m.items("VXV", 3)
            if m.item("VX")["PASSES"] == x["PASSES"]:
                break
        assert x["HAS_SPECTRUM"] == 1 and x["PASSES"] >= 3 and x["PASSES_LOST"] == 0
        for k in range(3):
            thd = sum(h * h for h in HARMONICS[k]) ** 0.5
            rms = v[k]["V1"] * (1 + (thd / 100) ** 2) ** 0.5
            assert abs(rms / v[k]["V_WIN"] - 1) < 3e-4, f"voltage {k}: fundamental {v[k]['V1']} mV of {v[k]['V_WIN']} mV"
            assert abs(v[k]["U_HALF"] / v[k]["V_WIN"] - 1) < 2e-3
            off = (v[k]["V1_ANGLE"] / 100 - ANGLE[k] + 180) % 360 - 180
            assert abs(off) < 0.03, f"voltage {k}: angle {v[k]['V1_ANGLE'] / 100}"
            if v[k]["V_THD"] != 0xFFFF:
                assert abs(v[k]["V_THD"] / 100 - thd) < 0.03
        assert m.item("DIAG")["BUSERR"] == 0
    run.stop()
