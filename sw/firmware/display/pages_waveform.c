/* SPDX-License-Identifier: Apache-2.0 */
#include "pages.h"
#include "waveform.h"

static void line(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_waveform *w = PW_VIEW(d, waveform);
    if (row == 0)
        pw_text_str(t, "Waveform ");
    if (w == NULL)
        return;
    switch (row) {
    case 0:
        pw_text_str(t, pw_wave_state_name(w->state));
        break;
    case 1:
        pw_text_str(t, "Captures");
        pw_text_u64(t, w->captures, 6);
        break;
    case 2:
        if (w->cause != PW_WAVE_NONE) {
            pw_text_str(t, "Last: ");
            pw_text_str(t, pw_wave_cause_name(w->cause));
        }
        break;
    default:
        if (w->cause != PW_WAVE_NONE) {
            pw_text_str(t, "at");
            pw_text_fixed(t, (int64_t)(w->time_us / 1000u), 3, 3, 14);
            pw_text_str(t, " s");
        }
    }
}

const struct pw_page pw_page_waveform = {line, NULL};
