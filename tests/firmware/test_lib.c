/* SPDX-License-Identifier: Apache-2.0 */
/* sw/lib: wide integers, text, CRC. */
#include "t.h"

#include <math.h>
#include <stdio.h>

#define __muldi3 product_without_multiplier
#include "../../sw/firmware/target/muldi3.c"
#include "bytes.h"
#include "crc32.h"
#include "text.h"
#include "wide.h"

typedef unsigned __int128 u128;

static void crc_check_value(void **state)
{
    (void)state;
    assert_int_equal(pw_crc32(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(pw_crc32(pw_crc32(0, "1234", 4), "56789", 5), 0xCBF43926);
}

static void wide_against_128_bits(void **state)
{
    (void)state;
    uint64_t s = 1;
    for (int i = 0; i < 200000; i++) {
        uint64_t a = rnd(&s) >> (rnd(&s) % 64), b = rnd(&s) >> (rnd(&s) % 64);
        unsigned shift = 1 + (unsigned)(rnd(&s) % 95);
        u128 p = (u128)a * b;
        uint32_t w[4];
        pw_wide_mul(w, a, b);
        assert_true((((u128)w[3] << 96) | ((u128)w[2] << 64) | ((u128)w[1] << 32) | w[0]) == p);

        u128 r = p >> shift;
        r += (p >> (shift - 1)) & 1;
        uint64_t want = r > UINT64_MAX ? UINT64_MAX : (uint64_t)r;
        assert_true(pw_mul_shift(a, b, shift) == want);

        uint64_t den = (b >> 1) + 1;
        uint64_t rem = pw_wide_div(w, 4, den);
        u128 q = ((u128)w[3] << 96) | ((u128)w[2] << 64) | ((u128)w[1] << 32) | w[0];
        assert_true(q == p / den && rem == (uint64_t)(p % den));
    }
}

static void wide_mac_and_shift_carry_through_all_words(void **state)
{
    (void)state;
    uint32_t acc[5] = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, 7}, one[3] = {1, 0, 0};
    pw_wide_mac(acc, 1, one);
    uint32_t want[5] = {0, 0, 0, 0, 8};
    assert_memory_equal(acc, want, sizeof acc);
    uint32_t k[3] = {UINT32_MAX, UINT32_MAX, UINT32_MAX}; /* (2^64-1)(2^96-1) = 2^160 - 2^96 - 2^64 + 1 */
    memset(acc, 0, sizeof acc);
    pw_wide_mac(acc, UINT64_MAX, k);
    uint32_t top[5] = {1, 0, UINT32_MAX, UINT32_MAX - 1, UINT32_MAX};
    assert_memory_equal(acc, top, sizeof acc);
    uint32_t n[3] = {0x80000001, 2, 0};
    pw_wide_shl(n, 3, 33);
    uint32_t shifted[3] = {0, 2, 5};
    assert_memory_equal(n, shifted, sizeof n);
}

static void product_of_the_core_without_multiplier(void **state)
{
    (void)state;
    static const uint64_t edge[] = {0, 1, 2, 0x80000000, 0xFFFFFFFF, UINT64_C(1) << 32, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 1, UINT64_C(0xFFFFFFFF00000000)};
    const unsigned n = sizeof edge / sizeof edge[0];
    for (unsigned i = 0; i < n * n; i++)
        assert_true(product_without_multiplier(edge[i / n], edge[i % n]) == edge[i / n] * edge[i % n]);
    uint64_t s = 4;
    for (int i = 0; i < 200000; i++) {
        uint64_t a = rnd(&s) >> (rnd(&s) % 64), b = rnd(&s) >> (rnd(&s) % 64);
        assert_true(product_without_multiplier(a, b) == a * b);
        assert_true(product_without_multiplier((uint64_t)-(int64_t)a, b) == (uint64_t)-(int64_t)a * b);
    }
}

static void rounding_and_roots(void **state)
{
    (void)state;
    static const int64_t limit[] = {INT32_MIN, INT32_MAX, INT64_C(-2147483653), INT64_C(2147483642)}; /* around what 32 bits hold with d / 2 */
    for (unsigned i = 0; i < 4; i++)
        for (int64_t n = limit[i] - 12; n <= limit[i] + 12; n++)
            assert_true(pw_div_round(n, 10) == (n >= 0 ? n + 5 : n - 5) / 10);
    assert_true(pw_div_round(INT32_MAX, INT64_C(1) << 31) == 1 && pw_div_round(INT64_C(1) << 30, INT64_C(1) << 31) == 1 && pw_div_round(-(INT64_C(1) << 29), INT64_C(1) << 31) == 0);
    assert_int_equal(pw_div_round(5, 10), 1);
    assert_int_equal(pw_div_round(4, 10), 0);
    assert_int_equal(pw_div_round(-5, 10), -1);
    assert_int_equal(pw_div_round(-4, 10), 0);
    static const uint64_t root[] = {1, 65535, 65536, (1u << 29) - 1, 1u << 29, (1u << 29) + 1, UINT32_MAX}; /* where words and rounds end */
    for (unsigned i = 0; i < sizeof root / sizeof root[0]; i++) {
        uint64_t r = root[i];
        assert_true(pw_isqrt64(r * r) == r && pw_isqrt64(r * r - 1) == r - 1 && pw_isqrt64(r * r + 2 * r) == r);
    }
    assert_int_equal(pw_isqrt64(0), 0);
    assert_int_equal(pw_isqrt64(UINT64_MAX), UINT32_MAX);
    uint64_t s = 2;
    for (int i = 0; i < 100000; i++) {
        uint64_t x = rnd(&s) >> (rnd(&s) % 64);
        if (i % 4 == 0) { /* squares and their neighbours */
            x = (x >> 32) * (x >> 32);
            x -= (i & 4) != 0;
        }
        u128 r = pw_isqrt64(x);
        assert_true(r * r <= x && (r + 1) * (r + 1) > x);
    }
}

static void atan2_against_libm(void **state)
{
    (void)state;
    uint64_t s = 3;
    double worst = 0;
    for (int i = 0; i < 100000; i++) {
        int64_t y = (int64_t)rnd(&s) >> (rnd(&s) % 50), x = (int64_t)rnd(&s) >> (rnd(&s) % 50);
        if (llabs(y) < 100000 && llabs(x) < 100000)
            continue;
        double e = pw_atan2_cdeg(y, x) - atan2((double)y, (double)x) * 18000 / M_PI;
        if (e > 18000) e -= 36000;
        if (e < -18000) e += 36000;
        worst = fmax(worst, fabs(e));
    }
    assert_true(worst <= 0.6); /* 0.5 is the rounding itself */
    assert_int_equal(pw_atan2_cdeg(0, 0), 0);
    assert_int_equal(pw_atan2_cdeg(0, -1), 18000);
    assert_int_equal(pw_atan2_cdeg(1, 0), 9000);
    assert_int_equal(pw_atan2_cdeg(-1, 0), -9000);
    assert_int_equal(pw_atan2_cdeg(INT64_MIN, INT64_MIN), -13500);
}

static void text_numbers(void **state)
{
    (void)state;
    static const struct {
        int64_t v;
        unsigned scale, places, width;
        const char *want;
    } c[] = {
        {-12345, 3, 1, 8, "   -12.3"}, {12350, 3, 1, 0, "12.4"}, {-12350, 3, 1, 0, "-12.4"}, {-49, 2, 0, 0, "0"}, {-50, 2, 0, 0, "-1"},
        {0, 3, 3, 6, " 0.000"}, {INT64_MIN, 0, 0, 0, "-9223372036854775808"}, {999999, 3, 2, 0, "1000.00"}, {5, 0, 0, 3, "  5"},
    };
    char buf[24];
    struct pw_text t;
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        pw_text_init(&t, buf, sizeof buf);
        pw_text_fixed(&t, c[i].v, c[i].scale, c[i].places, c[i].width);
        assert_string_equal(buf, c[i].want);
    }
    pw_text_init(&t, buf, sizeof buf);
    pw_text_energy(&t, UINT64_C(1999999999), 9, 3, 0); /* a register never shows more than it holds */
    assert_string_equal(buf, "1.999");
    pw_text_init(&t, buf, 6);
    pw_text_str(&t, "too long");
    assert_string_equal(buf, "too l");
    pw_text_init(&t, buf, sizeof buf);
    pw_text_u64(&t, UINT64_MAX, 0);
    pw_text_hex(&t, 0xAB, 3);
    assert_string_equal(buf, "184467440737095516150AB");
    uint64_t s = 4;
    for (int i = 0; i < 100000; i++) { /* the division by shifts */
        uint64_t v = rnd(&s) >> (rnd(&s) % 64);
        char want[24];
        snprintf(want, sizeof want, "%llu", (unsigned long long)v);
        pw_text_init(&t, buf, sizeof buf);
        pw_text_u64(&t, v, 0);
        assert_string_equal(buf, want);
    }
}

