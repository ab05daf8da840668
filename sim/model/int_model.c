/* SPDX-License-Identifier: Apache-2.0 */
#include "int_model.h"
#include <assert.h>
#include <string.h>

#define WINCFG_RESET (4096u << 16 | 24u << 10 | 12u)
#define QUAD_RESET   24000u
#define MAX_RUN      63u
#define ARM_LEVEL    (-(1 << 17))      /* -FS/64 */
#define PHASE_FRAC   0xFFF80000u       /* of FLAGS: fraction of PHASE */

enum { NOW_OVF = 1 << 8, NOW_CLIP = 1 << 9, NOW_MOVING = 1 << 10, NOW_ALL = 7 << 8 };
enum { LAST_STUCK = 1 << 2, LAST_CREEP = 1 << 3 };

/* Two's complement shifts of negative numbers are arithmetic in every compiler we use. */
/* cppcheck-suppress shiftNegativeLHS ; that is the very question */
_Static_assert((-1 >> 1) == -1, "arithmetic right shift");

void pw_int_init(struct pw_int *m, unsigned n_ct)
{
    assert(m != NULL && n_ct >= 1 && n_ct <= PW_INT_MAX_CT);
    memset(m, 0, sizeof *m);
    m->n_ct = n_ct;
    m->n_ch = n_ct + PW_INT_N_V;
    m->wincfg = WINCFG_RESET;
    m->quad = QUAD_RESET;
    m->bank_done = true;
}

static int32_t sat24(int64_t v, uint32_t *flags)
{
    if (v > 0x7FFFFF) {
        *flags |= NOW_OVF;
        return 0x7FFFFF;
    }
    if (v < -0x800000) {
        *flags |= NOW_OVF;
        return -0x800000;
    }
    return (int32_t)v;
}

static void add64(uint32_t w[2], uint64_t v)
{
    uint64_t s = pw_int_u64(w) + v;
    w[0] = (uint32_t)s;
    w[1] = (uint32_t)(s >> 32);
}

/* DC blocker and gain. Returns the calibrated sample; *flags collects NOW_ bits. */
static int32_t calibrate(uint32_t *w, int32_t x, uint32_t *flags)
{
    int32_t mag = x ^ -(x < 0); /* one's complement magnitude, as in the gateware */
    if (mag >= 15 << 19) *flags |= NOW_CLIP;
    if (mag < 127 << 16) *flags |= NOW_MOVING;

    int32_t dc = (int32_t)w[PW_INT_DC];
    int32_t y = sat24((int64_t)x - (dc >> 8), flags);
    dc = (int32_t)((uint32_t)dc + (uint32_t)((y + 8) >> 4));
    w[PW_INT_DC] = (uint32_t)dc;
    /* Halfway between old and new state: with either the gain at mains frequency would be off by 2^-13. */
    y = sat24((int64_t)x - ((int32_t)((uint32_t)dc - (uint32_t)(y >> 5)) >> 8), flags);

    int64_t gain = (int16_t)w[PW_INT_CFG];
    return sat24(y + ((y * gain + 65536) >> 17), flags);
}

/* First order all-pass y = x1 + d - b d, d = y1 - x, on numbers with 4 more bits (sQ4.27). */
static int32_t quadrature(struct pw_int *m, uint32_t *w, int32_t z)
{
    uint32_t unused = 0;
    int32_t beta = (int32_t)(m->quad & 0xFFFF);
    int32_t e = (int32_t)(16u * (uint32_t)z - w[PW_INT_AP_Y]); /* = -d */
    uint32_t y = 16u * w[PW_INT_V_PREV] - (uint32_t)e;
    int32_t be = (((beta * (int16_t)(e >> 15)) >> 2) + ((beta * (e & 0x7FFF)) >> 17) + 2) >> 2;
    w[PW_INT_AP_X] = y;
    w[PW_INT_AP_Y] = y + (uint32_t)be;
    return sat24(((int64_t)(int32_t)w[PW_INT_AP_Y] + 8) >> 4, &unused);
}

