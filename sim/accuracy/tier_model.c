/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pw_regs.h"
#include "sim/machine/machine.h"
#include "tier.h"

const char pw_acc_tier_name[] = "model";

struct pw_acc_tier {
    struct pw_fe fe;
    struct pw_hal hal;
    struct pw_acc_stim *stim;
    unsigned clk_mhz, bad_accesses;
    uint64_t n_frames;
    uint16_t seq;
    uint64_t window_end[16];
    uint32_t pulses[PW_ACC_MAX_CT];
    uint64_t pulse_frame[PW_ACC_MAX_CT];
    FILE *log;
    uint64_t log_first, log_last;
};

/* Beside the front-end there is nothing: blocks that are not built in read as 0. */
static bool in_frontend(uint32_t addr) { return addr - PW_FE_BASE_ADDR < PW_BANK_BASE_ADDR + PW_BANK_SIZE - PW_FE_BASE_ADDR; }

static uint32_t read32(void *ctx, uint32_t addr)
{
    struct pw_acc_tier *t = ctx;
    uint32_t v = 0;
    if (in_frontend(addr) && pw_fe_read32(&t->fe, addr - PW_SYS_BASE_ADDR, &v) != 0) t->bad_accesses++;
    return v;
}

static void write32(void *ctx, uint32_t addr, uint32_t value)
{
    struct pw_acc_tier *t = ctx;
    if (in_frontend(addr) && pw_fe_write32(&t->fe, addr - PW_SYS_BASE_ADDR, value) != 0) t->bad_accesses++;
}

static uint64_t uptime_us(void *ctx)
{
    const struct pw_acc_tier *t = ctx;
    return t->stim->clocks * t->fe.mod_div / t->clk_mhz;
}

static void pulse(void *ctx, unsigned ct)
{
    struct pw_acc_tier *t = ctx;
    t->pulses[ct]++;
    t->pulse_frame[ct] = t->n_frames;
}

struct pw_acc_tier *pw_acc_tier_open(struct pw_acc_stim *stim, unsigned mod_div, unsigned clk_mhz, char *err, size_t err_n)
{
    struct pw_acc_tier *t = calloc(1, sizeof *t);
    if (t == NULL) {
        snprintf(err, err_n, "no memory");
        return NULL;
    }
    t->stim = stim;
    t->clk_mhz = clk_mhz;
    t->hal = (struct pw_hal){ .read32 = read32, .write32 = write32, .uptime_us = uptime_us, .ctx = t };
    pw_fe_init(&t->fe, stim->n_ct, mod_div);
    t->fe.pulse = pulse;
    t->fe.pulse_ctx = t;
    uint8_t bytes[PW_ACC_PAD];
    for (unsigned i = 0; i < PW_MACHINE_FE_CLEAR; i++) pw_acc_stim_step8(stim, bytes); /* the gateware clears its memories */
    return t;
}

void pw_acc_tier_close(struct pw_acc_tier *t) { free(t); }
const struct pw_hal *pw_acc_tier_hal(const struct pw_acc_tier *t) { return &t->hal; }

static void after_set(struct pw_acc_tier *t)
{
    if (t->fe.in.seq != t->seq) {
        t->window_end[t->fe.in.seq % 16] = t->n_frames;
        t->seq = t->fe.in.seq;
    }
    if (t->log != NULL && t->n_frames >= t->log_first && t->n_frames < t->log_last)
        fwrite(t->fe.sample, sizeof(int32_t), t->stim->n_ch, t->log);
    t->n_frames++;
}

void pw_acc_tier_frame(struct pw_acc_tier *t)
{
    uint8_t bytes[PW_ACC_PAD];
    do pw_acc_stim_step8(t->stim, bytes);
    while (!pw_fe_push8(&t->fe, bytes));
    after_set(t);
}

void pw_acc_tier_push(struct pw_acc_tier *t, const int32_t samples[])
{
    t->stim->clocks += PW_DEC_DECIMATION;
    pw_fe_push_samples(&t->fe, samples);
    after_set(t);
}

uint64_t pw_acc_tier_frames(const struct pw_acc_tier *t) { return t->n_frames; }

void pw_acc_tier_log(struct pw_acc_tier *t, FILE *file, uint64_t first, uint64_t last)
{
    t->log = file;
    t->log_first = first;
    t->log_last = last;
}

uint64_t pw_acc_tier_window_end(const struct pw_acc_tier *t, uint16_t seq) { return t->window_end[seq % 16]; }

uint32_t pw_acc_tier_pulses(const struct pw_acc_tier *t, unsigned ct, uint64_t *frame)
{
    *frame = t->pulse_frame[ct];
    return t->pulses[ct];
}

unsigned pw_acc_tier_faults(const struct pw_acc_tier *t) { return t->bad_accesses; }
