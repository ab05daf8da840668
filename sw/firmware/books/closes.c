/* SPDX-License-Identifier: Apache-2.0 */
/* Record: close u16, point, part, UTC u32, length u16, 2 zeros, data. Numbers of closes rise with those of records. */
#include "closes.h"

#include <string.h>

#include "fields.h"

#define HEAD(name, at) PW_FIELD(struct pw_close_part, name, at)
static const struct pw_field head_fields[] = {HEAD(close, 0), HEAD(point, 2), HEAD(part, 3), HEAD(utc_s, 4), HEAD(length, 8)};

int pw_closes_init(struct pw_closes *c, const struct pw_flash_port *port, struct pw_flash_dead *dead, uint32_t base, uint32_t n_sectors, unsigned id)
{
    memset(c, 0, sizeof *c);
    return pw_flashlog_init(&c->log, port, dead, base, n_sectors, id);
}

int pw_closes_put(struct pw_closes *c, unsigned close, unsigned point, unsigned part, uint32_t utc_s, const uint8_t *data, size_t len)
{
    uint8_t head[PW_CLOSE_HEAD_B] = {0};
    const struct pw_close_part h = {(uint16_t)close, (uint8_t)point, (uint8_t)part, utc_s, (uint16_t)len};
    pw_fields_put(head_fields, PW_N_FIELDS(head_fields), &h, head);
    if (c->writing) {
        if (!pw_flashlog_stored(&c->log))
            return PW_ERR_STATE;
        c->writing = false;
        if (memcmp(c->record, head, sizeof head) == 0) /* else it was a part of a job that is no more */
            return PW_OK;
    }
    if (!pw_flashlog_ready(&c->log))
        return PW_ERR_STATE;
    memcpy(c->record, head, sizeof head);
    memcpy(c->record + PW_CLOSE_HEAD_B, data, len);
    memset(c->record + PW_CLOSE_HEAD_B + len, 0, PW_SLOW_BLOCK_B - len); /* all of one size: with each other size a sector is begun */
    c->writing = pw_flashlog_append(&c->log, c->record, sizeof c->record) == PW_OK;
    return PW_ERR_STATE;
}

bool pw_closes_step(struct pw_closes *c)
{
    return pw_flashlog_step(&c->log);
}

static int read_at(struct pw_closes *c, uint32_t number, struct pw_close_part *h, uint8_t *data, size_t size)
{
    uint8_t buf[PW_CLOSE_MAX_B];
    int err = pw_flashlog_read(&c->log, number, buf, data != NULL ? sizeof buf : PW_CLOSE_HEAD_B, NULL);
    if (err != PW_OK)
        return err;
    pw_fields_get(head_fields, PW_N_FIELDS(head_fields), h, buf);
    if (h->length > PW_SLOW_BLOCK_B)
        return PW_ERR_CRC;
    if (data != NULL)
        memcpy(data, buf + PW_CLOSE_HEAD_B, h->length < size ? h->length : size);
    return PW_OK;
}

/* The nearest readable record at or before `number`, not before `first`. */
static int head_near(struct pw_closes *c, uint32_t first, uint32_t *number, struct pw_close_part *h)
{
    int err = read_at(c, *number, h, NULL, 0);
    while (err == PW_ERR_CRC && *number != first) {
        --*number;
        err = read_at(c, *number, h, NULL, 0);
    }
    return err;
}

int pw_closes_range(struct pw_closes *c, unsigned *oldest, unsigned *newest)
{
    struct pw_close_part h;
    uint32_t first = c->log.oldest, last = c->log.next - 1u;
    if (!pw_flashlog_mounted(&c->log))
        return PW_ERR_STATE;
    if (pw_flashlog_count(&c->log) == 0)
        return PW_ERR_RANGE;
    int err = head_near(c, first, &last, &h);
    if (err != PW_OK)
        return err;
    *newest = h.close;
    while ((err = read_at(c, first, &h, NULL, 0)) == PW_ERR_CRC && first != last)
        first++;
    if (err != PW_OK)
        return err;
    *oldest = h.close + ((h.point | h.part) != 0 && h.close != *newest ? 1u : 0u); /* the first one there may have lost its beginning */
    return PW_OK;
}

/* Number of the first record of a later close than `close`. */
static int end_of(struct pw_closes *c, unsigned close, uint32_t *end)
{
    uint32_t low = c->log.oldest, high = c->log.next;
    while (low != high) {
        uint32_t middle = low + (high - low) / 2u;
        struct pw_close_part h;
        uint32_t at = middle;
        int err = head_near(c, low, &at, &h);
        if (err != PW_OK && err != PW_ERR_CRC)
            return err;
        if (err == PW_OK && (int16_t)(h.close - close) > 0)
            high = at;
        else
            low = middle + 1u;
    }
    *end = low;
    return PW_OK;
}

/* How far before the last record `last` of a close the wanted part is, if the close is whole. Of one that is not, not farther than it is: so no later
 * record of that part is ever passed over. */
static uint32_t distance(const struct pw_close_part *last, unsigned point, unsigned part)
{
    unsigned each = last->part + 1u, index = last->point * each + last->part, wanted = point * each + part;
    return index > wanted ? index - wanted : 0;
}

int pw_closes_read(struct pw_closes *c, unsigned close, unsigned point, unsigned part, struct pw_close_part *head, uint8_t data[PW_SLOW_BLOCK_B])
{
    uint32_t at, end;
    if (!pw_flashlog_mounted(&c->log))
        return PW_ERR_STATE;
    int err = end_of(c, close, &end);
    if (err == PW_OK && end != c->log.oldest && read_at(c, end - 1u, head, NULL, 0) == PW_OK && head->close == close) {
        uint32_t back = distance(head, point, part);
        at = end - 1u - (back < end - 1u - c->log.oldest ? back : 0);
        if (read_at(c, at, head, data, PW_SLOW_BLOCK_B) == PW_OK && head->close == close && head->point == point && head->part == part)
            return PW_OK;
    }
    for (at = end; err == PW_OK && at != c->log.oldest;) { /* begun again after a power cut, or damaged: one by one */
        at--;
        err = read_at(c, at, head, data, PW_SLOW_BLOCK_B);
        if (err == PW_ERR_CRC) { /* damaged: it may have been another part */
            err = PW_OK;
            continue;
        }
        if (err == PW_OK && head->close != close)
            return PW_ERR_RANGE;
        if (err == PW_OK && head->point == point && head->part == part)
            return PW_OK;
    }
    return err == PW_OK ? PW_ERR_RANGE : err;
}
