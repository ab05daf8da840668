/* SPDX-License-Identifier: Apache-2.0 */
/* Demand of each point by up to three rules that are the same for all points: block, sliding window, thermal. Values in mW, mvar, mVA:
 * floor(uWh x 3600 / ms), ms = the interval's nominal length, or the true one where that is longer: never more than the true mean.
 * Intervals end by the local wall clock. Peaks of past rates, cumulative and past peaks lie in the slow image (billing.h). docs/billing.md */
#ifndef PW_DEMAND_H
#define PW_DEMAND_H

#include <stdbool.h>

#include "config.h"
#include "slow.h"
#include "totals.h"

#ifndef PW_DEMAND_SLOTS
#define PW_DEMAND_SLOTS (PW_MAX_CT < 6u ? 6u : PW_MAX_CT) /* points x demands, 64 bytes each: one for each point, or more for fewer points */
#endif
#define PW_MAX_SUBINTERVALS 15u
#define PW_DEMAND_HEADER_B  48u
#define PW_DEMAND_SLOT_B    44u
#define PW_TEST_SUBS        3u

/* What is remarkable about an interval. */
enum pw_demand_flag {
    PW_DEMAND_SHORT   = 1,  /* more than 1 s shorter than nominal: start, time set, end of test mode */
    PW_DEMAND_LONG    = 2,  /* longer: time set */
    PW_DEMAND_POWER   = 4,  /* the power failed in it; what it says is the mean with 0 for that time */
    PW_DEMAND_COLD    = 8,  /* cold-load pick-up: never counts */
    PW_DEMAND_NO_SYNC = 16, /* waits for time synchronisation: never counts */
    PW_DEMAND_NO_TIME = 32, /* the clock is not set */
    PW_DEMAND_REFILL  = 64, /* sliding: the window is not full yet: never counts */
    PW_DEMAND_TEST    = 128, /* energy of test mode is in it: never counts */
};
#define PW_DEMAND_NEVER   (PW_DEMAND_COLD | PW_DEMAND_NO_SYNC | PW_DEMAND_REFILL | PW_DEMAND_TEST)
#define PW_DEMAND_NO_RATE 15u /* test mode */

/* 0: none yet. Up to 2^44 - 1 mW. */
struct pw_peak {
    uint32_t utc_s;         /* end of the interval */
    uint32_t lo;
    uint16_t hi;
    uint8_t  rate;
};

/* mW, mvar, mVA: 48 bits are 281 GW; nine CTs of 20 kA at 2 kV, the largest full scales there are, make 0.7 GW between phases. */
struct pw_mw48 {
    uint16_t w[3];
};

struct pw_demand_slot {
    uint64_t start;         /* total at the beginning of the subinterval (thermal: of the step) */
    uint64_t closed;        /* energy of the one that ended, while it is not evaluated */
    struct pw_mw48 previous;
    struct pw_mw48 test;    /* peak in test mode */
    struct pw_peak peak;    /* since the last reset */
    struct pw_peak rate_peak; /* in this rate, since the slow image was written */
    struct pw_peak late;    /* since a new slow image was begun: not in it */
};

/* What all points of a demand share. */
struct pw_demand_rule {
    struct pw_demand_config cfg;
    uint32_t id;            /* number of the subinterval by the wall clock */
    int64_t  begun_ms;      /* its beginning, uptime; may lie before the start */
    uint8_t  flags;         /* of the subinterval that runs */
    uint8_t  head, filled;  /* sliding: next place, whole subintervals known */
    uint8_t  ring_flags[PW_MAX_SUBINTERVALS];
    uint32_t ring_excess_ms[PW_MAX_SUBINTERVALS];
    bool     running;
    uint16_t left_s;        /* to its end when it was saved */
    struct {                /* what ended last */
        uint64_t div_ms;
        uint32_t utc_s;
        uint32_t alpha_f32; /* thermal: share of the step */
        uint8_t  flags, rate, place, filled;
        bool     late, interval_end;
    } end;
};

struct pw_demand_now {
    uint32_t utc_s;         /* whole seconds since 2000 */
    int32_t  ahead_s;       /* local - UTC */
    uint64_t up_ms;         /* since start; never goes back */
    bool     valid;         /* the clock is set */
};

