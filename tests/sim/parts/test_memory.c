/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* FRAM and flash models through their SPI bytes, and the pin adapter in front of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "flash_part.h"
#include "fram_part.h"
#include "spi_pins.h"

static char err[200];

/* Sends n bytes, then reads m. */
static void spi(const struct pw_spi_part *p, const uint8_t *tx, size_t n, uint8_t *rx, size_t m)
{
    p->select(p->ctx, true);
    for (size_t i = 0; i < n; i++) (void)pw_spi_part_byte(p, tx[i]);
    for (size_t i = 0; i < m; i++) rx[i] = pw_spi_part_byte(p, 0);
    p->select(p->ctx, false);
}
#define SEND(p, ...) spi(p, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }), NULL, 0)
#define READ(p, rx, m, ...) spi(p, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }), rx, m)

/* A command with an address, in as many bytes as the part takes. */
static void fram_cmd(struct pw_frampart *f, uint8_t op, uint32_t addr, const uint8_t *tx, size_t n, uint8_t *rx, size_t m)
{
    struct pw_spi_part p = pw_frampart_spi(f);
    uint8_t bytes[16] = { op };
    size_t at = 1;
    if (f->size_b > 65536) bytes[at++] = (uint8_t)(addr >> 16);
    bytes[at++] = (uint8_t)(addr >> 8);
    bytes[at++] = (uint8_t)addr;
    if (n > 0) memcpy(bytes + at, tx, n);
    spi(&p, bytes, at + n, rx, m);
}
#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

static void rules_of(uint32_t size_b, uint8_t density)
{
    struct pw_frampart f;
    uint8_t rx[9];
    assert_int_equal(pw_frampart_open(&f, NULL, size_b, NULL, err, sizeof err), 0);
    assert_int_equal(f.size_b, size_b);
    struct pw_spi_part p = pw_frampart_spi(&f);
    fram_cmd(&f, 0x02, 0x123, BYTES(0xAA), NULL, 0);     /* without WREN */
    assert_int_equal(f.mem[0x123], 0);
    assert_int_equal(f.n_refused, 1);
    SEND(&p, 0x06);
    READ(&p, rx, 1, 0x05);
    assert_int_equal(rx[0], 0x02);
    fram_cmd(&f, 0x02, size_b - 1, BYTES(0x11, 0x22), NULL, 0); /* wraps to 0 */
    assert_int_equal(f.mem[size_b - 1], 0x11);
    assert_int_equal(f.mem[0], 0x22);
    READ(&p, rx, 1, 0x05);
    assert_int_equal(rx[0], 0x00);                       /* one WREN, one WRITE */
    fram_cmd(&f, 0x03, size_b - 1, NULL, 0, rx, 3);
    assert_memory_equal(rx, ((uint8_t[]){ 0x11, 0x22, 0 }), 3);
    fram_cmd(&f, 0x0B, size_b - 1, BYTES(0), rx, 3);     /* FSTRD: a dummy byte */
    assert_memory_equal(rx, ((uint8_t[]){ 0x11, 0x22, 0 }), 3);
    fram_cmd(&f, 0x03, 0xFE0000 | (size_b - 1), NULL, 0, rx, 1); /* upper bits do not matter */
    assert_int_equal(rx[0], 0x11);
    READ(&p, rx, 9, 0x9F);
    assert_memory_equal(rx, ((uint8_t[]){ 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xC2 }), 7);
    assert_int_equal(rx[7], density);
    for (unsigned bp = 1; bp < 4; bp++) {
        uint32_t first = bp == 3 ? 0 : size_b / 4 * (4 - bp);
        SEND(&p, 0x06);
        SEND(&p, 0x01, (uint8_t)(bp << 2));
        SEND(&p, 0x06);
        fram_cmd(&f, 0x02, first, BYTES(0x55), NULL, 0);
        assert_int_not_equal(f.mem[first], 0x55);
        if (first == 0) continue;
        SEND(&p, 0x06);
        fram_cmd(&f, 0x02, first - 1, BYTES(0x66), NULL, 0);
        assert_int_equal(f.mem[first - 1], 0x66);
    }
    pw_frampart_close(&f);
}

