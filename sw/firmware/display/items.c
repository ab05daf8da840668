/* SPDX-License-Identifier: Apache-2.0 */
#include "items.h"

#include "books_text.h"
#include "clock_text.h"
#include "version.h"

#define LOCAL_CHARS 20u


/* Without a FRAM that bills there are no registers, but totals since the start. */
static int value_of(struct pw_books *b, unsigned point, unsigned quantity, unsigned rate, uint64_t *sum)
{
    unsigned parts = pw_quantity_parts(quantity);
    *sum = 0;
    for (unsigned q = 0; q < PW_N_TQ; q++) {
        uint64_t v = 0;
        int err = PW_OK;
        if ((parts >> q & 1u) == 0)
            continue;
        if (!b->kept && rate == PW_RATE_ALL)
            v = pw_total(&b->billing.totals, point, q);
        else
            err = pw_billing_register(&b->billing, point, q, rate, &v);
        if (err != PW_OK)
            return err;
        *sum += v;
    }
    return PW_OK;
}

static unsigned billing_rate(unsigned nibble)
{
    return nibble == PW_ITEM_TEST_RATE ? PW_RATE_TEST : nibble == PW_ITEM_ALL_RATES ? PW_RATE_ALL : nibble;
}

/* @return PW_OK, or why there is no value */
static int energy(struct pw_books *b, const struct pw_program_item *item, unsigned point, struct pw_text *t)
{
    const struct pw_program *p = &b->program;
    char digits[12];
    uint64_t plus, minus = 0;
    bool net = item->what == PW_ITEM_NET_WH || item->what == PW_ITEM_NET_VARH;
    unsigned quantity = item->what == PW_ITEM_NET_WH ? PW_TQ_WH_DEL : item->what == PW_ITEM_NET_VARH ? PW_SQ_VARH_DEL : item->arg & 15u;
    unsigned rate = billing_rate(net ? item->arg : item->what == PW_ITEM_RATE ? item->arg >> 4 : PW_ITEM_ALL_RATES);
    int err = value_of(b, point, quantity, rate, &plus);
    if (err == PW_OK && net)
        err = value_of(b, point, quantity + 1u, rate, &minus); /* received follows delivered */
    if (err != PW_OK)
        return err;
    pw_register_text(digits, (int64_t)(plus - minus), p->digits, p->decimals);
    pw_text_fmt(t, "%s%s", digits, quantity < PW_N_TQ ? pw_quantity_unit(quantity) : " kvarh"); /* net var */
    return PW_OK;
}

static int demand_mw(struct pw_books *b, const struct pw_program_item *item, unsigned point, uint64_t *mw)
{
    unsigned k = item->arg & 15u;
    struct pw_peak peak;
    int err = PW_OK;
    switch (item->what) {
    case PW_ITEM_PRESENT:
        *mw = pw_demand_present_mw(&b->demand, point, k);
        return PW_OK;
    case PW_ITEM_PREVIOUS:
        *mw = pw_demand_previous_mw(&b->demand, point, k);
        return PW_OK;
    case PW_ITEM_CUMULATIVE:
    case PW_ITEM_CONTINUOUS:
        return pw_billing_cumulative(&b->billing, point, k, item->what == PW_ITEM_CONTINUOUS, mw);
    case PW_ITEM_PEAK:
        peak = pw_demand_peak(&b->demand, point, k);
        break;
    default:
        if (item->arg >> 4 == PW_ITEM_TEST_RATE) {
            *mw = pw_demand_test_peak_mw(&b->demand, point, k);
            return PW_OK;
        }
        err = pw_billing_rate_peak(&b->billing, point, k, item->arg >> 4, &peak);
    }
    if (err == PW_OK)
        *mw = pw_peak_mw(&peak);
    return err;
}

static int demand(struct pw_books *b, const struct pw_program_item *item, unsigned point, struct pw_text *t)
{
    uint64_t mw;
    int err = demand_mw(b, item, point, &mw);
    if (err == PW_OK)
        pw_demand_value_text(t, &b->program, item->arg & 15u, mw);
    return err;
}