struct pw_demand {
    struct pw_totals totals;
    struct pw_demand_rules rules;
    uint8_t  n_points, n_demands;
    uint8_t  rate;          /* of the energy that flows now, or PW_DEMAND_NO_RATE; billing.c sets it */
    bool     wait_sync, test, frozen, restored;
    uint32_t hold_ms;       /* cold-load pick-up: time left */
    uint64_t test_ms;       /* uptime at the beginning of test mode */
    struct pw_demand_now now; /* of the last window */
    uint64_t *history;      /* caller's, see pw_demand_history */
    uint32_t pending[(PW_DEMAND_SLOTS + 31u) / 32u]; /* a bit a slot: `closed` is not evaluated */
    struct pw_demand_rule rule[PW_MAX_DEMANDS];
    struct pw_demand_slot slot[PW_DEMAND_SLOTS];
};

/** @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_demand_check(const struct pw_demand_config *cfg);

/** Words of history that a meter needs: each point n words of a sliding demand of n subintervals (3 at least), 1 of a thermal one. */
unsigned pw_demand_history(const struct pw_demand_config *cfg, unsigned n_demands, unsigned n_points);

/** All empty. @param history  pw_demand_history words @return PW_OK, PW_ERR_RANGE, PW_ERR_SIZE (n_history, PW_DEMAND_SLOTS) */
PW_MUST_CHECK int pw_demand_init(struct pw_demand *d, const struct pw_totals *totals, const struct pw_demand_config *cfg, unsigned n_demands,
                                 unsigned n_points, const struct pw_demand_rules *rules, uint64_t *history, unsigned n_history);

/** After each window, before a rate switch of the same moment. Reads totals only where a subinterval or a thermal step (1 s) ends. */
void pw_demand_window(struct pw_demand *d, const struct pw_demand_now *now);

/** Evaluates one point's demand that has ended. Call it until it returns false, each pass. */
bool pw_demand_step(struct pw_demand *d);

/** The first call after pw_demand_unpack of all slots, or after init at a first start: finds out how long the power was off.
 *  An interval that ran when the power failed goes on, or ends when it should have ended. */
void pw_demand_resume(struct pw_demand *d, const struct pw_demand_now *now);

/** The time has been synchronised by command (C5). */
void pw_demand_synced(struct pw_demand *d);

/** Test mode (B6): block and thermal by 1-minute blocks, sliding by 3 x 1 minute, from now. Peaks stay as they are. */
void pw_demand_test(struct pw_demand *d, bool on, const struct pw_demand_now *now);

/** Since test mode began; stays until the next. */
uint64_t pw_demand_test_peak_mw(struct pw_demand *d, unsigned point, unsigned k);

/** Running: energy of the interval so far over its whole length; sliding: with the whole subintervals before; thermal: now. */
uint64_t pw_demand_present_mw(struct pw_demand *d, unsigned point, unsigned k);

/** Of the last interval (sliding: window) that ended; in test mode the last of that. */
uint64_t pw_demand_previous_mw(struct pw_demand *d, unsigned point, unsigned k);

/** What is remarkable about that interval: enum pw_demand_flag. The same for all points. */
static inline uint8_t pw_demand_previous_flags(const struct pw_demand *d, unsigned k)
{
    return d->rule[k].end.flags;
}

/** Since the last reset, of all rates. */
struct pw_peak pw_demand_peak(struct pw_demand *d, unsigned point, unsigned k);

uint64_t pw_peak_mw(const struct pw_peak *p);
void pw_peak_put(uint8_t out[PW_PEAK_B], const struct pw_peak *p);
void pw_peak_get(struct pw_peak *p, const uint8_t in[PW_PEAK_B]);

/* Stored with the fast image, all of one instant. Packing evaluates what has ended. The history of a sliding window is not stored. */
void pw_demand_pack(const struct pw_demand *d, uint8_t out[PW_DEMAND_HEADER_B]);
void pw_demand_pack_slot(struct pw_demand *d, unsigned point, unsigned k, uint8_t out[PW_DEMAND_SLOT_B]);
void pw_demand_unpack(struct pw_demand *d, const uint8_t in[PW_DEMAND_HEADER_B]);
void pw_demand_unpack_slot(struct pw_demand *d, unsigned point, unsigned k, const uint8_t in[PW_DEMAND_SLOT_B]);

/* For billing.c only: peaks move between here and the slow image. */
void pw_demand_freeze(struct pw_demand *d);                          /* new peaks are late ones */
void pw_demand_commit(struct pw_demand *d, bool reset);              /* the slow image has what was before freeze */
struct pw_peak pw_demand_frozen_peak(struct pw_demand *d, unsigned point, unsigned k); /* without late ones */
void pw_demand_late_peak(const struct pw_demand *d, unsigned point, unsigned k, unsigned rate, struct pw_peak *peak); /* if higher */
void pw_demand_slow(struct pw_demand *d, unsigned point, unsigned k, enum pw_slow_kind kind, uint8_t *data, const struct pw_slow_layout *l,
                    bool reset);

#endif
