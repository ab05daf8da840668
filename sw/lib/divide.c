/* SPDX-License-Identifier: Apache-2.0 */
/* After Knuth, The Art of Computer Programming vol. 2, 4.3.1 D, with digits of 16 bits: no operation here is wider than the CPU's, but for sums, shifts and products. */
#include "divide.h"

#define DIGIT 0xFFFFu

static unsigned leading_zeros(uint32_t v)
{
    unsigned n = 0;
    for (unsigned s = 16; s > 0; s /= 2)
        if (v >> (32 - s) == 0) {
            v <<= s;
            n += s;
        }
    return n;
}

/* One digit of the quotient: (rest, next) / v, where the upper bit of v is set and rest < v. */
static uint32_t digit(uint32_t *rest, uint32_t next, uint32_t v)
{
    uint32_t q = *rest / (v >> 16), r = *rest % (v >> 16);
    while (q > DIGIT || q * (v & DIGIT) > (r << 16 | next)) {
        q--;
        r += v >> 16;
        if (r > DIGIT)
            break;
    }
    *rest = (*rest << 16 | next) - q * v; /* modulo 2^32: the true value is below v */
    return q;
}

/* (high, low) / v with high < v */
static uint32_t narrow(uint32_t high, uint32_t low, uint32_t v, uint32_t *rest)
{
    unsigned s = leading_zeros(v);
    uint64_t n = ((uint64_t)high << 32 | low) << s;
    uint32_t r = (uint32_t)(n >> 32), q;
    v <<= s;
    q = digit(&r, (uint32_t)n >> 16, v) << 16;
    q |= digit(&r, (uint32_t)n & DIGIT, v);
    *rest = r >> s;
    return q;
}

uint64_t pw_divide_u64(uint64_t n, uint64_t d, uint64_t *rest)
{
    uint32_t d_high = (uint32_t)(d >> 32), n_high = (uint32_t)(n >> 32), r;
    uint64_t q;
    if ((d_high | n_high) == 0) { /* most are */
        *rest = (uint32_t)n % (uint32_t)d;
        return (uint32_t)n / (uint32_t)d;
    }
    if (d_high == 0) {
        uint32_t v = (uint32_t)d;
        q = (uint64_t)(n_high / v) << 32;
        q |= narrow(n_high % v, (uint32_t)n, v, &r);
        *rest = r;
        return q;
    }
    /* The upper 32 bits of the divisor give a quotient that is right or one too large; it is made right or one too small. */
    unsigned s = leading_zeros(d_high);
    q = (uint64_t)narrow((uint32_t)(n >> 33), (uint32_t)(n >> 1), (uint32_t)(d << s >> 32), &r) << s >> 31;
    if (q > 0)
        q--;
    n -= (uint32_t)q * d;
    if (n >= d) {
        n -= d;
        q++;
    }
    *rest = n;
    return q;
}
