/* SPDX-License-Identifier: Apache-2.0 */
/* Registers, demand, tariff, seal and requests. */
#include <string.h>

#include "books_text.h"
#include "commands.h"

/* @return false: there is nothing to say */
static bool books_of(struct pw_console *c, struct pw_books **b)
{
    *b = PW_VIEW(c, books);
    return *b != NULL;
}

/* Says why a value is not there, or waits for it. @return true: say it */
static bool unread(struct pw_console *c, struct pw_text *t, int err)
{
    if (err == PW_ERR_STATE)
        c->wait = true;
    else
        pw_text_str(t, err == PW_ERR_RANGE ? "no registers here" : "memory failed");
    return true;
}

/* The line-th quantity that has registers; PW_N_TQ: none. */
static unsigned quantity_of(const struct pw_books *b, unsigned line)
{
    unsigned q = 0;
    for (unsigned seen = 0; q < PW_N_TQ; q++)
        if ((b->program.quantities >> q & 1u) != 0 && seen++ == line)
            break;
    return q;
}

static bool say_registers(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_books *b;
    struct pw_billing_values v;
    if (!books_of(c, &b))
        return false;
    unsigned q = quantity_of(b, line);
    if (q == PW_N_TQ)
        return false;
    int err = pw_books_values(b, c->arg, q, &v);
    pw_text_fmt(t, "%-8s", pw_quantity_name(q));
    if (err != PW_OK)
        return unread(c, t, err);
    const char *unit = pw_quantity_unit(q);
    pw_text_fmt(t, "%.96llu%s", v.all, unit);
    for (unsigned r = 0; r < b->program.n_rates; r++)
        pw_text_fmt(t, " R%u %.96llu%s", r + 1, v.rate[r], unit);
    if (v.test != 0)
        pw_text_fmt(t, " test %.96llu%s", v.test, unit);
    return true;
}

static void moment(struct pw_text *t, const struct pw_books *b, const char *name, uint32_t utc_s)
{
    pw_text_str(t, name);
    pw_books_moment_text(t, b, utc_s);
}

static void peak_field(struct pw_text *t, const struct pw_books *b, unsigned k, const char *name, const struct pw_peak *p)
{
    pw_text_str(t, name);
    pw_demand_value_text(t, &b->program, k, pw_peak_mw(p));
    if (p->utc_s == 0)
        return;
    moment(t, b, " at ", p->utc_s);
    pw_text_fmt(t, " R%u", p->rate + 1u);
}

static bool demand_sums(struct pw_console *c, struct pw_books *b, unsigned k, struct pw_text *t)
{
    struct pw_peak past[PW_MAX_PAST];
    uint64_t mw;
    int err = pw_books_readable(b);
    if (err == PW_OK)
        err = pw_billing_cumulative(&b->billing, c->arg, k, false, &mw);
    if (err == PW_OK)
        err = pw_billing_pasts(&b->billing, c->arg, k, past);
    if (err != PW_OK)
        return unread(c, t, err);
    pw_text_str(t, "  cumulative ");
    pw_demand_value_text(t, &b->program, k, mw);
    peak_field(t, b, k, ", at the last reset ", &past[0]);
    return true;
}

static bool say_demand(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_books *b;
    if (!books_of(c, &b) || line / 3u >= b->demand.n_demands)
        return false;
    unsigned k = line / 3u;
    if (c->arg >= b->demand.n_points)
        return line == 0 ? unread(c, t, PW_ERR_RANGE) : false;
    if (line % 3u == 2u)
        return demand_sums(c, b, k, t);
    if (line % 3u == 1u) {
        struct pw_peak peak = pw_demand_peak(&b->demand, c->arg, k);
        peak_field(t, b, k, "  peak ", &peak);
        return true;
    }
    pw_demand_text(t, &b->program.demand[k]);
    pw_text_str(t, ": now ");
    pw_demand_value_text(t, &b->program, k, pw_demand_present_mw(&b->demand, c->arg, k));
    pw_text_str(t, ", interval before ");
    pw_demand_value_text(t, &b->program, k, pw_demand_previous_mw(&b->demand, c->arg, k));
    return true;
}

static bool say_tariff(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_books *b;
    bool known;
    if (!books_of(c, &b))
        return false;
    switch (line) {
    case 0:
        moment(t, b, "", pw_books_now(b, &known));
        pw_text_str(t, known ? "" : " (not set)");
        return true;
    case 1:
        pw_text_fmt(t, "schedule %u %s", b->tou.id, b->tou.name);
        if (b->next_effective_s != 0)
            moment(t, b, ", the next one begins ", b->next_effective_s);
        return true;
    case 2:
        if (!b->started)
            return false;
        pw_text_fmt(t, "rate %u season %u day type %u%s", b->tou_now.rate + 1u, b->tou_now.season + 1u, b->tou_now.daytype + 1u,
                    b->tou_now.holiday ? " (holiday)" : "");
        if (b->tou_now.until_utc != PW_TOU_NEVER)
            moment(t, b, " until ", b->tou_now.until_utc);
        return true;
    default:
        return false;
    }
}

