/* SPDX-License-Identifier: Apache-2.0 */
/* Civil time: seconds since 2000-01-01 00:00 UTC, the Gregorian calendar 2000..2099, local time with daylight saving rules.
 * Leap seconds do not exist here (as in POSIX time and NTP's smeared seconds). Pure functions. */
#ifndef PW_CALENDAR_H
#define PW_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define PW_UTC_END UINT32_C(3155760000) /* 2100-01-01: the first second that does not exist here */
#define PW_DAY_S   86400u

struct pw_civil {
    uint16_t year;    /* 2000 .. 2099 */
    uint8_t  month;   /* 1 .. 12 */
    uint8_t  day;     /* 1 .. 31 */
    uint8_t  hour, minute, second;
    uint8_t  weekday; /* 0 Sunday .. 6 Saturday; an output, never read */
};

/* When daylight saving begins or ends: POSIX "Mm.w.d/time". */
struct pw_dst_change {
    uint8_t  month;    /* 1 .. 12; 0 in the start: no daylight saving */
    uint8_t  week;     /* 1 .. 4, 5 = the last */
    uint8_t  weekday;  /* 0 Sunday .. 6 */
    uint16_t minute;   /* of that day, by the wall clock before the change, 0 .. 1439 */
};

struct pw_zone {
    int16_t  offset_min;  /* standard time - UTC, -720 .. 840 */
    uint8_t  dst_min;     /* daylight saving time - standard time, 0 .. 120 */
    struct pw_dst_change start, end; /* start after end in the year: southern hemisphere */
};

/** @return true if all fields but weekday are in range for the month and year */
bool pw_civil_valid(const struct pw_civil *c);

/** @param c  valid */
uint32_t pw_civil_to_s(const struct pw_civil *c);

/** @param s  < PW_UTC_END; later ones are taken as the last second of 2099 */
void pw_civil_from_s(struct pw_civil *c, uint32_t s);

unsigned pw_days_in_month(unsigned year, unsigned month);

/** @return true if the rules make sense */
bool pw_zone_valid(const struct pw_zone *z);

/** Seconds that local time is ahead of UTC at `utc`. @param[out] dst  daylight saving is in force; may be NULL */
int32_t pw_zone_ahead_s(const struct pw_zone *z, uint32_t utc, bool *dst);

/** Local civil time. @return true while daylight saving is in force */
bool pw_zone_local(const struct pw_zone *z, uint32_t utc, struct pw_civil *local);

/** UTC of a local civil time. In the hour that comes twice the first one; in the hour that does not exist, as if the clocks had
 *  not been changed yet. @param local  valid @return PW_UTC_END if before 2000 or after 2099 in UTC */
uint32_t pw_zone_utc(const struct pw_zone *z, const struct pw_civil *local);

#endif
