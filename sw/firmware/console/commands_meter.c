/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's own commands. */
#include "commands.h"

#include <string.h>

#include "version.h"

static const char *const vsel_name[] = {"Va", "Vb", "Vc", "Vab", "Vbc", "Vca"};

static bool say_info(struct pw_console *c, unsigned line, struct pw_text *t)
{
    static const char *const cause[] = {"power-on", "watchdog", "software", "?"};
    const struct pw_diag *d = c->diag;
    if (line > 0)
        return false;
    pw_text_str(t, "polywatt " PW_VERSION_TEXT " gateware ");
    pw_text_hex(t, d->gateware_version, 6);
    pw_say_field(t, " ct ", c->cfg->n_ct, " clk ");
    pw_say_field(t, "", d->clk_hz, " Hz fs ");
    pw_text_fixed(t, d->fs_mhz, 3, 3, 0);
    pw_text_str(t, " Hz reset ");
    pw_text_str(t, cause[d->reset_cause & 3]);
    return true;
}

static bool say_volts(struct pw_console *c, unsigned line, struct pw_text *t)
{
    if (line == 0) {
        pw_say_field(t, "window ", c->snap->seq, " samples ");
        pw_say_field(t, "", c->snap->samples, " frequency ");
        pw_text_fixed(t, c->snap->freq_mhz, 3, 3, 0);
        pw_text_str(t, c->snap->freq_valid ? " Hz" : " Hz (old)");
        return true;
    }
    if (line > PW_N_V)
        return false;
    const struct pw_meas_v *v = &c->snap->v[line - 1];
    pw_text_str(t, vsel_name[line - 1]);
    pw_text_fixed(t, v->v_mv, 3, 3, 9);
    pw_text_str(t, " V");
    pw_text_fixed(t, v->angle_cdeg, 2, 2, 8);
    pw_say_field(t, " deg flags ", v->flags, "");
    return true;
}

static void ct_line(struct pw_console *c, unsigned k, struct pw_text *t)
{
    const struct pw_meas_ct *m = &c->snap->ct[k];
    pw_text_u64(t, k + 1, 2);
    pw_text_fixed(t, m->v_mv, 3, 3, 9);
    pw_text_str(t, " V");
    pw_text_fixed(t, m->i_ma, 3, 3, 9);
    pw_text_str(t, " A");
    pw_text_fixed(t, m->p_mw, 3, 1, 10);
    pw_text_str(t, " W");
    pw_text_fixed(t, m->q_mvar, 3, 1, 10);
    pw_text_str(t, " var PF");
    pw_text_fixed(t, m->pf_e4, 4, 4, 8);
    pw_say_field(t, " flags ", m->flags, "");
}

static bool say_cts(struct pw_console *c, unsigned line, struct pw_text *t)
{
    if (line >= c->cfg->n_ct)
        return false;
    ct_line(c, line, t);
    return true;
}

static void energy_field(struct pw_text *t, const char *name, uint64_t v, const char *unit)
{
    pw_text_str(t, name);
    pw_text_energy(t, v, 6, 6, 0);
    pw_text_str(t, unit);
}

static bool say_ct(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_config_ct *g = &c->cfg->ct[c->arg];
    switch (line) {
    case 0:
        ct_line(c, c->arg, t);
        return true;
    case 1:
        energy_field(t, "delivered ", pw_snapshot_energy(c->snap, c->arg, PW_WH_DEL), " Wh");
        energy_field(t, " received ", pw_snapshot_energy(c->snap, c->arg, PW_WH_REC), " Wh");
        return true;
    case 2:
    case 3:
        energy_field(t, line == 2 ? "Q1 " : "Q3 ", pw_snapshot_energy(c->snap, c->arg, line == 2 ? PW_VARH_Q1 : PW_VARH_Q3), " varh ");
        energy_field(t, line == 2 ? "Q2 " : "Q4 ", pw_snapshot_energy(c->snap, c->arg, line == 2 ? PW_VARH_Q2 : PW_VARH_Q4), " varh");
        return true;
    case 4:
        pw_say_field(t, "point ", g->point + 1u, " ");
        pw_text_str(t, vsel_name[g->vsel]);
        pw_text_str(t, g->pol ? " reversed gain " : " gain ");
        pw_text_fixed(t, g->gain_f17, 0, 0, 0);
        pw_say_field(t, "/2^17 delay ", g->delay, " full scale ");
        pw_say_field(t, "", g->i_fs_ma, " mA");
        return true;
    default:
        return false;
    }
}

