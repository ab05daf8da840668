/* SPDX-License-Identifier: Apache-2.0 */
#include "spi.h"

#include "pw_masks.h"
#include "pw_regs.h"

#define BUSY_READS 1000u /* far more than 32 bits at the slowest SCK in use take */

void pw_spi_init(struct pw_spi *spi, const struct pw_hal *hal, unsigned port, uint32_t clk_hz, uint32_t max_sck_hz)
{
    uint32_t half = (clk_hz + 2 * max_sck_hz - 1) / (2 * max_sck_hz); /* div + 1 */
    *spi = (struct pw_spi){.hal = hal, .port = (uint8_t)port, .div = (uint8_t)(half < 1 ? 0 : half > 256 ? 255 : half - 1)};
    spi->ctrl = UINT32_MAX; /* no known value */
}

static void set_ctrl(struct pw_spi *spi, unsigned cs_mask, unsigned len)
{
    uint32_t ctrl = (uint32_t)cs_mask << PW_SPI__CTRL__CS_bp | (uint32_t)(len - 1) << PW_SPI__CTRL__LEN_bp |
                    (uint32_t)spi->div << PW_SPI__CTRL__DIV_bp;
    if (ctrl == spi->ctrl)
        return;
    pw_write32(spi->hal, PW_SPI_CTRL_BASE_ADDR(spi->port), ctrl);
    spi->ctrl = ctrl;
}

static int transfer(struct pw_spi *spi, uint32_t out, uint32_t *in)
{
    pw_write32(spi->hal, PW_SPI_DATA_BASE_ADDR(spi->port), out);
    for (unsigned i = 0; i < BUSY_READS; i++) {
        if ((pw_read32(spi->hal, PW_SPI_STATUS_BASE_ADDR(spi->port)) & PW_SPI__STATUS__BUSY_bm) == 0) {
            *in = pw_read32(spi->hal, PW_SPI_DATA_BASE_ADDR(spi->port));
            return PW_OK;
        }
    }
    spi->timeouts++;
    return PW_ERR_IO;
}

/* Bytes of the command in order: head, then tx or zeros. */
static int stream(struct pw_spi *spi, unsigned cs, const uint8_t *head, size_t head_len, const uint8_t *tx, uint8_t *rx, size_t len)
{
    size_t total = head_len + len;
    for (size_t at = 0; at < total;) {
        unsigned n = total - at < 4 ? (unsigned)(total - at) : 4;
        uint32_t out = 0, in;
        for (size_t i = at; i < at + n; i++)
            out = out << 8 | (i < head_len ? head[i] : tx != NULL ? tx[i - head_len] : 0u);
        set_ctrl(spi, 1u << cs, n);
        int err = transfer(spi, out, &in);
        if (err != PW_OK)
            return err;
        for (size_t i = at + n; rx != NULL && i-- > at; in >>= 8)
            if (i >= head_len)
                rx[i - head_len] = (uint8_t)in;
        at += n;
    }
    return PW_OK;
}

int pw_spi_command(struct pw_spi *spi, unsigned cs, const uint8_t *head, size_t head_len, const uint8_t *tx, uint8_t *rx, size_t len)
{
    int err = stream(spi, cs, head, head_len, tx, rx, len);
    set_ctrl(spi, 0, 1);
    return err;
}
