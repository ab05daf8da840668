/* SPDX-License-Identifier: Apache-2.0 */
/* Mains against branches: on each phase the currents of all branches add up to the main's. Where one CT alone is ambiguous, only one of its
 * explanations keeps that sum. The fewest changes that leave nothing unexplained are taken; if there are none, nothing is changed. */
#include "wiring_priv.h"

/* What CT k adds to the residual of the phase that `hyp` puts it on. */
static struct pw_vec adds(const struct pw_wiring *w, unsigned k, unsigned hyp)
{
    struct pw_vec i = w->in.i_ma[k];
    if (hyp == PW_HYP_OPEN) { /* what its partners lack: their currents come back through it */
        i = (struct pw_vec){0, 0};
        for (unsigned m = 0; m < w->cfg->n_ct; m++)
            if (m != k && w->cfg->ct[m].point == w->cfg->ct[k].point)
                i = pw_vec_sub(i, pw_hyp_reversed(w->st[m].hyp) ? pw_vec_neg(w->in.i_ma[m]) : w->in.i_ma[m]);
    } else if (pw_hyp_reversed(hyp)) {
        i = pw_vec_neg(i);
    }
    return pw_wiring_is_main(w, k) ? i : pw_vec_neg(i);
}

static bool counts(const struct pw_wiring *w, unsigned k)
{
    return (w->in.flags[k] & PW_WIN_NO_PHASOR) == 0 && !pw_wiring_is_ll(w, k);
}

/* A balance needs a main on every phase that has branches, and whole phasors of all that carries current (one that clips is short of some). */
static bool possible(const struct pw_wiring *w)
{
    unsigned mains = 0, branches = 0;
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        if (w->in.flags[k] & (PW_WIN_CLIP | PW_WIN_STUCK))
            return false;
        if (!counts(w, k) && w->in.rms_ma[k] >= pw_wiring_silent_ma(w, k))
            return false;
        if (pw_wiring_is_ll(w, k))
            continue;
        *(pw_wiring_is_main(w, k) ? &mains : &branches) |= 1u << w->cfg->ct[k].vsel;
    }
    return branches != 0 && (branches & ~mains) == 0;
}

void pw_wiring_residual(struct pw_wiring *w)
{
    for (unsigned p = 0; p < PW_N_V; p++)
        w->residual_ma[p] = w->mains_ma[p] = (struct pw_vec){0, 0};
    w->depth = 0;
    w->found = w->balanced_next = false;
    w->has_mains = possible(w);
    if (!w->has_mains)
        return;
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        if (!counts(w, k))
            continue;
        unsigned p = pw_hyp_phase(w, k, w->st[k].hyp);
        struct pw_vec i = adds(w, k, w->st[k].hyp);
        w->residual_ma[p] = pw_vec_add(w->residual_ma[p], i);
        if (pw_wiring_is_main(w, k))
            w->mains_ma[p] = pw_vec_add(w->mains_ma[p], i);
    }
}


uint32_t pw_wiring_mains_rated_ma(const struct pw_wiring *w, unsigned p)
{
    uint32_t most = 0;
    for (unsigned k = 0; k < w->cfg->n_ct; k++)
        if (pw_wiring_is_main(w, k) && w->cfg->ct[k].vsel == p && w->cfg->ct[k].rated_ma > most)
            most = w->cfg->ct[k].rated_ma;
    return most;
}

static uint32_t tolerance_ma(const struct pw_wiring *w, unsigned p)
{
    return pw_vec_abs(w->mains_ma[p]) / 200 + pw_wiring_mains_rated_ma(w, p) / 2000;
}

/* May CT k be as `hyp` says, for all that it showed itself? One that is surely right stays so: else it would be turned to hide a small rest. */
static bool plausible(const struct pw_wiring *w, unsigned k, unsigned hyp)
{
    const struct pw_wiring_state *s = &w->st[k];
    if (hyp == PW_HYP_OPEN) {
        unsigned partners = 0;
        for (unsigned m = 0; m < w->cfg->n_ct; m++)
            partners += m != k && w->cfg->ct[m].point == w->cfg->ct[k].point && pw_wiring_loaded(w, m);
        return partners > 0 && w->in.rms_ma[k] <= pw_wiring_silent_ma(w, k);
    }
    if (pw_vec_abs(w->in.i_ma[k]) < tolerance_ma(w, pw_hyp_phase(w, k, s->hyp)))
        return false; /* its place would hardly show in the sum */
    if (s->verdict == PW_WIRE_OK || s->n == 0 || !pw_wiring_loaded(w, k) || !(w->avail >> pw_hyp_terminal(hyp) & 1))
        return false;
    int best = 1000;
    for (unsigned h = 0; h < PW_WIRING_N_HYP; h++) {
        int cost = s->cost_f4[h] / 16 + pw_wiring_prior(w, w->of, k, h);
        best = cost < best ? cost : best;
    }
    return s->cost_f4[hyp] / 16 + pw_wiring_prior(w, w->of, k, hyp) < best + PW_COST_WORTH_TRYING;
}

/* All places that doubtful CTs might be at instead. */
static void list_alternatives(struct pw_wiring *w)
{
    w->n_alt = 0;
    for (unsigned k = 0; k < w->cfg->n_ct; k++)
        for (unsigned h = 0; h <= PW_HYP_OPEN; h++)
            if (w->n_alt < PW_WIRING_MAX_ALT && counts(w, k) && h != w->st[k].hyp && plausible(w, k, h))
                w->alt[w->n_alt++] = (struct pw_wiring_alt){(uint8_t)k, (uint8_t)h};
}

