/* SPDX-License-Identifier: Apache-2.0 */
#include "fft.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void bit_reverse(double complex *x, size_t n)
{
    for (size_t i = 1, j = 0; i < n; i++) {
        size_t bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            double complex t = x[i];
            x[i] = x[j];
            x[j] = t;
        }
    }
}

bool pw_fft_pow2(double complex *x, size_t n, int sign)
{
    if (n < 2)
        return true;
    double complex *w = malloc(n / 2 * sizeof *w);
    if (w == NULL)
        return false;
    for (size_t k = 0; k < n / 2; k++) {
        double a = 2.0 * M_PI * (double)k / (double)n;
        w[k] = CMPLX(cos(a), sign * sin(a));
    }
    bit_reverse(x, n);
    for (size_t half = 1; half < n; half *= 2) {
        const size_t step = n / (2 * half);
        for (size_t base = 0; base < n; base += 2 * half) {
            double complex *a = x + base, *b = a + half;
            for (size_t k = 0; k < half; k++) {
                double wr = creal(w[k * step]), wi = cimag(w[k * step]);
                double br = creal(b[k]), bi = cimag(b[k]);
                double complex t = CMPLX(br * wr - bi * wi, br * wi + bi * wr);
                b[k] = a[k] - t;
                a[k] += t;
            }
        }
    }
    free(w);
    return true;
}

/* e^(-pi i k^2 / n); k^2 is reduced modulo 2n first, or the angle would lose its digits. */
static double complex chirp_at(uint64_t k, uint64_t n)
{
    double a = M_PI * (double)(k * k % (2 * n)) / (double)n;
    return CMPLX(cos(a), -sin(a));
}

bool pw_dft_open(struct pw_dft *d, size_t n)
{
    memset(d, 0, sizeof *d);
    d->n = d->m = n;
    if ((n & (n - 1)) == 0)
        return true;
    for (d->m = 1; d->m < 2 * n; d->m *= 2)
        ;
    d->chirp = malloc(n * sizeof *d->chirp);
    d->filter = calloc(d->m, sizeof *d->filter);
    d->work = malloc(d->m * sizeof *d->work);
    if (d->chirp == NULL || d->filter == NULL || d->work == NULL) {
        pw_dft_close(d);
        return false;
    }
    for (size_t k = 0; k < n; k++) {
        d->chirp[k] = chirp_at(k, n);
        d->filter[k] = conj(d->chirp[k]) / (double)d->m;
        if (k > 0)
            d->filter[d->m - k] = d->filter[k];
    }
    if (pw_fft_pow2(d->filter, d->m, -1))
        return true;
    pw_dft_close(d);
    return false;
}

static double complex mul(double complex a, double complex b)
{
    return CMPLX(creal(a) * creal(b) - cimag(a) * cimag(b), creal(a) * cimag(b) + cimag(a) * creal(b));
}

bool pw_dft_forward(struct pw_dft *d, double complex *x)
{
    if (d->m == d->n)
        return pw_fft_pow2(x, d->n, -1);
    memset(d->work, 0, d->m * sizeof *d->work);
    for (size_t k = 0; k < d->n; k++)
        d->work[k] = mul(x[k], d->chirp[k]);
    if (!pw_fft_pow2(d->work, d->m, -1))
        return false;
    for (size_t k = 0; k < d->m; k++)
        d->work[k] = mul(d->work[k], d->filter[k]);
    if (!pw_fft_pow2(d->work, d->m, +1))
        return false;
    for (size_t k = 0; k < d->n; k++)
        x[k] = mul(d->work[k], d->chirp[k]);
    return true;
}

void pw_dft_close(struct pw_dft *d)
{
    free(d->chirp);
    free(d->filter);
    free(d->work);
    memset(d, 0, sizeof *d);
}

bool pw_fft_synthesize(float *rows, size_t stride, size_t m, const double complex *c, size_t n_c, double complex *work)
{
    memset(work, 0, m * sizeof *work);
    for (size_t k = 0; k < n_c && k < m / 2; k++) {
        double x = M_PI * (double)k / (double)m;
        double s = k == 0 ? 1.0 : x / sin(x);
        work[k] = c[k] * (s * s);
    }
    if (!pw_fft_pow2(work, m, +1))
        return false;
    for (size_t j = 0; j < m; j++)
        rows[j * stride] = (float)creal(work[j]);
    return true;
}
