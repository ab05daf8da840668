/* SPDX-License-Identifier: Apache-2.0 */
/* Time in words, for display and console. */
#ifndef PW_CLOCK_TEXT_H
#define PW_CLOCK_TEXT_H

#include "clock.h"
#include "text.h"

/** "2026-11-21 10:44:10" */
void pw_clock_text(struct pw_text *t, uint32_t utc);

const char *pw_clock_state_name(unsigned state);

#endif
