/* SPDX-License-Identifier: Apache-2.0 */
/* A NOR flash for tests of what stores in it. An operation takes some polls; a power cut while it runs leaves old, new or garbage bytes, or bytes
 * that look right and are not (weak). It stops the test when a byte that is not blank is programmed, or a sector whose erase never ended. */
#ifndef PW_FLASH_MODEL_H
#define PW_FLASH_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "flash_port.h"

/* Who includes this gives FM_ASSERT(condition) and FM_RND(&seed), 64 random bits. */
#ifndef FM_SECTORS
#define FM_SECTORS 256u
#endif

struct flash_model {
    uint8_t  mem[FM_SECTORS * PW_FLASH_SECTOR_B];
    uint64_t seed;
    unsigned n_sectors;
    uint8_t  op;                 /* 0 none, 'P', 'E' */
    uint32_t addr;
    uint8_t  data[PW_FLASH_PAGE_B];
    unsigned len, polls, max_polls;
    bool     weak_erase[FM_SECTORS];                     /* erase cut: may look blank */
    uint16_t weak_from[FM_SECTORS * 16], weak_to[FM_SECTORS * 16]; /* bytes of each page where a program was cut: may look blank */
    bool     bad_erase[FM_SECTORS];
    uint8_t  bad_program[FM_SECTORS];                    /* 1: the sector, 2: all but its first page */
    unsigned io_fail;            /* so many calls from now on fail */
    uint32_t erases[FM_SECTORS];
    uint64_t n_ops, n_erases, n_programs, n_cuts, n_torn, n_weak, n_reads, read_b, step_b, step_b_max;
};

static inline bool fm_chance(struct flash_model *m, unsigned one_in)
{
    return FM_RND(&m->seed) % one_in == 0;
}

static inline int fm_io(struct flash_model *m)
{
    if (m->io_fail == 0)
        return PW_OK;
    m->io_fail--;
    return PW_ERR_IO;
}

static inline int fm_read(void *ctx, uint32_t addr, uint8_t *out, size_t len)
{
    struct flash_model *m = ctx;
    FM_ASSERT(addr + len <= m->n_sectors * PW_FLASH_SECTOR_B);
    if (m->op != 0)
        return PW_ERR_STATE;
    if (fm_io(m) != PW_OK)
        return PW_ERR_IO;
    memcpy(out, m->mem + addr, len);
    m->n_reads++;
    m->read_b += len;
    m->step_b += len + 4;
    return PW_OK;
}

static inline int fm_program(void *ctx, uint32_t addr, const uint8_t *data, size_t len)
{
    struct flash_model *m = ctx;
    FM_ASSERT(len >= 1 && addr % PW_FLASH_PAGE_B + len <= PW_FLASH_PAGE_B && addr + len <= m->n_sectors * PW_FLASH_SECTOR_B);
    FM_ASSERT(m->op == 0);
    if (fm_io(m) != PW_OK)
        return PW_ERR_IO;
    FM_ASSERT(!m->weak_erase[addr / PW_FLASH_SECTOR_B]);
    for (size_t i = 0; i < len; i++)
        FM_ASSERT(m->mem[addr + i] == 0xFF || data[i] == 0xFF);
    m->op = 'P';
    m->addr = addr;
    m->len = (unsigned)len;
    memcpy(m->data, data, len);
    m->polls = 1 + (unsigned)(FM_RND(&m->seed) % m->max_polls);
    m->n_ops++;
    m->n_programs++;
    m->step_b += len + 4;
    return PW_OK;
}

static inline int fm_erase(void *ctx, uint32_t addr)
{
    struct flash_model *m = ctx;
    FM_ASSERT(addr % PW_FLASH_SECTOR_B == 0 && addr < m->n_sectors * PW_FLASH_SECTOR_B);
    FM_ASSERT(m->op == 0);
    if (fm_io(m) != PW_OK)
        return PW_ERR_IO;
    m->op = 'E';
    m->addr = addr;
    m->polls = 1 + (unsigned)(FM_RND(&m->seed) % (3 * m->max_polls));
    m->erases[addr / PW_FLASH_SECTOR_B]++;
    m->n_ops++;
    m->n_erases++;
    return PW_OK;
}

