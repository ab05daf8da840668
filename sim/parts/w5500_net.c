/* SPDX-License-Identifier: Apache-2.0 */
/* The PC's side of the W5500 model: non-blocking sockets on 127.0.0.1. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "w5500_priv.h"

/* A connection that no socket of the chip takes within this time is refused, as the chip does at once: a little patience makes up for
 * the simulated chip being slower than the PC's clients. */
static const uint64_t refuse_after_ns = 50000000;
static const uint64_t fin_wait_ns = 2000000000;

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    return a;
}

static uint16_t to_host(const struct pw_w5500part *w, uint16_t chip)
{
    for (unsigned i = 0; i < w->n_maps; i++)
        if (w->map[i].chip == chip) return w->map[i].host;
    return chip;
}

static uint16_t to_chip(const struct pw_w5500part *w, uint16_t host)
{
    for (unsigned i = 0; i < w->n_maps; i++)
        if (w->map[i].host == host) return w->map[i].chip;
    return host;
}

static int trouble(struct pw_w5500part *w, const char *what, unsigned port)
{
    snprintf(w->error, sizeof w->error, "%s 127.0.0.1:%u: %s", what, port, strerror(errno));
    return -1;
}

/* A bound socket for a port of the chip. @param[out] host  the PC's port */
static int bind_port(struct pw_w5500part *w, int type, uint16_t port, uint16_t *host)
{
    int32_t want = w->any_port ? 0 : (int32_t)port + w->shift;
    if (want < 0 || want > 65535) want = 0;
    struct sockaddr_in a = loopback((uint16_t)want);
    socklen_t len = sizeof a;
    int one = 1;
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return trouble(w, "socket", (unsigned)want);
    if (type == SOCK_STREAM) (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
        close(fd);
        return trouble(w, "bind", (unsigned)want);
    }
    *host = ntohs(a.sin_port);
    return fd;
}

static struct pw_w5500part_listener *find_listener(struct pw_w5500part *w, uint16_t port)
{
    for (unsigned i = 0; i < PW_W5500PART_SOCKETS; i++)
        if (w->listener[i].fd >= 0 && w->listener[i].port == port) return &w->listener[i];
    return NULL;
}

static struct pw_w5500part_listener *make_listener(struct pw_w5500part *w, uint16_t port)
{
    struct pw_w5500part_listener *l = find_listener(w, port);
    for (unsigned i = 0; l == NULL && i < PW_W5500PART_SOCKETS; i++)
        if (w->listener[i].fd < 0) l = &w->listener[i];
    if (l == NULL || l->fd >= 0) return l;
    l->fd = bind_port(w, SOCK_STREAM, port, &l->host_port);
    if (l->fd < 0) return NULL;
    l->port = port;
    l->listening = false;
    l->users = 0;
    return l;
}

int pw_w5500part_reserve(struct pw_w5500part *w, uint16_t port)
{
    struct pw_w5500part_listener *l = make_listener(w, port);
    if (l == NULL) return -1;
    l->users++;                                  /* the reservation itself: never given back */
    return l->host_port;
}

bool pw_w5500part_serves(const struct pw_w5500part *w, uint16_t port)
{
    for (unsigned n = 0; n < PW_W5500PART_SOCKETS; n++)
        if (w->s[n].listen_port == port) return true;
    return false;
}

static void drop_listener(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_listener *l = w->s[n].listen_port ? find_listener(w, w->s[n].listen_port) : NULL;
    w->s[n].listen_port = 0;
    if (l == NULL || --l->users > 0) return;
    close(l->fd);
    l->fd = -1;
}

int pw_w_net_listen(struct pw_w5500part *w, unsigned n)
{
    uint16_t port = pw_w_get16(w->s[n].reg + SN_PORT);
    struct pw_w5500part_listener *l = make_listener(w, port);
    if (l == NULL) return -1;
    if (!l->listening && listen(l->fd, PW_W5500PART_SOCKETS) != 0) return trouble(w, "listen", l->host_port);
    l->listening = true;
    l->users++;
    l->idle_since_ns = *w->now_ns;
    w->s[n].listen_port = port;
    return 0;
}

void pw_w_net_close(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    if (s->fd >= 0) close(s->fd);
    s->fd = -1;
    s->sending = s->closing = false;
    drop_listener(w, n);
}

int pw_w_net_open_udp(struct pw_w5500part *w, unsigned n)
{
    uint16_t host;
    w->s[n].fd = bind_port(w, SOCK_DGRAM, pw_w_get16(w->s[n].reg + SN_PORT), &host);
    return w->s[n].fd >= 0 ? 0 : -1;
}

