/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/base.def. */
#include "modbus_map.h"
#include "version.h"

#define MAP_VERSION 2u

static const struct pw_total *total(struct pw_modbus_map *m, unsigned point)
{
    if (!m->total_known || m->total_of != point) {
        pw_snapshot_total(m->snap, m->cfg, point, &m->total);
        m->total_of = point;
        m->total_known = true;
    }
    return &m->total;
}

static unsigned status(const struct pw_modbus_map *m)
{
    const struct pw_diag *d = m->diag;
    return (unsigned)m->snap->freq_valid | (unsigned)m->snap->timeout << 1 | (unsigned)d->unsealed << 2 | (unsigned)d->fram_ok << 3 |
           (unsigned)d->link << 4 | (unsigned)d->config_default << 5 | (unsigned)pw_diag_fault(d) << 6;
}

static uint64_t get_general(struct pw_modbus_map *m, unsigned what, unsigned item)
{
    const struct pw_snapshot *s = m->snap;
    const struct pw_diag *d = m->diag;
    switch (what) {
    case M_IDENT_MAGIC:       return 0x50574154;
    case M_IDENT_MAP_VERSION: return MAP_VERSION;
    case M_IDENT_GW_VERSION:  return d->gateware_version;
    case M_IDENT_FW_VERSION:  return PW_VERSION_BCD;
    case M_IDENT_N_CT:        return m->cfg->n_ct;
    case M_IDENT_N_POINTS:    return m->cfg->n_points;
    case M_IDENT_N_V:         return PW_N_V;
    case M_IDENT_RAM_KIB:     return d->ram_kib;
    case M_IDENT_FS_MHZ:      return d->fs_mhz;
    case M_IDENT_CLK_HZ:      return d->clk_hz;
    case M_WINDOW_SEQ:        return s->seq;
    case M_WINDOW_SAMPLES:    return s->samples;
    case M_WINDOW_CYCLES:     return s->cycles;
    case M_WINDOW_FREQ:
    case M_VOLT_FREQ:         return s->freq_mhz;
    case M_WINDOW_STATUS:     return status(m);
    case M_WINDOW_UPTIME_WIN: return s->time_us;
    case M_WINDOW_TOTAL_P:    return (uint64_t)total(m, PW_ALL_POINTS)->p_mw;
    case M_WINDOW_TOTAL_Q:    return (uint64_t)total(m, PW_ALL_POINTS)->q_mvar;
    case M_WINDOW_TOTAL_DEL:  return total(m, PW_ALL_POINTS)->energy[PW_WH_DEL];
    case M_WINDOW_ALL_FLAGS:  return total(m, PW_ALL_POINTS)->flags;
    case M_WINDOW_FE_SEQ:     return s->fe_seq;
    case M_VOLT_V_MV:         return s->v[item].v_mv;
    case M_VOLT_V_ANGLE:      return (uint64_t)s->v[item].angle_cdeg;
    case M_VOLT_V_FLAGS:      return s->v[item].flags;
    default:            return 0;
    }
}

static uint64_t get_diag(const struct pw_modbus_map *m, unsigned what)
{
    const struct pw_diag *d = m->diag;
    switch (what) {
    case M_DIAG_LOAD:          return d->load_e4;
    case M_DIAG_WORST:         return d->worst_us;
    case M_DIAG_WORST_1S:      return d->worst_1s_us;
    case M_DIAG_PASSES:        return d->passes_1s;
    case M_DIAG_STACK:         return d->stack_used_b;
    case M_DIAG_BUSERR:        return d->bus_errors;
    case M_DIAG_BUSERR_ADDR:   return d->bus_error_addr;
    case M_DIAG_UPTIME:        return d->uptime_s;
    case M_DIAG_RESET:         return d->reset_cause;
    case M_DIAG_MISSED:        return d->missed_windows;
    case M_DIAG_REJECTED:      return d->energy_rejected;
    case M_DIAG_MISMATCH:      return d->energy_mismatches;
    case M_DIAG_LOST:          return d->samples_lost;
    case M_DIAG_SAVES:         return d->saves;
    case M_DIAG_SAVE_ERRORS:   return d->save_errors;
    case M_DIAG_MB_REQUESTS:   return d->modbus_requests;
    case M_DIAG_MB_EXCEPTIONS: return d->modbus_exceptions;
    case M_DIAG_MB_CLOSED:     return d->modbus_closed;
    case M_DIAG_CLIENTS:       return d->clients;
    case M_DIAG_CFG_REVISION:  return m->cfg->revision;
    default:              return 0;
    }
}

