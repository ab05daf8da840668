/* SPDX-License-Identifier: Apache-2.0 */
/* A day of a meter, with the power cut at every write. The process forks at each operation: the child loses the power in it, starts again, goes on for some
 * windows and checks everything; the parent goes on with the day. docs/calendar.md */
#ifndef PW_CAL_TORTURE_H
#define PW_CAL_TORTURE_H

#include "report.h"
#include "scenario.h"

#define TOR_POINTS    24u
#define TOR_MARKS     4096u
#define TOR_BUCKETS   (PW_TOU_RATES + 1u) /* and test mode */
#define TOR_DEMANDS   2u
#define TOR_ACTIONS   16u
#define TOR_SUMMARY_B 400u

/* Energies as the interval log takes them, 1e-6 Wh and varh, at the end of a window. */
struct tor_mark {
    uint64_t world_us, window_us;
    uint32_t utc_s;
    uint64_t uwh[PW_INTERVAL_N_ENERGY][TOR_POINTS];
};

/* What an image of FRAM must bring back. */
struct tor_state {
    bool     valid;
    uint32_t seq;                                      /* of the image */
    unsigned n_marks, rate;
    uint64_t total[TOR_POINTS][PW_N_TQ];
    uint64_t by_rate[TOR_POINTS][PW_N_TQ][TOR_BUCKETS];
    uint64_t peak_mw[TOR_POINTS][TOR_DEMANDS];
    unsigned __int128 net_f32[TOR_POINTS][2];          /* truth: delivered, received, 2^-32 uWh */
};

/* Shared by all processes. */
struct tor_result {
    uint64_t ops, children, cuts, recoveries_cut, failures;
    uint64_t restored_newest, restored_before;         /* image under way at the cut counted, or the one before */
    uint64_t lost_uwh_max, lost_us_max, lost_windows_max, intervals_lost, undetected;
    uint64_t records_checked, corrupt_events;
    uint64_t flips, flips_seen, fram_flips, fram_flips_seen, dead_sectors, dead_found, intervals_over_dead;
    uint64_t by_op[8];                                 /* cuts by enum cal_op */
    char     first[TOR_SUMMARY_B];                     /* failure */
};

struct torture {
    struct cal_run run;
    struct tor_result *result;
    uint64_t seed;
    /* truth */
    struct tor_mark mark[TOR_MARKS];
    unsigned n_marks, rate;
    uint32_t marked_seq;
    uint64_t total[TOR_POINTS][PW_N_TQ];               /* at the last mark */
    uint64_t by_rate[TOR_POINTS][PW_N_TQ][TOR_BUCKETS];
    uint64_t origin[TOR_POINTS][PW_N_TQ];
    bool     counting;                                 /* origin is known */
    unsigned __int128 net_f32[TOR_POINTS][2];
    struct tor_state saved, before, writing;           /* newest whole image, the one before it, the one under way */
    uint32_t saves_seen;
    uint64_t window_start_us;                          /* of the last window */
    uint32_t expected_power_ups;
    unsigned cold;                                     /* power-ups since the last rest */
    /* the script */
    uint32_t end_utc_s;
    unsigned next_action, n_actions;
    struct { uint32_t utc_s; uint8_t kind; } action[TOR_ACTIONS];
    uint8_t  schedule[2][PW_TOU_SIZE_B];
    struct pw_tou tou[2];
    /* the child */
    bool     child, all_records, calm;                 /* calm: no cut now */
    bool     faults;                                   /* flash events are wanted */
    unsigned cuts_left, windows_left;
    uint64_t op_id;
    unsigned variant;
};

/** Says what is wrong, with the seed; ends a child. */
void tor_fail(struct torture *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* torture_day.c */
/** Makes the meter and its script, and runs it up to the morning of the day. @return false */
bool tor_prepare(struct torture *t, const char *schedule_file, unsigned days_before);
/** The day from where it is; a child ends in it. */
void tor_day(struct torture *t);

/* torture_truth.c */
/** The meter has published a window: what has flowed is now truth. Nothing if it has not. */
void tor_mark(struct torture *t);
/** Follows the saves; to be called before each operation. */
void tor_follow(struct torture *t);
/** After a power-up, before the first window: which state is back? */
void tor_restored(struct torture *t);
/** After the first window, and at rest: registers, logs, events. */
void tor_check(struct torture *t, bool all);

/** Sum of all rates and test mode = register, for all. @return false: not so, or it cannot be read */
bool tor_rates_fit(struct torture *t, bool by_rate);

/** Is this what the registers are? */
bool tor_is_state(const struct torture *t, const struct tor_state *s);

/* torture.c */
/** Does something in a child of its own. @return what it returned; true: it died */
bool tor_apart(struct torture *t, bool (*what)(struct torture *t, unsigned n), unsigned n);

/* torture_faults.c */
void tor_flash_flips(struct torture *t, unsigned n);
void tor_fram_flips(struct torture *t, unsigned n);
void tor_dead_sectors(struct torture *t, unsigned n, unsigned windows);

#endif
