/* SPDX-License-Identifier: Apache-2.0 */
/* WIZnet W5500: eight sockets that are real, non-blocking sockets of the PC, on 127.0.0.1 only.
 * Registers, commands and rules: facts/ftp-ntp-w5500.md section 3. Not there: MACRAW, IPRAW, PPPoE, ping block, interrupt pin (OPEN of such a
 * mode leaves the socket closed and counts an error).
 *
 * Addresses: the chip listening on port p is reached at 127.0.0.1, port p + shift (shift: see pw_w5500part_open). A connection or datagram
 * of the chip to any address goes to 127.0.0.1, same port unless pw_w5500part_map() says otherwise; peers look like the address they were sent to
 * (TCP) or 127.0.0.1 (UDP). */
#ifndef PW_W5500PART_H
#define PW_W5500PART_H
#include <stddef.h>
#include "spi_part.h"

#define PW_W5500PART_SOCKETS 8
#define PW_W5500PART_BUF_B 16384
#define PW_W5500PART_MAPS 16

enum pw_w5500part_state { PW_W_CLOSED = 0x00, PW_W_INIT = 0x13, PW_W_LISTEN = 0x14, PW_W_SYNSENT = 0x15, PW_W_ESTABLISHED = 0x17, PW_W_FIN_WAIT = 0x18,
                      PW_W_CLOSE_WAIT = 0x1C, PW_W_LAST_ACK = 0x1D, PW_W_UDP = 0x22 };

struct pw_w5500part_socket {
    uint8_t reg[0x30];
    uint8_t tx[PW_W5500PART_BUF_B], rx[PW_W5500PART_BUF_B];
    uint16_t tx_rd, tx_end;      /* sent up to, asked to send up to */
    uint16_t rx_wr, rx_ack;      /* received up to, taken by the host up to (its last RECV) */
    int fd;
    uint16_t listen_port;        /* chip port of its listener, 0 = none */
    bool sending, closing;       /* SEND under way; DISCON waits for it */
    uint64_t deadline_ns;        /* of SYNSENT, FIN_WAIT */
};

struct pw_w5500part_listener { uint16_t port, host_port; int fd; bool listening; unsigned users; uint64_t idle_since_ns; };

struct pw_w5500part {
    uint8_t common[0x40];
    struct pw_w5500part_socket s[PW_W5500PART_SOCKETS];
    struct pw_w5500part_listener listener[PW_W5500PART_SOCKETS];
    struct { uint16_t chip, host; } map[PW_W5500PART_MAPS];
    unsigned n_maps;
    const uint64_t *now_ns;
    int32_t shift;               /* host port = chip port + shift */
    bool any_port;               /* every listener takes whatever port is free */
    bool in_reset;
    uint64_t ready_ns;           /* PLL lock after reset */
    bool selected;               /* SPI frame under way */
    unsigned n_in;
    uint16_t addr;
    uint8_t control;
    unsigned n_errors;           /* things a driver must not do: access in reset, bad frame mode, unknown command, buffers above 16 KiB */
    uint64_t n_rx_b, n_tx_b;
    unsigned n_connections;
    char error[128];             /* trouble on the PC side (port in use); empty = none */
};

/** Power-on. shift: added to every listening port of the chip to give the PC's; any_port: take free ports instead. */
void pw_w5500part_open(struct pw_w5500part *w, const uint64_t *now_ns, int32_t shift, bool any_port);
/** Binds the PC's port for chip port `port` now, so that it is known and nobody else takes it; connections are accepted from the chip's
 *  LISTEN on. @return the PC's port, or -1 with a line in w->error */
int pw_w5500part_reserve(struct pw_w5500part *w, uint16_t port);
/** Whether the chip listens, or has a connection, on this port of its own. */
bool pw_w5500part_serves(const struct pw_w5500part *w, uint16_t port);
/** Outgoing traffic to chip-side port `chip` goes to 127.0.0.1:`host`. @return 0, or -1 if the table is full */
int pw_w5500part_map(struct pw_w5500part *w, uint16_t chip, uint16_t host);
/** RSTn pin: true = low. */
void pw_w5500part_reset(struct pw_w5500part *w, bool asserted);
/** Moves data between the PC's sockets and the chip's buffers. Call about once per millisecond of virtual time; never blocks. */
void pw_w5500part_poll(struct pw_w5500part *w);
/** Descriptors worth waiting on, for a runner that idles in real time. @return how many were written to fds (at most max) */
unsigned pw_w5500part_fds(const struct pw_w5500part *w, int *fds, unsigned max);
void pw_w5500part_close(struct pw_w5500part *w);
struct pw_spi_part pw_w5500part_spi(struct pw_w5500part *w);
#endif
