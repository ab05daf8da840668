/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's own pages: overview, energy, points, CTs, network, diagnosis, version. */
#include <string.h>

#include "pages.h"
#include "text.h"
#include "version.h"

static const char *const vsel_name[] = {"Va", "Vb", "Vc", "Vab", "Vbc", "Vca"};

/* Milliunits as thousands of units, in at most 7 characters up to 9999.99: fewer decimals as it grows. */
static void kilo(struct pw_text *t, int64_t milli, unsigned width)
{
    int64_t mag = milli < 0 ? -milli : milli;
    pw_text_fixed(t, milli, 6, mag < 99999500 ? 3 : mag < 999995000 ? 2 : 1, width);
}

static void energy_line(struct pw_text *t, const char *name, uint64_t uwh, const char *unit)
{
    pw_text_str(t, name);
    pw_text_energy(t, uwh, 9, 3, 20 - 3 - (unsigned)strlen(unit)); /* 1e-6 Wh to kWh; the unit ends the line */
    pw_text_str(t, unit);
}

static void two_digits(struct pw_text *t, unsigned v)
{
    pw_text_char(t, (char)('0' + v / 10 % 10));
    pw_text_char(t, (char)('0' + v % 10));
}

static void overview(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    struct pw_total sum;
    const struct pw_diag *g = d->diag;
    switch (row) {
    case 0:
        pw_text_char(t, 'V');
        for (unsigned i = 0; i < PW_N_V; i++)
            pw_text_fixed(t, d->snap->v[i].v_mv, 3, 1, 6);
        pw_text_char(t, 'V');
        break;
    case 1:
        pw_text_fixed(t, d->snap->freq_mhz, 3, 3, 6);
        pw_text_str(t, d->snap->freq_valid ? " Hz  " : " Hz? ");
        pw_text_str(t, pw_diag_fault(g) ? "FAULT" :
                       g->unsealed ? "UNSEALED" : d->snap->seq == 0 ? "STARTING" : "OK");
        break;
    default:
        pw_snapshot_total(d->snap, d->cfg, PW_ALL_POINTS, &sum);
        if (row == 2) {
            pw_text_str(t, "P");
            pw_text_fixed(t, sum.p_mw, 6, 3, 14);
            pw_text_str(t, " kW");
        } else {
            energy_line(t, "Del", sum.energy[PW_WH_DEL], " kWh");
        }
    }
}

static void energy_lines(const struct pw_display *d, unsigned point, unsigned row, struct pw_text *t)
{
    struct pw_total sum;
    pw_snapshot_total(d->snap, d->cfg, point, &sum);
    switch (row) {
    case 0: energy_line(t, "Del", sum.energy[PW_WH_DEL], " kWh"); break;
    case 1: energy_line(t, "Rec", sum.energy[PW_WH_REC], " kWh"); break;
    case 2: energy_line(t, "Q+ ", sum.energy[PW_VARH_Q1] + sum.energy[PW_VARH_Q2], " kvarh"); break;
    default: energy_line(t, "Q- ", sum.energy[PW_VARH_Q3] + sum.energy[PW_VARH_Q4], " kvarh"); break;
    }
}

void pw_page_list(const char *what, unsigned n, unsigned row, struct pw_text *t)
{
    static const char *const hint[] = {"Enter: one by one", "Up/down: next page", "Back: overview"};
    if (row == 0) {
        pw_text_str(t, what);
        pw_text_u64(t, n, 3);
    } else {
        pw_text_str(t, hint[row - 1]);
    }
}

