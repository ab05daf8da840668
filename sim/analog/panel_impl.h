/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a panel; shared by engine.c, panel.c and the two builders scenario.c and replay.c. */
#ifndef PW_SIM_PANEL_IMPL_H
#define PW_SIM_PANEL_IMPL_H

#include "config.h"
#include "modulator.h"
#include "panel.h"

#define PW_N_VSEL      6                /* Va Vb Vc Vab Vbc Vca */
#define PW_TRUTH_STEP  64               /* modulator clocks between two points of the history */
#define PW_HISTORY     2049             /* points: 131072 clocks */
#define PW_MAX_SEG     8
#define PW_NAME_MAX    64
#define PW_NOTE_MAX    400
#define PW_PAD(n)      (((n) + PW_LANES - 1u) / PW_LANES * PW_LANES)
#define PW_CT_PAD_MAX  PW_PAD(PW_PANEL_MAX_CT)
#define PW_VEC_MAX     (4u + PW_CT_PAD_MAX)

/* Envelope of a load that switches: straight lines through (time, level), looped. */
struct pw_envelope {
    unsigned n_seg;                     /* 0: constant 1 */
    double   seconds[PW_MAX_SEG];       /* length of the segment */
    double   level[PW_MAX_SEG];         /* at its end */
    unsigned seg;                       /* running state */
    uint64_t blocks_left;
    double   now, slope;                /* level, its change a block */
};

/* A voltage at another level for a while. */
#define PW_MAX_DIP 8
struct pw_dip {
    unsigned v;                         /* which voltage */
    uint64_t from, to;                  /* modulator clocks */
    double   level;                     /* of its normal one */
};

/* Columns of one row of the wave table: 4 voltages (the 4th is 0), 4 quadrature voltages, then the primary currents of the
 * CTs (padded to PW_LANES) and, where some CT has a phase error, the same currents shifted by it. */
#define PW_COL_V   0u
#define PW_COL_VQ  4u
#define PW_COL_I   8u

struct pw_panel {
    /* what is fed: one period of every waveform, rows of floats; row n_rows repeats row 0 */
    float   *rows;
    uint32_t n_rows, stride, col_sec;   /* col_sec: first column of the shifted currents (= PW_COL_I if none) */
    double   pos, rows_per_block;       /* position in rows */
    unsigned n_ct, n_ct_pad, n_mod;     /* n_mod: lanes of modulators: 4 + n_ct_pad; lane 3 idles */
    double   gain[PW_VEC_MAX];          /* V or A to full scale, with ratio error, sign and burden */
    double   offset[PW_VEC_MAX];        /* full scale */
    double   noise[PW_VEC_MAX];         /* width of the uniform noise, full scale */
    double   leakage[PW_VEC_MAX];       /* of the integrators, a clock */
    double   limit[PW_VEC_MAX];         /* saturation of the CT, full scale; large = none */
    double   dc[PW_VEC_MAX];            /* recordings: V or A added to what is fed, not to the truth */
    struct pw_envelope env[PW_PANEL_MAX_CT];
    unsigned n_env;                     /* CTs with an envelope: env_ct[] */
    uint8_t  env_ct[PW_PANEL_MAX_CT];
    struct pw_dip dip[PW_MAX_DIP];
    unsigned n_dip;
    uint8_t  vsel[PW_CT_PAD_MAX];       /* of the configuration */
    double   truth_factor[PW_PANEL_MAX_CT]; /* of P and Q: 1; by its form an element may count half, or its voltage reversed */

    /* modulators */
    double   x1[PW_VEC_MAX], x2[PW_VEC_MAX], keep[PW_VEC_MAX];
    uint64_t rng[PW_VEC_MAX];
    double   u[PW_VEC_MAX];             /* last input, full scale */
    uint64_t clocks;

    /* truth: last values, sums since the last point, points. Sums are in units of v*i times block / 6 */
    double   v[PW_N_VSEL], vq[PW_N_VSEL], i[PW_CT_PAD_MAX];
    double   vk[PW_CT_PAD_MAX], vqk[PW_CT_PAD_MAX];
    double   part_p[PW_CT_PAD_MAX], part_q[PW_CT_PAD_MAX], part_i2[PW_CT_PAD_MAX], part_v2[PW_N_VSEL];
    unsigned n_part;                    /* blocks in them */
    double  *history;                   /* PW_HISTORY x n_hist */
    unsigned n_hist;                    /* doubles a point: P, Q, I2 (n_ct_pad each), V2 of the 6 voltages */

    /* description */
    double   fmod_hz, freq_hz, full_scale[PW_PANEL_MAX_CH];
    struct pw_config config;
    struct pw_panel_load load[PW_PANEL_MAX_CT];
    char     load_name[PW_PANEL_MAX_CT][PW_NAME_MAX];
    unsigned n_loaded;
    char     name[PW_NAME_MAX], note[PW_NOTE_MAX];
};

/* engine.c: one block of 8 modulator clocks; first value of everything before the first one. */
void pw_engine_start(struct pw_panel *p, uint64_t seed);
void pw_engine_block(struct pw_panel *p, uint8_t bytes[]);

/* panel.c: aligned memory for the wave table; false if there is none. */
bool pw_panel_alloc_rows(struct pw_panel *p, uint32_t n_rows, bool shifted);

/* Uniform noise width (full scale) for a noise level in dB of a full-scale sine, in the band 0 .. fmod/1024. */
double pw_noise_width(double dbfs);

/* Builders: fill waveforms, gains, description and configuration. Return false with one line in err. */
bool pw_scenario_build(struct pw_panel *p, const struct pw_panel_opts *opts, char *err, size_t err_size);
bool pw_replay_build(struct pw_panel *p, const struct pw_panel_opts *opts, char *err, size_t err_size);
#endif
