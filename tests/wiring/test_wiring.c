/* SPDX-License-Identifier: Apache-2.0 */
/* Wiring finder and balance, case by case: one evaluation is one call with the phasors set by hand. */
#include "t.h"

#include <math.h>

#include "balance.h"
#include "spectrum.h"
#include "wiring_priv.h"
#include "wiring_text.h"

static struct pw_config cfg;
static struct pw_snapshot snap;
static struct pw_wiring w;
static struct pw_spectrum spec;
static int16_t lag[PW_N_V];
static const double volts = 120.0;

static struct pw_vec polar(double amount, double deg)
{
    return (struct pw_vec){(int32_t)lround(amount * 1000 * cos(deg * M_PI / 180)), (int32_t)lround(amount * 1000 * sin(deg * M_PI / 180))};
}

/* Wye, CTs of 200 A each on a point of its own, CT k on phase k % 3, all with a heater of 10 A. */
static int setup(void **state)
{
    (void)state;
    pw_config_default(&cfg, 12);
    memset(&snap, 0, sizeof snap);
    memset(&spec, 0, sizeof spec);
    pw_wiring_init(&w, &snap, &cfg, NULL, lag);
    for (unsigned t = 0; t < 3; t++)
        w.in.v_mv[t] = polar(volts, -120.0 * t);
    for (unsigned k = 0; k < 12; k++) {
        w.in.i_ma[k] = polar(10, -120.0 * (k % 3));
        w.in.rms_ma[k] = 10000;
    }
    return 0;
}

static void load(unsigned k, double amps, double behind_a)
{
    w.in.i_ma[k] = polar(amps, -behind_a);
    w.in.rms_ma[k] = (uint32_t)lround(amps * 1000);
}

static void evaluate(unsigned n)
{
    while (n-- > 0)
        pw_wiring_evaluate(&w);
}

static const struct pw_wiring_ct *result(unsigned k) { return &w.out.ct[k]; }

static void test_load_cost(void **state)
{
    (void)state;
    for (int d = -20; d <= 32; d++)
        assert_int_equal(pw_wiring_load_cost(d, false), 0);
    for (int d = -180; d < 180; d++) {
        int step = pw_wiring_load_cost(d + 1, false) - pw_wiring_load_cost(d, false);
        assert_true(step > -20 && step < 20); /* no jumps */
    }
    assert_in_range(pw_wiring_load_cost(60, false), 30, 40);
    assert_int_equal(pw_wiring_load_cost(180, false), 200);
    assert_int_equal(pw_wiring_load_cost(-180, true), 3);
    assert_int_equal(pw_wiring_load_cost(0, true), 0);
}

static void test_all_right(void **state)
{
    (void)state;
    evaluate(1);
    for (unsigned k = 0; k < 12; k++)
        assert_int_equal(result(k)->code, PW_WIRE_UNKNOWN); /* once is no diagnosis */
    evaluate(1);
    for (unsigned k = 0; k < 12; k++) {
        assert_int_equal(result(k)->code, PW_WIRE_OK);
        assert_int_equal(result(k)->registers_pct, 100);
    }
    assert_int_equal(w.out.n_faults, 0);
    assert_int_equal(w.out.service, 0);
    assert_int_equal(w.out.supply, PW_SUPPLY_WYE);
}

static void test_named_in_the_stated_range(void **state)
{
    (void)state;
    static const struct { double offset; unsigned code, phase; bool reversed; int registers; } c[] = {
        {180, PW_WIRE_REVERSED, 0, true, -100}, {120, PW_WIRE_PHASE, 1, false, -50}, {240, PW_WIRE_PHASE, 2, false, -50},
    };
    for (unsigned i = 0; i < 3; i++)
        for (double l = -18; l <= 30; l += 4) {
            setup(NULL);
            load(0, 10, c[i].offset + l);
            evaluate(2);
            assert_int_equal(result(0)->code, c[i].code);
            assert_int_equal(result(0)->phase, c[i].phase);
            assert_int_equal(result(0)->reversed, c[i].reversed);
            assert_in_range(result(0)->confidence_pct, 70, 99);
            assert_int_equal(w.out.n_faults, 1);
            if (fabs(l) < 2.5)
                assert_true(abs(result(0)->registers_pct - c[i].registers) <= 4);
            for (unsigned k = 1; k < 12; k++)
                assert_int_equal(result(k)->code, PW_WIRE_OK);
        }
}