static bool say_points(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_total sum;
    if (line > c->cfg->n_points)
        return false;
    bool all = line == c->cfg->n_points;
    pw_snapshot_total(c->snap, c->cfg, all ? PW_ALL_POINTS : line, &sum);
    if (all)
        pw_text_str(t, "sum");
    else
        pw_text_u64(t, line + 1, 3);
    pw_text_fixed(t, sum.p_mw, 3, 1, 11);
    pw_text_str(t, " W");
    pw_text_energy(t, sum.energy[PW_WH_DEL], 9, 6, 16);
    pw_text_str(t, " kWh del");
    pw_text_energy(t, sum.energy[PW_WH_REC], 9, 6, 16);
    pw_text_str(t, " kWh rec");
    return true;
}

static bool say_stats(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_diag *d = c->diag;
    switch (line) {
    case 0:
        pw_text_str(t, "load ");
        pw_text_fixed(t, d->load_e4, 2, 2, 0);
        pw_say_field(t, " % loop max ", d->worst_us, " us");
        pw_say_field(t, " last second ", d->worst_1s_us, " us");
        pw_say_field(t, " passes ", d->passes_1s, "");
        return true;
    case 1:
        pw_say_field(t, "stack ", d->stack_used_b, " of ");
        pw_say_field(t, "", d->stack_size_b, " bytes");
        pw_say_field(t, " bus errors ", d->bus_errors, " at ");
        pw_text_hex(t, d->bus_error_addr, 8);
        pw_say_field(t, " uptime ", d->uptime_s, " s");
        return true;
    case 2:
        pw_say_field(t, "windows ", c->snap->seq, "");
        pw_say_field(t, " missed ", d->missed_windows, "");
        pw_say_field(t, " refused ", d->energy_rejected, "");
        pw_say_field(t, " mismatches ", d->energy_mismatches, "");
        pw_say_field(t, " saves ", d->saves, "");
        pw_say_field(t, " failed ", d->save_errors, "");
        return true;
    case 3:
        pw_say_field(t, "modbus clients ", d->clients, "");
        pw_say_field(t, " requests ", d->modbus_requests, "");
        pw_say_field(t, " exceptions ", d->modbus_exceptions, "");
        pw_say_field(t, " closed ", d->modbus_closed, "");
        pw_say_field(t, " console lost ", c->uart->lost, "");
        return true;
    default:
        return false;
    }
}

static bool say_tasks(struct pw_console *c, unsigned line, struct pw_text *t)
{
    if (line >= c->sched->n_tasks)
        return false;
    const struct pw_task *k = &c->sched->task[line];
    pw_text_str(t, c->sched->info[line].name);
    pw_text_tab(t, 10);
    pw_text_fixed(t, k->load_e4, 2, 2, 6);
    pw_text_str(t, " % max ");
    pw_text_u64(t, k->worst_us, 6);
    pw_text_str(t, " us");
    return true;
}

static bool say_config(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_config *g = c->cfg;
    switch (line) {
    case 0:
        pw_text_str(t, "serial ");
        pw_text_str(t, g->serial);
        pw_say_field(t, " revision ", g->revision, "");
        pw_say_field(t, " nominal ", g->nominal_hz, " Hz");
        pw_say_field(t, " window ", g->window_cycles, " cycles");
        pw_text_str(t, c->diag->config_default ? " (defaults)" : "");
        return true;
    case 1:
        pw_text_str(t, "ip ");
        for (unsigned i = 0; i < 4; i++)
            pw_say_field(t, i ? "." : "", g->ip[i], "");
        pw_say_field(t, " port ", g->modbus_port, "");
        pw_say_field(t, " unit ", g->unit_id, "");
        pw_text_str(t, !c->diag->eth_ok ? " no W5500" : c->diag->link ? " link up" : " no link");
        return true;
    default:
        return false;
    }
}

static bool say_reboot(struct pw_console *c, unsigned line, struct pw_text *t)
{
    if (line > 0)
        return false;
    pw_text_str(t, "rebooting");
    c->rebooting = true;
    return true;
}

const struct pw_command pw_cmd_info = {"info", "versions, clock, reset cause", say_info, PW_ARG_NONE};
const struct pw_command pw_cmd_volts = {"volts", "voltages and frequency", say_volts, PW_ARG_NONE};
const struct pw_command pw_cmd_cts = {"cts", "all CTs: V, A, W, var, PF", say_cts, PW_ARG_NONE};
const struct pw_command pw_cmd_ct = {"ct", "ct N: all about CT N, from 1", say_ct, PW_ARG_CT};
const struct pw_command pw_cmd_points = {"points", "power and energy of all metering points", say_points, PW_ARG_NONE};
const struct pw_command pw_cmd_stats = {"stats", "load, stack, errors, counters", say_stats, PW_ARG_NONE};
const struct pw_command pw_cmd_tasks = {"tasks", "load and longest run of each task", say_tasks, PW_ARG_NONE};
const struct pw_command pw_cmd_config = {"config", "general configuration", say_config, PW_ARG_NONE};
const struct pw_command pw_cmd_reboot = {"reboot", "restart the firmware; metering goes on", say_reboot, PW_ARG_NONE};
