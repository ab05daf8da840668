/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "uart_pty.h"
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static int make_link(struct pw_uart_pty *u, const char *link, char *err, size_t err_n)
{
    struct stat st;
    if (lstat(link, &st) == 0 && S_ISLNK(st.st_mode))
        (void)unlink(link);
    if (symlink(u->path, link) != 0) {
        snprintf(err, err_n, "%s: %s", link, strerror(errno));
        return -1;
    }
    snprintf(u->link, sizeof u->link, "%s", link);
    return 0;
}

int pw_uart_pty_open(struct pw_uart_pty *u, const char *link, char *err, size_t err_n)
{
    struct termios raw;
    memset(u, 0, sizeof *u);
    u->master = u->slave = -1;
    memset(&raw, 0, sizeof raw);
    cfmakeraw(&raw);
    raw.c_cflag |= CS8 | CREAD | CLOCAL;
    if (openpty(&u->master, &u->slave, NULL, &raw, NULL) != 0 || ttyname_r(u->slave, u->path, sizeof u->path) != 0) {
        snprintf(err, err_n, "no pseudo-terminal: %s", strerror(errno));
        pw_uart_pty_close(u);
        return -1;
    }
    (void)fcntl(u->master, F_SETFL, O_NONBLOCK);
    (void)fcntl(u->master, F_SETFD, FD_CLOEXEC);
    (void)fcntl(u->slave, F_SETFD, FD_CLOEXEC);
    return link != NULL ? make_link(u, link, err, err_n) : 0;
}

void pw_uart_pty_close(struct pw_uart_pty *u)
{
    char target[64];
    ssize_t n = u->link[0] ? readlink(u->link, target, sizeof target - 1) : -1;
    if (n > 0) {
        target[n] = 0;
        if (strcmp(target, u->path) == 0)        /* not the link of a later run */
            (void)unlink(u->link);
    }
    if (u->master >= 0) close(u->master);
    if (u->slave >= 0) close(u->slave);
    u->master = u->slave = -1;
    u->link[0] = 0;
}

void pw_uart_pty_put(struct pw_uart_pty *u, uint8_t b)
{
    u->log[u->n_tx++ % PW_UART_LOG_B] = b;
    if (u->master >= 0 && write(u->master, &b, 1) != 1)
        u->n_lost++;
}

void pw_uart_pty_poll(struct pw_uart_pty *u)
{
    if (u->in_pos < u->in_n || u->master < 0) return;
    ssize_t n = read(u->master, u->in, sizeof u->in);
    u->in_pos = 0;
    u->in_n = n > 0 ? (unsigned)n : 0;
}

int pw_uart_pty_get(struct pw_uart_pty *u)
{
    if (u->in_pos >= u->in_n) return -1;
    u->n_rx++;
    return u->in[u->in_pos++];
}

size_t pw_uart_pty_tail(const struct pw_uart_pty *u, uint8_t *out, size_t n)
{
    if (n > PW_UART_LOG_B) n = PW_UART_LOG_B;
    if (n > u->n_tx) n = (size_t)u->n_tx;
    for (size_t i = 0; i < n; i++)
        out[i] = u->log[(u->n_tx - n + i) % PW_UART_LOG_B];
    return n;
}
