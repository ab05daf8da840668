/* SPDX-License-Identifier: Apache-2.0 */
/* The whole firmware on the fake system: start, windows, restart, configuration, faults; the scheduler. */
#include "t.h"

#include <math.h>

#include "app.h"
#include "fake.h"
#include "fram_map.h"

#define CT0       3u  /* channel of CT 0 */
#define W_QUANTUM 2u
#define W_RATE    3u
#define W_RESIDUE 6u
#define W_PHASE   7u
#define W_ENERGY  8u
#define W_SUM0    20u

static struct fake f;
static struct pw_app app;
static const unsigned samples = 1953; /* 12 cycles at 60 Hz, 5 MHz / 512 */

static void run(unsigned passes)
{
    for (unsigned i = 0; i < passes; i++) {
        f.us += 20;
        pw_app_poll(&app);
    }
}

static uint32_t carry[24][2]; /* low words that the next window's sums begin with */

static int setup(void **state)
{
    (void)state;
    memset(carry, 0, sizeof carry);
    fake_init(&f, 24);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    return 0;
}

/* Past the window of the power-up, which does not count. */
static int setup_running(void **state)
{
    setup(state);
    for (unsigned k = 0; k < 24; k++)
        f.bank[CT0 + k][5] = PW_CH_CREEP;
    fake_window(&f, samples, 12);
    run(200);
    assert_int_equal(app.meter.out.seq, 1);
    app.meter.block_samples = 0; /* each window is a block: its values are shown at once */
    return 0;
}

static uint64_t square_of(double rms, double fs)
{
    return (uint64_t)(rms / fs * (rms / fs) * 0x1p46 * samples);
}

static int64_t sum_of(double w)
{
    return (int64_t)llround(w / 400000.0 * 0x1p46 * samples);
}

/* The gateware's part of a window: sums into the bank of the window to come, their high words into the energies by the sign. */
static void load(unsigned ct, double v, double i, double p, double q)
{
    unsigned at = W_SUM0 + (f.winseq & 0x10000 ? 0 : 6), ch = CT0 + ct;
    int64_t sp = sum_of(p) + carry[ct][0], sq = sum_of(q) + carry[ct][1];
    carry[ct][0] = (uint32_t)sp;
    carry[ct][1] = (uint32_t)sq;
    for (unsigned c = 0; c < 3; c++) {
        fake_put64(&f, c, at, (uint64_t)(int64_t)(-0.5 * v / 500 * v / 500 * 0x1p46 * samples)); /* next one lags by 120 degrees */
        fake_put64(&f, c, at + 2, (uint64_t)(int64_t)(0.8660254 * v / 500 * v / 500 * 0x1p46 * samples));
        fake_put64(&f, c, at + 4, square_of(v, 500));
    }
    fake_put64(&f, ch, at, (uint64_t)sp);
    fake_put64(&f, ch, at + 2, (uint64_t)sq);
    fake_put64(&f, ch, at + 4, square_of(i, 800));
    unsigned quadrant = sq >= 0 ? (sp >= 0 ? 0 : 1) : (sp >= 0 ? 3 : 2);
    unsigned e = W_ENERGY + (sp >= 0 ? 0 : 2), r = W_ENERGY + 4 + 2 * quadrant;
    fake_put64(&f, ch, e, fake_get64(&f, ch, e) + (uint64_t)llabs(sp >> 32));
    fake_put64(&f, ch, r, fake_get64(&f, ch, r) + (uint64_t)llabs(sq >> 32));
    f.bank[ch][5] = 0;
}

static void window(unsigned ct, double v, double i, double p, double q)
{
    for (unsigned k = 0; k < 24; k++)
        f.bank[CT0 + k][5] = k == ct ? 0 : PW_CH_CREEP;
    load(ct, v, i, p, q);
    fake_window(&f, samples, 12);
    run(200);
}

