/* SPDX-License-Identifier: Apache-2.0 */
#include "outputs.h"

#include <string.h>

#include "panel.h"

#define USUAL_TICKS 20u   /* of a window of 200 ms, while none has been measured */
#define MAX_TICKS   1000u
#define LINE_MIN_MV 50000u /* line voltage is present, where the nominal one is not configured: half of 100 V */

static uint64_t unit_e6(const struct pw_program_output *cfg)
{
    return (uint64_t)cfg->weight_mwh * (cfg->half ? 500u : 1000u);
}

/* Points whose energy is the panel's: all but the mains. */
static uint64_t points_of(const struct pw_config *cfg)
{
    uint64_t points = 0;
    for (unsigned k = 0; k < cfg->n_ct; k++)
        if (cfg->ct[k].role != PW_ROLE_MAIN)
            points |= UINT64_C(1) << cfg->ct[k].point;
    return points;
}

static uint64_t total_of(const struct pw_outputs *o, const struct pw_program_output *cfg, const struct pw_totals *totals, unsigned n_points)
{
    unsigned parts = pw_quantity_parts(cfg->quantity);
    uint64_t sum = 0;
    for (unsigned i = 0; i < n_points; i++)
        if (cfg->point == i || (cfg->point == PW_OUT_ALL_POINTS && (o->points >> i & 1u) != 0))
            for (unsigned q = 0; q < PW_N_TQ; q++)
                if ((parts >> q & 1u) != 0)
                    sum += pw_total(totals, i, q);
    return sum;
}

static void restart(struct pw_output *out, const struct pw_program_output *cfg, uint64_t total)
{
    uint64_t unit = unit_e6(cfg);
    *out = (struct pw_output){.cfg = *cfg, .total_e6 = total, .phase_e6 = total % unit};
    out->on = cfg->half && (total / unit & 1u) != 0;
}

static bool same(const struct pw_program_output *a, const struct pw_program_output *b)
{
    return a->kind == b->kind && a->quantity == b->quantity && a->point == b->point && a->half == b->half && a->weight_mwh == b->weight_mwh;
}

void pw_outputs_init(struct pw_outputs *o, const struct pw_program *p, const struct pw_totals *totals, const struct pw_config *cfg)
{
    memset(o, 0, sizeof *o);
    o->points = points_of(cfg);
    o->n = p->n_outputs;
    for (unsigned i = 0; i < o->n; i++)
        restart(&o->out[i], &p->output[i], total_of(o, &p->output[i], totals, cfg->n_points));
}

static uint8_t steady_leds(const struct pw_config *cfg, const struct pw_snapshot *s, bool load)
{
    uint32_t line_mv = cfg->v_nominal_mv != 0 ? cfg->v_nominal_mv / 2 : LINE_MIN_MV;
    unsigned leds = 0;
    for (unsigned i = 0; i < PW_N_V; i++)
        if (s->v[i].win_mv >= line_mv)
            leds |= PW_LED_POWER;
    for (unsigned k = 0; k < cfg->n_ct; k++) {
        if (load && (s->ct[k].flags & PW_FLAG_CREEP) == 0)
            leds |= PW_LED_LOAD;
        if (s->ct[k].p_mw < 0 && s->ct[k].i_ma > PW_REVERSE_MIN_MA && cfg->ct[k].role != PW_ROLE_SOURCE)
            leds |= PW_LED_REVERSE;
    }
    return (uint8_t)leds;
}

void pw_outputs_window(struct pw_outputs *o, const struct pw_program *p, const struct pw_totals *totals, const struct pw_config *cfg,
                       const struct pw_snapshot *s)
{
    uint64_t points = points_of(cfg);
    bool moved = points != o->points, load = true;
    uint32_t span = o->ticks != 0 ? o->ticks : USUAL_TICKS;
    o->points = points;
    o->ticks = 0;
    for (unsigned i = 0; i < p->n_outputs; i++) {
        struct pw_output *out = &o->out[i];
        const struct pw_program_output *cfg_i = &p->output[i];
        uint64_t total = total_of(o, cfg_i, totals, cfg->n_points);
        load = load && cfg_i->kind != PW_OUT_LED_LOAD; /* else it blinks with the energy */
        if (i >= o->n || !same(&out->cfg, cfg_i) || total < out->total_e6 || (moved && cfg_i->point == PW_OUT_ALL_POINTS))
            restart(out, cfg_i, total);
        out->backlog_e6 += total - out->total_e6;
        out->total_e6 = total;
        out->step_e6 = (out->backlog_e6 + span - 1) / span;
    }
    o->n = p->n_outputs;
    o->steady = s->seq != 0 ? steady_leds(cfg, s, load) : 0;
}

static unsigned tick(struct pw_output *out)
{
    static const uint8_t led[] = {[PW_OUT_IR] = PW_LED_IR, [PW_OUT_LED_A] = PW_LED_A, [PW_OUT_LED_B] = PW_LED_B, [PW_OUT_LED_LOAD] = PW_LED_LOAD};
    uint64_t unit = unit_e6(&out->cfg), step = out->step_e6 < out->backlog_e6 ? out->step_e6 : out->backlog_e6;
    out->backlog_e6 -= step;
    out->phase_e6 += step;
    if (out->busy > 0)
        out->busy--;
    if (out->phase_e6 >= unit && out->busy == 0) {
        out->phase_e6 -= unit;
        if (out->cfg.half)
            out->on = !out->on;
        else
            out->busy = 2 * PW_OUTPUTS_PULSE_TICKS;
    }
    bool lit = out->cfg.half ? out->on : out->busy > PW_OUTPUTS_PULSE_TICKS;
    return lit ? led[out->cfg.kind] : 0;
}

unsigned pw_outputs_tick(struct pw_outputs *o)
{
    unsigned leds = o->steady;
    if (o->ticks < MAX_TICKS)
        o->ticks++;
    for (unsigned i = 0; i < o->n; i++)
        leds |= tick(&o->out[i]);
    return leds;
}
