/* SPDX-License-Identifier: Apache-2.0 */
/* Service detection: every service, both sequences, every rotation, tolerances, missing voltages, debouncing. */
#include "t.h"

#include <math.h>
#include <stdio.h>

#include "service.h"

#define DEG 0.017453292519943295

struct phasor {
    double volts, deg; /* deg: of the phasor, + leads */
};

static double jitter(uint64_t *s, double range)
{
    return ((double)(rnd(s) >> 11) * 0x1p-53 * 2 - 1) * range;
}

/* What the meter would show for these phasors. */
static void seen(const struct phasor p[3], uint32_t v_mv[3], int16_t lag_cdeg[3], uint64_t *s)
{
    for (unsigned i = 0; i < 3; i++) {
        const struct phasor *a = &p[i], *b = &p[(i + 1) % 3];
        v_mv[i] = (uint32_t)lround(a->volts * 1000);
        double lag = remainder(a->deg - b->deg, 360) * 100;
        if (a->volts < 1 || b->volts < 1)
            lag = jitter(s, 18000); /* noise */
        lag_cdeg[i] = (int16_t)(lag > 18000 ? 18000 : lag < -18000 ? -18000 : lround(lag));
    }
}

struct service {
    struct phasor p[3];
    unsigned service, sequence, high_leg;
};

static const struct service services[] = {
    {{{120, 0}, {0, 0}, {0, 0}}, PW_SERVICE_1P2W, PW_SEQ_NONE, 0},
    {{{277, 0}, {277, 0}, {277, 0}}, PW_SERVICE_1P2W, PW_SEQ_NONE, 0}, /* bridged */
    {{{120, 0}, {120, 180}, {0, 0}}, PW_SERVICE_SPLIT, PW_SEQ_NONE, 0},
    {{{120, 0}, {120, 180}, {120, 180}}, PW_SERVICE_SPLIT, PW_SEQ_NONE, 0},
    {{{120, 0}, {120, -120}, {0, 0}}, PW_SERVICE_NETWORK, PW_SEQ_NONE, 0},
    {{{120, 0}, {120, 120}, {0, 0}}, PW_SERVICE_NETWORK, PW_SEQ_NONE, 0},
    {{{240, 0}, {0, 0}, {240, 60}}, PW_SERVICE_DELTA3, PW_SEQ_ABC, 0},
    {{{480, 0}, {0, 0}, {480, -60}}, PW_SERVICE_DELTA3, PW_SEQ_ACB, 0},
    {{{120, 0}, {120, -120}, {120, 120}}, PW_SERVICE_WYE4, PW_SEQ_ABC, 0},
    {{{347, 0}, {347, 120}, {347, -120}}, PW_SERVICE_WYE4, PW_SEQ_ACB, 0},
    {{{120, 0}, {120, 180}, {208, 90}}, PW_SERVICE_HIGHLEG, PW_SEQ_ABC, 3},
    {{{120, 0}, {120, 180}, {208, -90}}, PW_SERVICE_HIGHLEG, PW_SEQ_ACB, 3},
};
#define N_SERVICES (sizeof services / sizeof services[0])

static void all_services_within_tolerance(void **state)
{
    (void)state;
    uint64_t s = 11;
    for (unsigned k = 0; k < N_SERVICES; k++)
        for (unsigned turn = 0; turn < 3; turn++) /* the same on other terminals: a -> b -> c keeps the sequence */
            for (unsigned n = 0; n < 2000; n++) {
                const struct service *w = &services[k];
                struct phasor p[3];
                uint32_t v_mv[3];
                int16_t lag[3];
                struct pw_service_result r;
                double global = jitter(&s, 180);
                unsigned absent = 0;
                for (unsigned i = 0; i < 3; i++) {
                    struct phasor *q = &p[(i + turn) % 3];
                    bool corner = n < 8; /* the corners of the tolerance too */
                    double dv = corner ? (n >> i & 1 ? 0.2 : -0.2) : jitter(&s, 0.2), da = corner ? (n >> i & 1 ? 10 : -10) : jitter(&s, 10);
                    *q = w->p[i];
                    q->volts *= 1 + dv;
                    q->deg += da + global;
                    if (w->p[i].volts == 0) {
                        q->volts = 0.3; /* pick-up */
                        absent |= 1u << (i + turn) % 3;
                    }
                }
                seen(p, v_mv, lag, &s);
                pw_service_classify(v_mv, lag, &r);
                if (r.service != w->service || r.why != PW_SERVICE_OK || r.sequence != w->sequence || r.absent != absent)
                    fail_msg("service %u turn %u: found %u why %u sequence %u absent %u; V %u %u %u, lags %d %d %d", k, turn, r.service, r.why,
                             r.sequence, r.absent, v_mv[0], v_mv[1], v_mv[2], lag[0], lag[1], lag[2]);
                assert_int_equal(r.high_leg, w->high_leg == 0 ? 0 : (w->high_leg - 1 + turn) % 3 + 1);
            }
}

