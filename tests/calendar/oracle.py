# SPDX-License-Identifier: Apache-2.0
"""What the meter must have registered, computed a second time from the trace alone: integers, time zones of Python, a reader and evaluation of schedules
of its own. Nothing of the firmware is used. The rules are those of docs/billing.md, docs/intervals.md, docs/tou.md, docs/calendar.md."""
import datetime as dt, math, shlex, zoneinfo
from collections import deque

EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc)
UNIX_2000 = int(EPOCH.timestamp())
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]  # as datetime counts them
ONE_DAY = dt.timedelta(days=1)


def utc_s(text):
    return int(dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) - UNIX_2000


class Zone:
    """Local time, by the tz database."""

    def __init__(self, name):
        self.tz = zoneinfo.ZoneInfo(name)
        self.hour, self.ahead = None, 0

    def local(self, utc):
        return dt.datetime.fromtimestamp(utc + UNIX_2000, self.tz)

    def ahead_s(self, utc):
        hour = utc // 900  # clocks are changed at quarters of an hour at the finest
        if hour != self.hour:
            self.hour, self.ahead = hour, int(self.local(utc).utcoffset().total_seconds())
        return self.ahead


def easter(year):
    """Butcher's way."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)


class Schedule:
    """A schedule's text (docs/tou.md), without checks."""

    def __init__(self, path, zone):
        self.zone, self.daytype, self.season, self.rules = zone, {}, [], []
        self.effective, self.cache = 0, {}
        for line in open(path).read().replace("\\\n", " ").splitlines():
            w = shlex.split(line, comments=True)
            if not w:
                continue
            if w[0] == "effective":
                t = dt.datetime.fromisoformat(f"{w[1]} {w[2]}").replace(tzinfo=dt.timezone.utc if w[-1] == "utc" else zone.tz)
                self.effective = int(t.timestamp()) - UNIX_2000
            elif w[0] == "daytype":
                self.daytype[w[1]] = [(int(s[:2]) * 60 + int(s[3:5]), int(s[6:]) - 1) for s in w[2:]]
            elif w[0] == "season":
                days = {}
                for item in w[4:]:
                    names, kind = item.split("=")
                    for name in names.split(","):
                        first, _, last = name.partition("-")
                        some = [name] if not last else [DAYS[i % 7] for i in range(DAYS.index(first), DAYS.index(first) + 1 + (DAYS.index(last) - DAYS.index(first)) % 7)]
                        days.update(dict.fromkeys(some, kind))
                self.season.append((tuple(map(int, w[3].split("-"))), days))
            elif w[0] == "holiday":
                self.rules.append(w[1:])
        self.holidays = {}

    def nth(self, word, year):
        month, week, day = (int(x) for x in word[1:].replace("w", " ").replace("d", " ").split())
        dates = [d for d in (dt.date(year, month, 1) + i * ONE_DAY for i in range(31)) if d.month == month and d.isoweekday() % 7 == day]
        return dates[-1] if week == 5 else dates[week - 1]

    def date(self, rule, year):
        kind, arg = rule[0], rule[1]
        if kind == "yearly":
            month, day = map(int, arg.split("-"))
            return None if (month, day) == (2, 29) and year % 4 else dt.date(year, month, day)
        if kind == "once":
            return dt.date.fromisoformat(arg) if arg.startswith(str(year)) else None
        if kind == "nth":
            return self.nth(arg, year)
        if kind == "on-or-after":
            d = dt.date(year, *map(int, arg.split("-")))
            while DAYS[d.weekday()] != rule[2]:
                d += ONE_DAY
            return d
        return easter(year) + int(arg) * ONE_DAY

    def holidays_of(self, year):
        if year not in self.holidays:
            found = set()
            for y in (year - 1, year, year + 1):
                for rule in self.rules:
                    d = self.date(rule, y)
                    if d is not None and d.weekday() >= 5:
                        if "shift" in rule:
                            d += ONE_DAY if d.weekday() == 6 else -ONE_DAY
                        elif "shift-next" in rule:
                            d += ONE_DAY * (7 - d.weekday())
                    found.add(d)
            self.holidays[year] = found
        return self.holidays[year]

    def season_of(self, date):
        i = len(self.season) - 1
        for n, (begin, _) in enumerate(self.season):
            if (date.month, date.day) >= begin:
                i = n
        return i

    def at(self, utc):
        """rate from 0, season from 0"""
        local = self.zone.local(utc)
        date = local.date()
        if date not in self.cache:
            season = self.season_of(date)
            days = self.season[season][1]
            self.cache[date] = season, self.daytype[days["holiday"] if date in self.holidays_of(date.year) else days[DAYS[date.weekday()]]]
        season, segments = self.cache[date]
        minute = local.hour * 60 + local.minute
        return [r for m, r in segments if m <= minute][-1], season


