/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include <string.h>

#include "commands.h"
#include "text.h"

static bool say_help(struct pw_console *c, unsigned line, struct pw_text *t);

#define WAIT_PASSES 50000u /* then what is waited for does not come */
#define COUNT       10u
#define COUNT_MAX   200u

static const struct pw_command cmd_help = {"help", "this list", say_help, PW_ARG_NONE};

static const struct pw_command *const commands[] = {
    NULL, /* 0: none */
    &cmd_help,
    &pw_cmd_info,
    &pw_cmd_volts,
    &pw_cmd_cts,
    &pw_cmd_ct,
    &pw_cmd_points,
    &pw_cmd_thd,
    &pw_cmd_harm,
    &pw_cmd_harmv,
    &pw_cmd_vevents,
    &pw_cmd_wave,
    &pw_cmd_time,
    &pw_cmd_wiring,
    &pw_cmd_cal,
    &pw_cmd_registers,
    &pw_cmd_demand,
    &pw_cmd_tariff,
    &pw_cmd_intervals,
    &pw_cmd_events,
    &pw_cmd_changes,
    &pw_cmd_closes,
    &pw_cmd_seal,
    &pw_cmd_test,
    &pw_cmd_reset,
    &pw_cmd_profile,
    &pw_cmd_stats,
    &pw_cmd_tasks,
    &pw_cmd_config,
    &pw_cmd_reboot,
};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

static bool say_help(struct pw_console *c, unsigned line, struct pw_text *t)
{
    (void)c;
    if (line + 1 >= N_COMMANDS)
        return false;
    pw_text_fmt(t, "%-10s%s", commands[line + 1]->name, commands[line + 1]->text);
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
    pw_text_fmt(&t, "? %s", what);
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
    pw_text_fmt(&t, "! %s %lu", text, value);
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

const char *pw_console_words(const struct pw_console *c)
{
    return c->in + c->arg;
}

/* @return what is wrong with it, NULL: nothing */
static const char *take_argument(struct pw_console *c, unsigned kind, const char *arg)
{
    unsigned v;
    switch (kind) {
    case PW_ARG_CT:
        v = number(arg, c->cfg->n_ct);
        c->arg = (uint8_t)(v - 1);
        return v == 0 ? "which CT? a number from 1 to the number of CTs" : NULL;
    case PW_ARG_POINT:
        v = number(arg, c->cfg->n_points);
        c->arg = (uint8_t)(v - 1);
        return v == 0 ? "which point? a number from 1 to the number of points" : NULL;
    case PW_ARG_COUNT:
        v = *arg == 0 ? COUNT : number(arg, COUNT_MAX);
        c->arg = (uint8_t)v;
        return v == 0 ? "how many? a number from 1 to 200" : NULL;
    case PW_ARG_WORDS:
        c->arg = (uint8_t)(arg - c->in);
        return NULL;
    default:
        return *arg != 0 ? "this command takes no argument" : NULL;
    }
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
        if (strcmp(word, commands[i]->name) != 0)
            continue;
        const char *wrong = take_argument(c, commands[i]->arg, arg);
        if (wrong != NULL) {
            complain(c, wrong);
            return;
        }
        c->command = (uint8_t)i;
        c->line = 0;
        c->waited = 0;
        return;
    }
    complain(c, "unknown command; try help");
}

static bool answer(struct pw_console *c)
{
    char buf[150];
    struct pw_text t;
    if (pw_uart_free(c->uart) < sizeof buf + 4)
        return false;
    pw_text_init(&t, buf, sizeof buf);
    c->wait = false;
    bool more = commands[c->command]->say(c, c->line, &t);
    if (c->wait && c->waited < WAIT_PASSES) {
        c->waited++;
        return false;
    }
    if (c->wait) {
        complain(c, "the memory does not answer");
        c->command = 0;
    } else if (more) {
        put_line(c, &t);
        c->line++;
        c->waited = 0;
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
