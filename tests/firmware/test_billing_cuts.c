/* SPDX-License-Identifier: Apache-2.0 */
/* Billing registers with the power cut at any byte of the slow image and around any save of the fast one, and with memory that fails. */
#include "billing_world.h"

static void with_power_cuts(void **state)
{
    (void)state;
    uint64_t cuts = 0;
    for (unsigned i = 0; i < 30; i++) {
        random_run(0x2222 + i, 2000, 3000);
        cuts += w.cuts;
    }
    print_message("%llu cuts\n", (unsigned long long)cuts);
    assert_true(cuts > 2000);
}

/* The same minutes in each run; the power fails at byte `cut`. @return bytes written */
static uint64_t script(long cut, unsigned second_cut)
{
    static const struct pw_slow_layout l = {2, 1u << PW_TQ_WH_DEL | 1u << PW_TQ_VAH_DEL, 3, 1, 2};
    start(7, &l);
    w.bytes = 0;
    w.budget = cut;
    w.hurry = true;
    bool told = true;
    for (unsigned i = 0; i < 170; i++) {
        tick();
        if (i == 20)
            act(PW_BILL_RATE, 1);
        if (i == 62)
            act(PW_BILL_RESET, 0);
        if (i == 63)
            act(PW_BILL_RATE, 2);
        if (i == 100)
            act(PW_BILL_RATE | PW_BILL_CLOSE | PW_BILL_RESET, 0);
        if (i == 122)
            act(PW_BILL_RATE, l.n_rates);
        if (i == 140)
            act(PW_BILL_RATE, 1);
        steps(3);
        if (!w.dead)
            save(told);
        if (w.dead) {
            reboot(3);
            w.budget = second_cut != 0 ? (long)second_cut : -1;
            second_cut = 0;
        }
        if (i % 8 != 0)
            continue;
        if (((w.b.job | w.b.want) & PW_BILL_FORMAT) == 0)
            check_registers();
        check_demand();
    }
    w.budget = -1;
    finish_and_check();
    return w.bytes;
}

static void cut_at_every_byte(void **state)
{
    (void)state;
    long n = (long)script(-1, 0);
    assert_true(w.b.head.generation >= 6 && w.o.closes == 1 && w.o.resets == 2);
    uint64_t cuts = 0;
    for (long cut = 0; cut < n; cut++) {
        (void)script(cut, 0);
        assert_int_equal(w.cuts, 1);
        cuts++;
        if (cut % 3 != 0)
            continue;
        (void)script(cut, 1 + (unsigned)(cut * 37 % 400)); /* and once more while it recovers */
        cuts += w.cuts;
    }
    print_message("%ld bytes, %llu cuts\n", n, (unsigned long long)cuts);
}

/* Cuts right before a save, right after it, and after it without the meter knowing; at every second of a script. */
static void cut_at_every_save(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {3, 0xFF, 4, 1, 13};
    for (unsigned at = 1; at < 200; at++)
        for (unsigned kind = 0; kind < 3; kind++) {
            start(11, &l);
            while (w.b.head.generation == 0)
                steps(1);
            save(true);
            for (unsigned i = 1; i < 240; i++) {
                tick();
                if (i % 20 == 0)
                    act(i % 60 == 0 ? PW_BILL_CLOSE | PW_BILL_RATE : i % 40 == 0 ? PW_BILL_RESET : PW_BILL_RATE, i / 20 % 4);
                steps(10);
                if (i != at || kind != 0)
                    save(i != at || kind == 1);
                if (i == at)
                    reboot(at % 70);
                if (i < at || (i != at && i % 8 != 0))
                    continue;
                check_registers();
                check_demand();
            }
            finish_and_check();
        }
}

