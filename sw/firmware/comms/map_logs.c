/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/logs.def. Records come straight from flash, once a request. While the flash erases or writes, a request is answered busy. */
#include <string.h>

#include "books_text.h"
#include "bytes.h"
#include "modbus_map.h"

#define VALUES   PW_MAP_PAGE_VALUES
#define EXTREMES 0xFFFFu /* in place of a page */

/* What a failed read of a record means to a client. */
static void note(struct pw_modbus_map *m, int err, uint32_t number, uint32_t oldest)
{
    switch (err) {
    case PW_OK:        m->request->cache.state = PW_RECORD_HERE; break;
    case PW_ERR_CRC:   m->request->cache.state = PW_RECORD_DAMAGED; break;
    case PW_ERR_RANGE: m->request->cache.state = number < oldest ? PW_RECORD_GONE : PW_RECORD_NOT_YET; break;
    default:           pw_map_unread(m, err);
    }
}

#define EVENT(f)    PW_MAP_FIELD(struct pw_event, f)
#define INTERVAL(f) PW_MAP_FIELD(struct pw_interval, f)
#define OF_EVENT(id)    ((id) - M_FIRST_EVENT)
#define OF_INTERVAL(id) ((id) - M_INTERVAL_IV_SEQ)
/* The others are in get_... */
static const struct pw_map_field event_fields[] = {
    [OF_EVENT(M_EVENT_EV_KIND)] = EVENT(kind), [OF_EVENT(M_EVENT_EV_INDEX)] = EVENT(index), [OF_EVENT(M_EVENT_EV_UTC)] = EVENT(utc_s),
    [OF_EVENT(M_EVENT_EV_OCCURRENCE)] = EVENT(occurrence), [OF_EVENT(M_EVENT_EV_OLD)] = EVENT(old_value), [OF_EVENT(M_EVENT_EV_NEW)] = EVENT(new_value),
};
static const struct pw_map_field interval_fields[] = {
    INTERVAL(seq), INTERVAL(end_utc_s), INTERVAL(length_s), INTERVAL(flags), INTERVAL(minutes), INTERVAL(channels), INTERVAL(unit_log10), INTERVAL(n_points),
};
_Static_assert(sizeof interval_fields / sizeof interval_fields[0] == M_INTERVAL_IV_VALUES - M_INTERVAL_IV_SEQ, "a field for each register");

static uint64_t get_event(struct pw_modbus_map *m, struct pw_books *b, unsigned id, unsigned item)
{
    enum pw_event_log log = m->asked.event_log == 0 ? PW_EVENTS_GENERAL : PW_EVENTS_A;
    uint32_t number = m->asked.event + item, oldest, next;
    const struct pw_event *e = &m->request->cache.u.event;
    if (id == M_EVENT_EV_NUMBER)
        return number;
    if (!pw_map_cached(m, PW_CACHED_EVENT, item)) {
        pw_events_range(&b->events, log, &oldest, &next);
        note(m, b->logs ? pw_events_read(&b->events, log, number, &m->request->cache.u.event) : PW_ERR_RANGE, number, oldest);
        if (m->request->cache.state != PW_RECORD_HERE)
            m->request->cache.u.event = (struct pw_event){0};
    }
    if (id == M_EVENT_EV_STATE)
        return m->request->cache.state;
    return id == M_EVENT_EV_TIME_OK ? (e->flags & PW_EVENT_CLOCK_OK) != 0 : pw_map_get(e, event_fields[OF_EVENT(id)]);
}

