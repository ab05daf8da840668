/* SPDX-License-Identifier: Apache-2.0 */
/* Finding head, tail and last record after a start. */
#include <string.h>

#include "flashlog_priv.h"

#define HEADERS_A_STEP 4u /* with their second copies no more than a page of traffic */

unsigned pw_flashlog_next_page(unsigned slot_b, unsigned slot)
{
    unsigned n = slots_of(slot_b);
    uint32_t page = slot_offset(slot_b, slot) / PAGE_B;
    while (slot < n && slot_offset(slot_b, slot) / PAGE_B == page)
        slot++;
    return slot;
}

static void no_head(struct pw_flashlog *log)
{
    log->next = log->oldest = 1;
    log->state = ST_IDLE;
}

static int headers(struct pw_flashlog *log)
{
    for (unsigned i = 0; i < HEADERS_A_STEP; i++, log->scan_seq++) {
        struct pw_flashlog_header h;
        if (log->scan_seq == log->n_sectors) {
            log->state = ST_MOUNT_END;
            log->page = PAGES - 1;
            if (log->head_seq == 0)
                no_head(log);
            return PW_OK;
        }
        int err = pw_flashlog_header(log, log->scan_seq, &h);
        if (err == PW_ERR_CRC)
            continue;
        if (err != PW_OK)
            return err;
        if (h.erases > log->erases_max)
            log->erases_max = h.erases;
        if (h.seq > log->head_seq) {
            log->head_seq = h.seq;
            log->head_first = h.first;
            log->head_erases = h.erases;
            log->slot_b = h.slot_b;
        }
    }
    return PW_OK;
}

/* Last place that is not blank, a page a step. A torn program may look blank and still be weak, so the page of the next place is left out
 * too, or the page after it when the last place was the last of its page. */
static int end(struct pw_flashlog *log)
{
    uint8_t b[PAGE_B];
    unsigned n = slots_of(log->slot_b), used = 0;
    int err = log->port->read(log->port->ctx, pw_flashlog_addr(log, log->head_seq) + log->page * PAGE_B, b, sizeof b);
    if (err != PW_OK)
        return err;
    unsigned last = PAGE_B;
    while (last > 0 && b[last - 1] == 0xFF)
        last--;
    if (last == 0 && --log->page > 0)
        return PW_OK;
    if (log->page > 0) { /* places begun up to this byte */
        uint32_t byte = log->page * PAGE_B + last - 1;
        while (used < n && slot_offset(log->slot_b, used) <= byte)
            used++;
    }
    log->scan_seq = used;
    log->state = ST_MOUNT_LAST;
    log->slot = (uint16_t)pw_flashlog_next_page(log->slot_b, used);
    log->next = log->head_first;
    return PW_OK;
}

/* The newest whole record: backwards, a place a step. */
static int last(struct pw_flashlog *log)
{
    struct pw_flashlog_header h = {log->head_seq, log->head_first, 0, log->slot_b};
    uint32_t number;
    if (log->scan_seq > 0) {
        int err = pw_flashlog_slot(log, &h, log->scan_seq - 1, &number, NULL, NULL);
        if (err == PW_ERR_CRC) {
            log->torn++;
            log->scan_seq--;
            return PW_OK;
        }
        if (err != PW_OK)
            return err;
        log->next = number + 1;
    }
    /* The sector ahead may have been in the middle of its erase: what it still shows is not part of the log any more. */
    uint32_t ahead = pw_flashlog_next_seq(log, log->head_seq);
    log->scan_seq = ahead >= 2u * log->n_sectors ? ahead - log->n_sectors + 1u : log->n_sectors;
    if (log->scan_seq > log->head_seq || ahead == 0)
        log->scan_seq = log->head_seq;
    log->state = ST_TAIL;
    log->after_tail = ST_IDLE;
    return PW_OK;
}

static int tail(struct pw_flashlog *log)
{
    for (unsigned i = 0; i < HEADERS_A_STEP; i++, log->scan_seq++) {
        struct pw_flashlog_header h;
        int err = pw_flashlog_header(log, log->scan_seq % log->n_sectors, &h);
        if (err != PW_OK && err != PW_ERR_CRC)
            return err;
        bool found = err == PW_OK && h.seq == log->scan_seq;
        if (found || log->scan_seq == log->head_seq) {
            log->tail_seq = log->scan_seq;
            log->oldest = found ? h.first : log->head_first;
            log->state = log->after_tail;
            return PW_OK;
        }
    }
    return PW_OK;
}

int pw_flashlog_mount_step(struct pw_flashlog *log)
{
    switch (log->state) {
    case ST_MOUNT_HEADERS: return headers(log);
    case ST_MOUNT_END: return end(log);
    case ST_MOUNT_LAST: return last(log);
    default: return tail(log);
    }
}
