/* SPDX-License-Identifier: Apache-2.0 */
/* Registers, SPI frames and commands of the W5500; the sockets themselves are in w5500_net.c. */
#include <string.h>
#include <unistd.h>
#include "w5500_priv.h"

enum { PLL_LOCK_NS = 1000000 };
enum { OPEN = 0x01, LISTEN = 0x02, CONNECT = 0x04, DISCON = 0x08, CLOSE = 0x10, SEND = 0x20, SEND_MAC = 0x21, SEND_KEEP = 0x22, RECV = 0x40 };
enum { MR_TCP = 1, MR_UDP = 2 };

void pw_w_pointers_reset(struct pw_w5500part_socket *s, unsigned n)
{
    uint16_t start = (uint16_t)(0xFE00 + 16 * n);
    s->tx_rd = s->tx_end = s->rx_wr = s->rx_ack = start;
    pw_w_put16(s->reg + SN_TX_WR, start);
    pw_w_put16(s->reg + SN_RX_RD, start);
    s->sending = s->closing = false;
}

void pw_w_set_closed(struct pw_w5500part *w, unsigned n, uint8_t ir)
{
    pw_w_net_close(w, n);
    w->s[n].reg[SN_SR] = PW_W_CLOSED;
    w->s[n].reg[SN_IR] |= ir;
}

static void defaults(struct pw_w5500part *w)
{
    memset(w->common, 0, sizeof w->common);
    pw_w_put16(w->common + C_RTR, 0x07D0);
    w->common[C_RCR] = 8;
    w->common[0x1C] = 0x28;
    w->common[0x2E] = 0xBF;                      /* link up, 100 Mbit, full duplex, all auto */
    w->common[0x39] = 0x04;
    for (unsigned n = 0; n < PW_W5500PART_SOCKETS; n++) {
        struct pw_w5500part_socket *s = &w->s[n];
        pw_w_net_close(w, n);
        memset(s->reg, 0, sizeof s->reg);
        memset(s->reg + SN_DHAR, 0xFF, 6);
        s->reg[SN_TTL] = 0x80;
        s->reg[SN_RXBUF] = s->reg[SN_TXBUF] = 2;
        s->reg[SN_IMR] = 0xFF;
        pw_w_put16(s->reg + SN_FRAG, 0x4000);
        pw_w_pointers_reset(s, n);
    }
}

void pw_w5500part_open(struct pw_w5500part *w, const uint64_t *now_ns, int32_t shift, bool any_port)
{
    memset(w, 0, sizeof *w);
    w->now_ns = now_ns;
    w->shift = shift;
    w->any_port = any_port;
    for (unsigned n = 0; n < PW_W5500PART_SOCKETS; n++)
        w->s[n].fd = w->listener[n].fd = -1;
    defaults(w);
    w->ready_ns = *now_ns + PLL_LOCK_NS;
}

void pw_w5500part_reset(struct pw_w5500part *w, bool asserted)
{
    if (asserted && !w->in_reset)
        defaults(w);
    if (!asserted && w->in_reset)
        w->ready_ns = *w->now_ns + PLL_LOCK_NS;
    w->in_reset = asserted;
}

static bool buffers_fit(const struct pw_w5500part *w)
{
    uint32_t rx = 0, tx = 0;
    for (unsigned n = 0; n < PW_W5500PART_SOCKETS; n++) {
        rx += w->s[n].reg[SN_RXBUF];
        tx += w->s[n].reg[SN_TXBUF];
    }
    return rx <= 16 && tx <= 16;
}

static void cmd_open(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    pw_w_set_closed(w, n, 0);
    pw_w_pointers_reset(s, n);
    if (!buffers_fit(w))
        w->n_errors++;
    if ((s->reg[SN_MR] & 15) == MR_TCP)
        s->reg[SN_SR] = PW_W_INIT;
    else if ((s->reg[SN_MR] & 15) == MR_UDP && pw_w_net_open_udp(w, n) == 0)
        s->reg[SN_SR] = PW_W_UDP;
    else
        w->n_errors++;
}

