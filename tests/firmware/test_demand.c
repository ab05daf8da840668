/* SPDX-License-Identifier: Apache-2.0 */
/* Demand against an oracle that adds up the seconds that an interval covers. */
#include "demand_world.h"
#include "key_switch.h"

struct oracle {
    unsigned sub_s, n;
    int64_t  id;
    uint32_t begun;                  /* tick */
    uint32_t starts[PW_MAX_SUBINTERVALS + 1]; /* of the subintervals that ended, newest last */
    bool     bad[PW_MAX_SUBINTERVALS + 1];
    unsigned known;
    uint64_t previous[N_P], peak[N_P];
    uint32_t peak_s[N_P];
    unsigned flagged, counted;
    bool     none;                   /* nothing has ended yet */
};

static int64_t number(const struct oracle *o)
{
    return ((int64_t)w.now.utc_s + w.now.ahead_s + 86400) / (int64_t)o->sub_s;
}

static void oracle_start(struct oracle *o, const struct pw_demand_config *c)
{
    *o = (struct oracle){.n = c->subintervals, .none = true};
    o->sub_s = c->interval_min * 60u / c->subintervals;
    o->id = number(o);
    o->begun = w.tick;
}

static void oracle_tick(struct oracle *o)
{
    if (number(o) == o->id)
        return;
    uint32_t len = w.tick - o->begun, over = 0, back;
    if (o->known == o->n) {
        memmove(o->starts, o->starts + 1, sizeof o->starts - sizeof o->starts[0]);
        memmove(o->bad, o->bad + 1, sizeof o->bad - sizeof o->bad[0]);
        o->known--;
    }
    o->starts[o->known] = o->begun;
    o->bad[o->known++] = len + 1 < o->sub_s || len > o->sub_s + 1;
    bool bad = o->known < o->n;
    for (unsigned i = 0; i < o->known; i++) {
        uint32_t end = i + 1 < o->known ? o->starts[i + 1] : w.tick;
        back = end - o->starts[i];
        over += back > o->sub_s + 1 ? back - o->sub_s : 0;
        bad |= o->bad[i];
    }
    for (unsigned p = 0; p < N_P; p++) {
        o->previous[p] = sum(p, o->starts[0], w.tick) * 3600 / ((o->n * o->sub_s + over) * UINT64_C(1000));
        if (!bad && o->previous[p] > o->peak[p]) {
            o->peak[p] = o->previous[p];
            o->peak_s[p] = w.now.utc_s;
        }
    }
    *(bad ? &o->flagged : &o->counted) += 1;
    o->none = false;
    o->id = number(o);
    o->begun = w.tick;
}

static void same(unsigned k, const struct oracle *o)
{
    for (unsigned p = 0; p < N_P; p++) {
        struct pw_peak peak = pw_demand_peak(&w.d, p, k);
        assert_int_equal(pw_demand_previous_mw(&w.d, p, k), o->previous[p]);
        assert_int_equal(pw_peak_mw(&peak), o->peak[p]);
        assert_int_equal(peak.utc_s, o->peak_s[p]);
    }
}

/* @param sets  one in so many seconds the time is set, 0: never */
static void block_and_sliding(uint64_t seed, unsigned sets)
{
    static const int32_t zones[] = {0, -18000, -12600, 34200, 49500, -43200};
    uint64_t s = seed;
    struct pw_demand_config cfg[3] = {any(&s, PW_DEMAND_BLOCK), any(&s, PW_DEMAND_SLIDING), any(&s, PW_DEMAND_SLIDING)};
    struct oracle o[3];
    start(seed, UTC0 + (uint32_t)(rnd(&s) % 100000), zones[rnd(&s) % 6]);
    assert_int_equal(init(cfg, 3, &plain), PW_OK);
    pw_demand_window(&w.d, &w.now);
    for (unsigned k = 0; k < 3; k++)
        oracle_start(&o[k], &cfg[k]);
    while (w.tick < 20000) {
        int64_t dt = 1;
        if (sets != 0 && rnd(&w.seed) % sets == 0)
            dt = (int64_t)(rnd(&w.seed) % 4000) - 2000;
        if (w.tick == 9000)
            w.now.ahead_s += 3600; /* daylight saving */
        tick(dt);
        for (unsigned k = 0; k < 3; k++)
            oracle_tick(&o[k]);
        if (rnd(&w.seed) % 16 == 0)
            for (unsigned k = 0; k < 3; k++)
                same(k, &o[k]);
    }
    for (unsigned k = 0; k < 3; k++) {
        same(k, &o[k]);
        assert_true(o[k].counted > 0 || sets != 0 || cfg[k].interval_min == 60);
        assert_true(sets == 0 || o[k].flagged > 1);
    }
    assert_true(w.settled > 10);
}

