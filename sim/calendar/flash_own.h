/* SPDX-License-Identifier: Apache-2.0 */
/* The flash model, for a whole W25Q64. */
#ifndef PW_CAL_FLASH_OWN_H
#define PW_CAL_FLASH_OWN_H

#include <stdio.h>
#include <stdlib.h>

#include "world.h"

#define FM_SECTORS (CAL_FLASH_B / 4096u)
#define FM_RND(seed) cal_random(seed)
#define FM_ASSERT(condition) \
    ((condition) ? (void)0 : (fprintf(stderr, "flash model, %s:%d: %s\n", __FILE__, __LINE__, #condition), abort()))
#include "flash_model.h"

#endif
