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

#define CT(f)    PW_MAP_FIELD(struct pw_wiring_ct, f)
#define ALL(f)   PW_MAP_FIELD(struct pw_wiring_out, f)
#define PHASE(f) PW_MAP_FIELD(struct pw_balance_phase, f)
#define OF(id)   ((id) - M_FIRST_WIRING)
/* The others are in get. */
static const struct pw_map_field fields[] = {
    [OF(M_WIRING_CODE)] = CT(code), [OF(M_WIRING_CONFIDENCE)] = CT(confidence_pct), [OF(M_WIRING_PARTNER)] = CT(partner),
    [OF(M_WIRING_ALL_N_FAULTS)] = ALL(n_faults), [OF(M_WIRING_ALL_SERVICE)] = ALL(service), [OF(M_WIRING_ALL_SUPPLY)] = ALL(supply),
    [OF(M_WIRING_ALL_BALANCED)] = ALL(balanced), [OF(M_WIRING_ALL_EVALUATIONS)] = ALL(evaluations),
    [OF(M_BALANCE_BAL_MAINS)] = PHASE(mains_ma), [OF(M_BALANCE_BAL_REST)] = PHASE(rest_ma), [OF(M_BALANCE_BAL_REST_P)] = PHASE(rest_mw),
};

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_wiring *w = PW_VIEW(m, wiring);
    const struct pw_balance *b = PW_VIEW(m, balance);
    if (w == NULL || b == NULL)
        return 0;
    const struct pw_wiring_ct *ct = &w->out.ct[item];
    switch (id) {
    case M_WIRING_FOUND:         return found(w, m, item);
    case M_WIRING_REGISTERS:     return (uint64_t)(int64_t)ct->registers_pct;
    case M_WIRING_LOAD:          return load_e4(m, item);
    case M_WIRING_CONFIGURED:    return m->cfg->ct[item].vsel;
    case M_WIRING_MIN_LOAD:      return PW_WIRING_MIN_E4;
    case M_WIRING_ALL_BAL_VALID: return b->valid;
    case M_WIRING_ALL_BAL_ALARM: return (unsigned)b->phase[0].alarm | (unsigned)b->phase[1].alarm << 1 | (unsigned)b->phase[2].alarm << 2;
    case M_BALANCE_BAL_LIMIT:    return pw_balance_threshold_ma(w, b, item);
    default:                     break;
    }
    const void *from = id < M_FIRST_WIRING_ALL ? (const void *)ct : id < M_FIRST_BALANCE ? (const void *)&w->out : &b->phase[item];
    return pw_map_get(from, fields[OF(id)]);
}

const struct pw_map_owner pw_map_wiring = {.get = get};