static void established(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    int one = 1;
    (void)setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    pw_w_pointers_reset(s, n);                   /* as the data sheet says: again when a TCP connection is made */
    pw_w_put16(s->reg + SN_MSSR, 1460);
    s->reg[SN_SR] = PW_W_ESTABLISHED;
    s->reg[SN_IR] |= IR_CON;
    w->n_connections++;
}

/* Retries of the chip: RCR + 1 times, RTR x 100 us, doubling up to about 13 s each; 31.8 s with the defaults. */
static uint64_t retry_ns(const struct pw_w5500part *w)
{
    uint64_t step = pw_w_get16(w->common + C_RTR), sum = 0;
    for (unsigned i = 0; i <= w->common[C_RCR]; i++) {
        sum += step;
        if (step * 2 <= 0xFFFF) step *= 2;
    }
    return sum * 100000;
}

void pw_w_net_connect(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    struct sockaddr_in a = loopback(to_host(w, pw_w_get16(s->reg + SN_DPORT)));
    s->reg[SN_SR] = PW_W_SYNSENT;
    s->deadline_ns = *w->now_ns + retry_ns(w);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || (connect(s->fd, (struct sockaddr *)&a, sizeof a) != 0 && errno != EINPROGRESS))
        pw_w_set_closed(w, n, IR_TIMEOUT);
}

void pw_w_net_discon(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    uint8_t sr = s->reg[SN_SR];
    if (sr != PW_W_ESTABLISHED && sr != PW_W_CLOSE_WAIT) {
        if (sr != PW_W_UDP && sr != PW_W_FIN_WAIT && sr != PW_W_LAST_ACK) pw_w_set_closed(w, n, 0);
        return;
    }
    s->closing = true;
    s->reg[SN_SR] = sr == PW_W_ESTABLISHED ? PW_W_FIN_WAIT : PW_W_LAST_ACK;
    s->deadline_ns = *w->now_ns + fin_wait_ns;
    pw_w_net_poll_socket(w, n);
}

/* Bytes between two pointers up to the end of the buffer. */
static uint32_t run(uint16_t from, uint32_t n, uint32_t size)
{
    uint32_t to_end = size - (from & (size - 1));
    return n < to_end ? n : to_end;
}

