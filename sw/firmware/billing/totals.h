/* SPDX-License-Identifier: Apache-2.0 */
/* The energies that billing and demand are made of. They only grow, and live elsewhere. */
#ifndef PW_TOTALS_H
#define PW_TOTALS_H

#include <stdint.h>

/* 1e-6 Wh, varh, VAh. Quadrants as in docs/architecture.md: Q1 + Q2 are varh delivered, Q3 + Q4 received. */
enum pw_total_quantity {
    PW_TQ_WH_DEL, PW_TQ_WH_REC, PW_TQ_VARH_Q1, PW_TQ_VARH_Q2, PW_TQ_VARH_Q3, PW_TQ_VARH_Q4, PW_TQ_VAH_DEL, PW_TQ_VAH_REC, PW_N_TQ
};

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