/* Zero crossing and window end. Returns true if this frame is the first of a new window. */
static bool line_step(struct pw_int *m, int32_t z, uint32_t *info)
{
    uint32_t cycles = m->wincfg & 0xFF, timeout = m->wincfg >> 16 & 0x1FFF;
    bool crossing = m->armed && m->neg_run >= (m->wincfg >> 10 & 63) && z >= 0;
    bool full = crossing && (!m->synced || m->win_cycles + 1 >= cycles);
    bool close = full || m->win_samples >= timeout;

    m->armed = z < ARM_LEVEL || (m->armed && z < 0);
    m->neg_run = z >= 0 ? 0 : m->neg_run < MAX_RUN ? m->neg_run + 1 : MAX_RUN;

    if (close) {
        *info = m->win_samples | (uint32_t)!full << 24;
        if (full && m->synced) *info |= (m->win_cycles + 1) << 16;
        m->win_samples = 1;
        m->win_cycles = 0;
        m->synced = crossing;
    } else {
        m->win_samples++;
        m->win_cycles += crossing;
    }
    return close;
}

static uint32_t last_flags(uint32_t now)
{
    return (now >> 8 & 3u) | (now & NOW_MOVING ? 0u : (uint32_t)LAST_STUCK);
}

/* Adds the three products of one sample to the sums of the running bank. */
static void accumulate(uint32_t *sum, int64_t i, int64_t v, int64_t vq, int64_t s)
{
    add64(sum, (uint64_t)(i * v));
    add64(sum + 2, (uint64_t)(i * vq));
    add64(sum + 4, (uint64_t)(s * s));
}

static uint32_t magnitude(uint32_t v, bool neg) { return neg ? 0 - v : v; }

/* Moves a completed window of a CT into energies and residue: the signed high words of its sums. Their low words begin
 * the sums of the next window. Returns true if P is below the no-load threshold. */
static bool close_ct(struct pw_int *m, uint32_t *w, const uint32_t *sum, uint32_t *next)
{
    uint32_t p = sum[1], q = sum[3];
    bool np = p >> 31, nq = q >> 31;
    bool creep_p = magnitude(p, np) < w[PW_INT_CREEP];
    bool creep_q = magnitude(q, nq) < w[PW_INT_CREEP];
    unsigned point = w[PW_INT_CFG] >> 20 & 63;

    if (!creep_p) add64(w + PW_INT_ENERGY + 2 * np, magnitude(p, np));
    if (!creep_q) add64(w + PW_INT_ENERGY + 4 + (nq ? 4 : 0) + (np != nq ? 2 : 0), magnitude(q, nq));
    if (!creep_p && !np && point < m->n_ch) m->bank[point][PW_INT_RESIDUE] += p;
    memset(next, 0, 6 * sizeof *next);
    next[0] = sum[0];
    next[2] = sum[2];
    w[PW_INT_RATE] = w[PW_INT_RESIDUE] - w[PW_INT_PHASE];
    return creep_p;
}

/* PHASE follows RESIDUE evenly: each sample an 8192th of what was missing when the window
 * closed. As a window has at most 8191 samples, it never passes. */
static void release(uint32_t *w)
{
    uint64_t phase = (uint64_t)w[PW_INT_PHASE] << 13 | w[PW_INT_FLAGS] >> 19;
    phase += w[PW_INT_RATE] & 0x3FFFFFFF;
    w[PW_INT_PHASE] = (uint32_t)(phase >> 13);
    w[PW_INT_FLAGS] = (w[PW_INT_FLAGS] & ~PHASE_FRAC) | (uint32_t)phase << 19;
}

static void pulse(struct pw_int *m, uint32_t *w, unsigned ct)
{
    uint32_t quantum = w[PW_INT_QUANTUM];
    if (quantum == 0 || w[PW_INT_PHASE] < quantum) return;
    w[PW_INT_PHASE] -= quantum;
    w[PW_INT_RESIDUE] -= quantum;
    m->pulses++;
    if (m->pulse != NULL) m->pulse(m->pulse_ctx, ct);
}

