/* SPDX-License-Identifier: Apache-2.0 */
/* Demand against an oracle that keeps the energy of each second in a long array and adds up what an interval covers. */
#include "t.h"

#include <math.h>

#include "demand_priv.h"
#include "key_switch.h"

#define N_P   2u
#define TICKS 40000u
#define UTC0  820454400u /* 2026-01-01 00:00 */

static struct {
    uint64_t seed;
    uint64_t e[TICKS + 1][N_P];      /* of the second that ends with the tick, of the tested quantity */
    uint64_t total[N_P][PW_N_TQ];
    struct pw_demand d;
    uint64_t history[N_P * 64];
    struct pw_demand_now now;
    uint32_t tick;
    unsigned settled;
} w;

static const struct pw_demand_rules plain = {.no_peak = PW_DEMAND_SHORT | PW_DEMAND_LONG};

static uint64_t total(void *ctx, unsigned point, unsigned q)
{
    (void)ctx;
    return w.total[point][q];
}

static int init(const struct pw_demand_config *cfg, unsigned n, const struct pw_demand_rules *rules)
{
    struct pw_totals t = {total, NULL};
    return pw_demand_init(&w.d, &t, cfg, n, N_P, rules, w.history, sizeof w.history / 8);
}

static void start(uint64_t seed, uint32_t utc_s, int32_t ahead_s)
{
    memset(&w, 0, sizeof w);
    w.seed = seed;
    w.now = (struct pw_demand_now){utc_s, ahead_s, 5000, true};
    print_message("seed %llu\n", (unsigned long long)seed);
}

/* Load that changes now and then, so that peaks move. A second passes; `dt_s` is what the wall clock makes of it. */
static void tick(int64_t dt_s)
{
    static uint64_t level[N_P];
    w.tick++;
    for (unsigned p = 0; p < N_P; p++) {
        if (rnd(&w.seed) % 200 == 0)
            level[p] = rnd(&w.seed) % 3 == 0 ? 0 : rnd(&w.seed) >> (28 + rnd(&w.seed) % 20);
        uint64_t e = level[p] == 0 ? 0 : rnd(&w.seed) % level[p];
        for (unsigned q = 0; q < PW_N_TQ; q++) { /* the two quadrants of a varh are halves of it */
            bool half = q >= PW_TQ_VARH_Q1 && q <= PW_TQ_VARH_Q4;
            w.total[p][q] += !half ? e : (q - PW_TQ_VARH_Q1) % 2 == 0 ? e / 3 : e - e / 3;
        }
        w.e[w.tick][p] = e;
    }
    w.now.utc_s = (uint32_t)(w.now.utc_s + dt_s);
    w.now.up_ms += 1000;
    pw_demand_window(&w.d, &w.now);
    if (rnd(&w.seed) % 2 == 0)
        w.settled += pw_demand_step(&w.d);
}

static uint64_t sum(unsigned p, uint32_t from, uint32_t to) /* ticks from + 1 .. to */
{
    uint64_t s = 0;
    for (uint32_t i = from + 1; i <= to; i++)
        s += w.e[i][p];
    return s;
}

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

static struct pw_demand_config any(uint64_t *s, unsigned method)
{
    static const uint8_t minutes[] = {1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60};
    struct pw_demand_config c = {(uint8_t)(rnd(s) % 6), (uint8_t)method, minutes[rnd(s) % sizeof minutes], 1};
    do {
        if (method == PW_DEMAND_SLIDING)
            c.subintervals = (uint8_t)(2 + rnd(s) % 14);
    } while (pw_demand_check(&c) != PW_OK);
    return c;
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

/* Power off for off_s: what is stored is all that is left. */
static void power_cut(const struct pw_demand_config *cfg, unsigned n, const struct pw_demand_rules *rules, uint32_t off_s, bool valid)
{
    uint8_t head[PW_DEMAND_HEADER_B], slot[N_P][PW_MAX_DEMANDS][PW_DEMAND_SLOT_B];
    pw_demand_pack(&w.d, head);
    for (unsigned p = 0; p < N_P; p++)
        for (unsigned k = 0; k < n; k++)
            pw_demand_pack_slot(&w.d, p, k, slot[p][k]);
    memset(&w.d, 0x5A, sizeof w.d);
    assert_int_equal(init(cfg, n, rules), PW_OK);
    pw_demand_unpack(&w.d, head);
    for (unsigned p = 0; p < N_P; p++)
        for (unsigned k = 0; k < n; k++)
            pw_demand_unpack_slot(&w.d, p, k, slot[p][k]);
    w.now.up_ms = rnd(&w.seed) % 3000;
    w.now.utc_s += off_s;
    w.now.valid = valid;
    for (uint32_t i = 0; i < off_s && w.tick < TICKS; i++)
        memset(w.e[++w.tick], 0, sizeof w.e[0]);
    pw_demand_resume(&w.d, &w.now);
}

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
        uint32_t done = 0;
        while (w.tick < 30000) {
            if (rnd(&w.seed) % 700 == 0) {
                power_cut(&cfg, 1, &plain, (uint32_t)(rnd(&w.seed) % (rnd(&w.seed) % 2 ? 20 : 2 * len)), true);
                cuts++;
            } else {
                tick(1);
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
        for (unsigned t = 0; t < 5000; t++) {
            if (t == 1000)
                power_cut(&cfg, 1, &rules, 5, true);
            w.total[0][0] += 1000000;
            tick(1);
        }
        struct pw_peak peak = pw_demand_peak(&w.d, 0, 0);
        assert_int_equal(pw_peak_mw(&peak) > 0, kind == 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_and_sliding_window), cmocka_unit_test(time_sets), cmocka_unit_test(flagged_intervals_make_no_peak),
        cmocka_unit_test(windows_that_jitter), cmocka_unit_test(thermal_is_the_exponential), cmocka_unit_test(thermal_response),
        cmocka_unit_test(thermal_step_error), cmocka_unit_test(present_demand), cmocka_unit_test(block_over_power_cuts),
        cmocka_unit_test(sliding_over_power_cuts), cmocka_unit_test(thermal_cools_down_over_a_power_cut), cmocka_unit_test(cold_load_pick_up),
        cmocka_unit_test(no_demand_before_time_synchronisation), cmocka_unit_test(test_mode), cmocka_unit_test(key_switch),
        cmocka_unit_test(stored_peaks), cmocka_unit_test(bad_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
