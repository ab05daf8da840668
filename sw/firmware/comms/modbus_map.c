/* SPDX-License-Identifier: Apache-2.0 */
#include "modbus_map.h"

#include <string.h>

#include "bytes.h"
#include "version.h"

#define MAP_VERSION 1u

enum type { U16, S16, U32, S32, U64, S64, STR16 };
enum items { ONE, NV, NCT, NPOINTS };
enum access_kind { R, RW };

enum { /* counts the registers; FIRST_x is the number of the first one of block x */
#define BLOCK(name, base, stride, items, title) FIRST_##name, BEFORE_##name = FIRST_##name - 1,
#define REG(block, off, type, access, value, name, unit, text) COUNT_##block##_##off,
#include "modbus_map.def"
#undef BLOCK
#undef REG
    N_REGS
};

/* What a register shows; several registers may show the same. */
enum what { W_ZERO, W_MAGIC, W_MAP_VERSION, W_GW_VERSION, W_FW_VERSION, W_N_CT, W_N_POINTS, W_N_V, W_RAM_KIB, W_FS_MHZ, W_CLK_HZ, W_SERIAL,
    W_SEQ, W_SAMPLES, W_CYCLES, W_FREQ, W_STATUS, W_UPTIME_WIN, W_TOTAL_P, W_TOTAL_Q, W_TOTAL_DEL, W_FE_SEQ, W_ALL_FLAGS,
    W_V_MV, W_V_ANGLE, W_V_FLAGS,
    W_LOAD, W_WORST, W_WORST_1S, W_PASSES, W_STACK, W_BUSERR, W_BUSERR_ADDR, W_UPTIME, W_RESET, W_MISSED, W_REJECTED, W_MISMATCH, W_LOST,
    W_SAVES, W_SAVE_ERRORS, W_MB_REQUESTS, W_MB_EXCEPTIONS, W_MB_CLOSED, W_CLIENTS, W_CFG_REVISION,
    W_CT_V, W_CT_I, W_CT_P, W_CT_Q, W_CT_S, W_CT_PF, W_CT_ANGLE, W_CT_FLAGS, W_CT_POINT, W_CT_VSEL, W_CT_SEQ,
    W_E_DEL, W_E_REC, W_E_RDEL, W_E_RREC, W_E_Q1, W_E_Q2, W_E_Q3, W_E_Q4,
    W_P_DEL, W_P_REC, W_P_RDEL, W_P_RREC, W_P_P, W_P_Q, W_P_NCT, W_P_FLAGS, W_P_LEAD, W_P_SEQ,
    W_C_VSEL, W_C_POL, W_C_GAIN, W_C_DELAY, W_C_POINT, W_C_IFS, W_CV_GAIN, W_CV_DELAY, W_CV_VFS, W_CP_WEIGHT, W_CP_CREEP };

struct reg {
    uint8_t off, type, access, what, block;
};

enum block_id {
#define BLOCK(name, base, stride, items, title) B_##name,
#define REG(block, off, type, access, value, name, unit, text)
#include "modbus_map.def"
#undef BLOCK
#undef REG
    N_BLOCKS
};

static const struct {
    uint16_t base;
    uint8_t  stride, items, first;
} blocks[N_BLOCKS] = {
#define BLOCK(name, base, stride, items, title) {base, stride, items, FIRST_##name},
#define REG(block, off, type, access, value, name, unit, text)
#include "modbus_map.def"
#undef BLOCK
#undef REG
};

static const struct reg regs_of_map[N_REGS] = {
#define BLOCK(name, base, stride, items, title)
#define REG(block, off, type, access, value, name, unit, text) {off, type, access, W_##value, B_##block},
#include "modbus_map.def"
#undef BLOCK
#undef REG
};

static const uint8_t words_of[] = {[U16] = 1, [S16] = 1, [U32] = 2, [S32] = 2, [U64] = 4, [S64] = 4, [STR16] = 8};

