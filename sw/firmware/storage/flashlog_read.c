/* SPDX-License-Identifier: Apache-2.0 */
/* Format of sectors and records, and reading. */
#include <string.h>

#include "bytes.h"
#include "crc32.h"
#include "fields.h"
#include "flashlog_priv.h"

#define SECTOR_MAGIC 0x474C5750u /* "PWLG" */
#define FRAME_MARK   0x5A17u
#define VERSION      1u
#define HEADER_B     24u
#define COPY_B       128u        /* second copy of the header in page 0 */
#define MAX_PROBES   64u         /* unreadable headers that a search looks past */

#define HEADER(name, at) PW_FIELD(struct pw_flashlog_header, name, at)
static const struct pw_field header_fields[] = {HEADER(seq, 4), HEADER(first, 8), HEADER(erases, 12), HEADER(slot_b, 16)};

uint32_t pw_flashlog_addr(const struct pw_flashlog *log, uint32_t seq)
{
    return log->base + seq % log->n_sectors * SECTOR_B;
}

/* The place of the ring is part of the check sum: a sector of another layout is none of ours. */
static uint32_t header_crc(const struct pw_flashlog *log, const uint8_t *p)
{
    uint8_t layout[6];
    pw_put_le32(layout, log->base);
    pw_put_le16(layout + 4, log->n_sectors);
    return pw_crc32(pw_crc32(0, layout, sizeof layout), p, HEADER_B - 4);
}

void pw_flashlog_put_header(const struct pw_flashlog *log, const struct pw_flashlog_header *h, uint8_t page[PAGE_B])
{
    memset(page, 0xFF, PAGE_B);
    pw_put_le32(page, SECTOR_MAGIC);
    pw_fields_put(header_fields, PW_N_FIELDS(header_fields), h, page);
    page[18] = log->id;
    page[19] = VERSION;
    pw_put_le32(page + 20, header_crc(log, page));
    memcpy(page + COPY_B, page, HEADER_B);
}

int pw_flashlog_header(const struct pw_flashlog *log, uint32_t idx, struct pw_flashlog_header *h)
{
    uint8_t b[HEADER_B];
    for (unsigned copy = 0; copy < 2; copy++) {
        int err = log->port->read(log->port->ctx, log->base + idx * SECTOR_B + copy * COPY_B, b, sizeof b);
        if (err != PW_OK)
            return err;
        pw_fields_get(header_fields, PW_N_FIELDS(header_fields), h, b);
        if (pw_get_le32(b) == SECTOR_MAGIC && b[18] == log->id && b[19] == VERSION && pw_get_le32(b + 20) == header_crc(log, b) &&
            h->seq >= log->n_sectors && h->seq % log->n_sectors == idx && h->slot_b > PW_FLASHLOG_OVERHEAD_B &&
            h->slot_b <= PW_FLASHLOG_MAX_B + PW_FLASHLOG_OVERHEAD_B)
            return PW_OK;
    }
    return PW_ERR_CRC;
}

void pw_flashlog_frame(uint32_t number, size_t len, uint8_t frame[N_FRAME])
{
    pw_put_le32(frame, number);
    pw_put_le16(frame + 4, (uint16_t)len);
    pw_put_le16(frame + 6, FRAME_MARK);
}

/* The sector's sequence number makes a record valid only in the sector that it was written to. */
uint32_t pw_flashlog_seed(const struct pw_flashlog *log, uint32_t seq, const uint8_t frame[N_FRAME])
{
    uint8_t where[5];
    pw_put_le32(where, seq);
    where[4] = log->id;
    return pw_crc32(pw_crc32(0, where, sizeof where), frame, N_FRAME);
}

/* What of these bytes of the record is wanted. */
static void take(const struct pw_flashlog_want *w, size_t at, const uint8_t *bytes, size_t n)
{
    if (w == NULL || at >= w->from + w->size || at + n <= w->from)
        return;
    size_t skip = w->from > at ? w->from - at : 0, room = w->from + w->size - (at + skip);
    memcpy(w->out + (at + skip - w->from), bytes + skip, n - skip < room ? n - skip : room);
}

