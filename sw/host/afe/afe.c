/* SPDX-License-Identifier: Apache-2.0 */
#include "afe.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "pw_regs.h"

#define TRIES        4u
#define FIRST_BAUD   115200u
#define BREAK_MS     300     /* longer than tcsendbreak's least 250 ms */
#define FIRST_MS     700     /* for an answer at the first or the new bit rate */
#define WINDOW_TRIES 4u

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* Bytes up to n. @return how many came within the time, or -1: the device is gone */
static ssize_t receive(struct pw_afe *afe, uint8_t *out, size_t n, int64_t until_ms)
{
    size_t have = 0;
    while (have < n) {
        int64_t left = until_ms - now_ms();
        struct pollfd p = {afe->fd, POLLIN, 0};
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            break;
        ssize_t got = read(afe->fd, out + have, n - have);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            return -1;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static int send_all(int fd, const uint8_t *bytes, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t put = write(fd, bytes + at, n - at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && errno == EAGAIN) {
            struct pollfd p = {fd, POLLOUT, 0};
            if (poll(&p, 1, 1000) <= 0)
                return PW_ERR_IO;
            continue;
        }
        if (put <= 0)
            return PW_ERR_IO;
        at += (size_t)put;
    }
    return PW_OK;
}

/* The answer to a request that was sent; what comes before it is skipped. */
static int answer(struct pw_afe *afe, unsigned n, uint32_t *words)
{
    uint8_t buf[PW_AFE_RESPONSE_MAX_B];
    int64_t until = now_ms() + afe->timeout_ms;
    do {
        if (receive(afe, buf, 1, until) != 1)
            return PW_ERR_IO;
    } while (buf[0] != PW_AFE_START);
    if (receive(afe, buf + 1, 2, until) != 2)
        return PW_ERR_IO;
    size_t all = pw_afe_response_length(buf, 3);
    if (receive(afe, buf + 3, all - 3, until) != (ssize_t)(all - 3))
        return PW_ERR_IO;
    return pw_afe_response(buf, all, afe->tag, n, words);
}

static int transfer(struct pw_afe *afe, unsigned tries, enum pw_afe_command command, uint32_t addr, unsigned n, uint32_t value, uint32_t *words)
{
    uint8_t request[PW_AFE_REQUEST_B], rest[64];
    for (unsigned i = 0; i < tries; i++) {
        afe->tag++;
        pw_afe_request(request, afe->tag, command, addr, n, value);
        if (send_all(afe->fd, request, sizeof request) != PW_OK)
            return PW_ERR_IO;
        int err = answer(afe, command == PW_AFE_READ ? n : 0, words);
        if (err == PW_OK || err == PW_ERR_RANGE)
            return err;
        afe->n_retries++;
        while (receive(afe, rest, sizeof rest, now_ms() + 30) > 0) /* longer than the front-end waits inside a frame */
            ;
    }
    return PW_ERR_IO;
}

int pw_afe_read(struct pw_afe *afe, uint32_t addr, uint32_t *words, unsigned n)
{
    for (unsigned done = 0; done < n;) {
        unsigned part = n - done < PW_AFE_WORDS_MAX ? n - done : PW_AFE_WORDS_MAX;
        int err = transfer(afe, TRIES, PW_AFE_READ, addr + 4 * done, part, 0, words + done);
        if (err != PW_OK)
            return err;
        done += part;
    }
    return PW_OK;
}

int pw_afe_write(struct pw_afe *afe, uint32_t addr, uint32_t value)
{
    return transfer(afe, TRIES, PW_AFE_WRITE, addr, 1, value, NULL);
}

static const struct { uint32_t baud; speed_t code; } rates[] = {
    {9600, B9600}, {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200}, {230400, B230400},
    {460800, B460800}, {500000, B500000}, {921600, B921600}, {1000000, B1000000},
};

static int set_rate(int fd, uint32_t baud)
{
    struct termios t;
    if (tcgetattr(fd, &t) != 0)
        return PW_ERR_IO;
    t.c_iflag = IGNBRK;
    t.c_oflag = 0;
    t.c_cflag = CS8 | CREAD | CLOCAL;
    t.c_lflag = 0;
    t.c_cc[VMIN] = 0;
    t.c_cc[VTIME] = 0;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (rates[i].baud == baud)
            return cfsetspeed(&t, rates[i].code) == 0 && tcsetattr(fd, TCSAFLUSH, &t) == 0 ? PW_OK : PW_ERR_IO;
    return PW_ERR_RANGE;
}

/* Tells the front-end the bit rate, and follows. A break takes it back to its first one; where breaks do not get through it may still
 * be at the new one, from the last time. */
static int agree_rate(struct pw_afe *afe, uint32_t baud)
{
    const struct timespec pause = {0, BREAK_MS * 1000000L};
    const unsigned usual_ms = afe->timeout_ms;
    tcsendbreak(afe->fd, 0);
    nanosleep(&pause, NULL);
    afe->timeout_ms = FIRST_MS;
    int err = transfer(afe, 1, PW_AFE_READ, PW_SYS_CLOCK_BASE_ADDR, 1, 0, &afe->clock_hz);
    bool there = err != PW_OK && set_rate(afe->fd, baud) == PW_OK;
    if (there)
        err = transfer(afe, 1, PW_AFE_READ, PW_SYS_CLOCK_BASE_ADDR, 1, 0, &afe->clock_hz);
    afe->timeout_ms = usual_ms;
    if (err != PW_OK || there || baud == FIRST_BAUD)
        return err;
    err = pw_afe_write(afe, PW_UART_FORMAT_BASE_ADDR(0), (afe->clock_hz + baud / 2) / baud - 1);
    return err == PW_OK ? set_rate(afe->fd, baud) : err;
}

int pw_afe_open(struct pw_afe *afe, const char *path, uint32_t baud, char *err, size_t err_n)
{
    memset(afe, 0, sizeof *afe);
    afe->timeout_ms = 2000;
    afe->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (afe->fd < 0) {
        snprintf(err, err_n, "%s: %s", path, strerror(errno));
        return PW_ERR_IO;
    }
    uint32_t id = 0, caps = 0;
    int e = set_rate(afe->fd, baud); /* first, so that a wrong one is told before anything is sent */
    if (e == PW_ERR_RANGE)
        snprintf(err, err_n, "%s: no bit rate of %u", path, (unsigned)baud);
    else if (e != PW_OK || set_rate(afe->fd, FIRST_BAUD) != PW_OK) {
        e = PW_ERR_IO;
        snprintf(err, err_n, "%s: not a serial device", path);
    } else if ((e = agree_rate(afe, baud)) != PW_OK || (e = pw_afe_read(afe, PW_FE_ID_BASE_ADDR, &id, 1)) != PW_OK ||
               (e = pw_afe_read(afe, PW_FE_CAPS_BASE_ADDR, &caps, 1)) != PW_OK)
        snprintf(err, err_n, "%s: no answer from the front-end", path);
    else if (id != 0x50574645 || (caps & 0xFF) + 3 > PW_AFE_MAX_CH) {
        e = PW_ERR_MAGIC;
        snprintf(err, err_n, "%s: this is no front-end of Polywatt (ID %08x)", path, (unsigned)id);
    }
    afe->n_ct = caps & 0xFF;
    if (e != PW_OK)
        pw_afe_close(afe);
    return e;
}

void pw_afe_close(struct pw_afe *afe)
{
    if (afe->fd >= 0)
        close(afe->fd);
    afe->fd = -1;
}

static uint32_t wire_read(void *ctx, uint32_t addr)
{
    struct pw_afe *afe = ctx;
    uint32_t word = 0;
    int err = pw_afe_read(afe, addr, &word, 1);
    if (err != PW_OK && afe->error == PW_OK)
        afe->error = err;
    return err == PW_OK ? word : 0;
}

static void wire_write(void *ctx, uint32_t addr, uint32_t value)
{
    struct pw_afe *afe = ctx;
    int err = pw_afe_write(afe, addr, value);
    if (err != PW_OK && afe->error == PW_OK)
        afe->error = err;
}

static uint64_t host_us(void *ctx)
{
    (void)ctx;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

struct pw_hal pw_afe_hal(struct pw_afe *afe)
{
    return (struct pw_hal){wire_read, wire_write, host_us, afe};
}

#define WINSEQ ((PW_FE_WINSEQ_BASE_ADDR - PW_FE_ID_BASE_ADDR) / 4)

int pw_afe_read_window(struct pw_afe *afe, struct pw_afe_snapshot *snap)
{
    snap->n_ch = afe->n_ct + 3;
    for (unsigned i = 0; i < WINDOW_TRIES; i++) {
        uint32_t after;
        int err = pw_afe_read(afe, PW_FE_ID_BASE_ADDR, snap->fe, PW_AFE_FE_WORDS);
        if (err == PW_OK)
            err = pw_afe_read(afe, PW_BANK_CH_CFG_BASE_ADDR(0), &snap->bank[0][0], 32 * snap->n_ch);
        if (err == PW_OK)
            err = pw_afe_read(afe, PW_FE_WINSEQ_BASE_ADDR, &after, 1);
        if (err != PW_OK)
            return err;
        if (after == snap->fe[WINSEQ] && after >> 31 == 0) /* one and the same window, and none being closed */
            return PW_OK;
    }
    return PW_ERR_STATE;
}

static uint32_t snap_read(void *ctx, uint32_t addr)
{
    const struct pw_afe_snapshot *s = ctx;
    uint32_t fe = addr - (uint32_t)PW_FE_ID_BASE_ADDR, bank = addr - (uint32_t)PW_BANK_CH_CFG_BASE_ADDR(0);
    if (fe < 4 * PW_AFE_FE_WORDS)
        return s->fe[fe / 4];
    return bank < 128 * s->n_ch ? s->bank[bank / 128][bank / 4 % 32] : 0;
}

static void snap_write(void *ctx, uint32_t addr, uint32_t value)
{
    (void)ctx;
    (void)addr;
    (void)value;
}

struct pw_hal pw_afe_snapshot_hal(struct pw_afe_snapshot *snap)
{
    return (struct pw_hal){snap_read, snap_write, host_us, snap};
}
