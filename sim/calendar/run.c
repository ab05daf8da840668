/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "books_priv.h"
#include "flash_own.h"

#define POLL_US       1000u
#define START_US      10000000u
#define SETTLE_POLLS  20000u
#define WAIT_POLLS    200u   /* without an operation */
#define SETTLE_TRIES  30u
#define QUIET_POLLS   4u
#define HOLD_US       20000u
#define HOLD_POLL_US  200u

static void put_factory(struct cal_world *w, const uint8_t *data, size_t len, uint32_t a, uint32_t b)
{
    memcpy(w->fram + a, data, len);
    memcpy(w->fram + b, data, len);
}

bool cal_run_new(struct cal_run *r, const struct pw_config *cfg, const struct pw_program *p, uint64_t seed, uint32_t utc_s)
{
    uint8_t config[PW_CONFIG_SIZE_B], program[PW_PROGRAM_SIZE_B];
    struct pw_config_fault fault = {"", -1, ""};
    struct pw_program_fault wrong = {"", -1, ""};
    memset(r, 0, sizeof *r);
    if (pw_config_encode(cfg, config, &fault) != PW_OK) {
        fprintf(stderr, "configuration: %s %d %s\n", fault.group, fault.index, fault.field);
        return false;
    }
    if (pw_program_check(p, &wrong) != PW_OK) {
        fprintf(stderr, "program: %s %d %s\n", wrong.group, wrong.index, wrong.field);
        return false;
    }
    pw_program_encode(p, program);
    r->w = cal_world_new(cfg->n_ct, seed, utc_s);
    r->hal = cal_hal(r->w);
    r->load_seed = seed * 2 + 1;
    r->window_s = 300;
    put_factory(r->w, config, sizeof config, PW_FRAM_CONFIG_A, PW_FRAM_CONFIG_B);
    put_factory(r->w, program, sizeof program, PW_FRAM_PROGRAM_A, PW_FRAM_PROGRAM_B);
    return true;
}

void cal_run_free(struct cal_run *r)
{
    cal_world_free(r->w);
}

void cal_poll(struct cal_run *r, unsigned us)
{
    r->w->now_us += us;
    r->polls++;
    pw_app_poll(&r->app);
    if (r->w->reset_asked) {
        fprintf(stderr, "the firmware has reset itself\n");
        exit(1);
    }
}

bool cal_boot(struct cal_run *r)
{
    cal_power_up(r->w);
    r->last_us = r->w->now_us;
    if (pw_app_init(&r->app, &r->hal) != PW_OK)
        return false;
    while (r->app.clock.state == PW_CLOCK_STARTING && r->w->now_us - r->w->boot_us < START_US)
        cal_poll(r, 1000);
    return r->app.clock.state != PW_CLOCK_STARTING;
}

/* The books start with the first window. */
bool cal_start(struct cal_run *r)
{
    if (!cal_boot(r))
        return false;
    cal_feed(r);
    return r->app.books.started;
}

void cal_cut(struct cal_run *r, uint64_t off_us, bool hold)
{
    if (hold) {
        r->w->power_fail = true;
        for (unsigned us = 0; us < HOLD_US; us += HOLD_POLL_US)
            cal_poll(r, HOLD_POLL_US);
    }
    r->powered_us += r->w->now_us - r->w->boot_us;
    cal_power_down(r->w);
    r->w->now_us += off_us;
}

uint32_t cal_now(const struct cal_run *r)
{
    return pw_clock_now(&r->app.clock, NULL);
}

/* The meter's clock may run at another rate than the world's: nearer and nearer. */
void cal_until(struct cal_run *r, uint32_t utc_s)
{
    for (;;) {
        uint32_t us, now = pw_clock_now(&r->app.clock, &us);
        if (now >= utc_s)
            return;
        uint64_t left_us = (uint64_t)(utc_s - now) * 1000000u - us + 1000;
        r->w->now_us += left_us;
    }
}

static int32_t sun(const struct cal_load *l, uint32_t utc_s)
{
    int64_t minute = (int64_t)(utc_s / 60 + 1440 - 300) % 1440, off = minute < 720 ? 720 - minute : minute - 720;
    return off >= 360 ? 0 : (int32_t)((int64_t)l->sun_mw * (360 * 360 - off * off) / (360 * 360));
}

