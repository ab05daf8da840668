/* SPDX-License-Identifier: Apache-2.0 */
/* From a scenario that was read to a panel: waveforms, CTs, description, configuration of the meter. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fft.h"
#include "scn.h"

#define TABLE 16384                     /* rows a cycle */

struct build {
    struct pw_panel *p;
    struct pw_scn *s;
    struct pw_spectrum v[PW_N_VSEL];
    double complex *work;
    struct pw_spectrum sum[PW_PANEL_N_V];   /* of all loads, in each conductor of the service */
    unsigned feeds[PW_PANEL_MAX_CT];        /* CT input that the CT on this conductor is wired to */
};

static bool column(struct build *b, unsigned col, const struct pw_spectrum *s)
{
    if (pw_fft_synthesize(b->p->rows + col, b->p->stride, TABLE, s->c, PW_N_HARM, b->work))
        return true;
    b->s->line = 0;
    return pw_scn_fail(b->s, "not enough memory");
}

static void voltages(struct build *b)
{
    for (unsigned k = 0; k < PW_PANEL_N_V; k++)
        pw_spectrum_sine(&b->v[k], b->s->v[k].volts, b->s->v[k].angle, &b->s->v[k].list);
    for (unsigned k = 0; k < PW_PANEL_N_V; k++)
        for (unsigned n = 0; n < PW_N_HARM; n++)
            b->v[3 + k].c[n] = b->v[k].c[n] - b->v[(k + 1) % 3].c[n];
}

/* Full scale of the voltages as configured: 500 V peak, 1000 V where that would be too near. */
static uint32_t choose_v_fs_mv(const struct build *b)
{
    if (b->s->v_fs > 0.0)
        return (uint32_t)lround(b->s->v_fs * 1000.0);
    double peak = 0.0;
    for (unsigned k = 0; k < PW_PANEL_N_V; k++) {
        double sum = 0.0;
        for (unsigned n = 0; n < PW_N_HARM; n++)
            sum += cabs(b->v[k].c[n]);
        peak = fmax(peak, sum);
    }
    return peak <= 450.0 ? 500000 : peak <= 900.0 ? 1000000 : 2000000;
}

/* "AT:FOR:PERCENT,...": seconds, seconds, percent of the normal voltage. */
static bool build_dips(struct build *b, unsigned v, const char *key, const char *text, double min, double max)
{
    struct pw_panel *p = b->p;
    for (int used = 0; *text != '\0'; text += used + (text[used] == ',')) {
        double at, lasts, percent;
        if (sscanf(text, "%lf:%lf:%lf%n", &at, &lasts, &percent, &used) != 3 || (text[used] != '\0' && (text[used] != ',' || text[used + 1] == '\0')) ||
            !(at >= 0.0 && at <= 1e6 && lasts > 0.0 && lasts <= 1e6 && percent >= min && percent <= max)) {
            b->s->line = 0;
            return pw_scn_fail(b->s, "voltage %c: %s: AT:FOR:PERCENT,... expected, seconds and %g .. %g %%", 'a' + (int)v, key, min, max);
        }
        if (p->n_dip == PW_MAX_DIP) {
            b->s->line = 0;
            return pw_scn_fail(b->s, "more than %d dips and swells", PW_MAX_DIP);
        }
        p->dip[p->n_dip++] = (struct pw_dip){ v, (uint64_t)(at * p->fmod_hz), (uint64_t)((at + lasts) * p->fmod_hz), percent / 100.0 };
    }
    return true;
}

static bool build_voltages(struct build *b)
{
    struct pw_panel *p = b->p;
    const uint32_t fs_mv = choose_v_fs_mv(b);
    for (unsigned k = 0; k < PW_PANEL_N_V; k++) {
        static const struct pw_spectrum nothing;
        const struct pw_scn_voltage *v = &b->s->v[k];
        const struct pw_spectrum *there = b->s->terminal[k] < 0 ? &nothing : &b->v[b->s->terminal[k]];
        struct pw_spectrum q;
        pw_spectrum_quadrature(&q, there);
        if (!column(b, PW_COL_V + k, there) || !column(b, PW_COL_VQ + k, &q))
            return false;
        if (!build_dips(b, k, "dip", v->dip, 0.0, 99.9) || !build_dips(b, k, "swell", v->swell, 100.1, 200.0))
            return false;
        p->gain[k] = (1.0 + v->ratio_error / 100.0) / (fs_mv / 1000.0);
        p->full_scale[k] = 1.0 / p->gain[k];
        p->offset[k] = v->offset / 100.0;
        p->noise[k] = pw_noise_width(v->noise);
        p->config.v[k].v_fs_mv = fs_mv;
    }
    return true;
}

