/* SPDX-License-Identifier: Apache-2.0 */
#include "calibration.h"

#include <string.h>

#include "pw_regs.h"
#include "wide.h"

#define UNITY_F17    131072
#define TURN_F30     INT64_C(6746518852)  /* 2 pi 2^30 */
#define RAD_MDEG_F30 INT64_C(57296)       /* 1 rad in 0.001 degree */
#define SETTLE       2u                   /* blocks left out after a command: values set by the last step are in force then */
#define DEFAULT_BLOCKS 3u
#define BAD_FLAGS    (PW_FLAG_OVF | PW_FLAG_CLIP | PW_FLAG_STUCK | PW_FLAG_NO_CYCLES | PW_FLAG_RANGE)

void pw_cal_init(struct pw_calibration *c)
{
    c->blocks = DEFAULT_BLOCKS;
    c->state = PW_CAL_IDLE;
}

static bool chosen(const struct pw_calibration *c, unsigned ch)
{
    if (c->step == PW_CAL_VOLTAGES)
        return ch < PW_N_V && c->ref.v_mv[ch] != 0;
    return ch >= PW_N_V && ch - PW_N_V < c->cfg->n_ct && (c->target == 0 || c->target == ch - PW_N_V + 1u);
}

static unsigned n_channels(const struct pw_calibration *c)
{
    return PW_N_V + c->cfg->n_ct;
}

/* ---- what is calibrated, and its old values ---- */
static void remember(struct pw_calibration *c)
{
    for (unsigned ch = 0; ch < n_channels(c); ch++) {
        struct pw_cal_channel *o = &c->ch[ch];
        memset(o, 0, sizeof *o);
        if (ch < PW_N_V) {
            o->old_gain_f17 = c->cfg->v[ch].gain_f17;
            o->old_delay = c->cfg->v[ch].delay;
        } else {
            const struct pw_config_ct *ct = &c->cfg->ct[ch - PW_N_V];
            o->old_gain_f17 = ct->gain_f17;
            o->old_delay = ct->delay;
            o->old_noise_ua = ct->i_noise_ua;
        }
    }
}

static void restore(struct pw_calibration *c)
{
    for (unsigned ch = 0; ch < n_channels(c); ch++) {
        const struct pw_cal_channel *o = &c->ch[ch];
        if (ch < PW_N_V) {
            c->cfg->v[ch].gain_f17 = o->old_gain_f17;
            c->cfg->v[ch].delay = o->old_delay;
        } else {
            struct pw_config_ct *ct = &c->cfg->ct[ch - PW_N_V];
            ct->gain_f17 = o->old_gain_f17;
            ct->delay = o->old_delay;
            ct->i_noise_ua = o->old_noise_ua;
        }
    }
    c->apply(c->ctx);
}

void pw_cal_interrupt(struct pw_calibration *c)
{
    if (c->state == PW_CAL_IDLE)
        return;
    c->state = PW_CAL_IDLE;
    c->result = PW_CAL_ENDED;
    restore(c);
}

/* ---- reference ---- */
struct power {
    int64_t p, q, s; /* mW, mvar, mVA */
};

static struct power power_of(int64_t p, int64_t q)
{
    return (struct power){p, q, pw_isqrt64((uint64_t)(p * p) + (uint64_t)(q * q))};
}

static struct power reference(const struct pw_calibration *c, unsigned k)
{
    const struct pw_cal_reference *r = &c->ref;
    unsigned vsel = c->cfg->ct[k].vsel, a = vsel % PW_N_V, b = (a + 1) % PW_N_V, halves = pw_config_ct_halves(c->cfg, k);
    bool line = vsel >= PW_VAB;
    int64_t p = r->p_mw[a] - (line ? (int64_t)r->p_mw[b] : 0), q = r->q_mvar[a] - (line ? (int64_t)r->q_mvar[b] : 0);
    return power_of(p * halves / 2, q * halves / 2);
}

