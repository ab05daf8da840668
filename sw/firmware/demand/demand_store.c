/* SPDX-License-Identifier: Apache-2.0 */
/* What of the demand outlives a power cut, and what moves into the slow image. */
#include "demand_priv.h"

#include <string.h>

#include "bytes.h"

enum { WAIT_SYNC = 1, TEST = 2, TIME_KNOWN = 4 };
#define NOT_RUNNING UINT32_MAX
#define RULE_AT 12u
#define RULE_B  11u
_Static_assert(RULE_AT + PW_MAX_DEMANDS * RULE_B <= PW_DEMAND_HEADER_B, "rules have room");

uint64_t pw_peak_mw(const struct pw_peak *p)
{
    return (uint64_t)p->hi << 32 | p->lo;
}

/* mW, 44 bits; rate, 4 bits; UTC, 32 bits. */
void pw_peak_put(uint8_t out[PW_PEAK_B], const struct pw_peak *p)
{
    pw_put_le32(out, p->lo);
    pw_put_le16(out + 4, (uint16_t)((p->hi & 0xFFFu) | (unsigned)p->rate << 12));
    pw_put_le32(out + 6, p->utc_s);
}

void pw_peak_get(struct pw_peak *p, const uint8_t in[PW_PEAK_B])
{
    unsigned high = pw_get_le16(in + 4);
    *p = (struct pw_peak){.utc_s = pw_get_le32(in + 6), .lo = pw_get_le32(in), .hi = high & 0xFFFu, .rate = (uint8_t)(high >> 12)};
}

static uint32_t wall_s(const struct pw_demand_now *now)
{
    return now->utc_s + 86400u + (uint32_t)now->ahead_s;
}

/* Header: time of saving, pick-up left, bits, 3 spare; per rule: id, ms that it has run, flags, seconds to its end. */
void pw_demand_pack(const struct pw_demand *d, uint8_t out[PW_DEMAND_HEADER_B])
{
    memset(out, 0, PW_DEMAND_HEADER_B);
    pw_put_le32(out, d->now.utc_s);
    pw_put_le32(out + 4, d->hold_ms);
    out[8] = (uint8_t)((d->wait_sync ? WAIT_SYNC : 0) | (d->test ? TEST : 0) | (d->now.valid ? TIME_KNOWN : 0));
    for (unsigned k = 0; k < d->n_demands; k++) {
        const struct pw_demand_rule *r = &d->rule[k];
        uint8_t *p = out + RULE_AT + k * RULE_B;
        uint64_t run_ms = (uint64_t)((int64_t)d->now.up_ms - r->begun_ms);
        uint32_t sub_s = pw_demand_sub_ms(d, r) / 1000u;
        pw_put_le32(p, r->id);
        pw_put_le32(p + 4, r->running && run_ms < NOT_RUNNING ? (uint32_t)run_ms : NOT_RUNNING);
        p[8] = r->flags;
        pw_put_le16(p + 9, (uint16_t)(sub_s - wall_s(&d->now) % sub_s));
    }
}

/* Slot: total at the start (thermal: its state), previous, three peaks. */
void pw_demand_pack_slot(struct pw_demand *d, unsigned point, unsigned k, uint8_t out[PW_DEMAND_SLOT_B])
{
    const struct pw_demand_slot *s = pw_demand_settle(d, point, k);
    bool thermal = d->rule[k].cfg.method == PW_DEMAND_THERMAL;
    pw_put_le64(out, thermal ? pw_demand_words(d, point, k)[0] : s->start);
    for (unsigned i = 0; i < 3; i++)
        pw_put_le16(out + 8 + 2 * i, s->previous.w[i]);
    pw_peak_put(out + 14, &s->peak);
    pw_peak_put(out + 24, &s->rate_peak);
    pw_peak_put(out + 34, &s->late);
}

void pw_demand_unpack(struct pw_demand *d, const uint8_t in[PW_DEMAND_HEADER_B])
{
    d->restored = true;
    d->now = (struct pw_demand_now){.utc_s = pw_get_le32(in), .valid = (in[8] & TIME_KNOWN) != 0};
    d->hold_ms = pw_get_le32(in + 4);
    d->wait_sync = (in[8] & WAIT_SYNC) != 0;
    for (unsigned k = 0; k < d->n_demands; k++) {
        struct pw_demand_rule *r = &d->rule[k];
        const uint8_t *p = in + RULE_AT + k * RULE_B;
        uint32_t run_ms = pw_get_le32(p + 4);
        r->id = pw_get_le32(p);
        r->begun_ms = -(int64_t)run_ms;
        r->flags = p[8];
        r->left_s = pw_get_le16(p + 9);
        r->running = run_ms != NOT_RUNNING && (in[8] & TEST) == 0; /* test mode ends with the power */
    }
}

void pw_demand_unpack_slot(struct pw_demand *d, unsigned point, unsigned k, const uint8_t in[PW_DEMAND_SLOT_B])
{
    struct pw_demand_slot *s = pw_demand_slot_at(d, point, k);
    if (d->rule[k].cfg.method == PW_DEMAND_THERMAL)
        pw_demand_words(d, point, k)[0] = pw_get_le64(in);
    else
        s->start = pw_get_le64(in);
    for (unsigned i = 0; i < 3; i++)
        s->previous.w[i] = pw_get_le16(in + 8 + 2 * i);
    pw_peak_get(&s->peak, in + 14);
    pw_peak_get(&s->rate_peak, in + 24);
    pw_peak_get(&s->late, in + 34);
}