static uint64_t get_events(struct pw_modbus_map *m, const struct pw_books *b, unsigned id)
{
    uint32_t oldest, next;
    bool changes = id == M_EVENTS_EVA_OLDEST || id == M_EVENTS_EVA_NEXT;
    switch (id) {
    case M_EVENT_OF_EV_LOG:    return m->asked.event_log;
    case M_EVENT_OF_EV_FIRST:  return m->asked.event;
    case M_EVENTS_EV_WAITING:  return b->events.n;
    default:                   break;
    }
    if (!b->logs)
        return 0;
    enum pw_event_log log = changes ? PW_EVENTS_A : PW_EVENTS_GENERAL;
    if (!pw_flashlog_mounted(&b->events.log[log]))
        pw_map_unread(m, PW_ERR_STATE); /* not the same as empty */
    pw_events_range(&b->events, log, &oldest, &next);
    return id == M_EVENTS_EV_OLDEST || id == M_EVENTS_EVA_OLDEST ? oldest : next;
}

/* Head, and a page of the values, or in their place the extremes of the voltages. */
static void load_interval(struct pw_modbus_map *m, struct pw_books *b, unsigned page)
{
    struct pw_map_cache *c = &m->request->cache;
    struct pw_interval *r = &c->u.interval.head;
    size_t at = 0, len = 0;
    if (pw_map_cached(m, PW_CACHED_INTERVAL, page))
        return;
    int err = pw_books_interval(b, m->asked.interval, r);
    if (err == PW_OK && page == EXTREMES) {
        at = pw_interval_volts_at(r);
        len = at != 0 ? PW_INTERVAL_VOLTS_B : 0;
    } else if (err == PW_OK) {
        unsigned n = r->n_points * (unsigned)__builtin_popcount(r->channels & ~(unsigned)PW_INTERVAL_VOLTS), first = page * VALUES;
        at = PW_INTERVAL_HEAD_B + 4u * first;
        len = n <= first ? 0 : 4u * (n - first < VALUES ? n - first : VALUES);
    }
    if (len != 0)
        err = pw_intervals_read_at(&b->intervals, m->asked.interval, at, c->u.interval.raw, len);
    note(m, err, m->asked.interval, b->intervals.log.oldest);
    if (err != PW_OK)
        memset(&c->u.interval, 0, sizeof c->u.interval);
}

static uint64_t get_interval(struct pw_modbus_map *m, struct pw_books *b, unsigned id, unsigned page)
{
    if (id == M_INTERVAL_IV_NUMBER)
        return m->asked.interval;
    load_interval(m, b, page);
    return id == M_INTERVAL_IV_STATE ? m->request->cache.state : pw_map_get(&m->request->cache.u.interval.head, interval_fields[OF_INTERVAL(id)]);
}

static uint64_t get_volts(struct pw_modbus_map *m, struct pw_books *b, unsigned id, unsigned input)
{
    const struct pw_map_cache *c = &m->request->cache;
    if (id == M_INTERVAL_VN_IVV_NUMBER)
        return m->asked.interval;
    load_interval(m, b, EXTREMES);
    if (id == M_INTERVAL_VN_IVV_STATE)
        return c->state;
    return pw_get_le32(c->u.interval.raw + 8u * input + (id == M_INTERVAL_V_IV_V_MAX ? 4u : 0));
}

static uint64_t get_intervals(struct pw_modbus_map *m, struct pw_books *b, unsigned id, unsigned item)
{
    const struct pw_intervals *iv = &b->intervals;
    if (id == M_INTERVAL_OF_IV_SELECT)
        return m->asked.interval;
    if (id >= M_FIRST_INTERVAL_V)
        return get_volts(m, b, id, item);
    if (id >= M_FIRST_INTERVAL)
        return get_interval(m, b, id, item);
    if (id == M_INTERVALS_IV_WAITING)
        return iv->pending;
    if (!b->logs)
        return 0;
    if (id == M_INTERVALS_IV_CAPACITY)
        return pw_intervals_capacity(iv->log.n_sectors, &iv->cfg);
    if (!pw_flashlog_mounted(&iv->log))
        pw_map_unread(m, PW_ERR_STATE);
    return id == M_INTERVALS_IV_OLDEST ? iv->log.oldest : iv->log.next;
}

