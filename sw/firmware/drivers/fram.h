/* SPDX-License-Identifier: Apache-2.0 */
/* SPI FRAM of 32 KiB, 2 address bytes (FM25V02A, MB85RS256). No write delay: a byte is stored with its 8th clock. */
#ifndef PW_FRAM_H
#define PW_FRAM_H

#include "spi.h"

struct pw_fram {
    struct pw_spi *spi;
    unsigned       cs;
};

/** Checks that a part answers: it must show the write enable latch (status bit 1) set by WREN and cleared by WRDI.
 *  @return PW_OK, PW_ERR_IO */
PW_MUST_CHECK int pw_fram_init(struct pw_fram *fram, struct pw_spi *spi, unsigned cs);

/** @return PW_OK, PW_ERR_RANGE (beyond the end of the part), PW_ERR_IO */
PW_MUST_CHECK int pw_fram_read(struct pw_fram *fram, uint32_t addr, void *data, size_t len);
PW_MUST_CHECK int pw_fram_write(struct pw_fram *fram, uint32_t addr, const void *data, size_t len);

#endif
