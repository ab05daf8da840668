/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's Modbus registers: modbus_map.def. Reads come from the last snapshot, so one request is always coherent.
 * Writes need the programming switch open (else exception 4), must hit writable registers only (exception 2) and leave the whole
 * configuration valid (exception 3); then they are applied and saved together. */
#ifndef PW_MODBUS_MAP_H
#define PW_MODBUS_MAP_H

#include "config.h"
#include "diag.h"
#include "modbus.h"
#include "snapshot.h"

struct pw_modbus_map {
    const struct pw_snapshot *snap;
    const struct pw_config   *cfg;
    const struct pw_diag     *diag;
    void (*commit)(void *ctx, const struct pw_config *next); /* takes over a checked configuration */
    void  *commit_ctx;
    struct pw_total total;      /* of the point last asked for in this request */
    unsigned        total_of;
    bool            total_known;
};

/** Functions for struct pw_modbus_server; ctx is a struct pw_modbus_map. */
int pw_modbus_map_read(void *ctx, uint16_t addr, uint16_t qty, uint8_t *regs);
int pw_modbus_map_write(void *ctx, uint16_t addr, uint16_t qty, const uint8_t *regs);

#endif
