/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include <assert.h>
#include <string.h>

#include "bytes.h"
#include "crc32.h"
#include "fields.h"

#define MAGIC     0x56455750u /* "PWEV" */
#define VERSION   1u
#define ENTRY_B   28u
#define COUNTS_AT 28u
#define QUEUE_AT  (COUNTS_AT + 4u * PW_EVENTS_KINDS)
#define GENERAL   PW_EVENT_UNWRITTEN(PW_EVENTS_GENERAL)
#define TYPE_A    PW_EVENT_UNWRITTEN(PW_EVENTS_A)
#define FLAGS     15u /* without those two */

/* Limited events: so many at once, one more each so many seconds. 20 years of it wear the flash by docs/decisions/0008. */
#define TOKENS_MAX     240u
#define TOKEN_S        10u
#define TOKENS_TO_TELL 8u    /* there must be some before the losses are told, or each would cost another event */

static void told(void *ctx, enum pw_flashlog_report what, uint32_t detail, unsigned log)
{
    pw_events_flash(ctx, log, what, detail);
}

static void told_general(void *ctx, enum pw_flashlog_report what, uint32_t detail) { told(ctx, what, detail, PW_EVENTS_GENERAL); }
static void told_a(void *ctx, enum pw_flashlog_report what, uint32_t detail) { told(ctx, what, detail, PW_EVENTS_A); }

int pw_events_init(struct pw_events *ev, const struct pw_flash_port *port, struct pw_flash_dead *dead, uint32_t base,
                   const uint32_t n_sectors[PW_N_EVENT_LOGS])
{
    memset(ev, 0, sizeof *ev);
    ev->tokens = TOKENS_MAX;
    for (unsigned i = 0; i < PW_N_EVENT_LOGS; i++) {
        int err = pw_flashlog_init(&ev->log[i], port, dead, base, n_sectors[i], i);
        if (err != PW_OK)
            return err;
        base += n_sectors[i] * PW_FLASH_SECTOR_B;
        ev->log[i].report = i == PW_EVENTS_A ? told_a : told_general;
        ev->log[i].ctx = ev;
    }
    return PW_OK;
}

#define OF_EVENT(name, at) PW_FIELD(struct pw_event, name, at)
static const struct pw_field event_fields[] = {
    OF_EVENT(kind, 0), OF_EVENT(flags, 1), OF_EVENT(index, 2), OF_EVENT(utc_s, 4), OF_EVENT(occurrence, 8), OF_EVENT(old_value, 12), OF_EVENT(new_value, 20),
};
#define OF_BLOCK(name, at) PW_FIELD(struct pw_events, name, at)
static const struct pw_field block_fields[] = {
    OF_BLOCK(seen[PW_EVENTS_GENERAL], 8), OF_BLOCK(seen[PW_EVENTS_A], 12), OF_BLOCK(a_base, 16), OF_BLOCK(lost, 20), OF_BLOCK(generation, 24),
};

static void put_event(uint8_t *p, const struct pw_event *e)
{
    pw_fields_put(event_fields, PW_N_FIELDS(event_fields), e, p);
}

static void get_event(struct pw_event *e, const uint8_t *p)
{
    pw_fields_get(event_fields, PW_N_FIELDS(event_fields), e, p);
}

void pw_events_pack(const struct pw_events *ev, uint8_t out[PW_EVENTS_BLOCK_B])
{
    unsigned n = 0;
    memset(out, 0, PW_EVENTS_BLOCK_B);
    pw_put_le32(out, MAGIC);
    out[4] = VERSION;
    pw_fields_put(block_fields, PW_N_FIELDS(block_fields), ev, out);
    for (unsigned i = 0; i < PW_EVENTS_KINDS; i++)
        pw_put_le32(out + COUNTS_AT + 4 * i, ev->count[i]);
    for (unsigned i = 0; i < ev->n; i++)
        if (ev->queue[i].occurrence != 0) /* without its number it could not be told apart from what is in flash */
            put_event(out + QUEUE_AT + ENTRY_B * n++, &ev->queue[i]);
    out[5] = (uint8_t)n;
    pw_put_le32(out + PW_EVENTS_BLOCK_B - 4, pw_crc32(0, out, PW_EVENTS_BLOCK_B - 4));
}

