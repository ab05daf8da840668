# SPDX-License-Identifier: Apache-2.0
"""The billing meter as clients see it (model tier): registers by rate, tariff, demand, logs, program, seal. Clients: pymodbus and mbpoll."""
import datetime, re, struct, subprocess, zlib
import pytest
from conftest import ROOT
from meter_client import MeterError, Refused

PANEL = ROOT / "sim/scenarios/panel24.scn"
EPOCH = datetime.datetime(2000, 1, 1)
STARTED, KEPT, LOGS, TEST, PENDING, KNOWN = (1 << n for n in (0, 1, 2, 5, 7, 8))
LOADED = 0  # a point with load all the time: the boiler
# exceptions
ILLEGAL_VALUE, FAILED, BUSY = 3, 4, 6
RANGE, CRC, SEALED, STATE = -1, -5, -7, -8  # register 629

# Rate 2 from 12:00 to 18:00 local (UTC-5, in summer UTC-4), rate 1 else, rate 3 on weekends.
SCHEDULE = """schedule 17 "Test tariff"
zone -300 dst 60 start m3w2d0 02:00 end m11w1d0 02:00
rate 1 "Off-peak"
rate 2 "Peak"
rate 3 "Weekend"
daytype work 00:00=1 12:00=2 18:00=1
daytype rest 00:00=3
season all from 01-01 mon-fri=work sat,sun=rest holiday=rest
"""


def utc(text):
    return int((datetime.datetime.fromisoformat(text) - EPOCH).total_seconds())


