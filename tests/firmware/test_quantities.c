/* SPDX-License-Identifier: Apache-2.0 */
/* Means over blocks of windows, apparent energy, spectrum, voltage events. */
#include "t.h"

#include <math.h>

#include "app.h"
#include "fake.h"
#include "pw_masks.h"

#define CT0     3u
#define W_SUM0  20u
#define SAMPLES 1953u
#define FS_HZ   (25e6 / 2560)
#define UNIT    0x1p46

static struct fake f;
static struct pw_app app;

static void run(unsigned passes)
{
    for (unsigned i = 0; i < passes; i++) {
        f.us += 20;
        pw_app_poll(&app);
    }
}

static void start(unsigned n_ct, bool analysis)
{
    fake_init(&f, n_ct);
    f.analysis = analysis;
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
}

static unsigned sum_at(void)
{
    return W_SUM0 + (f.winseq & 0x10000 ? 0 : 6);
}

static void volts(double a, double b, double c)
{
    double v[3] = {a, b, c};
    for (unsigned ch = 0; ch < 3; ch++) {
        fake_put64(&f, ch, sum_at(), (uint64_t)(int64_t)(-0.5 * v[ch] / 500 * v[(ch + 1) % 3] / 500 * UNIT * SAMPLES));
        fake_put64(&f, ch, sum_at() + 2, (uint64_t)(int64_t)(0.8660254 * v[ch] / 500 * v[(ch + 1) % 3] / 500 * UNIT * SAMPLES));
        fake_put64(&f, ch, sum_at() + 4, (uint64_t)(v[ch] / 500 * v[ch] / 500 * UNIT * SAMPLES));
    }
}

/* A sum that begins with the low word of the one before, as the gateware's does. */
static void put_sum(unsigned word, double w, uint32_t *low)
{
    uint64_t sum = (uint64_t)llround(w / 400000 * UNIT * SAMPLES) + *low;
    fake_put64(&f, CT0, word, sum);
    *low = (uint32_t)sum;
}

/* The carry of the first window is not known, in it some mW. */
static void near(int32_t a, int32_t b, int32_t by)
{
    assert_in_range((uint64_t)((int64_t)a - b + by), 0, 2 * by);
}

static uint32_t low_p, low_q;

/* A window; all CTs but CT 0 carry nothing. */
static void window(double v, double i, double p, double q, unsigned flags)
{
    for (unsigned k = 0; k < f.n_ct; k++)
        f.bank[CT0 + k][5] = k == 0 ? flags : PW_CH_CREEP;
    volts(v, v, v);
    put_sum(sum_at(), p, &low_p);
    put_sum(sum_at() + 2, q, &low_q);
    fake_put64(&f, CT0, sum_at() + 4, (uint64_t)(i / 800 * i / 800 * UNIT * SAMPLES));
    fake_window(&f, SAMPLES, 12);
    f.us += 200000;
    run(200);
}

static void sums_over_windows_are_exact(void **state)
{
    (void)state;
    uint64_t seed = 1;
    struct pw_agg a = {0};
    struct pw_fe_channel c = {.carried = true};
    uint32_t low_p = 0, low_q = 0;
    for (unsigned block = 0; block < 200; block++) {
        int64_t p = 0, q = 0;
        uint64_t square = 0;
        for (unsigned w = 0; w < 1 + block % 7; w++) {
            int64_t dp = (int64_t)rnd(&seed) >> 8, dq = (int64_t)rnd(&seed) >> (block % 40 + 4);
            c.square = rnd(&seed) >> 8;
            c.p = dp + low_p; /* as the gateware does */
            c.q = dq + low_q;
            low_p = (uint32_t)c.p;
            low_q = (uint32_t)c.q;
            p += dp;
            q += dq;
            square += c.square;
            pw_agg_add(&a, &c);
        }
        struct pw_agg_sums s = pw_agg_close(&a, &c);
        assert_true(s.p == p && s.q == q && s.square == square);
    }
}

