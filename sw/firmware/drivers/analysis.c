/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis.h"

#include <assert.h>

#include "pw_masks.h"
#include "pw_regs.h"

#define FIELD(word, name) (((word) & name##_bm) >> name##_bp)

enum { MAX_SHIFT = 8, MAX_LEVEL = 32767 };
_Static_assert(PW_ANA_RESULT_NUM == 512, "four groups of 64 phasors");

bool pw_ana_present(const struct pw_hal *hal)
{
    return (pw_read32(hal, PW_SYS_CAPS_BASE_ADDR) & PW_SYS__CAPS__ANALYSIS_bm) != 0;
}

unsigned pw_ana_ring_log2(const struct pw_hal *hal)
{
    return FIELD(pw_read32(hal, PW_SYS_CAPS_BASE_ADDR), PW_SYS__CAPS__RING_LOG2);
}

uint32_t pw_ana_frame(const struct pw_hal *hal)
{
    return pw_read32(hal, PW_ANA_FRAME_BASE_ADDR);
}

static unsigned n_ch(const struct pw_hal *hal)
{
    return FIELD(pw_read32(hal, PW_ANA_CAPS_BASE_ADDR), PW_ANA__CAPS__N_CH);
}

/* ---- spectrum ---- */

/* 2^32 / wstep, rounded; for wstep >= 2^20 */
static unsigned frames_of(uint32_t wstep)
{
    uint32_t q = UINT32_MAX / wstep, rest = UINT32_MAX % wstep + 1;
    return q + (2 * rest >= wstep ? 1u : 0u);
}

int pw_ana_set_step(const struct pw_hal *hal, uint32_t step, unsigned cycles)
{
    if (cycles < 1 || cycles > 50)
        return PW_ERR_RANGE;
    uint32_t wstep = (step + cycles / 2) / cycles;
    if (step > UINT32_MAX / 2 || wstep <= UINT32_MAX / PW_ANA_MAX_FRAMES || wstep > UINT32_MAX / PW_ANA_MIN_FRAMES)
        return PW_ERR_RANGE;
    pw_write32(hal, PW_ANA_STEP_BASE_ADDR, step);
    pw_write32(hal, PW_ANA_WSTEP_BASE_ADDR, wstep); /* makes both valid */
    return PW_OK;
}

int pw_ana_set_detail(const struct pw_hal *hal, unsigned slot, unsigned ch)
{
    if (slot >= PW_ANA_SLOTS || ch >= n_ch(hal))
        return PW_ERR_RANGE;
    pw_write32(hal, PW_ANA_DETAIL_BASE_ADDR, (uint32_t)slot << PW_ANA__DETAIL__SLOT_bp | (uint32_t)ch << PW_ANA__DETAIL__CHANNEL_bp);
    return PW_OK;
}

bool pw_ana_pass(const struct pw_hal *hal, struct pw_ana_pass *pass)
{
    uint32_t w = pw_read32(hal, PW_ANA_PASS_BASE_ADDR), wstep = pw_read32(hal, PW_ANA_PASS_WSTEP_BASE_ADDR);
    if (wstep == 0 || pw_read32(hal, PW_ANA_PASS_BASE_ADDR) != w)
        return false;
    pass->seq = FIELD(w, PW_ANA__PASS__SEQ);
    pass->wstep = wstep;
    pass->frames = (uint16_t)frames_of(wstep);
    pass->detail[0] = (uint8_t)FIELD(w, PW_ANA__PASS__DETAIL0);
    pass->detail[1] = (uint8_t)FIELD(w, PW_ANA__PASS__DETAIL1);
    pass->detail[2] = (uint8_t)FIELD(w, PW_ANA__PASS__DETAIL2);
    return true;
}

