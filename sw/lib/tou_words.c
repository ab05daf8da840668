/* SPDX-License-Identifier: Apache-2.0 */
#include "tou_words.h"

#include <string.h>

#include "text.h"

const char *const pw_tou_weekday[7] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
const char *const pw_tou_kind[5] = {"yearly", "once", "nth", "on-or-after", "easter"};
const char *const pw_tou_shift[3] = {"", " shift", " shift-next"};

bool pw_tou_fail(struct pw_tou_parser *p, const char *before, const struct pw_tou_word *w, const char *after)
{
    enum { SHOWN = 24 };
    struct pw_text t;
    if (p->failed)
        return false;
    p->failed = true;
    p->fault->line = p->line;
    pw_text_init(&t, p->fault->reason, sizeof p->fault->reason);
    pw_text_str(&t, before);
    if (w != NULL) {
        pw_text_str(&t, *before != 0 ? " '" : "'");
        for (size_t i = 0; i < w->n && i < SHOWN; i++)
            pw_text_char(&t, w->s[i] < ' ' || w->s[i] > '~' ? '?' : w->s[i]);
        pw_text_str(&t, w->n > SHOWN ? "...'" : "'");
    }
    pw_text_str(&t, after);
    return false;
}

static void skip_blanks(struct pw_tou_parser *p)
{
    for (; p->p < p->end; p->p++) {
        if (*p->p == '\\' && p->end - p->p > 1 && (p->p[1] == '\n' || (p->p[1] == '\r' && p->end - p->p > 2 && p->p[2] == '\n'))) {
            p->p += p->p[1] == '\r' ? 2 : 1; /* the line goes on in the next one */
            p->line++;
        } else if (*p->p != ' ' && *p->p != '\t' && *p->p != '\r') {
            break;
        }
    }
    if (p->p < p->end && *p->p == '#')
        while (p->p < p->end && *p->p != '\n')
            p->p++;
}

static bool at_blank(const struct pw_tou_parser *p)
{
    return p->p == p->end || *p->p == ' ' || *p->p == '\t' || *p->p == '\r' || *p->p == '\n';
}

bool pw_tou_next(struct pw_tou_parser *p, struct pw_tou_word *w)
{
    skip_blanks(p);
    if (p->failed || p->p == p->end || *p->p == '\n')
        return false;
    *w = (struct pw_tou_word){p->p, 0, *p->p == '"'};
    if (w->quoted) {
        for (w->s = ++p->p; p->p < p->end && *p->p != '"' && *p->p != '\n'; p->p++)
            w->n++;
        if (p->p == p->end || *p->p == '\n')
            return pw_tou_fail(p, "no \" at the end of", w, "");
        p->p++;
        return at_blank(p) || pw_tou_fail(p, "no blank after", w, "");
    }
    for (; !at_blank(p); p->p++)
        w->n++;
    return true;
}

bool pw_tou_need(struct pw_tou_parser *p, struct pw_tou_word *w, const char *what)
{
    if (pw_tou_next(p, w))
        return true;
    pw_tou_fail(p, what, NULL, " is missing");
    return false;
}

bool pw_tou_is(const struct pw_tou_word *w, const char *s)
{
    return !w->quoted && strlen(s) == w->n && memcmp(w->s, s, w->n) == 0;
}

bool pw_tou_split(const struct pw_tou_word *w, char c, struct pw_tou_word *a, struct pw_tou_word *b)
{
    const char *at = w->quoted || w->n == 0 ? NULL : memchr(w->s, c, w->n);
    if (at == NULL)
        return false;
    size_t n = (size_t)(at - w->s);
    struct pw_tou_word whole = *w;
    *a = (struct pw_tou_word){whole.s, n, false};
    *b = (struct pw_tou_word){at + 1, whole.n - n - 1, false};
    return true;
}

bool pw_tou_get_number(const struct pw_tou_word *w, unsigned min_digits, unsigned max_digits, unsigned *v)
{
    unsigned sum = 0;
    if (w->quoted || w->n < min_digits || w->n > max_digits)
        return false;
    for (size_t i = 0; i < w->n; i++) {
        if (w->s[i] < '0' || w->s[i] > '9')
            return false;
        sum = sum * 10 + (unsigned)(w->s[i] - '0');
    }
    *v = sum;
    return true;
}

