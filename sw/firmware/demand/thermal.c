/* SPDX-License-Identifier: Apache-2.0 */
#include "demand_priv.h"
#include "wide.h"

#define LN10_F28 UINT64_C(618095479) /* ln 10 = 2.302585093 */

/* 1 - exp(-x), x 2^-32 below 0.15: the series up to x^6 / 720; the next term is below 4e-10. */
static uint64_t small_share(uint64_t x_f32)
{
    uint64_t term = x_f32, sum = 0;
    for (unsigned n = 2; n <= 7; n++) {
        sum = n % 2 == 0 ? sum + term : sum - term;
        term = (term * x_f32 >> 32) / n;
    }
    return sum;
}

uint32_t pw_thermal_share_f32(uint64_t ms, unsigned interval_min)
{
    uint64_t t_ms = interval_min * UINT64_C(60000);
    uint64_t piece = t_ms / 16, keep = UINT64_C(1) << 32;
    if (ms > 10 * t_ms) /* 1e-10 is left */
        return UINT32_MAX;
    while (ms > 0) { /* at most 160 times, usually once */
        uint64_t m = ms < piece ? ms : piece;
        uint64_t share = small_share((m * LN10_F28 << 4) / t_ms);
        keep = (keep * ((UINT64_C(1) << 32) - share) + (UINT64_C(1) << 31)) >> 32;
        ms -= m;
    }
    uint64_t all = (UINT64_C(1) << 32) - keep;
    return all > UINT32_MAX ? UINT32_MAX : (uint32_t)all;
}

uint64_t pw_thermal_next(uint64_t d_f16, uint64_t uwh, uint64_t ms, uint32_t share_f32)
{
    uint64_t e = uwh * 3600u;
    uint64_t p_f16 = (e / ms << 16) + ((e % ms << 16) / ms);
    return p_f16 >= d_f16 ? d_f16 + pw_mul_shift(p_f16 - d_f16, share_f32, 32) : d_f16 - pw_mul_shift(d_f16 - p_f16, share_f32, 32);
}
