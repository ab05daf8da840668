/* SPDX-License-Identifier: Apache-2.0 */
/* Demand over power cuts: intervals that go on, cold-load pick-up, waiting for time synchronisation; test mode. */
#include "demand_world.h"

/* By the wall clock: an interval with a power failure is the mean with nothing in that time. */
static void block_over_power_cuts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        uint64_t s = 900 + i, peak[N_P] = {0};
        struct pw_demand_config cfg = any(&s, PW_DEMAND_BLOCK);
        unsigned len = cfg.interval_min * 60u, cuts = 0;
        start(s, UTC0, 0);
        assert_int_equal(init(&cfg, 1, &plain), PW_OK);
        pw_demand_window(&w.d, &w.now);
        uint32_t done = 0, back_at = UINT32_MAX;
        while (w.tick < 30000) {
            if (rnd(&w.seed) % 700 == 0) {
                power_cut(&cfg, 1, &plain, (uint32_t)(rnd(&w.seed) % (rnd(&w.seed) % 2 ? 20 : 2 * len)), true);
                back_at = w.tick; /* the interval in which power comes back has a power failure in it */
                cuts++;
            } else {
                tick(1);
                if (w.tick % len == 0)
                    assert_int_equal((pw_demand_previous_flags(&w.d, 0) & PW_DEMAND_POWER) != 0, (w.tick - 1) / len == back_at / len);
            }
            for (; done + len <= w.tick; done += len)
                for (unsigned p = 0; p < N_P; p++) {
                    uint64_t mw = sum(p, done, done + len) * 3600 / (len * UINT64_C(1000));
                    peak[p] = mw > peak[p] ? mw : peak[p];
                }
            if (rnd(&w.seed) % 8 != 0)
                continue;
            for (unsigned p = 0; p < N_P; p++) {
                struct pw_peak is = pw_demand_peak(&w.d, p, 0);
                assert_int_equal(pw_peak_mw(&is), peak[p]);
                assert_true(peak[p] == 0 || is.utc_s % len == 0);
                assert_int_equal(pw_demand_present_mw(&w.d, p, 0), sum(p, w.tick / len * len, w.tick) * 3600 / (len * UINT64_C(1000)));
            }
        }
        assert_true(cuts > 3);
    }
}

/* A sliding window begins anew with each power-up: never a value from two sides of an outage. */
static void sliding_over_power_cuts(void **state)
{
    (void)state;
    static const struct pw_demand_config cfg = {PW_DEMAND_W_DEL, PW_DEMAND_SLIDING, 15, 3};
    start(1000, UTC0, 0);
    uint64_t peak[N_P] = {0};
    unsigned known = 0, counted = 0, cuts = 0;
    assert_int_equal(init(&cfg, 1, &plain), PW_OK);
    pw_demand_window(&w.d, &w.now);
    while (w.tick < 39000) {
        uint32_t was = w.tick / 300;
        if (rnd(&w.seed) % 2500 == 0) {
            power_cut(&cfg, 1, &plain, (uint32_t)(rnd(&w.seed) % 900), true);
            known = 0;
            cuts++;
        } else {
            tick(1);
            known += w.tick / 300 != was;
            if (w.tick / 300 != was)
                assert_int_equal((pw_demand_previous_flags(&w.d, 0) & PW_DEMAND_REFILL) != 0, known < 3);
            if (w.tick / 300 != was && known >= 3) {
                counted++;
                for (unsigned p = 0; p < N_P; p++) {
                    uint64_t mw = sum(p, w.tick - 900, w.tick) * 3600 / 900000;
                    peak[p] = mw > peak[p] ? mw : peak[p];
                }
            }
        }
        for (unsigned p = 0; p < N_P; p++) {
            struct pw_peak is = pw_demand_peak(&w.d, p, 0);
            assert_int_equal(pw_peak_mw(&is), peak[p]);
        }
    }
    assert_true(counted > 20 && cuts > 5);
}

