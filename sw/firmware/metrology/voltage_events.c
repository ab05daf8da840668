/* SPDX-License-Identifier: Apache-2.0 */
#include "voltage_events.h"

#include <string.h>

#include "wide.h"

#define SETTLE_HALVES  60u    /* the DC blocker has settled to 1 % of what it began with */
#define SETTLE_WINDOWS 3u
#define SLIDING_LOG2   8u     /* reference: 1/256 of a new 10/12-cycle value; the standard's 0.0033 is 1/303 */
#define HALF_MIN_HZ    40u
#define LINE_TOLERANCE_F8 512u /* 2 samples */
_Static_assert(PW_ANA_SQUARE_LOG2 == 34, "half_mv");

/* A span of time with its voltage: a half cycle, or coarsely a window. */
struct span {
    uint32_t u_mv;            /* Urms(1/2) at its end */
    uint64_t square;          /* of the span alone: own_mv() */
    uint32_t own_mv;          /* ... or, coarsely, its voltage, if not 0 */
    uint32_t frame;           /* first sample after it */
    uint32_t samples;
};

void pw_vevents_init(struct pw_voltage_events *e, const struct pw_meter *meter, const struct pw_config *cfg)
{
    memset(e, 0, sizeof *e);
    e->meter = meter;
    e->cfg = cfg;
    /* fs is 4 to 20 kHz: in range */
    e->present = pw_ana_present(meter->hal) && pw_ana_set_half_timeout(meter->hal, meter->fs_mhz / (2000u * HALF_MIN_HZ) + 4) == PW_OK;
    for (unsigned i = 0; i < PW_N_V; i++)
        e->phase[i].settle = (uint8_t)(e->present ? SETTLE_HALVES : SETTLE_WINDOWS);
    if (e->present)
        e->lost = (uint16_t)pw_ana_half_lost(meter->hal);
}

uint32_t pw_vevents_ref_mv(const struct pw_voltage_events *e, unsigned phase)
{
    return e->cfg->v_nominal_mv != 0 ? e->cfg->v_nominal_mv : e->phase[phase].ref_f8 >> 8;
}

const struct pw_vevent *pw_vevents_get(const struct pw_voltage_events *e, unsigned i)
{
    return i < PW_N_VEVENTS && i < e->count ? &e->ring[(e->count - 1 - i) % PW_N_VEVENTS] : NULL;
}

static uint32_t part_of(uint32_t ref_mv, uint32_t e4)
{
    return (uint32_t)((uint64_t)ref_mv * e4 / 10000);
}

static uint64_t us_of_frame(const struct pw_voltage_events *e, uint32_t frame)
{
    const struct pw_hal *hal = e->meter->hal;
    uint64_t now_us = pw_uptime_us(hal);
    uint32_t ago = (e->present ? pw_ana_frame(hal) : pw_fe_samples(hal)) - frame;
    uint64_t ago_us = (uint64_t)ago * 1000000000u / e->meter->fs_mhz;
    return now_us > ago_us ? now_us - ago_us : 0;
}

static void tell(const struct pw_voltage_events *e, const struct pw_vevent *v)
{
    if (e->event != NULL)
        e->event(e->ctx, v);
}

/* 1e-6 of full scale is fine enough, and 400 of these a second must cost little: no division where the span is a cycle of the line. */
static uint32_t half_mv(const struct pw_voltage_events *e, uint64_t square_f34, uint32_t span_f8, uint32_t fs_mv)
{
    uint64_t inverse_f44 = e->line_inverse_f44;
    uint64_t mean_f40 = span_f8 != e->line_half_f9 ? (square_f34 << 14) / span_f8
                                                   : ((square_f34 >> 32) * inverse_f44 << 2) + ((uint32_t)square_f34 * inverse_f44 >> 30);
    uint64_t root_f20 = pw_isqrt64(mean_f40);
    return (uint32_t)((root_f20 * fs_mv + (1u << 19)) >> 20);
}

/* A span between crossings is counted in whole samples (one more or less is 0.3 % of Urms(1/2)), but nothing is lost at its ends, where the
 * voltage is 0: so the length is the line's, unless the span is of another length anyway. */