static void units(void **state)
{
    (void)state;
    for (double w = 1e-3; w < 2e6; w *= 3.7) {
        uint32_t span_f8 = 9766 * 256 + 77;
        int64_t sum = llround(w / 400000 * UNIT * span_f8 / 256);
        double mw = fmin(w * 1e3, INT32_MAX);
        assert_true(fabs(pw_agg_power_mw(sum, UINT64_C(400000000000), span_f8) - mw) <= 0.51);
        assert_int_equal(pw_agg_power_mw(-sum, UINT64_C(400000000000), span_f8), -pw_agg_power_mw(sum, UINT64_C(400000000000), span_f8));
    }
    assert_int_equal(pw_agg_power_mw(INT64_MAX, UINT64_C(40000000000000), 256), INT32_MAX);
    for (double i = 1e-3; i < 500; i *= 2.3) {
        uint64_t square = (uint64_t)(i / 800 * i / 800 * UNIT * 9766);
        assert_true(fabs((double)pw_agg_amps_ua(square, 800000, 9766 << 8, 0) - i * 1e6) <= 1 + i * 1e-2 * (i < 2e-3));
        uint32_t noise_ua = 2800;
        if (i < 0.003)
            continue;
        uint64_t noisy = (uint64_t)((i * i + 0.0028 * 0.0028) / 640000 * UNIT * 9766);
        assert_true(fabs((double)pw_agg_amps_ua(noisy, 800000, 9766 << 8, noise_ua) / (i * 1e6) - 1) < 2e-4);
    }
    assert_int_equal(pw_agg_amps_ua(1000, 800000, 9766 << 8, 65535), 0); /* less than its noise */
    assert_int_equal(pw_agg_amps_ua(0, 100, 9766 << 8, 65535), 0);
    assert_int_equal(pw_agg_volts_mv((uint64_t)(0.25 * UNIT * 9766), 500000, 9766 << 8), 250000);
    assert_true(pw_agg_volts_mv(UINT64_MAX, 500000, 256) == 1000000);       /* saturated at twice full scale */
}

static void values_are_means_over_a_second(void **state)
{
    (void)state;
    start(24, false);
    const struct pw_snapshot *s = &app.meter.out;
    window(120, 10, 1200, 0, PW_CH_CREEP);            /* power-up */
    assert_int_equal(s->agg, 0);
    window(120, 10, 1200, 0, 0);                      /* shown at once */
    assert_int_equal(s->agg, 1);
    assert_int_equal(s->agg_windows, 1);
    near(s->ct[0].p_mw, 1200000, 13);
    uint32_t seq = s->seq;
    for (unsigned w = 0; w < 5; w++) {
        near(s->ct[0].p_mw, 1200000, 13);
        window(120 + w, 10, 1000.0 + 100 * w, -200, w == 2 ? PW_CH_CLIP : PW_CH_CREEP);
        assert_int_equal(s->seq, seq + w + 1);
        assert_int_equal(s->v[1].win_mv, 120000 + 1000 * w);
        assert_true(llabs((long long)pw_snapshot_i_window_ua(s, &app.cfg, 0) - 10000000) < 10);
    }
    assert_int_equal(s->agg, 2);
    assert_int_equal(s->agg_windows, 5);
    assert_int_equal(s->agg_samples, 5 * SAMPLES);
    near(s->ct[0].p_mw, 1200000, 1);
    near(s->ct[0].q_mvar, -200000, 1);
    assert_int_equal(s->ct[0].flags, PW_FLAG_CLIP);   /* any window; no load only if all were */
    double v = sqrt((120 * 120 + 121 * 121 + 122 * 122 + 123 * 123 + 124 * 124) / 5.0);
    assert_true(fabs(s->v[1].v_mv - v * 1e3) <= 1 && fabs(s->v[1].ll_mv - v * sqrt(3) * 1e3) <= 1);
    assert_true(s->freq_valid);
    assert_int_equal(s->freq_mhz, 60004);
    for (unsigned w = 0; w < 5; w++)
        window(120, 0.0123456, 0.001, 0, PW_CH_CREEP);
    assert_true(llabs((long long)pw_meas_i_ua(&s->ct[0]) - 12346) <= 1);
    assert_int_equal(s->ct[0].flags, PW_FLAG_CREEP);
    assert_int_equal(s->ct[0].pf_e4, 0);
}

