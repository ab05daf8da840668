/* SPDX-License-Identifier: Apache-2.0 */
/* From a recording to a panel: whole cycles, their spectra, a wave table at the panel's rate, full scales. */
#include "rec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fft.h"
#include "panel_impl.h"

#define ROWS_MAX_FLOATS ((size_t)1 << 25)           /* of the wave table: 128 MiB */
#define ROW_RATE_MIN    65536.0                     /* rows a second; straight lines between them, see fft.h */
#define ROW_RATE_GOOD   131072.0
#define PEAK            0.7                         /* of full scale */
#define V_FS_MAX        2000.0                      /* what pw_config can say, V and A */
#define I_FS_MAX        20000.0
#define FLOOR           0.01                        /* a channel's full scale is not below this share of the largest */

struct replay {
    struct pw_panel *p;
    struct pw_rec rec;
    struct pw_rec_map map;
    unsigned cycles;
    size_t n;                                       /* samples of the window */
    uint32_t rows;
    struct pw_dft dft;
    double complex *spectrum, *work;
    double v_peak[3], i_peak[PW_PANEL_MAX_CT];
};

static bool read_file(struct replay *y, const char *map)
{
    struct pw_rec *r = &y->rec;
    const char *dot = strrchr(r->path, '.');
    static const struct { const char *ext; int type; } types[] = {
        { ".csv", 0 }, { ".txt", 0 }, { ".tsv", 0 }, { ".wav", 1 }, { ".cfg", 2 }, { ".dat", 2 }, { ".cff", 2 } };
    int type = -1;
    for (size_t k = 0; dot != NULL && k < sizeof types / sizeof types[0]; k++)
        if (strcasecmp(dot, types[k].ext) == 0)
            type = types[k].type;
    if (type < 0)
        return pw_rec_fail(r, NULL, 0, "unknown kind of recording: .csv, .txt, .tsv, .wav, .cfg, .dat or .cff");
    if (!pw_rec_map_read(r, map, &y->map))
        return false;
    bool ok = type == 0 ? pw_rec_read_csv(r, &y->map) : type == 1 ? pw_rec_read_wav(r) : pw_rec_read_comtrade(r);
    if (ok && y->map.rate_hz > 0.0)
        r->rate_hz = y->map.rate_hz;
    return ok;
}

/* Units to V and A, once and for all, in the samples. Without a unit: +-1 of a WAV is 500 V or 800 A. */
static void apply_scales(struct replay *y)
{
    struct pw_rec *r = &y->rec;
    const char *dot = strrchr(r->path, '.');
    const bool wav = dot != NULL && strcasecmp(dot, ".wav") == 0;
    double f[PW_REC_MAX_CH];
    for (unsigned k = 0; k < r->n_ch; k++)
        f[k] = r->ch[k].scale;
    for (unsigned k = 0; k < 3; k++)
        if (y->map.v[k].ch >= 0)
            f[y->map.v[k].ch] = r->ch[y->map.v[k].ch].scale * (y->map.v_scale > 0.0 ? y->map.v_scale : wav ? 500.0 : 1.0);
    for (unsigned k = 0; k < y->map.n_ct; k++)
        if (y->map.ct[k].ch >= 0)
            f[y->map.ct[k].ch] = r->ch[y->map.ct[k].ch].scale * (y->map.i_scale > 0.0 ? y->map.i_scale : wav ? 800.0 : 1.0);
    for (unsigned k = 0; k < 3; k++)
        y->map.v[k].factor *= y->map.v[k].ch >= 0 ? f[y->map.v[k].ch] : 1.0;
    for (unsigned k = 0; k < y->map.n_ct; k++)
        y->map.ct[k].factor *= y->map.ct[k].ch >= 0 ? f[y->map.ct[k].ch] : 1.0;
}

