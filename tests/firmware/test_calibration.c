/* SPDX-License-Identifier: Apache-2.0 */
/* CT curves (fit, plan, tables in the gateware), the guided procedure on the fake system, and a CT ratio that changes while energy is counted. */
#include "t.h"

#include <math.h>

#include "app.h"
#include "curve.h"
#include "fake.h"
#include "pw_regs.h"

#define CT0      3u
#define W_ENERGY 8u
#define W_SUM0   20u

static struct fake f;
static struct pw_app app;
static const unsigned samples = 1953;
static const struct pw_rate rate = {25000000, 5, 9};

static double log_at(const struct pw_config_curve *c, double level, bool phase)
{
    unsigned i = 0;
    while (i + 1u < c->n && level > c->point[i].level_e4)
        i++;
    double a = phase ? c->point[i].phase_cmin : c->point[i].ratio_e6;
    if (i == 0 || level >= c->point[i].level_e4)
        return a;
    double b = phase ? c->point[i - 1].phase_cmin : c->point[i - 1].ratio_e6;
    double x0 = log2(c->point[i - 1].level_e4), x1 = log2(c->point[i].level_e4);
    return b + (a - b) * (log2(level) - x0) / (x1 - x0);
}

static struct pw_config_curve random_curve(uint64_t *s)
{
    struct pw_config_curve c = {.n = (uint8_t)(1 + rnd(s) % PW_CURVE_POINTS)};
    unsigned level = 50 + (unsigned)(rnd(s) % 100);
    int scale = 1 << rnd(s) % 16;
    for (unsigned i = 0; i < c.n; i++) {
        c.point[i].level_e4 = (uint16_t)level;
        c.point[i].ratio_e6 = (int16_t)((int)(rnd(s) % (2u * (unsigned)scale)) - scale);
        c.point[i].phase_cmin = (int16_t)((int)(rnd(s) % (2u * (unsigned)scale)) - scale);
        level += level / 4 + (unsigned)(rnd(s) % (2 * level)); /* levels are whole 0.01 %: nearer ones would test only that */
        if (level > UINT16_MAX)
            c.n = (uint8_t)(i + 1);
    }
    return c;
}

static void a_table_is_read_over_the_logarithm(void **state)
{
    (void)state;
    uint64_t s = 1;
    struct pw_config_curve none = {0};
    int32_t r = 5, p = 5;
    pw_curve_at(&none, 10000, &r, &p);
    assert_true(r == 0 && p == 0);
    for (unsigned n = 0; n < 2000; n++) {
        struct pw_config_curve c = random_curve(&s);
        uint32_t level = 1 + (uint32_t)(rnd(&s) % 65535);
        pw_curve_at(&c, level, &r, &p);
        int32_t span = 1; /* of the table: the logarithm has 10 bits */
        for (unsigned i = 1; i < c.n; i++)
            span = abs(c.point[i].ratio_e6 - c.point[i - 1].ratio_e6) > span ? abs(c.point[i].ratio_e6 - c.point[i - 1].ratio_e6) : span;
        assert_true(fabs(r - log_at(&c, level, false)) <= 1 + span * 0.01);
    }
}

/* Against the whole table, not only where the fit looked. */
static void zones_leave_what_they_say(void **state)
{
    (void)state;
    uint64_t s = 2;
    for (unsigned n = 0; n < 400; n++) {
        struct pw_config_curve c = random_curve(&s);
        struct pw_curve_fit fit;
        pw_curve_fit(&c, &fit);
        assert_in_range(fit.n, 1, PW_CURVE_ZONES);
        for (unsigned i = 1; i + 1 < fit.n; i++)
            assert_true(fit.limit_e4[i] >= fit.limit_e4[i - 1]);
        double worst = 0, all = 0;
        for (double level = c.point[0].level_e4; level <= c.point[c.n - 1].level_e4; level *= 1.003) {
            unsigned z = 0;
            while (z + 1u < fit.n && level >= fit.limit_e4[z])
                z++;
            double r = log_at(&c, level, false), e = fabs(r - fit.ratio_e6[z]) + 5.04 * fabs(log_at(&c, level, true) - fit.phase_cmin[z]);
            worst = e > worst ? e : worst;
        }
        /* between two places of the fit the table may move on by a part of its span */
        double steepest = 0;
        for (unsigned i = 1; i < c.n; i++) {
            all += abs(c.point[i].ratio_e6 - c.point[i - 1].ratio_e6) + 5.04 * abs(c.point[i].phase_cmin - c.point[i - 1].phase_cmin);
            double w = log2((double)c.point[c.n - 1].level_e4 / c.point[0].level_e4) / 63, d = log2((double)c.point[i].level_e4 / c.point[i - 1].level_e4);
            double part = w / d < 1 ? w / d : 1;
            double step = part * (abs(c.point[i].ratio_e6 - c.point[i - 1].ratio_e6) + 5.04 * abs(c.point[i].phase_cmin - c.point[i - 1].phase_cmin));
            steepest = step > steepest ? step : steepest;
        }
        assert_true(worst <= fit.left_e6 * 1.01 + 2.5 * steepest + all * 0.02 + 12);
    }
}