static bool say_closes(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_books *b;
    unsigned oldest = 0, newest = 0;
    if (!books_of(c, &b) || line > 1)
        return false;
    if (line == 0) {
        pw_text_fmt(t, "%u billing periods closed", b->billing.head.closes);
        if (b->billing.head.close_utc_s != 0)
            moment(t, b, ", the last at ", b->billing.head.close_utc_s);
        if (b->close_next_s != 0)
            moment(t, b, ", the next at ", b->close_next_s);
        return true;
    }
    int err = b->logs ? pw_closes_range(&b->closes, &oldest, &newest) : PW_ERR_RANGE;
    if (err == PW_OK) {
        pw_text_fmt(t, "stored: %u to %u", oldest, newest);
        return true;
    }
    if (err == PW_ERR_RANGE)
        pw_text_str(t, "none is stored");
    return err == PW_ERR_RANGE || unread(c, t, err);
}

static bool say_seal(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_books *b;
    uint32_t oldest, next;
    if (!books_of(c, &b) || line > 1)
        return false;
    if (line == 0) {
        pw_text_fmt(t, "%s, refused so far %lu attempts, program revision %lu", b->unsealed ? "programming switch open" : "sealed",
                    b->events.count[PW_EVENT_REFUSED], b->program.revision);
        return true;
    }
    pw_events_range(&b->events, PW_EVENTS_A, &oldest, &next);
    pw_text_fmt(t, "log of changes: %lu of 48 events%s", next - oldest, b->logs && pw_events_a_full(&b->events) ? ", full: no more changes" : "");
    return true;
}

static bool say_test(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_books *b;
    const char *word = pw_console_words(c);
    if (!books_of(c, &b) || line > 0)
        return false;
    if (*word == 0)
        pw_text_fmt(t, b->test ? "test mode on, ends in %lu s" : "test mode off", pw_books_test_left_s(b));
    else if (strcmp(word, "on") != 0 && strcmp(word, "off") != 0)
        pw_text_str(t, "? test on, or test off");
    else
        pw_text_str(t, pw_books_answer(pw_books_test_mode(b, word[1] == 'n')));
    return true;
}

static bool say_reset(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_books *b;
    if (!books_of(c, &b) || line > 0)
        return false;
    if (strcmp(pw_console_words(c), "demand") == 0)
        pw_text_str(t, pw_books_answer(pw_books_reset_demand(b, PW_RESET_COMMAND)));
    else
        pw_text_str(t, "? reset demand");
    return true;
}

static bool say_profile(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_books *b;
    struct pw_program next;
    const char *word = pw_console_words(c);
    if (!books_of(c, &b) || line > 0)
        return false;
    if (*word == 0) {
        const char *name = pw_profile_name(b->program.profile);
        pw_text_fmt(t, "%s, program revision %lu", name != NULL ? name : "?", b->program.revision);
        return true;
    }
    int profile = pw_profile_find(word);
    if (profile < 0) {
        pw_text_str(t, "? one of");
        for (unsigned i = 0; i < PW_N_PROFILES; i++)
            pw_text_fmt(t, " %s", pw_profile_name(i));
        return true;
    }
    pw_program_default(&next, (unsigned)profile);
    pw_text_str(t, pw_books_answer(pw_books_set_program(b, &next, NULL)));
    return true;
}

const struct pw_command pw_cmd_registers = {"registers", "registers N: energies of point N by rate", say_registers, PW_ARG_POINT};
const struct pw_command pw_cmd_demand = {"demand", "demand N: of point N: now, peak, last reset", say_demand, PW_ARG_POINT};
const struct pw_command pw_cmd_tariff = {"tariff", "local time, schedule, rate, season", say_tariff, PW_ARG_NONE};
const struct pw_command pw_cmd_closes = {"closes", "billing periods: closed, stored", say_closes, PW_ARG_NONE};
const struct pw_command pw_cmd_seal = {"seal", "programming switch, log of changes", say_seal, PW_ARG_NONE};
const struct pw_command pw_cmd_test = {"test", "test mode; test on, test off", say_test, PW_ARG_WORDS};
const struct pw_command pw_cmd_reset = {"reset", "reset demand", say_reset, PW_ARG_WORDS};
const struct pw_command pw_cmd_profile = {"profile", "profile; profile NAME: takes another", say_profile, PW_ARG_WORDS};