static void cmd_send(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    uint8_t sr = s->reg[SN_SR];
    if (s->sending || (sr != PW_W_ESTABLISHED && sr != PW_W_CLOSE_WAIT && sr != PW_W_UDP)) {
        w->n_errors++;                           /* the driver must wait for SENDOK, and for a connection */
        return;
    }
    uint16_t end = pw_w_get16(s->reg + SN_TX_WR);
    if ((uint16_t)(end - s->tx_rd) > pw_w_size(s->reg[SN_TXBUF])) {
        w->n_errors++;
        return;
    }
    s->tx_end = end;
    s->sending = true;
    pw_w_net_poll_socket(w, n);
}

static void cmd_recv(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    uint16_t taken = pw_w_get16(s->reg + SN_RX_RD);
    if ((uint16_t)(taken - s->rx_ack) > pw_w_rx_used(s)) {
        w->n_errors++;                           /* more than there was */
        return;
    }
    s->rx_ack = taken;
    if (pw_w_rx_used(s) > 0)
        s->reg[SN_IR] |= IR_RECV;                /* the rest announces itself again */
}

static void command(struct pw_w5500part *w, unsigned n, uint8_t cmd)
{
    struct pw_w5500part_socket *s = &w->s[n];
    uint8_t sr = s->reg[SN_SR];
    switch (cmd) {
    case 0: break;
    case OPEN: cmd_open(w, n); break;
    case LISTEN:
        if (sr == PW_W_INIT && pw_w_net_listen(w, n) == 0)
            s->reg[SN_SR] = PW_W_LISTEN;
        else
            w->n_errors++;
        break;
    case CONNECT:
        if (sr == PW_W_INIT)
            pw_w_net_connect(w, n);
        else
            w->n_errors++;
        break;
    case DISCON: pw_w_net_discon(w, n); break;
    case CLOSE: pw_w_set_closed(w, n, 0); break;
    case SEND: case SEND_MAC: cmd_send(w, n); break;
    case SEND_KEEP: break;                       /* the PC's TCP looks after itself */
    case RECV: cmd_recv(w, n); break;
    default: w->n_errors++; break;
    }
}

static uint8_t socket_read(const struct pw_w5500part_socket *s, uint16_t a)
{
    uint16_t v;
    switch (a & ~1u) {
    case SN_TX_FSR: v = (uint16_t)(pw_w_size(s->reg[SN_TXBUF]) - (uint16_t)(s->tx_end - s->tx_rd)); break;
    case SN_TX_RD: v = s->tx_rd; break;
    case SN_RX_RSR: v = (uint16_t)pw_w_rx_used(s); break;
    case SN_RX_WR: v = s->rx_wr; break;
    default: return a == SN_CR || a >= sizeof s->reg ? 0 : s->reg[a];
    }
    return (uint8_t)(a & 1 ? v : v >> 8);
}

static void socket_write(struct pw_w5500part *w, unsigned n, uint16_t a, uint8_t b)
{
    struct pw_w5500part_socket *s = &w->s[n];
    if (a == SN_CR)
        command(w, n, b);
    else if (a == SN_IR)
        s->reg[SN_IR] &= (uint8_t)~b;
    else if (a >= sizeof s->reg || a == SN_SR || (a >= SN_TX_FSR && a < SN_TX_WR) || a == SN_RX_RSR || a == SN_RX_RSR + 1 || a == SN_RX_WR ||
             a == SN_RX_WR + 1)
        return;                                  /* read only */
    else
        s->reg[a] = b;
}

