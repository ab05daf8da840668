/* SPDX-License-Identifier: Apache-2.0 */
/* Command line of pwsim. */
#ifndef PW_RUN_OPTIONS_H
#define PW_RUN_OPTIONS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PW_RUN_MAX_KEYS 64
#define PW_RUN_MAX_TURNS 16
#define PW_RUN_KEY_S 0.2                       /* a button of --keys is down this long if nothing else is said */
#define PW_RUN_TURN_S 0.5                      /* the same of --key-switch */

struct pw_run_key { double at_s; double for_s; uint8_t button; };   /* button: bit of enum pw_board_button */
struct pw_run_turn { double at_s, for_s; };

struct pw_run_opts {
    const char *scenario, *wave, *map;         /* exactly one of the first two */
    const char *truth, *samples, *screen, *report, *console, *ready, *windows;   /* output files, NULL = none */
    const char *fram, *flash;                  /* content of the parts, NULL = memory only */
    uint32_t fram_size_b;                      /* 0: by its file, 128 KiB if it is new */
    const char *pty_dir, *firmware;
    const char *profile;                       /* program of a new FRAM, NULL = none: the firmware's default */
    const char *rtc;                           /* time of the clock chip, "YYYY-MM-DDThh:mm:ss", "stopped" or "none"; NULL = this PC's */
    double seconds;                            /* metered time; < 0 = without end */
    double linger;                             /* wall seconds after it */
    double power_fail_s;                       /* the supply warns from then on; 0 = never */
    bool realtime, panel, hold, unsealed;
    int port;                                  /* Modbus port on the PC, 0 = any */
    uint64_t seed;
    unsigned n_ct;
    struct pw_run_key key[PW_RUN_MAX_KEYS];    /* in order of time */
    unsigned n_keys;
    struct pw_run_turn turn[PW_RUN_MAX_TURNS]; /* of the key switch, in order of time */
    unsigned n_turns;
};

/** @return 0: go on; 1: help was printed, stop with success; -1: one line in err */
int pw_run_options(struct pw_run_opts *o, int argc, char **argv, const char *tier, char *err, size_t err_n);
#endif
