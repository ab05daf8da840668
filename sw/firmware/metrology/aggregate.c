/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate.h"

#include "wide.h"

#define LOW_WORD UINT64_C(0xFFFFFFFF)

void pw_agg_restart(struct pw_agg *a)
{
    int64_t half = INT64_C(1) << 31; /* the mean of a carry that is not known; of sums without a carry this is nothing */
    *a = (struct pw_agg){-half, -half, 0};
}

void pw_agg_add(struct pw_agg *a, const struct pw_fe_channel *c)
{
    uint64_t mask = c->carried ? ~LOW_WORD : UINT64_MAX;
    a->p += (int64_t)((uint64_t)c->p & mask);
    a->q += (int64_t)((uint64_t)c->q & mask);
    a->square += c->square;
}

struct pw_agg_sums pw_agg_close(struct pw_agg *a, const struct pw_fe_channel *c)
{
    uint64_t mask = c->carried ? LOW_WORD : 0;
    struct pw_agg low = {(int64_t)((uint64_t)c->p & mask), (int64_t)((uint64_t)c->q & mask), 0};
    struct pw_agg_sums s = {a->p + low.p, a->q + low.q, a->square};
    *a = (struct pw_agg){-low.p, -low.q, 0};
    return s;
}

/* 2^-46 vi sum / (span 2^-8) uW = 32 x 2^-46 vi sum / (125 span) mW */
int32_t pw_agg_power_mw(int64_t sum, uint64_t vi_uw, uint32_t span_f8)
{
    uint64_t mag = sum < 0 ? 0 - (uint64_t)sum : (uint64_t)sum;
    uint64_t t = pw_mul_shift(mag, vi_uw, 46 - 5), d = UINT64_C(125) * span_f8;
    uint64_t mw = t > UINT64_MAX - d / 2 ? INT32_MAX : (t + d / 2) / d;
    if (mw > INT32_MAX)
        mw = INT32_MAX;
    return sum < 0 ? -(int32_t)mw : (int32_t)mw;
}

uint64_t pw_agg_mean_f62(uint64_t square, uint32_t span_f8)
{
    uint64_t whole = square / span_f8, rest = square % span_f8; /* span 23 bits: the rest has room for 24 more */
    if (whole >> 40)
        return UINT64_MAX;
    return (whole << 24) + (rest << 24) / span_f8;
}

uint32_t pw_agg_volts_mv(uint64_t square, uint32_t fs_mv, uint32_t span_f8)
{
    uint64_t root_f31 = pw_isqrt64(pw_agg_mean_f62(square, span_f8));
    return (uint32_t)((root_f31 * fs_mv + (UINT64_C(1) << 30)) >> 31);
}

uint64_t pw_agg_amps_ua(uint64_t square, uint32_t fs_ma, uint32_t span_f8, uint32_t noise_ua)
{
    uint64_t mean_f62 = pw_agg_mean_f62(square, span_f8);
    if (noise_ua != 0) {
        uint64_t noise_f31 = ((uint64_t)noise_ua << 31) / (UINT64_C(1000) * fs_ma); /* 65.5 mA of 100 mA full scale at most: below 1 */
        uint64_t noise_f62 = noise_f31 * noise_f31;
        mean_f62 = mean_f62 > noise_f62 ? mean_f62 - noise_f62 : 0;
    }
    uint64_t ma_f31 = (uint64_t)pw_isqrt64(mean_f62) * fs_ma;
    return (ma_f31 >> 31) * 1000 + (((ma_f31 & 0x7FFFFFFF) * 1000 + (UINT64_C(1) << 30)) >> 31);
}
