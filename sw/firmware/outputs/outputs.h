/* SPDX-License-Identifier: Apache-2.0 */
/* LEDs and energy outputs of the panel: what is lit, every 10 ms. An output follows one total: each time that this passes a multiple of its
 * unit (half the weight where it is on for half of the energy, else the weight), the output changes, or gives one short pulse. So over any
 * time the number of changes is floor(total / unit) at its end less the same at its beginning, and whether it is on is the parity of
 * floor(total / unit): nothing is stored for it, after a power cut the phase comes from the restored total. Within a window the energy is spread
 * evenly over the ticks, so edges come one window late, at most a tick from where they belong. docs/display.md */
#ifndef PW_OUTPUTS_H
#define PW_OUTPUTS_H

#include <stdbool.h>

#include "config.h"
#include "snapshot.h"
#include "totals.h"

#define PW_OUTPUTS_TICK_MS     10u
#define PW_OUTPUTS_PULSE_TICKS 2u    /* a short pulse, and the least pause behind it: 25 pulses a second at most, halves 100 edges; */
                                     /* what comes faster is not lost but comes later */
#define PW_REVERSE_MIN_MA      1000u /* PRODUCTS E4: valid above 1 A */

struct pw_output {
    struct pw_program_output cfg;
    uint64_t total_e6;   /* of the last window, 1e-6 Wh, varh, VAh */
    uint64_t backlog_e6; /* of that: not passed on to `phase` yet */
    uint64_t step_e6;    /* passed on each tick */
    uint64_t phase_e6;   /* since the last edge; above the unit: edges that are due */
    bool     on;
    uint8_t  busy;       /* ticks until the next short pulse may begin */
};

struct pw_outputs {
    struct pw_output out[PW_MAX_OUTPUTS];
    uint64_t points;     /* bit i: point i counts in PW_OUT_ALL_POINTS */
    uint16_t ticks;      /* since the last window */
    uint8_t  n;
    uint8_t  steady;     /* enum pw_led: power, reverse, load */
};

/** All phases from the totals: at start, when these have been restored, before the first window. */
void pw_outputs_init(struct pw_outputs *o, const struct pw_program *p, const struct pw_totals *totals, const struct pw_config *cfg);

/** After each published window, when the points have counted it. Outputs that the program or the configuration has changed begin anew. */
void pw_outputs_window(struct pw_outputs *o, const struct pw_program *p, const struct pw_totals *totals, const struct pw_config *cfg,
                       const struct pw_snapshot *s);

/** Every PW_OUTPUTS_TICK_MS. @return LEDs and outputs that are on: enum pw_led, all but status and fault */
unsigned pw_outputs_tick(struct pw_outputs *o);

#endif
