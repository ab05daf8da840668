/* SPDX-License-Identifier: Apache-2.0 */
/* A meter of billing registers, its memories that lose power at any byte, and an oracle that adds each second's energy to the bucket it
 * belongs to. */
#ifndef PW_T_BILLING_WORLD_H
#define PW_T_BILLING_WORLD_H

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
    uint8_t  slow[3][SLOW_MAX];      /* the last: marks */
    long     budget;                 /* bytes until the power fails; < 0: never */
    bool     dead;
    unsigned fail_one_in;            /* writes that fail without a cut */
    bool     fail_marks;             /* those of marks, too */
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

static inline uint64_t total(void *ctx, unsigned point, unsigned q)
{
    (void)ctx;
    return w.o.total[point][q];
}

static inline uint32_t room(unsigned copy)
{
    return copy == PW_SLOW_MARKS_COPY ? N_P * PW_SLOW_MARKS_B : pw_slow_size_b(&w.b.slow);
}

static inline int io_read(void *ctx, unsigned copy, uint32_t at, void *data, size_t len)
{
    (void)ctx;
    assert_true(copy < 3 && at + len <= room(copy));
    if (w.dead)
        return PW_ERR_IO;
    memcpy(data, w.slow[copy] + at, len);
    return PW_OK;
}

/* Torn where the power fails: old, new, and garbage in between. */
static inline int io_write(void *ctx, unsigned copy, uint32_t at, const void *data, size_t len)
{
    (void)ctx;
    assert_true(copy < 3 && at + len <= room(copy) && len <= PW_SLOW_BLOCK_B);
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
    if (w.fail_one_in != 0 && (copy < 2 || w.fail_marks) && rnd(&w.seed) % w.fail_one_in == 0) {
        w.slow[copy][at + rnd(&w.seed) % len] ^= 1;
        return rnd(&w.seed) % 2 == 0 ? PW_ERR_IO : PW_OK; /* even if it does not say so */
    }
    return PW_OK;
}

static inline unsigned quantity_of(unsigned block)
{
    unsigned q = 0;
    assert_int_equal(pw_slow_kind(&w.b.slow, block, &q), PW_SLOW_REGISTERS);
    return q;
}

static inline int emit(void *ctx, uint16_t close, unsigned point, unsigned part, const uint8_t *data, size_t len)
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

static inline void build(void)
{
    static uint64_t history[64];
    static const struct pw_demand_config minute = {PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 1, 1};
    static const struct pw_demand_rules rules = {.no_peak = PW_DEMAND_SHORT | PW_DEMAND_LONG};
    struct pw_totals t = {total, NULL};
    struct pw_slow_io io = {io_read, io_write, NULL};
    assert_int_equal(pw_demand_init(&w.d, &t, &minute, w.layout.n_demands, w.layout.n_points, &rules, history, 64), PW_OK);
    assert_int_equal(pw_billing_init(&w.b, &io, &w.layout, &t, &w.d, w.lock_min, emit, NULL), PW_OK);
}

static inline void expect_close(void)
{
    struct closed *c = &w.closed[(w.o.closes + 1) % N_CLOSES];
    *c = (struct closed){.expected = true};
    memcpy(c->acc, w.o.acc, sizeof c->acc);
    memcpy(c->rate_peak, w.o.rate_peak, sizeof c->rate_peak);
    memcpy(c->cumulative, w.o.cumulative, sizeof c->cumulative);
    memcpy(c->peak, w.o.peak, sizeof c->peak);
    w.o.closes++;
}

static inline void oracle_reset(void)
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
static inline void oracle_time(uint32_t utc_s)
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
static inline void oracle_begin(void)
{
    memset(w.o.minute, 0, sizeof w.o.minute);
    w.o.begun_s = w.o.utc_s;
    w.o.flagged = w.o.bucket >= w.layout.n_rates;
}

static inline void check_registers(void)
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
static inline void check_demand(void)
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

static inline struct pw_demand_now now_is(void)
{
    return (struct pw_demand_now){.utc_s = w.o.utc_s, .ahead_s = -18000, .up_ms = w.up_ms, .valid = true};
}

