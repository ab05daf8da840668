/* SPDX-License-Identifier: Apache-2.0 */
#include "uart.h"

#include <string.h>

#include "pw_masks.h"
#include "pw_regs.h"

_Static_assert((PW_UART_RX_B & (PW_UART_RX_B - 1)) == 0 && (PW_UART_TX_B & (PW_UART_TX_B - 1)) == 0, "powers of two");

#define ERRORS (PW_UART__STATUS__OVERRUN_bm | PW_UART__STATUS__FRAME_bm | PW_UART__STATUS__PARITY_bm)

void pw_uart_init(struct pw_uart *u, const struct pw_hal *hal, unsigned port, uint32_t clk_hz, uint32_t baud)
{
    memset(u, 0, sizeof *u);
    u->hal = hal;
    u->port = (uint8_t)port;
    pw_write32(hal, PW_UART_FORMAT_BASE_ADDR(u->port), (clk_hz + baud / 2) / baud - 1);
}

void pw_uart_service_rx(struct pw_uart *u)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t status = pw_read32(u->hal, PW_UART_STATUS_BASE_ADDR(u->port));
        if (status & ERRORS) {
            pw_write32(u->hal, PW_UART_STATUS_BASE_ADDR(u->port), status & ERRORS);
            u->lost++;
        }
        if ((status & PW_UART__STATUS__RX_VALID_bm) == 0)
            return;
        uint8_t byte = (uint8_t)pw_read32(u->hal, PW_UART_DATA_BASE_ADDR(u->port));
        if (status & PW_UART__STATUS__FRAME_bm)
            continue;
        if (u->rx_in - u->rx_out >= PW_UART_RX_B) {
            u->lost++;
            continue;
        }
        u->rx[u->rx_in % PW_UART_RX_B] = byte;
        u->rx_in++;
    }
}

void pw_uart_service_tx(struct pw_uart *u)
{
    if (u->tx_in == u->tx_out || (pw_read32(u->hal, PW_UART_STATUS_BASE_ADDR(u->port)) & PW_UART__STATUS__TX_READY_bm) == 0)
        return;
    pw_write32(u->hal, PW_UART_DATA_BASE_ADDR(u->port), u->tx[u->tx_out % PW_UART_TX_B]);
    u->tx_out++;
}

bool pw_uart_get(struct pw_uart *u, char *c)
{
    if (u->rx_in == u->rx_out)
        return false;
    *c = (char)u->rx[u->rx_out % PW_UART_RX_B];
    u->rx_out++;
    return true;
}

size_t pw_uart_put(struct pw_uart *u, const char *text, size_t len)
{
    size_t room = pw_uart_free(u), n = len < room ? len : room;
    for (size_t i = 0; i < n; i++)
        u->tx[u->tx_in++ % PW_UART_TX_B] = (uint8_t)text[i];
    return n;
}