struct place {
    const struct reg *reg;
    unsigned item;  /* of the block */
    unsigned word;  /* of the value, 0 = highest */
};

static unsigned n_items(const struct pw_modbus_map *m, unsigned items)
{
    return items == NV ? PW_N_V : items == NCT ? m->cfg->n_ct : items == NPOINTS ? m->cfg->n_points : 1;
}

static bool locate(const struct pw_modbus_map *m, uint32_t addr, struct place *p)
{
    for (unsigned b = 0; b < N_BLOCKS; b++) {
        if (addr < blocks[b].base)
            return false; /* blocks are in the order of addresses */
        uint32_t off = addr - blocks[b].base;
        if (off >= n_items(m, blocks[b].items) * blocks[b].stride)
            continue;
        p->item = off / blocks[b].stride;
        off %= blocks[b].stride;
        for (unsigned i = blocks[b].first; i < N_REGS && regs_of_map[i].block == b; i++) {
            const struct reg *r = &regs_of_map[i];
            if (off >= r->off && off < r->off + words_of[r->type]) {
                p->reg = r;
                p->word = off - r->off;
                return true;
            }
        }
        return false;
    }
    return false;
}

static const struct pw_total *total(struct pw_modbus_map *m, unsigned point)
{
    if (!m->total_known || m->total_of != point) {
        pw_snapshot_total(m->snap, m->cfg, point, &m->total);
        m->total_of = point;
        m->total_known = true;
    }
    return &m->total;
}

static unsigned status(const struct pw_modbus_map *m)
{
    const struct pw_diag *d = m->diag;
    return (unsigned)m->snap->freq_valid | (unsigned)m->snap->timeout << 1 | (unsigned)d->unsealed << 2 | (unsigned)d->fram_ok << 3 |
           (unsigned)d->link << 4 | (unsigned)d->config_default << 5 | (unsigned)pw_diag_fault(d) << 6;
}

static uint64_t get_general(struct pw_modbus_map *m, unsigned what, unsigned item)
{
    const struct pw_snapshot *s = m->snap;
    const struct pw_diag *d = m->diag;
    switch (what) {
    case W_MAGIC:       return 0x50574154;
    case W_MAP_VERSION: return MAP_VERSION;
    case W_GW_VERSION:  return d->gateware_version;
    case W_FW_VERSION:  return PW_VERSION_BCD;
    case W_N_CT:        return m->cfg->n_ct;
    case W_N_POINTS:    return m->cfg->n_points;
    case W_N_V:         return PW_N_V;
    case W_RAM_KIB:     return d->ram_kib;
    case W_FS_MHZ:      return d->fs_mhz;
    case W_CLK_HZ:      return d->clk_hz;
    case W_SEQ:         return s->seq;
    case W_SAMPLES:     return s->samples;
    case W_CYCLES:      return s->cycles;
    case W_FREQ:        return s->freq_mhz;
    case W_STATUS:      return status(m);
    case W_UPTIME_WIN:  return s->time_us;
    case W_TOTAL_P:     return (uint64_t)total(m, PW_ALL_POINTS)->p_mw;
    case W_TOTAL_Q:     return (uint64_t)total(m, PW_ALL_POINTS)->q_mvar;
    case W_TOTAL_DEL:   return total(m, PW_ALL_POINTS)->energy[PW_WH_DEL];
    case W_ALL_FLAGS:   return total(m, PW_ALL_POINTS)->flags;
    case W_FE_SEQ:      return s->fe_seq;
    case W_V_MV:        return s->v[item].v_mv;
    case W_V_ANGLE:     return (uint64_t)s->v[item].angle_cdeg;
    case W_V_FLAGS:     return s->v[item].flags;
    default:            return 0;
    }
}

