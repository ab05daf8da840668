/* SPDX-License-Identifier: Apache-2.0 */
/* Page of the service; enter goes into the points: form, netted energies, apparent power. */
#include "pages.h"

#include "points.h"
#include "service.h"

static void service_line(const struct pw_display *d, const struct pw_service_watch *w, unsigned row, struct pw_text *t)
{
    switch (row) {
    case 0:
        pw_text_str(t, "Service");
        if (d->cfg->service != PW_SERVICE_AUTO)
            pw_text_str(t, w->mismatch ? " WRONG" : " as set");
        break;
    case 1:
        pw_service_text(&w->now, t);
        break;
    case 2:
        if (w->now.missing != 0) {
            pw_text_str(t, "MISSING");
            for (unsigned i = 0; i < PW_N_V; i++)
                if (((unsigned)w->now.missing >> i & 1u) != 0)
                    pw_text_fmt(t, " %s", pw_vsel_name(i));
        } else if (w->nominal_mv != 0) {
            pw_text_fmt(t, "%.30lu V nominal", w->nominal_mv);
        }
        break;
    default:
        pw_text_fmt(t, w->misfits == 0 ? "Enter: points" : "%u points misfit", w->misfits);
    }
}

static void net_line(struct pw_text *t, const char *name, const struct pw_u96 *e)
{
    pw_text_fmt(t, "%s%12.93llu kWh", name, pw_u96_uwh(e));
}

static void point_line(const struct pw_display *d, const struct pw_service_watch *w, unsigned row, struct pw_text *t)
{
    const struct pw_points *p = PW_VIEW(d, points);
    struct pw_point_now now;
    if (p == NULL)
        return;
    switch (row) {
    case 0:
        pw_points_now(d->cfg, d->snap, d->item, pw_service_effective(w, d->cfg), w->now.missing, &now);
        pw_text_fmt(t, "%2u %s%s", d->item + 1u, pw_form_info(d->cfg->point[d->item].form)->name,
                    now.status & PW_POINT_MISFIT ? " MISFIT" : now.status & PW_POINT_NO_VOLTS ? " NO V" : "");
        break;
    case 1:
        net_line(t, "NDel", &p->point[d->item].net_del);
        break;
    case 2:
        net_line(t, "NRec", &p->point[d->item].net_rec);
        break;
    default:
        pw_points_now(d->cfg, d->snap, d->item, PW_SERVICE_AUTO, 0, &now);
        pw_text_fmt(t, "%9.63lldkVA PF%5.42d", (int64_t)now.s_arith_mva, now.pf_arith_e4);
    }
}

static void line(const struct pw_display *d, unsigned row, struct pw_text *t)
{
    const struct pw_service_watch *w = PW_VIEW(d, service);
    if (w == NULL)
        return;
    if (d->inside)
        point_line(d, w, row, t);
    else
        service_line(d, w, row, t);
}

static unsigned items(const struct pw_display *d)
{
    return PW_VIEW(d, points) != NULL ? d->cfg->n_points : 0;
}

const struct pw_page pw_page_service = {line, items};
