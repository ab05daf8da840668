/* SPDX-License-Identifier: Apache-2.0 */
/* Billing registers against an oracle that adds each second's energy to the bucket it belongs to, with the power cut at any byte of the
 * slow image and around any save of the fast one. */
#include "t.h"

#include <stdio.h>

#include "billing.h"
#include "bytes.h"

#define N_P      3u
#define MAX_BUCKET 9u
#define SLOW_MAX 4096u
#define N_CLOSES 64u

struct oracle {                      /* what must be, and what a fast image would bring back */
    uint64_t total[N_P][PW_N_TQ], origin[N_P][PW_N_TQ];
    uint64_t acc[N_P][PW_N_TQ][MAX_BUCKET];
    unsigned bucket;
    uint32_t utc_s;                  /* of the last tick */
    uint64_t minute[N_P];            /* Wh delivered in this minute */
    uint64_t peak[N_P], rate_peak[N_P][8], cumulative[N_P], past[N_P][PW_MAX_PAST];
    uint32_t peak_s[N_P];
    unsigned closes, resets;
    uint32_t begun_s;                /* of this minute */
    bool flagged, test, restart;
};

struct closed {
    uint64_t acc[N_P][PW_N_TQ][MAX_BUCKET];
    uint64_t rate_peak[N_P][8], cumulative[N_P], peak[N_P];
    unsigned got_points;             /* whole ones in the log */
    bool     expected;
};

struct fast {
    uint8_t billing[PW_BILLING_HEADER_B], demand[PW_DEMAND_HEADER_B];
    uint8_t point[N_P][PW_BILLING_POINT_B], slot[N_P][PW_DEMAND_SLOT_B];
};

static struct world {
    uint64_t seed;
    uint8_t  slow[2][SLOW_MAX];
    long     budget;                 /* bytes until the power fails; < 0: never */
    bool     dead;
    unsigned fail_one_in;            /* writes that fail without a cut */
    struct pw_slow_layout layout;
    struct pw_billing b;
    struct pw_demand d;
    struct oracle o, saved_o;
    struct fast fast;
    struct closed closed[N_CLOSES];
    uint64_t up_ms;
    uint64_t bytes, cuts, steps;
    unsigned lock_min;
    bool     hurry;                  /* jobs come while others are written */
    bool     flipped;                /* damage is expected */
} w;

static uint64_t total(void *ctx, unsigned point, unsigned q)
{
    (void)ctx;
    return w.o.total[point][q];
}

static int io_read(void *ctx, unsigned copy, uint32_t at, void *data, size_t len)
{
    (void)ctx;
    assert_true(copy < 2 && at + len <= pw_slow_size_b(&w.b.slow));
    if (w.dead)
        return PW_ERR_IO;
    memcpy(data, w.slow[copy] + at, len);
    return PW_OK;
}

/* Torn where the power fails: old, new, and garbage in between. */
static int io_write(void *ctx, unsigned copy, uint32_t at, const void *data, size_t len)
{
    (void)ctx;
    assert_true(copy < 2 && at + len <= pw_slow_size_b(&w.b.slow) && len <= PW_SLOW_BLOCK_B);
    if (w.dead)
        return PW_ERR_IO;
    for (size_t i = 0; i < len; i++) {
        if (w.budget == 0) {
            for (size_t g = 0; g < rnd(&w.seed) % 4 && i + g < len; g++)
                w.slow[copy][at + i + g] = (uint8_t)rnd(&w.seed);
            w.dead = true;
            return PW_ERR_IO;
        }
        w.budget -= w.budget > 0;
        w.bytes++;
        w.slow[copy][at + i] = ((const uint8_t *)data)[i];
    }
    if (w.fail_one_in != 0 && rnd(&w.seed) % w.fail_one_in == 0) {
        w.slow[copy][at + rnd(&w.seed) % len] ^= 1;
        return rnd(&w.seed) % 2 == 0 ? PW_ERR_IO : PW_OK; /* even if it does not say so */
    }
    return PW_OK;
}

static unsigned quantity_of(unsigned block)
{
    unsigned q = 0;
    assert_int_equal(pw_slow_kind(&w.b.slow, block, &q), PW_SLOW_REGISTERS);
    return q;
}

