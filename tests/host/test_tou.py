# SPDX-License-Identifier: Apache-2.0
"""tou-check against Python's time zones: the example schedules, read and evaluated here a second time with zoneinfo and datetime (own reader, own
Easter, local time from the tz database instead of rules), compared at every minute of a year and around each switch of six more; and what
tou-check says of faults and files. Also runs the unit tests as built for 8 rates."""
import datetime as dt, pathlib, random, re, shlex, subprocess, zoneinfo
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "sw/host/tou/examples"
CHECK = ROOT / "build/tou/tou-check-san"
ZONES = {"ontario": "America/Toronto", "german": "Europe/Berlin", "four-season": "Australia/Sydney"}
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]          # as datetime counts them
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


def run(*args, **kw):
    return subprocess.run([str(CHECK), *map(str, args)], capture_output=True, text=True, timeout=60, **kw)


def easter(year):
    """The Sunday after the ecclesiastical full moon, by the tables of golden number and epact."""
    golden, century = year % 19 + 1, year // 100 + 1
    x, z = 3 * century // 4 - 12, (8 * century + 5) // 25 - 5
    sunday = 5 * year // 4 - x - 10
    epact = (11 * golden + 20 + z - x) % 30
    epact += (epact == 25 and golden > 11) or epact == 24
    moon = 44 - epact
    moon += 30 * (moon < 21)
    moon += 7 - (sunday + moon) % 7
    return dt.date(year, 3, 1) + dt.timedelta(days=moon - 1)


class Schedule:
    """A reader for the examples only: no checks."""

    def __init__(self, text):
        self.rates, self.daytypes, self.seasons, self.holidays = {}, {}, [], []
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if not words:
                continue
            kind, *rest = words
            if kind == "rate":
                self.rates[int(rest[0])] = rest[1]
            elif kind == "daytype":
                self.daytypes[rest[0]] = [(int(s[:2]) * 60 + int(s[3:5]), int(s[6:])) for s in rest[1:]]
            elif kind == "season":
                self.seasons.append((rest[2], rest[0], self.days(rest[3:])))
            elif kind == "holiday":
                self.holidays.append(rest)
        self.cache = {}

    @staticmethod
    def days(words):
        table = {}
        for word in words:
            days, daytype = word.split("=")
            for item in days.split(","):
                if item == "holiday":
                    table[item] = daytype
                    continue
                first, _, last = item.partition("-")
                i, j = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
                for k in range(i, j + 1 if j >= i else j + 8):
                    table[WEEKDAYS[k % 7]] = daytype
        return table

    @staticmethod
    def date_of(words, year):
        """The holiday's date in a year before any shift, or None."""
        kind, what = words[0], words[1]
        if kind == "once":
            date = dt.date.fromisoformat(what)
            return date if date.year == year else None
        if kind == "easter":
            return easter(year) + dt.timedelta(days=int(what))
        if kind == "nth":
            month, week, weekday = map(int, re.fullmatch(r"m(\d+)w(\d)d(\d)", what).groups())
            days = [d for d in (dt.date(year, month, 1) + n * DAY for n in range(31)) if d.month == month and d.isoweekday() % 7 == weekday]
            return days[-1] if week == 5 else days[week - 1]
        try:
            date = dt.date(year, int(what[:2]), int(what[3:]))
        except ValueError:
            return None                                                   # 29 February
        while kind == "on-or-after" and WEEKDAYS[date.weekday()] != words[2]:
            date += DAY
        return date

    def holidays_of(self, year):
        if year not in self.cache:
            dates = set()
            for words in self.holidays:
                for y in (year - 1, year, year + 1):
                    date = self.date_of(words, y)
                    if date is None:
                        continue
                    if "shift-next" in words and date.weekday() >= 5:
                        date += DAY * (7 - date.weekday())
                    elif "shift" in words:
                        date += {5: -DAY, 6: DAY}.get(date.weekday(), 0 * DAY)
                    dates.add(date)
            self.cache[year] = dates
        return self.cache[year]

    def day(self, date):
        if (found := self.cache.get(date)) is None:
            begun = [s for s in self.seasons if s[0] <= f"{date:%m-%d}"]
            _, season, table = max(begun) if begun else max(self.seasons)
            holiday = date in self.holidays_of(date.year)
            daytype = table["holiday" if holiday else WEEKDAYS[date.weekday()]]
            found = self.cache[date] = season, daytype, holiday
        return found

    def at(self, local):
        season, daytype, holiday = self.day(local.date())
        now = local.hour * 60 + local.minute
        return season, daytype, holiday, next(r for begin, r in reversed(self.daytypes[daytype]) if begin <= now)


LINE = re.compile(r"(\S+)Z  (\S+ \S+) (dst|std)  (\S+) +(\S+) +(holiday|-)  +(\d) (.*)")


def switches(example, year):
    """What tou-check says: UTC -> (local time as printed, dst, state, name of the rate)."""
    done = run(EXAMPLES / f"{example}.tou", "--year", year)
    assert done.returncode == 0 and done.stderr == ""
    found = {}
    for line in done.stdout.splitlines():
        utc, local, dst, season, daytype, holiday, rate, name = LINE.fullmatch(line).groups()
        found[dt.datetime.fromisoformat(utc + "+00:00")] = (local, dst == "dst", (season, daytype, holiday == "holiday", int(rate)), name)
    return found


@pytest.fixture(params=ZONES)
def example(request):
    return request.param


