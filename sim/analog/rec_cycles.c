/* SPDX-License-Identifier: Apache-2.0 */
/* Whole cycles of a recorded voltage. The frequency is found on a coarsely averaged copy: first the best of a grid, then from
 * the turn of the phase between two windows that move ever further apart. */
#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "rec.h"

#define F_MIN 40.0
#define F_MAX 70.0
#define COARSE_HZ 4000.0

struct coarse { double *y; size_t n; double rate; };

static bool coarsen(struct coarse *c, const float *x, size_t step, size_t n, double rate)
{
    size_t by = rate > 2.0 * COARSE_HZ ? (size_t)(rate / COARSE_HZ) : 1;
    c->n = n / by;
    c->rate = rate / (double)by;
    c->y = malloc((c->n + 1) * sizeof *c->y);
    if (c->y == NULL)
        return false;
    double mean = 0.0;
    for (size_t j = 0; j < c->n; j++) {
        double sum = 0.0;
        for (size_t k = 0; k < by; k++)
            sum += x[(j * by + k) * step];
        c->y[j] = sum / (double)by;
        mean += c->y[j] / (double)c->n;
    }
    for (size_t j = 0; j < c->n; j++)
        c->y[j] -= mean;
    return true;
}

/* Hann-windowed phasor at f of samples from .. from+m-1, phase referred to sample 0; a sine of amplitude 1 gives 1. */
static double complex phasor(const struct coarse *c, size_t from, size_t m, double f)
{
    double complex sum = 0.0;
    double weight = 0.0;
    for (size_t j = 0; j < m; j++) {
        double h = 0.5 - 0.5 * cos(2.0 * M_PI * ((double)j + 0.5) / (double)m);
        sum += h * c->y[from + j] * cexp(-I * 2.0 * M_PI * f / c->rate * (double)(from + j));
        weight += h;
    }
    return 2.0 * sum / weight;
}

static double grid_search(const struct coarse *c, double *amplitude)
{
    size_t m = c->n < (size_t)(0.5 * c->rate) ? c->n : (size_t)(0.5 * c->rate);
    double df = fmin(1.0, c->rate / (double)m / 4.0), best = 0.0;
    *amplitude = 0.0;
    for (double f = F_MIN; f <= F_MAX; f += df) {
        double a = cabs(phasor(c, 0, m, f));
        if (a > *amplitude) {
            *amplitude = a;
            best = f;
        }
    }
    return best;
}

static double refine(const struct coarse *c, double f)
{
    double apart = 0.0;
    for (unsigned round = 0; round < 40; round++) {
        double period = c->rate / f, cycles = floor((double)c->n / period / 2.0);
        size_t m = (size_t)lround(fmin(fmax(cycles, 1.0), 10.0) * period);
        if (m >= c->n)
            return f;                   /* a single cycle: nothing to compare */
        size_t most = c->n - m, d = apart == 0.0 ? m / 2 : (size_t)fmin(apart, 1e15);
        d = d < 1 ? 1 : d > most ? most : d;
        double turn = carg(phasor(c, d, m, f) * conj(phasor(c, 0, m, f)));
        double next = f + turn / (2.0 * M_PI) * c->rate / (double)d;
        if (!(next > F_MIN - 5.0 && next < F_MAX + 5.0))
            return f;
        bool still = fabs(next - f) < 1e-9 * f;
        f = next;
        if (d == most && (still || round > 20))
            return f;
        if (round % 2 == 1)
            apart = 3.0 * (double)d;
    }
    return f;
}

bool pw_rec_cycles(struct pw_rec *r, const char *name, const float *x, size_t step, size_t n, unsigned *cycles, size_t *rows)
{
    struct coarse c;
    double amplitude, rms2 = 0.0;
    if (r->rate_hz < 4.0 * F_MAX)
        return pw_rec_fail(r, NULL, 0, "sample rate of %g Hz is too low for mains", r->rate_hz);
    if ((double)n < r->rate_hz / F_MAX)
        return pw_rec_fail(r, NULL, 0, "%zu samples at %g Hz: shorter than one cycle of mains", n, r->rate_hz);
    if (!coarsen(&c, x, step, n, r->rate_hz))
        return pw_rec_fail(r, NULL, 0, "not enough memory");
    for (size_t j = 0; j < c.n; j++)
        rms2 += c.y[j] * c.y[j] / (double)c.n;
    double f = grid_search(&c, &amplitude);
    if (amplitude * amplitude / 2.0 > 0.05 * rms2)
        f = refine(&c, f);
    else
        f = 0.0;
    free(c.y);
    if (f < F_MIN || f > F_MAX)
        return pw_rec_fail(r, NULL, 0, "no mains frequency (%g .. %g Hz) in voltage '%s'", F_MIN, F_MAX, name);

    const double period = r->rate_hz / f;
    unsigned most = (unsigned)floor((double)n / period + 0.02), best = most;
    double best_miss = 1e9;
    if (most < 1)
        return pw_rec_fail(r, NULL, 0, "%zu samples at %g Hz: shorter than one cycle of %.2f Hz", n, r->rate_hz, f);
    for (unsigned k = most; k >= 1 && k >= most / 2; k--) {      /* the largest that closes well, else the best of the upper half */
        double whole = fmin(round(k * period), (double)n), miss = fabs(k * period - whole) / period;
        if (miss < best_miss) {
            best_miss = miss;
            best = k;
        }
        if (miss <= 0.002)
            break;
    }
    *cycles = best;
    *rows = (size_t)fmin(round(best * period), (double)n);
    return true;
}