static void test_poor_power_factor_is_no_fault(void **state)
{
    (void)state;
    for (double l = -75; l <= 85; l += 5) {
        setup(NULL);
        load(0, 10, l);
        evaluate(2);
        assert_false(pw_wiring_is_fault(result(0)->code));
        assert_int_equal(result(0)->code, l >= 40 || l < -27 ? PW_WIRE_HINT : PW_WIRE_OK);
    }
    setup(NULL); /* power factor 0.5, or on C and reversed */
    load(0, 10, 60);
    evaluate(2);
    assert_int_equal(result(0)->alt_phase, 2);
    assert_true(result(0)->alt_reversed);
    assert_int_equal(result(0)->confidence_pct, PW_WIRING_HINT_PCT);
    assert_int_equal(w.out.n_faults, 0);
}

static void test_certainly_wrong_but_unclear(void **state)
{
    (void)state;
    load(0, 10, 155); /* reversed and 25 degrees leading, or on B and 35 lagging */
    evaluate(2);
    assert_int_equal(result(0)->code, PW_WIRE_UNCLEAR);
    assert_int_equal(w.out.n_faults, 1);
}

static void test_least_load(void **state)
{
    (void)state;
    load(0, 0.99, 180);
    evaluate(2);
    assert_int_equal(result(0)->code, PW_WIRE_UNKNOWN);
    load(0, 1.01, 180);
    evaluate(2);
    assert_int_equal(result(0)->code, PW_WIRE_REVERSED);
    load(0, 0.5, 180); /* gone again: nothing is known of now */
    evaluate(2);
    assert_int_equal(result(0)->code, PW_WIRE_UNKNOWN);
}

static void test_sources_may_export(void **state)
{
    (void)state;
    load(0, 10, 180);
    cfg.ct[0].role = PW_ROLE_SOURCE;
    evaluate(2);
    assert_false(pw_wiring_is_fault(result(0)->code));
    setup(NULL);
    load(0, 10, 180);
    evaluate(2);
    assert_int_equal(result(0)->code, PW_WIRE_REVERSED);
}

static void test_swapped(void **state)
{
    (void)state;
    load(3, 10, 120);
    load(7, 10, 0);
    evaluate(2);
    assert_int_equal(result(3)->code, PW_WIRE_SWAPPED);
    assert_int_equal(result(3)->partner, 7);
    assert_int_equal(result(7)->partner, 3);
    assert_int_equal(w.out.n_faults, 2);
    setup(NULL); /* two candidates: only the phases are known */
    load(3, 10, 120);
    load(7, 10, 0);
    load(10, 10, 0);
    evaluate(2);
    assert_int_equal(result(3)->code, PW_WIRE_PHASE);
    assert_int_equal(result(3)->partner, 3);
}

static void test_three_phase_load(void **state)
{
    (void)state;
    cfg.ct[1].point = cfg.ct[2].point = 0;
    for (unsigned k = 0; k < 3; k++)
        load(k, 10, 120.0 * k + 60); /* a motor of power factor 0.5: its equals clear it */
    evaluate(2);
    for (unsigned k = 0; k < 3; k++)
        assert_int_equal(result(k)->code, PW_WIRE_OK);
    load(1, 10, 120 + 60 + 180); /* one of them reversed: alone it would look like power factor 0.5 leading on ... */
    evaluate(PW_WIRING_EVIDENCE + 2);
    assert_int_equal(result(1)->code, PW_WIRE_REVERSED);
    assert_int_equal(result(0)->code, PW_WIRE_OK);
    load(1, 0, 0); /* no signal while the others carry a balanced load */
    evaluate(2);
    assert_int_equal(result(1)->code, PW_WIRE_OPEN);
    assert_int_equal(result(1)->registers_pct, 0);
    load(2, 8, 240 + 60); /* not balanced: a load may simply be off */
    evaluate(2);
    assert_int_equal(result(1)->code, PW_WIRE_UNKNOWN);
}

static void test_line_load(void **state)
{
    (void)state;
    cfg.ct[1].point = 0;
    for (double l = 0; l <= 45; l += 15) { /* between A and B: 30 degrees ahead of A, 30 behind B */
        load(0, 10, -30 + l);
        load(1, 10, 150 + l);
        evaluate(2);
        assert_int_equal(result(0)->code, PW_WIRE_OK);
        assert_int_equal(result(1)->code, PW_WIRE_OK);
    }
    setup(NULL);
    cfg.ct[1].point = 0;
    load(0, 10, 150); /* CT 0 reversed: both the same, so the point registers little */
    load(1, 10, 150);
    evaluate(2);
    assert_int_equal(result(0)->code, PW_WIRE_REVERSED);
    assert_int_equal(result(1)->code, PW_WIRE_OK);
}

