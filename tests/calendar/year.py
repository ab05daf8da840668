# SPDX-License-Identifier: Apache-2.0
"""A year of 24 points: 15-minute intervals, 4 rates, 10 day types, 4 seasons, holidays, both changes of the clocks, block and sliding demand, 12 billing
periods, against the oracle. Writes build/calendar/report.json with the wear. Usage: year.py [days]"""
import json, sys, time

from cal import BUILD, ROOT, TOU, Run, compare_demands, compare_intervals, compare_months, compare_registers
from oracle import Oracle, Schedule, Zone

SCENARIO = """profile powerstar24
start 2027-01-01T05:00:00Z
days {days}
window 300
seed 20270101
load 0 11 50 4000 400 300
load 12 17 0 9000 2000 -250
load 18 23 100 5000 500 100 7000
program interval 15 3
program demand 0 w_del block 15 1
program demand 1 w_del sliding 15 3
schedule {tou}
"""
RATED = 100_000  # cycles: W25Q64JV data sheet, revision K


def wear(stats, days):
    """Years until the sector that was erased most has had its rated cycles, were the year repeated; each ring turns evenly, so the mean of a ring counts where
    its sectors were erased only a few times."""
    logs = {}
    for name in ("intervals", "closes", "events", "type_a"):
        s = stats[name]
        a_year = max(s["erases"] / s["sectors"], 1 / s["sectors"]) * 365 / days
        logs[name] = {"erases_a_sector_and_year": round(a_year, 4), "erases_of_one_max": s["erases_of_one_max"], "years_to_100000": round(RATED / a_year)}
    return logs


def main():
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 365
    begin = time.monotonic()
    run = Run("year", SCENARIO.format(days=days, tou=TOU.relative_to(ROOT)))
    zone = Zone("America/Toronto")
    oracle = Oracle(run.stats, demands=[(0, "block", 15, 1), (0, "sliding", 15, 3)], schedules=[Schedule(TOU, zone)]).run(run.trace)
    checks = {"registers": lambda: compare_registers(run, oracle), "intervals": lambda: compare_intervals(run, oracle, every=days < 150),
              "demands": lambda: compare_demands(run, oracle), "billing periods": lambda: compare_months(run, oracle)}
    passed = failed = 0
    for name, check in checks.items():
        try:
            print(f"{name}: {check()} compared")
            passed += 1
        except AssertionError as e:
            print(f"{name}: FAILED {e}")
            failed += 1
    seconds = time.monotonic() - begin
    s = run.stats
    report = {"days": days, "windows": s["windows"], "simulation_s": round(run.seconds, 1), "all_s": round(seconds, 1),
              "times_real": round(days * 86400 / run.seconds), "rate_changes": oracle.rate_changes, "interval_records_kept": s["intervals"]["records"],
              "flash": wear(s, days), "fram_writes_a_year": round(s["fram_writes"] * 365 / days), "fram_bytes_a_year": round(s["fram_bytes"] * 365 / days)}
    (BUILD / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report))
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