static void what_is_no_service(void **state)
{
    (void)state;
    static const struct {
        struct phasor p[3];
        unsigned why;
    } bad[] = {
        {{{0, 0}, {0, 0}, {0, 0}}, PW_SERVICE_NO_VOLTAGE},
        {{{19.9, 0}, {19.9, -120}, {19.9, 120}}, PW_SERVICE_NO_VOLTAGE},
        {{{120, 0}, {120, -90}, {0, 0}}, PW_SERVICE_ANGLES},
        {{{120, 0}, {120, 30}, {0, 0}}, PW_SERVICE_ANGLES},
        {{{120, 0}, {120, -60}, {120, 60}}, PW_SERVICE_ANGLES},   /* b reversed */
        {{{120, 0}, {120, -120}, {220, 120}}, PW_SERVICE_LEVELS}, /* a wye with one voltage far off */
        {{{120, 0}, {120, 180}, {120, 90}}, PW_SERVICE_LEVELS},   /* high leg that is not high */
        {{{120, 0}, {50, 180}, {0, 0}}, PW_SERVICE_LEVELS},
    };
    uint64_t s = 12;
    for (unsigned k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        uint32_t v_mv[3];
        int16_t lag[3];
        struct pw_service_result r;
        seen(bad[k].p, v_mv, lag, &s);
        pw_service_classify(v_mv, lag, &r);
        assert_int_equal(r.service, PW_SERVICE_AUTO);
        assert_int_equal(r.why, bad[k].why);
    }
}

static struct pw_service_watch watch;
static struct pw_config cfg;
static struct pw_snapshot snap;
static uint64_t seed = 13;

/* Windows of 200 ms (60 Hz) for `seconds`. @return all events */
static unsigned feed(const struct phasor p[3], double seconds)
{
    uint32_t v_mv[3];
    int16_t lag[3];
    unsigned events = 0;
    for (int n = (int)lround(seconds * 5); n > 0; n--) {
        seen(p, v_mv, lag, &seed);
        for (unsigned i = 0; i < 3; i++)
            snap.v[i].v_mv = v_mv[i];
        snap.time_us += 200000;
        snap.timeout = v_mv[0] + v_mv[1] + v_mv[2] < 3000;
        events |= pw_service_update(&watch, &cfg, &snap, lag);
    }
    return events;
}

static int fresh(void **state)
{
    (void)state;
    memset(&watch, 0, sizeof watch);
    memset(&snap, 0, sizeof snap);
    snap.agg = 1;
    pw_config_default(&cfg, 24);
    return 0;
}

static const struct phasor wye[3] = {{120, 0}, {120, -120}, {120, 120}}, dead[3] = {{0.1, 0}, {0.1, 0}, {0.1, 0}},
                           without_b[3] = {{120, 0}, {0.1, 0}, {120, 120}}, only_c[3] = {{0.1, 0}, {0.1, 0}, {120, 120}},
                           network[3] = {{121, 0}, {119, -120}, {0.1, 0}}, split[3] = {{120, 0}, {120, 180}, {0.1, 0}},
                           high[3] = {{120, 0}, {120, 180}, {208, 90}};

