/* SPDX-License-Identifier: Apache-2.0 */
/* One CT alone: how likely is each of the six places (three phases, two directions) that it may sit at? */
#include "wiring_priv.h"

/* Lag of the load behind its own voltage against cost. Flat where branch loads are (LED drivers 18 degrees leading, dimmers and good motors up
 * to 32 lagging), rising for poor motors and capacitors, impossible for what consumes power. The six places are 60 degrees apart on a
 * three-phase supply: the flat part must be narrower than that. */
static const struct { int16_t deg, cost; } knot[] = {
    {-180, 200}, {-105, 200}, {-90, 60}, {-60, 42}, {-35, 30}, {-20, 0}, {32, 0}, {45, 26}, {75, 41}, {90, 56}, {105, 200}, {180, 200},
};
#define N_KNOTS (sizeof knot / sizeof knot[0])

static int wrap_deg(int deg)
{
    return deg > 180 ? deg - 360 : deg < -180 ? deg + 360 : deg;
}

static int consumer_cost(int lag_deg)
{
    unsigned i = 1;
    while (i + 1 < N_KNOTS && lag_deg > knot[i].deg)
        i++;
    int dx = knot[i].deg - knot[i - 1].deg, dy = knot[i].cost - knot[i - 1].cost;
    return knot[i - 1].cost + dy * (lag_deg - knot[i - 1].deg) / dx;
}

int pw_wiring_load_cost(int lag_deg, bool exports)
{
    int cost = consumer_cost(lag_deg);
    if (exports) {
        int feeding = consumer_cost(wrap_deg(lag_deg + 180)) + 3;
        cost = feeding < cost ? feeding : cost;
    }
    return cost;
}

bool pw_wiring_exports(const struct pw_wiring *w, unsigned k)
{
    if (!pw_wiring_is_main(w, k))
        return w->cfg->ct[k].role == PW_ROLE_SOURCE;
    for (unsigned i = 0; i < w->cfg->n_ct; i++)
        if (w->cfg->ct[i].role == PW_ROLE_SOURCE)
            return true;
    return false;
}

static uint32_t share_ma(const struct pw_wiring *w, unsigned k, uint32_t e4)
{
    return (uint32_t)((uint64_t)w->cfg->ct[k].rated_ma * e4 / 10000u);
}

uint32_t pw_wiring_min_ma(const struct pw_wiring *w, unsigned k) { return share_ma(w, k, PW_WIRING_MIN_E4); }
uint32_t pw_wiring_silent_ma(const struct pw_wiring *w, unsigned k) { return share_ma(w, k, PW_WIRING_SILENT_E4) + 1; }

bool pw_wiring_loaded(const struct pw_wiring *w, unsigned k)
{
    return (w->in.flags[k] & (PW_WIN_NO_PHASOR | PW_WIN_STUCK)) == 0 && pw_vec_abs(w->in.i_ma[k]) >= pw_wiring_min_ma(w, k);
}

unsigned pw_wiring_terminal(const struct pw_wiring *w, unsigned p)
{
    unsigned t = 0;
    while (t + 1 < PW_N_V && w->of[t] != p)
        t++;
    return t;
}

int pw_wiring_prior(const struct pw_wiring *w, const uint8_t of[PW_N_V], unsigned k, unsigned hyp)
{
    bool there = of[pw_hyp_terminal(hyp)] == w->cfg->ct[k].vsel, reversed = pw_hyp_reversed(hyp);
    return there ? (reversed ? PW_COST_REVERSED : 0) : reversed ? PW_COST_PHASE_REVERSED : PW_COST_PHASE;
}

unsigned pw_wiring_code_of(const struct pw_wiring *w, unsigned k, unsigned hyp)
{
    if (hyp == PW_HYP_OPEN)
        return PW_WIRE_OPEN;
    bool there = pw_wiring_is_ll(w, k) ? hyp < 2 : pw_hyp_phase(w, k, hyp) == w->cfg->ct[k].vsel;
    return there ? (pw_hyp_reversed(hyp) ? PW_WIRE_REVERSED : PW_WIRE_OK) : pw_hyp_reversed(hyp) ? PW_WIRE_PHASE_REVERSED : PW_WIRE_PHASE;
}

