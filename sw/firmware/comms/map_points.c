/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/points.def. */
#include "modbus_map.h"
#include "points.h"
#include "service.h"

static uint64_t get_regs(const struct pw_modbus_map *m, unsigned id, unsigned point)
{
    const struct pw_points *p = PW_VIEW(m, points);
    if (p == NULL)
        return 0;
    const struct pw_point_regs *r = &p->point[point];
    switch (id) {
    case M_POINTX_NET_DEL: return pw_u96_uwh(&r->net_del);
    case M_POINTX_NET_REC: return pw_u96_uwh(&r->net_rec);
    case M_POINTX_NET:     return (uint64_t)pw_points_net_uwh(r);
    case M_POINTX_VA_DEL:  return pw_u96_uwh(&r->va_del);
    default:               return pw_u96_uwh(&r->va_rec);
    }
}

static uint64_t get_now(const struct pw_modbus_map *m, unsigned id, unsigned point)
{
    const struct pw_service_watch *w = PW_VIEW(m, service);
    struct pw_point_now now;
    pw_points_now(m->cfg, m->snap, point, w != NULL ? pw_service_effective(w, m->cfg) : m->cfg->service, w != NULL ? w->now.missing : 0, &now);
    switch (id) {
    case M_POINTX_S_ARITH:   return now.s_arith_mva;
    case M_POINTX_S_VECTOR:  return now.s_vector_mva;
    case M_POINTX_PF_ARITH:  return (uint64_t)now.pf_arith_e4;
    case M_POINTX_PF_VECTOR: return (uint64_t)now.pf_vector_e4;
    case M_POINTX_FORM:      return m->cfg->point[point].form;
    case M_POINTX_STATUS:    return now.status;
    default:                 return 0;
    }
}

static uint64_t get_service(const struct pw_modbus_map *m, unsigned id)
{
    const struct pw_service_watch *w = PW_VIEW(m, service);
    if (w == NULL)
        return 0;
    switch (id) {
    case M_SERVICE_DETECTED:  return w->now.service;
    case M_SERVICE_EFFECTIVE: return pw_service_effective(w, m->cfg);
    case M_SERVICE_WHY:       return w->now.why;
    case M_SERVICE_SEQUENCE:  return w->now.sequence;
    case M_SERVICE_HIGH_LEG:  return w->now.high_leg;
    case M_SERVICE_MISSING:   return w->now.missing;
    case M_SERVICE_ABSENT:    return w->now.absent;
    case M_SERVICE_MISMATCH:  return w->mismatch;
    case M_SERVICE_MISFITS:   return w->misfits;
    case M_SERVICE_NOMINAL:   return m->cfg->v_nominal_mv != 0 ? m->cfg->v_nominal_mv : w->nominal_mv;
    case M_SERVICE_CHANGES:   return w->changes;
    case M_SERVICE_V:         return w->now.v_mv;
    default:                  return 0;
    }
}

static uint64_t get_cfg2(const struct pw_config *c, unsigned id)
{
    switch (id) {
    case M_CFG2_SERVICE:      return c->service;
    case M_CFG2_VA_METHOD:    return c->va_method;
    case M_CFG2_V_NOMINAL:    return c->v_nominal_mv;
    case M_CFG2_SAG:          return c->sag_e4;
    case M_CFG2_SWELL:        return c->swell_e4;
    case M_CFG2_INTERRUPTION: return c->interruption_e4;
    case M_CFG2_HYSTERESIS:   return c->hysteresis_e4;
    default:                  return 0;
    }
}

static uint64_t get_curve(const struct pw_config_curve *t, unsigned id)
{
    if (id == M_CURVE_N)
        return t->n;
    unsigned k = (id - M_CURVE_L0) / 3;
    switch ((id - M_CURVE_L0) % 3) {
    case 0:  return t->point[k].level_e4;
    case 1:  return (uint64_t)t->point[k].ratio_e6;
    default: return (uint64_t)t->point[k].phase_cmin;
    }
}

