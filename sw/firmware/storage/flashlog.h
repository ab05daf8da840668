/* SPDX-License-Identifier: Apache-2.0 */
/* Append-only ring log on NOR flash. Format, recovery and figures: docs/storage.md; why not littlefs: docs/decisions/0008-flash-log.md
 *
 * A log owns 4 .. 16384 sectors of 4 KiB. Records have numbers 1, 2, 3 ... that never come twice and never have gaps; the oldest go when the
 * ring is full, a sector at a time. A record counts as stored once it was read back. Nothing waits: `pw_flashlog_step` does at most one page
 * (or one record) of flash traffic, and only starts programs and erases. One log at a time may be stepped; all logs of a flash share port and
 * dead list. After a restart nothing is written where a torn program could have been, and only sectors erased in this run are opened. */
#ifndef PW_FLASHLOG_H
#define PW_FLASHLOG_H

#include <stdbool.h>

#include "errors.h"
#include "flash_dead.h"
#include "flash_port.h"

#define PW_FLASHLOG_OVERHEAD_B 12u   /* of each record */
#define PW_FLASHLOG_MAX_B      (15u * PW_FLASH_PAGE_B - PW_FLASHLOG_OVERHEAD_B)
#define PW_FLASHLOG_MAX_FAILS  8u    /* sectors in a row; then the flash as a whole is taken as broken, and left alone */

/* What goes wrong is told once it is seen; detail is a sector (address / 4096), a record number, or an error code. */
enum pw_flashlog_report {
    PW_FLASHLOG_DEAD    = 1, /* sector failed and is not used again: save the dead list */
    PW_FLASHLOG_CORRUPT = 2, /* record is damaged; told each time it is read */
    PW_FLASHLOG_IO      = 3, /* the flash does not answer; tried again with each step; detail: 0 */
    PW_FLASHLOG_FAULT   = 4, /* too many failures in a row: nothing is written until the next start; detail: last sector */
};

struct pw_flashlog_header { /* of a sector */
    uint32_t seq;           /* position in the ring = seq % n_sectors */
    uint32_t first;         /* number of the first record in it */
    uint32_t erases;        /* of this sector, so far */
    uint16_t slot_b;        /* size of a record's place */
};

struct pw_flashlog {
    const struct pw_flash_port *port;
    struct pw_flash_dead *dead;
    void   (*report)(void *ctx, enum pw_flashlog_report what, uint32_t detail); /* may be NULL */
    void    *ctx;
    uint32_t base;          /* first address, multiple of 4096 */
    uint16_t n_sectors;
    uint8_t  id;
    uint8_t  state;         /* private, all below but the counters */
    uint8_t  after_tail;    /* state after the tail was found */
    uint8_t  page;          /* of the job */
    uint8_t  fails;         /* sectors that failed in a row */
    bool     ahead_ready;   /* sector ahead_seq is erased */
    bool     used;          /* something was appended since start: from now on erasing ahead is worth it */
    uint8_t  tolerant;      /* so many failures may still come from before the restart, not from the sector */
    bool     retried;       /* this page was read back twice */
    bool     io_told;
    uint16_t slot_b;        /* of the head */
    uint16_t slot;          /* next free place in the head */
    uint16_t len;
    const uint8_t *data;    /* record under way, NULL: none */
    uint32_t crc;
    uint32_t head_seq;      /* 0: nothing was ever written */
    uint32_t tail_seq, ahead_seq, scan_seq;
    uint32_t head_first;
    uint32_t next;          /* number of the next record */
    uint32_t oldest;        /* == next: none */
    uint32_t head_erases, ahead_erases;
    struct pw_flashlog_header hint; /* sector last read from */
    /* counters since start */
    uint32_t erases_max;    /* of any sector of the ring, as its header says */
    uint32_t corrupt;       /* damaged records read */
    uint32_t io_errors;
    uint16_t dead_found;
    uint16_t torn;          /* places at the end of the head that a power cut has spoiled */
};

/** Mounting begins: call pw_flashlog_step until pw_flashlog_mounted.
 *  @param base  multiple of 4096 @param n_sectors  4 .. 16384 @param id  of the log: others' sectors are not taken for its own
 *  @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_flashlog_init(struct pw_flashlog *log, const struct pw_flash_port *port, struct pw_flash_dead *dead, uint32_t base,
                                   uint32_t n_sectors, unsigned id);

/** Carries on. Each pass of the main loop. @return false if there was nothing to do, or the flash is busy */
bool pw_flashlog_step(struct pw_flashlog *log);

bool pw_flashlog_mounted(const struct pw_flashlog *log);

/** Too many sectors failed. Reading goes on. */
bool pw_flashlog_faulted(const struct pw_flashlog *log);

/** No record is under way, and one would be taken. */
bool pw_flashlog_ready(const struct pw_flashlog *log);

/** Appends a record. Its number is `next`; it is stored when `next` has moved on.
 *  @param data  must stay as it is until then: pw_flashlog_stored
 *  @return PW_OK, PW_ERR_STATE (another one is under way, not mounted, faulted), PW_ERR_SIZE (0, or above PW_FLASHLOG_MAX_B) */
PW_MUST_CHECK int pw_flashlog_append(struct pw_flashlog *log, const uint8_t *data, size_t len);

/** The record that was taken is stored. */
static inline bool pw_flashlog_stored(const struct pw_flashlog *log)
{
    return log->data == NULL;
}

/** Reads a record; short flash reads only.
 *  @param number    oldest .. next - 1
 *  @param[out] out  its first `size` bytes
 *  @param[out] len  its whole length; may be NULL
 *  @return PW_OK, PW_ERR_RANGE (no such record), PW_ERR_CRC (damaged: the others can still be read), PW_ERR_STATE (not mounted, or the flash
 *          is busy: try again), PW_ERR_IO */
PW_MUST_CHECK int pw_flashlog_read(struct pw_flashlog *log, uint32_t number, uint8_t *out, size_t size, size_t *len);

/** The same of its bytes from .. from + size - 1; what the record does not have is left as it is. */
PW_MUST_CHECK int pw_flashlog_read_at(struct pw_flashlog *log, uint32_t number, size_t from, uint8_t *out, size_t size, size_t *len);

/** Records stored; also those that turn out damaged. */
static inline uint32_t pw_flashlog_count(const struct pw_flashlog *log)
{
    return log->next - log->oldest;
}

/** Records of `len` bytes that a ring always keeps, if no sector is dead: the sector of the head and the one ahead do not count. */
uint32_t pw_flashlog_capacity(uint32_t n_sectors, size_t len);

#endif