/* Metered between two lines: the current of one of the two conductors lies 30 degrees to either side, or between. */
static int line_cost(int lag_deg, bool exports)
{
    int best = pw_wiring_load_cost(lag_deg, exports);
    for (int d = -30; d <= 30; d += 60) {
        int cost = pw_wiring_load_cost(wrap_deg(lag_deg + d), exports);
        best = cost < best ? cost : best;
    }
    return best;
}

static int cost_now(const struct pw_wiring *w, unsigned k, unsigned hyp)
{
    struct pw_vec i = pw_hyp_reversed(hyp) ? pw_vec_neg(w->in.i_ma[k]) : w->in.i_ma[k];
    bool exports = pw_wiring_exports(w, k);
    if (pw_wiring_is_ll(w, k)) {
        unsigned a = w->cfg->ct[k].vsel - PW_VAB;
        struct pw_vec v = pw_vec_sub(w->in.v_mv[a], w->in.v_mv[(a + 1) % PW_N_V]);
        return hyp < 2 ? line_cost(pw_vec_lag_deg(v, i), exports) : 200;
    }
    unsigned t = pw_hyp_terminal(hyp);
    return w->avail >> t & 1 ? pw_wiring_load_cost(pw_vec_lag_deg(w->in.v_mv[t], i), exports) : 200;
}

void pw_wiring_measure(struct pw_wiring *w, unsigned k)
{
    struct pw_wiring_state *s = &w->st[k];
    if (!pw_wiring_loaded(w, k))
        return;
    if (s->n < PW_WIRING_EVIDENCE)
        s->n++;
    for (unsigned h = 0; h < PW_WIRING_N_HYP; h++) {
        int32_t diff = 16 * cost_now(w, k, h) - s->cost_f4[h];
        s->cost_f4[h] = (uint16_t)(s->cost_f4[h] + pw_div_round(diff, s->n));
    }
}

/* Two hypotheses that put the current into the same direction (120/240 V: reversed on A = right on B). */
bool pw_wiring_same_direction(const struct pw_wiring *w, unsigned h, unsigned g)
{
    struct pw_vec v = w->in.v_mv[pw_hyp_terminal(h)], u = w->in.v_mv[pw_hyp_terminal(g)];
    if (pw_hyp_reversed(h) != pw_hyp_reversed(g))
        u = pw_vec_neg(u);
    int64_t dot = pw_vec_dot(v, u), cross = pw_vec_cross(v, u);
    return 5 * (cross < 0 ? -cross : cross) < dot || (dot == 0 && cross == 0); /* within 11 degrees; without a voltage nothing tells them apart */
}

struct ranking {
    unsigned best, second, right, twin; /* twin: the other name of `best` in the same direction; = best if none */
    int cost_best, cost_second, cost_right;
};

static void rank(const struct pw_wiring *w, unsigned k, struct ranking *r)
{
    unsigned n_hyp = pw_wiring_is_ll(w, k) ? 2 : PW_WIRING_N_HYP;
    int total[PW_WIRING_N_HYP];
    *r = (struct ranking){.cost_best = 1000, .cost_second = 1000, .cost_right = 1000};
    for (unsigned h = 0; h < n_hyp; h++) {
        bool ll = n_hyp == 2;
        total[h] = w->st[k].cost_f4[h] / 16 + (ll ? (int)h * PW_COST_REVERSED : pw_wiring_prior(w, w->of, k, h));
        if (!ll && !(w->avail >> pw_hyp_terminal(h) & 1))
            total[h] = 999;
        if (pw_wiring_code_of(w, k, h) == PW_WIRE_OK) {
            r->cost_right = total[h];
            r->right = h;
        }
        if (total[h] < r->cost_best) {
            r->cost_best = total[h];
            r->best = h;
        }
    }
    r->twin = r->second = r->best;
    for (unsigned h = 0; h < n_hyp; h++) {
        if (h == r->best)
            continue;
        if (n_hyp > 2 && total[h] < 999 && pw_wiring_same_direction(w, h, r->best))
            r->twin = h;
        else if (total[h] < r->cost_second) {
            r->cost_second = total[h];
            r->second = h;
        }
    }
}

