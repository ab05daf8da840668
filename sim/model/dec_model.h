/* SPDX-License-Identifier: Apache-2.0 */
/* Decimator model, bit-exact to rtl/frontend/pw_decimate.v: bitstreams in, samples at fmod / 512 out. */
#ifndef PW_DEC_MODEL_H
#define PW_DEC_MODEL_H
#include <stdbool.h>
#include <stdint.h>

enum {
    PW_DEC_MAX_CH = 64,
    PW_DEC_MAX_DELAY = 239,             /* modulator clocks */
    PW_DEC_R = 128,                     /* modulator clocks a sinc4 sample */
    PW_DEC_DECIMATION = 512,            /* modulator clocks a FIR sample */
    PW_DEC_RING = 128,                  /* sinc4 samples kept a channel */
    PW_DEC_FULL_SCALE = 1 << 23,        /* all ones; itself wraps to - */
    PW_DEC_SETTLE_SETS = 29,            /* first sets of samples, not given out */
    PW_DEC_ERR_RANGE = -1,
    /* Modulator clocks from a bit to the centre of the response to it: integrators 3, sinc4 4 * 127 / 2 = 254,
     * FIR 63 / 2 * 128 = 4032. The samples of a set whose last pushed bit is bit n belong to the instant of bit
     * n - PW_DEC_GROUP_DELAY - delay of the channel. */
    PW_DEC_GROUP_DELAY = 3 + 4 * (PW_DEC_R - 1) / 2 + 63 * PW_DEC_R / 2,
};

/** State, owned by the caller. Read only for others. */
struct pw_dec {
    unsigned n_ch;
    unsigned frame;                     /* frames of 8 modulator clocks since pw_dec_init */
    unsigned n_sets;                    /* complete sets of samples, the ones not given out included */
    uint8_t delay[PW_DEC_MAX_CH];       /* modulator clocks */
    uint8_t prev[PW_DEC_MAX_CH];
    uint8_t hist[32][PW_DEC_MAX_CH];
    uint8_t bytes[PW_DEC_MAX_CH];       /* stage output: delayed bytes of the last frame */
    uint32_t k1[PW_DEC_MAX_CH], k2[PW_DEC_MAX_CH], k3[PW_DEC_MAX_CH], k4[PW_DEC_MAX_CH];
    uint32_t x[5][PW_DEC_MAX_CH];       /* last samples of K4, newest first */
    bool sinc4_valid;                   /* the last frame gave new sinc4 samples */
    int32_t sinc4[PW_DEC_MAX_CH];       /* stage output: last sinc4 samples, s24 */
    unsigned at;                        /* next place in the ring */
    int32_t ring[PW_DEC_MAX_CH][2 * PW_DEC_RING]; /* sinc4 samples, written twice so that 64 lie in one piece */
};

/** State after reset.
 *  @param n_ch  1 .. PW_DEC_MAX_CH */
void pw_dec_init(struct pw_dec *d, unsigned n_ch);

/** Delays a channel's bitstream, from its next byte on.
 *  @param clocks  0 .. PW_DEC_MAX_DELAY modulator clocks
 *  @return 0, or PW_DEC_ERR_RANGE (no such channel, or delay too long; nothing changed) */
int pw_dec_set_delay(struct pw_dec *d, unsigned ch, unsigned clocks) __attribute__((warn_unused_result));

/** Takes 8 modulator clocks of all channels.
 *  @param bytes         n_ch bytes, bit 0 oldest
 *  @param[out] samples  n_ch samples, s24 (sQ0.23); written only when true is returned
 *  @return true when a new set of samples is ready: every 64th call, from set PW_DEC_SETTLE_SETS + 1 on */
bool pw_dec_push8(struct pw_dec *d, const uint8_t bytes[], int32_t samples[]);
#endif
