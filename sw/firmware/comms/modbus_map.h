/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's Modbus registers: modbus_map.def. Reads come from the last snapshot, so one request is always coherent.
 * Configuration (RW) needs the programming switch open (else exception 4) and must leave the whole configuration valid (exception 3); then
 * all of a request is applied and saved together. Commands (CMD) are executed word by word by their owner, who decides.
 * A request that touches a register that is not writable, or both kinds: exception 2. */
#ifndef PW_MODBUS_MAP_H
#define PW_MODBUS_MAP_H

#include "config.h"
#include "diag.h"
#include "modbus.h"
#include "snapshot.h"
#include "view.h"

/* M_<block>_<value>: number of a register of the map; M_FIRST_<block>: of the first one of a block. */
enum pw_map_id {
#define BLOCK(name, base, stride, items, owner, title) M_FIRST_##name, M_BEFORE_##name = M_FIRST_##name - 1,
#define REG(block, off, type, access, value, name, unit, text) M_##block##_##value,
#define RES(block, off) M_##block##_RES##off,
#include "modbus_map.def"
#undef BLOCK
#undef REG
#undef RES
    PW_MAP_N_REGS
};

struct pw_modbus_map {
    const struct pw_snapshot *snap;
    const struct pw_config   *cfg;
    const struct pw_diag     *diag;
    void (*commit)(void *ctx, const struct pw_config *next); /* takes over a checked configuration */
    void  *commit_ctx;
    const struct pw_view     *view; /* what is NULL in it reads 0 */
    struct pw_total total;      /* of the point last asked for in this request */
    unsigned        total_of;
    bool            total_known;
};

/* A part of the map. Functions that it does not need are NULL. item: of the block, from 0. word: of the value, 0 = highest. */
struct pw_map_owner {
    uint64_t    (*get)(struct pw_modbus_map *m, unsigned id, unsigned item);
    const char *(*text)(const struct pw_modbus_map *m, unsigned id, unsigned item); /* STR16: 16 characters */
    bool        (*put)(struct pw_config *next, unsigned id, unsigned item, unsigned word, uint16_t v); /* RW: false = does not fit its field */
    int         (*command)(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v); /* CMD: PW_MB_OK or an exception */
};

/** `old` with its high (word 0) or low half replaced. */
static inline uint32_t pw_map_put_word(uint32_t old, unsigned word, uint16_t v)
{
    return word == 0 ? (old & 0xFFFFu) | (uint32_t)v << 16 : (old & 0xFFFF0000u) | v;
}

/** Functions for struct pw_modbus_server; ctx is a struct pw_modbus_map. */
int pw_modbus_map_read(void *ctx, uint16_t addr, uint16_t qty, uint8_t *regs);
int pw_modbus_map_write(void *ctx, uint16_t addr, uint16_t qty, const uint8_t *regs);

#endif