class Flat:
    """What a meter without a schedule goes by: UTC, one rate."""
    effective = 0

    class zone:
        @staticmethod
        def ahead_s(utc):
            return 0

        @staticmethod
        def local(utc):
            return EPOCH + dt.timedelta(seconds=utc)

    @staticmethod
    def at(utc):
        return 0, 0


class Demand:
    """Block or sliding, of all points. Peaks: (mW, UTC of the end, rate); of equal ones the first."""

    def __init__(self, quantity, method, minutes, subs, n_points, n_rates):
        self.quantity, self.n = quantity, subs if method == "sliding" else 1
        self.sub_s = minutes * 60 // self.n
        self.id, self.start, self.bad = None, None, True
        self.history = deque(maxlen=self.n)
        self.n_rates = n_rates
        self.previous = [0] * n_points
        self.cumulative, self.past = [0] * n_points, [[] for _ in range(n_points)]
        self.clear(n_points)

    def clear(self, n_points):
        self.peak = [(0, 0, 0)] * n_points
        self.rate_peak = [[(0, 0, 0)] * self.n_rates for _ in range(n_points)]

    def window(self, utc, ahead, totals, rate, tainted, late):
        """tainted: energy of this window counts for no peak; late: the interval that begins now has begun before"""
        ident = (utc + ahead) // self.sub_s
        self.bad |= tainted
        if self.id is not None and ident != self.id:
            self.history.append((not self.bad, [t - s for t, s in zip(totals, self.start)]))
            if len(self.history) == self.n:
                self.evaluate(utc, rate)
        if ident != self.id:
            self.bad = self.id is None or late
            self.id, self.start = ident, totals

    def power_failed(self):
        """The history of a sliding window is not kept."""
        if self.n > 1:
            self.history.clear()

    def evaluate(self, utc, rate):
        good = all(ok for ok, _ in self.history)
        for p in range(len(self.peak)):
            mw = sum(e[p] for _, e in self.history) * 3600 // (self.sub_s * self.n * 1000)
            self.previous[p] = mw
            if good and mw > self.peak[p][0]:
                self.peak[p] = (mw, utc, rate)
            if good and mw > self.rate_peak[p][rate][0]:
                self.rate_peak[p][rate] = (mw, utc, rate)

    def reset(self):
        for p, peak in enumerate(self.peak):
            self.cumulative[p] += peak[0]
            self.past[p].insert(0, peak)
        self.clear(len(self.peak))


