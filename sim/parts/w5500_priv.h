/* SPDX-License-Identifier: Apache-2.0 */
/* Between w5500_part.c (registers, SPI frames, commands) and w5500_net.c (the PC's sockets). */
#ifndef PW_W5500_PRIV_H
#define PW_W5500_PRIV_H
#include "w5500_part.h"

enum { SN_MR = 0x00, SN_CR = 0x01, SN_IR = 0x02, SN_SR = 0x03, SN_PORT = 0x04, SN_DHAR = 0x06, SN_DIPR = 0x0C, SN_DPORT = 0x10, SN_MSSR = 0x12,
       SN_TTL = 0x16, SN_RXBUF = 0x1E, SN_TXBUF = 0x1F, SN_TX_FSR = 0x20, SN_TX_RD = 0x22, SN_TX_WR = 0x24, SN_RX_RSR = 0x26, SN_RX_RD = 0x28,
       SN_RX_WR = 0x2A, SN_IMR = 0x2C, SN_FRAG = 0x2D, SN_KPALVTR = 0x2F };
enum { IR_SENDOK = 0x10, IR_TIMEOUT = 0x08, IR_RECV = 0x04, IR_DISCON = 0x02, IR_CON = 0x01 };
enum { C_RTR = 0x19, C_RCR = 0x1B };

static inline uint16_t pw_w_get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline void pw_w_put16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; }

/* Buffer size in bytes; a code that is not 0, 1, 2, 4, 8 or 16 counts as 0. */
static inline uint32_t pw_w_size(uint8_t kib)
{
    return kib <= 16 && (kib & (kib - 1)) == 0 ? (uint32_t)kib * 1024 : 0;
}
static inline uint32_t pw_w_rx_used(const struct pw_w5500part_socket *s) { return (uint16_t)(s->rx_wr - s->rx_ack); }
static inline uint32_t pw_w_rx_free(const struct pw_w5500part_socket *s) { return pw_w_size(s->reg[SN_RXBUF]) - pw_w_rx_used(s); }

/* Fresh pointers. They start just below the wrap, so that a driver that forgets the wrap, or takes 0 for granted, fails in the first kilobyte. */
void pw_w_pointers_reset(struct pw_w5500part_socket *s, unsigned n);
void pw_w_set_closed(struct pw_w5500part *w, unsigned n, uint8_t ir);

/* w5500_net.c; n = socket number */
int pw_w_net_open_udp(struct pw_w5500part *w, unsigned n);
int pw_w_net_listen(struct pw_w5500part *w, unsigned n);
void pw_w_net_connect(struct pw_w5500part *w, unsigned n);
void pw_w_net_discon(struct pw_w5500part *w, unsigned n);
void pw_w_net_close(struct pw_w5500part *w, unsigned n);
void pw_w_net_poll_socket(struct pw_w5500part *w, unsigned n);
#endif
