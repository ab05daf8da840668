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
    pw_text_str(t, " (");
    pw_text_u64(t, r->confidence_pct, 0);
    pw_text_str(t, " %, load ");
    pw_text_fixed(t, c->snap->ct[k].i_ma, 3, 2, 0);
    pw_text_str(t, " A, registers ");
    pw_text_fixed(t, r->registers_pct, 0, 0, 0);
    pw_text_str(t, " %)");
}

static bool say(struct pw_console *c, unsigned line, struct pw_text *t)
{
    static const char *const supply[] = {"unknown", "one phase", "120/240 V", "wye", "high leg"};
    const struct pw_wiring *w = PW_VIEW(c, wiring);
    const struct pw_balance *b = PW_VIEW(c, balance);
    const unsigned n_ct = c->cfg->n_ct;
    if (w == NULL || b == NULL)
        return false;
    if (line == 0) {
        pw_say_field(t, "faults ", w->out.n_faults, " evaluations ");
        pw_say_field(t, "", w->out.evaluations, " supply ");
        pw_text_str(t, supply[w->out.supply]);
        pw_text_str(t, w->out.balanced ? " mains agree" : "");
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
            pw_wiring_say_service(w, bit, t);
            return true;
        }
    if (!b->valid || line >= PW_N_V)
        return false;
    pw_balance_say(b, line, t);
    return true;
}

const struct pw_command pw_cmd_wiring = {"wiring", "what the CTs and voltages show about the wiring; panel balance", say, PW_ARG_NONE};
