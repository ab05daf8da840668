/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario of the calendar tier: what meter, what loads, what happens when. Text form: docs/calendar.md */
#ifndef PW_CAL_SCENARIO_H
#define PW_CAL_SCENARIO_H

#include "run.h"

#define CAL_MAX_ACTIONS 256u
#define CAL_WORD_B      160u

enum cal_action_kind {
    CAL_CUT, CAL_SET_TIME, CAL_RESET, CAL_CLOSE, CAL_TEST, CAL_SEAL, CAL_SCHEDULE, CAL_PROGRAM, CAL_CREEP, CAL_SCREEN, CAL_LOAD
};

struct cal_action {
    uint32_t utc_s;
    uint8_t  kind;              /* enum cal_action_kind */
    int32_t  value;             /* seconds, on or off, mW */
    bool     hard;              /* cut: without a warning */
    char     text[CAL_WORD_B];  /* file, program setting, load */
};

struct cal_scenario {
    struct pw_config  cfg;
    struct pw_program program;
    struct cal_load   load[PW_MAX_CT];
    char     schedule[CAL_WORD_B];  /* file; "": none */
    uint32_t start_utc_s, end_utc_s, window_s;
    uint64_t seed;
    bool     no_fram, no_flash, no_clock, clock_stopped;
    unsigned n_actions;
    struct cal_action action[CAL_MAX_ACTIONS];
};

/** @return false: told on stderr as FILE:LINE: reason */
bool cal_scenario_read(struct cal_scenario *s, const char *path);

/** Changes a program by a line of words as in the scenario file: "interval 15 3", "demand 0 w_del sliding 15 3" ...
 *  @return NULL, or what is wrong */
const char *cal_program_set(struct pw_program *p, char *words);

/** A file of a schedule (docs/tou.md) in its stored form. @return false: told on stderr */
bool cal_schedule_read(const char *path, uint8_t out[PW_TOU_SIZE_B]);

/** Gives the meter a schedule as a client would, the programming switch being open. @return PW_OK or what the books said */
int cal_schedule_put(struct cal_run *r, const uint8_t image[PW_TOU_SIZE_B]);

/** Makes the meter, starts it, gives it its schedule. @param trace, console  where they go; may be NULL @return false: told on stderr */
bool cal_scenario_start(struct cal_run *r, const struct cal_scenario *s, FILE *trace, FILE *console);

/** Runs it to its end. @return false: the meter did not start again or never came to rest */
bool cal_scenario_run(struct cal_run *r, const struct cal_scenario *s);

#endif