static void test_evidence_over_time(void **state)
{
    (void)state;
    load(0, 10, 120); /* on B: a heater, then a motor that alone would be unclear, in turn */
    evaluate(8);
    for (unsigned i = 0; i < 20; i++) {
        load(0, 10, i & 1 ? 120 : 158);
        evaluate(1);
        assert_int_equal(result(0)->code, PW_WIRE_PHASE);
        assert_int_equal(result(0)->phase, 1);
    }
    load(0, 10, 0); /* put right: said after what was seen has faded */
    unsigned n = 0;
    while (result(0)->code != PW_WIRE_OK && n < 60)
        evaluate(1), n++;
    assert_in_range(n, 2, 45);
}

static void test_split_phase(void **state)
{
    (void)state;
    w.in.v_mv[1] = polar(volts, 180);
    w.in.v_mv[2] = (struct pw_vec){0, 0};
    for (unsigned k = 0; k < 12; k++) {
        cfg.ct[k].vsel = k & 1;
        load(k, 10, k & 1 ? 180 : 0);
    }
    load(4, 10, 180);
    evaluate(2);
    assert_int_equal(w.out.supply, PW_SUPPLY_SPLIT);
    assert_int_equal(w.out.service, 0);
    assert_int_equal(result(4)->code, PW_WIRE_REVERSED);
    assert_int_equal(result(4)->alt_phase, 1); /* or the right way round on B: the same phasor */
    assert_false(result(4)->alt_reversed);
    assert_int_equal(w.out.n_faults, 1);
}

static void test_missing_voltage(void **state)
{
    (void)state;
    for (unsigned p = 0; p < 3; p++)
        for (unsigned phasor = 0; phasor < 2; phasor++) {
            setup(NULL);
            w.in.v_mv[p] = polar(0.1, 17);
            for (unsigned k = p; k < 12 && !phasor; k += 3) {
                w.in.flags[k] = PW_WIN_NO_PHASOR;
                w.in.i_ma[k] = (struct pw_vec){0, 0};
            }
            if (phasor)
                load(p, 10, 120.0 * p + 180);
            evaluate(1);
            w.in.v_mv[p] = polar(0.1, 17); /* the evaluation puts the inferred one there */
            evaluate(1);
            assert_int_equal(w.out.service, 1u << p);
            assert_int_equal(result(p)->code, phasor ? PW_WIRE_REVERSED : PW_WIRE_NO_VOLTAGE);
            assert_int_equal(result(p + 3)->code, PW_WIRE_NO_VOLTAGE);
            assert_int_equal(result(p + 3)->registers_pct, 0);
            assert_int_equal(result((p + 1) % 3)->code, PW_WIRE_OK);
        }
}

static void test_unused_input_is_not_missing(void **state)
{
    (void)state;
    w.in.v_mv[2] = (struct pw_vec){0, 0};
    for (unsigned k = 2; k < 12; k += 3)
        load(k, 0, 0);
    evaluate(1);
    w.in.v_mv[2] = (struct pw_vec){0, 0};
    evaluate(1);
    assert_int_equal(w.out.service, 0);
}

static void test_swapped_voltages(void **state)
{
    (void)state;
    static const unsigned bits[3] = {PW_WIRING_SWAP_AB, PW_WIRING_SWAP_BC, PW_WIRING_SWAP_CA};
    for (unsigned a = 0; a < 3; a++) {
        setup(NULL);
        unsigned b = (a + 1) % 3;
        struct pw_vec keep = w.in.v_mv[a];
        w.in.v_mv[a] = w.in.v_mv[b];
        w.in.v_mv[b] = keep;
        evaluate(2);
        assert_int_equal(w.out.service, bits[a]);
        for (unsigned k = 0; k < 12; k++)
            assert_int_equal(result(k)->code, PW_WIRE_OK); /* the voltages are what is wrong */
        assert_int_equal(w.out.n_faults, 1);
    }
}

