/* SPDX-License-Identifier: Apache-2.0 */
/* LEDs and energy outputs: edges against totals over any run, evenness, power cuts, what is lit. */
#include "t.h"

#include "outputs.h"
#include "panel.h"
#include "program_random.h"

static uint64_t sum[PW_MAX_CT][PW_N_TQ];
static struct pw_program prog;
static struct pw_config cfg;
static struct pw_snapshot snap;
static struct pw_outputs o;

static uint64_t total(void *ctx, unsigned point, unsigned quantity)
{
    assert_true(ctx == &prog && point < cfg.n_points && quantity < PW_N_TQ);
    return sum[point][quantity];
}
static const struct pw_totals totals = {total, &prog};

static int setup(void **state)
{
    (void)state;
    memset(sum, 0, sizeof sum);
    memset(&snap, 0, sizeof snap);
    pw_config_default(&cfg, 6);
    pw_program_default(&prog, PW_PROFILE_IMS_S2);
    snap.seq = 1;
    for (unsigned k = 0; k < 6; k++)
        snap.ct[k].flags = PW_FLAG_CREEP;
    return 0;
}

static void window(void)
{
    pw_outputs_window(&o, &prog, &totals, &cfg, &snap);
}

/* What the output should follow, by the book, from the test's own numbers. */
static uint64_t followed(const struct pw_program_output *c)
{
    uint64_t s = 0;
    for (unsigned i = 0; i < cfg.n_points; i++)
        if (c->point == i || (c->point == PW_OUT_ALL_POINTS && cfg.ct[i].role != PW_ROLE_MAIN)) /* CT i is on point i */
            switch (c->quantity) {
            case PW_SQ_VARH_DEL: s += sum[i][PW_TQ_VARH_Q1] + sum[i][PW_TQ_VARH_Q2]; break;
            case PW_SQ_VARH_REC: s += sum[i][PW_TQ_VARH_Q3] + sum[i][PW_TQ_VARH_Q4]; break;
            default: s += sum[i][c->quantity];
            }
    return s;
}

static uint64_t unit(const struct pw_program_output *c)
{
    return c->weight_mwh * UINT64_C(1000) / (c->half ? 2 : 1);
}

static const unsigned led_of[] = {0, PW_LED_IR, PW_LED_A, PW_LED_B, PW_LED_LOAD};

/* Counts what stands on the pins only. */
struct watch {
    uint64_t begin, edges;
    bool     was;
};

static void watch_from(struct watch *w, const struct pw_program_output *c)
{
    *w = (struct watch){.begin = followed(c) / unit(c)};
    w->was = c->half && (w->begin & 1) != 0;
}

static void watch_tick(struct watch *w, const struct pw_program_output *c, unsigned leds)
{
    bool is = (leds & led_of[c->kind]) != 0;
    if (c->half ? is != w->was : is && !w->was)
        w->edges++;
    w->was = is;
}

