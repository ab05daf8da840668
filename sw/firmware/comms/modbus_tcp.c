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
    t->user = PW_MODBUS_SOCKETS;
}

unsigned pw_modbus_tcp_clients(const struct pw_modbus_tcp *t)
{
    unsigned n = 0;
    for (unsigned s = 0; s < PW_MODBUS_SOCKETS; s++)
        n += t->conn[s].phase != PW_TCP_DOWN;
    return n;
}

/* No connection any more, or none yet. */
static void down(struct pw_modbus_tcp *t, unsigned s)
{
    t->conn[s].phase = PW_TCP_DOWN;
    t->conn[s].len = 0;
    if (t->user == s)
        t->user = PW_MODBUS_SOCKETS;
}

/* An orderly end, so that the peer learns of it at once. */
static int drop(struct pw_modbus_tcp *t, unsigned s, uint64_t now)
{
    down(t, s);
    t->conn[s].since_us = now;
    return pw_w5500_disconnect(t->w, s) == PW_OK ? 1 : PW_ERR_IO;
}

static int send_answer(struct pw_modbus_tcp *t, unsigned s)
{
    int err = pw_w5500_send(t->w, s, t->buf, t->len);
    if (err != PW_OK)
        return err;
    t->user = PW_MODBUS_SOCKETS;
    t->conn[s].len = 0;
    t->conn[s].phase = PW_TCP_RECEIVE;
    return 1;
}

/* The request in t->buf. */
static int answer(struct pw_modbus_tcp *t, unsigned s, size_t len)
{
    uint8_t rsp[PW_MODBUS_ADU_MAX];
    size_t n = pw_modbus_frame(t->srv, t->unit, t->buf, len, rsp);
    t->requests++;
    t->exceptions += (rsp[PW_MODBUS_MBAP_B] & 0x80) != 0;
    memcpy(t->buf, rsp, n);
    t->len = (uint16_t)n;
    t->user = (uint8_t)s;
    t->conn[s].phase = PW_TCP_SEND;
    return 1; /* sent by the next step: keeps a step short */
}

/* Nothing came. */
static int wait(struct pw_modbus_tcp *t, unsigned s, bool peer_open, uint64_t now)
{
    struct pw_tcp_conn *c = &t->conn[s];
    bool late = c->len > 0 && now - c->since_us > FRAME_TIMEOUT_US;
    if (peer_open && !late)
        return 0;
    t->closed_bad += peer_open;
    return drop(t, s, now);
}

static int receive_head(struct pw_modbus_tcp *t, unsigned s, bool peer_open, uint64_t now)
{
    struct pw_tcp_conn *c = &t->conn[s];
    int n = pw_w5500_receive(t->w, s, c->head + c->len, 1, PW_TCP_HEAD_B - c->len);
    if (n <= 0)
        return n < 0 ? n : wait(t, s, peer_open, now);
    if (c->len == 0)
        c->since_us = now;
    c->len = (uint8_t)(c->len + n);
    if (pw_modbus_frame_len(c->head, c->len) >= 0)
        return 1;
    t->closed_bad++;
    return drop(t, s, now);
}

/* What follows the head: all of it, and only when its answer can go out. */
static int receive_rest(struct pw_modbus_tcp *t, unsigned s, bool peer_open, uint64_t now)
{
    struct pw_tcp_conn *c = &t->conn[s];
    size_t whole = (size_t)pw_modbus_frame_len(c->head, PW_TCP_HEAD_B), rest = whole - PW_TCP_HEAD_B;
    if (t->user != PW_MODBUS_SOCKETS)
        return 0;
    int n = pw_w5500_ready(t->w, s, PW_MODBUS_ADU_MAX);
    if (n == PW_ERR_STATE)
        return now - c->since_us > SEND_TIMEOUT_US ? drop(t, s, now) : 0;
    if (n == PW_OK)
        n = pw_w5500_receive(t->w, s, t->buf + PW_TCP_HEAD_B, rest, rest);
    if (n <= 0)
        return n < 0 ? n : wait(t, s, peer_open, now);
    memcpy(t->buf, c->head, PW_TCP_HEAD_B);
    return answer(t, s, whole);
}

static int serve(struct pw_modbus_tcp *t, unsigned s, uint64_t now)
{
    struct pw_tcp_conn *c = &t->conn[s];
    int state = pw_w5500_state(t->w, s);
    switch (state) {
    case PW_SOCK_CLOSED: {
        down(t, s);
        int err = pw_w5500_listen(t->w, s, t->port);
        return err == PW_ERR_IO ? err : err == PW_OK;
    }
    case PW_SOCK_INIT: /* between OPEN and LISTEN: something went wrong there */
        return pw_w5500_close(t->w, s) == PW_OK ? 1 : PW_ERR_IO;
    case PW_SOCK_ESTABLISHED:
    case PW_SOCK_CLOSE_WAIT:
        if (c->phase == PW_TCP_SEND)
            return send_answer(t, s);
        c->phase = PW_TCP_RECEIVE;
        return (c->len < PW_TCP_HEAD_B ? receive_head : receive_rest)(t, s, state == PW_SOCK_ESTABLISHED, now);
    case PW_SOCK_LISTEN:
        down(t, s);
        c->since_us = now;
        return 0;
    default: /* coming up or going down; the chip needs no help unless the peer has vanished */
        if (state < 0)
            return state;
        if (c->phase != PW_TCP_DOWN)
            c->since_us = now;
        down(t, s);
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
