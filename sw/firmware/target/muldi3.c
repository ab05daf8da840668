/* SPDX-License-Identifier: Apache-2.0 */
/* 64-bit product for the core without a multiplier (Min), in place of libgcc's. That one takes bit 31 of a word by a shift, which this core does one bit a
 * clock, and goes through all bits of the second factor, however small the first one is: some 1100 clocks, 50 us. Here the carry of an addition
 * is that bit, and the smaller factor ends the loop; in metering one factor is mostly small. */
#include <stdint.h>

uint64_t __muldi3(uint64_t a, uint64_t b);

/* x y 2^32, as far as it counts: the low word of the product. */
static uint32_t low_product(uint32_t x, uint32_t y)
{
    uint32_t sum = 0;
    for (; y != 0; y >>= 1, x += x)
        if ((y & 1u) != 0)
            sum += x;
    return sum;
}

uint64_t __muldi3(uint64_t a, uint64_t b)
{
    uint32_t a0 = (uint32_t)a, a1 = (uint32_t)(a >> 32), b0 = (uint32_t)b, b1 = (uint32_t)(b >> 32);
    uint32_t x = a0 < b0 ? b0 : a0, y = a0 < b0 ? a0 : b0, x_hi = 0, lo = 0, hi = 0;
    for (; y != 0; y >>= 1) { /* x counts as x_hi : x */
        if ((y & 1u) != 0)
            hi += x_hi + __builtin_add_overflow(lo, x, &lo);
        x_hi += x_hi + __builtin_add_overflow(x, x, &x);
    }
    hi += low_product(a0, b1) + low_product(b0, a1);
    return (uint64_t)hi << 32 | lo;
}