static inline void fm_apply(struct flash_model *m)
{
    unsigned s = m->addr / PW_FLASH_SECTOR_B;
    if (m->op == 'E') {
        memset(m->mem + m->addr, 0xFF, PW_FLASH_SECTOR_B);
        m->weak_erase[s] = false;
        memset(m->weak_to + s * 16, 0, 16 * sizeof m->weak_to[0]);
        if (m->bad_erase[s])
            m->mem[m->addr + FM_RND(&m->seed) % PW_FLASH_SECTOR_B] = 0xF7;
        return;
    }
    for (unsigned i = 0; i < m->len; i++)
        m->mem[m->addr + i] &= m->data[i];
    bool bad = m->bad_program[s] == 1 || (m->bad_program[s] == 2 && m->addr % PW_FLASH_SECTOR_B >= PW_FLASH_PAGE_B);
    unsigned page = m->addr / PW_FLASH_PAGE_B, at = m->addr % PW_FLASH_PAGE_B;
    bool weak = at < m->weak_to[page] && at + m->len > m->weak_from[page];
    m->n_weak += weak;
    if (bad || (weak && fm_chance(m, 2)))
        m->mem[m->addr + FM_RND(&m->seed) % m->len] ^= (uint8_t)(1u << FM_RND(&m->seed) % 8);
}

static inline int fm_busy(void *ctx)
{
    struct flash_model *m = ctx;
    if (fm_io(m) != PW_OK)
        return PW_ERR_IO;
    if (m->op == 0)
        return 0;
    if (m->polls-- > 1)
        return 1;
    fm_apply(m);
    m->op = 0;
    return 0;
}

static inline void fm_torn_erase(struct flash_model *m)
{
    unsigned how = (unsigned)(FM_RND(&m->seed) % 5), some = (unsigned)(FM_RND(&m->seed) % PW_FLASH_SECTOR_B);
    m->weak_erase[m->addr / PW_FLASH_SECTOR_B] = true;
    for (unsigned i = 0; i < PW_FLASH_SECTOR_B && how != 0; i++) {
        uint8_t *b = &m->mem[m->addr + i];
        *b = how == 1 ? 0xFF : how == 2 ? (uint8_t)(*b | FM_RND(&m->seed)) : how == 3 ? (uint8_t)FM_RND(&m->seed) : i > some ? 0xFF : *b;
    }
}

static inline void fm_torn_program(struct flash_model *m)
{
    unsigned how = (unsigned)(FM_RND(&m->seed) % 5), some = (unsigned)(FM_RND(&m->seed) % (m->len + 1));
    unsigned page = m->addr / PW_FLASH_PAGE_B, from = m->addr % PW_FLASH_PAGE_B;
    m->weak_from[page] = (uint16_t)(m->weak_to[page] == 0 || from < m->weak_from[page] ? from : m->weak_from[page]);
    m->weak_to[page] = (uint16_t)(from + m->len > m->weak_to[page] ? from + m->len : m->weak_to[page]);
    for (unsigned i = 0; i < m->len; i++) {
        uint8_t *b = &m->mem[m->addr + i];
        if (how == 1 || (how == 2 && i < some)) /* whole, or its first part */
            *b &= m->data[i];
        else if (how == 3) /* some bits */
            *b &= (uint8_t)(m->data[i] | FM_RND(&m->seed));
        else if (how == 4) /* anything */
            *b &= (uint8_t)FM_RND(&m->seed);
    }
}

/* Power goes: what runs is torn, or was just finished. */
static inline void fm_cut(struct flash_model *m)
{
    m->n_cuts++;
    if (m->op == 'E')
        fm_torn_erase(m);
    else if (m->op == 'P')
        fm_torn_program(m);
    m->n_torn += m->op != 0;
    m->op = 0;
    m->io_fail = 0;
}

static inline struct flash_model *fm_new(unsigned n_sectors, uint64_t seed)
{
    struct flash_model *m = calloc(1, sizeof *m);
    FM_ASSERT(m != NULL && n_sectors <= FM_SECTORS);
    m->n_sectors = n_sectors;
    m->seed = seed;
    m->max_polls = 3;
    for (uint32_t i = 0; i < n_sectors * PW_FLASH_SECTOR_B; i++) /* a new part is blank, a used one is not */
        m->mem[i] = seed % 2 ? 0xFF : (uint8_t)FM_RND(&m->seed);
    return m;
}

static inline struct pw_flash_port fm_port(struct flash_model *m)
{
    return (struct pw_flash_port){fm_read, fm_program, fm_erase, fm_busy, m};
}

#endif
