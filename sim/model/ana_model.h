/* SPDX-License-Identifier: Apache-2.0 */
/* Bit-exact model of rtl/analysis/pw_analysis.v: spectrum, half cycles of the voltages, waveform ring. One call a frame.
 * Not modelled: clock-level timing. The RTL's spectrum takes in a frame until the next one ends; all else at once.
 * Formats and derivations: docs/analysis.md. No allocation, no I/O. */
#ifndef PW_ANA_MODEL_H
#define PW_ANA_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum { PW_ANA_MAX_CH = 63, PW_ANA_MAX_RING_LOG2 = 11, PW_ANA_FIFO = 32, PW_ANA_N_SLOT = 3, PW_ANA_N_H = 50 };

struct pw_ana_half_state { uint64_t sum; uint32_t n; bool above, below; };
struct pw_ana_half_entry { uint32_t word[3]; };

struct pw_ana {
    unsigned n_ch, ring_log2;
    uint32_t frame;
    /* spectrum */
    uint32_t step, wstep, step_run, wstep_run, phi, u, pass_wstep;
    uint8_t  det[PW_ANA_N_SLOT], det_run[PW_ANA_N_SLOT], det_done[PW_ANA_N_SLOT];
    uint32_t seq;
    bool     pair, first;
    unsigned bank;                                 /* running */
    int32_t  slot_z[PW_ANA_N_SLOT];
    int64_t  acc[2][4][64][2];                     /* bank, group, index, part; unit 2^-25 FS */
    /* half cycles */
    uint32_t half_timeout;
    struct pw_ana_half_state half[3];
    struct pw_ana_half_entry fifo[PW_ANA_FIFO];
    unsigned fifo_tail, fifo_n;
    uint16_t half_lost;
    /* ring */
    uint8_t  shift_v, shift_i;
    uint32_t level_v, level_i, post, post_left, trig_frame, first_frame;
    uint64_t mask;
    bool     armed, triggered, by_level, run, hand;
    uint8_t  trig_ch;
    uint32_t ring_w, ring_r;
    int16_t  ring[PW_ANA_MAX_CH << PW_ANA_MAX_RING_LOG2];
};

/** State after reset. @param n_ch 4 .. 63 @param ring_log2 0 (no ring) .. 11 */
void pw_anam_init(struct pw_ana *m, unsigned n_ch, unsigned ring_log2);

/** One frame. @param z  n_ch calibrated samples, sQ0.23 */
void pw_anam_frame(struct pw_ana *m, const int32_t z[]);

/** Bus access. @param offset  address - 0x80010000, a multiple of 4
 *  @return 0, or -1: bus error (*value is untouched) */
int pw_anam_read32(struct pw_ana *m, uint32_t offset, uint32_t *value);
int pw_anam_write32(struct pw_ana *m, uint32_t offset, uint32_t value);

#endif
