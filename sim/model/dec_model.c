/* SPDX-License-Identifier: Apache-2.0 */
#include "dec_model.h"

#include <assert.h>
#include <string.h>

#include "pw_dec_tables.h"

_Static_assert(PW_DEC_TAPS == 64, "group delay assumes 64 taps");
_Static_assert(PW_DEC_RING >= PW_DEC_TAPS, "ring holds the filter");

#define MASK(bits) ((UINT32_C(1) << (bits)) - 1)

void pw_dec_init(struct pw_dec *d, unsigned n_ch)
{
    assert(n_ch >= 1 && n_ch <= PW_DEC_MAX_CH);
    memset(d, 0, sizeof *d);
    d->n_ch = n_ch;
}

int pw_dec_set_delay(struct pw_dec *d, unsigned ch, unsigned clocks)
{
    if (ch >= d->n_ch || clocks > PW_DEC_MAX_DELAY) return PW_DEC_ERR_RANGE;
    d->delay[ch] = (uint8_t)clocks;
    return 0;
}

/* Delay by d % 8 with the previous byte, then by d / 8 bytes: in this order, as the gateware does, so that a change of
 * delay has the same effect in both. */
static void delay_bytes(struct pw_dec *d, const uint8_t bytes[])
{
    unsigned now = d->frame % 32;
    for (unsigned ch = 0; ch < d->n_ch; ch++) {
        unsigned both = (unsigned)bytes[ch] << 8 | d->prev[ch];
        d->prev[ch] = bytes[ch];
        d->hist[now][ch] = (uint8_t)(both >> (8 - d->delay[ch] % 8));
        d->bytes[ch] = d->hist[(now - d->delay[ch] / 8) % 32][ch];
    }
}

/* The integrators may grow over their width: only the low bits of K4, which the upper bits never reach, are used. */
static void integrate(struct pw_dec *d)
{
    for (unsigned ch = 0; ch < d->n_ch; ch++) {
        const uint16_t *s = pw_dec_sums[d->bytes[ch]];
        uint32_t k1 = d->k1[ch], k2 = d->k2[ch], k3 = d->k3[ch];
        d->k1[ch] = k1 + s[0];
        d->k2[ch] = k2 + 8 * k1 + s[1];
        d->k3[ch] = k3 + 16 * k2 + s[2];
        d->k4[ch] += 4 * k3 + s[3];
    }
}

static void comb(struct pw_dec *d)
{
    memmove(d->x[1], d->x[0], 4 * sizeof d->x[0]);
    for (unsigned ch = 0; ch < d->n_ch; ch++) {
        d->x[0][ch] = (d->k4[ch] & MASK(28)) >> 4;
        uint32_t y = d->x[0][ch] - 4 * d->x[1][ch] + 6 * d->x[2][ch] - 4 * d->x[3][ch] + d->x[4][ch];
        d->sinc4[ch] = (int32_t)(y & MASK(24)) - PW_DEC_FULL_SCALE;
        d->ring[ch][d->at] = d->ring[ch][d->at + PW_DEC_RING] = d->sinc4[ch];
    }
    d->at = (d->at + 1) % PW_DEC_RING;
}

static int32_t fir(const int32_t *x)
{
    int64_t sum = INT64_C(1) << (PW_DEC_FIR_SCALE - 1);    /* round half up */
    for (unsigned k = 0; k < PW_DEC_TAPS; k++) sum += (int64_t)x[k] * pw_dec_taps[k];
    sum >>= PW_DEC_FIR_SCALE;
    if (sum > PW_DEC_FULL_SCALE - 1) sum = PW_DEC_FULL_SCALE - 1;
    if (sum < -PW_DEC_FULL_SCALE) sum = -PW_DEC_FULL_SCALE;
    return (int32_t)sum;
}

bool pw_dec_push8(struct pw_dec *d, const uint8_t bytes[], int32_t samples[])
{
    delay_bytes(d, bytes);
    integrate(d);
    d->frame++;
    d->sinc4_valid = d->frame % 16 == 0;
    if (d->sinc4_valid) comb(d);
    if (d->frame % 64 != 0) return false;
    d->n_sets++;
    if (d->n_sets <= PW_DEC_SETTLE_SETS) return false;
    unsigned oldest = (d->at + PW_DEC_RING - PW_DEC_TAPS) % PW_DEC_RING;
    for (unsigned ch = 0; ch < d->n_ch; ch++) samples[ch] = fir(&d->ring[ch][oldest]);
    return true;
}