/* Test mode began, the power failed, and the interval ended meanwhile. */
static void intervals_that_end_in_test_mode(void **state)
{
    (void)state;
    static const struct pw_demand_config cfg = {PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 5, 1};
    for (unsigned test = 0; test < 2; test++) {
        start(1050, UTC0, 0);
        w.rate = test ? PW_DEMAND_NO_RATE : 3;
        assert_int_equal(init(&cfg, 1, &plain), PW_OK);
        pw_demand_window(&w.d, &w.now);
        for (unsigned t = 0; t < 250; t++) {
            w.total[0][0] += 1000000;
            tick(1);
        }
        power_cut(&cfg, 1, &plain, 100, true);
        struct pw_peak peak = pw_demand_peak(&w.d, 0, 0);
        assert_int_equal(pw_peak_mw(&peak) > 0, !test);
        assert_true(test || (peak.rate == 3 && peak.utc_s == UTC0 + 300));
    }
}

static void thermal_cools_down_over_a_power_cut(void **state)
{
    (void)state;
    static const struct pw_demand_config cfg = {PW_DEMAND_W_DEL, PW_DEMAND_THERMAL, 15, 1};
    for (uint32_t off = 1; off < 20000; off = off * 3 + 7) {
        start(1100, UTC0, 0);
        assert_int_equal(init(&cfg, 1, &plain), PW_OK);
        pw_demand_window(&w.d, &w.now);
        for (unsigned t = 0; t < 3000; t++)
            tick(1);
        double before = (double)pw_demand_present_mw(&w.d, 0, 0), after;
        struct pw_peak peak = pw_demand_peak(&w.d, 0, 0), still;
        power_cut(&cfg, 1, &plain, off, true);
        after = (double)pw_demand_present_mw(&w.d, 0, 0);
        assert_true(before > 1000 && fabs(after - before * pow(10, -(double)off / 900)) < 1.1 + before * 1e-7);
        still = pw_demand_peak(&w.d, 0, 0);
        assert_int_equal(pw_peak_mw(&still), pw_peak_mw(&peak));
        power_cut(&cfg, 1, &plain, off, false);
        assert_int_equal(pw_demand_present_mw(&w.d, 0, 0), 0);
    }
}

static void cold_load_pick_up(void **state)
{
    (void)state;
    static const struct pw_demand_config cfg[3] = {
        {PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 5, 1}, {PW_DEMAND_W_DEL, PW_DEMAND_SLIDING, 5, 5}, {PW_DEMAND_W_DEL, PW_DEMAND_THERMAL, 5, 1}};
    static const struct pw_demand_rules rules = {.cold_after_s = 60, .cold_min = 30, .no_peak = 3};
    for (unsigned long_one = 0; long_one < 2; long_one++) {
        start(1200, UTC0, 0);
        assert_int_equal(init(cfg, 3, &rules), PW_OK);
        pw_demand_window(&w.d, &w.now);
        for (unsigned t = 0; t < 10; t++)
            tick(1);
        struct pw_peak base[3];
        for (unsigned k = 0; k < 3; k++)
            base[k] = pw_demand_peak(&w.d, 0, k);
        power_cut(cfg, 3, &rules, long_one ? 61 : 60, true);
        for (unsigned t = 0; t < 3600; t++) {
            if (t == 500)
                power_cut(cfg, 3, &rules, 1, true); /* a short one does not end it */
            w.total[0][0] += 1000000;
            tick(1);
            for (unsigned k = 0; k < 3; k++) {
                struct pw_peak peak = pw_demand_peak(&w.d, 0, k);
                if (long_one && t < 1790)
                    assert_int_equal(pw_peak_mw(&peak), pw_peak_mw(&base[k]));
                if (t > 1200 && (!long_one || t > 2500))
                    assert_true(pw_peak_mw(&peak) > 3000000);
            }
        }
    }
}

