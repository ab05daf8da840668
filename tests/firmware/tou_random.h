/* SPDX-License-Identifier: Apache-2.0 */
/* Random schedules of time of use, for the tests of evaluation and text. */
#ifndef PW_TOU_RANDOM_H
#define PW_TOU_RANDOM_H

#include "tou.h"

static uint64_t seed;

static inline unsigned pick(unsigned n) /* 0 .. n - 1 */
{
    return (unsigned)((rnd(&seed) >> 33) % n);
}

static const struct pw_zone zones[] = {
    {-300, 60, {3, 2, 0, 120}, {11, 1, 0, 120}}, {-210, 60, {3, 2, 0, 1}, {11, 1, 0, 1}}, {60, 60, {3, 5, 0, 120}, {10, 5, 0, 180}},
    {600, 60, {10, 1, 0, 120}, {4, 1, 0, 180}},  {630, 30, {10, 1, 0, 120}, {4, 1, 0, 120}}, {765, 60, {9, 5, 0, 165}, {4, 1, 0, 225}},
    {330, 0, {0, 0, 0, 0}, {0, 0, 0, 0}},        {-720, 0, {0, 0, 0, 0}, {0, 0, 0, 0}},      {840, 0, {0, 0, 0, 0}, {0, 0, 0, 0}},
    {120, 60, {3, 5, 4, 0}, {10, 5, 0, 0}}, /* to midnight and back over it */
};

static inline struct pw_zone random_zone(void)
{
    struct pw_zone z;
    unsigned n = sizeof zones / sizeof zones[0], k = pick(2 * n);
    if (k < n)
        return zones[k];
    memset(&z, 0, sizeof z);
    do {
        z.offset_min = (int16_t)(pick(1561) - 720);
        z.dst_min = (uint8_t)(1 + pick(120));
        z.start = (struct pw_dst_change){(uint8_t)(1 + pick(12)), (uint8_t)(1 + pick(5)), (uint8_t)pick(7), (uint16_t)pick(1440)};
        z.end = (struct pw_dst_change){(uint8_t)(1 + pick(12)), (uint8_t)(1 + pick(5)), (uint8_t)pick(7), (uint16_t)pick(1440)};
    } while (!pw_tou_zone_valid(&z));
    return z;
}