static void start_writes_parameters_and_locks(void **state)
{
    (void)state;
    assert_int_equal(f.lock, 0);
    for (unsigned k = 0; k < 24; k++)
        assert_int_equal(f.bank[CT0 + k][1], UINT32_MAX); /* the window of the power-up registers nothing */
    f.gpio_in = 0; /* sealed */
    fake_window(&f, samples, 12);
    run(200);
    assert_int_equal(f.lock, 1);
    assert_int_equal(f.wdt_ms, 2000);
    assert_int_equal(f.wincfg & 0xFF, 12);
    assert_int_equal(f.bank[CT0 + 4][0], 1u << 16 | (CT0 + 4) << 20); /* Vb, its own point */
    assert_int_equal(f.bank[CT0][1], 81);
    assert_int_equal(f.bank[CT0][W_QUANTUM], 2880000); /* 2 Wh = 7200 Ws at 400 kW, 2^14 units a sample */
    assert_true(app.diag.config_default);
    run(6000);
    f.out[f.n_out] = 0;
    assert_non_null(strstr(f.out, "no valid configuration, using defaults; error 3"));
    assert_non_null(strstr(f.out, "W5500 started, Modbus TCP on port 502"));
    assert_true(f.kicks >= 6000);
}

static void a_window_becomes_values(void **state)
{
    (void)state;
    assert_false(app.meter.out.freq_valid); /* the crossing before the first window is not known */
    window(4, 120.0, 200.0, -12000.0, 20784.0);
    const struct pw_snapshot *s = &app.meter.out;
    assert_int_equal(s->seq, 2);
    assert_int_equal(s->v[1].v_mv, 120000);
    assert_int_equal(s->v[1].angle_cdeg, 12000);
    assert_int_equal(s->v[2].angle_cdeg, -12000);
    const struct pw_meas_ct *c = &s->ct[4];
    assert_int_equal(c->v_mv, 120000);
    assert_int_equal(c->i_ma, 200000);
    assert_int_equal(c->p_mw, -12000000);
    assert_int_equal(c->q_mvar, 20784000);
    assert_int_equal(c->s_mva, 24000000);
    assert_int_equal(c->pf_e4, -5000);
    assert_int_equal(c->angle_cdeg, 12000);
    assert_int_equal(c->flags, 0);
    assert_int_equal(s->ct[3].flags, PW_FLAG_CREEP);
    /* 12 kW for 1628 samples */
    uint64_t uwh = (uint64_t)(12000.0 * samples * 2560 / 25e6 / 3600 * 1e6);
    assert_true(llabs((long long)(pw_snapshot_energy(s, 4, PW_WH_REC) - uwh)) <= 1);
    assert_int_equal(pw_snapshot_energy(s, 4, PW_WH_DEL), 0);
    assert_true(pw_snapshot_energy(s, 4, PW_VARH_Q2) > 0 && pw_snapshot_energy(s, 4, PW_VARH_Q1) == 0);
    assert_true(s->freq_valid);
    assert_int_equal(s->freq_mhz, 60004); /* 12 cycles in 1953 samples */
    assert_int_equal(app.meter.mismatches, 0);
    assert_true(f.quad != 0 && f.quad == app.meter.beta_f19);
}

static void line_voltage(void **state)
{
    (void)state;
    app.cfg.ct[0].vsel = PW_VAB;
    window(0, 120.0, 100.0, 18000.0, 0.0);
    assert_int_equal(app.meter.out.ct[0].v_mv, 207846); /* sqrt(3) x 120 V */
}

static void energy_that_does_not_add_up_is_reported(void **state)
{
    (void)state;
    window(0, 120, 10, 1200, 0);
    window(0, 120, 10, 1200, 0);
    assert_int_equal(app.meter.mismatches, 0);
    fake_put64(&f, CT0, W_ENERGY, fake_get64(&f, CT0, W_ENERGY) + 1); /* one unit too many */
    window(0, 120, 10, 1200, 0);
    assert_int_equal(app.meter.mismatches, 1);
    f.us += 1000000;
    run(3000);
    f.out[f.n_out] = 0;
    assert_non_null(strstr(f.out, "! energy mismatches: 1\r\n"));
    assert_true(f.gpio_out & 4); /* fault LED */
}

static void samples_lost_by_the_front_end_are_reported(void **state)
{
    (void)state;
    window(0, 120, 10, 1200, 0);
    assert_false(app.meter.overrun);
    f.winseq |= UINT32_C(1) << 30;
    window(0, 120, 10, 1200, 0);
    f.us += 1000000;
    run(3000);
    f.out[f.n_out] = 0;
    assert_non_null(strstr(f.out, "! front-end lost samples: 1\r\n"));
    assert_true(f.gpio_out & 4); /* fault LED */
}

