/* SPDX-License-Identifier: Apache-2.0 */
/* Points: netted energies, apparent energies, powers, their FRAM copies, and all of it in the firmware over a power cut. */
#include "t.h"

#include <math.h>

#include "app.h"
#include "bytes.h"
#include "crc32.h"
#include "fake.h"
#include "fram_map.h"
#include "points_store.h"

typedef unsigned __int128 u128;
typedef __int128 i128;

static struct fake f;
static struct pw_config cfg;
static struct pw_energy energy;
static struct pw_points points;
static struct pw_snapshot snap;
static struct pw_app app;

static i128 value(const struct pw_u96 *e)
{
    return (i128)(((u128)e->w[2] << 64) | ((u128)e->w[1] << 32) | e->w[0]);
}

/* Energy with 64 bits of fraction onto a CT's register. */
static void add_energy(unsigned ct, enum pw_energy_kind kind, u128 v)
{
    uint32_t *acc = energy.ct[ct].acc[kind];
    u128 sum = ((u128)acc[3] << 96 | (u128)acc[2] << 64 | (u128)acc[1] << 32 | acc[0]) + v;
    for (unsigned i = 0; i < 4; i++)
        acc[i] = (uint32_t)(sum >> 32 * i);
}

static i128 reg96(unsigned ct, enum pw_energy_kind kind)
{
    const uint32_t *acc = energy.ct[ct].acc[kind];
    return (i128)((u128)acc[3] << 64 | (u128)acc[2] << 32 | acc[1]);
}

static int fresh(void **state)
{
    (void)state;
    pw_config_default(&cfg, 24);
    memset(&energy, 0, sizeof energy);
    memset(&snap, 0, sizeof snap);
    snap.registers = &energy;
    pw_points_init(&points, &cfg, &energy);
    pw_points_restore(&points, false);
    return 0;
}

static void window(void)
{
    snap.seq++;
    pw_points_window(&points, &snap, 0);
    pw_points_window(&points, &snap, 0); /* once */
}

/* Every window's sum goes to one side; both sides together are the CTs' registers, to the last bit, for ever. */
static void netted_is_the_sign_of_each_window(void **state)
{
    (void)state;
    uint64_t s = 21;
    i128 del[24] = {0}, rec[24] = {0};
    for (unsigned k = 0; k < 24; k++)
        cfg.ct[k].point = (uint8_t)(k % 7);
    cfg.n_points = 7;
    pw_points_rebase(&points);
    for (unsigned n = 0; n < 20000; n++) {
        i128 net[7] = {0};
        for (unsigned k = 0; k < 24; k++) {
            i128 before[2] = {reg96(k, PW_WH_DEL), reg96(k, PW_WH_REC)};
            enum pw_energy_kind side = rnd(&s) & 1 ? PW_WH_DEL : PW_WH_REC;
            if (rnd(&s) % 4 != 0)
                add_energy(k, side, ((u128)(rnd(&s) % 50000) << 64) | rnd(&s));
            if (n % 500 == 3) /* more than one window at once: both sides grow */
                add_energy(k, PW_WH_DEL, (u128)rnd(&s) << 40);
            net[k % 7] += reg96(k, PW_WH_DEL) - before[0] - (reg96(k, PW_WH_REC) - before[1]);
        }
        window();
        for (unsigned i = 0; i < 7; i++) {
            *(net[i] > 0 ? &del[i] : &rec[i]) += net[i] > 0 ? net[i] : -net[i];
            assert_true(value(&points.point[i].net_del) == del[i]);
            assert_true(value(&points.point[i].net_rec) == rec[i]);
        }
    }
    for (unsigned i = 0; i < 7; i++) {
        i128 sum = 0;
        for (unsigned k = i; k < 24; k += 7)
            sum += reg96(k, PW_WH_DEL) - reg96(k, PW_WH_REC);
        assert_true(value(&points.point[i].net_del) - value(&points.point[i].net_rec) == sum);
        assert_true(pw_points_net_uwh(&points.point[i]) == (int64_t)((del[i] >> 32) - (rec[i] >> 32)));
    }
}