static int emit(void *ctx, uint16_t close, unsigned point, unsigned part, const uint8_t *data, size_t len)
{
    (void)ctx;
    if (rnd(&w.seed) % 4 == 0)
        return PW_ERR_STATE;
    struct closed *c = &w.closed[close % N_CLOSES];
    assert_true(c->expected && point < w.layout.n_points);
    if (point == 0 && part == 0)
        c->got_points = 0;
    assert_int_equal(c->got_points, point);
    if (part < w.b.slow.n_quantities) {
        assert_int_equal(len, 8u * (w.layout.n_rates + 1u));
        for (unsigned r = 0; r <= w.layout.n_rates; r++)
            assert_int_equal(pw_get_le64(data + 8 * r), c->acc[point][quantity_of(part)][r]);
    } else if ((part - w.b.slow.n_quantities) % 2 == 0) {
        struct pw_peak p;
        assert_int_equal(pw_get_le64(data), c->cumulative[point]);
        for (unsigned r = 0; r < w.layout.n_rates; r++) {
            pw_peak_get(&p, data + 8 + PW_PEAK_B * r);
            assert_int_equal(pw_peak_mw(&p), c->rate_peak[point][r]);
        }
        assert_int_equal(len, 8 + PW_PEAK_B * (w.layout.n_rates + 1u));
        pw_peak_get(&p, data + len - PW_PEAK_B);
        assert_int_equal(pw_peak_mw(&p), c->peak[point]);
    }
    if (part + 1 == pw_slow_blocks(&w.b.slow))
        c->got_points++;
    return PW_OK;
}

static void build(void)
{
    static uint64_t history[64];
    static const struct pw_demand_config minute = {PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 1, 1};
    static const struct pw_demand_rules rules = {.no_peak = PW_DEMAND_SHORT | PW_DEMAND_LONG};
    struct pw_totals t = {total, NULL};
    struct pw_slow_io io = {io_read, io_write, NULL};
    assert_int_equal(pw_demand_init(&w.d, &t, &minute, w.layout.n_demands, w.layout.n_points, &rules, history, 64), PW_OK);
    assert_int_equal(pw_billing_init(&w.b, &io, &w.layout, &t, &w.d, w.lock_min, emit, NULL), PW_OK);
}

static void expect_close(void)
{
    struct closed *c = &w.closed[(w.o.closes + 1) % N_CLOSES];
    *c = (struct closed){.expected = true};
    memcpy(c->acc, w.o.acc, sizeof c->acc);
    memcpy(c->rate_peak, w.o.rate_peak, sizeof c->rate_peak);
    memcpy(c->cumulative, w.o.cumulative, sizeof c->cumulative);
    memcpy(c->peak, w.o.peak, sizeof c->peak);
    w.o.closes++;
}

static void oracle_reset(void)
{
    for (unsigned p = 0; p < N_P; p++) {
        w.o.cumulative[p] += w.o.peak[p];
        memmove(&w.o.past[p][1], &w.o.past[p][0], sizeof w.o.past[p] - sizeof w.o.past[p][0]);
        w.o.past[p][0] = w.o.peak[p];
        w.o.peak[p] = 0;
        w.o.peak_s[p] = 0;
        memset(w.o.rate_peak[p], 0, sizeof w.o.rate_peak[p]);
    }
    w.o.resets++;
}

/* A minute of the wall clock ends, if it does. It counts if it is whole and has nothing of test mode in it. */
static void oracle_time(uint32_t utc_s)
{
    uint32_t end = (w.o.utc_s / 60 + 1) * 60;
    if (utc_s >= end) {
        for (unsigned p = 0; p < N_P; p++) {
            uint64_t mw = w.o.minute[p] * 3600 / 60000;
            w.o.minute[p] = 0;
            if (w.o.bucket >= w.layout.n_rates || w.o.flagged || end - w.o.begun_s < 59)
                continue;
            if (mw > w.o.peak[p]) {
                w.o.peak[p] = mw;
                w.o.peak_s[p] = end;
            }
            if (mw > w.o.rate_peak[p][w.o.bucket])
                w.o.rate_peak[p][w.o.bucket] = mw;
        }
        w.o.begun_s = utc_s / 60 * 60;
        w.o.flagged = w.o.bucket >= w.layout.n_rates;
    }
    w.o.utc_s = utc_s;
}

/* A minute begins anew in the middle. */
static void oracle_begin(void)
{
    memset(w.o.minute, 0, sizeof w.o.minute);
    w.o.begun_s = w.o.utc_s;
    w.o.flagged = w.o.bucket >= w.layout.n_rates;
}

