/* SPDX-License-Identifier: Apache-2.0 */
/* Which schedule is in force, its rate and season, and when the billing period ends. */
#include <string.h>

#include "books_priv.h"
#include "fram_map.h"

#define COPY_B 64u
static const uint32_t active_at[2] = {PW_FRAM_TOU_A, PW_FRAM_TOU_B};

static int load_from(const struct pw_books *b, uint32_t at, struct pw_tou *t, struct pw_tou_fault *fault)
{
    struct pw_fram_area area = {b->on.fram, at, PW_FRAM_TOU_SIZE_B};
    return pw_tou_load(t, pw_fram_area_read, &area, fault);
}

static int copy(struct pw_books *b, uint32_t from, uint32_t to)
{
    uint8_t buf[COPY_B];
    int err = PW_OK;
    for (uint32_t at = 0; at < PW_TOU_SIZE_B && err == PW_OK; at += COPY_B) {
        err = pw_fram_read(b->on.fram, from + at, buf, sizeof buf);
        if (err == PW_OK)
            err = pw_fram_write(b->on.fram, to + at, buf, sizeof buf);
    }
    return err;
}
_Static_assert(PW_TOU_SIZE_B % COPY_B == 0, "whole pieces");

static bool blank(struct pw_books *b, uint32_t at)
{
    uint8_t first[4];
    return pw_fram_read(b->on.fram, at, first, sizeof first) == PW_OK && (first[0] | first[1] | first[2] | first[3]) == 0;
}

/* Two copies of what is in force: the one that the image names, else the other, which is the one before it or the same. */
void pw_books_tariff_load(struct pw_books *b)
{
    unsigned mine = b->image.head.tou_copy & 1u;
    pw_tou_default(&b->tou);
    if (!b->kept)
        return;
    b->tou_copy = (uint8_t)mine;
    if (load_from(b, active_at[mine], &b->tou, NULL) == PW_OK)
        return;
    bool none = blank(b, active_at[mine]) && blank(b, active_at[!mine]);
    if (load_from(b, active_at[!mine], &b->tou, NULL) == PW_OK)
        b->tou_copy = (uint8_t)!mine;
    else
        pw_tou_default(&b->tou);
    if (!none)
        pw_books_damaged(b, PW_STORE_SCHEDULE);
}

/* The pending schedule takes over. The image of the next second names its copy; until then a restart does this again. */
static void take_over(struct pw_books *b)
{
    unsigned to = b->tou_copy ^ 1u;
    uint16_t old = b->tou.id;
    b->next_effective_s = 0;
    if (copy(b, PW_FRAM_TOU_NEXT, active_at[to]) != PW_OK || load_from(b, active_at[to], &b->tou, NULL) != PW_OK) {
        pw_books_event(b, PW_EVENT_STORE_CORRUPT, PW_STORE_NEXT_SCHEDULE, 0, 0);
        if (load_from(b, active_at[b->tou_copy], &b->tou, NULL) != PW_OK)
            pw_tou_default(&b->tou);
        return;
    }
    b->tou_copy = (uint8_t)to;
    pw_books_event(b, PW_EVENT_SCHEDULE, 0, old, b->tou.id);
}

int pw_books_schedule_put(struct pw_books *b, uint32_t at, const uint8_t *data, size_t len)
{
    if (at > PW_TOU_SIZE_B || len > PW_TOU_SIZE_B - at)
        return PW_ERR_RANGE;
    if (!b->kept)
        return PW_ERR_IO;
    int err = pw_books_may_change(b, PW_GROUP_SCHEDULE);
    return err == PW_OK ? pw_fram_write(b->on.fram, PW_FRAM_TOU_STAGE + at, data, len) : err;
}

int pw_books_schedule_end(struct pw_books *b, struct pw_tou_fault *fault)
{
    struct pw_tou t;
    if (!b->kept)
        return PW_ERR_IO;
    int err = pw_books_may_change(b, PW_GROUP_SCHEDULE);
    if (err == PW_OK)
        err = load_from(b, PW_FRAM_TOU_STAGE, &t, fault);
    if (err != PW_OK)
        return err;
    if (b->asked.schedule)
        return PW_ERR_STATE;
    err = copy(b, PW_FRAM_TOU_STAGE, PW_FRAM_TOU_NEXT);
    if (err != PW_OK)
        return err;
    b->next_effective_s = t.effective_utc == 0 ? 1 : t.effective_utc; /* 1: at once */
    pw_books_event(b, PW_EVENT_PROGRAMMED, PW_GROUP_SCHEDULE, b->tou.id, t.id);
    b->asked.schedule = true;
    return PW_OK;
}

unsigned pw_books_tariff_rate(const struct pw_books *b)
{
    if (b->test)
        return PW_RATE_TEST;
    if (!b->program.tou)
        return 0;
    return b->tou_now.rate < b->program.n_rates ? b->tou_now.rate : b->program.n_rates - 1u;
}

void pw_books_tariff_period(struct pw_books *b, const struct pw_books_moment *m)
{
    struct pw_civil c;
    b->close_next_s = 0;
    if (b->program.close_day == 0 || !m->known)
        return;
    (void)pw_zone_local(&b->tou.zone, m->utc_s, &c);
    bool past = c.day >= b->program.close_day;
    c.month = (uint8_t)(c.month + past);
    if (c.month > 12) {
        c.month = 1;
        c.year++;
    }
    c.day = b->program.close_day;
    c.hour = c.minute = c.second = 0;
    b->close_next_s = pw_civil_valid(&c) ? pw_zone_utc(&b->tou.zone, &c) : PW_UTC_END;
}

static void end_period(struct pw_books *b)
{
    b->want |= (uint8_t)(PW_BILL_CLOSE | (b->program.close_resets ? PW_BILL_RESET : 0u));
}

void pw_books_tariff_window(struct pw_books *b, const struct pw_books_moment *m)
{
    bool again = b->asked.schedule || b->asked.time_set;
    b->asked.schedule = false;
    if (!m->known) /* the rate stays as it is: which one is due cannot be known */
        return;
    if (b->next_effective_s != 0 && m->utc_s >= b->next_effective_s) {
        take_over(b);
        again = true;
    }
    if (again || b->close_next_s == 0)
        if (b->close_next_s == 0 || b->close_next_s > m->utc_s) /* one that is due is not forgotten */
            pw_books_tariff_period(b, m);
    if (again || b->tou_now.until_utc == 0 || m->utc_s >= b->tou_now.until_utc)
        pw_tou_at(&b->tou, m->utc_s, &b->tou_now);
    if (b->tou_now.season != b->season) {
        pw_books_event(b, PW_EVENT_SCHEDULE, 1, b->season, b->tou_now.season);
        b->season = b->tou_now.season;
        if (b->program.season_closes && b->program.tou)
            end_period(b);
    }
    if (b->close_next_s != 0 && m->utc_s >= b->close_next_s) {
        end_period(b);
        pw_books_tariff_period(b, m);
    }
}