static void test_supply_may_rotate_the_other_way(void **state)
{
    (void)state;
    w.in.v_mv[1] = polar(volts, 120);
    w.in.v_mv[2] = polar(volts, -120);
    for (unsigned k = 0; k < 12; k++)
        load(k, 10, -120.0 * (k % 3));
    evaluate(2);
    assert_int_equal(w.out.service, 0);
    for (unsigned k = 0; k < 12; k++)
        load(k, 0, 0);
    setup(NULL);
    w.in.v_mv[1] = polar(volts, 120);
    w.in.v_mv[2] = polar(volts, -120);
    for (unsigned k = 0; k < 12; k++)
        load(k, 0, 0);
    evaluate(2);
    assert_int_equal(w.out.service, PW_WIRING_SEQUENCE); /* nobody can tell: said, but no fault */
    assert_int_equal(w.out.n_faults, 0);
}

static void test_high_leg(void **state)
{
    (void)state;
    for (unsigned at = 0; at < 3; at++) {
        setup(NULL);
        struct pw_vec v[3] = {polar(120, 0), polar(120, 180), polar(207.8, 90)};
        struct pw_vec keep = v[at];
        v[at] = v[2];
        v[2] = keep;
        memcpy(w.in.v_mv, v, sizeof v);
        for (unsigned k = 0; k < 12; k++)
            load(k, 0, 0);
        evaluate(2);
        assert_int_equal(w.out.supply, PW_SUPPLY_HIGH_LEG);
        assert_int_equal((w.out.service & PW_WIRING_HIGH_LEG) != 0, at != 2);
    }
}

static void test_clipping(void **state)
{
    (void)state;
    evaluate(2);
    w.in.flags[5] = PW_WIN_CLIP;
    evaluate(2);
    assert_int_equal(result(5)->code, PW_WIRE_OK); /* an inrush */
    evaluate(1);
    assert_int_equal(result(5)->code, PW_WIRE_CLIPPING);
    w.in.flags[5] = 0;
    evaluate(2);
    assert_int_equal(result(5)->code, PW_WIRE_OK);
    w.in.flags[5] = PW_WIN_STUCK;
    evaluate(2);
    assert_int_equal(result(5)->code, PW_WIRE_STUCK);
}

static void mains(void)
{
    struct pw_vec sum[3] = {{0, 0}};
    for (unsigned k = 0; k < 3; k++)
        cfg.ct[k].role = PW_ROLE_MAIN;
    for (unsigned k = 3; k < 12; k++)
        sum[k % 3] = pw_vec_add(sum[k % 3], w.in.i_ma[k]);
    for (unsigned p = 0; p < 3; p++) {
        w.in.i_ma[p] = sum[p];
        w.in.rms_ma[p] = pw_vec_abs(sum[p]);
    }
}

static void test_mains_tell(void **state)
{
    (void)state;
    mains();
    load(5, 10, 240 + 60); /* a motor */
    load(8, 10, 240 + 60);
    mains();
    evaluate(2);
    assert_true(w.out.balanced);
    assert_int_equal(result(5)->code, PW_WIRE_OK); /* no hint: the sum agrees */
    setup(NULL);
    load(4, 10, 240); /* this circuit is on C ... */
    mains();
    struct pw_vec moved = w.in.i_ma[4];
    w.in.i_ma[1] = pw_vec_sub(w.in.i_ma[1], moved);
    w.in.i_ma[2] = pw_vec_add(w.in.i_ma[2], moved);
    w.in.i_ma[4] = pw_vec_neg(moved); /* ... and its CT the wrong way round: alone it looks like 0.5 leading on B */
    evaluate(2);
    assert_int_equal(result(4)->code, PW_WIRE_PHASE_REVERSED);
    assert_int_equal(result(4)->phase, 2);
    assert_int_equal(result(4)->confidence_pct, 99);
    assert_true(w.out.balanced);
}

static void test_balance_alarm(void **state)
{
    (void)state;
    struct pw_balance b;
    pw_balance_init(&b);
    mains();
    for (unsigned i = 0; i < 100; i++) {
        evaluate(1);
        assert_true(pw_balance_step(&b, &w));
        assert_false(pw_balance_step(&b, &w));
        assert_false(b.phase[1].alarm);
    }
    assert_true(b.valid);
    assert_in_range(pw_balance_threshold_ma(&w, &b, 1), 490, 510); /* 1 % of 30 A, 0.1 % of 200 A */
    w.in.i_ma[1] = pw_vec_add(w.in.i_ma[1], polar(3.2, -120 - 10));
    for (unsigned i = 1; i <= PW_BALANCE_ALARM_S; i++) {
        assert_false(b.phase[1].alarm);
        evaluate(1);
        (void)pw_balance_step(&b, &w);
    }
    assert_true(b.phase[1].alarm);
    assert_int_equal(b.changed, 2);
    assert_in_range(b.phase[1].rest_ma, 3190, 3210);
    assert_in_range(b.phase[1].rest_mw, 376000, 380500); /* 120 V x 3.2 A x cos 10 */
    assert_false(b.phase[0].alarm || b.phase[2].alarm);
    assert_int_equal(w.out.n_faults, 0);
    mains();
    for (unsigned i = 0; i < PW_BALANCE_CLEAR_S; i++) {
        assert_true(b.phase[1].alarm);
        evaluate(1);
        (void)pw_balance_step(&b, &w);
    }
    assert_false(b.phase[1].alarm);
    cfg.ct[0].role = PW_ROLE_BRANCH; /* no main on A: no balance */
    evaluate(1);
    (void)pw_balance_step(&b, &w);
    assert_false(b.valid);
}

