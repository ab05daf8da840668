/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration in FRAM: two copies, written in turn, the one with the larger revision counts. */
#ifndef PW_CONFIG_STORE_H
#define PW_CONFIG_STORE_H

#include <stdbool.h>

#include "config.h"
#include "fram.h"

struct pw_config_store {
    struct pw_fram *fram;
    uint8_t  target;   /* copy to write next */
    uint8_t  step;     /* 0: not saving; 1 + k: part k to write next */
    uint32_t crc;
    uint32_t errors;
};

/** Loads the newer valid copy, or one that an earlier release left (version 1); `cfg` is scratch unless PW_OK.
 *  @param[out] fault  what is wrong with the copy that got furthest; set unless PW_OK
 *  @return PW_OK, PW_ERR_IO, or what pw_config_decode said */
PW_MUST_CHECK int pw_config_store_load(struct pw_config_store *st, struct pw_fram *fram, struct pw_config *cfg, struct pw_config_fault *fault);

/** Begins a save, or begins it anew. */
void pw_config_store_begin(struct pw_config_store *st);

/** Writes a part of PW_CONFIG_PART_B bytes. @return false if there was nothing to do */
bool pw_config_store_step(struct pw_config_store *st, const struct pw_config *cfg);

#endif
