/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PW_DEMAND_PRIV_H
#define PW_DEMAND_PRIV_H

#include "demand.h"

static inline struct pw_demand_slot *pw_demand_slot_at(struct pw_demand *d, unsigned point, unsigned k)
{
    return &d->slot[point * d->n_demands + k];
}

static inline uint64_t pw_mw48_get(const struct pw_mw48 *m)
{
    return (uint64_t)m->w[2] << 32 | (uint32_t)m->w[1] << 16 | m->w[0];
}

static inline void pw_mw48_set(struct pw_mw48 *m, uint64_t mw)
{
    *m = (struct pw_mw48){{(uint16_t)mw, (uint16_t)(mw >> 16), (uint16_t)(mw >> 32)}};
}

/* History of a slot: words of the rules before it, then those of the points before it. */
uint64_t *pw_demand_words(const struct pw_demand *d, unsigned point, unsigned k);

uint64_t pw_demand_energy(const struct pw_demand *d, unsigned point, unsigned k);
uint32_t pw_demand_sub_ms(const struct pw_demand *d, const struct pw_demand_rule *r);
/** Evaluates what has ended, if that is still to be done. @return the slot */
struct pw_demand_slot *pw_demand_settle(struct pw_demand *d, unsigned point, unsigned k);
void pw_demand_begin(struct pw_demand *d, unsigned k, uint32_t id, int64_t begun_ms, uint8_t flags);
void pw_demand_end(struct pw_demand *d, unsigned k, uint64_t up_ms, uint32_t utc_s, uint64_t ms);
uint32_t pw_demand_id(const struct pw_demand *d, const struct pw_demand_rule *r, const struct pw_demand_now *now);

/** 1 - 10^(-ms / interval), 2^-32; error below 1e-8. */
uint32_t pw_thermal_share_f32(uint64_t ms, unsigned interval_min);

/** State after a step in which `uwh` flowed: mW, 2^-16. */
uint64_t pw_thermal_next(uint64_t d_f16, uint64_t uwh, uint64_t ms, uint32_t share_f32);

#endif
