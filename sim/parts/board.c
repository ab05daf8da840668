/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"
#include <stdio.h>
#include <string.h>

static const uint64_t poll_ns = 1000000;

static int open_uarts(struct pw_board *b, const char *dir, char *err, size_t err_n)
{
    static const char *const name[PW_BOARD_UARTS] = { "console", "rs485", "optical", "module" };
    char link[256];
    for (unsigned i = 0; i < PW_BOARD_UARTS; i++) {
        snprintf(link, sizeof link, "%s/%s", dir != NULL ? dir : "", name[i]);
        if (pw_uart_pty_open(&b->uart[i], dir != NULL ? link : NULL, err, err_n) != 0)
            return -1;
    }
    return 0;
}

int pw_board_open(struct pw_board *b, const struct pw_board_opts *o, char *err, size_t err_n)
{
    memset(b, 0, sizeof *b);
    for (unsigned i = 0; i < PW_BOARD_UARTS; i++)
        b->uart[i].master = b->uart[i].slave = -1;
    pw_w5500part_open(&b->eth, &b->now_ns, o->modbus_port - o->chip_port, o->modbus_port == 0);
    pw_lcdpart_init(&b->lcd, 0);
    pw_rtcpart_init(&b->rtc, &b->now_ns);
    b->opened = true;
    if (pw_frampart_open(&b->fram, o->fram_path, o->fram_size_b, &b->fram_created, err, err_n) != 0 ||
        pw_flashpart_open(&b->flash, o->flash_path, &b->now_ns, err, err_n) != 0 || open_uarts(b, o->pty_dir, err, err_n) != 0) {
        pw_board_close(b);
        return -1;
    }
    b->host_port = pw_w5500part_reserve(&b->eth, o->chip_port);
    if (b->host_port < 0) {
        snprintf(err, err_n, "%s", b->eth.error);
        pw_board_close(b);
        return -1;
    }
    return 0;
}

void pw_board_close(struct pw_board *b)
{
    if (!b->opened) return;
    b->opened = false;
    pw_w5500part_close(&b->eth);
    pw_frampart_close(&b->fram);
    pw_flashpart_close(&b->flash);
    for (unsigned i = 0; i < PW_BOARD_UARTS; i++)
        pw_uart_pty_close(&b->uart[i]);
}

void pw_board_poll(struct pw_board *b)
{
    if (b->now_ns < b->next_poll_ns) return;
    b->next_poll_ns = b->now_ns + poll_ns;
    pw_w5500part_poll(&b->eth);
    for (unsigned i = 0; i < PW_BOARD_UARTS; i++)
        pw_uart_pty_poll(&b->uart[i]);
}

void pw_board_leds(struct pw_board *b, uint8_t leds)
{
    for (unsigned i = 0; i < 8; i++)
        b->led_edges[i] += (b->leds ^ leds) >> i & 1;
    b->leds = leds;
}
