/* SPDX-License-Identifier: Apache-2.0 */
#include "stimulus.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analog/modulator.h"

#define MAX_ROWS (1u << 22)

#if defined(__x86_64__)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif

/* ---- file ---- */
static bool number(const char *line, const char *key, double lo, double hi, double *out)
{
    size_t n = strlen(key);
    char *end;
    if (strncmp(line, key, n) != 0 || line[n] != ' ') return false;
    double v = strtod(line + n + 1, &end);
    if (end == line + n + 1 || *end != '\n' || !(v >= lo && v <= hi)) return false;
    *out = v;
    return true;
}

static bool ct_line(struct pw_acc_stim *s, const char *line)
{
    unsigned k, vsel, pol;
    unsigned long fs;
    if (sscanf(line, "ct %u %u %u %lu", &k, &vsel, &pol, &fs) != 4) return false;
    if (k >= s->n_ct || vsel > 5 || pol > 1 || fs < 100 || fs > 20000000) return false;
    s->ct[k] = (struct pw_acc_ct){ vsel, pol, (uint32_t)fs };
    return true;
}

static bool gain_line(struct pw_acc_stim *s, const char *line)
{
    unsigned ch;
    int gain;
    if (sscanf(line, "gain %u %d", &ch, &gain) != 2 || ch >= s->n_ct + PW_ACC_N_V || gain < INT16_MIN || gain > INT16_MAX) return false;
    s->gain_f17[ch] = (int16_t)gain;
    return true;
}

static bool head_line(struct pw_acc_stim *s, const char *line)
{
    double v;
    if (number(line, "n_ct", 1, PW_ACC_MAX_CT, &v)) s->n_ct = (unsigned)v;
    else if (number(line, "rows", 64, MAX_ROWS, &v)) s->n_rows = (uint32_t)v;
    else if (number(line, "period_s", 1e-4, 1000, &v)) s->period_s = v;
    else if (number(line, "nominal_hz", 50, 60, &v)) s->nominal_hz = (unsigned)v;
    else if (number(line, "window_cycles", 1, 50, &v)) s->window_cycles = (unsigned)v;
    else if (number(line, "noise_dbfs", -999, 0, &v)) s->noise_dbfs = v;
    else if (number(line, "leakage", 0, 0.1, &v)) s->leakage = v;
    else if (number(line, "offset", -0.1, 0.1, &v)) s->offset = v;
    else if (number(line, "seed", 0, 1e15, &v)) s->seed = (uint64_t)v;
    else if (number(line, "v_fs_mv", 1000, 2e6, &v)) s->v_fs_mv = (uint32_t)v;
    else if (number(line, "creep_mw", 0, 1e6, &v)) s->creep_mw = (uint32_t)v;
    else if (number(line, "pulse_weight_mwh", 0, 1e8, &v)) s->pulse_weight_mwh = (uint32_t)v;
    else return ct_line(s, line) || gain_line(s, line);
    return true;
}

static int read_head(struct pw_acc_stim *s, FILE *f, const char *path, char *err, size_t err_n)
{
    char line[160];
    unsigned n = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        n++;
        if (strcmp(line, "data\n") == 0) {
            if (s->n_ct != 0 && s->n_rows != 0 && s->period_s > 0 && s->nominal_hz != 0) return 0;
            snprintf(err, err_n, "%s: n_ct, rows, period_s or nominal_hz is missing", path);
            return -1;
        }
        if (!head_line(s, line)) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(err, err_n, "%s:%u: bad line: %s", path, n, line);
            return -1;
        }
    }
    snprintf(err, err_n, "%s: no data", path);
    return -1;
}

static double *row_at(const struct pw_acc_stim *s, uint32_t r) { return s->rows + (size_t)(r + 1) * s->stride; }

static int read_rows(struct pw_acc_stim *s, FILE *f, const char *path, char *err, size_t err_n)
{
    s->n_ch = s->n_ct + PW_ACC_N_V;
    s->stride = (s->n_ch + 3) & ~3u;
    s->rows = calloc((size_t)(s->n_rows + 4) * s->stride, sizeof *s->rows);
    if (s->rows == NULL) {
        snprintf(err, err_n, "%s: no memory", path);
        return -1;
    }
    for (uint32_t r = 0; r < s->n_rows; r++) {
        double *row = row_at(s, r);
        if (fread(row, sizeof *row, s->n_ch, f) != s->n_ch) {
            snprintf(err, err_n, "%s: ends in row %u of %u", path, r, s->n_rows);
            return -1;
        }
        for (unsigned ch = 0; ch < s->n_ch; ch++)
            if (!(fabs(row[ch]) <= PW_ACC_U_MAX)) {
                snprintf(err, err_n, "%s: row %u channel %u: %g is beyond %g of full scale", path, r, ch, row[ch], PW_ACC_U_MAX);
                return -1;
            }
    }
    size_t b = s->stride * sizeof *s->rows;
    memcpy(s->rows, row_at(s, s->n_rows - 1), b);
    memcpy(row_at(s, s->n_rows), row_at(s, 0), 3 * b);
    return 0;
}

