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
extern const struct pw_page pw_page_readings;
extern const struct pw_page pw_page_registers, pw_page_demand, pw_page_tariff, pw_page_intervals, pw_page_events, pw_page_seal, pw_page_self_test;
extern const struct pw_page pw_page_thd, pw_page_vevents;

/** First level of a page with items: title, number, hints. @param what  at most 15 characters */
void pw_page_list(const char *what, unsigned n, unsigned row, struct pw_text *t);

/* The readings: the display list, in readings.c. */

/** First of all in a step: what the view offers now. */
void pw_readings_look(struct pw_display *d);

/** Is the list what the display shows by itself? */
bool pw_readings_style(const struct pw_display *d);

/** At the first item of the first point. */
void pw_readings_begin(struct pw_display *d, uint64_t now_us);

/** Every 10 ms while the list is shown. @return true if another item or answer is to be shown than before */
bool pw_readings_step(struct pw_display *d, uint64_t now_us);

/** Up, down: by hand; enter: the next point, where there are several, else stays at the item; back: runs by itself again. */
void pw_readings_press(struct pw_display *d, unsigned pressed, uint64_t now_us);

/** Every 10 ms: the key switch, debounced. @return true if it asked for a reset */
bool pw_readings_key(struct pw_display *d, bool turned, uint64_t now_us);

/** Asks the books for a demand reset, and shows the answer. @param source  enum pw_reset_source */
void pw_readings_reset(struct pw_display *d, enum pw_reset_source source, uint64_t now_us);

/** All rows of the item. @return false: not now, what is on the display is to stay */
bool pw_readings_draw(struct pw_display *d, uint64_t now_us);

#endif
