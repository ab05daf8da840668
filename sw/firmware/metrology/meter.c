/* SPDX-License-Identifier: Apache-2.0 */
#include "meter.h"

#include <assert.h>
#include <string.h>

#include "ct_curve.h"
#include "curve.h"
#include "wide.h"

#define FREQ_MIN_MHZ 40000u
#define FREQ_MAX_MHZ 70000u
#define GAP_MAX      50u     /* missed windows whose time the apparent energy still gets, ... */
#define ELAPSED_MAX  400000u /* ... in samples altogether: some 40 s */
#define COUNT_ROUNDS 3u
#define CLOSING_READS 200u   /* a window closes within a frame, 0.25 ms */

int pw_meter_init(struct pw_meter *m, const struct pw_hal *hal, uint32_t clk_hz)
{
    struct pw_fe_caps caps;
    memset(m, 0, sizeof *m);
    m->hal = hal;
    if (!pw_fe_caps_read(hal, &caps))
        return PW_ERR_MAGIC;
    if (caps.n_ct < 1 || caps.n_ct > PW_MAX_CT || caps.n_v != PW_N_V || caps.mod_div == 0 || caps.osr_log2 < 6 || caps.osr_log2 > 12 ||
        clk_hz < 1000000 || clk_hz > 250000000)
        return PW_ERR_RANGE;
    m->rate = (struct pw_rate){clk_hz, caps.mod_div, caps.osr_log2};
    m->n_ct = caps.n_ct;
    m->curves = pw_ct_curve_present(hal);
    m->fs_mhz = pw_scale_fs_mhz(&m->rate);
    return m->fs_mhz > 16 * FREQ_MAX_MHZ ? PW_OK : PW_ERR_RANGE;
}

static void configure_v(struct pw_meter *m, unsigned ch)
{
    const struct pw_config_v *v = &m->cfg->v[ch];
    struct pw_fe_params p = {.gain_f17 = v->gain_f17, .delay = (uint8_t)(v->delay + m->delay_shift), .point_ch = (uint8_t)ch};
    pw_fe_write_params(m->hal, ch, &p);
}

static void configure_ct(struct pw_meter *m, unsigned k)
{
    const struct pw_config *cfg = m->cfg;
    const struct pw_config_ct *ct = &cfg->ct[k];
    const struct pw_config_point *pt = &cfg->point[ct->point];
    unsigned lead = (unsigned)pw_config_point_lead(cfg, ct->point);
    uint64_t vi = pw_config_ct_vi_uw(cfg, k);
    uint32_t samples = (uint32_t)((uint64_t)cfg->window_cycles * m->fs_mhz / (1000u * cfg->nominal_hz));
    struct pw_curve_plan plan;
    unsigned zone;
    pw_curve_plan(cfg, &m->rate, k, samples, m->delay_shift, &plan);
    if (!m->curves || plan.n == 1 || !pw_ct_curve_zone(m->hal, k, &zone) || zone >= plan.n)
        zone = plan.rated;
    if (plan.clamped)
        m->curve_cut = (uint8_t)(k + 1);
    struct pw_fe_params p = {
        .gain_f17 = plan.gain_f17[zone],
        .vsel = ct->vsel,
        .pol = ct->pol,
        .delay = plan.delay[zone],
        .point_ch = (uint8_t)(PW_N_V + lead),
        .creep = m->arming ? UINT32_MAX : pw_scale_creep(vi, pt->creep_mw, samples),
        .quantum = lead == k ? pw_scale_quantum(&m->rate, vi, pt->pulse_weight_mwh) : 0,
    };
    if (m->curves)
        pw_ct_curve_disable(m->hal, k);
    pw_fe_write_params(m->hal, PW_N_V + k, &p);
    if (m->curves && plan.n > 1)
        pw_ct_curve_write(m->hal, k, plan.n, plan.threshold, plan.gain_f17, plan.delay);
    pw_scale_energy(&m->rate, vi, m->energy->ct[k].k_f64);
}

