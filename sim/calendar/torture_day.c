/* SPDX-License-Identifier: Apache-2.0 */
/* The scripted day: 14 March 2027 in Toronto, when the clocks are changed, and the hours after it, in which a season and a billing period begin. */
#include <stdlib.h>
#include <string.h>

#include "tou_text.h"
#include "torture.h"

#define PERIOD_S 300u
enum action { OPEN, CONFIG, PROGRAM, SCHEDULE, RESET, CLOSE, SEVERAL, TEST_ON, TEST_OFF, SHUT };

static uint32_t utc(unsigned month, unsigned day, unsigned hour, unsigned minute)
{
    struct pw_civil c = {2027, (uint8_t)month, (uint8_t)day, (uint8_t)hour, (uint8_t)minute, 0, 0};
    return pw_civil_to_s(&c);
}

static bool read_schedules(struct torture *t, const char *file)
{
    struct pw_tou_names names;
    if (!cal_schedule_read(file, t->schedule[0]) || pw_tou_decode(&t->tou[0], &names, t->schedule[0], PW_TOU_SIZE_B, NULL) != PW_OK)
        return false;
    t->tou[1] = t->tou[0];
    t->tou[1].id++;
    t->tou[1].effective_utc = utc(3, 14, 20, 0);
    unsigned n = 0;
    for (unsigned i = 0; i < t->tou[1].n_daytypes; i++)
        n += t->tou[1].n_segments[i];
    for (unsigned i = 0; i < n; i++) { /* the same hours at other rates */
        uint16_t s = t->tou[1].segment[i];
        t->tou[1].segment[i] = PW_TOU_SEG(pw_tou_seg_minute(s), (pw_tou_seg_rate(s) + 1u) % t->tou[1].n_rates);
    }
    return pw_tou_encode(&t->tou[1], &names, t->schedule[1], NULL) == PW_OK;
}

/* 24 points, all energies and voltages each 5 minutes: the heaviest records, so that a flash of 4 MiB goes round in 6 days. */
static void make_scenario(struct cal_scenario *s, uint64_t seed, unsigned days_before)
{
    *s = (struct cal_scenario){.start_utc_s = utc(3, 14, 5, 0) - days_before * PW_DAY_S, .window_s = PERIOD_S, .seed = seed};
    pw_program_default(&s->program, PW_PROFILE_POWERSTAR24);
    pw_config_default(&s->cfg, TOR_POINTS);
    s->program.quantities = 1u << PW_TQ_WH_DEL | 1u << PW_TQ_WH_REC | 1u << PW_TQ_VAH_DEL;
    s->program.intervals = (struct pw_intervals_config){.minutes = PERIOD_S / 60, .channels = 31, .unit_log10 = 3};
    s->program.n_demands = TOR_DEMANDS;
    s->program.demand[0] = (struct pw_demand_config){PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 15, 1};
    s->program.demand[1] = (struct pw_demand_config){PW_DEMAND_W_DEL, PW_DEMAND_SLIDING, 15, 3};
    s->program.season_closes = true;
    s->program.close_day = 0;
    for (unsigned k = 0; k < TOR_POINTS; k++) {
        s->load[k] = (struct cal_load){100000 + (int32_t)k * 1000, 6000000, 900000, k % 4 == 3 ? 8000000 : 0, 300 - (int32_t)k * 40, 2000000};
        s->cfg.ct[k].role = k % 4 == 3 ? PW_ROLE_SOURCE : PW_ROLE_BRANCH;
    }
}

static void add(struct torture *t, uint32_t utc_s, enum action kind)
{
    t->action[t->n_actions].utc_s = utc_s;
    t->action[t->n_actions++].kind = (uint8_t)kind;
}

static void fork_hook(void *ctx, enum cal_op op)
{
    (void)op;
    tor_follow(ctx);
}

bool tor_prepare(struct torture *t, const char *schedule_file, unsigned days_before)
{
    static struct cal_scenario s;
    if (!read_schedules(t, schedule_file))
        return false;
    make_scenario(&s, t->seed, days_before);
    if (!cal_run_new(&t->run, &s.cfg, &s.program, s.seed, s.start_utc_s))
        return false;
    memcpy(t->run.load, s.load, sizeof t->run.load);
    t->run.window_s = PERIOD_S;
    t->run.w->flash_b = 0x400000;
    t->run.w->before = fork_hook;
    t->run.w->before_ctx = t;
    t->run.w->unsealed = true;
    t->end_utc_s = utc(3, 15, 6, 0);
    add(t, utc(3, 14, 9, 2), OPEN);
    add(t, utc(3, 14, 9, 3), CONFIG);
    add(t, utc(3, 14, 9, 4), PROGRAM);
    add(t, utc(3, 14, 10, 31), SCHEDULE);
    add(t, utc(3, 14, 11, 17), TEST_ON);
    add(t, utc(3, 14, 11, 28), TEST_OFF);
    add(t, utc(3, 14, 12, 0), SHUT);
    add(t, utc(3, 14, 15, 0), RESET);
    add(t, utc(3, 14, 16, 7), CLOSE);
    add(t, utc(3, 14, 18, 12), SEVERAL);
    if (!cal_start(&t->run) || t->run.app.books.program.n_demands != TOR_DEMANDS)
        return false;
    tor_mark(t);
    bool ok = cal_window(&t->run, cal_now(&t->run) + 1) && cal_schedule_put(&t->run, t->schedule[0]) == PW_OK &&
              cal_window(&t->run, cal_now(&t->run) + 1);
    t->run.w->unsealed = false;
    while (ok && cal_now(&t->run) < utc(3, 14, 5, 0)) {
        ok = cal_window(&t->run, cal_next(&t->run));
        tor_follow(t);
    }
    t->expected_power_ups = 0;
    return ok;
}