static void resume_thermal(struct pw_demand *d, unsigned k, bool known, uint64_t off_ms)
{
    uint32_t share = pw_thermal_share_f32(off_ms, d->rule[k].cfg.interval_min);
    for (unsigned p = 0; p < d->n_points; p++) {
        uint64_t *state = pw_demand_words(d, p, k);
        *state = known && share < UINT32_MAX ? pw_thermal_next(*state, 0, 1, share) : 0;
    }
    d->rule[k].running = false; /* begins with the next window */
}

/* The interval of the cut goes on, or ended when it should have; the one of now began by the wall clock: nothing flowed in between. */
static void resume_interval(struct pw_demand *d, unsigned k, const struct pw_demand_now *now, uint32_t cut_utc_s, uint64_t off_ms)
{
    struct pw_demand_rule *r = &d->rule[k];
    uint32_t sub_s = pw_demand_sub_ms(d, r) / 1000u;
    uint32_t id = pw_demand_id(d, r, now);
    uint64_t run_ms = (uint64_t)-r->begun_ms;
    r->flags |= PW_DEMAND_POWER;
    if (id == r->id) {
        r->begun_ms = (int64_t)now->up_ms - (int64_t)(run_ms + off_ms);
        return;
    }
    pw_demand_end(d, k, now->up_ms, cut_utc_s + r->left_s, run_ms + r->left_s * UINT64_C(1000));
    for (unsigned p = 0; p < d->n_points; p++)
        (void)pw_demand_settle(d, p, k); /* before the window is emptied: its subintervals are not in a row any more */
    r->head = r->filled = 0;
    r->id = id;
    r->begun_ms = (int64_t)now->up_ms - (int64_t)(wall_s(now) % sub_s) * 1000;
    r->flags = PW_DEMAND_POWER;
}

void pw_demand_resume(struct pw_demand *d, const struct pw_demand_now *now)
{
    uint32_t cut_utc_s = d->now.utc_s;
    bool known = d->restored && d->now.valid && now->valid && now->utc_s >= cut_utc_s;
    uint32_t off_s = known ? now->utc_s - cut_utc_s : UINT32_MAX; /* not known: as long as can be */
    d->now = *now;
    if (!d->restored)
        return;
    d->restored = false;
    if (d->rules.cold_min > 0 && off_s > d->rules.cold_after_s)
        d->hold_ms = d->rules.cold_min * 60000u;
    if (d->rules.sync_after_s > 0 && off_s > d->rules.sync_after_s)
        d->wait_sync = true;
    for (unsigned k = 0; k < d->n_demands; k++) {
        struct pw_demand_rule *r = &d->rule[k];
        if (r->cfg.method == PW_DEMAND_THERMAL)
            resume_thermal(d, k, known, off_s * UINT64_C(1000));
        else if (known && r->running)
            resume_interval(d, k, now, cut_utc_s, off_s * UINT64_C(1000));
        else
            r->running = false;
    }
}

void pw_demand_synced(struct pw_demand *d)
{
    d->wait_sync = false;
}

void pw_demand_freeze(struct pw_demand *d)
{
    d->frozen = true;
}

static bool higher(const struct pw_peak *a, const struct pw_peak *b)
{
    return pw_peak_mw(a) > pw_peak_mw(b);
}

void pw_demand_commit(struct pw_demand *d, bool reset)
{
    unsigned n = (unsigned)d->n_points * d->n_demands;
    for (unsigned i = 0; i < n; i++) {
        struct pw_demand_slot *s = &d->slot[i];
        if (reset || higher(&s->late, &s->peak))
            s->peak = s->late;
        s->rate_peak = s->late;
        s->late = (struct pw_peak){0};
    }
    d->frozen = false;
}

void pw_demand_slow(struct pw_demand *d, unsigned point, unsigned k, enum pw_slow_kind kind, uint8_t *data, const struct pw_slow_layout *l,
                    bool reset)
{
    const struct pw_demand_slot *s = pw_demand_settle(d, point, k);
    if (kind == PW_SLOW_PAST) {
        if (reset) {
            memmove(data + PW_PEAK_B, data, PW_PEAK_B * (l->n_past - 1u));
            pw_peak_put(data, &s->peak);
        }
        return;
    }
    if (reset) {
        pw_put_le64(data, pw_get_le64(data) + pw_peak_mw(&s->peak));
        memset(data + 8, 0, PW_PEAK_B * (size_t)l->n_rates);
        return;
    }
    if (s->rate_peak.rate < l->n_rates) {
        struct pw_peak old;
        uint8_t *at = data + 8 + PW_PEAK_B * s->rate_peak.rate;
        pw_peak_get(&old, at);
        if (higher(&s->rate_peak, &old))
            pw_peak_put(at, &s->rate_peak);
    }
}

struct pw_peak pw_demand_frozen_peak(struct pw_demand *d, unsigned point, unsigned k)
{
    return pw_demand_settle(d, point, k)->peak;
}

void pw_demand_late_peak(const struct pw_demand *d, unsigned point, unsigned k, unsigned rate, struct pw_peak *peak)
{
    const struct pw_peak *late = &d->slot[point * d->n_demands + k].late;
    if (late->rate == rate && higher(late, peak))
        *peak = *late;
}