static uint32_t span_f8(const struct pw_voltage_events *e, uint32_t samples, unsigned halves)
{
    uint32_t n_f8 = samples << 8, line_f8 = e->line_half_f9 * halves >> 1;
    uint32_t off = n_f8 > line_f8 ? n_f8 - line_f8 : line_f8 - n_f8;
    return off < LINE_TOLERANCE_F8 ? line_f8 : n_f8;
}

/* Of a span alone, without its neighbour: needed only near events, so it is not taken of each. */
static uint32_t own_mv(const struct pw_voltage_events *e, unsigned ph, const struct span *s)
{
    if (s->own_mv != 0 || s->samples == 0)
        return s->own_mv;
    return half_mv(e, s->square, span_f8(e, s->samples, 1), e->cfg->v[ph].v_fs_mv);
}

static bool out_of_limits(const struct pw_vevent_phase *p, uint32_t u_mv)
{
    return u_mv < p->sag_mv || u_mv > p->swell_mv;
}

static void begin(struct pw_voltage_events *e, unsigned ph, enum pw_vevent_kind kind, const struct span *s, uint32_t ref_mv)
{
    struct pw_vevent_phase *p = &e->phase[ph];
    unsigned at = e->count % PW_N_VEVENTS;
    struct span before = {.square = p->prev_square, .samples = p->prev_n};
    bool two = p->prev_known && out_of_limits(p, own_mv(e, ph, &before));
    uint32_t first = s->frame - s->samples - (two ? p->prev_n : 0u);
    for (unsigned i = 0; i < PW_N_V; i++)
        if (e->phase[i].event == at + 1)
            e->phase[i].event = 0; /* its place is needed: 16 newer ones have begun since */
    e->count++;
    e->ring[at] = (struct pw_vevent){
        .number = e->count, .kind = (uint8_t)kind, .phase = (uint8_t)ph, .active = true, .coarse = !e->present,
        .start_us = us_of_frame(e, first), .level_mv = s->u_mv, .ref_mv = ref_mv,
    };
    p->event = (uint8_t)(at + 1);
    p->good = false;
    tell(e, &e->ring[at]);
}

/* While an event is on. It ends with Urms(1/2) back within the limit and its hysteresis, at the first span that was so itself. */
static void go_on(struct pw_voltage_events *e, unsigned ph, const struct span *s)
{
    struct pw_vevent_phase *p = &e->phase[ph];
    struct pw_vevent *v = &e->ring[p->event - 1u];
    const struct pw_config *cfg = e->cfg;
    bool swell = v->kind == PW_VEVENT_SWELL;
    uint32_t limit = swell ? part_of(v->ref_mv, cfg->swell_e4 - cfg->hysteresis_e4) : part_of(v->ref_mv, cfg->sag_e4 + cfg->hysteresis_e4);
    if (swell ? s->u_mv > v->level_mv : s->u_mv < v->level_mv)
        v->level_mv = s->u_mv;
    if (!swell && v->level_mv < part_of(v->ref_mv, cfg->interruption_e4))
        v->kind = PW_VEVENT_INTERRUPTION;
    uint32_t own = own_mv(e, ph, s);
    bool own_good = swell ? own <= limit : own >= limit;
    if (own_good && !p->good)
        p->good_frame = s->frame - s->samples;
    p->good = own_good;
    if (swell ? s->u_mv > limit : s->u_mv < limit)
        return;
    uint64_t end_us = us_of_frame(e, p->good ? p->good_frame : s->frame);
    uint64_t ms = end_us > v->start_us ? (end_us - v->start_us + 500) / 1000 : 0;
    v->duration_ms = ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
    v->active = false;
    p->event = 0;
    tell(e, v);
}

