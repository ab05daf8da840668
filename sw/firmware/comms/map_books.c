/* SPDX-License-Identifier: Apache-2.0 */
/* Values and requests of map/books.def. */
#include "books_text.h"
#include "modbus_map.h"

int pw_map_answer(struct pw_modbus_map *m, int err)
{
    m->result = (int8_t)err;
    switch (err) {
    case PW_OK:         return PW_MB_OK;
    case PW_ERR_SEALED:
    case PW_ERR_IO:     return PW_MB_DEVICE_FAILURE;
    case PW_ERR_STATE:  return PW_MB_BUSY;
    default:            return PW_MB_ILLEGAL_VALUE;
    }
}

bool pw_map_cached(struct pw_modbus_map *m, enum pw_map_cached what, unsigned item)
{
    struct pw_map_cache *c = &m->request->cache;
    if (c->what == what && c->item == item)
        return true;
    *c = (struct pw_map_cache){.what = (uint8_t)what, .item = (uint16_t)item};
    return false;
}

void pw_map_unread(struct pw_modbus_map *m, int err)
{
    m->exception = err == PW_ERR_STATE ? PW_MB_BUSY : PW_MB_DEVICE_FAILURE;
}

int pw_map_may_change(struct pw_modbus_map *m, enum pw_books_group group)
{
    struct pw_books *b = PW_VIEW(m, books);
    return pw_map_answer(m, b != NULL ? pw_books_may_change(b, group) : m->diag->unsealed ? PW_OK : PW_ERR_SEALED);
}

static unsigned status(const struct pw_books *b, bool known)
{
    return (unsigned)b->started | (unsigned)b->kept << 1 | (unsigned)b->logs << 2 | (unsigned)b->restored << 3 | (unsigned)b->unsealed << 4 |
           (unsigned)b->test << 5 | (unsigned)pw_events_a_full(&b->events) << 6 | (unsigned)(b->next_effective_s != 0) << 7 | (unsigned)known << 8 |
           (unsigned)b->demand.wait_sync << 9;
}

#define BOOKS(f) PW_MAP_FIELD(struct pw_books, f)
#define OF(id)   ((id) - M_FIRST_BOOKS)
/* The others are in get and get_clock. */
static const struct pw_map_field fields[] = {
    [OF(M_BOOKS_HOLIDAY)] = BOOKS(tou_now.holiday), [OF(M_BOOKS_UNTIL)] = BOOKS(tou_now.until_utc), [OF(M_BOOKS_SCHEDULE_ID)] = BOOKS(tou.id),
    [OF(M_BOOKS_NEXT_AT)] = BOOKS(next_effective_s), [OF(M_BOOKS_RESETS)] = BOOKS(billing.head.resets),
    [OF(M_BOOKS_RESET_UTC)] = BOOKS(billing.head.reset_utc_s), [OF(M_BOOKS_REFUSED)] = BOOKS(billing.refused),
    [OF(M_BOOKS_CLOSES)] = BOOKS(billing.head.closes),
    [OF(M_BOOKS_CLOSE_UTC)] = BOOKS(billing.head.close_utc_s), [OF(M_BOOKS_CLOSE_NEXT)] = BOOKS(close_next_s), [OF(M_BOOKS_POWER_FAILS)] = BOOKS(power_fails),
    [OF(M_BOOKS_OFF_TOTAL)] = BOOKS(off_total_s), [OF(M_BOOKS_REVISION)] = BOOKS(program.revision), [OF(M_BOOKS_SAVES)] = BOOKS(image.saves),
    [OF(M_BOOKS_SAVE_ERRORS)] = BOOKS(image.errors), [OF(M_BOOKS_DAMAGED)] = BOOKS(billing.damaged), [OF(M_BOOKS_LOST)] = BOOKS(events.lost_ever),
    [OF(M_BOOKS_DEAD)] = BOOKS(dead.n),
};

static uint64_t get_clock(const struct pw_books *b, unsigned id)
{
    bool dst, known;
    uint32_t utc_s = pw_books_now(b, &known);
    int32_t ahead_s = pw_zone_ahead_s(&b->tou.zone, utc_s, &dst);
    switch (id) {
    case M_BOOKS_STATUS: return status(b, known);
    case M_BOOKS_UTC:    return utc_s;
    case M_BOOKS_AHEAD:  return (uint64_t)(int64_t)ahead_s;
    default:             return dst;
    }
}

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_books *b = PW_VIEW(m, books);
    (void)item;
    if (b == NULL)
        return 0;
    bool now = b->started; /* there is a rate ... only then */
    unsigned counts = now ? pw_billing_rate(&b->billing) : 0;
    switch (id) {
    case M_BOOKS_STATUS:
    case M_BOOKS_UTC:
    case M_BOOKS_AHEAD:
    case M_BOOKS_DST:       return get_clock(b, id);
    case M_BOOKS_RATE:      return now ? b->tou_now.rate + 1u : 0;
    case M_BOOKS_SEASON:    return now ? b->tou_now.season + 1u : 0;
    case M_BOOKS_DAYTYPE:   return now ? b->tou_now.daytype + 1u : 0;
    case M_BOOKS_COUNTS:    return !now || counts == PW_RATE_TEST ? counts : counts + 1u;
    case M_BOOKS_LOCK:      return (b->billing.lock_ms + 999u) / 1000u;
    case M_BOOKS_TEST_LEFT: return pw_books_test_left_s(b);
    case M_BOOKS_HOLD:      return b->demand.hold_ms / 1000u;
    case M_ASK_TEST:        return b->test;
    case M_ASK_PROFILE:     return b->asked.program ? b->next.profile : b->program.profile;
    case M_ASK_RESULT:      return (uint64_t)m->result;
    case M_ASK_FAULT_INDEX: return (uint64_t)(m->fault_group != NULL ? m->fault_index : 0);
    default:                break;
    }
    bool none = id >= M_FIRST_ASK /* a request */ || (!now && id < M_BOOKS_SCHEDULE);
    return none ? 0 : pw_map_get(b, fields[OF(id)]);
}

static const char *text(const struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_books *b = PW_VIEW(m, books);
    (void)item;
    if (b == NULL)
        return "";
    if (id == M_BOOKS_SCHEDULE)
        return b->tou.name;
    return m->fault_group == NULL ? "" : id == M_ASK_FAULT_GROUP ? m->fault_group : m->fault_field;
}

static int command(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    struct pw_books *b = PW_VIEW(m, books);
    (void)item, (void)word;
    if (b == NULL)
        return PW_MB_DEVICE_FAILURE;
    if (v != 1 && id != M_ASK_PROFILE && !(id == M_ASK_TEST && v == 0))
        return pw_map_answer(m, PW_ERR_RANGE);
    switch (id) {
    case M_ASK_RESET_DEMAND: return pw_map_answer(m, pw_books_reset_demand(b, PW_RESET_COMMAND));
    case M_ASK_CLOSE:        return pw_map_answer(m, pw_books_close(b));
    case M_ASK_TEST:         return pw_map_answer(m, pw_books_test_mode(b, v == 1));
    case M_ASK_CLEAR_LOG:    return pw_map_answer(m, pw_books_clear_log(b));
    default:                 break; /* PROFILE */
    }
    if (v >= PW_N_PROFILES)
        return pw_map_answer(m, PW_ERR_RANGE);
    struct pw_program next;
    pw_program_default(&next, v);
    m->next = &next;
    int code = pw_map_program_end(m);
    m->next = NULL;
    return code;
}

const struct pw_map_owner pw_map_books = {.get = get, .text = text, .command = command};
