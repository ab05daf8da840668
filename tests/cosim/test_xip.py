# SPDX-License-Identifier: Apache-2.0
"""The meter of the iCEBreaker: VexRiscv Min, 128 KiB, its cold code runs from the boot flash, the logs have a flash of their own (RTL tier)."""
from conftest import ROOT

PANEL = ROOT / "sim/scenarios/panel12.scn"


def test_the_meter_runs_from_the_flash_and_meters(sim):
    run = sim(PANEL, "--ct", "12", tier="rtl-min")
    with run.meter() as m:
        m.wait(lambda w: w["UPTIME_WIN"] > 3_500_000, 900, "3.5 s", every_s=8)
        d, s = m.item("DIAG"), m.snapshot(blocks=("CT",))
        assert m.ident["RAM_KIB"] == 128 and d["BUSERR"] == 0 and d["LOST"] == 0 and d["RESET"] == 0
        assert 0 < d["LOAD"] < 9000, "CPU load, 0.01 %"
    loaded = [c for c in s["CT"] if c["CT_P"] > 300_000]
    assert len(loaded) >= 4 and all(abs(c["CT_P"] / c["CT_S"] - c["CT_PF"] / 1e4) < 1e-3 for c in loaded)
    print("CPU load", d["LOAD"] / 100, "%, longest loop", d["WORST"], "us")
    report = run.stop()
    assert report["bus_errors"] == 0 and report["cpu_resets"] == 0
    told = (run.folder / "stderr.txt").read_text()
    assert "rules of the flash broken" not in told
    words, reads = (int(told.split(" from the flash in ")[i].split()[n]) for i, n in ((0, -2), (1, 0)))
    assert words > 50_000 and reads < words, "start-up reads every word once, code comes in sequences"