static void a_window_that_closes_meanwhile_is_taken_next(void **state)
{
    (void)state;
    window(0, 120, 10, 1200, 0);
    uint32_t seq = app.meter.out.seq;
    load(0, 120, 10, 1200, 0);
    fake_window(&f, samples, 12);
    run(1); /* sees the window */
    load(0, 120, 10, 2400, 0);
    f.hit_on_read = 1;
    run(200);
    assert_int_equal(app.meter.out.seq, seq + 1);
    assert_int_equal(app.meter.missed, 1);
    assert_in_range(app.meter.out.ct[0].p_mw, 2400000 - 7, 2400000 + 7); /* never a mixture; what the lost window carried over is not known */
    uint64_t uwh = (uint64_t)((1200.0 * 2 + 2400) * samples * 2560 / 25e6 / 3600 * 1e6);
    assert_true(llabs((long long)(pw_snapshot_energy(&app.meter.out, 0, PW_WH_DEL) - uwh)) <= 2); /* and no energy lost */
    window(0, 120, 10, 1200, 0);
    assert_int_equal(app.meter.mismatches, 0);
}

static void loads_of_two(void)
{
    load(0, 120, 10, 1200, 0);
    load(23, 120, 10, 1200, 0);
}

static uint64_t netted(unsigned point)
{
    return pw_u96_uwh(&app.points.point[point].net_del);
}

/* Between two passes of the main loop all energies are of one window, also when the next one closes in the midst of them. */
static void energies_are_never_of_two_windows(void **state)
{
    (void)state;
    loads_of_two();
    fake_window(&f, samples, 12);
    run(200);
    uint32_t seq = app.meter.out.seq;
    for (unsigned hit = 1; hit <= 24 * 16; hit += 29) {
        loads_of_two();
        fake_window(&f, samples, 12);
        while (app.meter.step != 1 + 3 + 24)
            run(1);
        uint64_t before = pw_snapshot_energy(&app.meter.out, 0, PW_WH_DEL);
        f.on_hit = loads_of_two;
        f.hit_on_read = hit;
        run(1);
        assert_int_equal(f.hit_on_read, 0);
        uint64_t now = pw_snapshot_energy(&app.meter.out, 0, PW_WH_DEL), two = (uint64_t)(2 * 1200.0 * samples * 2560 / 25e6 / 3600 * 1e6);
        assert_true(now == pw_snapshot_energy(&app.meter.out, 23, PW_WH_DEL) && llabs((long long)(now - before - two)) <= 1);
        assert_true(netted(0) == now && netted(23) == now); /* and the points agree */
        assert_int_equal(app.meter.out.seq, seq);
        run(200);
        assert_int_equal(app.meter.out.seq, ++seq);
    }
    assert_int_equal(app.meter.missed, 14);
    assert_int_equal(app.meter.mismatches, 0);
    assert_int_equal(app.energy.rejected, 0);
}

static void lost_voltage_moves_the_crossing_source(void **state)
{
    (void)state;
    assert_int_equal(f.wincfg >> 8 & 3, 0);
    load(0, 120, 10, 1200, 0);
    unsigned at = W_SUM0 + (f.winseq & 0x10000 ? 0 : 6);
    fake_put64(&f, 0, at + 4, 0); /* Va gone */
    fake_window(&f, 4096, 0);
    run(200);
    assert_true(app.meter.out.timeout);
    assert_true(app.meter.out.ct[0].flags & PW_FLAG_NO_CYCLES);
    assert_int_not_equal(f.wincfg >> 8 & 3, 0);
}

static void save_now(void)
{
    for (unsigned i = 0; i < 10; i++) { /* the clock gives its chip up after some tries */
        f.us += 500000;
        run(100);
    }
    for (unsigned i = 0; i < 2; i++) {
        f.us += 1000000;
        window(7, 120, 100, 0, 0); /* saves come with a window */
        run(400);
    }
    assert_true(app.books.started);
}

