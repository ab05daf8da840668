/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals: when they end, and what their energy says. */
#include "demand_priv.h"

#include <string.h>

#define TOLERANCE_MS 1000 /* intervals end with the first window after their time */
#define STEP_MS      1000 /* of thermal demand */

static bool thermal(const struct pw_demand *d, const struct pw_demand_rule *r)
{
    return r->cfg.method == PW_DEMAND_THERMAL && !d->test;
}

static unsigned subs(const struct pw_demand *d, const struct pw_demand_rule *r)
{
    return r->cfg.method != PW_DEMAND_SLIDING ? 1 : d->test ? PW_TEST_SUBS : r->cfg.subintervals;
}

uint32_t pw_demand_sub_ms(const struct pw_demand *d, const struct pw_demand_rule *r)
{
    return d->test ? 60000u : r->cfg.interval_min * 60000u / subs(d, r);
}

static unsigned words_of(const struct pw_demand_config *c)
{
    if (c->method == PW_DEMAND_SLIDING)
        return c->subintervals > PW_TEST_SUBS ? c->subintervals : PW_TEST_SUBS;
    return c->method == PW_DEMAND_THERMAL ? 1 : 0;
}

uint64_t *pw_demand_words(const struct pw_demand *d, unsigned point, unsigned k)
{
    unsigned before = 0, all = 0;
    for (unsigned i = 0; i < d->n_demands; i++) {
        if (i == k)
            before = all;
        all += words_of(&d->rule[i].cfg);
    }
    return d->history + point * all + before;
}

int pw_demand_check(const struct pw_demand_config *c)
{
    if (c->quantity > PW_DEMAND_VA_REC || c->method > PW_DEMAND_THERMAL || c->interval_min < 1 || 60 % c->interval_min != 0)
        return PW_ERR_RANGE;
    if (c->method != PW_DEMAND_SLIDING)
        return c->subintervals == 1 ? PW_OK : PW_ERR_RANGE;
    if (c->subintervals < 2 || c->subintervals > PW_MAX_SUBINTERVALS || c->interval_min * 60u % c->subintervals != 0)
        return PW_ERR_RANGE;
    return PW_OK;
}

unsigned pw_demand_history(const struct pw_demand_config *cfg, unsigned n_demands, unsigned n_points)
{
    unsigned n = 0;
    for (unsigned k = 0; k < n_demands; k++)
        n += words_of(&cfg[k]);
    return n * n_points;
}

int pw_demand_init(struct pw_demand *d, const struct pw_totals *totals, const struct pw_demand_config *cfg, unsigned n_demands,
                   unsigned n_points, const struct pw_demand_rules *rules, uint64_t *history, unsigned n_history)
{
    if (n_demands > PW_MAX_DEMANDS || n_points < 1 || n_points > PW_MAX_CT)
        return PW_ERR_RANGE;
    for (unsigned k = 0; k < n_demands; k++)
        if (pw_demand_check(&cfg[k]) != PW_OK)
            return PW_ERR_RANGE;
    unsigned n = pw_demand_history(cfg, n_demands, n_points);
    if (n > n_history || n_points * n_demands > PW_DEMAND_SLOTS)
        return PW_ERR_SIZE;
    memset(d, 0, sizeof *d);
    for (unsigned i = 0; i < n; i++)
        history[i] = 0;
    d->totals = *totals;
    d->rules = *rules;
    d->history = history;
    d->n_points = (uint8_t)n_points;
    d->n_demands = (uint8_t)n_demands;
    for (unsigned k = 0; k < n_demands; k++)
        d->rule[k].cfg = cfg[k];
    return PW_OK;
}