static void eight_zones_halve_a_straight_line_eight_times(void **state)
{
    (void)state;
    struct pw_config_curve c = {.n = 2, .point = {{100, 8000, 0}, {10000, -8000, 0}}};
    struct pw_curve_fit fit;
    pw_curve_fit(&c, &fit);
    assert_int_equal(fit.n, 8);
    assert_in_range(fit.left_e6, 800, 1150); /* 16000 / 8 / 2 = 1000; 64 places in 8 zones */
}

static void plan_follows_current_sign_and_range(void **state)
{
    (void)state;
    static struct pw_config cfg;
    struct pw_curve_plan plan;
    pw_config_default(&cfg, 24);
    cfg.curve[2] = (struct pw_config_curve){.n = 2, .point = {{100, -10000, 3000}, {10000, 0, 0}}}; /* 1 %: -1 %, leads 30 minutes */
    cfg.ct[5].curve = 3;
    cfg.ct[5].delay = 7;
    assert_int_equal(pw_curve_shift(&cfg, &rate), 0); /* a leading current is delayed itself */
    pw_curve_plan(&cfg, &rate, 5, samples, 0, &plan);
    assert_int_equal(plan.n, 8);
    assert_false(plan.clamped);
    assert_int_equal(plan.rated, 7);
    assert_true(plan.gain_f17[0] > 1100 && plan.gain_f17[0] < 1324 && abs(plan.gain_f17[7]) < 100); /* 1 / 0.99 = + 1324 / 2^17 */
    assert_true(plan.delay[0] > 100 && plan.delay[0] < 7 + 116 && plan.delay[7] < 18);          /* 0.5 degree = 116 clocks */
    for (unsigned i = 1; i + 1 < plan.n; i++)
        assert_true(plan.threshold[i] > plan.threshold[i - 1]);
    /* 10 % of 200 A rms on 800 A peak: (20 / 800)^2 * 1953 * 2^14 */
    struct pw_curve_fit fit;
    pw_curve_fit(&cfg.curve[2], &fit);
    for (unsigned i = 0; i < 7; i++) {
        double want = pow(fit.limit_e4[i] / 1e4 * 200 / 800, 2) * samples * 16384;
        assert_true(fabs(plan.threshold[i] - want) <= 1 + want * 0.002);
    }
    cfg.curve[2].point[0].phase_cmin = -3000; /* late: 116 clocks below 0, less its own 7 */
    assert_int_equal(pw_curve_shift(&cfg, &rate), 109);
    pw_curve_plan(&cfg, &rate, 5, samples, 109, &plan);
    assert_false(plan.clamped);
    assert_true(plan.delay[0] < 18 && plan.delay[7] > 107);
    cfg.ct[5].delay = 239;
    pw_curve_plan(&cfg, &rate, 5, samples, 109, &plan);
    assert_true(plan.clamped);
    cfg.ct[5].curve = 0;
    cfg.ct[5].delay = 20;
    pw_curve_plan(&cfg, &rate, 5, samples, 3, &plan);
    assert_true(plan.n == 1 && plan.delay[0] == 23 && plan.gain_f17[0] == cfg.ct[5].gain_f17);
}

/* ---- on the fake system ---- */
static void run(unsigned passes)
{
    for (unsigned i = 0; i < passes; i++) {
        f.us += 20;
        pw_app_poll(&app);
    }
}

static int64_t units_of(double w) /* high word of a window's sum */
{
    return llround(w / 400000.0 * 0x1p14 * samples);
}

