/* SPDX-License-Identifier: Apache-2.0 */
/* Distortion, harmonics, voltage events. */
#include "commands.h"
#include "spectrum.h"
#include "voltage_events.h"

static void percent(struct pw_text *t, uint16_t e4)
{
    pw_text_fmt(t, e4 == PW_SPECTRUM_NO_THD ? "      -- %%" : "%8.22u %%", e4);
}

/* @return NULL after saying why */
static struct pw_spectrum *spectrum(struct pw_console *c, struct pw_text *t)
{
    struct pw_spectrum *s = PW_VIEW(c, spectrum);
    if (s != NULL && s->passes != 0)
        return s;
    pw_text_str(t, s != NULL && s->present ? "no spectrum yet" : "not available: no analysis block in this gateware");
    return NULL;
}

static bool say_thd(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_spec_ct ct;
    if (line >= PW_N_V + c->cfg->n_ct)
        return false;
    const struct pw_spectrum *s = spectrum(c, t);
    if (s == NULL)
        return line == 0;
    if (line < PW_N_V) {
        pw_text_fmt(t, "%s%10.33llu V  THD", pw_vsel_name(line), pw_spectrum_rms(s, line));
        percent(t, s->thd_e4[line]);
        return true;
    }
    if (pw_spectrum_ct(s, line - PW_N_V, &ct) != PW_OK)
        return false;
    pw_text_fmt(t, "%2u%10.64lu A  THD", line - PW_N_V + 1, ct.i1_ua);
    percent(t, ct.thd_e4);
    pw_text_fmt(t, " P1%10.31ld W Q1%10.31ld var Ph%9.31ld W PF1%8.44d", ct.p1_mw, ct.q1_mvar, ct.ph_mw, ct.dpf_e4);
    return true;
}

static bool say_harmonics(struct pw_console *c, unsigned ch, unsigned line, struct pw_text *t)
{
    enum { A_LINE = 5 };
    struct pw_spectrum *s = spectrum(c, t);
    if (s == NULL)
        return line == 0;
    if (line == 0 && (s->held.ch != ch || s->held.state != PW_HARM_READY)) {
        if (s->held.ch != ch && pw_spectrum_request(s, ch) != PW_OK)
            return false;
        pw_text_str(t, "being measured: ask again in a second");
        return true;
    }
    if (s->held.ch != ch || s->held.state != PW_HARM_READY || line * A_LINE >= PW_ANA_HARMONICS)
        return false;
    for (unsigned i = 0; i < A_LINE; i++) {
        struct pw_spec_harmonic h = pw_spectrum_harmonic(s, &s->held, line * A_LINE + i + 1);
        pw_text_fmt(t, "%3u:%8.33lu%% @%4.20d", line * A_LINE + i + 1, h.ratio_e5, h.angle_cdeg);
    }
    return true;
}

static bool say_harm(struct pw_console *c, unsigned line, struct pw_text *t)
{
    return say_harmonics(c, PW_N_V + c->arg, line, t);
}

static bool say_harmv(struct pw_console *c, unsigned line, struct pw_text *t)
{
    if (c->arg < PW_N_V)
        return say_harmonics(c, c->arg, line, t);
    pw_text_str(t, "? which voltage? 1, 2 or 3");
    return line == 0;
}

static bool say_vevents(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_voltage_events *e = PW_VIEW(c, voltage_events);
    const struct pw_vevent *v = e != NULL && line > 0 ? pw_vevents_get(e, line - 1) : NULL;
    if (line == 0) {
        pw_text_fmt(t, "voltage events %lu, %s", e != NULL ? e->count : 0, e != NULL && e->present ? "by half cycles" : "coarse: by 10/12 cycles");
        return true;
    }
    if (v == NULL)
        return false;
    pw_text_fmt(t, "%lu%s%c at %.63llu s for ", v->number, pw_text_nth("?\0 sag \0 swell \0 interruption \0", v->kind & 3u), 'A' + v->phase, v->start_us);
    pw_text_fmt(t, v->active ? "?" : "%.33lu", v->duration_ms);
    pw_text_fmt(t, " s, %.32lu V of %.32lu V", v->level_mv, v->ref_mv);
    return true;
}

const struct pw_command pw_cmd_thd = {"thd", "distortion, fundamental and harmonic power", say_thd, PW_ARG_NONE};
const struct pw_command pw_cmd_harm = {"harm", "harm N: harmonics of CT N's current", say_harm, PW_ARG_CT};
const struct pw_command pw_cmd_harmv = {"harmv", "harmv N: harmonics of voltage N", say_harmv, PW_ARG_CT};
const struct pw_command pw_cmd_vevents = {"vevents", "sags, swells, interruptions", say_vevents, PW_ARG_NONE};