static uint64_t get_diag(const struct pw_modbus_map *m, unsigned what)
{
    const struct pw_diag *d = m->diag;
    switch (what) {
    case W_LOAD:          return d->load_e4;
    case W_WORST:         return d->worst_us;
    case W_WORST_1S:      return d->worst_1s_us;
    case W_PASSES:        return d->passes_1s;
    case W_STACK:         return d->stack_used_b;
    case W_BUSERR:        return d->bus_errors;
    case W_BUSERR_ADDR:   return d->bus_error_addr;
    case W_UPTIME:        return d->uptime_s;
    case W_RESET:         return d->reset_cause;
    case W_MISSED:        return d->missed_windows;
    case W_REJECTED:      return d->energy_rejected;
    case W_MISMATCH:      return d->energy_mismatches;
    case W_LOST:          return d->samples_lost;
    case W_SAVES:         return d->saves;
    case W_SAVE_ERRORS:   return d->save_errors;
    case W_MB_REQUESTS:   return d->modbus_requests;
    case W_MB_EXCEPTIONS: return d->modbus_exceptions;
    case W_MB_CLOSED:     return d->modbus_closed;
    case W_CLIENTS:       return d->clients;
    case W_CFG_REVISION:  return m->cfg->revision;
    default:              return 0;
    }
}

static uint64_t get_ct(const struct pw_modbus_map *m, unsigned what, unsigned k)
{
    const struct pw_meas_ct *c = &m->snap->ct[k];
    const uint64_t *e = m->snap->energy[k];
    switch (what) {
    case W_CT_V:     return c->v_mv;
    case W_CT_I:     return c->i_ma;
    case W_CT_P:     return (uint64_t)c->p_mw;
    case W_CT_Q:     return (uint64_t)c->q_mvar;
    case W_CT_S:     return c->s_mva;
    case W_CT_PF:    return (uint64_t)c->pf_e4;
    case W_CT_ANGLE: return (uint64_t)c->angle_cdeg;
    case W_CT_FLAGS: return c->flags;
    case W_CT_POINT: return m->cfg->ct[k].point;
    case W_CT_VSEL:  return m->cfg->ct[k].vsel;
    case W_CT_SEQ:   return m->snap->seq;
    case W_E_DEL:    return e[PW_WH_DEL];
    case W_E_REC:    return e[PW_WH_REC];
    case W_E_RDEL:   return e[PW_VARH_Q1] + e[PW_VARH_Q2];
    case W_E_RREC:   return e[PW_VARH_Q3] + e[PW_VARH_Q4];
    case W_E_Q1:     return e[PW_VARH_Q1];
    case W_E_Q2:     return e[PW_VARH_Q2];
    case W_E_Q3:     return e[PW_VARH_Q3];
    case W_E_Q4:     return e[PW_VARH_Q4];
    default:         return 0;
    }
}

static uint64_t get_point(struct pw_modbus_map *m, unsigned what, unsigned point)
{
    const struct pw_total *t = total(m, point);
    switch (what) {
    case W_P_DEL:   return t->energy[PW_WH_DEL];
    case W_P_REC:   return t->energy[PW_WH_REC];
    case W_P_RDEL:  return t->energy[PW_VARH_Q1] + t->energy[PW_VARH_Q2];
    case W_P_RREC:  return t->energy[PW_VARH_Q3] + t->energy[PW_VARH_Q4];
    case W_P_P:     return (uint64_t)t->p_mw;
    case W_P_Q:     return (uint64_t)t->q_mvar;
    case W_P_NCT:   return t->n_ct;
    case W_P_FLAGS: return t->flags;
    case W_P_LEAD:  return (uint64_t)(int64_t)pw_config_point_lead(m->cfg, point);
    case W_P_SEQ:   return m->snap->seq;
    default:        return 0;
    }
}

