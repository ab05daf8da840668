/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler calls for 64-bit divisions, by the names of its run-time library: the linker takes these instead. */
#include "divide.h"

uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
int64_t  __divdi3(int64_t n, int64_t d);
int64_t  __moddi3(int64_t n, int64_t d);

static uint64_t size(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
    uint64_t rest;
    return pw_divide_u64(n, d, &rest);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
    uint64_t rest;
    (void)pw_divide_u64(n, d, &rest);
    return rest;
}

int64_t __divdi3(int64_t n, int64_t d)
{
    uint64_t rest, q = pw_divide_u64(size(n), size(d), &rest);
    return (int64_t)((n < 0) != (d < 0) ? 0 - q : q);
}

/* The sign of the rest is the dividend's: C11 6.5.5. */
int64_t __moddi3(int64_t n, int64_t d)
{
    uint64_t rest;
    (void)pw_divide_u64(size(n), size(d), &rest);
    return (int64_t)(n < 0 ? 0 - rest : rest);
}
