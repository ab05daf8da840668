/* SPDX-License-Identifier: Apache-2.0 */
/* Phasors for the finder. With an analysis block: the fundamentals of one pass, measured all at once. Without: the currents from P and Q of
 * the last block of windows, the voltages from their products with each other; then a CT whose voltage is missing has none. */
#include "spectrum.h"
#include "wiring_priv.h"

#define V_MIN_SQUARE UINT64_C(400000000) /* (20 V)^2: less is a missing voltage */

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

/* Strongest voltage: the reference. */
static unsigned reference(const struct pw_snapshot *s)
{
    unsigned ref = 0;
    for (unsigned t = 1; t < PW_N_V; t++)
        if (s->v[t].v_mv > s->v[ref].v_mv)
            ref = t;
    return ref;
}

/* x 2^-30 full scales, peak: rms. The root is divided out first, so that all fits: |x| < 2^31, full_scale < 2^25. */
static int32_t rms_of(int64_t x, uint32_t full_scale)
{
    const int64_t inverse_root2_f31 = INT64_C(1518500250);
    int64_t v_f30 = (x * inverse_root2_f31 >> 31) * full_scale;
    return (int32_t)((v_f30 + (INT64_C(1) << 29)) >> 30);
}

/* A channel's fundamental, rms in mV or mA, turned so that the reference is real. Phasors: peak, 2^-30 of full scale. */
static struct pw_vec of_pass(const struct pw_wiring *w, unsigned ch, uint32_t full_scale)
{
    const struct pw_spec_phasor a = w->spectrum->fund[ch], r = w->spectrum->fund[reference(w->snap)];
    int64_t mag = pw_isqrt64((uint64_t)((int64_t)r.re * r.re) + (uint64_t)((int64_t)r.im * r.im));
    if (mag == 0)
        return (struct pw_vec){0, 0};
    int64_t re = ((int64_t)a.re * r.re + (int64_t)a.im * r.im) / mag, im = ((int64_t)a.im * r.re - (int64_t)a.re * r.im) / mag;
    return (struct pw_vec){rms_of(re, full_scale), rms_of(im, full_scale)};
}

static bool has_pass(const struct pw_wiring *w) { return w->spectrum != NULL && w->spectrum->present && w->spectrum->passes != 0; }

/* Voltages on the strongest one as reference: each angle is measured against it directly, not over one that may be missing. */
static void voltages_of_windows(struct pw_wiring *w)
{
    const struct pw_meas_v *v = w->snap->v;
    unsigned ref = reference(w->snap);
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

void pw_wiring_voltages(struct pw_wiring *w)
{
    w->pass = has_pass(w) ? w->spectrum->passes : 0;
    if (w->pass == 0)
        voltages_of_windows(w);
    else
        for (unsigned t = 0; t < PW_N_V; t++)
            w->in.v_mv[t] = of_pass(w, t, w->cfg->v[t].v_fs_mv);
}

/* i = (P - jQ) / V*: what the meter measures in every build. */
static void current_of_windows(struct pw_wiring *w, unsigned k)
{
    struct pw_vec v = selected(w, w->cfg->ct[k].vsel);
    uint64_t square = pw_vec_square(v);
    w->in.i_ma[k] = (struct pw_vec){0, 0};
    if (square < V_MIN_SQUARE) {
        w->in.flags[k] |= PW_WIN_NO_PHASOR;
        return;
    }
    int64_t p = w->snap->ct[k].p_mw, q = w->snap->ct[k].q_mvar;
    w->in.i_ma[k].re = quotient((p * v.re + q * v.im) * 1000, square);
    w->in.i_ma[k].im = quotient((p * v.im - q * v.re) * 1000, square);
}

bool pw_wiring_collect(struct pw_wiring *w, unsigned k)
{
    const struct pw_meas_ct *c = &w->snap->ct[k];
    if (w->pass != 0 && w->pass != w->spectrum->passes)
        return false;
    w->in.rms_ma[k] = c->i_ma;
    w->in.flags[k] = c->flags & PW_FLAG_STUCK ? PW_WIN_STUCK : 0;
    if (c->flags & (PW_FLAG_CLIP | PW_FLAG_OVF))
        w->in.flags[k] |= PW_WIN_CLIP;
    if (w->pass == 0) {
        current_of_windows(w, k);
    } else {
        struct pw_vec i = of_pass(w, PW_N_V + k, w->cfg->ct[k].i_fs_ma);
        w->in.i_ma[k] = w->cfg->ct[k].pol ? pw_vec_neg(i) : i;
    }
    return true;
}
