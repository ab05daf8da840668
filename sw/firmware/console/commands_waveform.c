/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "waveform.h"

static bool say_wave(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_waveform *w = PW_VIEW(c, waveform);
    if (line > 0)
        return false;
    pw_text_fmt(t, "waveform %s", w == NULL ? "absent" : pw_wave_state_name(w->state));
    if (w == NULL)
        return true;
    pw_text_fmt(t, " captures %u last %s at %.63llu s frames %lu", w->captures, pw_wave_cause_name(w->cause), w->time_us,
                w->state == PW_WAVE_COMPLETE ? w->n_frames : 0);
    return true;
}

const struct pw_command pw_cmd_wave = {"wave", "waveform capture: state, cause, time", say_wave, PW_ARG_NONE};