static void block_and_sliding_window(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        block_and_sliding(100 + i, 0);
}

static void time_sets(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        block_and_sliding(200 + i, i % 2 == 0 ? 500 : 5000);
}

/* A huge load in an interval that a time set has cut short or stretched: no peak, unless configured. */
static void flagged_intervals_make_no_peak(void **state)
{
    (void)state;
    static const struct pw_demand_config cfg[2] = {{PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 15, 1}, {PW_DEMAND_W_DEL, PW_DEMAND_SLIDING, 15, 3}};
    static const struct pw_demand_rules all = {0};
    static const int jumps[] = {600, -600, 1200, -700, 60, -60};
    for (unsigned i = 0; i < 12; i++) {
        start(300 + i, UTC0, 0);
        assert_int_equal(init(cfg, 2, i < 6 ? &plain : &all), PW_OK);
        pw_demand_window(&w.d, &w.now);
        for (unsigned t = 0; t <= 200 || w.now.utc_s % 900 != 0; t++) { /* to the end of the interval after the time set */
            w.total[0][PW_TQ_WH_DEL] += 1000000000; /* 3.6 MW */
            tick(t == 200 ? jumps[i % 6] : 1);
        }
        uint64_t moved = w.total[0][PW_TQ_WH_DEL];
        struct pw_peak peak = pw_demand_peak(&w.d, 0, 0), sliding = pw_demand_peak(&w.d, 0, 1);
        assert_true((pw_demand_previous_flags(&w.d, 0) & (PW_DEMAND_SHORT | PW_DEMAND_LONG)) != 0);
        if (i < 6) {
            assert_int_equal(pw_peak_mw(&peak), 0);
            assert_int_equal(pw_peak_mw(&sliding), 0);
        } else {
            assert_true(pw_peak_mw(&peak) > 0 && pw_peak_mw(&peak) <= moved * 3600 / 900000 + 1); /* never more than over a whole interval */
        }
    }
}

static void windows_that_jitter(void **state)
{
    (void)state;
    static const struct pw_demand_config cfg[2] = {{PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 5, 1}, {PW_DEMAND_W_DEL, PW_DEMAND_SLIDING, 15, 15}};
    start(400, UTC0 - 1, 0);
    assert_int_equal(init(cfg, 2, &plain), PW_OK);
    uint64_t ms = 999;
    w.now.up_ms = 999;
    pw_demand_window(&w.d, &w.now);
    while (ms < 20000000) {
        uint64_t dt = 150 + rnd(&w.seed) % 800;
        ms += dt;
        w.total[0][PW_TQ_WH_DEL] += dt * 1000; /* 3.6 kW */
        w.now.up_ms = ms;
        w.now.utc_s = UTC0 - 1 + (uint32_t)(ms / 1000);
        pw_demand_window(&w.d, &w.now);
        if (ms < 303000)
            continue;
        assert_int_equal(pw_demand_previous_flags(&w.d, 0) & (PW_DEMAND_SHORT | PW_DEMAND_LONG), 0);
        uint64_t mw = pw_demand_previous_mw(&w.d, 0, 0); /* a window belongs to the interval in which it ends */
        if (ms > 700000)
            assert_true(mw > 3600000 - 12000 && mw < 3600000 + 12000);
    }
}

static void thermal_is_the_exponential(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        uint64_t s = 500 + i;
        struct pw_demand_config c = any(&s, PW_DEMAND_THERMAL);
        double d[N_P] = {0}, highest[N_P] = {0}, keep = pow(10, -1.0 / (c.interval_min * 60.0));
        start(s, UTC0 + 17, 0);
        assert_int_equal(init(&c, 1, &plain), PW_OK);
        pw_demand_window(&w.d, &w.now);
        while (w.tick < 10000) {
            tick(1);
            for (unsigned p = 0; p < N_P; p++) {
                d[p] = d[p] * keep + (double)w.e[w.tick][p] * 3.6 * (1 - keep);
                highest[p] = d[p] > highest[p] ? d[p] : highest[p];
                struct pw_peak peak = pw_demand_peak(&w.d, p, 0);
                double is = (double)pw_demand_present_mw(&w.d, p, 0);
                assert_true(fabs(is - d[p]) <= 2 + 1e-6 * highest[p]);
                assert_true(fabs((double)pw_peak_mw(&peak) - highest[p]) <= 2 + 1e-6 * highest[p]);
            }
        }
        assert_true(highest[0] > 1000);
    }
}

