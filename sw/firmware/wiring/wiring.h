/* SPDX-License-Identifier: Apache-2.0 */
/* Wiring finder: from the phasors of all voltages and currents to "CT 7: on phase B, configured A". Pure integers over the struct below, so
 * that the same code runs in the meter and in its tests. What it can know, and from which load on: docs/wiring.md.
 * One evaluation is many short steps. A diagnosis is published when two evaluations in a row agree. */
#ifndef PW_WIRING_H
#define PW_WIRING_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "snapshot.h"
#include "vec.h"

struct pw_spectrum;

#define PW_WIRING_SKIP       1u     /* blocks of windows after start that were still settling */
#define PW_WIRING_CLIPS      3u     /* evaluations with clipping in a row that are more than an inrush */
#define PW_WIRING_MIN_E4     50u    /* least load for a diagnosis, 0.01 % of rated current: 0.5 % */
#define PW_WIRING_SILENT_E4  2u     /* below this a CT carries nothing */
#define PW_WIRING_EVIDENCE   16u    /* evaluations that count: one a second */
#define PW_WIRING_N_HYP      6u     /* hypothesis: 2 * voltage terminal + reversed */
#define PW_WIRING_HINT_PCT   50u    /* confidence of what is only a hint */

enum pw_wiring_code {               /* of a CT; append only, these numbers are in the Modbus map */
    PW_WIRE_UNKNOWN = 0,            /* not enough load */
    PW_WIRE_OK = 1,
    PW_WIRE_REVERSED = 2,           /* alt_phase: or turned the right way round on that phase (120/240 V: the meter cannot tell) */
    PW_WIRE_PHASE = 3,              /* on another phase */
    PW_WIRE_PHASE_REVERSED = 4,     /* on another phase and reversed */
    PW_WIRE_SWAPPED = 5,            /* it and `partner` are on each other's phase */
    PW_WIRE_OPEN = 6,               /* no signal although there must be current */
    PW_WIRE_CLIPPING = 7,           /* current beyond the input's full scale: registers too little */
    PW_WIRE_UNCLEAR = 8,            /* certainly wrong; two explanations: phase/reversed and alt_phase/alt_reversed */
    PW_WIRE_HINT = 9,               /* fits, but so does alt_phase/alt_reversed: not a fault */
    PW_WIRE_NO_VOLTAGE = 10,        /* its voltage is missing: nothing is registered, nothing can be said */
    PW_WIRE_STUCK = 11,             /* the input gives its rail */
    PW_WIRE_N
};

enum pw_wiring_service {            /* of the whole meter; bits of pw_wiring_out.service */
    PW_WIRING_MISSING_A = 1, PW_WIRING_MISSING_B = 2, PW_WIRING_MISSING_C = 4,
    PW_WIRING_SWAP_AB = 8, PW_WIRING_SWAP_BC = 16, PW_WIRING_SWAP_CA = 32, /* two voltage leads exchanged */
    PW_WIRING_ROTATED = 64,         /* all voltage leads moved on by one phase (or all CTs) */
    PW_WIRING_SEQUENCE = 128,       /* rotation is A-C-B: the supply's, or voltage leads exchanged; CTs do not tell yet */
    PW_WIRING_HIGH_LEG = 256,       /* high leg is not on the terminal that it should be on */
};
#define PW_WIRING_SERVICE_FAULTS 0x17Fu /* those that are faults for certain */
#define PW_WIRING_HIGH_LEG_AT 2u        /* terminal that the high leg belongs on: C, as ANSI C12 sockets have it */

enum pw_wiring_supply { PW_SUPPLY_UNKNOWN, PW_SUPPLY_ONE, PW_SUPPLY_SPLIT, PW_SUPPLY_WYE, PW_SUPPLY_HIGH_LEG };

/* Input of an evaluation. */
enum { PW_WIN_CLIP = 1, PW_WIN_STUCK = 2, PW_WIN_NO_PHASOR = 4 }; /* flags: no phasor = its selected voltage is missing */
struct pw_wiring_in {
    struct pw_vec v_mv[PW_N_V];
    struct pw_vec i_ma[PW_MAX_CT];  /* + = into the load, as configured (polarity applied) */
    uint32_t      rms_ma[PW_MAX_CT];
    uint8_t       flags[PW_MAX_CT];
};

