/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's own pages: overview, energy, points, CTs, network, diagnosis, version. */
#include "pages.h"
#include "text.h"
#include "version.h"

/* Milliunits as thousands of units, in at most 7 characters up to 9999.99: fewer decimals as it grows. */
static void kilo(struct pw_text *t, int32_t milli)
{
    uint32_t mag = milli < 0 ? 0u - (uint32_t)milli : (uint32_t)milli;
    pw_text_fixed(t, milli, 6, mag < 99999500 ? 3 : mag < 999995000 ? 2 : 1, 8);
}

/* 1e-6 Wh as kWh; the unit ends the line */
static void energy_line(struct pw_text *t, const char *name, uint64_t uwh)
{
    pw_text_fmt(t, "%s%13.93llu kWh", name, uwh);
}

static void reactive_line(struct pw_text *t, char sign, uint64_t uvarh)
{
    pw_text_fmt(t, "Q%c %11.93llu kvarh", sign, uvarh);
}

static void overview(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    struct pw_total sum;
    const struct pw_diag *g = d->diag;
    switch (row) {
    case 0:
        pw_text_fmt(t, "V%6.31lu%6.31lu%6.31luV", d->snap->v[0].v_mv, d->snap->v[1].v_mv, d->snap->v[2].v_mv);
        break;
    case 1:
        pw_text_fmt(t, "%6.33lu Hz%c %s", d->snap->freq_mhz, d->snap->freq_valid ? ' ' : '?',
                    pw_diag_fault(g) ? "FAULT" : g->unsealed ? "UNSEALED" : d->snap->seq == 0 ? "STARTING" : "OK");
        break;
    default:
        pw_snapshot_total(d->snap, d->cfg, PW_ALL_POINTS, &sum);
        if (row == 2)
            pw_text_fmt(t, "P%14.63lld kW", sum.p_mw);
        else
            energy_line(t, "Del", sum.energy[PW_WH_DEL]);
    }
}

/* Row 0 .. 3 */
static void energy_lines(const struct pw_display *d, unsigned point, unsigned row, struct pw_text *t)
{
    struct pw_total sum;
    pw_snapshot_total(d->snap, d->cfg, point, &sum);
    switch (row) {
    case 0: energy_line(t, "Del", sum.energy[PW_WH_DEL]); break;
    case 1: energy_line(t, "Rec", sum.energy[PW_WH_REC]); break;
    case 2: reactive_line(t, '+', sum.energy[PW_VARH_Q1] + sum.energy[PW_VARH_Q2]); break;
    default: reactive_line(t, '-', sum.energy[PW_VARH_Q3] + sum.energy[PW_VARH_Q4]); break;
    }
}

void pw_page_list(const char *what, unsigned n, unsigned row, struct pw_text *t)
{
    static const char hints[] = "Enter: one by one\0Up/down: next page\0Back: overview\0";
    if (row == 0)
        pw_text_fmt(t, "%-15s%3u", what, n);
    else
        pw_text_str(t, pw_text_nth(hints, row - 1));
}

static void point_title(const struct pw_display *d, struct pw_text *t)
{
    pw_text_fmt(t, "Point %02u", d->item + 1u);
    const char *sep = " CT ";
    for (unsigned k = 0; k < d->cfg->n_ct && t->len + 3 <= PW_LCD_COLS; k++) {
        if (d->cfg->ct[k].point != d->item)
            continue;
        pw_text_fmt(t, "%s%02u", sep, k + 1);
        sep = ",";
    }
}

static void point_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    struct pw_total sum;
    if (row == 0) {
        point_title(d, t);
        return;
    }
    pw_snapshot_total(d->snap, d->cfg, d->item, &sum);
    if (row == 3)
        pw_text_fmt(t, "P  %12.63lld kW", sum.p_mw);
    else
        energy_lines(d, d->item, row - 1u, t);
}

