/* SPDX-License-Identifier: Apache-2.0 */
/* Scenario files: metering points by their form. Loads lie between conductors, and the CTs are where the form has them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scn.h"

static const char *const leg_name[PW_SCN_LEGS] = { "a", "b", "c", "ab", "bc", "ca" };

/* "1500" or "1500@30": watts, degrees that the current lags */
static bool parse_leg(struct pw_scn *s, struct pw_scn_point *pt, unsigned leg)
{
    char *at = strchr(pt->leg[leg], '@');
    if (pt->leg[leg][0] == '\0')
        return true;
    if (!pw_scn_service_has(s, (int)leg))
        return pw_scn_fail(s, "%s: this service has no such voltage", leg_name[leg]);
    if (at != NULL)
        *at = '\0';
    return pw_scn_number(s, leg_name[leg], pt->leg[leg], -1e7, 1e7, &pt->watts[leg]) &&
           (at == NULL || pw_scn_number(s, leg_name[leg], at + 1, -89.0, 89.0, &pt->angle[leg]));
}

/* Conductors of the form: what else carries current would escape its elements. bits: a b c, neutral = 8 */
static unsigned conductors(const struct pw_scn_point *pt)
{
    const unsigned f = (unsigned)pt->first % 3, next = (f + 1) % 3;
    switch (pt->form) {
    case PW_FORM_1E2W:     return 1u << f | (pt->first >= PW_ON_AB ? 1u << next : 8u);
    case PW_FORM_2E_DELTA: return 7;
    case PW_FORM_3E_WYE:
    case PW_FORM_3E_DELTA: return 15;
    default:               return 1u << f | 1u << next | 8u;
    }
}

static bool legs_ok(struct pw_scn *s, struct pw_scn_point *pt)
{
    bool any = false;
    for (unsigned leg = 0; leg < PW_SCN_LEGS; leg++) {
        unsigned needs = leg < 3 ? 1u << leg | 8u : 1u << (leg - 3) | 1u << (leg - 2) % 3;
        if (!parse_leg(s, pt, leg))
            return false;
        if (pt->leg[leg][0] == '\0')
            continue;
        any = true;
        if ((needs & ~conductors(pt)) != 0)
            return pw_scn_fail(s, "%s: form %s does not see this load", leg_name[leg], pt->form_name);
    }
    return any ? true : pw_scn_fail(s, "point: no load, like a=1500 or bc=800@30");
}

static bool form_ok(struct pw_scn *s, struct pw_scn_point *pt)
{
    pt->form = 1;
    while (pt->form < PW_N_FORMS && strcmp(pw_form_info((unsigned)pt->form)->name, pt->form_name) != 0)
        pt->form++;
    if (pt->form == PW_N_FORMS)
        return pw_scn_fail(s, "form: '%.40s' is none of 1e2w, 1.5e-1ct, 1.5e-2ct, 2e3w, 2e-delta, 3e-wye, 3e-delta", pt->form_name);
    const struct pw_form_info *f = pw_form_info((unsigned)pt->form);
    if (!pw_form_fits((unsigned)pt->form, (unsigned)s->service))
        return pw_scn_fail(s, "form %s does not fit the service", f->name);
    if (pt->first >= PW_ON_AB && pt->form != PW_FORM_1E2W)
        return pw_scn_fail(s, "first: a, b or c expected (lines only for 1e2w)");
    if (pt->n_ct % f->n_elements != 0 || pt->n_ct / f->n_elements > PW_MAX_SETS)
        return pw_scn_fail(s, "form %s takes %u CT%s, or two or three such sets", f->name, f->n_elements, f->n_elements > 1 ? "s" : "");
    for (unsigned k = 0; k < f->n_elements; k++)
        if (!pw_scn_service_has(s, (int)pw_scn_point_vsel(pt, k)))
            return pw_scn_fail(s, "form %s from %s on: this service has no voltage %s", f->name, leg_name[pt->first], leg_name[pw_scn_point_vsel(pt, k)]);
    for (unsigned k = 1; k < pt->n_ct; k++)
        if (pt->ct[k] < pt->ct[k - 1])
            return pw_scn_fail(s, "point: CTs in rising order (element after element, set after set)");
    return true;
}