static void says(unsigned k, const char *want)
{
    char buf[80];
    struct pw_text t;
    pw_text_init(&t, buf, sizeof buf);
    pw_wiring_say_ct(&w, k, &t);
    assert_string_equal(buf, want);
}

static void test_words(void **state)
{
    (void)state;
    load(6, 10, 120);
    load(1, 10, 300);
    load(2, 10, 240 + 60);
    load(5, 10, 240 + 155);
    load(3, 0.1, 0);
    evaluate(2);
    says(6, "CT 7: on phase B, configured A");
    says(1, "CT 2: reversed");
    says(2, "CT 3: unusual power factor, or on phase B and reversed");
    says(3, "CT 4: not enough load");
    says(4, "CT 5: right");
    assert_int_equal(result(5)->code, PW_WIRE_UNCLEAR);
    unsigned ct, bit;
    assert_true(pw_wiring_fault(&w, 0, &ct, &bit) && ct == 1 && bit == 0);
    assert_true(pw_wiring_fault(&w, 1, &ct, &bit) && ct == 5);
    assert_true(pw_wiring_fault(&w, 2, &ct, &bit) && ct == 6);
    assert_false(pw_wiring_fault(&w, 3, &ct, &bit));
    for (unsigned c = 0; c < PW_WIRE_N; c++) /* longest ones fit */
        for (unsigned x = 0; x < 8; x++) {
            char buf[80];
            struct pw_text t;
            w.out.ct[11] = (struct pw_wiring_ct){.code = (uint8_t)c, .phase = 1, .alt_phase = 2, .reversed = x & 1, .alt_reversed = x >> 1 & 1, .clipping = x >> 2, .partner = 53};
            pw_text_init(&t, buf, sizeof buf);
            pw_wiring_say_ct(&w, 11, &t);
            assert_in_range(t.len, 10, 76);
        }
}

static void test_events(void **state)
{
    (void)state;
    struct pw_balance b;
    char buf[80];
    uint32_t value;
    struct pw_wiring_news news;
    struct pw_text t;
    pw_balance_init(&b);
    evaluate(2);
    pw_text_init(&t, buf, sizeof buf);
    assert_false(pw_wiring_event(&w, &b, &t, &value, &news));
    load(6, 10, 120);
    evaluate(PW_WIRING_EVIDENCE);
    pw_text_init(&t, buf, sizeof buf);
    assert_true(pw_wiring_event(&w, &b, &t, &value, &news));
    assert_string_equal(buf, "wiring: CT 7: on phase B, configured A, sure %");
    assert_in_range(value, 55, 99);
    pw_text_init(&t, buf, sizeof buf);
    assert_false(pw_wiring_event(&w, &b, &t, &value, &news));
    load(6, 10, 0);
    evaluate(60);
    pw_text_init(&t, buf, sizeof buf);
    assert_true(pw_wiring_event(&w, &b, &t, &value, &news));
    assert_string_equal(buf, "wiring: CT 7: right, sure %");
}

/* The meter's numbers of one block: P and Q of each CT, voltages and the angles between them. */
static void block_of(double amps, double lag_deg)
{
    for (unsigned k = 0; k < 12; k++)
        snap.ct[k] = (struct pw_meas_ct){.v_mv = 120000, .i_ma = (uint32_t)lround(amps * 1000),
                                         .p_mw = (int32_t)lround(120 * amps * 1000 * cos(lag_deg * M_PI / 180)),
                                         .q_mvar = (int32_t)lround(120 * amps * 1000 * sin(lag_deg * M_PI / 180))};
    for (unsigned t = 0; t < 3; t++) {
        snap.v[t].v_mv = 120000;
        lag[t] = 12000;
    }
    snap.seq++;
    snap.agg++;
    snap.cycles = 12;
}

