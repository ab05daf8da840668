/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend.h"

#include <assert.h>

#include "pw_masks.h"
#include "pw_regs.h"

#define MIN_RUN 24u /* samples below 0 in a row before a crossing: longer than half a period of the 5th harmonic, shorter than that of 70 Hz */

_Static_assert(PW_BANK_CH_ENERGY_NUM == 2 * PW_N_ENERGY, "low and high word of each energy");
_Static_assert((int)PW_FE_CHANNEL__FLAGS__LAST_OVF_bm == PW_CH_OVF && (int)PW_FE_CHANNEL__FLAGS__LAST_CLIP_bm == PW_CH_CLIP &&
               (int)PW_FE_CHANNEL__FLAGS__LAST_STUCK_bm == PW_CH_STUCK && (int)PW_FE_CHANNEL__FLAGS__LAST_CREEP_bm == PW_CH_CREEP,
               "flags are passed on as they are");

static uint32_t field(uint32_t word, uint32_t mask, unsigned pos)
{
    return (word & mask) >> pos;
}
#define FIELD(word, name) field((word), name##_bm, name##_bp)

static uint64_t read64(const struct pw_hal *hal, uint32_t addr)
{
    uint32_t lo = pw_read32(hal, addr);
    return (uint64_t)pw_read32(hal, addr + 4) << 32 | lo;
}

static void write64(const struct pw_hal *hal, uint32_t addr, uint64_t v)
{
    pw_write32(hal, addr, (uint32_t)v);
    pw_write32(hal, addr + 4, (uint32_t)(v >> 32));
}

bool pw_fe_caps_read(const struct pw_hal *hal, struct pw_fe_caps *caps)
{
    if (pw_read32(hal, PW_FE_ID_BASE_ADDR) != PW_FE_CTRL__ID__MAGIC_reset)
        return false;
    uint32_t w = pw_read32(hal, PW_FE_CAPS_BASE_ADDR);
    caps->n_ct = (uint8_t)FIELD(w, PW_FE_CTRL__CAPS__N_CT);
    caps->n_v = (uint8_t)FIELD(w, PW_FE_CTRL__CAPS__N_V);
    caps->mod_div = (uint8_t)FIELD(w, PW_FE_CTRL__CAPS__MOD_DIV);
    caps->osr_log2 = (uint8_t)FIELD(w, PW_FE_CTRL__CAPS__OSR_LOG2);
    return true;
}

bool pw_fe_locked(const struct pw_hal *hal)
{
    return (pw_read32(hal, PW_FE_LOCK_BASE_ADDR) & PW_FE_CTRL__LOCK__LOCK_bm) != 0;
}

void pw_fe_lock(const struct pw_hal *hal)
{
    pw_write32(hal, PW_FE_LOCK_BASE_ADDR, PW_FE_CTRL__LOCK__LOCK_bm);
}

void pw_fe_set_window(const struct pw_hal *hal, unsigned cycles, unsigned zc_src, unsigned timeout)
{
    pw_write32(hal, PW_FE_WINCFG_BASE_ADDR,
               (uint32_t)cycles << PW_FE_CTRL__WINCFG__CYCLES_bp | (uint32_t)zc_src << PW_FE_CTRL__WINCFG__ZC_SRC_bp |
                   MIN_RUN << PW_FE_CTRL__WINCFG__MIN_RUN_bp |
                   (uint32_t)timeout << PW_FE_CTRL__WINCFG__TIMEOUT_bp);
}

void pw_fe_set_beta(const struct pw_hal *hal, uint32_t beta_f19)
{
    pw_write32(hal, PW_FE_QUAD_BASE_ADDR, beta_f19 & PW_FE_CTRL__QUAD__BETA_bm);
}

uint32_t pw_fe_samples(const struct pw_hal *hal)
{
    return pw_read32(hal, PW_FE_SAMPLES_BASE_ADDR);
}

bool pw_fe_seq(const struct pw_hal *hal, uint16_t *seq)
{
    uint32_t w = pw_read32(hal, PW_FE_WINSEQ_BASE_ADDR);
    *seq = (uint16_t)FIELD(w, PW_FE_CTRL__WINSEQ__SEQ);
    return (w & PW_FE_CTRL__WINSEQ__BUSY_bm) == 0;
}

bool pw_fe_overrun(const struct pw_hal *hal)
{
    return (pw_read32(hal, PW_FE_WINSEQ_BASE_ADDR) & PW_FE_CTRL__WINSEQ__OVERRUN_bm) != 0;
}

