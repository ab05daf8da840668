/* SPDX-License-Identifier: Apache-2.0 */
/* What the LCD shows: pages, or the display list of the program (PW_STYLE_LIST), where the pages are behind "back held", for service. docs/display.md
 * Pages: overview, energy, points, CTs, readings (the display list), registers, demand, tariff, intervals, events, seal, self-test, waveform, clock, service, wiring, network, diagnosis, version. Up and down turn the pages;
 * enter goes into the single points or CTs, where up and down choose one; back returns, and on the first level goes to the overview. */
#ifndef PW_DISPLAY_H
#define PW_DISPLAY_H

#include "config.h"
#include "diag.h"
#include "items.h"
#include "key_switch.h"
#include "lcd.h"
#include "list.h"
#include "snapshot.h"
#include "view.h"

enum pw_page_id { PW_PAGE_OVERVIEW, PW_PAGE_ENERGY, PW_PAGE_POINTS, PW_PAGE_CTS, PW_PAGE_READINGS, PW_PAGE_REGISTERS, PW_PAGE_DEMAND, PW_PAGE_TARIFF, PW_PAGE_INTERVALS, PW_PAGE_EVENTS, PW_PAGE_SEAL, PW_PAGE_SELF_TEST, PW_PAGE_THD, PW_PAGE_VEVENTS, PW_PAGE_WAVEFORM, PW_PAGE_CLOCK, PW_PAGE_SERVICE, PW_PAGE_WIRING, PW_PAGE_NET, PW_PAGE_DIAG, PW_PAGE_VERSION, PW_N_PAGES };

struct pw_display {
    const struct pw_snapshot *snap;
    const struct pw_config   *cfg;
    const struct pw_diag     *diag;
    const struct pw_view     *view; /* to be set after pw_display_init */
    struct pw_lcd            *lcd;
    uint8_t  page;      /* enum pw_page_id */
    bool     inside;    /* looking at one point or CT */
    uint8_t  item;      /* which */
    uint8_t  last, stable; /* buttons: last reading, and what was the same twice */
    uint64_t repeat_us; /* next repetition of a held up or down */
    uint64_t drawn_us;
    struct pw_list list;
    struct pw_key_switch key;
    bool     listing;   /* the list is shown: list style, or inside the page of readings */
    bool     service;   /* list style: the pages are shown */
    bool     acted;     /* the button that is held has had its effect */
    uint8_t  point;     /* whose readings */
    struct pw_item_from from;   /* of the view, as of this step */
    struct pw_list_of   of;     /* hidden: as of the last drawing */
    uint8_t  drawn;     /* item of the list that is on the display, PW_LIST_NONE: none */
    uint64_t down_us;   /* last press of a button */
    const char *notice; /* last line of the readings ... */
    uint64_t notice_us; /* ... up to this time */
};

#define PW_DISPLAY_HELD_US    3000000u              /* enter held: demand reset; back held: service pages */
#define PW_DISPLAY_NOTICE_US  2000000u
#define PW_DISPLAY_SERVICE_US UINT64_C(180000000)   /* without a press the list comes back */

void pw_display_init(struct pw_display *d, struct pw_lcd *lcd, const struct pw_snapshot *snap, const struct pw_config *cfg,
                     const struct pw_diag *diag);

/** One line of the current page. @param text  at least PW_LCD_COLS + 1 bytes; always PW_LCD_COLS characters or fewer */
void pw_display_line(const struct pw_display *d, unsigned row, char text[PW_LCD_COLS + 1]);

/** A newly pressed button: changes the page. @param pressed  mask of enum pw_button */
void pw_display_press(struct pw_display *d, unsigned pressed);

/** Every 10 ms: debounces buttons and key switch, asks for demand resets, redraws 4 times a second, after a press, and when the list goes on.
 *  @param buttons  enum pw_button @return true if it drew */
bool pw_display_step(struct pw_display *d, unsigned buttons, uint64_t now_us);

#endif
