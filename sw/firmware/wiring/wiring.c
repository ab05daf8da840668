/* SPDX-License-Identifier: Apache-2.0 */
/* The order of an evaluation, and what is published of it. Input: wiring_input.c. */
#include "wiring.h"

#include <string.h>

#include "wiring_priv.h"

enum stage { WAIT, COLLECT, VOLTS, MEASURE, LEADS, DECIDE, GROUP, EXPLAIN, PAIRS, PUBLISH };

void pw_wiring_init(struct pw_wiring *w, const struct pw_snapshot *snap, const struct pw_config *cfg, const struct pw_spectrum *spectrum,
                    const int16_t *v_lag_cdeg)
{
    memset(w, 0, sizeof *w);
    w->snap = snap;
    w->cfg = cfg;
    w->spectrum = spectrum;
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

/* Share of its energy that the CT registers as it is wired, percent. */
static int8_t registers_pct(const struct pw_wiring *w, unsigned k, unsigned hyp)
{
    if (pw_wiring_is_ll(w, k))
        return pw_hyp_reversed(hyp) ? -100 : 100;
    struct pw_vec i = w->in.i_ma[k], true_i = pw_hyp_reversed(hyp) ? pw_vec_neg(i) : i;
    unsigned vsel = w->cfg->ct[k].vsel;
    struct pw_vec used = w->present >> vsel & 1 ? w->in.v_mv[vsel] : (struct pw_vec){0, 0};
    int64_t got = pw_vec_dot(used, i), due = pw_vec_dot(w->in.v_mv[pw_hyp_terminal(hyp)], true_i);
    int64_t whole = due / 128; /* never negative where it finds a phase, but of noise */
    if (whole == 0)
        return 100;
    int64_t hundredfold = got / 128 * 100;
    int64_t pct = (hundredfold + ((hundredfold < 0) == (whole < 0) ? whole : -whole) / 2) / whole; /* nearest: -49.9 is -50 */
    return (int8_t)(pct > 100 ? 100 : pct < -100 ? -100 : pct);
}

void pw_wiring_publish(struct pw_wiring *w, unsigned k)
{
    struct pw_wiring_state *s = &w->st[k];
    struct pw_wiring_ct *o = &w->out.ct[k];
    unsigned hyp = s->hyp, code = s->verdict;
    if ((code == PW_WIRE_OK || code == PW_WIRE_HINT) && pw_wiring_no_voltage(w, k)) {
        code = PW_WIRE_NO_VOLTAGE;
        s->confidence_pct = 99;
    }
    if (!(w->in.flags[k] & PW_WIN_CLIP))
        s->clips = 0;
    else if (s->clips < PW_WIRING_CLIPS)
        s->clips++;
    bool clipping = s->clips + 1u >= PW_WIRING_CLIPS; /* the next evaluation confirms it */
    if (clipping && !pw_wiring_is_fault(code)) {
        code = PW_WIRE_CLIPPING;
        s->confidence_pct = 99;
    }
    bool open = hyp == PW_HYP_OPEN || code == PW_WIRE_OPEN;
    uint8_t packed = (uint8_t)(code << 4 | (hyp & 7) << 1 | clipping);
    bool same = packed == s->pending;
    s->pending = packed;
    o->confidence_pct = s->confidence_pct;
    if (!same)
        return; /* once is no diagnosis */
    o->code = (uint8_t)code;
    o->clipping = clipping;
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

static bool collect_begin(struct pw_wiring *w)
{
    const struct pw_snapshot *s = w->snap;
    if (w->revision != w->cfg->revision) {
        pw_wiring_init(w, s, w->cfg, w->spectrum, w->lag_cdeg);
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
    pw_wiring_voltages(w);
    w->stage = COLLECT;
    w->at = 0;
    return true;
}

/* One part of the evaluation; at = CT or point. @return true if the stage is over */
static bool evaluate_part(struct pw_wiring *w)
{
    bool last = w->at + 1u >= w->cfg->n_ct;
    switch (w->stage) {
    case COLLECT:
        if (pw_wiring_collect(w, w->at))
            return last;
        pw_wiring_voltages(w); /* a new pass: all of it again */
        w->at = UINT8_MAX;
        return false;
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
        w->at = (uint8_t)(w->at + 1u); /* from UINT8_MAX: to the first */
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
