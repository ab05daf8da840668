# SPDX-License-Identifier: Apache-2.0
"""A year of 24 points: 15-minute intervals, 4 rates, 10 day types, 4 seasons, holidays, both changes of the clocks, block and sliding demand, 12 billing
periods, against the oracle; then some time of the heaviest records, for the wear. Writes build/calendar/report.json. Usage: year.py [DAYS [HEAVY_DAYS]]"""
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
HEAVY = """profile powerstar24
start 2027-01-01T05:00:00Z
days {days}
window 300
seed 20270102
load 0 23 50 4000 400 300
program interval 5 31
program quantities 255
schedule {tou}
"""
FLASH_CYCLES = 100_000           # a sector: W25Q64JV data sheet, revision K
FRAM_CYCLES = 100_000_000_000_000  # a byte: FM25V10 data sheet, 10^14
YEAR_S = 365 * 86400


def wear(run, days):
    """Years until a sector has had its rated cycles. Each ring turns evenly, so a sector's erases a year are the ring's over its sectors; where the ring has gone
    round often, the sector that had the most must agree."""
    logs = {}
    for name in ("intervals", "closes", "events", "type_a"):
        s = run.stats[name]
        rounds = s["erases"] / s["sectors"]
        assert s["erases_of_one_max"] <= rounds + 2, (name, "the ring does not turn evenly")
        a_year = max(rounds, 1 / s["sectors"]) * 365 / days
        logs[name] = {"sectors": s["sectors"], "erases": s["erases"], "erases_of_one_max": s["erases_of_one_max"], "rounds_a_year": round(a_year, 3),
                      "years_to_100000": int(FLASH_CYCLES / a_year)}
    return logs


def fram(run):
    """A meter saves each second, here each window: what one save writes is counted, the seconds are computed. Each of two copies is written every other time."""
    s = run.stats
    return {"writes_a_save": round(s["fram_writes"] / s["image_saves"], 1), "bytes_a_save": round(s["fram_bytes"] / s["image_saves"]),
            "years_to_1e14": int(FRAM_CYCLES * 2 / YEAR_S)}


def checks(run, oracle, days):
    yield "registers", lambda: compare_registers(run, oracle)
    yield "intervals", lambda: compare_intervals(run, oracle, every=days < 150)
    yield "demands", lambda: compare_demands(run, oracle)
    yield "billing periods", lambda: compare_months(run, oracle)


def main(days=365, heavy_days=40):
    begin = time.monotonic()
    run = Run("year", SCENARIO.format(days=days, tou=TOU.relative_to(ROOT)))
    oracle = Oracle(run.stats, demands=[("w_del", "block", 15, 1), ("w_del", "sliding", 15, 3)], schedules=[Schedule(TOU, Zone("America/Toronto"))]).run(run.trace)
    passed, failed, compared = 0, [], {}
    for name, check in checks(run, oracle, days):
        try:
            compared[name] = check()
            passed += 1
        except AssertionError as e:
            failed.append(f"{name}: {e}")
    seconds = time.monotonic() - begin
    heavy = Run("heavy", HEAVY.format(days=heavy_days, tou=TOU.relative_to(ROOT)))
    report = {"days": days, "windows": run.stats["windows"], "simulation_s": round(run.seconds, 1), "with_oracle_s": round(seconds, 1), "simulation_cpu_s": run.cpu_s,
              "times_real": round(days * 86400 / run.seconds), "rate_changes": oracle.rate_changes, "compared": compared,
              "interval_records_kept": run.stats["intervals"]["records"], "flash": wear(run, days), "fram": fram(run),
              "heaviest": {"days": heavy_days, "interval_min": 5, "channels": "all", "interval_records_kept": heavy.stats["intervals"]["records"],
                           "flash": wear(heavy, heavy_days), "fram": fram(heavy)}}
    (BUILD / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    return report, failed, passed


if __name__ == "__main__":
    report, failed, passed = main(*(int(a) for a in sys.argv[1:]))
    print(json.dumps(report, indent=1))
    print("\n".join(failed))
    print(f"{passed} passed, {len(failed)} failed")
    sys.exit(bool(failed))
