/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules as text, for people: docs/tou.md has the language. For PC programs; the meter itself knows the stored form only. */
#ifndef PW_TOU_TEXT_H
#define PW_TOU_TEXT_H

#include "tou.h"

#define PW_TOU_TEXT_MAX_B 4096u /* no schedule prints longer */

struct pw_tou_text_fault {
    unsigned line;   /* from 1; what is missing is reported at the last one */
    char reason[96]; /* "segment '07:00=2' does not come after the one before" */
};

/** Text to data.
 *  @param[out] tou, names  pass the checks of tou.h; untouched unless PW_OK
 *  @param[out] fault       the first fault; untouched on PW_OK
 *  @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_tou_parse(const char *text, size_t len, struct pw_tou *tou, struct pw_tou_names *names, struct pw_tou_text_fault *fault);

/** Data to text that pw_tou_parse makes the same data of.
 *  @param buf  zero terminated; PW_TOU_TEXT_MAX_B is always enough
 *  @return PW_OK, PW_ERR_RANGE (the data do not pass the checks), PW_ERR_SIZE (buf is too small) */
PW_MUST_CHECK int pw_tou_print(const struct pw_tou *tou, const struct pw_tou_names *names, char *buf, size_t size);

#endif
