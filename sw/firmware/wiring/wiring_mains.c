/* SPDX-License-Identifier: Apache-2.0 */
/* Mains against branches: on each phase the currents of all branches add up to the main's. Where one CT alone is ambiguous, only one of its
 * explanations keeps that sum. Changes are tried one by one, the best first, and kept only if they leave nothing unexplained. */
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

/* A balance needs a main on every phase that has branches, and phasors of all that carries current. */
static bool possible(const struct pw_wiring *w)
{
    unsigned mains = 0, branches = 0;
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
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
    w->n_change = 0;
    w->balanced_next = false;
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

/* Rated current of the mains of a phase. */
static uint32_t mains_rated_ma(const struct pw_wiring *w, unsigned p)
{
    uint32_t most = 0;
    for (unsigned k = 0; k < w->cfg->n_ct; k++)
        if (pw_wiring_is_main(w, k) && w->cfg->ct[k].vsel == p && w->cfg->ct[k].rated_ma > most)
            most = w->cfg->ct[k].rated_ma;
    return most;
}

static uint32_t tolerance_ma(const struct pw_wiring *w, unsigned p)
{
    return pw_vec_abs(w->mains_ma[p]) / 100 + mains_rated_ma(w, p) / 1000;
}

static bool explained(const struct pw_wiring *w)
{
    for (unsigned p = 0; p < PW_N_V; p++)
        if (pw_vec_abs(w->residual_ma[p]) > tolerance_ma(w, p))
            return false;
    return true;
}

/* May CT k be as `hyp` says, for all that it showed itself? One that is surely right stays so: else it would be turned to hide a small rest. */
static bool plausible(const struct pw_wiring *w, unsigned k, unsigned hyp)
{
    if (w->st[k].verdict == PW_WIRE_OK)
        return false;
    if (hyp == PW_HYP_OPEN) {
        unsigned partners = 0;
        for (unsigned m = 0; m < w->cfg->n_ct; m++)
            partners += m != k && w->cfg->ct[m].point == w->cfg->ct[k].point && pw_wiring_loaded(w, m);
        return partners > 0 && w->in.rms_ma[k] <= pw_wiring_silent_ma(w, k);
    }
    return pw_wiring_loaded(w, k) && (w->avail >> pw_hyp_terminal(hyp) & 1) && w->st[k].n > 0 && w->st[k].cost_f4[hyp] < 16 * PW_COST_IMPOSSIBLE;
}

static uint64_t sum_of_squares(const struct pw_wiring *w)
{
    uint64_t sum = 0;
    for (unsigned p = 0; p < PW_N_V; p++)
        sum += pw_vec_square(w->residual_ma[p]);
    return sum;
}

static void move(struct pw_wiring *w, unsigned k, unsigned hyp)
{
    unsigned from = pw_hyp_phase(w, k, w->st[k].hyp), to = pw_hyp_phase(w, k, hyp);
    w->residual_ma[from] = pw_vec_sub(w->residual_ma[from], adds(w, k, w->st[k].hyp));
    w->residual_ma[to] = pw_vec_add(w->residual_ma[to], adds(w, k, hyp));
    w->st[k].hyp = (uint8_t)hyp;
}

bool pw_wiring_explain(struct pw_wiring *w)
{
    if (!w->has_mains || w->n_change == PW_WIRING_MAX_CHANGES || explained(w))
        return false;
    uint64_t least = sum_of_squares(w);
    unsigned best_ct = 0, best_hyp = PW_WIRING_N_HYP + 1;
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        if (!counts(w, k))
            continue;
        unsigned was = w->st[k].hyp;
        struct pw_vec keep[PW_N_V] = {w->residual_ma[0], w->residual_ma[1], w->residual_ma[2]};
        for (unsigned h = 0; h <= PW_HYP_OPEN; h++) {
            if (h == was || !plausible(w, k, h))
                continue;
            move(w, k, h);
            uint64_t sum = sum_of_squares(w);
            if (sum < least) {
                least = sum;
                best_ct = k;
                best_hyp = h;
            }
            w->st[k].hyp = (uint8_t)was;
            for (unsigned p = 0; p < PW_N_V; p++)
                w->residual_ma[p] = keep[p];
        }
    }
    if (best_hyp > PW_HYP_OPEN)
        return false;
    w->change_ct[w->n_change] = (uint8_t)best_ct;
    w->change_hyp[w->n_change] = w->st[best_ct].hyp;
    w->n_change++;
    move(w, best_ct, best_hyp);
    return true;
}

static bool was_changed(const struct pw_wiring *w, unsigned k)
{
    for (unsigned i = 0; i < w->n_change; i++)
        if (w->change_ct[i] == k)
            return true;
    return false;
}

void pw_wiring_explained(struct pw_wiring *w)
{
    if (!w->has_mains)
        return;
    if (!explained(w)) {
        while (w->n_change > 0) {
            w->n_change--;
            move(w, w->change_ct[w->n_change], w->change_hyp[w->n_change]);
        }
        return;
    }
    w->balanced_next = true;
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        struct pw_wiring_state *s = &w->st[k];
        bool decided = pw_wiring_loaded(w, k) && s->n > 0;
        bool weighs = decided && pw_vec_abs(w->in.i_ma[k]) > 2 * tolerance_ma(w, pw_hyp_phase(w, k, s->hyp)); /* the sum would show it */
        if (was_changed(w, k) || (weighs && s->verdict != PW_WIRE_STUCK)) {
            s->verdict = (uint8_t)pw_wiring_code_of(w, k, s->hyp);
            s->confidence_pct = 99;
        }
    }
}