static void a_changed_configuration_discards_the_block(void **state)
{
    (void)state;
    start(24, false);
    const struct pw_snapshot *s = &app.meter.out;
    f.gpio_in = 0x10;
    for (unsigned w = 0; w < 2 + 3; w++)
        window(120, 10, 1200, 0, 0);
    struct pw_config next = app.cfg;
    next.ct[0].i_fs_ma *= 2; /* the sums of the block under way would read double */
    app.map.commit(app.map.commit_ctx, &next);
    for (unsigned w = 0; w < 3; w++) {
        window(120, 10, 1200, 0, 0);
        assert_int_equal(s->agg, 1);
        near(s->ct[0].p_mw, 1200000, 13);
    }
    for (unsigned w = 0; w < 5; w++)
        window(120, 10, 1200, 0, 0);
    assert_int_equal(s->agg, 2);
    near(s->ct[0].p_mw, 2400000, 1);
}

static double vah(bool received)
{
    return (double)pw_energy_va(&app.energy.ct[0], received) / 1e6;
}

static void apparent_energy(void **state)
{
    (void)state;
    start(24, false);
    window(120, 10, 1200, 0, PW_CH_CREEP);
    assert_true(vah(false) == 0); /* the window of the power-up registers nothing */
    window(120, 10, 600, 0, 0);
    double second = 5 * SAMPLES / FS_HZ / 3600;
    assert_true(fabs(vah(false) - 1200 * second / 5) < 2e-6);
    for (unsigned w = 0; w < 5; w++)
        window(120, 10, -600, 0, 0);
    assert_true(fabs(vah(true) - 1200 * second) < 2e-6 && vah(false) < 1200 * second);
    double before = vah(false);
    for (unsigned w = 0; w < 5; w++)
        window(120, 10, 0.1, 1200, PW_CH_CREEP); /* power factor 0 is a load, too */
    assert_true(fabs(vah(false) - before - 1200 * second) < 2e-6);
    assert_int_equal(app.meter.out.ct[0].angle_cdeg, 9000);
    before = vah(false);
    for (unsigned w = 0; w < 5; w++)
        window(120, 0.001, 0.1, 0.1, PW_CH_CREEP);
    assert_true(vah(false) == before); /* no load */
    for (unsigned w = 0; w < 5; w++) {
        if (w == 2)
            fake_window(&f, SAMPLES, 12); /* one that is not read in time */
        window(120, 10, 1200, 0, 0);
    }
    assert_true(fabs(vah(false) - before - 1200 * second * 6 / 5) < 2e-6);
    assert_int_equal(app.meter.missed, 1);
}

static void apparent_energy_counts_exactly(void **state)
{
    (void)state;
    uint64_t seed = 3;
    struct pw_energy_ct c = {0};
    unsigned __int128 exact_f72 = 0;
    for (unsigned i = 0; i < 10000; i++) {
        uint64_t s_nva = rnd(&seed) >> (11 + i % 30), time_f72 = rnd(&seed) >> 6;
        exact_f72 += (unsigned __int128)s_nva * time_f72;
        pw_energy_count_va(&c, true, s_nva, time_f72);
    }
    uint64_t uvah = (uint64_t)(exact_f72 >> 72), off = uvah - pw_energy_va(&c, true);
    assert_true(off <= 1 && c.va[0][0] == 0 && c.va[0][1] == 0); /* 10000 x 2^-32 uVAh */
}

/* A phasor of the last pass, A cos(phi), as the gateware would have summed it. */
static void phasor(unsigned group, unsigned i, double fs_peak, double degrees)
{
    double a = fs_peak * 0x1p32 * 0x1p20 / f.ana_wstep / 2;
    f.ana_result[128 * group + 2 * i] = (uint32_t)(int32_t)floor(a * cos(degrees * M_PI / 180));
    f.ana_result[128 * group + 2 * i + 1] = (uint32_t)(int32_t)floor(-a * sin(degrees * M_PI / 180));
}

static void fundamentals(void)
{
    f.ana_wstep = (uint32_t)(0x1p32 / 1953);
    for (unsigned ch = 0; ch < 3; ch++)
        phasor(0, ch, 120 * sqrt(2) / 500, 10 - 120.0 * ch);
    phasor(0, CT0, 10 * sqrt(2) / 800, 10 - 60);          /* lags Va by 60 degrees */
    phasor(0, CT0 + 1, 10 * sqrt(2) / 800, 10 - 120 + 180 + 30);
    phasor(0, CT0 + 2, 5 * sqrt(2) / 800, 10 - 240 - 90);
}