static void run_block(void)
{
    while (pw_wiring_step(&w))
        ;
}

static void near_vec(struct pw_vec a, struct pw_vec b, int32_t tol)
{
    if (labs(a.re - b.re) > tol || labs(a.im - b.im) > tol)
        fail_msg("(%d, %d) is not (%d, %d)", a.re, a.im, b.re, b.im);
}

static void test_phasors_from_windows(void **state)
{
    (void)state;
    for (double l = -180; l < 180; l += 7.5) {
        setup(NULL);
        cfg.ct[7].vsel = PW_VAB;
        for (unsigned i = 0; i < 2; i++) {
            block_of(10, l);
            run_block();
        }
        for (unsigned k = 0; k < 6; k++)
            near_vec(w.in.i_ma[k], polar(10, -120.0 * (k % 3) - l), 40); /* 0.4 %: the angles' sine */
        near_vec(w.in.i_ma[7], polar(10 / sqrt(3), 30 - l), 40);
    }
    assert_int_equal(w.out.evaluations, 1);
    snap.v[1].v_mv = 50; /* missing: Vc is found against Va all the same, and B's CTs have no phasor */
    lag[0] = 3333;
    lag[1] = -4444;
    snap.agg++;
    run_block();
    near_vec(w.in.v_mv[2], polar(120, 120), 400);
    assert_int_equal(w.in.flags[1], PW_WIN_NO_PHASOR);
    assert_int_equal(w.in.flags[2], 0);
    unsigned n = w.out.evaluations;
    snap.timeout = true;
    snap.agg++;
    run_block();
    assert_int_equal(w.out.evaluations, n); /* no whole cycles: no angles */
}

static void test_phasors_of_the_spectrum(void **state)
{
    (void)state;
    pw_wiring_init(&w, &snap, &cfg, &spec, lag);
    spec.present = true;
    spec.passes = 5;
    block_of(10, 0);
    run_block();
    for (unsigned t = 0; t < 3; t++) { /* the oscillator's phase is anything */
        double a = (77 - 120.0 * t) * M_PI / 180, peak = 120 * sqrt(2) / 500 * (1 << 30);
        spec.fund[t] = (struct pw_spec_phasor){(int32_t)lround(peak * cos(a)), (int32_t)lround(peak * sin(a))};
    }
    for (unsigned k = 0; k < 12; k++) {
        double a = (77 - 120.0 * (k % 3) - 25) * M_PI / 180, peak = 10 * sqrt(2) / 800 * (1 << 30);
        spec.fund[3 + k] = (struct pw_spec_phasor){(int32_t)lround(peak * cos(a)), (int32_t)lround(peak * sin(a))};
    }
    cfg.ct[4].pol = 1;
    block_of(10, 0);
    for (unsigned i = 0; i < 6; i++)
        (void)pw_wiring_step(&w);
    spec.passes++; /* a new pass while we read: begins again */
    run_block();
    assert_int_equal(w.out.evaluations, 1);
    for (unsigned k = 0; k < 12; k++)
        near_vec(w.in.i_ma[k], polar(k == 4 ? -10 : 10, -120.0 * (k % 3) - 25), 3);
    for (unsigned t = 0; t < 3; t++)
        near_vec(w.in.v_mv[t], polar(120, -120.0 * t), 3);
}

static void test_new_configuration_begins_anew(void **state)
{
    (void)state;
    load(6, 10, 120);
    evaluate(3);
    assert_int_equal(w.out.n_faults, 1);
    cfg.revision++;
    snap.agg = 9;
    assert_true(pw_wiring_step(&w));
    assert_int_equal(w.out.n_faults, 0);
    assert_int_equal(w.st[6].n, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        T(test_load_cost), T(test_all_right), T(test_named_in_the_stated_range), T(test_poor_power_factor_is_no_fault),
        T(test_certainly_wrong_but_unclear), T(test_least_load), T(test_sources_may_export), T(test_swapped), T(test_three_phase_load),
        T(test_line_load), T(test_evidence_over_time), T(test_split_phase), T(test_missing_voltage), T(test_unused_input_is_not_missing),
        T(test_swapped_voltages), T(test_supply_may_rotate_the_other_way), T(test_high_leg), T(test_clipping), T(test_mains_tell),
        T(test_balance_alarm), T(test_words), T(test_events), T(test_phasors_from_windows), T(test_phasors_of_the_spectrum),
        T(test_new_configuration_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
