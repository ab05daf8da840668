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

#define SNAP(f)  PW_MAP_FIELD(struct pw_snapshot, f)
#define SPEC(f)  PW_MAP_FIELD(struct pw_spectrum, f)
#define MEAS(f)  PW_MAP_FIELD(struct pw_meas_v, f)
#define PHASE(f) PW_MAP_FIELD(struct pw_vevent_phase, f)
#define EVENT(f) PW_MAP_FIELD(struct pw_vevent, f)
#define CT(f)    PW_MAP_FIELD(struct pw_spec_ct, f)
#define OF(id)   ((id) - M_FIRST_VX)
#define OF_CT(id) ((id) - M_CTX_P1)
#define OF_EVENT(id) ((id) - M_FIRST_VEVENT)
/* Of the voltages, the CTs' spectrum, the events; the others are in get_... */
static const struct pw_map_field fields[] = {
    [OF(M_VX_AGG)] = SNAP(agg), [OF(M_VX_AGG_SAMPLES)] = SNAP(agg_samples), [OF(M_VX_AGG_WINDOWS)] = SNAP(agg_windows), [OF(M_VX_PASSES)] = SPEC(passes),
    [OF(M_VX_PASSES_LOST)] = SPEC(lost), [OF(M_VXV_VLL)] = MEAS(ll_mv), [OF(M_VXV_V_WIN)] = MEAS(win_mv),
    [OF(M_VXV_U_HALF)] = PHASE(u_mv), [OF(M_VXV_U_MIN)] = PHASE(min_mv), [OF(M_VXV_U_MAX)] = PHASE(max_mv),
};
static const struct pw_map_field ct_fields[] = {CT(p1_mw), CT(q1_mvar), CT(i1_ua), CT(ph_mw), CT(thd_e4), CT(dpf_e4)};
_Static_assert(sizeof ct_fields / sizeof ct_fields[0] == M_CTX_RESIDUAL - M_CTX_P1, "a field for each register");
static const struct pw_map_field event_fields[] = {
    [OF_EVENT(M_VEVENT_NUMBER)] = EVENT(number), [OF_EVENT(M_VEVENT_KIND)] = EVENT(kind), [OF_EVENT(M_VEVENT_PHASE)] = EVENT(phase),
    [OF_EVENT(M_VEVENT_START)] = EVENT(start_us), [OF_EVENT(M_VEVENT_DURATION)] = EVENT(duration_ms), [OF_EVENT(M_VEVENT_LEVEL)] = EVENT(level_mv),
    [OF_EVENT(M_VEVENT_REF)] = EVENT(ref_mv),
};

static uint64_t get_general(const struct pw_modbus_map *m, unsigned id)
{
    const struct pw_spectrum *s = PW_VIEW(m, spectrum);
    if (id == M_VX_HAS_SPECTRUM)
        return spectrum(m) != NULL;
    const void *from = id < M_VX_HAS_SPECTRUM ? (const void *)m->snap : s;
    return from != NULL ? pw_map_get(from, fields[OF(id)]) : 0;
}

static uint64_t get_voltage(const struct pw_modbus_map *m, unsigned id, unsigned v)
{
    const struct pw_spectrum *s = spectrum(m);
    const struct pw_voltage_events *e = PW_VIEW(m, voltage_events);
    if (id <= M_VXV_V_WIN)
        return pw_map_get(&m->snap->v[v], fields[OF(id)]);
    if (id == M_VXV_V_THD)
        return s != NULL ? s->thd_e4[v] : PW_SPECTRUM_NO_THD;
    if (id <= M_VXV_V1_ANGLE)
        return s == NULL ? 0 : id == M_VXV_V1 ? pw_spectrum_rms(s, v) : (uint64_t)(int64_t)pw_spectrum_angle_cdeg(s, v);
    if (e == NULL)
        return 0;
    const struct pw_vevent_phase *p = &e->phase[v];
    if (id == M_VXV_U_REF)
        return pw_vevents_ref_mv(e, v);
    if (id == M_VXV_U_EVENT)
        return p->event != 0 ? e->ring[p->event - 1u].kind : PW_VEVENT_NONE;
    return pw_map_get(p, fields[OF(id)]);
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
    if (id == M_CTX_RESIDUAL)
        return at_most_u32((pw_spectrum_residual_ua(s, m->cfg->ct[k].point) + 500) / 1000);
    return pw_map_get(&c, ct_fields[OF_CT(id)]);
}

static uint64_t get_event(const struct pw_modbus_map *m, unsigned id, unsigned i)
{
    const struct pw_voltage_events *e = PW_VIEW(m, voltage_events);
    if (e == NULL)
        return 0;
    if (id < M_FIRST_VEVENT)
        return id == M_VEVENTS_COUNT ? e->count : id == M_VEVENTS_HALF_LOST ? e->lost : e->present ? 10 : 200; /* RESOLUTION */
    const struct pw_vevent *v = pw_vevents_get(e, i);
    if (v == NULL)
        return 0;
    return id == M_VEVENT_STATUS ? (unsigned)v->active | (unsigned)v->coarse << 1 : pw_map_get(v, event_fields[OF_EVENT(id)]);
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
