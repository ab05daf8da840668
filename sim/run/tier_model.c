/* SPDX-License-Identifier: Apache-2.0 */
/* Model tier: the firmware compiled for the PC on the register models. */
#include <stdio.h>
#include <stdlib.h>
#include "sim/machine/machine.h"
#include "sw/firmware/app/app.h"
#include "tier.h"

enum { POLL_US = 100 };                          /* one pass of the main loop in this time, at most; the soft core is of that order */

struct pw_tier {
    struct pw_machine m;
    struct pw_app app;
    struct pw_panel *panel;
    struct pw_tier_hooks hooks;
    uint64_t n_frames;
    uint16_t seq;
    unsigned cpu_resets, bus_errors;             /* bus errors before the last reset */
    bool running;                                /* firmware is started */
};

const char pw_tier_name[] = "model";

int pw_tier_clocks(unsigned n_ct, unsigned *clk_mhz, unsigned *mod_div, char *err, size_t err_n)
{
    (void)err;
    (void)err_n;
    *clk_mhz = n_ct > 24 ? 50 : 25;              /* docs/architecture.md, Clocks */
    *mod_div = n_ct > 24 ? 11 : 5;
    return 0;
}

static void bits8(void *ctx, uint8_t bytes[])
{
    struct pw_tier *t = ctx;
    pw_panel_step8(t->panel, bytes);
}

static void frame(void *ctx)
{
    struct pw_tier *t = ctx;
    uint64_t n = t->n_frames++;
    t->hooks.frame(t->hooks.ctx, n, t->m.fe.sample);
    if (t->m.fe.in.seq == t->seq) return;
    t->seq = t->m.fe.in.seq;
    t->hooks.window(t->hooks.ctx, t->seq, n);
}

struct pw_tier *pw_tier_open(const struct pw_tier_opts *o, char *err, size_t err_n)
{
    unsigned clk_mhz, mod_div;
    struct pw_tier *t = calloc(1, sizeof *t);
    if (t == NULL || pw_tier_clocks(o->n_ct, &clk_mhz, &mod_div, err, err_n) != 0) {
        free(t);
        snprintf(err, err_n, "no memory");
        return NULL;
    }
    pw_machine_init(&t->m, o->board, o->n_ct, mod_div, clk_mhz);
    t->panel = o->panel;
    t->hooks = o->hooks;
    t->m.bits8 = bits8;
    t->m.frame = frame;
    t->m.ctx = t;
    return t;
}

void pw_tier_close(struct pw_tier *t) { free(t); }

static void start_firmware(struct pw_tier *t)
{
    if (t->m.reset_request) {
        t->cpu_resets++;
        t->bus_errors += t->m.buserr_count;
        pw_machine_reset_cpu(&t->m);
    }
    t->running = pw_app_init(&t->app, &t->m.hal) == PW_OK;
}

void pw_tier_run_to(struct pw_tier *t, uint64_t clk)
{
    while (t->m.clk < clk) {
        uint64_t next = t->m.clk + (uint64_t)POLL_US * t->m.clk_mhz;
        t->m.fe.unsealed = t->m.board->unsealed;
        if (!t->running || t->m.reset_request) start_firmware(t);
        else pw_app_poll(&t->app);
        pw_machine_run_to(&t->m, next);
        pw_board_poll(t->m.board);
    }
}

uint32_t pw_tier_bank(const struct pw_tier *t, unsigned ch, unsigned word) { return t->m.fe.in.bank[ch][word]; }

void pw_tier_status(const struct pw_tier *t, struct pw_tier_status *s)
{
    *s = (struct pw_tier_status){ .clk = t->m.clk, .bus_errors = t->bus_errors + t->m.buserr_count, .cpu_resets = t->cpu_resets, .n_frames = t->n_frames };
}
