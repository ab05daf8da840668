/* SPDX-License-Identifier: Apache-2.0 */
/* What must be, and whether it is. */
#include <string.h>

#include "torture.h"

#define SECOND_US 1000000u
#define LAST_RECORDS 10u
#define ON_TIME_S    5u /* intervals.c */

static uint64_t channel_of(const uint64_t total[PW_N_TQ], unsigned ch)
{
    return ch < 2 ? total[PW_TQ_WH_DEL + ch] : ch == 2 ? total[PW_TQ_VARH_Q1] + total[PW_TQ_VARH_Q2] : total[PW_TQ_VARH_Q3] + total[PW_TQ_VARH_Q4];
}

/* Own netting: the CTs of point p are 2p and 2p + 1, or p. */
static void count_truth(struct torture *t)
{
    const struct cal_window *win = &t->run.w->window;
    const struct pw_config *cfg = &t->run.app.cfg;
    for (unsigned p = 0; p < TOR_POINTS; p++) {
        __int128 net = 0;
        for (unsigned k = 0; k < cfg->n_ct; k++)
            if (cfg->ct[k].point == p)
                net += win->p_mw[k] < 0 ? -(__int128)cal_energy_f32(win->p_mw[k], win->us) : (__int128)cal_energy_f32(win->p_mw[k], win->us);
        t->net_f32[p][net < 0] += (unsigned __int128)(net < 0 ? -net : net);
        for (unsigned i = 0; i < 2; i++)
            if (t->total[p][PW_TQ_WH_DEL + i] != (uint64_t)(t->net_f32[p][i] >> 32))
                tor_fail(t, "point %u %s: %llu uWh registered", p, i ? "received" : "delivered", (unsigned long long)t->total[p][i]);
    }
}

void tor_mark(struct torture *t)
{
    const struct pw_app *a = &t->run.app;
    if (!a->books.started || a->points.seq == t->marked_seq)
        return;
    t->marked_seq = a->points.seq;
    struct tor_mark *m = &t->mark[t->n_marks];
    if (t->n_marks >= TOR_MARKS) {
        tor_fail(t, "more than %u windows", TOR_MARKS);
        return;
    }
    m->world_us = t->run.last_us;
    m->window_us = t->run.w->window.us;
    m->utc_s = cal_now(&t->run);
    t->window_start_us = m->world_us - m->window_us;
    for (unsigned p = 0; p < TOR_POINTS; p++)
        for (unsigned q = 0; q < PW_N_TQ; q++) {
            uint64_t now = pw_points_total(&a->points, p, (enum pw_total_quantity)q);
            if (t->counting)
                t->by_rate[p][q][t->rate] += now - t->total[p][q];
            else
                t->origin[p][q] = now;
            t->total[p][q] = now;
        }
    t->counting = true;
    t->n_marks++;
    for (unsigned ch = 0; ch < PW_INTERVAL_N_ENERGY; ch++)
        for (unsigned p = 0; p < TOR_POINTS; p++)
            m->uwh[ch][p] = channel_of(t->total[p], ch);
    count_truth(t);
}

static void take_state(struct torture *t, struct tor_state *s)
{
    struct pw_books *b = &t->run.app.books;
    s->valid = true;
    s->seq = b->image.head.seq;
    s->n_marks = t->n_marks;
    s->rate = t->rate;
    memcpy(s->total, t->total, sizeof s->total);
    memcpy(s->by_rate, t->by_rate, sizeof s->by_rate);
    memcpy(s->net_f32, t->net_f32, sizeof s->net_f32);
    for (unsigned p = 0; p < TOR_POINTS; p++)
        for (unsigned k = 0; k < TOR_DEMANDS; k++) {
            struct pw_peak peak = pw_demand_peak(&b->demand, p, k);
            s->peak_mw[p][k] = pw_peak_mw(&peak);
        }
}

void tor_follow(struct torture *t)
{
    const struct pw_books *b = &t->run.app.books;
    if (!b->started)
        return;
    tor_mark(t);
    t->rate = pw_billing_rate(&b->billing) == PW_RATE_TEST ? PW_TOU_RATES : pw_billing_rate(&b->billing);
    if (b->image.saves != t->saves_seen) {
        t->saves_seen = b->image.saves;
        t->before = t->saved;
        t->saved = t->writing;
    }
    if (b->image.step == 1 && (!t->writing.valid || t->writing.seq != b->image.head.seq))
        take_state(t, &t->writing);
}

bool tor_is_state(const struct torture *t, const struct tor_state *s)
{
    if (!s->valid)
        return false;
    for (unsigned p = 0; p < TOR_POINTS; p++)
        for (unsigned q = 0; q < PW_N_TQ; q++)
            if (pw_points_total(&t->run.app.points, p, (enum pw_total_quantity)q) != s->total[p][q])
                return false;
    return true;
}

