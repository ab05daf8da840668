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

#define N_FIT 9                         /* DC, and cosine and sine of orders 1, 3, 5, 7 */

/* Symmetric positive system a x = b in place; b becomes x. A tiny pivot gives 0 for its unknown. */
static void solve(double a[N_FIT][N_FIT], double b[N_FIT])
{
    for (int k = 0; k < N_FIT; k++)
        for (int r = k + 1; r < N_FIT; r++) {
            double m = fabs(a[k][k]) > 1e-12 ? a[r][k] / a[k][k] : 0.0;
            for (int c = k; c < N_FIT; c++)
                a[r][c] -= m * a[k][c];
            b[r] -= m * b[k];
        }
    for (int k = N_FIT - 1; k >= 0; k--) {
        for (int c = k + 1; c < N_FIT; c++)
            b[k] -= a[k][c] * b[c];
        b[k] = fabs(a[k][k]) > 1e-12 ? b[k] / a[k][k] : 0.0;
    }
}

/* Mean square that a DC and odd harmonics of f leave over. */
static double left_over(const struct coarse *c, double f)
{
    double a[N_FIT][N_FIT] = { { 0.0 } }, b[N_FIT] = { 0.0 }, row[N_FIT], left = 0.0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t j = 0; j < c->n; j++) {
            double w = 2.0 * M_PI * f / c->rate * (double)j, e = c->y[j];
            row[0] = 1.0;
            for (int h = 0; h < 4; h++) {
                row[1 + 2 * h] = cos((2 * h + 1) * w);
                row[2 + 2 * h] = sin((2 * h + 1) * w);
            }
            for (int r = 0; r < N_FIT; r++) {
                for (int q = 0; pass == 0 && q < N_FIT; q++)
                    a[r][q] += row[r] * row[q] / (double)c->n;
                if (pass == 0)
                    b[r] += row[r] * c->y[j] / (double)c->n;
                else
                    e -= b[r] * row[r];
            }
            left += pass == 1 ? e * e / (double)c->n : 0.0;
        }
        if (pass == 0)
            solve(a, b);
    }
    return left;
}

/* Records of less than four cycles: too short to compare phases. A record that is whole cycles of 50 or 60 Hz within 1 % is
 * taken as that; else the frequency whose harmonics fit best. */
static double short_record(const struct coarse *c, double seconds, double rms2)
{
    double best = 0.0, least = 0.05 * rms2;
    for (int k = 1; k < 4; k++) {
        double f = k / seconds;
        if ((fabs(f / 50.0 - 1.0) < 0.01 || fabs(f / 60.0 - 1.0) < 0.01) && left_over(c, f) < least)
            return f;
    }
    for (double f = 45.0; f <= 66.0; f += 0.1) {
        double e = left_over(c, f);
        if (e < least) {
            least = e;
            best = f;
        }
    }
    for (double step = 0.05; best > 0.0 && step > 1e-4; step /= 2.0)
        for (int side = -1; side <= 1; side += 2) {
            double e = left_over(c, best + side * step);
            if (e < least) {
                least = e;
                best += side * step;
            }
        }
    return best;
}

static double find_frequency(const struct coarse *c, double seconds)
{
    double rms2 = 0.0, amplitude;
    for (size_t j = 0; j < c->n; j++)
        rms2 += c->y[j] * c->y[j] / (double)c->n;
    if (rms2 == 0.0)
        return 0.0;
    if (seconds * 50.0 < 4.0)
        return short_record(c, seconds, rms2);
    double f = grid_search(c, &amplitude);
    return amplitude * amplitude / 2.0 > 0.05 * rms2 ? refine(c, f) : 0.0;
}

bool pw_rec_cycles(struct pw_rec *r, const char *name, const float *x, size_t step, size_t n, unsigned *cycles, size_t *rows)
{
    struct coarse c;
    if (r->rate_hz < 4.0 * F_MAX)
        return pw_rec_fail(r, NULL, 0, "sample rate of %g Hz is too low for mains", r->rate_hz);
    if ((double)n < r->rate_hz / F_MAX)
        return pw_rec_fail(r, NULL, 0, "%zu samples at %g Hz: shorter than one cycle of mains", n, r->rate_hz);
    if (!coarsen(&c, x, step, n, r->rate_hz))
        return pw_rec_fail(r, NULL, 0, "not enough memory");
    const double f = find_frequency(&c, (double)n / r->rate_hz);
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
