/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the console. A feature brings its own in a file console/commands_<feature>.c, declared here and listed in console.c. */
#ifndef PW_COMMANDS_H
#define PW_COMMANDS_H

#include <stdbool.h>

#include "console.h"
#include "text.h"

struct pw_command {
    const char *name, *text;
    bool (*say)(struct pw_console *c, unsigned line, struct pw_text *t); /* @return false: no such line, the answer is over */
    bool takes_ct; /* c->arg is a CT, from 0 */
};

extern const struct pw_command pw_cmd_info, pw_cmd_volts, pw_cmd_cts, pw_cmd_ct, pw_cmd_points, pw_cmd_stats, pw_cmd_tasks, pw_cmd_config, pw_cmd_reboot;
extern const struct pw_command pw_cmd_wave, pw_cmd_time;
extern const struct pw_command pw_cmd_wiring;
extern const struct pw_command pw_cmd_cal;
extern const struct pw_command pw_cmd_thd, pw_cmd_harm, pw_cmd_harmv, pw_cmd_vevents;

/** "name" value "unit" */
void pw_say_field(struct pw_text *t, const char *name, uint32_t v, const char *unit);

#endif
