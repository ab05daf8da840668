/* SPDX-License-Identifier: Apache-2.0 */
/* The gateware's CT curves (rtl/regs/pw_curve.rdl): tables by which it sets gain and delay of a CT after each window, sealed too. */
#ifndef PW_CT_CURVE_H
#define PW_CT_CURVE_H

#include <stdbool.h>

#include "hal.h"

#define PW_CT_CURVE_ZONES 8u

/** @return false if this gateware has none; then nothing below may be called */
bool pw_ct_curve_present(const struct pw_hal *hal);

/** Zone in force of CT k. @return false if none has been applied */
bool pw_ct_curve_zone(const struct pw_hal *hal, unsigned k, unsigned *zone);

/** The gateware leaves gain and delay of CT k alone. Ignored by the gateware when locked and sealed, as all writes here. */
void pw_ct_curve_disable(const struct pw_hal *hal, unsigned k);

/** Writes the table of CT k and enables it; it acts after the window under way.
 *  @param n  zones, 1 .. PW_CT_CURVE_ZONES; thresholds: n - 1, rising */
void pw_ct_curve_write(const struct pw_hal *hal, unsigned k, unsigned n, const uint32_t threshold[], const int16_t gain_f17[],
                       const uint8_t delay[]);

#endif
