/* SPDX-License-Identifier: Apache-2.0 */
/* W25Q driver over the SPI master, against the simulation's model of the chip, with the chip's own times; and the logs on it, in full size:
 * how long mounting takes, how much a step and a reading cost. */
#include "t.h"

#include "flash.h"
#include "flashlog.h"
#include "pw_masks.h"
#include "pw_regs.h"
#include "sim/parts/flash_part.h"

struct board {
    struct pw_hal hal;
    struct pw_flashpart part;
    struct pw_spi_part pins;
    struct pw_spi spi;
    struct pw_flash flash;
    struct pw_flash_port port;
    uint64_t ns, n_bytes;
    uint32_t ctrl, data;
    bool     absent, stuck;
};

static void write32(void *ctx, uint32_t addr, uint32_t value)
{
    struct board *b = ctx;
    if (addr == PW_SPI_CTRL_BASE_ADDR(0)) {
        bool was = (b->ctrl & PW_SPI__CTRL__CS_bm) != 0, is = (value & PW_SPI__CTRL__CS_bm) != 0;
        b->ctrl = value;
        if (was != is)
            b->pins.select(b->pins.ctx, is);
        return;
    }
    assert_int_equal(addr, PW_SPI_DATA_BASE_ADDR(0));
    unsigned n = ((b->ctrl & PW_SPI__CTRL__LEN_bm) >> PW_SPI__CTRL__LEN_bp) + 1;
    b->data = 0;
    for (unsigned i = n; i-- > 0; b->n_bytes++) { /* first byte is the highest of the n */
        uint8_t out = b->absent ? 0xFF : b->pins.out(b->pins.ctx);
        if (!b->absent)
            b->pins.in(b->pins.ctx, (uint8_t)(value >> 8 * i));
        b->data = b->data << 8 | out;
        b->ns += 640; /* 12.5 MHz */
    }
    if (b->stuck)
        b->part.busy_until_ns = b->ns + 1000000000;
}

static uint32_t read32(void *ctx, uint32_t addr)
{
    struct board *b = ctx;
    return addr == PW_SPI_DATA_BASE_ADDR(0) ? b->data : 0;
}

static uint64_t uptime_us(void *ctx)
{
    struct board *b = ctx;
    return b->ns / 1000;
}

static struct board *board_new(void)
{
    static char err[200];
    struct board *b = calloc(1, sizeof *b);
    assert_non_null(b);
    assert_int_equal(pw_flashpart_open(&b->part, NULL, &b->ns, err, sizeof err), 0);
    b->pins = pw_flashpart_spi(&b->part);
    b->hal = (struct pw_hal){.read32 = read32, .write32 = write32, .uptime_us = uptime_us, .ctx = b};
    pw_spi_init(&b->spi, &b->hal, 0, 25000000, 12500000);
    return b;
}

static void board_free(struct board *b)
{
    pw_flashpart_close(&b->part);
    free(b);
}

static void wait(struct board *b)
{
    for (unsigned i = 0; i < 1000000 && pw_flash_busy(&b->flash) == 1; i++)
        b->ns += 10000;
    assert_int_equal(pw_flash_busy(&b->flash), 0);
}

static void operations(void **state)
{
    (void)state;
    struct board *b = board_new();
    uint8_t data[256], is[600];
    uint64_t r = 7;
    b->part.powered_down = true; /* as a boot loader leaves it */
    assert_int_equal(pw_flash_init(&b->flash, &b->spi, 0), PW_OK);
    assert_int_equal(b->flash.jedec, 0xEF4017);
    assert_int_equal(b->flash.size_b, 8u << 20);
    memset(b->part.mem + 0x5000, 0, 3 * 4096);
    assert_int_equal(pw_flash_erase(&b->flash, 0x6000), PW_OK);
    uint64_t from = b->ns;
    assert_int_equal(pw_flash_busy(&b->flash), 1);
    assert_int_equal(pw_flash_read(&b->flash, 0, is, 1), PW_ERR_STATE);
    assert_int_equal(pw_flash_program(&b->flash, 0, data, 1), PW_ERR_STATE);
    assert_int_equal(pw_flash_erase(&b->flash, 0), PW_ERR_STATE);
    wait(b);
    assert_in_range(b->ns - from, 44900000, 46000000);
    for (unsigned i = 0; i < 3 * 4096; i++)
        assert_int_equal(b->part.mem[0x5000 + i], i / 4096 == 1 ? 0xFF : 0);
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)rnd(&r);
    assert_int_equal(pw_flash_program(&b->flash, 0x6100, data, 256), PW_OK);
    wait(b);
    assert_int_equal(pw_flash_program(&b->flash, 0x62F9, data, 7), PW_OK);
    wait(b);
    assert_int_equal(pw_flash_read(&b->flash, 0x60FF, is, 600), PW_OK);
    for (unsigned i = 0; i < 600; i++)
        assert_int_equal(is[i], i >= 1 && i < 257 ? data[i - 1] : i >= 506 && i < 513 ? data[i - 506] : 0xFF);
    assert_int_equal(b->part.n_refused, 0);
    board_free(b);
}

