/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/quantities.def but the harmonics. */
#include "meter.h"
#include "modbus_map.h"
#include "spectrum.h"
#include "voltage_events.h"

static uint64_t at_most_u32(uint64_t v)
{
    return v > UINT32_MAX ? UINT32_MAX : v;
}

static const struct pw_spectrum *spectrum(const struct pw_modbus_map *m)
{
    const struct pw_spectrum *s = PW_VIEW(m, spectrum);
    return s != NULL && s->passes != 0 ? s : NULL;
}

static uint64_t get_general(const struct pw_modbus_map *m, unsigned id)
{
    const struct pw_spectrum *s = PW_VIEW(m, spectrum);
    switch (id) {
    case M_VX_AGG:          return m->snap->agg;
    case M_VX_AGG_SAMPLES:  return m->snap->agg_samples;
    case M_VX_AGG_WINDOWS:  return m->snap->agg_windows;
    case M_VX_HAS_SPECTRUM: return spectrum(m) != NULL;
    case M_VX_PASSES:       return s != NULL ? s->passes : 0;
    case M_VX_PASSES_LOST:  return s != NULL ? s->lost : 0;
    default:                return 0;
    }
}

static uint64_t get_voltage(const struct pw_modbus_map *m, unsigned id, unsigned v)
{
    const struct pw_spectrum *s = spectrum(m);
    const struct pw_voltage_events *e = PW_VIEW(m, voltage_events);
    const struct pw_vevent_phase *p = e != NULL ? &e->phase[v] : NULL;
    switch (id) {
    case M_VXV_VLL:      return m->snap->v[v].ll_mv;
    case M_VXV_V_WIN:    return m->snap->v[v].win_mv;
    case M_VXV_V1:       return s != NULL ? pw_spectrum_rms(s, v) : 0;
    case M_VXV_V1_ANGLE: return s != NULL ? (uint64_t)(int64_t)pw_spectrum_angle_cdeg(s, v) : 0;
    case M_VXV_V_THD:    return s != NULL ? s->thd_e4[v] : PW_SPECTRUM_NO_THD;
    case M_VXV_U_HALF:   return p != NULL ? p->u_mv : 0;
    case M_VXV_U_MIN:    return p != NULL ? p->min_mv : 0;
    case M_VXV_U_MAX:    return p != NULL ? p->max_mv : 0;
    case M_VXV_U_REF:    return e != NULL ? pw_vevents_ref_mv(e, v) : 0;
    case M_VXV_U_EVENT:  return p != NULL && p->event != 0 ? e->ring[p->event - 1u].kind : PW_VEVENT_NONE;
    default:             return 0;
    }
}

static uint64_t get_ct(const struct pw_modbus_map *m, unsigned id, unsigned k)
{
    const struct pw_spectrum *s = spectrum(m);
    struct pw_spec_ct c = {.thd_e4 = PW_SPECTRUM_NO_THD};
    if (id == M_CTX_I_UA)
        return at_most_u32(pw_meas_i_ua(&m->snap->ct[k]));
    if (id == M_CTX_I_WIN)
        return at_most_u32(pw_snapshot_i_window_ua(m->snap, m->cfg, k));
    if (s == NULL || (id != M_CTX_RESIDUAL && pw_spectrum_ct(s, k, &c) != PW_OK))
        return id == M_CTX_I_THD ? PW_SPECTRUM_NO_THD : 0;
    switch (id) {
    case M_CTX_P1:       return (uint64_t)c.p1_mw;
    case M_CTX_Q1:       return (uint64_t)c.q1_mvar;
    case M_CTX_I1:       return c.i1_ua;
    case M_CTX_PH:       return (uint64_t)c.ph_mw;
    case M_CTX_I_THD:    return c.thd_e4;
    case M_CTX_DPF:      return (uint64_t)c.dpf_e4;
    case M_CTX_RESIDUAL: return at_most_u32((pw_spectrum_residual_ua(s, m->cfg->ct[k].point) + 500) / 1000);
    default:             return 0;
    }
}

static uint64_t get_event(const struct pw_modbus_map *m, unsigned id, unsigned i)
{
    const struct pw_voltage_events *e = PW_VIEW(m, voltage_events);
    const struct pw_vevent *v = e != NULL ? pw_vevents_get(e, i) : NULL;
    if (e != NULL && id == M_VEVENTS_COUNT)
        return e->count;
    if (e != NULL && id == M_VEVENTS_RESOLUTION)
        return e->present ? 10 : 200;
    if (e != NULL && id == M_VEVENTS_HALF_LOST)
        return e->lost;
    if (v == NULL)
        return 0;
    switch (id) {
    case M_VEVENT_NUMBER:   return v->number;
    case M_VEVENT_KIND:     return v->kind;
    case M_VEVENT_PHASE:    return v->phase;
    case M_VEVENT_STATUS:   return (unsigned)v->active | (unsigned)v->coarse << 1;
    case M_VEVENT_START:    return v->start_us;
    case M_VEVENT_DURATION: return v->duration_ms;
    case M_VEVENT_LEVEL:    return v->level_mv;
    case M_VEVENT_REF:      return v->ref_mv;
    default:                return 0;
    }
}

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_meter *meter = PW_VIEW(m, meter);
    if (id >= M_FIRST_VEVENTS)
        return get_event(m, id, item);
    if (id >= M_FIRST_CTX)
        return get_ct(m, id, item);
    if (id >= M_FIRST_VAH)
        return meter != NULL ? pw_energy_va(&meter->energy->ct[item], id == M_VAH_VA_REC) : 0;
    return id >= M_FIRST_VXV ? get_voltage(m, id, item) : get_general(m, id);
}

const struct pw_map_owner pw_map_quantities = {.get = get};