/* The voltage with the most alternating part sets the cycles. */
static int strongest(const struct replay *y)
{
    double most = -1.0;
    int best = -1;
    for (unsigned k = 0; k < 3; k++) {
        const struct pw_rec_use *u = &y->map.v[k];
        if (u->ch < 0)
            continue;
        double sum = 0.0, sum2 = 0.0;
        for (size_t j = 0; j < y->rec.n; j++) {
            double v = y->rec.data[j * y->rec.n_ch + (unsigned)u->ch] * u->factor;
            sum += v;
            sum2 += v * v;
        }
        double ac = sum2 - sum * sum / (double)y->rec.n;
        if (ac > most) {
            most = ac;
            best = u->ch;
        }
    }
    return best;
}

static bool choose_window(struct replay *y)
{
    struct pw_rec *r = &y->rec;
    const unsigned stride = PW_COL_I + y->p->n_ct_pad;
    double rows_max = pow(2.0, floor(log2((double)ROWS_MAX_FLOATS / stride)));
    double longest = rows_max / ROW_RATE_MIN;
    size_t n = r->n;
    if (r->n < 2)
        return pw_rec_fail(r, NULL, 0, "only %zu sample(s)", r->n);
    if ((double)n > longest * r->rate_hz)
        n = (size_t)(longest * r->rate_hz);
    int ch = strongest(y);
    if (!pw_rec_cycles(r, r->ch[ch].name, r->data + ch, r->n_ch, n, &y->cycles, &y->n))
        return false;
    const double seconds = (double)y->n / r->rate_hz;
    y->rows = 16384;
    while (y->rows < rows_max && y->rows < ROW_RATE_GOOD * seconds)
        y->rows *= 2;
    y->p->freq_hz = y->cycles / seconds;
    y->p->rows_per_block = y->rows / seconds;
    pw_rec_note(r, "%u whole cycles of %.4f Hz (%zu of %zu%s samples at %.6g Hz) are looped", y->cycles, y->p->freq_hz, y->n, r->n,
                r->full ? "+" : "", r->rate_hz);
    return true;
}

/* Spectrum of one use of a channel: c[k], k = 1 .. n/2, of the waveform Re sum c[k] e^(j k w t), without its DC. */
static bool spectrum(struct replay *y, const struct pw_rec_use *u, double *dc)
{
    const struct pw_rec *r = &y->rec;
    double complex *x = y->spectrum;
    for (size_t j = 0; j < y->n; j++)
        x[j] = r->data[j * r->n_ch + (unsigned)u->ch] * u->factor;
    if (!pw_dft_forward(&y->dft, x))
        return pw_rec_fail(&y->rec, NULL, 0, "not enough memory");
    *dc = creal(x[0]) / (double)y->n;
    x[0] = 0.0;
    const double turn = -2.0 * M_PI * r->ch[u->ch].skew_s * r->rate_hz / (double)y->n;
    for (size_t k = 1; k <= y->n / 2; k++) {
        double s = (2 * k == y->n ? 1.0 : 2.0) / (double)y->n;
        x[k] *= turn == 0.0 ? s : s * cexp(I * turn * (double)k);
    }
    return true;
}

static bool to_rows(struct replay *y, unsigned col)
{
    struct pw_panel *p = y->p;
    if (pw_fft_synthesize(p->rows + col, p->stride, y->rows, y->spectrum, y->n / 2 + 1, y->work))
        return true;
    return pw_rec_fail(&y->rec, NULL, 0, "not enough memory");
}

static double column_peak(const struct replay *y, unsigned col, double dc)
{
    double peak = 0.0;
    for (size_t j = 0; j < y->rows; j++)
        peak = fmax(peak, fabs(y->p->rows[j * y->p->stride + col] + dc));
    return peak;
}

