/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of what is stored: last interval, events, seal and test mode, self-test. */
#include <string.h>

#include "books_text.h"
#include "bytes.h"
#include "clock_text.h"
#include "pages.h"

#define EVENTS_MOST 100u /* that buttons go through */
#define TO_MINUTE   17u  /* characters of a time, and the end */

static struct pw_books *books_of(const struct pw_display *d)
{
    return PW_VIEW(d, books);
}

static bool unread(struct pw_text *t, int err)
{
    if (err != PW_OK)
        pw_text_str(t, err == PW_ERR_STATE ? "(busy)" : err == PW_ERR_RANGE ? "None yet" : err == PW_ERR_CRC ? "(damaged)" : "(memory failed)");
    return err != PW_OK;
}

static void one_value(struct pw_books *b, const struct pw_interval *r, unsigned channel, unsigned point, struct pw_text *t)
{
    uint8_t raw[4];
    size_t at = pw_interval_value_at(r, channel, point);
    if (at == 0 || unread(t, pw_intervals_read_at(&b->intervals, b->intervals.log.next - 1u, at, raw, sizeof raw)))
        return;
    pw_text_str(t, channel == 0 ? "Del" : "Rec");
    pw_text_energy(t, pw_get_le32(raw), 9u - r->unit_log10, 3, 13);
    pw_text_str(t, " kWh");
}

static void interval_title(const struct pw_display *d, const struct pw_interval *r, struct pw_text *t)
{
    if (d->inside) {
        pw_text_fmt(t, "Point %u", d->item + 1u);
    } else {
        pw_text_fmt(t, "Interval %u min ", r->minutes);
        pw_interval_flags_text(t, r->flags);
    }
}

static void intervals_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    struct pw_books *b = books_of(d);
    struct pw_interval r;
    if (b == NULL)
        return;
    if (!d->inside && row == 3) {
        pw_text_str(t, "Enter: points");
        return;
    }
    int err = pw_books_interval(b, b->intervals.log.next - 1u, &r);
    if (err != PW_OK) {
        if (row == 0)
            pw_text_str(t, "Interval");
        else if (row == 1)
            (void)unread(t, err);
        return;
    }
    if (row == 0) {
        interval_title(d, &r, t);
    } else if (row == 1) {
        pw_books_time_text(t, b, r.end_utc_s);
        pw_text_str(t, (r.flags & PW_INTERVAL_CLOCK) == 0 ? "" : "?");
    } else if (d->inside) {
        one_value(b, &r, row - 2u, d->item, t);
    } else {
        pw_text_fmt(t, "Number %lu", r.seq);
    }
}

static unsigned interval_points(const struct pw_display *d)
{
    const struct pw_books *b = books_of(d);
    return b == NULL || !b->logs ? 0 : b->n_points;
}

static unsigned n_events(const struct pw_display *d)
{
    const struct pw_books *b = books_of(d);
    uint32_t oldest = 0, next = 0;
    if (b != NULL && b->logs)
        pw_events_range(&b->events, PW_EVENTS_GENERAL, &oldest, &next);
    return next - oldest < EVENTS_MOST ? (unsigned)(next - oldest) : EVENTS_MOST;
}

/* "old" or "new", its value if there is one, and behind the new one what the event is about. */
static void event_value(const struct pw_books *b, const struct pw_event *e, bool new_one, struct pw_text *t)
{
    char value[PW_LCD_COLS + 1];
    struct pw_text v;
    pw_text_init(&v, value, sizeof value);
    pw_books_event_value(&v, b, e, new_one);
    if (v.len != 0) {
        bool room = v.len + 4 <= PW_LCD_COLS;
        pw_text_str(t, new_one ? (room ? "new " : "n") : room ? "old " : "o");
        pw_text_str(t, value);
    }
    if (new_one) {
        pw_text_str(t, v.len != 0 ? " " : "");
        pw_books_event_index(t, e);
    }
}

static void events_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    struct pw_books *b = books_of(d);
    struct pw_event e;
    uint32_t oldest, next;
    if (b == NULL)
        return;
    if (!d->inside) {
        pw_page_list("Events, newest ", n_events(d), row, t);
        return;
    }
    pw_events_range(&b->events, PW_EVENTS_GENERAL, &oldest, &next);
    int err = pw_events_read(&b->events, PW_EVENTS_GENERAL, next - 1u - d->item, &e);
    if (err != PW_OK) {
        if (row == 0)
            (void)unread(t, err);
        return;
    }
    switch (row) {
    case 0:
        pw_event_lcd(t, &e);
        break;
    case 1:
        pw_books_time_text(t, b, e.utc_s);
        pw_text_str(t, (e.flags & PW_EVENT_CLOCK_OK) != 0 ? "" : "?");
        break;
    default:
        event_value(b, &e, row == 3, t);
    }
}

static void seal_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_books *b = books_of(d);
    uint32_t oldest, next;
    if (b == NULL)
        return;
    switch (row) {
    case 0:
        pw_text_str(t, b->unsealed ? "SEAL OPEN" : "Sealed");
        break;
    case 1:
        pw_text_fmt(t, b->test ? "TEST, ends in %lu s" : "Test mode off", pw_books_test_left_s(b));
        break;
    case 2:
        pw_text_fmt(t, "Demand resets %u", b->billing.head.resets);
        break;
    default:
        pw_events_range(&b->events, PW_EVENTS_A, &oldest, &next);
        pw_text_fmt(t, "Changes %lu%s", next - oldest, b->logs && pw_events_a_full(&b->events) ? " FULL" : " of 48");
    }
}

static bool flash_faulted(const struct pw_books *b)
{
    return pw_flashlog_faulted(&b->intervals.log) || pw_flashlog_faulted(&b->closes.log) || pw_flashlog_faulted(&b->events.log[PW_EVENTS_GENERAL]) ||
           pw_flashlog_faulted(&b->events.log[PW_EVENTS_A]);
}

static void self_test_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_books *b = books_of(d);
    if (b == NULL)
        return;
    switch (row) {
    case 0:
        pw_text_fmt(t, "FRAM %s", b->kept ? "ok" : d->diag->fram_ok ? "TOO SMALL" : "MISSING");
        break;
    case 1:
        pw_text_fmt(t, b->logs ? "Flash %s, dead %u" : "Flash MISSING", flash_faulted(b) ? "FAULT" : "ok", b->dead.n);
        break;
    case 2:
        pw_text_fmt(t, "Clock %s", pw_clock_state_name(b->on.clock->state));
        break;
    default:
        pw_text_fmt(t, "Saved %lu bad %lu", b->image.saves, b->image.errors + b->billing.damaged);
    }
}

const struct pw_page pw_page_intervals = {intervals_page, interval_points};
const struct pw_page pw_page_events = {events_page, n_events};
const struct pw_page pw_page_seal = {seal_page, NULL};
const struct pw_page pw_page_self_test = {self_test_page, NULL};