/* Local time, and of it `n` characters from `from` on. */
static void local_time(const struct pw_books *b, uint32_t utc_s, struct pw_text *t, unsigned from, unsigned n)
{
    char buf[LOCAL_CHARS];
    struct pw_text whole;
    pw_text_init(&whole, buf, sizeof buf);
    pw_clock_text(&whole, utc_s + (uint32_t)pw_zone_ahead_s(&b->tou.zone, utc_s, NULL));
    buf[from + n] = '\0';
    pw_text_str(t, buf + from);
}

static void when(struct pw_books *b, const struct pw_program_item *item, unsigned point, struct pw_text *t)
{
    bool known = true;
    uint32_t utc_s = pw_books_now(b, &known);
    if (item->what == PW_ITEM_PEAK_TIME) {
        struct pw_peak peak = pw_demand_peak(&b->demand, point, item->arg);
        utc_s = peak.utc_s;
        known = utc_s != 0;
    }
    if (!known)
        pw_text_str(t, PW_ITEM_DASHES);
    else if (item->what == PW_ITEM_TIME)
        local_time(b, utc_s, t, 11, 8);
    else
        local_time(b, utc_s, t, 0, item->what == PW_ITEM_DATE ? 10 : 16);
}

/* CT number `n` of a point, -1 if it has not so many. */
static int ct_of(const struct pw_config *cfg, unsigned point, unsigned n)
{
    for (unsigned k = 0; k < cfg->n_ct; k++)
        if (cfg->ct[k].point == point && n-- == 0)
            return (int)k;
    return -1;
}

static void measured(const struct pw_books *b, const struct pw_program_item *item, unsigned point, struct pw_text *t)
{
    const struct pw_snapshot *s = b->on.snap;
    struct pw_total total;
    if (s->agg == 0) {
        pw_text_str(t, PW_ITEM_DASHES);
    } else if (item->what == PW_ITEM_VOLTS) {
        pw_text_fmt(t, "%.31lu V", s->v[item->arg].v_mv);
    } else if (item->what == PW_ITEM_AMPERES) {
        int k = ct_of(b->on.cfg, point, item->arg);
        pw_text_fmt(t, "%.33lu A", k < 0 ? 0 : s->ct[k].i_ma);
    } else {
        pw_snapshot_total(s, b->on.cfg, point, &total);
        pw_text_fmt(t, "%.63lld kW", total.p_mw);
    }
}

static void state(const struct pw_item_from *from, const struct pw_program_item *item, struct pw_text *t)
{
    const struct pw_books *b = from->books;
    if (item->what == PW_ITEM_RESETS)
        pw_text_u64(t, b->billing.head.resets, 0);
    else if (item->what == PW_ITEM_RATE_NOW)
        pw_text_u64(t, b->tou_now.rate + 1u, 0);
    else if (item->what == PW_ITEM_SERVICE && from->service != NULL)
        pw_service_text(&from->service->now, t);
    else if (item->what == PW_ITEM_FIRMWARE_1)
        pw_text_hex(t, PW_VERSION_BCD >> 16, 4);
    else if (item->what == PW_ITEM_FIRMWARE_2)
        pw_text_hex(t, PW_VERSION_BCD & 0xFFFFu, 4);
    else if (item->what == PW_ITEM_SEAL)
        pw_text_str(t, "Sealed Canadian");
    else if (item->what == PW_ITEM_IDENTITY)
        pw_text_str(t, b->on.cfg->serial);
    else if (item->what == PW_ITEM_SELF_TEST)
        pw_text_str(t, pw_diag_fault(from->diag) ? "FAULT" : "OK");
}

/* Where an item comes from. */
enum { STATE, ENERGY, DEMAND, TIME, MEASURED };
static const uint8_t class_of[PW_N_ITEMS] = {
    [PW_ITEM_TOTAL] = ENERGY, [PW_ITEM_RATE] = ENERGY, [PW_ITEM_NET_WH] = ENERGY, [PW_ITEM_NET_VARH] = ENERGY,
    [PW_ITEM_PRESENT] = DEMAND, [PW_ITEM_PREVIOUS] = DEMAND, [PW_ITEM_PEAK] = DEMAND, [PW_ITEM_CUMULATIVE] = DEMAND, [PW_ITEM_CONTINUOUS] = DEMAND,
    [PW_ITEM_RATE_PEAK] = DEMAND, [PW_ITEM_PEAK_TIME] = TIME, [PW_ITEM_DATE] = TIME, [PW_ITEM_TIME] = TIME,
    [PW_ITEM_VOLTS] = MEASURED, [PW_ITEM_AMPERES] = MEASURED, [PW_ITEM_POWER] = MEASURED,
};

