/* SPDX-License-Identifier: Apache-2.0 */
/* The fast part: one block of 8 modulator clocks. Loops run over channels, so that they become vector instructions; each
 * clone gives the same bits because no product and sum are contracted (-ffp-contract=off). */
#include <math.h>
#include <string.h>

#include "panel_impl.h"

#if defined(__SANITIZE_ADDRESS__) || defined(PW_NO_CLONES) || !defined(__x86_64__)
#define CLONES                          /* with a sanitizer, resolvers run before it is up */
#else
#define CLONES __attribute__((target_clones("avx2", "default")))
#endif
#define INLINE static inline __attribute__((always_inline))

/* Integral of the product of two straight lines over a block, times 6 / block. */
INLINE double product(double a0, double a1, double b0, double b1)
{
    return (a0 + a1) * (b0 + b1) + (a0 * b0 + a1 * b1);
}

static __attribute__((noinline)) void envelope_next(struct pw_panel *p, unsigned ct)
{
    struct pw_envelope *e = &p->env[ct];
    double from = e->level[e->seg];
    e->seg = (e->seg + 1) % e->n_seg;
    double blocks = ceil(e->seconds[e->seg] * p->fmod_hz / 8.0);
    e->blocks_left = blocks < 1.0 ? 1 : (uint64_t)blocks;
    e->slope = (e->level[e->seg] - from) / (double)e->blocks_left;
    e->now = from;                      /* exact again after the slope's roundings */
}

/* Sags and swells: of the voltages alone, loads keep their currents. */
INLINE void dips_step(const struct pw_panel *p, double now[])
{
    for (unsigned k = 0; k < p->n_dip; k++) {
        const struct pw_dip *d = &p->dip[k];
        if (p->clocks + 8 <= d->from || p->clocks + 8 > d->to)
            continue;
        now[PW_COL_V + d->v] *= d->level;
        now[PW_COL_VQ + d->v] *= d->level;
    }
}

/* Few CTs have one: one by one, with the segments' ends out of line. */
INLINE void envelopes_step(struct pw_panel *p, double now[])
{
    for (unsigned k = 0; k < p->n_env; k++) {
        const unsigned ct = p->env_ct[k];
        struct pw_envelope *e = &p->env[ct];
        if (e->blocks_left == 0)
            envelope_next(p, ct);
        e->blocks_left--;
        e->now += e->slope;
        now[PW_COL_I + ct] *= e->now;
        if (p->col_sec != PW_COL_I)
            now[p->col_sec + ct] *= e->now;
    }
}

/* Stream of an overloaded modulator: constant, one opposite bit every 128 clocks. The loop starts afresh afterwards. */
static void overloads(struct pw_panel *p, uint8_t lane_bytes[])
{
    for (unsigned ch = 0; ch < p->n_mod; ch++) {
        if (fabs(p->u[ch]) < PW_MOD_CLIP)
            continue;
        uint8_t odd = p->clocks / 8 % 16 == 15 ? 0x80 : 0x00;
        lane_bytes[ch] = p->u[ch] > 0.0 ? (uint8_t)~odd : odd;
        p->x1[ch] = p->x2[ch] = 0.0;
    }
}

/* Waveforms at the block's end, V and A: now[] as the columns of a row. */
INLINE void waves(struct pw_panel *p, double now[])
{
    p->pos += p->rows_per_block;
    if (p->pos >= p->n_rows)
        p->pos -= p->n_rows;
    const uint32_t row = (uint32_t)p->pos;
    const double frac = p->pos - row;
    const float *restrict a = __builtin_assume_aligned(p->rows + (size_t)row * p->stride, 16);
    const float *restrict b = __builtin_assume_aligned(a + p->stride, 16);
    const unsigned n = p->stride & ~3u;
    for (unsigned k = 0; k < n; k++)
        now[k] = (double)a[k] + frac * ((double)b[k] - (double)a[k]);
    envelopes_step(p, now);
    dips_step(p, now);
}

INLINE void truth_point(struct pw_panel *p)
{
    const uint64_t at = p->clocks / PW_TRUTH_STEP;              /* the block that ends now is not counted yet: +1 */
    const double *last = p->history + at % PW_HISTORY * p->n_hist;
    double *next = p->history + (at + 1) % PW_HISTORY * p->n_hist;
    const unsigned n = p->n_ct_pad & ~3u;
    for (unsigned k = 0; k < n; k++) {
        next[k] = last[k] + p->part_p[k];
        next[n + k] = last[n + k] + p->part_q[k];
        next[2 * n + k] = last[2 * n + k] + p->part_i2[k];
        p->part_p[k] = p->part_q[k] = p->part_i2[k] = 0.0;
    }
    for (unsigned k = 0; k < PW_N_VSEL; k++) {
        next[3 * n + k] = last[3 * n + k] + p->part_v2[k];
        p->part_v2[k] = 0.0;
    }
    p->n_part = 0;
}

