/* SPDX-License-Identifier: Apache-2.0 */
/* Second-order, 1-bit sigma-delta modulator.
 *
 *        u --(+)--> [ 1/(z-1) ] --x1--(+)--> [ 1/(z-1) ] --x2--> sign --+--> y = -1 or +1, the bit
 *             ^-                      ^- 2                              |
 *             +-----------------------+---------------------------------+      noise transfer (1 - 1/z)^2
 *
 * Density of ones = (1 + mean u) / 2. Linear to 0.9 of full scale; from 1.0 up a part sends a constant stream with one
 * opposite bit every 128 clocks (AMC1306 data sheet), which is done here too.
 */
#ifndef PW_SIM_MODULATOR_H
#define PW_SIM_MODULATOR_H

#include <stdint.h>

#define PW_LANES 4                      /* arrays of channels are padded to a multiple of this */

#define PW_MOD_MAX_X1 4.0               /* the integrators' own rails, never reached below 0.95 of full scale */
#define PW_MOD_MAX_X2 40.0
#define PW_MOD_CLIP   1.0               /* |u| from which the stream is constant */

/* Eight clocks of one modulator, the input going straight from u0 (first clock) to u1. Bit 0 of the result = oldest.
 * keep: 1 - leakage of the integrators a clock. Made to be called in a loop over channels that the compiler vectorises. */
static inline __attribute__((always_inline)) int64_t pw_mod_step8(double *x1, double *x2, double keep, double u0, double u1)
{
    double a = *x1, b = *x2, u = u0;
    const double du = (u1 - u0) * 0.125;
    int64_t bits = 0;
#pragma GCC unroll 8
    for (int k = 0; k < 8; k++) {
        const double y = b < 0.0 ? -1.0 : 1.0, y2 = b < 0.0 ? -2.0 : 2.0;     /* two selects: shorter than y + y */
        bits |= b < 0.0 ? 0 : INT64_C(1) << k;
        b = b * keep + (a - y2);
        a = a * keep + (u - y);
        u += du;
    }
    a = a > PW_MOD_MAX_X1 ? PW_MOD_MAX_X1 : a;
    a = a < -PW_MOD_MAX_X1 ? -PW_MOD_MAX_X1 : a;
    b = b > PW_MOD_MAX_X2 ? PW_MOD_MAX_X2 : b;
    b = b < -PW_MOD_MAX_X2 ? -PW_MOD_MAX_X2 : b;
    *x1 = a;
    *x2 = b;
    return bits;
}

/* Uniform noise in -0.5 .. +0.5 from an xorshift64 generator (state must not be 0). */
static inline __attribute__((always_inline)) double pw_noise(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    const union { uint64_t u; double d; } v = { .u = (x >> 12) | UINT64_C(0x3ff0000000000000) };
    return v.d - 1.5;
}

/* splitmix64: seeds from small numbers. */
static inline uint64_t pw_seed_next(uint64_t *s)
{
    uint64_t z = (*s += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}
#endif
