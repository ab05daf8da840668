/* SPDX-License-Identifier: Apache-2.0 */
/* Time of use: which rate energy is counted under at a time, and until when. A plain struct, its stored form of PW_TOU_SIZE_B bytes
 * (version, CRC-32), and its evaluation. For people there is a text form: tou_text.h; both are described in docs/tou.md.
 * Everything goes by the wall clock of the schedule's zone: a segment begins when the clock on the wall shows its time, in the hour that comes
 * twice two times, in the hour that does not exist at its end. Indices count from 0; the text form's rates count from 1. */
#ifndef PW_TOU_H
#define PW_TOU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calendar.h"
#include "errors.h"

#ifndef PW_TOU_RATES
#define PW_TOU_RATES        4u  /* rates in use; up to PW_TOU_STORED_RATES: -DPW_TOU_RATES=8u; the stored form is the same */
#endif
#define PW_TOU_STORED_RATES 8u
#define PW_TOU_SEGMENTS     80u /* of all day types together */
#define PW_TOU_DAYTYPES     10u
#define PW_TOU_SEASONS      4u
#define PW_TOU_HOLIDAYS     40u
#define PW_TOU_NAME_CHARS   16u
#define PW_TOU_WORD_CHARS   12u /* names of rates, day types, seasons */
#define PW_TOU_VERSION      1u
#define PW_TOU_SIZE_B       704u
#define PW_TOU_NEVER        UINT32_MAX
#define PW_TOU_EASTER_MIN   (-80) /* days from Easter Sunday: always in the same year */
#define PW_TOU_EASTER_MAX   127
_Static_assert(PW_TOU_RATES >= 1 && PW_TOU_RATES <= PW_TOU_STORED_RATES, "rates");

/* Holds until the next season of the year begins; the last one holds into the next year. Begins at local midnight. */
struct pw_tou_season {
    uint8_t month, day;  /* first day; one that every year has: not 02-29; later in the year than that of the season before */
    uint8_t daytype[7];  /* Sunday .. Saturday; 0 .. n_daytypes - 1 */
    uint8_t holiday;     /* day type of holidays, whatever the weekday */
};

enum pw_tou_holiday_kind {
    PW_TOU_YEARLY, /* month, day (02-29: in leap years only) */
    PW_TOU_ONCE,   /* month, day, arg = year - 2000 */
    PW_TOU_NTH,    /* month, day = 1 .. 4 or 5: the last, arg = weekday, 0 Sunday .. 6 */
    PW_TOU_AFTER,  /* month, day, arg = weekday: the first such weekday on or after that day (Victoria Day: Monday from 05-18); up to 12-25 */
    PW_TOU_EASTER, /* arg = days from western Easter Sunday, as int8_t; month = day = 0 */
};

/* Where a holiday goes that falls on a weekend. The weekend day itself is none then. */
enum pw_tou_shift {
    PW_TOU_STAYS,
    PW_TOU_NEAREST, /* Saturday to Friday, Sunday to Monday */
    PW_TOU_NEXT,    /* both to Monday */
};

struct pw_tou_holiday {
    uint8_t rule; /* PW_TOU_RULE */
    uint8_t month, day, arg;
};
#define PW_TOU_RULE(kind, shift) ((uint8_t)((unsigned)(kind) | (unsigned)(shift) << 4))

static inline unsigned pw_tou_holiday_kind(const struct pw_tou_holiday *h)
{
    return h->rule & 15u;
}

static inline unsigned pw_tou_holiday_shift(const struct pw_tou_holiday *h)
{
    return h->rule >> 4;
}

struct pw_tou {
    uint32_t effective_utc; /* takes over at this time, < PW_UTC_END; 0: at once */
    uint16_t id;
    uint8_t  n_rates, n_daytypes, n_seasons, n_holidays; /* 1 .. PW_TOU_RATES, 1 .. 10, 1 .. 4, 0 .. 40 */
    struct pw_zone zone;    /* local time; start and end of daylight saving at least two months apart */
    uint8_t  n_segments[PW_TOU_DAYTYPES];   /* at least 1 each */
    uint16_t segment[PW_TOU_SEGMENTS];      /* PW_TOU_SEG; day type after day type; each begins at minute 0 and rises */
    struct pw_tou_season  season[PW_TOU_SEASONS];
    struct pw_tou_holiday holiday[PW_TOU_HOLIDAYS];
    char     name[PW_TOU_NAME_CHARS + 1];   /* printable ASCII without ", zero terminated, zero filled */
};