static void fails_now_and_then(bool marks)
{
    static const struct pw_slow_layout l = {3, 0x3F, 4, 1, 5};
    start(5, &l);
    w.fail_one_in = 5;
    w.fail_marks = marks;
    while (w.b.head.generation == 0)
        steps(1);
    save(true);
    for (unsigned i = 0; i < 3000; i++) {
        tick();
        if (rnd(&w.seed) % 16 == 0)
            act(PW_BILL_RATE | (rnd(&w.seed) % 8 == 0 ? PW_BILL_CLOSE : 0), (unsigned)(rnd(&w.seed) % 4));
        steps(30);
        save(true);
        if (i % 4 == 0)
            check_registers();
    }
    assert_true(w.b.errors > 100);
    assert_int_equal(w.b.damaged, 0);
}

static void memory_that_fails_now_and_then(void **state)
{
    (void)state;
    fails_now_and_then(false);
    fails_now_and_then(true); /* a job that cannot note its totals does not begin */
}

/* Marks gone in the middle of a job: told, replaced by the totals of then; all that was counted is still there, the next job is as any. */
static void damaged_marks(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {2, 3, 4, 1, 3};
    uint64_t v, left, sum;
    start(21, &l);
    finish_job();
    tick();
    act(PW_BILL_RATE, 1);
    uint64_t at_switch = w.o.acc[1][0][0];
    for (unsigned i = 0; i < 5; i++)
        tick();
    w.slow[PW_SLOW_MARKS_COPY][20 + 3] ^= 4; /* in the second point's: two totals and CRC, 20 bytes each */
    w.flipped = true;
    assert_int_equal(pw_billing_register(&w.b, 1, 0, 0, &left), PW_OK);
    assert_int_equal(w.b.damaged, 1);
    assert_true(left > at_switch && left <= w.o.acc[1][0][0] + w.o.acc[1][0][1]);
    finish_job();
    sum = 0;
    for (unsigned r = 0; r < l.n_rates; r++, sum += v)
        assert_int_equal(pw_billing_register(&w.b, 1, 0, r, &v), PW_OK);
    assert_int_equal(sum, w.o.total[1][0] - w.o.origin[1][0]);
    assert_int_equal(w.b.damaged, 1);
    assert_int_equal(pw_billing_register(&w.b, 0, 0, 0, &v), PW_OK); /* that of the first point was whole */
    assert_int_equal(v, w.o.acc[0][0][0]);
}

/* A memory that takes nothing any more: no job ends, the registers stay right. */
static void memory_that_is_read_only(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {2, 3, 4, 1, 5};
    start(6, &l);
    finish_job();
    w.fail_one_in = 1;
    act(PW_BILL_RATE, 2);
    for (unsigned i = 0; i < 300; i++) {
        tick();
        steps(5);
        save(true);
        if (i == 150)
            reboot(2);
        check_registers();
        check_demand();
    }
    assert_int_equal(pw_billing_begin(&w.b, PW_BILL_RATE, 3, w.o.utc_s), PW_ERR_STATE);
    assert_int_equal(w.b.head.generation, 1);
    w.fail_one_in = 0;
    finish_job();
    check_registers();
    assert_int_equal(w.b.head.generation, 2);
}