static void three_seconds_stable(void **state)
{
    (void)state;
    snap.agg = 0;
    assert_int_equal(feed(wye, 60), 0); /* nothing measured yet */
    snap.agg = 1;
    assert_int_equal(feed(wye, 3.0), 0);
    assert_int_equal(watch.now.service, PW_SERVICE_AUTO);
    assert_int_equal(feed(wye, 0.4), PW_SERVICE_EV_CHANGE);
    assert_int_equal(watch.now.service, PW_SERVICE_WYE4);
    assert_int_equal(watch.changes, 1);
    assert_int_equal(pw_service_nominal_mv(&watch, &cfg, 1), 120000);
    for (unsigned n = 0; n < 20; n++) { /* flicker shorter than that changes nothing */
        assert_int_equal(feed(without_b, 2.0), 0);
        assert_int_equal(feed(wye, 0.2), 0);
    }
    assert_int_equal(feed(wye, 60), 0);
    assert_int_equal(watch.changes, 1);
}

static void a_voltage_goes_missing(void **state)
{
    (void)state;
    (void)feed(wye, 5);
    assert_int_equal(feed(without_b, 5), PW_SERVICE_EV_CHANGE);
    assert_int_equal(watch.now.service, PW_SERVICE_WYE4);
    assert_int_equal(watch.now.why, PW_SERVICE_MISSING);
    assert_int_equal(watch.now.missing, 2);
    assert_int_equal(watch.now.sequence, PW_SEQ_ABC);
    assert_int_equal(feed(only_c, 5), PW_SERVICE_EV_CHANGE);
    assert_int_equal(watch.now.missing, 3);
    assert_int_equal(feed(dead, 5), PW_SERVICE_EV_CHANGE);
    assert_int_equal(watch.now.why, PW_SERVICE_NO_VOLTAGE);
    assert_int_equal(watch.now.missing, 7);
    assert_int_equal(watch.now.service, PW_SERVICE_WYE4);
    assert_int_equal(pw_service_nominal_mv(&watch, &cfg, 0), 120000); /* thresholds stay */
    assert_int_equal(feed(wye, 5), PW_SERVICE_EV_CHANGE);
    assert_int_equal(watch.now.missing + watch.now.why, 0);

    fresh(NULL);
    (void)feed(split, 5);
    assert_int_equal(watch.now.service, PW_SERVICE_SPLIT);
    assert_int_equal(watch.now.missing, 0); /* c was never there */
    assert_int_equal(pw_service_nominal_mv(&watch, &cfg, 2), 0);
    static const struct phasor half[3] = {{0.1, 0}, {120, 180}, {0.1, 0}};
    (void)feed(half, 5);
    assert_int_equal(watch.now.service, PW_SERVICE_SPLIT);
    assert_int_equal(watch.now.missing, 1);
    (void)feed(high, 5); /* more than there was: another service */
    assert_int_equal(watch.now.service, PW_SERVICE_HIGHLEG);
    assert_int_equal(watch.now.high_leg, 3);
    assert_int_equal(pw_service_nominal_mv(&watch, &cfg, 0), 120000);
    assert_int_equal(pw_service_nominal_mv(&watch, &cfg, 2), 207840);
    static const struct phasor no_high[3] = {{120, 0}, {120, 180}, {0.1, 90}}, no_a[3] = {{0.1, 0}, {120, 180}, {208, 90}};
    (void)feed(no_high, 5);
    assert_int_equal(watch.now.service, PW_SERVICE_HIGHLEG);
    assert_int_equal(watch.now.missing, 4);
    (void)feed(no_a, 5);
    assert_int_equal(watch.now.service, PW_SERVICE_HIGHLEG);
    assert_int_equal(watch.now.missing, 1);
}

