/* SPDX-License-Identifier: Apache-2.0 */
#include "scale.h"

#include "wide.h"

#define SUM_LOG2     46u              /* a product of two full scales in the window sums */
#define UNIT_LOG2    14u              /* the same in energy units: 2^32 products each */
#define QUANTUM_MAX  (UINT64_C(1) << 31)
#define S_PER_H      UINT64_C(3600)
#define UWS_PER_MWH  UINT64_C(3600000)
#define PI_F30       UINT64_C(3373259426)

uint32_t pw_scale_fs_mhz(const struct pw_rate *r)
{
    uint64_t d = (uint64_t)r->mod_div << r->osr_log2;
    return (uint32_t)(((uint64_t)r->clk_hz * 1000 + d / 2) / d);
}

/* uWh per unit = vi_uw * 2^-14 * (mod_div * 2^osr / clk) / 3600 */
void pw_scale_energy(const struct pw_rate *r, uint64_t vi_uw, uint32_t k_f64[3])
{
    uint32_t n[6] = {0};
    pw_wide_mul(n, vi_uw, r->mod_div);
    pw_wide_shl(n, 6, 64 + r->osr_log2 - UNIT_LOG2);
    (void)pw_wide_div(n, 6, S_PER_H * r->clk_hz);
    for (unsigned i = 0; i < 3; i++)
        k_f64[i] = n[i];
}

/* units = mwh * 3.6e6 uWs * 2^14 * clk / (vi_uw * mod_div * 2^osr) */
uint32_t pw_scale_quantum(const struct pw_rate *r, uint64_t vi_uw, uint32_t mwh)
{
    uint64_t den = vi_uw * r->mod_div;
    uint32_t n[5] = {0}, k[3] = {r->clk_hz, 0, 0};
    pw_wide_mac(n, UWS_PER_MWH * mwh, k);
    pw_wide_shl(n, 5, UNIT_LOG2 - r->osr_log2);
    uint64_t rem = pw_wide_div(n, 5, den);
    uint64_t q = (uint64_t)n[1] << 32 | n[0];
    q += rem >= den - rem;
    return q > QUANTUM_MAX || (n[2] | n[3] | n[4]) != 0 ? 0 : (uint32_t)q;
}

uint32_t pw_scale_creep(uint64_t vi_uw, uint32_t mw, uint32_t samples)
{
    uint32_t n[4];
    pw_wide_mul(n, (uint64_t)mw * 1000, samples);
    pw_wide_shl(n, 4, UNIT_LOG2);
    uint64_t rem = pw_wide_div(n, 4, vi_uw), units = (uint64_t)n[1] << 32 | n[0];
    if (mw == 0)
        return 0;
    units += rem != 0 ? 2 : 1;
    return (n[2] | n[3]) != 0 || units > UINT32_MAX ? UINT32_MAX : (uint32_t)units;
}

int32_t pw_scale_power_mw(int64_t sum, uint64_t vi_uw, uint32_t samples)
{
    uint64_t mag = sum < 0 ? 0 - (uint64_t)sum : (uint64_t)sum;
    /* Down to 4 fractional bits of the power of two before the division: far below the rounding of 1 mW. */
    uint64_t t = pw_mul_shift(mag, vi_uw, SUM_LOG2 - 4), d = (uint64_t)samples * 1000 << 4;
    uint64_t mw = t > UINT64_MAX - d / 2 ? INT32_MAX : (t + d / 2) / d;
    if (mw > INT32_MAX)
        mw = INT32_MAX;
    return sum < 0 ? -(int32_t)mw : (int32_t)mw;
}

uint32_t pw_scale_rms(uint64_t square, uint32_t fs_peak, uint32_t samples)
{
    uint64_t mean_f50 = (square << 2) / samples << 2; /* u2.50: a line voltage reaches twice full scale */
    if (mean_f50 >> 52)
        mean_f50 = (UINT64_C(1) << 52) - 1; /* twice full scale is the most two inputs can show */
    uint64_t root_f31 = pw_isqrt64(mean_f50 << 12);
    return (uint32_t)((root_f31 * fs_peak + (UINT64_C(1) << 30)) >> 31);
}

uint32_t pw_scale_freq_mhz(const struct pw_rate *r, uint32_t cycles, uint32_t samples, uint32_t frac0_f24, uint32_t frac1_f24)
{
    uint64_t dur_f24 = ((uint64_t)samples << 24) + frac0_f24 - frac1_f24;
    uint64_t num = (uint64_t)cycles * r->clk_hz * 1000 << (24 - r->osr_log2); /* 6 + 38 + 15 bits */
    uint64_t den = dur_f24 * r->mod_div;
    return (uint32_t)((num + den / 2) / den);
}

uint32_t pw_scale_zc_frac(int32_t before_f23, int32_t after_f23)
{
    int64_t span = (int64_t)after_f23 - before_f23;
    if (before_f23 >= 0 || after_f23 < 0 || span <= 0)
        return 0;
    return (uint32_t)(((int64_t)after_f23 << 24) / span);
}

uint32_t pw_scale_beta(const struct pw_rate *r, uint32_t f_mhz)
{
    uint64_t x_f30 = f_mhz * PI_F30 / pw_scale_fs_mhz(r);
    uint64_t x2_f30 = x_f30 * x_f30 >> 30;
    uint64_t x3_f30 = x2_f30 * x_f30 >> 30, x5_f30 = x3_f30 * x2_f30 >> 30;
    uint64_t t_f30 = x_f30 + x3_f30 / 3 + 2 * x5_f30 / 15;
    uint64_t den = (UINT64_C(1) << 30) + t_f30;
    return (uint32_t)(((t_f30 << 20) + den / 2) / den);
}

uint32_t pw_scale_va(uint32_t v_mv, uint32_t i_ma)
{
    uint64_t s = ((uint64_t)v_mv * i_ma + 500) / 1000;
    return s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

int16_t pw_scale_pf(int32_t p_mw, uint32_t s_mva)
{
    if (s_mva == 0)
        return 0;
    int64_t pf = pw_div_round((int64_t)p_mw * 10000, s_mva);
    return (int16_t)(pf > 10000 ? 10000 : pf < -10000 ? -10000 : pf);
}
