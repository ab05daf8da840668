/* SPDX-License-Identifier: Apache-2.0 */
#include "modbus_map.h"

#include <string.h>

#include "bytes.h"

enum type { U16, S16, U32, S32, U64, S64, STR16, NOTHING };
enum items { ONE, NV, NCT, NPOINTS, N8, N16, N50, N120 };
enum access_kind { R, RW, CMD };

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
    uint16_t off;
    uint8_t  type, access, block;
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

static const uint8_t words_of[] = {[U16] = 1, [S16] = 1, [U32] = 2, [S32] = 2, [U64] = 4, [S64] = 4, [STR16] = 8, [NOTHING] = 1};

struct place {
    const struct reg *reg;
    const struct pw_map_owner *owner;
    unsigned id, item, word;
};

static unsigned n_items(const struct pw_modbus_map *m, unsigned items)
{
    static const uint8_t fixed[] = {[ONE] = 1, [NV] = PW_N_V, [N8] = 8, [N16] = 16, [N50] = 50, [N120] = 120};
    return items == NCT ? m->cfg->n_ct : items == NPOINTS ? m->cfg->n_points : fixed[items];
}

static bool locate(const struct pw_modbus_map *m, uint32_t addr, struct place *p)
{
    for (unsigned b = 0; b < N_BLOCKS; b++) {
        uint32_t off = addr - blocks[b].base; /* huge for an address below */
        if (off >= n_items(m, blocks[b].items) * blocks[b].stride)
            continue;
        p->owner = blocks[b].owner;
        p->item = off / blocks[b].stride;
        off %= blocks[b].stride;
        for (p->id = blocks[b].first; p->id < PW_MAP_N_REGS && regs_of_map[p->id].block == b; p->id++) {
            p->reg = &regs_of_map[p->id];
            if (off >= p->reg->off && off < p->reg->off + words_of[p->reg->type]) {
                p->word = off - p->reg->off;
                return true;
            }
        }
        return false;
    }
    return false;
}

int pw_modbus_map_read(void *ctx, uint16_t addr, uint16_t qty, uint8_t *regs)
{
    struct pw_modbus_map *m = ctx;
    m->total_known = false;
    for (unsigned i = 0; i < qty;) {
        struct place p;
        if (!locate(m, (uint32_t)addr + i, &p))
            return PW_MB_ILLEGAL_ADDRESS;
        unsigned n = words_of[p.reg->type];
        bool is_text = p.reg->type == STR16;
        const char *text = is_text ? p.owner->text(m, p.id, p.item) : NULL;
        uint64_t v = is_text || p.reg->type == NOTHING ? 0 : p.owner->get(m, p.id, p.item);
        for (; p.word < n && i < qty; p.word++, i++, regs += 2) {
            if (is_text)
                memcpy(regs, text + 2 * p.word, 2);
            else
                pw_put_be16(regs, (uint16_t)(v >> 16 * (n - 1 - p.word)));
        }
    }
    return PW_MB_OK;
}

static int write_config(struct pw_modbus_map *m, uint16_t addr, uint16_t qty, const uint8_t *regs)
{
    struct place p;
    if (!m->diag->unsealed)
        return PW_MB_DEVICE_FAILURE;
    struct pw_config next = *m->cfg;
    for (unsigned i = 0; i < qty; i++)
        if (!locate(m, (uint32_t)addr + i, &p) || !p.owner->put(&next, p.id, p.item, p.word, pw_get_be16(regs + 2 * i)))
            return PW_MB_ILLEGAL_VALUE;
    if (pw_config_check(&next, NULL) != PW_OK)
        return PW_MB_ILLEGAL_VALUE;
    m->commit(m->commit_ctx, &next);
    return PW_MB_OK;
}

int pw_modbus_map_write(void *ctx, uint16_t addr, uint16_t qty, const uint8_t *regs)
{
    struct pw_modbus_map *m = ctx;
    struct place p;
    unsigned kinds = 0;
    for (unsigned i = 0; i < qty; i++) {
        if (!locate(m, (uint32_t)addr + i, &p) || p.reg->access == R)
            return PW_MB_ILLEGAL_ADDRESS;
        kinds |= 1u << p.reg->access;
    }
    if (kinds == 1u << RW)
        return write_config(m, addr, qty, regs);
    if (kinds != 1u << CMD)
        return PW_MB_ILLEGAL_ADDRESS;
    int err = PW_MB_OK;
    for (unsigned i = 0; i < qty && err == PW_MB_OK; i++) {
        (void)locate(m, (uint32_t)addr + i, &p);
        err = p.owner->command(m, p.id, p.item, p.word, pw_get_be16(regs + 2 * i));
    }
    return err;
}
