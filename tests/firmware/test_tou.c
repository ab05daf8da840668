/* SPDX-License-Identifier: Apache-2.0 */
/* Time of use: random schedules against a slow oracle that lists the holidays of whole years and looks at every minute. */
#include "t.h"

#include "tou_random.h"

/* ---- the oracle ---- */

/* Sakamoto; 0 Sunday */
static unsigned weekday_of(unsigned y, unsigned m, unsigned d)
{
    static const unsigned t[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    y -= m < 3;
    return (y + y / 4 - y / 100 + y / 400 + t[m - 1] + d) % 7;
}

/* Day of the year from 0, of any date of it. */
static int day_of_year(unsigned y, unsigned m, unsigned d)
{
    int n = (int)d - 1;
    for (unsigned i = 1; i < m; i++)
        n += (int)days_of(y, i);
    return n;
}

/* Meeus, Jones, Butcher: any Gregorian year. */
static int easter_of(unsigned year)
{
    unsigned a = year % 19, b = year / 100, c = year % 100, d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3, h = (19 * a + b - d - g + 15) % 30,
             i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451;
    return day_of_year(year, (h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1);
}

/* Day of the year that a holiday falls on, before any shift; -1: not in this year. */
static int holiday_in(const struct pw_tou_holiday *h, unsigned year)
{
    unsigned found = 0;
    switch (h->rule & 15) {
    case PW_TOU_ONCE:   return year == 2000u + h->arg ? day_of_year(year, h->month, h->day) : -1;
    case PW_TOU_YEARLY: return h->day > days_of(year, h->month) ? -1 : day_of_year(year, h->month, h->day);
    case PW_TOU_EASTER: return easter_of(year) + (h->arg < 128 ? h->arg : h->arg - 256);
    case PW_TOU_AFTER: {
        int n = day_of_year(year, h->month, h->day);
        return n + (int)((h->arg + 7u - weekday_of(year, h->month, h->day)) % 7);
    }
    default:
        for (unsigned d = 1, last = 0; d <= days_of(year, h->month); d++)
            if (weekday_of(year, h->month, d) == h->arg) {
                last = d;
                if (++found == h->day || (h->day == 5 && d + 7 > days_of(year, h->month)))
                    return day_of_year(year, h->month, last);
            }
        return -1;
    }
}

struct oracle {
    const struct pw_tou *t;
    unsigned year;
    bool holiday[3][366]; /* of year - 1, year, year + 1 */
};

static void oracle_init(struct oracle *o, const struct pw_tou *t, unsigned year)
{
    memset(o, 0, sizeof *o);
    o->t = t;
    o->year = year;
    for (unsigned i = 0; i < t->n_holidays; i++)
        for (int k = -1; k < 4; k++) { /* a year more on each side, for what is shifted over its end */
            unsigned y = year + (unsigned)k - 1;
            int n = holiday_in(&t->holiday[i], y), at = k;
            if (n < 0 || y < 2000 || y > 2099)
                continue;
            unsigned w = (weekday_of(y, 1, 1) + (unsigned)n) % 7, shift = t->holiday[i].rule >> 4;
            n += shift == PW_TOU_STAYS ? 0 : w == 0 ? 1 : w != 6 ? 0 : shift == PW_TOU_NEXT ? 2 : -1;
            int length = y % 4 == 0 ? 366 : 365;
            if (n < 0)
                at--, n += (y - 1) % 4 == 0 ? 366 : 365;
            else if (n >= length)
                at++, n -= length;
            if (at >= 0 && at < 3)
                o->holiday[at][n] = true;
        }
}

/* What holds at a time, looked up in lists. */
static struct pw_tou_now oracle_at(const struct oracle *o, uint32_t utc)
{
    struct pw_civil c;
    struct pw_tou_now r = {0, 0, 0, false, 0};
    const struct pw_tou *t = o->t;
    pw_zone_local(&t->zone, utc, &c);
    unsigned today = c.month * 100u + c.day, best = 0, latest = 0;
    r.holiday = o->holiday[c.year + 1u - o->year][day_of_year(c.year, c.month, c.day)];
    for (unsigned i = 0; i < t->n_seasons; i++) {
        unsigned from = t->season[i].month * 100u + t->season[i].day;
        from += from <= today ? 10000u : 0; /* those begun this year come after all others */
        if (from > best)
            best = from, latest = i;
    }
    r.season = (uint8_t)latest;
    r.daytype = r.holiday ? t->season[latest].holiday : t->season[latest].daytype[weekday_of(c.year, c.month, c.day)];
    unsigned at = 0, now = c.hour * 60u + c.minute;
    for (unsigned i = 0; i < r.daytype; i++)
        at += t->n_segments[i];
    for (unsigned k = t->n_segments[r.daytype]; k-- > 0;)
        if ((t->segment[at + k] & 2047u) <= now) {
            r.rate = (uint8_t)(t->segment[at + k] >> 11);
            break;
        }
    return r;
}

static bool same(const struct pw_tou_now *a, const struct pw_tou_now *b)
{
    return a->rate == b->rate && a->season == b->season && a->daytype == b->daytype && a->holiday == b->holiday;
}

static void compare(const struct oracle *o, uint32_t utc, const struct pw_tou_now *is, uint64_t of_seed)
{
    struct pw_tou_now want = oracle_at(o, utc);
    if (!same(is, &want))
        fail_msg("seed %llu, utc %u: rate %u season %u day type %u holiday %d, should be %u %u %u %d", (unsigned long long)of_seed, utc, is->rate, is->season,
                 is->daytype, is->holiday, want.rate, want.season, want.daytype, want.holiday);
}

/* May something change at this second? A segment or a local day begins, or the clocks have been changed. */
static bool is_boundary(const struct pw_tou *t, uint32_t utc, const struct pw_tou_now *before)
{
    struct pw_civil c;
    pw_zone_local(&t->zone, utc, &c);
    if (pw_zone_ahead_s(&t->zone, utc, NULL) != pw_zone_ahead_s(&t->zone, utc - 1, NULL))
        return true;
    if (c.second != 0)
        return false;
    unsigned at = 0, minute = c.hour * 60u + c.minute;
    for (unsigned i = 0; i < before->daytype; i++)
        at += t->n_segments[i];
    for (unsigned k = 0; k < t->n_segments[before->daytype]; k++)
        if ((t->segment[at + k] & 2047u) == minute)
            return true;
    return minute == 0;
}

/* ---- evaluation ---- */

/* Every minute of whole years: evaluated again only when the last result says so. */
static void whole_years_minute_by_minute(void **state)
{
    (void)state;
    unsigned long minutes = 0, calls = 0;
    for (unsigned round = 0; round < 24; round++) {
        uint64_t of_seed = seed = 1000 + round;
        struct pw_tou t;
        struct oracle o;
        struct pw_tou_now now = {0, 0, 0, false, 0};
        unsigned year = 2001 + pick(98);
        random_schedule(&t, year);
        assert_int_equal(pw_tou_check(&t, NULL), PW_OK);
        oracle_init(&o, &t, year);
        for (uint32_t utc = year_begin(year), end = year_begin(year + 1); utc < end; utc += 60, minutes++) {
            if (utc >= now.until_utc) {
                if (now.until_utc != 0 && utc != now.until_utc)
                    fail_msg("seed %llu: until %u is not on a minute", (unsigned long long)of_seed, now.until_utc);
                struct pw_tou_now before = now;
                pw_tou_at(&t, utc, &now);
                if (before.until_utc != 0 && !is_boundary(&t, utc, &before))
                    fail_msg("seed %llu: nothing can change at %u", (unsigned long long)of_seed, utc);
                assert_true(now.until_utc > utc && now.until_utc - utc <= PW_DAY_S);
                calls++;
            }
            compare(&o, utc, &now, of_seed);
        }
    }
    assert_true(calls * 30 < minutes);
}

/* Random seconds of the century in random schedules: at that second, at the last one that the result is good for, and at some between. */
static void random_seconds(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 6000; round++) {
        uint64_t of_seed = seed = 500000 + round;
        struct pw_tou t;
        struct oracle o;
        struct pw_tou_now now, later;
        unsigned year = 2000 + pick(100);
        random_schedule(&t, year);
        oracle_init(&o, &t, year);
        for (unsigned i = 0; i < 8; i++) {
            uint32_t begin = year_begin(year), end = year_begin(year + 1);
            uint32_t utc = i == 0 ? begin + pick(3 * PW_DAY_S) : i == 1 ? end - 1 - pick(3 * PW_DAY_S) : begin + pick(end - begin);
            pw_tou_at(&t, utc, &now);
            compare(&o, utc, &now, of_seed);
            assert_true(now.until_utc > utc);
            uint32_t last = now.until_utc == PW_TOU_NEVER ? PW_UTC_END - 1 : now.until_utc - 1;
            for (unsigned k = 0; k < 4; k++) {
                uint32_t between = k == 0 ? last : utc + pick(last - utc + 1);
                compare(&o, between, &now, of_seed);
                pw_tou_at(&t, between, &later); /* and whoever asks again hears of the same end, but before 2000 in local time */
                if (utc > PW_DAY_S)
                    assert_int_equal(later.until_utc, now.until_utc);
            }
        }
    }
}

/* The night of a change of the clocks, second by second around it, for every zone: segments in the hour that is skipped or repeated. */
static void nights_of_changed_clocks(void **state)
{
    (void)state;
    unsigned changes = 0;
    for (unsigned round = 0; round < 400; round++) {
        uint64_t of_seed = seed = 900000 + round;
        struct pw_tou t;
        struct oracle o;
        struct pw_tou_now now = {0, 0, 0, false, 0};
        unsigned year = 2001 + pick(98);
        random_schedule(&t, year);
        oracle_init(&o, &t, year);
        for (uint32_t day = year_begin(year) + PW_DAY_S; day < year_begin(year + 1) - PW_DAY_S; day += PW_DAY_S) {
            if (pw_zone_ahead_s(&t.zone, day, NULL) == pw_zone_ahead_s(&t.zone, day + PW_DAY_S, NULL))
                continue;
            changes++;
            uint32_t change = day; /* the first second of the new time */
            while (pw_zone_ahead_s(&t.zone, change, NULL) == pw_zone_ahead_s(&t.zone, day, NULL))
                change += 60;
            now.until_utc = 0;
            for (uint32_t utc = change - 3 * 3600u; utc < change + 3 * 3600u; utc += utc + 3 >= change && utc < change + 3 ? 1 : 15) {
                if (utc >= now.until_utc)
                    pw_tou_at(&t, utc, &now);
                compare(&o, utc, &now, of_seed);
                if (utc < change && now.until_utc > change)
                    fail_msg("seed %llu: %u holds beyond the change of the clocks at %u", (unsigned long long)of_seed, utc, change);
            }
        }
    }
    assert_true(changes > 500);
}

static void easter_of_each_year(void **state)
{
    (void)state;
    static const struct { uint16_t year; uint8_t month, day; } known[] = {
        {2000, 4, 23}, {2008, 3, 23}, {2011, 4, 24}, {2026, 4, 5}, {2027, 3, 28}, {2038, 4, 25}, {2049, 4, 18}, {2076, 4, 19}, {2099, 4, 12}};
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_int_equal(pw_tou_easter(known[i].year), (int)(year_begin(known[i].year) / PW_DAY_S) + day_of_year(known[i].year, known[i].month, known[i].day));
    for (unsigned y = 2000; y < 2100; y++)
        assert_int_equal(pw_tou_easter(y), (int)(year_begin(y) / PW_DAY_S) + easter_of(y));
}

static void ends_of_the_calendar(void **state)
{
    (void)state;
    for (unsigned z = 0; z < sizeof zones / sizeof zones[0]; z++) {
        struct pw_tou t;
        struct pw_tou_now now, beyond;
        seed = z + 1;
        random_schedule(&t, 2099);
        t.zone = zones[z];
        pw_tou_at(&t, 0, &now);
        assert_true(now.until_utc > 0 && now.until_utc <= 2 * PW_DAY_S);
        pw_tou_at(&t, PW_UTC_END - 1, &now);
        assert_int_equal(now.until_utc, PW_TOU_NEVER);
        pw_tou_at(&t, UINT32_MAX, &beyond);
        assert_true(same(&now, &beyond) && beyond.until_utc == PW_TOU_NEVER);
    }
}

static void default_is_one_rate(void **state)
{
    (void)state;
    struct pw_tou t;
    struct pw_tou_now now;
    pw_tou_default(&t);
    assert_int_equal(pw_tou_check(&t, NULL), PW_OK);
    assert_string_equal(t.name, "flat");
    for (uint32_t utc = 0; utc < PW_UTC_END - PW_DAY_S; utc += 86399 * 17) {
        pw_tou_at(&t, utc, &now);
        assert_true(now.rate == 0 && now.season == 0 && now.daytype == 0 && !now.holiday);
        assert_int_equal(now.until_utc, (utc / PW_DAY_S + 1) * PW_DAY_S);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_years_minute_by_minute), cmocka_unit_test(random_seconds), cmocka_unit_test(nights_of_changed_clocks),
        cmocka_unit_test(easter_of_each_year), cmocka_unit_test(ends_of_the_calendar), cmocka_unit_test(default_is_one_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
