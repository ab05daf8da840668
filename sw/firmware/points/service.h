/* SPDX-License-Identifier: Apache-2.0 */
/* Which service the meter is on, from the three voltages and the angles between them (PRODUCTS B8). Rules: docs/points.md */
#ifndef PW_SERVICE_H
#define PW_SERVICE_H

#include "config.h"
#include "snapshot.h"
#include "text.h"

enum pw_service_why { /* stored and sent: append only */
    PW_SERVICE_OK         = 0,
    PW_SERVICE_NO_VOLTAGE = 1, /* no input has any */
    PW_SERVICE_ANGLES     = 2, /* angles of no service */
    PW_SERVICE_LEVELS     = 3, /* angles of a service, but its voltages differ too much */
    PW_SERVICE_MISSING    = 4, /* the service is known, some of its voltages are gone: `missing` */
    PW_SERVICE_NO_CYCLES  = 5, /* no line cycles to measure by */
    PW_N_SERVICE_WHY
};

enum pw_sequence { PW_SEQ_NONE = 0, PW_SEQ_ABC = 1, PW_SEQ_ACB = 2 };

struct pw_service_result {
    uint8_t  service;   /* enum pw_service; PW_SERVICE_AUTO: unknown, see why */
    uint8_t  why;       /* enum pw_service_why */
    uint8_t  sequence;  /* enum pw_sequence, of three-phase services */
    uint8_t  high_leg;  /* terminal: 0 none, 1 a, 2 b, 3 c */
    uint8_t  missing;   /* bit i: input i carries no voltage, and should (2-wire and 3-wire services leave inputs free) */
    uint8_t  absent;    /* bit i: input i carries no voltage */
    uint32_t v_mv;      /* mean of the voltages that are there, the high leg's left out */
};

struct pw_service_watch {
    struct pw_service_result now;     /* stable */
    struct pw_service_result next;    /* seen last */
    uint64_t since_us;                /* how long */
    uint32_t nominal_mv;              /* of the detected service; 0: none yet */
    uint32_t changes;
    bool     mismatch;                /* another service than configured */
    uint8_t  misfits;                 /* points whose form does not fit */
};

/* What to tell, of pw_service_update. */
enum pw_service_event { PW_SERVICE_EV_CHANGE = 1, PW_SERVICE_EV_MISMATCH = 2, PW_SERVICE_EV_MISFIT = 4 };

/** One look at the voltages. A missing one is PW_SERVICE_OK here where a smaller service remains.
 *  @param lag_cdeg  [i]: how far voltage i + 1 lags behind voltage i (the last: a behind c), 0.01 degree; ignored without both */
void pw_service_classify(const uint32_t v_mv[PW_N_V], const int16_t lag_cdeg[PW_N_V], struct pw_service_result *r);

/** With each window. A result counts when it has been the same for 3 s. Once a service is known, voltages that go leave it as it is and
 *  are reported missing; another service takes its place only with as many voltages, or when it is configured.
 *  @return what is new: enum pw_service_event bits */
unsigned pw_service_update(struct pw_service_watch *w, const struct pw_config *cfg, const struct pw_snapshot *s, const int16_t lag_cdeg[PW_N_V]);

/** The service that counts: as configured, else as detected; PW_SERVICE_AUTO if neither. */
unsigned pw_service_effective(const struct pw_service_watch *w, const struct pw_config *cfg);

/** Nominal voltage of an input, for thresholds: as configured, else the standard one nearest to what was detected (1.73 times for the high
 *  leg). 0: not known, or an input that the service leaves free. */
uint32_t pw_service_nominal_mv(const struct pw_service_watch *w, const struct pw_config *cfg, unsigned input);

/** "wye 4w abc", "high leg 4w abc c", "? angles", "not yet known". */
void pw_service_text(const struct pw_service_result *r, struct pw_text *t);

#endif