int pw_flashlog_slot(const struct pw_flashlog *log, const struct pw_flashlog_header *h, unsigned slot, uint32_t *number,
                     const struct pw_flashlog_want *want, size_t *len)
{
    const struct pw_flash_port *p = log->port;
    uint32_t at = pw_flashlog_addr(log, h->seq) + slot_offset(h->slot_b, slot);
    uint8_t b[64];
    int err = p->read(p->ctx, at, b, N_FRAME);
    if (err != PW_OK)
        return err;
    size_t n = pw_get_le16(b + 4);
    *number = pw_get_le32(b);
    if (pw_get_le16(b + 6) != FRAME_MARK || n == 0 || n + PW_FLASHLOG_OVERHEAD_B > h->slot_b)
        return PW_ERR_CRC;
    uint32_t crc = pw_flashlog_seed(log, h->seq, b);
    for (size_t done = 0; done < n;) {
        size_t part = n - done < sizeof b ? n - done : sizeof b;
        err = p->read(p->ctx, at + N_FRAME + (uint32_t)done, b, part);
        if (err != PW_OK)
            return err;
        crc = pw_crc32(crc, b, part);
        take(want, done, b, part);
        done += part;
    }
    err = p->read(p->ctx, at + N_FRAME + (uint32_t)n, b, 4);
    if (err != PW_OK)
        return err;
    if (len != NULL)
        *len = n;
    return pw_get_le32(b) == crc ? PW_OK : PW_ERR_CRC;
}

/* The last sector that begins at or before record `number`. Sectors that cannot be read are looked past. */
static int find(struct pw_flashlog *log, uint32_t number, struct pw_flashlog_header *best)
{
    uint32_t lo = log->tail_seq, hi = log->head_seq;
    unsigned probes = 0;
    best->seq = 0;
    while (lo <= hi) {
        uint32_t mid = lo + (hi - lo) / 2, s = mid;
        struct pw_flashlog_header h;
        for (;; s--) {
            int err = pw_flashlog_header(log, s % log->n_sectors, &h);
            if (err == PW_OK && h.seq == s)
                break;
            if (err != PW_OK && err != PW_ERR_CRC)
                return err;
            if (++probes > MAX_PROBES)
                return PW_ERR_CRC;
            if (s == lo) {
                s = 0;
                break;
            }
        }
        if (s == 0) {
            lo = mid + 1;
        } else if (h.first <= number) {
            *best = h;
            lo = mid + 1;
        } else {
            hi = s - 1;
        }
    }
    return best->seq != 0 ? PW_OK : PW_ERR_CRC;
}

/* Records stand in a sector in the order of their numbers, but places may have been skipped: never before its own place. */
static int search(struct pw_flashlog *log, const struct pw_flashlog_header *h, uint32_t number, const struct pw_flashlog_want *want, size_t *len)
{
    unsigned n = slots_of(h->slot_b);
    for (uint32_t slot = number - h->first; slot < n; slot++) {
        uint32_t is = 0;
        int err = pw_flashlog_slot(log, h, slot, &is, want, len);
        if (err != PW_ERR_CRC && (err != PW_OK || is == number))
            return err;
        if (err == PW_OK && is > number)
            break;
    }
    return PW_ERR_CRC;
}

int pw_flashlog_read(struct pw_flashlog *log, uint32_t number, uint8_t *out, size_t size, size_t *len)
{
    return pw_flashlog_read_at(log, number, 0, out, size, len);
}

int pw_flashlog_read_at(struct pw_flashlog *log, uint32_t number, size_t from, uint8_t *out, size_t size, size_t *len)
{
    const struct pw_flashlog_want want = {out, from, size};
    if (!pw_flashlog_mounted(log))
        return PW_ERR_STATE;
    if (number < log->oldest || number >= log->next)
        return PW_ERR_RANGE;
    int busy = log->port->busy(log->port->ctx);
    if (busy != 0)
        return busy > 0 ? PW_ERR_STATE : busy;
    struct pw_flashlog_header *h = &log->hint;
    int err = PW_ERR_CRC;
    if (h->seq >= log->tail_seq && h->seq != 0 && h->first <= number) /* the same sector again, in most cases */
        err = search(log, h, number, &want, len);
    if (err == PW_ERR_CRC) {
        err = find(log, number, h);
        if (err == PW_OK)
            err = search(log, h, number, &want, len);
    }
    if (err == PW_ERR_CRC) {
        log->corrupt++;
        pw_flashlog_tell(log, PW_FLASHLOG_CORRUPT, number);
    }
    return err;
}