static void the_configured_service_rules(void **state)
{
    (void)state;
    cfg.service = PW_SERVICE_WYE4; /* a four-wire service that starts without c is no network */
    assert_int_equal(feed(network, 5), PW_SERVICE_EV_CHANGE);
    assert_int_equal(watch.now.service, PW_SERVICE_WYE4);
    assert_int_equal(watch.now.missing, 4);
    assert_int_equal(feed(split, 5), PW_SERVICE_EV_CHANGE | PW_SERVICE_EV_MISMATCH); /* but two opposed legs are not a wye */
    assert_int_equal(watch.now.service, PW_SERVICE_SPLIT);
    assert_true(watch.mismatch);
    assert_int_equal(pw_service_effective(&watch, &cfg), PW_SERVICE_WYE4);
    (void)feed(wye, 5);
    assert_false(watch.mismatch);
    cfg.service = PW_SERVICE_DELTA3; /* its neutral terminal may float: looks like a wye */
    assert_int_equal(feed(wye, 5), 0);
    assert_false(watch.mismatch);
    cfg.service = PW_SERVICE_NETWORK;
    assert_int_equal(feed(wye, 5), PW_SERVICE_EV_MISMATCH);
    (void)feed(network, 5);
    assert_false(watch.mismatch);
    assert_int_equal(watch.now.service, PW_SERVICE_NETWORK);
}

static void forms_are_held_against_the_service(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 6; k++)
        cfg.ct[k].point = (uint8_t)(k / 3);
    assert_int_equal(pw_config_set_form(&cfg, 0, PW_FORM_3E_WYE, 0), PW_OK);
    assert_int_equal(pw_config_set_form(&cfg, 1, PW_FORM_3E_DELTA, 0), PW_OK);
    assert_int_equal(feed(wye, 5), PW_SERVICE_EV_CHANGE | PW_SERVICE_EV_MISFIT);
    assert_int_equal(watch.misfits, 1);
    assert_int_equal(pw_config_set_form(&cfg, 1, PW_FORM_3E_WYE, 0), PW_OK);
    assert_int_equal(feed(wye, 5), 0);
    assert_int_equal(watch.misfits, 0);
}

static void nominal_voltages(void **state)
{
    (void)state;
    static const uint16_t volts[][2] = {{118, 120}, {126, 127}, {212, 220}, {229, 230}, {238, 240}, {290, 277}, {355, 347}, {575, 600}, {60, 60}};
    for (unsigned k = 0; k < sizeof volts / sizeof volts[0]; k++) {
        struct phasor p[3];
        fresh(NULL);
        for (unsigned i = 0; i < 3; i++)
            p[i] = (struct phasor){volts[k][0], wye[i].deg};
        (void)feed(p, 5);
        assert_int_equal(pw_service_nominal_mv(&watch, &cfg, 2), volts[k][1] * 1000);
        cfg.v_nominal_mv = 66000;
        assert_int_equal(pw_service_nominal_mv(&watch, &cfg, 2), 66000);
    }
}

static void text_fits_the_display(void **state)
{
    (void)state;
    for (unsigned service = 0; service < PW_N_SERVICES; service++)
        for (unsigned why = 0; why < PW_N_SERVICE_WHY; why++)
            for (unsigned more = 0; more < 12; more++) {
                char buf[64];
                struct pw_text t;
                struct pw_service_result r = {.service = (uint8_t)service, .why = (uint8_t)why, .sequence = (uint8_t)(more / 4), .high_leg = (uint8_t)(more % 4)};
                pw_text_init(&t, buf, sizeof buf);
                pw_service_text(&r, &t);
                assert_in_range(t.len, 3, 20);
            }
    char buf[64];
    struct pw_text t;
    pw_text_init(&t, buf, sizeof buf);
    pw_service_text(&(struct pw_service_result){.service = PW_SERVICE_HIGHLEG, .sequence = PW_SEQ_ABC, .high_leg = 2}, &t);
    assert_string_equal(buf, "high leg 4w abc b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_services_within_tolerance),
        cmocka_unit_test(what_is_no_service),
        cmocka_unit_test_setup(three_seconds_stable, fresh),
        cmocka_unit_test_setup(a_voltage_goes_missing, fresh),
        cmocka_unit_test_setup(the_configured_service_rules, fresh),
        cmocka_unit_test_setup(forms_are_held_against_the_service, fresh),
        cmocka_unit_test_setup(nominal_voltages, fresh),
        cmocka_unit_test(text_fits_the_display),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
