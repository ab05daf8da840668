/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PW_PROGRAM_PRIV_H
#define PW_PROGRAM_PRIV_H

#include "program.h"

/** The single fields, to and from their places in the stored form. */
void pw_program_put_scalars(const struct pw_program *p, uint8_t *image);

/** @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_program_get_scalars(struct pw_program *p, const uint8_t *image, struct pw_program_fault *fault);

#endif