/* The gateware's part of a window in which CT 2 (on Vc) carries w and var, and Vc is v. */
static void load(double v, double i, double w, double var)
{
    unsigned at = W_SUM0 + (f.winseq & 0x10000 ? 0 : 6), ch = CT0 + 2;
    for (unsigned c = 0; c < 3; c++) {
        fake_put64(&f, c, at, (uint64_t)(int64_t)(-0.5 * v / 500 * v / 500 * 0x1p46 * samples));
        fake_put64(&f, c, at + 2, (uint64_t)(int64_t)(0.8660254 * v / 500 * v / 500 * 0x1p46 * samples));
        fake_put64(&f, c, at + 4, (uint64_t)(v / 500 * v / 500 * 0x1p46 * samples));
    }
    fake_put64(&f, ch, at, (uint64_t)units_of(w) << 32);
    fake_put64(&f, ch, at + 2, (uint64_t)units_of(var) << 32);
    fake_put64(&f, ch, at + 4, (uint64_t)(i / 800 * i / 800 * 0x1p46 * samples));
    fake_put64(&f, ch, W_ENERGY, fake_get64(&f, ch, W_ENERGY) + (uint64_t)units_of(w));
    fake_put64(&f, ch, W_ENERGY + 4, fake_get64(&f, ch, W_ENERGY + 4) + (uint64_t)units_of(var));
    for (unsigned k = 0; k < 24; k++)
        f.bank[CT0 + k][5] = k == 2 ? 0 : PW_CH_CREEP;
}

static void window(double v, double i, double w, double var)
{
    load(v, i, w, var);
    fake_window(&f, samples, 12);
    f.us += 200000;
    run(300);
}

static int setup(void **state)
{
    (void)state;
    fake_init(&f, 24);
    f.gpio_in = 0x10; /* unsealed */
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    for (unsigned k = 0; k < 24; k++)
        f.bank[CT0 + k][5] = PW_CH_CREEP;
    for (unsigned i = 0; i < 3; i++) {
        fake_window(&f, samples, 12);
        f.us += 200000;
        run(300);
    }
    app.meter.block_samples = 0; /* each window is a block */
    return 0;
}

static uint64_t uwh(void) { return pw_snapshot_energy(&app.meter.out, 2, PW_WH_DEL); }

static void a_changed_ratio_rescales_nothing(void **state)
{
    (void)state;
    const double one = 12000.0 * samples * 2560 / 25e6 / 3600 * 1e6; /* uWh of a window of 12 kW, as 200 A on 80 mA */
    for (unsigned i = 0; i < 10; i++)
        window(120, 100, 12000, 0);
    uint64_t before = uwh();
    assert_true(fabs((double)before - 10 * one) < 200);
    /* One window has closed but is not read yet when the ratio is changed to four times; it belongs to the old one. */
    load(120, 100, 12000, 0);
    fake_window(&f, samples, 12);
    struct pw_config next = app.cfg;
    next.ct[2].i_fs_ma *= 4;
    app.map.commit(app.map.commit_ctx, &next);
    assert_int_equal(uwh(), before);
    run(300);
    assert_true(fabs((double)uwh() - 11 * one) < 200);
    uint64_t after = uwh();
    run(300);
    assert_int_equal(uwh(), after);
    window(120, 400, 12000, 0); /* the same numbers in the gateware mean four times as much now */
    assert_true(fabs((double)(uwh() - after) - 4 * one) < 200);
    /* A window that was missed before the change, read together with the one after it: the change waits for that. */
    after = uwh();
    next = app.cfg;
    next.ct[2].i_fs_ma /= 4;
    load(120, 400, 12000, 0);
    fake_window(&f, samples, 12);
    load(120, 400, 12000, 0);
    fake_window(&f, samples, 12);
    app.map.commit(app.map.commit_ctx, &next);
    run(300);
    assert_true(fabs((double)(uwh() - after) - 8 * one) < 200);
    after = uwh();
    window(120, 100, 12000, 0);
    assert_true(fabs((double)(uwh() - after) - one) < 200);
    assert_int_equal(app.energy.rejected, 0);
    /* Another pulse weight changes no register. */
    after = uwh();
    next = app.cfg;
    next.point[2].pulse_weight_mwh *= 5;
    app.map.commit(app.map.commit_ctx, &next);
    run(300);
    assert_int_equal(uwh(), after);
}