/* ---- running ---- */
/* Cubic through the rows -1, 0, 1, 2 around the phase. */
static inline __attribute__((always_inline)) void cubic(const struct pw_acc_stim *s, uint64_t phase, double u[])
{
    const unsigned __int128 at = (unsigned __int128)phase * s->n_rows;
    const double f = (double)(uint64_t)at * 0x1p-64;
    const double a = f + 1, c = f - 1, d = f - 2;
    const double w0 = -f * c * d / 6, w1 = a * c * d / 2, w2 = -a * f * d / 2, w3 = a * f * c / 6;
    const double *restrict r = s->rows + (size_t)(uint32_t)(at >> 64) * s->stride;
    const unsigned n = s->stride & ~3u, m = s->stride;
    for (unsigned k = 0; k < n; k++)
        u[k] = w0 * r[k] + w1 * r[m + k] + w2 * r[2 * m + k] + w3 * r[3 * m + k];
}

void pw_acc_stim_at(const struct pw_acc_stim *s, uint64_t phase, double u[]) { cubic(s, phase, u); }

CLONES void pw_acc_stim_step8(struct pw_acc_stim *s, uint8_t bytes[])
{
    double u[PW_ACC_PAD] __attribute__((aligned(32)));
    int64_t bits[PW_ACC_PAD] __attribute__((aligned(32)));
    const unsigned n = s->stride & ~3u;
    s->phase += s->phase_step;
    cubic(s, s->phase, u);
    for (unsigned k = 0; k < n; k++) u[k] += s->off[k] + s->noise[k] * pw_noise(&s->rng[k]);
    for (unsigned k = 0; k < n; k++) {
        bits[k] = pw_mod_step8(&s->x1[k], &s->x2[k], s->keep[k], s->u[k], u[k]);
        s->u[k] = u[k];
    }
    /* cppcheck-suppress uninitvar ; n_ch <= n, so all of them are set */
    for (unsigned k = 0; k < s->n_ch; k++) bytes[k] = (uint8_t)bits[k];
    s->clocks += 8;
}

static void start(struct pw_acc_stim *s, double fmod_hz)
{
    uint64_t seed = s->seed;
    /* White at the block rate: of its variance 8 / 512 falls below fs / 2. Uniform: variance = width^2 / 12. */
    double width = s->noise_dbfs <= -999 ? 0 : pow(10, s->noise_dbfs / 20) * sqrt(0.5) * sqrt(512.0 / 8) * sqrt(12.0);
    s->phase_step = (uint64_t)llround(ldexp(8.0 / (fmod_hz * s->period_s), 64));
    for (unsigned ch = 0; ch < PW_ACC_PAD; ch++) {
        s->rng[ch] = pw_seed_next(&seed) | 1;
        s->x1[ch] = (double)(pw_seed_next(&seed) >> 11) * 0x1p-53 - 0.5;
        s->x2[ch] = (double)(pw_seed_next(&seed) >> 11) * 0x1p-53 - 0.5;
        s->keep[ch] = 1 - s->leakage;
        s->noise[ch] = ch < s->n_ch ? width : 0;
        s->off[ch] = ch % 2 ? -s->offset : s->offset;
    }
    cubic(s, s->phase, s->u);
    for (unsigned k = 0; k < s->stride; k++) s->u[k] += s->off[k];
}

int pw_acc_stim_open(struct pw_acc_stim *s, const char *path, double fmod_hz, char *err, size_t err_n)
{
    memset(s, 0, sizeof *s);
    s->noise_dbfs = -999;
    s->v_fs_mv = 500000;
    s->creep_mw = 1000;
    s->pulse_weight_mwh = 2000;
    s->window_cycles = 12;
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        snprintf(err, err_n, "%s: cannot be opened", path);
        return -1;
    }
    int rc = read_head(s, f, path, err, err_n);
    if (rc == 0) rc = read_rows(s, f, path, err, err_n);
    fclose(f);
    if (rc != 0) {
        pw_acc_stim_close(s);
        return rc;
    }
    start(s, fmod_hz);
    return 0;
}

void pw_acc_stim_close(struct pw_acc_stim *s)
{
    free(s->rows);
    s->rows = NULL;
}
