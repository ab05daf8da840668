/* SPDX-License-Identifier: Apache-2.0 */
/* Sags (dips), swells and interruptions of each voltage, IEC 61000-4-30, 5.4 and 5.5: decided by Urms(1/2), the rms of one cycle renewed each
 * half cycle, against thresholds of the configuration. Begin and end are placed at the edges of the half cycles that were out of limits themselves,
 * so they are right to half a cycle (the standard's own time stamps, the ends of Urms(1/2), lie up to a cycle later).
 * In a meter without the analysis block the 10/12-cycle values are used instead: right to 0.2 s, and marked as coarse.
 * The reference is the configured nominal voltage, or (0) each voltage's own mean of some minutes (sliding reference, 5.4.4). */
#ifndef PW_VOLTAGE_EVENTS_H
#define PW_VOLTAGE_EVENTS_H

#include "analysis.h"
#include "meter.h"

#define PW_N_VEVENTS     16u
#define PW_VEVENT_MIN_MV 10000u /* a voltage below it is none: no sliding reference begins with it */

enum pw_vevent_kind { PW_VEVENT_NONE, PW_VEVENT_SAG, PW_VEVENT_SWELL, PW_VEVENT_INTERRUPTION };

struct pw_vevent {
    uint32_t number;       /* 1, 2, ... since start; 0: no event */
    uint8_t  kind;         /* enum pw_vevent_kind; a sag becomes an interruption when it goes that deep */
    uint8_t  phase;        /* 0 .. 2 */
    bool     active;       /* has not ended: duration so far is not known */
    bool     coarse;
    uint64_t start_us;     /* uptime */
    uint32_t duration_ms;
    uint32_t level_mv;     /* residual voltage (lowest) or highest Urms(1/2) */
    uint32_t ref_mv;       /* what the thresholds referred to */
};

struct pw_vevent_phase {
    uint8_t  event;        /* 1 + index into ring while active, else 0 */
    bool     alive;        /* has had a voltage */
    bool     seen;         /* min_mv and max_mv are there */
    bool     prev_known;   /* the half cycle before is known */
    bool     good;         /* while active: within limits since good_frame */
    uint8_t  settle;       /* half cycles still ignored */
    uint16_t prev_n;
    uint64_t prev_square;
    uint32_t good_frame;
    uint32_t ref_f8;       /* sliding reference, mV u.8; 0: none yet */
    uint32_t sag_mv, swell_mv; /* limits of now; swell_mv 0: no reference yet */
    uint32_t u_mv;         /* Urms(1/2), the last */
    uint32_t min_mv, max_mv; /* Urms(1/2) since start, 0 until there is one */
};

struct pw_voltage_events {
    const struct pw_meter  *meter;
    const struct pw_config *cfg;
    void   (*event)(void *ctx, const struct pw_vevent *e); /* at its begin and at its end; may be NULL */
    void    *ctx;
    bool     present;      /* half cycles; else coarse */
    uint16_t lost;         /* as the driver counts */
    uint32_t seq;          /* of the snapshot last looked at */
    uint32_t line_half_f9; /* half a cycle of the line in samples, so u.8: a cycle; renewed with each window */
    uint32_t line_inverse_f44; /* 2^44 / line_half_f9 */
    uint32_t count;        /* events since start */
    struct pw_vevent_phase phase[PW_N_V];
    struct pw_vevent ring[PW_N_VEVENTS];
};

/** The event hook is cleared: set it afterwards. */
void pw_vevents_init(struct pw_voltage_events *e, const struct pw_meter *meter, const struct pw_config *cfg);

/** Takes at most one half cycle. @return false if there was nothing to do */
bool pw_vevents_step(struct pw_voltage_events *e);

/** @param i  0 = newest .. PW_N_VEVENTS - 1 @return NULL if there is none */
const struct pw_vevent *pw_vevents_get(const struct pw_voltage_events *e, unsigned i);

/** Reference of a voltage in mV; 0: not known yet, no event can begin. */
uint32_t pw_vevents_ref_mv(const struct pw_voltage_events *e, unsigned phase);

#endif