int pw_events_check(const uint8_t in[PW_EVENTS_BLOCK_B], uint32_t *generation)
{
    if (pw_get_le32(in) != MAGIC || in[4] != VERSION)
        return PW_ERR_MAGIC;
    if (pw_get_le32(in + PW_EVENTS_BLOCK_B - 4) != pw_crc32(0, in, PW_EVENTS_BLOCK_B - 4))
        return PW_ERR_CRC;
    *generation = pw_get_le32(in + 24);
    return in[5] <= PW_EVENTS_QUEUE ? PW_OK : PW_ERR_RANGE;
}

int pw_events_unpack(struct pw_events *ev, const uint8_t in[PW_EVENTS_BLOCK_B])
{
    uint32_t generation;
    int err = pw_events_check(in, &generation);
    if (err != PW_OK)
        return err;
    pw_fields_get(block_fields, PW_N_FIELDS(block_fields), ev, in);
    for (unsigned i = 0; i < PW_EVENTS_KINDS; i++)
        ev->count[i] = pw_get_le32(in + COUNTS_AT + 4 * i);
    ev->n = in[5];
    for (unsigned i = 0; i < ev->n; i++) {
        get_event(&ev->queue[i], in + QUEUE_AT + ENTRY_B * i);
        ev->queue[i].flags &= FLAGS | GENERAL | TYPE_A;
    }
    return PW_OK;
}

/* Events since the last clearing, those of the queue included. */
static uint32_t a_used(const struct pw_events *ev)
{
    uint32_t used = ev->log[PW_EVENTS_A].next - ev->a_base;
    for (unsigned i = 0; i < ev->n; i++)
        if ((ev->queue[i].flags & TYPE_A) != 0)
            used = ev->queue[i].kind == PW_EVENT_LOG_CLEARED ? 1 : used + 1;
    return used;
}

bool pw_events_a_full(const struct pw_events *ev)
{
    return !ev->recovered || pw_flashlog_faulted(&ev->log[PW_EVENTS_A]) ||
           (!ev->a_rolls && a_used(ev) >= PW_EVENTS_A_CAPACITY);
}

/* Tells when the type A log has become full. */
static void took_a(struct pw_events *ev, const struct pw_event *e)
{
    if (ev->a_rolls || a_used(ev) != PW_EVENTS_A_CAPACITY)
        return;
    uint8_t flags = (uint8_t)((e->flags & FLAGS) | GENERAL);
    uint32_t occurrence = ++ev->count[PW_EVENT_LOG_FULL];
    if (ev->n < PW_EVENTS_QUEUE)
        ev->queue[ev->n++] = (struct pw_event){PW_EVENT_LOG_FULL, flags, PW_EVENTS_A, e->utc_s, occurrence, 0, PW_EVENTS_A_CAPACITY};
    else
        ev->lost++;
}

static bool goes_to_a(const struct pw_events *ev, const struct pw_event *e)
{
    return (pw_event_class(e->kind) & PW_EVENT_TYPE_A) != 0 && (e->kind == PW_EVENT_LOG_CLEARED || !pw_events_a_full(ev));
}

static void push(struct pw_events *ev, const struct pw_event *e)
{
    if (ev->n == PW_EVENTS_QUEUE) {
        ev->lost++;
        ev->lost_ever++;
        return;
    }
    bool a = goes_to_a(ev, e);
    struct pw_event *q = &ev->queue[ev->n++];
    *q = *e;
    q->flags |= a ? GENERAL | TYPE_A : GENERAL;
    if (a)
        took_a(ev, e);
}

static bool limited(struct pw_events *ev, enum pw_event_kind kind)
{
    if ((pw_event_class(kind) & PW_EVENT_LIMITED) == 0)
        return false;
    if (ev->tokens > 0) {
        ev->tokens--;
        return false;
    }
    return true;
}

void pw_events_post(struct pw_events *ev, enum pw_event_kind kind, unsigned index, int64_t old_value, int64_t new_value, uint32_t utc_s,
                    bool clock_ok)
{
    assert(kind > PW_EVENT_NONE && kind < PW_N_EVENTS);
    struct pw_event e = {(uint8_t)kind, clock_ok ? PW_EVENT_CLOCK_OK : 0, (uint16_t)index, utc_s, 0, old_value, new_value};
    if (ev->recovered)
        e.occurrence = ++ev->count[kind]; /* counts what is lost too: the gap shows */
    if (limited(ev, kind)) {
        ev->lost++;
        ev->lost_ever++;
        return;
    }
    push(ev, &e);
}