static void ranges(void **state)
{
    (void)state;
    struct board *b = board_new();
    uint8_t x[257] = {0};
    assert_int_equal(pw_flash_init(&b->flash, &b->spi, 0), PW_OK);
    assert_int_equal(pw_flash_read(&b->flash, (8u << 20) - 1, x, 1), PW_OK);
    assert_int_equal(pw_flash_read(&b->flash, (8u << 20) - 1, x, 2), PW_ERR_RANGE);
    assert_int_equal(pw_flash_program(&b->flash, 0, x, 0), PW_ERR_RANGE);
    assert_int_equal(pw_flash_program(&b->flash, 0, x, 257), PW_ERR_RANGE);
    assert_int_equal(pw_flash_program(&b->flash, 255, x, 2), PW_ERR_RANGE);
    assert_int_equal(pw_flash_program(&b->flash, 8u << 20, x, 1), PW_ERR_RANGE);
    assert_int_equal(pw_flash_erase(&b->flash, 4095), PW_ERR_RANGE);
    assert_int_equal(pw_flash_erase(&b->flash, 8u << 20), PW_ERR_RANGE);
    assert_int_equal(b->part.n_programs + b->part.n_erases, 0);
    board_free(b);
}

static void parts_that_are_not_well(void **state)
{
    (void)state;
    struct board *b = board_new();
    b->absent = true;
    assert_int_equal(pw_flash_init(&b->flash, &b->spi, 0), PW_ERR_IO);
    b->absent = false;
    b->part.busy_until_ns = 50000000; /* the erase from before the reset */
    assert_int_equal(pw_flash_init(&b->flash, &b->spi, 0), PW_ERR_STATE);
    b->ns = 60000000;
    b->part.sr1 = 0x04;
    assert_int_equal(pw_flash_init(&b->flash, &b->spi, 0), PW_ERR_SEALED);
    b->part.sr1 = 0;
    assert_int_equal(pw_flash_init(&b->flash, &b->spi, 0), PW_OK);
    assert_int_equal(pw_flash_erase(&b->flash, 0), PW_OK);
    b->stuck = true; /* never ends */
    for (unsigned i = 0; i < 99; i++, b->ns += 10000000)
        assert_int_equal(pw_flash_busy(&b->flash), 1);
    b->ns += 20000000;
    assert_int_equal(pw_flash_busy(&b->flash), PW_ERR_IO);
    board_free(b);
}

/* The ring of the interval log on the real part, more than once round. */
static void a_ring_of_full_size(void **state)
{
    (void)state;
    struct board *b = board_new();
    struct pw_flash_dead dead = {0};
    struct pw_flashlog log;
    uint8_t rec[116], is[116];
    uint64_t step_most = 0, read_most = 0;
    assert_int_equal(pw_flash_init(&b->flash, &b->spi, 0), PW_OK);
    b->port = pw_flash_port_of(&b->flash);
    assert_int_equal(pw_flashlog_init(&log, &b->port, &dead, 0x200000, 1472, 2), PW_OK);
    for (uint32_t n = 0; n < 46000;) {
        if (pw_flashlog_ready(&log)) {
            memset(rec, (int)(n % 251), sizeof rec);
            assert_int_equal(pw_flashlog_append(&log, rec, sizeof rec), PW_OK);
            n++;
        }
        uint64_t from = b->n_bytes;
        (void)pw_flashlog_step(&log);
        step_most = b->n_bytes - from > step_most ? b->n_bytes - from : step_most;
        b->ns += 200000;
    }
    for (unsigned i = 0; i < 1000; i++, b->ns += 1000000) /* the last one, and the sector ahead */
        (void)pw_flashlog_step(&log);
    assert_int_equal(log.next, 46001);
    assert_true(pw_flashlog_count(&log) >= pw_flashlog_capacity(1472, sizeof rec));
    assert_int_equal(pw_flashlog_init(&log, &b->port, &dead, 0x200000, 1472, 2), PW_OK);
    uint64_t bytes = b->n_bytes, steps = 0;
    for (; !pw_flashlog_mounted(&log); steps++)
        (void)pw_flashlog_step(&log);
    bytes = b->n_bytes - bytes;
    assert_int_equal(log.next, 46001);
    uint64_t r = 3, sum = 0;
    for (unsigned i = 0; i < 3000; i++) {
        uint32_t n = log.oldest + (uint32_t)(rnd(&r) % pw_flashlog_count(&log));
        uint64_t from = b->n_bytes;
        assert_int_equal(pw_flashlog_read(&log, n, is, sizeof is, NULL), PW_OK);
        assert_int_equal(is[0], (n - 1) % 251);
        sum += b->n_bytes - from;
        read_most = b->n_bytes - from > read_most ? b->n_bytes - from : read_most;
    }
    uint64_t from = b->n_bytes;
    for (uint32_t n = log.next; n-- > log.next - 3000;)
        assert_int_equal(pw_flashlog_read(&log, n, is, sizeof is, NULL), PW_OK);
    print_message("mount: %llu steps, %llu bytes; step at most %llu bytes; reading at random %llu, at most %llu, in order %llu bytes\n",
                  (unsigned long long)steps, (unsigned long long)bytes, (unsigned long long)step_most, (unsigned long long)(sum / 3000),
                  (unsigned long long)read_most, (unsigned long long)((b->n_bytes - from) / 3000));
    assert_true(step_most <= 300 && read_most <= 1500 && bytes <= 120000);
    assert_int_equal(b->part.n_refused, 0);
    assert_int_equal(dead.n, 0);
    board_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(operations), cmocka_unit_test(ranges), cmocka_unit_test(parts_that_are_not_well),
                                       cmocka_unit_test(a_ring_of_full_size)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
