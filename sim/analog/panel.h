/* SPDX-License-Identifier: Apache-2.0 */
/* pw_panel - a distribution panel as the meter's modulators see it: voltages, loads, CTs and 27 sigma-delta modulators.
 *
 * Input is a scenario (docs/scenario.md) or a recorded waveform (CSV, WAV, COMTRADE), which is looped.
 * Channels: 0..2 = Va, Vb, Vc; 3 + k = CT k. Full scale (FS) of a modulator: density of ones 0 or 1 = -1 or +1.
 * The waveforms are defined at every 8th modulator clock and straight lines between; the truth is the exact integral
 * of the products of those lines, so it is the truth of what was fed and not an approximation of it.
 * Same file, options and seed: same bits, on every machine.
 */
#ifndef PW_SIM_PANEL_H
#define PW_SIM_PANEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pw_config;                       /* sw/lib/config.h */
struct pw_panel;

#define PW_PANEL_MAX_CT 54
#define PW_PANEL_N_V    3
#define PW_PANEL_MAX_CH (PW_PANEL_MAX_CT + PW_PANEL_N_V)

struct pw_panel_opts {
    const char *scenario;               /* path of a .scn file, or NULL */
    const char *recording;              /* path of a .csv/.txt, .wav, .cfg/.dat or .cff file, or NULL; exactly one of the two */
    const char *map;                    /* recording: channel map (docs/scenario.md), NULL or "" = by name and unit */
    double      fmod_hz;                /* modulator clock, 1e6 .. 2e7 */
    unsigned    n_ct;                   /* CT channels of the hardware, 1 .. PW_PANEL_MAX_CT; unused ones get zero input */
    uint64_t    seed;                   /* noise and initial states of the modulators */
};

/* What CT k carried up to an instant, since modulator clock 0. Primary quantities, before all CT errors, DC removed. */
struct pw_truth_ct {
    double wh_j;                        /* J = integral of v * i, v its configured voltage (as its form has it); + delivered to the load */
    double varh_j;                      /* var s, fundamental: integral of v(fundamental, 90 degrees late) * i; + inductive */
    double i2s;                         /* integral of i^2, A^2 s */
    double v2s;                         /* integral of v^2 of its configured voltage, V^2 s */
};
struct pw_truth {
    double mod_clock;                   /* the instant this is for (clamped to what is known, see pw_panel_truth) */
    double seconds;                     /* = mod_clock / fmod */
    double v2s[PW_PANEL_N_V];           /* Va, Vb, Vc: integral of v^2, V^2 s */
    struct pw_truth_ct ct[PW_PANEL_MAX_CT];
};

struct pw_panel_load {
    const char *name;                   /* of the point or load, never NULL */
    const char *kind;                   /* "heater", "motor", ..., "noload", "recorded", "unused" */
    double      rated_a;                /* rated primary current of the CT, A rms */
    bool        noload;                 /* primary current is exactly zero for ever */
};

/** Open a panel. Exactly one of opts->scenario and opts->recording is set.
 *  @param[out] err   one line "file:line: what" or "file: what" on failure, else ""; also useful remarks go to pw_panel_note()
 *  @return the panel, or NULL on bad input */
struct pw_panel *pw_panel_open(const struct pw_panel_opts *opts, char *err, size_t err_size);
void pw_panel_close(struct pw_panel *p);           /* NULL is fine */

/** The next 8 modulator clocks of every channel.
 *  @param[out] bytes  3 + n_ct bytes (channel order), bit 0 = oldest clock */
void pw_panel_step8(struct pw_panel *p, uint8_t bytes[]);

/** Modulator clocks produced so far (8 per step). */
uint64_t pw_panel_clocks(const struct pw_panel *p);

/** Cumulative truth at a modulator clock, which may be fractional. Known span: from pw_panel_clocks() back at least 65536
 *  clocks (131072 in fact), and 0 (all zero) always; outside it the nearest known instant is taken and out->mod_clock says so. */
void pw_panel_truth(const struct pw_panel *p, double mod_clock, struct pw_truth *out);

/** The configuration that a commissioning engineer would load for this panel. */
const struct pw_config *pw_panel_config(const struct pw_panel *p);

/** Label of CT ct, 0 .. n_ct-1. NULL if there is no such CT. */
const struct pw_panel_load *pw_panel_load(const struct pw_panel *p, unsigned ct);

const char *pw_panel_name(const struct pw_panel *p);       /* of the scenario or recording */
const char *pw_panel_note(const struct pw_panel *p);       /* remarks on a recording ("4 whole cycles of ..."), "" if none */
unsigned    pw_panel_n_ct(const struct pw_panel *p);       /* as in the options */
unsigned    pw_panel_n_loaded(const struct pw_panel *p);   /* CTs that the file names, <= n_ct */
double      pw_panel_freq_hz(const struct pw_panel *p);    /* of the fundamental */

/** Analog values at the last step's end, for plots: value[ch] in V or primary A (before CT errors; DC of a recording included).
 *  @param n  entries in value[], at least 3 + n_ct are filled if they fit */
void pw_panel_waveform(const struct pw_panel *p, double value[], size_t n);

/** Full scale of a modulator in V peak (ch 0..2) or primary A peak, as the hardware really is (what the configuration says
 *  may differ by the CT errors of the scenario). */
double pw_panel_full_scale(const struct pw_panel *p, unsigned ch);

#endif