static bool reference_fits(const struct pw_calibration *c)
{
    bool any = false;
    for (unsigned ch = 0; ch < n_channels(c); ch++) {
        if (!chosen(c, ch))
            continue;
        any = true;
        if (c->step == PW_CAL_VOLTAGES || c->step == PW_CAL_NOLOAD)
            continue;
        struct power r = reference(c, ch - PW_N_V);
        int64_t p = r.p < 0 ? -r.p : r.p;
        if (r.s < PW_CAL_S_MIN_MVA || r.s > INT32_MAX || (c->step == PW_CAL_GAIN && 10 * p < 9 * r.s) ||
            (c->step == PW_CAL_PHASE && 10 * p > 9 * r.s))
            return false;
    }
    return any;
}

/* ---- commands ---- */
static int begin_step(struct pw_calibration *c, unsigned step)
{
    if (c->state != PW_CAL_READY)
        return PW_ERR_STATE;
    uint8_t last = c->step;
    c->step = (uint8_t)step;
    if (c->target > c->cfg->n_ct || !reference_fits(c)) {
        c->step = last;
        return PW_ERR_RANGE;
    }
    for (unsigned ch = 0; ch < n_channels(c); ch++) {
        struct pw_cal_channel *o = &c->ch[ch];
        o->result = PW_CAL_NONE;
        o->sum.p = o->sum.q = 0;
        o->sum.min = INT32_MAX;
        o->sum.max = INT32_MIN;
        if (step == PW_CAL_NOLOAD && chosen(c, ch))
            c->cfg->ct[ch - PW_N_V].i_noise_ua = 0; /* what is measured must be all of it */
    }
    if (step == PW_CAL_NOLOAD)
        c->apply(c->ctx);
    c->agg = c->snap->agg;
    c->settle = SETTLE;
    c->taken = 0;
    c->result = PW_CAL_NONE;
    c->state = PW_CAL_MEASURING;
    return PW_OK;
}

int pw_cal_command(struct pw_calibration *c, unsigned command)
{
    if (!*c->unsealed)
        return PW_ERR_SEALED;
    switch (command) {
    case PW_CAL_BEGIN:
        if (c->state != PW_CAL_IDLE)
            return PW_ERR_STATE;
        remember(c);
        c->state = PW_CAL_READY;
        c->result = PW_CAL_NONE;
        return PW_OK;
    case PW_CAL_VOLTAGES: case PW_CAL_GAIN: case PW_CAL_PHASE: case PW_CAL_NOLOAD: case PW_CAL_VERIFY:
        return begin_step(c, command);
    case PW_CAL_COMMIT:
        if (c->state != PW_CAL_READY)
            return PW_ERR_STATE;
        c->state = PW_CAL_IDLE;
        c->save(c->ctx);
        return PW_OK;
    case PW_CAL_ABORT:
        if (c->state == PW_CAL_IDLE)
            return PW_ERR_STATE;
        c->state = PW_CAL_IDLE;
        c->result = PW_CAL_NONE;
        restore(c);
        return PW_OK;
    default:
        return PW_ERR_RANGE;
    }
}

/* ---- a block ---- */
static void take(struct pw_calibration *c, unsigned ch)
{
    struct pw_cal_channel *o = &c->ch[ch];
    int64_t p, q = 0;
    unsigned flags;
    if (ch < PW_N_V) {
        p = c->snap->v[ch].v_mv;
        flags = c->snap->v[ch].flags;
    } else {
        const struct pw_meas_ct *m = &c->snap->ct[ch - PW_N_V];
        uint64_t i_ua = pw_meas_i_ua(m);
        p = c->step == PW_CAL_NOLOAD ? (int64_t)(i_ua > INT32_MAX ? INT32_MAX : i_ua) : m->p_mw;
        q = m->q_mvar;
        flags = m->flags;
    }
    if ((flags & BAD_FLAGS) != 0)
        o->result = PW_CAL_SIGNAL;
    o->sum.p += p;
    o->sum.q += q;
    o->sum.min = p < o->sum.min ? (int32_t)p : o->sum.min;
    o->sum.max = p > o->sum.max ? (int32_t)p : o->sum.max;
}

/* ---- what a channel's blocks say; the sums make room for it ---- */
static int32_t ratio_e6(int64_t part, int64_t whole)
{
    if (whole < 0) {
        part = -part;
        whole = -whole;
    }
    int64_t e = whole == 0 ? INT32_MAX : pw_div_round(part * 1000000, whole);
    return (int32_t)(e > INT32_MAX ? INT32_MAX : e < INT32_MIN ? INT32_MIN : e);
}

