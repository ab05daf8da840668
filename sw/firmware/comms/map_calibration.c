/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/calibration.def. */
#include "calibration.h"
#include "meter.h"
#include "modbus_map.h"

static uint64_t get_step(const struct pw_calibration *c, const struct pw_meter *meter, unsigned id)
{
    const struct pw_cal_reference *r = &c->ref;
    switch (id) {
    case M_CAL_CAL_COMMAND: return c->step;
    case M_CAL_CAL_TARGET:  return c->target;
    case M_CAL_CAL_BLOCKS:  return c->blocks;
    case M_CAL_CAL_STATE:   return c->state;
    case M_CAL_CAL_RESULT:  return c->result;
    case M_CAL_CAL_TAKEN:   return c->taken;
    case M_CAL_CAL_REF_VA:  return r->v_mv[0];
    case M_CAL_CAL_REF_VB:  return r->v_mv[1];
    case M_CAL_CAL_REF_VC:  return r->v_mv[2];
    case M_CAL_CAL_REF_PA:  return (uint64_t)r->p_mw[0];
    case M_CAL_CAL_REF_PB:  return (uint64_t)r->p_mw[1];
    case M_CAL_CAL_REF_PC:  return (uint64_t)r->p_mw[2];
    case M_CAL_CAL_REF_QA:  return (uint64_t)r->q_mvar[0];
    case M_CAL_CAL_REF_QB:  return (uint64_t)r->q_mvar[1];
    case M_CAL_CAL_REF_QC:  return (uint64_t)r->q_mvar[2];
    case M_CAL_CAL_CURVES:  return meter != NULL && meter->curves;
    case M_CAL_CAL_SHIFT:   return meter != NULL ? meter->delay_shift : 0;
    case M_CAL_CAL_CUT:     return meter != NULL ? meter->curve_cut : 0;
    default:                return 0;
    }
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
    if (c == NULL || c->state == PW_CAL_MEASURING) {
        if (c == NULL || id != M_CAL_CAL_COMMAND)
            return PW_MB_DEVICE_FAILURE; /* the reference of a step under way stays as it is */
    }
    uint32_t *v_mv = c->ref.v_mv;
    int32_t *p = c->ref.p_mw, *q = c->ref.q_mvar;
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
        c->target = (uint8_t)v;
        return PW_MB_OK;
    case M_CAL_CAL_BLOCKS:
        if (v < 1 || v > PW_CAL_BLOCKS_MAX)
            return PW_MB_ILLEGAL_VALUE;
        c->blocks = (uint8_t)v;
        return PW_MB_OK;
    case M_CAL_CAL_REF_VA: case M_CAL_CAL_REF_VB: case M_CAL_CAL_REF_VC:
        v_mv += id - M_CAL_CAL_REF_VA;
        *v_mv = pw_map_put_word(*v_mv, word, v);
        return PW_MB_OK;
    case M_CAL_CAL_REF_PA: case M_CAL_CAL_REF_PB: case M_CAL_CAL_REF_PC:
        p += id - M_CAL_CAL_REF_PA;
        *p = (int32_t)pw_map_put_word((uint32_t)*p, word, v);
        return PW_MB_OK;
    default: /* REF_QA .. REF_QC */
        q += id - M_CAL_CAL_REF_QA;
        *q = (int32_t)pw_map_put_word((uint32_t)*q, word, v);
        return PW_MB_OK;
    }
}

const struct pw_map_owner pw_map_calibration = {.get = get, .command = command};
