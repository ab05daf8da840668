/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the parts of the ring log. */
#ifndef PW_FLASHLOG_PRIV_H
#define PW_FLASHLOG_PRIV_H

#include "flashlog.h"

#define PAGE_B   PW_FLASH_PAGE_B
#define SECTOR_B PW_FLASH_SECTOR_B
#define PAGES    (SECTOR_B / PAGE_B)
#define N_FRAME  8u /* number, length, mark before the payload */

enum state {
    ST_MOUNT_HEADERS, ST_MOUNT_END, ST_MOUNT_LAST, ST_TAIL, /* mount; the last one also before each erase */
    ST_IDLE,
    ST_ERASE, ST_BLANK,
    ST_OPEN, ST_OPEN_CHECK,
    ST_WRITE, ST_WRITE_CHECK,
    ST_FAULT,
};

/* Places of records in a sector: page 0 is the header's. A place is within a page, or begins one. */
static inline unsigned slots_of(unsigned slot_b)
{
    return slot_b <= PAGE_B ? (PAGES - 1) * (PAGE_B / slot_b) : (PAGES - 1) / ((slot_b + PAGE_B - 1) / PAGE_B);
}

static inline uint32_t slot_offset(unsigned slot_b, unsigned slot)
{
    if (slot_b > PAGE_B)
        return PAGE_B + slot * ((slot_b + PAGE_B - 1) / PAGE_B) * PAGE_B;
    unsigned per_page = PAGE_B / slot_b;
    return PAGE_B + slot / per_page * PAGE_B + slot % per_page * slot_b;
}

/* The first place in another page than this one's; slots_of if there is none. */
unsigned pw_flashlog_next_page(unsigned slot_b, unsigned slot);

uint32_t pw_flashlog_addr(const struct pw_flashlog *log, uint32_t seq);
void pw_flashlog_tell(const struct pw_flashlog *log, enum pw_flashlog_report what, uint32_t detail);

/** Reads the header of the sector that belongs to `seq`, from the second copy if the first is damaged. @return PW_OK, PW_ERR_CRC, or of the port */
int pw_flashlog_header(const struct pw_flashlog *log, uint32_t idx, struct pw_flashlog_header *h);
void pw_flashlog_put_header(const struct pw_flashlog *log, const struct pw_flashlog_header *h, uint8_t page[PAGE_B]);

/* What of a record is wanted: its bytes from .. from + size - 1. */
struct pw_flashlog_want {
    uint8_t *out;
    size_t   from, size;
};

/** Checks the record in a place. @param want  NULL: nothing @return PW_OK, PW_ERR_CRC (none, or damaged: then number is what stands there), or of the port */
int pw_flashlog_slot(const struct pw_flashlog *log, const struct pw_flashlog_header *h, unsigned slot, uint32_t *number,
                     const struct pw_flashlog_want *want, size_t *len);

/** Start of a record's check sum: all but its payload. */
uint32_t pw_flashlog_seed(const struct pw_flashlog *log, uint32_t seq, const uint8_t frame[N_FRAME]);
void pw_flashlog_frame(uint32_t number, size_t len, uint8_t frame[N_FRAME]);

/** One step of mounting or of finding the tail. @return PW_OK or of the port */
int pw_flashlog_mount_step(struct pw_flashlog *log);

/** The next sector that may be used. @return its seq, 0 if all are dead */
uint32_t pw_flashlog_next_seq(const struct pw_flashlog *log, uint32_t seq);

#endif
