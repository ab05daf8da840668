/* SPDX-License-Identifier: Apache-2.0 */
#include "modbus_map.h"

#include <string.h>

#include "bytes.h"

enum type { U16, S16, U32, S32, U64, S64, STR16, NOTHING, BYTES136, BYTES176, U32X54 };
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

static const struct {
    uint16_t base, stride, first;
    uint8_t  items;
    const struct pw_map_owner *owner;
} blocks[N_BLOCKS] = {
#define BLOCK(name, base, stride, items, owner, title) {base, stride, M_FIRST_##name, items, &pw_map_##owner},
#include "modbus_map.def"
#undef BLOCK
};
#undef REG
#undef RES

struct reg {
    uint8_t off, type, access, block;
};

static const struct reg regs_of_map[PW_MAP_N_REGS] = {
#define BLOCK(name, base, stride, items, owner, title)
#define REG(block, off, type, access, value, name, unit, text) {off, type, access, B_##block},
#define RES(block, off) {off, NOTHING, R, B_##block},
#include "modbus_map.def"
#undef BLOCK
#undef REG
#undef RES
};

static const uint8_t words_of[] = {[U16] = 1, [S16] = 1, [U32] = 2, [S32] = 2, [U64] = 4, [S64] = 4, [STR16] = 8, [NOTHING] = 1, [BYTES136] = 68, [BYTES176] = 88, [U32X54] = 108};

struct place {
    const struct reg *reg;
    const struct pw_map_owner *owner;
    unsigned id, item, word;
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
    p->owner = blocks[b].owner;
    p->item = off / blocks[b].stride;
    off %= blocks[b].stride;
    for (p->id = blocks[b].first; p->id < PW_MAP_N_REGS && regs_of_map[p->id].block == b; p->id++) {
        p->reg = &regs_of_map[p->id];
        if (off >= p->reg->off && off < (uint32_t)p->reg->off + words_of[p->reg->type]) {
            p->word = off - p->reg->off;
            return true;
        }
    }
    return false;
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
    unsigned words = words_of[p->reg->type], n = words - p->word < left ? words - p->word : left;
    memset(regs, 0, 2 * n);
    if (p->reg->type > NOTHING) {
        p->owner->run(m, p->id, p->item, p->word, n, regs);
    } else if (p->reg->type == STR16) {
        const char *text = p->owner->text(m, p->id, p->item);
        for (unsigned k = 0; k < 2 * (p->word + n) && text[k] != 0; k++)
            if (k >= 2 * p->word)
                regs[k - 2 * p->word] = (uint8_t)text[k];
    } else if (p->reg->type != NOTHING) {
        uint64_t v = p->owner->get(m, p->id, p->item);
        for (unsigned k = 0; k < n; k++)
            pw_put_be16(regs + 2 * k, (uint16_t)(v >> 16 * (words - 1 - p->word - k)));
    }
    return n;
}

int pw_modbus_map_read(void *ctx, uint16_t addr, uint16_t qty, uint8_t *regs)
{
    struct pw_modbus_map *m = ctx;
    m->total_known = false;
    m->cache.what = 0;
    m->exception = PW_MB_OK;
    struct place p = {0};
    for (unsigned i = 0; i < qty && m->exception == PW_MB_OK;) {
        if (!locate(m, (uint32_t)addr + i, &p))
            return PW_MB_ILLEGAL_ADDRESS;
        i += read_value(m, &p, qty - i, regs + 2 * i);
    }
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
        if (p.reg->type > NOTHING) {
            n = words_of[p.reg->type] - p.word < qty - i ? words_of[p.reg->type] - p.word : qty - i;
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
        if (!locate(m, (uint32_t)addr + i, &p) || p.reg->access == R)
            return PW_MB_ILLEGAL_ADDRESS;
        kinds |= 1u << p.reg->access;
    }
    switch (kinds) {
    case 1u << RW:  return write_config(m, addr, qty, regs);
    case 1u << PRG: return write_program(m, addr, qty, regs);
    case 1u << CMD: return run_commands(m, addr, qty, regs);
    default:        return PW_MB_ILLEGAL_ADDRESS;
    }
}
