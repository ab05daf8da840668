/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting windows, the order of an evaluation, and what is published of it. */
#include "wiring.h"

#include <string.h>

#include "wiring_priv.h"

enum stage { COLLECT_WAIT, COLLECT, MEAN, VOLTS, MEASURE, LEADS, DECIDE, GROUP, EXPLAIN, PAIRS, PUBLISH };

void pw_wiring_init(struct pw_wiring *w, const struct pw_snapshot *snap, const struct pw_config *cfg)
{
    memset(w, 0, sizeof *w);
    w->snap = snap;
    w->cfg = cfg;
    w->revision = cfg->revision;
    w->skip = PW_WIRING_SKIP;
    for (unsigned t = 0; t < PW_N_V; t++)
        w->of[t] = (uint8_t)t;
}

bool pw_wiring_is_fault(unsigned code)
{
    return (code >= PW_WIRE_REVERSED && code <= PW_WIRE_UNCLEAR) || code == PW_WIRE_STUCK;
}

bool pw_wiring_changed(struct pw_wiring *w)
{
    bool was = w->changed;
    w->changed = false;
    return was;
}

/* sine in sQ.14 every 1/64 of a turn would be coarse: a quarter wave by Bhaskara's fraction is good to 0.0016, which is 0.1 degree */
static int32_t sine_f14(int32_t cdeg)
{
    int64_t x = ((cdeg % 36000) + 36000) % 36000;
    bool negative = x >= 18000;
    x -= negative ? 18000 : 0;
    int64_t p = x * (18000 - x); /* sin = 4 p / (40500 deg^2 - p) */
    int32_t s = (int32_t)pw_div_round(4 * p * 16384, INT64_C(405000000) - p);
    return negative ? -s : s;
}

static struct pw_vec voltage(const struct pw_meas_v *v)
{
    struct pw_vec out = {
        (int32_t)pw_div_round((int64_t)v->v_mv * sine_f14(9000 + v->angle_cdeg), 16384),
        (int32_t)pw_div_round(-(int64_t)v->v_mv * sine_f14(v->angle_cdeg), 16384), /* behind = negative angle */
    };
    return out;
}

static struct pw_vec selected(const struct pw_snapshot *s, unsigned vsel)
{
    if (vsel <= PW_VC)
        return voltage(&s->v[vsel]);
    return pw_vec_sub(voltage(&s->v[vsel - PW_VAB]), voltage(&s->v[(vsel - PW_VAB + 1) % PW_N_V]));
}

static int32_t quotient(int64_t n, uint64_t d)
{
    int64_t q = pw_div_round(n, (int64_t)d);
    const int64_t most = INT32_C(40000000); /* 40 kA: five windows still fit */
    return (int32_t)(q > most ? most : q < -most ? -most : q);
}

/* i = (P - jQ) / V*, from the window's P and Q: what the meter measures in every build. */
static void collect_ct(struct pw_wiring *w, unsigned k)
{
    const struct pw_snapshot *s = w->snap;
    const struct pw_meas_ct *c = &s->ct[k];
    struct pw_vec v = selected(s, w->cfg->ct[k].vsel);
    uint64_t square = pw_vec_square(v);
    w->in.rms_ma[k] += c->i_ma > 40000000u ? 40000000u : c->i_ma;
    if (c->flags & (PW_FLAG_CLIP | PW_FLAG_OVF) && w->st[k].clipped < UINT8_MAX)
        w->st[k].clipped++;
    if (c->flags & PW_FLAG_STUCK)
        w->in.flags[k] |= PW_WIN_STUCK;
    if (square < UINT64_C(400000000)) { /* 20 V */
        w->in.flags[k] |= PW_WIN_NO_PHASOR;
        return;
    }
    int64_t p = c->p_mw, q = c->q_mvar;
    w->in.i_ma[k].re += quotient((p * v.re + q * v.im) * 1000, square);
    w->in.i_ma[k].im += quotient((p * v.im - q * v.re) * 1000, square);
}

static bool collect_begin(struct pw_wiring *w)
{
    const struct pw_snapshot *s = w->snap;
    if (w->revision != w->cfg->revision) {
        bool fault = w->out.n_faults != 0;
        pw_wiring_init(w, s, w->cfg);
        w->changed = fault;
        return true;
    }
    if (s->seq == w->seq || s->seq == 0)
        return false;
    w->seq = s->seq;
    if (w->skip > 0) {
        w->skip--;
        return true;
    }
    if (s->timeout || s->cycles == 0)
        return true; /* no whole cycles: no angles */
    for (unsigned t = 0; t < PW_N_V; t++)
        w->in.v_mv[t] = pw_vec_add(w->in.v_mv[t], voltage(&s->v[t]));
    w->stage = COLLECT;
    w->at = 0;
    return true;
}

static int32_t mean(int32_t sum) { return (int32_t)pw_div_round(sum, PW_WIRING_WINDOWS); }

static void mean_ct(struct pw_wiring *w, unsigned k)
{
    struct pw_wiring_state *s = &w->st[k];
    w->in.i_ma[k] = (struct pw_vec){mean(w->in.i_ma[k].re), mean(w->in.i_ma[k].im)};
    w->in.rms_ma[k] /= PW_WIRING_WINDOWS;
    if (2u * s->clipped > PW_WIRING_WINDOWS) { /* more than an inrush */
        w->in.flags[k] |= PW_WIN_CLIP;
        if (s->clips < 3)
            s->clips++;
    } else {
        s->clips = 0;
    }
    s->clipped = 0;
}

static void means(struct pw_wiring *w)
{
    for (unsigned t = 0; t < PW_N_V; t++)
        w->in.v_mv[t] = (struct pw_vec){mean(w->in.v_mv[t].re), mean(w->in.v_mv[t].im)};
}

