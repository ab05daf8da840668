/* SPDX-License-Identifier: Apache-2.0 */
/* Bit-exact model of rtl/frontend/pw_ct_curve.v: gain and delay of each CT by the size of its current, zone by zone.
 * One call a frame. Tables as in rtl/regs/pw_curve.rdl, meaning and figures: docs/calibration.md. */
#ifndef PW_CURVE_MODEL_H
#define PW_CURVE_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include "int_model.h"

enum {
    PW_CTCURVE_N_TH = 7, PW_CTCURVE_N_ZONES = 8,
    PW_CTCURVE_CTRL = 7, PW_CTCURVE_ZONE = 8, /* words of a table; 0 .. 6 are the thresholds */
    PW_CTCURVE_WORDS = 16,
    PW_CTCURVE_SQUARE0 = PW_INT_SUM0 + 5, PW_CTCURVE_SQUARE1 = PW_INT_SUM1 + 5, /* bank words: high word of the sum of squares */
    PW_CTCURVE_MAX_CT = 54,
};

struct pw_ctcurve {
    uint32_t table[PW_CTCURVE_MAX_CT][PW_CTCURVE_WORDS];
    bool     round;      /* the CTs are being visited */
    unsigned next;       /* CT of the next frame */
};

struct pw_ctcurve_delay {
    uint8_t ch, clocks;
};

void pw_ctcurve_init(struct pw_ctcurve *c);

/** Register access. @param offset  from the block's start, a multiple of 4
 *  @return 0, or -1: no such CT (*value untouched). A write with `open` false is ignored and returns 0. */
int pw_ctcurve_read(const struct pw_ctcurve *c, unsigned n_ct, uint32_t offset, uint32_t *value);
int pw_ctcurve_write(struct pw_ctcurve *c, unsigned n_ct, uint32_t offset, uint32_t value, bool open);

/** To be called after each frame of `in`. May change the gain field of one CT's CFG word.
 *  @param closed  what pw_int_frame returned
 *  @param[out] delay  to be given to the decimator if true is returned */
bool pw_ctcurve_frame(struct pw_ctcurve *c, struct pw_int *in, bool closed, struct pw_ctcurve_delay *delay);

#endif