static void apply(const struct pw_wiring *w, struct pw_vec r[PW_N_V], unsigned i)
{
    unsigned k = w->alt[i].ct, was = w->st[k].hyp, hyp = w->alt[i].hyp;
    unsigned from = pw_hyp_phase(w, k, was), to = pw_hyp_phase(w, k, hyp);
    r[from] = pw_vec_sub(r[from], adds(w, k, was));
    r[to] = pw_vec_add(r[to], adds(w, k, hyp));
}

static bool small(const struct pw_wiring *w, const struct pw_vec r[PW_N_V])
{
    for (unsigned p = 0; p < PW_N_V; p++) {
        int32_t most = (int32_t)tolerance_ma(w, p);
        if (r[p].re > most || r[p].re < -most || r[p].im > most || r[p].im < -most)
            return false;
    }
    return true;
}

/* How unlikely a set of changes is by itself, and how much it leaves: 60 for all of the tolerance. */
static uint32_t unlikely(const struct pw_wiring *w, const struct pw_vec r[PW_N_V])
{
    uint64_t left = 0, allowed = 1;
    uint32_t cost = 0;
    for (unsigned p = 0; p < PW_N_V; p++) {
        left += pw_vec_abs(r[p]);
        allowed += tolerance_ma(w, p);
    }
    for (unsigned i = 0; i < w->depth; i++) {
        const struct pw_wiring_alt *a = &w->alt[w->change[i]];
        cost += a->hyp == PW_HYP_OPEN ? PW_COST_PHASE : (uint32_t)(w->st[a->ct].cost_f4[a->hyp] / 16 + pw_wiring_prior(w, w->of, a->ct, a->hyp));
    }
    return cost + (uint32_t)(60 * left / allowed);
}

/* change[0 .. depth - 1] leave r: is that nothing, and likelier than what was found so far? */
static void consider(struct pw_wiring *w, const struct pw_vec r[PW_N_V])
{
    if (!small(w, r))
        return;
    uint32_t score = unlikely(w, r);
    if (w->found && score >= w->score)
        return;
    w->found = true;
    w->score = score;
    for (unsigned i = 0; i < w->depth; i++)
        w->best[i] = w->change[i];
}

/* All sets of `depth` changes that begin with `first`, one a CT. */
static void try_sets(struct pw_wiring *w)
{
    struct pw_vec r[PW_N_V] = {w->residual_ma[0], w->residual_ma[1], w->residual_ma[2]};
    const struct pw_wiring_alt *alt = w->alt;
    w->change[0] = w->first;
    apply(w, r, w->first);
    if (w->depth == 1)
        consider(w, r);
    for (unsigned i = w->first + 1u; w->depth > 1 && i < w->n_alt; i++) {
        struct pw_vec s[PW_N_V] = {r[0], r[1], r[2]};
        if (alt[i].ct == alt[w->first].ct)
            continue;
        w->change[1] = (uint8_t)i;
        apply(w, s, i);
        if (w->depth == 2)
            consider(w, s);
        for (unsigned j = i + 1; w->depth > 2 && j < w->n_alt; j++) {
            struct pw_vec t[PW_N_V] = {s[0], s[1], s[2]};
            if (alt[j].ct == alt[i].ct) /* in order of CTs, so it is not that of `first` either */
                continue;
            w->change[2] = (uint8_t)j;
            apply(w, t, j);
            consider(w, t);
        }
    }
}

/* Looks for the fewest changes that leave nothing unexplained, of these for the likeliest set. One step tries all sets with the same
 * first change. */
bool pw_wiring_explain(struct pw_wiring *w)
{
    if (!w->has_mains)
        return false;
    if (w->depth == 0) {
        w->found = small(w, w->residual_ma);
        if (w->found)
            return false;
        list_alternatives(w);
        w->depth = 1;
        w->first = 0;
    }
    if (w->first < w->n_alt)
        try_sets(w);
    if (++w->first < w->n_alt)
        return true;
    if (w->found || w->depth == PW_WIRING_MAX_CHANGES || w->n_alt == 0)
        return false;
    w->depth++;
    w->first = 0;
    return true;
}

static void certain(struct pw_wiring *w, unsigned k)
{
    w->st[k].verdict = (uint8_t)pw_wiring_code_of(w, k, w->st[k].hyp);
    w->st[k].confidence_pct = 99;
}

void pw_wiring_explained(struct pw_wiring *w)
{
    if (!w->found)
        return;
    w->balanced_next = true;
    for (unsigned i = 0; i < w->depth; i++) {
        const struct pw_wiring_alt *a = &w->alt[w->best[i]];
        apply(w, w->residual_ma, w->best[i]);
        w->st[a->ct].hyp = w->st[a->ct].second = a->hyp;
        certain(w, a->ct);
    }
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        bool decided = pw_wiring_loaded(w, k) && w->st[k].n > 0 && w->st[k].verdict != PW_WIRE_STUCK;
        if (decided && pw_vec_abs(w->in.i_ma[k]) > 2 * tolerance_ma(w, pw_hyp_phase(w, k, w->st[k].hyp))) /* the sum would show it */
            certain(w, k);
    }
}
