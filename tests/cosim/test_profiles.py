# SPDX-License-Identifier: Apache-2.0
"""Product profiles on the running meter: LEDs and outputs against the registers, the display list, the key switch."""
import subprocess
import pytest
from conftest import ROOT

STATUS, LOAD, FAULT, IR, A, B, REVERSE, POWER = range(8)


def panel(tmp_path, loads, service="wye 120"):
    path = tmp_path / "panel.scn"
    path.write_text(f'name "Profile"\nservice {service}\n{loads}\n')
    return path


def at_rest(m, load_s):
    """Energy of point 0 in uWh, once the load is off and all of it has been counted and shown."""
    m.wait(lambda w: w["UPTIME_WIN"] > 1_000_000 * (load_s + 2.5), 600, "the load to end")
    return m.items("POINTX", 1)[0]["NET_DEL"]


def run_with_load(sim, tmp_path, profile, loads, load_s, tier="model"):
    s = sim(panel(tmp_path, loads), "--profile", profile, tier=tier)
    with s.meter() as m:
        uwh = at_rest(m, load_s)
    return uwh, s.stop()


@pytest.mark.parametrize("tier", ["model", "rtl"])
def test_ims_outputs_are_the_register(sim, tmp_path, tier):
    on_s = 2.5 if tier == "model" else 1.5
    uwh, r = run_with_load(sim, tmp_path, "ims-s2", f"load 0,1,2 threephase watts=66000 on_s={on_s} off_s=9000", on_s, tier)
    assert uwh > 15_000_000
    assert r["led_edges"][A] == uwh // 5_000_000
    assert r["led_edges"][B] == 0
    assert r["leds"] >> A & 1 == uwh // 5_000_000 & 1
    assert r["leds"] >> POWER & 1 and not r["leds"] >> REVERSE & 1 and r["led_edges"][REVERSE] == 0
    assert r["lcd_errors"] == 0 and r["bus_errors"] == 0


def test_load_led_of_the_mini_meter(sim, tmp_path):
    uwh, r = run_with_load(sim, tmp_path, "mini-d", "load 0,1 splitphase watts=40000 on_s=3 off_s=9000", 3)
    assert uwh > 30_000_000 and r["led_edges"][LOAD] == uwh // 5_000_000
    idle, r = run_with_load(sim, tmp_path, "mini-s", "load 0 noload", 3)
    assert idle == 0 and r["led_edges"][LOAD] == 0 and r["leds"] >> POWER & 1


def test_infrared_pulses_of_the_centron(sim, tmp_path):
    uwh, r = run_with_load(sim, tmp_path, "cp2so", "load 0,1,2 threephase watts=66000 on_s=5 off_s=9000", 5)
    assert uwh > 60_000_000 and r["led_edges"][IR] == 2 * (uwh // 21_600_000)


def test_reverse_phase_led(sim, tmp_path):
    _, r = run_with_load(sim, tmp_path, "ims-s1", "ct 1 reversed=yes\nload 0,1 splitphase watts=2000 on_s=3 off_s=9000", 3)
    assert r["led_edges"][REVERSE] == 2


def screen(tmp_path, profile, seconds, *options):
    out = tmp_path / "lcd.txt"
    subprocess.run([ROOT / "build/sim/pwsim-model", "--profile", profile, "--seconds", str(seconds), "--port", "0", "--pty-dir", tmp_path, "--screen", out,
                    *options, panel(tmp_path, "load 0,1,2 threephase watts=9000")], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return out.read_text().split("\n")[:4]


def test_ims_list_segments_dot_and_key(tmp_path):
    """The list begins with the firmware's first look at its display, a moment after the start."""
    assert screen(tmp_path, "ims-s2", 0.7) == ["█" * 20] * 4
    assert screen(tmp_path, "ims-s2", 3) == [" " * 20, " 000000 kWh         ", " Delivered          ", " " * 20]
    assert screen(tmp_path, "ims-s2", 9)[2] == " Last 5 min         "
    peak = screen(tmp_path, "ims-s2", 15)
    assert peak[1][0] == "." and peak[2] == " Peak               " and peak[3] == " " * 20
    assert screen(tmp_path, "ims-s2", 15, "--key-switch", "14")[3] == "Demand reset        "
    assert screen(tmp_path, "ims-s2", 16, "--key-switch", "14:1.4")[3] == " " * 20
    assert screen(tmp_path, "ims-s2", 9, "--key-switch", "8")[3] == " " * 20
    assert screen(tmp_path, "ims-s2", 18.5) == ["█" * 20] * 4


def test_button_reset_of_the_centron(tmp_path):
    assert screen(tmp_path, "cp2so", 6, "--keys", "2:enter:3.5")[3] == "Demand reset        "
    assert screen(tmp_path, "cp2so", 5.5, "--keys", "2:enter:2.5")[3] == " " * 20
    assert screen(tmp_path, "cp2so", 6, "--keys", "1:up:0.1,2:up:0.1")[0] == "F32                 "