/* A CT input that the configuration does not use: on a point of its own, and never above its threshold. */
static void configure_unused(struct pw_meter *m, unsigned ch)
{
    struct pw_fe_params p = {.point_ch = (uint8_t)ch, .creep = UINT32_MAX};
    pw_fe_write_params(m->hal, ch, &p);
}

static void begin_configure(struct pw_meter *m)
{
    uint32_t shift = pw_curve_shift(m->cfg, &m->rate);
    for (unsigned i = 0; i < PW_N_V; i++) /* a delay that does not fit is cut, and so is the shift with it */
        if (m->cfg->v[i].delay + shift > PW_MAX_DELAY)
            shift = PW_MAX_DELAY - m->cfg->v[i].delay;
    m->delay_shift = (uint8_t)shift;
    m->curve_cut = 0;
    m->configure = (uint8_t)(PW_N_V + m->n_ct);
}

static void configure_channel(struct pw_meter *m, unsigned ch)
{
    if (ch < PW_N_V)
        configure_v(m, ch);
    else if (ch - PW_N_V >= m->cfg->n_ct)
        configure_unused(m, ch);
    else
        configure_ct(m, ch - PW_N_V);
}

static void set_window(struct pw_meter *m)
{
    uint32_t longest = (uint32_t)((uint64_t)m->cfg->window_cycles * m->fs_mhz / FREQ_MIN_MHZ) + 16;
    m->window_max = (uint16_t)(longest < 1024 ? 1024 : longest > 8191 ? 8191 : longest);
    pw_fe_set_window(m->hal, m->cfg->window_cycles, m->zc_src, m->window_max);
}

void pw_meter_start(struct pw_meter *m, const struct pw_config *cfg, struct pw_energy *energy, bool restored)
{
    bool goes_on = pw_fe_locked(m->hal);
    m->cfg = cfg;
    m->energy = energy;
    m->out.registers = energy;
    m->first = true;
    m->arming = !goes_on;
    m->block_samples = m->fs_mhz / 1000;
    m->block.skip = 1; /* the window under way began with other parameters */
    m->freq_mhz = m->out.freq_mhz = cfg->nominal_hz * 1000u;
    m->step_f32 = (uint32_t)(((uint64_t)m->freq_mhz << 32) / m->fs_mhz);
    m->beta_f19 = pw_scale_beta(&m->rate, m->freq_mhz);
    pw_fe_set_beta(m->hal, m->beta_f19);
    set_window(m);
    begin_configure(m);
    while (m->configure != 0)
        configure_channel(m, --m->configure);

    uint32_t samples = pw_fe_samples(m->hal);
    for (unsigned k = 0; k < m->n_ct; k++) {
        struct pw_energy_ct *c = &energy->ct[k];
        c->samples = samples;
        if (!goes_on)
            pw_fe_restore(m->hal, PW_N_V + k, c->raw, c->residue);
        else if (restored)
            c->samples = samples - UINT32_C(0x80000000); /* how long ago it was saved is unknown: no limit on the first step */
        else
            c->rejects = UINT8_MAX; /* nothing known: take the first reading as the start */
    }
    (void)pw_fe_seq(m->hal, &m->win.seq); /* the next one to come is the first to read */
}

void pw_meter_reconfigure(struct pw_meter *m)
{
    m->reconfigure = true; /* with the end of a window: what was counted before keeps its factors */
    m->block.skipping = true; /* the block under way would be shown with the new ones */
    m->block.closes = false;
    m->block.windows = 0;
}

/* A window in which the crossings stopped: count on the voltage that is there. */
static void choose_zc_src(struct pw_meter *m)
{
    unsigned best = m->zc_src;
    for (unsigned i = 0; i < PW_N_V; i++)
        if (m->v_window[i] / 4 > m->v_window[best])
            best = i;
    if (best == m->zc_src)
        return;
    m->zc_src = (uint8_t)best;
    set_window(m);
    m->frac_known = false;
}