static void check_registers(void)
{
    for (unsigned p = 0; p < w.layout.n_points; p++)
        for (unsigned q = 0; q < PW_N_TQ; q++) {
            uint64_t v = 1, sum = 0, all = 0;
            if ((w.layout.quantities >> q & 1) == 0) {
                assert_int_equal(pw_billing_register(&w.b, p, q, 0, &v), PW_ERR_RANGE);
                continue;
            }
            for (unsigned r = 0; r < w.layout.n_rates; r++) {
                assert_int_equal(pw_billing_register(&w.b, p, q, r, &v), PW_OK);
                if (v != w.o.acc[p][q][r])
                    fail_msg("point %u quantity %u rate %u: %lld more than it should", p, q, r, (long long)(v - w.o.acc[p][q][r]));
                sum += v;
            }
            assert_int_equal(pw_billing_register(&w.b, p, q, PW_RATE_ALL, &all), PW_OK);
            assert_int_equal(all, sum);
            assert_int_equal(pw_billing_register(&w.b, p, q, PW_RATE_TEST, &v), PW_OK);
            assert_int_equal(v, w.o.acc[p][q][w.layout.n_rates]);
            assert_int_equal(sum + v, w.o.total[p][q] - w.o.origin[p][q]);
        }
}

/* While a reset is under way the demands may be those of before or after it. */
static void check_demand(void)
{
    if (w.layout.n_demands == 0 || ((w.b.job | w.b.want) & (PW_BILL_RESET | PW_BILL_FORMAT)))
        return;
    for (unsigned p = 0; p < w.layout.n_points; p++) {
        struct pw_peak peak = pw_demand_peak(&w.d, p, 0);
        uint64_t mw = 0;
        assert_int_equal(pw_peak_mw(&peak), w.o.peak[p]);
        assert_int_equal(peak.utc_s, w.o.peak_s[p]);
        assert_int_equal(pw_billing_cumulative(&w.b, p, 0, false, &mw), PW_OK);
        assert_int_equal(mw, w.o.cumulative[p]);
        assert_int_equal(pw_billing_cumulative(&w.b, p, 0, true, &mw), PW_OK);
        assert_int_equal(mw, w.o.cumulative[p] + w.o.peak[p]);
        for (unsigned r = 0; r < w.layout.n_rates; r++) {
            assert_int_equal(pw_billing_rate_peak(&w.b, p, 0, r, &peak), PW_OK);
            assert_int_equal(pw_peak_mw(&peak), w.o.rate_peak[p][r]);
        }
        for (unsigned i = 0; i < w.layout.n_past; i++) {
            assert_int_equal(pw_billing_past(&w.b, p, 0, i, &peak), PW_OK);
            assert_int_equal(pw_peak_mw(&peak), w.o.past[p][i]);
        }
    }
    assert_int_equal(w.b.head.resets, w.o.resets);
}

static struct pw_demand_now now_is(void)
{
    return (struct pw_demand_now){.utc_s = w.o.utc_s, .ahead_s = -18000, .up_ms = w.up_ms, .valid = true};
}

/* The save as one whole. @param told  the meter gets to know that it is done */
static void save(bool told)
{
    pw_billing_pack(&w.b, w.fast.billing);
    pw_demand_pack(&w.d, w.fast.demand);
    for (unsigned p = 0; p < w.layout.n_points; p++) {
        memset(w.fast.point[p], 0xEE, PW_BILLING_POINT_B);
        size_t n = pw_billing_pack_point(&w.b, p, w.fast.point[p]);
        assert_true(n == 0 || n == 8u * w.b.slow.n_quantities);
        if (w.layout.n_demands > 0)
            pw_demand_pack_slot(&w.d, p, 0, w.fast.slot[p]);
    }
    w.saved_o = w.o;
    if (told)
        pw_billing_saved(&w.b, w.b.head.generation);
}

static void format(void)
{
    memcpy(w.o.origin, w.o.total, sizeof w.o.origin);
    memset(w.o.acc, 0, sizeof w.o.acc);
    w.o.bucket = 0;
    assert_int_equal(pw_billing_begin(&w.b, PW_BILL_FORMAT, 0, w.o.utc_s), PW_OK);
}

/* Power comes back `off_s` later. */
static void reboot(unsigned off_s)
{
    w.dead = false;
    w.cuts++;
    uint32_t utc_s = w.o.utc_s + off_s; /* time does not go back, all else does */
    w.o = w.saved_o;
    if (w.o.test)
        w.o.flagged = w.o.restart = true; /* demand begins anew with the next second */
    w.o.test = false;
    oracle_time(utc_s);
    w.up_ms = rnd(&w.seed) % 1000;
    build();
    assert_int_equal(pw_billing_load(&w.b, w.fast.billing), PW_OK);
    pw_demand_unpack(&w.d, w.fast.demand);
    for (unsigned p = 0; p < w.layout.n_points; p++) {
        (void)pw_billing_unpack_point(&w.b, p, w.fast.point[p]);
        if (w.layout.n_demands > 0)
            pw_demand_unpack_slot(&w.d, p, 0, w.fast.slot[p]);
    }
    struct pw_demand_now now = now_is();
    pw_demand_resume(&w.d, &now);
    assert_true(w.b.damaged == 0 || w.flipped);
}

