/* SPDX-License-Identifier: Apache-2.0 */
/* Sectors that failed: one list for all logs of a flash. It must outlive a power cut (FRAM): what fails once is not written again. */
#ifndef PW_FLASH_DEAD_H
#define PW_FLASH_DEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "errors.h"

#define PW_FLASH_DEAD_MAX    16u
#define PW_FLASH_DEAD_SIZE_B 40u /* packed */

struct pw_flash_dead {
    uint16_t sector[PW_FLASH_DEAD_MAX]; /* address / 4096 */
    uint16_t unlisted;                  /* failures that found the list full */
    uint8_t  n;
    bool     changed;                   /* save it, then clear this */
};

bool pw_flash_dead_has(const struct pw_flash_dead *d, uint32_t addr);

/** @return false if the list is full (the sector will be tried again when the ring comes round) */
bool pw_flash_dead_add(struct pw_flash_dead *d, uint32_t addr);

void pw_flash_dead_pack(const struct pw_flash_dead *d, uint8_t out[PW_FLASH_DEAD_SIZE_B]);

/** @return PW_OK, PW_ERR_MAGIC, PW_ERR_CRC, PW_ERR_RANGE: then the list is empty */
PW_MUST_CHECK int pw_flash_dead_unpack(struct pw_flash_dead *d, const uint8_t in[PW_FLASH_DEAD_SIZE_B]);

#endif