static void soon(struct torture *t)
{
    if (!cal_window(&t->run, cal_now(&t->run) + 1))
        tor_fail(t, "no rest after action %u", t->next_action);
    tor_follow(t);
}

/* Requests that come faster than they can be done, with windows as short as a meter's. */
static void several(struct torture *t)
{
    struct pw_books *b = &t->run.app.books;
    for (unsigned i = 0; i < 6; i++) {
        int err = i == 1 && b->billing.lock_ms == 0 ? pw_books_reset_demand(b, PW_RESET_COMMAND) : i == 0 || i == 3 ? pw_books_close(b) : PW_OK;
        if (err != PW_OK)
            tor_fail(t, "request %u refused: %d", i, err);
        for (unsigned ms = 0; ms < 200 && ms < 20u * (i + 1); ms++)
            cal_poll(&t->run, 1000);
        t->run.w->now_us += 100000;
        cal_feed(&t->run);
        tor_follow(t);
    }
}

/* Up to a time: the power goes in the last second only, which is a window of its own. So a cut costs a second as in a meter, not five minutes. */
static bool until(struct torture *t, uint32_t utc_s)
{
    t->calm = true;
    bool ok = cal_now(&t->run) + 1 >= utc_s || cal_window(&t->run, utc_s - 1);
    tor_follow(t);
    t->calm = false;
    return ok && cal_window(&t->run, utc_s);
}

/* What a client does: asks until it is done, also over a power cut. */
static void act(struct torture *t, enum action kind)
{
    struct pw_books *b = &t->run.app.books;
    struct pw_config cfg = t->run.app.cfg;
    struct pw_program p = b->program;
    struct pw_program_fault fault;
    int err = PW_OK;
    switch (kind) {
    case OPEN:
    case SHUT: t->run.w->unsealed = kind == OPEN; break;
    case CONFIG:
        for (unsigned i = 0; i < cfg.n_points; i++)
            cfg.point[i].creep_mw = 2000;
        t->run.app.map.commit(t->run.app.map.commit_ctx, &cfg);
        break;
    case PROGRAM:
        p.reset_lock_min = 20;
        err = pw_books_set_program(b, &p, &fault);
        break;
    case SCHEDULE:
        if (b->next_effective_s == 0 && b->tou.id == t->tou[0].id)
            err = cal_schedule_put(&t->run, t->schedule[1]);
        break;
    case RESET: err = b->billing.lock_ms > 0 ? PW_OK : pw_books_reset_demand(b, PW_RESET_COMMAND); break;
    case CLOSE: err = pw_books_close(b); break;
    case SEVERAL: several(t); break;
    case TEST_ON: err = pw_books_test_mode(b, true); break;
    case TEST_OFF: err = pw_books_test_mode(b, false); break;
    }
    if (err != PW_OK)
        tor_fail(t, "action %u refused: %d", kind, err);
    soon(t);
}

/* Up again, perhaps with the power going in the midst of it. */
static void recover(struct torture *t)
{
    static const uint32_t off_ms[] = {50, 900, 3000, 65000, 290000, 301000, 700000, 4000000, 40000000};
    uint64_t dice = cal_random(&t->run.w->seed);
    struct cal_world *w = t->run.w;
    t->result->cuts++;
    t->cuts_left--;
    cal_cut(&t->run, off_ms[dice % (sizeof off_ms / sizeof off_ms[0])] * 1000u, false);
    w->cut_at = 0;
    if (t->cuts_left > 0) {
        t->result->recoveries_cut++;
        w->cut_at = w->ops + 1 + (dice >> 20) % 260;
    }
    t->cold++;
    t->windows_left = 3;
    if (!cal_boot(&t->run)) {
        tor_fail(t, "does not start");
        return;
    }
    tor_restored(t);
    cal_feed(&t->run);
    tor_follow(t);
    if (!t->run.app.books.started)
        tor_fail(t, "the books do not start");
    soon(t);
}

/* At rest after a cut, and at the end. */
static void windows(struct torture *t)
{
    struct pw_books *b = &t->run.app.books;
    while (t->next_action < t->n_actions && t->action[t->next_action].utc_s <= cal_now(&t->run)) {
        act(t, (enum action)t->action[t->next_action].kind);
        t->next_action++;
    }
    uint32_t next = cal_next(&t->run);
    if (t->next_action < t->n_actions && t->action[t->next_action].utc_s < next)
        next = t->action[t->next_action].utc_s;
    if (!until(t, next))
        tor_fail(t, "no rest at %u: job %u", cal_now(&t->run), b->billing.job);
    tor_follow(t);
}

void tor_day(struct torture *t)
{
    if (setjmp(t->run.w->cut) != 0)
        recover(t);
    for (;;) {
        if (t->child && t->run.w->cut_at == 0) {
            if (!t->run.app.books.test)
                tor_check(t, t->all_records && t->windows_left == 1);
            if (t->windows_left-- <= 1)
                return;
        } else if (cal_now(&t->run) >= t->end_utc_s) {
            return;
        }
        windows(t);
    }
}