class Oracle:
    """Goes through a trace. Everything that the meter does, it does at the end of a window; so the window after a power-up, a setting of the clock or a request still
    counts as the one before."""

    def __init__(self, stats, demands=(), schedules=(), zone=None, sync_after_s=0, cold=(0, 0), test_min=60, by_schedule=True):
        self.n_points, self.n_ct, self.n_rates = stats["n_points"], stats["n_ct"], stats["n_rates"]
        self.per = self.n_ct // self.n_points
        self.schedules, self.by_schedule = list(schedules), by_schedule
        self.schedule, self.pending = Flat(), None
        self.sync_after_s, self.cold, self.test_min = sync_after_s, cold, test_min
        self.net = [[0, 0] for _ in range(self.n_points)]  # delivered, received, 2^-32 uWh
        self.varh = [[0] * 4 for _ in range(self.n_ct)]
        self.vah = [0] * self.n_points                     # with a fraction of 2^-32
        self.rates = [[[0] * (self.n_rates + 1) for _ in range(2)] for _ in range(self.n_points)]  # and test mode
        self.origin, self.rate = None, 0
        self.minutes = stats["interval_min"]
        self.records, self.open = [], None
        self.demands = [Demand(*d, self.n_points, self.n_rates) for d in demands]
        self.months, self.month = [], None                 # registers by rate at the end of each billing period
        self.rate_changes, self.utc, self.world_us = 0, 0, 0
        self.asked, self.up, self.waits, self.cold_until_us = [], False, False, 0
        self.test, self.test_end_us, self.test_peak = False, 0, 0

    def run(self, path):
        with open(path) as f:
            for line in f:
                if line[0] == "#":
                    self.note(*line[1:].split())
                else:
                    self.row([int(x) for x in line.split(",")])
        return self

    def note(self, what, utc, value):
        value = int(value)
        if what == "schedule":
            self.pending = self.schedules.pop(0)
        elif what == "up":
            self.up, self.test = True, False
            if self.sync_after_s and value > self.sync_after_s:
                self.waits = True
            if self.cold[0] and value > self.cold[0]:
                self.cold_until_us = self.world_us + self.cold[1] * 60_000_000
            for d in self.demands:
                d.power_failed()
        elif what == "result" and value != 0:
            self.asked.pop()
        elif what in ("set_time", "reset", "test", "close"):
            self.asked.append((what, value))

    def flow(self, us, volts, loads):
        for p in range(self.n_points):
            net = va = real = 0
            for k in range(p * self.per, (p + 1) * self.per):
                w, q = loads[2 * k], loads[2 * k + 1]
                net += (w * us << 32) // 3600000 if w >= 0 else -((-w * us << 32) // 3600000)
                if q:
                    self.varh[k][(0 if w >= 0 else 1) if q > 0 else (3 if w >= 0 else 2)] += (abs(q) * us << 32) // 3600000
                if w or q:
                    va += volts * (-(-math.isqrt(w * w + q * q) * 1000000 // volts))
                real += w
            if net:
                self.net[p][net < 0] += abs(net)
            if va and real >= 0:
                self.vah[p] += va * us * 2**32 // 3_600_000_000_000
        return [(d >> 32, r >> 32) for d, r in self.net]

    def demand_totals(self, quantity, totals):
        if quantity == "w_del":
            return [t[0] for t in totals]
        if quantity == "var_del":
            return [sum((self.varh[k][0] >> 32) + (self.varh[k][1] >> 32) for k in range(p * self.per, (p + 1) * self.per)) for p in range(self.n_points)]
        raise ValueError(quantity)

    def row(self, row):
        utc, us, volts, loads = row[0], row[1], row[2], row[3:]
        self.world_us += us
        totals = self.flow(us, volts, loads)
        if self.origin is None:
            self.origin = self.last = totals
        for p, (new, old) in enumerate(zip(totals, self.last)):
            for i in (0, 1):
                self.rates[p][i][self.rate] += new[i] - old[i]
        self.last = totals
        tainted = self.waits or self.world_us - us < self.cold_until_us or self.rate == self.n_rates
        for d in self.demands:
            d.window(utc, self.schedule.zone.ahead_s(utc), self.demand_totals(d.quantity, totals), self.rate, tainted, self.up)
        self.tariff(utc)
        for what, value in self.asked:
            self.do(what, value)
        self.asked = []
        if self.test and self.world_us >= self.test_end_us:
            self.test = False
        self.switch(utc)
        self.interval(utc, totals)
        self.up = False

    def do(self, what, value):
        if what == "set_time":
            self.waits = False
        elif what == "reset":
            for d in self.demands:
                d.reset()
        elif what == "test":
            self.test = value != 0
            self.test_end_us = self.world_us + self.test_min * 60_000_000

    def tariff(self, utc):
        if self.pending is not None and utc >= self.pending.effective:
            self.schedule, self.pending = self.pending, None
            self.month = None
        local = self.schedule.zone.local(utc)
        if self.month is not None and (local.year, local.month) != self.month:
            self.months.append((utc, [[list(q) for q in p] for p in self.rates]))
        self.month = (local.year, local.month)

    def switch(self, utc):
        rate = self.n_rates if self.test else self.schedule.at(utc)[0] if self.by_schedule else 0
        self.rate_changes += rate != self.rate
        self.rate = rate

    def cell(self, utc):
        length, ahead = self.minutes * 60, self.schedule.zone.ahead_s(utc)
        begin = (utc + ahead) // length * length
        return begin - ahead if 3600 % length == 0 else begin

    def interval(self, utc, totals):
        units = [t // 1000 for ch in (0, 1) for t in (x[ch] for x in totals)]
        if self.open is None:
            self.open = utc, self.cell(utc), units
        elif self.cell(utc) != self.open[1]:
            start, _, before = self.open
            self.records.append((utc, utc - start, [a - b for a, b in zip(units, before)]))
            self.open = utc, self.cell(utc), units
