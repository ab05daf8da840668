/* SPDX-License-Identifier: Apache-2.0 */
#include "fe_model.h"
#include "pw_masks.h"
#include "pw_regs.h"
#include <assert.h>
#include <string.h>

#define IO_BASE  PW_SYS_BASE_ADDR
#define FE(reg)  (PW_FE_##reg##_BASE_ADDR - PW_FE_BASE_ADDR)
#define OSR_LOG2 9u

void pw_fe_init(struct pw_fe *m, unsigned n_ct, unsigned mod_div)
{
    assert(m != NULL);
    memset(m, 0, sizeof *m);
    m->n_ct = n_ct;
    m->n_ch = n_ct + PW_INT_N_V;
    m->mod_div = mod_div;
    pw_int_init(&m->in, n_ct);
    pw_dec_init(&m->dec, m->n_ch);
}

void pw_fe_push_samples(struct pw_fe *m, const int32_t samples[])
{
    m->in.pulse = m->pulse;
    m->in.pulse_ctx = m->pulse_ctx;
    bool closed = pw_int_frame(&m->in, samples);
    struct pw_ctcurve_delay d;
    if (closed) m->irq = true;
    if (m->curves && pw_ctcurve_frame(&m->curve, &m->in, closed, &d)) (void)!pw_dec_set_delay(&m->dec, d.ch, d.clocks);
}

bool pw_fe_push8(struct pw_fe *m, const uint8_t bytes[])
{
    if (!pw_dec_push8(&m->dec, bytes, m->sample)) return false;
    pw_fe_push_samples(m, m->sample);
    return true;
}

static int read_ctrl(struct pw_fe *m, uint32_t reg, uint32_t *value)
{
    const struct pw_int *in = &m->in;
    switch (reg) {
    case FE(ID): *value = PW_FE_CTRL__ID__MAGIC_reset; break;
    case FE(CAPS):
        *value = m->n_ct << PW_FE_CTRL__CAPS__N_CT_bp | PW_INT_N_V << PW_FE_CTRL__CAPS__N_V_bp |
                 m->mod_div << PW_FE_CTRL__CAPS__MOD_DIV_bp | OSR_LOG2 << PW_FE_CTRL__CAPS__OSR_LOG2_bp |
                 (uint32_t)m->curves << PW_FE_CTRL__CAPS__CURVE_bp;
        break;
    case FE(LOCK): *value = m->locked; break;
    case FE(WINCFG): *value = in->wincfg; break;
    case FE(QUAD): *value = in->quad; break;
    case FE(SAMPLES): *value = in->samples; break;
    case FE(WINSEQ):
        *value = in->seq | (in->bank_done ? PW_FE_CTRL__WINSEQ__BANK_bm : 0);
        m->irq = false;
        break;
    case FE(WININFO): *value = in->wininfo; break;
    case FE(ZC_BEFORE): *value = in->zc_before; break;
    case FE(ZC_AFTER): *value = in->zc_after; break;
    case FE(DELAY): *value = 0; break;
    case FE(PULSES): *value = in->pulses; break;
    default: return -1;
    }
    return 0;
}

static int write_ctrl(struct pw_fe *m, uint32_t reg, uint32_t value)
{
    switch (reg) {
    case FE(LOCK): m->locked |= value & 1; break;
    case FE(WINCFG):
        m->in.wincfg = value & (PW_FE_CTRL__WINCFG__CYCLES_bm | PW_FE_CTRL__WINCFG__ZC_SRC_bm | PW_FE_CTRL__WINCFG__MIN_RUN_bm | PW_FE_CTRL__WINCFG__TIMEOUT_bm);
        break;
    case FE(QUAD): m->in.quad = value & PW_FE_CTRL__QUAD__BETA_bm; break;
    case FE(DELAY): {
        uint32_t ch = value >> PW_FE_CTRL__DELAY__CHANNEL_bp & 63, delay = value & PW_FE_CTRL__DELAY__DELAY_bm;
        bool open = !m->locked || m->unsealed;
        if (open && pw_dec_set_delay(&m->dec, ch, delay) != 0) return 0; /* out of range: ignored */
        break;
    }
    case FE(ID): case FE(CAPS): case FE(SAMPLES): case FE(WINSEQ): case FE(WININFO):
    case FE(ZC_BEFORE): case FE(ZC_AFTER): case FE(PULSES): break; /* read only */
    default: return -1;
    }
    return 0;
}

/* Splits an offset into the bank; NULL if it is none or the channel does not exist. */
static uint32_t *bank_word(struct pw_fe *m, uint32_t offset, unsigned *word)
{
    uint32_t rel = offset - (PW_BANK_BASE_ADDR - IO_BASE);
    unsigned ch = rel / PW_BANK_CH_STRIDE;
    *word = rel % PW_BANK_CH_STRIDE / 4;
    return rel < PW_BANK_SIZE && ch < m->n_ch ? &m->in.bank[ch][*word] : NULL;
}

static bool in_curves(const struct pw_fe *m, uint32_t offset)
{
    return m->curves && offset >= PW_CURVE_BASE_ADDR - IO_BASE && offset < PW_BANK_BASE_ADDR - IO_BASE;
}

int pw_fe_read32(struct pw_fe *m, uint32_t offset, uint32_t *value)
{
    unsigned word;
    if (offset & 3) return -1;
    if (in_curves(m, offset)) return pw_ctcurve_read(&m->curve, m->n_ct, offset - (PW_CURVE_BASE_ADDR - IO_BASE), value);
    if (offset - (PW_FE_BASE_ADDR - IO_BASE) < 0x1000) return read_ctrl(m, offset - (PW_FE_BASE_ADDR - IO_BASE), value);
    const uint32_t *w = bank_word(m, offset, &word);
    if (w == NULL) return -1;
    *value = *w;
    return 0;
}

int pw_fe_write32(struct pw_fe *m, uint32_t offset, uint32_t value)
{
    unsigned word;
    if (offset & 3) return -1;
    if (in_curves(m, offset))
        return pw_ctcurve_write(&m->curve, m->n_ct, offset - (PW_CURVE_BASE_ADDR - IO_BASE), value, !m->locked || m->unsealed);
    if (offset - (PW_FE_BASE_ADDR - IO_BASE) < 0x1000) return write_ctrl(m, offset - (PW_FE_BASE_ADDR - IO_BASE), value);
    uint32_t *w = bank_word(m, offset, &word);
    if (w == NULL) return -1;
    if (word == PW_INT_CFG) value &= 0x03FFFFFF; /* no field above */
    bool param = word < PW_INT_RATE && (!m->locked || m->unsealed);
    bool ct = w >= m->in.bank[PW_INT_N_V]; /* of a voltage these words are working state */
    bool energy = ct && (word == PW_INT_RATE || (word >= PW_INT_RESIDUE && word < PW_INT_SUM0)) && !m->locked;
    if (param || energy) *w = value;
    return 0;
}

void pw_fe_set_unsealed(struct pw_fe *m, bool unsealed) { m->unsealed = unsealed; }

bool pw_fe_irq(const struct pw_fe *m) { return m->irq; }
