/* SPDX-License-Identifier: Apache-2.0 */
#include "flashlog.h"

#include <string.h>

#include "bytes.h"
#include "crc32.h"
#include "flashlog_priv.h"

#define MIN_SECTORS 4u
#define MAX_SECTORS 16384u

void pw_flashlog_tell(const struct pw_flashlog *log, enum pw_flashlog_report what, uint32_t detail)
{
    if (log->report != NULL)
        log->report(log->ctx, what, detail);
}

int pw_flashlog_init(struct pw_flashlog *log, const struct pw_flash_port *port, struct pw_flash_dead *dead, uint32_t base, uint32_t n_sectors,
                     unsigned id)
{
    if (base % SECTOR_B != 0 || n_sectors < MIN_SECTORS || n_sectors > MAX_SECTORS || id > 255)
        return PW_ERR_RANGE;
    *log = (struct pw_flashlog){.port = port, .dead = dead, .base = base, .n_sectors = (uint16_t)n_sectors, .id = (uint8_t)id, .tolerant = 3};
    return PW_OK;
}

bool pw_flashlog_mounted(const struct pw_flashlog *log)
{
    return log->state >= ST_IDLE || (log->state == ST_TAIL && log->after_tail != ST_IDLE);
}

bool pw_flashlog_faulted(const struct pw_flashlog *log)
{
    return log->state == ST_FAULT;
}

bool pw_flashlog_ready(const struct pw_flashlog *log)
{
    return pw_flashlog_mounted(log) && log->data == NULL && log->state != ST_FAULT;
}

int pw_flashlog_append(struct pw_flashlog *log, const uint8_t *data, size_t len)
{
    if (len == 0 || len > PW_FLASHLOG_MAX_B)
        return PW_ERR_SIZE;
    if (!pw_flashlog_ready(log))
        return PW_ERR_STATE;
    log->data = data;
    log->len = (uint16_t)len;
    log->used = true;
    return PW_OK;
}

uint32_t pw_flashlog_capacity(uint32_t n_sectors, size_t len)
{
    return (n_sectors - 2) * slots_of((unsigned)len + PW_FLASHLOG_OVERHEAD_B);
}

uint32_t pw_flashlog_next_seq(const struct pw_flashlog *log, uint32_t seq)
{
    for (unsigned i = 0; i < log->n_sectors; i++)
        if (!pw_flash_dead_has(log->dead, pw_flashlog_addr(log, ++seq)))
            return seq;
    return 0;
}

/* Bytes of a page of the record under way; what lies behind it stays blank. */
static void page_bytes(const struct pw_flashlog *log, unsigned page, uint8_t *out, unsigned n)
{
    uint8_t ends[N_FRAME + 4];
    pw_flashlog_frame(log->next, log->len, ends);
    pw_put_le32(ends + N_FRAME, log->crc);
    for (unsigned i = 0; i < n; i++) {
        unsigned at = page * PAGE_B + i, tail_at = N_FRAME + log->len;
        out[i] = at < N_FRAME ? ends[at] : at < tail_at ? log->data[at - N_FRAME] : ends[at - log->len];
    }
}

static unsigned page_len(const struct pw_flashlog *log, unsigned page)
{
    unsigned left = log->len + PW_FLASHLOG_OVERHEAD_B - page * PAGE_B;
    return left < PAGE_B ? left : PAGE_B;
}

static uint32_t write_addr(const struct pw_flashlog *log)
{
    return pw_flashlog_addr(log, log->head_seq) + slot_offset(log->slot_b, log->slot) + log->page * PAGE_B;
}

static void job(struct pw_flashlog *log, enum state s)
{
    log->state = (uint8_t)s;
    log->page = 0;
    log->retried = false;
}

