/* SPDX-License-Identifier: Apache-2.0 */
#include "modbus_map.h"

#include <string.h>

#include "bytes.h"

enum type { U16, S16, U32, S32, U64, S64, STR16, NOTHING, BYTES136, BYTES176, U32X54 };
enum { W_U16 = 1, W_S16 = 1, W_U32 = 2, W_S32 = 2, W_U64 = 4, W_S64 = 4, W_STR16 = 8, W_BYTES136 = 68, W_BYTES176 = 88, W_U32X54 = 108 }; /* registers */
enum items { ONE, NV, NCT, NPOINTS, N3, N4, N5, N8, N13, N16, N32, N50, N120, NREGS, NDEMANDS };
enum access_kind { R, RW, CMD, PRG };

enum block_id {
#define BLOCK(name, base, stride, items, owner, title) B_##name,
#define REG(block, off, type, access, value, name, unit, text)
#define RES(block, off)
#include "modbus_map.def"
    N_BLOCKS
};
#undef BLOCK
#define BLOCK(name, base, stride, items, owner, title) extern const struct pw_map_owner pw_map_##owner;
#include "modbus_map.def"
#undef BLOCK

enum owner_id { OWNER_base, OWNER_points, OWNER_clock, OWNER_waveform, OWNER_wiring, OWNER_calibration, OWNER_quantities, OWNER_spectrum, OWNER_books,
                OWNER_program, OWNER_tariff, OWNER_billing, OWNER_logs };
static const struct pw_map_owner *const owners[] = {
    [OWNER_base] = &pw_map_base, [OWNER_points] = &pw_map_points, [OWNER_clock] = &pw_map_clock, [OWNER_waveform] = &pw_map_waveform,
    [OWNER_wiring] = &pw_map_wiring, [OWNER_calibration] = &pw_map_calibration, [OWNER_quantities] = &pw_map_quantities,
    [OWNER_spectrum] = &pw_map_spectrum, [OWNER_books] = &pw_map_books, [OWNER_program] = &pw_map_program, [OWNER_tariff] = &pw_map_tariff,
    [OWNER_billing] = &pw_map_billing, [OWNER_logs] = &pw_map_logs,
};

static const struct {
    uint16_t base, first; /* address; M_FIRST_... */
    uint8_t  stride, items, owner;
} blocks[N_BLOCKS] = {
#define BLOCK(name, base, stride, items, owner, title) {base, M_FIRST_##name, stride, items, OWNER_##owner},
#include "modbus_map.def"
#undef BLOCK
};
#undef REG
#undef RES

/* A register is its type and access: its offset is that of the one before and its length, as is checked here. */
#define KIND(type, access) ((type) | (access) << 4)
#define BLOCK(name, base, stride, items, owner, title)
#define REG(block, off, type, access, value, name, unit, text) KIND(type, access),
#define RES(block, off) KIND(NOTHING, R),
static const uint8_t kinds_of_map[PW_MAP_N_REGS] = {
#include "modbus_map.def"
};
#undef BLOCK
#undef REG
#undef RES
enum {
#define BLOCK(name, base, stride, items, owner, title) BEFORE_##name = -1,
#define REG(block, off, type, access, value, name, unit, text) AT_##block##_##value, END_##block##_##value = AT_##block##_##value + W_##type - 1,
#define RES(block, off) AT_##block##_RES##off,
#include "modbus_map.def"
};
#undef BLOCK
#undef REG
#undef RES
#define BLOCK(name, base, stride, items, owner, title)
#define REG(block, off, type, access, value, name, unit, text) _Static_assert(AT_##block##_##value == off, "a gap before it, or none");
#define RES(block, off) _Static_assert(AT_##block##_RES##off == off, "a gap before it, or none");
#include "modbus_map.def"
#undef BLOCK
#undef REG
#undef RES

static const uint8_t words_of[] = {[U16] = W_U16, [S16] = W_S16, [U32] = W_U32, [S32] = W_S32, [U64] = W_U64, [S64] = W_S64, [STR16] = W_STR16, [NOTHING] = 1,
                                   [BYTES136] = W_BYTES136, [BYTES176] = W_BYTES176, [U32X54] = W_U32X54};