static void no_demand_before_time_synchronisation(void **state)
{
    (void)state;
    static const struct pw_demand_config cfg = {PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 5, 1};
    static const struct pw_demand_rules rules = {.sync_after_s = 86400, .no_peak = 3};
    for (unsigned kind = 0; kind < 3; kind++) { /* 24 h, a second more, an outage of unknown length */
        start(1300, UTC0, 0);
        assert_int_equal(init(&cfg, 1, &rules), PW_OK);
        pw_demand_window(&w.d, &w.now);
        tick(1);
        power_cut(&cfg, 1, &rules, 86400 + (kind == 1), kind != 2);
        w.tick = 0;
        struct pw_peak base = pw_demand_peak(&w.d, 0, 0); /* of the interval that the outage ended: that was before it */
        for (unsigned t = 0; t < 5000; t++) {
            if (t == 1000)
                power_cut(&cfg, 1, &rules, 5, true);
            w.total[0][0] += 1000000;
            tick(1);
        }
        struct pw_peak peak = pw_demand_peak(&w.d, 0, 0);
        assert_int_equal(pw_peak_mw(&peak) > pw_peak_mw(&base), kind == 0);
        pw_demand_synced(&w.d);
        for (unsigned t = 0; t < 700; t++) {
            w.total[0][0] += 1000000;
            tick(1);
        }
        peak = pw_demand_peak(&w.d, 0, 0);
        assert_true(pw_peak_mw(&peak) >= 3600000);
    }
}

static void test_mode(void **state)
{
    (void)state;
    static const struct pw_demand_config cfg[3] = {
        {PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 15, 1}, {PW_DEMAND_W_DEL, PW_DEMAND_SLIDING, 15, 5}, {PW_DEMAND_W_DEL, PW_DEMAND_THERMAL, 15, 1}};
    start(1400, UTC0 + 33, 0);
    assert_int_equal(init(cfg, 3, &plain), PW_OK);
    pw_demand_window(&w.d, &w.now);
    while (w.tick < 5000)
        tick(1);
    struct pw_peak before[3], after;
    uint64_t block = 0, sliding = 0, warm = 0;
    for (unsigned k = 0; k < 3; k++)
        before[k] = pw_demand_peak(&w.d, 0, k);
    warm = pw_demand_present_mw(&w.d, 0, 2);
    uint32_t t0 = w.tick;
    pw_demand_test(&w.d, true, &w.now);
    while (w.tick < t0 + 1000) {
        w.total[0][0] += 1000000000000;
        tick(1);
        w.e[w.tick][0] += 1000000000000;
        uint32_t n = w.tick - t0;
        if (n % 60 == 0) {
            uint64_t mw = sum(0, w.tick - 60, w.tick) * 3600 / 60000;
            block = mw > block ? mw : block;
            assert_int_equal(pw_demand_previous_mw(&w.d, 0, 0), mw);
            assert_int_equal(pw_demand_previous_mw(&w.d, 0, 2), mw);
        }
        if (n % 60 == 0 && n >= 180) {
            uint64_t mw = sum(0, w.tick - 180, w.tick) * 3600 / 180000;
            sliding = mw > sliding ? mw : sliding;
        }
        assert_int_equal(pw_demand_test_peak_mw(&w.d, 0, 0), block);
        assert_int_equal(pw_demand_test_peak_mw(&w.d, 0, 1), sliding);
        assert_int_equal(pw_demand_present_mw(&w.d, 0, 0), sum(0, t0 + n / 60 * 60, w.tick) * 3600 / 60000);
    }
    pw_demand_test(&w.d, false, &w.now);
    assert_int_equal(pw_demand_present_mw(&w.d, 0, 2), warm);
    assert_int_equal(pw_demand_test_peak_mw(&w.d, 0, 0), block);
    while (w.now.utc_s % 900 != 0)
        tick(1);
    for (unsigned k = 0; k < 2; k++) {
        after = pw_demand_peak(&w.d, 0, k);
        assert_int_equal(pw_peak_mw(&after), pw_peak_mw(&before[k]));
        assert_int_equal(after.utc_s, before[k].utc_s);
    }
    assert_true(block > pw_peak_mw(&before[0]));
    pw_demand_test(&w.d, true, &w.now); /* ends with the power */
    tick(1);
    power_cut(cfg, 3, &plain, 5, true);
    assert_false(w.d.test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_over_power_cuts), cmocka_unit_test(sliding_over_power_cuts),
        cmocka_unit_test(thermal_cools_down_over_a_power_cut),
        cmocka_unit_test(intervals_that_end_in_test_mode), cmocka_unit_test(cold_load_pick_up),
        cmocka_unit_test(no_demand_before_time_synchronisation), cmocka_unit_test(test_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