/* CT: A primary to full scale of the modulator. */
static void build_ct(struct pw_panel *p, unsigned ct, const struct pw_scn_ct *c)
{
    double ratio = c->rated / (c->secondary_ma / 1000.0);
    double fs_a = c->clip_mv / 1000.0 / c->burden * ratio;
    uint32_t fs_ma = (uint32_t)fmin(round(fs_a * 1000.0), 4e9);      /* the panel uses what the meter can be told */
    double sign = c->reversed ? -1.0 : 1.0;
    p->gain[4 + ct] = sign * (1.0 + c->ratio_error / 100.0) / (fs_ma / 1000.0);
    p->full_scale[PW_PANEL_N_V + ct] = 1.0 / fabs(p->gain[4 + ct]);
    p->offset[4 + ct] = c->offset / 100.0;
    p->noise[4 + ct] = pw_noise_width(c->noise);
    p->leakage[4 + ct] = c->leakage;
    if (c->saturation > 0.0)
        p->limit[4 + ct] = c->saturation * fabs(p->gain[4 + ct]);
    if (c->open)
        p->gain[4 + ct] = 0.0;
    p->config.ct[ct].i_fs_ma = fs_ma;
    p->config.ct[ct].rated_ma = (uint32_t)round(c->rated * 1000.0);
    if (c->role >= 0)
        p->config.ct[ct].role = (uint8_t)c->role;
    p->config.ct[ct].pol = (uint8_t)c->polarity;
    p->load[ct].rated_a = c->rated;
}

/* What calibration would find: gains, and delays in modulator clocks. A current that leads is delayed; where one lags, all
 * voltages are delayed and the others with them. */
static bool calibrate(struct build *b)
{
    struct pw_panel *p = b->p;
    const double clocks_per_deg = p->fmod_hz / b->s->freq_hz / 360.0;
    double lag = 0.0;
    for (unsigned ct = 0; ct < p->n_ct; ct++)
        if (b->s->ct[ct].calibrated)
            lag = fmax(lag, -b->s->ct[ct].phase_error * clocks_per_deg);
    for (unsigned ch = 0; ch < PW_PANEL_N_V; ch++) {
        p->config.v[ch].gain_f17 = (int16_t)lround((1.0 / (1.0 + b->s->v[ch].ratio_error / 100.0) - 1.0) * 131072.0);
        p->config.v[ch].delay = (uint8_t)fmin(round(lag), 255.0);
    }
    for (unsigned ct = 0; ct < p->n_ct; ct++) {
        const struct pw_scn_ct *c = &b->s->ct[ct];
        double delay = round(lag + (c->calibrated ? c->phase_error * clocks_per_deg : 0.0));
        if (c->calibrated)
            p->config.ct[ct].gain_f17 = (int16_t)lround((1.0 / (1.0 + c->ratio_error / 100.0) - 1.0) * 131072.0);
        if (delay > PW_MAX_DELAY) {
            b->s->line = 0;
            return pw_scn_fail(b->s, "CT %u: phase errors span %.2f degrees, the meter compensates %.2f (or say calibrated=no)", ct,
                               delay / clocks_per_deg, PW_MAX_DELAY / clocks_per_deg);
        }
        p->config.ct[ct].delay = (uint8_t)delay;
    }
    return true;
}

static void envelope(struct pw_envelope *e, const struct pw_scn_load *l, double freq_hz)
{
    if (l->on_s <= 0.0)
        return;
    const double ramp = 1.0 / freq_hz, top = l->inrush > 0.0 ? l->inrush : 1.0;
    const double seg[][2] = { { ramp, top }, { l->inrush_s, 1.0 }, { l->on_s - ramp - l->inrush_s, 1.0 },
                              { fmin(ramp, l->off_s / 2.0), 0.0 }, { fmax(l->off_s - ramp, l->off_s / 2.0), 0.0 } };
    for (unsigned k = 0; k < sizeof seg / sizeof seg[0]; k++)
        if (seg[k][0] > 0.0) {
            e->seconds[e->n_seg] = seg[k][0];
            e->level[e->n_seg++] = seg[k][1];
        }
}