static void judge(struct pw_voltage_events *e, unsigned ph, const struct span *s)
{
    struct pw_vevent_phase *p = &e->phase[ph];
    p->u_mv = s->u_mv;
    if (s->u_mv > p->max_mv || !p->seen)
        p->max_mv = s->u_mv;
    if (s->u_mv < p->min_mv || !p->seen)
        p->min_mv = s->u_mv;
    p->seen = true;
    if (p->swell_mv == 0)
        return; /* no reference yet */
    p->alive |= s->u_mv >= p->sag_mv;
    if (p->event != 0) {
        go_on(e, ph, s);
    } else if (p->alive && out_of_limits(p, s->u_mv)) {
        uint32_t ref_mv = pw_vevents_ref_mv(e, ph);
        bool deep = s->u_mv < part_of(ref_mv, e->cfg->interruption_e4);
        begin(e, ph, s->u_mv > p->swell_mv ? PW_VEVENT_SWELL : deep ? PW_VEVENT_INTERRUPTION : PW_VEVENT_SAG, s, ref_mv);
    }
}

static void set_limits(struct pw_voltage_events *e, unsigned ph)
{
    uint32_t ref_mv = pw_vevents_ref_mv(e, ph);
    e->phase[ph].sag_mv = part_of(ref_mv, e->cfg->sag_e4);
    e->phase[ph].swell_mv = part_of(ref_mv, e->cfg->swell_e4);
}

static void take_half(struct pw_voltage_events *e, const struct pw_ana_half *h)
{
    struct pw_vevent_phase *p = &e->phase[h->ch];
    uint32_t fs_mv = e->cfg->v[h->ch].v_fs_mv;
    struct span s = {
        .u_mv = half_mv(e, h->square + p->prev_square, span_f8(e, (uint32_t)h->samples + p->prev_n, 2), fs_mv),
        .square = h->square,
        .frame = h->frame,
        .samples = h->samples,
    };
    if (p->settle != 0)
        p->settle--;
    else if (p->prev_known)
        judge(e, h->ch, &s);
    p->prev_known = true;
    p->prev_square = h->square;
    p->prev_n = h->samples;
}

/* The sliding reference follows windows outside of events; coarsely, events come from them too. */
static void take_window(struct pw_voltage_events *e)
{
    const struct pw_snapshot *snap = &e->meter->out;
    if (e->meter->step_f32 != 0) {
        e->line_half_f9 = (uint32_t)((UINT64_C(1) << 40) / e->meter->step_f32);
        e->line_inverse_f44 = (uint32_t)((UINT64_C(1) << 44) / e->line_half_f9); /* 16 samples at least: 31 bits; within 2^-26 */
    }
    for (unsigned i = 0; i < PW_N_V; i++) {
        struct pw_vevent_phase *p = &e->phase[i];
        uint32_t u_mv = snap->v[i].win_mv;
        set_limits(e, i);
        if (!e->present) {
            struct span s = {.u_mv = u_mv, .own_mv = u_mv, .frame = pw_fe_samples(e->meter->hal), .samples = snap->samples};
            p->prev_n = snap->samples;
            if (p->settle != 0)
                p->settle--;
            else
                judge(e, i, &s);
        }
        if (p->event != 0 || p->settle != 0 || snap->agg < 2)
            continue;
        if (p->ref_f8 == 0)
            p->ref_f8 = snap->v[i].v_mv >= PW_VEVENT_MIN_MV ? snap->v[i].v_mv << 8 : 0;
        else
            p->ref_f8 = (uint32_t)((int64_t)p->ref_f8 + (((int64_t)u_mv << 8) - p->ref_f8) / (1 << SLIDING_LOG2));
    }
}

bool pw_vevents_step(struct pw_voltage_events *e)
{
    struct pw_ana_half h;
    if (e->meter->out.seq != e->seq) {
        e->seq = e->meter->out.seq;
        take_window(e);
        return true;
    }
    if (!e->present || pw_ana_next_half(e->meter->hal, &h) == 0)
        return false;
    uint16_t lost = (uint16_t)pw_ana_half_lost(e->meter->hal);
    if (lost != e->lost) { /* what came before is not the neighbour */
        e->lost = lost;
        for (unsigned i = 0; i < PW_N_V; i++)
            e->phase[i].prev_known = false;
    }
    if (h.ch < PW_N_V && h.samples != 0)
        take_half(e, &h);
    return true;
}