/* One leg takes 1200 W, the other gives 700 W: per element 1200 and 700, netted 500. */
static void import_and_export_side_by_side(void **state)
{
    (void)state;
    const u128 wh = (u128)1000000 << 64;
    cfg.ct[1].point = 0;
    pw_points_rebase(&points);
    for (unsigned n = 0; n < 10; n++) {
        add_energy(0, PW_WH_DEL, 12 * wh);
        add_energy(1, PW_WH_REC, 7 * wh);
        window();
    }
    assert_int_equal(pw_u96_uwh(&points.point[0].net_del), 50000000);
    assert_int_equal(pw_u96_uwh(&points.point[0].net_rec), 0);
    for (unsigned n = 0; n < 10; n++) { /* the sun comes out */
        add_energy(0, PW_WH_DEL, 2 * wh);
        add_energy(1, PW_WH_REC, 7 * wh);
        window();
    }
    assert_int_equal(pw_u96_uwh(&points.point[0].net_del), 50000000);
    assert_int_equal(pw_u96_uwh(&points.point[0].net_rec), 50000000);
    assert_int_equal(pw_points_net_uwh(&points.point[0]), 0);
    add_energy(0, PW_WH_REC, 1);
    window();
    assert_int_equal(pw_points_net_uwh(&points.point[0]), 0); /* 2^-64 uWh are below its resolution, and kept in the CT's register */
    add_energy(0, PW_WH_REC, (u128)1 << 32);
    window();
    assert_int_equal(points.point[0].net_rec.w[0], 1);
}

static void a_ct_moves_without_its_history(void **state)
{
    (void)state;
    const u128 wh = (u128)1000000 << 64;
    add_energy(3, PW_WH_DEL, 100 * wh);
    window();
    assert_int_equal(pw_u96_uwh(&points.point[3].net_del), 100000000);
    add_energy(3, PW_WH_DEL, 5 * wh); /* counted by the CT, not yet by the point */
    pw_points_settle(&points);
    cfg.ct[3].point = 4;
    pw_points_rebase(&points);
    assert_int_equal(pw_u96_uwh(&points.point[3].net_del), 105000000);
    window();
    assert_int_equal(pw_u96_uwh(&points.point[4].net_del), 0);
    add_energy(3, PW_WH_DEL, wh);
    window();
    assert_int_equal(pw_u96_uwh(&points.point[4].net_del), 1000000);
    assert_int_equal(pw_u96_uwh(&points.point[3].net_del), 105000000);
}

static void set_ct(unsigned k, uint32_t v_mv, uint32_t i_ma, int32_t p_mw, int32_t q_mvar)
{
    snap.ct[k] = (struct pw_meas_ct){.v_mv = v_mv, .i_ma = i_ma, .p_mw = p_mw, .q_mvar = q_mvar};
}

