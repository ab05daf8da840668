/* SPDX-License-Identifier: Apache-2.0 */
/* The CTs of one point together: a balanced three-phase load, or a load between two lines, leaves fewer explanations than each CT alone.
 * Then swapped CTs, and CTs without a signal. */
#include "wiring_priv.h"

struct members {
    unsigned n, ct[3], loaded;
};

/* CTs of a point that has two or three, each on a phase of its own. */
static bool members(const struct pw_wiring *w, unsigned point, struct members *m)
{
    unsigned phases = 0;
    *m = (struct members){0};
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        const struct pw_config_ct *c = &w->cfg->ct[k];
        if (c->point != point)
            continue;
        if (c->role == PW_ROLE_MAIN || m->n == 3 || c->vsel > PW_VC || (phases >> c->vsel & 1))
            return false;
        phases |= 1u << c->vsel;
        m->loaded += pw_wiring_loaded(w, k);
        m->ct[m->n++] = k;
    }
    return m->n >= 2;
}

static bool similar(uint32_t a, uint32_t b) { return 10 * (uint64_t)a <= 11 * (uint64_t)b && 10 * (uint64_t)b <= 11 * (uint64_t)a; }

static struct pw_vec turned(const struct pw_wiring *w, unsigned k, unsigned hyp)
{
    return pw_hyp_reversed(hyp) ? pw_vec_neg(w->in.i_ma[k]) : w->in.i_ma[k];
}

/* Faults that hypotheses of a whole point are; two CTs exchanged is one mistake. */
static int joint_prior(const struct pw_wiring *w, const struct members *m, const uint8_t hyp[3])
{
    int sum = 0;
    unsigned moved = 0, phases = 0, places = 0;
    for (unsigned i = 0; i < m->n; i++) {
        int cost = pw_wiring_prior(w, w->of, m->ct[i], hyp[i]);
        sum += cost;
        if (cost == PW_COST_PHASE) {
            moved++;
            phases |= 1u << w->cfg->ct[m->ct[i]].vsel;
            places |= 1u << pw_hyp_phase(w, m->ct[i], hyp[i]);
        }
    }
    return moved == 2 && phases == places ? sum - PW_COST_PHASE : sum;
}

struct joint {
    int best, second, right;
    uint8_t hyp[3], other[3];
};

static void take(struct joint *j, int cost, const uint8_t hyp[3], unsigned n, bool right)
{
    if (right)
        j->right = cost;
    bool better = cost < j->best;
    for (unsigned i = 0; i < n; i++) {
        if (better)
            j->other[i] = j->hyp[i];
        else if (cost < j->second)
            j->other[i] = hyp[i];
        if (better)
            j->hyp[i] = hyp[i];
    }
    if (better) {
        j->second = j->best;
        j->best = cost;
    } else if (cost < j->second) {
        j->second = cost;
    }
}

/* Three loaded CTs as a balanced load: all places that make the three lags equal. */
static bool balanced_load(const struct pw_wiring *w, const struct members *m, struct joint *j)
{
    static const uint8_t perm[6][3] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}};
    bool exports = pw_wiring_exports(w, m->ct[0]);
    int lag0[3][3]; /* of CT i behind terminal t */
    for (unsigned i = 0; i < 3; i++) {
        uint32_t a = pw_vec_abs(w->in.i_ma[m->ct[i]]), b = pw_vec_abs(w->in.i_ma[m->ct[(i + 1) % 3]]);
        if (!similar(a, b))
            return false;
        for (unsigned t = 0; t < PW_N_V; t++)
            lag0[i][t] = pw_vec_lag_deg(w->in.v_mv[t], w->in.i_ma[m->ct[i]]);
    }
    *j = (struct joint){.best = 1000, .second = 1000, .right = 1000};
    for (unsigned c = 0; c < 48; c++) {
        uint8_t hyp[3];
        int spread = 0, first = 0;
        for (unsigned i = 0; i < 3; i++) {
            unsigned t = perm[c / 8][i], rev = c >> i & 1;
            hyp[i] = (uint8_t)(2 * t + rev);
            int lag = lag0[i][t] + (rev ? 180 : 0), from_first;
            if (i == 0)
                first = lag;
            from_first = (lag - first) % 360;
            from_first = from_first > 180 ? 360 - from_first : from_first < -180 ? 360 + from_first : from_first < 0 ? -from_first : from_first;
            spread = from_first > spread ? from_first : spread;
        }
        first = first > 180 ? first - 360 : first;
        int prior = joint_prior(w, m, hyp);
        int cost = prior + pw_wiring_load_cost(first, exports) + (spread > 5 ? 5 * (spread - 5) : 0);
        take(j, cost, hyp, 3, prior == 0);
    }
    return j->best < 1000;
}

/* Two loaded CTs whose currents are equal and opposite, once each is turned the right way: a load between two lines. */
static bool line_load(const struct pw_wiring *w, const struct members *m, struct joint *j)
{
    const unsigned a = m->ct[0], b = m->ct[1];
    bool exports = pw_wiring_exports(w, a);
    *j = (struct joint){.best = 1000, .second = 1000, .right = 1000};
    for (unsigned ha = 0; ha < PW_WIRING_N_HYP; ha++)
        for (unsigned hb = 0; hb < PW_WIRING_N_HYP; hb++) {
            if (pw_hyp_terminal(ha) == pw_hyp_terminal(hb))
                continue;
            struct pw_vec ia = turned(w, a, ha), ib = turned(w, b, hb);
            uint32_t rest = pw_vec_abs(pw_vec_add(ia, ib)), size = pw_vec_abs(ia);
            if (8 * (uint64_t)rest > size)
                continue;
            struct pw_vec v = pw_vec_sub(w->in.v_mv[pw_hyp_terminal(ha)], w->in.v_mv[pw_hyp_terminal(hb)]);
            const uint8_t hyp[3] = {(uint8_t)ha, (uint8_t)hb, 0};
            int prior = joint_prior(w, m, hyp);
            take(j, prior + pw_wiring_load_cost(pw_vec_lag_deg(v, ia), exports), hyp, 2, prior == 0);
        }
    return j->best < 1000;
}

