/* SPDX-License-Identifier: Apache-2.0 */
#include "tou.h"

#include <string.h>

#define DAY_MIN 1440u

void pw_tou_default(struct pw_tou *t)
{
    memset(t, 0, sizeof *t);
    t->n_rates = t->n_daytypes = t->n_seasons = 1;
    t->n_segments[0] = 1;
    t->season[0].month = t->season[0].day = 1;
    memcpy(t->name, "flat", 4);
}

uint32_t pw_tou_easter(unsigned year)
{
    /* Gauss, with the constants of 1900 .. 2099. Days after 22 March: the full moon, then the Sunday after it. */
    unsigned a = year % 19, d = (19 * a + 24) % 30, e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + 5) % 7;
    if (e == 6 && (d == 29 || (d == 28 && a > 10)))
        d -= 7; /* the church's moon is never later than 18 April, and not twice on one day in 19 years */
    struct pw_civil c = {(uint16_t)year, 3, 22, 0, 0, 0, 0};
    return pw_civil_to_s(&c) / PW_DAY_S + d + e;
}

static bool falls_on(const struct pw_tou_holiday *h, const struct pw_civil *c, int32_t from_easter)
{
    if (pw_tou_holiday_kind(h) == PW_TOU_EASTER)
        return from_easter == (int8_t)h->arg;
    if (pw_tou_holiday_kind(h) == PW_TOU_AFTER) {
        struct pw_civil first = {c->year, h->month, h->day, 0, 0, 0, 0};
        return h->arg == c->weekday && pw_civil_to_s(c) - pw_civil_to_s(&first) < 7 * PW_DAY_S; /* before it: wraps */
    }
    if (h->month != c->month)
        return false;
    if (pw_tou_holiday_kind(h) == PW_TOU_NTH)
        return h->arg == c->weekday && (h->day == 5 ? c->day + 7u > pw_days_in_month(c->year, c->month) : (c->day + 6u) / 7 == h->day);
    return h->day == c->day && (pw_tou_holiday_kind(h) == PW_TOU_YEARLY || c->year == 2000u + h->arg);
}

/* Does a holiday of one of these shifts (a bit each) fall on this day? */
static bool any_falls_on(const struct pw_tou *t, uint32_t day, unsigned shifts)
{
    struct pw_civil c;
    if (day >= PW_UTC_END / PW_DAY_S) /* before 2000 too: it has wrapped */
        return false;
    pw_civil_from_s(&c, day * PW_DAY_S);
    int32_t from_easter = (int32_t)(day - pw_tou_easter(c.year));
    for (unsigned i = 0; i < t->n_holidays; i++)
        if ((shifts >> pw_tou_holiday_shift(&t->holiday[i]) & 1u) != 0 && falls_on(&t->holiday[i], &c, from_easter))
            return true;
    return false;
}

static bool is_holiday(const struct pw_tou *t, uint32_t day, unsigned weekday)
{
    enum { STAYS = 1 << PW_TOU_STAYS, NEAREST = 1 << PW_TOU_NEAREST, NEXT = 1 << PW_TOU_NEXT };
    if (t->n_holidays == 0)
        return false;
    if (weekday == 0 || weekday == 6)
        return any_falls_on(t, day, STAYS);
    if (any_falls_on(t, day, STAYS | NEAREST | NEXT))
        return true;
    if (weekday == 5)
        return any_falls_on(t, day + 1, NEAREST);
    return weekday == 1 && (any_falls_on(t, day - 1, NEAREST | NEXT) || any_falls_on(t, day - 2, NEXT));
}

static uint8_t season_on(const struct pw_tou *t, const struct pw_civil *c)
{
    unsigned found = t->n_seasons - 1u; /* before the first one of the year: the last one of the year before */
    for (unsigned i = 0; i < t->n_seasons; i++)
        if (t->season[i].month < c->month || (t->season[i].month == c->month && t->season[i].day <= c->day))
            found = i;
    return (uint8_t)found;
}

/* The first second after `from` at which the clocks have been changed, but at most `to`, which may be after 2099. No two changes are that near to each other
 * (pw_tou_zone_valid), so halving finds it. */
