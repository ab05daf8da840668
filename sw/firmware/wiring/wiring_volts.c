/* SPDX-License-Identifier: Apache-2.0 */
/* The voltages: what supply it is, what is missing, and which service phase is on which terminal. */
#include "wiring_priv.h"

#define V_MIN_MV 20000u

static bool near(int deg, int want) { return deg >= want - 15 && deg <= want + 15; }

static bool opposite(struct pw_vec a, struct pw_vec b)
{
    int lag = pw_vec_lag_deg(a, b);
    return near(lag < 0 ? -lag : lag, 180);
}

/* The voltage that stands on the middle of the two opposite ones, 1.73 times as large. @return terminal, PW_N_V if there is none */
static unsigned high_leg(const struct pw_wiring *w)
{
    for (unsigned t = 0; t < PW_N_V; t++) {
        unsigned a = (t + 1) % PW_N_V, b = (t + 2) % PW_N_V;
        uint32_t v = pw_vec_abs(w->in.v_mv[t]), va = pw_vec_abs(w->in.v_mv[a]), vb = pw_vec_abs(w->in.v_mv[b]);
        if (w->present == 7 && opposite(w->in.v_mv[a], w->in.v_mv[b]) && 2 * (uint64_t)v > 3 * (uint64_t)va && 2 * (uint64_t)v > 3 * (uint64_t)vb)
            return t;
    }
    return PW_N_V;
}

static unsigned supply_of_two(struct pw_wiring *w, unsigned a, unsigned b)
{
    int lag = pw_vec_lag_deg(w->in.v_mv[a], w->in.v_mv[b]);
    if (opposite(w->in.v_mv[a], w->in.v_mv[b]))
        return PW_SUPPLY_SPLIT;
    if (!near(lag < 0 ? -lag : lag, 120))
        return PW_SUPPLY_UNKNOWN;
    unsigned rest = PW_N_V - a - b; /* the third of a wye: what makes the sum zero */
    w->in.v_mv[rest] = pw_vec_neg(pw_vec_add(w->in.v_mv[a], w->in.v_mv[b]));
    w->avail = 7;
    return PW_SUPPLY_WYE;
}

static unsigned classify(struct pw_wiring *w)
{
    unsigned p = w->present;
    int ab = pw_vec_lag_deg(w->in.v_mv[0], w->in.v_mv[1]), bc = pw_vec_lag_deg(w->in.v_mv[1], w->in.v_mv[2]);
    if (p == 7 && high_leg(w) < PW_N_V)
        return PW_SUPPLY_HIGH_LEG;
    if (p == 7)
        return (near(ab, 120) && near(bc, 120)) || (near(ab, -120) && near(bc, -120)) ? PW_SUPPLY_WYE : PW_SUPPLY_UNKNOWN;
    if (p == 3 || p == 5 || p == 6)
        return supply_of_two(w, p == 6 ? 1 : 0, p == 3 ? 1 : 2);
    return p == 0 ? PW_SUPPLY_UNKNOWN : PW_SUPPLY_ONE;
}

/* A voltage that nobody needs may be absent: it is missing if it once was there, if a current flows that is metered with it, or if the
 * configured service has it. */
static bool needed(const struct pw_wiring *w, unsigned t)
{
    if ((w->seen >> t & 1) || w->cfg->service >= PW_SERVICE_WYE4)
        return true;
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        unsigned s = w->cfg->ct[k].vsel;
        bool uses = s == t; /* between lines: the neutral of a 3-wire delta may be on one of them */
        if (uses && w->in.rms_ma[k] >= pw_wiring_min_ma(w, k))
            return true;
    }
    return false;
}

void pw_wiring_volts(struct pw_wiring *w)
{
    uint32_t v[PW_N_V], most = 0;
    for (unsigned t = 0; t < PW_N_V; t++) {
        v[t] = pw_vec_abs(w->in.v_mv[t]);
        most = v[t] > most ? v[t] : most;
    }
    w->present = 0;
    w->service_next = 0;
    for (unsigned t = 0; t < PW_N_V; t++)
        if (v[t] >= V_MIN_MV && v[t] >= most / 4)
            w->present |= (uint8_t)(1u << t);
    w->avail = w->present;
    w->out.supply = (uint8_t)classify(w);
    for (unsigned t = 0; t < PW_N_V; t++)
        if (!(w->present >> t & 1) && w->present != 0 && needed(w, t))
            w->service_next |= (uint16_t)(PW_WIRING_MISSING_A << t);
    w->seen |= w->present;
}

