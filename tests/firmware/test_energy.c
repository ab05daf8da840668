/* SPDX-License-Identifier: Apache-2.0 */
/* Energy registers and their FRAM copies. */
#include "t.h"

#include "bytes.h"
#include "crc32.h"
#include "energy.h"
#include "energy_store.h"
#include "fake.h"
#include "fram_map.h"
#include "scale.h"

typedef unsigned __int128 u128;
static const struct pw_rate rate = {25000000, 5, 9};
static struct pw_energy e, back;
static struct fake f;

/* 500 V, 800 A: uWh = units * 4e11 * 5 * 512 / (2^14 * 25e6 * 3600) = units * 4e11 * 5 / (2^5 * 9e10) */
static uint64_t exact_uwh(u128 units)
{
    return (uint64_t)(units * 200 / 9 >> 5); /* 4e11 * 5 / 9e10 = 200 / 9 */
}

/* The factor is rounded down in its 64th bit: a whole 1e-6 Wh may still be 0.999... */
static void is_exact(uint64_t uwh, u128 units)
{
    assert_in_range(uwh, exact_uwh(units) - (uint64_t)(units != 0), exact_uwh(units));
}

static void start(void)
{
    memset(&e, 0, sizeof e);
    for (unsigned k = 0; k < PW_MAX_CT; k++)
        pw_scale_energy(&rate, UINT64_C(400000000000), e.ct[k].k_f64);
}

static void nine_days_of_windows_add_up_exactly(void **state)
{
    (void)state;
    uint64_t s = 1, before = 0;
    u128 total = 0;
    uint32_t samples = 0;
    struct pw_fe_energy now = {0};
    start();
    for (int i = 0; i < 4000000; i++) { /* 9 days of windows */
        uint64_t delta = rnd(&s) % (UINT64_C(1953) << 14);
        if (i % 7 == 0)
            delta >>= rnd(&s) % 30;
        total += delta;
        now.energy[PW_WH_DEL] += delta;
        samples += 1953;
        assert_true(pw_energy_update(&e, 0, &now, samples, 2946));
        uint64_t uwh = pw_energy_get(&e.ct[0], PW_WH_DEL);
        assert_true(uwh >= before);
        before = uwh;
        if (i % 65536 == 0)
            is_exact(uwh, total);
    }
    assert_true(total >> 44 != 0);
    is_exact(before, total);
    assert_int_equal(pw_energy_get(&e.ct[0], PW_WH_REC), 0);
}

static void one_unit_at_a_time_equals_all_at_once(void **state)
{
    (void)state;
    struct pw_fe_energy now = {0};
    start();
    for (unsigned i = 0; i < 300000; i++) {
        now.energy[PW_VARH_Q3] += 1; /* 0.69e-6 varh: nothing may be lost between */
        assert_true(pw_energy_update(&e, 5, &now, i, 2946));
    }
    is_exact(pw_energy_get(&e.ct[5], PW_VARH_Q3), 300000);
}

static void an_impossible_reading_is_not_energy(void **state)
{
    (void)state;
    struct pw_fe_energy now = {0};
    start();
    now.energy[0] = 1u << 20;
    assert_true(pw_energy_update(&e, 0, &now, 1953, 2946));
    uint64_t good = pw_energy_get(&e.ct[0], PW_WH_DEL);
    struct pw_fe_energy glitch = now;
    glitch.energy[0] |= UINT64_C(1) << 32;
    assert_false(pw_energy_update(&e, 0, &glitch, 3906, 2946));
    assert_int_equal(pw_energy_get(&e.ct[0], PW_WH_DEL), good);
    assert_int_equal(e.rejected, 1);
    now.energy[0] += 1u << 20; /* the next good reading counts everything since */
    assert_true(pw_energy_update(&e, 0, &now, 5859, 2946));
    is_exact(pw_energy_get(&e.ct[0], PW_WH_DEL), 1u << 21);
    glitch.energy[0] = now.energy[0] - 1; /* going back is impossible too */
    for (unsigned i = 0; i < 5; i++)
        assert_false(pw_energy_update(&e, 0, &glitch, 5859 + 1953 * i, 2946));
    is_exact(pw_energy_get(&e.ct[0], PW_WH_DEL), 1u << 21);
    glitch.energy[0] += 1u << 20; /* after five it goes on from there */
    assert_true(pw_energy_update(&e, 0, &glitch, 17000, 2946));
    assert_int_equal(e.rejected, 6);
}

