/* SPDX-License-Identifier: Apache-2.0 */
#include "sdram_part.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MRS = 0, REF = 1, PRE = 2, ACT = 3, WRITE = 4, READ = 5, NOP = 7 };
#define UNKNOWN 0xDEADBEEFu

int pw_sdrampart_open(struct pw_sdrampart *s, unsigned width, unsigned row_bits, unsigned col_bits, double clk_mhz)
{
    memset(s, 0, sizeof *s);
    s->width = width;
    s->row_bits = row_bits;
    s->col_bits = col_bits;
    s->clk_ns = 1000 / clk_mhz;
    s->clk = 1000; /* so that "long ago" is not before the beginning */
    s->mem = calloc((size_t)4 << (row_bits + col_bits), sizeof s->mem[0]);
    return s->mem != NULL ? 0 : -1;
}

void pw_sdrampart_close(struct pw_sdrampart *s)
{
    free(s->mem);
    s->mem = NULL;
}

static void broken(struct pw_sdrampart *s, const char *what)
{
    if (s->n_errors++ == 0) snprintf(s->error, sizeof s->error, "clock %llu: %s", (unsigned long long)s->clk, what);
}

static bool too_soon(const struct pw_sdrampart *s, uint64_t since, double ns)
{
    return since != 0 && (double)(s->clk - since) * s->clk_ns < ns - 0.001;
}

static uint32_t *cell(struct pw_sdrampart *s, unsigned ba, unsigned a)
{
    uint32_t col = a & ((1u << s->col_bits) - 1);
    return &s->mem[((size_t)ba << (s->row_bits + s->col_bits)) + ((size_t)s->row[ba] << s->col_bits) + col];
}

static void precharge(struct pw_sdrampart *s, unsigned b)
{
    if (s->open[b] && too_soon(s, s->act_clk[b], 42)) broken(s, "precharge before tRAS");
    if (s->open[b] && (double)(s->clk - s->act_clk[b]) * s->clk_ns > 100000) broken(s, "row open for more than 100 us");
    if (s->write_clk[b] != 0 && s->clk - s->write_clk[b] < 2) broken(s, "precharge before tWR");
    s->open[b] = false;
    s->pre_clk[b] = s->clk;
}

static void activate(struct pw_sdrampart *s, unsigned ba, unsigned a)
{
    if (!s->mode_set) broken(s, "activate before the mode register was set");
    if (s->open[ba]) broken(s, "activate of a bank that is open");
    if (too_soon(s, s->pre_clk[ba], 20)) broken(s, "activate before tRP");
    if (too_soon(s, s->act_clk[ba], 63)) broken(s, "activate before tRC");
    if (too_soon(s, s->ref_clk, 70)) broken(s, "activate before tRFC");
    if (s->mode_clk != 0 && s->clk - s->mode_clk < 2) broken(s, "activate before tMRD");
    if (a >> s->row_bits) broken(s, "row that is not there");
    s->open[ba] = true;
    s->row[ba] = a & ((1u << s->row_bits) - 1);
    s->act_clk[ba] = s->clk;
}

static void refresh(struct pw_sdrampart *s)
{
    for (unsigned b = 0; b < 4; b++) {
        if (s->open[b]) broken(s, "refresh with an open row");
        if (too_soon(s, s->pre_clk[b], 20)) broken(s, "refresh before tRP");
    }
    if (too_soon(s, s->ref_clk, 70)) broken(s, "refresh before tRFC");
    s->ref_clk = s->last_ref_clk = s->clk;
    s->refreshes++;
}

static void set_mode(struct pw_sdrampart *s, unsigned a)
{
    if (s->refreshes < 2) broken(s, "mode register before two refreshes");
    if (too_soon(s, s->ref_clk, 70)) broken(s, "mode register before tRFC");
    if (a != 0x20) broken(s, "mode other than CAS latency 2, burst 1");
    s->mode_set = true;
    s->mode_clk = s->clk;
}

static void column(struct pw_sdrampart *s, bool write, unsigned ba, unsigned a, unsigned dqm, bool oe, uint32_t dq)
{
    if (!s->open[ba]) { broken(s, "access to a closed bank"); return; }
    if (too_soon(s, s->act_clk[ba], 20)) broken(s, "access before tRCD");
    if (a & 0x400) broken(s, "auto precharge is not modelled");
    if (!write) {
        if (oe) broken(s, "controller drives the data while reading");
        s->valid[0] = true;
        s->data[0] = *cell(s, ba, a);
        return;
    }
    if (!oe) broken(s, "write without data");
    if (s->valid[1] || s->valid[2]) broken(s, "write while read data are under way");
    uint32_t mask = 0;
    for (unsigned i = 0; i < s->width / 8; i++)
        if (!(dqm >> i & 1)) mask |= 0xFFu << 8 * i;
    *cell(s, ba, a) = (*cell(s, ba, a) & ~mask) | (dq & mask);
    s->write_clk[ba] = s->clk;
}

uint32_t pw_sdrampart_clock(struct pw_sdrampart *s, unsigned cmd_n, unsigned ba, unsigned a, unsigned dqm, bool oe, uint32_t dq)
{
    s->clk++;
    memmove(&s->valid[1], &s->valid[0], 2 * sizeof s->valid[0]);
    memmove(&s->data[1], &s->data[0], 2 * sizeof s->data[0]);
    s->valid[0] = false;
    if (oe && cmd_n != WRITE) broken(s, "data driven without a write");
    if (s->mode_set && (double)(s->clk - s->last_ref_clk) * s->clk_ns > 10 * 7812.5) broken(s, "ten refreshes missed");
    switch (cmd_n) {
    case MRS: set_mode(s, a); break;
    case REF: refresh(s); break;
    case PRE:
        for (unsigned b = 0; b < 4; b++)
            if (a & 0x400 || b == ba) precharge(s, b);
        break;
    case ACT: activate(s, ba, a); break;
    case WRITE: case READ: column(s, cmd_n == WRITE, ba, a, dqm, oe, dq); break;
    case NOP: break;
    default: broken(s, "unknown command");
    }
    return s->valid[2] ? s->data[2] : UNKNOWN & (s->width == 16 ? 0xFFFFu : 0xFFFFFFFFu);
}
