/* SPDX-License-Identifier: Apache-2.0 */
#include "clock_text.h"

static void digits(struct pw_text *t, unsigned v, char before)
{
    if (before != 0)
        pw_text_char(t, before);
    pw_text_char(t, (char)('0' + v / 10 % 10));
    pw_text_char(t, (char)('0' + v % 10));
}

void pw_clock_text(struct pw_text *t, uint32_t utc)
{
    struct pw_civil c;
    pw_civil_from_s(&c, utc);
    digits(t, c.year / 100u, 0);
    digits(t, c.year % 100u, 0);
    digits(t, c.month, '-');
    digits(t, c.day, '-');
    digits(t, c.hour, ' ');
    digits(t, c.minute, ':');
    digits(t, c.second, ':');
}

const char *pw_clock_state_name(unsigned state)
{
    static const char *const name[] = {"starting", "no clock chip", "not set", "from chip", "set"};
    return state <= PW_CLOCK_SET ? name[state] : "?";
}