/* A segment: rate from this minute of the day on (0 .. 1439), up to the day type's next segment. */
#define PW_TOU_SEG(minute, rate) ((uint16_t)((unsigned)(minute) | (unsigned)(rate) << 11))

static inline unsigned pw_tou_seg_minute(uint16_t segment)
{
    return segment & 0x7FFu;
}

static inline unsigned pw_tou_seg_rate(uint16_t segment)
{
    return segment >> 11;
}

/* Names, which the evaluation does not need: the meter may leave them where the image is stored. Zero terminated, zero filled. */
struct pw_tou_names {
    char rate[PW_TOU_STORED_RATES][PW_TOU_WORD_CHARS + 1]; /* printable ASCII without ", may be empty */
    char daytype[PW_TOU_DAYTYPES][PW_TOU_WORD_CHARS + 1];  /* letters, digits, - and _; all different */
    char season[PW_TOU_SEASONS][PW_TOU_WORD_CHARS + 1];
};

/* What a check or decode found wrong: {"daytype", 3, "order"}; index -1 when there is only one. */
struct pw_tou_fault {
    const char *group;
    int         index;
    const char *field;
};

struct pw_tou_now {
    uint8_t  rate;      /* 0 .. n_rates - 1 */
    uint8_t  season;    /* 0 .. n_seasons - 1 */
    uint8_t  daytype;   /* 0 .. n_daytypes - 1 */
    bool     holiday;
    uint32_t until_utc; /* all of the above hold before this second: a segment, a local day or daylight saving begins or ends there;
                           PW_TOU_NEVER at the end of 2099 */
};

/** One rate at all times, in UTC; schedule 0 "flat": what a meter without a schedule goes by. */
void pw_tou_default(struct pw_tou *t);

/** What holds at a time. To be called when the time has come to until_utc, was set, or the schedule has changed.
 *  @param t    passed pw_tou_check
 *  @param utc  those from PW_UTC_END on are taken as the last second of 2099 */
void pw_tou_at(const struct pw_tou *t, uint32_t utc, struct pw_tou_now *now);

/** The day of Easter Sunday, western churches, in days since 2000-01-01. @param year  2000 .. 2099 */
uint32_t pw_tou_easter(unsigned year);

/** Every range and relation.
 *  @param[out] fault  what is wrong; may be NULL; untouched on PW_OK
 *  @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_tou_check(const struct pw_tou *t, struct pw_tou_fault *fault);
PW_MUST_CHECK int pw_tou_check_names(const struct pw_tou_names *n, const struct pw_tou *t, struct pw_tou_fault *fault);

/* Parts of the check that the text form reports at their lines. */
bool pw_tou_zone_valid(const struct pw_zone *z);
bool pw_tou_holiday_valid(const struct pw_tou_holiday *h);
bool pw_tou_holiday_same(const struct pw_tou_holiday *a, const struct pw_tou_holiday *b); /* the same day, wherever it is shifted to */

/** To bytes. @return PW_OK or what the checks say (then `out` is untouched) */
PW_MUST_CHECK int pw_tou_encode(const struct pw_tou *t, const struct pw_tou_names *names, uint8_t out[PW_TOU_SIZE_B], struct pw_tou_fault *fault);

/** From bytes; `t` and `names` are untouched unless PW_OK.
 *  @param[out] names  may be NULL
 *  @return PW_OK, PW_ERR_SIZE, PW_ERR_MAGIC, PW_ERR_VERSION, PW_ERR_CRC, PW_ERR_RANGE (also: more rates than PW_TOU_RATES) */
PW_MUST_CHECK int pw_tou_decode(struct pw_tou *t, struct pw_tou_names *names, const uint8_t *in, size_t len, struct pw_tou_fault *fault);

/* Where stored bytes come from: at .. at + len - 1 of the image. @return PW_OK or an error that ends the load */
typedef int (*pw_tou_read)(void *ctx, uint32_t at, uint8_t *out, size_t len);

/** The same from a reader, without names, an image or a second struct on the stack: `t` is scratch unless PW_OK.
 *  @return as pw_tou_decode, or the reader's error */
PW_MUST_CHECK int pw_tou_load(struct pw_tou *t, pw_tou_read read, void *ctx, struct pw_tou_fault *fault);

#endif