/* The load of a CT for the window that ends now. */
static void draw(struct cal_run *r, unsigned k, struct cal_window *win, int32_t creep_mw)
{
    struct cal_load *l = &r->load[k];
    uint64_t dice = cal_random(&r->load_seed);
    if (l->step_mw != 0)
        l->now_mw += (int32_t)(dice % (2u * (uint32_t)l->step_mw + 1)) - l->step_mw;
    l->now_mw = l->now_mw < l->min_mw ? l->min_mw : l->now_mw > l->max_mw ? l->max_mw : l->now_mw;
    int32_t p = l->now_mw;
    if (l->sun_mw != 0)
        p -= (int32_t)((int64_t)sun(l, cal_now(r)) * (int64_t)(512 + (dice >> 40) % 512) / 1024);
    if (p < creep_mw && p > -creep_mw)
        p = 0;
    int64_t q = (int64_t)(p < 0 ? -p : p) * l->tan_e3 / 1000;
    win->p_mw[k] = p;
    win->q_mvar[k] = q < creep_mw && q > -creep_mw ? 0 : (int32_t)q;
}

static void write_trace(const struct cal_run *r, const struct cal_window *win)
{
    fprintf(r->trace, "%u,%llu,%u", cal_now(r), (unsigned long long)win->us, win->v_mv[0]);
    for (unsigned k = 0; k < r->app.cfg.n_ct; k++)
        fprintf(r->trace, ",%d,%d", win->p_mw[k], win->q_mvar[k]);
    fputc('\n', r->trace);
}

void cal_feed(struct cal_run *r)
{
    struct cal_window *win = &r->w->window;
    const struct pw_config *cfg = &r->app.cfg;
    win->us = r->w->now_us - r->last_us;
    r->last_us = r->w->now_us;
    for (unsigned i = 0; i < PW_N_V; i++)
        win->v_mv[i] = (uint32_t)(119000 + cal_random(&r->load_seed) % 2000);
    win->v_mv[1] = win->v_mv[2] = win->v_mv[0];
    for (unsigned k = 0; k < cfg->n_ct; k++)
        draw(r, k, win, (int32_t)cfg->point[cfg->ct[k].point].creep_mw);
    if (r->trace != NULL)
        write_trace(r, win);
    r->windows++;
    win->ready = true;
    while (win->ready || r->app.follow != 0) /* not while an image is being written; all that follows it belongs to it */
        cal_poll(r, POLL_US);
}

static bool asked(const struct pw_books_asked *a)
{
    return a->reset != 0 || a->close || a->test_on || a->test_off || a->program || a->schedule || a->time_set;
}

bool cal_idle(const struct cal_run *r)
{
    const struct pw_books *b = &r->app.books;
    bool logs = !b->logs || (b->intervals.checked && !(b->kept && b->intervals.pending) && !b->intervals.saving && pw_events_idle(&b->events));
    bool rate = !b->kept || pw_billing_rate(&b->billing) == pw_books_tariff_rate(b);
    return b->started && !pw_books_busy(b) && b->image.step == 0 && logs && rate && b->billing.job == 0 && b->billing.want == 0 && b->want == 0 && !b->closes.writing &&
           r->app.config_store.step == 0 && !asked(&b->asked) && r->w->flash->op == 0;
}

static bool quiet(struct cal_run *r)
{
    unsigned n = 0;
    uint64_t ops = r->w->ops, last_ops = 0;
    for (unsigned i = 1; i <= SETTLE_POLLS; i++) {
        cal_poll(r, POLL_US);
        n = cal_idle(r) && r->w->ops == ops ? n + 1 : 0;
        ops = r->w->ops;
        if (n >= QUIET_POLLS) {
            if (i > r->settle_polls_max)
                r->settle_polls_max = i;
            return true;
        }
        if (i % WAIT_POLLS == 0 && ops == last_ops)
            break; /* what waits, waits for the next second */
        if (i % WAIT_POLLS == 0)
            last_ops = ops;
    }
    return false;
}

bool cal_settle(struct cal_run *r)
{
    for (unsigned tries = 0; tries < SETTLE_TRIES; tries++) {
        if (quiet(r))
            return true;
        r->extra_windows++;
        cal_until(r, cal_now(r) + 1);
        cal_feed(r);
    }
    return false;
}

bool cal_window(struct cal_run *r, uint32_t utc_s)
{
    cal_until(r, utc_s);
    cal_feed(r);
    return cal_settle(r);
}

uint32_t cal_next(const struct cal_run *r)
{
    return (cal_now(r) / r->window_s + 1) * r->window_s;
}