/* One flipped bit anywhere: the block of the generation before, or a word of complaint; what the rates add up to is right. */
static void flipped_bits(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {2, 1u << PW_TQ_WH_DEL | 1u << PW_TQ_WH_REC, 4, 1, 3};
    start(8, &l);
    finish_job();
    for (unsigned i = 0; i < 200; i++) {
        tick();
        if (i % 50 == 10)
            act(PW_BILL_RATE, (i / 50 + 1) % 4);
        steps(30);
        save(true);
    }
    finish_job();
    unsigned copy = w.b.head.generation & 1, bits = 8 * pw_slow_size_b(&w.b.slow);
    for (unsigned bit = 0; bit < bits; bit++) {
        w.slow[copy][bit / 8] ^= (uint8_t)(1u << bit % 8);
        w.flipped = true;
        reboot(0);
        w.b.damaged = 0; /* that of the header */
        for (unsigned p = 0; p < l.n_points; p++)
            for (unsigned q = 0; q < 2; q++) {
                uint64_t sum = 0, all = 0, v = 0;
                for (unsigned r = 0; r < l.n_rates; r++) {
                    assert_int_equal(pw_billing_register(&w.b, p, q, r, &v), PW_OK);
                    sum += v;
                }
                assert_int_equal(pw_billing_register(&w.b, p, q, PW_RATE_ALL, &all), PW_OK);
                assert_int_equal(sum, all);
                assert_int_equal(all, w.o.total[p][q] - w.o.origin[p][q]);
            }
        for (unsigned p = 0; p < l.n_points; p++) {
            struct pw_peak peak;
            uint64_t mw;
            assert_int_equal(pw_billing_cumulative(&w.b, p, 0, false, &mw), PW_OK);
            assert_int_equal(pw_billing_past(&w.b, p, 0, 0, &peak), PW_OK);
        }
        if (bit >= 8 * PW_SLOW_HEADER_B)
            assert_true(w.b.damaged > 0);
        w.slow[copy][bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    w.flipped = false;
    reboot(0);
    check_registers();
}

/* Both copies of a block gone: said to who asks, and the next job makes it whole again. */
static void lost_blocks(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {1, 1, 2, 1, 1};
    uint64_t v = 99;
    start(9, &l);
    finish_job();
    act(PW_BILL_RATE, 1);
    finish_job();
    w.slow[0][PW_SLOW_HEADER_B] ^= 1;
    w.slow[1][PW_SLOW_HEADER_B] ^= 1;
    assert_int_equal(pw_billing_register(&w.b, 0, 0, 0, &v), PW_ERR_CRC);
    assert_int_equal(v, 99);
    assert_true(w.b.damaged > 0);
    act(PW_BILL_RATE, 0);
    finish_job();
    assert_int_equal(pw_billing_register(&w.b, 0, 0, PW_RATE_ALL, &v), PW_OK);
    assert_int_equal(v, w.o.total[0][0]);
}

/* A whole block of another generation, or from another place, is no block. */
static void misplaced_blocks(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {2, 3, 4, 1, 3};
    uint8_t buf[PW_SLOW_BLOCK_B] = {1, 2, 3};
    start(16, &l);
    uint32_t point_b = (pw_slow_size_b(&w.b.slow) - PW_SLOW_HEADER_B) / 2, block_b = (uint32_t)pw_slow_data_b(&w.b.slow, 0) + 4;
    assert_int_equal(pw_slow_put(&w.b.slow, 4, 0, 0, buf), PW_OK);
    assert_int_equal(pw_slow_get(&w.b.slow, 4, 0, 0, buf), PW_OK);
    assert_int_equal(pw_slow_get(&w.b.slow, 2, 0, 0, buf), PW_ERR_CRC);
    assert_int_equal(pw_slow_get(&w.b.slow, 6, 0, 0, buf), PW_ERR_CRC);
    uint8_t *at = w.slow[0] + PW_SLOW_HEADER_B;
    memcpy(at + point_b, at, block_b);
    memcpy(at + block_b, at, block_b);
    assert_int_equal(pw_slow_get(&w.b.slow, 4, 1, 0, buf), PW_ERR_CRC);
    assert_int_equal(pw_slow_get(&w.b.slow, 4, 0, 1, buf), PW_ERR_CRC);
    memcpy(w.slow[1], w.slow[0], SLOW_MAX);
    assert_int_equal(pw_slow_get(&w.b.slow, 5, 0, 0, buf), PW_ERR_CRC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_power_cuts), cmocka_unit_test(cut_at_every_byte), cmocka_unit_test(cut_at_every_save),
        cmocka_unit_test(memory_that_fails_now_and_then), cmocka_unit_test(memory_that_is_read_only), cmocka_unit_test(flipped_bits),
        cmocka_unit_test(lost_blocks), cmocka_unit_test(misplaced_blocks), cmocka_unit_test(damaged_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
