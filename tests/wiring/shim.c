/* SPDX-License-Identifier: Apache-2.0 */
/* The wiring finder as a shared library for panels.py: phasors in, diagnoses out; no modulators, no windows. */
#include <string.h>

#include "wiring.h"

static struct pw_config cfg;
static struct pw_snapshot snap;
static struct pw_wiring w;
static int16_t lag[PW_N_V];

void shim_init(unsigned n_ct)
{
    pw_config_default(&cfg, n_ct);
    pw_wiring_init(&w, &snap, &cfg, NULL, lag);
}

void shim_ct(unsigned k, unsigned vsel, unsigned point, unsigned role, unsigned rated_ma)
{
    cfg.ct[k].vsel = (uint8_t)vsel;
    cfg.ct[k].point = (uint8_t)point;
    cfg.ct[k].role = (uint8_t)role;
    cfg.ct[k].rated_ma = rated_ma;
}

void shim_general(unsigned n_points, unsigned service)
{
    cfg.n_points = (uint8_t)n_points;
    cfg.service = (uint8_t)service;
}

void shim_voltage(unsigned t, int re_mv, int im_mv) { w.in.v_mv[t] = (struct pw_vec){re_mv, im_mv}; }

void shim_current(unsigned k, int re_ma, int im_ma, unsigned rms_ma, unsigned flags)
{
    w.in.i_ma[k] = (struct pw_vec){re_ma, im_ma};
    w.in.rms_ma[k] = rms_ma;
    w.in.flags[k] = (uint8_t)flags;
}

void shim_evaluate(void) { pw_wiring_evaluate(&w); }
unsigned shim_service(void) { return w.out.service; }
unsigned shim_faults(void) { return w.out.n_faults; }
unsigned shim_balanced(void) { return w.out.balanced; }

/* code, phase, reversed, alt_phase, alt_reversed, confidence, partner, clipping, registers */
void shim_result(unsigned k, int out[9])
{
    const struct pw_wiring_ct *c = &w.out.ct[k];
    const int v[9] = {c->code, c->phase, c->reversed, c->alt_phase, c->alt_reversed, c->confidence_pct, c->partner, c->clipping, c->registers_pct};
    memcpy(out, v, sizeof v);
}
unsigned shim_alternatives(void) { return w.n_alt; }
