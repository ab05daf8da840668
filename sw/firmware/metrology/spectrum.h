/* SPDX-License-Identifier: Apache-2.0 */
/* Fundamentals of all channels, harmonics 1 .. 50 of some: what the analysis block measures in passes of about 0.2 s (10/12 cycles, Hann
 * window; IEC 61000-4-7 uses a rectangular one), in engineering units. Keeps the block's oscillator on the line frequency, and sends its three
 * detail slots round all channels; a channel asked for keeps slot 0. A meter without the block has none of this: `present` is false.
 * Unit of phasors: 2^-30 of full scale, peak. Formulas: docs/quantities.md. */
#ifndef PW_SPECTRUM_H
#define PW_SPECTRUM_H

#include "analysis.h"
#include "meter.h"

#define PW_SPECTRUM_NO_CH   0xFFu
#define PW_SPECTRUM_NO_THD  0xFFFFu /* not measured yet, or no fundamental to speak of (below 1e-5 of full scale) */

struct pw_spec_phasor {
    int32_t re, im;
};

enum pw_harm_state { PW_HARM_NONE, PW_HARM_WAITING, PW_HARM_READY };

/* Harmonics of one channel, turned so that the fundamental is real: angles are those of sine waves at its upward zero crossing. */
struct pw_harmonics {
    uint8_t  ch;                   /* PW_SPECTRUM_NO_CH: none yet */
    uint8_t  state;                /* enum pw_harm_state */
    uint32_t seq;                  /* grows by 2 with each set; odd while it is being written */
    struct pw_spec_phasor h[PW_ANA_HARMONICS];
};

struct pw_spec_slot {
    uint8_t  ch;
    uint32_t mag1;                 /* of its fundamental; 0: none */
    struct pw_spec_phasor turn, at; /* a step, and the turn of the harmonic to come, u.30 */
    uint64_t square;               /* of harmonics 2 .. 50 */
};

struct pw_spectrum {
    const struct pw_meter  *meter;
    const struct pw_config *cfg;
    bool     present;
    uint32_t step;                 /* the oscillator's */
    int32_t  lead_f30;             /* of the DC blocker at the line frequency, radian */
    uint8_t  next;                 /* channel that the rotation takes next */
    uint8_t  request;              /* channel that slot 0 stays on, or PW_SPECTRUM_NO_CH */
    uint8_t  item;                 /* of the pass under way: 0 none, 1 + 50 slot + h - 1 */
    struct pw_ana_pass pass;
    uint32_t passes;               /* whose fundamentals were read; 0: nothing to show yet */
    uint32_t lost;                 /* passes overwritten while they were read */
    struct pw_spec_slot   slot[PW_ANA_SLOTS];
    struct pw_spec_phasor fund[PW_MAX_CH]; /* all of one pass */
    uint16_t thd_e4[PW_MAX_CH];
    struct pw_harmonics   held;    /* asked for: stays until asked again */
    struct pw_harmonics   latest;  /* of the rotation */
};

struct pw_spec_ct {
    uint32_t i1_ua;                /* fundamental current, rms; saturated */
    int32_t  p1_mw, q1_mvar;       /* fundamental power with the configured voltage and polarity */
    int32_t  ph_mw;                /* P (mean of the last second) - P1 (last pass) */
    int16_t  dpf_e4;               /* displacement power factor, sign of P1; 0 without load */
    uint16_t thd_e4;               /* of the current, 0.01 % of its fundamental */
};

void pw_spectrum_init(struct pw_spectrum *s, const struct pw_meter *meter, const struct pw_config *cfg);

/** A few bus accesses at a time, all fundamentals at once. @return false if there was nothing to do */
bool pw_spectrum_step(struct pw_spectrum *s);

/** Asks for the harmonics of a channel (0 .. 2 voltages, 3 + k CTs), or with PW_SPECTRUM_NO_CH gives the slot back to the rotation.
 *  They are in `held` about half a second later (state). @return PW_OK, PW_ERR_RANGE (no such channel), PW_ERR_STATE (no analysis block) */
PW_MUST_CHECK int pw_spectrum_request(struct pw_spectrum *s, unsigned ch);

/** Values of a CT. @return PW_OK, PW_ERR_RANGE, PW_ERR_STATE (nothing measured yet; *out untouched) */
PW_MUST_CHECK int pw_spectrum_ct(const struct pw_spectrum *s, unsigned k, struct pw_spec_ct *out);

/** Fundamental of a channel, rms: mV of a voltage, uA of a CT. */
uint64_t pw_spectrum_rms(const struct pw_spectrum *s, unsigned ch);

/** Angle of a channel's fundamental behind that of voltage A, 0.01 degree, -18000 .. 18000. */
int32_t pw_spectrum_angle_cdeg(const struct pw_spectrum *s, unsigned ch);

/** rms of the phasor sum of the fundamental currents of all CTs of a point, in uA: neutral current of its loads, as far as it is fundamental.
 *  Polarity counts. 0 if the point has no CT. */
uint64_t pw_spectrum_residual_ua(const struct pw_spectrum *s, unsigned point);

/** Harmonic n (1 .. 50) of a set: rms in mV or uA, 0.001 % of the fundamental (saturated), angle in 0.01 degree. */
struct pw_spec_harmonic {
    uint64_t rms;
    uint32_t ratio_e5;
    int16_t  angle_cdeg;
};
struct pw_spec_harmonic pw_spectrum_harmonic(const struct pw_spectrum *s, const struct pw_harmonics *set, unsigned n);

#endif
