/* SPDX-License-Identifier: Apache-2.0 */
/* What the meter publishes after each window; display, console and Modbus read only this. Energies and the single window's values are new in
 * each window (seq), all other values are means over the last complete block of windows, about a second (agg). Nothing in it mixes windows. */
#ifndef PW_SNAPSHOT_H
#define PW_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "energy.h"

enum pw_flag { /* low bits as the gateware gives them, enum pw_ch_flag */
    PW_FLAG_OVF = 1, PW_FLAG_CLIP = 2, PW_FLAG_STUCK = 4, PW_FLAG_CREEP = 8,
    PW_FLAG_NO_CYCLES = 16, /* the window was not whole cycles: it ended by time-out */
    PW_FLAG_RANGE = 32,     /* a value did not fit its register */
};

struct pw_meas_v {
    uint32_t v_mv;
    uint32_t win_mv;      /* of the last window: basic 10/12-cycle value, IEC 61000-4-30, 4.5 and 5.2 */
    uint32_t ll_mv;       /* to the next one: Vab, Vbc, Vca */
    int16_t  angle_cdeg;  /* behind voltage A, 0.01 degree */
    uint16_t flags;       /* enum pw_flag */
};

struct pw_meas_ct {
    uint32_t v_mv;        /* of the selected voltage */
    uint32_t i_ma;        /* pw_meas_i_ua: finer */
    int32_t  p_mw;        /* + delivered */
    int32_t  q_mvar;      /* + inductive */
    uint32_t s_mva;
    int16_t  pf_e4;       /* sign of P */
    int16_t  angle_cdeg;  /* of the current behind its voltage, -180 .. 180 degrees */
    uint16_t flags;       /* enum pw_flag; PW_FLAG_CREEP if no window of the block was above the threshold */
    int16_t  i_rest_ua;   /* what i_ma leaves out, -500 .. 499 */
};

static inline uint64_t pw_meas_i_ua(const struct pw_meas_ct *c)
{
    return (uint64_t)((int64_t)c->i_ma * 1000 + c->i_rest_ua);
}

/** There is a load if active or reactive power is above the no-load threshold of the point: at PF 0 there is no P to speak of. */
bool pw_meas_has_load(const struct pw_config *cfg, unsigned ct, const struct pw_meas_ct *m);

/** Apparent power V x I, 1e-9 VA; of a 1.5-element form with half of its voltage. */
uint64_t pw_meas_apparent_nva(const struct pw_config *cfg, unsigned ct, const struct pw_meas_ct *m);

struct pw_snapshot {
    uint32_t seq;         /* windows published since start; 0: nothing yet */
    uint16_t fe_seq;      /* the gateware's number of this window */
    uint16_t samples;
    uint8_t  cycles;
    bool     timeout;
    bool     freq_valid;
    uint32_t agg;         /* blocks published since start; 0: V, I, P ... are not there yet */
    uint32_t agg_samples; /* in the last block, and its windows */
    uint8_t  agg_windows;
    uint32_t freq_mhz;    /* mean over the block; last valid one */
    uint64_t time_us;     /* uptime when published */
    struct pw_meas_v  v[PW_N_V];
    struct pw_meas_ct ct[PW_MAX_CT];
    uint32_t i_root[PW_MAX_CT];              /* of the last window: pw_snapshot_i_window_ua */
    const struct pw_energy *registers;       /* all of one window too: pw_snapshot_energy */
};

/** Energy of a CT, 1e-6 Wh or varh. */
static inline uint64_t pw_snapshot_energy(const struct pw_snapshot *s, unsigned ct, enum pw_energy_kind kind)
{
    return pw_energy_get(&s->registers->ct[ct], kind);
}

/* Sums over the CTs of a point (or over all): */
struct pw_total {
    int64_t  p_mw, q_mvar;
    uint64_t energy[PW_N_ENERGY];
    uint16_t flags;       /* of all its CTs together */
    uint8_t  n_ct;
};

/** Current of the last window alone in uA, rms: basic 10/12-cycle value. */
uint64_t pw_snapshot_i_window_ua(const struct pw_snapshot *s, const struct pw_config *cfg, unsigned ct);

/** @param point  PW_ALL_POINTS for the whole meter: all CTs but the mains */
#define PW_ALL_POINTS 0xFFu
void pw_snapshot_total(const struct pw_snapshot *s, const struct pw_config *cfg, unsigned point, struct pw_total *t);

#endif