/* 90 % after one interval, 99 % after two; any length of step. */
static void thermal_response(void **state)
{
    (void)state;
    static const unsigned steps_ms[] = {100, 200, 1000, 1037, 5000, 60000, 123456, 900000};
    for (unsigned i = 0; i < 8; i++)
        for (unsigned m = 1; m <= 60; m++) {
            uint64_t ms = steps_ms[i];
            double exact = 1 - pow(10, -(double)ms / (m * 60000.0)), is = pw_thermal_share_f32(ms, m) / 4294967296.0;
            assert_true(fabs(exact - is) < 1e-8);
        }
    static const struct pw_demand_config c = {PW_DEMAND_W_DEL, PW_DEMAND_THERMAL, 15, 1};
    start(600, UTC0, 0);
    assert_int_equal(init(&c, 1, &plain), PW_OK);
    pw_demand_window(&w.d, &w.now);
    for (unsigned t = 1; t <= 1800; t++) {
        w.total[0][0] += 10000000;
        w.now.up_ms += 1000;
        w.now.utc_s++;
        pw_demand_window(&w.d, &w.now);
        if (t == 900)
            assert_in_range(pw_demand_present_mw(&w.d, 0, 0), 32399900, 32400100);
        if (t == 900)
            assert_int_equal(pw_demand_previous_mw(&w.d, 0, 0), pw_demand_present_mw(&w.d, 0, 0));
        if (t == 1800)
            assert_in_range(pw_demand_present_mw(&w.d, 0, 0), 35639900, 35640100);
    }
}

/* All energy of each second in one of its tenths: the error stays below 2.303 dt / T of the largest power of a tenth's mean. */
static void thermal_step_error(void **state)
{
    (void)state;
    for (unsigned m = 1; m <= 15; m += 7) {
        struct pw_demand_config c = {PW_DEMAND_W_DEL, PW_DEMAND_THERMAL, m == 8 ? 10 : (uint8_t)m, 1};
        double fine = 0, keep = pow(10, -0.1 / (c.interval_min * 60.0)), worst = 0;
        start(700 + m, UTC0, 0);
        assert_int_equal(init(&c, 1, &plain), PW_OK);
        pw_demand_window(&w.d, &w.now);
        for (unsigned t = 0; t < 3600; t++) {
            unsigned place = (unsigned)(rnd(&w.seed) % 10);
            for (unsigned i = 0; i < 10; i++)
                fine = fine * keep + (i == place ? 36e6 * (1 - keep) : 0);
            w.total[0][0] += 1000000; /* mean 3.6 kW */
            w.now.up_ms += 1000;
            w.now.utc_s++;
            pw_demand_window(&w.d, &w.now);
            double error = fabs(fine - (double)pw_demand_present_mw(&w.d, 0, 0));
            worst = error > worst ? error : worst;
        }
        print_message("%u min: %.3f %%\n", c.interval_min, worst / 36e3);
        assert_true(worst < 2.303 / (c.interval_min * 60.0) * 3.6e6 * 1.01 + 2);
    }
}

static void present_demand(void **state)
{
    (void)state;
    static const struct pw_demand_config cfg[2] = {{PW_DEMAND_VA_DEL, PW_DEMAND_BLOCK, 15, 1}, {PW_DEMAND_VAR_REC, PW_DEMAND_SLIDING, 15, 3}};
    start(800, UTC0, 3600);
    assert_int_equal(init(cfg, 2, &plain), PW_OK);
    pw_demand_window(&w.d, &w.now);
    while (w.tick < 5000) {
        tick(1);
        for (unsigned p = 0; p < N_P; p++) {
            uint32_t block = w.tick / 900 * 900, sub = w.tick / 300 * 300;
            assert_int_equal(pw_demand_present_mw(&w.d, p, 0), sum(p, block, w.tick) * 3600 / 900000);
            assert_int_equal(pw_demand_present_mw(&w.d, p, 1), sum(p, sub >= 600 ? sub - 600 : 0, w.tick) * 3600 / 900000);
        }
    }
}