INLINE void truth_step(struct pw_panel *p, const double now[])
{
    const double v[PW_N_VSEL] = { now[0], now[1], now[2], now[0] - now[1], now[1] - now[2], now[2] - now[0] };
    const double q[PW_N_VSEL] = { now[4], now[5], now[6], now[4] - now[5], now[5] - now[6], now[6] - now[4] };
    double vk[PW_CT_PAD_MAX], qk[PW_CT_PAD_MAX];
    const unsigned n = p->n_ct_pad & ~3u;
    for (unsigned k = 0; k < n; k++) {
        vk[k] = v[p->vsel[k]];
        qk[k] = q[p->vsel[k]];
    }
    const double *restrict i1 = now + PW_COL_I;
    for (unsigned k = 0; k < n; k++) {
        const double i0 = p->i[k];
        p->part_p[k] += product(p->vk[k], vk[k], i0, i1[k]);
        p->part_q[k] += product(p->vqk[k], qk[k], i0, i1[k]);
        p->part_i2[k] += product(i0, i1[k], i0, i1[k]);
        p->vk[k] = vk[k];
        p->vqk[k] = qk[k];
        p->i[k] = i1[k];
    }
    for (unsigned k = 0; k < PW_N_VSEL; k++) {
        p->part_v2[k] += product(p->v[k], v[k], p->v[k], v[k]);
        p->v[k] = v[k];
        p->vq[k] = q[k];
    }
    if (++p->n_part == PW_TRUTH_STEP / 8)
        truth_point(p);
}

/* Modulator inputs at the block's end from the waveforms. */
INLINE void inputs(const struct pw_panel *p, const double now[], double u[])
{
    for (unsigned k = 0; k < 4; k++)
        u[k] = (now[k] + p->dc[k]) * p->gain[k] + p->offset[k];
    const double *restrict sec = now + p->col_sec;
    const unsigned n = p->n_ct_pad & ~3u;
    for (unsigned k = 0; k < n; k++) {
        double x = (sec[k] + p->dc[4 + k]) * p->gain[4 + k];
        const double lim = p->limit[4 + k];
        x = x > lim ? lim : x;
        x = x < -lim ? -lim : x;
        u[4 + k] = x + p->offset[4 + k];
    }
}

CLONES void pw_engine_block(struct pw_panel *p, uint8_t bytes[])
{
    double now[PW_COL_I + 2 * PW_CT_PAD_MAX] __attribute__((aligned(32)));
    double u[PW_VEC_MAX] __attribute__((aligned(32)));
    int64_t bits[PW_VEC_MAX] __attribute__((aligned(32)));
    uint8_t lane_bytes[PW_VEC_MAX];
    const unsigned n = p->n_mod & ~3u;
    waves(p, now);
    inputs(p, now, u);
    truth_step(p, now);

    for (unsigned k = 0; k < n; k++)
        u[k] += p->noise[k] * pw_noise(&p->rng[k]);
    int64_t over = 0;
    for (unsigned k = 0; k < n; k++)
        over |= fabs(u[k]) >= PW_MOD_CLIP;
    for (unsigned k = 0; k < n; k++) {
        bits[k] = pw_mod_step8(&p->x1[k], &p->x2[k], p->keep[k], p->u[k], u[k]);
        p->u[k] = u[k];
    }
    for (unsigned k = 0; k < n; k++)
        lane_bytes[k] = (uint8_t)bits[k];
    if (over)
        overloads(p, lane_bytes);
    p->clocks += 8;
    memcpy(bytes, lane_bytes, PW_PANEL_N_V);                    /* lane 3 is padding */
    memcpy(bytes + PW_PANEL_N_V, lane_bytes + 4, p->n_ct);
}

double pw_noise_width(double dbfs)
{
    /* White at the block rate: of its variance 8 / 512 falls below fs / 2. Uniform: variance = width^2 / 12. */
    return pow(10.0, dbfs / 20.0) * M_SQRT1_2 * sqrt(512.0 / 8.0) * sqrt(12.0);
}

void pw_engine_start(struct pw_panel *p, uint64_t seed)
{
    uint64_t s = seed;
    for (unsigned ch = 0; ch < p->n_mod; ch++) {
        uint64_t r = pw_seed_next(&s);
        p->rng[ch] = r ? r : 1;
        p->x1[ch] = (double)(pw_seed_next(&s) >> 11) * 0x1p-53 - 0.5;
        p->x2[ch] = (double)(pw_seed_next(&s) >> 11) * 0x1p-53 - 0.5;
        p->keep[ch] = 1.0 - p->leakage[ch];
    }
    for (unsigned ct = 0; ct < p->n_ct; ct++) {
        struct pw_envelope *e = &p->env[ct];
        if (e->n_seg == 0)
            continue;
        p->env_ct[p->n_env++] = (uint8_t)ct;
        e->seg = e->n_seg - 1;          /* its first segment begins with the first block */
        e->now = e->level[e->seg];
    }
    /* last values = first row */
    const float *row = p->rows;
    for (unsigned k = 0; k < 3; k++) {
        p->v[k] = row[PW_COL_V + k];
        p->v[3 + k] = row[PW_COL_V + k] - (double)row[PW_COL_V + (k + 1) % 3];
        p->vq[k] = row[PW_COL_VQ + k];
        p->vq[3 + k] = row[PW_COL_VQ + k] - (double)row[PW_COL_VQ + (k + 1) % 3];
    }
    double now[PW_COL_I + 2 * PW_CT_PAD_MAX];
    for (unsigned k = 0; k < p->stride; k++)
        now[k] = row[k];
    for (unsigned k = 0; k < p->n_ct_pad; k++) {
        const double level = k < p->n_ct && p->env[k].n_seg != 0 ? p->env[k].now : 1.0;
        p->i[k] = now[PW_COL_I + k] * level;
        now[p->col_sec + k] *= level;
        p->vk[k] = p->v[p->vsel[k]];
        p->vqk[k] = p->vq[p->vsel[k]];
    }
    inputs(p, now, p->u);
}
