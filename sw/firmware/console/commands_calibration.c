/* SPDX-License-Identifier: Apache-2.0 */
/* `cal`: where the guided calibration stands, and what its last step found. */
#include "calibration.h"
#include "commands.h"

static const char *result_name(unsigned result)
{
    return pw_text_nth("none\0good\0unstable\0bad signal\0beyond limits\0beyond range\0ended from outside\0", result);
}

static void found(struct pw_text *t, const struct pw_calibration *c, unsigned ch, const char *result)
{
    const struct pw_cal_channel *o = &c->ch[ch];
    bool ct = ch >= PW_N_V;
    pw_text_fmt(t, "%s %u %s %s %.44ld %%", ct ? "ct" : "voltage", ct ? ch - PW_N_V + 1u : ch + 1u, result,
                c->step == PW_CAL_NOLOAD ? "offset" : "error", o->found.error_e6);
    if (c->step == PW_CAL_NOLOAD)
        pw_text_fmt(t, " of full scale, noise %ld uA", o->found.gain_f17);
    else if (ct)
        pw_text_fmt(t, " late %.33ld degrees", o->found.phase_mdeg);
}

static bool say_cal(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_calibration *cal = PW_VIEW(c, calibration);
    if (cal == NULL)
        return false;
    if (line == 0) {
        pw_text_fmt(t, "calibration %s, step %s, result %s, blocks %u of %u", pw_text_nth("idle\0ready\0measuring\0", cal->state),
                    pw_text_nth("none\0begin\0voltages\0gain\0phase\0no load\0verify\0", cal->step), result_name(cal->result), cal->taken, cal->blocks);
        return true;
    }
    unsigned n = PW_N_V + c->cfg->n_ct, shown = 0;
    if (cal->state == PW_CAL_MEASURING)
        return false;
    for (unsigned ch = 0; ch < n; ch++)
        if (cal->ch[ch].result != PW_CAL_NONE && ++shown == line) {
            found(t, cal, ch, result_name(cal->ch[ch].result));
            return true;
        }
    return false;
}

const struct pw_command pw_cmd_cal = {"cal", "calibration: state, what the last step found", say_cal, PW_ARG_NONE};