static void powers_of_a_point(void **state)
{
    (void)state;
    struct pw_point_now now;
    for (unsigned k = 0; k < 3; k++)
        cfg.ct[k].point = 0;
    for (unsigned k = 4; k < 24; k++)
        snap.ct[k].flags = PW_FLAG_CREEP;
    set_ct(0, 120000, 10000, 1200000, 0);
    set_ct(1, 120000, 10000, 0, 1200000);
    set_ct(2, 120000, 10000, 1200000, 0);
    pw_points_now(&cfg, &snap, 0, PW_SERVICE_WYE4, 0, &now);
    assert_int_equal(now.p_mw, 2400000);
    assert_int_equal(now.q_mvar, 1200000);
    assert_int_equal(now.s_arith_mva, 3600000);
    assert_int_equal(now.s_vector_mva, 2683282); /* sqrt(2400^2 + 1200^2) VA */
    assert_int_equal(now.pf_arith_e4, 6667);
    assert_int_equal(now.pf_vector_e4, 8944);
    assert_int_equal(now.status, 0);
    snap.ct[2].flags = PW_FLAG_CREEP; /* noise is no load */
    snap.ct[1].p_mw = -2400000;
    snap.ct[1].i_rest_ua = -3;
    pw_points_now(&cfg, &snap, 0, PW_SERVICE_WYE4, 0, &now);
    assert_int_equal(now.p_mw, -1200000);
    assert_int_equal(now.s_arith_mva, 2400000);
    assert_int_equal(now.pf_arith_e4, -5000);
    snap.ct[0].flags = snap.ct[1].flags = PW_FLAG_CREEP;
    pw_points_now(&cfg, &snap, 0, PW_SERVICE_WYE4, 0, &now);
    assert_int_equal(now.status, 0); /* 1200 var are a load */
    assert_int_equal(now.s_arith_mva, 1200000);
    snap.ct[1].q_mvar = 999; /* below the threshold of 1 W */
    pw_points_now(&cfg, &snap, 0, PW_SERVICE_WYE4, 0, &now);
    assert_int_equal(now.status, PW_POINT_NO_LOAD);
    assert_true(now.p_mw == 0 && now.s_arith_mva == 0 && now.s_vector_mva == 0 && now.pf_arith_e4 == 0 && now.pf_vector_e4 == 0);

    set_ct(3, 240000, 50000, 6000000, 0); /* 1.5 element: half of the voltage */
    assert_int_equal(pw_config_set_form(&cfg, 3, PW_FORM_15E_1CT, 0), PW_OK);
    pw_points_now(&cfg, &snap, 3, PW_SERVICE_SPLIT, 0, &now);
    assert_int_equal(now.s_arith_mva, 6000000);
    assert_int_equal(now.pf_arith_e4, 10000);
    assert_int_equal(now.status, 0);
    pw_points_now(&cfg, &snap, 3, PW_SERVICE_WYE4, 4, &now);
    assert_int_equal(now.status, PW_POINT_MISFIT); /* Vc is missing: no matter for Vab */
    pw_points_now(&cfg, &snap, 3, PW_SERVICE_SPLIT, 3, &now);
    assert_int_equal(now.status, PW_POINT_NO_VOLTS);
    pw_points_now(&cfg, &snap, 0, PW_SERVICE_AUTO, 2, &now);
    assert_int_equal(now.status, PW_POINT_NO_LOAD | PW_POINT_NO_VOLTS);

    pw_points_now(&cfg, &snap, PW_ALL_POINTS, PW_SERVICE_AUTO, 0, &now);
    assert_int_equal(now.p_mw, 6000000);
    cfg.ct[3].role = PW_ROLE_MAIN; /* not in the totals */
    pw_points_now(&cfg, &snap, PW_ALL_POINTS, PW_SERVICE_AUTO, 0, &now);
    assert_int_equal(now.p_mw, 0);
    struct pw_total total;
    pw_snapshot_total(&snap, &cfg, PW_ALL_POINTS, &total);
    assert_int_equal(total.n_ct, 23);
}

static void vector_power_over_the_whole_range(void **state)
{
    (void)state;
    uint64_t s = 22;
    for (unsigned k = 4; k < 24; k++)
        snap.ct[k].flags = PW_FLAG_CREEP;
    for (unsigned k = 0; k < 4; k++)
        cfg.ct[k].point = 0;
    for (unsigned n = 0; n < 20000; n++) {
        unsigned shift = (unsigned)(rnd(&s) % 31);
        long double p = 0, q = 0;
        for (unsigned k = 0; k < 4; k++) {
            set_ct(k, 1000, 1000, (int32_t)rnd(&s) >> shift, (int32_t)rnd(&s) >> shift);
            p += snap.ct[k].p_mw;
            q += snap.ct[k].q_mvar;
        }
        struct pw_point_now now;
        pw_points_now(&cfg, &snap, 0, PW_SERVICE_AUTO, 0, &now);
        long double want = sqrtl(p * p + q * q);
        assert_true(fabsl((long double)now.s_vector_mva - want) <= 1.0L + want * 2e-9L);
        assert_true(fabsl((long double)now.pf_vector_e4 - (want > 0 ? roundl(p / want * 10000) : 0)) <= (want > 1e6L ? 1.0L : 1e4L));
    }
}

