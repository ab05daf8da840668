/* SPDX-License-Identifier: Apache-2.0 */
#include "books_text.h"

#include "clock_text.h"

enum shape { NOTHING, NUMBER, TIME, MS, MV, S, MIN, HEX, EVENTS };
enum about { WHOLE, GROUP, SOURCE, PHASE, INPUT, LOG, CHANNEL, STORE, REPORT };
enum { N_GROUPS = 10, N_SOURCES = 4 }; /* that have names */

static const struct {
    uint8_t about, old_value, new_value;
} kinds[PW_N_EVENTS] = {
    [PW_EVENT_POWER_UP] = {WHOLE, TIME, S},
    [PW_EVENT_TIME_SET] = {WHOLE, TIME, TIME},
    [PW_EVENT_PROGRAMMED] = {GROUP, NUMBER, NUMBER},
    [PW_EVENT_DEMAND_RESET] = {SOURCE, NOTHING, NUMBER},
    [PW_EVENT_REFUSED] = {GROUP, NOTHING, NUMBER},
    [PW_EVENT_TEST_ON] = {WHOLE, NOTHING, MIN},
    [PW_EVENT_SELF_TEST] = {REPORT, NOTHING, NOTHING},
    [PW_EVENT_SAG] = {PHASE, MS, MV},
    [PW_EVENT_SWELL] = {PHASE, MS, MV},
    [PW_EVENT_INTERRUPTION] = {PHASE, MS, MV},
    [PW_EVENT_OVERVOLTAGE] = {PHASE, MS, MV},
    [PW_EVENT_UNDERVOLTAGE] = {PHASE, MS, MV},
    [PW_EVENT_WIRING] = {INPUT, HEX, HEX},
    [PW_EVENT_LOG_FULL] = {LOG, NOTHING, EVENTS},
    [PW_EVENT_FLASH] = {REPORT, NUMBER, NUMBER},
    [PW_EVENT_CLOCK_STOPPED] = {WHOLE, TIME, NOTHING},
    [PW_EVENT_FIRMWARE] = {WHOLE, HEX, HEX},
    [PW_EVENT_LOST] = {WHOLE, NOTHING, EVENTS},
    [PW_EVENT_LOG_CLEARED] = {LOG, EVENTS, NOTHING},
    [PW_EVENT_CALIBRATED] = {CHANNEL, NUMBER, NUMBER},
    [PW_EVENT_STORE_CORRUPT] = {STORE, NOTHING, NOTHING},
    [PW_EVENT_RESTART] = {WHOLE, NOTHING, NUMBER},
    [PW_EVENT_SCHEDULE] = {WHOLE, NUMBER, NUMBER},
    [PW_EVENT_REVERSED] = {INPUT, NOTHING, NOTHING},
};

int pw_books_values(struct pw_books *b, unsigned point, unsigned quantity, struct pw_billing_values *v)
{
    int err = pw_books_readable(b);
    return err == PW_OK ? pw_billing_values(&b->billing, point, quantity, v) : err;
}

int pw_books_interval(struct pw_books *b, uint32_t number, struct pw_interval *r)
{
    uint8_t head[PW_INTERVAL_HEAD_B];
    int err = b->logs ? pw_intervals_read_at(&b->intervals, number, 0, head, sizeof head) : PW_ERR_RANGE;
    if (err == PW_OK)
        pw_interval_head(r, head);
    return err;
}

void pw_books_time_text(struct pw_text *t, const struct pw_books *b, uint32_t utc_s)
{
    int32_t ahead_s = pw_zone_ahead_s(&b->tou.zone, utc_s, NULL);
    bool before_2000 = ahead_s < 0 && utc_s < 0u - (uint32_t)ahead_s; /* a clock that is not set */
    pw_clock_text(t, before_2000 ? 0 : utc_s + (uint32_t)ahead_s);
}

void pw_books_offset_text(struct pw_text *t, const struct pw_books *b, uint32_t utc_s)
{
    int32_t ahead_s = pw_zone_ahead_s(&b->tou.zone, utc_s, NULL);
    uint32_t min = (uint32_t)(ahead_s < 0 ? -ahead_s : ahead_s) / 60u;
    pw_text_fmt(t, "%c%02lu:%02lu", ahead_s < 0 ? '-' : '+', min / 60u, min % 60u);
}

void pw_books_moment_text(struct pw_text *t, const struct pw_books *b, uint32_t utc_s)
{
    pw_books_time_text(t, b, utc_s);
    pw_text_char(t, ' ');
    pw_books_offset_text(t, b, utc_s);
}

const char *pw_quantity_name(unsigned quantity)
{
    return pw_text_nth("Wh del\0Wh rec\0varh Q1\0varh Q2\0varh Q3\0varh Q4\0VAh del\0VAh rec\0", quantity);
}

