/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include <string.h>

#include "text.h"
#include "version.h"

typedef bool (*line_fn)(struct pw_console *c, unsigned line, struct pw_text *t); /* @return false: no such line, the answer is over */

static const char *const vsel_name[] = {"Va", "Vb", "Vc", "Vab", "Vbc", "Vca"};

static void field(struct pw_text *t, const char *name, uint32_t v, const char *unit)
{
    pw_text_str(t, name);
    pw_text_u64(t, v, 0);
    pw_text_str(t, unit);
}

static bool say_info(struct pw_console *c, unsigned line, struct pw_text *t)
{
    static const char *const cause[] = {"power-on", "watchdog", "software", "?"};
    const struct pw_diag *d = c->diag;
    if (line > 0)
        return false;
    pw_text_str(t, "polywatt " PW_VERSION_TEXT " gateware ");
    pw_text_hex(t, d->gateware_version, 6);
    field(t, " ct ", c->cfg->n_ct, " clk ");
    field(t, "", d->clk_hz, " Hz fs ");
    pw_text_fixed(t, d->fs_mhz, 3, 3, 0);
    pw_text_str(t, " Hz reset ");
    pw_text_str(t, cause[d->reset_cause & 3]);
    return true;
}

static bool say_volts(struct pw_console *c, unsigned line, struct pw_text *t)
{
    if (line == 0) {
        field(t, "window ", c->snap->seq, " samples ");
        field(t, "", c->snap->samples, " frequency ");
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
    field(t, " deg flags ", v->flags, "");
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
    field(t, " flags ", m->flags, "");
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
    const uint64_t *e = c->snap->energy[c->arg];
    const struct pw_config_ct *g = &c->cfg->ct[c->arg];
    switch (line) {
    case 0:
        ct_line(c, c->arg, t);
        return true;
    case 1:
        energy_field(t, "delivered ", e[PW_WH_DEL], " Wh");
        energy_field(t, " received ", e[PW_WH_REC], " Wh");
        return true;
    case 2:
    case 3:
        energy_field(t, line == 2 ? "Q1 " : "Q3 ", e[line == 2 ? PW_VARH_Q1 : PW_VARH_Q3], " varh ");
        energy_field(t, line == 2 ? "Q2 " : "Q4 ", e[line == 2 ? PW_VARH_Q2 : PW_VARH_Q4], " varh");
        return true;
    case 4:
        field(t, "point ", g->point + 1u, " ");
        pw_text_str(t, vsel_name[g->vsel]);
        pw_text_str(t, g->pol ? " reversed gain " : " gain ");
        pw_text_fixed(t, g->gain_f17, 0, 0, 0);
        field(t, "/2^17 delay ", g->delay, " full scale ");
        field(t, "", g->i_fs_ma, " mA");
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
        field(t, " % loop max ", d->worst_us, " us");
        field(t, " last second ", d->worst_1s_us, " us");
        field(t, " passes ", d->passes_1s, "");
        return true;
    case 1:
        field(t, "stack ", d->stack_used_b, " of ");
        field(t, "", d->stack_size_b, " bytes");
        field(t, " bus errors ", d->bus_errors, " at ");
        pw_text_hex(t, d->bus_error_addr, 8);
        field(t, " uptime ", d->uptime_s, " s");
        return true;
    case 2:
        field(t, "windows ", c->snap->seq, "");
        field(t, " missed ", d->missed_windows, "");
        field(t, " refused ", d->energy_rejected, "");
        field(t, " mismatches ", d->energy_mismatches, "");
        field(t, " saves ", d->saves, "");
        field(t, " failed ", d->save_errors, "");
        return true;
    case 3:
        field(t, "modbus clients ", d->clients, "");
        field(t, " requests ", d->modbus_requests, "");
        field(t, " exceptions ", d->modbus_exceptions, "");
        field(t, " closed ", d->modbus_closed, "");
        field(t, " console lost ", c->uart->lost, "");
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
    pw_text_str(t, k->name);
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
        field(t, " revision ", g->revision, "");
        field(t, " nominal ", g->nominal_hz, " Hz");
        field(t, " window ", g->window_cycles, " cycles");
        pw_text_str(t, c->diag->config_default ? " (defaults)" : "");
        return true;
    case 1:
        pw_text_str(t, "ip ");
        for (unsigned i = 0; i < 4; i++)
            field(t, i ? "." : "", g->ip[i], "");
        field(t, " port ", g->modbus_port, "");
        field(t, " unit ", g->unit_id, "");
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

static bool say_help(struct pw_console *c, unsigned line, struct pw_text *t);

static const struct {
    const char *name, *text;
    line_fn     say;
    bool        takes_ct;
} commands[] = {
    {"", "", NULL, false}, /* 0: none */
    {"help", "this list", say_help, false},
    {"info", "versions, clock, reset cause", say_info, false},
    {"volts", "voltages and frequency", say_volts, false},
    {"cts", "all CTs: V, A, W, var, PF", say_cts, false},
    {"ct", "ct N: all about CT N, from 1", say_ct, true},
    {"points", "power and energy of all metering points", say_points, false},
    {"stats", "load, stack, errors, counters", say_stats, false},
    {"tasks", "load and longest run of each task", say_tasks, false},
    {"config", "general configuration", say_config, false},
    {"reboot", "restart the firmware; metering goes on", say_reboot, false},
};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

static bool say_help(struct pw_console *c, unsigned line, struct pw_text *t)
{
    (void)c;
    if (line + 1 >= N_COMMANDS)
        return false;
    pw_text_str(t, commands[line + 1].name);
    pw_text_tab(t, 8);
    pw_text_str(t, commands[line + 1].text);
    return true;
}

void pw_console_init(struct pw_console *c)
{
    c->in_len = 0;
    c->command = 0;
    c->rebooting = false;
}

static void put_line(struct pw_console *c, struct pw_text *t)
{
    (void)pw_uart_put(c->uart, t->buf, t->len);
    (void)pw_uart_put(c->uart, "\r\n", 2);
}

static void complain(struct pw_console *c, const char *what)
{
    char buf[PW_CONSOLE_LINE + 40];
    struct pw_text t;
    pw_text_init(&t, buf, sizeof buf);
    pw_text_str(&t, "? ");
    pw_text_str(&t, what);
    put_line(c, &t);
    (void)pw_uart_put(c->uart, "> ", 2);
}

void pw_console_event(struct pw_console *c, const char *text, uint32_t value)
{
    char buf[PW_CONSOLE_LINE];
    struct pw_text t;
    if (pw_uart_free(c->uart) < sizeof buf)
        return;
    pw_text_init(&t, buf, sizeof buf - 2);
    pw_text_str(&t, "! ");
    pw_text_str(&t, text);
    pw_text_char(&t, ' ');
    pw_text_u64(&t, value, 0);
    put_line(c, &t);
}

/* "N", 1 .. n. @return 0 if it is not */
static unsigned number(const char *s, unsigned n)
{
    unsigned v = 0;
    if (*s == 0)
        return 0;
    for (; *s != 0; s++) {
        if (*s < '0' || *s > '9' || v > n)
            return 0;
        v = (v << 3) + (v << 1) + (unsigned)(*s - '0');
    }
    return v <= n ? v : 0;
}

static void execute(struct pw_console *c)
{
    c->in[c->in_len] = 0;
    c->in_len = 0;
    char *word = c->in, *arg;
    while (*word == ' ')
        word++;
    for (arg = word; *arg != 0 && *arg != ' '; arg++)
        ;
    while (*arg == ' ')
        *arg++ = 0;
    for (size_t n = strlen(arg); n > 0 && arg[n - 1] == ' '; n--)
        arg[n - 1] = 0;
    if (*word == 0) {
        (void)pw_uart_put(c->uart, "> ", 2);
        return;
    }
    for (unsigned i = 1; i < N_COMMANDS; i++) {
        if (strcmp(word, commands[i].name) != 0)
            continue;
        if (commands[i].takes_ct) {
            unsigned v = number(arg, c->cfg->n_ct);
            if (v == 0) {
                complain(c, "which CT? a number from 1 to the number of CTs");
                return;
            }
            c->arg = (uint8_t)(v - 1);
        } else if (*arg != 0) {
            complain(c, "this command takes no argument");
            return;
        }
        c->command = (uint8_t)i;
        c->line = 0;
        return;
    }
    complain(c, "unknown command; try help");
}

static bool answer(struct pw_console *c)
{
    char buf[120];
    struct pw_text t;
    if (pw_uart_free(c->uart) < sizeof buf + 4)
        return false;
    pw_text_init(&t, buf, sizeof buf);
    if (commands[c->command].say(c, c->line, &t)) {
        put_line(c, &t);
        c->line++;
    } else {
        c->command = 0;
        (void)pw_uart_put(c->uart, "> ", 2);
    }
    return true;
}

bool pw_console_step(struct pw_console *c)
{
    char ch;
    if (c->rebooting && pw_uart_free(c->uart) == PW_UART_TX_B) { /* all is said */
        c->rebooting = false;
        c->reboot(c->reboot_ctx);
    }
    if (c->command != 0)
        return answer(c); /* what is typed meanwhile waits in the ring */
    if (!pw_uart_get(c->uart, &ch))
        return false;
    if (ch == '\r' || ch == '\n') {
        if (ch == '\r' || c->in_len > 0)
            (void)pw_uart_put(c->uart, "\r\n", 2);
        if (ch == '\r' || c->in_len > 0)
            execute(c);
    } else if (ch == 0x08 || ch == 0x7F) {
        if (c->in_len > 0) {
            c->in_len--;
            (void)pw_uart_put(c->uart, "\b \b", 3);
        }
    } else if (ch >= ' ' && ch <= '~' && c->in_len + 1u < sizeof c->in) {
        c->in[c->in_len++] = ch;
        (void)pw_uart_put(c->uart, &ch, 1);
    }
    return true;
}
