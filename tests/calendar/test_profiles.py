# SPDX-License-Identifier: Apache-2.0
"""Each product over days of simulated time, against the oracle: what only time shows. PRODUCTS A4, A5, B1..B3, B6, B7, C1, C5, C7, D1, E5..E7."""
import pytest

from cal import BUILD, FLAG, ROOT, TOU, Run, compare_demands, compare_intervals, compare_months, compare_registers
from oracle import Oracle, Schedule, Zone, utc_s

TORONTO = Zone("America/Toronto")
REL = TOU.relative_to(ROOT)


def schedules(n=1):
    return [Schedule(TOU, TORONTO) for _ in range(n)]


def run(name, text, **oracle):
    r = Run(name, text)
    return r, Oracle(r.stats, **oracle).run(r.trace)


@pytest.mark.parametrize("start, minutes", [("2027-03-10T05:00:00Z", 15), ("2027-11-03T04:00:00Z", 15), ("2027-03-10T05:00:00Z", 60), ("2027-11-03T04:00:00Z", 60),
                                            ("2027-03-10T05:00:00Z", 240), ("2027-11-03T04:00:00Z", 1440), ("2027-03-10T05:00:00Z", 5)])
def test_week_of_a_clock_change(start, minutes):
    """powerstar24: registers, rates, intervals, demands; the day of 23 and of 25 hours."""
    r, o = run(f"week-{start[:10]}-{minutes}", f"""profile powerstar24
start {start}
days 8
seed {minutes}
load 0 19 20 3000 500 200
load 20 23 20 3000 500 200 6000
program interval {minutes} 3
program demand 0 w_del sliding 30 3
schedule {REL}
""", demands=[("w_del", "sliding", 30, 3)], schedules=schedules())
    assert o.rate_changes > 40
    compare_registers(r, o)
    compare_intervals(r, o)
    compare_demands(r, o)
    if minutes == 1440:
        assert 25 * 3600 in {length for _, _, length, _, _ in r.intervals()}


def test_powerstar12_over_the_end_of_a_month_with_cuts_and_settings():
    """A billing period ends; power fails within an interval and over some; the clock is set forward and back. The sums stay exact, gaps are flagged."""
    r, o = run("powerstar12", f"""profile powerstar12
start 2027-01-29T05:00:00Z
days 6
seed 3
load 0 11 20 3000 500 -300
schedule {REL}
at 2027-01-30T14:02:10Z cut 60
at 2027-01-30T17:33:20Z cut 7200 hard
at 2027-01-31T12:07:00Z set_time 125
at 2027-02-01T12:52:00Z set_time -1800
at 2027-02-02T12:00:00Z cut 100000
""", schedules=schedules(), demands=[])
    compare_registers(r, o)
    assert compare_months(r, o) == 24
    records, reg = r.intervals(), r.registers()
    assert [x[0] for x in records] == list(range(1, len(records) + 1))
    for i in range(24):
        p, q = i % 12, i // 12
        rest = reg[p, q, "total"] // 1000 - o.origin[p][q] // 1000 - sum(x[4][i] for x in records)
        assert 0 <= rest < 4_000_000  # what the open interval has
    gaps = [(a[3], b[3], b[1] - b[2] - a[1]) for a, b in zip(records, records[1:]) if b[1] - b[2] != a[1]]
    power = [jump for a, b, jump in gaps if a & b & FLAG["POWER_FAIL"]]
    clock = [jump for a, b, jump in gaps if b & FLAG["TIME_SET"]]
    assert len(gaps) == 4 and power == pytest.approx([7200, 100000], abs=3) and clock == [125, -1800], gaps
    assert [int(e["new"]) for e in r.events("POWER_UP")] == pytest.approx([60, 7200, 100000], abs=3)
    assert [int(e["new"]) - int(e["old"]) for e in r.events("TIME_SET")] == [125, -1800]
    assert len(r.events("POWER_DOWN")) == 3 and r.stats["power_fails"] == 3


def test_cp2so_test_mode_ends_by_itself():
    """B6: energy of test mode is in no rate, demand of it makes no peak; it ends after its time, or with the power. Refused with the seal closed."""
    r, o = run("cp2so", f"""profile cp2so
start 2027-06-01T04:00:00Z
days 3
window 60
seed 5
load 0 2 100 9000 3000 400
schedule {REL}
at 2027-06-02T12:00:00Z test on
at 2027-06-02T13:00:00Z seal open
at 2027-06-02T13:07:00Z test on
at 2027-06-02T15:07:00Z test on
at 2027-06-02T15:20:00Z test off
at 2027-06-02T16:07:00Z test on
at 2027-06-02T16:11:00Z cut 30
at 2027-06-02T17:00:00Z seal closed
""", schedules=schedules(), demands=[("w_del", "block", 15, 1)], test_min=30)
    compare_registers(r, o)
    got = r.registers()
    assert got[0, 0, "test"] == o.rates[0][0][-1] > 1_000_000
    assert len(r.events("TEST_ON")) == 3 and len(r.events("TEST_OFF")) == 3 and len(r.events("REFUSED")) == 1
    begun, ended = int(r.events("TEST_ON")[0]["utc_s"]), int(r.events("TEST_OFF")[0]["utc_s"])
    assert 1800 <= ended - begun <= 1860
    assert r.peaks()[0, 0, "peak", 0] == o.demands[0].peak[0]
    flagged = [x for x in r.intervals() if x[3] & FLAG["TEST"]]
    assert len(flagged) == 3 + 2 + 1  # 13:07..13:37, 15:07..15:20, 16:07..16:11 in intervals of 15 minutes


