/* SPDX-License-Identifier: Apache-2.0 */
/* Ring log: nothing stored is lost, nothing comes twice, wherever the power is cut; bad sectors, bit flips, wear. */
#include "t.h"

#include <stdio.h>

#include "flash_model.h"
#include "flashlog.h"
#include "flashlog_priv.h"

#define BASE (3u * PW_FLASH_SECTOR_B) /* not at 0: what lies before and behind must stay */
#define MAX_RECORDS 20000u

static uint64_t cuts_tried, records_written, running; /* the seed */

struct bench {
    struct flash_model *m;
    struct pw_flash_port port;
    struct pw_flash_dead dead;
    struct pw_flashlog log;
    uint32_t n_sectors, acked;           /* records 1 .. acked were said to be stored */
    uint16_t len[MAX_RECORDS];           /* of each record */
    uint8_t  data[PW_FLASHLOG_MAX_B];
    unsigned n_dead, n_corrupt, n_io, n_fault;
};

static void on_report(void *ctx, enum pw_flashlog_report what, uint32_t detail)
{
    struct bench *b = ctx;
    (void)detail;
    b->n_dead += what == PW_FLASHLOG_DEAD;
    b->n_corrupt += what == PW_FLASHLOG_CORRUPT;
    b->n_io += what == PW_FLASHLOG_IO;
    b->n_fault += what == PW_FLASHLOG_FAULT;
}

static void start(struct bench *b)
{
    assert_int_equal(pw_flashlog_init(&b->log, &b->port, &b->dead, BASE, b->n_sectors, 7), PW_OK);
    b->log.report = on_report;
    b->log.ctx = b;
}

static struct bench *bench_new(uint32_t n_sectors, uint64_t seed)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->m = fm_new(n_sectors + 6, seed);
    memset(b->m->mem, 0x5A, BASE);
    memset(b->m->mem + BASE + n_sectors * PW_FLASH_SECTOR_B, 0xA5, 3 * PW_FLASH_SECTOR_B);
    b->port = fm_port(b->m);
    b->n_sectors = n_sectors;
    start(b);
    return b;
}

static void bench_free(struct bench *b)
{
    for (uint32_t i = 0; i < BASE; i++)
        assert_int_equal(b->m->mem[i], 0x5A);
    for (uint32_t i = 0; i < 3 * PW_FLASH_SECTOR_B; i++)
        assert_int_equal(b->m->mem[BASE + b->n_sectors * PW_FLASH_SECTOR_B + i], 0xA5);
    free(b->m);
    free(b);
}

static void fill(uint32_t number, unsigned len, uint8_t *out)
{
    uint64_t s = number * UINT64_C(0x9E3779B97F4A7C15) + len + 1;
    for (unsigned i = 0; i < len; i++)
        out[i] = (uint8_t)(rnd(&s) >> 32);
}

static void step(struct bench *b)
{
    b->m->step_b = 0;
    (void)pw_flashlog_step(&b->log);
    if (b->m->step_b > b->m->step_b_max)
        b->m->step_b_max = b->m->step_b;
    if (b->log.data == NULL && pw_flashlog_mounted(&b->log) && b->log.next > b->acked + 1) {
        b->acked = b->log.next - 1;
        records_written++;
    }
}

static void mount(struct bench *b)
{
    for (unsigned i = 0; i < 100000 && !pw_flashlog_mounted(&b->log); i++)
        step(b);
    assert_true(pw_flashlog_mounted(&b->log));
}

static void begin(struct bench *b, unsigned len)
{
    assert_true(b->log.next < MAX_RECORDS);
    b->len[b->log.next] = (uint16_t)len;
    fill(b->log.next, len, b->data);
    assert_int_equal(pw_flashlog_append(&b->log, b->data, len), PW_OK);
}

static void append(struct bench *b, unsigned len)
{
    begin(b, len);
    for (unsigned i = 0; i < 100000 && b->log.data != NULL; i++)
        step(b);
    assert_null(b->log.data);
}

static int read_one(struct bench *b, uint32_t n)
{
    static uint8_t is[PW_FLASHLOG_MAX_B], want[PW_FLASHLOG_MAX_B];
    size_t len = 0;
    int err = pw_flashlog_read(&b->log, n, is, sizeof is, &len);
    if (err != PW_OK)
        return err;
    assert_int_equal(len, b->len[n]);
    fill(n, b->len[n], want);
    assert_memory_equal(is, want, len);
    return PW_OK;
}

