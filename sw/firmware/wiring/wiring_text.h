/* SPDX-License-Identifier: Apache-2.0 */
/* The finder's results in words: "CT 7: on phase B, configured A". CTs are numbered from 1, as on the LCD. */
#ifndef PW_WIRING_TEXT_H
#define PW_WIRING_TEXT_H

#include "balance.h"
#include "text.h"
#include "wiring.h"

/** Advice about CT k, at most 75 characters. */
void pw_wiring_say_ct(const struct pw_wiring *w, unsigned k, struct pw_text *t);

/** Advice about one bit of pw_wiring_out.service, at most 75 characters. */
void pw_wiring_say_service(unsigned bit, struct pw_text *t);

/** Balance of one phase, at most 75 characters: "unmetered on phase B: 3.2 A, 380 W". */
void pw_balance_say(const struct pw_balance *b, unsigned phase, struct pw_text *t);

/** The n-th fault (CTs in order, then service). @return false if there are fewer; else *ct is the CT, or n_ct and *bit the service bit */
bool pw_wiring_fault(const struct pw_wiring *w, unsigned n, unsigned *ct, unsigned *bit);

/* The same in numbers, for the event log. */
struct pw_wiring_news {
    uint16_t index;      /* CT 0 .., PW_WIRING_NEWS_SERVICE + number of the bit, PW_WIRING_NEWS_TAP + phase */
    uint8_t  was, is;    /* enum pw_wire_code; 0 or 1 */
};
#define PW_WIRING_NEWS_SERVICE 256u
#define PW_WIRING_NEWS_TAP     512u

/** Takes the next piece of news: a fault that came, changed or went, a service fault, an unmetered tap.
 *  @param[out] value  confidence in % (CT), 0 or 1 (service, tap: gone or there)
 *  @return false if there is none */
bool pw_wiring_event(struct pw_wiring *w, struct pw_balance *b, struct pw_text *t, uint32_t *value, struct pw_wiring_news *news);

#endif
