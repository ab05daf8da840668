/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <stdio.h>

#include "sim/machine/machine.h"

int pw_acc_fail(const char *what)
{
    fprintf(stderr, "accuracy bench: %s\n", what);
    return 2;
}

static void configure(struct pw_acc_rig *r)
{
    const struct pw_acc_stim *s = &r->stim;
    pw_config_default(&r->cfg, s->n_ct);
    r->cfg.nominal_hz = (uint8_t)s->nominal_hz;
    r->cfg.window_cycles = (uint8_t)s->window_cycles;
    for (unsigned k = 0; k < PW_ACC_N_V; k++) {
        r->cfg.v[k].v_fs_mv = s->v_fs_mv;
        r->cfg.v[k].gain_f17 = s->gain_f17[k];
    }
    for (unsigned k = 0; k < s->n_ct; k++) {
        struct pw_config_ct *ct = &r->cfg.ct[k];
        ct->i_fs_ma = s->ct[k].i_fs_ma;
        ct->vsel = (uint8_t)s->ct[k].vsel;
        ct->pol = (uint8_t)s->ct[k].pol;
        ct->gain_f17 = s->gain_f17[PW_ACC_N_V + k];
        r->cfg.point[ct->point].creep_mw = s->creep_mw;
        r->cfg.point[ct->point].pulse_weight_mwh = s->pulse_weight_mwh;
    }
}

int pw_acc_rig_open(struct pw_acc_rig *r, const char *stimulus)
{
    char err[240] = "";
    struct pw_config_fault fault = { "", 0, "" };
    r->fmod_hz = (double)PW_CLK_MHZ * 1e6 / PW_MOD_DIV;
    r->fs_hz = r->fmod_hz / PW_DEC_DECIMATION;
    if (pw_acc_stim_open(&r->stim, stimulus, r->fmod_hz, err, sizeof err) != 0) return pw_acc_fail(err);
    r->tier = pw_acc_tier_open(&r->stim, PW_MOD_DIV, PW_CLK_MHZ, err, sizeof err);
    if (r->tier == NULL) return pw_acc_fail(err);
    configure(r);
    if (pw_config_check(&r->cfg, &fault) != PW_OK) {
        snprintf(err, sizeof err, "%s: configuration: %s %d %s", stimulus, fault.group, fault.index, fault.field);
        return pw_acc_fail(err);
    }
    if (pw_meter_init(&r->meter, pw_acc_tier_hal(r->tier), PW_CLK_MHZ * 1000000u) != PW_OK)
        return pw_acc_fail("the firmware refuses this front-end");
    pw_points_init(&r->points, &r->cfg, &r->energy);
    pw_meter_start(&r->meter, &r->cfg, &r->energy, false);
    return 0;
}

bool pw_acc_rig_step(struct pw_acc_rig *r)
{
    const uint32_t before = r->meter.out.seq;
    while (pw_meter_step(&r->meter))
        pw_points_window(&r->points, &r->meter.out, r->meter.block.hours_f72);
    return r->meter.out.seq != before;
}

void pw_acc_rig_close(struct pw_acc_rig *r)
{
    if (r->tier != NULL) pw_acc_tier_close(r->tier);
    pw_acc_stim_close(&r->stim);
}

/* Half a sample before the set that began the next window, group delay taken off; bit n stands for clock n to n + 1. */
double pw_acc_rig_window_end(const struct pw_acc_rig *r, uint16_t seq)
{
    double set = (double)pw_acc_tier_window_end(r->tier, seq);
    double last_bit = 8.0 * PW_MACHINE_FE_CLEAR + (double)PW_DEC_DECIMATION * (PW_DEC_SETTLE_SETS + 1 + set) - 1;
    return last_bit + 0.5 - PW_DEC_GROUP_DELAY - PW_DEC_DECIMATION / 2.0;
}
