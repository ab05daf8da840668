/* SPDX-License-Identifier: Apache-2.0 */
/* Billing registers against an oracle, demand resets, layouts, what the display shows. */
#include "billing_world.h"

static void registers_are_the_oracle(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        random_run(0x1111 + i, 2000, 0);
}

static void resets_and_lock_out(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {1, 1, 1, 1, 13};
    start(10, &l);
    w.lock_min = 30;
    build();
    assert_int_equal(pw_billing_load(&w.b, w.fast.billing), PW_OK);
    finish_job();
    assert_int_equal(pw_billing_reset(&w.b, PW_RESET_KEY, 1), PW_OK);
    finish_job();
    for (unsigned s = 0; s < 1800; s += 10) {
        assert_int_equal(pw_billing_reset(&w.b, PW_RESET_BUTTON, 2), PW_ERR_STATE);
        pw_billing_passed(&w.b, 10000);
        if (s == 900) { /* the lock-out survives a power cut */
            save(true);
            build();
            assert_int_equal(pw_billing_load(&w.b, w.fast.billing), PW_OK);
        }
    }
    assert_int_equal(w.b.refused, 180);
    assert_int_equal(w.b.head.resets, 1);
    assert_int_equal(w.b.head.reset_utc_s, 1);
    assert_int_equal(pw_billing_reset(&w.b, PW_RESET_COMMAND, 3), PW_OK);
    finish_job();
    assert_int_equal(pw_billing_reset(&w.b, PW_RESET_SCHEDULE, 4), PW_OK);
    finish_job();
    assert_int_equal(w.b.head.resets, 3);
}

static void a_second_job_waits_for_the_save(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {1, 1, 4, 0, 1};
    start(12, &l);
    finish_job();
    act(PW_BILL_RATE, 1);
    while (pw_billing_step(&w.b))
        ;
    assert_int_equal(w.b.head.generation, 2);
    tick();
    act(PW_BILL_RATE, 2); /* its moment counts, though it cannot be written yet */
    assert_int_equal(pw_billing_rate(&w.b), 2);
    tick();
    assert_false(pw_billing_step(&w.b));
    check_registers();
    save(true);
    while (pw_billing_step(&w.b))
        ;
    assert_int_equal(w.b.head.generation, 3);
    check_registers();
    assert_int_equal(pw_billing_begin(&w.b, PW_BILL_RATE, 4, 0), PW_ERR_RANGE);
    assert_int_equal(pw_billing_begin(&w.b, 0, 0, 0), PW_ERR_RANGE);
}

static void another_layout_is_told(void **state)
{
    (void)state;
    struct pw_slow_layout l = {2, 3, 4, 1, 5};
    start(13, &l);
    finish_job();
    w.layout.n_rates = 5;
    build();
    assert_int_equal(pw_billing_load(&w.b, w.fast.billing), PW_ERR_VERSION);
    format();
    finish_job();
    tick();
    check_registers();
    w.layout.n_past = 0;
    struct pw_totals t = {total, NULL};
    struct pw_slow_io io = {io_read, io_write, NULL};
    assert_int_equal(pw_billing_init(&w.b, &io, &w.layout, &t, &w.d, 0, NULL, NULL), PW_ERR_RANGE);
}

