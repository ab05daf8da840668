/* SPDX-License-Identifier: Apache-2.0 */
#include "waveform.h"

#include <string.h>

#define SHIFT 8u /* all 24 bits down to 16: nothing saturates, whatever comes */

const char *pw_wave_cause_name(unsigned cause)
{
    static const char *const name[PW_WAVE_N_CAUSES] = {"none", "manual", "level", "sag", "swell", "interruption"};
    return cause < PW_WAVE_N_CAUSES ? name[cause] : "?";
}

const char *pw_wave_state_name(unsigned state)
{
    static const char *const name[] = {"no ring", "idle", "armed", "recording", "complete"};
    return state <= PW_WAVE_COMPLETE ? name[state] : "?";
}

void pw_waveform_init(struct pw_waveform *w, const struct pw_hal *hal, unsigned n_ch)
{
    static const struct pw_wave_settings usual = {
        .pre_pct = 50,
        .causes = 1u << PW_WAVE_MANUAL | 1u << PW_WAVE_SAG | 1u << PW_WAVE_SWELL | 1u << PW_WAVE_INTERRUPTION,
    };
    *w = (struct pw_waveform){.hal = hal, .n_ch = (uint8_t)n_ch};
    if (pw_ana_present(hal))
        w->ring_log2 = (uint8_t)pw_ana_ring_log2(hal);
    if (pw_waveform_arm(w, &usual) != PW_OK)
        w->state = PW_WAVE_ABSENT;
}

int pw_waveform_arm(struct pw_waveform *w, const struct pw_wave_settings *set)
{
    if (w->ring_log2 == 0)
        return PW_ERR_STATE;
    if (set->pre_pct > 99 || set->level_v_e4 >= 10000 || set->level_i_e4 >= 10000 || set->causes >= 1u << PW_WAVE_N_CAUSES)
        return PW_ERR_RANGE;
    uint32_t depth = UINT32_C(1) << w->ring_log2, pre = depth * set->pre_pct / 100;
    bool level = (set->causes & 1u << PW_WAVE_LEVEL) != 0;
    /* 0.01 % to 2^-15 */
    unsigned level_v = level ? (set->level_v_e4 * 32768u + 9999u) / 10000u : 0, level_i = level ? (set->level_i_e4 * 32768u + 9999u) / 10000u : 0;
    int err = pw_ana_ring_arm(w->hal, depth - 1 - pre, SHIFT, SHIFT, level_v, level_i, UINT64_MAX >> (64 - w->n_ch));
    if (err != PW_OK)
        return err;
    w->set = *set;
    w->shift = SHIFT;
    w->state = PW_WAVE_ARMED;
    w->cause = PW_WAVE_NONE;
    w->n_frames = 0;
    w->select = 0;
    return PW_OK;
}

void pw_waveform_trigger(struct pw_waveform *w, enum pw_wave_cause cause)
{
    if (w->state != PW_WAVE_ARMED || (w->set.causes & 1u << cause) == 0)
        return;
    w->cause = (uint8_t)cause;
    pw_ana_ring_trigger(w->hal);
}

static void complete(struct pw_waveform *w, const struct pw_ana_ring *r)
{
    w->first = r->first;
    w->n_frames = r->last - r->first + 1;
    w->trig = r->trig_frame - r->first;
    w->state = PW_WAVE_COMPLETE;
}

bool pw_waveform_step(struct pw_waveform *w)
{
    struct pw_ana_ring r;
    if (w->state != PW_WAVE_ARMED && w->state != PW_WAVE_RECORDING)
        return false;
    pw_ana_ring_state(w->hal, &r);
    if (w->state == PW_WAVE_ARMED && r.triggered) {
        if (r.cause == PW_ANA_CAUSE_LEVEL)
            w->cause = PW_WAVE_LEVEL; /* it may have been quicker than an event of ours */
        w->ch = r.trig_ch;
        w->time_us = pw_uptime_us(w->hal);
        w->captures++;
        w->state = PW_WAVE_RECORDING;
    }
    if (w->state != PW_WAVE_RECORDING || !r.stopped)
        return false;
    complete(w, &r);
    return true;
}

uint32_t pw_waveform_samples(const struct pw_waveform *w)
{
    return w->state == PW_WAVE_COMPLETE ? w->n_frames * w->n_ch : 0;
}

int16_t pw_waveform_sample(const struct pw_waveform *w, uint32_t index)
{
    int16_t v = 0;
    if (index >= pw_waveform_samples(w))
        return 0;
    if (pw_ana_ring_read(w->hal, w->first + index / w->n_ch, index % w->n_ch, 1, &v) != PW_OK)
        return 0;
    return v;
}
