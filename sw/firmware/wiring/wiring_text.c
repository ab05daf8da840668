/* SPDX-License-Identifier: Apache-2.0 */
#include "wiring_text.h"

static const char *const code_name[PW_WIRE_N] = {
    [PW_WIRE_UNKNOWN] = "no load", [PW_WIRE_OK] = "right", [PW_WIRE_REVERSED] = "REVERSED", [PW_WIRE_PHASE] = "PHASE",
    [PW_WIRE_PHASE_REVERSED] = "PHASE+REV", [PW_WIRE_SWAPPED] = "SWAPPED", [PW_WIRE_OPEN] = "OPEN", [PW_WIRE_CLIPPING] = "CLIPPING",
    [PW_WIRE_UNCLEAR] = "WRONG", [PW_WIRE_HINT] = "hint", [PW_WIRE_NO_VOLTAGE] = "no voltage", [PW_WIRE_STUCK] = "STUCK",
};

const char *pw_wiring_code_name(unsigned code) { return code < PW_WIRE_N ? code_name[code] : "?"; }

static char phase_letter(unsigned p) { return (char)('A' + p % PW_N_V); }

static void place(struct pw_text *t, unsigned phase, bool reversed)
{
    pw_text_fmt(t, "on phase %c%s", phase_letter(phase), reversed ? " and reversed" : "");
}

static void configured(const struct pw_wiring *w, unsigned k, struct pw_text *t)
{
    pw_text_fmt(t, ", configured %c", phase_letter(w->cfg->ct[k].vsel));
}

static void say_reversed(const struct pw_wiring_ct *c, struct pw_text *t)
{
    pw_text_str(t, "reversed");
    if (c->alt_phase != c->phase && !c->alt_reversed) {
        pw_text_str(t, ", or ");
        place(t, c->alt_phase, false);
    }
}

void pw_wiring_say_ct(const struct pw_wiring *w, unsigned k, struct pw_text *t)
{
    const struct pw_wiring_ct *c = &w->out.ct[k];
    pw_text_fmt(t, "CT %u: ", k + 1u);
    switch (c->code) {
    case PW_WIRE_OK:         pw_text_str(t, "right"); break;
    case PW_WIRE_REVERSED:   say_reversed(c, t); break;
    case PW_WIRE_SWAPPED:
        pw_text_fmt(t, "swapped with CT %u, ", c->partner + 1u);
        place(t, c->phase, false);
        configured(w, k, t);
        break;
    case PW_WIRE_PHASE:
    case PW_WIRE_PHASE_REVERSED:
        place(t, c->phase, c->reversed);
        configured(w, k, t);
        break;
    case PW_WIRE_OPEN:       pw_text_str(t, "no signal though its partners carry load: open"); break;
    case PW_WIRE_CLIPPING:   pw_text_str(t, "clipping: current beyond its range"); break;
    case PW_WIRE_UNCLEAR:
        pw_text_str(t, "wrong: ");
        place(t, c->phase, c->reversed);
        pw_text_str(t, ", or ");
        place(t, c->alt_phase, c->alt_reversed);
        break;
    case PW_WIRE_HINT:
        pw_text_str(t, "unusual power factor, or ");
        place(t, c->alt_phase, c->alt_reversed);
        break;
    case PW_WIRE_NO_VOLTAGE: pw_text_str(t, "its voltage is missing: nothing is registered"); break;
    case PW_WIRE_STUCK:      pw_text_str(t, "input stuck"); break;
    default:                 pw_text_str(t, "not enough load"); break;
    }
    if (c->clipping && c->code != PW_WIRE_CLIPPING)
        pw_text_str(t, "; clipping");
}

void pw_wiring_say_service(const struct pw_wiring *w, unsigned bit, struct pw_text *t)
{
    (void)w;
    switch (bit) {
    case PW_WIRING_MISSING_A: pw_text_str(t, "voltage A missing"); break;
    case PW_WIRING_MISSING_B: pw_text_str(t, "voltage B missing"); break;
    case PW_WIRING_MISSING_C: pw_text_str(t, "voltage C missing"); break;
    case PW_WIRING_SWAP_AB:   pw_text_str(t, "voltages A and B swapped"); break;
    case PW_WIRING_SWAP_BC:   pw_text_str(t, "voltages B and C swapped"); break;
    case PW_WIRING_SWAP_CA:   pw_text_str(t, "voltages C and A swapped"); break;
    case PW_WIRING_ROTATED:   pw_text_str(t, "all voltages (or all CTs) one phase on"); break;
    case PW_WIRING_HIGH_LEG:  pw_text_str(t, "high leg is not on C"); break;
    default:                  pw_text_str(t, "rotation A-C-B: supply, or voltages swapped"); break;
    }
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
        pw_wiring_say_service(w, bit, t);
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
