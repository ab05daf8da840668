/* SPDX-License-Identifier: Apache-2.0 */
/* Modbus TCP over the W5500: several sockets listen on one port. The stream is cut by the length in each header, so requests may
 * come split or several at once. What cannot be a frame closes the connection; a frame left unfinished for 5 s does too.
 * All connections share one buffer: a request stays in the chip until the whole of it is there and its answer can be sent, so that no
 * client holds the buffer for longer than its request takes. */
#ifndef PW_MODBUS_TCP_H
#define PW_MODBUS_TCP_H

#include "modbus.h"
#include "w5500.h"

#define PW_MODBUS_SOCKETS 4u /* sockets 0 .. 3 of the chip */

enum pw_tcp_phase { PW_TCP_DOWN, PW_TCP_RECEIVE, PW_TCP_SEND };

#define PW_TCP_HEAD_B 6u /* of a frame, up to its length */

struct pw_tcp_conn {
    uint64_t since_us;   /* of the first byte of a frame that is not answered yet */
    uint8_t  phase;      /* enum pw_tcp_phase */
    uint8_t  len;        /* bytes in head; 0: between frames */
    uint8_t  head[PW_TCP_HEAD_B];
};

struct pw_modbus_tcp {
    struct pw_w5500 *w;
    const struct pw_modbus_server *srv;
    uint16_t port;
    uint8_t  unit;
    uint8_t  next;       /* socket whose turn it is */
    uint8_t  last;       /* socket that was busy last ... */
    uint8_t  stay;       /* ... and is in the middle of a request: steps it has had in a row */
    bool     odd;
    struct pw_tcp_conn conn[PW_MODBUS_SOCKETS];
    uint8_t  user;       /* socket whose answer is in buf, PW_MODBUS_SOCKETS: none */
    uint16_t len;        /* its length */
    uint8_t  buf[PW_MODBUS_ADU_MAX];
    uint32_t requests, exceptions, closed_bad, io_errors;
};

void pw_modbus_tcp_init(struct pw_modbus_tcp *t, struct pw_w5500 *w, const struct pw_modbus_server *srv, uint16_t port, uint8_t unit);

/** Serves one socket; never waits. @return 1 if it did something, 0 if not, PW_ERR_IO if the chip does not answer */
int pw_modbus_tcp_step(struct pw_modbus_tcp *t, uint64_t now_us);

/** Connections that are open. */
unsigned pw_modbus_tcp_clients(const struct pw_modbus_tcp *t);

#endif
