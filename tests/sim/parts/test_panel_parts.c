/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* LCD model (start-up, addresses, timing at pins) and serial lines. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "lcd_part.h"
#include "uart_pins.h"

static struct pw_lcdpart lcd;
static uint64_t t;                                       /* ns */

static void nibble(bool rs, unsigned d)
{
    pw_lcdpart_nibble(&lcd, t, rs, (uint8_t)d);
}
static void byte(bool rs, unsigned b)
{
    nibble(rs, b >> 4);
    nibble(rs, b & 15);
    t += 41000;
}
static void wait_us(unsigned us) { t += (uint64_t)us * 1000; }

static void start(void)
{
    t = 0;
    pw_lcdpart_init(&lcd, 0);
    wait_us(15000);
    nibble(false, 3);
    wait_us(4100);
    nibble(false, 3);
    wait_us(100);
    nibble(false, 3);
    wait_us(37);
    nibble(false, 2);
    wait_us(37);
    byte(false, 0x28);
    byte(false, 0x01);
    wait_us(1520);
    byte(false, 0x06);
    byte(false, 0x0C);
}
static void print(const char *s)
{
    while (*s != 0) byte(true, (unsigned char)*s++);
}
static void expect(unsigned row, const char *want)
{
    char got[PW_LCDPART_TEXT_B];
    pw_lcdpart_text(&lcd, row, got);
    assert_string_equal(got, want);
}

static void lcd_rows(void **state)
{
    (void)state;
    start();
    print("abcdefghijklmnopqrstuvwxyz");                 /* runs on into row 3 */
    expect(0, "abcdefghijklmnopqrst");
    expect(2, "uvwxyz              ");
    byte(false, 0x80 | 0x54);
    print("1234567890123456789012");                     /* past the end of line 2: on at the start of line 1 */
    expect(3, "12345678901234567890");
    expect(0, "12cdefghijklmnopqrst");
    byte(false, 0x80 | 0x40);
    byte(true, 0xDF);
    byte(true, 0xF4);
    expect(1, "°Ω                  ");
    byte(false, 0x40 | 8);                               /* user character 1: lower half */
    for (unsigned i = 0; i < 8; i++) byte(true, i < 4 ? 0 : 0x1F);
    byte(false, 0x80 | 0x40);
    byte(true, 1);
    expect(1, "▄Ω                  ");
    byte(false, 0x08);
    expect(1, "                    ");
    assert_int_equal(lcd.n_busy_errors, 0);
}

static void lcd_busy(void **state)
{
    (void)state;
    start();
    byte(true, 'a');
    t -= 1000;                                           /* 40 us only */
    byte(true, 'b');
    byte(true, 'c');
    assert_int_equal(lcd.n_busy_errors, 1);
    expect(0, "ac                  ");                   /* b is lost, the halves stay in step */
    byte(false, 0x01);
    byte(true, 'd');                                     /* clear takes 1.52 ms */
    assert_int_equal(lcd.n_busy_errors, 2);
    pw_lcdpart_init(&lcd, 0);
    pw_lcdpart_nibble(&lcd, 14000000, false, 3);         /* 14 ms after power-on */
    assert_int_equal(lcd.n_busy_errors, 1);
}

static void pulse(uint64_t setup, uint64_t high, uint64_t hold, bool rs, uint8_t d)
{
    pw_lcdpart_pins(&lcd, t, rs, false, d);
    t += setup;
    pw_lcdpart_pins(&lcd, t, rs, true, d);
    t += high;
    pw_lcdpart_pins(&lcd, t, rs, false, d);
    t += hold;
    pw_lcdpart_pins(&lcd, t, rs, false, (uint8_t)(d ^ 15));
    t += 600;
}

static void lcd_pins(void **state)
{
    (void)state;
    struct { uint64_t setup, high, hold; unsigned errors; } c[] = {
        { 100, 300, 20, 0 }, { 100, 220, 20, 1 }, { 20, 300, 20, 1 }, { 100, 300, 5, 1 }, { 40, 230, 10, 0 } };
    for (unsigned i = 0; i < sizeof c / sizeof c[0]; i++) {
        start();
        wait_us(100);
        pulse(c[i].setup, c[i].high, c[i].hold, true, 4);
        assert_int_equal(lcd.n_timing_errors, c[i].errors);
        pulse(100, 300, 20, true, 1);
        expect(0, "A                   ");
    }
}

static void uart_pty(void **state)
{
    (void)state;
    struct pw_uart_pty u;
    struct pw_uart_pins p;
    char err[200], got[4] = { 0 };
    const char *link = "build/sim/tests/console";
    assert_int_equal(pw_uart_pty_open(&u, link, err, sizeof err), 0);
    int fd = open(link, O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    for (unsigned parity = 0; parity < 3; parity++) {
        pw_uart_pins_init(&p, &u, 217, (uint8_t)parity);
        struct pw_uart_pins back;                        /* what is sent to the meter goes straight into a second decoder */
        pw_uart_pins_init(&back, &u, 217, (uint8_t)parity);
        assert_int_equal(write(fd, "\r\xA5", 2), 2);     /* raw: CR stays CR */
        usleep(20000);                                   /* the kernel passes them on in its own time */
        pw_uart_pty_poll(&u);
        uint64_t clk = 1000;
        pw_uart_pins_feed(&p, clk);
        bool line = true;
        for (; clk < 1000 + 217 * 26; clk++) {
            pw_uart_pty_poll(&u);
            pw_uart_pins_run(&p, clk);
            if (p.to_meter != line) pw_uart_pins_edge(&back, clk, line = p.to_meter);
            pw_uart_pins_run(&back, clk);
        }
        assert_int_equal(back.n_errors, 0);
        assert_int_equal(read(fd, got, 1), 1);
        assert_int_equal(read(fd, got + 1, 1), 1);
        assert_memory_equal(got, "\r\xA5", 2);
    }
    uint8_t tail[4];
    assert_int_equal(pw_uart_pty_tail(&u, tail, 1), 1);
    assert_int_equal(tail[0], 0xA5);
    close(fd);
    pw_uart_pty_close(&u);
    assert_int_not_equal(access(link, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lcd_rows), cmocka_unit_test(lcd_busy), cmocka_unit_test(lcd_pins), cmocka_unit_test(uart_pty) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
