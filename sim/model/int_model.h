/* SPDX-License-Identifier: Apache-2.0 */
/* Bit-exact model of rtl/frontend/pw_integrate.v and pw_line.v: DC blocker, gain, quadrature, window sums,
 * energies, pulses. One call = one sample set. Formats and derivations: docs/metrology.md. No allocation, no I/O. */
#ifndef PW_INT_MODEL_H
#define PW_INT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PW_INT_N_V = 3,      /* voltages: channels 0..2; CT k is channel 3 + k */
    PW_INT_MAX_CH = 64,  /* channels an address can name */
    PW_INT_MAX_CT = 60,
};

/* Words of a channel in the bank, as the CPU sees them (pw_fe_channel in rtl/regs/pw_frontend.rdl). */
enum {
    PW_INT_CFG = 0, PW_INT_CREEP = 1, PW_INT_QUANTUM = 2, PW_INT_RATE = 3, PW_INT_DC = 4, PW_INT_FLAGS = 5, PW_INT_RESIDUE = 6,
    PW_INT_PHASE = 7,
    PW_INT_ENERGY = 8, PW_INT_SUM0 = 20, PW_INT_SUM1 = 26,
    /* ENERGY words of the voltages are working state: */
    PW_INT_V = 8, PW_INT_VQ = 9, PW_INT_V_PREV = 10, PW_INT_AP_Y = 11, PW_INT_AP_X = 12,
};

struct pw_int {
    unsigned n_ct, n_ch;
    uint32_t bank[PW_INT_MAX_CH][32];
    /* Registers, formats as in the RDL; cfg and quad may be written at any time between frames. */
    uint32_t wincfg, quad, samples, wininfo, zc_before, zc_after, pulses;
    int32_t  z[PW_INT_MAX_CH];  /* calibrated samples of the last frame, sQ0.23: the z stream of the RTL */
    uint16_t seq;               /* windows completed, modulo 2^16 */
    bool     bank_done;         /* bank (0 or 1) with the last completed window */
    /* pw_line */
    bool     armed, synced;     /* voltage was negative; this window began at a crossing */
    uint32_t neg_run;           /* samples below 0 in a row, at most 63 */
    uint32_t win_samples;       /* samples in the running window */
    uint32_t win_cycles;        /* crossings counted in it */
    /* Called for each pulse; may be NULL. ct = 0 .. n_ct - 1 */
    void   (*pulse)(void *ctx, unsigned ct);
    void    *pulse_ctx;
};

/** State after reset. @param n_ct  current channels, 1 .. PW_INT_MAX_CT */
void pw_int_init(struct pw_int *m, unsigned n_ct);

/** Processes one sample set.
 *  @param samples  n_ct + 3 samples, sQ0.23 (-2^23 .. 2^23 - 1): Va, Vb, Vc, CT 0, CT 1, ...
 *  @return true if this frame closed a window (seq has grown) */
bool pw_int_frame(struct pw_int *m, const int32_t samples[]);

/** 64-bit number of two bank words, low word first (sums, energies). */
static inline uint64_t pw_int_u64(const uint32_t w[2])
{
    return (uint64_t)w[1] << 32 | w[0];
}

#endif
