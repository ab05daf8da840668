/* SPDX-License-Identifier: Apache-2.0 */
#include "clock_text.h"

void pw_clock_text(struct pw_text *t, uint32_t utc)
{
    struct pw_civil c;
    pw_civil_from_s(&c, utc);
    pw_text_fmt(t, "%04u-%02u-%02u %02u:%02u:%02u", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

const char *pw_clock_state_name(unsigned state)
{
    return pw_text_nth("starting\0no clock chip\0not set\0from chip\0set\0", state);
}
