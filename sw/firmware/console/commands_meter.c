/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's own commands. */
#include "commands.h"
#include "version.h"

static bool say_info(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_diag *d = c->diag;
    if (line > 0)
        return false;
    pw_text_fmt(t, "polywatt " PW_VERSION_TEXT " gateware %06lX ct %u clk %lu Hz fs %.33lu Hz reset %s", d->gateware_version, c->cfg->n_ct,
                d->clk_hz, d->fs_mhz, pw_text_nth("power-on\0watchdog\0software\0", d->reset_cause & 3u));
    return true;
}

static bool say_volts(struct pw_console *c, unsigned line, struct pw_text *t)
{
    if (line == 0) {
        pw_text_fmt(t, "window %lu samples %u frequency %.33lu Hz%s", c->snap->seq, c->snap->samples, c->snap->freq_mhz,
                    c->snap->freq_valid ? "" : " (old)");
        return true;
    }
    if (line > PW_N_V)
        return false;
    const struct pw_meas_v *v = &c->snap->v[line - 1];
    pw_text_fmt(t, "%s%9.33lu V%8.22d deg flags %u", pw_vsel_name(line - 1), v->v_mv, v->angle_cdeg, v->flags);
    return true;
}

static void ct_line(struct pw_console *c, unsigned k, struct pw_text *t)
{
    const struct pw_meas_ct *m = &c->snap->ct[k];
    pw_text_fmt(t, "%2u%9.33lu V%9.33lu A%10.31ld W%10.31ld var PF%8.44d flags %u", k + 1, m->v_mv, m->i_ma, m->p_mw, m->q_mvar, m->pf_e4, m->flags);
}

static bool say_cts(struct pw_console *c, unsigned line, struct pw_text *t)
{
    if (line >= c->cfg->n_ct)
        return false;
    ct_line(c, line, t);
    return true;
}

static bool say_ct(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_config_ct *g = &c->cfg->ct[c->arg];
    switch (line) {
    case 0:
        ct_line(c, c->arg, t);
        return true;
    case 1:
        pw_text_fmt(t, "delivered %.66llu Wh received %.66llu Wh", pw_snapshot_energy(c->snap, c->arg, PW_WH_DEL), pw_snapshot_energy(c->snap, c->arg, PW_WH_REC));
        return true;
    case 2:
        pw_text_fmt(t, "Q1 %.66llu varh Q2 %.66llu varh", pw_snapshot_energy(c->snap, c->arg, PW_VARH_Q1), pw_snapshot_energy(c->snap, c->arg, PW_VARH_Q2));
        return true;
    case 3:
        pw_text_fmt(t, "Q3 %.66llu varh Q4 %.66llu varh", pw_snapshot_energy(c->snap, c->arg, PW_VARH_Q3), pw_snapshot_energy(c->snap, c->arg, PW_VARH_Q4));
        return true;
    case 4:
        pw_text_fmt(t, "point %u %s%s gain %d/2^17 delay %u full scale %lu mA", g->point + 1u, pw_vsel_name(g->vsel), g->pol ? " reversed" : "",
                    g->gain_f17, g->delay, g->i_fs_ma);
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
    pw_text_fmt(t, all ? "sum" : "%3u", line + 1);
    pw_text_fmt(t, "%11.31lld W%16.96llu kWh del%16.96llu kWh rec", sum.p_mw, sum.energy[PW_WH_DEL], sum.energy[PW_WH_REC]);
    return true;
}

static bool say_stats(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_diag *d = c->diag;
    switch (line) {
    case 0:
        pw_text_fmt(t, "load %.22u %% loop max %lu us last second %lu us passes %lu", d->load_e4, d->worst_us, d->worst_1s_us, d->passes_1s);
        return true;
    case 1:
        pw_text_fmt(t, "stack %lu of %lu bytes bus errors %lu at %08lX uptime %lu s", d->stack_used_b, d->stack_size_b, d->bus_errors,
                    d->bus_error_addr, d->uptime_s);
        return true;
    case 2:
        pw_text_fmt(t, "windows %lu missed %lu refused %lu mismatches %lu saves %lu failed %lu", c->snap->seq, d->missed_windows, d->energy_rejected,
                    d->energy_mismatches, d->saves, d->save_errors);
        return true;
    case 3:
        pw_text_fmt(t, "modbus clients %u requests %lu exceptions %lu closed %lu console lost %lu", d->clients, d->modbus_requests,
                    d->modbus_exceptions, d->modbus_closed, c->uart->lost);
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
    pw_text_fmt(t, "%-10s%6.22u %% max %6lu us", c->sched->info[line].name, k->load_e4, k->worst_us);
    return true;
}

static bool say_config(struct pw_console *c, unsigned line, struct pw_text *t)
{
    const struct pw_config *g = c->cfg;
    switch (line) {
    case 0:
        pw_text_fmt(t, "serial %s revision %lu nominal %u Hz window %u cycles%s", g->serial, g->revision, g->nominal_hz, g->window_cycles,
                    c->diag->config_default ? " (defaults)" : "");
        return true;
    case 1:
        pw_text_fmt(t, "ip %u.%u.%u.%u port %u unit %u%s", g->ip[0], g->ip[1], g->ip[2], g->ip[3], g->modbus_port, g->unit_id,
                    !c->diag->eth_ok ? " no W5500" : c->diag->link ? " link up" : " no link");
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
