/* SPDX-License-Identifier: Apache-2.0 */
/* metrology/scale against long double, negative power and rails included. */
#include "t.h"

#include <math.h>

#include "scale.h"

static const struct pw_rate rates[] = {{25000000, 5, 9}, {21000000, 4, 9}, {50000000, 11, 9}};
static const uint32_t v_fs[] = {500000, 1000000, 1000, 2000000}, i_fs[] = {800000, 4800000, 100, 20000000};

#define FOR_EACH_SCALE                                     \
    for (unsigned r = 0; r < 3; r++)                       \
        for (unsigned iv = 0; iv < 4; iv++)                \
            for (unsigned ii = 0; ii < 4; ii++)

static long double fs_of(const struct pw_rate *r)
{
    return (long double)r->clk_hz / r->mod_div / (1 << r->osr_log2);
}

static void energy_factor_is_exact(void **state)
{
    (void)state;
    FOR_EACH_SCALE {
        uint64_t vi = (uint64_t)v_fs[iv] * i_fs[ii];
        uint32_t k[3];
        pw_scale_energy(&rates[r], vi, k);
        long double got = ((long double)k[2] * 0x1p64L + (long double)k[1] * 0x1p32L + k[0]) * 0x1p-64L;
        long double want = (long double)vi * 0x1p-14L / fs_of(&rates[r]) / 3600;
        assert_true(fabsl(got / want - 1) < 0x1p-40L);
        if (iv == 0 && ii == 0)
            assert_true(fabsl(got / want - 1) < 0x1p-61L); /* as far as long double sees */
    }
}

static void quantum_and_creep(void **state)
{
    (void)state;
    uint64_t s = 1;
    FOR_EACH_SCALE {
        uint64_t vi = (uint64_t)v_fs[iv] * i_fs[ii];
        uint32_t mwh = 10 + (uint32_t)(rnd(&s) % 10000), mw = (uint32_t)(rnd(&s) % 1000001), n = 256 + (uint32_t)(rnd(&s) % 7900);
        long double q = (long double)mwh * 3.6e6L * fs_of(&rates[r]) * 0x1p14L / (long double)vi;
        uint32_t got = pw_scale_quantum(&rates[r], vi, mwh);
        if (q < 0x1p31L)
            assert_true(fabsl((long double)got - q) <= 0.5L + q * 0x1p-62L);
        else
            assert_int_equal(got, 0); /* does not fit: no pulses */
        long double c = (long double)mw * 1000 * n * 0x1p14L / (long double)vi;
        uint32_t creep = pw_scale_creep(vi, mw, n);
        if (mw == 0)
            assert_int_equal(creep, 0);
        else if (c < 0x1p32L - 2)
            assert_true(creep >= c + 1 - 1e-6L && creep < c + 2.0001L); /* rounded up and one more: never registers below the threshold */
        else
            assert_int_equal(creep, UINT32_MAX);
    }
    assert_true(pw_scale_quantum(&rates[0], 400000000000, 0) == 0);
    assert_int_equal(pw_scale_creep(400000000000, 0, 1628), 0);
    assert_int_equal(pw_scale_creep(400000000000, 1000, 1628), 68); /* 66.68 */
}

static void power_both_signs_and_rails(void **state)
{
    (void)state;
    uint64_t s = 2;
    for (int i = 0; i < 200000; i++) {
        uint64_t vi = (uint64_t)v_fs[rnd(&s) % 4] * i_fs[rnd(&s) % 4];
        uint32_t n = 1 + (uint32_t)(rnd(&s) % 8191);
        int64_t sum = (int64_t)(rnd(&s) % ((uint64_t)n << 47)) >> (rnd(&s) % 40);
        long double mw = (long double)sum * 0x1p-46L / n * (long double)vi / 1000;
        int32_t pos = pw_scale_power_mw(sum, vi, n), neg = pw_scale_power_mw(-sum, vi, n);
        assert_int_equal(pos, -neg);
        if (mw >= INT32_MAX)
            assert_int_equal(pos, INT32_MAX);
        else
            assert_true(fabsl(pos - mw) <= 0.5001L);
    }
    assert_int_equal(pw_scale_power_mw(INT64_MIN, 40000000000000, 1), -INT32_MAX);
    assert_int_equal(pw_scale_power_mw(0, 400000000000, 1628), 0);
    /* half an LSB on both sides of 0 (the function may round 1/16 uW first) */
    uint64_t vi = 1000ull << 20; /* 2^26 sums a mW */
    assert_int_equal(pw_scale_power_mw((1 << 25), vi, 1), 1);
    assert_int_equal(pw_scale_power_mw((1 << 25) - (1 << 13), vi, 1), 0);
    assert_int_equal(pw_scale_power_mw(-(1 << 25), vi, 1), -1);
    assert_int_equal(pw_scale_power_mw(-(1 << 25) + (1 << 13), vi, 1), 0);
}

