/* SPDX-License-Identifier: Apache-2.0 */
/* The display list on the LCD: an item fills it. Row 1: code, point, TEST; row 2: value, with a dot before it if it is a peak; row 3: what it is;
 * row 4: answers. */
#include "items.h"
#include "pages.h"
#include "panel.h"

#define WAIT_US  500000u /* so long registers may be busy before dashes tell it */
#define TEST_COL 16u
#define ALL_ON   ((char)0xFF) /* all dots, in the usual character set (ROM A00) */

void pw_readings_look(struct pw_display *d)
{
    struct pw_books *b = PW_VIEW(d, books);
    d->from = (struct pw_item_from){.books = b, .diag = d->diag, .service = PW_VIEW(d, service)};
    if (b == NULL)
        return;
    d->of.program = &b->program;
    d->of.test = b->test;
}

static void look_what_to_hide(struct pw_display *d)
{
    const struct pw_program *p = d->of.program;
    d->of.hidden = 0;
    for (unsigned i = 0; i < p->n_items; i++)
        if (pw_item_hidden(&d->from, &p->item[i], d->point))
            d->of.hidden |= 1u << i;
}
_Static_assert(PW_MAX_ITEMS <= 32, "bits of `hidden`");

/* Points with readings: those that are in use, as far as they have registers. */
static unsigned n_points(const struct pw_display *d)
{
    unsigned n = d->from.books->n_points;
    return n == 0 || n > d->cfg->n_points ? d->cfg->n_points : n;
}

bool pw_readings_style(const struct pw_display *d)
{
    return d->from.books != NULL && d->of.program->style == PW_STYLE_LIST;
}

void pw_readings_begin(struct pw_display *d, uint64_t now_us)
{
    d->point = 0;
    look_what_to_hide(d);
    pw_list_begin(&d->list, &d->of, now_us);
}

bool pw_readings_step(struct pw_display *d, uint64_t now_us)
{
    bool answered = d->notice != NULL && now_us >= d->notice_us;
    if (answered)
        d->notice = NULL;
    if (d->point >= n_points(d)) /* another configuration */
        d->point = 0;
    return pw_list_step(&d->list, &d->of, now_us) || answered;
}

void pw_readings_press(struct pw_display *d, unsigned pressed, uint64_t now_us)
{
    if (pressed & (PW_BTN_UP | PW_BTN_DOWN)) {
        pw_list_turn(&d->list, &d->of, (pressed & PW_BTN_UP) != 0, now_us);
        return;
    }
    if ((pressed & PW_BTN_ENTER) != 0 && ++d->point >= n_points(d))
        d->point = 0;
    pw_list_hold(&d->list, (pressed & PW_BTN_ENTER) != 0, now_us);
}

void pw_readings_reset(struct pw_display *d, enum pw_reset_source source, uint64_t now_us)
{
    int err = pw_books_reset_demand(d->from.books, source);
    d->notice = err == PW_OK ? "Demand reset" : err == PW_ERR_STATE ? "Reset locked" : "No reset this way";
    d->notice_us = now_us + PW_DISPLAY_NOTICE_US;
}

static bool is_peak(unsigned what)
{
    return what == PW_ITEM_PEAK || what == PW_ITEM_RATE_PEAK;
}

bool pw_readings_key(struct pw_display *d, bool turned, uint64_t now_us)
{
    if (d->from.books == NULL || (d->key.seen && !turned && !d->key.turned))
        return false; /* no division 100 times a second for a key at rest */
    bool peak = d->listing && d->drawn < PW_MAX_ITEMS && d->drawn == d->list.item && is_peak(d->of.program->item[d->drawn].what);
    bool pulse = pw_key_switch(&d->key, turned, peak, now_us / 1000u);
    if (pulse)
        pw_readings_reset(d, PW_RESET_KEY, now_us);
    return pulse;
}

/* @return false: not now */
static bool draw_row(const struct pw_display *d, const struct pw_program_item *item, unsigned row, struct pw_text *t)
{
    bool f = item->what == PW_ITEM_FIRMWARE_1 || item->what == PW_ITEM_FIRMWARE_2;
    bool ok = true;
    if (item->what == PW_ITEM_SEGMENTS) {
        while (t->len < PW_LCD_COLS)
            pw_text_char(t, ALL_ON);
    } else if (row == 0) {
        if (item->code != 0) {
            pw_text_fmt(t, f ? "F%u" : "%02u", item->code);
        }
        if (n_points(d) > 1) {
            pw_text_tab(t, 4);
            pw_text_fmt(t, "Point %u", d->point + 1u);
        }
        if (d->of.test) {
            pw_text_tab(t, TEST_COL);
            pw_text_str(t, "TEST");
        }
    } else if (row == 1) {
        pw_text_char(t, is_peak(item->what) ? '.' : ' ');
        ok = pw_item_value(&d->from, item, d->point, t);
    } else if (row == 2) {
        pw_text_char(t, ' ');
        pw_item_label(&d->from, item, t);
    } else if (d->notice != NULL) {
        pw_text_str(t, d->notice);
    }
    return ok;
}

bool pw_readings_draw(struct pw_display *d, uint64_t now_us)
{
    static const struct pw_program_item none = {0};
    char text[PW_LCD_ROWS][PW_LCD_COLS + 1];
    bool any = d->list.item < PW_MAX_ITEMS;
    const struct pw_program_item *item = any ? &d->of.program->item[d->list.item] : &none;
    for (unsigned row = 0; row < PW_LCD_ROWS; row++) {
        struct pw_text t;
        pw_text_init(&t, text[row], sizeof text[row]);
        if (draw_row(d, item, row, &t))
            continue;
        if (now_us - d->drawn_us < WAIT_US)
            return false;
        pw_text_str(&t, PW_ITEM_DASHES);
    }
    for (unsigned row = 0; row < PW_LCD_ROWS; row++)
        pw_lcd_print(d->lcd, row, text[row]);
    d->drawn = d->list.item;
    look_what_to_hide(d); /* for the next item */
    return true;
}

/* As a page: its first level only, inside it pw_readings_draw is at work. */
static void line(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    if (d->from.books != NULL)
        pw_page_list("Readings", (unsigned)d->of.program->n_items - d->of.program->n_test, row, t);
}

static unsigned items(const struct pw_display *d)
{
    return d->from.books != NULL;
}

const struct pw_page pw_page_readings = {line, items};
