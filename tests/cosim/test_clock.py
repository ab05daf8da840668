# SPDX-License-Identifier: Apache-2.0
"""The meter's time: from the clock chip over I2C, on the LCD, over Modbus, set only while unsealed."""
import datetime, subprocess
import pytest
from conftest import ROOT

PANEL = ROOT / "sim/scenarios/panel24.scn"
EPOCH = datetime.datetime(2000, 1, 1)
FIELDS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")


def seconds(text):
    return int((datetime.datetime.fromisoformat(text) - EPOCH).total_seconds())


def clock_when(m, state):
    m.wait(lambda w: m.item("CLOCK")["STATE"] == state, 300, f"clock state {state}")
    return m.item("CLOCK")


@pytest.mark.parametrize("tier", ["model", "rtl"])
def test_time_comes_from_the_chip(sim, tier):
    run = sim(PANEL, "--rtc", "2028-02-28T23:59:59", tier=tier)
    with run.meter() as m:
        c = clock_when(m, 3)
        assert 0 <= c["UTC"] - seconds("2028-02-28T23:59:59") < 60
        assert datetime.datetime(*(c[f] for f in FIELDS)) == EPOCH + datetime.timedelta(seconds=c["UTC"])
        assert (c["MONTH"], c["DAY"]) == (2, 29), "2028 is a leap year"


def test_setting_needs_the_programming_switch(sim):
    sealed = sim(PANEL, "--rtc", "2026-01-01T00:00:00")
    with sealed.meter() as m:
        clock_when(m, 3)
        assert m.write("CLOCK", 0, "SET", seconds("2030-06-01T12:00:00")).exception_code == 4
        assert m.item("CLOCK")["YEAR"] == 2026
    unsealed = sim(PANEL, "--rtc", "stopped", "--unsealed", name="unsealed")
    with unsealed.meter() as m:
        assert clock_when(m, 2)["YEAR"] == 2000
        assert m.write("CLOCK", 0, "SET", seconds("2100-01-01T00:00:00")).exception_code == 3
        assert not m.write("CLOCK", 0, "SET", seconds("2030-06-01T12:00:00")).isError()
        c = m.item("CLOCK")
        assert c["STATE"] == 4 and (c["YEAR"], c["MONTH"], c["DAY"], c["HOUR"]) == (2030, 6, 1, 12)
        told = m.item("WINDOW")["UPTIME_WIN"] + 400_000
        m.wait(lambda w: w["UPTIME_WIN"] > told, 60, "console line out")
    unsealed.stop()
    text = (unsealed.folder / "console.txt").read_text()
    assert "clock chip had stopped" in text and f"time set, seconds since 2000 {seconds('2030-06-01T12:00:00')}" in text


def test_no_chip_is_said_and_metering_goes_on(sim):
    run = sim(PANEL, "--rtc", "none")
    with run.meter() as m:
        assert clock_when(m, 1)["YEAR"] == 2000
        assert m.item("WINDOW")["SEQ"] > 0


def test_a_bad_time_is_named():
    for bad in ("2026-02-29T00:00:00", "2026-01-01", "noon"):
        done = subprocess.run([ROOT / "build/sim/pwsim-model", "--seconds", "1", "--rtc", bad, PANEL], capture_output=True, text=True)
        assert done.returncode != 0 and f"--rtc {bad}: expected" in done.stderr