bool pw_tou_get_signed(const struct pw_tou_word *w, int *v)
{
    unsigned u;
    bool sign = w->n > 0 && (w->s[0] == '-' || w->s[0] == '+');
    struct pw_tou_word digits = {w->s + sign, w->n - sign, w->quoted};
    if (!pw_tou_get_number(&digits, 1, 5, &u))
        return false;
    *v = sign && w->s[0] == '-' ? -(int)u : (int)u;
    return true;
}

bool pw_tou_get_time(struct pw_tou_parser *p, const struct pw_tou_word *w, unsigned *minute)
{
    struct pw_tou_word h, m;
    unsigned hour, min;
    if (!pw_tou_split(w, ':', &h, &m) || !pw_tou_get_number(&h, 2, 2, &hour) || !pw_tou_get_number(&m, 2, 2, &min))
        return pw_tou_fail(p, "", w, " is no time: HH:MM");
    if (hour > 23 || min > 59)
        return pw_tou_fail(p, "no such time:", w, "");
    *minute = hour * 60 + min;
    return true;
}

bool pw_tou_get_day(struct pw_tou_parser *p, const struct pw_tou_word *w, unsigned year, uint8_t *month, uint8_t *day)
{
    struct pw_tou_word mm, dd;
    unsigned m, d;
    if (!pw_tou_split(w, '-', &mm, &dd) || !pw_tou_get_number(&mm, 2, 2, &m) || !pw_tou_get_number(&dd, 2, 2, &d))
        return pw_tou_fail(p, "", w, " is no day: MM-DD");
    struct pw_civil c = {(uint16_t)year, (uint8_t)m, (uint8_t)d, 0, 0, 0, 0};
    if (!pw_civil_valid(&c))
        return pw_tou_fail(p, "no such day:", w, "");
    *month = c.month;
    *day = c.day;
    return true;
}

bool pw_tou_get_date(struct pw_tou_parser *p, const struct pw_tou_word *w, struct pw_civil *c)
{
    struct pw_tou_word yyyy, rest, mm, dd;
    unsigned y;
    if (!pw_tou_split(w, '-', &yyyy, &rest) || !pw_tou_split(&rest, '-', &mm, &dd) || !pw_tou_get_number(&yyyy, 4, 4, &y))
        return pw_tou_fail(p, "", w, " is no date: YYYY-MM-DD");
    if (y < 2000 || y > 2099)
        return pw_tou_fail(p, "year not in 2000 .. 2099:", w, "");
    c->year = (uint16_t)y;
    return pw_tou_get_day(p, &rest, y, &c->month, &c->day);
}

bool pw_tou_get_mwd(struct pw_tou_parser *p, const struct pw_tou_word *w, uint8_t *month, uint8_t *week, uint8_t *weekday)
{
    struct pw_tou_word rest = {w->s + 1, w->n - 1, false}, mm, wd, ww, dd;
    unsigned m, k, d;
    if (w->quoted || w->n < 1 || w->s[0] != 'm' || !pw_tou_split(&rest, 'w', &mm, &wd) || !pw_tou_split(&wd, 'd', &ww, &dd) || !pw_tou_get_number(&mm, 1, 2, &m) ||
        !pw_tou_get_number(&ww, 1, 1, &k) || !pw_tou_get_number(&dd, 1, 1, &d))
        return pw_tou_fail(p, "", w, " is no weekday of a month: m11w4d4");
    if (m < 1 || m > 12 || k < 1 || k > 5 || d > 6)
        return pw_tou_fail(p, "no such weekday (month 1..12, week 1..5, day 0..6):", w, "");
    *month = (uint8_t)m;
    *week = (uint8_t)k;
    *weekday = (uint8_t)d;
    return true;
}

bool pw_tou_get_name(struct pw_tou_parser *p, const struct pw_tou_word *w, char *name, size_t chars)
{
    if (!w->quoted)
        return pw_tou_fail(p, "name without \":", w, "");
    if (w->n > chars)
        return pw_tou_fail(p, "name too long:", w, chars == PW_TOU_NAME_CHARS ? ", at most 16 characters" : ", at most 12 characters");
    for (size_t i = 0; i < w->n; i++)
        if (w->s[i] < ' ' || w->s[i] > '~')
            return pw_tou_fail(p, "name is not plain ASCII:", w, "");
    if (name != NULL)
        memcpy(name, w->s, w->n);
    return true;
}
