/* SPDX-License-Identifier: Apache-2.0 */
/* UART with rings. The hardware buffers one byte each way, so pw_uart_service must run at least each 86 us at 115200 Bd while
 * bytes come in: from the interrupt on the target, from the main loop in the model. */
#ifndef PW_UART_H
#define PW_UART_H

#include <stdbool.h>
#include <stddef.h>

#include "hal.h"

#define PW_UART_RX_B 128u  /* powers of two */
#define PW_UART_TX_B 512u

struct pw_uart {
    const struct pw_hal *hal;
    uint8_t  port;
    uint8_t  rx[PW_UART_RX_B];
    uint8_t  tx[PW_UART_TX_B];
    volatile uint32_t rx_in, rx_out; /* bytes ever put in and taken out: one writer each */
    uint32_t tx_in, tx_out;
    volatile uint32_t lost;          /* bytes lost on receive: overrun, framing, full ring */
};

/** 8 data bits, no parity, 1 stop bit. */
void pw_uart_init(struct pw_uart *u, const struct pw_hal *hal, unsigned port, uint32_t clk_hz, uint32_t baud);

/** Takes received bytes from the hardware into the ring. Interrupt or main loop, not both. */
void pw_uart_service_rx(struct pw_uart *u);

/** Gives the hardware the next byte to send, if it can take one. Main loop. */
void pw_uart_service_tx(struct pw_uart *u);

/** @return false if nothing was received */
bool pw_uart_get(struct pw_uart *u, char *c);

/** Queues text; what does not fit is dropped. @return bytes queued */
size_t pw_uart_put(struct pw_uart *u, const char *text, size_t len);

static inline size_t pw_uart_free(const struct pw_uart *u)
{
    return PW_UART_TX_B - (u->tx_in - u->tx_out);
}

#endif