int pw_fe_read_window(const struct pw_hal *hal, struct pw_fe_window *win)
{
    uint32_t seq = pw_read32(hal, PW_FE_WINSEQ_BASE_ADDR);
    uint32_t info = pw_read32(hal, PW_FE_WININFO_BASE_ADDR);
    uint32_t before = pw_read32(hal, PW_FE_ZC_BEFORE_BASE_ADDR), after = pw_read32(hal, PW_FE_ZC_AFTER_BASE_ADDR);
    if ((seq & PW_FE_CTRL__WINSEQ__BUSY_bm) != 0 || pw_read32(hal, PW_FE_WINSEQ_BASE_ADDR) != seq)
        return PW_ERR_STATE;
    win->seq = (uint16_t)FIELD(seq, PW_FE_CTRL__WINSEQ__SEQ);
    win->bank = (uint8_t)FIELD(seq, PW_FE_CTRL__WINSEQ__BANK);
    win->samples = (uint16_t)FIELD(info, PW_FE_CTRL__WININFO__SAMPLES);
    win->cycles = (uint8_t)FIELD(info, PW_FE_CTRL__WININFO__CYCLES);
    win->timeout = FIELD(info, PW_FE_CTRL__WININFO__TIMEOUT) != 0;
    win->zc_before_f23 = (int32_t)before;
    win->zc_after_f23 = (int32_t)after;
    return PW_OK;
}

static int still(const struct pw_hal *hal, const struct pw_fe_window *win)
{
    uint16_t seq;
    return pw_fe_seq(hal, &seq) && seq == win->seq ? PW_OK : PW_ERR_STATE;
}

static uint32_t sums_at(const struct pw_fe_window *win, unsigned ch)
{
    assert(ch < PW_BANK_CH_NUM);
    return win->bank ? PW_BANK_CH_SUM1_BASE_ADDR(ch, 0) : PW_BANK_CH_SUM0_BASE_ADDR(ch, 0);
}

static uint8_t flags_of(const struct pw_hal *hal, unsigned ch)
{
    return (uint8_t)(pw_read32(hal, PW_BANK_CH_FLAGS_BASE_ADDR(ch)) & 0x0F);
}

int pw_fe_read_channel(const struct pw_hal *hal, const struct pw_fe_window *win, unsigned ch, struct pw_fe_channel *out)
{
    uint32_t sum = sums_at(win, ch);
    out->p = (int64_t)read64(hal, sum);
    out->q = (int64_t)read64(hal, sum + 8);
    out->square = read64(hal, sum + 16);
    out->flags = flags_of(hal, ch);
    out->carried = ch >= 3;
    return still(hal, win);
}

int pw_fe_read_energy(const struct pw_hal *hal, const struct pw_fe_window *win, unsigned ch, struct pw_fe_energy *out)
{
    uint32_t sum = sums_at(win, ch);
    out->p_high = (int32_t)pw_read32(hal, sum + 4);
    out->q_high = (int32_t)pw_read32(hal, sum + 12);
    for (unsigned i = 0; i < PW_N_ENERGY; i++)
        out->energy[i] = read64(hal, PW_BANK_CH_ENERGY_BASE_ADDR(ch, 0) + 8 * i);
    out->residue = pw_read32(hal, PW_BANK_CH_RESIDUE_BASE_ADDR(ch));
    out->flags = flags_of(hal, ch);
    return still(hal, win);
}

void pw_fe_write_params(const struct pw_hal *hal, unsigned ch, const struct pw_fe_params *p)
{
    pw_write32(hal, PW_BANK_CH_CFG_BASE_ADDR(ch),
               (uint16_t)p->gain_f17 | (uint32_t)p->vsel << PW_FE_CHANNEL__CFG__VSEL_bp |
                   (uint32_t)p->pol << PW_FE_CHANNEL__CFG__POL_bp | (uint32_t)p->point_ch << PW_FE_CHANNEL__CFG__POINT_bp);
    pw_write32(hal, PW_BANK_CH_CREEP_BASE_ADDR(ch), p->creep);
    pw_write32(hal, PW_BANK_CH_QUANTUM_BASE_ADDR(ch), p->quantum);
    pw_write32(hal, PW_FE_DELAY_BASE_ADDR,
               (uint32_t)p->delay << PW_FE_CTRL__DELAY__DELAY_bp | (uint32_t)ch << PW_FE_CTRL__DELAY__CHANNEL_bp);
}

void pw_fe_restore(const struct pw_hal *hal, unsigned ch, const uint64_t energy[PW_N_ENERGY], uint32_t residue)
{
    /* First nothing more is released, so that the phase never is above the residue. */
    pw_write32(hal, PW_BANK_CH_RATE_BASE_ADDR(ch), 0);
    pw_write32(hal, PW_BANK_CH_PHASE_BASE_ADDR(ch), 0);
    for (unsigned i = 0; i < PW_N_ENERGY; i++)
        write64(hal, PW_BANK_CH_ENERGY_BASE_ADDR(ch, 0) + 8 * i, energy[i]);
    pw_write32(hal, PW_BANK_CH_RESIDUE_BASE_ADDR(ch), residue);
}
