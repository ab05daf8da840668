/* SPDX-License-Identifier: Apache-2.0 */
/* Clock, chip driver and I2C lines against the model of the chip (sim/parts/rtc_part.c, written from its data sheet). */
#include "t.h"

#include "clock.h"
#include "pw_regs.h"
#include "sim/parts/rtc_part.h"

#define S2026 UINT32_C(847584000) /* 2026-11-10 00:00:00 */

static struct pw_rtcpart chip;
static struct pw_clock clk;
static uint64_t now_ns, timer_ns;  /* the world's time, and the system timer's */
static int64_t timer_ppb;          /* how fast the system timer is */
static uint32_t out;
static bool sda_stuck;

static void lines(void)
{
    bool level = pw_rtcpart_lines(&chip, out & 1, out >> 1 & 1);
    (void)level;
}

static uint32_t read32(void *ctx, uint32_t addr)
{
    (void)ctx;
    if (addr == PW_I2C_OUT_BASE_ADDR)
        return out;
    assert_int_equal(addr, PW_I2C_IN_BASE_ADDR);
    return (out & 1) | (unsigned)(chip.sda && !sda_stuck && (out & 2)) << 1;
}

static void write32(void *ctx, uint32_t addr, uint32_t v)
{
    (void)ctx;
    assert_int_equal(addr, PW_I2C_OUT_BASE_ADDR);
    out = v;
    lines();
}

static uint64_t uptime(void *ctx)
{
    (void)ctx;
    return timer_ns / 1000;
}

static const struct pw_hal hal = {.read32 = read32, .write32 = write32, .uptime_us = uptime};

static void pass(uint64_t ns)
{
    now_ns += ns;
    timer_ns += ns + (uint64_t)((int64_t)(ns / 1000) * timer_ppb / 1000000);
}

/* Passes of the main loop of 40 us for a while, then long ones while the clock has nothing to do. */
static void run_s(double s)
{
    uint64_t end = now_ns + (uint64_t)(s * 1e9);
    while (now_ns < end) {
        bool busy = pw_clock_step(&clk) || clk.write_chip || clk.job != 0;
        pass(busy ? 40000 : 5000000);
    }
}

static int setup(void **state)
{
    (void)state;
    now_ns = 1000000;
    timer_ns = 0;
    timer_ppb = 0;
    out = 3;
    sda_stuck = false;
    pw_rtcpart_init(&chip, &now_ns);
    return 0;
}

static void check_event(enum pw_clock_event want)
{
    uint32_t a, b;
    assert_int_equal(pw_clock_take_event(&clk, &a, &b), want);
    assert_int_equal(pw_clock_take_event(&clk, &a, &b), PW_CLOCK_EV_NONE);
}

static void starts_from_the_chip_on_its_second(void **state)
{
    (void)state;
    pw_rtcpart_set(&chip, S2026);
    pass(377 * 1000000); /* in the middle of a second */
    pw_clock_init(&clk, &hal);
    run_s(3);
    assert_int_equal(clk.state, PW_CLOCK_RUNNING);
    check_event(PW_CLOCK_EV_STARTED);
    uint32_t us, s = pw_clock_now(&clk, &us);
    double true_s = S2026 + (double)(now_ns - 1000000) * 1e-9;
    assert_true(s + us * 1e-6 > true_s - 0.06 && s + us * 1e-6 < true_s + 0.001);
}

/* The chip goes on while it is read: what was read across its midnight is a day wrong, whichever moment of the second it is. */
static void midnight_while_it_is_read(void **state)
{
    for (unsigned phase_us = 1000; phase_us < 61000; phase_us += 97) {
        setup(state);
        pw_rtcpart_set(&chip, S2026 - 2); /* before midnight, UTC */
        pass((1000000u + phase_us) * UINT64_C(1000)); /* 23:59:59, so that midnight is the edge that is looked for */
        pw_clock_init(&clk, &hal);
        run_s(4);
        assert_int_equal(clk.state, PW_CLOCK_RUNNING);
        double true_s = S2026 - 2 + (double)(now_ns - 1000000) * 1e-9;
        assert_true(pw_clock_now(&clk, NULL) > true_s - 1.1 && pw_clock_now(&clk, NULL) <= true_s);
    }
}

static void set_chip_keeps_it_over_a_power_cut(void **state)
{
    (void)state;
    pw_clock_init(&clk, &hal);
    run_s(1);
    assert_int_equal(clk.state, PW_CLOCK_UNSET);
    check_event(PW_CLOCK_EV_STOPPED);
    assert_false(pw_clock_valid(&clk));
    assert_int_equal(pw_clock_set(&clk, S2026, 250000), PW_OK);
    check_event(PW_CLOCK_EV_SET);
    run_s(3);
    pw_rtcpart_power(&chip, false);
    now_ns += UINT64_C(36) * 3600 * 1000000000; /* 36 h without supply */
    pw_rtcpart_power(&chip, true);
    timer_ns = 0;
    pw_clock_init(&clk, &hal);
    run_s(3);
    assert_int_equal(clk.state, PW_CLOCK_RUNNING);
    uint32_t want = S2026 + 6 + 36 * 3600, is = pw_clock_now(&clk, NULL);
    assert_in_range(is, want - 1, want + 1);
    struct pw_mcp7940_time t;
    assert_true(pw_mcp7940_read(&clk.chip));
    while (pw_mcp7940_step(&clk.chip))
        pass(20000);
    assert_int_equal(pw_mcp7940_get(&clk.chip, &t), PW_OK);
    assert_true(t.power_failed && t.battery && t.running && t.valid);
}

