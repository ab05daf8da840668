/* SPDX-License-Identifier: Apache-2.0 */
/* Bit-exact model of the whole front-end (rtl/frontend/pw_frontend.v): bitstreams in, registers and pulses out.
 * Not modelled: clock-level timing. The RTL shows a frame in its registers at most one frame time later. */
#ifndef PW_FE_MODEL_H
#define PW_FE_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include "curve_model.h"
#include "dec_model.h"
#include "int_model.h"

struct pw_fe {
    struct pw_dec dec;
    struct pw_int in;
    struct pw_ctcurve curve;
    bool     curves;  /* built with CT_CURVE = 1; set after pw_fe_init */
    unsigned n_ct, n_ch, mod_div;
    bool     locked, unsealed, irq;
    int32_t  sample[PW_INT_MAX_CH]; /* last sample set, sQ0.23, for plots and logs */
    void   (*pulse)(void *ctx, unsigned ct); /* called at each pulse, ct = 0 .. n_ct - 1; may be NULL */
    void    *pulse_ctx;
};

/** State after reset: sealed, not locked, delays 0.
 *  @param n_ct     current channels: 12, 24, 48, 54 are what the gateware is built for; 1 .. 60 work
 *  @param mod_div  system clocks per modulator clock, shown in CAPS
 *  The pulse hook is cleared: set it afterwards. */
void pw_fe_init(struct pw_fe *m, unsigned n_ct, unsigned mod_div);

/** Eight modulator clocks.
 *  @param bytes  n_ct + 3 bytes, one a channel, bit 0 = oldest
 *  @return true when they completed a sample set, which then has been processed */
bool pw_fe_push8(struct pw_fe *m, const uint8_t bytes[]);

/** Calibrated samples of the frame just processed, n_ct + 3 of sQ0.23 in channel order: what the RTL hands over on z_*. */
static inline const int32_t *pw_fe_z(const struct pw_fe *m) { return m->in.z; }

/** Processes one sample set (n_ct + 3 samples, sQ0.23) that did not come through push8; for tests and fast paths. */
void pw_fe_push_samples(struct pw_fe *m, const int32_t samples[]);

/** Bus access, as Wishbone would do it. @param offset  address - 0x80000000, 0x1000 .. 0x3FFF, a multiple of 4
 *  @return 0, or -1: bus error (no such register or channel; *value is untouched). Writes that the lock or the
 *  register forbids are ignored and return 0. Reading WINSEQ clears the interrupt. */
int pw_fe_read32(struct pw_fe *m, uint32_t offset, uint32_t *value);
int pw_fe_write32(struct pw_fe *m, uint32_t offset, uint32_t value);

/** Programming switch: true = open. */
void pw_fe_set_unsealed(struct pw_fe *m, bool unsealed);

/** Level of irq_o: a window was completed since WINSEQ was last read. */
bool pw_fe_irq(const struct pw_fe *m);

#endif