static void apparent_energy_by_both_methods(void **state)
{
    (void)state;
    const uint64_t second_f72 = (uint64_t)roundl(0x1p72L / 3600000);
    cfg.ct[1].point = 0;
    for (unsigned k = 2; k < 24; k++)
        snap.ct[k].flags = PW_FLAG_CREEP;
    set_ct(0, 120000, 1000, 120000, 0); /* 120 VA */
    set_ct(1, 120000, 1000, 0, 120000);
    for (unsigned n = 0; n < 3600 * 5; n++) { /* an hour of windows; a block of five */
        snap.seq++;
        snap.agg += n % 5 == 0;
        pw_points_window(&points, &snap, second_f72);
    }
    assert_in_range(pw_u96_uwh(&points.point[0].va_del), 240000000 - 1, 240000000);
    assert_int_equal(pw_u96_uwh(&points.point[0].va_rec), 0);
    cfg.va_method = PW_VA_VECTOR;
    set_ct(0, 120000, 1000, -120000, 0); /* export */
    for (unsigned n = 0; n < 3600; n++) {
        snap.seq++;
        snap.agg++;
        pw_points_window(&points, &snap, second_f72);
    }
    assert_in_range(pw_u96_uwh(&points.point[0].va_rec), 169705000 - 1, 169706000); /* sqrt(2) 120 VA, to 1 mVA */
    assert_in_range(pw_u96_uwh(&points.point[0].va_del), 240000000 - 1, 240000000);
    assert_int_equal(pw_u96_uwh(&points.point[2].va_del), 0); /* no load */
}

static struct pw_spi spi;
static struct pw_fram fram;
static uint32_t saves;

static void power_up(void)
{
    f.fram_cut = -1;
    pw_spi_init(&spi, &f.hal, 1, f.clk_hz, 12500000);
    assert_int_equal(pw_fram_init(&fram, &spi, 0), PW_OK);
    pw_points_init(&points, &cfg, &energy);
}

static int load_store(void)
{
    return pw_points_store_load(&fram, &points);
}

/* Image as firmware before 0.3 wrote it, copies in turn. */
static void save(void)
{
    static uint8_t image[0x1000];
    size_t n = 32;
    memset(image, 0, sizeof image);
    memcpy(image, "PWPT", 4);
    pw_put_le16(image + 4, 1);
    pw_put_le16(image + 6, cfg.n_ct);
    pw_put_le32(image + 8, ++saves);
    pw_put_le32(image + 12, pw_points_assignment(&cfg));
    for (unsigned i = 0; i < cfg.n_ct; i++, n += 72) {
        uint8_t record[PW_POINT_RECORD_B];
        pw_point_record_put(record, &points, i);
        memcpy(image + n, record, 72);
    }
    pw_put_le32(image + n, pw_crc32(0, image, n));
    memcpy(f.fram + (saves & 1 ? PW_FRAM_OLD_POINTS_A : PW_FRAM_OLD_POINTS_B), image, n + 4);
}

static void fill(uint64_t seed)
{
    for (unsigned i = 0; i < 24; i++)
        for (unsigned w = 0; w < 3; w++) {
            struct pw_point_regs *r = &points.point[i];
            r->net_del.w[w] = (uint32_t)rnd(&seed);
            r->net_rec.w[w] = (uint32_t)rnd(&seed);
            r->va_del.w[w] = (uint32_t)rnd(&seed);
            r->va_rec.w[w] = (uint32_t)rnd(&seed);
        }
}

static int fresh_store(void **state)
{
    fresh(state);
    fake_init(&f, 24);
    power_up();
    assert_int_equal(load_store(), PW_ERR_CRC);
    return 0;
}

