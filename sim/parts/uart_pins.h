/* SPDX-License-Identifier: Apache-2.0 */
/* Serial lines of one UART at pin level, 8 data bits: decodes what the meter sends, and shifts bytes into it.
 * Time is counted in system clocks; nothing needs to be called between an edge and the next_clk it asked for. */
#ifndef PW_UART_PINS_H
#define PW_UART_PINS_H
#include <stdbool.h>
#include <stdint.h>
#include "uart_pty.h"

struct pw_uart_pins {
    struct pw_uart_pty *pty;
    uint32_t bit_clk;                  /* system clocks per bit */
    uint8_t parity;                    /* 0 none, 1 odd, 2 even */
    uint64_t rx_next, tx_next;         /* clock of the next action of each direction, UINT64_MAX = idle */
    unsigned rx_bit, tx_bit;
    uint16_t rx_shift, tx_shift;
    bool line;                         /* as the meter drives it */
    bool to_meter;                     /* as we drive it */
    unsigned n_errors;                 /* bad stop bit or parity from the meter */
};

/** Both lines idle. @param bit_clk  system clocks per bit, >= 4 */
void pw_uart_pins_init(struct pw_uart_pins *u, struct pw_uart_pty *pty, uint32_t bit_clk, uint8_t parity);
/** The meter's line has changed, at clock clk. */
void pw_uart_pins_edge(struct pw_uart_pins *u, uint64_t clk, bool level);
/** Starts sending to the meter if something was typed. */
void pw_uart_pins_feed(struct pw_uart_pins *u, uint64_t clk);
/** Does what is due at clk. u->to_meter may change. */
void pw_uart_pins_run(struct pw_uart_pins *u, uint64_t clk);
static inline uint64_t pw_uart_pins_next(const struct pw_uart_pins *u) { return u->rx_next < u->tx_next ? u->rx_next : u->tx_next; }
#endif
