/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include "text.h"

#define PRESENT_MV     20000u   /* and a quarter of the largest */
#define TOLERANCE_CDEG 2500     /* 10 degrees of each voltage, and a little */
#define STABLE_US      3000000u
#define RATIO_MAX_E2   160u     /* largest to smallest of equal voltages: +20 % to -20 %, and a little */
#define HIGH_MIN_E2    110u     /* high leg to the others: 1.73, each +-20 % */

struct pattern {
    int16_t lag_cdeg[PW_N_V];
    uint8_t service, high_leg;
};

/* Three voltages of sequence a b c; of the other one the lags change sign. */
static const struct pattern three[] = {
    {{12000, 12000, 12000}, PW_SERVICE_WYE4, 0},
    {{9000, 18000, 9000}, PW_SERVICE_HIGHLEG, 1}, /* b and c opposed */
    {{9000, 9000, 18000}, PW_SERVICE_HIGHLEG, 2},
    {{18000, 9000, 9000}, PW_SERVICE_HIGHLEG, 3},
    {{0, 0, 0}, PW_SERVICE_1P2W, 0},              /* inputs bridged */
    {{0, 18000, 18000}, PW_SERVICE_SPLIT, 0},
    {{18000, 0, 18000}, PW_SERVICE_SPLIT, 0},
    {{18000, 18000, 0}, PW_SERVICE_SPLIT, 0},
};

static bool has(unsigned mask, unsigned i)
{
    return (mask >> i & 1u) != 0;
}

static int32_t apart(int32_t a_cdeg, int32_t b_cdeg)
{
    int32_t d = (a_cdeg - b_cdeg) % 36000;
    if (d < 0)
        d += 36000;
    return d > 18000 ? 36000 - d : d;
}

static int32_t deviation(const struct pattern *p, const int16_t lag_cdeg[PW_N_V], int sign)
{
    int32_t worst = 0;
    for (unsigned i = 0; i < PW_N_V; i++) {
        int32_t d = apart(sign * lag_cdeg[i], p->lag_cdeg[i]);
        worst = d > worst ? d : worst;
    }
    return worst;
}

static void classify_three(const int16_t lag_cdeg[PW_N_V], struct pw_service_result *r)
{
    int32_t best = TOLERANCE_CDEG + 1;
    for (unsigned i = 0; i < sizeof three / sizeof three[0]; i++)
        for (int sign = 1; sign >= -1; sign -= 2) {
            int32_t d = deviation(&three[i], lag_cdeg, sign);
            if (d >= best)
                continue;
            best = d;
            bool phases = three[i].service == PW_SERVICE_WYE4 || three[i].service == PW_SERVICE_HIGHLEG;
            r->service = three[i].service;
            r->high_leg = three[i].high_leg;
            r->sequence = !phases ? PW_SEQ_NONE : sign > 0 ? PW_SEQ_ABC : PW_SEQ_ACB;
        }
}

/* Voltages `first` and the next one; the third input has none. */
static void classify_two(unsigned first, const int16_t lag_cdeg[PW_N_V], struct pw_service_result *r)
{
    int32_t lag = lag_cdeg[first];
    if (apart(lag, 18000) <= TOLERANCE_CDEG) {
        r->service = PW_SERVICE_SPLIT;
    } else if (apart(lag, 0) <= TOLERANCE_CDEG) {
        r->service = PW_SERVICE_1P2W;
    } else if (apart(lag, 12000) <= TOLERANCE_CDEG || apart(lag, -12000) <= TOLERANCE_CDEG) {
        r->service = PW_SERVICE_NETWORK;
    } else if (apart(lag, 6000) <= TOLERANCE_CDEG || apart(lag, -6000) <= TOLERANCE_CDEG) { /* against the third phase */
        r->service = PW_SERVICE_DELTA3;
        r->sequence = lag > 0 ? PW_SEQ_ABC : PW_SEQ_ACB;
    }
}