static void cold_restart_goes_on_with_saved_energy(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++)
        window(7, 120, 100, 12000, 0);
    f.bank[CT0 + 7][W_RESIDUE] = 123456789;
    window(7, 120, 100, 12000, 0);
    save_now();
    uint64_t uwh = pw_snapshot_energy(&app.meter.out, 7, PW_WH_DEL), raw = fake_get64(&f, CT0 + 7, W_ENERGY);
    static uint8_t kept[sizeof f.fram];
    memcpy(kept, f.fram, sizeof kept);
    memset(carry, 0, sizeof carry);
    fake_init(&f, 24); /* power cut: all but the FRAM is gone */
    f.bank[CT0 + 7][W_RATE] = f.bank[CT0 + 7][W_PHASE] = 77;
    memcpy(f.fram, kept, sizeof kept);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    assert_int_equal(fake_get64(&f, CT0 + 7, W_ENERGY), raw);
    assert_int_equal(f.bank[CT0 + 7][W_RESIDUE], 123456789);
    assert_int_equal(f.bank[CT0 + 7][W_RATE] | f.bank[CT0 + 7][W_PHASE], 0); /* nothing of it was released yet */
    fake_window(&f, samples, 12);
    run(200);
    assert_int_equal(f.lock, 1);
    assert_int_equal(pw_snapshot_energy(&app.meter.out, 7, PW_WH_DEL), uwh);
    window(7, 120, 100, 12000, 0);
    uint64_t one = (uint64_t)(12000.0 * samples * 2560 / 25e6 / 3600 * 1e6);
    assert_true(llabs((long long)(pw_snapshot_energy(&app.meter.out, 7, PW_WH_DEL) - uwh - one)) <= 1);
    assert_int_equal(app.energy.rejected, 0);
}

static void warm_restart_counts_what_was_metered_meanwhile(void **state)
{
    (void)state;
    window(7, 120, 100, 12000, 0);
    save_now();
    uint64_t uwh = pw_snapshot_energy(&app.meter.out, 7, PW_WH_DEL);
    unsigned writes;
    for (unsigned i = 0; i < 5; i++) { /* the CPU is in reset, the front-end is not */
        load(7, 120, 100, 12000, 0);
        fake_window(&f, samples, 12);
    }
    uint64_t raw = fake_get64(&f, CT0 + 7, W_ENERGY);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    writes = f.bank_writes;
    assert_int_equal(fake_get64(&f, CT0 + 7, W_ENERGY), raw);
    assert_true(writes > 0);
    window(7, 120, 100, 12000, 0);
    uint64_t six = (uint64_t)(6 * 12000.0 * samples * 2560 / 25e6 / 3600 * 1e6);
    assert_true(llabs((long long)(pw_snapshot_energy(&app.meter.out, 7, PW_WH_DEL) - uwh - six)) <= 2);
    /* without a saved image there is nothing to compare with: no jump */
    memset(f.fram, 0, sizeof f.fram);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    window(7, 120, 100, 12000, 0);
    assert_int_equal(pw_snapshot_energy(&app.meter.out, 7, PW_WH_DEL), 0);
    window(7, 120, 100, 12000, 0);
    assert_true(pw_snapshot_energy(&app.meter.out, 7, PW_WH_DEL) > 0);
    assert_int_equal(app.energy.rejected, 0);
}

static int modbus_write(uint16_t addr, uint16_t v)
{
    uint8_t be[2] = {(uint8_t)(v >> 8), (uint8_t)v};
    return pw_modbus_map_write(&app.map, addr, 1, be);
}

static void configuration_is_applied_saved_and_loaded(void **state)
{
    (void)state;
    run(600);
    assert_int_equal(modbus_write(8000, PW_VC), PW_MB_DEVICE_FAILURE); /* sealed */
    f.gpio_in = 0x10;
    run(1000);
    assert_int_equal(modbus_write(8000, PW_VC), PW_MB_OK);
    assert_int_equal(modbus_write(8000 + 8 + 4, 0), PW_MB_OK); /* CT 1 joins point 0 */
    run(600);
    assert_int_equal(f.bank[CT0][0] >> 16 & 7, PW_VA); /* not before the window under way is counted */
    window(0, 120, 10, 1200, 0);
    run(600);
    assert_int_equal(f.bank[CT0][0] >> 16 & 7, PW_VC);
    assert_int_equal(f.bank[CT0 + 1][0] >> 20, CT0);
    assert_true(f.bank[CT0 + 1][W_QUANTUM] == 0 && f.bank[CT0][W_QUANTUM] != 0);
    static uint8_t kept[sizeof f.fram];
    memcpy(kept, f.fram, sizeof kept);
    fake_init(&f, 24);
    memcpy(f.fram, kept, sizeof kept);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    assert_false(app.diag.config_default);
    assert_int_equal(app.cfg.ct[0].vsel, PW_VC);
    assert_int_equal(app.cfg.revision, 2);
}