static void rms(void **state)
{
    (void)state;
    uint64_t s = 3;
    for (int i = 0; i < 200000; i++) {
        uint32_t n = 256 + (uint32_t)(rnd(&s) % 7900), fs = v_fs[rnd(&s) % 4];
        uint64_t square = (rnd(&s) % ((uint64_t)n << 46)) >> (rnd(&s) % 30);
        long double want = sqrtl((long double)square * 0x1p-46L / n) * fs;
        assert_true(fabsl(pw_scale_rms(square, fs, n) - want) <= 0.5L + fs * 0x1p-25L * 1.1L + 1e-3L);
    }
    assert_int_equal(pw_scale_rms(0, 500000, 1628), 0);
    assert_int_equal(pw_scale_rms((uint64_t)1628 << 46, 500000, 1628), 500000);       /* full scale, DC */
    assert_int_equal(pw_scale_rms((uint64_t)1628 << 48, 500000, 1628), 1000000);      /* line voltage: twice */
    /* 0.1 % of 200 A on an 800 A input: the starting current keeps 4 digits */
    uint64_t sq = (uint64_t)(0.2L / 800 * (0.2L / 800) * 0x1p46L * 1628);
    assert_int_equal(pw_scale_rms(sq, 800000, 1628), 200);
}

static void frequency_between_crossings(void **state)
{
    (void)state;
    for (unsigned r = 0; r < 3; r++) {
        long double fs = fs_of(&rates[r]);
        for (uint32_t f_mhz = 45000; f_mhz < 66000; f_mhz += 137) {
            /* crossings of an ideal sine: crossing k at t0 + k / f samples */
            long double f = f_mhz / 1000.0L, t0 = 100.37L, t1 = t0 + 12 * fs / f;
            long double n0 = ceill(t0), n1 = ceill(t1);
            long double w = 2 * M_PIl * f / fs, amp = 0.34L * 0x1p23L;
            int32_t b0 = (int32_t)lroundl(amp * sinl(w * (n0 - 1 - t0))), a0 = (int32_t)lroundl(amp * sinl(w * (n0 - t0)));
            int32_t b1 = (int32_t)lroundl(amp * sinl(w * (n1 - 1 - t1))), a1 = (int32_t)lroundl(amp * sinl(w * (n1 - t1)));
            uint32_t got = pw_scale_freq_mhz(&rates[r], 12, (uint32_t)(n1 - n0), pw_scale_zc_frac(b0, a0), pw_scale_zc_frac(b1, a1));
            assert_true(abs((int)got - (int)f_mhz) <= 1);
        }
    }
    assert_int_equal(pw_scale_zc_frac(0, 5), 0); /* no crossing: no fraction, no division by 0 */
    assert_int_equal(pw_scale_zc_frac(-5, -1), 0);
    assert_int_equal(pw_scale_zc_frac(-1, 1), 1 << 23);
}

static void beta_turns_by_90_degrees(void **state)
{
    (void)state;
    for (unsigned r = 0; r < 3; r++)
        for (uint32_t f = 40000; f <= 70000; f += 100) {
            long double t = tanl(M_PIl * f / 1000 / fs_of(&rates[r]));
            long double want = 2 * t / (1 + t) * 0x1p19L;
            assert_true(fabsl(pw_scale_beta(&rates[r], f) - want) <= 0.55L);
        }
}

static void va_and_pf(void **state)
{
    (void)state;
    assert_int_equal(pw_scale_va(120000, 200000), 24000000);
    assert_int_equal(pw_scale_va(UINT32_MAX, UINT32_MAX), UINT32_MAX);
    assert_int_equal(pw_scale_pf(-12000, 24000), -5000);
    assert_int_equal(pw_scale_pf(24001, 24000), 10000); /* rounding must not make it more than 1 */
    assert_int_equal(pw_scale_pf(-24001, 24000), -10000);
    assert_int_equal(pw_scale_pf(5, 0), 0);
    assert_int_equal(pw_scale_fs_mhz(&rates[0]), 9765625);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(energy_factor_is_exact),    cmocka_unit_test(quantum_and_creep),
        cmocka_unit_test(power_both_signs_and_rails), cmocka_unit_test(rms),
        cmocka_unit_test(frequency_between_crossings), cmocka_unit_test(beta_turns_by_90_degrees),
        cmocka_unit_test(va_and_pf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