static void fram_rules(void **state)
{
    (void)state;
    rules_of(PW_FRAMPART_SMALL, 0x22);
    rules_of(PW_FRAMPART_LARGE, 0x24);
}

static void fram_power_cut(void **state)
{
    (void)state;
    struct pw_frampart f;
    for (unsigned large = 0; large < 2; large++) {
        assert_int_equal(pw_frampart_open(&f, NULL, large ? 0 : PW_FRAMPART_SMALL, NULL, err, sizeof err), 0);
        assert_int_equal(f.size_b, large ? PW_FRAMPART_LARGE : PW_FRAMPART_SMALL);
        struct pw_spi_part p = pw_frampart_spi(&f);
        f.cut_after = 2;
        SEND(&p, 0x06);
        fram_cmd(&f, 0x02, 0, BYTES(1, 2, 3, 4), NULL, 0);
        assert_memory_equal(f.mem, ((uint8_t[]){ 1, 2, 0, 0 }), 4);
        pw_frampart_close(&f);
    }
}

static void fram_file(void **state)
{
    (void)state;
    struct pw_frampart f;
    const char *path = "build/sim/tests/fram.bin";
    for (unsigned large = 0; large < 2; large++) {
        const uint32_t size_b = large ? PW_FRAMPART_LARGE : PW_FRAMPART_SMALL;
        bool created = false;
        unlink(path);
        assert_int_equal(pw_frampart_open(&f, path, large ? 0 : size_b, &created, err, sizeof err), 0);
        assert_true(created);
        struct pw_spi_part p = pw_frampart_spi(&f);
        SEND(&p, 0x06);
        fram_cmd(&f, 0x02, size_b - 0x100, BYTES(0x77), NULL, 0);
        pw_frampart_close(&f);
        assert_int_equal(pw_frampart_open(&f, path, 0, &created, err, sizeof err), 0); /* by its length */
        assert_false(created);
        assert_int_equal(f.size_b, size_b);
        assert_int_equal(f.mem[size_b - 0x100], 0x77);
        pw_frampart_close(&f);
        assert_int_equal(pw_frampart_open(&f, path, size_b, &created, err, sizeof err), 0);
        pw_frampart_close(&f);
        assert_int_equal(pw_frampart_open(&f, path, size_b ^ PW_FRAMPART_SMALL ^ PW_FRAMPART_LARGE, &created, err, sizeof err), -1);
    }
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(pw_frampart_open(&f, path, 0, NULL, err, sizeof err), -1);
    assert_non_null(strstr(err, "100 bytes long, expected 32768 or 131072"));
    assert_int_equal(pw_frampart_open(&f, path, PW_FRAMPART_SMALL, NULL, err, sizeof err), -1);
    assert_non_null(strstr(err, "100 bytes long, expected 32768"));
    assert_int_equal(pw_frampart_open(&f, path, 65536, NULL, err, sizeof err), -1);
    assert_non_null(strstr(err, "no FRAM of 65536 bytes"));
    assert_int_equal(pw_frampart_open(&f, "build/sim/tests", 0, NULL, err, sizeof err), -1);
}

