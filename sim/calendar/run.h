/* SPDX-License-Identifier: Apache-2.0 */
/* A meter in its world, run by the window. All of its state is in struct cal_run and what it points to. */
#ifndef PW_CAL_RUN_H
#define PW_CAL_RUN_H

#include "app.h"
#include "world.h"

/* A customer: a random walk between two powers, with the sun on the roof. */
struct cal_load {
    int32_t min_mw, max_mw, step_mw;  /* of the walk */
    int32_t sun_mw;                   /* produced at noon in clear sky; 0: none */
    int32_t tan_e3;                   /* Q / |P|, 0.001 */
    int32_t now_mw;                   /* of the walk */
};

struct cal_run {
    struct cal_world *w;
    struct pw_hal hal;
    struct pw_app app;
    struct cal_load load[PW_MAX_CT];
    uint64_t load_seed;
    uint32_t window_s;
    uint64_t last_us;                 /* world time: energy has been fed up to here */
    FILE    *trace;
    uint64_t polls, windows, powered_us;
    unsigned settle_polls_max, extra_windows;
};

/** A new meter: blank memories with the configuration and the program in them, as they leave the factory.
 *  @return false: these do not pass their checks (told on stderr) */
bool cal_run_new(struct cal_run *r, const struct pw_config *cfg, const struct pw_program *p, uint64_t seed, uint32_t utc_s);
void cal_run_free(struct cal_run *r);

/** Power up, until the clock is known; registers are as they were restored, no window has been fed. @return false: it does not come up in 10 s */
bool cal_boot(struct cal_run *r);

/** The same, and a first window, with which the books start. */
bool cal_start(struct cal_run *r);

/** The power goes, and comes back after so long; not yet started again. `hold`: with a power-fail warning 20 ms before.
 *  setjmp(r->w->cut) must be set for a cut within an operation. */
void cal_cut(struct cal_run *r, uint64_t off_us, bool hold);

/** One pass of the main loop, `us` after the last one. */
void cal_poll(struct cal_run *r, unsigned us);

/** UTC as the meter has it. */
uint32_t cal_now(const struct cal_run *r);

/** Time jumps to the millisecond after the meter's clock has come to a second. Nothing if it has passed. */
void cal_until(struct cal_run *r, uint32_t utc_s);

/** Feeds what has flowed since the last time, until it is published. */
void cal_feed(struct cal_run *r);

/** Runs until nothing is left to do; where that takes seconds, with windows of 1 s. @return false: never came to rest */
bool cal_settle(struct cal_run *r);

/** Nothing is under way in the meter. */
bool cal_idle(const struct cal_run *r);

/** cal_until, cal_feed, cal_settle */
bool cal_window(struct cal_run *r, uint32_t utc_s);

/** The next second at which a window ends: a multiple of window_s of the meter's clock. */
uint32_t cal_next(const struct cal_run *r);

#endif
