/* SPDX-License-Identifier: Apache-2.0 */
/* The energies that billing and demand are made of. They only grow, and live elsewhere. */
#ifndef PW_TOTALS_H
#define PW_TOTALS_H

#include <stdint.h>

#include "program.h"

/* All totals that are read in one call of a function of this library must be of one instant: call it between two windows. */
struct pw_totals {
    uint64_t (*total)(void *ctx, unsigned point, unsigned quantity);
    void      *ctx;
};

static inline uint64_t pw_total(const struct pw_totals *t, unsigned point, unsigned quantity)
{
    return t->total(t->ctx, point, quantity);
}

#endif