static void measure_frequency(struct pw_meter *m)
{
    uint32_t frac = pw_scale_zc_frac(m->win.zc_before_f23, m->win.zc_after_f23);
    bool whole = !m->win.timeout && m->win.cycles > 0;
    bool ok = whole && m->unbroken && m->frac_known;
    if (ok) {
        uint32_t f = pw_scale_freq_mhz(&m->rate, m->win.cycles, m->win.samples, m->frac_f24, frac);
        ok = f >= FREQ_MIN_MHZ && f <= FREQ_MAX_MHZ;
        if (ok) {
            m->freq_mhz = f;
            m->step_f32 = (uint32_t)(((uint64_t)m->win.cycles << 56) / (((uint64_t)m->win.samples << 24) + m->frac_f24 - frac));
        }
    }
    m->freq_valid = ok;
    m->frac_known = whole;
    m->frac_f24 = frac;
    m->block.whole &= ok;
    uint32_t beta = pw_scale_beta(&m->rate, m->freq_mhz);
    if (beta != m->beta_f19) {
        m->beta_f19 = beta;
        pw_fe_set_beta(m->hal, beta);
    }
}

/* One more window in the block, which ends with the window that brings it nearest to a second. */
static void extend_block(struct pw_meter *m, unsigned gap, bool torn)
{
    struct pw_meter_block *b = &m->block;
    for (unsigned ch = 0; torn && ch < PW_MAX_CH; ch++)
        pw_agg_restart(&m->agg[ch]); /* not the same windows in all sums */
    b->elapsed += m->win.samples * (gap < GAP_MAX ? gap : GAP_MAX);
    if (b->elapsed > ELAPSED_MAX)
        b->elapsed = ELAPSED_MAX;
    b->skipping = b->skip != 0 || m->reconfigure;
    if (b->skipping) {
        if (b->skip != 0)
            b->skip--;
        b->windows = 0;
        b->closes = false;
        return;
    }
    if (torn || b->windows == 0) {
        b->windows = 0;
        b->samples = b->cycles = 0;
        b->timeout = false;
        b->whole = m->frac_known;
        b->frac_f24 = m->frac_f24;
        memset(m->agg_flags, PW_CH_CREEP, sizeof m->agg_flags);
    }
    b->windows++;
    b->samples += m->win.samples;
    b->cycles = (uint16_t)(b->cycles + m->win.cycles);
    b->timeout |= m->win.timeout;
    b->closes = m->out.agg == 0 || b->samples + m->win.samples / 2u >= m->block_samples;
}

/* Its ends are crossings of the zc_src voltage, where V and V I of that phase are 0: there nothing is lost at the ends, and the mean is over
 * the true length between the crossings. All else is taken over whole samples. */
static void measure_block(struct pw_meter *m)
{
    struct pw_meter_block *b = &m->block;
    b->span_f8 = b->samples << 8;
    if (b->whole)
        b->zc_span_f8 = (uint32_t)((((uint64_t)b->samples << 24) + b->frac_f24 - m->frac_f24 + (1u << 15)) >> 16);
    else
        b->zc_span_f8 = b->span_f8;
    b->freq_mhz = b->whole ? pw_scale_freq_mhz(&m->rate, b->cycles, b->samples, b->frac_f24, m->frac_f24) : 0;
    /* h x 10^-3, so that nVA become uVAh; elapsed is limited where it is counted */
    uint32_t n[5] = {0}, k[3] = {(uint32_t)m->rate.mod_div << m->rate.osr_log2, 0, 0};
    pw_wide_mac(n, b->elapsed, k);
    pw_wide_shl(n, 5, PW_VAH_TIME_LOG2);
    (void)pw_wide_div(n, 5, UINT64_C(3600000) * m->rate.clk_hz);
    b->hours_f72 = (uint64_t)n[1] << 32 | n[0];
}

