/* SPDX-License-Identifier: Apache-2.0 */
/* What people and clients ask for: looked at when it is asked, done with the next window. */
#include <string.h>

#include "books_priv.h"

int pw_books_may_change(struct pw_books *b, enum pw_books_group group)
{
    int err = !b->unsealed ? PW_ERR_SEALED : b->logs && pw_events_a_full(&b->events) && group != PW_GROUP_LOG ? PW_ERR_STATE : PW_OK;
    if (err != PW_OK)
        pw_books_event(b, PW_EVENT_REFUSED, group, 0, err);
    return err;
}

int pw_books_reset_demand(struct pw_books *b, enum pw_reset_source source)
{
    int err = (b->program.reset_by >> source & 1) == 0 || b->program.n_demands == 0 ? PW_ERR_SEALED
            : source != PW_RESET_SCHEDULE && b->billing.lock_ms > 0                   ? PW_ERR_STATE
                                                                                    : PW_OK;
    if (err == PW_ERR_STATE)
        b->billing.refused = (uint16_t)(b->billing.refused + (b->billing.refused < UINT16_MAX));
    if (err != PW_OK)
        pw_books_event(b, PW_EVENT_REFUSED, PW_GROUP_RESET, source, err);
    else
        b->asked.reset = (uint8_t)(1u + source);
    return err;
}

int pw_books_close(struct pw_books *b)
{
    b->asked.close = true;
    return PW_OK;
}

int pw_books_test_mode(struct pw_books *b, bool on)
{
    if (b->program.test_timeout_min == 0)
        return PW_ERR_RANGE;
    if (on && !b->unsealed) {
        pw_books_event(b, PW_EVENT_REFUSED, PW_GROUP_TEST, 0, PW_ERR_SEALED);
        return PW_ERR_SEALED;
    }
    b->asked.test_on = on;
    b->asked.test_off = !on;
    return PW_OK;
}

int pw_books_set_program(struct pw_books *b, const struct pw_program *p, struct pw_program_fault *fault)
{
    int err = pw_program_check(p, fault);
    if (err == PW_OK)
        err = pw_books_fits(b, p);
    if (err == PW_OK)
        err = pw_books_may_change(b, PW_GROUP_PROGRAM);
    if (err == PW_OK && (b->asked.program || b->test))
        err = PW_ERR_STATE;
    if (err != PW_OK)
        return err;
    b->next = *p;
    b->asked.program = true;
    return PW_OK;
}

int pw_books_clear_log(struct pw_books *b)
{
    int err = pw_books_may_change(b, PW_GROUP_LOG);
    if (err == PW_OK && b->logs) {
        struct pw_books_moment m = pw_books_moment(b);
        pw_events_clear_a(&b->events, m.utc_s, m.known);
    }
    return err;
}

/* By fields: a struct's padding may be anything. */
static bool same_rules(const struct pw_demand_rules *a, const struct pw_demand_rules *c)
{
    return a->no_peak == c->no_peak && a->cold_after_s == c->cold_after_s && a->cold_min == c->cold_min && a->sync_after_s == c->sync_after_s;
}

static bool same_demands(const struct pw_program *a, const struct pw_program *c)
{
    return a->n_demands == c->n_demands && memcmp(a->demand, c->demand, sizeof a->demand) == 0 && same_rules(&a->rules, &c->rules);
}

static bool same_registers(const struct pw_program *a, const struct pw_program *c)
{
    return a->n_points == c->n_points && a->quantities == c->quantities && a->n_rates == c->n_rates && a->n_past == c->n_past && a->n_demands == c->n_demands;
}

/* Registers and demands begin anew only where they are others. Not while a job needs them as they are. */
static void take_program(struct pw_books *b, const struct pw_books_moment *m)
{
    if (b->billing.job != 0 || b->billing.marked || b->billing.want != 0)
        return;
    bool registers = same_registers(&b->program, &b->next), demands = same_demands(&b->program, &b->next);
    uint32_t revision = b->program.revision;
    b->asked.program = false;
    b->program = b->next;
    b->program.revision = revision + 1u;
    b->image.errors += pw_books_program_save(b) != PW_OK;
    if (!registers || !demands) {
        struct pw_demand_now now = pw_books_demand_now(b, m);
        b->image.errors += pw_books_lay_out(b) != PW_OK; /* it fits: looked at when it was asked for */
        pw_demand_resume(&b->demand, &now); /* the time of the next window is counted from now */
        if (!registers || pw_billing_load(&b->billing, NULL) != PW_OK)
            b->want |= PW_BILL_FORMAT;
    } else {
        b->billing.lock_min = b->program.reset_lock_min;
    }
    pw_books_tariff_period(b, m);
    pw_books_event(b, PW_EVENT_PROGRAMMED, PW_GROUP_PROGRAM, revision, b->program.revision);
}

/* Test mode on or off, once the switch of registers before it is done. */
static void switch_test(struct pw_books *b, bool on, const struct pw_books_moment *m)
{
    struct pw_demand_now now = pw_books_demand_now(b, m);
    if (b->billing.marked)
        return;
    *(on ? &b->asked.test_on : &b->asked.test_off) = false;
    b->test = on;
    if (pw_billing_begin(&b->billing, PW_BILL_RATE, pw_books_tariff_rate(b), m->utc_s) != PW_OK) {
        b->test = !on;
        return;
    }
    if (on)
        b->test_until_us = m->up_us + b->program.test_timeout_min * UINT64_C(60000000);
    pw_demand_test(&b->demand, on, &now);
    pw_intervals_flag(&b->intervals, PW_INTERVAL_TEST, on);
    pw_books_event(b, on ? PW_EVENT_TEST_ON : PW_EVENT_TEST_OFF, 0, 0, on ? b->program.test_timeout_min : 0);
}

void pw_books_requests_window(struct pw_books *b, const struct pw_books_moment *m)
{
    struct pw_books_asked *a = &b->asked;
    if (a->time_set) {
        a->time_set = false;
        pw_intervals_time_set(&b->intervals, a->old_s, a->new_s);
        pw_demand_synced(&b->demand);
        pw_books_event(b, PW_EVENT_TIME_SET, 0, a->old_s, a->new_s);
    }
    if (a->program)
        take_program(b, m);
    if (a->close) {
        a->close = false;
        b->want |= PW_BILL_CLOSE;
    }
    if (a->reset != 0) {
        enum pw_reset_source source = (enum pw_reset_source)(a->reset - 1u);
        a->reset = 0;
        if (pw_billing_reset(&b->billing, source, m->utc_s) == PW_OK)
            pw_books_event(b, PW_EVENT_DEMAND_RESET, source, 0, b->billing.head.resets + 1);
    }
    if (a->test_on && !b->test)
        switch_test(b, true, m);
    if (b->test && (a->test_off || m->up_us >= b->test_until_us))
        switch_test(b, false, m);
    a->test_on &= !b->test;
    a->test_off &= b->test;
}