/* Settled, every record can be read, both ways round. @return damaged ones */
static unsigned read_all(struct bench *b)
{
    unsigned bad = 0;
    for (unsigned i = 0; i < 100000 && (b->log.state != ST_IDLE || b->m->op != 0); i++) {
        if (pw_flashlog_faulted(&b->log))
            break;
        step(b);
        (void)fm_busy(b->m);
    }
    for (uint32_t n = b->log.next; n-- > b->log.oldest;)
        bad += read_one(b, n) != PW_OK;
    for (uint32_t n = b->log.oldest; n < b->log.next; n += 1 + n % 3) {
        int err = read_one(b, n);
        assert_true(err == PW_OK || (err == PW_ERR_CRC && bad > 0));
    }
    uint8_t x;
    assert_int_equal(pw_flashlog_read(&b->log, b->log.next, &x, 1, NULL), PW_ERR_RANGE);
    if (b->log.oldest > 0)
        assert_int_equal(pw_flashlog_read(&b->log, b->log.oldest - 1, &x, 1, NULL), PW_ERR_RANGE);
    return bad;
}

/* After a restart: all that was acknowledged, at most the one that was under way more. */
static void check_restart(struct bench *b)
{
    assert_true(b->log.next == b->acked + 1 || b->log.next == b->acked + 2);
    b->acked = b->log.next - 1;
    assert_int_equal(read_all(b), 0);
    if (b->m->n_erases + 2 <= b->n_sectors && b->log.next > 1)
        assert_int_equal(b->log.oldest, 1);
}

static void cut(struct bench *b)
{
    fm_cut(b->m);
    cuts_tried++;
    start(b);
}

static void keeps_what_it_promises(void **state)
{
    (void)state;
    static const unsigned lens[] = {32, 116, 244, 245, 428, 1000, PW_FLASHLOG_MAX_B};
    for (unsigned i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        struct bench *b = bench_new(8, 1 + i);
        uint32_t cap = pw_flashlog_capacity(8, lens[i]);
        assert_true(cap >= 6);
        mount(b);
        assert_int_equal(pw_flashlog_count(&b->log), 0);
        for (uint32_t n = 0; n < 3 * cap + 5; n++) {
            append(b, lens[i]);
            if (n + 1 >= cap)
                assert_true(pw_flashlog_count(&b->log) >= cap);
        }
        assert_int_equal(read_all(b), 0);
        uint32_t next = b->log.next, oldest = b->log.oldest;
        start(b);
        mount(b);
        assert_int_equal(b->log.next, next);
        assert_true(b->log.oldest >= oldest && next - b->log.oldest >= cap);
        assert_int_equal(read_all(b), 0);
        assert_true(b->m->step_b_max <= PW_FLASH_PAGE_B + 64 || lens[i] > 244);
        bench_free(b);
    }
}

static void bad_arguments(void **state)
{
    (void)state;
    struct bench *b = bench_new(4, 1);
    uint8_t x[4] = {0};
    struct pw_flashlog l;
    assert_int_equal(pw_flashlog_init(&l, &b->port, &b->dead, 100, 8, 0), PW_ERR_RANGE);
    assert_int_equal(pw_flashlog_init(&l, &b->port, &b->dead, 0, 3, 0), PW_ERR_RANGE);
    assert_int_equal(pw_flashlog_init(&l, &b->port, &b->dead, 0, 16385, 0), PW_ERR_RANGE);
    assert_int_equal(pw_flashlog_append(&b->log, x, 4), PW_ERR_STATE);
    assert_int_equal(pw_flashlog_read(&b->log, 1, x, 4, NULL), PW_ERR_STATE);
    mount(b);
    assert_int_equal(pw_flashlog_append(&b->log, x, 0), PW_ERR_SIZE);
    assert_int_equal(pw_flashlog_append(&b->log, x, PW_FLASHLOG_MAX_B + 1), PW_ERR_SIZE);
    assert_int_equal(pw_flashlog_append(&b->log, x, 4), PW_OK);
    assert_int_equal(pw_flashlog_append(&b->log, x, 4), PW_ERR_STATE);
    bench_free(b);
}

/* A script of records of two sizes around the ring; the power goes in every step of it, once. */
static void cut_in_every_step(void **state)
{
    (void)state;
    static const unsigned lens[2] = {116, 428};
    for (unsigned k = 1, done = 0; !done; k++) {
        struct bench *b = bench_new(5, 1000 + k);
        unsigned steps = 0, n = 0;
        running = 1000 + k;
        while (steps < k && n < 130) {
            if (pw_flashlog_ready(&b->log))
                begin(b, lens[n++ / 40 % 2]);
            step(b);
            steps++;
        }
        done = n >= 130;
        cut(b);
        mount(b);
        check_restart(b);
        append(b, 116);
        append(b, 116);
        assert_int_equal(read_all(b), 0);
        assert_int_equal(b->m->n_weak, 0); /* nothing over what was torn */
        bench_free(b);
    }
}