uint64_t pw_demand_energy(const struct pw_demand *d, unsigned point, unsigned k)
{
    static const uint8_t part[][2] = {{PW_TQ_WH_DEL, PW_N_TQ}, {PW_TQ_WH_REC, PW_N_TQ}, {PW_TQ_VARH_Q1, PW_TQ_VARH_Q2},
                                      {PW_TQ_VARH_Q3, PW_TQ_VARH_Q4}, {PW_TQ_VAH_DEL, PW_N_TQ}, {PW_TQ_VAH_REC, PW_N_TQ}};
    const uint8_t *q = part[d->rule[k].cfg.quantity];
    uint64_t e = pw_total(&d->totals, point, q[0]);
    return q[1] == PW_N_TQ ? e : e + pw_total(&d->totals, point, q[1]);
}

static void raise_peak(struct pw_peak *p, uint64_t mw, uint32_t utc_s, unsigned rate)
{
    if (mw <= pw_peak_mw(p)) /* the first of equals stays */
        return;
    if (mw >> 44 != 0)
        mw = (UINT64_C(1) << 44) - 1;
    *p = (struct pw_peak){.utc_s = utc_s, .lo = (uint32_t)mw, .hi = (uint16_t)(mw >> 32), .rate = (uint8_t)rate};
}

static void candidate(struct pw_demand *d, const struct pw_demand_rule *r, struct pw_demand_slot *s, uint64_t mw)
{
    if (r->end.late && d->frozen) {
        raise_peak(&s->late, mw, r->end.utc_s, r->end.rate);
        return;
    }
    raise_peak(&s->peak, mw, r->end.utc_s, r->end.rate);
    if (pw_peak_mw(&s->rate_peak) == 0 || s->rate_peak.rate == r->end.rate)
        raise_peak(&s->rate_peak, mw, r->end.utc_s, r->end.rate);
}

/* Energy of the `n` newest whole subintervals. */
static uint64_t newest(const uint64_t *words, unsigned n, unsigned size, unsigned place)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += words[(place + size - i) % size];
    return sum;
}

/* @return what it was */
static bool set_pending(struct pw_demand *d, unsigned point, unsigned k, bool on)
{
    unsigned at = point * d->n_demands + k;
    uint32_t *word = &d->pending[at / 32u], bit = UINT32_C(1) << at % 32u;
    bool was = (*word & bit) != 0;
    *word = on ? *word | bit : *word & ~bit;
    return was;
}

struct pw_demand_slot *pw_demand_settle(struct pw_demand *d, unsigned point, unsigned k)
{
    struct pw_demand_slot *s = pw_demand_slot_at(d, point, k);
    const struct pw_demand_rule *r = &d->rule[k];
    uint64_t *words = pw_demand_words(d, point, k);
    uint64_t mw;
    if (!set_pending(d, point, k, false))
        return s;
    if (thermal(d, r)) {
        words[0] = pw_thermal_next(words[0], s->closed, r->end.div_ms, r->end.alpha_f32);
        mw = words[0] >> 16;
    } else if (r->cfg.method == PW_DEMAND_SLIDING) {
        words[r->end.place] = s->closed;
        mw = newest(words, r->end.filled, subs(d, r), r->end.place) * 3600u / r->end.div_ms;
    } else {
        mw = s->closed * 3600u / r->end.div_ms;
    }
    if (r->end.interval_end)
        pw_mw48_set(&s->previous, mw);
    if (d->test) {
        if ((r->end.flags & PW_DEMAND_REFILL) == 0 && mw > pw_mw48_get(&s->test))
            pw_mw48_set(&s->test, mw);
    } else if ((r->end.flags & (PW_DEMAND_NEVER | d->rules.no_peak)) == 0 && r->end.rate != PW_DEMAND_NO_RATE) {
        candidate(d, r, s, mw);
    }
    return s;
}

static void settle_all(struct pw_demand *d, unsigned k)
{
    for (unsigned p = 0; p < d->n_points; p++)
        (void)pw_demand_settle(d, p, k);
}

bool pw_demand_step(struct pw_demand *d)
{
    for (unsigned i = 0; i < sizeof d->pending / sizeof d->pending[0]; i++) {
        unsigned at = 32u * i;
        if (d->pending[i] == 0)
            continue;
        for (uint32_t bits = d->pending[i]; (bits & 1u) == 0; bits >>= 1)
            at++;
        (void)pw_demand_settle(d, at / d->n_demands, at % d->n_demands);
        return true;
    }
    return false;
}