/* What the image of each second keeps of the points: here without the image. */
static void records_keep_all_whatever_comes_between(void **state)
{
    (void)state;
    static uint8_t record[24][PW_POINT_RECORD_B];
    static struct pw_points before;
    for (unsigned k = 0; k < 24; k++) {
        add_energy(k, k & 1 ? PW_WH_DEL : PW_WH_REC, (u128)(k + 1) << 70);
        for (unsigned q = 0; q < 4; q++)
            add_energy(k, PW_VARH_Q1 + q, (u128)(7 * k + q) << 70);
    }
    pw_points_rebase(&points);
    fill(1);
    pw_points_settle(&points);
    cfg.ct[5].point = 2; /* a CT that comes with a history of its own */
    pw_points_rebase(&points);
    add_energy(5, PW_VARH_Q3, (u128)1000 << 64);
    before = points;
    for (unsigned i = 0; i < 24; i++)
        pw_point_record_put(record[i], &points, i);
    power_up();
    cfg.ct[5].point = 5; /* saved under the other assignment */
    for (unsigned i = 0; i < 24; i++)
        pw_point_record_get(&points, i, record[i]);
    pw_points_restore(&points, false);
    struct pw_config other = cfg;
    other.ct[5].point = 2;
    before.cfg = &other;
    for (unsigned i = 0; i < 24; i++)
        for (unsigned q = 0; q < PW_N_TQ; q++)
            assert_true(pw_points_total(&points, i, q) == pw_points_total(&before, i, q));
    uint64_t q3 = pw_points_total(&points, 5, PW_TQ_VARH_Q3);
    add_energy(5, PW_VARH_Q3, (u128)77 << 64);
    assert_true(pw_points_total(&points, 5, PW_TQ_VARH_Q3) == q3 + 77);
}

static void damage_is_said(void **state)
{
    (void)state;
    fill(1);
    save();
    fill(2);
    save();
    power_up();
    assert_int_equal(load_store(), PW_OK);
    f.fram[PW_FRAM_OLD_POINTS_B + 200] ^= 4;
    power_up();
    assert_int_equal(load_store(), PW_OK);
    f.fram[PW_FRAM_OLD_POINTS_A + 200] ^= 4;
    power_up();
    fill(3);
    assert_int_equal(load_store(), PW_ERR_CRC);
    for (unsigned i = 0; i < 24; i++)
        assert_int_equal(pw_u96_uwh(&points.point[i].net_del) | pw_u96_uwh(&points.point[i].va_rec), 0);
    f.spi_stuck = true;
    assert_int_equal(load_store(), PW_ERR_IO);
}

/* The CTs' registers are saved by themselves: they may be ahead of the points' or behind. */
static void restore_follows_the_energies(void **state)
{
    (void)state;
    const u128 wh = (u128)1000000 << 64;
    add_energy(2, PW_WH_DEL, 10 * wh);
    window();
    save();
    add_energy(2, PW_WH_DEL, 3 * wh); /* ahead: what the point has missed */
    power_up();
    assert_int_equal(load_store(), PW_OK);
    assert_int_equal(pw_u96_uwh(&points.point[2].net_del), 13000000);
    save();
    memset(&energy, 0, sizeof energy); /* behind, or lost: the point keeps what it had, and goes on from there */
    power_up();
    assert_int_equal(load_store(), PW_OK);
    assert_int_equal(pw_u96_uwh(&points.point[2].net_del), 13000000);
    assert_int_equal(pw_u96_uwh(&points.point[2].net_rec), 0);
    add_energy(2, PW_WH_DEL, wh);
    window();
    assert_int_equal(pw_u96_uwh(&points.point[2].net_del), 14000000);
    save();
    cfg.ct[5].point = 2; /* another assignment was configured since: no history comes along */
    add_energy(5, PW_WH_DEL, 1000 * wh);
    power_up();
    assert_int_equal(load_store(), PW_OK);
    assert_int_equal(pw_u96_uwh(&points.point[2].net_del), 14000000);
}

static void the_largest_image_has_room(void **state)
{
    (void)state;
    pw_config_default(&cfg, PW_MAX_CT);
    fill(4);
    points.point[PW_MAX_CT - 1].net_del.w[1] = 12345;
    save();
    save();
    power_up();
    assert_int_equal(load_store(), PW_OK);
    assert_int_equal(pw_u96_uwh(&points.point[PW_MAX_CT - 1].net_del) & UINT32_MAX, 12345);
}

/* The whole firmware: gateware windows in, registers over Modbus out, a power cut between. */
#define CT0     3u
#define SAMPLES 1953u

static void run(unsigned passes)
{
    for (unsigned i = 0; i < passes; i++) {
        f.us += 20;
        pw_app_poll(&app);
    }
}

static uint32_t carry[2]; /* low words that the next window's sums begin with */

