/* SPDX-License-Identifier: Apache-2.0 */
/* W25Q64JV (and its larger and smaller kin): SPI NOR flash, 256-byte pages, 4 KiB sectors. Never waits: an operation is started, and
 * `pw_flash_busy` tells when it has ended. Source: Winbond W25Q64JV data sheet, revision K: 0.4 (max 3) ms a page, 45 (max 400) ms a sector. */
#ifndef PW_FLASH_H
#define PW_FLASH_H

#include <stdbool.h>

#include "flash_port.h"
#include "spi.h"

struct pw_flash {
    struct pw_spi *spi;
    unsigned cs;
    uint32_t size_b;
    uint32_t jedec;        /* 0x00EF4017: maker, kind, log2 of the size */
    uint32_t limit_us;     /* the operation under way must end within it */
    uint64_t since_us;     /* uptime when it was started */
};

/** Wakes the part and reads what it is.
 *  @return PW_OK; PW_ERR_STATE: still busy with an erase from before a reset, try again; PW_ERR_IO: no answer; PW_ERR_MAGIC: not a NOR flash
 *          of 64 KiB to 16 MiB; PW_ERR_SEALED: its block protection is set (reading works) */
PW_MUST_CHECK int pw_flash_init(struct pw_flash *f, struct pw_spi *spi, unsigned cs);

/** @return PW_OK, PW_ERR_RANGE (beyond the end), PW_ERR_STATE (busy), PW_ERR_IO */
PW_MUST_CHECK int pw_flash_read(struct pw_flash *f, uint32_t addr, uint8_t *out, size_t len);

/** Starts to program. @param len  1 .. 256, all in one page @return as pw_flash_read */
PW_MUST_CHECK int pw_flash_program(struct pw_flash *f, uint32_t addr, const uint8_t *data, size_t len);

/** Starts to erase a sector. @param addr  multiple of PW_FLASH_SECTOR_B @return as pw_flash_read */
PW_MUST_CHECK int pw_flash_erase(struct pw_flash *f, uint32_t addr);

/** @return 1 busy, 0 ready, PW_ERR_IO: no answer, or busy for longer than any operation takes */
PW_MUST_CHECK int pw_flash_busy(struct pw_flash *f);

/** The part as the logs see it. */
struct pw_flash_port pw_flash_port_of(struct pw_flash *f);

#endif