/* The most that two inputs can show in the time is taken, one unit more is not; however long the time was. */
static void the_limit_is_twice_full_scale(void **state)
{
    (void)state;
    static const uint32_t elapsed[] = {1, 1953, 59999, 60001, UINT32_C(1) << 31, UINT32_MAX};
    for (unsigned i = 0; i < 6; i++) {
        struct pw_fe_energy now = {0};
        start();
        e.rejected = 0;
        uint64_t most = ((uint64_t)elapsed[i] + 2 * 2946) << 15;
        now.energy[PW_VARH_Q2] = most + 1;
        assert_false(pw_energy_update(&e, 3, &now, elapsed[i], 2946));
        now.energy[PW_VARH_Q2] = most;
        assert_true(pw_energy_update(&e, 3, &now, elapsed[i], 2946));
        is_exact(pw_energy_get(&e.ct[3], PW_VARH_Q2), most);
    }
}

static struct pw_spi spi;
static struct pw_fram fram;

static void power_up(void)
{
    pw_spi_init(&spi, &f.hal, 1, 25000000, 12500000);
    f.spi_ctrl = 0;
    f.fram_n = f.w_n = 0;
    f.fram_wel = 0;
    f.fram_cut = -1;
    assert_int_equal(pw_fram_init(&fram, &spi, 0), PW_OK);
}

static void fill(uint64_t seed, unsigned n_ct)
{
    start();
    for (unsigned k = 0; k < n_ct; k++)
        for (unsigned i = 0; i < PW_N_ENERGY; i++) {
            for (unsigned w = 1; w < 4; w++)
                e.ct[k].acc[i][w] = (uint32_t)rnd(&seed);
            e.ct[k].raw[i] = rnd(&seed);
            e.ct[k].residue = (uint32_t)rnd(&seed);
            e.ct[k].va[i % 2][i % 3] = (uint32_t)rnd(&seed);
        }
}

static bool same(const struct pw_energy *a, const struct pw_energy *b, unsigned n_ct)
{
    for (unsigned k = 0; k < n_ct; k++)
        if (memcmp(a->ct[k].acc, b->ct[k].acc, sizeof a->ct[k].acc) || memcmp(a->ct[k].raw, b->ct[k].raw, sizeof a->ct[k].raw) ||
            memcmp(a->ct[k].va, b->ct[k].va, sizeof a->ct[k].va) || a->ct[k].residue != b->ct[k].residue)
            return false;
    return true;
}

static void put_image(const uint8_t *image, size_t n, uint32_t base)
{
    memcpy(f.fram + base, image, n < 0x1000 ? n : 0x1000);
    if (n > 0x1000)
        memcpy(f.fram + base + 0x2000, image + 0x1000, n - 0x1000);
}

/* Image as firmware before 0.3 wrote it, of the energies e. */
static void put_v2(uint32_t base, uint32_t seq, unsigned n_ct)
{
    static uint8_t image[0x2000];
    size_t n = 32;
    memset(image, 0, sizeof image);
    memcpy(image, "PWEN", 4);
    pw_put_le16(image + 4, 2);
    pw_put_le16(image + 6, (uint16_t)n_ct);
    pw_put_le32(image + 8, seq);
    for (unsigned k = 0; k < n_ct; k++, n += PW_ENERGY_RECORD_B)
        pw_energy_record_put(image + n, &e.ct[k]);
    pw_put_le32(image + n, pw_crc32(0, image, n));
    put_image(image, n + 4, base);
}

static int load(unsigned n_ct)
{
    memset(&back, 0, sizeof back);
    return pw_energy_store_load(&fram, &back, n_ct);
}

static void records_and_old_images(void **state)
{
    (void)state;
    for (unsigned n_ct = 12; n_ct <= 54; n_ct += n_ct == 12 ? 12 : 30) {
        fake_init(&f, n_ct);
        power_up();
        assert_int_equal(load(n_ct), PW_ERR_CRC); /* empty */
        for (uint32_t i = 1; i <= 5; i++) {
            fill(i, n_ct);
            put_v2(i & 1 ? PW_FRAM_OLD_ENERGY_A : PW_FRAM_OLD_ENERGY_B, 0xFFFFFFFDu + i, n_ct); /* the sequence wraps */
            assert_int_equal(load(n_ct), PW_OK);
            assert_true(same(&e, &back, n_ct));
        }
    }
}