/* CT 0 takes, CT 1 gives. */
static void gateware_window(double w0, double w1)
{
    const double w[2] = {w0, w1};
    for (unsigned k = 0; k < 24; k++)
        f.bank[CT0 + k][5] = k < 2 ? 0 : PW_CH_CREEP;
    for (unsigned k = 0; k < 2; k++) {
        unsigned at = 20 + (f.winseq & 0x10000 ? 0 : 6), e = 8 + (w[k] >= 0 ? 0 : 2);
        int64_t sum = llround(w[k] / 400000.0 * 0x1p46 * SAMPLES) + carry[k];
        carry[k] = (uint32_t)sum;
        fake_put64(&f, CT0 + k, at, (uint64_t)sum);
        fake_put64(&f, CT0 + k, e, fake_get64(&f, CT0 + k, e) + (uint64_t)llabs(sum >> 32));
    }
    fake_window(&f, SAMPLES, 12);
    run(400);
}

static uint64_t read64(uint16_t addr)
{
    uint8_t be[8];
    uint64_t v = 0;
    assert_int_equal(pw_modbus_map_read(&app.map, addr, 4, be), PW_MB_OK);
    for (unsigned i = 0; i < 8; i++)
        v = v << 8 | be[i];
    return v;
}

static int write_regs(uint16_t addr, unsigned n, const uint16_t v[])
{
    uint8_t be[64];
    for (unsigned i = 0; i < n; i++) {
        be[2 * i] = (uint8_t)(v[i] >> 8);
        be[2 * i + 1] = (uint8_t)v[i];
    }
    return pw_modbus_map_write(&app.map, addr, (uint16_t)n, be);
}

static void in_the_meter_over_a_power_cut(void **state)
{
    (void)state;
    fake_init(&f, 24);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    f.out[f.n_out] = 0;
    run(2000);
    assert_non_null(strstr(f.out, "no saved energies"));
    f.gpio_in = 0x10; /* unsealed */
    run(1000);
    assert_int_equal(write_regs(8012, 1, (uint16_t[]){0}), PW_MB_OK); /* CT 1 joins point 0 */
    assert_int_equal(write_regs(18200, 1, (uint16_t[]){PW_FORM_2E3W}), PW_MB_OK);
    assert_int_equal(app.cfg.ct[1].vsel, PW_VB);
    gateware_window(0, 0);
    gateware_window(0, 0); /* past the power-up, and with the new parameters */
    gateware_window(0, 0);
    uint64_t del0 = read64(3000 + 0), zero = read64(15000);
    assert_int_equal(zero, 0);
    for (unsigned n = 0; n < 50; n++)
        gateware_window(12000, -7000);
    uint64_t net = read64(15000), del = read64(5000) - del0, rec = read64(5004);
    double hour = SAMPLES * 2560 / 25e6 / 3600;
    assert_true(fabs((double)net - 5000 * hour * 50 * 1e6) <= 2);
    assert_true(fabs((double)del - 12000 * hour * 50 * 1e6) <= 2);
    assert_true(fabs((double)rec - 7000 * hour * 50 * 1e6) <= 2);
    f.us += 1000000;
    gateware_window(0, 0);
    run(1000); /* saved */
    static uint8_t kept[sizeof f.fram];
    memcpy(kept, f.fram, sizeof kept);
    memset(carry, 0, sizeof carry);
    fake_init(&f, 24);
    memcpy(f.fram, kept, sizeof kept);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    run(2000);
    f.out[f.n_out] = 0;
    assert_null(strstr(f.out, "no saved registers of points"));
    assert_int_equal(read64(15000), net);
    gateware_window(0, 0);
    gateware_window(0, 0);
    gateware_window(-7000, 0);
    assert_int_equal(read64(15000), net);
    assert_true(fabs((double)read64(15004) - 7000 * hour * 1e6) <= 2);
    assert_int_equal((int64_t)read64(15008), (int64_t)(net - read64(15004)));
}

