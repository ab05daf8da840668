/* SPDX-License-Identifier: Apache-2.0 */
#include "pages.h"
#include "waveform.h"

static void line(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_waveform *w = PW_VIEW(d, waveform);
    if (row == 0)
        pw_text_fmt(t, "Waveform %s", w == NULL ? "" : pw_wave_state_name(w->state));
    else if (w == NULL || (row > 1 && w->cause == PW_WAVE_NONE))
        return;
    else if (row == 1)
        pw_text_fmt(t, "Captures%6u", w->captures);
    else if (row == 2)
        pw_text_fmt(t, "Last: %s", pw_wave_cause_name(w->cause));
    else
        pw_text_fmt(t, "at%14.63llu s", w->time_us);
}

const struct pw_page pw_page_waveform = {line, NULL};
