/* SPDX-License-Identifier: Apache-2.0 */
/* A front-end without a CPU: the bit-exact model (tier_model.c) or the Verilated RTL (tier_rtl.cpp). */
#ifndef PW_ACC_TIER_H
#define PW_ACC_TIER_H

#include <stdio.h>

#include "sw/firmware/drivers/hal.h"
#include "stimulus.h"

struct pw_acc_tier;

extern const char pw_acc_tier_name[];

/** After reset. @param stim  gives the bits; must live as long as the tier
 *  @return NULL: the program was built for another number of channels, or a table of the gateware is missing (err says so) */
struct pw_acc_tier *pw_acc_tier_open(struct pw_acc_stim *stim, unsigned mod_div, unsigned clk_mhz, char *err, size_t err_n);
void pw_acc_tier_close(struct pw_acc_tier *t);

/** What the firmware sees: front-end registers; time. A bus access takes time in the RTL. */
const struct pw_hal *pw_acc_tier_hal(const struct pw_acc_tier *t);

/** Lets time pass until the next sample set has gone through the front-end. */
void pw_acc_tier_frame(struct pw_acc_tier *t);

/** Model only: processes one sample set (n_ch samples, sQ0.23) as if the decimator had given it. */
void pw_acc_tier_push(struct pw_acc_tier *t, const int32_t samples[]);

/** Sample sets so far. */
uint64_t pw_acc_tier_frames(const struct pw_acc_tier *t);

/** Each set first .. last - 1 goes to a file, n_ch int32 as the decimator gives them (sQ0.23); also those that pass while the firmware
 *  reads registers. */
void pw_acc_tier_log(struct pw_acc_tier *t, FILE *file, uint64_t first, uint64_t last);

/** Index of the sample set that began window `seq` + 1, that is, ended window `seq`; of the last 16 windows. */
uint64_t pw_acc_tier_window_end(const struct pw_acc_tier *t, uint16_t seq);

/** Pulses of a CT so far, and the sample set in which the last one came. */
uint32_t pw_acc_tier_pulses(const struct pw_acc_tier *t, unsigned ct, uint64_t *frame);

/** The front-end lost samples or answered with an error on the bus. */
unsigned pw_acc_tier_faults(const struct pw_acc_tier *t);

#endif