static void configuration_over_modbus(void **state)
{
    (void)state;
    fake_init(&f, 24);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    run(600);
    assert_int_equal(write_regs(17000, 1, (uint16_t[]){PW_SERVICE_SPLIT}), PW_MB_DEVICE_FAILURE); /* sealed */
    f.gpio_in = 0x10;
    run(1000);
    assert_int_equal(write_regs(17000, 8, (uint16_t[]){PW_SERVICE_SPLIT, 1, 1, 0xD4C0, 8800, 10800, 500, 100}), PW_MB_OK);
    assert_int_equal(app.cfg.v_nominal_mv, 120000);
    assert_int_equal(app.cfg.sag_e4, 8800);
    assert_int_equal(app.cfg.hysteresis_e4, 100);
    assert_int_equal(write_regs(17000, 1, (uint16_t[]){7}), PW_MB_ILLEGAL_VALUE);
    assert_int_equal(write_regs(18200, 1, (uint16_t[]){PW_FORM_3E_WYE}), PW_MB_ILLEGAL_VALUE); /* one CT */
    assert_int_equal(write_regs(18200 + 8, 1, (uint16_t[]){PW_FORM_15E_1CT | 1 << 8}), PW_MB_OK);
    assert_int_equal(app.cfg.ct[2].vsel, PW_VBC);
    assert_int_equal(write_regs(8000 + 16, 1, (uint16_t[]){PW_VA}), PW_MB_ILLEGAL_VALUE); /* not this form's voltage */
    assert_int_equal(write_regs(17000, 1, (uint16_t[]){PW_SERVICE_WYE4}), PW_MB_ILLEGAL_VALUE); /* a 1.5-element point is no wye's */
    uint16_t table[25] = {2, 100, 3000, 250, 10000, (uint16_t)-200, (uint16_t)-15};
    assert_int_equal(write_regs(17132, 25, table), PW_MB_OK);
    assert_int_equal(app.cfg.curve[1].n, 2);
    assert_int_equal(app.cfg.curve[1].point[0].level_e4, 100);
    assert_int_equal(app.cfg.curve[1].point[0].phase_cmin, 250);
    assert_int_equal(app.cfg.curve[1].point[1].ratio_e6, -200);
    uint8_t back[50];
    assert_int_equal(pw_modbus_map_read(&app.map, 17132, 25, back), PW_MB_OK);
    for (unsigned i = 0; i < 25; i++)
        assert_int_equal(back[2 * i] << 8 | back[2 * i + 1], table[i]);
    assert_int_equal(write_regs(17600 + 8 * 4, 8, (uint16_t[]){1, 0x86A0, PW_ROLE_MAIN, 2, 700, 6, 0x1A80, 4}), PW_MB_OK);
    assert_int_equal(app.cfg.ct[4].rated_ma, 100000);
    assert_int_equal(app.cfg.ct[4].role, PW_ROLE_MAIN);
    assert_int_equal(app.cfg.ct[4].curve, 2);
    assert_int_equal(app.cfg.ct[4].i_noise_ua, 700);
    assert_int_equal(app.cfg.ct[4].i_fs_ma, 400000);
    uint8_t ct[16], want[16] = {0, 1, 0x86, 0xA0, 0, 1, 0, 2, 700 >> 8, 700 & 255, 0, 6, 0x1A, 0x80, 0, 4};
    assert_int_equal(pw_modbus_map_read(&app.map, 17600 + 8 * 4, 8, ct), PW_MB_OK);
    assert_memory_equal(ct, want, sizeof ct);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(netted_is_the_sign_of_each_window, fresh),
        cmocka_unit_test_setup(import_and_export_side_by_side, fresh),
        cmocka_unit_test_setup(a_ct_moves_without_its_history, fresh),
        cmocka_unit_test_setup(powers_of_a_point, fresh),
        cmocka_unit_test_setup(vector_power_over_the_whole_range, fresh),
        cmocka_unit_test_setup(apparent_energy_by_both_methods, fresh),
        cmocka_unit_test_setup(records_keep_all_whatever_comes_between, fresh_store),
        cmocka_unit_test_setup(damage_is_said, fresh_store),
        cmocka_unit_test_setup(restore_follows_the_energies, fresh_store),
        cmocka_unit_test_setup(the_largest_image_has_room, fresh_store),
        cmocka_unit_test(in_the_meter_over_a_power_cut),
        cmocka_unit_test(configuration_over_modbus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
