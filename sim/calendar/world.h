/* SPDX-License-Identifier: Apache-2.0 */
/* The world around the firmware in the calendar tier: time that jumps, parts that keep their contents over power cuts, energy by the window.
 * The firmware is linked as it is, but for the drivers of these parts and metrology/meter.c (parts_*.c, meter.c here). docs/calendar.md */
#ifndef PW_CAL_WORLD_H
#define PW_CAL_WORLD_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "config.h"
#include "energy.h"
#include "fram_map.h"
#include "hal.h"

#define CAL_FLASH_B   0x800000u
#define CAL_TEXT_B    4096u

struct flash_model;

/* What flows in a window: what the meter publishes at its end. Energy of a CT: floor(|P| us 2^32 / 3.6e6) in 2^-32 uWh. */
struct cal_window {
    uint64_t us;                      /* its length */
    uint32_t v_mv[PW_N_V];
    int32_t  p_mw[PW_MAX_CT];         /* + delivered */
    int32_t  q_mvar[PW_MAX_CT];       /* + inductive */
    bool     ready;                   /* not published yet */
};

enum cal_op { CAL_FRAM_WRITE = 1, CAL_FLASH_PROGRAM = 2, CAL_FLASH_ERASE = 4 };

struct cal_rtc {
    uint64_t base_us;                 /* of the world, when base_s began */
    uint32_t base_s;
    bool     running, answers, battery, failed;
    int8_t   trim_steps;
};

struct cal_world {
    uint64_t now_us, boot_us;         /* real time since the beginning; of the last power-up */
    uint64_t seed;                    /* of all that is random in the parts */
    unsigned n_ct;
    unsigned reset_cause;
    bool     unsealed, power_fail;
    uint8_t  buttons;
    bool     reset_asked;             /* the firmware restarts itself */

    uint8_t  fram[PW_FRAM_SIZE_B];
    bool     no_fram, no_flash;
    uint32_t flash_b;                 /* size that the flash says it has */
    struct flash_model *flash;
    struct cal_rtc rtc;
    struct cal_window window;
    char     lcd[4][21];
    char     text[CAL_TEXT_B];        /* of the console: the last of it */
    unsigned text_n;
    FILE    *text_to;                 /* NULL: nowhere else */

    /* operations on FRAM and flash */
    uint64_t ops, n_fram, n_fram_b;
    uint64_t cut_at;                  /* the power goes in this operation; 0: never */
    /* called before operation number `ops`; may set cut_at. NULL: none */
    void   (*before)(void *ctx, enum cal_op op);
    void    *before_ctx;
    jmp_buf  cut;                     /* where the power cut goes to */
};

struct cal_world *cal_world_new(unsigned n_ct, uint64_t seed, uint32_t utc_s);
void cal_world_free(struct cal_world *w);

/** What the firmware is given. */
struct pw_hal cal_hal(struct cal_world *w);

/** The power goes now, wherever the firmware is; comes back when cal_power_up is called. */
void cal_power_down(struct cal_world *w);
void cal_power_up(struct cal_world *w);

/** For drivers: an operation begins. @return true: the power goes in it; do what a torn one does, then cal_cut_now */
bool cal_op_begin(struct cal_world *w, enum cal_op op);
_Noreturn void cal_cut_now(struct cal_world *w);

/** UTC that the clock chip has. */
uint32_t cal_rtc_now(const struct cal_rtc *r, uint64_t now_us);

uint64_t cal_random(uint64_t *seed);

/** Energy of a power over a time, 2^-32 uWh. */
unsigned __int128 cal_energy_f32(int32_t mw, uint64_t us);

/** Current of a load at a voltage, uA: so that V x I is at least its apparent power. */
uint64_t cal_current_ua(int32_t p_mw, int32_t q_mvar, uint32_t v_mv);

/** VAh's time unit: 1000 h, u.72. */
uint64_t cal_hours_f72(uint64_t us);

#endif
