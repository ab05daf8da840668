/* SPDX-License-Identifier: Apache-2.0 */
/* Services and meter forms as data. A form says which voltage each element of a metering point is metered with, so that a point is one
 * decision of the installer. PRODUCTS B8, C1, D1, E1, E2; elements needed for a service: Blondel's theorem (wires - 1). */
#ifndef PW_FORMS_H
#define PW_FORMS_H

#include <stdbool.h>
#include <stdint.h>

#include "errors.h"

#define PW_MAX_ELEMENTS 3u
#define PW_MAX_SETS     3u /* CT sets in parallel on one point (E2) */

/* Voltage that a CT is metered with; the numbers are those of the gateware (BANK.CH.CFG.vsel). */
enum pw_vsel { PW_VA = 0, PW_VB = 1, PW_VC = 2, PW_VAB = 3, PW_VBC = 4, PW_VCA = 5 };

/* What the supply is. Stored and sent: append only. */
enum pw_service {
    PW_SERVICE_AUTO     = 0, /* as detected */
    PW_SERVICE_1P2W     = 1, /* one phase and neutral */
    PW_SERVICE_SPLIT    = 2, /* single phase 3-wire, legs opposed: 120/240 V */
    PW_SERVICE_NETWORK  = 3, /* 3-wire, two phases of a wye: 120/208 V */
    PW_SERVICE_DELTA3   = 4, /* 3-wire delta, the meter's neutral terminal on phase B, or on none */
    PW_SERVICE_WYE4     = 5, /* 4-wire wye */
    PW_SERVICE_HIGHLEG  = 6, /* 4-wire delta, the middle of one winding grounded: one phase 1.73 times the others */
    PW_N_SERVICES
};

/* Stored and sent: append only. */
enum pw_form {
    PW_FORM_FREE     = 0, /* none: each CT with the voltage it is told */
    PW_FORM_1E2W     = 1, /* 1 element, 2-wire: any voltage */
    PW_FORM_15E_1CT  = 2, /* 1.5 element, 3-wire (2S): both legs through one CT, the second one backwards; half of Vab */
    PW_FORM_15E_2CT  = 3, /* 1.5 element, 3-wire: a CT on each leg, each with half of Vab (the second: of Vba) */
    PW_FORM_2E3W     = 4, /* 2 element, 3-wire: network, or the two legs of a single-phase service; Va, Vb */
    PW_FORM_2E_DELTA = 5, /* 2 element, 3-wire delta: Ia with Vab, Ic with Vcb */
    PW_FORM_3E_WYE   = 6, /* 3 element, 4-wire wye */
    PW_FORM_3E_DELTA = 7, /* 3 element, 4-wire delta with high leg */
    PW_N_FORMS
};

struct pw_form_info {
    char    name[12];                 /* for displays and scenario files */
    uint8_t n_elements;               /* 0: free */
    uint8_t halves;                   /* weight of each element, in halves: 2, or 1 where half of the voltage counts */
    uint8_t vsel[PW_MAX_ELEMENTS];    /* enum pw_vsel, of rotation 0 */
    uint8_t negated;                  /* bit e: element e counts with the voltage reversed (Vcb = -Vbc) */
    uint8_t services;                 /* bit s: fits enum pw_service s */
};

/** @return the form's row, NULL if there is no such form */
const struct pw_form_info *pw_form_info(unsigned form);

/** Name of a service ("wye 4-wire"), "?" if there is none. */
const char *pw_service_name(unsigned service);

/** "Va", "Vab", ...; "?" if there is none. @param vsel  enum pw_vsel */
const char *pw_vsel_name(unsigned vsel);

/** May a point of this form be on this service? PW_SERVICE_AUTO and PW_FORM_FREE fit all. */
bool pw_form_fits(unsigned form, unsigned service);

/** The voltage `vsel` `rotation` phases further (Va -> Vb -> Vc -> Va; Vab -> Vbc -> Vca). @param rotation  0 .. 2 */
unsigned pw_vsel_rotate(unsigned vsel, unsigned rotation);

/** Can CTs with these voltages make the form, in some rotation, as 1 .. PW_MAX_SETS whole sets? PW_FORM_1E2W: all the same voltage.
 *  @param count  CTs of the point by enum pw_vsel */
bool pw_form_matches(unsigned form, const uint8_t count[6]);

#endif
