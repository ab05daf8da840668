/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the console. A feature brings its own in a file console/commands_<feature>.c, declared here and listed in console.c. */
#ifndef PW_COMMANDS_H
#define PW_COMMANDS_H

#include <stdbool.h>

#include "console.h"
#include "text.h"

/* What may follow the name. */
enum pw_command_arg {
    PW_ARG_NONE,
    PW_ARG_CT,    /* c->arg is a CT, from 0; so too a point */
    PW_ARG_POINT,
    PW_ARG_COUNT, /* c->arg is 1 .. 200; 10 if nothing follows */
    PW_ARG_WORDS, /* anything: pw_console_words */
};

struct pw_command {
    const char *name, *text;
    bool (*say)(struct pw_console *c, unsigned line, struct pw_text *t); /* @return false: no such line, the answer is over. c->wait: not now */
    uint8_t arg;  /* enum pw_command_arg */
};

extern const struct pw_command pw_cmd_info, pw_cmd_volts, pw_cmd_cts, pw_cmd_ct, pw_cmd_points, pw_cmd_stats, pw_cmd_tasks, pw_cmd_config, pw_cmd_reboot;
extern const struct pw_command pw_cmd_wave, pw_cmd_time;
extern const struct pw_command pw_cmd_wiring;
extern const struct pw_command pw_cmd_cal;
extern const struct pw_command pw_cmd_thd, pw_cmd_harm, pw_cmd_harmv, pw_cmd_vevents;

extern const struct pw_command pw_cmd_registers, pw_cmd_demand, pw_cmd_tariff, pw_cmd_closes, pw_cmd_seal, pw_cmd_test, pw_cmd_reset, pw_cmd_profile;
extern const struct pw_command pw_cmd_intervals, pw_cmd_events, pw_cmd_changes;

/** What follows the name of a PW_ARG_WORDS command. */
const char *pw_console_words(const struct pw_console *c);

#endif
