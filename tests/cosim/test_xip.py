# SPDX-License-Identifier: Apache-2.0
"""The meter of the iCEBreaker: VexRiscv Min, 128 KiB, its cold code runs from the boot flash, the logs have a flash of their own (RTL tier)."""
import json
import shutil
import subprocess
import pytest
from conftest import ROOT

PANEL = ROOT / "sim/scenarios/panel12.scn"


def test_the_meter_runs_from_the_flash_and_meters(sim):
    run = sim(PANEL, "--ct", "12", tier="rtl-min")
    with run.meter() as m:
        m.wait(lambda w: w["UPTIME_WIN"] > 2_300_000, 900, "2.3 s", every_s=8)
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


@pytest.mark.parametrize("at, bit", [(0, 0), (5, 1), (9, 7), (16, 3), (-1, 6)])
def test_a_damaged_image_is_not_run(tmp_path, at, bit):
    """One bit wrong in magic, length, CRC, the first or the last byte of the code: the fault LED, and not one byte on the console."""
    for name in ("firmware-ext.bin", "firmware.ext"):
        shutil.copy(ROOT / "build/firmware-12/rv32i" / name, tmp_path / name)
    image = bytearray((tmp_path / "firmware.ext").read_bytes())
    image[at] ^= 1 << bit
    (tmp_path / "firmware.ext").write_bytes(image)
    command = [ROOT / "build/sim/pwsim-rtl-min", "--ct", "12", "--seconds", "0.45", "--port", "0", "--firmware", tmp_path / "firmware-ext.bin",
               "--console", tmp_path / "console.txt", "--report", tmp_path / "report.json", "--pty-dir", tmp_path, PANEL]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    assert (tmp_path / "console.txt").read_text() == "" and json.loads((tmp_path / "report.json").read_text())["leds"] == 4
