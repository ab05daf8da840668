/* SPDX-License-Identifier: Apache-2.0 */
#include "clock_text.h"
#include "pages.h"

static void line(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    static const char days[] = "Sunday\0Monday\0Tuesday\0Wednesday\0Thursday\0Friday\0Saturday\0";
    const struct pw_clock *c = PW_VIEW(d, clock);
    struct pw_civil now;
    if (c == NULL)
        return;
    pw_civil_from_s(&now, pw_clock_now(c, NULL));
    switch (row) {
    case 0:
        pw_clock_text(t, pw_clock_now(c, NULL));
        break;
    case 1:
        pw_text_fmt(t, "%s, UTC", pw_text_nth(days, now.weekday));
        break;
    case 2:
        pw_text_fmt(t, "Clock %s", pw_clock_state_name(c->state));
        break;
    default:
        pw_text_fmt(t, "Timer%8.31ld ppm", -c->rate_ppb);
    }
}

const struct pw_page pw_page_clock = {line, NULL};
