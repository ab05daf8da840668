/* SPDX-License-Identifier: Apache-2.0 */
/* Guided calibration against a reference standard: voltages, gain of the currents, phase, no load, verify. A state machine that PC
 * software drives over Modbus (block CAL); reference values come from there. Limits, formulas and the procedure: docs/calibration.md
 * What a step finds acts at once, but only `commit` stores it; `abort`, and a restart, bring the old calibration back. */
#ifndef PW_CALIBRATION_H
#define PW_CALIBRATION_H

#include <stdbool.h>

#include "config.h"
#include "hal.h"
#include "scale.h"
#include "snapshot.h"

#define PW_CAL_LIMIT_E6      50000  /* largest correction of a gain in one step */
#define PW_CAL_LIMIT_MDEG    2000   /* ... and of a phase */
#define PW_CAL_SPREAD_E6     500    /* largest spread of the blocks of a step, of V or VA */
#define PW_CAL_S_MIN_MVA     50000  /* smallest apparent power that a current is calibrated with */
#define PW_CAL_BLOCKS_MAX    60u

enum pw_cal_command {
    PW_CAL_BEGIN = 1, PW_CAL_VOLTAGES = 2, PW_CAL_GAIN = 3, PW_CAL_PHASE = 4, PW_CAL_NOLOAD = 5, PW_CAL_VERIFY = 6, PW_CAL_COMMIT = 7,
    PW_CAL_ABORT = 8,
};
enum pw_cal_state { PW_CAL_IDLE = 0, PW_CAL_READY = 1, PW_CAL_MEASURING = 2 };

/* Of a step, and of each channel of it. Append only. */
enum pw_cal_result {
    PW_CAL_NONE = 0, PW_CAL_OK = 1,
    PW_CAL_UNSTABLE = 2, /* the blocks differ by more than PW_CAL_SPREAD_E6 */
    PW_CAL_SIGNAL = 3,   /* clipping, stuck, no cycles, or far too small */
    PW_CAL_LIMIT = 4,    /* the correction would be larger than the limits */
    PW_CAL_RANGE = 5,    /* gain or delay would leave the register's range */
    PW_CAL_ENDED = 6,    /* the configuration was changed by another hand, or the switch was closed meanwhile */
};

/* The reference standard's readings. Power of the current with each of the voltages A, B, C, for CTs metered with those; CTs on lines
 * take the difference. 0 = that voltage is not used. */
struct pw_cal_reference {
    uint32_t v_mv[PW_N_V];
    int32_t  p_mw[PW_N_V];   /* + delivered */
    int32_t  q_mvar[PW_N_V]; /* + inductive */
};

struct pw_cal_channel {
    union {
        struct {
            int64_t p, q;    /* sums over the blocks: mW, mvar; no load: uA; voltage: mV */
            int32_t min, max;
        } sum;
        struct {
            int32_t error_e6;   /* of power or voltage; no load: DC offset of the input, 1e-6 of full scale */
            int32_t phase_mdeg; /* current late against the reference */
            int32_t gain_f17;   /* new one; no load: noise, uA */
            int32_t clocks;     /* to be added to the delay */
        } found;
    };
    int16_t  old_gain_f17;
    uint16_t old_noise_ua;
    uint8_t  old_delay;
    uint8_t  result;         /* enum pw_cal_result; then `found` is valid */
};

struct pw_calibration {
    const struct pw_hal      *hal;
    struct pw_config         *cfg;      /* the one in use */
    const struct pw_snapshot *snap;
    const struct pw_rate     *rate;
    const bool               *unsealed;
    void (*apply)(void *ctx);           /* cfg has changed: write it to the front-end */
    void (*save)(void *ctx);            /* store cfg, with a new revision */
    void  *ctx;
    struct pw_cal_reference ref;
    uint8_t  target;                    /* 0: all CTs; n: CT n, from 1 */
    uint8_t  blocks;                    /* a step measures so many 1-s blocks, 1 .. PW_CAL_BLOCKS_MAX */
    uint8_t  state, step, result;       /* enums above; step: command of the last one */
    uint8_t  settle, taken;             /* blocks still to be left out; taken */
    uint32_t agg;                       /* last block seen */
    struct pw_cal_channel ch[PW_MAX_CH];
};

/** All pointers and functions are set by the caller before. */
void pw_cal_init(struct pw_calibration *c);

/** @return PW_OK, PW_ERR_SEALED (switch closed), PW_ERR_STATE (not in this state), PW_ERR_RANGE (no such command or target; reference
 *          values missing, or of a power factor that the step cannot use: gain 0.9 .. 1, phase -0.9 .. 0.9) */
PW_MUST_CHECK int pw_cal_command(struct pw_calibration *c, unsigned command);

/** Looks for a new block; to be called often. @return false if there was nothing to do */
bool pw_cal_step(struct pw_calibration *c);

/** The configuration was replaced by another hand: the procedure ends, what was not committed is undone. */
void pw_cal_interrupt(struct pw_calibration *c);

#endif
