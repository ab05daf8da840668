/* SPDX-License-Identifier: Apache-2.0 */
/* What the LCD shows. Pages: overview, energy, points, CTs, waveform, clock, service, wiring, network, diagnosis, version. Up and down turn the pages; enter goes into
 * the single points or CTs, where up and down choose one; back returns, and on the first level goes to the overview. */
#ifndef PW_DISPLAY_H
#define PW_DISPLAY_H

#include "config.h"
#include "diag.h"
#include "lcd.h"
#include "snapshot.h"
#include "view.h"

enum pw_page_id { PW_PAGE_OVERVIEW, PW_PAGE_ENERGY, PW_PAGE_POINTS, PW_PAGE_CTS, PW_PAGE_THD, PW_PAGE_VEVENTS, PW_PAGE_WAVEFORM, PW_PAGE_CLOCK, PW_PAGE_SERVICE, PW_PAGE_WIRING, PW_PAGE_NET, PW_PAGE_DIAG, PW_PAGE_VERSION, PW_N_PAGES };

struct pw_display {
    const struct pw_snapshot *snap;
    const struct pw_config   *cfg;
    const struct pw_diag     *diag;
    const struct pw_view     *view; /* set after pw_display_init; may be NULL */
    struct pw_lcd            *lcd;
    uint8_t  page;      /* enum pw_page_id */
    bool     inside;    /* looking at one point or CT */
    uint8_t  item;      /* which */
    uint8_t  last, stable; /* buttons: last reading, and what was the same twice */
    uint64_t repeat_us; /* next repetition of a held up or down */
    uint64_t drawn_us;
};

void pw_display_init(struct pw_display *d, struct pw_lcd *lcd, const struct pw_snapshot *snap, const struct pw_config *cfg,
                     const struct pw_diag *diag);

/** One line of the current page. @param text  at least PW_LCD_COLS + 1 bytes; always PW_LCD_COLS characters or fewer */
void pw_display_line(const struct pw_display *d, unsigned row, char text[PW_LCD_COLS + 1]);

/** A newly pressed button: changes the page. @param pressed  mask of enum pw_button */
void pw_display_press(struct pw_display *d, unsigned pressed);

/** Every 10 ms: debounces the buttons, redraws 4 times a second or after a press. @return true if it drew */
bool pw_display_step(struct pw_display *d, unsigned buttons, uint64_t now_us);

#endif
