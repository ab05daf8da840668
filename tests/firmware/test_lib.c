/* SPDX-License-Identifier: Apache-2.0 */
/* sw/lib: wide integers, text, CRC, configuration. */
#include "t.h"

#include <math.h>
#include <stdio.h>

#include "bytes.h"
#include "config.h"
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

static void rounding_and_roots(void **state)
{
    (void)state;
    assert_int_equal(pw_div_round(5, 10), 1);
    assert_int_equal(pw_div_round(4, 10), 0);
    assert_int_equal(pw_div_round(-5, 10), -1);
    assert_int_equal(pw_div_round(-4, 10), 0);
    assert_int_equal(pw_isqrt64(0), 0);
    assert_int_equal(pw_isqrt64(UINT64_MAX), UINT32_MAX);
    uint64_t s = 2;
    for (int i = 0; i < 100000; i++) {
        uint64_t x = rnd(&s) >> (rnd(&s) % 64);
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

static void random_config(struct pw_config *c, uint64_t *s)
{
    unsigned n = 1 + (unsigned)(rnd(s) % PW_MAX_CT);
    pw_config_default(c, n);
    c->revision = (uint32_t)rnd(s);
    c->nominal_hz = rnd(s) & 1 ? 50 : 60;
    c->window_cycles = (uint8_t)(1 + rnd(s) % 50);
    uint32_t v = 1000 + (uint32_t)(rnd(s) % 1999001), i = 100 + (uint32_t)(rnd(s) % 19999901);
    for (unsigned k = 0; k < PW_N_V; k++)
        c->v[k] = (struct pw_config_v){v, (int16_t)rnd(s), (uint8_t)(rnd(s) % 240)};
    for (unsigned k = 0; k < PW_MAX_CT; k++)
        c->ct[k] = (struct pw_config_ct){i, (int16_t)rnd(s), (uint8_t)(rnd(s) % 240), (uint8_t)(rnd(s) % 6), rnd(s) & 1, (uint8_t)(rnd(s) % n)};
    for (unsigned k = 0; k < PW_MAX_CT; k++)
        c->point[k] = (struct pw_config_point){rnd(s) & 1 ? 0 : 10 + (uint32_t)(rnd(s) % 99999991), (uint32_t)(rnd(s) % 1000001)};
    c->modbus_port = (uint16_t)(1 + rnd(s) % 65535);
    c->unit_id = (uint8_t)(1 + rnd(s) % 247);
}

static void config_round_trip(void **state)
{
    (void)state;
    uint64_t s = 5;
    static uint8_t buf[PW_CONFIG_SIZE_B], again[PW_CONFIG_SIZE_B];
    for (int i = 0; i < 2000; i++) {
        struct pw_config a, b;
        struct pw_config_fault f;
        random_config(&a, &s);
        assert_int_equal(pw_config_encode(&a, buf, &f), PW_OK);
        assert_int_equal(pw_config_decode(&b, buf, sizeof buf, &f), PW_OK);
        assert_int_equal(pw_config_encode(&b, again, &f), PW_OK);
        assert_memory_equal(buf, again, sizeof buf);
        assert_int_equal(a.ct[a.n_ct - 1].i_fs_ma, b.ct[a.n_ct - 1].i_fs_ma);
        assert_int_equal(a.ct[PW_MAX_CT - 1].gain_f17, b.ct[PW_MAX_CT - 1].gain_f17);
        assert_int_equal(a.point[PW_MAX_CT - 1].creep_mw, b.point[PW_MAX_CT - 1].creep_mw);
    }
}

static void config_names_the_bad_field(void **state)
{
    (void)state;
    struct pw_config c;
    struct pw_config_fault f;
#define BAD(change, g, i, name)                                   \
    do {                                                          \
        pw_config_default(&c, 24);                                \
        change;                                                   \
        assert_int_equal(pw_config_check(&c, &f), PW_ERR_RANGE);  \
        assert_string_equal(f.group, g);                          \
        assert_int_equal(f.index, i);                             \
        assert_string_equal(f.field, name);                       \
    } while (0)
    BAD(c.n_ct = 0, "general", -1, "n_ct");
    BAD(c.n_ct = 55, "general", -1, "n_ct");
    BAD(c.n_points = 25, "general", -1, "n_points");
    BAD(c.nominal_hz = 55, "general", -1, "nominal_hz");
    BAD(c.window_cycles = 51, "general", -1, "window_cycles");
    BAD(c.serial[3] = '\n', "general", -1, "serial");
    BAD(c.serial[2] = 0, "general", -1, "serial"); /* text after the end */
    BAD(c.modbus_port = 0, "net", -1, "modbus_port");
    BAD(c.unit_id = 248, "net", -1, "unit_id");
    BAD(c.mac[0] = 1, "net", -1, "mac");
    BAD(c.v[2].v_fs_mv = 999, "v", 2, "v_fs_mv");
    BAD(c.v[1].delay = 240, "v", 1, "delay");
    BAD(c.ct[7].vsel = 6, "ct", 7, "vsel");
    BAD(c.ct[7].pol = 2, "ct", 7, "pol");
    BAD(c.ct[7].delay = 240, "ct", 7, "delay");
    BAD(c.ct[7].point = 24, "ct", 7, "point");
    BAD(c.ct[23].i_fs_ma = 20000001, "ct", 23, "i_fs_ma");
    BAD((c.ct[1].point = 0, c.ct[1].i_fs_ma = 400000), "ct", 1, "point"); /* one residue, one unit */
    BAD((c.ct[5].vsel = PW_VCA, c.v[0].v_fs_mv = 400000), "ct", 5, "vsel");
    BAD(c.point[3].pulse_weight_mwh = 9, "point", 3, "pulse_weight_mwh");
    BAD(c.point[3].creep_mw = 1000001, "point", 3, "creep_mw");
    pw_config_default(&c, 24);
    c.version = 2;
    assert_int_equal(pw_config_check(&c, &f), PW_ERR_VERSION);
}

static void config_refuses_damage(void **state)
{
    (void)state;
    uint64_t s = 6;
    static uint8_t buf[PW_CONFIG_SIZE_B], bad[PW_CONFIG_SIZE_B];
    struct pw_config c, d;
    struct pw_config_fault f;
    pw_config_default(&c, 12);
    assert_int_equal(pw_config_encode(&c, buf, NULL), PW_OK);
    memset(&d, 0x5A, sizeof d);
    struct pw_config before = d;
    for (unsigned at = 0; at < sizeof buf; at++) {
        memcpy(bad, buf, sizeof buf);
        bad[at] ^= (uint8_t)(1 + rnd(&s) % 255);
        assert_int_not_equal(pw_config_decode(&d, bad, sizeof bad, &f), PW_OK);
        assert_memory_equal(&d, &before, sizeof d);
        assert_int_equal(pw_config_decode(&d, buf, at, &f), PW_ERR_SIZE);
    }
    for (int i = 0; i < 20000; i++) { /* random content under a right CRC: decode must say what it is, and never run wild */
        memcpy(bad, buf, sizeof buf);
        for (int n = 0; n < 4; n++)
            bad[8 + rnd(&s) % (PW_CONFIG_SIZE_B - 12)] = (uint8_t)rnd(&s);
        pw_put_le32(bad + PW_CONFIG_SIZE_B - 4, pw_crc32(0, bad, PW_CONFIG_SIZE_B - 4));
        f.field = NULL;
        if (pw_config_decode(&d, bad, sizeof bad, &f) != PW_OK)
            assert_non_null(f.field);
        else
            assert_int_equal(pw_config_check(&d, NULL), PW_OK);
    }
}

static void config_point_lead_is_the_first_ct(void **state)
{
    (void)state;
    struct pw_config c;
    pw_config_default(&c, 12);
    c.ct[9].point = c.ct[5].point = 3;
    assert_int_equal(pw_config_point_lead(&c, 3), 3);
    c.ct[3].point = 0;
    assert_int_equal(pw_config_point_lead(&c, 3), 5);
    assert_int_equal(pw_config_point_lead(&c, 9), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_check_value),
        cmocka_unit_test(wide_against_128_bits),
        cmocka_unit_test(wide_mac_and_shift_carry_through_all_words),
        cmocka_unit_test(rounding_and_roots),
        cmocka_unit_test(atan2_against_libm),
        cmocka_unit_test(text_numbers),
        cmocka_unit_test(config_round_trip),
        cmocka_unit_test(config_names_the_bad_field),
        cmocka_unit_test(config_refuses_damage),
        cmocka_unit_test(config_point_lead_is_the_first_ct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