static void point_title(const struct pw_display *d, struct pw_text *t)
{
    pw_text_str(t, "Point ");
    two_digits(t, d->item + 1u);
    const char *sep = " CT ";
    for (unsigned k = 0; k < d->cfg->n_ct && t->len + 3 <= PW_LCD_COLS; k++) {
        if (d->cfg->ct[k].point != d->item)
            continue;
        pw_text_str(t, sep);
        two_digits(t, k + 1);
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
    if (row == 1) {
        energy_line(t, "Del", sum.energy[PW_WH_DEL], " kWh");
    } else if (row == 2) {
        energy_line(t, "Rec", sum.energy[PW_WH_REC], " kWh");
    } else {
        pw_text_str(t, "P  ");
        pw_text_fixed(t, sum.p_mw, 6, 3, 12);
        pw_text_str(t, " kW");
    }
}

static void ct_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_meas_ct *c = &d->snap->ct[d->item];
    switch (row) {
    case 0:
        pw_text_str(t, "CT ");
        two_digits(t, d->item + 1u);
        pw_text_char(t, ' ');
        pw_text_str(t, vsel_name[d->cfg->ct[d->item].vsel]);
        pw_text_str(t, c->flags & PW_FLAG_STUCK ? " STUCK" : c->flags & (PW_FLAG_CLIP | PW_FLAG_OVF) ? " CLIPPING" :
                       c->flags & PW_FLAG_CREEP ? " no load" : d->cfg->ct[d->item].pol ? " reversed" : "");
        break;
    case 1:
        pw_text_fixed(t, c->v_mv, 3, 1, 6);
        pw_text_str(t, " V ");
        pw_text_fixed(t, c->i_ma, 3, 3, 9);
        pw_text_str(t, " A");
        break;
    case 2:
        kilo(t, c->p_mw, 8);
        pw_text_str(t, "kW PF ");
        pw_text_fixed(t, c->pf_e4, 4, 3, 6);
        break;
    default:
        kilo(t, c->q_mvar, 8);
        pw_text_str(t, "kvar");
        pw_text_fixed(t, c->angle_cdeg, 2, 0, 5);
        pw_text_str(t, "deg");
    }
}

static void ip(struct pw_text *t, const uint8_t a[4])
{
    for (unsigned i = 0; i < 4; i++) {
        if (i != 0)
            pw_text_char(t, '.');
        pw_text_u64(t, a[i], 0);
    }
}

static void net_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    switch (row) {
    case 0:
        pw_text_str(t, "IP ");
        ip(t, d->cfg->ip);
        break;
    case 1:
        pw_text_str(t, "Mask ");
        ip(t, d->cfg->mask);
        break;
    case 2:
        pw_text_str(t, "Port ");
        pw_text_u64(t, d->cfg->modbus_port, 0);
        pw_text_str(t, !d->diag->eth_ok ? " no W5500" : d->diag->link ? " link up" : " no link");
        break;
    default:
        pw_text_u64(t, d->diag->clients, 0);
        pw_text_str(t, " clients ");
        pw_text_u64(t, d->diag->modbus_requests, 0);
        pw_text_str(t, " req");
    }
}

static void diag_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    switch (row) {
    case 0:
        pw_text_str(t, "CPU load");
        pw_text_fixed(t, d->diag->load_e4, 2, 2, 10);
        pw_text_str(t, " %");
        break;
    case 1:
        pw_text_str(t, "Loop max");
        pw_text_u64(t, d->diag->worst_us, 9);
        pw_text_str(t, " us");
        break;
    case 2:
        pw_text_str(t, "Stack");
        pw_text_u64(t, d->diag->stack_used_b, 7);
        pw_text_str(t, " bytes");
        break;
    default:
        pw_text_u64(t, d->diag->bus_errors, 0);
        pw_text_str(t, " bus errors");
    }
}

static void bcd_version(struct pw_text *t, uint32_t v)
{
    for (unsigned shift = 16;; shift -= 8) {
        unsigned byte = v >> shift & 0xFF;
        pw_text_u64(t, (byte >> 4) * 10 + (byte & 15), 0);
        if (shift == 0)
            return;
        pw_text_char(t, '.');
    }
}

static void version_page(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    switch (row) {
    case 0:
        pw_text_str(t, "Polywatt " PW_VERSION_TEXT);
        break;
    case 1:
        pw_text_str(t, "Gateware ");
        bcd_version(t, d->diag->gateware_version);
        break;
    case 2:
        pw_text_str(t, "SN ");
        pw_text_str(t, d->cfg->serial);
        break;
    default:
        pw_text_u64(t, d->cfg->n_ct, 0);
        pw_text_str(t, " CT ");
        pw_text_fixed(t, d->diag->fs_mhz, 3, 1, 0);
        pw_text_str(t, " Hz rate");
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
        pw_page_list("Current inputs ", d->cfg->n_ct, row, t);
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