static void key_switch(void **state)
{
    (void)state;
    uint64_t s = 77;
    struct pw_key_switch k = {0};
    unsigned good = 0, bad = 0;
    assert_false(pw_key_switch(&k, true, true, 0)); /* left turned at power-up */
    assert_false(pw_key_switch(&k, false, true, 100));
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t begin = i * 10000ull + 5000, held = rnd(&s) % 2000, hidden = rnd(&s) % 4000;
        bool fired = false;
        for (uint64_t t = begin - 100; t < begin + 3000; t += 20) {
            bool turned = t >= begin && t < begin + held, shown = hidden >= 2100 || t < begin + hidden || t >= begin + hidden + 100;
            bool now = pw_key_switch(&k, turned, shown, t);
            assert_false(now && (fired || turned));
            fired |= now;
        }
        uint64_t released = (held + 19) / 20 * 20; /* what sampling sees */
        uint64_t gap = (hidden + 19) / 20 * 20;
        bool expect = held > 0 && released <= PW_KEY_PULSE_MS && !(hidden < 2100 && gap <= released);
        assert_int_equal(fired, expect);
        *(fired ? &good : &bad) += 1;
    }
    assert_true(good > 1000 && bad > 1000);
}

static void stored_peaks(void **state)
{
    (void)state;
    uint64_t s = 3;
    for (unsigned i = 0; i < 1000; i++) {
        uint8_t b[PW_PEAK_B];
        struct pw_peak p = {(uint32_t)rnd(&s), (uint32_t)rnd(&s), rnd(&s) & 0xFFF, rnd(&s) & 15}, q;
        pw_peak_put(b, &p);
        pw_peak_get(&q, b);
        assert_int_equal(pw_peak_mw(&p), pw_peak_mw(&q));
        assert_int_equal(p.utc_s, q.utc_s);
        assert_int_equal(p.rate, q.rate);
    }
}

static void bad_rules(void **state)
{
    (void)state;
    static const struct pw_demand_config bad[] = {{6, 0, 15, 1}, {0, 3, 15, 1}, {0, 0, 0, 1}, {0, 0, 61, 1}, {0, 0, 7, 1}, {0, 0, 15, 2}, {0, 1, 15, 1},
                                                  {0, 1, 15, 16}, {0, 1, 5, 7}, {0, 2, 15, 3}};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(pw_demand_check(&bad[i]), PW_ERR_RANGE);
    static const struct pw_demand_config sliding = {0, PW_DEMAND_SLIDING, 15, 15};
    struct pw_totals t = {total, NULL};
    assert_int_equal(pw_demand_history(&sliding, 1, 2), 30);
    assert_int_equal(pw_demand_init(&w.d, &t, &sliding, 1, 2, &plain, w.history, 29), PW_ERR_SIZE);
    assert_int_equal(pw_demand_init(&w.d, &t, &sliding, 4, 2, &plain, w.history, 64), PW_ERR_RANGE);
    assert_int_equal(pw_demand_init(&w.d, &t, &sliding, 1, PW_MAX_CT + 1, &plain, w.history, 64), PW_ERR_RANGE);
}

static void the_largest_power_fits(void **state)
{
    (void)state;
    static const uint64_t mw[] = {0, 1, UINT16_MAX, UINT32_MAX, UINT64_C(720000000000), (UINT64_C(1) << 48) - 1};
    for (unsigned i = 0; i < sizeof mw / sizeof mw[0]; i++) {
        struct pw_mw48 m;
        pw_mw48_set(&m, mw[i]);
        assert_true(pw_mw48_get(&m) == mw[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_and_sliding_window), cmocka_unit_test(time_sets), cmocka_unit_test(flagged_intervals_make_no_peak),
        cmocka_unit_test(windows_that_jitter), cmocka_unit_test(thermal_is_the_exponential), cmocka_unit_test(thermal_response),
        cmocka_unit_test(thermal_step_error), cmocka_unit_test(present_demand), cmocka_unit_test(key_switch),
        cmocka_unit_test(stored_peaks), cmocka_unit_test(bad_rules), cmocka_unit_test(the_largest_power_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
