/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/points.def. */
#include "modbus_map.h"
#include "points.h"
#include "service.h"

#define NOW(f)     PW_MAP_FIELD(struct pw_point_now, f)
#define WATCH(f)   PW_MAP_FIELD(struct pw_service_watch, f)
#define CFG(f)     PW_MAP_FIELD(struct pw_config, f)
#define CFG_CT(f)  PW_MAP_FIELD(struct pw_config_ct, f)
#define UWH(f)     {offsetof(struct pw_point_regs, f.w[1]), 3} /* as pw_u96_uwh */
#define OF(id)     ((id) - M_FIRST_POINTX)
/* The others are in get. */
static const struct pw_map_field fields[] = {
    [OF(M_POINTX_NET_DEL)] = UWH(net_del), [OF(M_POINTX_NET_REC)] = UWH(net_rec), [OF(M_POINTX_VA_DEL)] = UWH(va_del), [OF(M_POINTX_VA_REC)] = UWH(va_rec),
    [OF(M_POINTX_S_ARITH)] = NOW(s_arith_mva), [OF(M_POINTX_S_VECTOR)] = NOW(s_vector_mva), [OF(M_POINTX_PF_ARITH)] = NOW(pf_arith_e4),
    [OF(M_POINTX_PF_VECTOR)] = NOW(pf_vector_e4), [OF(M_POINTX_STATUS)] = NOW(status),
    [OF(M_SERVICE_DETECTED)] = WATCH(now.service), [OF(M_SERVICE_WHY)] = WATCH(now.why), [OF(M_SERVICE_SEQUENCE)] = WATCH(now.sequence),
    [OF(M_SERVICE_HIGH_LEG)] = WATCH(now.high_leg), [OF(M_SERVICE_MISSING)] = WATCH(now.missing), [OF(M_SERVICE_ABSENT)] = WATCH(now.absent),
    [OF(M_SERVICE_MISMATCH)] = WATCH(mismatch), [OF(M_SERVICE_MISFITS)] = WATCH(misfits), [OF(M_SERVICE_CHANGES)] = WATCH(changes),
    [OF(M_SERVICE_V)] = WATCH(now.v_mv),
    [OF(M_CFG2_SERVICE)] = CFG(service), [OF(M_CFG2_VA_METHOD)] = CFG(va_method), [OF(M_CFG2_V_NOMINAL)] = CFG(v_nominal_mv), [OF(M_CFG2_SAG)] = CFG(sag_e4),
    [OF(M_CFG2_SWELL)] = CFG(swell_e4), [OF(M_CFG2_INTERRUPTION)] = CFG(interruption_e4), [OF(M_CFG2_HYSTERESIS)] = CFG(hysteresis_e4),
};
static const struct pw_map_field ct_fields[] = {
    CFG_CT(rated_ma), CFG_CT(role), CFG_CT(curve), CFG_CT(i_noise_ua), CFG_CT(i_fs_ma), CFG_CT(point),
};
_Static_assert(sizeof ct_fields / sizeof ct_fields[0] == M_CFG_CT2_POINT + 1 - M_FIRST_CFG_CT2, "a field for each register");

/* What the fields of the configuration's registers are in. */
static const void *config_of(const struct pw_config *c, unsigned id, unsigned item)
{
    if (id >= M_FIRST_CFG_CT2)
        return &c->ct[item];
    return id >= M_FIRST_CURVE ? (const void *)&c->curve[item] : c;
}

static struct pw_map_field config_field(unsigned id)
{
    if (id >= M_FIRST_CFG_CT2)
        return ct_fields[id - M_FIRST_CFG_CT2];
    if (id > M_CURVE_N) /* the map has a point's three values as the struct has them */
        return (struct pw_map_field){(uint16_t)(offsetof(struct pw_config_curve, point) + 2u * (id - M_CURVE_L0)) & 0x3FFFu, 1};
    return id == M_CURVE_N ? (struct pw_map_field)PW_MAP_FIELD(struct pw_config_curve, n) : fields[OF(id)];
}
_Static_assert(sizeof(struct pw_config_curve_point) == 6 && offsetof(struct pw_config_curve_point, ratio_e6) == 2, "level, ratio, phase");

static uint64_t get_point(const struct pw_modbus_map *m, unsigned id, unsigned point)
{
    const struct pw_service_watch *w = PW_VIEW(m, service);
    const struct pw_points *p = PW_VIEW(m, points);
    struct pw_point_now now;
    if (id == M_POINTX_FORM)
        return m->cfg->point[point].form;
    if (id <= M_POINTX_VA_REC) {
        if (p == NULL)
            return 0;
        return id == M_POINTX_NET ? (uint64_t)pw_points_net_uwh(&p->point[point]) : pw_map_get(&p->point[point], fields[OF(id)]);
    }
    pw_points_now(m->cfg, m->snap, point, w != NULL ? pw_service_effective(w, m->cfg) : m->cfg->service, w != NULL ? w->now.missing : 0, &now);
    return pw_map_get(&now, fields[OF(id)]);
}

static uint64_t get_service(const struct pw_modbus_map *m, unsigned id)
{
    const struct pw_service_watch *w = PW_VIEW(m, service);
    if (w == NULL)
        return 0;
    if (id == M_SERVICE_EFFECTIVE)
        return pw_service_effective(w, m->cfg);
    if (id == M_SERVICE_NOMINAL)
        return m->cfg->v_nominal_mv != 0 ? m->cfg->v_nominal_mv : w->nominal_mv;
    return pw_map_get(w, fields[OF(id)]);
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

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    if (id >= M_FIRST_CFG_POINT2)
        return get_form(m->cfg, id, item);
    if (id >= M_FIRST_CFG2)
        return pw_map_get(config_of(m->cfg, id, item), config_field(id));
    return id >= M_FIRST_SERVICE ? get_service(m, id) : get_point(m, id, item);
}

static bool put(struct pw_config *next, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    if (id == M_CFG_POINT2_FORM)
        return pw_config_set_form(next, item, v & 0xFFu, v >> 8) == PW_OK;
    return pw_map_put((void *)config_of(next, id, item), config_field(id), word, v);
}

const struct pw_map_owner pw_map_points = {.get = get, .put = put};
