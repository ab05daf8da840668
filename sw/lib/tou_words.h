/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the text form of schedules: what tou_text.c and tou_print.c share. Not for others. */
#ifndef PW_TOU_WORDS_H
#define PW_TOU_WORDS_H

#include "tou_text.h"

extern const char *const pw_tou_weekday[7]; /* "sun" .. "sat" */
extern const char *const pw_tou_kind[5];    /* enum pw_tou_holiday_kind */
extern const char *const pw_tou_shift[3];   /* enum pw_tou_shift */

struct pw_tou_word {
    const char *s;
    size_t n;
    bool quoted;
};

struct pw_tou_parser {
    const char *p, *end;
    unsigned line;
    bool failed;
    struct pw_tou_text_fault *fault;
    struct pw_tou t;
    struct pw_tou_names names;
    unsigned n_segments; /* of all day types */
    bool have_schedule, have_zone;
    unsigned effective_line; /* 0: none */
    bool effective_utc;
    struct pw_civil effective;
};

/** The first fault: "BEFORE 'WORD'AFTER" at this line. @param w  may be NULL @return false, for short */
bool pw_tou_fail(struct pw_tou_parser *p, const char *before, const struct pw_tou_word *w, const char *after);

/** The line's next word. @return false at its end, or after a fault */
bool pw_tou_next(struct pw_tou_parser *p, struct pw_tou_word *w);

/** A word that must be there. @param what  that is missing otherwise @return false after a fault */
bool pw_tou_need(struct pw_tou_parser *p, struct pw_tou_word *w, const char *what);

/** Is it this word, not quoted? */
bool pw_tou_is(const struct pw_tou_word *w, const char *s);

/** Splits at the first `c`; a or b may be w. @return false: there is none */
bool pw_tou_split(const struct pw_tou_word *w, char c, struct pw_tou_word *a, struct pw_tou_word *b);

/** A decimal number of min_digits .. max_digits (at most 9) digits; the second one with a sign, of at most 5. @return false: it is none */
bool pw_tou_get_number(const struct pw_tou_word *w, unsigned min_digits, unsigned max_digits, unsigned *v);
bool pw_tou_get_signed(const struct pw_tou_word *w, int *v);

/* All of these: @return false after a fault */
/** "07:30" */
bool pw_tou_get_time(struct pw_tou_parser *p, const struct pw_tou_word *w, unsigned *minute);
/** "02-29". @param year  that it must exist in */
bool pw_tou_get_day(struct pw_tou_parser *p, const struct pw_tou_word *w, unsigned year, uint8_t *month, uint8_t *day);
/** "2027-06-11"; fills year, month, day */
bool pw_tou_get_date(struct pw_tou_parser *p, const struct pw_tou_word *w, struct pw_civil *c);
/** "m11w4d4": month, week 1 .. 4 or 5 = last, weekday 0 Sunday .. 6 */
bool pw_tou_get_mwd(struct pw_tou_parser *p, const struct pw_tou_word *w, uint8_t *month, uint8_t *week, uint8_t *weekday);
/** A quoted name. @param[out] name  may be NULL @param chars  at most */
bool pw_tou_get_name(struct pw_tou_parser *p, const struct pw_tou_word *w, char *name, size_t chars);

#endif