static void spectrum_of_the_pass(void **state)
{
    (void)state;
    struct pw_spec_ct c;
    start(24, true);
    assert_int_equal(pw_spectrum_ct(&app.spectrum, 0, &c), PW_ERR_STATE);
    app.cfg.ct[1].vsel = PW_VBC;
    app.cfg.ct[1].pol = 1;
    app.cfg.ct[2].point = app.cfg.ct[1].point = 0;
    window(120, 10, 600, 1039, 0);
    window(120, 10, 650, 1039, 0);
    assert_int_not_equal(f.ana_step, 0);
    assert_true(fabs(f.ana_step / 0x1p32 * FS_HZ - 60.004) < 0.001);
    fundamentals();
    for (unsigned slot = 0; slot < 3; slot++)
        for (unsigned h = 1; h <= 50; h++)
            phasor(1 + slot, h, 0, 0);
    phasor(2, 1, 0.1, 50);                      /* slot 1: channel 4 */
    phasor(2, 3, 0.02, 3 * (50 + 90) - 90 + 20); /* as a sine 20 degrees after the fundamental's crossing */
    phasor(2, 50, 0.001, 50 * (50 + 90) - 90 - 45);
    f.ana_pass = 1 | 3u << 14 | 4u << 20 | 40u << 26;
    run(4000);
    assert_int_equal(app.spectrum.passes, 1);
    assert_int_equal(pw_spectrum_ct(&app.spectrum, 0, &c), PW_OK);
    assert_true(abs(c.p1_mw - 600000) < 100 && abs(c.q1_mvar - 1039230) < 100 && c.i1_ua / 1000 == 9999 + (c.i1_ua >= 10000000));
    assert_true(abs(c.ph_mw - 50000) < 100 && abs(c.dpf_e4 - 5000) <= 1);
    assert_int_equal(c.thd_e4, PW_SPECTRUM_NO_THD); /* its slot had no fundamental */
    assert_int_equal(pw_spectrum_ct(&app.spectrum, 1, &c), PW_OK);
    /* Vbc leads Vb by 30 degrees; the current reversed by pol lags Vbc by 0 - so all is active */
    assert_true(abs(c.p1_mw - 2078461) < 200 && abs(c.q1_mvar) < 400);
    assert_int_equal(c.thd_e4, 2002);
    assert_int_equal(pw_spectrum_ct(&app.spectrum, 24, &c), PW_ERR_RANGE);
    assert_true(abs(pw_spectrum_angle_cdeg(&app.spectrum, 1) - 12000) <= 1 && abs(pw_spectrum_angle_cdeg(&app.spectrum, CT0) - 6000) <= 1);
    double re = 10 * cos(-50 * M_PI / 180) - 10 * cos(100 * M_PI / 180) + 5 * cos(-320 * M_PI / 180);
    double im = 10 * sin(-50 * M_PI / 180) - 10 * sin(100 * M_PI / 180) + 5 * sin(-320 * M_PI / 180);
    assert_true(fabs((double)pw_spectrum_residual_ua(&app.spectrum, 0) / 1e6 - hypot(re, im)) < 1e-3);
    const struct pw_harmonics *set = &app.spectrum.latest;
    assert_true(set->state == PW_HARM_READY && set->ch == 4 && set->seq % 2 == 0);
    struct pw_spec_harmonic h = pw_spectrum_harmonic(&app.spectrum, set, 3);
    double lead = atan(1 / (2 * M_PI * 4096 * 60.004 / FS_HZ)) * 180 / M_PI; /* the DC blocker's, which these phasors do not have */
    assert_true(h.ratio_e5 == 20000 && fabs(h.angle_cdeg / 100.0 - (20 + 3 * lead - lead / 3)) < 0.02);
    h = pw_spectrum_harmonic(&app.spectrum, set, 50);
    assert_true(abs((int)h.ratio_e5 - 1000) <= 1 && fabs(h.angle_cdeg / 100.0 - (-45 + 50 * lead - lead / 50)) < 0.05);
    assert_int_equal(pw_spectrum_harmonic(&app.spectrum, set, 51).rms, 0);
}