static void impossible_times(void **state)
{
    (void)state;
    pw_rtcpart_set(&chip, S2026);
    pw_clock_init(&clk, &hal);
    run_s(2);
    assert_int_equal(pw_clock_set(&clk, PW_UTC_END, 0), PW_ERR_RANGE);
    assert_int_equal(pw_clock_set(&clk, 0, 1000000), PW_ERR_RANGE);
    assert_in_range(pw_clock_now(&clk, NULL), S2026, S2026 + 3);
}

static void no_chip_and_a_chip_that_comes_later(void **state)
{
    (void)state;
    chip.present = false;
    pw_clock_init(&clk, &hal);
    run_s(2);
    assert_int_equal(clk.state, PW_CLOCK_NO_CHIP);
    check_event(PW_CLOCK_EV_NO_CHIP);
    assert_int_equal(pw_clock_set(&clk, S2026, 0), PW_OK);
    check_event(PW_CLOCK_EV_SET);
    run_s(10);
    assert_in_range(pw_clock_now(&clk, NULL), S2026 + 9, S2026 + 11);
    chip.present = true;
    run_s(2 * 86400.0);
    assert_in_range(pw_rtcpart_now(&chip), S2026 + 172809, S2026 + 172813); /* written when it answered again */
}

static void stuck_line_is_an_error_not_a_hang(void **state)
{
    (void)state;
    sda_stuck = true;
    pw_clock_init(&clk, &hal);
    run_s(2);
    assert_int_equal(clk.state, PW_CLOCK_NO_CHIP);
}

static void transfers_end_although_interrupted_anywhere(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (unsigned n = 0; n < 200; n++) { /* a reset in the middle of a transfer leaves the chip in the middle of a byte */
        setup(NULL);
        pw_rtcpart_set(&chip, S2026);
        pw_clock_init(&clk, &hal);
        for (unsigned i = rnd(&seed) % 400; i > 0; i--) {
            (void)pw_clock_step(&clk);
            pass(40000);
        }
        pw_clock_init(&clk, &hal); /* lines up, as after a reset; the chip knows nothing of it */
        run_s(3);
        assert_int_equal(clk.state, PW_CLOCK_RUNNING);
        assert_in_range(pw_clock_now(&clk, NULL), S2026, S2026 + 5);
    }
}

/* Timer 60 ppm fast, chip 40 ppm slow, time set each day by a server: after some days both are right by themselves. */
static void both_rates_are_learned(void **state)
{
    (void)state;
    timer_ppb = 60000;
    chip.ppm_e3 = -40000;
    pw_rtcpart_set(&chip, S2026);
    pw_clock_init(&clk, &hal);
    run_s(2);
    uint64_t start = now_ns;
    for (unsigned day = 0; day < 6; day++) {
        uint64_t t = now_ns - start;
        assert_int_equal(pw_clock_set(&clk, S2026 + 100 + (uint32_t)(t / 1000000000), (uint32_t)(t / 1000 % 1000000)), PW_OK);
        run_s(86400 + 600);
    }
    assert_in_range(clk.rate_ppb, -62000, -58000);
    assert_in_range(clk.trim_steps, 36, 43); /* 1.017 ppm each */
    uint64_t t0 = now_ns;
    uint32_t us0, s0 = pw_clock_now(&clk, &us0), chip0 = pw_rtcpart_now(&chip);
    run_s(10 * 86400.0);
    uint32_t us1, s1 = pw_clock_now(&clk, &us1);
    double ran = s1 - s0 + (us1 - (double)us0) * 1e-6, should = (double)(now_ns - t0) * 1e-9;
    assert_true(ran / should - 1 < 2e-6 && ran / should - 1 > -2e-6);
    (void)chip0;
    assert_in_range(pw_rtcpart_now(&chip), s1 - 1, s1 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(starts_from_the_chip_on_its_second, setup),
        cmocka_unit_test_setup(midnight_while_it_is_read, setup),
        cmocka_unit_test_setup(set_chip_keeps_it_over_a_power_cut, setup),
        cmocka_unit_test_setup(impossible_times, setup),
        cmocka_unit_test_setup(no_chip_and_a_chip_that_comes_later, setup),
        cmocka_unit_test_setup(stuck_line_is_an_error_not_a_hang, setup),
        cmocka_unit_test_setup(transfers_end_although_interrupted_anywhere, setup),
        cmocka_unit_test_setup(both_rates_are_learned, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