static int command(uint16_t v)
{
    uint8_t be[2] = {(uint8_t)(v >> 8), (uint8_t)v};
    return pw_modbus_map_write(&app.map, 14000, 1, be);
}

static void reference(double v, double w, double var)
{
    app.calibration.ref = (struct pw_cal_reference){0};
    for (unsigned i = 0; i < 3; i++) {
        app.calibration.ref.v_mv[i] = (uint32_t)llround(v * 1000);
        app.calibration.ref.p_mw[i] = (int32_t)llround(w * 1000);
        app.calibration.ref.q_mvar[i] = (int32_t)llround(var * 1000);
    }
    app.calibration.target = 3;
    app.calibration.blocks = 3;
}

static void windows(unsigned n, double v, double i, double w, double var)
{
    while (n-- > 0)
        window(v, i, w, var);
}

static void procedure_finds_gain_phase_and_noise(void **state)
{
    (void)state;
    struct pw_calibration *c = &app.calibration;
    uint32_t revision = app.cfg.revision;
    reference(121.2, 6000, 0);
    assert_int_equal(command(PW_CAL_GAIN), PW_MB_DEVICE_FAILURE); /* not begun */
    assert_int_equal(command(PW_CAL_BEGIN), PW_MB_OK);
    assert_int_equal(command(PW_CAL_BEGIN), PW_MB_DEVICE_FAILURE);
    assert_int_equal(command(PW_CAL_VOLTAGES), PW_MB_OK);
    windows(9, 120, 50, 6000, 0);
    assert_int_equal(c->result, PW_CAL_OK);
    for (unsigned i = 0; i < 3; i++)
        assert_in_range(app.cfg.v[i].gain_f17, 1309, 1312); /* 1 % of 2^17 */
    assert_int_equal(command(PW_CAL_PHASE), PW_MB_ILLEGAL_VALUE); /* a power factor of 1 does not show it */
    assert_int_equal(command(PW_CAL_GAIN), PW_MB_OK);
    assert_int_equal(command(PW_CAL_GAIN), PW_MB_DEVICE_FAILURE); /* busy */
    windows(9, 120, 50, 6000 * 1.005, 6000 * 0.004);
    assert_int_equal(c->result, PW_CAL_OK);
    assert_in_range(-app.cfg.ct[2].gain_f17, 650, 654);
    assert_int_equal(c->ch[5].found.error_e6, 5000);
    /* PF 0.5, current 0.3 degrees late: P = S cos(60.3), 69 clocks too late; no CT has a delay to give, so all others get it */
    reference(121.2, 3000, 3000 * sqrt(3));
    assert_int_equal(command(PW_CAL_PHASE), PW_MB_OK);
    windows(9, 120, 50, 6000 * cos(60.3 * M_PI / 180), 6000 * sin(60.3 * M_PI / 180));
    assert_int_equal(c->result, PW_CAL_OK);
    assert_in_range(c->ch[5].found.phase_mdeg, 298, 301);
    assert_int_equal(app.cfg.ct[2].delay, 0);
    assert_true(app.cfg.ct[0].delay == 69 && app.cfg.v[0].delay == 69 && app.cfg.v[2].delay == 69);
    run(300);
    assert_true(f.delay[0] == 69 && f.delay[CT0 + 2] == 0 && f.delay[CT0 + 1] == 69);
    /* ... and early against a capacitive reference: its own delay grows */
    reference(121.2, 3000, -3000 * sqrt(3));
    assert_int_equal(command(PW_CAL_PHASE), PW_MB_OK);
    windows(9, 120, 50, 6000 * cos(-60.1 * M_PI / 180), 6000 * sin(-60.1 * M_PI / 180));
    assert_int_equal(c->result, PW_CAL_OK);
    assert_in_range(-c->ch[5].found.phase_mdeg, 99, 101);
    assert_int_equal(app.cfg.ct[2].delay, 23);
    assert_int_equal(app.cfg.ct[0].delay, 69);
    f.bank[CT0 + 2][4] = (uint32_t)(int32_t)(-0.002 * 0x1p31); /* DC blocker */
    assert_int_equal(command(PW_CAL_NOLOAD), PW_MB_OK);
    windows(9, 120, 0.0031, 0, 0);
    assert_int_equal(c->result, PW_CAL_OK);
    assert_in_range(app.cfg.ct[2].i_noise_ua, 3090, 3110);
    assert_in_range(-c->ch[5].found.error_e6, 1999, 2001);
    assert_int_equal(app.cfg.revision, revision);
    assert_int_equal(command(PW_CAL_COMMIT), PW_MB_OK);
    assert_int_equal(app.cfg.revision, revision + 1);
    assert_in_range(app.cfg.ct[2].i_noise_ua, 3090, 3110); /* the commit is no foreign hand */
    assert_int_equal(c->state, PW_CAL_IDLE);
    assert_int_equal(command(9), PW_MB_ILLEGAL_VALUE);
}