/* Current to its size: watts of the whole load (at its voltages), or amperes of each conductor. */
static bool size_current(struct build *b, const struct pw_scn_load *l, const struct pw_spectrum *v, struct pw_spectrum *i)
{
    const double parts = l->shape.kind == PW_LOAD_THREEPHASE ? 3.0 : 1.0;
    double want = l->watts / parts, have = fabs(pw_spectrum_power(v, i));
    if (l->watts == 0.0) {
        want = l->amps > 0.0 ? l->amps : l->percent / 100.0 * b->s->ct[l->ct[0]].rated;
        have = pw_spectrum_rms(i);
    }
    if (!(pw_spectrum_rms(v) > 0.0 && have > 1e-12 * pw_spectrum_rms(v)))
        return pw_scn_fail(b->s, "%s: there is no voltage to drive it", pw_load_info[l->shape.kind].name);
    pw_spectrum_scale(i, want / have);
    return true;
}

static bool put_current(struct build *b, unsigned in, const struct pw_spectrum *i)
{
    if (!column(b, PW_COL_I + in, i))
        return false;
    if (b->p->col_sec == PW_COL_I)
        return true;
    struct pw_spectrum shifted = *i;
    pw_spectrum_lead(&shifted, b->s->ct[in].phase_error);
    return column(b, b->p->col_sec + in, &shifted);
}

/* What the load adds to the conductors of the service that `k` of its CTs is on. */
static void add_to_mains(struct build *b, const struct pw_scn_load *l, unsigned k, const struct pw_spectrum *i)
{
    const bool three = l->shape.kind == PW_LOAD_THREEPHASE, two = l->shape.kind == PW_LOAD_SPLITPHASE, line = l->on >= PW_ON_AB;
    unsigned out = three ? k : line ? ((unsigned)l->on - 3 + (two ? k : 0)) % 3 : (unsigned)l->on;
    for (unsigned n = 0; n < PW_N_HARM; n++) {
        b->sum[out].c[n] += i->c[n];
        if (line && !two && !three)
            b->sum[(out + 1) % 3].c[n] -= i->c[n];
    }
}

static bool build_current(struct build *b, const struct pw_scn_load *l, unsigned k)
{
    struct pw_panel *p = b->p;
    struct pw_spectrum i;
    const unsigned ct = l->ct[k], in = b->feeds[ct];
    const bool three = l->shape.kind == PW_LOAD_THREEPHASE, two = l->shape.kind == PW_LOAD_SPLITPHASE;
    const struct pw_spectrum *v = &b->v[three ? k : (unsigned)l->on];
    p->config.ct[ct].vsel = (uint8_t)(three ? k : two ? ((unsigned)l->on - 3 + k) % 3 : (unsigned)l->on);
    if (b->s->ct[ct].told != PW_ON_DEFAULT)
        p->config.ct[ct].vsel = (uint8_t)b->s->ct[ct].told;
    envelope(&p->env[in], l, b->s->freq_hz);
    p->load[in].kind = pw_load_info[l->shape.kind].name;
    p->load[in].noload = l->shape.kind == PW_LOAD_NOLOAD;
    if (p->load[in].noload)
        return true;
    if (l->shape.kind == PW_LOAD_MAIN) {
        if (b->s->ct[ct].role < 0)
            p->config.ct[ct].role = PW_ROLE_MAIN;
        return put_current(b, in, &b->sum[l->on]);
    }
    if (!pw_load_current(&l->shape, v, b->s->freq_hz, &i))
        return pw_scn_fail(b->s, "not enough memory");
    if (!size_current(b, l, v, &i))
        return false;
    if (two && k == 1)
        pw_spectrum_scale(&i, -1.0);                /* comes back through the second conductor */
    add_to_mains(b, l, k, &i);
    return put_current(b, in, &i);
}

/* Who is exchanged with whom. */
static bool build_feeds(struct build *b)
{
    struct pw_scn *s = b->s;
    for (unsigned ct = 0; ct < b->p->n_ct; ct++)
        b->feeds[ct] = ct;
    for (unsigned ct = 0; ct < b->p->n_ct; ct++) {
        if (s->ct[ct].swapped < 0.0)
            continue;
        unsigned with = (unsigned)s->ct[ct].swapped;
        if (with >= b->p->n_ct || with == ct || with != s->ct[ct].swapped || (b->feeds[ct] != ct && b->feeds[ct] != with) ||
            (b->feeds[with] != with && b->feeds[with] != ct)) {
            s->line = 0;
            return pw_scn_fail(s, "CT %u: swapped=%g is no other CT that is still free", ct, s->ct[ct].swapped);
        }
        b->feeds[ct] = with;
        b->feeds[with] = ct;
    }
    return true;
}