static bool levels_fit(const uint32_t v_mv[PW_N_V], struct pw_service_result *r)
{
    uint32_t min = UINT32_MAX, max = 0, n = 0;
    uint64_t sum = 0;
    for (unsigned i = 0; i < PW_N_V; i++) {
        if (has(r->absent, i) || r->high_leg == i + 1)
            continue;
        min = v_mv[i] < min ? v_mv[i] : min;
        max = v_mv[i] > max ? v_mv[i] : max;
        sum += v_mv[i];
        n++;
    }
    r->v_mv = n == 0 ? 0 : (uint32_t)((sum + n / 2) / n);
    if (n == 0 || (uint64_t)max * 100 > (uint64_t)min * RATIO_MAX_E2)
        return false;
    return r->high_leg == 0 || (uint64_t)v_mv[r->high_leg - 1] * 100 >= (uint64_t)r->v_mv * HIGH_MIN_E2;
}

void pw_service_classify(const uint32_t v_mv[PW_N_V], const int16_t lag_cdeg[PW_N_V], struct pw_service_result *r)
{
    uint32_t max = 0;
    unsigned n = 0, free_input = 0;
    *r = (struct pw_service_result){.service = PW_SERVICE_AUTO, .why = PW_SERVICE_OK};
    for (unsigned i = 0; i < PW_N_V; i++)
        max = v_mv[i] > max ? v_mv[i] : max;
    for (unsigned i = 0; i < PW_N_V; i++) {
        if (v_mv[i] >= PRESENT_MV && v_mv[i] >= max / 4) {
            n++;
        } else {
            r->absent |= (uint8_t)(1u << i);
            free_input = i;
        }
    }
    if (n == 3)
        classify_three(lag_cdeg, r);
    else if (n == 2)
        classify_two((free_input + 1) % PW_N_V, lag_cdeg, r);
    else if (n == 1)
        r->service = PW_SERVICE_1P2W;
    if (r->service == PW_SERVICE_AUTO) {
        r->why = n == 0 ? PW_SERVICE_NO_VOLTAGE : PW_SERVICE_ANGLES;
    } else if (!levels_fit(v_mv, r)) {
        r->service = PW_SERVICE_AUTO;
        r->why = PW_SERVICE_LEVELS;
    }
}

static unsigned n_bits(unsigned v)
{
    return (v & 1u) + (v >> 1 & 1u) + (v >> 2 & 1u);
}

static bool same(const struct pw_service_result *a, const struct pw_service_result *b)
{
    return a->service == b->service && a->why == b->why && a->sequence == b->sequence && a->high_leg == b->high_leg &&
           a->missing == b->missing && a->absent == b->absent;
}

/* Could the configured three-phase service look like this? A delta whose neutral terminal floats looks like a wye. */
static bool agrees(unsigned configured, const struct pw_service_result *r)
{
    return configured == PW_SERVICE_AUTO || r->service == PW_SERVICE_AUTO || configured == r->service ||
           (configured == PW_SERVICE_DELTA3 && r->service == PW_SERVICE_WYE4);
}

static bool four_wire(unsigned service)
{
    return service == PW_SERVICE_WYE4 || service == PW_SERVICE_HIGHLEG;
}

/* Can what is left of a four-wire service look like this? */
static bool remains_of(unsigned service, const struct pw_service_result *r)
{
    if (!four_wire(service) || n_bits(r->absent) != 1)
        return true;
    if (service == PW_SERVICE_WYE4)
        return r->service == PW_SERVICE_NETWORK;
    return r->service == PW_SERVICE_SPLIT || r->service == PW_SERVICE_AUTO; /* 90 degrees are no service of their own */
}

/* A look in the light of what is known or configured: voltages go missing, the service stays. */
static void explain(const struct pw_service_watch *w, const struct pw_config *cfg, struct pw_service_result *r)
{
    const struct pw_service_result *known = &w->now;
    bool is_known = known->service != PW_SERVICE_AUTO && agrees(cfg->service, known);
    if (!is_known && !four_wire(cfg->service))
        return;
    unsigned service = is_known ? known->service : cfg->service;
    unsigned free = four_wire(service) ? 0u : known->absent & ~(unsigned)known->missing; /* nobody misses these */
    unsigned gone = r->absent & ~free;
    if (gone == 0 || (free & ~(unsigned)r->absent) != 0 || !remains_of(service, r))
        return; /* all there, or another service */
    r->service = (uint8_t)service;
    r->missing = (uint8_t)gone;
    r->why = n_bits(r->absent) == PW_N_V ? PW_SERVICE_NO_VOLTAGE : PW_SERVICE_MISSING;
    r->sequence = is_known ? known->sequence : (uint8_t)PW_SEQ_NONE;
    r->high_leg = is_known ? known->high_leg : 0;
}

