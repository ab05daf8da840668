/* SPDX-License-Identifier: Apache-2.0 */
#include "curve.h"

#include "wide.h"

#define GRID        64u    /* places at which a table is looked at, evenly over the logarithm of the current */
#define PHASE_E6    5      /* 0.01 minute of phase is 5.04e-6 of the power at PF 0.5: 2.909e-6 rad * tan 60 degrees */
#define UNITY_F17   131072
#define CMIN_TURN   2160000u
#define SQUARE_LOG2 14u    /* high word of a sum of squares: 2^-14 FS^2 */

/* log2(x), u5.10. @param x  1 .. 65535 */
static uint32_t log2_f10(uint32_t x)
{
    uint32_t y = 0;
    while (x >> (y + 1) != 0)
        y++;
    uint32_t m_f15 = x << 15 >> y, f = 0; /* 1 .. 2; below 2^31 as x < 2^16 */
    for (unsigned i = 0; i < 10; i++) {
        m_f15 = (m_f15 * m_f15) >> 15;
        f <<= 1;
        if (m_f15 >> 16) {
            m_f15 >>= 1;
            f |= 1;
        }
    }
    return y << 10 | f;
}

/* Smallest level whose logarithm is not below x. */
static uint32_t exp2_level(uint32_t x_f10)
{
    uint32_t lo = 1, hi = UINT16_MAX;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (log2_f10(mid) < x_f10)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* |b - a| < 2^16, num < 2^14 */
static int32_t between(int32_t a, int32_t b, uint32_t num, uint32_t den)
{
    int32_t n = (b - a) * (int32_t)num, half = (int32_t)(den / 2);
    return a + (n >= 0 ? n + half : n - half) / (int32_t)den;
}

/* A table with the logarithms of its levels. */
struct logs {
    const struct pw_config_curve *c;
    uint32_t x[PW_CURVE_POINTS];
};

static struct logs logs_of(const struct pw_config_curve *c)
{
    struct logs l = {.c = c};
    for (unsigned i = 0; i < c->n; i++)
        l.x[i] = log2_f10(c->point[i].level_e4);
    return l;
}

static void at_log(const struct logs *l, uint32_t x, int32_t *ratio_e6, int32_t *phase_cmin)
{
    const struct pw_config_curve_point *p = l->c->point;
    unsigned i = 0; /* first point not below x */
    while (i + 1u < l->c->n && x > l->x[i])
        i++;
    if (i == 0 || x >= l->x[i]) {
        *ratio_e6 = p[i].ratio_e6;
        *phase_cmin = p[i].phase_cmin;
        return;
    }
    uint32_t num = x - l->x[i - 1], den = l->x[i] - l->x[i - 1];
    *ratio_e6 = between(p[i - 1].ratio_e6, p[i].ratio_e6, num, den);
    *phase_cmin = between(p[i - 1].phase_cmin, p[i].phase_cmin, num, den);
}

void pw_curve_at(const struct pw_config_curve *c, uint32_t level_e4, int32_t *ratio_e6, int32_t *phase_cmin)
{
    *ratio_e6 = *phase_cmin = 0;
    if (c->n == 0)
        return;
    struct logs l = logs_of(c);
    at_log(&l, log2_f10(level_e4 < 1 ? 1 : level_e4 > UINT16_MAX ? UINT16_MAX : level_e4), ratio_e6, phase_cmin);
}

struct range {
    int32_t r_min, r_max, p_min, p_max;
};

static struct range widened(struct range a, int32_t r, int32_t p)
{
    a.r_min = r < a.r_min ? r : a.r_min;
    a.r_max = r > a.r_max ? r : a.r_max;
    a.p_min = p < a.p_min ? p : a.p_min;
    a.p_max = p > a.p_max ? p : a.p_max;
    return a;
}

/* Error left in the middle of a range, worst case: ratio and phase add up. */
static uint32_t spread_e6(struct range a)
{
    return ((uint32_t)(a.r_max - a.r_min) + PHASE_E6 * (uint32_t)(a.p_max - a.p_min) + 1) / 2;
}

/* Zones as wide as a tolerance allows, from below. @return zones, or PW_CURVE_ZONES + 1 if those do not do. first[i]: grid place where zone i begins */
static unsigned lay(const int16_t r[GRID], const int16_t p[GRID], uint32_t tolerance_e6, uint8_t first[PW_CURVE_ZONES], struct range zone[PW_CURVE_ZONES])
{
    unsigned n = 0;
    for (unsigned g = 0; g < GRID; g++) {
        struct range next = g == 0 ? (struct range){0, 0, 0, 0} : widened(zone[n - 1], r[g], p[g]);
        if (g == 0 || spread_e6(next) > tolerance_e6) {
            if (n == PW_CURVE_ZONES)
                return PW_CURVE_ZONES + 1;
            first[n] = (uint8_t)g;
            zone[n++] = (struct range){r[g], r[g], p[g], p[g]};
        } else {
            zone[n - 1] = next;
        }
    }
    return n;
}

void pw_curve_fit(const struct pw_config_curve *c, struct pw_curve_fit *fit)
{
    int16_t r[GRID], p[GRID];
    uint8_t first[PW_CURVE_ZONES];
    struct range zone[PW_CURVE_ZONES];
    *fit = (struct pw_curve_fit){.n = 1};
    if (c->n == 0)
        return;
    struct logs l = logs_of(c);
    uint32_t x0 = l.x[0], span = l.x[c->n - 1] - x0;
    struct range all = {INT16_MAX, INT16_MIN, INT16_MAX, INT16_MIN};
    for (unsigned g = 0; g < GRID; g++) {
        int32_t ratio, phase;
        at_log(&l, x0 + span * g / (GRID - 1), &ratio, &phase);
        all = widened(all, ratio, phase);
        r[g] = (int16_t)ratio;
        p[g] = (int16_t)phase;
    }
    uint32_t lo = 0, hi = spread_e6(all); /* hi always does */
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (lay(r, p, mid, first, zone) > PW_CURVE_ZONES)
            lo = mid + 1;
        else
            hi = mid;
    }
    fit->n = (uint8_t)lay(r, p, lo, first, zone);
    fit->left_e6 = lo;
    for (unsigned i = 0; i < fit->n; i++) {
        fit->ratio_e6[i] = (int16_t)((zone[i].r_min + zone[i].r_max) / 2);
        fit->phase_cmin[i] = (int16_t)((zone[i].p_min + zone[i].p_max) / 2);
        if (i > 0) /* between the last place of one zone and the first of the next */
            fit->limit_e4[i - 1] = (uint16_t)exp2_level(x0 + span * (2u * first[i] - 1) / (2 * (GRID - 1)));
    }
}

