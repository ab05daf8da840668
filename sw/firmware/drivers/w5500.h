/* SPDX-License-Identifier: Apache-2.0 */
/* WIZnet W5500: TCP in hardware. Only what a TCP server needs. Register numbers: /docs/firmware.md, data sheet 1.1. */
#ifndef PW_W5500_H
#define PW_W5500_H

#include <stdbool.h>

#include "spi.h"

#define PW_W5500_SOCKETS 8u

enum pw_w5500_state { /* Sn_SR */
    PW_SOCK_CLOSED = 0x00, PW_SOCK_INIT = 0x13, PW_SOCK_LISTEN = 0x14, PW_SOCK_ESTABLISHED = 0x17, PW_SOCK_CLOSE_WAIT = 0x1C,
};

struct pw_w5500 {
    struct pw_spi *spi;
    unsigned       cs;
    uint8_t        sending; /* mask of sockets whose last SEND has not been confirmed */
};

struct pw_w5500_net {
    uint8_t ip[4], mask[4], gateway[4], mac[6];
};

/** Resets the chip by command. Wait 1 ms before pw_w5500_start. @return PW_OK, PW_ERR_IO (no W5500 answers) */
PW_MUST_CHECK int pw_w5500_init(struct pw_w5500 *w, struct pw_spi *spi, unsigned cs);

/** Writes the addresses. @return PW_OK, PW_ERR_IO (they do not read back) */
PW_MUST_CHECK int pw_w5500_start(struct pw_w5500 *w, const struct pw_w5500_net *net);

/** @return true if the cable carries a link */
bool pw_w5500_link(struct pw_w5500 *w);

/** State of a socket (enum pw_w5500_state or another value of Sn_SR), or PW_ERR_IO. */
int pw_w5500_state(struct pw_w5500 *w, unsigned s);

/** Opens a closed socket as TCP server. @return PW_OK, PW_ERR_IO, PW_ERR_STATE (it did not open) */
PW_MUST_CHECK int pw_w5500_listen(struct pw_w5500 *w, unsigned s, uint16_t port);

/** Ends a connection: orderly (FIN), or at once. */
int pw_w5500_disconnect(struct pw_w5500 *w, unsigned s);
int pw_w5500_close(struct pw_w5500 *w, unsigned s);

/** Takes received bytes out of the chip, none while there are fewer than `min`. @return bytes put into `data` (0, min .. max), or PW_ERR_IO */
int pw_w5500_receive(struct pw_w5500 *w, unsigned s, uint8_t *data, size_t min, size_t max);

/** Would it send `len` bytes now? Once it would it goes on so, until the next send.
 *  @return PW_OK, PW_ERR_STATE (the last SEND is not confirmed yet, or no room: try again later), PW_ERR_IO */
PW_MUST_CHECK int pw_w5500_ready(struct pw_w5500 *w, unsigned s, size_t len);

/** Sends `len` bytes, after pw_w5500_ready for as many. @return PW_OK, PW_ERR_IO */
PW_MUST_CHECK int pw_w5500_send(struct pw_w5500 *w, unsigned s, const uint8_t *data, size_t len);

#endif