void pw_events_flash(struct pw_events *ev, unsigned log, enum pw_flashlog_report what, uint32_t detail)
{
    if (log < PW_N_EVENT_LOGS && what == PW_FLASHLOG_CORRUPT) { /* whoever pages through the log meets it again and again */
        if (ev->damaged[log] == detail)
            return;
        ev->damaged[log] = detail;
    }
    pw_events_post(ev, PW_EVENT_FLASH, (unsigned)what, (int64_t)log, (int64_t)detail, ev->token_utc_s, ev->clock_ok);
}

void pw_events_clear_a(struct pw_events *ev, uint32_t utc_s, bool clock_ok)
{
    pw_events_post(ev, PW_EVENT_LOG_CLEARED, PW_EVENTS_A, ev->recovered ? (int64_t)a_used(ev) : 0, 0, utc_s, clock_ok);
}

static int read_raw(struct pw_events *ev, enum pw_event_log log, uint32_t number, struct pw_event *out, uint32_t *a_base)
{
    uint8_t b[PW_EVENT_RECORD_B];
    size_t len;
    int err = pw_flashlog_read(&ev->log[log], number, b, sizeof b, &len);
    if (err != PW_OK)
        return err;
    if (len != PW_EVENT_RECORD_B)
        return PW_ERR_CRC;
    get_event(out, b);
    *a_base = pw_get_le32(b + ENTRY_B);
    return PW_OK;
}

void pw_events_range(const struct pw_events *ev, enum pw_event_log log, uint32_t *oldest, uint32_t *next)
{
    const struct pw_flashlog *l = &ev->log[log];
    *oldest = *next = 0;
    if (!pw_flashlog_mounted(l))
        return;
    *oldest = l->oldest;
    *next = l->next;
    if (log != PW_EVENTS_A)
        return;
    if (ev->a_base > *oldest)
        *oldest = ev->a_base;
    if (*next - *oldest > PW_EVENTS_A_CAPACITY)
        *oldest = *next - PW_EVENTS_A_CAPACITY;
}

int pw_events_read(struct pw_events *ev, enum pw_event_log log, uint32_t number, struct pw_event *out)
{
    uint32_t oldest, next, base;
    pw_events_range(ev, log, &oldest, &next);
    if (number < oldest || number >= next)
        return pw_flashlog_mounted(&ev->log[log]) ? PW_ERR_RANGE : PW_ERR_STATE;
    return read_raw(ev, log, number, out, &base);
}

/* An event in flash: the counts follow it, and it need not be written again. */
static void found(struct pw_events *ev, enum pw_event_log log, const struct pw_event *e)
{
    if (e->kind >= PW_EVENTS_KINDS)
        return;
    if (e->occurrence > ev->count[e->kind])
        ev->count[e->kind] = e->occurrence;
    for (unsigned i = 0; i < ev->n; i++)
        if (ev->queue[i].kind == e->kind && ev->queue[i].occurrence == e->occurrence)
            ev->queue[i].flags &= (uint8_t)~PW_EVENT_UNWRITTEN(log);
}

static void drop_done(struct pw_events *ev)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < ev->n; i++)
        if ((ev->queue[i].flags & (GENERAL | TYPE_A)) != 0)
            ev->queue[kept++] = ev->queue[i];
    ev->n = (uint8_t)kept;
}

/* What came before the counts were known gets its number now. */
static void recovered(struct pw_events *ev)
{
    drop_done(ev);
    if (ev->a_base < ev->log[PW_EVENTS_A].oldest || ev->a_base > ev->log[PW_EVENTS_A].next)
        ev->a_base = ev->log[PW_EVENTS_A].oldest;
    unsigned n = ev->n, old = 0;
    while (old < n && ev->queue[old].occurrence != 0) /* those from the block stand first, with room promised to them */
        old++;
    for (unsigned i = old; i < n; i++)
        ev->queue[i].flags &= (uint8_t)~TYPE_A;
    ev->recovered = true;
    for (unsigned i = old; i < n; i++) {
        struct pw_event *q = &ev->queue[i];
        q->occurrence = ++ev->count[q->kind];
        if (goes_to_a(ev, q)) {
            q->flags |= TYPE_A;
            took_a(ev, q);
        }
    }
}

