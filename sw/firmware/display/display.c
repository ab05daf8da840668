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
    [PW_PAGE_READINGS] = &pw_page_readings,
    [PW_PAGE_REGISTERS] = &pw_page_registers,
    [PW_PAGE_DEMAND]   = &pw_page_demand,
    [PW_PAGE_TARIFF]   = &pw_page_tariff,
    [PW_PAGE_INTERVALS] = &pw_page_intervals,
    [PW_PAGE_EVENTS]   = &pw_page_events,
    [PW_PAGE_SEAL]     = &pw_page_seal,
    [PW_PAGE_SELF_TEST] = &pw_page_self_test,
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
    *d = (struct pw_display){.snap = snap, .cfg = cfg, .diag = diag, .lcd = lcd, .drawn = PW_LIST_NONE};
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
        if (!d->inside && d->page == PW_PAGE_OVERVIEW)
            d->service = false;
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

/* @return what is newly pressed, or repeated; in *released what has been let go */
static unsigned debounce(struct pw_display *d, unsigned buttons, uint64_t now_us, unsigned *released)
{
    unsigned pressed = 0;
    *released = 0;
    if (buttons == d->last && buttons != d->stable) {
        pressed = buttons & ~(unsigned)d->stable;
        *released = (unsigned)d->stable & ~buttons;
        d->stable = (uint8_t)buttons;
        d->repeat_us = now_us + REPEAT_FIRST_US;
    } else if ((d->stable & (PW_BTN_UP | PW_BTN_DOWN)) != 0 && now_us >= d->repeat_us) {
        pressed = d->stable & (PW_BTN_UP | PW_BTN_DOWN);
        d->repeat_us = now_us + REPEAT_US;
    }
    d->last = (uint8_t)buttons;
    pressed &= ~(unsigned)PW_BTN_KEY;
    if (pressed != 0) {
        d->down_us = now_us;
        d->acted = false;
    }
    return pressed;
}

static bool list_style(const struct pw_display *d)
{
    return pw_readings_style(d) && !d->service;
}

/* Back, in the list: held it leads to the service pages, else the list runs by itself again; from the page of readings it returns. */
static void leave_list(struct pw_display *d, bool held, uint64_t now_us)
{
    if (!list_style(d)) {
        d->inside = false;
    } else if (held) {
        d->service = true;
        d->down_us = now_us;
        d->inside = false;
        d->page = PW_PAGE_OVERVIEW;
    } else {
        pw_readings_press(d, PW_BTN_BACK, now_us);
    }
}

/* In the list enter and back act when they are let go, or when they have been held. @return true if something was done */
static bool press_list(struct pw_display *d, unsigned pressed, unsigned released, uint64_t now_us)
{
    bool held = (d->stable & (PW_BTN_ENTER | PW_BTN_BACK)) != 0 && now_us - d->down_us >= PW_DISPLAY_HELD_US;
    unsigned done = held ? d->stable : released;
    if (pressed & (PW_BTN_UP | PW_BTN_DOWN)) {
        pw_readings_press(d, pressed, now_us);
        return true;
    }
    if (d->acted || (done & (PW_BTN_ENTER | PW_BTN_BACK)) == 0)
        return false;
    d->acted = true;
    if (done & PW_BTN_BACK)
        leave_list(d, held, now_us);
    else if (held)
        pw_readings_reset(d, PW_RESET_BUTTON, now_us);
    else
        pw_readings_press(d, PW_BTN_ENTER, now_us);
    return true;
}

/* Buttons while pages are shown. @return true if something was done */
static bool press_pages(struct pw_display *d, unsigned pressed, uint64_t now_us)
{
    if (d->inside && d->item >= n_items(d)) { /* the list shrank */
        d->item = 0;
        d->inside = n_items(d) > 0;
    }
    if (d->service && now_us - d->down_us >= PW_DISPLAY_SERVICE_US)
        d->service = false;
    if (pressed == 0)
        return false;
    d->acted = true;
    pw_display_press(d, pressed);
    return true;
}

bool pw_display_step(struct pw_display *d, unsigned buttons, uint64_t now_us)
{
    unsigned released, pressed = debounce(d, buttons, now_us, &released);
    pw_readings_look(d);
    bool listed = d->listing, changed = listed ? press_list(d, pressed, released, now_us) : press_pages(d, pressed, now_us);
    d->listing = list_style(d) || (d->page == PW_PAGE_READINGS && d->inside && n_items(d) > 0);
    if (d->listing && !listed)
        pw_readings_begin(d, now_us);
    if (d->listing)
        changed |= pw_readings_step(d, now_us) || d->drawn != d->list.item;
    changed |= pw_readings_key(d, (d->stable & PW_BTN_KEY) != 0, now_us);
    if (!changed && d->listing == listed && d->drawn_us != 0 && now_us - d->drawn_us < REDRAW_US)
        return false;
    if (d->listing && !pw_readings_draw(d, now_us))
        return false;
    d->drawn_us = now_us | 1;
    if (d->listing)
        return true;
    d->drawn = PW_LIST_NONE;
    for (unsigned row = 0; row < PW_LCD_ROWS; row++) {
        char text[PW_LCD_COLS + 1];
        pw_display_line(d, row, text);
        pw_lcd_print(d->lcd, row, text);
    }
    return true;
}
