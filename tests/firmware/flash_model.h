/* SPDX-License-Identifier: Apache-2.0 */
/* The simulation's flash model, with the asserts and the random numbers of the tests. */
#include "t.h"
#define FM_ASSERT(condition) assert_true(condition)
#define FM_RND(seed)         rnd(seed)
#include "../../sim/calendar/flash_model.h"