static void tcp_send(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    uint32_t size = pw_w_size(s->reg[SN_TXBUF]);
    while (s->tx_rd != s->tx_end) {
        uint32_t len = run(s->tx_rd, (uint16_t)(s->tx_end - s->tx_rd), size);
        ssize_t done = send(s->fd, s->tx + (s->tx_rd & (size - 1)), len, MSG_NOSIGNAL);
        if (done < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (done < 0) {
            pw_w_set_closed(w, n, IR_DISCON);
            return;
        }
        s->tx_rd = (uint16_t)(s->tx_rd + done);
        w->n_tx_b += (uint64_t)done;
    }
    s->sending = false;
    s->reg[SN_IR] |= IR_SENDOK;
}

static void tcp_receive(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    uint32_t size = pw_w_size(s->reg[SN_RXBUF]);
    while (s->fd >= 0 && size > 0 && pw_w_rx_free(s) > 0) {
        ssize_t got = recv(s->fd, s->rx + (s->rx_wr & (size - 1)), run(s->rx_wr, pw_w_rx_free(s), size), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got < 0) {                           /* reset by the peer */
            pw_w_set_closed(w, n, IR_DISCON);
        } else if (got == 0) {
            if (s->reg[SN_SR] == PW_W_ESTABLISHED) {
                s->reg[SN_SR] = PW_W_CLOSE_WAIT;
                s->reg[SN_IR] |= IR_DISCON;
            } else {
                pw_w_set_closed(w, n, IR_DISCON); /* both sides have closed */
            }
            return;
        } else {
            s->rx_wr = (uint16_t)(s->rx_wr + got);
            s->reg[SN_IR] |= IR_RECV;
            w->n_rx_b += (uint64_t)got;
        }
    }
}

static void finish_close(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    if (s->reg[SN_SR] == PW_W_LAST_ACK && !s->sending) {
        pw_w_set_closed(w, n, IR_DISCON);
        return;
    }
    if (s->closing && !s->sending) {
        (void)shutdown(s->fd, SHUT_WR);
        s->closing = false;
    }
    if (*w->now_ns >= s->deadline_ns) pw_w_set_closed(w, n, IR_TIMEOUT);
}

static void poll_accept(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    struct pw_w5500part_listener *l = find_listener(w, s->listen_port);
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    if (l == NULL) return;
    l->idle_since_ns = *w->now_ns;
    int fd = accept4(l->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    s->fd = fd;
    memcpy(s->reg + SN_DIPR, &peer.sin_addr.s_addr, 4);
    pw_w_put16(s->reg + SN_DPORT, ntohs(peer.sin_port));
    established(w, n);
}

static void poll_connecting(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    struct sockaddr_in peer;
    socklen_t len = sizeof peer, err_len = sizeof(int);
    int err = 0;
    (void)getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &err_len);
    if (err != 0 || *w->now_ns >= s->deadline_ns)
        pw_w_set_closed(w, n, IR_TIMEOUT);
    else if (getpeername(s->fd, (struct sockaddr *)&peer, &len) == 0)
        established(w, n);
}

static void udp_send(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    uint32_t size = pw_w_size(s->reg[SN_TXBUF]), len = (uint16_t)(s->tx_end - s->tx_rd);
    uint8_t data[PW_W5500PART_BUF_B];
    struct sockaddr_in a = loopback(to_host(w, pw_w_get16(s->reg + SN_DPORT)));
    for (uint32_t i = 0; i < len; i++) data[i] = s->tx[(s->tx_rd + i) & (size - 1)];
    (void)sendto(s->fd, data, len, 0, (struct sockaddr *)&a, sizeof a);      /* UDP: a loss is nobody's error */
    w->n_tx_b += len;
    s->tx_rd = s->tx_end;
    s->sending = false;
    s->reg[SN_IR] |= IR_SENDOK;
}

static void udp_receive(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    uint32_t size = pw_w_size(s->reg[SN_RXBUF]);
    uint8_t data[8 + 65536];
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    ssize_t got = recvfrom(s->fd, data + 8, sizeof data - 8, 0, (struct sockaddr *)&a, &len);
    if (got < 0) return;
    uint32_t total = (uint32_t)got + 8;
    if (total > pw_w_rx_free(s)) return;         /* no room: lost, as on the chip */
    memcpy(data, &a.sin_addr.s_addr, 4);
    pw_w_put16(data + 4, to_chip(w, ntohs(a.sin_port)));
    pw_w_put16(data + 6, (uint16_t)got);
    for (uint32_t i = 0; i < total; i++) s->rx[(s->rx_wr + i) & (size - 1)] = data[i];
    s->rx_wr = (uint16_t)(s->rx_wr + total);
    s->reg[SN_IR] |= IR_RECV;
    w->n_rx_b += (uint32_t)got;
}

void pw_w_net_poll_socket(struct pw_w5500part *w, unsigned n)
{
    struct pw_w5500part_socket *s = &w->s[n];
    switch (s->reg[SN_SR]) {
    case PW_W_LISTEN: poll_accept(w, n); break;
    case PW_W_SYNSENT: poll_connecting(w, n); break;
    case PW_W_UDP:
        if (s->sending) udp_send(w, n);
        udp_receive(w, n);
        break;
    case PW_W_ESTABLISHED:
    case PW_W_CLOSE_WAIT:
        if (s->sending) tcp_send(w, n);
        if (s->reg[SN_SR] == PW_W_ESTABLISHED) tcp_receive(w, n);
        break;
    case PW_W_FIN_WAIT:
    case PW_W_LAST_ACK:
        if (s->sending) tcp_send(w, n);
        if (s->reg[SN_SR] == PW_W_FIN_WAIT) tcp_receive(w, n);
        if (s->fd >= 0) finish_close(w, n);
        break;
    default: break;
    }
}

static void refuse_unwanted(struct pw_w5500part *w)
{
    for (unsigned i = 0; i < PW_W5500PART_SOCKETS; i++) {
        struct pw_w5500part_listener *l = &w->listener[i];
        if (l->fd < 0 || !l->listening || *w->now_ns < l->idle_since_ns + refuse_after_ns) continue;
        int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) continue;
        struct linger reset = { .l_onoff = 1, .l_linger = 0 };
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
}

void pw_w5500part_poll(struct pw_w5500part *w)
{
    for (unsigned n = 0; n < PW_W5500PART_SOCKETS; n++)
        pw_w_net_poll_socket(w, n);
    refuse_unwanted(w);
}

unsigned pw_w5500part_fds(const struct pw_w5500part *w, int *fds, unsigned max)
{
    unsigned k = 0;
    for (unsigned n = 0; n < PW_W5500PART_SOCKETS; n++) {
        if (w->s[n].fd >= 0 && k < max) fds[k++] = w->s[n].fd;
        if (w->listener[n].fd >= 0 && w->listener[n].listening && k < max) fds[k++] = w->listener[n].fd;
    }
    return k;
}
