/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/base.def. */
#include "modbus_map.h"
#include "version.h"

#define MAP_VERSION 2u

static const struct pw_total *total(struct pw_modbus_map *m, unsigned point)
{
    struct pw_map_request *r = m->request;
    if (!r->total_known || r->total_of != point) {
        pw_snapshot_total(m->snap, m->cfg, point, &r->total);
        r->total_of = point;
        r->total_known = true;
    }
    return &r->total;
}

static unsigned status(const struct pw_modbus_map *m)
{
    const struct pw_diag *d = m->diag;
    return (unsigned)m->snap->freq_valid | (unsigned)m->snap->timeout << 1 | (unsigned)d->unsealed << 2 | (unsigned)d->fram_ok << 3 |
           (unsigned)d->link << 4 | (unsigned)d->config_default << 5 | (unsigned)pw_diag_fault(d) << 6;
}

/* By number of the register: those of the identity from the diagnosis, totals from struct pw_total. The others are in get. */
#define DIAG(f)  PW_MAP_FIELD(struct pw_diag, f)
#define SNAP(f)  PW_MAP_FIELD(struct pw_snapshot, f)
#define V(f)     PW_MAP_FIELD(struct pw_meas_v, f)
#define CT(f)    PW_MAP_FIELD(struct pw_meas_ct, f)
#define TOTAL(f) PW_MAP_FIELD(struct pw_total, f)
#define CFG(s, f) PW_MAP_FIELD(struct pw_config_##s, f)
static const struct pw_map_field fields[] = {
    [M_IDENT_GW_VERSION] = DIAG(gateware_version), [M_IDENT_RAM_KIB] = DIAG(ram_kib), [M_IDENT_FS_MHZ] = DIAG(fs_mhz), [M_IDENT_CLK_HZ] = DIAG(clk_hz),
    [M_WINDOW_SEQ] = SNAP(seq), [M_WINDOW_SAMPLES] = SNAP(samples), [M_WINDOW_CYCLES] = SNAP(cycles), [M_WINDOW_FREQ] = SNAP(freq_mhz),
    [M_WINDOW_UPTIME_WIN] = SNAP(time_us), [M_WINDOW_FE_SEQ] = SNAP(fe_seq),
    [M_WINDOW_TOTAL_P] = TOTAL(p_mw), [M_WINDOW_TOTAL_Q] = TOTAL(q_mvar), [M_WINDOW_TOTAL_DEL] = TOTAL(energy[PW_WH_DEL]),
    [M_WINDOW_ALL_FLAGS] = TOTAL(flags),
    [M_VOLT_V_MV] = V(v_mv), [M_VOLT_V_ANGLE] = V(angle_cdeg), [M_VOLT_V_FLAGS] = V(flags),
    [M_DIAG_LOAD] = DIAG(load_e4), [M_DIAG_WORST] = DIAG(worst_us), [M_DIAG_WORST_1S] = DIAG(worst_1s_us), [M_DIAG_PASSES] = DIAG(passes_1s),
    [M_DIAG_STACK] = DIAG(stack_used_b), [M_DIAG_BUSERR] = DIAG(bus_errors), [M_DIAG_BUSERR_ADDR] = DIAG(bus_error_addr), [M_DIAG_UPTIME] = DIAG(uptime_s),
    [M_DIAG_RESET] = DIAG(reset_cause), [M_DIAG_MISSED] = DIAG(missed_windows), [M_DIAG_REJECTED] = DIAG(energy_rejected),
    [M_DIAG_MISMATCH] = DIAG(energy_mismatches), [M_DIAG_SAVES] = DIAG(saves), [M_DIAG_SAVE_ERRORS] = DIAG(save_errors),
    [M_DIAG_MB_REQUESTS] = DIAG(modbus_requests), [M_DIAG_MB_EXCEPTIONS] = DIAG(modbus_exceptions), [M_DIAG_MB_CLOSED] = DIAG(modbus_closed),
    [M_DIAG_CLIENTS] = DIAG(clients), [M_DIAG_LOST] = DIAG(samples_lost),
    [M_CT_CT_V] = CT(v_mv), [M_CT_CT_I] = CT(i_ma), [M_CT_CT_P] = CT(p_mw), [M_CT_CT_Q] = CT(q_mvar), [M_CT_CT_S] = CT(s_mva), [M_CT_CT_PF] = CT(pf_e4),
    [M_CT_CT_ANGLE] = CT(angle_cdeg), [M_CT_CT_FLAGS] = CT(flags), [M_CT_CT_POINT] = CFG(ct, point), [M_CT_CT_VSEL] = CFG(ct, vsel),
    [M_POINT_P_P] = TOTAL(p_mw), [M_POINT_P_Q] = TOTAL(q_mvar), [M_POINT_P_NCT] = TOTAL(n_ct), [M_POINT_P_FLAGS] = TOTAL(flags),
    [M_CFG_CT_C_VSEL] = CFG(ct, vsel), [M_CFG_CT_C_POL] = CFG(ct, pol), [M_CFG_CT_C_GAIN] = CFG(ct, gain_f17), [M_CFG_CT_C_DELAY] = CFG(ct, delay),
    [M_CFG_CT_C_POINT] = CFG(ct, point), [M_CFG_CT_C_IFS] = CFG(ct, i_fs_ma),
    [M_CFG_V_CV_GAIN] = CFG(v, gain_f17), [M_CFG_V_CV_DELAY] = CFG(v, delay), [M_CFG_V_CV_VFS] = CFG(v, v_fs_mv),
    [M_CFG_POINT_CP_WEIGHT] = CFG(point, pulse_weight_mwh), [M_CFG_POINT_CP_CREEP] = CFG(point, creep_mw),
};