/* @return true if this window completes the block; then *sums are the block's */
static bool take_sums(struct pw_meter *m, unsigned ch, const struct pw_fe_channel *c, struct pw_agg_sums *sums)
{
    uint8_t any = m->agg_flags[ch] | c->flags, both = m->agg_flags[ch] & c->flags;
    m->agg_flags[ch] = (uint8_t)((any & ~PW_CH_CREEP) | (both & PW_CH_CREEP)); /* no load: in none of the windows */
    pw_agg_add(&m->agg[ch], c);
    if (m->block.closes || m->block.skipping)
        *sums = pw_agg_close(&m->agg[ch], c);
    return m->block.closes;
}

static void take_voltage(struct pw_meter *m, unsigned ch, const struct pw_fe_channel *c)
{
    const struct pw_meter_block *b = &m->block;
    struct pw_meas_v *o = &m->v[ch];
    uint32_t fs_mv = m->cfg->v[ch].v_fs_mv;
    struct pw_agg_sums sums;
    m->v_window[ch] = c->square;
    o->win_mv = pw_agg_volts_mv(c->square, fs_mv, (uint32_t)m->win.samples << 8);
    if (!take_sums(m, ch, c, &sums))
        return;
    m->v_cross[ch] = sums.p;
    m->v_square[ch] = sums.square;
    m->v_lag_cdeg[ch] = (int16_t)pw_atan2_cdeg(sums.q, sums.p);
    o->v_mv = pw_agg_volts_mv(sums.square, fs_mv, ch == m->zc_src ? b->zc_span_f8 : b->span_f8);
    o->flags = m->agg_flags[ch] & (PW_CH_OVF | PW_CH_CLIP | PW_CH_STUCK);
}

/* (Va - Vb)^2 = Va^2 + Vb^2 - 2 Va Vb */
static uint32_t line_voltage_mv(const struct pw_meter *m, unsigned a)
{
    unsigned next = (a + 1) % PW_N_V;
    int64_t sq = (int64_t)(m->v_square[a] + m->v_square[next]) - 2 * m->v_cross[a];
    return pw_agg_volts_mv(sq < 0 ? 0 : (uint64_t)sq, m->cfg->v[a].v_fs_mv, m->block.span_f8);
}

/* Voltages are complete: angles behind A, each measured against it, so that a missing one does not spoil the others. */
static void finish_voltages(struct pw_meter *m)
{
    m->v[0].angle_cdeg = 0;
    m->v[1].angle_cdeg = m->v_lag_cdeg[0];
    m->v[2].angle_cdeg = m->v_lag_cdeg[2] == -18000 ? 18000 : (int16_t)-m->v_lag_cdeg[2]; /* of A behind C */
    for (unsigned i = 0; i < PW_N_V; i++)
        m->v[i].ll_mv = line_voltage_mv(m, i);
}

static uint32_t selected_voltage_mv(const struct pw_meter *m, unsigned vsel)
{
    return vsel <= PW_VC ? m->v[vsel].v_mv : m->v[vsel - PW_VAB].ll_mv;
}

static uint64_t magnitude(int32_t v)
{
    return v < 0 ? (uint64_t)-(int64_t)v : (uint64_t)v;
}

/* Between two windows in a row, energy grows by exactly what counts of the window's sums, or not at all below the no-load threshold. */
static bool adds_up(const struct pw_energy_ct *before, const struct pw_fe_energy *now)
{
    uint64_t dp = 0, dq = 0;
    for (unsigned i = 0; i < PW_N_ENERGY; i++)
        *(i < PW_VARH_Q1 ? &dp : &dq) += now->energy[i] - before->raw[i];
    return dp == ((now->flags & PW_CH_CREEP) ? 0 : magnitude(now->p_high)) && (dq == magnitude(now->q_high) || dq == 0);
}

