/* SPDX-License-Identifier: Apache-2.0 */
/* The newest records of the logs, the newest first. */
#include "books_text.h"
#include "bytes.h"
#include "commands.h"

/* The number of this line's record. @return false: no more */
static bool record(struct pw_console *c, unsigned line, uint32_t oldest, uint32_t next, uint32_t *number)
{
    if (line == 0)
        c->number = next; /* what comes meanwhile does not move the answer */
    *number = c->number - 1u - line;
    return line < c->arg && line < c->number - oldest && c->number > oldest;
}

static bool bad_record(struct pw_console *c, struct pw_text *t, int err)
{
    c->wait = err == PW_ERR_STATE;
    pw_text_str(t, err == PW_ERR_RANGE ? "not there any more" : err == PW_ERR_CRC ? "damaged" : "memory failed");
    return true;
}

static void end_time(struct pw_text *t, const struct pw_books *b, uint32_t utc_s, bool known)
{
    pw_text_char(t, ' ');
    pw_books_moment_text(t, b, utc_s);
    pw_text_str(t, known ? " " : "? ");
}

static bool say_log(struct pw_console *c, unsigned line, struct pw_text *t, enum pw_event_log log)
{
    struct pw_books *b = PW_VIEW(c, books);
    struct pw_event e;
    uint32_t oldest, next, number;
    if (b == NULL || !b->logs)
        return false;
    if (line == 0 && !pw_flashlog_mounted(&b->events.log[log])) {
        c->wait = true;
        return true;
    }
    pw_events_range(&b->events, log, &oldest, &next);
    if (!record(c, line, oldest, next, &number))
        return false;
    int err = pw_events_read(&b->events, log, number, &e);
    pw_text_u64(t, number, 5);
    if (err != PW_OK) {
        pw_text_char(t, ' ');
        return bad_record(c, t, err);
    }
    end_time(t, b, e.utc_s, (e.flags & PW_EVENT_CLOCK_OK) != 0);
    pw_text_fmt(t, "%s #%lu ", pw_event_name(e.kind), e.occurrence);
    pw_books_event_index(t, &e);
    for (unsigned i = 0; i < 2; i++) {
        size_t at = t->len;
        pw_text_str(t, i == 0 ? " old " : " new ");
        size_t from = t->len;
        pw_books_event_value(t, b, &e, i == 1);
        if (t->len == from) /* it has none */
            t->buf[t->len = at] = 0;
    }
    return true;
}

static bool say_events(struct pw_console *c, unsigned line, struct pw_text *t)
{
    return say_log(c, line, t, PW_EVENTS_GENERAL);
}

static bool say_changes(struct pw_console *c, unsigned line, struct pw_text *t)
{
    return say_log(c, line, t, PW_EVENTS_A);
}

/* Sum over all points of a channel, 10^unit uWh. */
static int interval_sum(struct pw_books *b, uint32_t number, const struct pw_interval *r, unsigned channel, uint64_t *sum)
{
    uint8_t raw[4u * PW_MAX_CT];
    size_t at = pw_interval_value_at(r, channel, 0);
    *sum = 0;
    if (at == 0)
        return PW_OK;
    if (r->n_points > PW_MAX_CT) /* of a larger meter */
        return PW_ERR_SIZE;
    int err = pw_intervals_read_at(&b->intervals, number, at, raw, 4u * r->n_points);
    for (unsigned p = 0; err == PW_OK && p < r->n_points; p++)
        *sum += pw_get_le32(raw + 4u * p);
    return err;
}

static bool say_intervals(struct pw_console *c, unsigned line, struct pw_text *t)
{
    struct pw_books *b = PW_VIEW(c, books);
    struct pw_interval r;
    uint32_t number;
    if (b == NULL || !b->logs)
        return false;
    if (line == 0 && !pw_flashlog_mounted(&b->intervals.log)) {
        c->wait = true;
        return true;
    }
    if (!record(c, line, b->intervals.log.oldest, b->intervals.log.next, &number))
        return false;
    int err = pw_books_interval(b, number, &r);
    pw_text_u64(t, number, 5);
    if (err == PW_OK) {
        end_time(t, b, r.end_utc_s, (r.flags & PW_INTERVAL_CLOCK) == 0);
        pw_text_fmt(t, "%lu s ", r.length_s);
        pw_interval_flags_text(t, r.flags);
    } else {
        pw_text_char(t, ' ');
    }
    for (unsigned ch = 0; err == PW_OK && ch < PW_INTERVAL_N_ENERGY; ch++) {
        uint64_t sum;
        if (((unsigned)r.channels >> ch & 1u) == 0)
            continue;
        err = interval_sum(b, number, &r, ch, &sum);
        pw_text_str(t, pw_text_nth(" del \0 rec \0 var del \0 var rec \0", ch));
        pw_text_energy(t, sum, 9u - r.unit_log10, 3, 0);
        pw_text_str(t, ch < 2 ? " kWh" : " kvarh");
    }
    return err == PW_OK || bad_record(c, t, err);
}

const struct pw_command pw_cmd_intervals = {"intervals", "intervals N: the last N, sums over all points", say_intervals, PW_ARG_COUNT};
const struct pw_command pw_cmd_events = {"events", "events N: the last N", say_events, PW_ARG_COUNT};
const struct pw_command pw_cmd_changes = {"changes", "changes N: the last N of the log of changes (type A)", say_changes, PW_ARG_COUNT};
