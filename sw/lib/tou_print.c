/* SPDX-License-Identifier: Apache-2.0 */
/* Data to text: one statement after the other, in the order that they are read in. */
#include "text.h"
#include "tou_words.h"

#define SEGMENTS_A_LINE 8u

static void digits(struct pw_text *t, unsigned v, unsigned n)
{
    for (unsigned unit = n == 4 ? 1000 : 10; unit != 0; unit /= 10)
        pw_text_char(t, (char)('0' + v / unit % 10));
}

static void pair(struct pw_text *t, unsigned a, char between, unsigned b)
{
    digits(t, a, 2);
    pw_text_char(t, between);
    digits(t, b, 2);
}

static void put_minute(struct pw_text *t, unsigned minute)
{
    pair(t, minute / 60, ':', minute % 60);
}

static void put_date(struct pw_text *t, unsigned year, unsigned month, unsigned day)
{
    digits(t, year, 4);
    pw_text_char(t, '-');
    pair(t, month, '-', day);
}

/* "m11w4d4" */
static void put_mwd(struct pw_text *t, unsigned month, unsigned week, unsigned weekday)
{
    pw_text_char(t, 'm');
    pw_text_u64(t, month, 0);
    pw_text_char(t, 'w');
    pw_text_u64(t, week, 0);
    pw_text_char(t, 'd');
    pw_text_u64(t, weekday, 0);
}

static void put_quoted(struct pw_text *t, const char *name)
{
    pw_text_str(t, " \"");
    pw_text_str(t, name);
    pw_text_str(t, "\"\n");
}

/* By the wall clock, where that names the second; in the second pass of the hour that comes twice it does not. */
static void put_effective(struct pw_text *t, const struct pw_tou *tou)
{
    struct pw_civil c;
    if (tou->effective_utc == 0)
        return;
    pw_zone_local(&tou->zone, tou->effective_utc, &c);
    bool local = pw_zone_utc(&tou->zone, &c) == tou->effective_utc;
    if (!local)
        pw_civil_from_s(&c, tou->effective_utc);
    pw_text_str(t, "effective ");
    put_date(t, c.year, c.month, c.day);
    pw_text_char(t, ' ');
    pair(t, c.hour, ':', c.minute);
    if (c.second != 0) {
        pw_text_char(t, ':');
        digits(t, c.second, 2);
    }
    pw_text_str(t, local ? "\n" : " utc\n");
}

static void put_change(struct pw_text *t, const char *which, const struct pw_dst_change *c)
{
    pw_text_str(t, which);
    put_mwd(t, c->month, c->week, c->weekday);
    pw_text_char(t, ' ');
    put_minute(t, c->minute);
}

static void put_head(struct pw_text *t, const struct pw_tou *tou, const struct pw_tou_names *names)
{
    const struct pw_zone *z = &tou->zone;
    pw_text_str(t, "schedule ");
    pw_text_u64(t, tou->id, 0);
    put_quoted(t, tou->name);
    pw_text_str(t, "zone ");
    pw_text_fixed(t, z->offset_min, 0, 0, 0);
    if (z->start.month != 0) {
        pw_text_str(t, " dst ");
        pw_text_u64(t, z->dst_min, 0);
        put_change(t, " start ", &z->start);
        put_change(t, " end ", &z->end);
    }
    pw_text_char(t, '\n');
    put_effective(t, tou);
    for (unsigned i = 0; i < tou->n_rates; i++) {
        pw_text_str(t, "rate ");
        pw_text_u64(t, i + 1, 0);
        put_quoted(t, names->rate[i]);
    }
}

static void put_daytypes(struct pw_text *t, const struct pw_tou *tou, const struct pw_tou_names *names)
{
    const uint16_t *seg = tou->segment;
    for (unsigned i = 0; i < tou->n_daytypes; i++) {
        pw_text_str(t, "daytype ");
        pw_text_str(t, names->daytype[i]);
        for (unsigned k = 0; k < tou->n_segments[i]; k++, seg++) {
            pw_text_str(t, k != 0 && k % SEGMENTS_A_LINE == 0 ? " \\\n    " : " ");
            put_minute(t, pw_tou_seg_minute(*seg));
            pw_text_char(t, '=');
            pw_text_u64(t, pw_tou_seg_rate(*seg) + 1, 0);
        }
        pw_text_char(t, '\n');
    }
}

/* Monday first; each day type with all its days at the place of its first one. */
static void put_season(struct pw_text *t, const struct pw_tou_season *s, const char *name, const struct pw_tou_names *names)
{
    unsigned done = 0;
    pw_text_str(t, "season ");
    pw_text_str(t, name);
    pw_text_str(t, " from ");
    pair(t, s->month, '-', s->day);
    for (unsigned i = 1; i <= 7; i++) {
        if ((done & 1u << i) != 0)
            continue;
        for (unsigned k = i; k <= 7;) {
            unsigned last = k;
            if (s->daytype[k % 7] != s->daytype[i % 7]) {
                k++;
                continue;
            }
            while (last < 7 && s->daytype[(last + 1) % 7] == s->daytype[i % 7])
                last++;
            pw_text_char(t, k == i ? ' ' : ',');
            pw_text_str(t, pw_tou_weekday[k % 7]);
            if (last != k) {
                pw_text_char(t, '-');
                pw_text_str(t, pw_tou_weekday[last % 7]);
            }
            for (; k <= last; k++)
                done |= 1u << k;
        }
        pw_text_char(t, '=');
        pw_text_str(t, names->daytype[s->daytype[i % 7]]);
    }
    pw_text_str(t, " holiday=");
    pw_text_str(t, names->daytype[s->holiday]);
    pw_text_char(t, '\n');
}

static void put_holiday(struct pw_text *t, const struct pw_tou_holiday *h)
{
    unsigned kind = pw_tou_holiday_kind(h);
    pw_text_str(t, "holiday ");
    pw_text_str(t, pw_tou_kind[kind]);
    pw_text_char(t, ' ');
    switch (kind) {
    case PW_TOU_YEARLY: pair(t, h->month, '-', h->day); break;
    case PW_TOU_ONCE:   put_date(t, 2000u + h->arg, h->month, h->day); break;
    case PW_TOU_NTH:    put_mwd(t, h->month, h->day, h->arg); break;
    case PW_TOU_AFTER:
        pair(t, h->month, '-', h->day);
        pw_text_char(t, ' ');
        pw_text_str(t, pw_tou_weekday[h->arg]);
        break;
    default:            pw_text_fixed(t, (int8_t)h->arg, 0, 0, 0); break;
    }
    pw_text_str(t, pw_tou_shift[pw_tou_holiday_shift(h)]);
    pw_text_char(t, '\n');
}

int pw_tou_print(const struct pw_tou *tou, const struct pw_tou_names *names, char *buf, size_t size)
{
    struct pw_text t;
    int err = pw_tou_check(tou, NULL);
    if (err == PW_OK)
        err = pw_tou_check_names(names, tou, NULL);
    if (err != PW_OK || size == 0)
        return err != PW_OK ? err : PW_ERR_SIZE;
    pw_text_init(&t, buf, size);
    put_head(&t, tou, names);
    put_daytypes(&t, tou, names);
    for (unsigned i = 0; i < tou->n_seasons; i++)
        put_season(&t, &tou->season[i], names->season[i], names);
    for (unsigned i = 0; i < tou->n_holidays; i++)
        put_holiday(&t, &tou->holiday[i]);
    return t.len + 1 < size ? PW_OK : PW_ERR_SIZE; /* full: it may have been cut */
}