/* Columns Vab, Vbc, Vca -> Va, Vb, Vc to the point that makes their sum 0; of three lines two voltages are enough. */
static void virtual_neutral(struct replay *y, unsigned col)
{
    struct pw_panel *p = y->p;
    for (size_t j = 0; j < y->rows; j++) {
        float *v = p->rows + j * p->stride + col, l[3] = { v[0], v[1], v[2] };
        for (unsigned k = 0; k < 3; k++)
            if (y->map.v[k].ch < 0)
                l[k] = -(l[(k + 1) % 3] + l[(k + 2) % 3]);
        for (unsigned k = 0; k < 3; k++)
            v[k] = (l[k] - l[(k + 2) % 3]) / 3.0f;
    }
}

static bool make_rows(struct replay *y)
{
    struct pw_panel *p = y->p;
    y->spectrum = malloc(y->n * sizeof *y->spectrum);
    y->work = malloc(y->rows * sizeof *y->work);
    if (y->spectrum == NULL || y->work == NULL || !pw_dft_open(&y->dft, y->n) || !pw_panel_alloc_rows(p, y->rows, false))
        return pw_rec_fail(&y->rec, NULL, 0, "not enough memory");
    for (unsigned k = 0; k < 3; k++) {
        if (y->map.v[k].ch < 0)
            continue;
        if (!spectrum(y, &y->map.v[k], &p->dc[k]) || !to_rows(y, PW_COL_V + k))
            return false;
        for (size_t j = 0; j <= y->n / 2; j++)      /* quadrature: the fundamental alone, 90 degrees late */
            y->spectrum[j] = j == y->cycles ? y->spectrum[j] * -I : 0.0;
        if (!to_rows(y, PW_COL_VQ + k))
            return false;
    }
    if (y->map.lines) {
        virtual_neutral(y, PW_COL_V);
        virtual_neutral(y, PW_COL_VQ);
        memset(p->dc, 0, 3 * sizeof p->dc[0]);
    }
    for (unsigned k = 0; k < 3; k++)
        y->v_peak[k] = column_peak(y, PW_COL_V + k, p->dc[k]);
    for (unsigned ct = 0; ct < y->map.n_ct; ct++) {
        if (y->map.ct[ct].ch < 0)
            continue;
        if (!spectrum(y, &y->map.ct[ct], &p->dc[4 + ct]) || !to_rows(y, PW_COL_I + ct))
            return false;
        y->i_peak[ct] = column_peak(y, PW_COL_I + ct, p->dc[4 + ct]);
    }
    return true;
}

/* Transmission lines: what the meter sees is behind transformers, 10 : 1 as often as needed. */
static double transformer(struct replay *y, double peak, double max, unsigned col, unsigned n, const char *what)
{
    double by = 1.0;
    while (peak / by > PEAK * max)
        by *= 10.0;
    if (by == 1.0)
        return by;
    struct pw_panel *p = y->p;
    for (size_t j = 0; j < y->rows; j++)
        for (unsigned k = 0; k < n; k++)
            p->rows[j * p->stride + col + k] /= (float)by;
    pw_rec_note(&y->rec, "%s are divided by %g, as behind transformers: W are secondary", what, by);
    return by;
}

/* Full scale with the peak at 0.7 of it at most, in units of 1e-3 with three digits. */
static uint32_t full_scale_milli(double peak, double least)
{
    double fs = ceil(peak / PEAK * 1000.0), digit = pow(10.0, floor(log10(fmax(fs, 1.0))) - 2.0);
    if (digit > 1.0)
        fs = ceil(fs / digit) * digit;
    return (uint32_t)fmax(fs, least);
}

