/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "flash.h"
#include "panel.h"
#include "wide.h"
#include "flash_own.h"

uint64_t cal_random(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

/* Registers of what is left out read 0. */
static uint32_t read32(void *ctx, uint32_t addr)
{
    (void)ctx;
    (void)addr;
    return 0;
}

static void write32(void *ctx, uint32_t addr, uint32_t value)
{
    (void)ctx;
    (void)addr;
    (void)value;
}

static uint64_t uptime_us(void *ctx)
{
    const struct cal_world *w = ctx;
    return w->now_us - w->boot_us;
}

struct pw_hal cal_hal(struct cal_world *w)
{
    return (struct pw_hal){read32, write32, uptime_us, w};
}

struct cal_world *cal_world_new(unsigned n_ct, uint64_t seed, uint32_t utc_s)
{
    struct cal_world *w = calloc(1, sizeof *w);
    if (w == NULL)
        abort();
    w->seed = seed | 1;
    w->n_ct = n_ct;
    w->flash_b = CAL_FLASH_B;
    w->now_us = 1000000;
    w->flash = fm_new(CAL_FLASH_B / PW_FLASH_SECTOR_B, w->seed);
    w->rtc = (struct cal_rtc){.base_us = w->now_us, .base_s = utc_s, .running = true, .answers = true, .battery = true};
    memset(w->lcd, 0, sizeof w->lcd);
    return w;
}

void cal_world_free(struct cal_world *w)
{
    free(w->flash);
    free(w);
}

void cal_power_down(struct cal_world *w)
{
    fm_cut(w->flash);
    w->rtc.failed = true;
    w->rtc.running &= w->rtc.battery;
    w->window.ready = false;
    w->power_fail = false;
}

void cal_power_up(struct cal_world *w)
{
    w->boot_us = w->now_us;
    w->reset_cause = PW_RESET_POWER;
    w->reset_asked = false;
}

bool cal_op_begin(struct cal_world *w, enum cal_op op)
{
    w->ops++;
    if (w->before != NULL)
        w->before(w->before_ctx, op);
    return w->cut_at != 0 && w->ops >= w->cut_at;
}

void cal_cut_now(struct cal_world *w)
{
    w->cut_at = 0;
    longjmp(w->cut, 1);
}

uint32_t cal_rtc_now(const struct cal_rtc *r, uint64_t now_us)
{
    return r->running ? r->base_s + (uint32_t)((now_us - r->base_us) / 1000000u) : r->base_s;
}

unsigned __int128 cal_energy_f32(int32_t mw, uint64_t us)
{
    uint64_t size = mw < 0 ? 0 - (uint64_t)mw : (uint64_t)mw;
    return ((unsigned __int128)size * us << 32) / 3600000u;
}

uint64_t cal_current_ua(int32_t p_mw, int32_t q_mvar, uint32_t v_mv)
{
    uint64_t p = (uint64_t)(p_mw < 0 ? -(int64_t)p_mw : p_mw), q = (uint64_t)(q_mvar < 0 ? -(int64_t)q_mvar : q_mvar);
    uint64_t s_mva = pw_isqrt64(p * p + q * q);
    return v_mv == 0 ? 0 : (s_mva * 1000000u + v_mv - 1) / v_mv;
}

uint64_t cal_hours_f72(uint64_t us)
{
    return (uint64_t)(((unsigned __int128)us << 72) / UINT64_C(3600000000000));
}
