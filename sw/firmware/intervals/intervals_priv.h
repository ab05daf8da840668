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

/* intervals_prev.c */

/** Units recorded from now on. @param from  NULL: those of now; else they stand there, from byte `at` on @return PW_OK, or of the memory: try again */
PW_MUST_CHECK int pw_intervals_rebase(struct pw_intervals *iv, pw_intervals_reader from, void *ctx, uint32_t at);

/** Units since the last record, which this one takes over. @param[out] values  of a record: 4 bytes each @param[in,out] flags  PW_INTERVAL_OVERFLOW
 *  @return PW_OK, PW_ERR_CRC (those of the last record are damaged), PW_ERR_IO (nothing was taken: try again) */
PW_MUST_CHECK int pw_intervals_take(struct pw_intervals *iv, uint8_t *values, unsigned *flags);

/** For the block: bytes at .. at + len - 1 of them, in order. @return PW_OK, PW_ERR_IO, PW_ERR_CRC (with the last) */
PW_MUST_CHECK int pw_intervals_prev_part(struct pw_intervals *iv, uint32_t at, uint8_t *out, size_t len);

#endif
