/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot.h"

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
            t->energy[i] += s->energy[k][i];
    }
}
