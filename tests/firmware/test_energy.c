/* SPDX-License-Identifier: Apache-2.0 */
/* Energy registers and their FRAM copies. */
#include "t.h"

#include "energy.h"
#include "energy_store.h"
#include "fake.h"
#include "fram_map.h"
#include "scale.h"

typedef unsigned __int128 u128;
static const struct pw_rate rate = {25000000, 6, 9};
static struct pw_energy e, back;
static struct fake f;

/* 500 V, 800 A: uWh = units * 4e11 * 6 * 512 / (2^46 * 25e6 * 3600) = units * 4e11 * 6 / (2^37 * 9e10) */
static uint64_t exact_uwh(u128 units)
{
    u128 num = units * 80; /* 4e11 * 6 / 9e10 = 80 / 3 */
    return (uint64_t)(num / 3 >> 37);
}

static void start(void)
{
    memset(&e, 0, sizeof e);
    for (unsigned k = 0; k < PW_MAX_CT; k++)
        pw_scale_energy(&rate, UINT64_C(400000000000), e.ct[k].k_f96);
}

static void nine_days_of_windows_add_up_exactly(void **state)
{
    (void)state;
    uint64_t s = 1, before = 0;
    u128 total = 0;
    uint32_t samples = 0;
    struct pw_fe_channel now = {0};
    start();
    for (int i = 0; i < 4000000; i++) { /* 9 days of windows, many times around 2^64 units */
        uint64_t delta = rnd(&s) % (UINT64_C(1628) << 46);
        if (i % 7 == 0)
            delta >>= rnd(&s) % 50;
        total += delta;
        now.energy[PW_WH_DEL] += delta;
        samples += 1628;
        assert_true(pw_energy_update(&e, 0, &now, samples, 2458));
        uint64_t uwh = pw_energy_get(&e.ct[0], PW_WH_DEL);
        assert_true(uwh >= before);
        before = uwh;
        if (i % 65536 == 0)
            assert_int_equal(uwh, exact_uwh(total));
    }
    assert_true(total >> 70 != 0);
    assert_int_equal(before, exact_uwh(total));
    assert_int_equal(pw_energy_get(&e.ct[0], PW_WH_REC), 0);
}

static void one_unit_at_a_time_equals_all_at_once(void **state)
{
    (void)state;
    struct pw_fe_channel now = {0};
    start();
    for (unsigned i = 0; i < 300000; i++) {
        now.energy[PW_VARH_Q3] += 1717986919; /* a third of 1e-6 varh: nothing may be lost between */
        assert_true(pw_energy_update(&e, 5, &now, i, 2458));
    }
    assert_int_equal(pw_energy_get(&e.ct[5], PW_VARH_Q3), exact_uwh((u128)1717986919 * 300000));
}

static void an_impossible_reading_is_not_energy(void **state)
{
    (void)state;
    struct pw_fe_channel now = {0};
    start();
    now.energy[0] = UINT64_C(1) << 50;
    assert_true(pw_energy_update(&e, 0, &now, 1628, 2458));
    uint64_t good = pw_energy_get(&e.ct[0], PW_WH_DEL);
    struct pw_fe_channel glitch = now;
    glitch.energy[0] |= UINT64_C(1) << 62;
    assert_false(pw_energy_update(&e, 0, &glitch, 3256, 2458));
    assert_int_equal(pw_energy_get(&e.ct[0], PW_WH_DEL), good);
    assert_int_equal(e.rejected, 1);
    now.energy[0] += UINT64_C(1) << 50; /* the next good reading counts everything since */
    assert_true(pw_energy_update(&e, 0, &now, 4884, 2458));
    assert_int_equal(pw_energy_get(&e.ct[0], PW_WH_DEL), exact_uwh((u128)1 << 51));
    glitch.energy[0] = now.energy[0] - 1; /* going back is impossible too */
    for (unsigned i = 0; i < 5; i++)
        assert_false(pw_energy_update(&e, 0, &glitch, 4884 + 1628 * i, 2458));
    assert_int_equal(pw_energy_get(&e.ct[0], PW_WH_DEL), exact_uwh((u128)1 << 51));
    glitch.energy[0] += 1u << 20; /* after five it goes on from there */
    assert_true(pw_energy_update(&e, 0, &glitch, 16000, 2458));
    assert_int_equal(e.rejected, 6);
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
            e.ct[k].residue = rnd(&seed);
        }
}