/* Begins without a past. */
void pw_demand_begin(struct pw_demand *d, unsigned k, uint32_t id, int64_t begun_ms, uint8_t flags)
{
    struct pw_demand_rule *r = &d->rule[k];
    for (unsigned p = 0; p < d->n_points; p++) {
        (void)set_pending(d, p, k, false);
        pw_demand_slot_at(d, p, k)->start = pw_demand_energy(d, p, k);
    }
    r->id = id;
    r->begun_ms = begun_ms;
    r->flags = flags;
    r->head = r->filled = 0;
    r->running = true;
}

/* Of a sliding window: what its subintervals say together. */
static void end_window(struct pw_demand *d, struct pw_demand_rule *r, uint32_t excess_ms)
{
    unsigned n = subs(d, r);
    r->ring_flags[r->head] = r->end.flags;
    r->ring_excess_ms[r->head] = excess_ms;
    r->end.place = r->head;
    r->head = (uint8_t)((r->head + 1u) % n);
    if (r->filled < n)
        r->filled++;
    r->end.filled = r->filled;
    r->end.flags = r->filled < n ? PW_DEMAND_REFILL : 0;
    r->end.div_ms = (uint64_t)n * pw_demand_sub_ms(d, r);
    for (unsigned i = 0; i < r->filled; i++) {
        unsigned at = (r->end.place + n - i) % n;
        r->end.flags |= r->ring_flags[at];
        r->end.div_ms += r->ring_excess_ms[at];
    }
}

/* A subinterval, or a thermal step, of `ms` has ended. */
void pw_demand_end(struct pw_demand *d, unsigned k, uint64_t up_ms, uint32_t utc_s, uint64_t ms)
{
    struct pw_demand_rule *r = &d->rule[k];
    uint32_t nominal_ms = pw_demand_sub_ms(d, r);
    settle_all(d, k); /* only if the steps were not called for a whole subinterval */
    for (unsigned p = 0; p < d->n_points; p++) {
        struct pw_demand_slot *s = pw_demand_slot_at(d, p, k);
        uint64_t e = pw_demand_energy(d, p, k);
        s->closed = e - s->start;
        s->start = e;
        (void)set_pending(d, p, k, true);
    }
    r->end.utc_s = utc_s;
    r->end.rate = d->rate;
    r->end.late = d->frozen;
    r->end.flags = r->flags;
    r->end.interval_end = true;
    r->begun_ms = (int64_t)up_ms;
    if (thermal(d, r)) {
        r->end.div_ms = ms > 0 ? ms : 1;
        r->end.alpha_f32 = pw_thermal_share_f32(ms, r->cfg.interval_min);
        return;
    }
    bool stretched = ms > nominal_ms + TOLERANCE_MS;
    if (ms + TOLERANCE_MS < nominal_ms)
        r->end.flags |= PW_DEMAND_SHORT;
    if (stretched)
        r->end.flags |= PW_DEMAND_LONG;
    uint64_t excess_ms = stretched ? ms - nominal_ms : 0;
    r->end.div_ms = nominal_ms + excess_ms;
    if (r->cfg.method == PW_DEMAND_SLIDING)
        end_window(d, r, excess_ms < UINT32_MAX ? (uint32_t)excess_ms : UINT32_MAX);
}

/* The number of the subinterval by the wall clock; in test mode from its beginning. A day more, so that it is positive west of London. */
uint32_t pw_demand_id(const struct pw_demand *d, const struct pw_demand_rule *r, const struct pw_demand_now *now)
{
    uint32_t sub_ms = pw_demand_sub_ms(d, r);
    if (d->test)
        return (uint32_t)((now->up_ms - d->test_ms) / sub_ms);
    return (now->utc_s + 86400u + (uint32_t)now->ahead_s) / (sub_ms / 1000u);
}

