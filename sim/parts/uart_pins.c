/* SPDX-License-Identifier: Apache-2.0 */
#include "uart_pins.h"
#include <string.h>

void pw_uart_pins_init(struct pw_uart_pins *u, struct pw_uart_pty *pty, uint32_t bit_clk, uint8_t parity)
{
    memset(u, 0, sizeof *u);
    u->pty = pty;
    u->bit_clk = bit_clk;
    u->parity = parity;
    u->rx_next = u->tx_next = UINT64_MAX;
    u->line = u->to_meter = true;
}

static bool parity_bit(const struct pw_uart_pins *u, uint8_t b) { return (__builtin_popcount(b) & 1) ^ (u->parity == 1); }

void pw_uart_pins_edge(struct pw_uart_pins *u, uint64_t clk, bool level)
{
    u->line = level;
    if (!level && u->rx_next == UINT64_MAX) {    /* start bit: look at the middle of the first data bit */
        u->rx_bit = 0;
        u->rx_shift = 0;
        u->rx_next = clk + u->bit_clk + u->bit_clk / 2;
    }
}

static void sample(struct pw_uart_pins *u)
{
    unsigned n_data = u->parity ? 9 : 8;
    if (u->rx_bit < n_data) {
        u->rx_shift |= (uint16_t)(u->line << u->rx_bit++);
        u->rx_next += u->bit_clk;
        return;
    }
    bool bad = !u->line || (u->parity && (u->rx_shift >> 8 & 1) != parity_bit(u, (uint8_t)u->rx_shift));
    if (bad) u->n_errors++;
    pw_uart_pty_put(u->pty, (uint8_t)u->rx_shift);
    u->rx_next = UINT64_MAX;
}

void pw_uart_pins_feed(struct pw_uart_pins *u, uint64_t clk)
{
    if (u->tx_next != UINT64_MAX) return;
    int b = pw_uart_pty_get(u->pty);
    if (b < 0) return;
    unsigned stop = u->parity ? 10 : 9;
    u->tx_shift = (uint16_t)(b << 1 | 1u << stop);
    if (u->parity) u->tx_shift |= (uint16_t)(parity_bit(u, (uint8_t)b) << 9);
    u->tx_bit = stop + 1;
    u->tx_next = clk;
}

void pw_uart_pins_run(struct pw_uart_pins *u, uint64_t clk)
{
    if (clk >= u->rx_next) sample(u);
    if (clk < u->tx_next) return;
    if (u->tx_bit == 0) {
        u->tx_next = UINT64_MAX;
        pw_uart_pins_feed(u, clk);
        if (u->tx_next == UINT64_MAX) return;
    }
    u->to_meter = u->tx_shift & 1;
    u->tx_shift >>= 1;
    u->tx_bit--;
    u->tx_next = clk + u->bit_clk;
}
