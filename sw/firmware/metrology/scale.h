/* SPDX-License-Identifier: Apache-2.0 */
/* From gateware numbers to engineering units, in integers. Pure functions.
 * vi_uw: product of the full scales, v_fs_mv * i_fs_ma, in microwatts (at most 4e13). */
#ifndef PW_SCALE_H
#define PW_SCALE_H

#include <stdint.h>

/* What the sample rate comes from: fs = clk_hz / (mod_div * 2^osr_log2). */
struct pw_rate {
    uint32_t clk_hz;
    uint8_t  mod_div;
    uint8_t  osr_log2;
};

/** Sample rate in mHz, rounded. */
uint32_t pw_scale_fs_mhz(const struct pw_rate *r);

/** Microwatt hours (or microvar hours) per gateware unit of energy, u32.64, floor. Relative error below 2^-40 for any full scale,
 *  2^-63 at 500 V and 800 A: at most 1 uWh in 10^12 or 10^18. */
void pw_scale_energy(const struct pw_rate *r, uint64_t vi_uw, uint32_t k_f64[3]);

/** Pulse weight in energy units, rounded. 0, that is no pulses, for mwh = 0 and for weights above 2^31 units (the configuration check
 *  must not let them pass: some 1490 Wh at 500 V and 800 A). */
uint32_t pw_scale_quantum(const struct pw_rate *r, uint64_t vi_uw, uint32_t mwh);

/** No-load threshold for a window of `samples`, energy units, rounded up and one more, as what the sums carry from window to window may
 *  add one: what is below mw never counts. 0 mW: 0, all counts. UINT32_MAX: nothing counts. */
uint32_t pw_scale_creep(uint64_t vi_uw, uint32_t mw, uint32_t samples);

/** Mean power in mW (or mvar) of a window sum, half away from zero, saturated at +-(2^31 - 1).
 *  @param samples  1 .. 8191 */
int32_t pw_scale_power_mw(int64_t sum, uint64_t vi_uw, uint32_t samples);

/** Root mean square in the unit of `fs_peak` (mV, mA), rounded. @param square  window sum, at most samples * 2^48 */
uint32_t pw_scale_rms(uint64_t square, uint32_t fs_peak, uint32_t samples);

/** Line frequency in mHz. @param frac0_f24, frac1_f24  see pw_scale_zc_frac, at the start and the end of the window; 0 if no cycles */
uint32_t pw_scale_freq_mhz(const struct pw_rate *r, uint32_t cycles, uint32_t samples, uint32_t frac0_f24, uint32_t frac1_f24);

/** How long before the sample `after` the zero crossing was, in samples, u0.24. @param before_f23 < 0 <= after_f23 */
uint32_t pw_scale_zc_frac(int32_t before_f23, int32_t after_f23);

/** FE.QUAD.beta for a line frequency: b = 2 t / (1 + t), t = tan(pi f / fs); u.19, 0 < f < fs / 16. */
uint32_t pw_scale_beta(const struct pw_rate *r, uint32_t f_mhz);

/** Apparent power in mVA, saturated at 2^32 - 1. */
uint32_t pw_scale_va(uint32_t v_mv, uint32_t i_ma);

/** Power factor x 10^4, -10000 .. 10000; 0 if s_mva is 0. */
int16_t pw_scale_pf(int32_t p_mw, uint32_t s_mva);

#endif
