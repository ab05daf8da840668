/* SPDX-License-Identifier: Apache-2.0 */
/* Wiring: how many faults; enter shows them one by one. */
#include "pages.h"
#include "wiring_text.h"

static unsigned faults(const struct pw_display *d)
{
    const struct pw_wiring *w = PW_VIEW(d, wiring);
    return w != NULL ? w->out.n_faults : 0;
}

static void alarms(const struct pw_display *d, struct pw_text *t)
{
    const struct pw_balance *b = PW_VIEW(d, balance);
    if (b == NULL || !b->valid) {
        pw_text_str(t, "No panel balance");
        return;
    }
    for (unsigned p = 0; p < PW_N_V; p++)
        if (b->phase[p].alarm) {
            pw_text_fmt(t, "Unmetered %c%6.31lu A", (int)('A' + p), b->phase[p].rest_ma);
            return;
        }
    pw_text_str(t, "Panel balance good");
}

static void overview(const struct pw_display *d, const struct pw_wiring *w, unsigned row, struct pw_text *t)
{
    unsigned known = 0;
    switch (row) {
    case 0:
        pw_text_fmt(t, "Wiring: %u fault%s", w->out.n_faults, w->out.n_faults == 1 ? "" : "s");
        break;
    case 1:
        for (unsigned k = 0; k < d->cfg->n_ct; k++)
            known += w->out.ct[k].code != PW_WIRE_UNKNOWN;
        pw_text_fmt(t, "%u of %u CTs judged", known, d->cfg->n_ct);
        break;
    case 2:
        alarms(d, t);
        break;
    default:
        pw_text_str(t, w->out.n_faults != 0 ? "Enter: one by one" : "");
    }
}

/* The advice over two rows, cut between words. */
static void advice(const struct pw_wiring *w, unsigned ct, unsigned bit, unsigned row, struct pw_text *t)
{
    char buf[80];
    struct pw_text all;
    pw_text_init(&all, buf, sizeof buf);
    if (bit != 0)
        pw_wiring_say_service(bit, &all);
    else
        pw_wiring_say_ct(w, ct, &all);
    size_t at = 0;
    for (unsigned r = 0;; r++) {
        size_t end = all.len - at <= PW_LCD_COLS ? all.len : at + PW_LCD_COLS;
        if (end < all.len)
            while (end > at + 1 && buf[end] != ' ')
                end--;
        if (r == row) {
            buf[end] = 0;
            pw_text_str(t, buf + at);
            return;
        }
        at = end < all.len ? end + 1 : end;
    }
}

static void one(const struct pw_display *d, const struct pw_wiring *w, unsigned row, struct pw_text *t)
{
    unsigned ct, bit;
    if (!pw_wiring_fault(w, d->item, &ct, &bit)) {
        pw_text_str(t, row == 0 ? "Gone" : "");
        return;
    }
    if (row < 3 || bit != 0) {
        advice(w, ct, bit, row, t);
        return;
    }
    const struct pw_wiring_ct *c = &w->out.ct[ct];
    pw_text_fmt(t, "Sure %u%%, gets %d%%", c->confidence_pct, c->registers_pct);
}

static void line(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_wiring *w = PW_VIEW(d, wiring);
    if (w == NULL)
        pw_text_str(t, row == 0 ? "No wiring finder" : "");
    else if (d->inside)
        one(d, w, row, t);
    else
        overview(d, w, row, t);
}

const struct pw_page pw_page_wiring = {line, faults};
