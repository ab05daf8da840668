/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of distortion and of voltage events. */
#include "pages.h"
#include "spectrum.h"
#include "voltage_events.h"

static void percent(struct pw_text *t, uint16_t e4)
{
    pw_text_fmt(t, e4 == PW_SPECTRUM_NO_THD ? "     -- %%" : "%7.21u %%", e4);
}

static const struct pw_spectrum *spectrum(const struct pw_display *d)
{
    const struct pw_spectrum *s = PW_VIEW(d, spectrum);
    return s != NULL && s->passes != 0 ? s : NULL;
}

static unsigned thd_items(const struct pw_display *d)
{
    return spectrum(d) != NULL ? d->cfg->n_ct : 0;
}

static void ct_line(const struct pw_display *d, const struct pw_spectrum *s, unsigned row, struct pw_text *t)
{
    struct pw_spec_ct c;
    if (pw_spectrum_ct(s, d->item, &c) != PW_OK)
        return;
    switch (row) {
    case 0:
        pw_text_fmt(t, "CT %2u  THD", d->item + 1u);
        percent(t, c.thd_e4);
        break;
    case 1:
        pw_text_fmt(t, "I1 %13.64lu A", c.i1_ua);
        break;
    case 2:
        pw_text_fmt(t, "P1 %11.31ld W", c.p1_mw);
        break;
    default:
        pw_text_fmt(t, "Ph %8.31ld PF1%5.42d", c.ph_mw, c.dpf_e4);
    }
}

static void thd_line(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_spectrum *s = spectrum(d);
    if (s != NULL && d->inside) {
        ct_line(d, s, row, t);
    } else if (row == 0) {
        pw_text_str(t, s != NULL ? "THD of the voltages" : "THD");
    } else if (s == NULL) {
        pw_text_str(t, row == 1 ? "not available" : "");
    } else {
        pw_text_fmt(t, "%s ", pw_vsel_name(row - 1));
        percent(t, s->thd_e4[row - 1]);
        pw_text_str(t, row == 3 ? "  > CTs" : "");
    }
}

static unsigned event_items(const struct pw_display *d)
{
    const struct pw_voltage_events *e = PW_VIEW(d, voltage_events);
    return e == NULL ? 0 : e->count < PW_N_VEVENTS ? e->count : PW_N_VEVENTS;
}

static void event_line(const struct pw_vevent *v, unsigned row, struct pw_text *t)
{
    switch (row) {
    case 0:
        pw_text_fmt(t, "%lu %s%c", v->number, pw_text_nth("?\0Sag \0Swell \0Interruption \0", v->kind & 3u), 'A' + v->phase);
        break;
    case 1:
        pw_text_fmt(t, "at%16.63llu s", v->start_us);
        break;
    case 2:
        pw_text_fmt(t, v->active ? "goes on" : "for%15.33lu s", v->duration_ms);
        break;
    default:
        pw_text_fmt(t, "%8.31lu V of%5.30lu V", v->level_mv, v->ref_mv);
    }
}

static void events_line(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_voltage_events *e = PW_VIEW(d, voltage_events);
    const struct pw_vevent *v = e != NULL && d->inside ? pw_vevents_get(e, d->item) : NULL;
    if (v != NULL) {
        event_line(v, row, t);
    } else if (e != NULL && row == 0) {
        pw_text_fmt(t, "Voltage events%6lu", e->count);
    } else if (e != NULL) { /* lowest and highest of each voltage */
        pw_text_fmt(t, "%c%8.31lu ..%7.31luV", (int)('A' + row - 1), e->phase[row - 1].min_mv, e->phase[row - 1].max_mv);
    }
}

const struct pw_page pw_page_thd = {thd_line, thd_items};
const struct pw_page pw_page_vevents = {events_line, event_items};
