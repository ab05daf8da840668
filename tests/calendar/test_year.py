# SPDX-License-Identifier: Apache-2.0
"""The year, once: right, fast enough, and far from the end of its memories."""
import year


def test_year():
    report, failed, _ = year.main()
    assert not failed, failed
    assert report["simulation_cpu_s"] <= 60, "a year in at most 60 s on one core"
    assert all(n > 0 for n in report["compared"].values()) and report["rate_changes"] > 2500
    for logs in (report["flash"], report["heaviest"]["flash"]):
        assert all(log["years_to_100000"] >= 20 for log in logs.values()), logs