/* One record a step that the block does not know of. @return false if the flash is busy */
static bool recover(struct pw_events *ev)
{
    for (unsigned i = 0; i < PW_N_EVENT_LOGS; i++) {
        struct pw_flashlog *l = &ev->log[i];
        if (!pw_flashlog_mounted(l))
            return pw_flashlog_step(l);
        if (ev->seen[i] < l->oldest)
            ev->seen[i] = l->oldest;
        if (ev->seen[i] >= l->next) {
            ev->seen[i] = l->next;
            continue;
        }
        struct pw_event e;
        uint32_t base;
        int err = read_raw(ev, (enum pw_event_log)i, ev->seen[i], &e, &base);
        if (err == PW_ERR_STATE || err == PW_ERR_IO)
            return false;
        if (err == PW_OK) {
            found(ev, (enum pw_event_log)i, &e);
            if (i == PW_EVENTS_A)
                ev->a_base = base;
        }
        ev->seen[i]++;
        return true;
    }
    recovered(ev);
    return true;
}

static void begin(struct pw_events *ev)
{
    struct pw_event *q = &ev->queue[0];
    unsigned log = (q->flags & TYPE_A) != 0 ? PW_EVENTS_A : PW_EVENTS_GENERAL;
    struct pw_flashlog *l = &ev->log[log];
    if (pw_flashlog_faulted(l)) {
        q->flags &= (uint8_t)~PW_EVENT_UNWRITTEN(log);
        ev->lost_ever++;
        drop_done(ev);
        return;
    }
    uint32_t base = ev->a_base;
    if (log == PW_EVENTS_A && q->kind == PW_EVENT_LOG_CLEARED)
        base = l->next;
    put_event(ev->buf, q);
    ev->buf[1] &= FLAGS;
    pw_put_le32(ev->buf + ENTRY_B, base);
    ev->target = (uint8_t)log;
    ev->writing = pw_flashlog_append(l, ev->buf, sizeof ev->buf) == PW_OK;
}

static void finish(struct pw_events *ev)
{
    struct pw_flashlog *l = &ev->log[ev->target];
    if (pw_flashlog_faulted(l)) {
        ev->writing = false; /* begin() gives it up */
    } else if (pw_flashlog_stored(l)) {
        ev->writing = false;
        ev->seen[ev->target] = l->next;
        if (ev->target == PW_EVENTS_A)
            ev->a_base = pw_get_le32(ev->buf + ENTRY_B);
        ev->queue[0].flags &= (uint8_t)~PW_EVENT_UNWRITTEN(ev->target);
        drop_done(ev);
    }
}

static void refill(struct pw_events *ev, uint32_t utc_s)
{
    uint32_t gone = utc_s - ev->token_utc_s;
    if (gone < TOKEN_S)
        return;
    if (gone < 3600) { /* a time that was set back or far ahead gives nothing */
        gone = ev->tokens + gone / TOKEN_S;
        ev->tokens = (uint8_t)(gone < TOKENS_MAX ? gone : TOKENS_MAX);
    }
    ev->token_utc_s = utc_s;
}

bool pw_events_step(struct pw_events *ev, uint32_t utc_s, bool clock_ok)
{
    refill(ev, utc_s);
    ev->clock_ok = clock_ok;
    if (!ev->recovered)
        return recover(ev);
    bool did = false;
    for (unsigned i = 0; i < PW_N_EVENT_LOGS && !did; i++)
        did = pw_flashlog_step(&ev->log[i]);
    if (ev->writing)
        finish(ev);
    else if (ev->n > 0)
        begin(ev);
    else if (ev->lost > 0 && ev->tokens >= TOKENS_TO_TELL) {
        uint32_t lost = ev->lost;
        ev->lost = 0;
        pw_events_post(ev, PW_EVENT_LOST, 0, 0, lost, utc_s, clock_ok);
    } else {
        return did;
    }
    return true;
}

bool pw_events_idle(const struct pw_events *ev)
{
    return ev->recovered && ev->n == 0 && !ev->writing;
}