/* The energy of the last window, and of those that ended less than a second before it began, may be gone; not more. */
static void bound_loss(struct torture *t, const struct tor_state *s)
{
    uint64_t lost_max = 0, windows = t->n_marks - s->n_marks;
    uint64_t lost_us = 0;
    for (unsigned i = s->n_marks; i < t->n_marks; i++)
        lost_us += t->mark[i].window_us;
    unsigned keep = t->n_marks;
    while (keep > 0 && t->mark[keep - 1].world_us + SECOND_US > t->window_start_us)
        keep--;
    if (s->n_marks < keep && t->n_marks > 0)
        tor_fail(t, "%u windows lost, at most %u may be", (unsigned)windows, t->n_marks - keep);
    for (unsigned p = 0; p < TOR_POINTS; p++) {
        uint64_t lost = t->total[p][PW_TQ_WH_DEL] - s->total[p][PW_TQ_WH_DEL];
        if (t->total[p][PW_TQ_WH_DEL] < s->total[p][PW_TQ_WH_DEL])
            tor_fail(t, "point %u jumped up", p);
        lost_max = lost > lost_max ? lost : lost_max;
    }
    if (lost_max > t->result->lost_uwh_max)
        t->result->lost_uwh_max = lost_max;
    if (lost_us > t->result->lost_us_max)
        t->result->lost_us_max = lost_us;
    if (windows > t->result->lost_windows_max)
        t->result->lost_windows_max = windows;
}

void tor_restored(struct torture *t)
{
    struct pw_books *b = &t->run.app.books;
    const struct tor_state *s = &t->writing;
    if (t->run.app.diag.config_default)
        tor_fail(t, "the configuration is gone");
    bool newest = t->writing.valid && tor_is_state(t, &t->writing), saved = t->saved.valid && tor_is_state(t, &t->saved);
    if (!newest && !saved) {
        tor_fail(t, "registers are neither those of the image under way nor those of the one before: point 0 %llu, saved %llu, writing %llu",
                 (unsigned long long)pw_points_total(&t->run.app.points, 0, PW_TQ_WH_DEL), (unsigned long long)t->saved.total[0][0],
                 (unsigned long long)t->writing.total[0][0]);
        return;
    }
    if (saved && (!newest || b->image.head.seq == t->saved.seq))
        s = &t->saved;
    if (b->image.head.seq != s->seq)
        tor_fail(t, "image %u is back, expected %u", b->image.head.seq, s->seq);
    t->result->restored_newest += s == &t->writing;
    t->result->restored_before += s == &t->saved;
    for (unsigned p = 0; p < TOR_POINTS; p++)
        for (unsigned k = 0; k < TOR_DEMANDS; k++) {
            struct pw_peak peak = pw_demand_peak(&b->demand, p, k);
            if (pw_peak_mw(&peak) != s->peak_mw[p][k])
                tor_fail(t, "point %u demand %u: peak %llu, was %llu", p, k, (unsigned long long)pw_peak_mw(&peak), (unsigned long long)s->peak_mw[p][k]);
        }
    bound_loss(t, s);
    struct tor_state back = *s;
    t->saved = t->writing = back;
    t->n_marks = back.n_marks;
    t->rate = back.rate;
    memcpy(t->total, back.total, sizeof t->total);
    memcpy(t->by_rate, back.by_rate, sizeof t->by_rate);
    memcpy(t->net_f32, back.net_f32, sizeof t->net_f32);
    t->saves_seen = 0;
    t->marked_seq = 0;
}

bool tor_rates_fit(struct torture *t, bool by_rate)
{
    struct pw_books *b = &t->run.app.books;
    for (unsigned p = 0; p < TOR_POINTS; p++)
        for (unsigned q = 0; q < PW_N_TQ; q++) {
            uint64_t sum = 0, v = 0;
            if ((b->program.quantities >> q & 1) == 0)
                continue;
            for (unsigned i = 0; i < TOR_BUCKETS; i++) {
                if (pw_billing_register(&b->billing, p, q, i < PW_TOU_RATES ? i : PW_RATE_TEST, &v) != PW_OK || (by_rate && v != t->by_rate[p][q][i])) {
                    fprintf(stderr, "point %u quantity %u rate %u: %llu, expected %llu\n", p, q, i, (unsigned long long)v,
                            (unsigned long long)t->by_rate[p][q][i]);
                    return false;
                }
                sum += v;
            }
            if (sum != t->total[p][q] - t->origin[p][q])
                return false;
        }
    return true;
}

