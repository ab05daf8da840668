/* SPDX-License-Identifier: Apache-2.0 */
/* Values and commands of map/waveform.def. */
#include "modbus_map.h"
#include "waveform.h"

#define WAVE(f) PW_MAP_FIELD(struct pw_waveform, f)
#define OF(id)  ((id) - M_FIRST_WAVE)
/* The others are in get. */
static const struct pw_map_field fields[] = {
    [OF(M_WAVE_STATE)] = WAVE(state), [OF(M_WAVE_CAUSE)] = WAVE(cause), [OF(M_WAVE_CHANNEL)] = WAVE(ch), [OF(M_WAVE_N_CHANNELS)] = WAVE(n_ch),
    [OF(M_WAVE_N_FRAMES)] = WAVE(n_frames), [OF(M_WAVE_TRIG)] = WAVE(trig), [OF(M_WAVE_TIME)] = WAVE(time_us), [OF(M_WAVE_SHIFT)] = WAVE(shift),
    [OF(M_WAVE_PRE)] = WAVE(set.pre_pct), [OF(M_WAVE_LEVEL_V)] = WAVE(set.level_v_e4), [OF(M_WAVE_LEVEL_I)] = WAVE(set.level_i_e4),
    [OF(M_WAVE_CAUSES)] = WAVE(set.causes), [OF(M_WAVE_SELECT)] = WAVE(select), [OF(M_WAVE_CAPTURE)] = WAVE(captures),
};

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_waveform *w = PW_VIEW(m, waveform);
    if (w == NULL || id == M_WAVE_COMMAND || (id == M_WAVE_N_FRAMES && w->state != PW_WAVE_COMPLETE))
        return 0;
    switch (id) {
    case M_WAVE_FS:          return m->diag->fs_mhz;
    case M_WAVE_DEPTH:       return w->ring_log2 != 0 ? 1u << w->ring_log2 : 0;
    case M_WAVE_DATA_SAMPLE: return (uint64_t)pw_waveform_sample(w, w->select + item);
    default:                 return pw_map_get(w, fields[OF(id)]);
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
    uint16_t limit = id == M_WAVE_SELECT ? UINT16_MAX : id == M_WAVE_PRE ? 99 : id == M_WAVE_CAUSES ? (1u << PW_WAVE_N_CAUSES) - 1 : 9999;
    (void)item;
    if (w == NULL || w->state == PW_WAVE_ABSENT)
        return PW_MB_DEVICE_FAILURE;
    if (id == M_WAVE_COMMAND)
        return order(w, v);
    return v <= limit && pw_map_put(w, fields[OF(id)], word, v) ? PW_MB_OK : PW_MB_ILLEGAL_VALUE;
}

const struct pw_map_owner pw_map_waveform = {.get = get, .command = command};
