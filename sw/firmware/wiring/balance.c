/* SPDX-License-Identifier: Apache-2.0 */
#include "balance.h"

#include <string.h>

#include "wiring_priv.h"

void pw_balance_init(struct pw_balance *b) { memset(b, 0, sizeof *b); }

uint32_t pw_balance_threshold_ma(const struct pw_wiring *w, const struct pw_balance *b, unsigned phase)
{
    uint64_t e4 = (uint64_t)b->phase[phase].mains_ma * PW_BALANCE_MAINS_E4 + (uint64_t)pw_wiring_mains_rated_ma(w, phase) * PW_BALANCE_RATED_E4;
    return (uint32_t)(e4 / 10000u);
}

static void take_phase(struct pw_balance *b, const struct pw_wiring *w, unsigned p)
{
    struct pw_balance_phase *x = &b->phase[p];
    struct pw_vec v = w->in.v_mv[pw_wiring_terminal(w, p)];
    x->mains_ma = pw_vec_abs(w->mains_ma[p]);
    x->rest_ma = pw_vec_abs(w->residual_ma[p]);
    int64_t mw = pw_div_round(pw_vec_dot(v, w->residual_ma[p]), 1000);
    x->rest_mw = (int32_t)(mw > INT32_MAX ? INT32_MAX : mw < -INT32_MAX ? -INT32_MAX : mw);
    bool above = x->rest_ma > pw_balance_threshold_ma(w, b, p);
    x->above_s = (uint8_t)(!above ? 0 : x->above_s < PW_BALANCE_ALARM_S ? x->above_s + 1 : x->above_s);
    x->below_s = (uint8_t)(above ? 0 : x->below_s < PW_BALANCE_CLEAR_S ? x->below_s + 1 : x->below_s);
    bool alarm = x->alarm ? x->below_s < PW_BALANCE_CLEAR_S : x->above_s == PW_BALANCE_ALARM_S;
    if (alarm != x->alarm)
        b->changed |= (uint8_t)(1u << p);
    x->alarm = alarm;
}

/* A CT of which neither place nor amount is known: the sum means nothing. */
static bool open_question(const struct pw_wiring *w)
{
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        unsigned code = w->out.ct[k].code;
        if (code == PW_WIRE_UNCLEAR || code == PW_WIRE_STUCK || w->out.ct[k].clipping)
            return true;
    }
    return false;
}

bool pw_balance_step(struct pw_balance *b, const struct pw_wiring *w)
{
    if (w->out.evaluations == b->evaluations)
        return false;
    b->evaluations = w->out.evaluations;
    b->valid = w->has_mains && (w->out.balanced || !open_question(w));
    if (!b->valid) {
        for (unsigned p = 0; p < PW_N_V; p++) {
            if (b->phase[p].alarm)
                b->changed |= (uint8_t)(1u << p);
            b->phase[p] = (struct pw_balance_phase){0};
        }
        return true;
    }
    for (unsigned p = 0; p < PW_N_V; p++)
        take_phase(b, w, p);
    return true;
}
