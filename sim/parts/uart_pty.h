/* SPDX-License-Identifier: Apache-2.0 */
/* One UART of the meter as a pseudo-terminal of the PC (raw, no echo). */
#ifndef PW_UART_PTY_H
#define PW_UART_PTY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PW_UART_LOG_B 65536

struct pw_uart_pty {
    int master, slave;                 /* the slave stays open: a terminal program may come and go */
    char path[64], link[256];
    uint8_t in[256];
    unsigned in_n, in_pos;
    uint8_t log[PW_UART_LOG_B];        /* the last bytes sent by the meter */
    uint64_t n_tx, n_rx, n_lost;       /* lost: nobody read the terminal and its buffer is full */
};

/** @param link  path of a symbolic link to make to the terminal (replaced if it is a link), or NULL
 *  @return 0, or -1 with one line in err */
int pw_uart_pty_open(struct pw_uart_pty *u, const char *link, char *err, size_t err_n);
void pw_uart_pty_close(struct pw_uart_pty *u);
/** A byte sent by the meter. */
void pw_uart_pty_put(struct pw_uart_pty *u, uint8_t b);
/** Fetches what was typed; call now and then. Afterwards pw_uart_pty_get() has it. */
void pw_uart_pty_poll(struct pw_uart_pty *u);
/** @return next byte for the meter, or -1 */
int pw_uart_pty_get(struct pw_uart_pty *u);
/** Copies the last n bytes sent by the meter (at most PW_UART_LOG_B). @return how many */
size_t pw_uart_pty_tail(const struct pw_uart_pty *u, uint8_t *out, size_t n);
#endif