def test_cp2soa_three_kinds_of_demand():
    """B1, B3: block kW, sliding kvar, thermal kVA, and kVAh."""
    r, o = run("cp2soa", f"""profile cp2soa
start 2027-04-20T04:00:00Z
days 4
window 60
seed 6
load 0 2 100 9000 1500 400
schedule {REL}
""", schedules=schedules(), demands=[("w_del", "block", 15, 1), ("var_del", "sliding", 15, 3)])
    compare_registers(r, o)
    compare_demands(r, o)
    vah = r.registers()[0, 6, "total"]
    assert abs(vah - (o.vah[0] >> 32)) <= o.vah[0] >> 50  # 1e-6: the rounding of each window's current
    assert r.registers()[0, 2, "total"] == sum(v[0] >> 32 for v in o.varh)
    assert thermal(r) == pytest.approx(r.peaks()[0, 2, "peak", 0][0], rel=2e-3)


def thermal(r):
    """The peak of the kVA's thermal demand by the definition, a step a window. Of a step only the mean is known to the meter, too."""
    import math
    d = peak = 0.0
    first = True
    for line in open(r.trace):
        if line[0] == "#":
            continue
        x = [int(v) for v in line.split(",")]
        va = sum(math.hypot(p, q) for p, q in zip(x[3::2], x[4::2]))
        d += (va - d) * (1 - 10 ** (-x[1] / 1e6 / 900)) if not first else 0
        first = False
        peak = max(peak, d)
    return peak


def test_focus_waits_for_the_time_after_a_day_without_power():
    """C5: after an outage of more than 24 h no demand until the time is set; registers and rates go on (C7)."""
    text = f"""profile focus-alf
start 2027-05-02T04:00:00Z
days 9
window 300
seed 8
load 0 1 100 9000 800 100
schedule {REL}
at 2027-05-04T12:02:00Z cut 80000
at 2027-05-06T12:02:00Z cut 90000
at 2027-05-08T12:00:00Z load 0 1 20000 30000 1000
at 2027-05-09T12:00:00Z load 0 1 100 {{}} 800
at 2027-05-09T18:33:00Z set_time 0
"""
    for most in (9000, 19000):  # the highest demand of all is in the time that does not count
        r, o = run(f"focus-{most}", text.format(most), schedules=schedules(), demands=[("w_del", "block", 15, 1)], sync_after_s=86400)
        compare_registers(r, o)
        assert r.peaks()[0, 0, "peak", 0] == o.demands[0].peak[0] and o.demands[0].peak[0][0] < 40_000_000
        waiting = utc_s("2027-05-07T13:02:00Z"), utc_s("2027-05-09T18:33:00Z")
        assert not waiting[0] < r.peaks()[0, 0, "peak", 0][1] <= waiting[1]
    assert len(r.events("POWER_UP")) == 2


def test_cold_load_pick_up():
    """After an outage of more than a minute, half an hour makes no peak."""
    text = """profile cp2so
start 2027-08-02T04:00:00Z
hours 10
window 60
seed {}
load 0 2 100 9000 4000 0
program cold 60 30
at 2027-08-02T05:14:00Z cut 20
at 2027-08-02T06:15:00Z cut 1800
at 2027-08-02T08:00:00Z cut 600
at 2027-08-02T10:00:00Z cut 3600
"""
    for seed in range(6):
        r, o = run(f"cold-{seed}", text.format(seed + 1), demands=[("w_del", "block", 15, 1)], cold=(60, 30), by_schedule=False)
        compare_registers(r, o)
        assert r.peaks()[0, 0, "peak", 0] == o.demands[0].peak[0], seed


@pytest.mark.parametrize("profile, cts", [("mini-s", 1), ("mini-d", 2)])
def test_mini_only_counts(profile, cts):
    """D1: one register, no rates, no demand; intervals of an hour."""
    r, o = run(profile, f"""profile {profile}
start 2027-03-01T05:00:00Z
days 30
window 3600
seed 9
load 0 {cts - 1} 0 15000 6000 100
""", by_schedule=False)
    assert r.stats["n_rates"] == 1 and r.stats["n_demands"] == 0 and r.stats["quantities"] == 1
    got = r.registers()
    assert got[0, 0, "total"] == o.last[0][0] and got[0, 0, 0] == got[0, 0, "all"] == o.last[0][0] - o.origin[0][0]
    records = r.intervals()
    assert [(x[1], x[2], x[4][0]) for x in records] == [(end, length, values[0]) for end, length, values in o.records]
    assert not r.table("closes")


