/* SPDX-License-Identifier: Apache-2.0 */
/* Two of libgcc's three 64-bit divisions in terms of the third one: each of them is a kilobyte of code of its own. */
#include <stdint.h>

#ifndef PW_UDIVDI3 /* a test has other names for them */
#define PW_UDIVDI3 __udivdi3
#define PW_UMODDI3 __umoddi3
#define PW_DIVDI3  __divdi3
#endif

uint64_t PW_UDIVDI3(uint64_t a, uint64_t b); /* called by its name: a compiler makes a - a / b * b a % b, which would call itself */
uint64_t PW_UMODDI3(uint64_t a, uint64_t b);
int64_t  PW_DIVDI3(int64_t a, int64_t b);

uint64_t PW_UMODDI3(uint64_t a, uint64_t b)
{
    return a - PW_UDIVDI3(a, b) * b;
}

int64_t PW_DIVDI3(int64_t a, int64_t b)
{
    uint64_t q = PW_UDIVDI3(a < 0 ? 0 - (uint64_t)a : (uint64_t)a, b < 0 ? 0 - (uint64_t)b : (uint64_t)b);
    return (int64_t)((a < 0) != (b < 0) ? 0 - q : q);
}
