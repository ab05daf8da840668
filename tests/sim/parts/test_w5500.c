/* SPDX-License-Identifier: Apache-2.0 */
/* W5500 model: raw SPI frames on one side, real sockets of the PC on the other. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "w5500_part.h"

enum { MR, CR, IR, SR, PORT };
enum { DIPR = 0x0C, DPORT = 0x10, RXSIZE = 0x1E, TXSIZE = 0x1F, FSR = 0x20, TX_WR = 0x24, RSR = 0x26, RX_RD = 0x28 };
enum { OPEN = 1, LISTEN = 2, CONNECT = 4, DISCON = 8, CLOSE = 0x10, SENDCMD = 0x20, RECV = 0x40 };

static struct pw_w5500part w;
static struct pw_spi_part p;
static uint64_t now;

static void frame(uint16_t addr, uint8_t control, const uint8_t *tx, uint8_t *rx, size_t n)
{
    p.select(p.ctx, true);
    (void)pw_spi_part_byte(&p, (uint8_t)(addr >> 8));
    (void)pw_spi_part_byte(&p, (uint8_t)addr);
    (void)pw_spi_part_byte(&p, control);
    for (size_t i = 0; i < n; i++) {
        uint8_t b = pw_spi_part_byte(&p, tx != NULL ? tx[i] : 0);
        if (rx != NULL) rx[i] = b;
    }
    p.select(p.ctx, false);
}
static unsigned get(unsigned s, uint16_t a, size_t n)
{
    uint8_t b[2];
    frame(a, (uint8_t)((1 + 4 * s) << 3), NULL, b, n);
    return n == 2 ? b[0] << 8 | b[1] : b[0];
}
static void put(unsigned s, uint16_t a, size_t n, unsigned v)
{
    uint8_t b[2] = { (uint8_t)(n == 2 ? v >> 8 : v), (uint8_t)v };
    frame(a, (uint8_t)((1 + 4 * s) << 3 | 4), b, NULL, n);
}
static void poll_for(unsigned ms)
{
    for (unsigned i = 0; i < ms; i++) {
        now += 1000000;
        pw_w5500part_poll(&w);
        usleep(200);
    }
}
static unsigned await_sr(unsigned s, unsigned want)
{
    for (unsigned i = 0; i < 500 && get(s, SR, 1) != want; i++) poll_for(1);
    return get(s, SR, 1);
}
static void send_data(unsigned s, const void *data, size_t n)
{
    uint16_t wr = (uint16_t)get(s, TX_WR, 2);
    frame(wr, (uint8_t)((2 + 4 * s) << 3 | 4), data, NULL, n);
    put(s, TX_WR, 2, wr + (unsigned)n);
    put(s, CR, 1, SENDCMD);
}
static size_t receive(unsigned s, uint8_t *data)
{
    size_t n = get(s, RSR, 2);
    uint16_t rd = (uint16_t)get(s, RX_RD, 2);
    frame(rd, (uint8_t)((3 + 4 * s) << 3), NULL, data, n);
    put(s, RX_RD, 2, rd + (unsigned)n);
    put(s, CR, 1, RECV);
    return n;
}
static int tcp_client(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int setup(void **state)
{
    (void)state;
    now = 0;
    pw_w5500part_open(&w, &now, 0, true);
    p = pw_w5500part_spi(&w);
    now = 2000000;
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    pw_w5500part_close(&w);
    return 0;
}

static void registers(void **state)
{
    (void)state;
    uint8_t b[6];
    frame(0x39, 0x00, NULL, b, 1);
    assert_int_equal(b[0], 0x04);
    frame(0x09, 0x04, (const uint8_t *)"\x02PW\x01\x02\x03", NULL, 6);
    frame(0x09, 0x00, NULL, b, 6);
    assert_memory_equal(b, "\x02PW\x01\x02\x03", 6);
    frame(0x19, 0x00, NULL, b, 3);
    assert_memory_equal(b, "\x07\xD0\x08", 3);
    assert_int_equal(get(3, RXSIZE, 1), 2);
    assert_int_equal(get(3, FSR, 2), 2048);
    assert_int_equal(get(3, RSR, 2), 0);
    frame(0x00, 0x04, (const uint8_t *)"\x80", NULL, 1);         /* reset: defaults again */
    frame(0x09, 0x00, NULL, b, 6);
    assert_memory_equal(b, "\0\0\0\0\0\0", 6);
    assert_int_equal(w.n_errors, 0);
    pw_w5500part_reset(&w, true);
    pw_w5500part_reset(&w, false);
    frame(0x39, 0x00, NULL, b, 1);                               /* before the PLL has locked */
    assert_int_equal(b[0], 0xFF);
    assert_int_equal(w.n_errors, 1);
    now += 1000000;
    frame(0x39, 0x00, NULL, b, 1);
    assert_int_equal(b[0], 0x04);
}