static void steps(unsigned n)
{
    while (n-- > 0 && !w.dead && pw_billing_step(&w.b))
        w.steps++;
}

static void tick(void)
{
    for (unsigned p = 0; p < N_P; p++)
        for (unsigned q = 0; q < PW_N_TQ; q++) {
            uint64_t e = rnd(&w.seed) >> (40 + rnd(&w.seed) % 20);
            w.o.total[p][q] += e;
            w.o.acc[p][q][w.o.bucket] += e;
            if (q == PW_TQ_WH_DEL)
                w.o.minute[p] += e;
        }
    w.o.flagged |= w.o.bucket >= w.layout.n_rates;
    oracle_time(w.o.utc_s + 1);
    if (w.o.restart)
        oracle_begin();
    w.o.restart = false;
    w.up_ms += 1000;
    struct pw_demand_now now = now_is();
    pw_demand_window(&w.d, &now);
    pw_billing_passed(&w.b, 1000);
    (void)pw_demand_step(&w.d);
}

/* Something happens now. Where the meter says "not now", it has not happened. */
static void act(unsigned what, unsigned bucket)
{
    bool reset = (what & PW_BILL_RESET) != 0;
    if (w.b.job != 0 && w.layout.n_demands > 0 && !w.hurry) /* peaks of a job that has to wait are those of when it begins */
        return;
    unsigned rate = bucket == w.layout.n_rates ? PW_RATE_TEST : bucket;
    if (what == PW_BILL_RESET) {
        if (((w.b.job | w.b.want) & PW_BILL_RESET) != 0 || pw_billing_reset(&w.b, PW_RESET_SCHEDULE, w.o.utc_s) != PW_OK)
            return;
    } else {
        if (reset && ((w.b.job | w.b.want) & PW_BILL_RESET) != 0)
            return;
        bool busy = w.b.marked;
        int err = pw_billing_begin(&w.b, what, rate, w.o.utc_s);
        assert_int_equal(err, busy ? PW_ERR_STATE : PW_OK);
        if (err != PW_OK)
            return;
    }
    if (what & PW_BILL_CLOSE)
        expect_close();
    if (reset)
        oracle_reset();
    if ((what & PW_BILL_RATE) == 0)
        return;
    w.o.bucket = bucket;
    if ((bucket == w.layout.n_rates) != w.o.test) {
        struct pw_demand_now now = now_is();
        w.o.test = !w.o.test;
        pw_demand_test(&w.d, w.o.test, &now);
        w.o.restart = false;
        oracle_begin();
    }
}

static void start(uint64_t seed, const struct pw_slow_layout *l)
{
    memset(&w, 0, sizeof w);
    w.seed = seed;
    w.layout = *l;
    w.budget = -1;
    w.o.utc_s = 799999980; /* a full minute: the first interval is whole */
    for (unsigned p = 0; p < N_P; p++)
        for (unsigned q = 0; q < PW_N_TQ; q++)
            w.o.total[p][q] = rnd(&w.seed) >> 20;
    for (unsigned i = 0; i < 2 * SLOW_MAX; i++)
        w.slow[i / SLOW_MAX][i % SLOW_MAX] = (uint8_t)rnd(&w.seed);
    build();
    assert_int_equal(pw_billing_load(&w.b, NULL), PW_ERR_CRC);
    format();
    struct pw_demand_now now = now_is();
    pw_demand_window(&w.d, &now);
    oracle_begin();
    save(true);
}

static void finish_job(void)
{
    for (unsigned i = 0; i < 100000 && (w.b.job | w.b.want) != 0; i++) {
        steps(1);
        save(true);
    }
    assert_int_equal(w.b.job | w.b.want, 0);
}

static void check_closes(void)
{
    for (unsigned i = 1; i <= w.o.closes; i++)
        if (w.o.closes - i < N_CLOSES / 2) /* the slots of older ones may have been taken by one that never was */
            assert_int_equal(w.closed[i % N_CLOSES].got_points, w.layout.n_points);
    assert_int_equal(w.b.head.closes, (uint16_t)w.o.closes);
}

static struct pw_slow_layout any_layout(uint64_t *s)
{
    return (struct pw_slow_layout){.n_points = (uint8_t)(1 + rnd(s) % N_P), .quantities = (uint8_t)(1 + rnd(s) % 255), .n_rates = (uint8_t)(1 + rnd(s) % 8),
                                   .n_demands = rnd(s) % 2, .n_past = (uint8_t)(1 + rnd(s) % PW_MAX_PAST)};
}