/* Have the books what it shows? Not before the clock has answered, nor while the program is being changed. */
static bool there(const struct pw_books *b, const struct pw_program_item *item, unsigned point)
{
    unsigned class = class_of[item->what];
    if (class == STATE || class == MEASURED)
        return b->started || item->what != PW_ITEM_RATE_NOW;
    if (class == DEMAND || item->what == PW_ITEM_PEAK_TIME)
        return b->started && point < b->n_points && (item->arg & 15u) < b->demand.n_demands;
    return b->started && point < b->n_points;
}

bool pw_item_hidden(const struct pw_item_from *from, const struct pw_program_item *item, unsigned point)
{
    if (item->what == PW_ITEM_AMPERES)
        return ct_of(from->books->on.cfg, point, item->arg) < 0;
    return item->what == PW_ITEM_SEAL && from->books->unsealed;
}

bool pw_item_value(const struct pw_item_from *from, const struct pw_program_item *item, unsigned point, struct pw_text *t)
{
    struct pw_books *b = from->books;
    int err = PW_OK;
    if (!there(b, item, point))
        err = PW_ERR_RANGE;
    else if (class_of[item->what] == ENERGY)
        err = energy(b, item, point, t);
    else if (class_of[item->what] == DEMAND)
        err = demand(b, item, point, t);
    else if (class_of[item->what] == TIME)
        when(b, item, point, t);
    else if (class_of[item->what] == MEASURED)
        measured(b, item, point, t);
    else
        state(from, item, t);
    if (err != PW_OK && err != PW_ERR_STATE)
        pw_text_str(t, PW_ITEM_DASHES);
    return err != PW_ERR_STATE;
}

void pw_item_label(const struct pw_item_from *from, const struct pw_program_item *item, struct pw_text *t)
{
    static const char energies[] = /* enum pw_total_quantity, pw_sum_quantity */
        "Delivered\0Received\0Quadrant 1\0Quadrant 2\0Quadrant 3\0Quadrant 4\0Delivered\0Received\0Delivered\0Received\0";
    static const char others[] = /* enum pw_item_what, from PW_ITEM_NET_WH on */
        "Net\0Net\0Present\0Last %u min\0Peak\0Time of peak\0Cumulative\0Continuous cum.\0Peak\0Demand resets\0Date\0Time\0Rate now\0Phase %u\0"
        "CT %u\0Power now\0Service\0Firmware, 1 of 2\0Firmware, 2 of 2\0Meter\0Serial number\0Self test\0";
    unsigned what = item->what, rate = PW_ITEM_ALL_RATES;
    bool demand = what >= PW_ITEM_PRESENT && what <= PW_ITEM_RATE_PEAK;
    const struct pw_demand_config *d = &from->books->program.demand[demand ? item->arg & 15u : 0];
    if (what < PW_ITEM_TOTAL)
        return;
    if (what <= PW_ITEM_RATE)
        pw_text_str(t, pw_text_nth(energies, item->arg & 15u));
    else
        pw_text_fmt(t, pw_text_nth(others, what - PW_ITEM_NET_WH), what == PW_ITEM_PREVIOUS ? d->interval_min : item->arg + 1u);
    if (what == PW_ITEM_RATE || what == PW_ITEM_RATE_PEAK)
        rate = item->arg >> 4;
    else if (what == PW_ITEM_NET_WH || what == PW_ITEM_NET_VARH)
        rate = item->arg;
    if (rate != PW_ITEM_ALL_RATES)
        pw_text_fmt(t, rate == PW_ITEM_TEST_RATE ? " (test)" : ", rate %u", rate + 1u);
    if (demand && (d->quantity & 1u) != 0) /* ..._REC */
        pw_text_str(t, " rec");
}