static void adopt(struct pw_wiring *w, const struct members *m, const struct joint *j)
{
    int other = j->second - j->best, right = j->right - j->best;
    bool sure = right == 0 || (right >= PW_MARGIN_RIGHT && other >= PW_MARGIN_OTHER);
    if (!sure && j->right < PW_RIGHT_EXCLUDED)
        return; /* what each CT alone says stands */
    for (unsigned i = 0; i < m->n; i++) {
        struct pw_wiring_state *s = &w->st[m->ct[i]];
        unsigned code = pw_wiring_code_of(w, m->ct[i], j->hyp[i]);
        bool same = j->hyp[i] == j->other[i];
        s->hyp = j->hyp[i];
        s->second = (sure || same) && !pw_wiring_same_direction(w, j->hyp[i], j->other[i]) ? j->hyp[i] : j->other[i];
        s->verdict = (uint8_t)(sure || same ? code : PW_WIRE_UNCLEAR);
        int pct = 55 + 2 * (right == 0 ? other : other < right ? other : right);
        pct = !sure && !same ? (int)PW_WIRING_HINT_PCT : pct > 99 ? 99 : pct;
        s->confidence_pct = (uint8_t)pct;
    }
}

/* Two of three phases of a point carry a balanced load and the third one carries nothing at all: its CT is open. (Two loads to neutral of the
 * same size and power factor would look the same: hence the confidence.) */
static void open_third(struct pw_wiring *w, const struct members *m)
{
    unsigned silent = m->ct[0], a = 0, b = 0;
    for (unsigned i = 0; i < 3; i++)
        if (!pw_wiring_loaded(w, m->ct[i])) {
            silent = m->ct[i];
            a = m->ct[(i + 1) % 3];
            b = m->ct[(i + 2) % 3];
        }
    if (a == b || w->in.rms_ma[silent] > pw_wiring_silent_ma(w, silent) || (w->in.flags[silent] & (PW_WIN_STUCK | PW_WIN_NO_PHASOR)))
        return;
    if (pw_wiring_code_of(w, a, w->st[a].hyp) != PW_WIRE_OK || pw_wiring_code_of(w, b, w->st[b].hyp) != PW_WIRE_OK)
        return;
    uint32_t ia = pw_vec_abs(w->in.i_ma[a]), ib = pw_vec_abs(w->in.i_ma[b]);
    int la = pw_vec_lag_deg(w->in.v_mv[pw_hyp_terminal(w->st[a].hyp)], w->in.i_ma[a]);
    int lb = pw_vec_lag_deg(w->in.v_mv[pw_hyp_terminal(w->st[b].hyp)], w->in.i_ma[b]);
    if (20 * (uint64_t)ia > 21 * (uint64_t)ib || 20 * (uint64_t)ib > 21 * (uint64_t)ia || la - lb > 3 || lb - la > 3)
        return;
    w->st[silent].hyp = PW_HYP_OPEN;
    w->st[silent].verdict = PW_WIRE_OPEN;
    w->st[silent].confidence_pct = 85;
}

void pw_wiring_group(struct pw_wiring *w, unsigned point)
{
    struct members m;
    struct joint j;
    if (w->avail != 7 || !members(w, point, &m))
        return;
    if (m.n == 3 && m.loaded == 3) {
        if (balanced_load(w, &m, &j) && (j.best < 90))
            adopt(w, &m, &j);
    } else if (m.n == 3 && m.loaded == 2 && w->out.supply == PW_SUPPLY_WYE) {
        open_third(w, &m);
    } else if (m.n == 2 && m.loaded == 2) {
        if (line_load(w, &m, &j))
            adopt(w, &m, &j);
    }
}

/* The only CT that is on k's phase while k is on its phase; one of the same point goes first. @return k if there is none, or several */
static unsigned counterpart(const struct pw_wiring *w, unsigned k)
{
    const struct pw_config_ct *c = w->cfg->ct;
    unsigned n = 0, found = k, n_near = 0, near = k;
    for (unsigned i = 0; i < w->cfg->n_ct; i++) {
        if (i == k || w->st[i].verdict != PW_WIRE_PHASE || pw_wiring_is_main(w, i) != pw_wiring_is_main(w, k) ||
            pw_hyp_phase(w, i, w->st[i].hyp) != c[k].vsel || pw_hyp_phase(w, k, w->st[k].hyp) != c[i].vsel)
            continue;
        n++;
        found = i;
        if (c[i].point == c[k].point) {
            n_near++;
            near = i;
        }
    }
    return n_near == 1 ? near : n == 1 ? found : k;
}

void pw_wiring_pairs(struct pw_wiring *w)
{
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        struct pw_wiring_ct *o = &w->out.ct[k];
        unsigned i = w->st[k].verdict == PW_WIRE_PHASE ? counterpart(w, k) : k;
        o->partner = (uint8_t)(i != k && counterpart(w, i) == k ? i : k);
    }
    for (unsigned k = 0; k < w->cfg->n_ct; k++)
        if (w->out.ct[k].partner != k)
            w->st[k].verdict = PW_WIRE_SWAPPED;
}
