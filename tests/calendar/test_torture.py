# SPDX-License-Identifier: Apache-2.0
"""A sample of the torture: another place and seed with each release would be found by `make torture`, which cuts at every operation."""
import json, subprocess

from cal import BUILD, TOU


def torture(*args, program="torture"):
    out = BUILD / "torture-sample.json"
    BUILD.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([str(BUILD / program), "--schedule", str(TOU), "-o", str(out), *map(str, args)], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(out.read_text())


def test_cuts():
    r = torture("--every", 53, "--multi", 2, "--seed", 7)
    assert r["cuts"] > 1200 and r["cuts_in_recovery"] > 400 and r["cuts_at_flash_programs"] > 10
    assert r["failures"] == r["intervals_lost"] == r["corruptions_undetected"] == 0
    assert r["newest_image_back"] + r["image_before_back"] > 1200
    assert 0 < r["lost_s_max"] < 2.1 and 0 < r["lost_wh_max"] < 4.7  # the last window, and the one that ended as it began: 8 kW


def test_with_sanitizers():
    r = torture("--every", 500, "--multi", 1, "--seed", 9, "--flips", 8, "--fram-flips", 15, "--dead", 3, program="torture-san")
    assert r["cuts"] > 200 and r["failures"] == 0


def test_memories_that_fail():
    r = torture("--every", 1000000, "--multi", 0, "--seed", 8, "--flips", 60, "--fram-flips", 90, "--dead", 6)
    assert r["flash_flips_seen"] == r["flash_flips"] == 60 and r["fram_flips_seen"] > 10
    assert r["dead_sectors_found"] == r["dead_sectors"] == 6 and r["intervals_over_dead"] == 250
    assert r["failures"] == r["intervals_lost"] == r["corruptions_undetected"] == 0
