/* SPDX-License-Identifier: Apache-2.0 */
#include "display.h"

#include "pages.h"
#include "panel.h"
#include "text.h"

#define REDRAW_US       250000u
#define REPEAT_FIRST_US 600000u
#define REPEAT_US       150000u

/* In the order in which they are turned. */
static const struct pw_page *const pages[PW_N_PAGES] = {
    [PW_PAGE_OVERVIEW] = &pw_page_overview,
    [PW_PAGE_ENERGY]   = &pw_page_energy,
    [PW_PAGE_POINTS]   = &pw_page_points,
    [PW_PAGE_CTS]      = &pw_page_cts,
    [PW_PAGE_THD]      = &pw_page_thd,
    [PW_PAGE_VEVENTS]  = &pw_page_vevents,
    [PW_PAGE_WAVEFORM] = &pw_page_waveform,
    [PW_PAGE_CLOCK]    = &pw_page_clock,
    [PW_PAGE_SERVICE]  = &pw_page_service,
    [PW_PAGE_WIRING]   = &pw_page_wiring,
    [PW_PAGE_NET]      = &pw_page_network,
    [PW_PAGE_DIAG]     = &pw_page_diag,
    [PW_PAGE_VERSION]  = &pw_page_version,
};

void pw_display_init(struct pw_display *d, struct pw_lcd *lcd, const struct pw_snapshot *snap, const struct pw_config *cfg,
                     const struct pw_diag *diag)
{
    *d = (struct pw_display){.snap = snap, .cfg = cfg, .diag = diag, .lcd = lcd};
}

static unsigned n_items(const struct pw_display *d)
{
    return pages[d->page]->items != NULL ? pages[d->page]->items(d) : 0;
}

void pw_display_line(const struct pw_display *d, unsigned row, char text[PW_LCD_COLS + 1])
{
    struct pw_text t;
    pw_text_init(&t, text, PW_LCD_COLS + 1);
    pages[d->page]->line(d, row, &t);
}

static uint8_t turn(unsigned at, unsigned n, bool up)
{
    return (uint8_t)(up ? (at + n - 1) % n : (at + 1) % n);
}

void pw_display_press(struct pw_display *d, unsigned pressed)
{
    unsigned n = n_items(d);
    if (pressed & PW_BTN_BACK) {
        if (!d->inside)
            d->page = PW_PAGE_OVERVIEW;
        d->inside = false;
    } else if (pressed & PW_BTN_ENTER) {
        if (n > 0 && !d->inside) {
            d->inside = true;
            d->item = 0;
        }
    } else if (pressed & (PW_BTN_UP | PW_BTN_DOWN)) {
        bool up = (pressed & PW_BTN_UP) != 0;
        if (d->inside)
            d->item = turn(d->item, n, up);
        else
            d->page = turn(d->page, PW_N_PAGES, up);
    }
}

bool pw_display_step(struct pw_display *d, unsigned buttons, uint64_t now_us)
{
    unsigned pressed = 0;
    if (buttons == d->last && buttons != d->stable) {
        pressed = buttons & ~(unsigned)d->stable;
        d->stable = (uint8_t)buttons;
        d->repeat_us = now_us + REPEAT_FIRST_US;
    } else if ((d->stable & (PW_BTN_UP | PW_BTN_DOWN)) != 0 && now_us >= d->repeat_us) {
        pressed = d->stable & (PW_BTN_UP | PW_BTN_DOWN);
        d->repeat_us = now_us + REPEAT_US;
    }
    d->last = (uint8_t)buttons;
    if (d->inside && d->item >= n_items(d)) { /* the list shrank */
        d->item = 0;
        d->inside = n_items(d) > 0;
    }
    if (pressed != 0)
        pw_display_press(d, pressed);
    else if (d->drawn_us != 0 && now_us - d->drawn_us < REDRAW_US)
        return false;
    d->drawn_us = now_us | 1;
    for (unsigned row = 0; row < PW_LCD_ROWS; row++) {
        char text[PW_LCD_COLS + 1];
        pw_display_line(d, row, text);
        pw_lcd_print(d->lcd, row, text);
    }
    return true;
}