bool pw_scn_st_point(struct pw_scn *s, char **tok, unsigned n)
{
#define F(f) offsetof(struct pw_scn_point, f)
    static const struct pw_key keys[] = {
        { "form", PW_KEY_TEXT, F(form_name), 0, 0 }, { "first", PW_KEY_ON, F(first), 0, 0 }, { "name", PW_KEY_TEXT, F(name), 0, 0 },
        { "a", PW_KEY_TEXT, F(leg[0]), 0, 0 }, { "b", PW_KEY_TEXT, F(leg[1]), 0, 0 }, { "c", PW_KEY_TEXT, F(leg[2]), 0, 0 },
        { "ab", PW_KEY_TEXT, F(leg[3]), 0, 0 }, { "bc", PW_KEY_TEXT, F(leg[4]), 0, 0 }, { "ca", PW_KEY_TEXT, F(leg[5]), 0, 0 },
    };
#undef F
    unsigned list[PW_PANEL_MAX_CT], m;
    if (s->service == 0)
        return pw_scn_fail(s, "point before service");
    if (n < 4)
        return pw_scn_fail(s, "'point CTS form=NAME a=WATTS ...' expected");
    if (!pw_scn_ct_list(s, tok[1], list, &m))
        return false;
    struct pw_scn_point *pt = &s->point[s->n_point];
    *pt = (struct pw_scn_point){ .line = s->line, .n_ct = m };
    if (m > PW_MAX_ELEMENTS * PW_MAX_SETS)
        return pw_scn_fail(s, "point: at most %u CTs", PW_MAX_ELEMENTS * PW_MAX_SETS);
    for (unsigned k = 0; k < m; k++) {
        pt->ct[k] = list[k];
        if (s->load_of_ct[list[k]] >= 0 || s->point_of_ct[list[k]] >= 0)
            return pw_scn_fail(s, "CT %u has a load already", list[k]);
    }
    if (!pw_scn_keys(s, tok + 2, n - 2, keys, sizeof keys / sizeof keys[0], pt) || !form_ok(s, pt) || !legs_ok(s, pt))
        return false;
    for (unsigned k = 0; k < m; k++)
        s->point_of_ct[list[k]] = (int)s->n_point;
    s->n_point++;
    return true;
}

bool pw_scn_point_currents(struct pw_scn *s, const struct pw_scn_point *pt, const struct pw_spectrum v[PW_N_VSEL], double freq_hz,
                           struct pw_spectrum conductor[PW_PANEL_N_V])
{
    memset(conductor, 0, PW_PANEL_N_V * sizeof conductor[0]);
    for (unsigned leg = 0; leg < PW_SCN_LEGS; leg++) {
        struct pw_load_shape shape = { .kind = PW_LOAD_MOTOR, .angle_deg = pt->angle[leg] };
        struct pw_spectrum i;
        if (pt->watts[leg] == 0.0)
            continue;
        if (!pw_load_current(&shape, &v[leg], freq_hz, &i))
            return pw_scn_fail(s, "not enough memory");
        double have = pw_spectrum_power(&v[leg], &i);
        if (!(fabs(have) > 1e-12 * pw_spectrum_rms(&v[leg])))
            return pw_scn_fail(s, "%s: there is no voltage to drive it", leg_name[leg]);
        pw_spectrum_scale(&i, pt->watts[leg] / have);
        for (unsigned h = 0; h < PW_N_HARM; h++) {
            conductor[leg % 3].c[h] += i.c[h];
            if (leg >= 3)
                conductor[(leg + 1) % 3].c[h] -= i.c[h];
        }
    }
    return true;
}

void pw_scn_point_ct_current(const struct pw_scn_point *pt, const struct pw_spectrum conductor[PW_PANEL_N_V], unsigned k, struct pw_spectrum *i)
{
    const unsigned n_el = pw_form_info((unsigned)pt->form)->n_elements, e = k % n_el, f = (unsigned)pt->first % 3;
    const double share = (double)n_el / pt->n_ct;                /* the sets in parallel share alike */
    *i = conductor[(f + (pt->form == PW_FORM_2E_DELTA ? 2 * e : e)) % 3];
    if (pt->form == PW_FORM_15E_1CT)                             /* the second leg goes through backwards */
        for (unsigned h = 0; h < PW_N_HARM; h++)
            i->c[h] -= conductor[(f + 1) % 3].c[h];
    pw_spectrum_scale(i, share);
}

unsigned pw_scn_point_vsel(const struct pw_scn_point *pt, unsigned k)
{
    const struct pw_form_info *f = pw_form_info((unsigned)pt->form);
    return pt->form == PW_FORM_1E2W ? (unsigned)pt->first : pw_vsel_rotate(f->vsel[k % f->n_elements], (unsigned)pt->first);
}

bool pw_scn_point_negated(const struct pw_scn_point *pt, unsigned k)
{
    const struct pw_form_info *f = pw_form_info((unsigned)pt->form);
    return (f->negated >> k % f->n_elements & 1u) != 0;
}
