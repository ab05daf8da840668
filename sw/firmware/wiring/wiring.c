/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting windows, the order of an evaluation, and what is published of it. */
#include "wiring.h"

#include <string.h>

#include "wiring_priv.h"

#define V_MIN_SQUARE UINT64_C(400000000) /* (20 V)^2: less is a missing voltage */

enum stage { WAIT, COLLECT, VOLTS, MEASURE, LEADS, DECIDE, GROUP, EXPLAIN, PAIRS, PUBLISH };

void pw_wiring_init(struct pw_wiring *w, const struct pw_snapshot *snap, const struct pw_config *cfg, const int16_t *v_lag_cdeg)
{
    memset(w, 0, sizeof *w);
    w->snap = snap;
    w->cfg = cfg;
    w->lag_cdeg = v_lag_cdeg;
    w->block = snap->agg;
    w->revision = cfg->revision;
    w->skip = PW_WIRING_SKIP;
    for (unsigned t = 0; t < PW_N_V; t++)
        w->of[t] = (uint8_t)t;
}

bool pw_wiring_is_fault(unsigned code)
{
    return (code >= PW_WIRE_REVERSED && code <= PW_WIRE_UNCLEAR) || code == PW_WIRE_STUCK;
}

/* Sine in sQ.14 by Bhaskara's fraction: good to 0.0016, so angles to 0.1 degree. */
static int32_t sine_f14(int32_t cdeg)
{
    int64_t x = ((cdeg % 36000) + 36000) % 36000;
    bool negative = x >= 18000;
    x -= negative ? 18000 : 0;
    int64_t p = x * (18000 - x); /* sin = 4 p / (40500 deg^2 - p) */
    int32_t s = (int32_t)pw_div_round(4 * p * 16384, INT64_C(405000000) - p);
    return negative ? -s : s;
}

/* Voltages on the strongest one as reference: each angle is measured against it directly, not over one that may be missing. */
static void collect_voltages(struct pw_wiring *w)
{
    const struct pw_meas_v *v = w->snap->v;
    unsigned ref = 0;
    for (unsigned t = 1; t < PW_N_V; t++)
        if (v[t].v_mv > v[ref].v_mv)
            ref = t;
    unsigned next = (ref + 1) % PW_N_V, before = (ref + 2) % PW_N_V;
    int32_t lag[PW_N_V] = {0};
    lag[next] = w->lag_cdeg[ref];
    lag[before] = -w->lag_cdeg[before];
    for (unsigned t = 0; t < PW_N_V; t++) {
        w->in.v_mv[t].re = (int32_t)pw_div_round((int64_t)v[t].v_mv * sine_f14(9000 + lag[t]), 16384);
        w->in.v_mv[t].im = (int32_t)pw_div_round(-(int64_t)v[t].v_mv * sine_f14(lag[t]), 16384); /* behind = negative angle */
    }
}

static struct pw_vec selected(const struct pw_wiring *w, unsigned vsel)
{
    if (vsel <= PW_VC)
        return w->in.v_mv[vsel];
    return pw_vec_sub(w->in.v_mv[vsel - PW_VAB], w->in.v_mv[(vsel - PW_VAB + 1) % PW_N_V]);
}

static int32_t quotient(int64_t n, uint64_t d)
{
    int64_t q = pw_div_round(n, (int64_t)d);
    const int64_t most = INT32_C(40000000); /* 40 kA */
    return (int32_t)(q > most ? most : q < -most ? -most : q);
}

