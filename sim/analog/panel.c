/* SPDX-License-Identifier: Apache-2.0 */
#include "panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "panel_impl.h"

bool pw_panel_alloc_rows(struct pw_panel *p, uint32_t n_rows, bool shifted)
{
    p->stride = PW_COL_I + p->n_ct_pad * (shifted ? 2u : 1u);
    p->col_sec = shifted ? PW_COL_I + p->n_ct_pad : PW_COL_I;
    size_t bytes = ((size_t)n_rows + 1) * p->stride * sizeof *p->rows;
    p->n_rows = n_rows;
    p->rows = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (p->rows != NULL)
        memset(p->rows, 0, bytes);
    return p->rows != NULL;
}

static bool opts_ok(const struct pw_panel_opts *o, char *err, size_t n)
{
    const char *what = NULL;
    if ((o->scenario == NULL) == (o->recording == NULL))
        what = "give one scenario or one recording";
    else if (!(o->fmod_hz >= 1e6 && o->fmod_hz <= 2e7))
        what = "modulator clock must be 1 .. 20 MHz";
    else if (o->n_ct < 1 || o->n_ct > PW_PANEL_MAX_CT)
        what = "number of CTs must be 1 .. 54";
    if (what != NULL)
        snprintf(err, n, "panel: %s", what);
    return what == NULL;
}

static void defaults(struct pw_panel *p, const struct pw_panel_opts *o)
{
    p->fmod_hz = o->fmod_hz;
    p->n_ct = o->n_ct;
    p->n_ct_pad = PW_PAD(o->n_ct);
    p->n_mod = 4 + p->n_ct_pad;
    pw_config_default(&p->config, o->n_ct);
    for (unsigned k = 0; k < PW_VEC_MAX; k++)
        p->limit[k] = 1e9;
    for (unsigned ct = 0; ct < p->n_ct; ct++) {
        p->truth_factor[ct] = 1.0;
        p->load[ct] = (struct pw_panel_load){ p->load_name[ct], "unused", 200.0, true };
        snprintf(p->load_name[ct], PW_NAME_MAX, "CT %u", ct);
    }
}

static void ready(struct pw_panel *p)
{
    p->rows_per_block *= 8.0 / p->fmod_hz;          /* the builders give rows a second */
    memcpy(p->rows + (size_t)p->n_rows * p->stride, p->rows, p->stride * sizeof *p->rows);
    for (unsigned ct = 0; ct < p->n_ct; ct++)
        p->vsel[ct] = p->config.ct[ct].vsel;
}

static bool config_ok(const struct pw_panel *p, const char *path, char *err, size_t n)
{
    struct pw_config_fault f = { "", -1, "" };
    if (pw_config_check(&p->config, &f) == PW_OK)
        return true;
    snprintf(err, n, "%s: the meter cannot be configured for this: %s %d: %s", path, f.group, f.index, f.field);
    return false;
}

struct pw_panel *pw_panel_open(const struct pw_panel_opts *opts, char *err, size_t err_size)
{
    char sink[8];
    if (err == NULL || err_size == 0) {
        err = sink;
        err_size = sizeof sink;
    }
    err[0] = '\0';
    if (!opts_ok(opts, err, err_size))
        return NULL;
    const char *path = opts->scenario != NULL ? opts->scenario : opts->recording;
    struct pw_panel *p = aligned_alloc(64, (sizeof *p + 63) / 64 * 64);
    if (p == NULL) {
        snprintf(err, err_size, "%s: not enough memory", path);
        return NULL;
    }
    memset(p, 0, sizeof *p);
    defaults(p, opts);
    bool ok = opts->scenario != NULL ? pw_scenario_build(p, opts, err, err_size) : pw_replay_build(p, opts, err, err_size);
    ok = ok && config_ok(p, path, err, err_size);
    if (ok) {
        ready(p);
        p->n_hist = 3 * p->n_ct_pad + PW_N_VSEL;
        p->history = calloc((size_t)PW_HISTORY * p->n_hist, sizeof *p->history);
        if (p->history == NULL) {
            snprintf(err, err_size, "%s: not enough memory", path);
            ok = false;
        }
    }
    if (!ok) {
        pw_panel_close(p);
        return NULL;
    }
    pw_engine_start(p, opts->seed);
    return p;
}

void pw_panel_close(struct pw_panel *p)
{
    if (p == NULL)
        return;
    free(p->rows);
    free(p->history);
    free(p);
}

