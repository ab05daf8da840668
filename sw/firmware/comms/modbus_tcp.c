/* SPDX-License-Identifier: Apache-2.0 */
#include "modbus_tcp.h"

#include <string.h>

#define FRAME_TIMEOUT_US 5000000u  /* an unfinished frame */
#define CLOSE_TIMEOUT_US 5000000u  /* a connection that neither opens nor closes */
#define SEND_TIMEOUT_US  20000000u /* a peer that takes no answer */
#define STAY_MAX         6u        /* steps in a row that one connection may have */

void pw_modbus_tcp_init(struct pw_modbus_tcp *t, struct pw_w5500 *w, const struct pw_modbus_server *srv, uint16_t port, uint8_t unit)
{
    memset(t, 0, sizeof *t);
    t->w = w;
    t->srv = srv;
    t->port = port;
    t->unit = unit;
}

unsigned pw_modbus_tcp_clients(const struct pw_modbus_tcp *t)
{
    unsigned n = 0;
    for (unsigned s = 0; s < PW_MODBUS_SOCKETS; s++)
        n += t->conn[s].phase != PW_TCP_DOWN;
    return n;
}

/* An orderly end, so that the peer learns of it at once. */
static int drop(struct pw_modbus_tcp *t, unsigned s, uint64_t now)
{
    t->conn[s].phase = PW_TCP_DOWN;
    t->conn[s].since_us = now;
    return pw_w5500_disconnect(t->w, s) == PW_OK ? 1 : PW_ERR_IO;
}

static int try_send(struct pw_modbus_tcp *t, unsigned s, uint64_t now)
{
    struct pw_tcp_conn *c = &t->conn[s];
    int err = pw_w5500_send(t->w, s, c->buf, c->len);
    if (err == PW_ERR_STATE)
        return now - c->since_us > SEND_TIMEOUT_US ? drop(t, s, now) : 0;
    if (err != PW_OK)
        return err;
    c->len = 0;
    c->phase = PW_TCP_RECEIVE;
    return 1;
}

static int answer(struct pw_modbus_tcp *t, unsigned s, uint64_t now)
{
    struct pw_tcp_conn *c = &t->conn[s];
    uint8_t rsp[PW_MODBUS_ADU_MAX];
    size_t n = pw_modbus_frame(t->srv, t->unit, c->buf, c->len, rsp);
    t->requests++;
    t->exceptions += (rsp[PW_MODBUS_MBAP_B] & 0x80) != 0;
    memcpy(c->buf, rsp, n);
    c->len = (uint16_t)n;
    c->phase = PW_TCP_SEND;
    c->since_us = now;
    return 1; /* sent by the next step: keeps a step short */
}

/* Takes no more out of the chip than the frame needs: what follows waits there. */
static int receive(struct pw_modbus_tcp *t, unsigned s, bool peer_open, uint64_t now)
{
    struct pw_tcp_conn *c = &t->conn[s];
    int whole = pw_modbus_frame_len(c->buf, c->len);
    size_t need = whole > 0 ? (size_t)whole : 6;
    int n = pw_w5500_receive(t->w, s, c->buf + c->len, need - c->len);
    if (n < 0)
        return n;
    if (n == 0) {
        if (!peer_open)
            return drop(t, s, now);
        return c->len > 0 && now - c->since_us > FRAME_TIMEOUT_US ? (t->closed_bad++, drop(t, s, now)) : 0;
    }
    if (c->len == 0)
        c->since_us = now;
    c->len = (uint16_t)(c->len + n);
    whole = pw_modbus_frame_len(c->buf, c->len);
    if (whole < 0) {
        t->closed_bad++;
        return drop(t, s, now);
    }
    return whole > 0 && c->len == whole ? answer(t, s, now) : 1;
}

static int serve(struct pw_modbus_tcp *t, unsigned s, uint64_t now)
{
    struct pw_tcp_conn *c = &t->conn[s];
    int state = pw_w5500_state(t->w, s);
    switch (state) {
    case PW_SOCK_CLOSED: {
        c->phase = PW_TCP_DOWN;
        int err = pw_w5500_listen(t->w, s, t->port);
        return err == PW_ERR_IO ? err : err == PW_OK;
    }
    case PW_SOCK_INIT: /* between OPEN and LISTEN: something went wrong there */
        return pw_w5500_close(t->w, s) == PW_OK ? 1 : PW_ERR_IO;
    case PW_SOCK_ESTABLISHED:
    case PW_SOCK_CLOSE_WAIT:
        if (c->phase == PW_TCP_DOWN) {
            c->phase = PW_TCP_RECEIVE;
            c->len = 0;
        }
        if (c->phase == PW_TCP_SEND)
            return try_send(t, s, now);
        return receive(t, s, state == PW_SOCK_ESTABLISHED, now);
    case PW_SOCK_LISTEN:
        c->phase = PW_TCP_DOWN;
        c->since_us = now;
        return 0;
    default: /* coming up or going down; the chip needs no help unless the peer has vanished */
        if (state < 0)
            return state;
        if (c->phase != PW_TCP_DOWN)
            c->since_us = now;
        c->phase = PW_TCP_DOWN;
        if (now - c->since_us < CLOSE_TIMEOUT_US)
            return 0;
        c->since_us = now;
        return pw_w5500_close(t->w, s) == PW_OK ? 1 : PW_ERR_IO;
    }
}

/* A connection in the middle of a request goes on; else every other look is at the one that was busy last: its client asks again. */
static unsigned choose(struct pw_modbus_tcp *t)
{
    t->odd = !t->odd;
    if (t->stay != 0 || t->odd)
        return t->last;
    t->next = (uint8_t)((t->next + 1) % PW_MODBUS_SOCKETS);
    return t->next;
}

int pw_modbus_tcp_step(struct pw_modbus_tcp *t, uint64_t now_us)
{
    unsigned s = choose(t);
    int r = serve(t, s, now_us);
    bool served = r > 0 && t->conn[s].phase != PW_TCP_DOWN;
    if (served)
        t->last = (uint8_t)s;
    t->stay = served && t->conn[s].len != 0 && t->stay < STAY_MAX ? (uint8_t)(t->stay + 1) : 0;
    t->io_errors += r < 0;
    return r;
}