struct place {
    const struct pw_map_owner *owner;
    unsigned id, item, word;
    unsigned type, words;
    unsigned block; /* where the search begins: the block of the register before, or 0 */
};

static unsigned n_items(const struct pw_modbus_map *m, unsigned items)
{
    static const uint8_t fixed[] = {[ONE] = 1, [NV] = PW_N_V, [N3] = 3, [N4] = 4, [N5] = 5, [N8] = 8, [N13] = 13, [N16] = 16, [N32] = 32, [N50] = 50,
                                    [N120] = 120};
    switch (items) {
    case NCT:      return m->cfg->n_ct;
    case NPOINTS:  return m->cfg->n_points;
    case NREGS:    return (unsigned)m->cfg->n_points * PW_N_TQ;
    case NDEMANDS: return (unsigned)m->cfg->n_points * PW_MAX_DEMANDS;
    default:       return fixed[items];
    }
}

/* @return false: not in this block, or in none of its registers */
static bool locate_in(const struct pw_modbus_map *m, unsigned b, uint32_t addr, struct place *p)
{
    if (addr < blocks[b].base)
        return false;
    uint32_t off = addr - blocks[b].base;
    if (off >= n_items(m, blocks[b].items) * blocks[b].stride)
        return false;
    p->block = b;
    p->owner = owners[blocks[b].owner];
    p->item = off / blocks[b].stride;
    p->word = off % blocks[b].stride;
    unsigned end = b + 1u < N_BLOCKS ? blocks[b + 1u].first : PW_MAP_N_REGS;
    for (p->id = blocks[b].first; p->id < end; p->id++) {
        p->type = kinds_of_map[p->id] & 15u;
        p->words = words_of[p->type];
        if (p->word < p->words)
            return true;
        p->word -= p->words;
    }
    return false;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fields are copied as they lie in memory");

uint64_t pw_map_get(const void *from, struct pw_map_field f)
{
    uint64_t v = 0;
    memcpy(&v, (const uint8_t *)from + f.at, (size_t)1 << f.log2_b);
    return v;
}

bool pw_map_put(void *to, struct pw_map_field f, unsigned word, uint16_t v)
{
    uint8_t *at = (uint8_t *)to + f.at;
    if (f.log2_b == 0 && v > UINT8_MAX)
        return false;
    if (f.log2_b == 0)
        *at = (uint8_t)v;
    else /* the high word comes first */
        memcpy(at + (f.log2_b == 2 && word == 0 ? 2 : 0), &v, 2);
    return true;
}

static bool locate(const struct pw_modbus_map *m, uint32_t addr, struct place *p)
{
    unsigned begin = p->block;
    if (locate_in(m, begin, addr, p))
        return true;
    for (unsigned b = 0; b < N_BLOCKS; b++)
        if (b != begin && locate_in(m, b, addr, p))
            return true;
    return false;
}

/* One value's registers, from p->word on, at most `left` of them. @return how many */
static unsigned read_value(struct pw_modbus_map *m, const struct place *p, unsigned left, uint8_t *regs)
{
    unsigned n = p->words - p->word < left ? p->words - p->word : left;
    memset(regs, 0, 2 * n);
    if (p->type > NOTHING) {
        p->owner->run(m, p->id, p->item, p->word, n, regs);
    } else if (p->type == STR16) {
        const char *text = p->owner->text(m, p->id, p->item);
        for (unsigned k = 0; k < 2 * (p->word + n) && text[k] != 0; k++)
            if (k >= 2 * p->word)
                regs[k - 2 * p->word] = (uint8_t)text[k];
    } else if (p->type != NOTHING) {
        uint64_t v = p->owner->get(m, p->id, p->item);
        for (unsigned k = 0; k < n; k++)
            pw_put_be16(regs + 2 * k, (uint16_t)(v >> 16 * (p->words - 1 - p->word - k)));
    }
    return n;
}

int pw_modbus_map_read(void *ctx, uint16_t addr, uint16_t qty, uint8_t *regs)
{
    struct pw_modbus_map *m = ctx;
    struct pw_map_request request; /* on the stack: a request that writes takes more of it */
    request.total_known = false;
    request.cache.what = PW_CACHED_NONE;
    m->request = &request;
    m->exception = PW_MB_OK;
    struct place p = {0};
    for (unsigned i = 0; i < qty && m->exception == PW_MB_OK;) {
        if (locate(m, (uint32_t)addr + i, &p))
            i += read_value(m, &p, qty - i, regs + 2 * i);
        else
            m->exception = PW_MB_ILLEGAL_ADDRESS;
    }
    m->request = NULL;
    return m->exception;
}

static int write_config(struct pw_modbus_map *m, uint16_t addr, uint16_t qty, const uint8_t *regs)
{
    struct place p = {0};
    int may = pw_map_may_change(m, PW_GROUP_CONFIG);
    if (may != PW_MB_OK)
        return may;
    struct pw_config next = *m->cfg;
    for (unsigned i = 0; i < qty; i++)
        if (!locate(m, (uint32_t)addr + i, &p) || !p.owner->put(&next, p.id, p.item, p.word, pw_get_be16(regs + 2 * i)))
            return PW_MB_ILLEGAL_VALUE;
    if (pw_config_check(&next, NULL) != PW_OK)
        return PW_MB_ILLEGAL_VALUE;
    m->commit(m->commit_ctx, &next);
    return PW_MB_OK;
}

static int write_program(struct pw_modbus_map *m, uint16_t addr, uint16_t qty, const uint8_t *regs)
{
    const struct pw_books *b = PW_VIEW(m, books);
    struct place p = {0};
    int may = pw_map_may_change(m, PW_GROUP_PROGRAM); /* before anything else: a refused attempt is logged, whatever was wrong with it */
    if (b == NULL || may != PW_MB_OK)
        return may != PW_MB_OK ? may : PW_MB_DEVICE_FAILURE;
    struct pw_program next = b->asked.program ? b->next : b->program;
    m->next = &next;
    int err = PW_MB_OK;
    for (unsigned i = 0; i < qty && err == PW_MB_OK; i++)
        err = locate(m, (uint32_t)addr + i, &p) ? p.owner->command(m, p.id, p.item, p.word, pw_get_be16(regs + 2 * i)) : PW_MB_ILLEGAL_ADDRESS;
    if (err == PW_MB_OK)
        err = pw_map_program_end(m);
    m->next = NULL;
    return err;
}

static int run_commands(struct pw_modbus_map *m, uint16_t addr, unsigned qty, const uint8_t *regs)
{
    struct place p = {0};
    int err = PW_MB_OK;
    for (unsigned i = 0, n; i < qty && err == PW_MB_OK; i += n) {
        if (!locate(m, (uint32_t)addr + i, &p))
            return PW_MB_ILLEGAL_ADDRESS;
        n = 1;
        if (p.type > NOTHING) {
            n = p.words - p.word < qty - i ? p.words - p.word : qty - i;
            err = p.owner->store(m, p.id, p.item, p.word, n, regs + 2 * i);
        } else {
            err = p.owner->command(m, p.id, p.item, p.word, pw_get_be16(regs + 2 * i));
        }
    }
    return err;
}

int pw_modbus_map_write(void *ctx, uint16_t addr, uint16_t qty, const uint8_t *regs)
{
    struct pw_modbus_map *m = ctx;
    struct place p = {0};
    unsigned kinds = 0;
    for (unsigned i = 0; i < qty; i++) {
        if (!locate(m, (uint32_t)addr + i, &p) || kinds_of_map[p.id] >> 4 == R)
            return PW_MB_ILLEGAL_ADDRESS;
        kinds |= 1u << (kinds_of_map[p.id] >> 4);
    }
    switch (kinds) {
    case 1u << RW:  return write_config(m, addr, qty, regs);
    case 1u << PRG: return write_program(m, addr, qty, regs);
    case 1u << CMD: return run_commands(m, addr, qty, regs);
    default:        return PW_MB_ILLEGAL_ADDRESS;
    }
}
