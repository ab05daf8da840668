/* SPDX-License-Identifier: Apache-2.0 */
/* In place of metrology/meter.c: publishes a window that the world has ready, all its channels at once. Energy arrives as the real one's does: in
 * 1e-6 Wh with a fraction, before the snapshot is published. */
#include "meter.h"

#include <string.h>

#include "world.h"

int pw_meter_init(struct pw_meter *m, const struct pw_hal *hal, uint32_t clk_hz)
{
    const struct cal_world *w = hal->ctx;
    memset(m, 0, sizeof *m);
    m->hal = hal;
    m->rate = (struct pw_rate){clk_hz, 5, 9};
    m->n_ct = (uint8_t)w->n_ct;
    m->fs_mhz = pw_scale_fs_mhz(&m->rate);
    return PW_OK;
}

void pw_meter_start(struct pw_meter *m, const struct pw_config *cfg, struct pw_energy *energy, bool restored)
{
    (void)restored;
    m->cfg = cfg;
    m->energy = energy;
    m->out.registers = energy;
    m->first = true;
    m->freq_mhz = m->out.freq_mhz = cfg->nominal_hz * 1000u;
    for (unsigned i = 0; i < PW_N_V; i++)
        m->v_lag_cdeg[i] = 12000;
}

/* All that was published so far has the old factors; nothing is under way. */
void pw_meter_reconfigure(struct pw_meter *m)
{
    (void)m;
}

static void count(struct pw_energy_ct *c, enum pw_energy_kind kind, unsigned __int128 e_f32)
{
    unsigned __int128 carry = e_f32;
    for (unsigned i = 1; i < 4; i++) {
        carry += c->acc[kind][i];
        c->acc[kind][i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void meter_ct(struct pw_meter *m, unsigned k, const struct cal_window *win)
{
    struct pw_meas_ct *o = &m->out.ct[k];
    int32_t p = win->p_mw[k], q = win->q_mvar[k];
    unsigned vsel = m->cfg->ct[k].vsel;
    *o = (struct pw_meas_ct){.v_mv = win->v_mv[vsel % PW_N_V], .p_mw = p, .q_mvar = q, .flags = p == 0 ? PW_FLAG_CREEP : 0};
    uint64_t i_ua = cal_current_ua(p, q, o->v_mv), s_nva = o->v_mv * i_ua;
    o->i_ma = (uint32_t)((i_ua + 500) / 1000);
    o->i_rest_ua = (int16_t)((int64_t)i_ua - (int64_t)o->i_ma * 1000);
    o->s_mva = (uint32_t)((s_nva + 500000) / 1000000);
    o->pf_e4 = o->s_mva == 0 ? 0 : pw_scale_pf(p, o->s_mva);
    struct pw_energy_ct *c = &m->energy->ct[k];
    count(c, p >= 0 ? PW_WH_DEL : PW_WH_REC, cal_energy_f32(p, win->us));
    count(c, p >= 0 ? (q >= 0 ? PW_VARH_Q1 : PW_VARH_Q4) : (q >= 0 ? PW_VARH_Q2 : PW_VARH_Q3), cal_energy_f32(q, win->us));
    if (pw_meas_has_load(m->cfg, k, o))
        pw_energy_count_va(c, p < 0, pw_meas_apparent_nva(m->cfg, k, o), m->block.hours_f72);
}

bool pw_meter_step(struct pw_meter *m)
{
    struct cal_world *w = m->hal->ctx;
    struct cal_window *win = &w->window;
    struct pw_snapshot *s = &m->out;
    if (!win->ready)
        return false;
    win->ready = false;
    m->first = false;
    m->block.hours_f72 = cal_hours_f72(win->us);
    for (unsigned k = 0; k < m->cfg->n_ct; k++)
        meter_ct(m, k, win);
    s->seq++;
    s->agg++;
    s->fe_seq++;
    s->samples = 1953;
    s->agg_samples = 9766;
    s->agg_windows = 5;
    s->cycles = m->cfg->window_cycles;
    s->freq_valid = true;
    s->time_us = pw_uptime_us(m->hal);
    for (unsigned i = 0; i < PW_N_V; i++)
        s->v[i] = (struct pw_meas_v){.v_mv = win->v_mv[i], .win_mv = win->v_mv[i], .ll_mv = win->v_mv[i] * 1732 / 1000};
    return true;
}
