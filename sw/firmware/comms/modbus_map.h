/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's Modbus registers: modbus_map.def. Reads come from the last snapshot, so one request is always coherent.
 * Configuration (RW) needs the programming switch open (else exception 4) and must leave the whole configuration valid (exception 3); then
 * all of a request is applied and saved together. Commands (CMD) are executed word by word by their owner, who decides.
 * The program (PRG) goes to pw_books_set_program, all of a request together. A request that touches a register that is not writable, or
 * different kinds: exception 2. */
#ifndef PW_MODBUS_MAP_H
#define PW_MODBUS_MAP_H

#include "books.h"
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

#define PW_MAP_PAGE_VALUES 54u /* of an interval, in one block of registers */

/* What clients have asked to see, all clients alike: so each answer says what it is about. */
struct pw_map_asked {
    uint32_t event, interval;
    uint16_t close;
    uint8_t  event_log, close_point, close_part, past_point, past_demand;
};

enum pw_map_cached { PW_CACHED_NONE, PW_CACHED_VALUES, PW_CACHED_PEAKS, PW_CACHED_PAST, PW_CACHED_EVENT, PW_CACHED_INTERVAL, PW_CACHED_CLOSE };
enum pw_map_record { PW_RECORD_HERE = 0, PW_RECORD_NOT_YET = 1, PW_RECORD_GONE = 2, PW_RECORD_DAMAGED = 3 };

/* A record, or registers of a point, that a request has read. */
struct pw_map_cache {
    uint8_t  what;             /* enum pw_map_cached */
    uint8_t  state;            /* registers: there are some; records: enum pw_map_record */
    uint16_t item;
    union {
        struct pw_billing_values values;
        struct pw_billing_peaks  peaks;
        struct pw_peak past[PW_MAX_PAST];
        struct pw_event event;
        struct { struct pw_interval head; uint8_t raw[4 * PW_MAP_PAGE_VALUES]; } interval;
        struct { struct pw_close_part head; uint8_t data[PW_SLOW_BLOCK_B]; } close;
    } u;
};

/* What a reading request has fetched already, for all its registers: it lives only as long as the request. */
struct pw_map_request {
    struct pw_total total;      /* of the point last asked for */
    unsigned        total_of;
    bool            total_known;
    struct pw_map_cache cache;
};

struct pw_modbus_map {
    const struct pw_snapshot *snap;
    const struct pw_config   *cfg;
    const struct pw_diag     *diag;
    void (*commit)(void *ctx, const struct pw_config *next); /* takes over a checked configuration */
    void  *commit_ctx;
    const struct pw_view     *view; /* what is NULL in it reads 0 */
    struct pw_map_request *request; /* the one that is being answered */
    int8_t          result;     /* enum pw_err of the last thing that books were asked for */
    uint8_t         exception;  /* of this request: a value cannot be read now */
    struct pw_map_asked asked;
    const char     *fault_group, *fault_field; /* why a program or schedule was refused last; NULL: it was not */
    int16_t         fault_index;
    struct pw_program *next;    /* while a request changes it */
};

/* A part of the map. Functions that it does not need are NULL. item: of the block, from 0. word: of the value, 0 = highest.
 * What cannot be read now sets m->exception. */
struct pw_map_owner {
    uint64_t    (*get)(struct pw_modbus_map *m, unsigned id, unsigned item);
    const char *(*text)(const struct pw_modbus_map *m, unsigned id, unsigned item); /* STR16: at most 16 characters count */
    void        (*run)(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, unsigned n, uint8_t *regs); /* runs of registers; they are 0 before */
    bool        (*put)(struct pw_config *next, unsigned id, unsigned item, unsigned word, uint16_t v); /* RW: false = does not fit its field */
    int         (*command)(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v); /* CMD: PW_MB_OK or an exception; PRG: into m->next */
    int         (*store)(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, unsigned n, const uint8_t *regs); /* CMD, runs of registers */
};

/* Where in a struct the value of a register is. It is as wide as the register if it is signed. */
struct pw_map_field {
    uint16_t at : 14, log2_b : 2;
};
#define PW_MAP_FIELD(type, f) {offsetof(type, f), (sizeof ((type *)0)->f > 1) + (sizeof ((type *)0)->f > 2) + (sizeof ((type *)0)->f > 4)}

/* Two bytes, one behind the other, as one register: the first one is its low byte. */
#define PW_MAP_PAIR(type, f, g) {offsetof(type, f) + 0u * sizeof(char[offsetof(type, g) == offsetof(type, f) + 1u ? 1 : -1]), 1}

uint64_t pw_map_get(const void *from, struct pw_map_field f);

/** One register of a field of up to 32 bits. @return false: does not fit, nothing was changed */
bool pw_map_put(void *to, struct pw_map_field f, unsigned word, uint16_t v);

/** `old` with its high (word 0) or low half replaced. */
static inline uint32_t pw_map_put_word(uint32_t old, unsigned word, uint16_t v)
{
    return word == 0 ? (old & 0xFFFFu) | (uint32_t)v << 16 : (old & 0xFFFF0000u) | v;
}

/** May what bills be changed? The books decide and log; without them the programming switch. @return PW_MB_OK or an exception */
int pw_map_may_change(struct pw_modbus_map *m, enum pw_books_group group);

/** The exception for an enum pw_err, which is kept as the result of the last request. */
int pw_map_answer(struct pw_modbus_map *m, int err);

/** Is this what the request has read already? If not the cache is empty for it. */
bool pw_map_cached(struct pw_modbus_map *m, enum pw_map_cached what, unsigned item);

/** Why a value cannot be read, into m->exception: PW_ERR_STATE is busy, all else a failure. */
void pw_map_unread(struct pw_modbus_map *m, int err);

/** m->next becomes the program. @return PW_MB_OK or an exception */
int pw_map_program_end(struct pw_modbus_map *m);

/** Functions for struct pw_modbus_server; ctx is a struct pw_modbus_map. */
int pw_modbus_map_read(void *ctx, uint16_t addr, uint16_t qty, uint8_t *regs);
int pw_modbus_map_write(void *ctx, uint16_t addr, uint16_t qty, const uint8_t *regs);

#endif
