/* SPDX-License-Identifier: Apache-2.0 */
/* SPI master: mode 0, one chip select at a time, transfers of up to 4 bytes. A transfer is waited for: 32 bits at 12.5 MHz are 2.6 us. */
#ifndef PW_SPI_H
#define PW_SPI_H

#include <stddef.h>

#include "errors.h"
#include "hal.h"

struct pw_spi {
    const struct pw_hal *hal;
    uint8_t  port;      /* 0 flash, 1 FRAM and W5500 */
    uint8_t  div;       /* SCK = clk / (2 (div + 1)) */
    uint32_t ctrl;      /* as last written */
    uint32_t timeouts;  /* transfers that never ended */
};

/** @param clk_hz      system clock
 *  @param max_sck_hz  SCK is the highest possible rate not above it */
void pw_spi_init(struct pw_spi *spi, const struct pw_hal *hal, unsigned port, uint32_t clk_hz, uint32_t max_sck_hz);

/** One command: selects the part, sends `head`, then either sends or receives `len` bytes, deselects.
 *  @param head_len  0 .. 8
 *  @param tx        bytes to send, or NULL
 *  @param rx        where to put received bytes, or NULL (exactly one of tx and rx, unless len = 0)
 *  @return PW_OK, PW_ERR_IO (the port stays busy) */
PW_MUST_CHECK int pw_spi_command(struct pw_spi *spi, unsigned cs, const uint8_t *head, size_t head_len, const uint8_t *tx,
                                 uint8_t *rx, size_t len);

#endif
