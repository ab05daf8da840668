/* SPDX-License-Identifier: Apache-2.0 */
/* Integers wider than 64 bits, and the few functions of fixed-point mathematics that metering needs. No floating point.
 * Wide numbers are arrays of 32-bit words, low word first. */
#ifndef PW_WIDE_H
#define PW_WIDE_H

#include <stdint.h>

/** acc += a * k, modulo 2^160. */
void pw_wide_mac(uint32_t acc[5], uint64_t a, const uint32_t k[3]);

/** Product of 64 x 64 bits: p[0..3]. */
void pw_wide_mul(uint32_t p[4], uint64_t a, uint64_t b);

/** num <<= bits, n words; what leaves at the top is lost. */
void pw_wide_shl(uint32_t *num, unsigned n, unsigned bits);

/** num = floor(num / den), n words. @param den  1 .. 2^63 @return remainder */
uint64_t pw_wide_div(uint32_t *num, unsigned n, uint64_t den);

/** (a * b) >> shift, rounded half up, saturated at UINT64_MAX. @param shift  1 .. 95 */
uint64_t pw_mul_shift(uint64_t a, uint64_t b, unsigned shift);

/** n / d rounded half away from zero. @param d  > 0; |n| + d / 2 must fit */
int64_t pw_div_round(int64_t n, int64_t d);

/** floor(sqrt(x)). */
uint32_t pw_isqrt64(uint64_t x);

/** Angle of the point (x, y) in 0.01 degree, -18000 .. 18000, error at most 0.006 degree (rounding included); (0, 0) gives 0. */
int32_t pw_atan2_cdeg(int64_t y, int64_t x);

#endif