static uint64_t get_form(const struct pw_config *c, unsigned id, unsigned point)
{
    const struct pw_form_info *f = pw_form_info(c->point[point].form);
    unsigned n = 0;
    for (unsigned k = 0; k < c->n_ct; k++)
        n += c->ct[k].point == point;
    switch (id) {
    case M_CFG_POINT2_FORM:     return c->point[point].form;
    case M_CFG_POINT2_ELEMENTS: return f != NULL ? f->n_elements : 0;
    default:                    return f != NULL && f->n_elements != 0 ? n / f->n_elements : 0;
    }
}

static uint64_t get_ct2(const struct pw_config_ct *ct, unsigned id)
{
    switch (id) {
    case M_CFG_CT2_RATED: return ct->rated_ma;
    case M_CFG_CT2_ROLE:  return ct->role;
    case M_CFG_CT2_CURVE: return ct->curve;
    case M_CFG_CT2_NOISE: return ct->i_noise_ua;
    case M_CFG_CT2_I_FS:  return ct->i_fs_ma;
    case M_CFG_CT2_POINT: return ct->point;
    default:              return 0;
    }
}

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    if (id >= M_FIRST_CFG_POINT2)
        return get_form(m->cfg, id, item);
    if (id >= M_FIRST_CFG_CT2)
        return get_ct2(&m->cfg->ct[item], id);
    if (id >= M_FIRST_CURVE)
        return get_curve(&m->cfg->curve[item], id);
    if (id >= M_FIRST_CFG2)
        return get_cfg2(m->cfg, id);
    if (id >= M_FIRST_SERVICE)
        return get_service(m, id);
    return id <= M_POINTX_VA_REC ? get_regs(m, id, item) : get_now(m, id, item);
}

static bool put_cfg2(struct pw_config *c, unsigned id, unsigned word, uint16_t v)
{
    bool fits = v <= UINT8_MAX;
    switch (id) {
    case M_CFG2_SERVICE:      c->service = (uint8_t)v; return fits;
    case M_CFG2_VA_METHOD:    c->va_method = (uint8_t)v; return fits;
    case M_CFG2_V_NOMINAL:    c->v_nominal_mv = pw_map_put_word(c->v_nominal_mv, word, v); return true;
    case M_CFG2_SAG:          c->sag_e4 = v; return true;
    case M_CFG2_SWELL:        c->swell_e4 = v; return true;
    case M_CFG2_INTERRUPTION: c->interruption_e4 = v; return true;
    case M_CFG2_HYSTERESIS:   c->hysteresis_e4 = v; return true;
    default:                  return false;
    }
}

static bool put_curve(struct pw_config_curve *t, unsigned id, uint16_t v)
{
    if (id == M_CURVE_N) {
        t->n = (uint8_t)v;
        return v <= PW_CURVE_POINTS;
    }
    struct pw_config_curve_point *p = &t->point[(id - M_CURVE_L0) / 3];
    switch ((id - M_CURVE_L0) % 3) {
    case 0:  p->level_e4 = v; break;
    case 1:  p->ratio_e6 = (int16_t)v; break;
    default: p->phase_cmin = (int16_t)v; break;
    }
    return true;
}

static bool put_ct2(struct pw_config_ct *ct, unsigned id, unsigned word, uint16_t v)
{
    bool fits = v <= UINT8_MAX;
    switch (id) {
    case M_CFG_CT2_RATED: ct->rated_ma = pw_map_put_word(ct->rated_ma, word, v); return true;
    case M_CFG_CT2_ROLE:  ct->role = (uint8_t)v; return fits;
    case M_CFG_CT2_CURVE: ct->curve = (uint8_t)v; return fits;
    case M_CFG_CT2_NOISE: ct->i_noise_ua = v; return true;
    case M_CFG_CT2_I_FS:  ct->i_fs_ma = pw_map_put_word(ct->i_fs_ma, word, v); return true;
    case M_CFG_CT2_POINT: ct->point = (uint8_t)v; return fits;
    default:              return false;
    }
}

static bool put(struct pw_config *next, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    if (id == M_CFG_POINT2_FORM)
        return pw_config_set_form(next, item, v & 0xFFu, v >> 8) == PW_OK;
    if (id >= M_FIRST_CFG_CT2)
        return put_ct2(&next->ct[item], id, word, v);
    return id >= M_FIRST_CURVE ? put_curve(&next->curve[item], id, v) : put_cfg2(next, id, word, v);
}

const struct pw_map_owner pw_map_points = {.get = get, .put = put};