static uint8_t confidence(int margin)
{
    int pct = 55 + 2 * margin;
    return (uint8_t)(pct > 99 ? 99 : pct);
}

/* A point with several CTs may carry loads between lines and poor motors: where a partner cannot be measured, the angle alone says less. */
static int margin_other(const struct pw_wiring *w, unsigned k)
{
    if (w->out.supply == PW_SUPPLY_WYE)
        for (unsigned i = 0; i < w->cfg->n_ct; i++)
            if (i != k && w->cfg->ct[i].point == w->cfg->ct[k].point && !pw_wiring_is_main(w, k) && (w->in.flags[i] & PW_WIN_NO_PHASOR))
                return PW_MARGIN_GROUP;
    return PW_MARGIN_OTHER;
}

bool pw_wiring_no_voltage(const struct pw_wiring *w, unsigned k)
{
    unsigned v = w->cfg->ct[k].vsel;
    return v > PW_VC ? (w->in.flags[k] & PW_WIN_NO_PHASOR) != 0 : !(w->present >> v & 1);
}

/* Its own voltage is there, or known from the others: else all that could be found are faults. */
static bool can_be_right(const struct pw_wiring *w, unsigned k)
{
    return pw_wiring_is_ll(w, k) ? !pw_wiring_no_voltage(w, k) : (w->avail >> pw_wiring_terminal(w, w->cfg->ct[k].vsel) & 1) != 0;
}

void pw_wiring_decide(struct pw_wiring *w, unsigned k)
{
    struct pw_wiring_state *s = &w->st[k];
    struct ranking r;
    s->second = s->hyp = pw_wiring_is_ll(w, k) ? 0 : (uint8_t)(2 * pw_wiring_terminal(w, w->cfg->ct[k].vsel));
    s->confidence_pct = 0;
    s->verdict = PW_WIRE_UNKNOWN;
    if (w->in.flags[k] & PW_WIN_STUCK) {
        s->verdict = PW_WIRE_STUCK;
        s->confidence_pct = 99;
    } else if (pw_wiring_no_voltage(w, k) && w->in.rms_ma[k] >= pw_wiring_min_ma(w, k)) {
        s->verdict = PW_WIRE_NO_VOLTAGE;
        s->confidence_pct = 99;
    }
    if (!pw_wiring_loaded(w, k) || s->n == 0 || !can_be_right(w, k))
        return;
    rank(w, k, &r);
    int other = r.cost_second - r.cost_best, right = r.cost_right - r.cost_best;
    unsigned code = pw_wiring_code_of(w, k, r.best);
    bool any_angle = pw_wiring_is_main(w, k) && pw_wiring_exports(w, k); /* PV may feed back through it: only the sum can tell */
    s->hyp = (uint8_t)r.best;
    s->second = (uint8_t)r.twin;
    if (code == PW_WIRE_OK) {
        s->verdict = other < PW_MARGIN_HINT ? PW_WIRE_HINT : PW_WIRE_OK;
        s->confidence_pct = s->verdict == PW_WIRE_HINT ? PW_WIRING_HINT_PCT : confidence(other);
        if (s->verdict == PW_WIRE_HINT)
            s->second = (uint8_t)r.second;
    } else if (right >= PW_MARGIN_RIGHT && other >= margin_other(w, k) && !any_angle) {
        s->verdict = (uint8_t)code;
        s->confidence_pct = confidence(other < right ? other : right);
    } else {
        s->verdict = PW_WIRE_UNCLEAR;
        s->confidence_pct = PW_WIRING_HINT_PCT;
        s->second = (uint8_t)r.second;
        if (r.cost_right < PW_RIGHT_EXCLUDED || any_angle) { /* right wiring is possible: it stands until the mains say otherwise */
            s->verdict = PW_WIRE_HINT;
            s->second = s->hyp;
            s->hyp = (uint8_t)r.right;
        }
    }
}
