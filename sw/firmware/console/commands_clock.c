/* SPDX-License-Identifier: Apache-2.0 */
#include "clock_text.h"
#include "commands.h"

static bool say_time(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_clock *k = PW_VIEW(c, clock);
    if (line > 0 || k == NULL)
        return false;
    pw_clock_text(t, pw_clock_now(k, NULL));
    pw_text_fmt(t, " UTC, %s, timer %.33ld ppm, chip trim %.31ld ppm", pw_clock_state_name(k->state), -k->rate_ppb, (int32_t)k->trim_steps * 1017);
    return true;
}

const struct pw_command pw_cmd_time = {"time", "time, and how well it is kept", say_time, PW_ARG_NONE};
