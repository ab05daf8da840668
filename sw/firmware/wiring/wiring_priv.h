/* SPDX-License-Identifier: Apache-2.0 */
/* Between the parts of the wiring finder. Costs are 0 (likely) .. 200 (impossible), a kind of negative log likelihood. */
#ifndef PW_WIRING_PRIV_H
#define PW_WIRING_PRIV_H

#include "wiring.h"

#define PW_COST_REVERSED       27
#define PW_COST_PHASE          30
#define PW_COST_PHASE_REVERSED 60
#define PW_COST_WORTH_TRYING   55  /* that much above the best one is not asked of the mains */
#define PW_MARGIN_RIGHT        20  /* a fault must be that much more likely than right wiring ... */
#define PW_MARGIN_OTHER        10  /* ... and than any other fault */
#define PW_MARGIN_GROUP        35  /* ... where loads between lines are to be expected */
#define PW_MARGIN_HINT         45
#define PW_RIGHT_EXCLUDED      100 /* right wiring is excluded */
#define PW_HYP_OPEN            6u  /* st.hyp: no signal, carries what its partners lack */

static inline unsigned pw_hyp_terminal(unsigned hyp) { return hyp / 2; }
static inline bool pw_hyp_reversed(unsigned hyp) { return (hyp & 1) != 0; }
static inline bool pw_wiring_is_ll(const struct pw_wiring *w, unsigned k) { return w->cfg->ct[k].vsel > PW_VC; }
static inline bool pw_wiring_is_main(const struct pw_wiring *w, unsigned k) { return w->cfg->ct[k].role == PW_ROLE_MAIN; }

/** Service phase that a hypothesis puts CT k on. */
static inline unsigned pw_hyp_phase(const struct pw_wiring *w, unsigned k, unsigned hyp)
{
    return hyp == PW_HYP_OPEN ? w->cfg->ct[k].vsel : w->of[pw_hyp_terminal(hyp)];
}

/** Terminal that service phase p is on. */
unsigned pw_wiring_terminal(const struct pw_wiring *w, unsigned p);

/** Smallest load for a statement, and largest current that is none, mA. */
uint32_t pw_wiring_min_ma(const struct pw_wiring *w, unsigned k);
uint32_t pw_wiring_silent_ma(const struct pw_wiring *w, unsigned k);
/** The voltage that CT k is metered with is missing. */
bool pw_wiring_no_voltage(const struct pw_wiring *w, unsigned k);
bool pw_wiring_loaded(const struct pw_wiring *w, unsigned k);

/** Cost of a load whose current lags its own voltage by so many degrees (-180 .. 180).
 *  @param exports  it may also feed in */
int pw_wiring_load_cost(int lag_deg, bool exports);
bool pw_wiring_exports(const struct pw_wiring *w, unsigned k);

/** Cost of the fault that a hypothesis is, given which service phase is on which terminal. */
int pw_wiring_prior(const struct pw_wiring *w, const uint8_t of[PW_N_V], unsigned k, unsigned hyp);

/** Do two hypotheses put the current into the same direction? (120/240 V: reversed on A = the right way round on B) */
bool pw_wiring_same_direction(const struct pw_wiring *w, unsigned h, unsigned g);

/** Code for "CT k is as `hyp` says". */
unsigned pw_wiring_code_of(const struct pw_wiring *w, unsigned k, unsigned hyp);

/* The parts of an evaluation, in this order. */
void pw_wiring_voltages(struct pw_wiring *w);              /* input */
bool pw_wiring_collect(struct pw_wiring *w, unsigned k);   /* false: a new pass of the spectrum has come, begin again */
void pw_wiring_volts(struct pw_wiring *w);                 /* supply, missing voltages, inferred ones */
void pw_wiring_measure(struct pw_wiring *w, unsigned k);   /* costs of the hypotheses of CT k */
void pw_wiring_leads(struct pw_wiring *w);                 /* which service phase is on which terminal */
void pw_wiring_decide(struct pw_wiring *w, unsigned k);    /* CT k alone */
void pw_wiring_group(struct pw_wiring *w, unsigned point); /* the CTs of a point together */
void pw_wiring_residual(struct pw_wiring *w);              /* mains minus branches */
bool pw_wiring_explain(struct pw_wiring *w);               /* one step of the search by the mains' balance; false: over */
void pw_wiring_explained(struct pw_wiring *w);             /* take over what it found */
void pw_wiring_pairs(struct pw_wiring *w);                 /* swapped CTs */
/** Rated current of the mains of a phase, mA. */
uint32_t pw_wiring_mains_rated_ma(const struct pw_wiring *w, unsigned p);
void pw_wiring_publish(struct pw_wiring *w, unsigned k);

#endif
