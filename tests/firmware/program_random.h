/* SPDX-License-Identifier: Apache-2.0 */
/* Random programs that pass the check. */
#ifndef PW_PROGRAM_RANDOM_H
#define PW_PROGRAM_RANDOM_H

#include "program.h"
#include "t.h"
#include "tou.h"

static inline unsigned pick(uint64_t *s, unsigned lo, unsigned hi)
{
    return lo + (unsigned)(rnd(s) >> 33) % (hi - lo + 1);
}

static inline void random_item(uint64_t *s, const struct pw_program *p, struct pw_program_item *it)
{
    struct pw_program probe = *p;
    do {
        *it = (struct pw_program_item){.what = (uint8_t)pick(s, 1, PW_N_ITEMS - 1), .code = (uint8_t)pick(s, 0, 99),
                                       .tenths = (uint8_t)(pick(s, 0, 1) ? pick(s, 5, 250) : 0)};
        it->arg = (uint8_t)(pick(s, 0, 1) ? pick(s, 0, 255) : 0);
        probe.n_items = 1;
        probe.n_test = 0;
        probe.item[0] = *it;
    } while (pw_program_check(&probe, NULL) != PW_OK);
}

static inline void random_program(uint64_t *s, struct pw_program *p)
{
    static const uint8_t intervals[] = {1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60};
    static const uint16_t minutes[] = {5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440};
    memset(p, 0, sizeof *p);
    p->revision = (uint32_t)rnd(s);
    p->profile = (uint8_t)pick(s, 0, PW_N_PROFILES - 1);
    p->quantities = (uint8_t)pick(s, 1, 255);
    p->n_rates = (uint8_t)pick(s, 1, PW_TOU_RATES);
    p->n_past = (uint8_t)pick(s, 1, PW_MAX_PAST);
    p->digits = (uint8_t)pick(s, 4, 9);
    p->decimals = (uint8_t)pick(s, 0, 3);
    p->demand_digits = (uint8_t)pick(s, 4, 9);
    p->demand_decimals = (uint8_t)pick(s, 0, 3);
    p->reset_by = (uint8_t)pick(s, 0, 15);
    p->reset_lock_min = (uint16_t)pick(s, 0, 1440);
    p->n_demands = (uint8_t)pick(s, 0, 3);
    for (unsigned i = 0; i < p->n_demands; i++) {
        struct pw_demand_config *d = &p->demand[i];
        *d = (struct pw_demand_config){(uint8_t)pick(s, 0, PW_DEMAND_VA_REC), (uint8_t)pick(s, 0, 2), intervals[pick(s, 0, 11)], 1};
        if (d->method == PW_DEMAND_SLIDING)
            do
                d->subintervals = (uint8_t)pick(s, 2, 15);
            while (d->interval_min * 60 % d->subintervals != 0);
    }
    p->rules = (struct pw_demand_rules){(uint8_t)pick(s, 0, 255), (uint32_t)rnd(s), (uint16_t)pick(s, 0, 1440), (uint32_t)rnd(s)};
    p->intervals = (struct pw_intervals_config){.minutes = minutes[pick(s, 0, 12)], .channels = (uint8_t)(pick(s, 1, 15) | pick(s, 0, 1) << 4),
                                                .unit_log10 = (uint8_t)pick(s, 0, 6)};
    p->close_day = (uint8_t)pick(s, 0, 28);
    p->close_resets = pick(s, 0, 1);
    p->season_closes = pick(s, 0, 1);
    p->tou = pick(s, 0, 1);
    p->test_timeout_min = (uint16_t)pick(s, 0, 1440);
    p->style = (uint8_t)pick(s, 0, 1);
    p->items_tenths = (uint8_t)pick(s, 5, 250);
    p->n_items = (uint8_t)pick(s, 1, PW_MAX_ITEMS);
    p->n_test = (uint8_t)pick(s, 0, p->n_items - 1u);
    for (unsigned i = 0; i < p->n_items; i++)
        random_item(s, p, &p->item[i]);
    unsigned kind = pick(s, 0, 3);
    p->n_outputs = (uint8_t)pick(s, 0, PW_MAX_OUTPUTS);
    for (unsigned i = 0; i < p->n_outputs; i++)
        p->output[i] = (struct pw_program_output){(uint8_t)(1 + (kind + i) % 4), (uint8_t)pick(s, 0, PW_N_SQ - 1),
                                                  (uint8_t)(pick(s, 0, 1) ? PW_OUT_ALL_POINTS : pick(s, 0, 53)), pick(s, 0, 1),
                                                  pick(s, 10, 10000000)};
    p->pulse_weight_mwh = pick(s, 0, 1) ? pick(s, 10, 100000000) : 0;
}

#endif