const char *pw_quantity_unit(unsigned quantity)
{
    return quantity <= PW_TQ_WH_REC ? " kWh" : quantity <= PW_TQ_VARH_Q4 ? " kvarh" : " kVAh";
}

const char *pw_demand_unit(unsigned quantity)
{
    return quantity <= PW_DEMAND_W_REC ? "kW" : quantity <= PW_DEMAND_VAR_REC ? "kvar" : "kVA";
}

void pw_demand_text(struct pw_text *t, const struct pw_demand_config *d)
{
    pw_text_fmt(t, "%s %s %s ", pw_demand_unit(d->quantity), (d->quantity & 1u) == 0 ? "del" : "rec",
                d->method == PW_DEMAND_BLOCK ? "block" : d->method == PW_DEMAND_THERMAL ? "thermal" : "sliding");
    if (d->method == PW_DEMAND_SLIDING && d->subintervals > 0) {
        unsigned s = d->interval_min * 60u / d->subintervals;
        bool whole = s % 60u == 0;
        pw_text_fmt(t, "%u x %u %s", d->subintervals, whole ? s / 60u : s, whole ? "min" : "s");
    } else {
        pw_text_fmt(t, "%u min", d->interval_min);
    }
}

void pw_demand_value_text(struct pw_text *t, const struct pw_program *p, unsigned k, uint64_t mw)
{
    char digits[12];
    pw_register_text(digits, (int64_t)(mw * 1000u), p->demand_digits, p->demand_decimals);
    pw_text_fmt(t, "%s %s", digits, pw_demand_unit(p->demand[k].quantity));
}

void pw_books_event_index(struct pw_text *t, const struct pw_event *e)
{
    static const char about[] = "group %u\0source %u\0phase %u\0input %u\0log %u\0channel %u\0store %u\0code %u\0"; /* from GROUP on */
    static const char group[] = "configuration\0program\0schedule\0calibration\0time\0demand reset\0test mode\0log\0firmware\0period\0"; /* from 1 on */
    unsigned what = e->kind < PW_N_EVENTS ? kinds[e->kind].about : WHOLE;
    if (what == WHOLE)
        return;
    if (what == GROUP && e->index - 1u < N_GROUPS)
        pw_text_str(t, pw_text_nth(group, e->index - 1u));
    else if (what == SOURCE && e->index < N_SOURCES)
        pw_text_str(t, pw_text_nth("button\0key switch\0command\0schedule\0", e->index));
    else if (what == PHASE && e->index < PW_N_V)
        pw_text_fmt(t, "phase %c", 'A' + e->index);
    else
        pw_text_fmt(t, pw_text_nth(about, what - GROUP), e->index);
}

void pw_books_event_value(struct pw_text *t, const struct pw_books *b, const struct pw_event *e, bool new_one)
{
    static const char format[] = "%lld\0?\0%lld ms\0%lld mV\0%lld s\0%lld min\0?\0%lld events\0"; /* from NUMBER on; TIME and HEX are written otherwise */
    int64_t v = new_one ? e->new_value : e->old_value;
    unsigned shape = e->kind >= PW_N_EVENTS ? NOTHING : new_one ? kinds[e->kind].new_value : kinds[e->kind].old_value;
    if (shape == NOTHING)
        return;
    if ((shape == S && v < 0) || (shape == TIME && v <= 0)) { /* how long, or when, is not known */
        pw_text_str(t, "unknown");
    } else if (shape == TIME) {
        pw_books_time_text(t, b, (uint32_t)v);
    } else if (shape == HEX) {
        pw_text_hex(t, (uint32_t)v, 8);
    } else {
        pw_text_fmt(t, pw_text_nth(format, shape - NUMBER), v);
    }
}

void pw_interval_flags_text(struct pw_text *t, unsigned flags)
{
    static const char letter[] = "PSTpOXCL";
    if ((flags & 0xFFu) == 0)
        pw_text_char(t, '-');
    for (unsigned i = 0; i < 8; i++)
        if ((flags >> i & 1u) != 0)
            pw_text_char(t, letter[i]);
}

uint32_t pw_books_test_left_s(const struct pw_books *b)
{
    uint64_t now_us = b->on.uptime_us(b->on.uptime_ctx);
    return b->test && b->test_until_us > now_us ? (uint32_t)((b->test_until_us - now_us) / 1000000u) : 0;
}

const char *pw_books_answer(int err)
{
    switch (err) {
    case PW_OK:         return "done with the next window";
    case PW_ERR_SEALED: return "refused: sealed, or not in this way";
    case PW_ERR_STATE:  return "refused: locked out, or the log of changes is full";
    case PW_ERR_SIZE:   return "refused: no room";
    default:            return "refused: not in this meter";
    }
}
