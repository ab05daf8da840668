/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/wiring.def. */
#include "balance.h"
#include "modbus_map.h"
#include "wiring.h"

static unsigned found(const struct pw_wiring *w, const struct pw_modbus_map *m, unsigned k)
{
    const struct pw_wiring_ct *c = &w->out.ct[k];
    bool line = m->cfg->ct[k].vsel > PW_VC;
    return (line ? 3u : c->phase) | (unsigned)c->reversed << 2 | (line ? 3u : c->alt_phase) << 8 | (unsigned)c->alt_reversed << 10 |
           (unsigned)c->clipping << 15;
}

static unsigned load_e4(const struct pw_modbus_map *m, unsigned k)
{
    uint64_t e4 = (uint64_t)m->snap->ct[k].i_ma * 10000u / m->cfg->ct[k].rated_ma;
    return e4 > UINT16_MAX ? UINT16_MAX : (unsigned)e4;
}

static uint64_t get_balance(const struct pw_balance *b, const struct pw_wiring *w, unsigned id, unsigned p)
{
    switch (id) {
    case M_BALANCE_BAL_MAINS:  return b->phase[p].mains_ma;
    case M_BALANCE_BAL_REST:   return b->phase[p].rest_ma;
    case M_BALANCE_BAL_REST_P: return (uint64_t)(int64_t)b->phase[p].rest_mw;
    case M_BALANCE_BAL_LIMIT:  return pw_balance_threshold_ma(w, b, p);
    default:                   return 0;
    }
}

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_wiring *w = PW_VIEW(m, wiring);
    const struct pw_balance *b = PW_VIEW(m, balance);
    if (w == NULL || b == NULL)
        return 0;
    switch (id) {
    case M_WIRING_CODE:            return w->out.ct[item].code;
    case M_WIRING_FOUND:           return found(w, m, item);
    case M_WIRING_CONFIDENCE:      return w->out.ct[item].confidence_pct;
    case M_WIRING_PARTNER:         return w->out.ct[item].partner;
    case M_WIRING_REGISTERS:       return (uint64_t)(int64_t)w->out.ct[item].registers_pct;
    case M_WIRING_LOAD:            return load_e4(m, item);
    case M_WIRING_CONFIGURED:      return m->cfg->ct[item].vsel;
    case M_WIRING_MIN_LOAD:        return PW_WIRING_MIN_E4;
    case M_WIRING_ALL_N_FAULTS:    return w->out.n_faults;
    case M_WIRING_ALL_SERVICE:     return w->out.service;
    case M_WIRING_ALL_SUPPLY:      return w->out.supply;
    case M_WIRING_ALL_BALANCED:    return w->out.balanced;
    case M_WIRING_ALL_EVALUATIONS: return w->out.evaluations;
    case M_WIRING_ALL_BAL_VALID:   return b->valid;
    case M_WIRING_ALL_BAL_ALARM:   return (unsigned)b->phase[0].alarm | (unsigned)b->phase[1].alarm << 1 | (unsigned)b->phase[2].alarm << 2;
    default:                       return get_balance(b, w, id, item);
    }
}

const struct pw_map_owner pw_map_wiring = {.get = get};