static uint8_t common_read(const struct pw_w5500part *w, uint16_t a)
{
    if (a == 0x17) {
        uint8_t sir = 0;
        for (unsigned n = 0; n < PW_W5500PART_SOCKETS; n++)
            sir |= (uint8_t)((w->s[n].reg[SN_IR] & w->s[n].reg[SN_IMR] ? 1 : 0) << n);
        return sir;
    }
    return a < sizeof w->common ? w->common[a] : 0;
}

static void common_write(struct pw_w5500part *w, uint16_t a, uint8_t b)
{
    if (a == 0x00 && (b & 0x80))
        defaults(w);
    else if (a == 0x15)
        w->common[a] &= (uint8_t)~b;
    else if (a == 0x2E)
        w->common[a] = (uint8_t)((b & 0xF8) | 0x07);
    else if (a < sizeof w->common && a != 0x17 && a != 0x39 && !(a >= 0x28 && a < 0x2E))
        w->common[a] = b;
}

static uint8_t access_byte(struct pw_w5500part *w, bool write, uint8_t b)
{
    unsigned block = w->control >> 3, n = block >> 2;
    struct pw_w5500part_socket *s = &w->s[n];
    uint16_t a = w->addr;
    uint8_t *buf = NULL;
    uint32_t size = 0;
    switch (block & 3) {
    case 0:
        if (block != 0) return 0;                /* reserved */
        if (!write) return common_read(w, a);
        common_write(w, a, b);
        return 0;
    case 1:
        if (!write) return socket_read(s, a);
        socket_write(w, n, a, b);
        return 0;
    case 2: buf = s->tx; size = pw_w_size(s->reg[SN_TXBUF]); break;
    default: buf = s->rx; size = pw_w_size(s->reg[SN_RXBUF]); break;
    }
    if (size == 0) return 0;
    if (!write) return buf[a & (size - 1)];
    buf[a & (size - 1)] = b;
    return 0;
}

static bool awake(const struct pw_w5500part *w) { return !w->in_reset && *w->now_ns >= w->ready_ns; }

static void w_select(void *ctx, bool on)
{
    struct pw_w5500part *w = ctx;
    w->selected = on;
    w->n_in = 0;
    if (on && !awake(w))
        w->n_errors++;
}

static uint8_t w_out(void *ctx)
{
    struct pw_w5500part *w = ctx;
    static const uint8_t header[3] = { 0x01, 0x02, 0x03 };       /* what the chip shows meanwhile */
    if (!awake(w)) return 0xFF;
    if (w->n_in < 3) return header[w->n_in];
    return w->control & 4 ? 0x03 : access_byte(w, false, 0);
}

static void w_in(void *ctx, uint8_t b)
{
    struct pw_w5500part *w = ctx;
    if (!awake(w)) return;
    if (w->n_in < 2) {
        w->addr = (uint16_t)(w->addr << 8 | b);
        w->n_in++;
    } else if (w->n_in == 2) {
        w->control = b;
        if (b & 3) w->n_errors++;                /* fixed length is for a tied chip select */
        w->n_in++;
    } else {
        if (w->control & 4) (void)access_byte(w, true, b);
        w->addr++;
    }
}

struct pw_spi_part pw_w5500part_spi(struct pw_w5500part *w)
{
    return (struct pw_spi_part){ .select = w_select, .out = w_out, .in = w_in, .ctx = w };
}

void pw_w5500part_close(struct pw_w5500part *w)
{
    for (unsigned n = 0; n < PW_W5500PART_SOCKETS; n++)
        pw_w_net_close(w, n);
    for (unsigned i = 0; i < PW_W5500PART_SOCKETS; i++) {
        if (w->listener[i].fd >= 0)
            close(w->listener[i].fd);
        w->listener[i].fd = -1;
    }
}

int pw_w5500part_map(struct pw_w5500part *w, uint16_t chip, uint16_t host)
{
    if (w->n_maps >= PW_W5500PART_MAPS) return -1;
    w->map[w->n_maps].chip = chip;
    w->map[w->n_maps++].host = host;
    return 0;
}