/* +1: the service phases follow each other A-B-C; -1: A-C-B; 0: no rotation (one phase, 120/240 V) */
static int rotation(const struct pw_wiring *w, const uint8_t of[PW_N_V])
{
    uint8_t at[PW_N_V];
    int sum = 0;
    for (unsigned t = 0; t < PW_N_V; t++)
        at[of[t]] = (uint8_t)t;
    if (w->avail != 7)
        return 0;
    for (unsigned p = 0; p < PW_N_V; p++) {
        int lag = pw_vec_lag_deg(w->in.v_mv[at[p]], w->in.v_mv[at[(p + 1) % PW_N_V]]);
        if (lag > 45 && lag < 150) /* 180 between the outer phases of a high-leg supply says nothing */
            sum++;
        else if (lag < -45 && lag > -150)
            sum--;
    }
    return sum > 0 ? 1 : sum < 0 ? -1 : 0;
}

/* Least cost of CT k on a wiring of the voltage leads; one CT alone must not outvote all others. */
static int least(const struct pw_wiring *w, const uint8_t of[PW_N_V], unsigned k)
{
    int best = 60;
    for (unsigned h = 0; h < PW_WIRING_N_HYP; h++) {
        int cost = w->st[k].cost_f4[h] / 16 + pw_wiring_prior(w, of, k, h);
        if ((w->avail >> pw_hyp_terminal(h) & 1) && cost < best)
            best = cost;
    }
    return best;
}

static const uint8_t orders[6][PW_N_V] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}};
static const uint16_t order_bits[6] = {0, PW_WIRING_SWAP_AB, PW_WIRING_SWAP_BC, PW_WIRING_SWAP_CA, PW_WIRING_ROTATED, PW_WIRING_ROTATED};

struct score {
    int cost;
    unsigned better; /* CTs that it explains and the labels as they are do not */
};

static struct score score(const struct pw_wiring *w, unsigned order, unsigned high)
{
    const uint8_t *of = orders[order];
    struct score s = {.cost = order == 0 ? 0 : order < 4 ? 35 : 100};
    if (rotation(w, of) < 0)
        s.cost += order == 0 ? 60 : 150;
    if (high < PW_N_V && of[high] != PW_WIRING_HIGH_LEG_AT)
        s.cost += 500;
    for (unsigned k = 0; k < w->cfg->n_ct; k++) {
        if (pw_wiring_is_ll(w, k) || w->st[k].n == 0)
            continue;
        int cost = least(w, of, k);
        s.cost += cost;
        s.better += cost + 20 <= least(w, orders[0], k);
    }
    return s;
}

static unsigned order_of(const struct pw_wiring *w)
{
    unsigned o = 0;
    while (o + 1 < 6 && (orders[o][0] != w->of[0] || orders[o][1] != w->of[1]))
        o++;
    return o;
}

void pw_wiring_leads(struct pw_wiring *w)
{
    if (w->present != 7) { /* too little to go by: what was believed stands */
        w->service_next |= order_bits[order_of(w)];
        return;
    }
    unsigned high = w->out.supply == PW_SUPPLY_HIGH_LEG ? high_leg(w) : PW_N_V, best = 0;
    struct score as_is = score(w, 0, high), top = as_is;
    int second = 10000;
    for (unsigned o = 1; o < 6; o++) {
        struct score s = score(w, o, high);
        if (s.cost < top.cost) {
            second = top.cost;
            top = s;
            best = o;
        } else if (s.cost < second) {
            second = s.cost;
        }
    }
    bool misplaced = high < PW_N_V && high != PW_WIRING_HIGH_LEG_AT;
    bool turned = rotation(w, orders[0]) < 0;
    unsigned votes = misplaced ? 0 : turned ? 1 : 6; /* against the order as it is, only many CTs can say that the leads are exchanged */
    if (best != 0 && (top.cost + 20 > second || top.cost + 20 > as_is.cost || top.better < votes)) {
        if (turned)
            w->service_next |= PW_WIRING_SEQUENCE;
        best = 0;
    }
    for (unsigned t = 0; t < PW_N_V; t++)
        w->of[t] = orders[best][t];
    w->service_next |= order_bits[best];
    if (misplaced)
        w->service_next |= PW_WIRING_HIGH_LEG;
}
