/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/calibration.def. */
#include "calibration.h"
#include "meter.h"
#include "modbus_map.h"

#define CAL(f) PW_MAP_FIELD(struct pw_calibration, f)
#define METER(f) PW_MAP_FIELD(struct pw_meter, f)
/* In the order of the map. */
static const struct pw_map_field fields[] = {
    CAL(step), CAL(target), CAL(blocks), CAL(state), CAL(result), CAL(taken), CAL(ref.v_mv[0]), CAL(ref.v_mv[1]), CAL(ref.v_mv[2]),
    CAL(ref.p_mw[0]), CAL(ref.p_mw[1]), CAL(ref.p_mw[2]), CAL(ref.q_mvar[0]), CAL(ref.q_mvar[1]), CAL(ref.q_mvar[2]),
    METER(curves), METER(delay_shift), METER(curve_cut),
};
_Static_assert(sizeof fields / sizeof fields[0] == M_CAL_CAL_CUT + 1 - M_FIRST_CAL, "a field for each register");

static uint64_t get_step(const struct pw_calibration *c, const struct pw_meter *meter, unsigned id)
{
    const void *from = id >= M_CAL_CAL_CURVES ? (const void *)meter : c;
    return from != NULL ? pw_map_get(from, fields[id - M_FIRST_CAL]) : 0;
}

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_calibration *c = PW_VIEW(m, calibration);
    if (c == NULL)
        return 0;
    if (id < M_FIRST_CAL_V)
        return get_step(c, PW_VIEW(m, meter), id);
    const struct pw_cal_channel *ch = &c->ch[id < M_FIRST_CAL_CT ? item : PW_N_V + item];
    bool known = ch->result != PW_CAL_NONE && c->state != PW_CAL_MEASURING;
    if (!known)
        return 0;
    switch (id) {
    case M_CAL_V_CALV_RESULT:
    case M_CAL_CT_CALC_RESULT: return ch->result;
    case M_CAL_V_CALV_ERROR:
    case M_CAL_CT_CALC_ERROR:  return (uint64_t)ch->found.error_e6;
    case M_CAL_CT_CALC_PHASE:  return (uint64_t)ch->found.phase_mdeg;
    case M_CAL_CT_CALC_NOISE:  return c->step == PW_CAL_NOLOAD ? (uint64_t)ch->found.gain_f17 : 0;
    default:                   return 0;
    }
}

static int command(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    struct pw_calibration *c = PW_VIEW(m, calibration);
    (void)item;
    if (c == NULL || (c->state == PW_CAL_MEASURING && id != M_CAL_CAL_COMMAND))
        return PW_MB_DEVICE_FAILURE; /* the reference of a step under way stays as it is */
    switch (id) {
    case M_CAL_CAL_COMMAND: {
        int may = v == PW_CAL_ABORT ? PW_MB_OK : pw_map_may_change(m, PW_GROUP_CALIBRATION);
        if (may != PW_MB_OK)
            return may;
        int err = pw_cal_command(c, v);
        return err == PW_OK ? PW_MB_OK : err == PW_ERR_RANGE ? PW_MB_ILLEGAL_VALUE : PW_MB_DEVICE_FAILURE;
    }
    case M_CAL_CAL_TARGET:
        if (v > m->cfg->n_ct)
            return PW_MB_ILLEGAL_VALUE;
        break;
    case M_CAL_CAL_BLOCKS:
        if (v < 1 || v > PW_CAL_BLOCKS_MAX)
            return PW_MB_ILLEGAL_VALUE;
        break;
    default: /* the reference */
        break;
    }
    return pw_map_put(c, fields[id - M_FIRST_CAL], word, v) ? PW_MB_OK : PW_MB_ILLEGAL_VALUE;
}

const struct pw_map_owner pw_map_calibration = {.get = get, .command = command};
