/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of distortion and of voltage events. */
#include "pages.h"
#include "spectrum.h"
#include "voltage_events.h"

static void percent(struct pw_text *t, uint16_t e4, unsigned width)
{
    if (e4 == PW_SPECTRUM_NO_THD) {
        while (width-- > 2)
            pw_text_char(t, ' ');
        pw_text_str(t, "--");
    } else {
        pw_text_fixed(t, e4, 2, 1, width);
    }
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
        pw_text_str(t, "CT ");
        pw_text_u64(t, d->item + 1u, 2);
        pw_text_str(t, "  THD");
        percent(t, c.thd_e4, 7);
        pw_text_str(t, " %");
        break;
    case 1:
        pw_text_str(t, "I1 ");
        pw_text_fixed(t, c.i1_ua, 6, 4, 13);
        pw_text_str(t, " A");
        break;
    case 2:
        pw_text_str(t, "P1 ");
        pw_text_fixed(t, c.p1_mw, 3, 1, 11);
        pw_text_str(t, " W");
        break;
    default:
        pw_text_str(t, "Ph ");
        pw_text_fixed(t, c.ph_mw, 3, 1, 8);
        pw_text_str(t, " PF1");
        pw_text_fixed(t, c.dpf_e4, 4, 2, 5);
    }
}

static void thd_line(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    static const char *const name[] = {"Va", "Vb", "Vc"};
    const struct pw_spectrum *s = spectrum(d);
    if (s != NULL && d->inside) {
        ct_line(d, s, row, t);
    } else if (row == 0) {
        pw_text_str(t, s != NULL ? "THD of the voltages" : "THD");
    } else if (s == NULL) {
        pw_text_str(t, row == 1 ? "not available" : "");
    } else {
        pw_text_str(t, name[row - 1]);
        percent(t, s->thd_e4[row - 1], 8);
        pw_text_str(t, row == 3 ? " %  > CTs" : " %");
    }
}

static unsigned event_items(const struct pw_display *d)
{
    const struct pw_voltage_events *e = PW_VIEW(d, voltage_events);
    return e == NULL ? 0 : e->count < PW_N_VEVENTS ? e->count : PW_N_VEVENTS;
}

static void event_line(const struct pw_vevent *v, unsigned row, struct pw_text *t)
{
    static const char *const kind[] = {"?", "Sag ", "Swell ", "Interruption "};
    switch (row) {
    case 0:
        pw_text_u64(t, v->number, 0);
        pw_text_char(t, ' ');
        pw_text_str(t, kind[v->kind & 3]);
        pw_text_char(t, (char)('A' + v->phase));
        break;
    case 1:
        pw_text_str(t, "at");
        pw_text_fixed(t, (int64_t)(v->start_us / 1000), 3, 3, 16);
        pw_text_str(t, " s");
        break;
    case 2:
        if (v->active) {
            pw_text_str(t, "goes on");
        } else {
            pw_text_str(t, "for");
            pw_text_fixed(t, v->duration_ms, 3, 3, 15);
            pw_text_str(t, " s");
        }
        break;
    default:
        pw_text_fixed(t, v->level_mv, 3, 1, 8);
        pw_text_str(t, " V of");
        pw_text_fixed(t, v->ref_mv, 3, 0, 5);
        pw_text_str(t, " V");
    }
}

static void events_line(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_voltage_events *e = PW_VIEW(d, voltage_events);
    const struct pw_vevent *v = e != NULL && d->inside ? pw_vevents_get(e, d->item) : NULL;
    if (v != NULL) {
        event_line(v, row, t);
    } else if (e != NULL && row == 0) {
        pw_text_str(t, "Voltage events");
        pw_text_u64(t, e->count, 6);
    } else if (e != NULL) { /* lowest and highest of each voltage */
        pw_text_char(t, (char)('A' + row - 1));
        pw_text_fixed(t, e->phase[row - 1].min_mv, 3, 1, 8);
        pw_text_str(t, " ..");
        pw_text_fixed(t, e->phase[row - 1].max_mv, 3, 1, 7);
        pw_text_char(t, 'V');
    }
}

const struct pw_page pw_page_thd = {thd_line, thd_items};
const struct pw_page pw_page_vevents = {events_line, event_items};
