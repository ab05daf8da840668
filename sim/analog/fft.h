/* SPDX-License-Identifier: Apache-2.0 */
/* Fourier transforms in double: powers of two, and any length by Bluestein's chirp. */
#ifndef PW_SIM_FFT_H
#define PW_SIM_FFT_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

/** In place, n a power of two. sign -1: X[k] = sum x[j] e^(-2 pi i jk / n); +1: the same with +. No scaling.
 *  @return false: not enough memory */
bool pw_fft_pow2(double complex *x, size_t n, int sign);

/** Plan for a forward transform of any length n >= 1. */
struct pw_dft {
    size_t n, m;                        /* m: power of two used for the convolution, or n itself */
    double complex *chirp, *filter, *work;
};
bool pw_dft_open(struct pw_dft *d, size_t n);          /* false: not enough memory */
bool pw_dft_forward(struct pw_dft *d, double complex *x);   /* in place, n values */
void pw_dft_close(struct pw_dft *d);

/** Waveform table: rows[j * stride] = scale * Re(sum of c[k] e^(2 pi i jk / m)), k = 0 .. n_c-1, j = 0 .. m-1, m a power of two;
 *  harmonics from m/2 on are left out. Straight lines between the rows then have exactly the amplitudes c[k]: the droop
 *  sinc^2(k/m) of that interpolation is put right here.
 *  @param work  m values
 *  @return false: not enough memory */
bool pw_fft_synthesize(float *rows, size_t stride, size_t m, const double complex *c, size_t n_c, double complex *work);
#endif
