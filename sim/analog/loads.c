/* SPDX-License-Identifier: Apache-2.0 */
#include "loads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fft.h"

#define RAD (M_PI / 180.0)

const struct pw_load_info pw_load_info[PW_LOAD_KINDS] = {
    [PW_LOAD_NOLOAD]     = { "noload",     1, 0, 1.0, false },
    [PW_LOAD_HEATER]     = { "heater",     1, 0, 1.0, false },
    [PW_LOAD_MOTOR]      = { "motor",      1, PW_USES_PF | PW_USES_LIST, 0.5, false },
    [PW_LOAD_DIMMER]     = { "dimmer",     1, PW_USES_CUT, 1.0, false },
    [PW_LOAD_LED]        = { "led",        1, PW_USES_PF, 0.95, true },
    [PW_LOAD_SMPS]       = { "smps",       1, PW_USES_PF, 0.99, true },
    [PW_LOAD_HARMONICS]  = { "harmonics",  1, PW_USES_PF | PW_USES_LIST, 1.0, false },
    [PW_LOAD_PV]         = { "pv",         1, PW_USES_PF | PW_USES_LIST, 1.0, false },
    [PW_LOAD_FRIDGE]     = { "fridge",     1, PW_USES_PF | PW_USES_LIST, 0.65, false },
    [PW_LOAD_SPLITPHASE] = { "splitphase", 2, PW_USES_PF | PW_USES_LIST, 1.0, false },
    [PW_LOAD_THREEPHASE] = { "threephase", 3, PW_USES_PF | PW_USES_LIST, 1.0, false },
    [PW_LOAD_MAIN]       = { "main",       1, 0, 1.0, false },
};

/* Lighting driver with simple power factor correction. */
static const struct pw_harmonics led_list = { 8, {
    { 3, 22.0, 160.0 }, { 5, 11.0, -20.0 }, { 7, 8.0, 150.0 }, { 9, 5.0, -35.0 },
    { 11, 3.5, 140.0 }, { 13, 2.5, -50.0 }, { 15, 2.0, 120.0 }, { 17, 1.5, -60.0 } } };
/* Capacitor behind a rectifier: pulses on the voltage's peaks, so odd orders alternate in sign. */
static const struct pw_harmonics smps_list = { 9, {
    { 3, 81.0, 180.0 }, { 5, 60.6, 0.0 }, { 7, 37.0, 180.0 }, { 9, 15.7, 0.0 }, { 11, 2.4, 180.0 },
    { 13, 6.3, 180.0 }, { 15, 7.9, 0.0 }, { 17, 5.0, 180.0 }, { 19, 1.5, 0.0 } } };

void pw_spectrum_sine(struct pw_spectrum *s, double rms, double angle_deg, const struct pw_harmonics *list)
{
    memset(s, 0, sizeof *s);
    s->c[1] = rms * M_SQRT2 * cexp(I * (angle_deg - 90.0) * RAD);
    for (unsigned k = 0; list != NULL && k < list->n; k++) {
        double a = list->h[k].order * angle_deg + list->h[k].degrees - 90.0;
        s->c[list->h[k].order] += rms * M_SQRT2 * list->h[k].percent / 100.0 * cexp(I * a * RAD);
    }
}

double pw_spectrum_rms(const struct pw_spectrum *s)
{
    double sum = 0.0;
    for (unsigned k = 1; k < PW_N_HARM; k++)
        sum += creal(s->c[k] * conj(s->c[k])) / 2.0;
    return sqrt(sum);
}

double pw_spectrum_power(const struct pw_spectrum *v, const struct pw_spectrum *i)
{
    double sum = 0.0;
    for (unsigned k = 1; k < PW_N_HARM; k++)
        sum += creal(v->c[k] * conj(i->c[k])) / 2.0;
    return sum;
}

void pw_spectrum_scale(struct pw_spectrum *s, double factor)
{
    for (unsigned k = 0; k < PW_N_HARM; k++)
        s->c[k] *= factor;
}

void pw_spectrum_lead(struct pw_spectrum *s, double deg)
{
    for (unsigned k = 1; k < PW_N_HARM; k++)
        s->c[k] *= cexp(I * (double)k * deg * RAD);
}

void pw_spectrum_quadrature(struct pw_spectrum *q, const struct pw_spectrum *v)
{
    memset(q, 0, sizeof *q);
    q->c[1] = v->c[1] * -I;
}

/* Phase-cut: the voltage, where the triac conducts. Sampled finely, then made smooth by a Gaussian whose rise time is that of
 * the dimmer's choke; without it the edges would hold power far above what any CT or meter passes. */
static bool dimmer_current(const struct pw_load_shape *l, const struct pw_spectrum *v, double freq_hz, struct pw_spectrum *i)
{
    enum { M = 65536 };
    double complex *x = calloc(M, sizeof *x);
    bool ok = x != NULL;
    for (unsigned k = 0; ok && k < PW_N_HARM; k++)
        x[k] = v->c[k];
    ok = ok && pw_fft_pow2(x, M, +1);
    const double phase = carg(v->c[1]) / (2.0 * M_PI) + 0.25;    /* cycles since the upward crossing, at j = 0 */
    for (unsigned j = 0; ok && j < M; j++) {
        double half = 2.0 * (j / (double)M + phase);
        double edge = (half - floor(half) - l->cut_deg / 180.0) * (M / 2.0) + 0.5; /* share of the sample that conducts */
        double on = edge < 0.0 ? 0.0 : edge > 1.0 ? 1.0 : edge;
        x[j] = creal(x[j]) * on;
    }
    ok = ok && pw_fft_pow2(x, M, -1);
    const double sigma = l->rise_us * 1e-6 / 2.563;              /* 10..90 % of a Gaussian edge = 2.563 sigma */
    for (unsigned k = 1; ok && k < PW_N_HARM; k++) {
        double ws = 2.0 * M_PI * k * freq_hz * sigma;
        i->c[k] = 2.0 / M * x[k] * exp(-ws * ws / 2.0);
    }
    free(x);
    return ok;
}

bool pw_load_current(const struct pw_load_shape *l, const struct pw_spectrum *v, double freq_hz, struct pw_spectrum *i)
{
    memset(i, 0, sizeof *i);
    const double v_angle = carg(v->c[1]) / RAD + 90.0;
    const struct pw_harmonics *list = &l->list;
    switch (l->kind) {
    case PW_LOAD_NOLOAD:
        return true;
    case PW_LOAD_HEATER:
        *i = *v;
        i->c[0] = 0.0;
        return true;
    case PW_LOAD_DIMMER:
        return dimmer_current(l, v, freq_hz, i);
    case PW_LOAD_LED:
        list = &led_list;
        break;
    case PW_LOAD_SMPS:
        list = &smps_list;
        break;
    default:
        break;
    }
    pw_spectrum_sine(i, 1.0, v_angle - l->angle_deg, list);
    if (l->kind == PW_LOAD_PV)
        pw_spectrum_scale(i, -1.0);
    return true;
}
