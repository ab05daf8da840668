/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PW_BILLING_PRIV_H
#define PW_BILLING_PRIV_H

#include "billing.h"

/** Bucket of a rate: itself, n_rates for test mode; -1: none. */
int pw_billing_bucket(const struct pw_billing *b, unsigned rate);

/** A block of the generation that counts, or where it is damaged of the one before.
 *  @return PW_OK, PW_ERR_CRC (neither), PW_ERR_IO, PW_ERR_STATE */
PW_MUST_CHECK int pw_billing_block(struct pw_billing *b, unsigned point, unsigned block, uint8_t buf[PW_SLOW_BLOCK_B]);

/** What the active bucket held when the total was `total`: all that the others in the block's data do not have. */
uint64_t pw_billing_left(const struct pw_billing *b, const uint8_t *data, uint64_t total);

/** Marks of a point, 8 bytes for each block of registers. Such as are damaged are replaced by the totals of now: then some energy counts in the rate
 *  before the switch, and all of it is there.
 *  @return PW_OK, PW_ERR_CRC (they cannot be written either), PW_ERR_IO, PW_ERR_STATE */
PW_MUST_CHECK int pw_billing_marks(struct pw_billing *b, unsigned point, uint8_t buf[PW_SLOW_MARKS_B]);

#endif
