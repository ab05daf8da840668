/* SPDX-License-Identifier: Apache-2.0 */
/* wiring: service, each CT with its confidence and load, balance. */
#include "commands.h"
#include "wiring_text.h"

static void ct_line(const struct pw_console *c, const struct pw_wiring *w, unsigned k, struct pw_text *t)
{
    const struct pw_wiring_ct *r = &w->out.ct[k];
    pw_wiring_say_ct(w, k, t);
    if (r->code == PW_WIRE_UNKNOWN)
        return;
    pw_text_fmt(t, " (%u %%, load %.32lu A, registers %d %%)", r->confidence_pct, c->snap->ct[k].i_ma, r->registers_pct);
}

static bool say(struct pw_console *c, unsigned line, struct pw_text *t)
{
    static const char supply[] = "unknown\0one phase\0" "120/240 V\0wye\0high leg\0";
    const struct pw_wiring *w = PW_VIEW(c, wiring);
    const struct pw_balance *b = PW_VIEW(c, balance);
    const unsigned n_ct = c->cfg->n_ct;
    if (w == NULL || b == NULL)
        return false;
    if (line == 0) {
        pw_text_fmt(t, "faults %u evaluations %lu supply %s%s", w->out.n_faults, w->out.evaluations, pw_text_nth(supply, w->out.supply),
                    w->out.balanced ? " mains agree" : "");
        return true;
    }
    line--;
    if (line < n_ct) {
        ct_line(c, w, line, t);
        return true;
    }
    line -= n_ct;
    for (unsigned bit = 1; bit <= PW_WIRING_HIGH_LEG; bit <<= 1)
        if ((w->out.service & bit) && line-- == 0) {
            pw_wiring_say_service(bit, t);
            return true;
        }
    if (!b->valid || line >= PW_N_V)
        return false;
    pw_balance_say(b, line, t);
    return true;
}

const struct pw_command pw_cmd_wiring = {"wiring", "what the CTs and voltages show about the wiring; panel balance", say, PW_ARG_NONE};