/* i = (P - jQ) / V*, from P and Q: what the meter measures in every build. */
static void collect_ct(struct pw_wiring *w, unsigned k)
{
    const struct pw_meas_ct *c = &w->snap->ct[k];
    struct pw_wiring_state *s = &w->st[k];
    struct pw_vec v = selected(w, w->cfg->ct[k].vsel);
    uint64_t square = pw_vec_square(v);
    w->in.rms_ma[k] = c->i_ma;
    w->in.flags[k] = c->flags & PW_FLAG_STUCK ? PW_WIN_STUCK : 0;
    if (!(c->flags & (PW_FLAG_CLIP | PW_FLAG_OVF)))
        s->clips = 0;
    else if (s->clips < PW_WIRING_CLIPS)
        s->clips++;
    w->in.i_ma[k] = (struct pw_vec){0, 0};
    if (square < V_MIN_SQUARE) {
        w->in.flags[k] |= PW_WIN_NO_PHASOR;
        return;
    }
    int64_t p = c->p_mw, q = c->q_mvar;
    w->in.i_ma[k].re = quotient((p * v.re + q * v.im) * 1000, square);
    w->in.i_ma[k].im = quotient((p * v.im - q * v.re) * 1000, square);
}

static bool collect_begin(struct pw_wiring *w)
{
    const struct pw_snapshot *s = w->snap;
    if (w->revision != w->cfg->revision) {
        pw_wiring_init(w, s, w->cfg, w->lag_cdeg);
        return true;
    }
    if (s->agg == w->block)
        return false;
    w->block = s->agg;
    if (w->skip > 0) {
        w->skip--;
        return true;
    }
    if (s->timeout || s->cycles == 0)
        return true; /* no whole cycles: no angles */
    collect_voltages(w);
    w->stage = COLLECT;
    w->at = 0;
    return true;
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
    if (s->clips + 1u >= PW_WIRING_CLIPS && !pw_wiring_is_fault(code)) {
        code = PW_WIRE_CLIPPING;
        s->confidence_pct = 99;
    }
    bool open = hyp == PW_HYP_OPEN || code == PW_WIRE_OPEN;
    uint8_t packed = (uint8_t)(code << 4 | (hyp & 7) << 1 | (s->clips + 1u >= PW_WIRING_CLIPS));
    bool same = packed == s->pending;
    s->pending = packed;
    o->confidence_pct = s->confidence_pct;
    if (!same)
        return; /* once is no diagnosis */
    o->code = (uint8_t)code;
    o->clipping = s->clips + 1u >= PW_WIRING_CLIPS;
    o->phase = (uint8_t)(pw_wiring_is_ll(w, k) || open ? w->cfg->ct[k].vsel : pw_hyp_phase(w, k, hyp));
    o->reversed = !open && pw_hyp_reversed(hyp);
    o->alt_phase = (uint8_t)(pw_wiring_is_ll(w, k) || open ? o->phase : pw_hyp_phase(w, k, s->second));
    o->alt_reversed = !open && pw_hyp_reversed(s->second);
    o->registers_pct = open || code == PW_WIRE_NO_VOLTAGE ? 0 : code == PW_WIRE_UNKNOWN ? 100 : registers_pct(w, k, hyp);
}

static void publish_all(struct pw_wiring *w)
{
    unsigned n = 0;
    for (unsigned k = 0; k < w->cfg->n_ct; k++)
        n += pw_wiring_is_fault(w->out.ct[k].code);
    if (w->service_next == w->service_pending)
        w->out.service = w->service_next;
    w->service_pending = w->service_next;
    for (unsigned faults = w->out.service & PW_WIRING_SERVICE_FAULTS; faults != 0; faults &= faults - 1)
        n++;
    w->out.n_faults = (uint8_t)n;
    w->out.balanced = w->balanced_next;
    w->out.evaluations++;
}

/* One part of the evaluation; at = CT or point. @return true if the stage is over */
static bool evaluate_part(struct pw_wiring *w)
{
    bool last = w->at + 1u >= w->cfg->n_ct;
    switch (w->stage) {
    case COLLECT:
        collect_ct(w, w->at);
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
        w->stage = WAIT;
    }
}

bool pw_wiring_step(struct pw_wiring *w)
{
    if (w->stage == WAIT)
        return collect_begin(w);
    evaluate_step(w);
    return true;
}

void pw_wiring_evaluate(struct pw_wiring *w)
{
    w->stage = VOLTS;
    w->at = 0;
    while (w->stage != WAIT)
        evaluate_step(w);
}