static void measure_ct(struct pw_meter *m, unsigned k, const struct pw_agg_sums *sums)
{
    const struct pw_config_ct *cfg = &m->cfg->ct[k];
    const struct pw_meter_block *b = &m->block;
    struct pw_meas_ct *o = &m->ct[k];
    uint64_t vi = pw_config_ct_vi_uw(m->cfg, k), i_ua = pw_agg_amps_ua(sums->square, cfg->i_fs_ma, b->span_f8, cfg->i_noise_ua);
    o->v_mv = selected_voltage_mv(m, cfg->vsel);
    o->i_ma = (uint32_t)((i_ua + 500) / 1000);
    o->i_rest_ua = (int16_t)((int64_t)i_ua - (int64_t)o->i_ma * 1000);
    o->p_mw = pw_agg_power_mw(sums->p, vi, cfg->vsel == m->zc_src ? b->zc_span_f8 : b->span_f8);
    o->q_mvar = pw_agg_power_mw(sums->q, vi, b->span_f8);
    uint64_t s_nva = pw_meas_apparent_nva(m->cfg, k, o), s_mva = (s_nva + 500000) / 1000000;
    o->s_mva = s_mva > UINT32_MAX ? UINT32_MAX : (uint32_t)s_mva;
    o->flags = (uint16_t)(m->agg_flags[PW_N_V + k] | (b->timeout ? PW_FLAG_NO_CYCLES : 0));
    if (o->p_mw == INT32_MAX || o->p_mw == -INT32_MAX || o->q_mvar == INT32_MAX || o->q_mvar == -INT32_MAX || o->s_mva == UINT32_MAX)
        o->flags |= PW_FLAG_RANGE;
    bool load = pw_meas_has_load(m->cfg, k, o); /* of noise these two mean nothing */
    o->pf_e4 = load ? pw_scale_pf(o->p_mw, o->s_mva) : 0;
    o->angle_cdeg = load ? (int16_t)pw_atan2_cdeg(sums->q, sums->p) : 0;
}

static void take_ct(struct pw_meter *m, unsigned k, const struct pw_fe_channel *c)
{
    struct pw_agg_sums sums;
    m->i_root[k] = pw_isqrt64(c->square);
    if (take_sums(m, PW_N_V + k, c, &sums))
        measure_ct(m, k, &sums);
}

/* @return false: the window is no longer the last one, nothing was counted */
static bool count_ct(struct pw_meter *m, unsigned k, const struct pw_fe_window *win, uint32_t samples, bool in_a_row)
{
    struct pw_energy_ct *e = &m->energy->ct[k];
    struct pw_fe_energy now;
    if (pw_fe_read_energy(m->hal, win, PW_N_V + k, &now) != PW_OK)
        return false;
    if (in_a_row && e->rejects == 0 && !adds_up(e, &now))
        m->mismatches++;
    if (e->rejects == UINT8_MAX) { /* first reading after a restart without a saved image */
        memcpy(e->raw, now.energy, sizeof e->raw);
        e->rejects = 0;
    }
    (void)pw_energy_update(m->energy, k, &now, samples, m->window_max);
    return true;
}

/* All CTs in one go, so that no reader of the registers sees two windows mixed. Should the window change meanwhile, all are counted anew up to the end of
 * the new one, when that frame is over; the next change is far away then.
 * @return false: it has changed */
static bool count_energies(struct pw_meter *m)
{
    struct pw_fe_window win = m->win;
    for (unsigned round = 0; round < COUNT_ROUNDS; round++) {
        uint32_t samples = pw_fe_samples(m->hal);
        unsigned k = 0;
        while (k < m->cfg->n_ct && count_ct(m, k, &win, samples, m->unbroken && round == 0))
            k++;
        if (k == m->cfg->n_ct) {
            m->energy->counts++;
            return round == 0;
        }
        for (unsigned reads = 0; reads < CLOSING_READS && pw_fe_read_window(m->hal, &win) != PW_OK; reads++)
            ;
    }
    return false;
}

