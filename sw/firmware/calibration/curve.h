/* SPDX-License-Identifier: Apache-2.0 */
/* From the error table of a CT type (struct pw_config_curve) to what the gateware applies: up to 8 zones of current, each with one
 * gain and one delay. The zones are laid so that the largest error left over is as small as 8 zones allow. Method: docs/calibration.md */
#ifndef PW_CURVE_H
#define PW_CURVE_H

#include <stdbool.h>

#include "config.h"
#include "scale.h"

#define PW_CURVE_ZONES 8u

/* Zones of a table: zone i reaches up to, and not including, limit_e4[i]; the last has no end. */
struct pw_curve_fit {
    uint8_t  n;                             /* zones, 1 .. PW_CURVE_ZONES */
    uint16_t limit_e4[PW_CURVE_ZONES - 1];  /* current, 0.01 % of rated */
    int16_t  ratio_e6[PW_CURVE_ZONES];      /* errors that are taken off in the zone */
    int16_t  phase_cmin[PW_CURVE_ZONES];
    uint32_t left_e6;                       /* largest error left at PF 0.5 lagging or 1, in 1e-6 of the power, on the table's points and between */
};

/* What a CT's channel is to be given. */
struct pw_curve_plan {
    uint8_t  n;                             /* zones; 1: no table needed */
    uint8_t  rated;                         /* zone at rated current: what is used where the gateware has no curves */
    bool     clamped;                       /* a gain or delay did not fit its register and was cut */
    uint32_t threshold[PW_CURVE_ZONES - 1]; /* high word of the window's sum of squares */
    int16_t  gain_f17[PW_CURVE_ZONES];
    uint8_t  delay[PW_CURVE_ZONES];         /* modulator clocks */
};

/** Errors of a table at a current: on a straight line over its logarithm between two points, beyond them the nearest; 0 if n = 0. */
void pw_curve_at(const struct pw_config_curve *c, uint32_t level_e4, int32_t *ratio_e6, int32_t *phase_cmin);

/** @param c  a table that passed pw_config_check; n = 0 gives one zone without correction. Takes some 50 000 instructions. */
void pw_curve_fit(const struct pw_config_curve *c, struct pw_curve_fit *fit);

/** Modulator clocks by which every channel is delayed besides, so that no CT needs a delay below 0 (a lagging CT asks for one). */
uint32_t pw_curve_shift(const struct pw_config *cfg, const struct pw_rate *rate);

/** Own calibration and curve of CT k together.
 *  @param samples  of a nominal window
 *  @param shift    of pw_curve_shift */
void pw_curve_plan(const struct pw_config *cfg, const struct pw_rate *rate, unsigned k, uint32_t samples, uint32_t shift,
                   struct pw_curve_plan *plan);

/** Modulator clocks that a phase displacement lasts at the nominal frequency, rounded; leading = positive. */
int32_t pw_curve_clocks(const struct pw_config *cfg, const struct pw_rate *rate, int32_t phase_cmin);

#endif