struct pw_wiring_ct {
    uint8_t code;                   /* enum pw_wiring_code */
    uint8_t phase, alt_phase;       /* found, 0 .. 2 */
    bool    reversed, alt_reversed; /* against the configured polarity */
    bool    clipping;               /* besides the code */
    uint8_t confidence_pct;         /* 0 .. 99 */
    uint8_t partner;                /* of PW_WIRE_SWAPPED */
    int8_t  registers_pct;          /* of what it should register, -100 .. 100 (more is cut) */
};

struct pw_wiring_out {
    uint32_t evaluations;
    uint16_t service;               /* enum pw_wiring_service, bits */
    uint8_t  supply;                /* enum pw_wiring_supply */
    uint8_t  n_faults;              /* CTs and service */
    bool     balanced;              /* mains and branches agree with what was found */
    struct pw_wiring_ct ct[PW_MAX_CT];
};

struct pw_wiring_state {            /* of a CT, between evaluations */
    uint16_t cost_f4[PW_WIRING_N_HYP]; /* mean cost of each hypothesis */
    uint8_t  n;                     /* evaluations in it */
    uint8_t  hyp;                   /* best so far in this evaluation */
    uint8_t  second;
    uint8_t  confidence_pct;
    uint8_t  verdict;               /* enum pw_wiring_code */
    uint8_t  clips;                 /* evaluations with clipping in a row, at most PW_WIRING_CLIPS */
    uint8_t  pending;               /* result of the evaluation before, packed */
    uint8_t  told;                  /* code that pw_wiring_event has told */
};

#define PW_WIRING_MAX_CHANGES 3u
#define PW_WIRING_MAX_ALT     32u
struct pw_wiring {
    const struct pw_snapshot *snap;
    const struct pw_config   *cfg;
    const struct pw_spectrum *spectrum; /* NULL: none in this build */
    const int16_t            *lag_cdeg; /* of each voltage's next one behind it */
    uint8_t  stage, at;             /* of the evaluation under way */
    uint8_t  skip;                  /* blocks still to leave out */
    uint32_t block;                 /* last one taken */
    uint32_t pass;                  /* of the spectrum that is being collected */
    uint32_t revision;              /* of the configuration: a new one begins all anew */
    uint8_t  of[PW_N_V];            /* service phase on each voltage terminal, as believed */
    uint8_t  avail;                 /* bit t: terminal t has a voltage, or it can be inferred */
    uint8_t  present;               /* bit t: it has one */
    uint8_t  seen;                  /* bit t: it once had */
    uint8_t  n_alt, first, depth;   /* search for the changes that make the mains' balance */
    uint8_t  change[PW_WIRING_MAX_CHANGES], best[PW_WIRING_MAX_CHANGES];
    bool     found;
    uint32_t score;                 /* of best[]: smaller is likelier */
    struct pw_wiring_alt { uint8_t ct, hyp; } alt[PW_WIRING_MAX_ALT];
    uint16_t told_service;          /* what pw_wiring_event has told */
    bool     has_mains;             /* the balance can be made: residual, mains are valid */
    bool     balanced_next;
    uint16_t service_next, service_pending;
    struct pw_vec residual_ma[PW_N_V]; /* per service phase: mains minus branches, with the hypotheses chosen */
    struct pw_vec mains_ma[PW_N_V];
    struct pw_wiring_in    in;
    struct pw_wiring_state st[PW_MAX_CT];
    struct pw_wiring_out   out;     /* what readers see */
};

/** @param spectrum    phasors of all channels, also of those whose voltage is missing; NULL: from P and Q of each CT
 *  @param v_lag_cdeg  PW_N_V angles: Vb behind Va, Vc behind Vb, Va behind Vc, 0.01 degree, of the snapshot's block */
void pw_wiring_init(struct pw_wiring *w, const struct pw_snapshot *snap, const struct pw_config *cfg, const struct pw_spectrum *spectrum,
                    const int16_t *v_lag_cdeg);

/** One short step (read a CT, or a part of an evaluation); an evaluation each time the snapshot has a new block (a second).
 *  @return false if there was nothing to do */
bool pw_wiring_step(struct pw_wiring *w);

/** A whole evaluation of w->in at once, as pw_wiring_step does in parts. For tests. */
void pw_wiring_evaluate(struct pw_wiring *w);

/** True for the codes that are faults (2..8, 11). */
bool pw_wiring_is_fault(unsigned code);

#endif