static void listen_on(unsigned s, unsigned port)
{
    put(s, MR, 1, 1);
    put(s, PORT, 2, port);
    put(s, CR, 1, OPEN);
    assert_int_equal(get(s, SR, 1), PW_W_INIT);
    put(s, CR, 1, LISTEN);
    assert_int_equal(get(s, SR, 1), PW_W_LISTEN);
    assert_int_equal(get(s, CR, 1), 0);
}

/* Two sockets of one port, echo of blocks across the end of the buffer, both orders of closing. */
static void tcp_server(void **state)
{
    (void)state;
    int port = pw_w5500part_reserve(&w, 502);
    uint8_t out[2048], in[2048];
    assert_true(port > 0);
    assert_int_equal(tcp_client(port), -1);                      /* reserved, but nobody listens */
    listen_on(0, 502);
    listen_on(1, 502);
    int fd[2] = { tcp_client(port), tcp_client(port) };
    assert_int_equal(await_sr(0, PW_W_ESTABLISHED), PW_W_ESTABLISHED);
    assert_int_equal(await_sr(1, PW_W_ESTABLISHED), PW_W_ESTABLISHED);
    assert_int_equal(get(0, IR, 1), 0x01);
    put(0, IR, 1, 0x01);
    assert_int_equal(get(0, IR, 1), 0);
    for (unsigned round = 0; round < 6; round++) {
        size_t n = 700 + 200 * round, got = 0;
        for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(i * 7 + round);
        assert_int_equal(write(fd[0], out, n), n);
        for (unsigned i = 0; i < 100 && get(0, RSR, 2) < n; i++) poll_for(1);
        assert_int_equal(get(0, IR, 1), 0x04);
        assert_int_equal(receive(0, in), n);
        assert_memory_equal(in, out, n);
        put(0, IR, 1, 0x04);
        send_data(0, in, n);
        poll_for(1);
        assert_int_equal(get(0, IR, 1), 0x10);
        put(0, IR, 1, 0x10);
        while (got < n) got += (size_t)read(fd[0], in + got, n - got);
        assert_memory_equal(in, out, n);
        assert_int_equal(get(0, FSR, 2), 2048);
    }
    assert_int_equal(get(1, RSR, 2), 0);
    close(fd[0]);                                                /* the peer goes first */
    assert_int_equal(await_sr(0, PW_W_CLOSE_WAIT), PW_W_CLOSE_WAIT);
    assert_int_equal(get(0, IR, 1), 0x02);
    put(0, CR, 1, DISCON);
    assert_int_equal(await_sr(0, PW_W_CLOSED), PW_W_CLOSED);
    put(1, CR, 1, DISCON);                                       /* we go first */
    assert_int_equal(get(1, SR, 1), PW_W_FIN_WAIT);
    assert_int_equal(read(fd[1], in, 1), 0);
    close(fd[1]);
    assert_int_equal(await_sr(1, PW_W_CLOSED), PW_W_CLOSED);
    listen_on(0, 502);                                           /* and again */
    fd[0] = tcp_client(port);
    assert_int_equal(await_sr(0, PW_W_ESTABLISHED), PW_W_ESTABLISHED);
    struct linger reset = { 1, 0 };
    setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd[0]);
    assert_int_equal(await_sr(0, PW_W_CLOSED), PW_W_CLOSED);
    assert_int_equal(w.n_errors, 0);
}

static void full_buffer(void **state)
{
    (void)state;
    int port = pw_w5500part_reserve(&w, 502);
    uint8_t out[5000], in[2048];
    size_t got = 0;
    for (size_t i = 0; i < sizeof out; i++) out[i] = (uint8_t)(i * 31 >> 3);
    listen_on(0, 502);
    int fd = tcp_client(port);
    assert_int_equal(await_sr(0, PW_W_ESTABLISHED), PW_W_ESTABLISHED);
    assert_int_equal(write(fd, out, sizeof out), sizeof out);
    while (got < sizeof out) {
        poll_for(2);
        size_t n = receive(0, in);
        assert_true(n <= 2048 && n > 0);
        assert_memory_equal(in, out + got, n);
        got += n;
    }
    put(0, TX_WR, 2, get(0, TX_WR, 2) + 2049);                   /* more than the buffer holds */
    put(0, CR, 1, SENDCMD);
    assert_int_equal(w.n_errors, 1);
    close(fd);
}

static void nobody_listens(void **state)
{
    (void)state;
    int port = pw_w5500part_reserve(&w, 502);
    char c;
    listen_on(0, 502);
    int a = tcp_client(port), b;
    assert_int_equal(await_sr(0, PW_W_ESTABLISHED), PW_W_ESTABLISHED);
    b = tcp_client(port);                                        /* no second socket: refused after a while */
    poll_for(100);
    assert_int_equal(read(b, &c, 1), -1);
    assert_int_equal(errno, ECONNRESET);
    close(a);
    close(b);
}