static void text_formats(void **state)
{
    (void)state;
    char buf[80];
    struct pw_text t;
    pw_text_init(&t, buf, sizeof buf);
    pw_text_fmt(&t, "%s|%5s|%-5s|%c|%%|%u|%3u|%02u|%lu", "ab", "ab", "ab", 'x', 7u, 42u, 5u, UINT32_MAX);
    assert_string_equal(buf, "ab|   ab|ab   |x|%|7| 42|05|4294967295");
    pw_text_init(&t, buf, sizeof buf);
    pw_text_fmt(&t, "%d|%ld|%lld|%llu|%06lX", -5, INT32_MIN, INT64_MIN, UINT64_MAX, UINT32_C(0xABC));
    assert_string_equal(buf, "-5|-2147483648|-9223372036854775808|18446744073709551615|000ABC");
    pw_text_init(&t, buf, sizeof buf);
    pw_text_fmt(&t, "%8.31ld|%.20d|%.31lu|%9.63lld|%.44d", INT32_C(-12350), -49, UINT32_MAX, INT64_C(-999999999), -10000); /* rounded */
    assert_string_equal(buf, "   -12.4|0|4294967.3|-1000.000|-1.0000");
    pw_text_init(&t, buf, sizeof buf);
    pw_text_fmt(&t, "%.93llu|%13.93llu", UINT64_C(1999999999), UINT64_MAX); /* cut */
    assert_string_equal(buf, "1.999|18446744073.709");
    pw_text_init(&t, buf, 6);
    pw_text_fmt(&t, "%-4s%s", "a", "bcd");
    assert_string_equal(buf, "a   b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_check_value),
        cmocka_unit_test(wide_against_128_bits),
        cmocka_unit_test(wide_mac_and_shift_carry_through_all_words),
        cmocka_unit_test(product_of_the_core_without_multiplier),
        cmocka_unit_test(rounding_and_roots),
        cmocka_unit_test(atan2_against_libm),
        cmocka_unit_test(text_numbers),
        cmocka_unit_test(text_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