static uint64_t get_ct(const struct pw_modbus_map *m, unsigned what, unsigned k)
{
    const struct pw_meas_ct *c = &m->snap->ct[k];
    switch (what) {
    case M_CT_CT_V:       return c->v_mv;
    case M_CT_CT_I:       return c->i_ma;
    case M_CT_CT_P:       return (uint64_t)c->p_mw;
    case M_CT_CT_Q:       return (uint64_t)c->q_mvar;
    case M_CT_CT_S:       return c->s_mva;
    case M_CT_CT_PF:      return (uint64_t)c->pf_e4;
    case M_CT_CT_ANGLE:   return (uint64_t)c->angle_cdeg;
    case M_CT_CT_FLAGS:   return c->flags;
    case M_CT_CT_POINT:   return m->cfg->ct[k].point;
    case M_CT_CT_VSEL:    return m->cfg->ct[k].vsel;
    case M_CT_CT_SEQ:     return m->snap->seq;
    case M_ENERGY_E_DEL:  return pw_snapshot_energy(m->snap, k, PW_WH_DEL);
    case M_ENERGY_E_REC:  return pw_snapshot_energy(m->snap, k, PW_WH_REC);
    case M_ENERGY_E_RDEL: return pw_snapshot_energy(m->snap, k, PW_VARH_Q1) + pw_snapshot_energy(m->snap, k, PW_VARH_Q2);
    case M_ENERGY_E_RREC: return pw_snapshot_energy(m->snap, k, PW_VARH_Q3) + pw_snapshot_energy(m->snap, k, PW_VARH_Q4);
    case M_ENERGY_E_Q1:   return pw_snapshot_energy(m->snap, k, PW_VARH_Q1);
    case M_ENERGY_E_Q2:   return pw_snapshot_energy(m->snap, k, PW_VARH_Q2);
    case M_ENERGY_E_Q3:   return pw_snapshot_energy(m->snap, k, PW_VARH_Q3);
    case M_ENERGY_E_Q4:   return pw_snapshot_energy(m->snap, k, PW_VARH_Q4);
    default:         return 0;
    }
}

static uint64_t get_point(struct pw_modbus_map *m, unsigned what, unsigned point)
{
    const struct pw_total *t = total(m, point);
    switch (what) {
    case M_POINT_P_DEL:   return t->energy[PW_WH_DEL];
    case M_POINT_P_REC:   return t->energy[PW_WH_REC];
    case M_POINT_P_RDEL:  return t->energy[PW_VARH_Q1] + t->energy[PW_VARH_Q2];
    case M_POINT_P_RREC:  return t->energy[PW_VARH_Q3] + t->energy[PW_VARH_Q4];
    case M_POINT_P_P:     return (uint64_t)t->p_mw;
    case M_POINT_P_Q:     return (uint64_t)t->q_mvar;
    case M_POINT_P_NCT:   return t->n_ct;
    case M_POINT_P_FLAGS: return t->flags;
    case M_POINT_P_LEAD:  return (uint64_t)(int64_t)pw_config_point_lead(m->cfg, point);
    case M_POINT_P_SEQ:   return m->snap->seq;
    default:        return 0;
    }
}

static uint64_t get_cfg(const struct pw_config *cfg, unsigned what, unsigned item)
{
    switch (what) {
    case M_CFG_CT_C_VSEL:       return cfg->ct[item].vsel;
    case M_CFG_CT_C_POL:        return cfg->ct[item].pol;
    case M_CFG_CT_C_GAIN:       return (uint64_t)cfg->ct[item].gain_f17;
    case M_CFG_CT_C_DELAY:      return cfg->ct[item].delay;
    case M_CFG_CT_C_POINT:      return cfg->ct[item].point;
    case M_CFG_CT_C_IFS:        return cfg->ct[item].i_fs_ma;
    case M_CFG_V_CV_GAIN:       return (uint64_t)cfg->v[item].gain_f17;
    case M_CFG_V_CV_DELAY:      return cfg->v[item].delay;
    case M_CFG_V_CV_VFS:        return cfg->v[item].v_fs_mv;
    case M_CFG_POINT_CP_WEIGHT: return cfg->point[item].pulse_weight_mwh;
    case M_CFG_POINT_CP_CREEP:  return cfg->point[item].creep_mw;
    default:          return 0;
    }
}

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    if (id >= M_FIRST_CFG_CT)
        return get_cfg(m->cfg, id, item);
    if (id >= M_FIRST_POINT)
        return get_point(m, id, item);
    if (id >= M_FIRST_CT)
        return get_ct(m, id, item);
    return id >= M_FIRST_DIAG ? get_diag(m, id) : get_general(m, id, item);
}

static const char *text(const struct pw_modbus_map *m, unsigned id, unsigned item)
{
    (void)id, (void)item;
    return m->cfg->serial;
}

/* @return false if the value does not fit its field; the relations are checked later */
static bool put(struct pw_config *cfg, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    struct pw_config_ct *ct = &cfg->ct[item];
    struct pw_config_point *pt = &cfg->point[item];
    bool fits = v <= UINT8_MAX;
    switch (id) {
    case M_CFG_CT_C_VSEL:       ct->vsel = (uint8_t)v; return fits;
    case M_CFG_CT_C_POL:        ct->pol = (uint8_t)v; return fits;
    case M_CFG_CT_C_GAIN:       ct->gain_f17 = (int16_t)v; return true;
    case M_CFG_CT_C_DELAY:      ct->delay = (uint8_t)v; return fits;
    case M_CFG_CT_C_POINT:      ct->point = (uint8_t)v; return fits;
    case M_CFG_V_CV_GAIN:       cfg->v[item].gain_f17 = (int16_t)v; return true;
    case M_CFG_V_CV_DELAY:      cfg->v[item].delay = (uint8_t)v; return fits;
    case M_CFG_POINT_CP_WEIGHT: pt->pulse_weight_mwh = pw_map_put_word(pt->pulse_weight_mwh, word, v); return true;
    case M_CFG_POINT_CP_CREEP:  pt->creep_mw = pw_map_put_word(pt->creep_mw, word, v); return true;
    default:          return false;
    }
}

const struct pw_map_owner pw_map_base = {.get = get, .text = text, .put = put};