void pw_panel_step8(struct pw_panel *p, uint8_t bytes[])
{
    pw_engine_block(p, bytes);
}

/* Sum number k of a history point at a fractional point index; the newest, incomplete point is at p->clocks. */
struct history_at {
    const double *a, *b;
    double frac;
    bool running;                       /* between the last point and now */
};

static struct history_at history_find(const struct pw_panel *p, double mod_clock, double *used)
{
    const uint64_t last = p->clocks / PW_TRUTH_STEP;
    const uint64_t first = last >= PW_HISTORY ? last - PW_HISTORY + 1 : 0;
    double t = mod_clock < (double)p->clocks ? mod_clock : (double)p->clocks;
    if (!(t > (double)(first * PW_TRUTH_STEP)))
        t = mod_clock <= 0.0 ? 0.0 : (double)(first * PW_TRUTH_STEP);
    *used = t;
    uint64_t at = (uint64_t)(t / PW_TRUTH_STEP);
    struct history_at h = { p->history + at % PW_HISTORY * p->n_hist, NULL, 0.0, at >= last };
    if (h.running) {
        double span = (double)(p->clocks - last * PW_TRUTH_STEP);
        h.frac = span > 0.0 ? (t - (double)(last * PW_TRUTH_STEP)) / span : 0.0;
    } else {
        h.b = p->history + (at + 1) % PW_HISTORY * p->n_hist;
        h.frac = t / PW_TRUTH_STEP - (double)at;
    }
    return h;
}

static double history_value(const struct history_at *h, unsigned k, double part)
{
    return h->running ? h->a[k] + h->frac * part : h->a[k] + h->frac * (h->b[k] - h->a[k]);
}

void pw_panel_truth(const struct pw_panel *p, double mod_clock, struct pw_truth *out)
{
    memset(out, 0, sizeof *out);
    if (!(mod_clock > 0.0))
        return;                         /* all zero at the start, for ever known */
    struct history_at h = history_find(p, mod_clock, &out->mod_clock);
    const double unit = 8.0 / p->fmod_hz / 6.0;
    const unsigned n = p->n_ct_pad;
    double v2[PW_N_VSEL];
    for (unsigned k = 0; k < PW_N_VSEL; k++)
        v2[k] = unit * history_value(&h, 3 * n + k, p->part_v2[k]);
    for (unsigned ct = 0; ct < p->n_ct; ct++) {
        out->ct[ct].wh_j = p->truth_factor[ct] * unit * history_value(&h, ct, p->part_p[ct]);
        out->ct[ct].varh_j = p->truth_factor[ct] * unit * history_value(&h, n + ct, p->part_q[ct]);
        out->ct[ct].i2s = unit * history_value(&h, 2 * n + ct, p->part_i2[ct]);
        out->ct[ct].v2s = v2[p->vsel[ct]];
    }
    for (unsigned k = 0; k < PW_PANEL_N_V; k++)
        out->v2s[k] = v2[k];
    out->seconds = out->mod_clock / p->fmod_hz;
}

void pw_panel_waveform(const struct pw_panel *p, double value[], size_t n)
{
    for (size_t k = 0; k < n && k < PW_PANEL_N_V; k++)
        value[k] = p->v[k] + p->dc[k];
    for (size_t k = PW_PANEL_N_V; k < n && k < PW_PANEL_N_V + (size_t)p->n_ct; k++)
        value[k] = p->i[k - PW_PANEL_N_V] + p->dc[4 + k - PW_PANEL_N_V];
}

double pw_panel_full_scale(const struct pw_panel *p, unsigned ch)
{
    return ch < PW_PANEL_N_V + p->n_ct ? p->full_scale[ch] : 0.0;
}

const struct pw_panel_load *pw_panel_load(const struct pw_panel *p, unsigned ct)
{
    return ct < p->n_ct ? &p->load[ct] : NULL;
}

uint64_t pw_panel_clocks(const struct pw_panel *p) { return p->clocks; }
const struct pw_config *pw_panel_config(const struct pw_panel *p) { return &p->config; }
const char *pw_panel_name(const struct pw_panel *p) { return p->name; }
const char *pw_panel_note(const struct pw_panel *p) { return p->note; }
unsigned pw_panel_n_ct(const struct pw_panel *p) { return p->n_ct; }
unsigned pw_panel_n_loaded(const struct pw_panel *p) { return p->n_loaded; }
double pw_panel_freq_hz(const struct pw_panel *p) { return p->freq_hz; }