static void tcp_connect(void **state)
{
    (void)state;
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof a;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    char got[8];
    assert_int_equal(bind(server, (struct sockaddr *)&a, sizeof a) | listen(server, 1) | getsockname(server, (struct sockaddr *)&a, &len), 0);
    assert_int_equal(pw_w5500part_map(&w, 21, ntohs(a.sin_port)), 0);
    put(2, MR, 1, 1);
    put(2, PORT, 2, 5000);
    put(2, CR, 1, OPEN);
    put(2, DPORT, 2, 21);
    put(2, CR, 1, CONNECT);
    assert_int_equal(await_sr(2, PW_W_ESTABLISHED), PW_W_ESTABLISHED);
    int fd = accept(server, NULL, NULL);
    send_data(2, "USER a\r\n", 8);
    poll_for(1);
    assert_int_equal(read(fd, got, 8), 8);
    assert_memory_equal(got, "USER a\r\n", 8);
    close(fd);
    close(server);
    put(2, CR, 1, CLOSE);
    assert_int_equal(get(2, SR, 1), PW_W_CLOSED);
    put(2, CR, 1, OPEN);
    put(2, CR, 1, CONNECT);                                      /* nobody there any more */
    assert_int_equal(await_sr(2, PW_W_CLOSED), PW_W_CLOSED);
    assert_int_equal(get(2, IR, 1) & 0x08, 0x08);
}

static void udp(void **state)
{
    (void)state;
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, from;
    socklen_t len = sizeof a;
    uint8_t got[64];
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(server, (struct sockaddr *)&a, sizeof a) | getsockname(server, (struct sockaddr *)&a, &len), 0);
    assert_int_equal(pw_w5500part_map(&w, 123, ntohs(a.sin_port)), 0);
    put(7, MR, 1, 2);
    put(7, PORT, 2, 123);
    put(7, CR, 1, OPEN);
    assert_int_equal(get(7, SR, 1), PW_W_UDP);
    put(7, DPORT, 2, 123);
    send_data(7, "ask", 3);
    poll_for(1);
    assert_int_equal(get(7, IR, 1), 0x10);
    len = sizeof from;
    assert_int_equal(recvfrom(server, got, sizeof got, 0, (struct sockaddr *)&from, &len), 3);
    assert_int_equal(sendto(server, "answer", 6, 0, (struct sockaddr *)&from, len), 6);
    for (unsigned i = 0; i < 100 && get(7, RSR, 2) == 0; i++) poll_for(1);
    assert_int_equal(receive(7, got), 14);
    assert_memory_equal(got, "\x7F\0\0\x01\0\x7B\0\x06" "answer", 14);
    close(server);
}

static void port_in_use(void **state)
{
    (void)state;
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof a;
    int other = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(other, (struct sockaddr *)&a, sizeof a) | listen(other, 1) | getsockname(other, (struct sockaddr *)&a, &len), 0);
    pw_w5500part_open(&w, &now, ntohs(a.sin_port) - 502, false);
    assert_int_equal(pw_w5500part_reserve(&w, 502), -1);
    assert_non_null(strstr(w.error, "Address already in use"));
    close(other);
}

/* Random bytes as SPI frames: the model must survive what a broken driver sends. */
static void noise(void **state)
{
    (void)state;
    uint8_t b[40];
    srand(1);
    for (unsigned i = 0; i < 20000; i++) {
        for (unsigned k = 0; k < sizeof b; k++) b[k] = (uint8_t)rand();
        uint8_t control = (uint8_t)rand();
        if ((control & 7) == 4 && (control >> 3 & 3) == 1) continue;     /* not: sockets to random places of this PC */
        frame((uint16_t)(rand() % 64), control, b, b, (size_t)(rand() % 40));
        if (i % 100 == 0) poll_for(1);
    }
    frame(0x00, 0x04, (const uint8_t *)"\x80", NULL, 1);
    frame(0x39, 0x00, NULL, b, 1);
    assert_int_equal(b[0], 0x04);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(registers, setup, teardown), cmocka_unit_test_setup_teardown(tcp_server, setup, teardown),
        cmocka_unit_test_setup_teardown(full_buffer, setup, teardown), cmocka_unit_test_setup_teardown(nobody_listens, setup, teardown),
        cmocka_unit_test_setup_teardown(tcp_connect, setup, teardown), cmocka_unit_test_setup_teardown(udp, setup, teardown),
        cmocka_unit_test_setup_teardown(port_in_use, setup, teardown), cmocka_unit_test_setup_teardown(noise, setup, teardown) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