/* A run of random events. @param cut_every  mean bytes of the slow image between power cuts, 0: none */
static void random_run(uint64_t seed, unsigned ticks, unsigned cut_every)
{
    uint64_t s = seed;
    struct pw_slow_layout l = any_layout(&s);
    start(seed, &l);
    print_message("seed %llu\n", (unsigned long long)seed);
    while (w.b.head.generation == 0)
        steps(1);
    save(true);
    if (cut_every)
        w.budget = (long)(rnd(&w.seed) % cut_every);
    for (unsigned i = 0; i < ticks; i++) {
        static const uint8_t whats[] = {PW_BILL_RATE, PW_BILL_RATE, PW_BILL_CLOSE, PW_BILL_RESET, PW_BILL_RATE | PW_BILL_CLOSE,
                                        PW_BILL_RATE | PW_BILL_CLOSE | PW_BILL_RESET, PW_BILL_CLOSE | PW_BILL_RESET};
        tick();
        if (rnd(&w.seed) % 8 == 0)
            act(whats[rnd(&w.seed) % sizeof whats], (unsigned)(rnd(&w.seed) % (l.n_rates + 1u)));
        steps((unsigned)(rnd(&w.seed) % 40));
        if (!w.dead && rnd(&w.seed) % 3 != 0)
            save(rnd(&w.seed) % 8 != 0);
        if (w.dead || (cut_every && rnd(&w.seed) % 64 == 0)) {
            reboot((unsigned)(rnd(&w.seed) % 50));
            w.budget = rnd(&w.seed) % 4 == 0 ? (long)(rnd(&w.seed) % 64) : (long)(rnd(&w.seed) % cut_every);
        }
        check_registers();
        check_demand();
    }
    w.budget = -1;
    finish_job();
    check_registers();
    check_demand();
    check_closes();
    assert_true(w.steps > 100);
}

static void registers_are_the_oracle(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        random_run(0x1111 + i, 2000, 0);
}

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
    w.budget = cut;
    w.hurry = true;
    bool told = true;
    for (unsigned i = 0; i < 300; i++) {
        tick();
        if (i == 40)
            act(PW_BILL_RATE, 1);
        if (i == 100)
            act(PW_BILL_RESET, 0);
        if (i == 101)
            act(PW_BILL_RATE, 2);
        if (i == 160)
            act(PW_BILL_RATE | PW_BILL_CLOSE | PW_BILL_RESET, 0);
        if (i == 200)
            act(PW_BILL_RATE, l.n_rates);
        if (i == 240)
            act(PW_BILL_RATE, 1);
        steps(3);
        if (!w.dead)
            save(told);
        if (w.dead) {
            reboot(3);
            w.budget = second_cut != 0 ? (long)second_cut : -1;
            second_cut = 0;
        }
        if (i % 4 != 0)
            continue;
        if (((w.b.job | w.b.want) & PW_BILL_FORMAT) == 0)
            check_registers();
        check_demand();
    }
    w.budget = -1;
    finish_job();
    check_registers();
    check_demand();
    check_closes();
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
                check_registers();
                check_demand();
            }
            finish_job();
            check_registers();
            check_closes();
        }
}

static void memory_that_fails_now_and_then(void **state)
{
    (void)state;
    static const struct pw_slow_layout l = {3, 0x3F, 4, 1, 5};
    start(5, &l);
    w.fail_one_in = 5;
    while (w.b.head.generation == 0)
        steps(1);
    save(true);
    for (unsigned i = 0; i < 3000; i++) {
        tick();
        if (rnd(&w.seed) % 16 == 0)
            act(PW_BILL_RATE | (rnd(&w.seed) % 8 == 0 ? PW_BILL_CLOSE : 0), (unsigned)(rnd(&w.seed) % 4));
        steps(30);
        save(true);
        check_registers();
    }
    assert_true(w.b.errors > 100);
    assert_int_equal(w.b.damaged, 0);
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
        cmocka_unit_test(registers_are_the_oracle), cmocka_unit_test(with_power_cuts), cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(cut_at_every_save), cmocka_unit_test(memory_that_fails_now_and_then), cmocka_unit_test(memory_that_is_read_only),
        cmocka_unit_test(flipped_bits), cmocka_unit_test(lost_blocks), cmocka_unit_test(resets_and_lock_out),
        cmocka_unit_test(a_second_job_waits_for_the_save), cmocka_unit_test(another_layout_is_told), cmocka_unit_test(net_values),
        cmocka_unit_test(shown_as_real_registers_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
