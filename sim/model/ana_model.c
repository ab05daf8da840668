/* SPDX-License-Identifier: Apache-2.0 */
#include "ana_model.h"
#include <assert.h>
#include <string.h>
#include "pw_masks.h"
#include "pw_regs.h"
#include "pw_sine.h"

#define REG(name) (PW_ANA_##name##_BASE_ADDR - PW_ANA_BASE_ADDR)
enum { RESULTS = 0x800, RESULTS_END = 0x1000 };

void pw_anam_init(struct pw_ana *m, unsigned n_ch, unsigned ring_log2)
{
    assert(n_ch >= 4 && n_ch <= PW_ANA_MAX_CH && ring_log2 <= PW_ANA_MAX_RING_LOG2);
    memset(m, 0, sizeof *m);
    m->n_ch = n_ch;
    m->ring_log2 = ring_log2;
    m->first = true;
    m->half_timeout = 160;
}

/* ---- spectrum ---- */

/* Sine or cosine of the quarter wave; the value meant is + 1/2, unit 2^-17. */
static int32_t look_up(uint32_t theta, bool cosine)
{
    bool mirror = ((theta >> 30 & 1) != 0) != cosine, minus = (theta >> 31 ^ (cosine ? theta >> 30 & 1 : 0)) != 0;
    int32_t v = pw_sine[(theta >> 20 ^ (mirror ? 0x3FF : 0)) & 0x3FF];
    return minus ? ~v : v;
}

static void eval(uint32_t theta, int32_t *cosine, int32_t *sine)
{
    int32_t r = 2 * ((int32_t)(theta >> 11 & 0x1FF) - 256) + 1;       /* rest of the phase, 2^-22 turn */
    int64_t rk = 201 * r;                                             /* radians, 2^-27 */
    int32_t s = look_up(theta, false), c = look_up(theta, true);
    *sine = s + (int32_t)((rk * c + (1 << 26)) >> 27);
    *cosine = c - (int32_t)((rk * s + (1 << 26)) >> 27);
}

static void add(const struct pw_ana *m, int64_t acc[2], int32_t z, int32_t c, int32_t s)
{
    int64_t re = ((int64_t)z * c + (1 << 14)) >> 15, im = ((int64_t)z * s + (1 << 14)) >> 15;
    acc[0] = m->first ? re : acc[0] + re;
    acc[1] = m->first ? im : acc[1] + im;
}

static void end_of_pass(struct pw_ana *m)
{
    uint64_t u = (uint64_t)m->u + m->wstep_run;
    bool idle = m->wstep_run == 0, turn = idle || u >> 32 != 0;
    m->phi += m->step_run;
    m->u = (uint32_t)u;
    m->first = turn;
    if (!turn) return;
    if (!idle) {
        m->bank ^= 1;
        m->seq = (m->seq + 1) & PW_ANA__PASS__SEQ_bm;
        m->pass_wstep = m->wstep_run;
        memcpy(m->det_done, m->det_run, sizeof m->det_done);
    }
    memcpy(m->det_run, m->det, sizeof m->det_run);
    if (!m->pair) return;
    m->step_run = m->step;
    m->wstep_run = m->wstep;
}

static void spectrum(struct pw_ana *m, const int32_t z[])
{
    int32_t c, s;
    eval(m->u, &c, &s);
    int32_t w = ((131071 - c) >> 1) | 1;                              /* (1 - cos) / 2, unit 2^-17 */
    int64_t (*acc)[64][2] = m->acc[m->bank];
    eval(m->phi, &c, &s);
    for (unsigned ch = 0; ch < m->n_ch; ch++) {
        int32_t zw = (int32_t)((int64_t)z[ch] * w >> 17);
        add(m, acc[0][ch], zw, c, s);
        for (unsigned k = 0; k < PW_ANA_N_SLOT; k++)
            if (m->det_run[k] == ch) m->slot_z[k] = zw;
    }
    uint32_t theta = m->phi;
    for (unsigned h = 1; h <= PW_ANA_N_H; h++) {
        for (unsigned k = 0; k < PW_ANA_N_SLOT; k++) add(m, acc[1 + k][h], m->slot_z[k], c, s);
        theta += m->phi;
        eval(theta, &c, &s);
    }
    end_of_pass(m);
}

