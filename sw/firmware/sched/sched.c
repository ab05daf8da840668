/* SPDX-License-Identifier: Apache-2.0 */
#include "sched.h"

#include <assert.h>
#include <string.h>

#define SECOND_US 1000000u

void pw_sched_init(struct pw_sched *s, const struct pw_hal *hal, void *ctx, const struct pw_task_info *info, unsigned n_tasks)
{
    assert(n_tasks <= PW_MAX_TASKS);
    memset(s, 0, sizeof *s);
    s->hal = hal;
    s->ctx = ctx;
    s->info = info;
    s->n_tasks = n_tasks;
    s->second_us = pw_uptime_us(hal);
    for (unsigned i = 0; i < n_tasks; i++)
        s->task[i].ran_us = (uint32_t)s->second_us - info[i].period_us; /* due at once */
}

static uint16_t share_e4(uint32_t busy_us, uint32_t of_us)
{
    uint32_t e4 = of_us < 100 ? 0 : busy_us * 100 / (of_us / 100);
    return (uint16_t)(e4 > 10000 ? 10000 : e4);
}

static void end_second(struct pw_sched *s, uint64_t now)
{
    uint64_t long_us = now - s->second_us;
    uint32_t us = long_us > 10 * SECOND_US ? 10 * SECOND_US : (uint32_t)long_us;
    for (unsigned i = 0; i < s->n_tasks; i++) {
        s->task[i].load_e4 = share_e4(s->task[i].busy_us, us);
        s->task[i].busy_us = 0;
    }
    s->load_e4 = share_e4(s->busy_us, us);
    s->busy_us = 0;
    s->passes_1s = s->passes;
    s->passes = 0;
    s->worst_1s_us = s->worst_now_us;
    s->worst_now_us = 0;
    s->second_us = now;
}

void pw_sched_pass(struct pw_sched *s)
{
    uint64_t now_us = pw_uptime_us(s->hal);
    uint32_t start = (uint32_t)now_us, now = start;
    for (unsigned i = 0; i < s->n_tasks; i++) {
        const struct pw_task_info *info = &s->info[i];
        struct pw_task *t = &s->task[i];
        if (now - t->ran_us < info->period_us)
            continue;
        t->ran_us = now;
        bool worked = info->run(s->ctx);
        now_us = pw_uptime_us(s->hal);
        uint32_t us = (uint32_t)now_us - now;
        now = (uint32_t)now_us;
        if (us > t->worst_us)
            t->worst_us = us;
        if (worked) {
            t->busy_us += us;
            s->busy_us += us;
        }
    }
    uint32_t pass = now - start;
    if (pass > s->worst_us)
        s->worst_us = pass;
    if (pass > s->worst_now_us)
        s->worst_now_us = pass;
    s->passes++;
    if (now_us - s->second_us >= SECOND_US)
        end_second(s, now_us);
}
