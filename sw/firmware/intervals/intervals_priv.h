/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PW_INTERVALS_PRIV_H
#define PW_INTERVALS_PRIV_H

#include "intervals.h"

static inline unsigned pw_intervals_energies(unsigned channels)
{
    return (channels & 1) + (channels >> 1 & 1) + (channels >> 2 & 1) + (channels >> 3 & 1);
}

static inline unsigned pw_intervals_values(const struct pw_intervals_config *cfg)
{
    return cfg->n_points * pw_intervals_energies(cfg->channels);
}

static inline unsigned pw_intervals_len(const struct pw_intervals_config *cfg)
{
    return PW_INTERVAL_HEAD_B + 4u * pw_intervals_values(cfg) + ((cfg->channels & PW_INTERVAL_VOLTS) != 0 ? PW_INTERVAL_VOLTS_B : 0);
}

#endif
