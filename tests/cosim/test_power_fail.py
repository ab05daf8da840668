# SPDX-License-Identifier: Apache-2.0
"""The supply warns that it will fail: what has been metered until then is in the FRAM within the hold-up time (docs/books.md)."""
import csv
import pytest
from test_profiles import panel

HOLD_UP_S = 0.1
PUBLISH_S = 0.2  # from the end of a window to registers that hold it, at most
LOADS = "\n".join(f"load {k} heater watts={1000 + 400 * k}" for k in range(24))


@pytest.mark.parametrize("tier,warnings", [("model", (1.61, 1.70, 2.25, 2.41, 2.43, 3.6)), ("rtl", (1.84,))])
def test_nothing_is_lost_after_a_warning(sim, tmp_path, tier, warnings):
    without = tmp_path / "idle"
    without.mkdir()
    loaded, idle = panel(tmp_path, LOADS), panel(without, "\n".join(f"load {k} noload" for k in range(24)))
    for n, warning_s in enumerate(warnings):
        fram = str(tmp_path / f"fram{n}")
        s = sim(loaded, "--fram", fram, "--power-fail", str(warning_s), "--linger", "0", name=f"before{n}", tier=tier, seconds=warning_s + HOLD_UP_S)
        assert s.process.wait(timeout=600) == 0
        r = s.stop()
        assert 0 < r["power_fail_saved_ms"] < 1e3 * HOLD_UP_S
        with open(s.folder / "truth.csv", encoding="ascii") as f:
            seen = [w for w in csv.DictReader(f) if float(w["seconds"]) < warning_s - PUBLISH_S][-1]
        s = sim(idle, "--fram", fram, name=f"after{n}", tier=tier)
        with s.meter() as m:
            m.wait(lambda w: w["UPTIME_WIN"] > 400_000, 300, "a window")
            kept = [p["NET_DEL"] for p in m.items("POINTX", m.n_points)]
        s.stop()
        for k, uwh in enumerate(kept):
            assert uwh > 0.97 * 1e6 / 3600 * float(seen[f"ct{k}_wh_j"]) > 0, f"CT {k}, warning at {warning_s} s: a window is 5 % and more"
