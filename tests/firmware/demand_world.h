/* SPDX-License-Identifier: Apache-2.0 */
/* A meter of demands, with the energy of each second kept in a long array. */
#ifndef PW_T_DEMAND_WORLD_H
#define PW_T_DEMAND_WORLD_H

#include "t.h"

#include <math.h>

#include "demand_priv.h"

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
    uint8_t  rate;                   /* that billing tells after a restart */
} w;

static const struct pw_demand_rules plain = {.no_peak = PW_DEMAND_SHORT | PW_DEMAND_LONG};

static inline uint64_t total(void *ctx, unsigned point, unsigned q)
{
    (void)ctx;
    return w.total[point][q];
}

static inline int init(const struct pw_demand_config *cfg, unsigned n, const struct pw_demand_rules *rules)
{
    struct pw_totals t = {total, NULL};
    return pw_demand_init(&w.d, &t, cfg, n, N_P, rules, w.history, sizeof w.history / 8);
}

static inline void start(uint64_t seed, uint32_t utc_s, int32_t ahead_s)
{
    memset(&w, 0, sizeof w);
    w.seed = seed;
    w.now = (struct pw_demand_now){utc_s, ahead_s, 5000, true};
    print_message("seed %llu\n", (unsigned long long)seed);
}

/* Load that changes now and then, so that peaks move. A second passes; `dt_s` is what the wall clock makes of it. */
static inline void tick(int64_t dt_s)
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

static inline uint64_t sum(unsigned p, uint32_t from, uint32_t to) /* ticks from + 1 .. to */
{
    uint64_t s = 0;
    for (uint32_t i = from + 1; i <= to; i++)
        s += w.e[i][p];
    return s;
}

static inline struct pw_demand_config any(uint64_t *s, unsigned method)
{
    static const uint8_t minutes[] = {1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60};
    struct pw_demand_config c = {(uint8_t)(rnd(s) % 6), (uint8_t)method, minutes[rnd(s) % sizeof minutes], 1};
    do {
        if (method == PW_DEMAND_SLIDING)
            c.subintervals = (uint8_t)(2 + rnd(s) % 14);
    } while (pw_demand_check(&c) != PW_OK);
    return c;
}

/* Power off for off_s: what is stored is all that is left. */
static inline void power_cut(const struct pw_demand_config *cfg, unsigned n, const struct pw_demand_rules *rules, uint32_t off_s, bool valid)
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
    w.d.rate = w.rate;
    pw_demand_resume(&w.d, &w.now);
}

#endif
