/* SPDX-License-Identifier: Apache-2.0 */
#include "wiring_text.h"

static char phase_letter(unsigned p) { return (char)('A' + p % PW_N_V); }

/* Has it another explanation that is worth telling? */
static bool has_other(const struct pw_wiring_ct *c)
{
    return c->code == PW_WIRE_UNCLEAR || c->code == PW_WIRE_HINT ||
           (c->code == PW_WIRE_REVERSED && c->alt_phase != c->phase && !c->alt_reversed);
}

void pw_wiring_say_ct(const struct pw_wiring *w, unsigned k, struct pw_text *t)
{
    static const char begin[] = /* enum pw_wiring_code */
        "not enough load\0right\0reversed\0on phase %c%s\0on phase %c%s\0on phase %c\0no signal though its partners carry load: open\0"
        "clipping: current beyond its range\0wrong: on phase %c%s\0unusual power factor\0its voltage is missing: nothing is registered\0input stuck\0";
    static const char *const reversed[] = {"", " and reversed"};
    const struct pw_wiring_ct *c = &w->out.ct[k];
    pw_text_fmt(t, "CT %u: ", k + 1u);
    if (c->code == PW_WIRE_SWAPPED)
        pw_text_fmt(t, "swapped with CT %u, ", c->partner + 1u);
    pw_text_fmt(t, pw_text_nth(begin, c->code), phase_letter(c->phase), reversed[c->reversed]);
    if (has_other(c))
        pw_text_fmt(t, ", or on phase %c%s", phase_letter(c->alt_phase), reversed[c->alt_reversed]);
    if (c->code >= PW_WIRE_PHASE && c->code <= PW_WIRE_SWAPPED)
        pw_text_fmt(t, ", configured %c", phase_letter(w->cfg->ct[k].vsel));
    if (c->clipping && c->code != PW_WIRE_CLIPPING)
        pw_text_str(t, "; clipping");
}

void pw_wiring_say_service(unsigned bit, struct pw_text *t)
{
    static const char service[] = /* enum pw_wiring_service */
        "voltage A missing\0voltage B missing\0voltage C missing\0voltages A and B swapped\0voltages B and C swapped\0voltages C and A swapped\0"
        "all voltages (or all CTs) one phase on\0rotation A-C-B: supply, or voltages swapped\0high leg is not on C\0";
    pw_text_str(t, pw_text_nth(service, (unsigned)__builtin_ctz(bit)));
}

void pw_balance_say(const struct pw_balance *b, unsigned phase, struct pw_text *t)
{
    const struct pw_balance_phase *x = &b->phase[phase];
    pw_text_fmt(t, "%s phase %c: %.31lu A, %.30ld W", x->alarm ? "unmetered on" : "balance of", phase_letter(phase), x->rest_ma, x->rest_mw);
}

static bool ct_event(struct pw_wiring *w, struct pw_text *t, uint32_t *value, struct pw_wiring_news *told)
{
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        uint8_t was = w->st[k].told, is = w->out.ct[k].code;
        bool news = was != is && (pw_wiring_is_fault(is) || (pw_wiring_is_fault(was) && is != PW_WIRE_UNKNOWN));
        if (!news)
            continue;
        w->st[k].told = is;
        *told = (struct pw_wiring_news){(uint16_t)k, was, is};
        pw_wiring_say_ct(w, k, t);
        pw_text_str(t, ", sure %");
        *value = w->out.ct[k].confidence_pct;
        return true;
    }
    return false;
}

bool pw_wiring_event(struct pw_wiring *w, struct pw_balance *b, struct pw_text *t, uint32_t *value, struct pw_wiring_news *news)
{
    unsigned changed = w->told_service ^ w->out.service, bit = changed & (0u - changed);
    pw_text_str(t, "wiring: ");
    if (bit != 0) {
        w->told_service = (uint16_t)(w->told_service ^ bit);
        *value = (w->out.service & bit) != 0;
        *news = (struct pw_wiring_news){(uint16_t)(PW_WIRING_NEWS_SERVICE + (unsigned)__builtin_ctz(bit)), *value == 0, *value != 0};
        pw_wiring_say_service(bit, t);
        return true;
    }
    for (unsigned p = 0; p < PW_N_V; p++)
        if (b->changed >> p & 1) {
            b->changed = (uint8_t)(b->changed & ~(1u << p));
            pw_balance_say(b, p, t);
            *value = b->phase[p].alarm;
            *news = (struct pw_wiring_news){(uint16_t)(PW_WIRING_NEWS_TAP + p), *value == 0, *value != 0};
            return true;
        }
    return ct_event(w, t, value, news);
}

bool pw_wiring_fault(const struct pw_wiring *w, unsigned n, unsigned *ct, unsigned *bit)
{
    *bit = 0;
    for (*ct = 0; *ct < w->cfg->n_ct; (*ct)++)
        if (pw_wiring_is_fault(w->out.ct[*ct].code) && n-- == 0)
            return true;
    for (*bit = 1; *bit <= PW_WIRING_HIGH_LEG; *bit <<= 1)
        if ((w->out.service & PW_WIRING_SERVICE_FAULTS & *bit) && n-- == 0)
            return true;
    return false;
}