/* Image as the first release wrote it: raw numbers in units of one product, residue 64 bits. */
static void put_v1(uint32_t base, uint32_t seq, unsigned n_ct)
{
    static uint8_t image[0x2000];
    memset(image, 0, sizeof image);
    memcpy(image, "PWEN", 4);
    pw_put_le16(image + 4, 1);
    pw_put_le16(image + 6, (uint16_t)n_ct);
    pw_put_le32(image + 8, seq);
    for (unsigned k = 0; k < n_ct; k++) {
        uint8_t *p = image + 32 + 128 * k;
        for (unsigned i = 0; i < PW_N_ENERGY; i++, p += 20) {
            pw_put_le64(p, UINT64_C(0x123456789ABC0000) + 1000 * seq + 10 * k + i);
            pw_put_le32(p + 8, 0x80000000u + k);
            pw_put_le64(p + 12, (UINT64_C(77000) + 10 * k + i) << 32 | 0xDEADBEEF);
        }
        pw_put_le64(p, (UINT64_C(5000) + k) << 32 | 0xFFFFFFFF);
    }
    size_t n = 32 + 128 * n_ct;
    pw_put_le32(image + n, pw_crc32(0, image, n));
    n += 4;
    put_image(image, n, base);
}

static void check_v1(uint32_t seq, unsigned n_ct)
{
    for (unsigned k = 0; k < n_ct; k++) {
        for (unsigned i = 0; i < PW_N_ENERGY; i++) {
            assert_int_equal(pw_energy_get(&back.ct[k], i), UINT64_C(0x123456789ABC0000) + 1000 * seq + 10 * k + i);
            assert_int_equal(back.ct[k].acc[i][1], 0x80000000u + k);
            assert_int_equal(back.ct[k].acc[i][0], 0);
            assert_int_equal(back.ct[k].raw[i], 77000 + 10 * k + i);
        }
        assert_int_equal(back.ct[k].residue, 5000 + k);
    }
}

static void images_of_version_1_are_read(void **state)
{
    (void)state;
    for (unsigned newer = 0; newer < 2; newer++)
        for (unsigned n_ct = 12; n_ct <= 24; n_ct += 12) {
            fake_init(&f, n_ct);
            power_up();
            put_v1(newer ? 0x1800 : 0x0800, 41, n_ct);
            put_v1(newer ? 0x0800 : 0x1800, 40, n_ct);
            if (n_ct == 24) /* the older one is damaged */
                f.fram[(newer ? 0x0800 : 0x1800) + 99] ^= 4;
            assert_int_equal(load(n_ct), PW_OK);
            check_v1(41, n_ct);
            fill(9, n_ct);
            put_v2(PW_FRAM_OLD_ENERGY_B, 1, n_ct); /* a later version counts more than a number */
            assert_int_equal(load(n_ct), PW_OK);
            assert_true(same(&e, &back, n_ct));
        }
    fake_init(&f, 12);
    power_up();
    put_v1(0x1800, 7, 12);
    f.fram[0x1800 + 4] = 2; /* a version that was never there */
    assert_int_equal(load(12), PW_ERR_CRC);
}

static void both_copies_bad_is_said(void **state)
{
    (void)state;
    fake_init(&f, 12);
    power_up();
    fill(1, 12);
    put_v2(PW_FRAM_OLD_ENERGY_A, 1, 12);
    put_v2(PW_FRAM_OLD_ENERGY_B, 2, 12);
    f.fram[PW_FRAM_OLD_ENERGY_A + 100] ^= 1;
    assert_int_equal(load(12), PW_OK);
    f.fram[PW_FRAM_OLD_ENERGY_B + 100] ^= 1;
    assert_int_equal(load(12), PW_ERR_CRC);
    f.spi_stuck = true;
    assert_int_equal(load(12), PW_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nine_days_of_windows_add_up_exactly),  cmocka_unit_test(one_unit_at_a_time_equals_all_at_once),
        cmocka_unit_test(an_impossible_reading_is_not_energy),             cmocka_unit_test(records_and_old_images), cmocka_unit_test(images_of_version_1_are_read), cmocka_unit_test(both_copies_bad_is_said),
        cmocka_unit_test(the_limit_is_twice_full_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