static void flash_rules(void **state)
{
    (void)state;
    struct pw_flashpart f;
    uint64_t now = 0;
    uint8_t rx[4], page[4 + 256 + 2] = { 0x02, 0x00, 0x10, 0x80 };
    assert_int_equal(pw_flashpart_open(&f, NULL, &now, err, sizeof err), 0);
    struct pw_spi_part p = pw_flashpart_spi(&f);
    READ(&p, rx, 3, 0x9F);
    assert_memory_equal(rx, ((uint8_t[]){ 0xEF, 0x40, 0x17 }), 3);
    SEND(&p, 0x02, 0, 0, 0, 0x12);                       /* no write enable */
    assert_int_equal(f.mem[0], 0xFF);
    for (unsigned i = 0; i < 258; i++) page[4 + i] = (uint8_t)(i < 256 ? i : 0xF0 + i - 256);
    SEND(&p, 0x06);
    spi(&p, page, sizeof page, NULL, 0);                 /* 258 bytes from 0x80: the last two fall on the first two */
    assert_int_equal(f.mem[0x1080], 0xF0);
    assert_int_equal(f.mem[0x1081], 0xF1);
    assert_int_equal(f.mem[0x1082], 2);
    assert_int_equal(f.mem[0x107F], 0xFF);
    READ(&p, rx, 1, 0x05);
    assert_int_equal(rx[0] & 3, 1);                      /* busy, WEL gone */
    READ(&p, rx, 1, 0x03, 0, 0x10, 0x82);
    assert_int_equal(rx[0], 0xFF);                       /* refused while busy */
    now += 1000000;
    READ(&p, rx, 1, 0x03, 0, 0x10, 0x82);
    assert_int_equal(rx[0], 2);
    SEND(&p, 0x06);
    SEND(&p, 0x02, 0, 0x10, 0x82, 0xF3);                 /* bits only go to 0 */
    assert_int_equal(f.mem[0x1082], 2);
    now += 1000000;
    SEND(&p, 0x06);
    SEND(&p, 0x20, 0, 0x1F, 0xFF);
    assert_int_equal(f.mem[0x1082], 0xFF);
    now += 44000000;
    READ(&p, rx, 1, 0x05);
    assert_int_equal(rx[0] & 1, 1);
    now += 1000000;
    READ(&p, rx, 1, 0x05);
    assert_int_equal(rx[0] & 1, 0);
    pw_flashpart_close(&f);
}

/* Bytes through pins: mode 0, MISO valid before the rising edge. */
static uint8_t pins_byte(struct pw_spi_pins *s, uint8_t cs_n, uint8_t tx)
{
    uint8_t rx = 0;
    for (int b = 7; b >= 0; b--) {
        bool miso = pw_spi_pins_update(s, cs_n, false, tx >> b & 1);
        rx = (uint8_t)(rx << 1 | miso);
        (void)pw_spi_pins_update(s, cs_n, true, tx >> b & 1);
    }
    (void)pw_spi_pins_update(s, cs_n, false, false);
    return rx;
}

static void pins(void **state)
{
    (void)state;
    struct pw_frampart f;
    struct pw_spi_pins s;
    assert_int_equal(pw_frampart_open(&f, NULL, PW_FRAMPART_SMALL, NULL, err, sizeof err), 0);
    pw_spi_pins_init(&s);
    pw_spi_pins_attach(&s, 1, pw_frampart_spi(&f));
    f.mem[5] = 0xA6;
    f.mem[6] = 0x01;
    (void)pw_spi_pins_update(&s, 0xD, false, false);
    pins_byte(&s, 0xD, 0x03);
    pins_byte(&s, 0xD, 0x00);
    pins_byte(&s, 0xD, 0x05);
    assert_int_equal(pins_byte(&s, 0xD, 0), 0xA6);
    assert_int_equal(pins_byte(&s, 0xD, 0), 0x01);
    assert_true(pw_spi_pins_update(&s, 0xF, false, false));      /* pull-up */
    assert_int_equal(pins_byte(&s, 0xE, 0x06), 0xFF);            /* nobody at chip select 0 */
    assert_int_equal(s.n_errors, 0);
    (void)pw_spi_pins_update(&s, 0xD, false, false);
    (void)pw_spi_pins_update(&s, 0xD, true, false);
    (void)pw_spi_pins_update(&s, 0xF, false, false);             /* in the middle of a byte */
    assert_int_equal(s.n_errors, 1);
    pw_frampart_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(fram_rules), cmocka_unit_test(fram_power_cut), cmocka_unit_test(fram_file),
                                        cmocka_unit_test(flash_rules), cmocka_unit_test(pins) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