static void configuration_survives_a_cut_at_each_byte(void **state)
{
    (void)state;
    static uint8_t kept[sizeof f.fram];
    f.gpio_in = 0x10;
    run(1000);
    assert_int_equal(modbus_write(8003, 10), PW_MB_OK);
    run(100);
    assert_int_equal(modbus_write(8003, 20), PW_MB_OK);
    run(100);
    memcpy(kept, f.fram, sizeof kept);
    for (long cut = 0; cut <= (long)PW_CONFIG_SIZE_B; cut += 1) {
        struct pw_config_store st;
        struct pw_config cfg = {0};
        struct pw_config_fault fault;
        memcpy(f.fram, kept, sizeof kept);
        f.fram_cut = -1;
        assert_int_equal(pw_config_store_load(&st, &app.fram, &cfg, &fault), PW_OK);
        assert_int_equal(cfg.ct[0].delay, 20);
        cfg.ct[0].delay = 30;
        cfg.revision++;
        pw_config_store_begin(&st);
        f.fram_cut = cut;
        for (unsigned i = 0; i < PW_CONFIG_PARTS; i++)
            assert_true(pw_config_store_step(&st, &cfg));
        assert_int_equal(pw_config_store_load(&st, &app.fram, &cfg, &fault), PW_OK);
        assert_true(cfg.ct[0].delay == 20 || (cfg.ct[0].delay == 30 && cut >= (long)PW_CONFIG_SIZE_B - 4));
    }
    assert_int_equal(app.config_store.errors, 0);
    /* whichever copy is the newer one */
    memcpy(f.fram, kept, sizeof kept);
    f.fram_cut = -1;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(modbus_write(8003, (uint16_t)(100 + i)), PW_MB_OK);
        run(100);
        struct pw_config_store st;
        struct pw_config cfg = {0};
        struct pw_config_fault fault;
        assert_int_equal(pw_config_store_load(&st, &app.fram, &cfg, &fault), PW_OK);
        assert_int_equal(cfg.ct[0].delay, 100 + i);
        assert_int_equal(st.target, app.config_store.target);
    }
}

static void missing_parts_do_not_stop_metering(void **state)
{
    (void)state;
    memset(carry, 0, sizeof carry);
    fake_init(&f, 12);
    f.no_fram = f.no_w5500 = true;
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    run(2000);
    load(0, 120, 10, 1200, 0);
    fake_window(&f, samples, 12);
    run(2000);
    load(0, 120, 10, 1200, 0); /* the window of the power-up shows nothing */
    fake_window(&f, samples, 12);
    f.us += 3000000;
    run(2000);
    assert_int_equal(app.meter.out.ct[0].p_mw, 1200000);
    f.out[f.n_out] = 0;
    assert_non_null(strstr(f.out, "no FRAM"));
    f.no_w5500 = false; /* plugged in later */
    for (unsigned i = 0; i < 4; i++) {
        f.us += 1000000;
        run(500);
    }
    assert_true(pw_network_ok(&app.network));
    f.no_w5500 = true; /* and lost */
    run(2000);
    f.spi_stuck = true;
    run(2000);
    assert_false(pw_network_ok(&app.network));
}

static void not_a_meter(void **state)
{
    (void)state;
    fake_init(&f, 24);
    f.no_magic = true;
    assert_int_equal(pw_app_init(&app, &f.hal), PW_ERR_MAGIC);
    fake_init(&f, 60);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_ERR_RANGE);
    fake_init(&f, 24);
    f.mod_div = 0;
    assert_int_equal(pw_app_init(&app, &f.hal), PW_ERR_RANGE);
}

