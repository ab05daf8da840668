/* SPDX-License-Identifier: Apache-2.0 */
/* The front-end's registers and channel bank, in raw gateware units: window sums FS_v * FS_i * 2^-46 * sample period, energies (and
 * residue, quantum, no-load threshold) 2^32 of that. */
#ifndef PW_FRONTEND_H
#define PW_FRONTEND_H

#include <stdbool.h>

#include "errors.h"
#include "hal.h"

#define PW_N_ENERGY 6u /* Wh delivered, Wh received, varh Q1, Q2, Q3, Q4 */

enum pw_ch_flag { PW_CH_OVF = 1, PW_CH_CLIP = 2, PW_CH_STUCK = 4, PW_CH_CREEP = 8 };

struct pw_fe_caps {
    uint8_t n_ct, n_v, mod_div, osr_log2;
};

struct pw_fe_window {
    uint16_t seq;
    uint8_t  bank;
    uint16_t samples;
    uint8_t  cycles;    /* 0 when it ended by time-out */
    bool     timeout;
    int32_t  zc_before_f23, zc_after_f23; /* samples around the crossing that ended it */
};

struct pw_fe_channel {
    int64_t  p, q;      /* sums of V*I, Vq*I; voltages: V*Vnext, Vq*Vnext */
    bool     carried;   /* CTs: p and q begin with the low word that the window before ended with; their signed high words are counted */
    uint64_t square;    /* sum of I*I or V*V */
    uint8_t  flags;     /* enum pw_ch_flag */
};

/* What a CT has registered, and what its last window counted towards that. */
struct pw_fe_energy {
    uint64_t energy[PW_N_ENERGY];
    uint32_t residue;
    int32_t  p_high, q_high; /* signed high words of the window's sums */
    uint8_t  flags;          /* enum pw_ch_flag */
};

struct pw_fe_params {
    int16_t  gain_f17;
    uint8_t  vsel, pol, point_ch, delay;
    uint32_t creep;     /* on the magnitude of a window sum's signed high word */
    uint32_t quantum;   /* at most 2^31; 0: no pulses */
};

/** @return false if there is no front-end */
bool pw_fe_caps_read(const struct pw_hal *hal, struct pw_fe_caps *caps);
bool pw_fe_locked(const struct pw_hal *hal);
void pw_fe_lock(const struct pw_hal *hal);

/** @param zc_src  voltage whose crossings count, 0 .. 2 @param timeout  samples, 256 .. 8191 */
void pw_fe_set_window(const struct pw_hal *hal, unsigned cycles, unsigned zc_src, unsigned timeout);
void pw_fe_set_beta(const struct pw_hal *hal, uint32_t beta_f19);
uint32_t pw_fe_samples(const struct pw_hal *hal);

/** Number of the last completed window. @return false while one is being closed */
bool pw_fe_seq(const struct pw_hal *hal, uint16_t *seq);

/** @return PW_OK, PW_ERR_STATE (a window closed meanwhile: try again) */
PW_MUST_CHECK int pw_fe_read_window(const struct pw_hal *hal, struct pw_fe_window *win);

/** Samples were lost since the gateware's reset: it was too slow. */
bool pw_fe_overrun(const struct pw_hal *hal);

/** The sums of one channel of window `win`. @return PW_OK, PW_ERR_STATE (the window is no longer the last one: *out is of no use) */
PW_MUST_CHECK int pw_fe_read_channel(const struct pw_hal *hal, const struct pw_fe_window *win, unsigned ch, struct pw_fe_channel *out);

/** Energies of CT channel `ch` (3 + k) at the end of window `win`. @return as above */
PW_MUST_CHECK int pw_fe_read_energy(const struct pw_hal *hal, const struct pw_fe_window *win, unsigned ch, struct pw_fe_energy *out);

/** Channel parameters; ignored by the gateware when locked and sealed. */
void pw_fe_write_params(const struct pw_hal *hal, unsigned ch, const struct pw_fe_params *p);

/** Loads what was metered before the power cut; ignored by the gateware once locked. */
void pw_fe_restore(const struct pw_hal *hal, unsigned ch, const uint64_t energy[PW_N_ENERGY], uint32_t residue);

#endif