static void spectrum_requests(void **state)
{
    (void)state;
    struct pw_spectrum *s = &app.spectrum;
    start(24, false);
    assert_int_equal(pw_spectrum_request(s, 0), PW_ERR_STATE); /* no analysis block */
    assert_false(pw_spectrum_step(s));
    start(24, true);
    window(120, 10, 600, 1039, 0);
    fundamentals();
    assert_int_equal(pw_spectrum_request(s, 27), PW_ERR_RANGE);
    assert_int_equal(pw_spectrum_request(s, 5), PW_OK);
    assert_int_equal(s->held.state, PW_HARM_WAITING);
    f.ana_pass = 1 | 0u << 14 | 1u << 20 | 2u << 26; /* began before the request */
    run(4000);
    assert_int_equal(s->held.state, PW_HARM_WAITING);
    assert_int_equal(f.ana_detail[0], 5);
    phasor(1, 1, 0.1, 0);
    phasor(1, 5, 0.05, 0);
    f.ana_pass = 2 | 5u << 14 | f.ana_detail[1] << 20 | f.ana_detail[2] << 26;
    run(4000);
    assert_true(s->held.state == PW_HARM_READY && s->held.ch == 5);
    near((int32_t)pw_spectrum_harmonic(s, &s->held, 5).ratio_e5, 50000, 1);
    assert_int_equal(s->thd_e4[5], 5000);
    phasor(1, 5, 0.01, 0);
    f.ana_pass = 3 | 5u << 14 | f.ana_detail[1] << 20 | f.ana_detail[2] << 26;
    run(4000);
    near((int32_t)pw_spectrum_harmonic(s, &s->held, 5).ratio_e5, 50000, 1); /* held */
    assert_int_equal(s->thd_e4[5], 1000);                                   /* followed */
    bool seen[64] = {0};
    for (unsigned n = 4; n < 4 + 14; n++) { /* two slots go round 27 channels */
        f.ana_pass = n | 5u << 14 | f.ana_detail[1] << 20 | f.ana_detail[2] << 26;
        run(4000);
        seen[f.ana_detail[1]] = seen[f.ana_detail[2]] = true;
        assert_int_equal(f.ana_detail[0], 5);
    }
    for (unsigned ch = 0; ch < 27; ch++)
        assert_true(seen[ch]);
}

static unsigned told_begin, told_end;
static struct pw_vevent last_told;

static void told(void *ctx, const struct pw_vevent *v)
{
    (void)ctx;
    *(v->active ? &told_begin : &told_end) += 1;
    last_told = *v;
}

static uint32_t frame;

/* Half cycles of one voltage, 81 samples each. */
static void halves(unsigned ch, unsigned n, double rms)
{
    for (unsigned i = 0; i < n; i++) {
        uint64_t square = (uint64_t)(rms / 500 * rms / 500 * 0x1p34 * 81.38);
        frame += 81;
        f.samples = frame;
        f.us += 81 * 2560 / 25;
        uint32_t *w = f.half[f.half_n++ % 64];
        w[0] = frame;
        w[1] = (uint32_t)square;
        w[2] = (uint32_t)(square >> 32) | 81u << PW_ANA__HALF_INFO__SAMPLES_bp | ch << PW_ANA__HALF_INFO__CHANNEL_bp;
        for (unsigned k = 0; k < 4; k++)
            assert_true(pw_vevents_step(&app.voltage_events) || k > 0);
    }
}

static void start_events(void)
{
    start(24, true);
    frame = told_begin = told_end = 0;
    app.cfg.v_nominal_mv = 120000;
    app.voltage_events.event = told;
    app.meter.step_f32 = (uint32_t)(60 / FS_HZ * 0x1p32);
    app.meter.out.seq++; /* a window: limits and line length are renewed */
    halves(1, 70, 120);
}

