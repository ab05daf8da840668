/* SPDX-License-Identifier: Apache-2.0 */
#include "spi.h"

#include "bytes.h"
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

static int wait_word(struct pw_spi *spi, uint32_t *in)
{
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
static inline uint32_t word_of(const uint8_t *head, size_t head_len, const uint8_t *tx, size_t at, unsigned n)
{
    uint32_t out = 0;
    if (at >= head_len && n == 4) /* nearly all of a long transfer */
        return tx != NULL ? pw_get_be32(tx + (at - head_len)) : 0;
    for (size_t i = at; i < at + n; i++)
        out = out << 8 | (i < head_len ? head[i] : tx != NULL ? tx[i - head_len] : 0u);
    return out;
}

static void take_word(uint32_t in, size_t head_len, uint8_t *rx, size_t at, unsigned n)
{
    if (at >= head_len && n == 4) {
        pw_put_be32(rx + (at - head_len), in);
        return;
    }
    for (size_t i = at + n; i-- > at; in >>= 8)
        if (i >= head_len)
            rx[i - head_len] = (uint8_t)in;
}

static unsigned part(size_t rest)
{
    return rest < 4 ? (unsigned)rest : 4;
}

static int stream(struct pw_spi *spi, unsigned cs, const uint8_t *head, size_t head_len, const uint8_t *tx, uint8_t *rx, size_t len)
{
    size_t total = head_len + len, next;
    unsigned n = part(total);
    uint32_t in, out = word_of(head, head_len, tx, 0, n);
    for (size_t at = 0; at < total; at = next, n = part(total - at)) {
        set_ctrl(spi, 1u << cs, n);
        pw_write32(spi->hal, PW_SPI_DATA_BASE_ADDR(spi->port), out);
        next = at + n;
        out = word_of(head, head_len, tx, next, part(total - next)); /* while the port is busy */
        int err = wait_word(spi, &in);
        if (err != PW_OK)
            return err;
        if (rx != NULL)
            take_word(in, head_len, rx, at, n);
    }
    return PW_OK;
}

int pw_spi_command(struct pw_spi *spi, unsigned cs, const uint8_t *head, size_t head_len, const uint8_t *tx, uint8_t *rx, size_t len)
{
    int err = stream(spi, cs, head, head_len, tx, rx, len);
    set_ctrl(spi, 0, 1);
    return err;
}