def load(example):
    return Schedule((EXAMPLES / f"{example}.tou").read_text()), zoneinfo.ZoneInfo(ZONES[example])


def test_every_minute_of_a_year(example):
    schedule, zone = load(example)
    said, year = switches(example, 2027), 2027
    utc = dt.datetime(year, 1, 1, tzinfo=zone).astimezone(dt.timezone.utc)
    end = dt.datetime(year + 1, 1, 1, tzinfo=zone).astimezone(dt.timezone.utc)
    seen, state, minutes = 0, None, 0
    while utc < end:
        local = utc.astimezone(zone)
        true = schedule.at(local)
        if utc in said:
            seen += 1
            assert said[utc][0] == f"{local:%Y-%m-%d %H:%M}" and said[utc][1] == bool(local.dst())
            assert said[utc][3] == schedule.rates[true[3]]
            assert said[utc][2] != state, "no switch at all"
            state = said[utc][2]
        if state != true:
            pytest.fail(f"{example} {utc} {local}: {state}, should be {true}")
        utc += MINUTE
        minutes += 1
    assert seen == len(said) and minutes in (365 * 1440, 366 * 1440)


@pytest.mark.parametrize("year", [2025, 2026, 2028, 2029, 2030, 2036])
def test_minutes_around_each_switch(example, year):
    schedule, zone = load(example)
    said = switches(example, year)
    order = sorted(said)
    begin = dt.datetime(year, 1, 1, tzinfo=zone).astimezone(dt.timezone.utc)
    end = dt.datetime(year + 1, 1, 1, tzinfo=zone).astimezone(dt.timezone.utc)
    assert order[0] == begin and order[-1] < end
    for utc, after in zip(order, order[1:] + [end]):
        state = said[utc][2]
        length = int((after - utc) / MINUTE)
        # near both ends, and where local midnights, seasons and changes of the clocks could hide: each half hour
        near = {*range(0, min(3, length)), *range(max(0, length - 3), length), *range(0, length, 30)}
        for n in near:
            if (true := schedule.at((utc + n * MINUTE).astimezone(zone))) != state:
                pytest.fail(f"{example} {utc} + {n} min: {state}, should be {true}")


def test_examples_use_what_they_promise():
    full = run(EXAMPLES / "four-season.tou").stdout
    assert "rates 4, day types 10, segments 80, seasons 4, holidays 40" in full
    states = [s[2] for s in switches("four-season", 2027).values()]
    assert {s[0] for s in states} == {"autumn", "winter", "spring", "summer"} and {s[3] for s in states} == {1, 2, 3, 4}
    assert len({s[1] for s in states}) == 10
    # Ontario 2027: Good Friday 26 March, Victoria Day 24 May, Boxing Day (Sunday) moves to Monday the 27th
    days = {s[0][:10] for s in switches("ontario", 2027).values() if s[2][2]}
    assert days == {"2027-01-01", "2027-02-15", "2027-03-26", "2027-05-24", "2027-07-01", "2027-08-02", "2027-09-06", "2027-10-11", "2027-12-27"}


def test_stored_form_and_text_are_the_same_schedule(example, tmp_path):
    source, image, again = EXAMPLES / f"{example}.tou", tmp_path / "a.bin", tmp_path / "b.bin"
    assert run(source, "-o", image).returncode == 0 and image.stat().st_size == 704
    text = run(image, "--text")
    assert text.returncode == 0
    (tmp_path / "again.tou").write_text(text.stdout)
    assert run(tmp_path / "again.tou", "-o", again).returncode == 0
    assert again.read_bytes() == image.read_bytes()
    assert run(image, "--year", 2027).stdout == run(source, "--year", 2027).stdout


def test_faults_name_file_line_and_reason(tmp_path):
    lines = (EXAMPLES / "ontario.tou").read_text().splitlines()
    n = next(i for i, line in enumerate(lines) if line.startswith("daytype winter"))
    lines[n] = "daytype winter-day 00:00=1 11:00=2 07:00=3"
    bad = tmp_path / "bad.tou"
    bad.write_text("\n".join(lines))
    done = run(bad)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"{bad}:{n + 1}: segment '07:00=3' does not come after the one before\n"
    assert run("-", input="zone 60\nzonk\n").stderr == "-:2: unknown word 'zonk'\n"


def test_bad_image_and_bad_use(tmp_path):
    image = tmp_path / "a.bin"
    run(EXAMPLES / "german.tou", "-o", image)
    data = bytearray(image.read_bytes())
    random.seed(3)
    for at in random.sample(range(8, 704), 20):
        image.write_bytes(data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1:])
        done = run(image)
        assert done.returncode == 2 and done.stderr == f"{image}: image: crc\n"
    image.write_bytes(data[:703])
    done = run(image)
    assert done.returncode == 2 and done.stderr == f"{image}: image: length\n"
    good = EXAMPLES / "german.tou"
    for args in ([], [good, "--year", "1999"], [good, "--year"], [good, "--bogus"], [good, good], [tmp_path / "none.tou"], [tmp_path], [good, "-o", tmp_path]):
        done = run(*args)
        assert done.returncode == 1 and done.stderr != "", args


def test_first_and_last_year(example):
    for year in (2000, 2099):
        said = switches(example, year)
        assert said and all(abs(utc.year - year) <= 1 for utc in said)


@pytest.mark.parametrize("name", ["test_tou_8", "test_tou_data_8", "test_tou_text_8"])
def test_units_with_8_rates(name):
    done = subprocess.run([str(ROOT / "build/tou" / name)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