static void ct_step(struct pw_int *m, unsigned ch, int32_t x, bool close, unsigned bank)
{
    static const uint8_t first_v[8] = {0, 1, 2, 0, 1, 2, 0, 0}; /* 6, 7 are reserved: Va */
    uint32_t *w = m->bank[ch], now = 0;
    uint32_t *sum = w + (bank ? PW_INT_SUM1 : PW_INT_SUM0);
    bool creep = close && close_ct(m, w, w + (bank ? PW_INT_SUM0 : PW_INT_SUM1), sum);

    int32_t z = m->z[ch] = calibrate(w, x, &now);
    unsigned vsel = w[PW_INT_CFG] >> 16 & 7, a = first_v[vsel], b = a == 2 ? 0 : a + 1;
    bool ll = vsel >= 3 && vsel <= 5, reversed = w[PW_INT_CFG] >> 19 & 1;
    int32_t v = (int32_t)m->bank[a][PW_INT_V], vq = (int32_t)m->bank[a][PW_INT_VQ];
    if (ll) {
        v -= (int32_t)m->bank[b][PW_INT_V];
        vq -= (int32_t)m->bank[b][PW_INT_VQ];
    }
    accumulate(sum, z, reversed ? -v : v, reversed ? -vq : vq, z);

    uint32_t before = w[PW_INT_FLAGS];
    if (close) w[PW_INT_FLAGS] = (before & PHASE_FRAC) | now | last_flags(before) | (creep ? (uint32_t)LAST_CREEP : 0);
    else w[PW_INT_FLAGS] = before | now;
    release(w);
    pulse(m, w, ch - PW_INT_N_V);
}

/* A voltage, when its sample arrives. */
static void v_sample(struct pw_int *m, unsigned c, int32_t x)
{
    uint32_t *w = m->bank[c], now = 0;
    int32_t z = m->z[c] = calibrate(w, x, &now);
    w[PW_INT_V_PREV] = w[PW_INT_V];
    w[PW_INT_V] = (uint32_t)z;
    w[PW_INT_VQ] = (uint32_t)quadrature(m, w, z);
    w[PW_INT_FLAGS] |= now;
}

/* A voltage, after the last CT of the frame. */
static void v_products(struct pw_int *m, unsigned c, bool close, unsigned bank)
{
    uint32_t *w = m->bank[c];
    int32_t v = (int32_t)w[PW_INT_V];
    int32_t next = (int32_t)m->bank[c == 2 ? 0 : c + 1][PW_INT_V];
    uint32_t *sum = w + (bank ? PW_INT_SUM1 : PW_INT_SUM0);
    if (close) memset(sum, 0, 6 * sizeof *sum);
    accumulate(sum, next, v, (int32_t)w[PW_INT_VQ], v);
    if (close) w[PW_INT_FLAGS] = last_flags(w[PW_INT_FLAGS]);
}

bool pw_int_frame(struct pw_int *m, const int32_t samples[])
{
    unsigned src = m->wincfg >> 8 & 3;
    uint32_t info = 0;
    bool close = false;
    if (src > 2) src = 2;

    for (unsigned c = 0; c < PW_INT_N_V; c++) {
        v_sample(m, c, samples[c]);
        if (c == src && line_step(m, (int32_t)m->bank[c][PW_INT_V], &info)) {
            close = true;
            m->zc_before = m->bank[c][PW_INT_V_PREV];
            m->zc_after = m->bank[c][PW_INT_V];
        }
    }
    unsigned bank = (m->seq & 1u) ^ close;
    for (unsigned ch = PW_INT_N_V; ch < m->n_ch; ch++) ct_step(m, ch, samples[ch], close, bank);
    for (unsigned c = 0; c < PW_INT_N_V; c++) v_products(m, c, close, bank);

    m->samples++;
    if (close) {
        m->wininfo = info;
        m->seq++;
        m->bank_done = !(m->seq & 1);
    }
    return close;
}
