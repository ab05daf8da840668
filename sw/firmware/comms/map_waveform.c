/* SPDX-License-Identifier: Apache-2.0 */
/* Values and commands of map/waveform.def. */
#include "modbus_map.h"
#include "waveform.h"

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_waveform *w = PW_VIEW(m, waveform);
    if (w == NULL)
        return 0;
    switch (id) {
    case M_WAVE_STATE:         return w->state;
    case M_WAVE_CAUSE:         return w->cause;
    case M_WAVE_CHANNEL:       return w->ch;
    case M_WAVE_N_CHANNELS:    return w->n_ch;
    case M_WAVE_N_FRAMES:      return w->state == PW_WAVE_COMPLETE ? w->n_frames : 0;
    case M_WAVE_TRIG:          return w->trig;
    case M_WAVE_TIME:          return w->time_us;
    case M_WAVE_SHIFT:         return w->shift;
    case M_WAVE_FS:            return m->diag->fs_mhz;
    case M_WAVE_DEPTH:         return w->ring_log2 != 0 ? 1u << w->ring_log2 : 0;
    case M_WAVE_PRE:           return w->set.pre_pct;
    case M_WAVE_LEVEL_V:       return w->set.level_v_e4;
    case M_WAVE_LEVEL_I:       return w->set.level_i_e4;
    case M_WAVE_CAUSES:        return w->set.causes;
    case M_WAVE_SELECT:        return w->select;
    case M_WAVE_CAPTURE:       return w->captures;
    case M_WAVE_DATA_SAMPLE:   return (uint64_t)pw_waveform_sample(w, w->select + item);
    default:                   return 0;
    }
}

static int order(struct pw_waveform *w, uint16_t v)
{
    if (v == 1)
        return pw_waveform_arm(w, &w->set) == PW_OK ? PW_MB_OK : PW_MB_ILLEGAL_VALUE;
    if (v != 2)
        return PW_MB_ILLEGAL_VALUE;
    if (w->state != PW_WAVE_ARMED)
        return PW_MB_DEVICE_FAILURE;
    pw_waveform_trigger(w, PW_WAVE_MANUAL);
    return PW_MB_OK;
}

static int command(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    struct pw_waveform *w = PW_VIEW(m, waveform);
    uint16_t limit = id == M_WAVE_PRE ? 99 : id == M_WAVE_CAUSES ? (1u << PW_WAVE_N_CAUSES) - 1 : 9999;
    (void)item;
    if (w == NULL || w->state == PW_WAVE_ABSENT)
        return PW_MB_DEVICE_FAILURE;
    if (id == M_WAVE_SELECT) {
        w->select = pw_map_put_word(w->select, word, v);
        return PW_MB_OK;
    }
    if (id == M_WAVE_COMMAND)
        return order(w, v);
    if (v > limit)
        return PW_MB_ILLEGAL_VALUE;
    *(id == M_WAVE_PRE ? &w->set.pre_pct : id == M_WAVE_LEVEL_V ? &w->set.level_v_e4 : id == M_WAVE_LEVEL_I ? &w->set.level_i_e4 : &w->set.causes) = v;
    return PW_MB_OK;
}

const struct pw_map_owner pw_map_waveform = {.get = get, .command = command};
