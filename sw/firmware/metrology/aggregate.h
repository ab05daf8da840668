/* SPDX-License-Identifier: Apache-2.0 */
/* Sums over a block of windows, about a second, and their way to engineering units. A window is a whole number of samples but not of
 * cycles to the sample, which makes one window of 0.2 s wrong by up to 0.05 %; over a block only the block's two ends are left.
 * Pure functions. Formulas and measured errors: docs/quantities.md. */
#ifndef PW_AGGREGATE_H
#define PW_AGGREGATE_H

#include "frontend.h"

/* The gateware begins P and Q of a CT with the low word that the window before left over (docs/metrology.md). So the high words of all windows
 * and the last low word, less the first carry, are the block's exact sum of products. */
struct pw_agg {
    int64_t  p, q;   /* high words so far, less the carry */
    uint64_t square; /* modulo 2^64 */
};

struct pw_agg_sums {
    int64_t  p, q;
    uint64_t square;
};

/** Begins a block when the window before is not known. */
void pw_agg_restart(struct pw_agg *a);

/** Adds a window. Afterwards pw_agg_close gives the sums up to and with it. */
void pw_agg_add(struct pw_agg *a, const struct pw_fe_channel *c);

/** Ends the block with the window that was added last, and begins the next one behind it. */
struct pw_agg_sums pw_agg_close(struct pw_agg *a, const struct pw_fe_channel *c);

/** Mean power in mW (mvar), half away from zero, saturated at +-(2^31 - 1).
 *  @param vi_uw    product of the full scales, 1 .. 4e13
 *  @param span_f8  length of the block in samples, u.8, 256 .. 2^23 */
int32_t pw_agg_power_mw(int64_t sum, uint64_t vi_uw, uint32_t span_f8);

/** Mean square as a fraction of full scale squared, u2.62, saturated just below 4. */
uint64_t pw_agg_mean_f62(uint64_t square, uint32_t span_f8);

/** Voltage in mV. @param fs_mv  peak voltage at full scale */
uint32_t pw_agg_volts_mv(uint64_t square, uint32_t fs_mv, uint32_t span_f8);

/** Current in uA, the input's own noise taken off in quadrature. @param noise_ua  0 .. 65535 */
uint64_t pw_agg_amps_ua(uint64_t square, uint32_t fs_ma, uint32_t span_f8, uint32_t noise_ua);

#endif
