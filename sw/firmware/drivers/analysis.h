/* SPDX-License-Identifier: Apache-2.0 */
/* The analysis block: spectrum, half-cycle rms of the voltages, waveform ring. It looks at the calibrated samples and never touches energy.
 * Only some builds have it: ask pw_ana_present first; without it nothing else here may be called. Formats: docs/analysis.md.
 * Channels: 0..2 = Va, Vb, Vc; 3 + k = CT k. Polarity and voltage selection of a CT are not applied. FS = full scale of the channel, peak.
 * The driver keeps no state: each call is a handful of bus accesses (a phasor 6). */
#ifndef PW_DRV_ANALYSIS_H
#define PW_DRV_ANALYSIS_H

#include <stdbool.h>

#include "errors.h"
#include "hal.h"

#define PW_ANA_SLOTS 3u          /* detail channels */
#define PW_ANA_HARMONICS 50u     /* h = 1 .. 50 */
#define PW_ANA_PHASOR_LOG2 32u   /* a phasor's unit: 2^-32 FS, peak */
#define PW_ANA_SQUARE_LOG2 34u   /* a half cycle's unit: 2^-34 FS^2 */
#define PW_ANA_LEVEL_LOG2 15u    /* a trigger level's unit: 2^-15 FS */
#define PW_ANA_MIN_FRAMES 256u   /* shortest and longest pass */
#define PW_ANA_MAX_FRAMES 3072u

/** @return true if this build has the block */
bool pw_ana_present(const struct pw_hal *hal);

/** @return log2 of the frames in the waveform ring; 0: no ring */
unsigned pw_ana_ring_log2(const struct pw_hal *hal);

/** Frames (sample sets) since the gateware's reset, modulo 2^32: the time of everything here. */
uint32_t pw_ana_frame(const struct pw_hal *hal);

/* ---- spectrum ----
 * Passes follow each other without a gap; each is `cycles` whole cycles of an oscillator at `step` under a Hann window of just that length
 * (IEC 61000-4-7: 12 cycles at 60 Hz, 10 at 50 Hz, about 200 ms). The oscillator runs through; its phase is the reference of all angles. */

/** Frequency and length of a pass, from the next pass on.
 *  @param step    f / fs * 2^32
 *  @param cycles  1 .. 50; the pass is cycles * 2^32 / step frames, which must be PW_ANA_MIN_FRAMES .. PW_ANA_MAX_FRAMES
 *  @return PW_OK, PW_ERR_RANGE (nothing changed) */
PW_MUST_CHECK int pw_ana_set_step(const struct pw_hal *hal, uint32_t step, unsigned cycles);

/** Channel whose harmonics slot 0 .. 2 takes, from the next pass on. @return PW_OK, PW_ERR_RANGE (no such slot or channel) */
PW_MUST_CHECK int pw_ana_set_detail(const struct pw_hal *hal, unsigned slot, unsigned ch);

struct pw_ana_pass {
    uint32_t seq;                   /* of the completed pass, 1, 2, ... modulo 2^14; 0 at reset and once a wrap */
    uint32_t wstep;                 /* 2^32 / length of the pass in frames */
    uint16_t frames;                /* length of the pass, rounded */
    uint8_t  detail[PW_ANA_SLOTS];  /* channels of the slots in it */
};

/** The last completed pass. @return false if there is none yet, or it was being replaced just now (ask again) */
bool pw_ana_pass(const struct pw_hal *hal, struct pw_ana_pass *pass);

/** Peak phasor, unit 2^-32 FS: a signal A cos(h w t + phi), w t = phase of the oscillator, gives re = A cos(phi), im = A sin(phi).
 *  So V_peak = |re + j im| / 2^32 * v_fs, rms is that / sqrt(2). Channels of the same pass share the phase reference: an angle between two of
 *  them is the real one; P of a harmonic = (re_v re_i + im_v im_i) / 2, lagging current: Q = (im_v re_i - re_v im_i) / 2 > 0. */
struct pw_phasor {
    int64_t re, im;
};

/** Fundamental of any channel, h = 1. @return PW_OK, PW_ERR_RANGE, PW_ERR_STATE (pass has been overwritten; *out untouched) */
PW_MUST_CHECK int pw_ana_read_fundamental(const struct pw_hal *hal, const struct pw_ana_pass *pass, unsigned ch, struct pw_phasor *out);