/* Any program, any energies, windows of any length, power cuts at any time: edges = floor(total / unit) at the end - the same at the beginning. */
static void edges_are_the_total(void **state)
{
    (void)state;
    uint64_t s = 7, seen = 0, cuts = 0;
    for (unsigned n = 0; n < 200; n++) {
        struct watch w[PW_MAX_OUTPUTS];
        random_program(&s, &prog);
        for (unsigned i = 0; i < prog.n_outputs; i++) {
            if (prog.output[i].point != PW_OUT_ALL_POINTS)
                prog.output[i].point = (uint8_t)pick(&s, 0, 5);
            prog.output[i].weight_mwh = 10 + (prog.output[i].weight_mwh >> pick(&s, 0, 23));
        }
        cfg.ct[pick(&s, 0, 5)].role = (uint8_t)pick(&s, 0, 2);
        for (unsigned i = 0; i < 6; i++)
            for (unsigned q = 0; q < PW_N_TQ; q++)
                sum[i][q] = rnd(&s) >> pick(&s, 20, 60);
        pw_outputs_init(&o, &prog, &totals, &cfg);
        for (unsigned i = 0; i < prog.n_outputs; i++)
            watch_from(&w[i], &prog.output[i]);
        for (unsigned k = pick(&s, 1, 60); k > 0; k--) {
            unsigned shift = pick(&s, 38, 63); /* 0 .. 67 Wh a window */
            for (unsigned i = 0; i < 6; i++)
                for (unsigned q = 0; q < PW_N_TQ; q++)
                    sum[i][q] += pick(&s, 0, 3) == 0 ? rnd(&s) >> shift : 0;
            window();
            for (unsigned t = pick(&s, 0, 40); t > 0; t--) {
                unsigned leds = pw_outputs_tick(&o);
                for (unsigned i = 0; i < prog.n_outputs; i++)
                    watch_tick(&w[i], &prog.output[i], leds);
            }
            for (unsigned i = 0; i < prog.n_outputs; i++) /* never ahead of the energy */
                assert_true(w[i].edges <= followed(&prog.output[i]) / unit(&prog.output[i]) - w[i].begin);
            if (pick(&s, 0, 15) == 0) { /* after a moment without load the power fails: no edge may be missing or come twice afterwards */
                for (unsigned i = 0; i < prog.n_outputs; i++) {
                    uint64_t due = followed(&prog.output[i]) / unit(&prog.output[i]) - w[i].begin;
                    for (uint64_t t = 0; w[i].edges < due && t < 200000; t++) {
                        unsigned leds = pw_outputs_tick(&o);
                        for (unsigned j = 0; j < prog.n_outputs; j++)
                            watch_tick(&w[j], &prog.output[j], leds);
                    }
                }
                for (unsigned t = 0; t < 10; t++) /* the last short pulse ends */
                    for (unsigned j = 0, leds = pw_outputs_tick(&o); j < prog.n_outputs; j++)
                        watch_tick(&w[j], &prog.output[j], leds);
                memset(&o, 0xA5, sizeof o);
                pw_outputs_init(&o, &prog, &totals, &cfg);
                cuts++;
            }
        }
        for (unsigned t = 0; t < 400000; t++) {
            bool waits = false;
            unsigned leds = pw_outputs_tick(&o);
            for (unsigned i = 0; i < prog.n_outputs; i++) {
                watch_tick(&w[i], &prog.output[i], leds);
                waits |= w[i].edges < followed(&prog.output[i]) / unit(&prog.output[i]) - w[i].begin;
            }
            if (!waits && t > 50)
                break;
        }
        for (unsigned i = 0; i < prog.n_outputs; i++) {
            const struct pw_program_output *c = &prog.output[i];
            assert_int_equal(w[i].edges, followed(c) / unit(c) - w[i].begin);
            seen += w[i].edges;
            if (c->half)
                assert_int_equal(w[i].was, followed(c) / unit(c) & 1);
        }
        cfg.ct[0].role = cfg.ct[1].role = cfg.ct[2].role = cfg.ct[3].role = cfg.ct[4].role = cfg.ct[5].role = PW_ROLE_BRANCH;
    }
    assert_true(seen > 100000 && cuts > 100);
}

/* E4 at 36 kW: an edge each 5 Wh = 500 ms, each within a tick of where it belongs; 50 % duty; b changes once in 100 edges of a. */
static void even_and_half(void **state)
{
    (void)state;
    unsigned last = 0, on = 0, edges_a = 0, edges_b = 0, was = 0, n = 0;
    pw_outputs_init(&o, &prog, &totals, &cfg);
    for (unsigned w = 0; w < 5 * 400; w++) {
        sum[0][PW_TQ_WH_DEL] += 2000000; /* 36 kW x 200 ms = 2 Wh */
        window();
        for (unsigned t = 0; t < 20; t++, n++) {
            unsigned leds = pw_outputs_tick(&o);
            if ((leds ^ was) & PW_LED_A) {
                if (edges_a++ > 0)
                    assert_in_range(n - last, 49, 51);
                last = n;
            }
            edges_b += ((leds ^ was) & PW_LED_B) != 0;
            on += (leds & PW_LED_A) != 0;
            was = leds;
        }
    }
    assert_int_equal(edges_a, 2000 * 2 / 5);
    assert_int_equal(edges_b, 8);
    assert_in_range(on, n / 2 - 51, n / 2 + 51);
}

/* More than an output can show comes later, and whole: 25 pulses a second, 100 edges. */
static void too_fast_is_not_lost(void **state)
{
    (void)state;
    prog.n_outputs = 2;
    prog.output[0] = (struct pw_program_output){PW_OUT_IR, PW_TQ_WH_DEL, 0, false, 1000};
    prog.output[1] = (struct pw_program_output){PW_OUT_LED_A, PW_TQ_WH_DEL, 0, true, 1000};
    pw_outputs_init(&o, &prog, &totals, &cfg);
    sum[0][PW_TQ_WH_DEL] = 100 * 1000000; /* 100 pulses, 200 edges at once */
    window();
    unsigned pulses = 0, edges = 0, was = 0, width = 0;
    for (unsigned t = 0; t < 400; t++) {
        unsigned leds = pw_outputs_tick(&o);
        pulses += (leds & ~was & PW_LED_IR) != 0;
        edges += ((leds ^ was) & PW_LED_A) != 0;
        width += (leds & PW_LED_IR) != 0;
        was = leds;
        if (t == 210)
            assert_int_equal(edges, 200);
    }
    assert_in_range(pulses, 95, 100);
    for (unsigned t = 0; t < 40; t++) {
        unsigned leds = pw_outputs_tick(&o);
        pulses += (leds & ~was & PW_LED_IR) != 0;
        width += (leds & PW_LED_IR) != 0;
        was = leds;
    }
    assert_int_equal(pulses, 100);
    assert_int_equal(edges, 200);
    assert_int_equal(width, 200); /* 20 ms each */
}