static void sag_swell_interruption(void **state)
{
    (void)state;
    const struct pw_voltage_events *e = &app.voltage_events;
    start_events();
    assert_int_equal(e->count, 0);
    assert_true(abs((int)e->phase[1].u_mv - 120000) < 20);
    uint64_t t0 = f.us;
    halves(1, 30, 60);
    assert_int_equal(told_begin, 1);
    assert_true(last_told.kind == PW_VEVENT_SAG && last_told.phase == 1 && last_told.active);
    halves(1, 10, 120);
    const struct pw_vevent *v = pw_vevents_get(e, 0);
    assert_int_equal(told_end, 1);
    double ms = 30 * 81 / FS_HZ * 1e3;
    assert_true(!v->active && fabs(v->duration_ms - ms) <= 1 && llabs((long long)(v->start_us - t0)) < 1500);
    assert_true(abs((int)v->level_mv - 60000) < 20 && v->ref_mv == 120000 && !v->coarse);
    halves(1, 4, 107);  /* 89.2 %: below the limit; then within its hysteresis (91.7 %): goes on */
    halves(1, 10, 110);
    assert_true(pw_vevents_get(e, 0)->number == 2 && pw_vevents_get(e, 0)->active);
    halves(1, 4, 111);  /* 92.5 %: over */
    assert_true(!pw_vevents_get(e, 0)->active);
    assert_true(fabs(pw_vevents_get(e, 0)->duration_ms - 14 * 81 / FS_HZ * 1e3) <= 1);
    halves(1, 6, 5);
    assert_int_equal(pw_vevents_get(e, 0)->kind, PW_VEVENT_INTERRUPTION);
    halves(1, 10, 120);
    halves(1, 7, 140);
    assert_true(pw_vevents_get(e, 0)->kind == PW_VEVENT_SWELL && abs((int)pw_vevents_get(e, 0)->level_mv - 140000) < 20);
    halves(1, 4, 120);
    assert_true(e->count == 4 && told_begin == 4 && told_end == 4);
    assert_true(abs((int)e->phase[1].min_mv - 5000) < 10 && abs((int)e->phase[1].max_mv - 140000) < 20);
    for (unsigned i = 0; i < 20; i++) {
        halves(1, 3, 60);
        halves(1, 3, 120);
    }
    assert_int_equal(e->count, 24);
    assert_int_equal(pw_vevents_get(e, 0)->number, 24);
    assert_int_equal(pw_vevents_get(e, 15)->number, 9);
    assert_null(pw_vevents_get(e, 16));
}

static void what_is_no_event(void **state)
{
    (void)state;
    start_events();
    halves(2, 200, 0.5); /* a voltage that was never there */
    assert_int_equal(app.voltage_events.count, 0);
    app.cfg.v_nominal_mv = 0;
    app.meter.out.seq++;
    halves(1, 20, 20); /* no reference yet */
    assert_int_equal(app.voltage_events.count, 0);
}

static void coarse_events_without_analysis(void **state)
{
    (void)state;
    const struct pw_voltage_events *e = &app.voltage_events;
    start(24, false);
    for (unsigned w = 0; w < 12; w++)
        window(120, 10, 1200, 0, 0);
    assert_true(abs((int)pw_vevents_ref_mv(e, 0) - 120000) <= 1); /* sliding */
    for (unsigned w = 0; w < 3; w++)
        window(90, 10, 1200, 0, 0);
    for (unsigned w = 0; w < 3; w++)
        window(120, 10, 1200, 0, 0);
    assert_int_equal(e->count, 3); /* all three voltages */
    const struct pw_vevent *v = pw_vevents_get(e, 0);
    assert_true(v->coarse && !v->active && v->kind == PW_VEVENT_SAG && abs((int)v->level_mv - 90000) <= 1);
    assert_true(v->duration_ms >= 500 && v->duration_ms <= 700);
    f.out[f.n_out] = 0;
    assert_non_null(strstr(f.out, "! sag begins on voltage 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_over_windows_are_exact),
        cmocka_unit_test(units),
        cmocka_unit_test(values_are_means_over_a_second),
        cmocka_unit_test(a_changed_configuration_discards_the_block),
        cmocka_unit_test(apparent_energy),
        cmocka_unit_test(apparent_energy_counts_exactly),
        cmocka_unit_test(spectrum_of_the_pass),
        cmocka_unit_test(spectrum_requests),
        cmocka_unit_test(sag_swell_interruption),
        cmocka_unit_test(what_is_no_event),
        cmocka_unit_test(coarse_events_without_analysis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