static const void *config_of(const struct pw_config *cfg, unsigned id, unsigned item)
{
    if (id >= M_FIRST_CFG_POINT)
        return &cfg->point[item];
    return id >= M_FIRST_CFG_V ? (const void *)&cfg->v[item] : &cfg->ct[item];
}

/* What the fields of a register's block are in. */
static const void *source_of(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    if (id >= M_FIRST_CFG_CT || id == M_CT_CT_POINT || id == M_CT_CT_VSEL)
        return config_of(m->cfg, id, item);
    if (id >= M_FIRST_POINT)
        return total(m, item);
    if (id >= M_FIRST_CT)
        return &m->snap->ct[item];
    if (id >= M_FIRST_DIAG)
        return m->diag;
    if (id >= M_FIRST_VOLT)
        return &m->snap->v[item];
    if (id == M_WINDOW_TOTAL_P || id == M_WINDOW_TOTAL_Q || id == M_WINDOW_TOTAL_DEL || id == M_WINDOW_ALL_FLAGS)
        return total(m, PW_ALL_POINTS);
    return id >= M_FIRST_WINDOW ? (const void *)m->snap : m->diag;
}

/* Registers of a CT or point: delivered, received, both of varh, quadrants. */
static uint64_t energy(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    static const uint8_t first[] = {PW_WH_DEL, PW_WH_REC, PW_VARH_Q1, PW_VARH_Q3, PW_VARH_Q1, PW_VARH_Q2, PW_VARH_Q3, PW_VARH_Q4};
    bool point = id >= M_FIRST_POINT;
    unsigned n = id - (point ? M_FIRST_POINT : M_FIRST_ENERGY);
    uint64_t sum = 0;
    for (unsigned kind = first[n]; kind <= first[n] + (n == 2 || n == 3 ? 1u : 0u); kind++)
        sum += point ? total(m, item)->energy[kind] : pw_snapshot_energy(m->snap, item, kind);
    return sum;
}
_Static_assert(PW_VARH_Q2 == PW_VARH_Q1 + 1 && PW_VARH_Q4 == PW_VARH_Q3 + 1, "quadrants follow each other");

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    switch (id) {
    case M_IDENT_MAGIC:       return 0x50574154;
    case M_IDENT_MAP_VERSION: return MAP_VERSION;
    case M_IDENT_FW_VERSION:  return PW_VERSION_BCD;
    case M_IDENT_N_CT:        return m->cfg->n_ct;
    case M_IDENT_N_POINTS:    return m->cfg->n_points;
    case M_IDENT_N_V:         return PW_N_V;
    case M_WINDOW_STATUS:     return status(m);
    case M_VOLT_FREQ:         return m->snap->freq_mhz;
    case M_DIAG_CFG_REVISION: return m->cfg->revision;
    case M_CT_CT_SEQ:
    case M_POINT_P_SEQ:       return m->snap->seq;
    case M_POINT_P_LEAD:      return (uint64_t)(int64_t)pw_config_point_lead(m->cfg, item);
    default:                  break;
    }
    if (id >= M_FIRST_ENERGY && id <= M_POINT_P_RREC)
        return energy(m, id, item);
    return pw_map_get(source_of(m, id, item), fields[id]);
}
_Static_assert(M_FIRST_IDENT == 0, "the first part of the map");

static const char *text(const struct pw_modbus_map *m, unsigned id, unsigned item)
{
    (void)id, (void)item;
    return m->cfg->serial;
}

/* @return false if the value does not fit its field; the relations are checked later */
static bool put(struct pw_config *cfg, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    return pw_map_put((void *)config_of(cfg, id, item), fields[id], word, v);
}

const struct pw_map_owner pw_map_base = {.get = get, .text = text, .put = put};