int32_t pw_curve_clocks(const struct pw_config *cfg, const struct pw_rate *rate, int32_t phase_cmin)
{
    return (int32_t)pw_div_round((int64_t)phase_cmin * rate->clk_hz, (int64_t)CMIN_TURN * cfg->nominal_hz * rate->mod_div);
}

static const struct pw_config_curve *curve_of(const struct pw_config *cfg, unsigned k)
{
    static const struct pw_config_curve none;
    unsigned i = cfg->ct[k].curve;
    return i >= 1 && i <= PW_N_CURVES ? &cfg->curve[i - 1] : &none;
}

uint32_t pw_curve_shift(const struct pw_config *cfg, const struct pw_rate *rate)
{
    int32_t lowest = 0;
    for (unsigned k = 0; k < cfg->n_ct; k++) {
        const struct pw_config_curve *c = curve_of(cfg, k);
        int32_t least_cmin = 0; /* no zone needs less than the table's lowest point */
        for (unsigned i = 0; i < c->n; i++)
            least_cmin = c->point[i].phase_cmin < least_cmin ? c->point[i].phase_cmin : least_cmin;
        int32_t d = least_cmin < 0 ? cfg->ct[k].delay + pw_curve_clocks(cfg, rate, least_cmin) : 0;
        lowest = d < lowest ? d : lowest;
    }
    return (uint32_t)-lowest;
}

/* A level as the high word of a window's sum of squares. */
static uint32_t threshold(const struct pw_config_ct *ct, uint32_t level_e4, uint32_t samples)
{
    uint64_t of_fs_f20 = ((uint64_t)level_e4 * ct->rated_ma << 20) / (UINT64_C(10000) * ct->i_fs_ma);
    if (of_fs_f20 > UINT32_C(1) << 20)
        of_fs_f20 = UINT32_C(1) << 20; /* nothing is larger than full scale */
    uint64_t t = (of_fs_f20 * of_fs_f20 >> 13) * samples >> (27 - SQUARE_LOG2);
    return t == 0 ? 1 : (uint32_t)t;
}

static int32_t clamp(int32_t v, int32_t lo, int32_t hi, bool *cut)
{
    if (v >= lo && v <= hi)
        return v;
    *cut = true;
    return v < lo ? lo : hi;
}

void pw_curve_plan(const struct pw_config *cfg, const struct pw_rate *rate, unsigned k, uint32_t samples, uint32_t shift,
                   struct pw_curve_plan *plan)
{
    const struct pw_config_ct *ct = &cfg->ct[k];
    struct pw_curve_fit fit;
    pw_curve_fit(curve_of(cfg, k), &fit);
    *plan = (struct pw_curve_plan){.n = fit.n};
    for (unsigned i = 0; i < fit.n; i++) {
        int32_t gain = ct->gain_f17, delay = ct->delay + (int32_t)shift;
        if (fit.ratio_e6[i] != 0)
            gain = (int32_t)(pw_div_round((int64_t)(UNITY_F17 + gain) * 1000000, 1000000 + fit.ratio_e6[i]) - UNITY_F17);
        delay += pw_curve_clocks(cfg, rate, fit.phase_cmin[i]);
        plan->gain_f17[i] = (int16_t)clamp(gain, INT16_MIN, INT16_MAX, &plan->clamped);
        plan->delay[i] = (uint8_t)clamp(delay, 0, PW_MAX_DELAY, &plan->clamped);
        if (i + 1u < fit.n) {
            plan->threshold[i] = threshold(ct, fit.limit_e4[i], samples);
            plan->rated = (uint8_t)(fit.limit_e4[i] <= 10000 ? i + 1 : plan->rated);
        }
    }
}
