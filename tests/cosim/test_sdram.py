# SPDX-License-Identifier: Apache-2.0
"""The meter of a board with little block RAM (ULX3S 12F): most of its code comes from flash into the SDRAM and runs there (RTL tier)."""
import pathlib
from conftest import ROOT

PANEL = ROOT / "sim/scenarios/panel24.scn"


def test_the_meter_boots_from_flash_and_meters(sim):
    run = sim(PANEL, tier="rtl-sdram")
    with run.meter() as m:
        m.wait(lambda w: w["UPTIME_WIN"] > 2_300_000, 600, "2.3 s", every_s=5)  # a client that asks without pause would be the load
        d, s = m.item("DIAG"), m.snapshot(blocks=("CT",))
        assert m.ident["RAM_KIB"] == 68 and d["BUSERR"] == 0 and d["MISSED"] == 0 and d["LOST"] == 0
        assert 0 < d["LOAD"] < 4000, "CPU load, 0.01 %"
    loaded = [c for c in s["CT"] if c["CT_P"] > 500_000]
    assert len(loaded) >= 8 and all(abs(c["CT_P"] / c["CT_S"] - c["CT_PF"] / 1e4) < 1e-3 for c in loaded)
    assert abs(s["WINDOW"]["FREQ"] - 60_000) <= 2
    print("CPU load", d["LOAD"] / 100, "%, longest loop", d["WORST"], "us")
    run.stop()
    assert "SDRAM rules broken" not in pathlib.Path(run.folder / "stderr.txt").read_text()