/* ---- half cycles ---- */
static void half_cycle(struct pw_ana *m, unsigned ch, int32_t z)
{
    struct pw_ana_half_state *h = &m->half[ch];
    int64_t b = (z >> 7) * 2 + 1;
    bool neg = z < 0, crossing = neg ? h->above : h->below;
    if (crossing || h->n >= m->half_timeout) {
        if (m->fifo_n < PW_ANA_FIFO) {
            struct pw_ana_half_entry *e = &m->fifo[(m->fifo_tail + m->fifo_n++) % PW_ANA_FIFO];
            e->word[0] = m->frame;
            e->word[1] = (uint32_t)h->sum;
            e->word[2] = (crossing ? 0 : PW_ANA__HALF_INFO__TIMEOUT_bm) | ch << PW_ANA__HALF_INFO__CHANNEL_bp |
                         h->n << PW_ANA__HALF_INFO__SAMPLES_bp | (uint32_t)(h->sum >> 32);
        } else {
            m->half_lost++;
        }
        h->sum = h->n = 0;
        if (crossing) h->above = h->below = false;
    }
    h->sum += (uint64_t)(b * b);
    h->n++;
    if (z >= 1 << 17 || z < -(1 << 17)) {
        h->above = !neg;
        h->below = neg;
    }
}