/* D3: the LOAD LED never changes without load, wherever it stopped, also over power cuts. */
static void load_led_rests(void **state)
{
    (void)state;
    uint64_t s = 5;
    pw_program_default(&prog, PW_PROFILE_MINI_D);
    for (unsigned n = 0; n < 200; n++) {
        pw_outputs_init(&o, &prog, &totals, &cfg);
        sum[0][PW_TQ_WH_DEL] += rnd(&s) >> 40;
        window();
        for (unsigned t = 0; t < 30; t++)
            (void)pw_outputs_tick(&o);
        bool on = (sum[0][PW_TQ_WH_DEL] / 5000000 & 1) != 0;
        for (unsigned w = 0; w < 20; w++) {
            snap.ct[1].flags = w & 1 ? PW_FLAG_CREEP : 0; /* the other kind of load LED has no say here */
            window();
            for (unsigned t = 0; t < 20; t++)
                assert_int_equal((pw_outputs_tick(&o) & PW_LED_LOAD) != 0, on);
        }
        memset(&o, 0, sizeof o);
        pw_outputs_init(&o, &prog, &totals, &cfg);
        assert_int_equal((pw_outputs_tick(&o) & PW_LED_LOAD) != 0, on);
    }
}

static unsigned steady(void)
{
    window();
    return pw_outputs_tick(&o) & (PW_LED_POWER | PW_LED_REVERSE | PW_LED_LOAD);
}

static void power_reverse_and_load(void **state)
{
    (void)state;
    pw_outputs_init(&o, &prog, &totals, &cfg);
    assert_int_equal(steady(), 0);
    snap.v[2].win_mv = 49999;
    assert_int_equal(steady(), 0);
    snap.v[2].win_mv = 50000; /* D3: any of the line voltages */
    assert_int_equal(steady(), PW_LED_POWER);
    cfg.v_nominal_mv = 347000;
    assert_int_equal(steady(), 0);
    snap.v[0].win_mv = 173500;
    assert_int_equal(steady(), PW_LED_POWER);
    snap.ct[3].flags = 0;
    assert_int_equal(steady(), PW_LED_POWER | PW_LED_LOAD);
    snap.ct[3].p_mw = -1;
    snap.ct[3].i_ma = 1000;
    assert_int_equal(steady(), PW_LED_POWER | PW_LED_LOAD);
    snap.ct[3].i_ma = 1001; /* E4 */
    assert_int_equal(steady(), PW_LED_POWER | PW_LED_LOAD | PW_LED_REVERSE);
    cfg.ct[3].role = PW_ROLE_SOURCE; /* may feed in */
    assert_int_equal(steady(), PW_LED_POWER | PW_LED_LOAD);
    cfg.ct[3].role = PW_ROLE_BRANCH;
    snap.ct[3].p_mw = 1;
    assert_int_equal(steady(), PW_LED_POWER | PW_LED_LOAD);
    snap.seq = 0; /* nothing measured yet */
    assert_int_equal(steady(), 0);
}

/* Another program, CTs on other points, registers that went back: the phase is that of the new total, without a flood of edges. */
static void changes_begin_anew(void **state)
{
    (void)state;
    uint64_t s = 9;
    for (unsigned n = 0; n < 500; n++) {
        prog.output[0].point = PW_OUT_ALL_POINTS;
        for (unsigned i = 0; i < 6; i++)
            sum[i][0] = rnd(&s) >> 20;
        pw_outputs_init(&o, &prog, &totals, &cfg);
        window();
        switch (n % 4) {
        case 0: cfg.ct[2].role = cfg.ct[2].role == PW_ROLE_MAIN ? PW_ROLE_BRANCH : PW_ROLE_MAIN; break;
        case 1: prog.output[0].weight_mwh += 10; break;
        case 2: sum[1][0] /= 2; break;
        default: prog.n_outputs = prog.n_outputs == 2 ? 1 : 2; break;
        }
        window();
        for (unsigned i = 0; i < prog.n_outputs; i++) {
            bool on = (followed(&prog.output[i]) / unit(&prog.output[i]) & 1) != 0;
            for (unsigned t = 0; t < 30; t++)
                assert_int_equal((pw_outputs_tick(&o) & led_of[prog.output[i].kind]) != 0, on);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(edges_are_the_total, setup), cmocka_unit_test_setup(even_and_half, setup), cmocka_unit_test_setup(too_fast_is_not_lost, setup),
        cmocka_unit_test_setup(load_led_rests, setup), cmocka_unit_test_setup(power_reverse_and_load, setup), cmocka_unit_test_setup(changes_begin_anew, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