/** Harmonic h = 1 .. 50 of the channel in `slot`. @return as above */
PW_MUST_CHECK int pw_ana_read_harmonic(const struct pw_hal *hal, const struct pw_ana_pass *pass, unsigned slot, unsigned h, struct pw_phasor *out);

/* ---- half cycles of the voltages (IEC 61000-4-30, 5.4) ----
 * Urms(1/2) = sqrt((s1 + s2) / (fs / f)) of two neighbours between crossings: not over their counted samples, one more or less is 0.3 %, while
 * the sum misses nothing, as the voltage is about 0 at both ends. After a time-out the samples are the right divisor. */
struct pw_ana_half {
    uint8_t  ch;        /* 0 .. 2 */
    bool     timeout;   /* no crossing: voltage missing */
    uint16_t samples;   /* in it, 1 .. time-out */
    uint64_t square;    /* sum of squares, unit 2^-34 FS^2 */
    uint32_t frame;     /* frame number of the first sample after it */
};

/** Samples after which a half cycle without a crossing ends, 16 .. 4095 (at reset 160). @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_ana_set_half_timeout(const struct pw_hal *hal, unsigned samples);

/** Takes the oldest of at most 32. @return 1: got one, 0: none waits. Poll at least each 50 ms (three voltages, 65 Hz: 390 a second). */
PW_MUST_CHECK int pw_ana_next_half(const struct pw_hal *hal, struct pw_ana_half *out);

/** Half cycles lost because nobody took them, since reset, modulo 2^16. */
unsigned pw_ana_half_lost(const struct pw_hal *hal);

/* ---- waveform ring: 2^ring_log2 frames of all channels, written all the time until it stops ---- */
enum pw_ana_cause { PW_ANA_CAUSE_NONE = 0, PW_ANA_CAUSE_MANUAL = 1, PW_ANA_CAUSE_LEVEL = 2 };

struct pw_ana_ring {
    bool     armed;       /* waits for a trigger */
    bool     triggered;   /* counts down the frames after it, or has stopped */
    bool     stopped;     /* complete: can be read, nothing is written until it is armed again */
    uint8_t  cause;       /* enum pw_ana_cause */
    uint8_t  trig_ch;     /* channel that was above its level; 0 for manual */
    uint32_t frame;       /* frame being written now */
    uint32_t trig_frame;
    uint32_t first, last; /* frames that can be read, when stopped */
};

/** (Re)starts the ring and waits for a trigger.
 *  @param post     frames still written after the trigger's, 0 .. 2^ring_log2 - 1; so before it there are 2^ring_log2 - 1 - post (fewer when it comes soon)
 *  @param shift_v, shift_i  0 .. 8: a sample is stored as z >> shift, saturated to 16 bits: LSB = 2^(shift - 23) FS; 8: no saturation ever
 *  @param level_v, level_i  trigger when |z| reaches it, unit 2^-15 FS, 1 .. 32767; 0: never
 *  @param mask     bit ch = 1: the channel can trigger
 *  @return PW_OK, PW_ERR_RANGE, PW_ERR_STATE (no ring) */
PW_MUST_CHECK int pw_ana_ring_arm(const struct pw_hal *hal, unsigned post, unsigned shift_v, unsigned shift_i, unsigned level_v, unsigned level_i,
                                  uint64_t mask);

/** Trigger by hand; ignored unless armed. */
void pw_ana_ring_trigger(const struct pw_hal *hal);

void pw_ana_ring_state(const struct pw_hal *hal, struct pw_ana_ring *state);

/** Reads n samples: frame's channels from ch_first on, then the next frame's from channel 0, and so on.
 *  Reading is stateless but for the port's address: one reader at a time. Takes n + 6 accesses.
 *  @return PW_OK, PW_ERR_STATE (not stopped), PW_ERR_RANGE (not all of it is within first .. last, or no such channel) */
PW_MUST_CHECK int pw_ana_ring_read(const struct pw_hal *hal, uint32_t frame, unsigned ch_first, unsigned n, int16_t *out);

#endif
