/* SPDX-License-Identifier: Apache-2.0 */
/* FRAM driver: both sizes, what the size is found by, parts that are not what their id says; and the simulation's model of the part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fake.h"
#include "fram.h"
#include "fram_map.h"
#include "pw_masks.h"
#include "pw_regs.h"
#include "sim/parts/fram_part.h"

static struct fake f;
static struct pw_spi spi;
static struct pw_fram fram;
static uint8_t before[sizeof f.fram];

static int start(void)
{
    pw_spi_init(&spi, &f.hal, 1, 25000000, 12500000);
    return pw_fram_init(&fram, &spi, 0);
}

static void fill(unsigned seed)
{
    srand(seed);
    for (size_t i = 0; i < sizeof f.fram; i++)
        f.fram[i] = (uint8_t)rand();
    memcpy(before, f.fram, sizeof before);
}

/* Only the driver's own bytes may differ. */
static void assert_untouched(void)
{
    before[PW_FRAM_PROBE] = f.fram[PW_FRAM_PROBE];
    for (unsigned i = 0; i < 2; i++)
        before[PW_FRAM_PROBE_SMALL + i] = f.fram[PW_FRAM_PROBE_SMALL + i];
    assert_memory_equal(before, f.fram, sizeof before);
}

/* Random accesses against a plain array. @param mem  what the part holds */
static void use(uint32_t size_b, const uint8_t *mem)
{
    static uint8_t want[sizeof f.fram], buf[600];
    memcpy(want, mem, size_b);
    for (unsigned n = 0; n < 3000; n++) {
        size_t len = (size_t)rand() % sizeof buf;
        uint32_t at = (uint32_t)rand() % (size_b + 50);
        if (n % 4 == 0)
            at = size_b - (uint32_t)rand() % 700; /* across the end */
        bool ok = at <= size_b && len <= size_b - at;
        for (size_t i = 0; i < len; i++)
            buf[i] = (uint8_t)rand();
        if (n % 2 == 0) {
            assert_int_equal(pw_fram_write(&fram, at, buf, len), ok ? PW_OK : PW_ERR_RANGE);
            if (ok)
                memcpy(want + at, buf, len);
        } else {
            assert_int_equal(pw_fram_read(&fram, at, buf, len), ok ? PW_OK : PW_ERR_RANGE);
            if (ok)
                assert_memory_equal(buf, want + at, len);
        }
        if (n % 64 == 0)
            assert_memory_equal(mem, want, size_b);
    }
    assert_memory_equal(mem, want, size_b);
}

static void both_sizes(void **state)
{
    (void)state;
    for (unsigned small = 0; small < 2; small++) {
        fake_init(&f, 24);
        fake_fram(&f, small ? PW_FRAM_SMALL_B : PW_FRAM_SIZE_B);
        fill(1 + small);
        assert_int_equal(start(), PW_OK);
        assert_int_equal(fram.size_b, small ? 32768 : 131072);
        assert_int_equal(fram.id_size_b, fram.size_b);
        assert_int_equal(fram.addr_b, small ? 2 : 3);
        assert_untouched();
        use(fram.size_b, f.fram);
        assert_int_equal(start(), PW_OK); /* whatever it holds */
        assert_int_equal(pw_fram_read(&fram, UINT32_MAX, before, 2), PW_ERR_RANGE);
        assert_int_equal(pw_fram_read(&fram, 0, before, SIZE_MAX), PW_ERR_RANGE);
    }
}

/* Whatever the probes find where they look, they come to the same, and put it back. */
static void contents(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 4000; n++) {
        bool small = n % 2 != 0;
        fake_init(&f, 24);
        fake_fram(&f, small ? PW_FRAM_SMALL_B : PW_FRAM_SIZE_B);
        const uint32_t at[] = {0x1FE80, 0x1FE00, 0x0FE80, 0x7FFE, 0x7FFF, 0x3FFF, 0x3FFE, 0, 0x01FF, 0x0200};
        for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++)
            f.fram[at[i]] = (uint8_t)(n / 2 >> i & 1 ? rand() % 4 : 0);
        memcpy(before, f.fram, sizeof before);
        assert_int_equal(start(), PW_OK);
        assert_int_equal(fram.size_b, small ? 32768 : 131072);
        if (!small)
            assert_memory_equal(before, f.fram, sizeof before); /* even its own byte */
        assert_untouched();
    }
}

struct kind {
    uint32_t size_b;
    uint8_t  addr_b, id[9];
    int      want;
    uint32_t want_size_b, want_id_b;
};

#define CYPRESS(d) {0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xC2, (d), 0}
static const struct kind kinds[] = {
    {131072, 3, {0x04, 0x7F, 0x27, 0x03}, PW_OK, 131072, 131072},         /* MB85RS1MT */
    {32768, 2, {0x04, 0x7F, 0x05, 0x09}, PW_OK, 32768, 32768},            /* MB85RS256B */
    {131072, 3, {0}, PW_OK, 131072, 0},                                   /* no id */
    {32768, 2, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, PW_OK, 32768, 0},
    {65536, 2, CYPRESS(0x23), PW_OK, 32768, 65536},                       /* FM25V05: used as a small one */
    {131072, 3, CYPRESS(0x25), PW_OK, 131072, 262144},                    /* says 256 KiB */
    {32768, 2, CYPRESS(0x24), PW_OK, 32768, 131072},                      /* a small one that says 128 KiB */
    {131072, 3, CYPRESS(0x22), PW_OK, 32768, 32768},                      /* a large one that says 32 KiB */
    {65536, 3, CYPRESS(0x24), PW_ERR_SIZE, 0, 131072},                    /* 64 KiB that says 128 */
    {16384, 2, CYPRESS(0x22), PW_ERR_SIZE, 0, 32768},
    {8192, 2, {0x04, 0x7F, 0x03, 0x02}, PW_ERR_SIZE, 0, 8192},            /* MB85RS64 */
    {131072, 3, CYPRESS(0x21), PW_ERR_SIZE, 0, 16384},
    {32768, 2, CYPRESS(0x3F), PW_OK, 32768, 0},                           /* density out of range: unknown */
    {32768, 2, CYPRESS(0x44), PW_OK, 32768, 0},                           /* another family */
};