static void load_close(struct pw_modbus_map *m, struct pw_books *b)
{
    struct pw_map_cache *c = &m->request->cache;
    const struct pw_map_asked *a = &m->asked;
    if (pw_map_cached(m, PW_CACHED_CLOSE, 0))
        return;
    int err = b->logs ? pw_closes_read(&b->closes, a->close, a->close_point, a->close_part, &c->u.close.head, c->u.close.data) : PW_ERR_RANGE;
    note(m, err, 0, 1); /* not there: GONE, the numbers say which */
    if (err != PW_OK)
        memset(&c->u.close, 0, sizeof c->u.close);
}

static uint64_t get_close(struct pw_modbus_map *m, struct pw_books *b, unsigned id)
{
    const struct pw_map_asked *a = &m->asked;
    const struct pw_map_cache *c = &m->request->cache;
    unsigned oldest = 0, newest = 0;
    switch (id) {
    case M_CLOSE_CL_SELECT: return a->close;
    case M_CLOSE_CL_POINT:  return a->close_point;
    case M_CLOSE_CL_PART:   return a->close_part;
    case M_CLOSE_CL_STATE:
    case M_CLOSE_CL_UTC:
    case M_CLOSE_CL_LENGTH:
        load_close(m, b);
        return id == M_CLOSE_CL_STATE ? c->state : id == M_CLOSE_CL_UTC ? c->u.close.head.utc_s : c->u.close.head.length;
    default:
        break;
    }
    int err = b->logs ? pw_closes_range(&b->closes, &oldest, &newest) : PW_ERR_RANGE;
    if (err != PW_OK && err != PW_ERR_RANGE)
        pw_map_unread(m, err);
    return err != PW_OK ? 0 : id == M_CLOSE_CL_OLDEST ? oldest : newest;
}

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    struct pw_books *b = PW_VIEW(m, books);
    if (b == NULL)
        return 0;
    if (id >= M_FIRST_CLOSE)
        return get_close(m, b, id);
    if (id >= M_FIRST_INTERVALS)
        return get_intervals(m, b, id, item);
    return id >= M_FIRST_EVENT ? get_event(m, b, id, item) : get_events(m, b, id);
}

static void run(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, unsigned n, uint8_t *regs)
{
    struct pw_books *b = PW_VIEW(m, books);
    if (b == NULL)
        return;
    if (id == M_CLOSE_CL_DATA) {
        load_close(m, b);
        size_t length = m->request->cache.u.close.head.length, at = 2u * word;
        if (at < length)
            memcpy(regs, m->request->cache.u.close.data + at, length - at < 2u * n ? length - at : 2u * n);
        return;
    }
    load_interval(m, b, item);
    for (unsigned k = 0; k < n; k++) {
        uint32_t value = pw_get_le32(m->request->cache.u.interval.raw + 4u * ((word + k) / 2));
        pw_put_be16(regs + 2 * k, (uint16_t)((word + k) % 2 == 0 ? value >> 16 : value));
    }
}

static int command(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    struct pw_map_asked *a = &m->asked;
    (void)item;
    switch (id) {
    case M_EVENT_OF_EV_LOG:
        if (v >= PW_N_EVENT_LOGS)
            return PW_MB_ILLEGAL_VALUE;
        a->event_log = (uint8_t)v;
        return PW_MB_OK;
    case M_EVENT_OF_EV_FIRST:
        a->event = pw_map_put_word(a->event, word, v);
        return PW_MB_OK;
    case M_INTERVAL_OF_IV_SELECT:
        a->interval = pw_map_put_word(a->interval, word, v);
        return PW_MB_OK;
    case M_CLOSE_CL_SELECT:
        a->close = v;
        return PW_MB_OK;
    default: /* POINT, PART */
        if (v >= (id == M_CLOSE_CL_POINT ? m->cfg->n_points : 256u))
            return PW_MB_ILLEGAL_VALUE;
        *(id == M_CLOSE_CL_POINT ? &a->close_point : &a->close_part) = (uint8_t)v;
        return PW_MB_OK;
    }
}

const struct pw_map_owner pw_map_logs = {.get = get, .run = run, .command = command};