static uint32_t clock_change(const struct pw_zone *z, uint32_t from, uint32_t to)
{
    int32_t ahead_s = pw_zone_ahead_s(z, from, NULL);
    if (pw_zone_ahead_s(z, to, NULL) == ahead_s)
        return to;
    while (to - from > 1) {
        uint32_t middle = from + (to - from) / 2;
        if (pw_zone_ahead_s(z, middle, NULL) == ahead_s)
            from = middle;
        else
            to = middle;
    }
    return to;
}

void pw_tou_at(const struct pw_tou *t, uint32_t utc, struct pw_tou_now *now)
{
    struct pw_civil c;
    if (utc >= PW_UTC_END)
        utc = PW_UTC_END - 1;
    pw_zone_local(&t->zone, utc, &c);
    now->season = season_on(t, &c);
    now->holiday = is_holiday(t, pw_civil_to_s(&c) / PW_DAY_S, c.weekday);
    const struct pw_tou_season *s = &t->season[now->season];
    now->daytype = now->holiday ? s->holiday : s->daytype[c.weekday];

    const uint16_t *seg = t->segment;
    for (unsigned i = 0; i < now->daytype; i++)
        seg += t->n_segments[i];
    unsigned minute = c.hour * 60u + c.minute, n = t->n_segments[now->daytype], k = 1;
    while (k < n && pw_tou_seg_minute(seg[k]) <= minute)
        k++;
    now->rate = (uint8_t)pw_tou_seg_rate(seg[k - 1]);

    unsigned end_min = k < n ? pw_tou_seg_minute(seg[k]) : DAY_MIN;
    uint32_t until = clock_change(&t->zone, utc, utc + (end_min - minute) * 60u - c.second);
    now->until_utc = until < PW_UTC_END ? until : PW_TOU_NEVER;
}

/* ---- check ---- */

static int bad(struct pw_tou_fault *fault, const char *group, int index, const char *field)
{
    if (fault != NULL)
        *fault = (struct pw_tou_fault){group, index, field};
    return PW_ERR_RANGE;
}

static bool outside(unsigned value, unsigned min, unsigned max)
{
    return value < min || value > max;
}