/* Energies at a time: of the last window that ended by then. */
static const struct tor_mark *mark_at(const struct torture *t, uint32_t utc_s)
{
    unsigned low = 0, high = t->n_marks;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (t->mark[middle].utc_s <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : &t->mark[low - 1];
}

static bool sums_at(const struct tor_mark *m, const uint64_t sum[PW_INTERVAL_N_ENERGY][TOR_POINTS])
{
    bool same = m != NULL;
    for (unsigned ch = 0; same && ch < PW_INTERVAL_N_ENERGY; ch++)
        for (unsigned p = 0; same && p < TOR_POINTS; p++)
            same = m->uwh[ch][p] / 1000u == sum[ch][p];
    return same;
}

/* Sum of all records up to `r` = what had flowed at its end, or up to ON_TIME_S later, where the one before had to be stored first; at the power failure that
 * ended it: with all that was kept. */
static bool sums_fit(const struct torture *t, const struct pw_interval *r, uint32_t next_start_s, const uint64_t sum[PW_INTERVAL_N_ENERGY][TOR_POINTS])
{
    const struct tor_mark *end = &t->mark[t->n_marks], *m = mark_at(t, r->end_utc_s);
    while (m != NULL && m > t->mark && m[-1].utc_s == m->utc_s) /* several in a second */
        m--;
    for (; m != NULL && m < end && m->utc_s <= r->end_utc_s + ON_TIME_S; m++)
        if (sums_at(m, sum))
            return true;
    return (r->flags & PW_INTERVAL_POWER_FAIL) != 0 && sums_at(mark_at(t, next_start_s), sum);
}

static void show_marks(const struct torture *t, const struct pw_interval *r, uint64_t sum)
{
    fprintf(stderr, "interval %u: %u .. %u, flags %u: sum %llu; windows:", r->seq, r->end_utc_s - r->length_s, r->end_utc_s, r->flags, (unsigned long long)sum);
    for (unsigned i = 0; i < t->n_marks; i++)
        if (t->mark[i].utc_s + 700 >= r->end_utc_s && t->mark[i].utc_s <= r->end_utc_s + 900)
            fprintf(stderr, " %u:%llu", t->mark[i].utc_s, (unsigned long long)(t->mark[i].uwh[0][0] / 1000u));
    fprintf(stderr, "\n");
}

struct chain {
    uint64_t sum[PW_INTERVAL_N_ENERGY][TOR_POINTS];
    struct pw_interval last;
    bool begun;
};

/* Numbers without gaps; each begins where the one before ended, or power was off between; each sum fits. */
static void check_record(struct torture *t, struct chain *c, uint32_t n, const struct pw_interval *r, const uint8_t *raw)
{
    uint32_t start_s = r->end_utc_s - r->length_s;
    if (c->begun && r->seq != c->last.seq + 1)
        tor_fail(t, "record %u: interval %u after %u", n, r->seq, c->last.seq);
    if (c->begun && start_s != c->last.end_utc_s) {
        bool off = start_s > c->last.end_utc_s && (r->flags & c->last.flags & PW_INTERVAL_POWER_FAIL) != 0;
        if (!off) {
            t->result->intervals_lost++;
            tor_fail(t, "interval %u begins at %u, the one before ended at %u", r->seq, start_s, c->last.end_utc_s);
        }
    }
    if (c->begun && !sums_fit(t, &c->last, start_s, (const uint64_t(*)[TOR_POINTS])c->sum)) {
        show_marks(t, &c->last, c->sum[0][0]);
        tor_fail(t, "interval %u (to %u, flags %u): the sum is not the register", c->last.seq, c->last.end_utc_s, c->last.flags);
    }
    for (unsigned ch = 0; ch < PW_INTERVAL_N_ENERGY; ch++)
        for (unsigned p = 0; p < TOR_POINTS; p++) {
            const struct tor_mark *m = c->begun ? NULL : mark_at(t, r->end_utc_s);
            c->sum[ch][p] = c->begun ? c->sum[ch][p] + pw_interval_value(r, raw, PW_INTERVAL_MAX_B, ch, p) : m == NULL ? 0 : m->uwh[ch][p] / 1000u;
        }
    c->last = *r;
    c->begun = true;
}

static void check_intervals(struct torture *t, bool all)
{
    struct pw_intervals *iv = &t->run.app.books.intervals;
    struct chain c = {.begun = false};
    uint32_t n = iv->log.oldest;
    if (!all && pw_flashlog_count(&iv->log) > LAST_RECORDS)
        n = iv->log.next - LAST_RECORDS;
    uint32_t first = n;
    for (; n != iv->log.next; n++) {
        struct pw_interval r;
        uint8_t raw[PW_INTERVAL_MAX_B];
        int err = cal_interval(&t->run, n, &r, raw);
        if (err != PW_OK) {
            tor_fail(t, "record %u cannot be read: %d", n, err);
            continue;
        }
        t->result->records_checked++;
        if (n == first && (r.flags & PW_INTERVAL_POWER_FAIL) != 0) {
            first++; /* what had flowed at its end is not said by its time */
            continue;
        }
        check_record(t, &c, n, &r, raw);
    }
    if (c.begun && !sums_fit(t, &c.last, iv->start_utc_s, (const uint64_t(*)[TOR_POINTS])c.sum))
        tor_fail(t, "interval %u, the newest: the sum is not the register", c.last.seq);
    if (c.begun && c.last.seq + 1 != iv->seq)
        tor_fail(t, "interval %u is open, %u the newest in flash", iv->seq, c.last.seq);
    if (c.begun && iv->start_utc_s != c.last.end_utc_s && (c.last.flags & iv->flags & PW_INTERVAL_POWER_FAIL) == 0) {
        t->result->intervals_lost++;
        tor_fail(t, "the open interval begins at %u, the one before ended at %u", iv->start_utc_s, c.last.end_utc_s);
    }
}

static void check_events(struct torture *t)
{
    struct pw_books *b = &t->run.app.books;
    uint32_t n, next, ups = 0;
    pw_events_range(&b->events, PW_EVENTS_GENERAL, &n, &next);
    for (uint32_t from = next - n > 40 ? next - 40 : n; from != next; from++) {
        struct pw_event e;
        if (cal_event(&t->run, PW_EVENTS_GENERAL, from, &e) != PW_OK) {
            tor_fail(t, "event %u cannot be read", from);
            continue;
        }
        if (e.kind == PW_EVENT_POWER_UP)
            ups = e.occurrence;
        if (!t->faults && (e.kind == PW_EVENT_FLASH || e.kind == PW_EVENT_LOST))
            tor_fail(t, "event %s %u %lld", pw_event_name(e.kind), e.index, (long long)e.new_value);
        t->result->corrupt_events += e.kind == PW_EVENT_STORE_CORRUPT;
    }
    if (t->cold > 0 && ups < t->expected_power_ups + 1)
        tor_fail(t, "power has come back %u times since, %u events before, %u now", t->cold, t->expected_power_ups, ups);
    if (t->cold > 0)
        t->expected_power_ups = ups;
    t->cold = 0;
}

/* Closed periods: each part of the newest is there, and its rates add up to the register at its end. */
static void check_closes(struct torture *t)
{
    struct pw_books *b = &t->run.app.books;
    unsigned close = b->billing.head.closes, word = PW_TOU_RATES + 1u;
    if (close == 0)
        return;
    for (unsigned p = 0; p < TOR_POINTS; p++)
        for (unsigned part = 0; part < pw_slow_blocks(&b->billing.slow); part++) {
            struct pw_close_part h;
            uint8_t data[PW_SLOW_BLOCK_B];
            unsigned q = 0;
            uint64_t sum = 0;
            if (cal_close_part(&t->run, close, p, part, &h, data) != PW_OK) {
                tor_fail(t, "close %u point %u part %u cannot be read", close, p, part);
                continue;
            }
            const struct tor_mark *m = mark_at(t, h.utc_s);
            if (pw_slow_kind(&b->billing.slow, part, &q) != PW_SLOW_REGISTERS || q > PW_TQ_WH_REC || m == NULL)
                continue;
            for (unsigned i = 0; i < 8 * word; i++)
                sum += (uint64_t)data[i] << 8 * (i % 8);
            if (sum != m->uwh[q][p] - t->origin[p][q])
                tor_fail(t, "close %u point %u quantity %u: rates are not the register", close, p, q);
        }
}

void tor_check(struct torture *t, bool all)
{
    const struct pw_books *b = &t->run.app.books;
    tor_follow(t);
    struct pw_tou_now now;
    unsigned schedule = b->tou.id == t->tou[1].id;
    if (b->tou.id != t->tou[0].id && b->tou.id != t->tou[1].id) {
        tor_fail(t, "schedule %u is in force", b->tou.id);
        return;
    }
    pw_tou_at(&t->tou[schedule], cal_now(&t->run), &now);
    if (pw_billing_rate(&b->billing) != now.rate)
        tor_fail(t, "rate %u, by the schedule %u", pw_billing_rate(&b->billing), now.rate);
    if (!tor_rates_fit(t, true))
        tor_fail(t, "rates do not fit the registers");
    check_intervals(t, all);
    check_events(t);
    if (all)
        check_closes(t);
}
