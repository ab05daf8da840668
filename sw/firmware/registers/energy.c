/* SPDX-License-Identifier: Apache-2.0 */
#include "energy.h"

#include "wide.h"

#define FS_PRODUCT_LOG2 15u /* a line voltage reaches twice full scale: 2 * 2^46 / 2^32 a sample */
#define REJECTS_MAX     5u

static void count(uint32_t acc[4], uint64_t delta, const uint32_t k_f64[3])
{
    uint32_t uwh_f64[5] = {0};
    uint64_t carry = 0;
    if (k_f64[2] == 0) /* full scales up to some 570 kW */
        pw_wide_mul(uwh_f64, delta, (uint64_t)k_f64[1] << 32 | k_f64[0]);
    else
        pw_wide_mac(uwh_f64, delta, k_f64);
    for (unsigned i = 0; i < 4; i++) {
        carry += (uint64_t)acc[i] + uwh_f64[i];
        acc[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

bool pw_energy_update(struct pw_energy *e, unsigned ct, const struct pw_fe_energy *now, uint32_t samples, uint32_t window)
{
    struct pw_energy_ct *c = &e->ct[ct];
    uint32_t elapsed = samples - c->samples;
    uint64_t limit = ((uint64_t)elapsed + 2 * window) << FS_PRODUCT_LOG2;
    bool possible = true;
    for (unsigned i = 0; i < PW_N_ENERGY; i++)
        possible &= now->energy[i] - c->raw[i] <= limit;
    if (!possible) {
        e->rejected++;
        if (++c->rejects < REJECTS_MAX)
            return false;
    }
    c->rejects = 0;
    for (unsigned i = 0; i < PW_N_ENERGY; i++) {
        uint64_t delta = now->energy[i] - c->raw[i]; /* modulo 2^64 */
        if (possible && delta != 0)
            count(c->acc[i], delta, c->k_f64);
        c->raw[i] = now->energy[i];
    }
    c->residue = now->residue;
    c->samples = samples;
    return possible;
}

void pw_energy_count_va(struct pw_energy_ct *c, bool received, uint64_t s_nva, uint64_t time_f72)
{
    uint32_t p[4];
    pw_wide_mul(p, s_nva, time_f72);
    uint64_t carry = 0;
    for (unsigned i = 0; i < 3; i++) { /* 72 fraction bits to 32 */
        carry += (uint64_t)c->va[received][i] + (p[i + 1] >> 8) + (i < 2 ? (uint64_t)(uint8_t)p[i + 2] << 24 : 0);
        c->va[received][i] = (uint32_t)carry;
        carry >>= 32;
    }
}