/* Loads, then the mains that carry their sum: one that switches has no fixed spectrum. */
static bool build_loads(struct build *b, bool mains)
{
    for (unsigned l = 0; l < b->s->n_load; l++) {
        const struct pw_scn_load *load = &b->s->load[l];
        b->s->line = load->line;
        if ((load->shape.kind == PW_LOAD_MAIN) != mains)
            continue;
        if (mains && b->s->n_point > 0)
            return pw_scn_fail(b->s, "main: sums loads, not points by their form");
        for (unsigned m = 0; mains && m < b->s->n_load; m++)
            if (b->s->load[m].on_s > 0.0)
                return pw_scn_fail(b->s, "main: no load of the panel may switch (line %d does)", b->s->load[m].line);
        for (unsigned k = 0; k < load->n_ct; k++)
            if (!build_current(b, load, k))
                return false;
    }
    return true;
}

/* A point by its form: currents of its conductors, in the CTs that the form has on them. */
static bool build_form(struct build *b, const struct pw_scn_point *pt)
{
    struct pw_panel *p = b->p;
    struct pw_spectrum conductor[PW_PANEL_N_V], i;
    b->s->line = pt->line;
    if (!pw_scn_point_currents(b->s, pt, b->v, b->s->freq_hz, conductor))
        return false;
    for (unsigned n = 0; n < PW_PANEL_N_V; n++)
        for (unsigned h = 0; h < PW_N_HARM; h++)
            b->sum[n].c[h] += conductor[n].c[h];
    for (unsigned k = 0; k < pt->n_ct; k++) {
        const unsigned ct = pt->ct[k], in = b->feeds[ct];
        const int told = b->s->ct[ct].told;
        const bool negated = pw_scn_point_negated(pt, k);
        p->config.ct[ct].vsel = (uint8_t)(told != PW_ON_DEFAULT ? (unsigned)told : pw_scn_point_vsel(pt, k));
        p->config.ct[ct].pol ^= negated;
        p->truth_factor[ct] = (negated ? -0.5 : 0.5) * pw_form_info((unsigned)pt->form)->halves;
        p->load[in].kind = "point";
        p->load[in].noload = false;
        snprintf(p->load_name[ct], PW_NAME_MAX, "%.50s/%u", pt->name[0] ? pt->name : pt->form_name, k + 1);
        pw_scn_point_ct_current(pt, conductor, k, &i);
        if (!put_current(b, in, &i))
            return false;
    }
    return true;
}

/* The forms, where the meter is told the truth about their voltages. */
static void tell_forms(struct build *b)
{
    struct pw_config *c = &b->p->config;
    for (unsigned n = 0; n < b->s->n_point; n++) {
        const struct pw_scn_point *pt = &b->s->point[n];
        bool true_told = true;
        for (unsigned k = 0; k < pt->n_ct; k++)
            true_told = true_told && b->s->ct[pt->ct[k]].told == PW_ON_DEFAULT;
        c->point[c->ct[pt->ct[0]].point].form = true_told ? (uint8_t)pt->form : PW_FORM_FREE;
    }
}

/* CTs that stand before this one on its point, by the `point` statement. */
static int form_lead(const struct pw_scn *s, unsigned ct)
{
    int n = s->point_of_ct[ct];
    return n >= 0 && s->point[n].ct[0] < ct ? (int)s->point[n].ct[0] : -1;
}

/* Loads of one point name, or of one load, share a metering point; every other CT has its own. */
static bool build_points(struct build *b)
{
    struct pw_config *c = &b->p->config;
    unsigned n = 0, of_load[PW_PANEL_MAX_CT];
    struct pw_scn *s = b->s;
    for (unsigned ct = 0; ct < b->p->n_ct; ct++) {
        int l = s->load_of_ct[ct], same = -1;
        unsigned point = n;
        for (int m = 0; l >= 0 && m < (int)s->n_load && same < 0; m++) {
            bool joined = m == l || (s->load[m].point[0] != '\0' && strcmp(s->load[m].point, s->load[l].point) == 0);
            for (unsigned k = 0; joined && k < s->load[m].n_ct; k++)
                if (s->load[m].ct[k] < ct)
                    same = m;
        }
        if (form_lead(s, ct) >= 0) {
            unsigned lead = (unsigned)form_lead(s, ct);
            point = c->ct[lead].point;
            s->line = s->point[s->point_of_ct[ct]].line;
            if (c->ct[lead].i_fs_ma != c->ct[ct].i_fs_ma)
                return pw_scn_fail(s, "CT %u and CT %u are on one point: their full scales must be equal", lead, ct);
        } else if (same >= 0) {
            point = of_load[same];
            unsigned lead = (unsigned)pw_config_point_lead(c, point);
            s->line = s->load[l].line;
            if (c->ct[lead].i_fs_ma != c->ct[ct].i_fs_ma)
                return pw_scn_fail(s, "CT %u and CT %u are on one point: their full scales must be equal", lead, ct);
        } else {
            n++;
        }
        if (l >= 0)
            of_load[l] = point;
        c->ct[ct].point = (uint8_t)point;
        for (unsigned rest = ct + 1; rest < PW_MAX_CT; rest++)
            c->ct[rest].point = 255;                /* not placed yet: pw_config_point_lead must not see it */
    }
    for (unsigned ct = b->p->n_ct; ct < PW_MAX_CT; ct++)
        c->ct[ct].point = 0;
    c->n_points = (uint8_t)n;
    for (unsigned k = 0; k < n; k++) {
        c->point[k].pulse_weight_mwh = (uint32_t)lround(s->pulse_wh * 1000.0);
        c->point[k].creep_mw = (uint32_t)lround(s->creep_w * 1000.0);
    }
    return true;
}