static bool beyond(int32_t v, int32_t limit)
{
    return v > limit || v < -limit;
}

static unsigned judge_voltage(struct pw_calibration *c, unsigned ch)
{
    struct pw_cal_channel *o = &c->ch[ch];
    int64_t ref = (int64_t)c->ref.v_mv[ch] * c->taken, got = o->sum.p;
    bool steady = !beyond(ratio_e6((int64_t)o->sum.max - o->sum.min, c->ref.v_mv[ch]), PW_CAL_SPREAD_E6);
    memset(&o->found, 0, sizeof o->found);
    o->found.error_e6 = ratio_e6(got - ref, ref);
    if (beyond(o->found.error_e6, PW_CAL_LIMIT_E6))
        return PW_CAL_LIMIT;
    if (!steady)
        return PW_CAL_UNSTABLE;
    o->found.gain_f17 = (int32_t)(pw_div_round((int64_t)(UNITY_F17 + c->cfg->v[ch].gain_f17) * ref, got) - UNITY_F17);
    return o->found.gain_f17 == (int16_t)o->found.gain_f17 ? PW_CAL_OK : PW_CAL_RANGE;
}

/* Lateness of the current, rad u.30, from the active power alone: P' = P cos d - Q sin d. Good where Q is not small. */
static int64_t late_f30(struct power r, struct power m)
{
    int64_t d = ((r.p - m.p) << 30) / r.q, square_f30 = 0;
    if (d < INT64_C(1) << 27 && d > -(INT64_C(1) << 27))
        square_f30 = d * d >> 31; /* d^2 / 2 */
    return ((r.p - (r.p * square_f30 >> 30) - m.p) << 30) / r.q;
}

/* From both powers, where P alone says nothing about it. */
static int64_t turned_f30(struct power r, struct power m)
{
    int64_t den = r.s * m.s, num = m.q * r.p - m.p * r.q; /* |num| <= den < 2^62 */
    if (den == 0)
        return 0;
    for (; den >> 32 != 0; num >>= 1)
        den >>= 1;
    return (num << 30) / den;
}

static unsigned judge_current(struct pw_calibration *c, unsigned ch)
{
    struct pw_cal_channel *o = &c->ch[ch];
    unsigned k = ch - PW_N_V;
    struct power r = reference(c, k), m = power_of(pw_div_round(o->sum.p, c->taken), pw_div_round(o->sum.q, c->taken));
    bool steady = !beyond(ratio_e6((int64_t)o->sum.max - o->sum.min, r.s), PW_CAL_SPREAD_E6);
    bool with = r.p * m.p + r.q * m.q > 0;
    memset(&o->found, 0, sizeof o->found);
    o->found.error_e6 = ratio_e6(m.p - r.p, r.p);
    int64_t late = c->step == PW_CAL_PHASE ? late_f30(r, m) : turned_f30(r, m);
    late = late > INT32_MAX ? INT32_MAX : late < INT32_MIN ? INT32_MIN : late;
    o->found.phase_mdeg = (int32_t)(late * RAD_MDEG_F30 >> 30);
    o->found.gain_f17 = c->cfg->ct[k].gain_f17;
    if (m.s < PW_CAL_S_MIN_MVA / 2 || !with)
        return PW_CAL_SIGNAL;
    if (!steady)
        return PW_CAL_UNSTABLE;
    if (c->step == PW_CAL_GAIN) { /* apparent power: no phase error spoils it */
        if (beyond(ratio_e6(m.s - r.s, r.s), PW_CAL_LIMIT_E6))
            return PW_CAL_LIMIT;
        o->found.gain_f17 = (int32_t)(pw_div_round((UNITY_F17 + o->found.gain_f17) * r.s, m.s) - UNITY_F17);
        if (o->found.gain_f17 != (int16_t)o->found.gain_f17)
            return PW_CAL_RANGE;
    }
    if (c->step == PW_CAL_PHASE) {
        if (beyond(o->found.phase_mdeg, PW_CAL_LIMIT_MDEG))
            return PW_CAL_LIMIT;
        o->found.clocks = -(int32_t)pw_div_round(late * c->rate->clk_hz, TURN_F30 * c->cfg->nominal_hz * c->rate->mod_div);
    }
    return PW_CAL_OK;
}