/* A sector failed: never again, unless the reason may be a program torn before the start. */
static void failed(struct pw_flashlog *log, uint32_t seq)
{
    uint32_t sector = pw_flashlog_addr(log, seq) / SECTOR_B;
    bool head = seq == log->head_seq;
    log->state = ST_IDLE;
    if (head && log->tolerant > 0) {
        log->tolerant--;
        log->slot = (uint16_t)pw_flashlog_next_page(log->slot_b, log->slot);
        return;
    }
    if (head)
        log->slot = UINT16_MAX; /* no more places; what it holds stays readable */
    else
        log->ahead_ready = false;
    (void)pw_flash_dead_add(log->dead, pw_flashlog_addr(log, seq)); /* a full list: tried again when the ring comes round */
    log->dead_found++;
    pw_flashlog_tell(log, PW_FLASHLOG_DEAD, sector);
    if (!head)
        log->ahead_seq = pw_flashlog_next_seq(log, seq);
    if (++log->fails >= PW_FLASHLOG_MAX_FAILS || (!head && log->ahead_seq == 0)) {
        log->state = ST_FAULT;
        pw_flashlog_tell(log, PW_FLASHLOG_FAULT, sector);
    }
}

/* Before the sector ahead is erased, what it holds leaves the log. */
static void begin_erase(struct pw_flashlog *log)
{
    uint32_t from = log->head_seq != 0 ? log->head_seq : log->n_sectors - 1u;
    if (log->ahead_seq <= from)
        log->ahead_seq = pw_flashlog_next_seq(log, from);
    if (log->ahead_seq == 0 || log->ahead_seq - from >= log->n_sectors) { /* nothing but the head is left */
        log->state = ST_FAULT;
        pw_flashlog_tell(log, PW_FLASHLOG_FAULT, pw_flashlog_addr(log, from) / SECTOR_B);
        return;
    }
    job(log, ST_ERASE);
    uint32_t gone = log->ahead_seq - log->n_sectors; /* what was there a round ago */
    if (log->head_seq != 0 && log->tail_seq <= gone) {
        log->scan_seq = gone + 1;
        log->state = ST_TAIL;
        log->after_tail = ST_ERASE;
    }
}

static bool dispatch(struct pw_flashlog *log)
{
    unsigned n = log->head_seq != 0 ? slots_of(log->slot_b) : 0;
    bool fits = log->slot < n && log->slot_b == log->len + PW_FLASHLOG_OVERHEAD_B;
    if (log->data != NULL && fits) {
        uint8_t frame[N_FRAME];
        pw_flashlog_frame(log->next, log->len, frame);
        log->crc = pw_crc32(pw_flashlog_seed(log, log->head_seq, frame), log->data, log->len);
        job(log, ST_WRITE);
    } else if (log->data != NULL && log->ahead_ready) {
        job(log, ST_OPEN);
    } else if (!log->ahead_ready && (log->data != NULL || (log->used && 2u * log->slot >= n))) {
        begin_erase(log);
    } else {
        return false;
    }
    return true;
}

/* The count goes on from the old header; if a power cut took it, it is the head's: all sectors of a ring are worn alike. */
static int erase(struct pw_flashlog *log)
{
    struct pw_flashlog_header h;
    int err = pw_flashlog_header(log, log->ahead_seq % log->n_sectors, &h);
    if (err != PW_OK && err != PW_ERR_CRC)
        return err;
    log->ahead_erases = err == PW_OK ? h.erases + 1 : log->head_erases > 0 ? log->head_erases : 1;
    err = log->port->erase(log->port->ctx, pw_flashlog_addr(log, log->ahead_seq));
    if (err == PW_OK)
        job(log, ST_BLANK);
    return err;
}

static int blank(struct pw_flashlog *log)
{
    uint8_t b[PAGE_B];
    int err = log->port->read(log->port->ctx, pw_flashlog_addr(log, log->ahead_seq) + log->page * PAGE_B, b, sizeof b);
    if (err != PW_OK)
        return err;
    for (unsigned i = 0; i < sizeof b; i++) {
        if (b[i] == 0xFF)
            continue;
        if (log->retried)
            failed(log, log->ahead_seq);
        log->retried = true;
        return PW_OK;
    }
    log->retried = false;
    if (++log->page == PAGES) {
        log->ahead_ready = true;
        log->state = ST_IDLE;
    }
    return PW_OK;
}

