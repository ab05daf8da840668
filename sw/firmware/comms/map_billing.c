/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/billing.def. A register lies in FRAM: each block of it is read once a request. */
#include "books_text.h"
#include "modbus_map.h"

/* PW_ERR_RANGE is no fault: not in the program, reads 0. */
static void loaded(struct pw_modbus_map *m, int err)
{
    m->request->cache.state = err == PW_OK;
    if (err != PW_OK && err != PW_ERR_RANGE)
        pw_map_unread(m, err);
}

static uint64_t get_net(struct pw_modbus_map *m, struct pw_books *b, unsigned point, unsigned quantity)
{
    int64_t net = 0;
    if (quantity != PW_TQ_WH_DEL && quantity != PW_TQ_VARH_Q1)
        return 0;
    int err = pw_billing_net(&b->billing, point, quantity == PW_TQ_VARH_Q1, PW_RATE_ALL, &net);
    if (err != PW_OK && err != PW_ERR_RANGE)
        pw_map_unread(m, err);
    return err == PW_OK ? (uint64_t)net : 0;
}

static uint64_t get_register(struct pw_modbus_map *m, struct pw_books *b, unsigned id, unsigned item)
{
    if (id == M_REGISTER_B_NET)
        return get_net(m, b, item / PW_N_TQ, item % PW_N_TQ);
    const struct pw_billing_values *v = &m->request->cache.u.values;
    if (!pw_map_cached(m, PW_CACHED_VALUES, item))
        loaded(m, pw_billing_values(&b->billing, item / PW_N_TQ, item % PW_N_TQ, &m->request->cache.u.values));
    if (id == M_REGISTER_B_HAS)
        return m->request->cache.state;
    if (id == M_REGISTER_B_TEST)
        return v->test;
    bool shown = id >= M_REGISTER_S_ALL;
    unsigned k = id - (shown ? M_REGISTER_S_ALL : M_REGISTER_B_ALL); /* 0: all rates */
    uint64_t value = k == 0 ? v->all : v->rate[k - 1];
    return shown ? pw_register_shown(value, b->program.digits, b->program.decimals) : value;
}

static uint64_t get_peaks(struct pw_modbus_map *m, struct pw_books *b, unsigned id, unsigned point, unsigned k)
{
    const struct pw_billing_peaks *p = &m->request->cache.u.peaks;
    if (!pw_map_cached(m, PW_CACHED_PEAKS, PW_MAX_DEMANDS * point + k))
        loaded(m, pw_billing_peaks(&b->billing, point, k, &m->request->cache.u.peaks));
    if (id >= M_DEMAND_D_RATE1) {
        const struct pw_peak *r = &p->rate[(id - M_DEMAND_D_RATE1) / 2];
        return (id - M_DEMAND_D_RATE1) % 2 == 0 ? pw_peak_mw(r) : r->utc_s;
    }
    if (id == M_DEMAND_D_CUMULATIVE || m->request->cache.state == 0)
        return p->cumulative_mw;
    struct pw_peak now = pw_demand_peak(&b->demand, point, k);
    return p->cumulative_mw + pw_peak_mw(&now);
}

static unsigned rate_of(const struct pw_peak *p)
{
    return p->utc_s != 0 || pw_peak_mw(p) != 0 ? p->rate + 1u : 0;
}

static uint64_t get_demand(struct pw_modbus_map *m, struct pw_books *b, unsigned id, unsigned point, unsigned k)
{
    struct pw_demand *d = &b->demand;
    if (point >= d->n_points || k >= d->n_demands)
        return 0;
    struct pw_peak peak = pw_demand_peak(d, point, k);
    switch (id) {
    case M_DEMAND_D_PRESENT:   return pw_demand_present_mw(d, point, k);
    case M_DEMAND_D_PREVIOUS:  return pw_demand_previous_mw(d, point, k);
    case M_DEMAND_D_FLAGS:     return pw_demand_previous_flags(d, k);
    case M_DEMAND_D_PEAK:      return pw_peak_mw(&peak);
    case M_DEMAND_D_PEAK_UTC:  return peak.utc_s;
    case M_DEMAND_D_PEAK_RATE: return rate_of(&peak);
    case M_DEMAND_D_TEST_PEAK: return pw_demand_test_peak_mw(d, point, k);
    case M_DEMAND_D_HAS:       return 1;
    default:                   return get_peaks(m, b, id, point, k);
    }
}

static uint64_t get_past(struct pw_modbus_map *m, struct pw_books *b, unsigned id, unsigned item)
{
    const struct pw_map_asked *a = &m->asked;
    struct pw_map_cache *c = &m->request->cache;
    bool is_there = a->past_point < b->demand.n_points && a->past_demand < b->demand.n_demands;
    switch (id) {
    case M_PAST_OF_PAST_POINT:  return a->past_point;
    case M_PAST_OF_PAST_DEMAND: return a->past_demand;
    case M_PAST_OF_PAST_N:      return is_there ? b->program.n_past : 0;
    default:                    break;
    }
    if (!pw_map_cached(m, PW_CACHED_PAST, 0))
        loaded(m, pw_billing_pasts(&b->billing, a->past_point, a->past_demand, c->u.past));
    const struct pw_peak *p = &c->u.past[item];
    return id == M_PAST_PAST_PEAK ? pw_peak_mw(p) : id == M_PAST_PAST_UTC ? p->utc_s : rate_of(p);
}

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    struct pw_books *b = PW_VIEW(m, books);
    if (b == NULL)
        return 0;
    int err = pw_books_readable(b);
    if (err != PW_OK) {
        pw_map_unread(m, err);
        return 0;
    }
    if (id >= M_FIRST_PAST_OF)
        return get_past(m, b, id, item);
    if (id >= M_FIRST_DEMAND)
        return get_demand(m, b, id, item / PW_MAX_DEMANDS, item % PW_MAX_DEMANDS);
    return get_register(m, b, id, item);
}

static int command(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    (void)item, (void)word;
    if (v >= (id == M_PAST_OF_PAST_POINT ? m->cfg->n_points : PW_MAX_DEMANDS))
        return PW_MB_ILLEGAL_VALUE;
    *(id == M_PAST_OF_PAST_POINT ? &m->asked.past_point : &m->asked.past_demand) = (uint8_t)v;
    return PW_MB_OK;
}

const struct pw_map_owner pw_map_billing = {.get = get, .command = command};
