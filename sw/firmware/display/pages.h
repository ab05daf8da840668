/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the display. A feature brings its own in a file display/pages_<feature>.c, declared here and listed in display.c. */
#ifndef PW_PAGES_H
#define PW_PAGES_H

#include "display.h"
#include "text.h"

struct pw_page {
    void     (*line)(const struct pw_display *d, unsigned row, struct pw_text *t); /* row 0..3, at most PW_LCD_COLS characters */
    unsigned (*items)(const struct pw_display *d); /* what enter goes into, one screen each (d->inside, d->item); NULL or 0: nothing */
};

extern const struct pw_page pw_page_service;
extern const struct pw_page pw_page_overview, pw_page_energy, pw_page_points, pw_page_cts, pw_page_network, pw_page_diag, pw_page_version;
extern const struct pw_page pw_page_waveform, pw_page_clock;
extern const struct pw_page pw_page_wiring;
extern const struct pw_page pw_page_thd, pw_page_vevents;

/** First level of a page with items: title, number, hints. @param what  15 characters */
void pw_page_list(const char *what, unsigned n, unsigned row, struct pw_text *t);

#endif