static bool same(const struct pw_energy *a, const struct pw_energy *b, unsigned n_ct)
{
    for (unsigned k = 0; k < n_ct; k++)
        if (memcmp(a->ct[k].acc, b->ct[k].acc, sizeof a->ct[k].acc) || memcmp(a->ct[k].raw, b->ct[k].raw, sizeof a->ct[k].raw) ||
            a->ct[k].residue != b->ct[k].residue)
            return false;
    return true;
}

static void save(struct pw_energy_store *st)
{
    pw_energy_store_begin(st);
    for (unsigned i = 0; i < 200 && pw_energy_store_step(st, &e); i++)
        ;
}

static void round_trip(unsigned n_ct)
{
    struct pw_energy_store st;
    fake_init(&f, n_ct);
    power_up();
    memset(&back, 0, sizeof back);
    assert_int_equal(pw_energy_store_load(&st, &fram, &back, n_ct), PW_ERR_CRC); /* empty */
    for (unsigned i = 1; i <= 5; i++) {
        fill(i, n_ct);
        save(&st);
        assert_int_equal(st.saves, i);
        struct pw_energy_store again;
        memset(&back, 0, sizeof back);
        assert_int_equal(pw_energy_store_load(&again, &fram, &back, n_ct), PW_OK);
        assert_true(same(&e, &back, n_ct));
        assert_int_equal(again.seq, i);
    }
    assert_int_equal(st.errors, 0);
}

static void store_round_trip_12_24_54(void **state)
{
    (void)state;
    round_trip(12);
    round_trip(24);
    round_trip(54);
    for (unsigned i = 0; i < 0x800; i++)
        assert_int_equal(f.fram[i], 0); /* the configuration's place is untouched */
}

static void power_cut_at_each_byte(void **state)
{
    (void)state;
    static uint8_t before[sizeof f.fram];
    static struct pw_energy old, new_one;
    struct pw_energy_store st;
    const unsigned n_ct = 12;
    fake_init(&f, n_ct);
    power_up();
    assert_int_equal(pw_energy_store_load(&st, &fram, &back, n_ct), PW_ERR_CRC);
    fill(1, n_ct);
    save(&st);
    fill(2, n_ct);
    save(&st);
    old = e;
    fill(3, n_ct);
    new_one = e;
    memcpy(before, f.fram, sizeof before);
    const long image_b = 32 + 12 * 128 + 4;
    unsigned kept_old = 0, kept_new = 0;
    for (long cut = 0; cut <= image_b; cut++) {
        memcpy(f.fram, before, sizeof before);
        power_up();
        assert_int_equal(pw_energy_store_load(&st, &fram, &back, n_ct), PW_OK);
        f.fram_cut = cut;
        e = new_one;
        save(&st);
        power_up();
        memset(&back, 0, sizeof back);
        assert_int_equal(pw_energy_store_load(&st, &fram, &back, n_ct), PW_OK);
        if (same(&new_one, &back, n_ct))
            kept_new++;
        else if (same(&old, &back, n_ct))
            kept_old++;
        else
            fail_msg("after a cut at byte %ld neither image is whole", cut);
    }
    assert_true(kept_new >= 1 && kept_new <= 4); /* only when (nearly) all bytes were there */
    assert_int_equal(kept_old + kept_new, image_b + 1);
}

static void both_copies_bad_is_said(void **state)
{
    (void)state;
    struct pw_energy_store st;
    fake_init(&f, 12);
    power_up();
    assert_int_equal(pw_energy_store_load(&st, &fram, &back, 12), PW_ERR_CRC);
    fill(1, 12);
    save(&st);
    save(&st);
    f.fram[PW_FRAM_ENERGY_A + 100] ^= 1;
    assert_int_equal(pw_energy_store_load(&st, &fram, &back, 12), PW_OK);
    f.fram[PW_FRAM_ENERGY_B + 100] ^= 1;
    assert_int_equal(pw_energy_store_load(&st, &fram, &back, 12), PW_ERR_CRC);
    f.spi_stuck = true;
    assert_int_equal(pw_energy_store_load(&st, &fram, &back, 12), PW_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nine_days_of_windows_add_up_exactly),  cmocka_unit_test(one_unit_at_a_time_equals_all_at_once),
        cmocka_unit_test(an_impossible_reading_is_not_energy), cmocka_unit_test(store_round_trip_12_24_54),
        cmocka_unit_test(power_cut_at_each_byte),             cmocka_unit_test(both_copies_bad_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