static void publish_block(struct pw_meter *m)
{
    struct pw_snapshot *s = &m->out;
    struct pw_meter_block *b = &m->block;
    s->agg++;
    s->agg_samples = b->samples;
    s->agg_windows = b->windows;
    if (m->freq_valid)
        s->freq_mhz = b->freq_mhz != 0 ? b->freq_mhz : m->freq_mhz;
    memcpy(s->v, m->v, sizeof s->v);
    memcpy(s->ct, m->ct, m->cfg->n_ct * sizeof s->ct[0]);
    for (unsigned k = 0; k < m->cfg->n_ct; k++)
        if (pw_meas_has_load(m->cfg, k, &s->ct[k]))
            pw_energy_count_va(&m->energy->ct[k], s->ct[k].p_mw < 0, pw_meas_apparent_nva(m->cfg, k, &s->ct[k]), b->hours_f72);
    b->elapsed = 0;
    b->windows = 0;
}

static void publish(struct pw_meter *m)
{
    struct pw_snapshot *s = &m->out;
    if (m->win.timeout)
        choose_zc_src(m);
    s->seq++;
    s->fe_seq = m->win.seq;
    s->samples = m->win.samples;
    s->cycles = m->win.cycles;
    s->timeout = m->win.timeout;
    s->freq_valid = m->freq_valid;
    s->time_us = pw_uptime_us(m->hal);
    memcpy(s->i_root, m->i_root, m->cfg->n_ct * sizeof s->i_root[0]);
    for (unsigned i = 0; i < PW_N_V; i++)
        s->v[i].win_mv = m->v[i].win_mv;
    if (m->block.closes)
        publish_block(m);
    if (m->reconfigure) {
        m->reconfigure = false;
        set_window(m);
        begin_configure(m);
        m->block.skip = 2; /* the window under way, and the next if that one closes before the last channel is written */
    }
}

static bool begin_pass(struct pw_meter *m)
{
    struct pw_fe_window win;
    uint16_t seq;
    if (!pw_fe_seq(m->hal, &seq) || seq == m->win.seq)
        return false; /* closing, or nothing new */
    if (pw_fe_read_window(m->hal, &win) != PW_OK || win.samples == 0)
        return false;
    uint16_t gap = m->first ? 1 : (uint16_t)(win.seq - m->win.seq);
    bool torn = m->step != 0;
    m->unbroken = !m->first && gap == 1 && !torn;
    bool restart = m->first || torn;
    if (!m->first)
        m->missed += gap - 1u + torn;
    m->first = false;
    m->win = win;
    m->overrun |= pw_fe_overrun(m->hal);
    extend_block(m, gap, restart);
    measure_frequency(m);
    if (m->block.closes)
        measure_block(m);
    m->step = 1;
    if (m->arming) {
        m->arming = false;
        m->block.elapsed = 0;
        m->lock_next = true;
        begin_configure(m);
    }
    return true;
}

static void configure_step(struct pw_meter *m)
{
    m->configure--;
    configure_channel(m, m->configure);
    if (m->configure == 0 && m->lock_next) {
        m->lock_next = false;
        pw_fe_lock(m->hal);
    }
}

bool pw_meter_step(struct pw_meter *m)
{
    if (m->configure != 0 && (m->step == 0 || m->lock_next)) {
        configure_step(m);
        return true;
    }
    if (m->step == 0)
        return begin_pass(m);

    unsigned ch = m->step - 1u;
    if (ch >= PW_N_V + m->cfg->n_ct) { /* all are read */
        if (!count_energies(m))
            return begin_pass(m);
        publish(m);
        m->step = 0;
        return true;
    }
    struct pw_fe_channel c;
    if (pw_fe_read_channel(m->hal, &m->win, ch, &c) != PW_OK)
        return begin_pass(m); /* too late for this window: take the next one */
    if (ch < PW_N_V)
        take_voltage(m, ch, &c);
    else
        take_ct(m, ch - PW_N_V, &c);
    if (ch == PW_N_V - 1 && m->block.closes)
        finish_voltages(m);
    m->step++;
    return true;
}
