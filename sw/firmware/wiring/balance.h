/* SPDX-License-Identifier: Apache-2.0 */
/* Panel balance: on each phase the current of the mains minus that of all branches, as phasors, once a second. What is left for a minute is a
 * tap that no CT sees (or an open CT). CTs count where the wiring finder found them, so a fault that it has named does not alarm here;
 * while the place or amount of a CT's current is unknown (unclear, clipping, stuck, no voltage) there is no balance. Mains: CTs of role
 * PW_ROLE_MAIN, one at least on every phase that has branches. */
#ifndef PW_BALANCE_H
#define PW_BALANCE_H

#include "wiring.h"

#define PW_BALANCE_MAINS_E4 100u  /* threshold: 1 % of the mains' current ... */
#define PW_BALANCE_RATED_E4 10u   /* ... plus 0.1 % of their rated current */
#define PW_BALANCE_ALARM_S  60u   /* above it that long, evaluations of a second */
#define PW_BALANCE_CLEAR_S  10u

struct pw_balance_phase {
    uint32_t mains_ma;   /* rms of the fundamental */
    uint32_t rest_ma;    /* |mains - branches| */
    int32_t  rest_mw;    /* its active power, + = consumed unmetered */
    uint8_t  above_s, below_s;
    bool     alarm;
};

struct pw_balance {
    uint32_t evaluations; /* of the finder, the last one taken */
    bool     valid;       /* mains on every phase, and no open question about the wiring */
    uint8_t  changed;     /* bit p: alarm of phase p came or went, until taken */
    struct pw_balance_phase phase[PW_N_V];
};

void pw_balance_init(struct pw_balance *b);

/** After each step of the finder: takes a new evaluation. @return true if there was one */
bool pw_balance_step(struct pw_balance *b, const struct pw_wiring *w);

/** Current above which a phase alarms, mA. */
uint32_t pw_balance_threshold_ma(const struct pw_wiring *w, const struct pw_balance *b, unsigned phase);

#endif