/* PV feeds in: its point is told as a source, unless the scenario says otherwise. */
static void tell_sources(struct build *b)
{
    struct pw_config *c = &b->p->config;
    for (unsigned ct = 0; ct < b->p->n_ct; ct++) {
        int l = b->s->load_of_ct[ct];
        if (l < 0 || b->s->load[l].shape.kind != PW_LOAD_PV || b->s->ct[ct].role >= 0)
            continue;
        for (unsigned k = 0; k < b->p->n_ct; k++)
            if (c->ct[k].point == c->ct[ct].point && b->s->ct[k].role < 0)
                c->ct[k].role = PW_ROLE_SOURCE;
    }
}

static void describe(struct build *b)
{
    struct pw_panel *p = b->p;
    struct pw_scn *s = b->s;
    memcpy(p->name, s->name, sizeof p->name);
    p->freq_hz = s->freq_hz;
    p->rows_per_block = TABLE * s->freq_hz;         /* rows a second; pw_panel_open makes it rows a block */
    p->config.nominal_hz = s->freq_hz < 55.0 ? 50 : 60;
    p->config.window_cycles = s->window_cycles > 0.0 ? (uint8_t)s->window_cycles : p->config.nominal_hz / 5;
    for (unsigned ct = 0; ct < p->n_ct; ct++) {
        int l = s->load_of_ct[ct];
        p->config.ct[ct].vsel = (uint8_t)pw_scn_default_on(s, ct);
        p->n_loaded += l >= 0 || s->point_of_ct[ct] >= 0;
        if (l < 0)
            continue;
        const char *name = s->load[l].name[0] ? s->load[l].name : pw_load_info[s->load[l].shape.kind].name;
        if (s->load[l].n_ct > 1)
            snprintf(p->load_name[ct], PW_NAME_MAX, "%.60s/%c", name, ct == s->load[l].ct[0] ? '1' : ct == s->load[l].ct[1] ? '2' : '3');
        else
            snprintf(p->load_name[ct], PW_NAME_MAX, "%s", name);
    }
}

static bool build_all(struct build *b)
{
    struct pw_panel *p = b->p;
    bool shifted = false;
    for (unsigned ct = 0; ct < p->n_ct; ct++)
        shifted = shifted || b->s->ct[ct].phase_error != 0.0;
    b->work = malloc(TABLE * sizeof *b->work);
    b->s->line = 0;
    if (b->work == NULL || !pw_panel_alloc_rows(p, TABLE, shifted))
        return pw_scn_fail(b->s, "not enough memory");
    describe(b);
    voltages(b);
    if (!build_voltages(b))
        return false;
    for (unsigned ct = 0; ct < p->n_ct; ct++)
        build_ct(p, ct, &b->s->ct[ct]);
    if (!build_feeds(b) || !build_loads(b, false))
        return false;
    for (unsigned n = 0; n < b->s->n_point; n++)
        if (!build_form(b, &b->s->point[n]))
            return false;
    if (!build_loads(b, true) || !calibrate(b) || !build_points(b))
        return false;
    tell_forms(b);
    tell_sources(b);
    return true;
}

bool pw_scenario_build(struct pw_panel *p, const struct pw_panel_opts *opts, char *err, size_t err_size)
{
    struct pw_scn *s = calloc(1, sizeof *s);
    if (s == NULL) {
        snprintf(err, err_size, "%s: not enough memory", opts->scenario);
        return false;
    }
    s->path = opts->scenario;
    s->err = err;
    s->err_size = err_size;
    s->n_ct = p->n_ct;
    struct build b = { .p = p, .s = s };
    bool ok = pw_scn_read(s) && build_all(&b);
    free(b.work);
    free(s);
    return ok;
}