static void random_run(uint64_t seed, bool bad_sectors)
{
    struct bench *b = bench_new(4 + (uint32_t)(seed % 5) + (bad_sectors ? 4 : 0), seed);
    uint64_t r = seed * 77 + 5;
    unsigned lens[2] = {8 + (unsigned)(rnd(&r) % 240), 8 + (unsigned)(rnd(&r) % 700)};
    for (unsigned i = 0; bad_sectors && i < 3; i++) {
        uint64_t sector = 3 + rnd(&r) % b->n_sectors;
        if (rnd(&r) % 2)
            b->m->bad_erase[sector] = true;
        else
            b->m->bad_program[sector] = (uint8_t)(1 + rnd(&r) % 2);
    }
    for (unsigned c = 0; c < 12; c++) {
        unsigned most = rnd(&r) % 3 == 0 ? 30 : 3000; /* many fall into recovery */
        unsigned steps = (unsigned)(rnd(&r) % most);
        if (rnd(&r) % 8 == 0)
            b->m->io_fail = (unsigned)(rnd(&r) % 20);
        for (unsigned i = 0; i < steps; i++) {
            if (pw_flashlog_ready(&b->log) && b->log.next < MAX_RECORDS - 1 && rnd(&r) % 4 == 0)
                begin(b, lens[rnd(&r) % 40 == 0]);
            step(b);
        }
        bool was_mounted = pw_flashlog_mounted(&b->log);
        cut(b);
        if (!was_mounted && rnd(&r) % 2)
            continue; /* cut again before anybody could look */
        mount(b);
        check_restart(b);
    }
    assert_int_equal(b->n_fault, 0);
    if (!bad_sectors)
        assert_int_equal(b->dead.n, 0); /* weak pages are no dead sectors */
    bench_free(b);
}

static void random_cuts(void **state)
{
    (void)state;
    for (running = 1; running <= 900; running++)
        random_run(running, running % 3 == 0);
}

static void show_seed(const char *what)
{
    print_message("%s: seed %llu\n", what, (unsigned long long)running);
}

static int teardown(void **state)
{
    (void)state;
    show_seed("last");
    print_message("cuts %llu, records %llu\n", (unsigned long long)cuts_tried, (unsigned long long)records_written);
    return 0;
}

static void dead_sectors_are_left_out(void **state)
{
    (void)state;
    struct bench *b = bench_new(12, 3);
    b->m->bad_erase[BASE / PW_FLASH_SECTOR_B + 2] = true;
    b->m->bad_program[BASE / PW_FLASH_SECTOR_B + 5] = 1;
    mount(b);
    for (unsigned n = 0; n < 1200; n++)
        append(b, 116);
    assert_int_equal(b->n_dead, 2); /* once each: the list keeps them */
    assert_int_equal(b->dead.n, 2);
    assert_true(b->dead.changed);
    assert_int_equal(read_all(b), 0);
    assert_true(pw_flashlog_count(&b->log) >= 8 * 30);
    uint8_t packed[PW_FLASH_DEAD_SIZE_B];
    pw_flash_dead_pack(&b->dead, packed);
    uint64_t before = b->m->erases[5] + b->m->erases[8];
    assert_int_equal(pw_flash_dead_unpack(&b->dead, packed), PW_OK);
    start(b);
    mount(b);
    for (unsigned n = 0; n < 600; n++)
        append(b, 116);
    assert_int_equal(b->m->erases[5] + b->m->erases[8], before);
    packed[4] ^= 1;
    assert_int_equal(pw_flash_dead_unpack(&b->dead, packed), PW_ERR_CRC);
    assert_int_equal(b->dead.n, 0);
    bench_free(b);
}

/* More of them than in a row would make a fault. */
static void an_old_flash_goes_on(void **state)
{
    (void)state;
    struct bench *b = bench_new(40, 15);
    for (unsigned i = 0; i < 12; i++)
        b->m->bad_program[4 + 3 * i] = (uint8_t)(1 + i % 2);
    mount(b);
    for (unsigned n = 0; n < 2500; n++)
        append(b, 116);
    assert_int_equal(b->n_dead, 12);
    assert_int_equal(b->n_fault, 0);
    assert_int_equal(read_all(b), 0);
    bench_free(b);
}

static void a_full_dead_list(void **state)
{
    (void)state;
    struct bench *b = bench_new(60, 17);
    for (unsigned i = 0; i < 18; i++)
        b->m->bad_program[4 + 3 * i] = 1;
    mount(b);
    for (unsigned n = 0; n < 2500; n++)
        append(b, 116);
    assert_int_equal(b->dead.n, PW_FLASH_DEAD_MAX);
    assert_true(b->dead.unlisted >= 2); /* tried in vain each time round */
    assert_int_equal(b->n_fault, 0);
    assert_int_equal(read_all(b), 0);
    bench_free(b);
}