static void ct_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_meas_ct *c = &d->snap->ct[d->item];
    switch (row) {
    case 0:
        pw_text_fmt(t, "CT %02u %s%s", d->item + 1u, pw_vsel_name(d->cfg->ct[d->item].vsel),
                    c->flags & PW_FLAG_STUCK ? " STUCK" : c->flags & (PW_FLAG_CLIP | PW_FLAG_OVF) ? " CLIPPING" :
                    c->flags & PW_FLAG_CREEP ? " no load" : d->cfg->ct[d->item].pol ? " reversed" : "");
        break;
    case 1:
        pw_text_fmt(t, "%6.31lu V %9.33lu A", c->v_mv, c->i_ma);
        break;
    case 2:
        kilo(t, c->p_mw);
        pw_text_fmt(t, "kW PF %6.43d", c->pf_e4);
        break;
    default:
        kilo(t, c->q_mvar);
        pw_text_fmt(t, "kvar%5.20ddeg", c->angle_cdeg);
    }
}

static void ip(struct pw_text *t, const char *what, const uint8_t a[4])
{
    pw_text_fmt(t, "%s %u.%u.%u.%u", what, a[0], a[1], a[2], a[3]);
}

static void net_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    switch (row) {
    case 0:
        ip(t, "IP", d->cfg->ip);
        break;
    case 1:
        ip(t, "Mask", d->cfg->mask);
        break;
    case 2:
        pw_text_fmt(t, "Port %u%s", d->cfg->modbus_port, !d->diag->eth_ok ? " no W5500" : d->diag->link ? " link up" : " no link");
        break;
    default:
        pw_text_fmt(t, "%u clients %lu req", d->diag->clients, d->diag->modbus_requests);
    }
}

static void diag_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    switch (row) {
    case 0:
        pw_text_fmt(t, "CPU load%10.22u %%", d->diag->load_e4);
        break;
    case 1:
        pw_text_fmt(t, "Loop max%9lu us", d->diag->worst_us);
        break;
    case 2:
        pw_text_fmt(t, "Stack%7lu bytes", d->diag->stack_used_b);
        break;
    default:
        pw_text_fmt(t, "%lu bus errors", d->diag->bus_errors);
    }
}

static unsigned from_bcd(uint32_t v)
{
    return (v >> 4 & 15u) * 10u + (v & 15u);
}

static void version_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    uint32_t v = d->diag->gateware_version;
    switch (row) {
    case 0:
        pw_text_str(t, "Polywatt " PW_VERSION_TEXT);
        break;
    case 1:
        pw_text_fmt(t, "Gateware %u.%u.%u", from_bcd(v >> 16), from_bcd(v >> 8), from_bcd(v));
        break;
    case 2:
        pw_text_fmt(t, "SN %s", d->cfg->serial);
        break;
    default:
        pw_text_fmt(t, "%u CT %.31lu Hz rate", d->cfg->n_ct, d->diag->fs_mhz);
    }
}

static void energy_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    energy_lines(d, PW_ALL_POINTS, row, t);
}

static void points_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    if (d->inside)
        point_page(d, row, t);
    else
        pw_page_list("Metering points", d->cfg->n_points, row, t);
}

static void cts_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    if (d->inside)
        ct_page(d, row, t);
    else
        pw_page_list("Current inputs", d->cfg->n_ct, row, t);
}

static unsigned n_points(const struct pw_display *d)
{
    return d->cfg->n_points;
}

static unsigned n_cts(const struct pw_display *d)
{
    return d->cfg->n_ct;
}

const struct pw_page pw_page_overview = {overview, NULL};
const struct pw_page pw_page_energy = {energy_page, NULL};
const struct pw_page pw_page_points = {points_page, n_points};
const struct pw_page pw_page_cts = {cts_page, n_cts};
const struct pw_page pw_page_network = {net_page, NULL};
const struct pw_page pw_page_diag = {diag_page, NULL};
const struct pw_page pw_page_version = {version_page, NULL};