static unsigned judge_noload(struct pw_calibration *c, unsigned ch)
{
    struct pw_cal_channel *o = &c->ch[ch];
    int64_t noise_ua = pw_div_round(o->sum.p, c->taken);
    memset(&o->found, 0, sizeof o->found);
    /* state of the DC blocker, sQ0.31 of full scale */
    o->found.error_e6 = (int32_t)(((int64_t)(int32_t)pw_read32(c->hal, PW_BANK_CH_DC_BASE_ADDR(ch)) * 1000000) >> 31);
    o->found.gain_f17 = (int32_t)noise_ua;
    return noise_ua <= UINT16_MAX ? PW_CAL_OK : PW_CAL_LIMIT;
}

/* ---- taking over ---- */
static bool delays_fit(const struct pw_calibration *c, int32_t *raise)
{
    int32_t lowest = 0, highest = 0;
    for (unsigned ch = 0; ch < n_channels(c); ch++) {
        int32_t d = ch < PW_N_V ? c->cfg->v[ch].delay : c->cfg->ct[ch - PW_N_V].delay + (chosen(c, ch) ? c->ch[ch].found.clocks : 0);
        lowest = d < lowest ? d : lowest;
        highest = d > highest ? d : highest;
    }
    *raise = -lowest;
    return highest - lowest <= (int32_t)PW_MAX_DELAY;
}

static void take_over(struct pw_calibration *c)
{
    int32_t raise = 0; /* a late current asks for a negative delay: all others are delayed instead */
    if (c->step == PW_CAL_PHASE && !delays_fit(c, &raise)) {
        c->result = PW_CAL_RANGE;
        return;
    }
    for (unsigned ch = 0; ch < n_channels(c); ch++) {
        const struct pw_cal_channel *o = &c->ch[ch];
        bool mine = chosen(c, ch);
        if (ch < PW_N_V) {
            c->cfg->v[ch].delay = (uint8_t)(c->cfg->v[ch].delay + raise);
            if (mine)
                c->cfg->v[ch].gain_f17 = (int16_t)o->found.gain_f17;
            continue;
        }
        struct pw_config_ct *ct = &c->cfg->ct[ch - PW_N_V];
        ct->delay = (uint8_t)(ct->delay + raise + (mine ? o->found.clocks : 0));
        if (mine && c->step == PW_CAL_GAIN)
            ct->gain_f17 = (int16_t)o->found.gain_f17;
        if (mine && c->step == PW_CAL_NOLOAD)
            ct->i_noise_ua = (uint16_t)o->found.gain_f17;
    }
    c->apply(c->ctx);
}

static void finish(struct pw_calibration *c)
{
    c->state = PW_CAL_READY;
    c->result = PW_CAL_OK;
    for (unsigned ch = 0; ch < n_channels(c); ch++) {
        struct pw_cal_channel *o = &c->ch[ch];
        if (!chosen(c, ch))
            continue;
        unsigned result = c->step == PW_CAL_VOLTAGES ? judge_voltage(c, ch) : c->step == PW_CAL_NOLOAD ? judge_noload(c, ch) : judge_current(c, ch);
        if (o->result == PW_CAL_NONE)
            o->result = (uint8_t)result;
        if (o->result != PW_CAL_OK && c->result == PW_CAL_OK)
            c->result = o->result;
    }
    if (c->result == PW_CAL_OK && c->step != PW_CAL_VERIFY)
        take_over(c); /* all of the step, or nothing */
}

bool pw_cal_step(struct pw_calibration *c)
{
    if (c->state != PW_CAL_MEASURING)
        return false;
    if (!*c->unsealed) { /* what the last step set stays in force until commit or abort: sealed, the gateware takes nothing back */
        c->state = PW_CAL_READY;
        c->result = PW_CAL_ENDED;
        return true;
    }
    if (c->snap->agg == c->agg)
        return false;
    c->agg = c->snap->agg;
    if (c->settle != 0) {
        c->settle--;
        return true;
    }
    for (unsigned ch = 0; ch < n_channels(c); ch++)
        if (chosen(c, ch))
            take(c, ch);
    if (++c->taken >= c->blocks)
        finish(c);
    return true;
}