static struct pw_flashlog_header new_header(const struct pw_flashlog *log)
{
    return (struct pw_flashlog_header){log->ahead_seq, log->next, log->ahead_erases, (uint16_t)(log->len + PW_FLASHLOG_OVERHEAD_B)};
}

static void opened(struct pw_flashlog *log)
{
    bool first = log->head_seq == 0;
    log->head_seq = log->ahead_seq;
    log->head_first = log->next;
    log->head_erases = log->ahead_erases;
    log->slot_b = (uint16_t)(log->len + PW_FLASHLOG_OVERHEAD_B);
    log->slot = 0;
    log->ahead_ready = false;
    log->tolerant = 0; /* this one was erased in this run */
    if (first)
        log->tail_seq = log->head_seq;
    if (log->head_erases > log->erases_max)
        log->erases_max = log->head_erases;
    log->ahead_seq = pw_flashlog_next_seq(log, log->head_seq);
    log->state = ST_IDLE;
}

/* Programs a page, or compares it with what was programmed. The second reading decides: the first may have been disturbed. */
static int page_job(struct pw_flashlog *log, bool open, bool check)
{
    const struct pw_flash_port *p = log->port;
    uint8_t want[PAGE_B], is[PAGE_B / 4];
    unsigned n = PAGE_B;
    uint32_t addr = open ? pw_flashlog_addr(log, log->ahead_seq) : write_addr(log);
    if (open) {
        struct pw_flashlog_header h = new_header(log);
        pw_flashlog_put_header(log, &h, want);
    } else {
        n = page_len(log, log->page);
        page_bytes(log, log->page, want, n);
    }
    if (!check) {
        int err = p->program(p->ctx, addr, want, n);
        log->retried = false;
        if (err == PW_OK)
            log->state = open ? ST_OPEN_CHECK : ST_WRITE_CHECK;
        return err;
    }
    for (unsigned at = 0; at < n; at += sizeof is) {
        unsigned part = n - at < sizeof is ? n - at : (unsigned)sizeof is;
        int err = p->read(p->ctx, addr + at, is, part);
        if (err != PW_OK)
            return err;
        if (memcmp(want + at, is, part) == 0)
            continue;
        if (log->retried)
            failed(log, open ? log->ahead_seq : log->head_seq);
        log->retried = true;
        return PW_OK;
    }
    if (open) {
        opened(log);
    } else if (++log->page * PAGE_B < log->len + PW_FLASHLOG_OVERHEAD_B) {
        log->state = ST_WRITE;
    } else {
        log->fails = 0; /* not sooner: a flash that only erases must not be emptied sector by sector */
        log->slot++;
        log->next++;
        log->data = NULL;
        log->tolerant = 0;
        log->state = ST_IDLE;
    }
    return PW_OK;
}

static int run(struct pw_flashlog *log)
{
    switch (log->state) {
    case ST_ERASE: return erase(log);
    case ST_BLANK: return blank(log);
    case ST_OPEN: return page_job(log, true, false);
    case ST_OPEN_CHECK: return page_job(log, true, true);
    case ST_WRITE: return page_job(log, false, false);
    case ST_WRITE_CHECK: return page_job(log, false, true);
    default: return pw_flashlog_mount_step(log);
    }
}

bool pw_flashlog_step(struct pw_flashlog *log)
{
    if (log->state == ST_FAULT)
        return false;
    if (log->state == ST_IDLE)
        return dispatch(log); /* decides only: no traffic */
    int err = log->port->busy(log->port->ctx);
    if (err == 1)
        return false;
    if (err == PW_OK)
        err = run(log);
    if (err == PW_OK) {
        log->io_told = false;
        return true;
    }
    log->io_errors++; /* the same step again, next time */
    if (!log->io_told)
        pw_flashlog_tell(log, PW_FLASHLOG_IO, 0);
    log->io_told = true;
    return false;
}
