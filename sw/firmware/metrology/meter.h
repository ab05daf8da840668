/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the front-end: at each completed window reads every channel (one a step), then counts all energies and publishes a snapshot (one step); after a block
 * of windows (a second) converts its sums to engineering units. Writes channel parameters from the configuration, and keeps the 90-degree filter on the line frequency. */
#ifndef PW_METER_H
#define PW_METER_H

#include "aggregate.h"
#include "config.h"
#include "energy.h"
#include "frontend.h"
#include "scale.h"
#include "snapshot.h"

/* The block of windows under way: the shown values are means over about a second. */
struct pw_meter_block {
    uint8_t  windows, skip;        /* in it; windows that still must not begin one */
    bool     skipping;             /* the window being read is one of those */
    bool     closes;               /* the window being read completes it */
    bool     timeout;              /* one of its windows ended by time-out */
    bool     whole;                /* it began with a known crossing and all its windows are whole cycles */
    uint16_t cycles;
    uint32_t samples, elapsed;     /* elapsed: with windows that were missed or skipped, since the last block */
    uint32_t frac_f24;             /* as m->frac_f24, of its beginning */
    uint32_t span_f8, zc_span_f8;  /* length in samples: counted; between its crossings */
    uint32_t freq_mhz;             /* 0: not known */
    uint64_t hours_f72;            /* elapsed, 1000 h */
};

struct pw_meter {
    const struct pw_hal    *hal;
    const struct pw_config *cfg;
    struct pw_energy       *energy;
    struct pw_rate          rate;
    uint32_t fs_mhz;
    uint8_t  n_ct;
    uint8_t  zc_src;
    uint16_t window_max;           /* FE.WINCFG.timeout */
    uint32_t beta_f19;

    /* the pass under way */
    uint8_t  step;                 /* 0: none; 1 + ch: read channel ch next; behind the last one: count the energies */
    bool     unbroken;             /* it follows the last window without a gap */
    struct pw_fe_window win;
    bool     frac_known;           /* the last window ended with a crossing ... */
    uint32_t frac_f24;             /* ... this long before its last sample */
    uint32_t freq_mhz;             /* of the last whole window */
    uint32_t step_f32;             /* same: cycles per sample, finer than freq_mhz */
    bool     freq_valid;
    struct pw_meter_block block;
    uint32_t block_samples;        /* aimed at: a second. 0: each window is a block (tests) */
    struct pw_agg agg[PW_MAX_CH];
    uint8_t  agg_flags[PW_MAX_CH]; /* enum pw_ch_flag of the block so far */
    uint64_t v_window[PW_N_V];     /* squares of the last window */
    int64_t  v_cross[PW_N_V];      /* sums V * Vnext of the block */
    uint64_t v_square[PW_N_V];
    uint32_t i_root[PW_MAX_CT];
    int16_t  v_lag_cdeg[PW_N_V];   /* of Vnext behind V */
    struct pw_meas_v  v[PW_N_V];
    struct pw_meas_ct ct[PW_MAX_CT];

    bool     first;                /* no window has been read yet */
    bool     arming;               /* power-up: the window under way began with unknown parameters and must not count */
    bool     lock_next;            /* lock the front-end when all parameters are written */
    bool     curves;               /* the gateware has CT curves */
    uint8_t  delay_shift;          /* modulator clocks that all channels are delayed besides, for the curves' sake */
    uint8_t  curve_cut;            /* first CT, from 1, whose corrections did not fit the registers and were cut; 0: none */
    bool     reconfigure;          /* the configuration has changed: from the next window on */
    uint8_t  configure;            /* channels whose parameters are still to be written, counted down; 0: none */
    uint32_t missed;               /* windows never published */
    bool     overrun;              /* the front-end lost samples */
    uint32_t mismatches;           /* energy did not grow by exactly the window's sum */
    struct pw_snapshot out;        /* the last complete window and block */
};

/** Reads what was synthesized. Energy must be zeroed or loaded by the caller before pw_meter_start.
 *  @return PW_OK, PW_ERR_MAGIC (no front-end), PW_ERR_RANGE (channel count or rates that this firmware does not support) */
PW_MUST_CHECK int pw_meter_init(struct pw_meter *m, const struct pw_hal *hal, uint32_t clk_hz);

/** Writes all parameters and restores the energies into the front-end, unless it is locked (that is, has gone on metering). After
 *  power-up the window under way was partly measured with other parameters: it registers no energy (threshold at its maximum); the
 *  right thresholds and the lock follow when it has closed.
 *  @param restored  `energy` was loaded from FRAM */
void pw_meter_start(struct pw_meter *m, const struct pw_config *cfg, struct pw_energy *energy, bool restored);

/** The configuration changed. All that was registered up to the end of the window under way keeps the old factors (a changed CT ratio
 *  rescales no energy); after it parameters are written again, one channel a step. */
void pw_meter_reconfigure(struct pw_meter *m);

/** One step: a channel, or a look whether a window is complete. @return false if there was nothing to do */
bool pw_meter_step(struct pw_meter *m);

#endif