static inline unsigned days_of(unsigned year, unsigned month)
{
    return month == 2 ? (year % 4 == 0 ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static inline struct pw_tou_holiday random_holiday(unsigned near_year)
{
    struct pw_tou_holiday h = {0, 0, 0, 0};
    unsigned kind = pick(5), year = near_year - 1 + pick(3);
    year = year < 2000 ? 2000 : year > 2099 ? 2099 : year;
    h.month = (uint8_t)(pick(4) == 0 ? 1 + 11 * pick(2) : 1 + pick(12)); /* year ends more often */
    h.day = (uint8_t)(1 + pick(days_of(kind == PW_TOU_ONCE ? year : 2000, h.month)));
    if (pick(6) == 0)
        h.month = 12, h.day = (uint8_t)(30 + pick(2));
    if (pick(6) == 0)
        h.month = 1, h.day = (uint8_t)(1 + pick(2));
    if (kind == PW_TOU_ONCE)
        h.arg = (uint8_t)(year - 2000);
    if (kind == PW_TOU_NTH)
        h.day = (uint8_t)(1 + pick(5)), h.arg = (uint8_t)pick(7);
    if (kind == PW_TOU_AFTER) {
        h.arg = (uint8_t)pick(7);
        h.day = (uint8_t)(h.month == 12 && h.day > 25 ? 25 : h.month == 2 && h.day == 29 ? 28 : h.day);
    }
    if (kind == PW_TOU_EASTER)
        h.month = h.day = 0, h.arg = (uint8_t)(PW_TOU_EASTER_MIN + (int)pick(PW_TOU_EASTER_MAX - PW_TOU_EASTER_MIN + 1));
    h.rule = PW_TOU_RULE(kind, pick(3));
    return h;
}

static inline void random_daytypes(struct pw_tou *t)
{
    unsigned room = PW_TOU_SEGMENTS, at = 0;
    for (unsigned i = 0; i < t->n_daytypes; i++) {
        unsigned after = t->n_daytypes - i - 1u, most = room - after, n = 1 + pick(most < 20 ? most : 20);
        bool begins[1440] = {true};
        if (after == 0 && pick(4) == 0)
            n = most; /* all 80 in use */
        for (unsigned k = 1; k < n;) {
            unsigned minute = pick(pick(2) == 0 ? 240 : 1440); /* more often where clocks are changed */
            k += !begins[minute];
            begins[minute] = true;
        }
        for (unsigned minute = 0; minute < 1440; minute++)
            if (begins[minute])
                t->segment[at++] = PW_TOU_SEG(minute, pick(t->n_rates));
        t->n_segments[i] = (uint8_t)n;
        room -= n;
    }
}

static inline void random_schedule(struct pw_tou *t, unsigned near_year)
{
    memset(t, 0, sizeof *t);
    t->id = (uint16_t)pick(65536);
    t->effective_utc = pick(3) == 0 ? 0 : pick(2) == 0 ? pick(PW_UTC_END) : pick(PW_UTC_END / 60) * 60;
    t->zone = random_zone();
    t->n_rates = (uint8_t)(1 + pick(PW_TOU_RATES));
    t->n_daytypes = (uint8_t)(1 + pick(PW_TOU_DAYTYPES));
    t->n_seasons = (uint8_t)(1 + pick(PW_TOU_SEASONS));
    random_daytypes(t);
    bool start[366] = {false};
    for (unsigned i = 0; i < t->n_seasons;) {
        unsigned day = pick(8) == 0 ? 364 * pick(2) : pick(365);
        i += !start[day];
        start[day] = true;
    }
    unsigned k = 0, month = 1, day = 1;
    for (unsigned i = 0; i < 365; i++) {
        if (start[i]) {
            t->season[k].month = (uint8_t)month;
            t->season[k].day = (uint8_t)day;
            for (unsigned d = 0; d < 7; d++)
                t->season[k].daytype[d] = (uint8_t)pick(t->n_daytypes);
            t->season[k++].holiday = (uint8_t)pick(t->n_daytypes);
        }
        if (++day > days_of(2001, month))
            day = 1, month++;
    }
    for (unsigned i = 0, tries = pick(PW_TOU_HOLIDAYS + 1); i < tries; i++) {
        bool twice = false;
        t->holiday[t->n_holidays] = random_holiday(near_year);
        for (unsigned j = 0; j < t->n_holidays; j++)
            twice = twice || pw_tou_holiday_same(&t->holiday[j], &t->holiday[t->n_holidays]);
        t->n_holidays += !twice;
        if (twice)
            memset(&t->holiday[t->n_holidays], 0, sizeof t->holiday[0]);
    }
    for (unsigned i = 0, n = pick(PW_TOU_NAME_CHARS + 1); i < n; i++)
        do
            t->name[i] = (char)(' ' + pick(95));
        while (t->name[i] == '"');
}

static inline void random_names(struct pw_tou_names *n, const struct pw_tou *t)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    memset(n, 0, sizeof *n);
    for (unsigned i = 0; i < t->n_rates; i++)
        for (unsigned k = 0, len = pick(PW_TOU_WORD_CHARS + 1); k < len; k++)
            do
                n->rate[i][k] = (char)(' ' + pick(95));
            while (n->rate[i][k] == '"');
    for (unsigned i = 0; i < t->n_daytypes; i++) {
        n->daytype[i][0] = word[i]; /* so all differ */
        for (unsigned k = 1, len = 1 + pick(PW_TOU_WORD_CHARS); k < len; k++)
            n->daytype[i][k] = word[pick(sizeof word - 1)];
    }
    for (unsigned i = 0; i < t->n_seasons; i++) {
        n->season[i][0] = word[63 - i];
        for (unsigned k = 1, len = 1 + pick(PW_TOU_WORD_CHARS); k < len; k++)
            n->season[i][k] = word[pick(sizeof word - 1)];
    }
}

static inline uint32_t year_begin(unsigned year)
{
    struct pw_civil c = {(uint16_t)year, 1, 1, 0, 0, 0, 0};
    return year > 2099 ? PW_UTC_END : pw_civil_to_s(&c);
}

#endif
