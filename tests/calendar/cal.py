# SPDX-License-Identifier: Apache-2.0
"""Runs pwcal and reads what it wrote; the comparison of a whole run with the oracle."""
import csv, json, pathlib, resource, subprocess, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PWCAL = ROOT / "build/sim/pwcal"
TOU = ROOT / "tests/calendar/full.tou"
BUILD = ROOT / "build/calendar"
FLAG = dict(POWER_FAIL=1, TIME_SET=2, TEST=4, PARTIAL=8, OVERFLOW=16, TAMPER=32, CLOCK=64, LATE=128)
EVENT = dict(POWER_DOWN=1, POWER_UP=2, TIME_SET=3, PROGRAMMED=4, DEMAND_RESET=5, SEAL_OPENED=6, SEAL_CLOSED=7, REFUSED=8, TEST_ON=9, TEST_OFF=10, FLASH=19,
             STORE_CORRUPT=25, SCHEDULE=27, CLOCK_STOPPED=20)


class Run:
    def __init__(self, name, scenario):
        self.folder = BUILD / name
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "scenario.cal"
        file.write_text(scenario)
        begin, cpu = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = subprocess.run([str(PWCAL), str(file), "-o", str(self.folder), "-v"], capture_output=True, encoding="latin-1", timeout=600, cwd=ROOT) # the LCD has a character FFh
        self.seconds = time.monotonic() - begin
        self.cpu_s = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - cpu, 1)
        assert done.returncode == 0, done.stdout + done.stderr
        self.stdout = done.stdout
        self.stats = json.loads((self.folder / "stats.json").read_text())
        self.trace = self.folder / "trace.csv"

    def table(self, name):
        with open(self.folder / f"{name}.csv") as f:
            return list(csv.DictReader(f))

    def intervals(self):
        """(seq, end, length, flags, values)"""
        with open(self.folder / "intervals.csv") as f:
            next(f)
            return [(r[1], r[2], r[3], r[4], r[7:]) for r in ([int(x) for x in line.split(",")] for line in f)]

    def registers(self):
        """{(point, quantity, rate): value}; rates also "total", "test", "all" """
        return {(int(r["point"]), int(r["quantity"]), int(r["rate"]) if r["rate"].isdigit() else r["rate"]): int(r["value_e6"]) for r in self.table("registers")}

    def peaks(self):
        """{(point, demand, what, index): (mW, UTC, rate)}"""
        return {(int(r["point"]), int(r["demand"]), r["what"], int(r["index"])): (int(r["mw"]), int(r["utc_s"]), int(r["rate"])) for r in self.table("peaks")}

    def previous(self):
        return {(int(r["point"]), int(r["demand"])): int(r["mw"]) for r in self.table("peaks") if r["what"] == "previous"}

    def events(self, kind, log=0):
        return [r for r in self.table("events") if int(r["kind"]) == EVENT[kind] and int(r["log"]) == log]


def compare_registers(run, oracle):
    """Total = sum of the rates and test mode, and each rate is the oracle's. @return numbers compared"""
    got, n = run.registers(), 0
    for p in range(oracle.n_points):
        for q in (0, 1):
            if (p, q, "all") not in got:
                continue
            rates = [got[p, q, r] for r in range(oracle.n_rates)]
            assert rates == oracle.rates[p][q][:-1], (p, q)
            assert got[p, q, "test"] == oracle.rates[p][q][-1], (p, q)
            assert sum(rates) == got[p, q, "all"], (p, q)
            assert got[p, q, "total"] == oracle.last[p][q], (p, q)
            assert got[p, q, "all"] + got[p, q, "test"] == got[p, q, "total"] - oracle.origin[p][q], (p, q)
            n += len(rates) + 4
    return n


def compare_intervals(run, oracle, every=True):
    """All records that the ring still has are the oracle's; with `every`, all of them are there, and their sum and what is in the open interval is the register."""
    got, want = run.intervals(), oracle.records
    n_values = oracle.n_points * 2
    assert got, "no records"
    assert [r[0] for r in got] == list(range(got[0][0], got[0][0] + len(got))), "numbers have a gap"
    if every:
        assert len(got) == len(want)
    for mine, (end, length, values) in zip(reversed(got), reversed(want)):
        assert mine[1:3] == (end, length), (mine[:4], end, length)
        assert mine[4] == values, (mine[0], [(i, a, b) for i, (a, b) in enumerate(zip(mine[4], values)) if a != b])
    if every:
        registers = run.registers()
        sums = [sum(column) for column in zip(*(r[4] for r in got))]
        for i in range(n_values):
            p, q = i % oracle.n_points, i // oracle.n_points
            now = registers[p, q, "total"] // 1000
            assert sums[i] == now - (now - oracle.open[2][i]) - oracle.origin[p][q] // 1000, (p, q)
    return len(got) * n_values


def compare_demands(run, oracle):
    peaks, previous, n = run.peaks(), run.previous(), 0
    for k, d in enumerate(oracle.demands):
        for p in range(oracle.n_points):
            assert peaks[p, k, "peak", 0] == d.peak[p], (k, p)
            assert previous[p, k] == d.previous[p], (k, p)
            for rate in range(oracle.n_rates):
                mine, want = peaks[p, k, "rate", rate], d.rate_peak[p][rate]
                assert mine[:2] == want[:2] and (want[0] == 0 or mine[2] == rate), (k, p, rate, mine, want)
            n += 2 + oracle.n_rates
    return n


def compare_months(run, oracle):
    """Closed billing periods: part 0 and 1 of each point are the registers of kWh delivered and received, by rate and test mode."""
    got = {(int(r["close"]), int(r["point"]), int(r["part"])): (int(r["utc_s"]), bytes.fromhex(r["hex"])) for r in run.table("closes")}
    n = 0
    for close, (utc, rates) in enumerate(oracle.months, 1):
        for p in range(oracle.n_points):
            for q in (0, 1):
                assert (close, p, q) in got, (close, p, q)
                when, data = got[close, p, q]
                words = [int.from_bytes(data[i:i + 8], "little") for i in range(0, len(data), 8)]
                assert when == utc and words == rates[p][q], (close, p, q, when, utc, words, rates[p][q])
                n += 1
    assert len({c for c, _, _ in got}) == len(oracle.months)
    return n
