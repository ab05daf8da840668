/* SPDX-License-Identifier: Apache-2.0 */
/* Division of 64 bits against the PC's own. */
#include "divide.h"
#include "t.h"

/* The names of the target, here as others. */
#define __udivdi3 t_udivdi3
#define __umoddi3 t_umoddi3
#define __divdi3  t_divdi3
#define __moddi3  t_moddi3
#include "../../sw/firmware/target/libgcc.c"

static uint64_t seed = 1;

/* Any length, and often next to a power of two. */
static uint64_t number(void)
{
    uint64_t v = rnd(&seed) >> rnd(&seed) % 64;
    switch (rnd(&seed) % 4) {
    case 0: return v;
    case 1: return (UINT64_C(1) << rnd(&seed) % 64) - rnd(&seed) % 3;
    case 2: return ~(v >> 1);
    default: return v & ~((UINT64_C(1) << rnd(&seed) % 40) - 1);
    }
}

static void check(uint64_t n, uint64_t d)
{
    uint64_t rest = 1, q = pw_divide_u64(n, d, &rest);
    if (q != n / d || rest != n % d)
        fail_msg("%llu / %llu = %llu rest %llu", (unsigned long long)n, (unsigned long long)d, (unsigned long long)q, (unsigned long long)rest);
    if (t_udivdi3(n, d) != n / d || t_umoddi3(n, d) != n % d)
        fail_msg("unsigned %llu, %llu", (unsigned long long)n, (unsigned long long)d);
    int64_t a = (int64_t)n, b = (int64_t)d;
    if (!(a == INT64_MIN && b == -1) && (t_divdi3(a, b) != a / b || t_moddi3(a, b) != a % b))
        fail_msg("signed %lld, %lld", (long long)a, (long long)b);
}

static void quotient_and_rest_are_the_pcs(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3000000; i++) {
        uint64_t n = number(), d = number();
        check(n, d == 0 ? 1 : d);
    }
}

/* Where estimates of a digit are worst. */
static void corners(void **state)
{
    (void)state;
    const uint64_t v[] = {1, 2, 0xFFFF, 0x10000, 0x10001, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0x100000000, 0x100000001, 0x1FFFFFFFF, 0x7FFF800000000001,
                          0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0x8000000000000001, 0x8000FFFF00000000, 0xFFFF0000FFFFFFFF, 0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFE, UINT64_MAX};
    for (unsigned i = 0; i < sizeof v / sizeof v[0]; i++)
        for (unsigned k = 0; k < sizeof v / sizeof v[0]; k++) {
            check(v[i], v[k]);
            check(v[i] - 1, v[k]);
            check(v[i] / 3 * v[k], v[k]);
            check(v[i] * v[k] - 1, v[k]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(quotient_and_rest_are_the_pcs), cmocka_unit_test(corners)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
