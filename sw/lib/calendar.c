/* SPDX-License-Identifier: Apache-2.0 */
#include "calendar.h"

#include <stddef.h>

#define YEAR_0     2000u
#define WEEKDAY_0  6u /* 2000-01-01 was a Saturday */
#define FOUR_YEARS 1461u

static bool leap(unsigned year)
{
    return year % 4 == 0; /* 2000 is one; 2100 is beyond */
}

unsigned pw_days_in_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year) ? 1u : 0u);
}

bool pw_civil_valid(const struct pw_civil *c)
{
    return c->year >= YEAR_0 && c->year < YEAR_0 + 100 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= pw_days_in_month(c->year, c->month) && c->hour < 24 && c->minute < 60 && c->second < 60;
}

static uint32_t days_before(unsigned year, unsigned month)
{
    unsigned y = year - YEAR_0;
    uint32_t days = y * 365u + (y + 3) / 4;
    for (unsigned m = 1; m < month; m++)
        days += pw_days_in_month(year, m);
    return days;
}

uint32_t pw_civil_to_s(const struct pw_civil *c)
{
    uint32_t days = days_before(c->year, c->month) + c->day - 1u;
    return days * PW_DAY_S + c->hour * 3600u + c->minute * 60u + c->second;
}

void pw_civil_from_s(struct pw_civil *c, uint32_t s)
{
    if (s >= PW_UTC_END)
        s = PW_UTC_END - 1;
    uint32_t day = s / PW_DAY_S, t = s % PW_DAY_S;
    c->weekday = (uint8_t)((day + WEEKDAY_0) % 7);
    unsigned year = YEAR_0 + day / FOUR_YEARS * 4;
    day %= FOUR_YEARS;
    for (unsigned n; day >= (n = leap(year) ? 366 : 365); year++)
        day -= n;
    unsigned month = 1;
    for (unsigned n; day >= (n = pw_days_in_month(year, month)); month++)
        day -= n;
    c->year = (uint16_t)year;
    c->month = (uint8_t)month;
    c->day = (uint8_t)(day + 1);
    c->hour = (uint8_t)(t / 3600);
    c->minute = (uint8_t)(t / 60 % 60);
    c->second = (uint8_t)(t % 60);
}

static bool change_valid(const struct pw_dst_change *c)
{
    return c->month >= 1 && c->month <= 12 && c->week >= 1 && c->week <= 5 && c->weekday <= 6 && c->minute < 1440;
}

bool pw_zone_valid(const struct pw_zone *z)
{
    if (z->offset_min < -720 || z->offset_min > 840 || z->dst_min > 120)
        return false;
    return z->start.month == 0 || (change_valid(&z->start) && change_valid(&z->end) && z->start.month != z->end.month && z->dst_min > 0);
}

/* Seconds since the year's beginning, by the wall clock before the change. */
static uint32_t change_s(const struct pw_dst_change *c, unsigned year)
{
    uint32_t first = days_before(year, c->month);
    unsigned length = pw_days_in_month(year, c->month);
    unsigned day = (c->weekday + 7 - (first + WEEKDAY_0) % 7) % 7 + (c->week - 1u) * 7;
    if (day >= length)
        day -= 7;
    return (first - days_before(year, 1) + day) * PW_DAY_S + c->minute * 60u;
}

int32_t pw_zone_ahead_s(const struct pw_zone *z, uint32_t utc, bool *dst)
{
    int32_t std_s = z->offset_min * 60;
    bool on = false;
    if (z->start.month != 0 && utc < PW_UTC_END) {
        int64_t standard = (int64_t)utc + std_s; /* standard time on the wall */
        if (standard >= 0 && standard < PW_UTC_END) {
            struct pw_civil c;
            pw_civil_from_s(&c, (uint32_t)standard);
            uint32_t in_year = (uint32_t)standard - days_before(c.year, 1) * PW_DAY_S;
            uint32_t begin = change_s(&z->start, c.year), end = change_s(&z->end, c.year) - z->dst_min * 60u;
            on = begin < end ? in_year >= begin && in_year < end : in_year >= begin || in_year < end;
        }
    }
    if (dst != NULL)
        *dst = on;
    return std_s + (on ? z->dst_min * 60 : 0);
}

bool pw_zone_local(const struct pw_zone *z, uint32_t utc, struct pw_civil *local)
{
    bool dst;
    int64_t s = (int64_t)utc + pw_zone_ahead_s(z, utc, &dst);
    pw_civil_from_s(local, s < 0 ? 0 : s >= PW_UTC_END ? PW_UTC_END - 1 : (uint32_t)s);
    return dst;
}

uint32_t pw_zone_utc(const struct pw_zone *z, const struct pw_civil *local)
{
    int64_t wall = pw_civil_to_s(local), std_s = z->offset_min * 60, utc = wall - std_s - z->dst_min * 60;
    /* First as if daylight saving were in force: right if it is then. */
    if (z->start.month == 0 || utc < 0 || utc >= PW_UTC_END || (int64_t)utc + pw_zone_ahead_s(z, (uint32_t)utc, NULL) != wall)
        utc = wall - std_s;
    return utc < 0 || utc >= PW_UTC_END ? PW_UTC_END : (uint32_t)utc;
}