static uint64_t get_cfg(const struct pw_config *cfg, unsigned what, unsigned item)
{
    switch (what) {
    case W_C_VSEL:    return cfg->ct[item].vsel;
    case W_C_POL:     return cfg->ct[item].pol;
    case W_C_GAIN:    return (uint64_t)cfg->ct[item].gain_f17;
    case W_C_DELAY:   return cfg->ct[item].delay;
    case W_C_POINT:   return cfg->ct[item].point;
    case W_C_IFS:     return cfg->ct[item].i_fs_ma;
    case W_CV_GAIN:   return (uint64_t)cfg->v[item].gain_f17;
    case W_CV_DELAY:  return cfg->v[item].delay;
    case W_CV_VFS:    return cfg->v[item].v_fs_mv;
    case W_CP_WEIGHT: return cfg->point[item].pulse_weight_mwh;
    case W_CP_CREEP:  return cfg->point[item].creep_mw;
    default:          return 0;
    }
}

static uint64_t get(struct pw_modbus_map *m, const struct place *p)
{
    switch (p->reg->block) {
    case B_DIAG:      return get_diag(m, p->reg->what);
    case B_CT:
    case B_ENERGY:    return get_ct(m, p->reg->what, p->item);
    case B_POINT:     return get_point(m, p->reg->what, p->item);
    case B_CFG_CT:
    case B_CFG_V:
    case B_CFG_POINT: return get_cfg(m->cfg, p->reg->what, p->item);
    default:          return get_general(m, p->reg->what, p->item);
    }
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
        uint64_t v = p.reg->type == STR16 ? 0 : get(m, &p);
        for (; p.word < n && i < qty; p.word++, i++, regs += 2) {
            if (p.reg->type == STR16)
                memcpy(regs, m->cfg->serial + 2 * p.word, 2);
            else
                pw_put_be16(regs, (uint16_t)(v >> 16 * (n - 1 - p.word)));
        }
    }
    return PW_MB_OK;
}

static uint32_t put_word(uint32_t old, unsigned word, uint16_t v)
{
    return word == 0 ? (old & 0xFFFFu) | (uint32_t)v << 16 : (old & 0xFFFF0000u) | v;
}

/* @return false if the value does not fit its field; the relations are checked later */
static bool put(struct pw_config *cfg, const struct place *p, uint16_t v)
{
    struct pw_config_ct *ct = &cfg->ct[p->item];
    struct pw_config_point *pt = &cfg->point[p->item];
    bool fits = v <= UINT8_MAX;
    switch (p->reg->what) {
    case W_C_VSEL:    ct->vsel = (uint8_t)v; return fits;
    case W_C_POL:     ct->pol = (uint8_t)v; return fits;
    case W_C_GAIN:    ct->gain_f17 = (int16_t)v; return true;
    case W_C_DELAY:   ct->delay = (uint8_t)v; return fits;
    case W_C_POINT:   ct->point = (uint8_t)v; return fits;
    case W_CV_GAIN:   cfg->v[p->item].gain_f17 = (int16_t)v; return true;
    case W_CV_DELAY:  cfg->v[p->item].delay = (uint8_t)v; return fits;
    case W_CP_WEIGHT: pt->pulse_weight_mwh = put_word(pt->pulse_weight_mwh, p->word, v); return true;
    case W_CP_CREEP:  pt->creep_mw = put_word(pt->creep_mw, p->word, v); return true;
    default:          return false;
    }
}

int pw_modbus_map_write(void *ctx, uint16_t addr, uint16_t qty, const uint8_t *regs)
{
    struct pw_modbus_map *m = ctx;
    struct place p;
    for (unsigned i = 0; i < qty; i++)
        if (!locate(m, (uint32_t)addr + i, &p) || p.reg->access != RW)
            return PW_MB_ILLEGAL_ADDRESS;
    if (!m->diag->unsealed)
        return PW_MB_DEVICE_FAILURE;
    struct pw_config next = *m->cfg;
    for (unsigned i = 0; i < qty; i++)
        if (!locate(m, (uint32_t)addr + i, &p) || !put(&next, &p, pw_get_be16(regs + 2 * i)))
            return PW_MB_ILLEGAL_VALUE;
    if (pw_config_check(&next, NULL) != PW_OK)
        return PW_MB_ILLEGAL_VALUE;
    m->commit(m->commit_ctx, &next);
    return PW_MB_OK;
}
