/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of billing: registers by rate, demand, tariff. */
#include <string.h>

#include "books_text.h"
#include "pages.h"

#define ROWS 3u   /* values on a screen, below its title */
#define MOST 255u /* screens that buttons can go through */

static struct pw_books *books_of(const struct pw_display *d)
{
    return PW_VIEW(d, books);
}

static bool unread(struct pw_text *t, int err)
{
    if (err != PW_OK)
        pw_text_str(t, err == PW_ERR_STATE ? "(busy)" : "(memory failed)");
    return err != PW_OK;
}

/* Screens of a quantity: all rates, then each rate. */
static unsigned screens_of(const struct pw_books *b)
{
    return (b->program.n_rates + 1u + ROWS - 1u) / ROWS;
}

/* Quantities that are shown: where there are more screens than can be chosen, the last ones are left out. */
static unsigned quantities_of(const struct pw_books *b)
{
    unsigned n = 0, fit = b->n_points == 0 ? 0 : MOST / (b->n_points * screens_of(b));
    for (unsigned q = 0; q < PW_N_TQ; q++)
        n += (unsigned)b->program.quantities >> q & 1u;
    return n < fit ? n : fit;
}

static unsigned register_screens(const struct pw_display *d)
{
    const struct pw_books *b = books_of(d);
    return b == NULL ? 0 : b->n_points * quantities_of(b) * screens_of(b);
}

static void register_line(struct pw_books *b, unsigned screen, unsigned row, struct pw_text *t)
{
    unsigned screens = screens_of(b), n = quantities_of(b), nth = screen / screens % n, q = 0;
    unsigned point = screen / screens / n, entry = screen % screens * ROWS + row - 1u; /* 0: all, 1: rate 1 */
    struct pw_billing_values v;
    char value[12];
    while (((unsigned)b->program.quantities >> q & 1u) == 0 || nth-- != 0)
        q++;
    if (row == 0) {
        pw_text_fmt(t, "Point %02u %s", point + 1u, pw_quantity_name(q));
        return;
    }
    if (entry > b->program.n_rates)
        return;
    if (unread(t, pw_books_values(b, point, q, &v)))
        return;
    const char *unit = pw_quantity_unit(q) + 1;
    pw_register_text(value, (int64_t)(entry == 0 ? v.all : v.rate[entry - 1u]), b->program.digits, b->program.decimals);
    pw_text_fmt(t, entry == 0 ? "All" : "R%u", entry);
    pw_text_tab(t, PW_LCD_COLS - strlen(value) - strlen(unit));
    pw_text_fmt(t, "%s%s", value, unit);
}

static void registers_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    struct pw_books *b = books_of(d);
    if (b == NULL)
        return;
    if (d->inside)
        register_line(b, d->item, row, t);
    else
        pw_page_list("Registers", register_screens(d), row, t);
}

static unsigned demand_screens(const struct pw_display *d)
{
    const struct pw_books *b = books_of(d);
    return b == NULL ? 0 : (unsigned)b->demand.n_points * b->demand.n_demands;
}

static void demand_title(const struct pw_books *b, unsigned point, unsigned k, struct pw_text *t)
{
    static const char method[][4] = {"blk", "sld", "thm"};
    const struct pw_demand_config *c = &b->program.demand[k];
    pw_text_fmt(t, "%02u %s %s %s %um", point + 1u, pw_demand_unit(c->quantity), (c->quantity & 1u) == 0 ? "del" : "rec", method[c->method],
                c->interval_min);
}

static void demand_line(struct pw_books *b, unsigned screen, unsigned row, struct pw_text *t)
{
    unsigned point = screen / b->demand.n_demands, k = screen % b->demand.n_demands;
    struct pw_peak peak = pw_demand_peak(&b->demand, point, k);
    char value[PW_LCD_COLS + 1];
    struct pw_text v;
    if (row == 0) {
        demand_title(b, point, k, t);
    } else if (row < 3) {
        pw_text_init(&v, value, sizeof value);
        pw_demand_value_text(&v, &b->program, k, row == 1 ? pw_demand_present_mw(&b->demand, point, k) : pw_peak_mw(&peak));
        pw_text_fmt(t, row == 1 ? "Now %16s" : "Peak%16s", value);
    } else if (peak.utc_s == 0) {
        pw_text_str(t, "No peak yet");
    } else {
        pw_text_init(&v, value, 17); /* to the minute */
        pw_books_time_text(&v, b, peak.utc_s);
        pw_text_fmt(t, "%s R%u", value, peak.rate + 1u);
    }
}

static void demand_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    struct pw_books *b = books_of(d);
    if (b == NULL)
        return;
    if (d->inside)
        demand_line(b, d->item, row, t);
    else
        pw_page_list("Demand", demand_screens(d), row, t);
}

static void tariff_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_books *b = books_of(d);
    bool known;
    if (b == NULL)
        return;
    uint32_t now_s = pw_books_now(b, &known);
    switch (row) {
    case 0:
        pw_books_time_text(t, b, now_s);
        pw_text_str(t, known ? "" : "?");
        break;
    case 1:
        pw_books_offset_text(t, b, now_s);
        pw_text_char(t, ' ');
        pw_text_str(t, b->tou.name); /* its first 13 characters */
        break;
    case 2:
        if (!b->started)
            break;
        pw_text_fmt(t, "Rate %u season %u%s", b->tou_now.rate + 1u, b->tou_now.season + 1u, b->test ? " TEST" : b->tou_now.holiday ? " hol." : "");
        break;
    default:
        if (!b->started || b->tou_now.until_utc == PW_TOU_NEVER)
            break;
        char until[17]; /* to the minute */
        struct pw_text v;
        pw_text_init(&v, until, sizeof until);
        pw_books_time_text(&v, b, b->tou_now.until_utc);
        pw_text_fmt(t, "to  %s", until);
    }
}

const struct pw_page pw_page_registers = {registers_page, register_screens};
const struct pw_page pw_page_demand = {demand_page, demand_screens};
const struct pw_page pw_page_tariff = {tariff_page, NULL};
