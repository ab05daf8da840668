/* SPDX-License-Identifier: Apache-2.0 */
/* Stimulus of the virtual test bench: periodic waveforms of all channels, sampled in double precision by scripts/accuracy, and one
 * sigma-delta modulator a channel.
 *
 * File: text lines "key value ...", the line "data", then rows x channels float64 (little endian): row r is the input of the
 * modulators, full scale = 1.0, at r / rows of the period. Between rows a cubic through four points; the modulators see straight
 * lines between points 8 modulator clocks apart.
 */
#ifndef PW_ACC_STIMULUS_H
#define PW_ACC_STIMULUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PW_ACC_MAX_CT 54
#define PW_ACC_N_V    3
#define PW_ACC_PAD    64                /* channels, padded for vector instructions */
#define PW_ACC_U_MAX  0.95              /* of full scale: the modulators are linear up to here */

struct pw_acc_ct { unsigned vsel, pol; uint32_t i_fs_ma; };

struct pw_acc_stim {
    /* of the file */
    unsigned n_ct, n_ch, nominal_hz, window_cycles;
    uint32_t n_rows;
    double   period_s;
    double   noise_dbfs;                /* thermal noise in 0 .. fmod/1024 relative to a full-scale sine; -999: none */
    double   leakage;                   /* of both integrators, a clock */
    double   offset;                    /* of full scale; its sign alternates from channel to channel */
    uint64_t seed;
    uint32_t v_fs_mv, creep_mw, pulse_weight_mwh;
    struct pw_acc_ct ct[PW_ACC_MAX_CT];
    int16_t  gain_f17[PW_ACC_PAD];      /* what the meter is told of each channel, as after calibration */
    /* running */
    double  *rows;                      /* 1 row before, n_rows, 3 rows after */
    unsigned stride;
    uint64_t phase, phase_step;         /* of the period, 2^64 = one period; step = 8 modulator clocks */
    uint64_t clocks;                    /* modulator clocks given out */
    double   u[PW_ACC_PAD], x1[PW_ACC_PAD], x2[PW_ACC_PAD], keep[PW_ACC_PAD], noise[PW_ACC_PAD], off[PW_ACC_PAD];
    uint64_t rng[PW_ACC_PAD];
};

/** Reads a file and sets the modulators to their initial states (from the seed).
 *  @param fmod_hz   modulator clock
 *  @param[out] err  one line when it fails
 *  @return 0, -1: no such file, bad line, value out of range */
int pw_acc_stim_open(struct pw_acc_stim *s, const char *path, double fmod_hz, char *err, size_t err_n);
void pw_acc_stim_close(struct pw_acc_stim *s);

/** The waveforms at a phase of the period (2^64 = one period), by the cubic: full scale = 1, without offsets and noise.
 *  @param[out] u  n_ch rounded up to a multiple of 4 */
void pw_acc_stim_at(const struct pw_acc_stim *s, uint64_t phase, double u[]);

/** The next 8 modulator clocks. @param[out] bytes  n_ch bytes, bit 0 = oldest clock */
void pw_acc_stim_step8(struct pw_acc_stim *s, uint8_t bytes[]);

#endif