/* Share of its energy that the CT registers as it is wired, percent. */
static int8_t registers_pct(const struct pw_wiring *w, unsigned k, unsigned hyp)
{
    if (pw_wiring_is_ll(w, k))
        return pw_hyp_reversed(hyp) ? -100 : 100;
    struct pw_vec i = w->in.i_ma[k], true_i = pw_hyp_reversed(hyp) ? pw_vec_neg(i) : i;
    unsigned vsel = w->cfg->ct[k].vsel;
    struct pw_vec used = w->present >> vsel & 1 ? w->in.v_mv[vsel] : (struct pw_vec){0, 0};
    int64_t got = pw_vec_dot(used, i), due = pw_vec_dot(w->in.v_mv[pw_hyp_terminal(hyp)], true_i);
    if (due / 128 == 0)
        return 100;
    int64_t pct = got / 128 * 100 / (due / 128);
    return (int8_t)(pct > 100 ? 100 : pct < -100 ? -100 : pct);
}

void pw_wiring_publish(struct pw_wiring *w, unsigned k)
{
    struct pw_wiring_state *s = &w->st[k];
    struct pw_wiring_ct *o = &w->out.ct[k];
    unsigned hyp = s->hyp, code = s->verdict;
    if (s->clips >= 2 && !pw_wiring_is_fault(code)) {
        code = PW_WIRE_CLIPPING;
        s->confidence_pct = 99;
    }
    bool open = hyp == PW_HYP_OPEN || code == PW_WIRE_OPEN;
    uint8_t packed = (uint8_t)(code << 4 | (hyp & 7) << 1 | (s->clips >= 2));
    bool same = packed == s->pending;
    s->pending = packed;
    o->confidence_pct = s->confidence_pct;
    if (!same)
        return; /* once is no diagnosis */
    struct pw_wiring_ct before = *o;
    o->code = (uint8_t)code;
    o->clipping = s->clips >= 2;
    o->phase = (uint8_t)(pw_wiring_is_ll(w, k) || open ? w->cfg->ct[k].vsel : pw_hyp_phase(w, k, hyp));
    o->reversed = !open && pw_hyp_reversed(hyp);
    o->alt_phase = (uint8_t)(pw_wiring_is_ll(w, k) || open ? o->phase : pw_hyp_phase(w, k, s->second));
    o->alt_reversed = !open && pw_hyp_reversed(s->second);
    o->registers_pct = open || code == PW_WIRE_NO_VOLTAGE ? 0 : code == PW_WIRE_UNKNOWN ? 100 : registers_pct(w, k, hyp);
    if ((o->code != before.code || o->phase != before.phase) && (pw_wiring_is_fault(o->code) || pw_wiring_is_fault(before.code)))
        w->changed = true;
}

static void publish_all(struct pw_wiring *w)
{
    unsigned n = 0;
    for (unsigned k = 0; k < w->cfg->n_ct; k++)
        n += pw_wiring_is_fault(w->out.ct[k].code);
    if (w->service_next == w->service_pending) {
        w->changed |= w->out.service != w->service_next;
        w->out.service = w->service_next;
    }
    w->service_pending = w->service_next;
    for (unsigned faults = w->out.service & PW_WIRING_SERVICE_FAULTS; faults != 0; faults &= faults - 1)
        n++;
    w->out.n_faults = (uint8_t)n;
    w->out.balanced = w->balanced_next;
    w->out.evaluations++;
    memset(&w->in, 0, sizeof w->in);
    w->windows = 0;
}

/* One part of the evaluation; at = CT or point. @return true if the stage is over */
static bool evaluate_part(struct pw_wiring *w)
{
    bool last = w->at + 1u >= w->cfg->n_ct;
    switch (w->stage) {
    case MEAN:
        if (w->at == 0)
            means(w);
        mean_ct(w, w->at);
        return last;
    case VOLTS:
        pw_wiring_volts(w);
        return true;
    case MEASURE:
        pw_wiring_measure(w, w->at);
        return last;
    case LEADS:
        pw_wiring_leads(w);
        return true;
    case DECIDE:
        pw_wiring_decide(w, w->at);
        return last;
    case GROUP:
        pw_wiring_group(w, w->at);
        if (w->at + 1u < w->cfg->n_points)
            return false;
        pw_wiring_residual(w);
        return true;
    case EXPLAIN:
        if (pw_wiring_explain(w))
            return false;
        pw_wiring_explained(w);
        return true;
    case PAIRS:
        pw_wiring_pairs(w);
        return true;
    default:
        pw_wiring_publish(w, w->at);
        return last;
    }
}

static void evaluate_step(struct pw_wiring *w)
{
    if (!evaluate_part(w)) {
        w->at++;
        return;
    }
    w->at = 0;
    w->stage++;
    if (w->stage > PUBLISH) {
        publish_all(w);
        w->stage = COLLECT_WAIT;
    }
}

bool pw_wiring_step(struct pw_wiring *w)
{
    if (w->stage == COLLECT_WAIT)
        return collect_begin(w);
    if (w->stage != COLLECT) {
        evaluate_step(w);
        return true;
    }
    collect_ct(w, w->at);
    if (++w->at < w->cfg->n_ct)
        return true;
    w->at = 0;
    w->windows++;
    w->stage = w->windows == PW_WIRING_WINDOWS ? MEAN : COLLECT_WAIT;
    return true;
}

void pw_wiring_evaluate(struct pw_wiring *w)
{
    w->stage = VOLTS;
    w->at = 0;
    while (w->stage != COLLECT_WAIT)
        evaluate_step(w);
}
