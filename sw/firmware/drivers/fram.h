/* SPDX-License-Identifier: Apache-2.0 */
/* SPI FRAM: 128 KiB with 3 address bytes (FM25V10, MB85RS1MT) for meters that bill, 32 KiB with 2 (FM25V02A, MB85RS256) for all others;
 * found out at start. No write delay: a byte is stored with its 8th clock. */
#ifndef PW_FRAM_H
#define PW_FRAM_H

#include "spi.h"

struct pw_fram {
    struct pw_spi *spi;
    unsigned       cs;
    uint32_t       size_b;    /* PW_FRAM_SIZE_B or PW_FRAM_SMALL_B: what is there and used; 0 before init */
    uint32_t       id_size_b; /* by its id; 0: it has none that is known here. Not the same as size_b: worth a report */
    uint8_t        addr_b;    /* address bytes: 2 or 3 */
};

/** Checks that a part answers (it must show the write enable latch, status bit 1, set by WREN and cleared by WRDI) and finds its size: that which
 *  addresses reach, or what its id says if that is less. Parts of other sizes are used as the next smaller one of the two. For that the byte at
 *  PW_FRAM_PROBE (in a small part those at PW_FRAM_PROBE_SMALL) is written, and put back.
 *  @return PW_OK, PW_ERR_IO (also: a byte is not kept), PW_ERR_SIZE (less than 32 KiB, or 64 KiB with 3 address bytes) */
PW_MUST_CHECK int pw_fram_init(struct pw_fram *fram, struct pw_spi *spi, unsigned cs);

/** @return PW_OK, PW_ERR_RANGE (beyond the end of the part), PW_ERR_IO */
PW_MUST_CHECK int pw_fram_read(struct pw_fram *fram, uint32_t addr, void *data, size_t len);
PW_MUST_CHECK int pw_fram_write(struct pw_fram *fram, uint32_t addr, const void *data, size_t len);

/* A part of it, for what is loaded through a reader: pw_config_load, pw_tou_load, pw_intervals_load. */
struct pw_fram_area {
    struct pw_fram *fram;
    uint32_t at, size_b;
};

/** Bytes at .. at + len - 1 of the area. @param ctx  struct pw_fram_area @return as pw_fram_read; PW_ERR_RANGE also beyond the area */
PW_MUST_CHECK int pw_fram_area_read(void *ctx, uint32_t at, uint8_t *out, size_t len);

#endif