/* Terminated and zero filled. @param word  not empty, letters, digits, - and _; else printable without " */
static bool name_ok(const char *s, unsigned chars, bool word)
{
    bool ended = false;
    for (unsigned i = 0; i < chars; i++) {
        char c = s[i], lower = (char)(c | 0x20);
        if (c == 0)
            ended = true;
        else if (ended || c < ' ' || c > '~' || c == '"')
            return false;
        else if (word && !((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return s[chars] == 0 && (!word || s[0] != 0);
}

bool pw_tou_zone_valid(const struct pw_zone *z)
{
    if (!pw_zone_valid(z))
        return false;
    if (z->start.month == 0)
        return z->dst_min == 0;
    unsigned apart = (z->end.month + 12u - z->start.month) % 12;
    return apart >= 2 && apart <= 10;
}

static bool date_valid(unsigned year, unsigned month, unsigned day)
{
    return !outside(month, 1, 12) && !outside(day, 1, pw_days_in_month(year, month));
}

bool pw_tou_holiday_valid(const struct pw_tou_holiday *h)
{
    if (pw_tou_holiday_shift(h) > PW_TOU_NEXT)
        return false;
    switch (pw_tou_holiday_kind(h)) {
    case PW_TOU_YEARLY: return date_valid(2000, h->month, h->day) && h->arg == 0;
    case PW_TOU_ONCE:   return h->arg < 100 && date_valid(2000u + h->arg, h->month, h->day);
    case PW_TOU_NTH:    return !outside(h->month, 1, 12) && !outside(h->day, 1, 5) && h->arg < 7;
    case PW_TOU_AFTER:  return date_valid(2001, h->month, h->day) && !(h->month == 12 && h->day > 25) && h->arg < 7;
    case PW_TOU_EASTER: return (int8_t)h->arg >= PW_TOU_EASTER_MIN && h->month == 0 && h->day == 0;
    default:            return false;
    }
}

bool pw_tou_holiday_same(const struct pw_tou_holiday *a, const struct pw_tou_holiday *b)
{
    return pw_tou_holiday_kind(a) == pw_tou_holiday_kind(b) && a->month == b->month && a->day == b->day && a->arg == b->arg;
}

static int check_general(const struct pw_tou *t, struct pw_tou_fault *fault)
{
    const char *field = outside(t->n_rates, 1, PW_TOU_RATES)             ? "n_rates"
                      : outside(t->n_daytypes, 1, PW_TOU_DAYTYPES)       ? "n_daytypes"
                      : outside(t->n_seasons, 1, PW_TOU_SEASONS)         ? "n_seasons"
                      : t->n_holidays > PW_TOU_HOLIDAYS                  ? "n_holidays"
                      : t->effective_utc >= PW_UTC_END                   ? "effective"
                      : !pw_tou_zone_valid(&t->zone)                     ? "zone"
                      : !name_ok(t->name, PW_TOU_NAME_CHARS, false)      ? "name"
                                                                         : NULL;
    return field == NULL ? PW_OK : bad(fault, "schedule", -1, field);
}

static int check_daytypes(const struct pw_tou *t, struct pw_tou_fault *fault)
{
    unsigned at = 0;
    for (unsigned i = 0; i < t->n_daytypes; i++) {
        unsigned n = t->n_segments[i], minute = 0;
        if (n == 0 || n > PW_TOU_SEGMENTS - at)
            return bad(fault, "daytype", (int)i, "n_segments");
        for (unsigned k = 0; k < n; k++, at++) {
            unsigned m = pw_tou_seg_minute(t->segment[at]);
            if (m >= DAY_MIN || (k == 0 ? m != 0 : m <= minute))
                return bad(fault, "daytype", (int)i, "order");
            if (pw_tou_seg_rate(t->segment[at]) >= t->n_rates)
                return bad(fault, "daytype", (int)i, "rate");
            minute = m;
        }
    }
    return PW_OK;
}

static int check_seasons(const struct pw_tou *t, struct pw_tou_fault *fault)
{
    unsigned last = 0;
    for (unsigned i = 0; i < t->n_seasons; i++) {
        const struct pw_tou_season *s = &t->season[i];
        unsigned date = s->month * 32u + s->day;
        if (!date_valid(2001, s->month, s->day))
            return bad(fault, "season", (int)i, "date");
        if (date <= last)
            return bad(fault, "season", (int)i, "order");
        last = date;
        bool known = s->holiday < t->n_daytypes;
        for (unsigned d = 0; d < 7; d++)
            known = known && s->daytype[d] < t->n_daytypes;
        if (!known)
            return bad(fault, "season", (int)i, "daytype");
    }
    return PW_OK;
}

static int check_holidays(const struct pw_tou *t, struct pw_tou_fault *fault)
{
    for (unsigned i = 0; i < t->n_holidays; i++) {
        if (!pw_tou_holiday_valid(&t->holiday[i]))
            return bad(fault, "holiday", (int)i, "date");
        for (unsigned k = 0; k < i; k++)
            if (pw_tou_holiday_same(&t->holiday[i], &t->holiday[k]))
                return bad(fault, "holiday", (int)i, "twice");
    }
    return PW_OK;
}

int pw_tou_check(const struct pw_tou *t, struct pw_tou_fault *fault)
{
    int err = check_general(t, fault);
    if (err == PW_OK)
        err = check_daytypes(t, fault);
    if (err == PW_OK)
        err = check_seasons(t, fault);
    if (err == PW_OK)
        err = check_holidays(t, fault);
    return err;
}

static int check_words(const char name[][PW_TOU_WORD_CHARS + 1], unsigned n, const char *group, struct pw_tou_fault *fault)
{
    for (unsigned i = 0; i < n; i++) {
        if (!name_ok(name[i], PW_TOU_WORD_CHARS, true))
            return bad(fault, group, (int)i, "name");
        for (unsigned k = 0; k < i; k++)
            if (memcmp(name[i], name[k], sizeof name[i]) == 0)
                return bad(fault, group, (int)i, "twice");
    }
    return PW_OK;
}

int pw_tou_check_names(const struct pw_tou_names *n, const struct pw_tou *t, struct pw_tou_fault *fault)
{
    for (unsigned i = 0; i < t->n_rates; i++)
        if (!name_ok(n->rate[i], PW_TOU_WORD_CHARS, false))
            return bad(fault, "rate", (int)i, "name");
    int err = check_words(n->daytype, t->n_daytypes, "daytype", fault);
    return err == PW_OK ? check_words(n->season, t->n_seasons, "season", fault) : err;
}
