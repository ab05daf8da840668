/* SPDX-License-Identifier: Apache-2.0 */
/* Cooperative scheduler: a table of tasks, each a function that does a little and returns. Accounts for the time of each. */
#ifndef PW_SCHED_H
#define PW_SCHED_H

#include <stdbool.h>

#include "hal.h"

#define PW_MAX_TASKS 15u

/** @return true if the task had something to do: its time counts as load */
typedef bool (*pw_task_fn)(void *ctx);

struct pw_task_info {
    const char *name;
    pw_task_fn  run;
    uint32_t    period_us;  /* between the beginnings of two runs; 0: each pass */
};

struct pw_task {
    uint32_t    ran_us;     /* beginning of the last run, modulo 2^32: 71 minutes, far more than any period */
    uint32_t    worst_us;   /* longest run ever */
    uint32_t    busy_us;    /* in the current second */
    uint16_t    load_e4;    /* of the last second, 0.01 % */
};

struct pw_sched {
    const struct pw_hal *hal;
    void          *ctx;
    const struct pw_task_info *info; /* of task[i] */
    struct pw_task task[PW_MAX_TASKS];
    unsigned       n_tasks;
    uint64_t       second_us;  /* when the current second began */
    uint32_t       busy_us;
    uint32_t       worst_us;   /* longest pass ever */
    uint32_t       worst_1s_us, worst_now_us; /* of the last and the current second */
    uint32_t       passes, passes_1s;
    uint16_t       load_e4;    /* of the last second, 0.01 % */
};

/** @param ctx   handed to every task
 *  @param info  the tasks in the order in which they run; outlives the scheduler. More than PW_MAX_TASKS are a programming error. */
void pw_sched_init(struct pw_sched *s, const struct pw_hal *hal, void *ctx, const struct pw_task_info *info, unsigned n_tasks);

/** One pass over all tasks that are due. */
void pw_sched_pass(struct pw_sched *s);

#endif