def image(tmp_path, text=SCHEDULE):
    (tmp_path / "s.tou").write_text(text)
    done = subprocess.run([ROOT / "build/tou/tou-check", "-o", tmp_path / "s.bin", tmp_path / "s.tou"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return (tmp_path / "s.bin").read_bytes()


def with_crc(data):
    return data[:-4] + struct.pack("<I", zlib.crc32(data[:-4]))


def started(m):
    m.wait(lambda w: m.item("BOOKS")["STATUS"] & STARTED and w["UPTIME_WIN"] > 1_500_000, 120, "books running")


def pass_time(m, seconds):
    end = m.item("WINDOW")["UPTIME_WIN"] + seconds * 1e6
    m.wait(lambda w: w["UPTIME_WIN"] >= end, 300, f"{seconds} s")


def until(m, what, condition, seconds=20):
    """Waits for so many metered seconds at most."""
    end = m.item("WINDOW")["UPTIME_WIN"] + seconds * 1e6
    while not condition():
        assert m.item("WINDOW")["UPTIME_WIN"] < end, what
        m.wait(lambda w, at=m.item("WINDOW")["SEQ"]: w["SEQ"] > at, 60, "a window")


def adds_up(point):
    for q, r in point.items():
        assert r["all"] == sum(r["rates"]), q
        assert r["shown"] == r["all"] // 10**6 % 10**9, "9 digits, 3 decimals"   # as powerstar24 shows


def test_registers_are_the_sums_of_their_rates(panel):
    with panel.meter() as m:
        started(m)
        assert m.item("BOOKS")["STATUS"] & (KEPT | LOGS | KNOWN) == KEPT | LOGS | KNOWN
        for _ in range(3):
            for p in range(m.n_points):
                r = m.billing(p)
                assert set(r) == {"WH_DEL", "WH_REC"}, "registers of powerstar24"
                adds_up(r)
                assert r["WH_DEL"]["net"] - (r["WH_DEL"]["all"] - r["WH_REC"]["all"]) in range(-10**6, 10**6), "another window at most"


def test_registers_grow_as_the_points_do(panel):
    def both(points):
        for _ in range(50):
            before = m.item("WINDOW")["SEQ"]
            got = [(m.billing(p), m.item("POINTX", p)) for p in points]
            if m.item("WINDOW")["SEQ"] == before:
                return got
        pytest.fail("no three points within one window")

    with panel.meter() as m:
        started(m)
        now = m.items("POINT", m.n_points)
        exports = min(range(m.n_points), key=lambda p: now[p]["P_P"])
        network = next(p for p in range(m.n_points) if now[p]["P_NCT"] == 2)
        first = both((LOADED, exports, network))
        pass_time(m, 1)
        second = both((LOADED, exports, network))
    for (b1, p1), (b2, p2) in zip(first, second):
        assert b2["WH_DEL"]["all"] - b1["WH_DEL"]["all"] == p2["NET_DEL"] - p1["NET_DEL"]
        assert b2["WH_REC"]["all"] - b1["WH_REC"]["all"] == p2["NET_REC"] - p1["NET_REC"]
        assert b2["WH_DEL"]["net"] == p2["NET"] - (p1["NET"] - b1["WH_DEL"]["net"])
    assert second[0][0]["WH_DEL"]["all"] > first[0][0]["WH_DEL"]["all"] and second[1][0]["WH_REC"]["all"] > first[1][0]["WH_REC"]["all"]


def mbpoll(port, start, count, kind, *values):
    out = subprocess.run(["mbpoll", "-m", "tcp", "-p", str(port), "-a", "1", "-0", "-1", "-r", str(start), *(["-c", str(count)] if not values else []), "-t", kind, "-B",
                          "127.0.0.1", *map(str, values)], capture_output=True, text=True, timeout=60)
    return out, [int(v) for v in re.findall(r"^\[\d+\]:\s+(-?\d+)", out.stdout, re.M)]


def test_mbpoll_sees_registers_and_is_refused(panel):
    with panel.meter() as m:
        started(m)
        b = m.map["REGISTER"]
        has = b["addr"] + next(r["off"] for r in b["regs"] if r["value"] == "B_HAS")
        assert mbpoll(panel.port, has, 1, "4")[1] == [1]
        assert mbpoll(panel.port, has + 2 * b["size"], 1, "4")[1] == [0], "no varh in powerstar24"
        out, shown = mbpoll(panel.port, b["addr"] + 40, 1, "4:int")
        assert out.returncode == 0 and 0 <= m.billing(0)["WH_DEL"]["shown"] - shown[0] < 10_000
        assert "llegal data address" in mbpoll(panel.port, b["addr"], 1, "4", 0)[0].stderr, "registers are read only"
        out, _ = mbpoll(panel.port, m.map["PROG"]["addr"], 1, "4", 1)
        assert out.returncode != 0 and "ailure" in out.stderr + out.stdout, "sealed: server device failure"


def test_sealed_every_write_that_bills_is_refused_and_logged(sim):
    run = sim(PANEL, "--rtc", "2026-07-15T12:00:00")
    with run.meter() as m:
        started(m)
        kept = {b: m.items(b, 1) for b in ("PROG", "PROG_DEMAND", "CFG_CT", "CFG_POINT", "CFG2", "CFG_CT2")}
        writes = [(4, "PROG", "P_PAST", 6), (4, "PROG_DEMAND", "PD_INTERVAL", 30), (4, "PROG_OUTPUT", "PO_KIND", 1), (4, "PROG_ITEM", "PI_WHAT", 2),
                  (4, "ASK", "PROFILE", 1), (4, "ASK", "TEST", 1), (4, "ASK", "CLEAR_LOG", 1), (4, "CLOCK", "SET", utc("2030-01-01T00:00:00")),
                  (4, "TOU", "TOU_END", 1), (4, "CAL", "CAL_COMMAND", 1), (4, "CFG_CT", "C_POL", 1), (4, "CFG_POINT", "CP_WEIGHT", 1000),
                  (4, "CFG2", "V_NOMINAL", 230_000), (4, "CFG_CT2", "RATED", 100_000)]
        groups = (2, 2, 2, 2, 2, 7, 8, 5, 3, 4, 1, 1, 1, 1)
        for code, block, value, number in writes:
            assert m.write(block, 0, value, number).exception_code == code, (block, value)
            until(m, "room for events: 12 wait at most", lambda: m.item("EVENTS")["EV_WAITING"] < 6)
        with pytest.raises(Refused) as refused:
            m.upload_schedule(bytes(704))
        assert refused.value.code == FAILED and refused.value.result == SEALED
        until(m, "all refusals in the log", lambda: m.item("EVENTS")["EV_WAITING"] == 0)
        log = [e for e in m.events() if e["name"] == "refused"]
        assert [e["index"] for e in log] == [*groups, 3]
        assert [e["occurrence"] for e in log] == list(range(1, len(log) + 1)) and all(e["new"] == SEALED for e in log)
        assert {b: m.items(b, 1) for b in kept} == kept
        assert m.item("CLOCK")["YEAR"] == 2026 and m.item("BOOKS")["SCHEDULE"] == "flat" and not m.item("BOOKS")["STATUS"] & TEST


def test_a_schedule_is_uploaded_and_the_rate_follows_it(sim, tmp_path):
    run = sim(PANEL, "--rtc", "2026-07-15T12:00:00", "--unsealed")
    data = image(tmp_path)
    with run.meter() as m:
        started(m)
        m.upload_schedule(data)
        until(m, "the schedule in force", lambda: m.item("BOOKS")["SCHEDULE_ID"] == 17)
        b = m.item("BOOKS")
        assert (b["SCHEDULE"], b["RATE"], b["AHEAD"], b["DST"], b["NEXT_AT"]) == ("Test tariff", 1, -4 * 3600, 1, 0)
        assert b["UNTIL"] == utc("2026-07-15T16:00:00"), "12:00 local"
        assert m.schedule() == data
        m.ask("CLOCK", 0, "SET", utc("2026-07-15T15:59:57"))
        until(m, "rate 2", lambda: m.item("BOOKS")["COUNTS"] == 2)
        assert m.item("BOOKS")["UTC"] >= utc("2026-07-15T16:00:00")
        pass_time(m, 1)
        before = [m.billing(p) for p in range(m.n_points)]
        pass_time(m, 2)
        after = [m.billing(p) for p in range(m.n_points)]
        for p in range(m.n_points):
            adds_up(after[p])
            for q in after[p]:
                assert after[p][q]["rates"][0] == before[p][q]["rates"][0] and after[p][q]["rates"][2:] == [0] * 6
                assert after[p][q]["rates"][1] - before[p][q]["rates"][1] == after[p][q]["all"] - before[p][q]["all"]
        assert after[LOADED]["WH_DEL"]["rates"][1] > before[LOADED]["WH_DEL"]["rates"][1] > 0 < before[LOADED]["WH_DEL"]["rates"][0]
        m.ask("CLOCK", 0, "SET", utc("2026-07-18T03:59:57"))                 # Friday 23:59:57 local
        until(m, "the weekend", lambda: m.item("BOOKS")["COUNTS"] == 3)
        sets = [e for e in m.events() if e["name"] == "time set"]
        assert [e["new"] for e in sets] == [utc("2026-07-15T15:59:57"), utc("2026-07-18T03:59:57")]
        assert utc("2026-07-15T12:00:00") <= sets[0]["old"] < utc("2026-07-15T12:05:00") and sets[0]["time_ok"]
        assert utc("2026-07-15T16:00:00") <= sets[1]["old"] < utc("2026-07-15T16:05:00")
        assert any(e["name"] == "programmed" and e["index"] == 3 for e in m.events(log=1)), "a change of the tariff is in the type A log"


def test_a_wrong_schedule_is_named_and_the_one_before_stays(sim, tmp_path):
    run = sim(PANEL, "--rtc", "2026-07-15T12:00:00", "--unsealed")
    data = image(tmp_path)
    with run.meter() as m:
        started(m)
        m.upload_schedule(data)
        until(m, "the schedule in force", lambda: m.item("BOOKS")["SCHEDULE_ID"] == 17)
        wrong = bytearray(data)
        wrong[100] ^= 1
        with pytest.raises(Refused) as refused:
            m.upload_schedule(bytes(wrong))
        assert refused.value.code == ILLEGAL_VALUE and refused.value.result == CRC
        for at, fault in ((10, ("schedule", -1, "n_rates")), (12, ("schedule", -1, "n_seasons")), (19, ("schedule", -1, "effective")), (22, ("schedule", -1, "zone")),
                          (52, ("daytype", 0, "n_segments")), (64, ("daytype", 0, "order")), (224, ("season", 0, "date"))):
            wrong = bytearray(data)
            wrong[at] = 0xFF
            with pytest.raises(Refused) as refused:
                m.upload_schedule(with_crc(bytes(wrong)))
            assert refused.value.code == ILLEGAL_VALUE and refused.value.result == RANGE and refused.value.fault == fault
        pass_time(m, 1)
        assert m.item("BOOKS")["SCHEDULE_ID"] == 17 and m.schedule() == data
        m.upload_schedule(data)
        assert m.item("ASK")["FAULT_GROUP"] == "" and m.item("ASK")["RESULT"] == 0


def test_a_schedule_for_later_is_pending(sim, tmp_path):
    run = sim(PANEL, "--rtc", "2026-07-15T12:00:00", "--unsealed")
    later = SCHEDULE.replace("zone", "effective 2026-08-01 04:00 utc\nzone")
    with run.meter() as m:
        started(m)
        m.upload_schedule(image(tmp_path, later))
        until(m, "pending", lambda: m.item("BOOKS")["NEXT_AT"] == utc("2026-08-01T04:00:00"))
        assert m.item("BOOKS")["STATUS"] & PENDING and m.item("BOOKS")["SCHEDULE"] == "flat"
        m.ask("CLOCK", 0, "SET", utc("2026-08-01T03:59:58"))
        until(m, "taken at its date", lambda: m.item("BOOKS")["SCHEDULE"] == "Test tariff")
        assert m.item("BOOKS")["NEXT_AT"] == 0


def test_intervals_read_back_and_survive(sim, tmp_path):
    files = ["--fram", str(tmp_path / "fram.bin"), "--flash", str(tmp_path / "flash.bin")]
    run = sim(PANEL, "--rtc", "2026-07-15T12:00:00", "--unsealed", *files)
    with run.meter() as m:
        started(m)
        m.set_program(P_IV_MINUTES=5, P_IV_CHANNELS=1 | 2 | 16, P_IV_UNIT=0)
        until(m, "the new program", lambda: m.item("BOOKS")["REVISION"] > 1)
        for k in range(1, 5):
            at = m.item("INTERVALS")["IV_NEXT"]
            m.ask("CLOCK", 0, "SET", utc("2026-07-15T12:04:58") + 600 * k)
            until(m, "one ends with the old time, one with its own", lambda: m.item("INTERVALS")["IV_NEXT"] >= at + 2)
        until(m, "the record in flash", lambda: m.item("INTERVALS")["IV_WAITING"] == 0)
        log = m.intervals(volts=True)
        registers = [m.billing(p) for p in range(m.n_points)]
        assert [r["seq"] for r in log] == list(range(1, len(log) + 1)) and len(log) >= 4
        assert [r["end"] % 300 for r in log].count(0) >= 4 and all(r["points"] == 24 for r in log)
        assert any(r["flags"] & 2 for r in log), "the time was set"
        new = [r for r in log if r["minutes"] == 5]
        assert len(new) >= 4 and all(set(r["values"]) == {"WH_DEL", "WH_REC"} for r in new)
        for v in range(3):
            assert all(110_000 < r["volts"][v][0] <= r["volts"][v][1] < 130_000 for r in new)
        for p in range(m.n_points):
            for q in ("WH_DEL", "WH_REC"):
                total = sum(r["values"].get(q, [0] * 24)[p] for r in log)
                assert total <= registers[p][q]["all"] + 1000, (p, q)
        boiler = sum(r["values"]["WH_DEL"][LOADED] for r in new)
        assert boiler > 0 and registers[LOADED]["WH_DEL"]["all"] - sum(r["values"]["WH_DEL"][LOADED] for r in log) < 0.5 * boiler
        with pytest.raises(MeterError):
            m.intervals(first=0)
        assert m.intervals(first=m.item("INTERVALS")["IV_NEXT"]) == []
        pass_time(m, 2)
    run.kill()
    again = sim(PANEL, "--rtc", "2026-07-15T13:00:00", *files, name="again")
    with again.meter() as m:
        started(m)
        assert m.intervals(volts=True)[:len(log)] == log
        assert any(e["name"] == "power up" for e in m.events())
        for p in range(m.n_points):
            assert m.billing(p)["WH_DEL"]["all"] >= registers[p]["WH_DEL"]["all"]


def test_a_program_is_checked_taken_and_kept(sim, tmp_path):
    files = ["--fram", str(tmp_path / "fram.bin"), "--flash", str(tmp_path / "flash.bin")]
    run = sim(PANEL, "--unsealed", *files)
    with run.meter() as m:
        started(m)
        first = m.program()
        for changes, field in (({"P_DIGITS": 10 | 3 << 8}, "digits"), ({"P_RATES": 0}, "n_rates"), ({"demands": {0: {"PD_INTERVAL": 7}}}, None),
                               ({"P_TOU": 2}, None), ({"P_QUANTITIES": 0}, "quantities")):
            with pytest.raises(Refused) as refused:
                m.set_program(**changes)
            assert refused.value.code == ILLEGAL_VALUE and refused.value.result == RANGE
            if field is not None:
                assert refused.value.fault[2] == field
        assert m.program() == first
        changes = {"P_QUANTITIES": 0xFF, "P_CLOSE_DAY": 28, "P_DEMANDS": 2, "P_COLD_AFTER": 70_000,
                   "demands": {1: {"PD_QUANTITY": 4, "PD_METHOD": 1, "PD_INTERVAL": 15, "PD_SUBS": 3}}}
        m.set_program(**changes)
        assert m.program()["P_QUANTITIES"] == 0xFF, "what was written is read back at once"
        until(m, "the new program", lambda: m.item("BOOKS")["REVISION"] > 1)
        pass_time(m, 2)
        p = m.program()
        for key in ("P_QUANTITIES", "P_CLOSE_DAY", "P_DEMANDS", "P_COLD_AFTER"):
            assert p[key] == changes[key]
        assert p["demands"][1] == changes["demands"][1] and p["items"] == first["items"]
        assert len(m.billing(0)) == 8 and m.demand(0, 1) is not None and m.demand(0, 2) is None
        assert m.demand(0, 1)["D_PRESENT"] > 0
        adds_up(m.billing(0))
    run.kill()
    again = sim(PANEL, *files, name="again")
    with again.meter() as m:
        started(m)
        assert m.program() == p


def test_profile_by_number(sim):
    run = sim(PANEL, "--unsealed")
    with run.meter() as m:
        started(m)
        assert m.write("ASK", 0, "PROFILE", 9).exception_code == ILLEGAL_VALUE
        m.ask("ASK", 0, "PROFILE", 3)                                        # CP2SOA: 5 energies, 3 demands
        until(m, "the new program", lambda: m.item("BOOKS")["REVISION"] > 1)
        assert m.item("ASK")["PROFILE"] == 3 and m.item("PROG")["P_DEMANDS"] == 3


def test_demand_reset_and_its_lock_out(sim):
    run = sim(PANEL, "--rtc", "2026-07-15T12:00:00", "--unsealed")
    with run.meter() as m:
        started(m)
        m.set_program(P_RESET_LOCK=10, P_NO_PEAK=0)
        until(m, "the new program", lambda: m.item("BOOKS")["REVISION"] > 1)
        m.ask("CLOCK", 0, "SET", utc("2026-07-15T12:14:55"))
        until(m, "a peak", lambda: m.demand(LOADED, 0)["D_PEAK"] > 0)
        d = m.demand(LOADED, 0)
        assert d["D_PEAK_UTC"] == utc("2026-07-15T12:15:00") and d["D_PEAK_RATE"] == 1 and d["D_RATE1"] == d["D_PEAK"] == d["D_CONTINUOUS"]
        assert m.write("ASK", 0, "RESET_DEMAND", 2).exception_code == ILLEGAL_VALUE
        m.ask("ASK", 0, "RESET_DEMAND", 1)
        until(m, "the reset", lambda: m.item("BOOKS")["RESETS"] == 1)
        after = m.demand(LOADED, 0)
        assert after["D_PEAK"] == 0 and after["D_CUMULATIVE"] == d["D_PEAK"]
        assert m.past_peaks(LOADED, 0)[0] == (d["D_PEAK"], d["D_PEAK_UTC"], 1) and len(m.past_peaks(LOADED, 0)) == 13
        assert 0 < m.item("BOOKS")["LOCK"] <= 600
        with pytest.raises(Refused) as refused:
            m.ask("ASK", 0, "RESET_DEMAND", 1)
        assert refused.value.code == BUSY and refused.value.result == STATE and m.item("BOOKS")["REFUSED"] == 1


def test_test_mode_leaves_the_billing_registers_alone(sim):
    run = sim(PANEL, "--unsealed")
    with run.meter() as m:
        started(m)
        m.ask("ASK", 0, "TEST", 1)
        until(m, "test mode", lambda: m.item("BOOKS")["COUNTS"] == 254)
        assert m.item("ASK")["TEST"] == 1 and 0 < m.item("BOOKS")["TEST_LEFT"] <= 3600
        before = m.billing(LOADED)["WH_DEL"]
        pass_time(m, 2)
        after = m.billing(LOADED)["WH_DEL"]
        assert after["rates"] == before["rates"] and after["all"] == before["all"] and after["test"] > before["test"]
        m.ask("ASK", 0, "TEST", 0)
        until(m, "test mode off", lambda: m.item("BOOKS")["COUNTS"] == 1)
        pass_time(m, 1)
        last = m.billing(LOADED)["WH_DEL"]
        assert last["all"] > after["all"] and last["test"] >= after["test"]
        names = [e["name"] for e in m.events()]
        assert names.index("test on") < names.index("test off")


def test_a_closed_period_is_read_back(sim):
    run = sim(PANEL, "--rtc", "2026-07-15T12:00:00", "--unsealed")
    with run.meter() as m:
        started(m)
        pass_time(m, 1)
        before = [m.billing(p) for p in range(m.n_points)]
        m.ask("ASK", 0, "CLOSE", 1)
        until(m, "the period closed", lambda: m.item("BOOKS")["CLOSES"] == 1, 60)
        after = [m.billing(p) for p in range(m.n_points)]
        until(m, "all of it in flash", lambda: m.item("CLOSE")["CL_NEWEST"] == 1)
        for p in range(m.n_points):
            closed = m.closed_registers(1, p)
            assert closed is not None and set(closed) == set(before[p])
            for q in closed:
                assert before[p][q]["all"] <= sum(closed[q]["rates"]) <= after[p][q]["all"], (p, q)
        assert m.closed_registers(2, 0) is None