/* The save as one whole. @param told  the meter gets to know that it is done */
static inline void save(bool told)
{
    pw_billing_pack(&w.b, w.fast.billing);
    pw_demand_pack(&w.d, w.fast.demand);
    for (unsigned p = 0; p < w.layout.n_points; p++) {
        memset(w.fast.point[p], 0xEE, PW_BILLING_POINT_B);
        assert_int_equal(pw_billing_pack_point(&w.b, p, w.fast.point[p]), PW_OK);
        size_t n = pw_billing_point_b(&w.b);
        assert_true(n == 0 || n == 8u * w.b.slow.n_quantities);
        if (w.layout.n_demands > 0)
            pw_demand_pack_slot(&w.d, p, 0, w.fast.slot[p]);
    }
    w.saved_o = w.o;
    if (told)
        pw_billing_saved(&w.b, w.b.head.generation);
}

static inline void format(void)
{
    memcpy(w.o.origin, w.o.total, sizeof w.o.origin);
    memset(w.o.acc, 0, sizeof w.o.acc);
    w.o.bucket = 0;
    assert_int_equal(pw_billing_begin(&w.b, PW_BILL_FORMAT, 0, w.o.utc_s), PW_OK);
}

/* Power comes back `off_s` later. */
static inline void reboot(unsigned off_s)
{
    w.dead = false;
    w.budget = -1;
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
        assert_int_equal(pw_billing_unpack_point(&w.b, p, w.fast.point[p]), PW_OK);
        if (w.layout.n_demands > 0)
            pw_demand_unpack_slot(&w.d, p, 0, w.fast.slot[p]);
    }
    struct pw_demand_now now = now_is();
    pw_demand_resume(&w.d, &now);
    assert_true(w.b.damaged == 0 || w.flipped);
}

static inline void steps(unsigned n)
{
    while (n-- > 0 && !w.dead && pw_billing_step(&w.b))
        w.steps++;
}

static inline void tick(void)
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
static inline void act(unsigned what, unsigned bucket)
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
        if (w.fail_marks)
            assert_true(err == PW_OK || err == PW_ERR_STATE || err == PW_ERR_IO || err == PW_ERR_CRC);
        else
            assert_int_equal(err, busy ? PW_ERR_STATE : w.dead ? PW_ERR_IO : PW_OK);
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

static inline void start(uint64_t seed, const struct pw_slow_layout *l)
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

static inline void finish_job(void)
{
    for (unsigned i = 0; i < 100000 && (w.b.job | w.b.want) != 0; i++) {
        steps(1);
        save(true);
    }
    assert_int_equal(w.b.job | w.b.want, 0);
}

static inline void check_closes(void)
{
    for (unsigned i = 1; i <= w.o.closes; i++)
        if (w.o.closes - i < N_CLOSES / 2) /* the slots of older ones may have been taken by one that never was */
            assert_int_equal(w.closed[i % N_CLOSES].got_points, w.layout.n_points);
    assert_int_equal(w.b.head.closes, (uint16_t)w.o.closes);
}

static inline void finish_and_check(void)
{
    finish_job();
    check_registers();
    check_demand();
    check_closes();
}

static inline struct pw_slow_layout any_layout(uint64_t *s)
{
    return (struct pw_slow_layout){.n_points = (uint8_t)(1 + rnd(s) % N_P), .quantities = (uint8_t)(1 + rnd(s) % 255), .n_rates = (uint8_t)(1 + rnd(s) % 8),
                                   .n_demands = rnd(s) % 2, .n_past = (uint8_t)(1 + rnd(s) % PW_MAX_PAST)};
}

/* A run of random events. @param cut_every  mean bytes of the slow image between power cuts, 0: none */
static inline void random_run(uint64_t seed, unsigned ticks, unsigned cut_every)
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
        } else if (rnd(&w.seed) % 4 != 0) {
            continue;
        }
        check_registers();
        check_demand();
    }
    w.budget = -1;
    finish_and_check();
    assert_true(w.steps > 100);
}

#endif
