/* SPDX-License-Identifier: Apache-2.0 */
/* Energy registers. The gateware counts each CT's energy exactly, in units of its own (0.69 uWh at 500 V, 800 A), in 64 bits: more
 * than 3000 years at full scale. This module follows it at each window and holds the total in 1e-6 Wh or varh with a fraction of 64
 * bits; nothing is cut off but what the factor itself rounds (pw_scale_energy). */
#ifndef PW_ENERGY_H
#define PW_ENERGY_H

#include <stdbool.h>

#include "config.h"
#include "frontend.h"

enum pw_energy_kind { PW_WH_DEL, PW_WH_REC, PW_VARH_Q1, PW_VARH_Q2, PW_VARH_Q3, PW_VARH_Q4 };

#define PW_VAH_TIME_LOG2 72u

struct pw_energy_ct {
    uint32_t k_f64[3];                 /* uWh per unit */
    uint32_t acc[PW_N_ENERGY][4];      /* uWh: words 2, 3; fraction: words 0, 1 */
    uint32_t va[2][3];                 /* apparent energy, delivered and received: fraction, then uVAh in words 1, 2 */
    uint32_t samples;                  /* FE.SAMPLES when it was last counted */
    uint64_t raw[PW_N_ENERGY];         /* gateware energy counted then */
    uint32_t residue;                  /* gateware pulse residue then */
    uint8_t  rejects;                  /* readings refused in a row */
};

struct pw_energy {
    struct pw_energy_ct ct[PW_MAX_CT];
    uint32_t rejected;                 /* impossible readings, ever: each is reported */
    uint32_t counts;                   /* times that all CTs were counted: between two of them all registers are of the same instant */
};

/** Counts what the gateware counted since the last call.
 *  A difference larger than full scale on both inputs could have produced is a fault of the bus, not energy: it is refused, and
 *  after 5 such readings in a row the register goes on from the new reading without it.
 *  @param samples  FE.SAMPLES now
 *  @param window   most samples a window may have
 *  @return false if refused */
bool pw_energy_update(struct pw_energy *e, unsigned ct, const struct pw_fe_energy *now, uint32_t samples, uint32_t window);

/** Counts apparent energy, which the gateware knows nothing of: exact but for 2^-32 uVAh each time.
 *  @param s_nva  apparent power, 1e-9 VA  @param time_f72  its time in 1000 h, u.72 (up to 3.9 h) */
void pw_energy_count_va(struct pw_energy_ct *c, bool received, uint64_t s_nva, uint64_t time_f72);

/** Apparent energy in 1e-6 VAh. */
static inline uint64_t pw_energy_va(const struct pw_energy_ct *c, bool received)
{
    return (uint64_t)c->va[received][2] << 32 | c->va[received][1];
}

/** Total in 1e-6 Wh or varh; wraps after 2^64 (18 TWh). */
static inline uint64_t pw_energy_get(const struct pw_energy_ct *c, enum pw_energy_kind kind)
{
    return (uint64_t)c->acc[kind][3] << 32 | c->acc[kind][2];
}

#endif
