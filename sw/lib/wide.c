/* SPDX-License-Identifier: Apache-2.0 */
#include "wide.h"

void pw_wide_mac(uint32_t acc[5], uint64_t a, const uint32_t k[3])
{
    for (unsigned j = 0; j < 2; j++) {
        uint32_t aj = (uint32_t)(a >> (32 * j));
        uint64_t c = 0;
        for (unsigned i = 0; i < 3; i++) {
            c += (uint64_t)aj * k[i] + acc[i + j]; /* (2^32-1)^2 + 2 (2^32-1) = 2^64 - 1: never wraps */
            acc[i + j] = (uint32_t)c;
            c >>= 32;
        }
        for (unsigned i = j + 3; i < 5; i++) {
            c += acc[i];
            acc[i] = (uint32_t)c;
            c >>= 32;
        }
    }
}

/* Four products in the open: this is the inner loop of metering. */
void pw_wide_mul(uint32_t p[4], uint64_t a, uint64_t b)
{
    uint32_t a0 = (uint32_t)a, a1 = (uint32_t)(a >> 32), b0 = (uint32_t)b, b1 = (uint32_t)(b >> 32);
    uint64_t p00 = (uint64_t)a0 * b0, p11 = (uint64_t)a1 * b1;
    uint64_t mid = (uint64_t)a0 * b1 + (p00 >> 32); /* (2^32-1)^2 + 2^32-1: fits */
    uint64_t mid2 = (uint64_t)a1 * b0 + (uint32_t)mid;
    uint64_t top = p11 + (mid >> 32) + (mid2 >> 32);
    p[0] = (uint32_t)p00;
    p[1] = (uint32_t)mid2;
    p[2] = (uint32_t)top;
    p[3] = (uint32_t)(top >> 32);
}

void pw_wide_shl(uint32_t *num, unsigned n, unsigned bits)
{
    unsigned words = bits / 32, rest = bits % 32;
    for (unsigned i = n; i-- > 0;) {
        uint32_t hi = i >= words ? num[i - words] : 0;
        uint32_t lo = i >= words + 1 ? num[i - words - 1] : 0;
        num[i] = rest ? hi << rest | lo >> (32 - rest) : hi;
    }
}

uint64_t pw_wide_div(uint32_t *num, unsigned n, uint64_t den)
{
    uint64_t rem = 0;
    for (unsigned i = n; i-- > 0;) {
        uint32_t w = num[i];
        for (unsigned bit = 0; bit < 32; bit++) {
            rem = rem << 1 | w >> 31;
            w <<= 1;
            if (rem >= den) {
                rem -= den;
                w |= 1;
            }
        }
        num[i] = w;
    }
    return rem;
}

uint64_t pw_mul_shift(uint64_t a, uint64_t b, unsigned shift)
{
    uint32_t p[6] = {0};
    pw_wide_mul(p, a, b);
    unsigned w = shift / 32, rest = shift % 32, half = (shift - 1) % 32; /* w <= 2 */
    uint32_t above = w == 0 ? p[3] : 0;
    if (above != 0 || p[w + 2] >> rest != 0)
        return UINT64_MAX;
    uint64_t r = (uint64_t)p[w + 1] << 32 | p[w];
    if (rest != 0)
        r = r >> rest | (uint64_t)p[w + 2] << (64 - rest);
    uint64_t up = p[(shift - 1) / 32] >> half & 1; /* the highest bit cut off */
    return r + up < r ? UINT64_MAX : r + up;
}

int64_t pw_div_round(int64_t n, int64_t d)
{
    n += n >= 0 ? d / 2 : -(d / 2);
    if ((int32_t)n == n && (int32_t)d == d && d != -1) /* most are short: one instruction, where 64 bits take hundreds of clocks */
        return (int32_t)n / (int32_t)d;
    return n / d;
}

/* Bit by bit: the upper half of the root from the upper word, then two bits of the lower word a round. The rest is at most twice the root, so
 * 32 bits hold four times it but in the last three rounds of a root of more than 29 bits. */
uint32_t pw_isqrt64(uint64_t x)
{
    uint32_t hi = (uint32_t)(x >> 32), lo = (uint32_t)x, rest = hi != 0 ? hi : lo, root = 0, bit = 1u << 30;
    while (bit > rest)
        bit >>= 2;
    for (; bit != 0; bit >>= 2) {
        uint32_t t = root + bit;
        root >>= 1;
        if (rest >= t) {
            rest -= t;
            root += bit;
        }
    }
    if (hi == 0)
        return root;
    unsigned short_rounds = hi >> 26 == 0 ? 16 : 13;
    for (unsigned i = 0; i < short_rounds; i++) {
        uint32_t t = root << 2 | 1;
        rest = rest << 2 | lo >> 30;
        lo <<= 2;
        root <<= 1;
        if (rest >= t) {
            rest -= t;
            root++;
        }
    }
    uint64_t long_rest = rest;
    for (unsigned i = short_rounds; i < 16; i++) {
        long_rest = long_rest << 2 | lo >> 30;
        lo <<= 2;
        root <<= 1;
        if (long_rest > 2 * (uint64_t)root) {
            long_rest -= 2 * (uint64_t)root + 1;
            root++;
        }
    }
    return root;
}

/* atan(2^-i) in degrees, sQ.20; the last step is 0.0004 degree */
#define N_ATAN 18u
static const int32_t atan_deg_f20[N_ATAN] = {
    47185920, 27855475, 14718068, 7471121, 3750058, 1876857, 938658, 469357,
    234682,   117342,   58671,    29335,   14668,   7334,    3667,   1833, 917, 458,
};

int32_t pw_atan2_cdeg(int64_t y, int64_t x)
{
    uint64_t ax = x < 0 ? 0 - (uint64_t)x : (uint64_t)x, ay = y < 0 ? 0 - (uint64_t)y : (uint64_t)y;
    if ((ax | ay) == 0)
        return 0;
    int bits = 64 - __builtin_clzll(ax | ay); /* to 29 bits: the CORDIC grows by 1.65 x sqrt(2) */
    if (bits > 29) {
        ax >>= bits - 29;
        ay >>= bits - 29;
    } else {
        ax <<= 29 - bits;
        ay <<= 29 - bits;
    }
    int32_t cx = (int32_t)ax, cy = (int32_t)ay, deg_f20 = 0;
    for (unsigned i = 0; i < N_ATAN; i++) {
        int32_t dx = cy >> i, dy = cx >> i;
        if (cy >= 0) {
            cx += dx;
            cy -= dy;
            deg_f20 += atan_deg_f20[i];
        } else {
            cx -= dx;
            cy += dy;
            deg_f20 -= atan_deg_f20[i];
        }
    }
    if (x < 0)
        deg_f20 = 180 * (1 << 20) - deg_f20;
    int32_t cdeg = (int32_t)(((int64_t)deg_f20 * 100 + (1 << 19)) >> 20); /* not negative */
    return y < 0 ? -cdeg : cdeg;
}