static void what_is_not_good_is_not_taken(void **state)
{
    (void)state;
    struct pw_calibration *c = &app.calibration;
    struct pw_config before = app.cfg;
    reference(120, 6000, 0);
    assert_int_equal(command(PW_CAL_BEGIN), PW_MB_OK);
    assert_int_equal(command(PW_CAL_GAIN), PW_MB_OK);
    windows(9, 120, 50, 6000 * 1.06, 0);
    assert_true(c->result == PW_CAL_LIMIT && c->ch[5].result == PW_CAL_LIMIT);
    assert_int_equal(command(PW_CAL_GAIN), PW_MB_OK);
    windows(9, 120, 50, -6000, 0);
    assert_int_equal(c->result, PW_CAL_SIGNAL); /* reversed: a matter of wiring */
    assert_int_equal(command(PW_CAL_GAIN), PW_MB_OK);
    for (unsigned i = 0; i < 9; i++)
        window(120, 50, 6000 + 4.0 * i, 0);
    assert_int_equal(c->result, PW_CAL_UNSTABLE);
    assert_int_equal(command(PW_CAL_VOLTAGES), PW_MB_OK);
    windows(9, 90, 50, 6000, 0);
    assert_int_equal(c->result, PW_CAL_LIMIT);
    reference(120, 3000, 3000 * sqrt(3));
    assert_int_equal(command(PW_CAL_PHASE), PW_MB_OK);
    windows(9, 120, 50, 6000 * cos(63 * M_PI / 180), 6000 * sin(63 * M_PI / 180));
    assert_int_equal(c->result, PW_CAL_LIMIT);
    reference(120, 20, 0);
    assert_int_equal(command(PW_CAL_GAIN), PW_MB_ILLEGAL_VALUE); /* too little to calibrate with */
    assert_memory_equal(&before.ct, &app.cfg.ct, sizeof before.ct);
    assert_memory_equal(&before.v, &app.cfg.v, sizeof before.v);
    /* good, then aborted */
    reference(120, 6000, 0);
    assert_int_equal(command(PW_CAL_GAIN), PW_MB_OK);
    windows(9, 120, 50, 6060, 0);
    assert_int_equal(c->result, PW_CAL_OK);
    assert_true(app.cfg.ct[2].gain_f17 != before.ct[2].gain_f17);
    assert_int_equal(command(PW_CAL_ABORT), PW_MB_OK);
    assert_memory_equal(&before.ct, &app.cfg.ct, sizeof before.ct);
    window(120, 50, 6000, 0);
    assert_int_equal((int16_t)f.bank[CT0 + 2][0], before.ct[2].gain_f17);
    /* sealed in the middle */
    assert_int_equal(command(PW_CAL_BEGIN), PW_MB_OK);
    assert_int_equal(command(PW_CAL_GAIN), PW_MB_OK);
    f.gpio_in = 0;
    run(600);
    windows(2, 120, 50, 6060, 0);
    assert_int_equal(c->result, PW_CAL_ENDED);
    assert_int_equal(command(PW_CAL_COMMIT), PW_MB_DEVICE_FAILURE);
    f.gpio_in = 0x10;
    run(600);
    assert_int_equal(command(PW_CAL_ABORT), PW_MB_OK);
    assert_int_equal(command(PW_CAL_ABORT), PW_MB_DEVICE_FAILURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_read_over_the_logarithm),
        cmocka_unit_test(zones_leave_what_they_say),
        cmocka_unit_test(eight_zones_halve_a_straight_line_eight_times),
        cmocka_unit_test(plan_follows_current_sign_and_range),
        cmocka_unit_test_setup(a_changed_ratio_rescales_nothing, setup),
        cmocka_unit_test_setup(procedure_finds_gain_phase_and_noise, setup),
        cmocka_unit_test_setup(what_is_not_good_is_not_taken, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