/* ---- ring ---- */
static void ring_sample(struct pw_ana *m, unsigned ch, int32_t z, int *hit_ch)
{
    int32_t v = z >> (ch < 3 ? m->shift_v : m->shift_i);
    uint32_t mag = (uint32_t)(z < 0 ? ~z : z) >> 8, level = ch < 3 ? m->level_v : m->level_i;
    if (*hit_ch < 0 && m->armed && m->run && level != 0 && mag >= level && (m->mask >> ch & 1)) *hit_ch = (int)ch;
    if (m->run) m->ring[m->ring_w] = (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
    m->ring_w = m->ring_w + 1 == m->n_ch << m->ring_log2 ? 0 : m->ring_w + 1;
}

static void ring_frame_end(struct pw_ana *m, int hit_ch)
{
    bool was_running = m->run, fire = m->armed && m->run && (m->hand || hit_ch >= 0), starts = m->armed && !m->run;
    m->post_left--;
    if (fire) {
        m->armed = m->hand = false;
        m->triggered = true;
        m->by_level = hit_ch >= 0;
        m->trig_ch = (uint8_t)(hit_ch >= 0 ? hit_ch : 0);
        m->trig_frame = m->frame;
        m->post_left = m->post;
        if (m->post == 0) m->run = false;
    } else if (m->triggered && was_running && m->post_left == 0) {
        m->run = false;
    }
    if (starts) {
        m->run = true;
        m->first_frame = m->frame + 1;
    }
}

static void ring(struct pw_ana *m, const int32_t z[])
{
    int hit_ch = -1;
    for (unsigned ch = 0; ch < m->n_ch; ch++) ring_sample(m, ch, z[ch], &hit_ch);
    ring_frame_end(m, hit_ch);
}

void pw_anam_frame(struct pw_ana *m, const int32_t z[])
{
    for (unsigned ch = 0; ch < 3; ch++) half_cycle(m, ch, z[ch]);
    if (m->ring_log2 != 0) ring(m, z);
    spectrum(m, z);
    m->frame++;
}

/* ---- bus ---- */
static uint32_t pass(const struct pw_ana *m)
{
    return m->seq | (uint32_t)m->det_done[0] << PW_ANA__PASS__DETAIL0_bp | (uint32_t)m->det_done[1] << PW_ANA__PASS__DETAIL1_bp |
           (uint32_t)m->det_done[2] << PW_ANA__PASS__DETAIL2_bp;
}

static uint32_t ring_state(const struct pw_ana *m)
{
    if (m->ring_log2 == 0) return 0;
    return (m->armed ? PW_ANA__RING_STATE__ARMED_bm : 0) | (m->triggered ? PW_ANA__RING_STATE__TRIGGERED_bm : 0) |
           (!m->run && !m->armed ? PW_ANA__RING_STATE__STOPPED_bm : 0) | (m->by_level ? PW_ANA__RING_STATE__BY_LEVEL_bm : 0) |
           (uint32_t)m->trig_ch << PW_ANA__RING_STATE__CHANNEL_bp;
}

static uint32_t ring_data(struct pw_ana *m)
{
    if (m->ring_log2 == 0) return 0;
    int32_t v = m->ring[m->ring_r];
    m->ring_r = m->ring_r + 1 == m->n_ch << m->ring_log2 ? 0 : m->ring_r + 1;
    return (uint32_t)v;
}

int pw_anam_read32(struct pw_ana *m, uint32_t offset, uint32_t *value)
{
    if (offset >= RESULTS && offset < RESULTS_END) {
        unsigned i = (offset - RESULTS) / 4;
        *value = (uint32_t)(m->acc[m->bank ^ 1][i >> 7][i >> 1 & 63][i & 1] >> 4);
        return 0;
    }
    if (offset > REG(RING_ADDR)) return -1;
    const uint32_t *half = m->fifo[m->fifo_tail].word;
    switch (offset) {
    case REG(CAPS): *value = m->n_ch | m->ring_log2 << PW_ANA__CAPS__RING_LOG2_bp; break;
    case REG(FRAME): *value = m->frame; break;
    case REG(PASS): *value = pass(m); break;
    case REG(PASS_WSTEP): *value = m->pass_wstep; break;
    case REG(HALF_FRAME): *value = half[0]; break;
    case REG(HALF_SQUARE): *value = half[1]; break;
    case REG(HALF_INFO): *value = half[2]; break;
    case REG(HALF_STATUS): *value = (m->fifo_n != 0 ? PW_ANA__HALF_STATUS__VALID_bm : 0) | m->half_lost; break;
    case REG(RING_STATE): *value = ring_state(m); break;
    case REG(RING_TRIG): *value = m->trig_frame; break;
    case REG(RING_FIRST): *value = m->first_frame; break;
    case REG(RING_DATA): *value = ring_data(m); break;
    case REG(RING_POST): *value = m->post; break;
    default: *value = 0;
    }
    return 0;
}

static void ring_ctrl(struct pw_ana *m, uint32_t v)
{
    if (v & PW_ANA__RING_CTRL__TRIGGER_bm) m->hand = m->armed;
    if (!(v & PW_ANA__RING_CTRL__ARM_bm)) return;
    m->shift_v = v & 8 ? 8 : v & 7;
    m->shift_i = v & 0x80 ? 8 : v >> 4 & 7;
    m->armed = true;
    m->triggered = m->hand = false;
}

static void ring_write(struct pw_ana *m, uint32_t offset, uint32_t v)
{
    switch (offset) {
    case REG(RING_POST): m->post = v & PW_ANA__RING_POST__FRAMES_bm; break;
    case REG(RING_CTRL): ring_ctrl(m, v); break;
    case REG(RING_LEVEL): m->level_v = v & 0x7FFF; m->level_i = v >> 16 & 0x7FFF; break;
    case REG(RING_MASK_LO): m->mask = (m->mask & ~UINT64_C(0xFFFFFFFF)) | v; break;
    case REG(RING_MASK_HI): m->mask = (uint32_t)m->mask | (uint64_t)v << 32; break;
    case REG(RING_ADDR): m->ring_r = v % (m->n_ch << m->ring_log2); break;
    default: break;
    }
}

int pw_anam_write32(struct pw_ana *m, uint32_t offset, uint32_t v)
{
    if (offset >= RESULTS && offset < RESULTS_END) return 0;
    if (offset > REG(RING_ADDR)) return -1;
    switch (offset) {
    case REG(STEP): m->step = v; m->pair = false; break;
    case REG(WSTEP): m->wstep = v & PW_ANA__WSTEP__WSTEP_bm; m->pair = true; break;
    case REG(DETAIL): if ((v >> 8 & 3) < PW_ANA_N_SLOT) m->det[v >> 8 & 3] = v & 63; break;
    case REG(HALF_TIMEOUT): m->half_timeout = v & PW_ANA__HALF_TIMEOUT__SAMPLES_bm; break;
    case REG(HALF_STATUS):
        if ((v & PW_ANA__HALF_STATUS__VALID_bm) && m->fifo_n != 0) {
            m->fifo_tail = (m->fifo_tail + 1) % PW_ANA_FIFO;
            m->fifo_n--;
        }
        break;
    default: if (m->ring_log2 != 0) ring_write(m, offset, v);
    }
    return 0;
}
