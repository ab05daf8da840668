/* SPDX-License-Identifier: Apache-2.0 */
/* An SPI part as the simulation sees it: whole bytes, mode 0, MSB first.
 * Both tiers use the same parts: the model tier calls them from the register model of the SPI master, the RTL tier through spi_pins. */
#ifndef PW_SPI_PART_H
#define PW_SPI_PART_H
#include <stdbool.h>
#include <stdint.h>

struct pw_spi_part {
    void (*select)(void *ctx, bool on);      /* chip select goes active (on) or inactive */
    uint8_t (*out)(void *ctx);               /* byte shifted out while the next byte comes in; called once a byte, before in() */
    void (*in)(void *ctx, uint8_t mosi);     /* a whole byte has come in */
    void *ctx;
};

/** One byte each way with a selected part. */
static inline uint8_t pw_spi_part_byte(const struct pw_spi_part *p, uint8_t mosi)
{
    uint8_t miso = p->out(p->ctx);
    p->in(p->ctx, mosi);
    return miso;
}
#endif
