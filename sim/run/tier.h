/* SPDX-License-Identifier: Apache-2.0 */
/* What the runner needs of a tier. Each program (pwsim-model, pwsim-rtl) links one implementation. */
#ifndef PW_RUN_TIER_H
#define PW_RUN_TIER_H
#include <stddef.h>
#include <stdint.h>
#include "sim/analog/panel.h"
#include "sim/parts/board.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pw_tier;

struct pw_tier_hooks {
    void *ctx;
    /* A window has been completed; seq as FE.WINSEQ.seq now reads. frame: sample set (0 = first since reset) that begins the new window. */
    void (*window)(void *ctx, unsigned seq, uint64_t frame);
    /* A sample set, sQ0.23, channels in order. */
    void (*frame)(void *ctx, uint64_t frame, const int32_t *sample);
};

struct pw_tier_opts {
    unsigned n_ct;
    const char *firmware;              /* program image, RTL tier; NULL = default */
    struct pw_board *board;
    struct pw_panel *panel;
    struct pw_tier_hooks hooks;
};

struct pw_tier_status {
    uint64_t clk;                      /* system clocks since reset */
    unsigned bus_errors, cpu_resets;
    uint64_t n_frames;
};

extern const char pw_tier_name[];      /* "model" or "rtl" */

/** Clocks of a configuration. @return 0, or -1 with one line in err if this program cannot do n_ct channels */
int pw_tier_clocks(unsigned n_ct, unsigned *clk_mhz, unsigned *mod_div, char *err, size_t err_n);
/** @return NULL with one line in err */
struct pw_tier *pw_tier_open(const struct pw_tier_opts *o, char *err, size_t err_n);
void pw_tier_close(struct pw_tier *t);
/** Simulates up to system clock `clk` (at least one step of 8 modulator clocks), serving the board. */
void pw_tier_run_to(struct pw_tier *t, uint64_t clk);
/** Word of a channel in the front-end's bank (pw_fe_channel in rtl/regs), as it is now, without a bus access. */
uint32_t pw_tier_bank(const struct pw_tier *t, unsigned ch, unsigned word);
void pw_tier_status(const struct pw_tier *t, struct pw_tier_status *s);

#ifdef __cplusplus
}
#endif
#endif