static void broken(uint8_t how)
{
    struct bench *b = bench_new(30, 5);
    mount(b);
    for (unsigned n = 0; n < 900; n++)
        append(b, 116);
    uint32_t oldest = b->log.oldest;
    for (unsigned i = 0; i < FM_SECTORS; i++)
        b->m->bad_program[i] = how;
    begin(b, 116);
    for (unsigned i = 0; i < 100000; i++)
        step(b);
    assert_true(pw_flashlog_faulted(&b->log));
    assert_int_equal(b->n_fault, 1);
    assert_true(b->log.oldest <= oldest + (PW_FLASHLOG_MAX_FAILS + 2) * 30);
    assert_int_equal(read_all(b), 0);
    bench_free(b);
}

static void a_broken_flash_is_not_emptied(void **state)
{
    (void)state;
    broken(1);
    broken(2);
}

static void bit_flips_are_told_and_skipped(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed < 60; seed++) {
        struct bench *b = bench_new(6, seed);
        uint64_t r = seed;
        mount(b);
        for (unsigned n = 0; n < 200; n++)
            append(b, seed % 2 ? 32 : 116);
        start(b);
        mount(b);
        assert_int_equal(read_all(b), 0);
        uint32_t count = pw_flashlog_count(&b->log), corrupt = b->log.corrupt;
        /* one bit of one record in a full sector, and one of each sector's first header */
        struct pw_flashlog_header h;
        assert_int_equal(pw_flashlog_header(&b->log, b->log.tail_seq % 6, &h), PW_OK);
        uint32_t at = pw_flashlog_addr(&b->log, h.seq) + slot_offset(h.slot_b, 7) + (uint32_t)(rnd(&r) % h.slot_b);
        b->m->mem[at] ^= (uint8_t)(1u << rnd(&r) % 8);
        for (uint32_t s = 0; s < 6; s++)
            b->m->mem[BASE + s * PW_FLASH_SECTOR_B + rnd(&r) % 24] ^= (uint8_t)(1u << rnd(&r) % 8);
        start(b);
        mount(b);
        assert_int_equal(pw_flashlog_count(&b->log), count);
        assert_int_equal(read_all(b), 1);
        assert_true(b->log.corrupt >= 1 && b->n_corrupt >= corrupt + 1);
        bench_free(b);
    }
}

static void flash_that_does_not_answer(void **state)
{
    (void)state;
    struct bench *b = bench_new(5, 9);
    b->m->io_fail = 40;
    mount(b);
    assert_int_equal(b->n_io, 1);
    b->m->io_fail = 300;
    append(b, 100);
    assert_int_equal(b->n_io, 2);
    assert_int_equal(read_all(b), 0);
    assert_int_equal(b->dead.n, 0);
    bench_free(b);
}

static void erases_are_counted(void **state)
{
    (void)state;
    struct bench *b = bench_new(5, 11);
    mount(b);
    for (unsigned n = 0; n < 4000; n++) {
        append(b, 116);
        if (n % 97 == 0) {
            cut(b);
            mount(b);
            b->acked = b->log.next - 1;
        }
    }
    uint32_t most = 0, least = UINT32_MAX;
    for (unsigned s = 3; s < 8; s++) {
        most = b->m->erases[s] > most ? b->m->erases[s] : most;
        least = b->m->erases[s] < least ? b->m->erases[s] : least;
    }
    assert_in_range(b->log.erases_max, most - 3, most + 3);
    assert_true(most - least <= 4); /* levelled */
    bench_free(b);
}

static void another_layout_is_not_read(void **state)
{
    (void)state;
    struct bench *b = bench_new(6, 13);
    mount(b);
    for (unsigned n = 0; n < 100; n++)
        append(b, 116);
    assert_int_equal(pw_flashlog_init(&b->log, &b->port, &b->dead, BASE, 6, 8), PW_OK); /* another log */
    mount(b);
    assert_int_equal(b->log.next, 1);
    assert_int_equal(pw_flashlog_init(&b->log, &b->port, &b->dead, BASE, 5, 7), PW_OK); /* another size */
    mount(b);
    assert_int_equal(b->log.next, 1);
    start(b);
    mount(b);
    assert_int_equal(b->log.next, 101);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_it_promises), cmocka_unit_test(bad_arguments), cmocka_unit_test_teardown(cut_in_every_step, teardown),
        cmocka_unit_test_teardown(random_cuts, teardown), cmocka_unit_test(dead_sectors_are_left_out),
        cmocka_unit_test(an_old_flash_goes_on), cmocka_unit_test(a_full_dead_list),
        cmocka_unit_test(a_broken_flash_is_not_emptied), cmocka_unit_test(bit_flips_are_told_and_skipped),
        cmocka_unit_test(flash_that_does_not_answer), cmocka_unit_test(erases_are_counted), cmocka_unit_test(another_layout_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