/* Sum (unit 2^-21 FS, floor) = A / 2 * length / 2, so A = 4 sum wstep / 2^32 FS; in units of 2^-32: sum wstep 2^-19. */
static int64_t amplitude(uint32_t sum, uint32_t wstep)
{
    int64_t half_up = 2 * (int64_t)(int32_t)sum + 1; /* the middle of what the floor stands for */
    return (half_up * (int64_t)wstep + (INT64_C(1) << 19)) >> 20;
}

static int read_phasor(const struct pw_hal *hal, const struct pw_ana_pass *pass, unsigned group, unsigned i, struct pw_phasor *out)
{
    unsigned index = 128 * group + 2 * i; /* the generated macro wants a plain name */
    uint32_t addr = PW_ANA_RESULT_BASE_ADDR(index);
    uint32_t c = pw_read32(hal, addr), s = pw_read32(hal, addr + 4);
    if (FIELD(pw_read32(hal, PW_ANA_PASS_BASE_ADDR), PW_ANA__PASS__SEQ) != pass->seq)
        return PW_ERR_STATE;
    out->re = amplitude(c, pass->wstep);
    out->im = -amplitude(s, pass->wstep); /* e^(-j h phi) */
    return PW_OK;
}

int pw_ana_read_fundamental(const struct pw_hal *hal, const struct pw_ana_pass *pass, unsigned ch, struct pw_phasor *out)
{
    assert(pass->wstep != 0);
    return ch < n_ch(hal) ? read_phasor(hal, pass, 0, ch, out) : PW_ERR_RANGE;
}

int pw_ana_read_harmonic(const struct pw_hal *hal, const struct pw_ana_pass *pass, unsigned slot, unsigned h, struct pw_phasor *out)
{
    assert(pass->wstep != 0);
    if (slot >= PW_ANA_SLOTS || h < 1 || h > PW_ANA_HARMONICS)
        return PW_ERR_RANGE;
    return read_phasor(hal, pass, 1 + slot, h, out);
}

/* ---- half cycles ---- */
int pw_ana_set_half_timeout(const struct pw_hal *hal, unsigned samples)
{
    if (samples < 16 || samples > 4095)
        return PW_ERR_RANGE;
    pw_write32(hal, PW_ANA_HALF_TIMEOUT_BASE_ADDR, samples);
    return PW_OK;
}

int pw_ana_next_half(const struct pw_hal *hal, struct pw_ana_half *out)
{
    if ((pw_read32(hal, PW_ANA_HALF_STATUS_BASE_ADDR) & PW_ANA__HALF_STATUS__VALID_bm) == 0)
        return 0;
    uint32_t info = pw_read32(hal, PW_ANA_HALF_INFO_BASE_ADDR);
    out->frame = pw_read32(hal, PW_ANA_HALF_FRAME_BASE_ADDR);
    out->square = (uint64_t)FIELD(info, PW_ANA__HALF_INFO__SQUARE_HI) << 32 | pw_read32(hal, PW_ANA_HALF_SQUARE_BASE_ADDR);
    out->samples = (uint16_t)FIELD(info, PW_ANA__HALF_INFO__SAMPLES);
    out->ch = (uint8_t)FIELD(info, PW_ANA__HALF_INFO__CHANNEL);
    out->timeout = (info & PW_ANA__HALF_INFO__TIMEOUT_bm) != 0;
    pw_write32(hal, PW_ANA_HALF_STATUS_BASE_ADDR, PW_ANA__HALF_STATUS__VALID_bm);
    return 1;
}

unsigned pw_ana_half_lost(const struct pw_hal *hal)
{
    return FIELD(pw_read32(hal, PW_ANA_HALF_STATUS_BASE_ADDR), PW_ANA__HALF_STATUS__LOST);
}

