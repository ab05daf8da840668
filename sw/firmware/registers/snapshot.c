/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot.h"

#include "wide.h"

bool pw_meas_has_load(const struct pw_config *cfg, unsigned ct, const struct pw_meas_ct *m)
{
    uint32_t q = m->q_mvar < 0 ? 0 - (uint32_t)m->q_mvar : (uint32_t)m->q_mvar;
    return (m->flags & PW_FLAG_CREEP) == 0 || q >= cfg->point[cfg->ct[ct].point].creep_mw;
}

uint64_t pw_meas_apparent_nva(const struct pw_config *cfg, unsigned ct, const struct pw_meas_ct *m)
{
    return m->v_mv * pw_meas_i_ua(m) >> (2 - pw_config_ct_halves(cfg, ct));
}

/* i_root: square root of the window's sum of squares, u.23 of full scale */
uint64_t pw_snapshot_i_window_ua(const struct pw_snapshot *s, const struct pw_config *cfg, unsigned ct)
{
    if (s->samples == 0)
        return 0;
    uint64_t n_f16 = pw_isqrt64((uint64_t)s->samples << 32); /* root of N */
    uint64_t root_f31 = ((uint64_t)s->i_root[ct] << 24) / n_f16;
    uint64_t ma_f31 = root_f31 * cfg->ct[ct].i_fs_ma;
    return (ma_f31 >> 31) * 1000 + (((ma_f31 & 0x7FFFFFFF) * 1000 + (UINT64_C(1) << 30)) >> 31);
}

void pw_snapshot_total(const struct pw_snapshot *s, const struct pw_config *cfg, unsigned point, struct pw_total *t)
{
    *t = (struct pw_total){0};
    for (unsigned k = 0; k < cfg->n_ct; k++) {
        if (point == PW_ALL_POINTS ? cfg->ct[k].role == PW_ROLE_MAIN : cfg->ct[k].point != point)
            continue;
        t->p_mw += s->ct[k].p_mw;
        t->q_mvar += s->ct[k].q_mvar;
        t->flags |= s->ct[k].flags;
        t->n_ct++;
        for (unsigned i = 0; i < PW_N_ENERGY; i++)
            t->energy[i] += pw_snapshot_energy(s, k, (enum pw_energy_kind)i);
    }
}