static uint8_t conditions(const struct pw_demand *d, bool valid)
{
    return (uint8_t)((d->hold_ms > 0 ? PW_DEMAND_COLD : 0) | (d->wait_sync ? PW_DEMAND_NO_SYNC : 0) | (valid ? 0 : PW_DEMAND_NO_TIME) |
                     (d->rate == PW_DEMAND_NO_RATE ? PW_DEMAND_TEST : 0));
}

void pw_demand_window(struct pw_demand *d, const struct pw_demand_now *now)
{
    uint64_t passed_ms = now->up_ms - d->now.up_ms;
    d->now = *now;
    uint8_t before = conditions(d, now->valid);
    d->hold_ms = passed_ms < d->hold_ms ? d->hold_ms - (uint32_t)passed_ms : 0;
    uint8_t after = conditions(d, now->valid);
    for (unsigned k = 0; k < d->n_demands; k++) {
        struct pw_demand_rule *r = &d->rule[k];
        uint32_t id = pw_demand_id(d, r, now);
        if (!r->running) {
            pw_demand_begin(d, k, id, (int64_t)now->up_ms, after);
            continue;
        }
        uint64_t ms = (uint64_t)((int64_t)now->up_ms - r->begun_ms);
        bool over = id != r->id;
        r->flags |= before;
        if (!over && !(thermal(d, r) && ms >= STEP_MS))
            continue;
        pw_demand_end(d, k, now->up_ms, now->utc_s, ms);
        r->end.interval_end = over;
        r->id = id;
        r->flags = after;
    }
}

void pw_demand_test(struct pw_demand *d, bool on, const struct pw_demand_now *now)
{
    for (unsigned k = 0; k < d->n_demands; k++)
        settle_all(d, k);
    d->test = on;
    d->test_ms = now->up_ms;
    for (unsigned k = 0; k < d->n_demands; k++) {
        pw_demand_begin(d, k, pw_demand_id(d, &d->rule[k], now), (int64_t)now->up_ms, conditions(d, now->valid));
        for (unsigned p = 0; p < d->n_points; p++) {
            if (on)
                pw_mw48_set(&pw_demand_slot_at(d, p, k)->test, 0);
            pw_mw48_set(&pw_demand_slot_at(d, p, k)->previous, 0);
        }
    }
}

uint64_t pw_demand_present_mw(struct pw_demand *d, unsigned point, unsigned k)
{
    const struct pw_demand_rule *r = &d->rule[k];
    const struct pw_demand_slot *s = pw_demand_settle(d, point, k);
    const uint64_t *words = pw_demand_words(d, point, k);
    if (thermal(d, r))
        return words[0] >> 16;
    if (!r->running)
        return 0;
    unsigned n = subs(d, r), nominal_ms = pw_demand_sub_ms(d, r);
    uint64_t run_ms = (uint64_t)((int64_t)d->now.up_ms - r->begun_ms), div_ms = (uint64_t)(n - 1) * nominal_ms;
    uint64_t sum = pw_demand_energy(d, point, k) - s->start;
    div_ms += run_ms > nominal_ms ? run_ms : nominal_ms;
    unsigned whole = r->filled < n - 1 ? r->filled : n - 1;
    unsigned last = (r->head + n - 1u) % n;
    if (whole > 0)
        sum += newest(words, whole, n, last);
    for (unsigned i = 0; i < whole; i++)
        div_ms += r->ring_excess_ms[(last + n - i) % n];
    return sum * 3600u / div_ms;
}

uint64_t pw_demand_previous_mw(struct pw_demand *d, unsigned point, unsigned k)
{
    return pw_mw48_get(&pw_demand_settle(d, point, k)->previous);
}

struct pw_peak pw_demand_peak(struct pw_demand *d, unsigned point, unsigned k)
{
    const struct pw_demand_slot *s = pw_demand_settle(d, point, k);
    return pw_peak_mw(&s->late) > pw_peak_mw(&s->peak) ? s->late : s->peak;
}

uint64_t pw_demand_test_peak_mw(struct pw_demand *d, unsigned point, unsigned k)
{
    return pw_mw48_get(&pw_demand_settle(d, point, k)->test);
}
