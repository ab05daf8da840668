/* SPDX-License-Identifier: Apache-2.0 */
/* What the logs ask of a NOR flash: 256-byte pages that only clear bits, 4 KiB sectors. Nothing waits. */
#ifndef PW_FLASH_PORT_H
#define PW_FLASH_PORT_H

#include <stddef.h>
#include <stdint.h>

#define PW_FLASH_PAGE_B   256u
#define PW_FLASH_SECTOR_B 4096u

struct pw_flash_port {
    /** @return PW_OK, PW_ERR_RANGE, PW_ERR_STATE (busy), PW_ERR_IO */
    int (*read)(void *ctx, uint32_t addr, uint8_t *out, size_t len);
    /** Starts a program of 1 .. 256 bytes within a page. @return as read */
    int (*program)(void *ctx, uint32_t addr, const uint8_t *data, size_t len);
    /** Starts the erase of the sector that begins at `addr`. @return as read */
    int (*erase)(void *ctx, uint32_t addr);
    /** @return 1 while an operation runs, 0 if not, PW_ERR_IO: it never ended, or no answer */
    int (*busy)(void *ctx);
    void *ctx;
};

#endif