static uint32_t standard_mv(uint32_t v_mv)
{
    static const uint16_t standard_v[] = {100, 120, 127, 220, 230, 240, 277, 347, 400, 480, 600};
    uint32_t best_mv = v_mv, best = UINT32_MAX;
    for (unsigned i = 0; i < sizeof standard_v / sizeof standard_v[0]; i++) {
        uint32_t s = standard_v[i] * 1000u, d = s > v_mv ? s - v_mv : v_mv - s;
        if (d < best && d <= s / 5) {
            best = d;
            best_mv = s;
        }
    }
    return best_mv;
}

static uint8_t count_misfits(const struct pw_service_watch *w, const struct pw_config *cfg)
{
    unsigned n = 0, service = pw_service_effective(w, cfg);
    for (unsigned i = 0; i < cfg->n_points; i++)
        n += !pw_form_fits(cfg->point[i].form, service);
    return (uint8_t)n;
}

unsigned pw_service_update(struct pw_service_watch *w, const struct pw_config *cfg, const struct pw_snapshot *s, const int16_t lag_cdeg[PW_N_V])
{
    struct pw_service_result r;
    uint32_t v_mv[PW_N_V];
    unsigned events = 0;
    if (s->agg == 0)
        return 0; /* nothing measured yet */
    for (unsigned i = 0; i < PW_N_V; i++)
        v_mv[i] = s->v[i].v_mv;
    pw_service_classify(v_mv, lag_cdeg, &r);
    if (s->timeout && r.why != PW_SERVICE_NO_VOLTAGE)
        r = (struct pw_service_result){.why = PW_SERVICE_NO_CYCLES};
    else
        explain(w, cfg, &r);
    bool again = same(&r, &w->next);
    w->next = r;
    if (!again)
        w->since_us = s->time_us;
    if (again && s->time_us - w->since_us >= STABLE_US && !same(&r, &w->now)) {
        w->now = r;
        w->changes++;
        events |= PW_SERVICE_EV_CHANGE;
        if (r.service != PW_SERVICE_AUTO && r.missing == 0)
            w->nominal_mv = standard_mv(r.v_mv);
    }
    bool mismatch = !agrees(cfg->service, &w->now);
    if (mismatch && !w->mismatch)
        events |= PW_SERVICE_EV_MISMATCH;
    w->mismatch = mismatch;
    uint8_t misfits = count_misfits(w, cfg);
    if (misfits > w->misfits)
        events |= PW_SERVICE_EV_MISFIT;
    w->misfits = misfits;
    return events;
}

unsigned pw_service_effective(const struct pw_service_watch *w, const struct pw_config *cfg)
{
    return cfg->service != PW_SERVICE_AUTO ? cfg->service : w->now.service;
}

uint32_t pw_service_nominal_mv(const struct pw_service_watch *w, const struct pw_config *cfg, unsigned input)
{
    uint32_t mv = cfg->v_nominal_mv != 0 ? cfg->v_nominal_mv : w->nominal_mv;
    if (w->now.service != PW_SERVICE_AUTO && has(w->now.absent & ~(unsigned)w->now.missing, input))
        return 0;
    return w->now.high_leg == input + 1 ? (uint32_t)((uint64_t)mv * 1732 / 1000) : mv;
}

static void letters(struct pw_text *t, unsigned mask)
{
    for (unsigned i = 0; i < PW_N_V; i++)
        if (has(mask, i))
            pw_text_char(t, (char)('a' + i));
}

void pw_service_text(const struct pw_service_result *r, struct pw_text *t)
{
    static const char why[PW_N_SERVICE_WHY][12] = {"", "no voltage", "angles", "levels", "missing ", "no cycles"};
    static const char sequence[3][5] = {"", " abc", " acb"};
    if (r->service == PW_SERVICE_AUTO) {
        pw_text_str(t, r->why == PW_SERVICE_OK ? "not yet known" : "? ");
        pw_text_str(t, why[r->why % PW_N_SERVICE_WHY]);
        return;
    }
    pw_text_str(t, pw_service_name(r->service));
    pw_text_str(t, sequence[r->sequence % 3]);
    if (r->high_leg != 0) {
        pw_text_char(t, ' ');
        letters(t, 1u << (r->high_leg - 1));
    }
}