static void configuration_for_fewer_cts(void **state)
{
    (void)state;
    struct pw_config cfg;
    fake_init(&f, 24);
    pw_config_default(&cfg, 12);
    assert_int_equal(pw_config_encode(&cfg, f.fram + PW_FRAM_CONFIG_A, NULL), PW_OK);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    assert_false(app.diag.config_default);
    assert_int_equal(f.bank[CT0 + 12][1], UINT32_MAX); /* registers nothing */
    assert_int_equal(f.bank[CT0 + 12][0] >> 20, CT0 + 12);
    window(0, 120, 10, 1200, 0);
    assert_int_equal(app.meter.out.seq, 1);
    fake_init(&f, 12); /* for more CTs than there are: refused */
    pw_config_default(&cfg, 24);
    assert_int_equal(pw_config_encode(&cfg, f.fram + PW_FRAM_CONFIG_B, NULL), PW_OK);
    assert_int_equal(pw_app_init(&app, &f.hal), PW_OK);
    assert_true(app.diag.config_default);
    assert_int_equal(app.cfg.n_ct, 12);
}

static void bus_errors_are_reported(void **state)
{
    (void)state;
    f.buserr_count = 3;
    f.buserr_addr = 0x90000000;
    f.us += 1000000;
    run(3000);
    f.out[f.n_out] = 0;
    assert_non_null(strstr(f.out, "! bus errors: 3\r\n"));
    assert_int_equal(app.diag.bus_errors, 3);
    assert_int_equal(app.diag.bus_error_addr, 0x90000000);
}

static bool busy(void *ctx)
{
    struct fake *k = ctx;
    k->us += 300;
    return true;
}

static bool idle(void *ctx)
{
    struct fake *k = ctx;
    k->us += 700;
    return false;
}

static void scheduler_accounts(void **state)
{
    (void)state;
    static const struct pw_task_info tasks[] = {{"busy", busy, 0}, {"idle", idle, 0}, {"rare", busy, 10000}};
    struct pw_sched s;
    fake_init(&f, 12);
    f.us = UINT32_MAX - 1500000u; /* the low word of the time wraps meanwhile */
    pw_sched_init(&s, &f.hal, &f, tasks, 3);
    for (unsigned i = 0; i < 4000; i++)
        pw_sched_pass(&s);
    /* a pass is 1 ms, each 10th is 1.3 ms: busy 0.3 of it, rare 0.3 in 10.3 ms */
    assert_in_range(s.task[0].load_e4, 2900, 2925);
    assert_int_equal(s.task[1].load_e4, 0);
    assert_in_range(s.task[2].load_e4, 285, 300);
    assert_in_range(s.load_e4, 3190, 3220);
    assert_int_equal(s.worst_us, 1300);
    assert_int_equal(s.worst_1s_us, 1300);
    assert_in_range(s.passes_1s, 960, 980);
    assert_int_equal(s.task[1].worst_us, 700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(start_writes_parameters_and_locks, setup),
        cmocka_unit_test_setup(a_window_becomes_values, setup_running),
        cmocka_unit_test_setup(line_voltage, setup_running),
        cmocka_unit_test_setup(energy_that_does_not_add_up_is_reported, setup_running),
        cmocka_unit_test_setup(samples_lost_by_the_front_end_are_reported, setup_running),
        cmocka_unit_test_setup(a_window_that_closes_meanwhile_is_taken_next, setup_running),
        cmocka_unit_test_setup(energies_are_never_of_two_windows, setup_running),
        cmocka_unit_test_setup(lost_voltage_moves_the_crossing_source, setup_running),
        cmocka_unit_test_setup(cold_restart_goes_on_with_saved_energy, setup_running),
        cmocka_unit_test_setup(warm_restart_counts_what_was_metered_meanwhile, setup_running),
        cmocka_unit_test_setup(configuration_is_applied_saved_and_loaded, setup_running),
        cmocka_unit_test_setup(configuration_survives_a_cut_at_each_byte, setup_running),
        cmocka_unit_test_setup(missing_parts_do_not_stop_metering, setup),
        cmocka_unit_test(not_a_meter),
        cmocka_unit_test(configuration_for_fewer_cts),
        cmocka_unit_test_setup(bus_errors_are_reported, setup_running),
        cmocka_unit_test(scheduler_accounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