static void other_parts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct kind *k = &kinds[i];
        fake_init(&f, 24);
        fill(100 + i);
        f.fram_size_b = k->size_b;
        f.fram_addr_b = k->addr_b;
        memcpy(f.fram_id, k->id, sizeof f.fram_id);
        int err = start();
        if (err != k->want || fram.size_b != k->want_size_b || fram.id_size_b != k->want_id_b)
            fail_msg("part %u: error %d, %u bytes, by its id %u", i, err, fram.size_b, fram.id_size_b);
        assert_int_equal(pw_fram_read(&fram, 0, before, 1), err == PW_OK ? PW_OK : PW_ERR_RANGE);
        if (err == PW_OK) {
            fill(100 + i);
            assert_int_equal(start(), PW_OK);
            assert_untouched();
            use(fram.size_b, f.fram);
        }
    }
}

static void broken(void **state)
{
    (void)state;
    fake_init(&f, 24);
    f.no_fram = true;
    assert_int_equal(start(), PW_ERR_IO);
    assert_int_equal(fram.size_b, 0);
    f.no_fram = false;
    f.fram_cut = 0; /* keeps nothing */
    assert_int_equal(start(), PW_ERR_IO);
    assert_int_equal(fram.size_b, 0);
    f.fram_cut = -1;
    f.spi_stuck = true;
    assert_int_equal(start(), PW_ERR_IO);
    f.spi_stuck = false;
    assert_int_equal(start(), PW_OK);
    f.spi_stuck = true;
    assert_int_equal(pw_fram_read(&fram, 0, before, 4), PW_ERR_IO);
    assert_int_equal(pw_fram_write(&fram, 0, before, 4), PW_ERR_IO);
}

/* The power fails at each byte that the start writes: nothing but the driver's bytes has changed, and the next start is the same as ever. */
static void cuts_at_start(void **state)
{
    (void)state;
    for (unsigned small = 0; small < 2; small++) {
        for (long cut = 0; cut < 8; cut++) {
            fake_init(&f, 24);
            fake_fram(&f, small ? PW_FRAM_SMALL_B : PW_FRAM_SIZE_B);
            fill((unsigned)cut);
            f.fram_cut = cut;
            int err = start();
            assert_true(err == PW_OK || err == PW_ERR_IO);
            assert_untouched();
            f.fram_cut = -1;
            assert_int_equal(start(), PW_OK);
            assert_int_equal(fram.size_b, small ? 32768 : 131072);
            assert_untouched();
        }
    }
}

/* ---- the simulation's part behind the same driver ---- */
static struct pw_frampart part;
static struct pw_spi_part pins;
static uint32_t ctrl, data;

static void part_write32(void *ctx, uint32_t addr, uint32_t value)
{
    (void)ctx;
    if (addr == PW_SPI_CTRL_BASE_ADDR(1)) {
        bool was = (ctrl & PW_SPI__CTRL__CS_bm) != 0, is = (value & PW_SPI__CTRL__CS_bm) != 0;
        ctrl = value;
        if (was != is)
            pins.select(pins.ctx, is);
        return;
    }
    data = 0;
    for (unsigned i = ((ctrl & PW_SPI__CTRL__LEN_bm) >> PW_SPI__CTRL__LEN_bp) + 1; i-- > 0;) {
        data = data << 8 | pins.out(pins.ctx);
        pins.in(pins.ctx, (uint8_t)(value >> 8 * i));
    }
}

static uint32_t part_read32(void *ctx, uint32_t addr)
{
    (void)ctx;
    return addr == PW_SPI_DATA_BASE_ADDR(1) ? data : 0;
}

static void simulated_part(void **state)
{
    (void)state;
    const struct pw_hal hal = {.read32 = part_read32, .write32 = part_write32};
    char err[100];
    for (unsigned small = 0; small < 2; small++) {
        assert_int_equal(pw_frampart_open(&part, NULL, small ? PW_FRAMPART_SMALL : 0, NULL, err, sizeof err), 0);
        pins = pw_frampart_spi(&part);
        ctrl = 0;
        pw_spi_init(&spi, &hal, 1, 25000000, 12500000);
        assert_int_equal(pw_fram_init(&fram, &spi, 0), PW_OK);
        assert_int_equal(fram.size_b, small ? 32768 : 131072);
        assert_int_equal(fram.id_size_b, fram.size_b);
        assert_int_equal(part.n_refused, 0);
        use(fram.size_b, part.mem);
        for (unsigned bp = 1; bp < 4; bp++) { /* write protected: cannot be used */
            part.status = (uint8_t)(bp << 2);
            assert_int_equal(pw_fram_init(&fram, &spi, 0), PW_ERR_IO);
        }
        pw_frampart_close(&part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sizes), cmocka_unit_test(contents), cmocka_unit_test(other_parts),
        cmocka_unit_test(broken), cmocka_unit_test(cuts_at_start), cmocka_unit_test(simulated_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