@pytest.mark.parametrize("profile, cts", [("ims-s1", 2), ("ims-s2", 3)])
def test_ims_present_and_peak_demand(profile, cts):
    """E6: mean of the last 5 minutes, peak of rolling 15 minutes; E7: no reset by command. A cut begins the rolling window anew."""
    screens = "".join(f"at 2027-11-04T04:00:{s:02}Z screen\n" for s in range(4, 40, 3))
    r, o = run(profile, f"""profile {profile}
start 2027-10-30T04:01:00Z
days 5
window 60
seed 10
load 0 {cts - 1} 0 30000 5000 200
at 2027-11-01T10:03:20Z cut 1000
at 2027-11-02T10:00:30Z reset
{screens}""", demands=[("w_del", "block", 5, 1), ("w_del", "sliding", 15, 3)], by_schedule=False)
    peaks, previous = r.peaks(), r.previous()
    for k in (0, 1):
        assert peaks[0, k, "peak", 0] == o.demands[k].peak[0]
        assert previous[0, k] == o.demands[k].previous[0]
    shown = set(r.stdout.replace("screen\n", "").split("\n"))
    digits = [f"{mw // 10_000 / 100:07.2f} kW" for mw in (previous[0, 0], peaks[0, 1, "peak", 0][0])]
    assert f"| {digits[0]}         |" in shown and f"|.{digits[1]}         |" in shown, shown  # the dot tells the peak
    assert {f"| {n:06} kWh         |" for n in (o.last[0][0] // 10**9 - 1, o.last[0][0] // 10**9)} & shown, shown
    refused = r.events("REFUSED")
    assert len(refused) == 1 and int(refused[0]["index"]) == 6 and r.stats["demand_resets"] == 0
    assert r.registers()[0, 0, "total"] == o.last[0][0]


def test_demand_reset_and_lock_out():
    """B4: peak to the past peaks and to the cumulative one; a second reset within 15 minutes is refused."""
    r, o = run("resets", f"""profile cp2so
start 2027-04-20T04:00:00Z
days 5
window 300
seed 11
load 0 2 100 9000 1500 400
schedule {REL}
at 2027-04-21T12:01:00Z reset
at 2027-04-21T12:11:00Z reset
at 2027-04-22T13:01:00Z reset
at 2027-04-23T14:01:00Z reset
""", schedules=schedules(), demands=[("w_del", "block", 15, 1)])
    compare_registers(r, o)
    compare_demands(r, o)
    d, peaks = o.demands[0], r.peaks()
    assert r.stats["demand_resets"] == 3 == len(d.past[0]) and len(r.events("REFUSED")) == 1
    assert [peaks[0, 0, "past", i] for i in range(4)] == [*d.past[0], (0, 0, 0)]
    assert peaks[0, 0, "cumulative", 0][0] == d.cumulative[0]


def test_capacity():
    """A5: at least 96 days at 1 h and 24 days at 15 min for 24 points. The ring is filled until it has gone round."""
    r = Run("capacity", """profile powerstar24
start 2027-01-01T05:00:00Z
days 140
window 300
seed 12
load 0 23 20 3000 500 200
program interval 5 3
""")
    s = r.stats["intervals"]
    assert s["written"] > s["records"] and s["erases_of_one_max"] >= 2, "the ring has not gone round"
    assert s["records"] >= 96 * 24 and s["records"] >= 24 * 96
    assert compare_intervals(r, Oracle(r.stats, by_schedule=False).run(r.trace), every=False) == s["records"] * 48
    (BUILD / "capacity.txt").write_text(f"{s['records']} records of 24 points, kWh delivered and received: {s['records'] / 24:.0f} days at 1 h, "
                                        f"{s['records'] / 96:.0f} days at 15 min, {s['records'] / 288:.0f} days at 5 min\n")


@pytest.mark.parametrize("fault, event", [("no_fram", None), ("no_flash", None), ("no_clock", "CLOCK_STOPPED"), ("clock_stopped", "CLOCK_STOPPED")])
def test_metering_never_stops(fault, event):
    """Without FRAM, flash or clock: said on the console or by an event; the registers go on to the last 1e-6 Wh."""
    r, o = run(fault, f"""profile powerstar12
start 2000-01-01T00:05:00Z
days 3
seed 13
load 0 11 20 3000 500 200
fault {fault}
""", by_schedule=False)
    got = r.registers()
    for p in range(12):
        assert got[p, 0, "total"] == o.last[p][0] > 0
        if fault != "no_fram":
            assert got[p, 0, "all"] == o.last[p][0] - o.origin[p][0]
    if fault in ("no_fram", "no_flash"):
        assert f"! no {fault[3:].replace('fram', 'FRAM')}" in r.stdout
    if event:
        assert len(r.events(event)) == 1
        assert all(x[3] & FLAG["CLOCK"] for x in r.intervals())