/* ---- waveform ring ---- */
int pw_ana_ring_arm(const struct pw_hal *hal, unsigned post, unsigned shift_v, unsigned shift_i, unsigned level_v, unsigned level_i, uint64_t mask)
{
    unsigned log2 = pw_ana_ring_log2(hal);
    if (log2 == 0)
        return PW_ERR_STATE;
    if (post >> log2 != 0 || shift_v > MAX_SHIFT || shift_i > MAX_SHIFT || level_v > MAX_LEVEL || level_i > MAX_LEVEL)
        return PW_ERR_RANGE;
    pw_write32(hal, PW_ANA_RING_POST_BASE_ADDR, post);
    pw_write32(hal, PW_ANA_RING_LEVEL_BASE_ADDR, (uint32_t)level_v << PW_ANA__RING_LEVEL__LEVEL_V_bp | (uint32_t)level_i << PW_ANA__RING_LEVEL__LEVEL_I_bp);
    pw_write32(hal, PW_ANA_RING_MASK_LO_BASE_ADDR, (uint32_t)mask);
    pw_write32(hal, PW_ANA_RING_MASK_HI_BASE_ADDR, (uint32_t)(mask >> 32));
    pw_write32(hal, PW_ANA_RING_CTRL_BASE_ADDR,
               (uint32_t)shift_v << PW_ANA__RING_CTRL__SHIFT_V_bp | (uint32_t)shift_i << PW_ANA__RING_CTRL__SHIFT_I_bp | PW_ANA__RING_CTRL__ARM_bm);
    return PW_OK;
}

void pw_ana_ring_trigger(const struct pw_hal *hal)
{
    pw_write32(hal, PW_ANA_RING_CTRL_BASE_ADDR, PW_ANA__RING_CTRL__TRIGGER_bm);
}

void pw_ana_ring_state(const struct pw_hal *hal, struct pw_ana_ring *state)
{
    uint32_t w = pw_read32(hal, PW_ANA_RING_STATE_BASE_ADDR);
    struct pw_ana_ring r = {.armed = (w & PW_ANA__RING_STATE__ARMED_bm) != 0, .triggered = (w & PW_ANA__RING_STATE__TRIGGERED_bm) != 0};
    r.frame = pw_ana_frame(hal);
    r.trig_frame = pw_read32(hal, PW_ANA_RING_TRIG_BASE_ADDR);
    r.last = r.trig_frame + pw_read32(hal, PW_ANA_RING_POST_BASE_ADDR);
    r.first = pw_read32(hal, PW_ANA_RING_FIRST_BASE_ADDR);
    if (r.triggered) {
        r.stopped = (w & PW_ANA__RING_STATE__STOPPED_bm) != 0;
        r.cause = (w & PW_ANA__RING_STATE__BY_LEVEL_bm) != 0 ? PW_ANA_CAUSE_LEVEL : PW_ANA_CAUSE_MANUAL;
        r.trig_ch = (uint8_t)FIELD(w, PW_ANA__RING_STATE__CHANNEL);
    }
    uint32_t depth = UINT32_C(1) << pw_ana_ring_log2(hal);
    if (r.last - r.first >= depth) /* older frames have been written over */
        r.first = r.last - depth + 1;
    *state = r;
}

int pw_ana_ring_read(const struct pw_hal *hal, uint32_t frame, unsigned ch_first, unsigned n, int16_t *out)
{
    struct pw_ana_ring r;
    pw_ana_ring_state(hal, &r);
    unsigned channels = n_ch(hal);
    if (!r.stopped)
        return PW_ERR_STATE;
    uint32_t from = frame - r.first, frames = r.last - r.first + 1; /* at most 4096 */
    if (ch_first >= channels || from >= frames || n > (frames - from) * channels - ch_first)
        return PW_ERR_RANGE;
    uint32_t slot = frame & ((UINT32_C(1) << pw_ana_ring_log2(hal)) - 1);
    pw_write32(hal, PW_ANA_RING_ADDR_BASE_ADDR, slot * channels + ch_first);
    for (unsigned i = 0; i < n; i++)
        out[i] = (int16_t)(uint16_t)pw_read32(hal, PW_ANA_RING_DATA_BASE_ADDR);
    return PW_OK;
}