/* The newest fast image is lost, and with it the last seconds of the totals; or all of them are. */
static void older_fast_image_or_none(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {2, 3, 4, 1, 5};
    start(15, &l);
    finish_job();
    for (unsigned i = 0; i < 40; i++)
        tick();
    save(true);
    struct fast old = w.fast;
    struct oracle old_o = w.o;
    tick();
    uint64_t at_switch = w.o.total[0][0] - w.o.origin[0][0], v, sum = 0;
    act(PW_BILL_RATE, 2);
    finish_job();
    act(PW_BILL_RATE, 3); /* has begun to write over the copy that the old fast image refers to */
    steps(2);
    for (unsigned none = 0; none < 2; none++) {
        w.o = old_o;
        build();
        assert_int_equal(pw_billing_load(&w.b, none ? NULL : old.billing), PW_OK);
        assert_int_equal(w.b.damaged, !none);
        assert_int_equal(pw_billing_rate(&w.b), 2);
        assert_int_equal(pw_billing_register(&w.b, 0, 0, 2, &v), PW_OK);
        assert_int_equal(v, 0); /* not below */
        assert_int_equal(pw_billing_register(&w.b, 0, 0, 0, &v), PW_OK);
        assert_int_equal(v, at_switch);
        for (unsigned i = 0; i < 10; i++)
            tick();
        sum = 0;
        for (unsigned r = 0; r < 4; r++) {
            assert_int_equal(pw_billing_register(&w.b, 0, 0, r, &v), PW_OK);
            sum += v;
        }
        assert_int_equal(sum, w.o.total[0][0] - w.o.origin[0][0]);
    }
}

static void net_values(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {1, 0x3F, 2, 0, 1};
    start(14, &l);
    finish_job();
    for (unsigned i = 0; i < 500; i++) {
        int64_t net;
        tick();
        if (i % 100 == 50) {
            act(PW_BILL_RATE, i / 100 % 2);
            finish_job();
        }
        for (unsigned r = 0; r < 2; r++) {
            const uint64_t (*a)[MAX_BUCKET] = w.o.acc[0];
            assert_int_equal(pw_billing_net(&w.b, 0, false, r, &net), PW_OK);
            assert_true(net == (int64_t)(a[PW_TQ_WH_DEL][r] - a[PW_TQ_WH_REC][r]));
            assert_int_equal(pw_billing_net(&w.b, 0, true, r, &net), PW_OK);
            assert_true(net == (int64_t)(a[2][r] + a[3][r] - a[4][r] - a[5][r]));
        }
    }
    int64_t same = 7;
    assert_int_equal(pw_billing_net(&w.b, 1, false, 0, &same), PW_ERR_RANGE);
    assert_int_equal(same, 7);
}

static void shown_as_real_registers_do(void **state)
{
    (void)state;
    char text[12];
    uint64_t s = 99;
    assert_int_equal(pw_register_shown(UINT64_C(99999999999999), 5, 0), 99999);
    assert_int_equal(pw_register_shown(UINT64_C(100000000000000), 5, 0), 0);
    assert_int_equal(pw_register_shown(UINT64_C(999999), 5, 3), 0);
    pw_register_text(text, INT64_C(1234567899999), 6, 2);
    assert_string_equal(text, "1234.56");
    pw_register_text(text, -INT64_C(1234567899999), 6, 0);
    assert_string_equal(text, "-001234");
    pw_register_text(text, -999, 5, 3);
    assert_string_equal(text, "00.000");
    for (unsigned i = 0; i < 200000; i++) {
        uint64_t v = rnd(&s) >> (1 + rnd(&s) % 50);
        unsigned digits = 4 + (unsigned)(rnd(&s) % 6), decimals = (unsigned)(rnd(&s) % 4);
        char all[40], kept[40];
        snprintf(all, sizeof all, "%030llu", (unsigned long long)v); /* uWh; kWh are 9 digits further up */
        all[30 - 9 + decimals] = '\0';
        const char *tail = all + strlen(all) - digits;
        if (decimals > 0)
            snprintf(kept, sizeof kept, "%.*s.%s", (int)(digits - decimals), tail, tail + digits - decimals);
        else
            snprintf(kept, sizeof kept, "%s", tail);
        pw_register_text(text, (int64_t)v, digits, decimals);
        assert_string_equal(text, kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_are_the_oracle), cmocka_unit_test(resets_and_lock_out),
        cmocka_unit_test(a_second_job_waits_for_the_save), cmocka_unit_test(another_layout_is_told), cmocka_unit_test(older_fast_image_or_none),
        cmocka_unit_test(net_values),
        cmocka_unit_test(shown_as_real_registers_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