static void set_scales(struct replay *y)
{
    struct pw_panel *p = y->p;
    double v = fmax(y->v_peak[0], fmax(y->v_peak[1], y->v_peak[2])), i = 0.0;
    for (unsigned ct = 0; ct < p->n_ct; ct++)
        i = fmax(i, y->i_peak[ct]);
    double v_by = transformer(y, v, V_FS_MAX, PW_COL_V, 8, "voltages");
    double i_by = transformer(y, i, I_FS_MAX, PW_COL_I, p->n_ct_pad, "currents");
    uint32_t v_fs = full_scale_milli(v / v_by, 1000.0);          /* one for all: Vab and so on are differences */
    for (unsigned k = 0; k < 3; k++) {
        p->dc[k] /= v_by;
        p->config.v[k].v_fs_mv = v_fs;
        p->gain[k] = 1000.0 / v_fs;
        p->full_scale[k] = v_fs / 1000.0;
        p->noise[k] = pw_noise_width(-106.0);
    }
    for (unsigned ct = 0; ct < p->n_ct; ct++) {
        uint32_t fs = full_scale_milli(fmax(y->i_peak[ct], FLOOR * i) / i_by, 100.0);
        p->dc[4 + ct] /= i_by;
        p->config.ct[ct].i_fs_ma = fs;
        p->gain[4 + ct] = 1000.0 / fs;
        p->full_scale[3 + ct] = fs / 1000.0;
        p->noise[4 + ct] = pw_noise_width(-106.0);
        /* full scale = 2.83 times the rated current, as with the meter's own CTs; no-load threshold 1e-6 of full power */
        p->load[ct].rated_a = fs / 1000.0 / (2.0 * M_SQRT2);
        p->config.point[ct].creep_mw = (uint32_t)fmin(1e6, v_fs * 1e-3 * fs * 1e-6);
    }
}

static void describe(struct replay *y)
{
    struct pw_panel *p = y->p;
    const char *slash = strrchr(y->rec.path, '/');
    snprintf(p->name, sizeof p->name, "%.63s", slash != NULL ? slash + 1 : y->rec.path);
    p->config.nominal_hz = p->freq_hz < 55.0 ? 50 : 60;
    p->config.window_cycles = p->config.nominal_hz / 5;
    for (unsigned ct = 0; ct < p->n_ct; ct++) {
        const struct pw_rec_use *u = &y->map.ct[ct];
        p->config.ct[ct].point = (uint8_t)ct;
        if (u->ch < 0)
            continue;
        p->n_loaded++;
        p->config.ct[ct].vsel = (uint8_t)u->vsel;
        p->load[ct].kind = "recorded";
        p->load[ct].noload = true;
        for (size_t j = 0; j < y->rows && p->load[ct].noload; j++)
            p->load[ct].noload = p->rows[j * p->stride + PW_COL_I + ct] == 0.0f;
        snprintf(p->load_name[ct], PW_NAME_MAX, "%s", y->rec.ch[u->ch].name);
    }
    p->config.n_points = (uint8_t)p->n_ct;
    for (unsigned i = 0; i < p->n_ct; i++) { /* small scales: 1/10, 1/100 ... of the usual pulse, or none */
        uint32_t *weight = &p->config.point[i].pulse_weight_mwh;
        while (*weight > pw_config_weight_max_mwh(&p->config, i))
            *weight = *weight < 100 ? 0 : *weight / 10;
    }
}

bool pw_replay_build(struct pw_panel *p, const struct pw_panel_opts *opts, char *err, size_t err_size)
{
    struct replay *y = calloc(1, sizeof *y);
    if (y == NULL) {
        snprintf(err, err_size, "%s: not enough memory", opts->recording);
        return false;
    }
    y->p = p;
    y->rec = (struct pw_rec){ .path = opts->recording, .err = err, .err_size = err_size, .note = p->note, .note_size = sizeof p->note };
    bool ok = read_file(y, opts->map) && pw_rec_map_assign(&y->rec, opts->map, p->n_ct, &y->map);
    if (ok)
        apply_scales(y);
    ok = ok && choose_window(y) && make_rows(y);
    if (ok) {
        set_scales(y);
        describe(y);
    }
    free(y->rec.data);
    free(y->spectrum);
    free(y->work);
    pw_dft_close(&y->dft);
    free(y);
    return ok;
}
