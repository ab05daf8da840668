/* SPDX-License-Identifier: Apache-2.0 */
/* The books on FRAM alone: the image of each second and all that it holds over power cuts; schedules, programs, requests. With flash, logs and the whole
 * firmware: tests/calendar. */
#include "t.h"

#include "books.h"
#include "bytes.h"
#include "crc32.h"
#include "energy_store.h"
#include "fake.h"
#include "fram_map.h"
#include "panel.h"

#define N_CT 4u
#define DAY  UINT32_C(820000000) /* 2025-12-26 */
typedef unsigned __int128 u128;

static struct fake f;
static struct pw_spi spi;
static struct pw_fram fram;
static struct pw_clock clk;
static struct pw_config cfg;
static struct pw_energy energy;
static struct pw_points points;
static struct pw_snapshot snap;
static struct pw_program program;
static struct pw_books b;

static uint64_t uptime(void *ctx)
{
    return ((struct fake *)ctx)->us;
}

static void power_up(uint32_t utc_s, unsigned cause)
{
    const struct pw_books_ports ports = {
        .fram = &fram, .clock = &clk, .cfg = &cfg, .energy = &energy, .points = &points, .snap = &snap, .n_ct = N_CT, .cause = cause,
        .uptime_us = uptime, .uptime_ctx = &f,
    };
    f.fram_cut = -1;
    pw_spi_init(&spi, &f.hal, 1, f.clk_hz, 12500000);
    assert_int_equal(pw_fram_init(&fram, &spi, 0), PW_OK);
    clk = (struct pw_clock){.hal = &f.hal, .state = PW_CLOCK_RUNNING, .base_s = utc_s, .base_us = f.us};
    snap.seq = points.seq = 0;
    pw_books_init(&b, &ports, &program);
}

/* 0.2 s, then all the work that it brings. */
static void window(uint64_t *seed)
{
    f.us += 200000;
    for (unsigned k = 0; k < N_CT && seed != NULL; k++)
        for (unsigned q = 0; q < PW_N_ENERGY; q++) {
            uint64_t add = rnd(seed) % 3000000;
            u128 now = (u128)pw_energy_get(&energy.ct[k], q) + add;
            energy.ct[k].acc[q][2] = (uint32_t)now;
            energy.ct[k].acc[q][3] = (uint32_t)(now >> 32);
        }
    snap.seq++;
    pw_points_window(&points, &snap, 0);
    pw_books_window(&b);
    for (unsigned i = 0; i < 2000 && pw_books_step(&b); i++)
        ;
}

static void seconds(unsigned s, uint64_t *seed)
{
    for (unsigned i = 0; i < 5 * s; i++)
        window(seed);
}

static uint64_t reg(unsigned p, unsigned q, unsigned rate)
{
    uint64_t v = 0;
    assert_int_equal(pw_billing_register(&b.billing, p, q, rate, &v), PW_OK);
    return v;
}

struct state { uint64_t r[N_CT][PW_N_TQ][5], peak[N_CT], total[N_CT][PW_N_TQ]; };

static bool registered(unsigned q)
{
    return (b.program.quantities >> q & 1) != 0;
}

static void take(struct state *s)
{
    memset(s, 0, sizeof *s);
    for (unsigned p = 0; p < N_CT; p++) {
        for (unsigned q = 0; q < PW_N_TQ; q++) {
            s->total[p][q] = pw_points_total(&points, p, q);
            for (unsigned r = 0; r < 5 && registered(q); r++)
                s->r[p][q][r] = reg(p, q, r < 4 ? r : PW_RATE_TEST);
        }
        struct pw_peak peak = pw_demand_peak(&b.demand, p, 0);
        s->peak[p] = pw_peak_mw(&peak);
    }
}

/* Rates and test mode add up to what was counted since billing began. */
static void check_sums(const struct state *origin)
{
    struct state s;
    take(&s);
    for (unsigned p = 0; p < N_CT; p++)
        for (unsigned q = 0; q < PW_N_TQ; q++) {
            uint64_t sum = 0;
            for (unsigned r = 0; r < 5; r++)
                sum += s.r[p][q][r];
            if (registered(q))
                assert_true(sum == s.total[p][q] - origin->total[p][q]);
        }
}

/* Nothing went back beyond `old`, nothing is ahead of `now`. */
static void check_between(const struct state *old, const struct state *now)
{
    struct state s;
    take(&s);
    for (unsigned p = 0; p < N_CT; p++)
        for (unsigned q = 0; q < PW_N_TQ; q++) {
            assert_true(s.total[p][q] >= old->total[p][q] && s.total[p][q] <= now->total[p][q]);
            for (unsigned r = 0; r < 5; r++)
                assert_true(s.r[p][q][r] >= old->r[p][q][r] && s.r[p][q][r] <= now->r[p][q][r]);
        }
}

static int fresh(void **state)
{
    (void)state;
    fake_init(&f, N_CT);
    memset(&snap, 0, sizeof snap);
    snap.registers = &energy;
    pw_config_default(&cfg, N_CT);
    pw_program_default(&program, PW_PROFILE_POWERSTAR24);
    power_up(DAY, PW_RESET_POWER);
    f.gpio_in = 0x10;
    pw_books_seal(&b, true);
    return 0;
}

static void a_new_meter_begins_at_zero(void **state)
{
    (void)state;
    static const struct state zero;
    uint64_t seed = 1;
    assert_false(b.restored);
    assert_int_equal(b.boot_damage, 0);
    seconds(3, NULL);
    check_sums(&zero);
    seconds(20, &seed);
    check_sums(&zero);
    assert_true(reg(1, PW_TQ_WH_DEL, 0) > 0);
    assert_true(b.image.saves >= 15 && b.image.errors == 0);
}

static void cut_at_each_byte_of_a_save(void **state)
{
    (void)state;
    static uint8_t before[sizeof f.fram];
    static struct pw_books saved_books;
    static struct pw_energy saved_energy;
    static struct pw_points saved_points;
    struct state old, now;
    uint64_t seed = 2, us;
    unsigned kept_old = 0, kept_new = 0;
    seconds(10, &seed);
    while (b.saved_us != f.us) /* a save has just ended */
        window(&seed);
    take(&old);
    for (unsigned i = 0; i < 4; i++)
        window(&seed);
    memcpy(before, f.fram, sizeof before);
    saved_books = b;
    saved_energy = energy;
    saved_points = points;
    us = f.us;
    for (long cut = 0; cut < 2000; cut++) {
        memcpy(f.fram, before, sizeof before);
        b = saved_books;
        energy = saved_energy;
        points = saved_points;
        snap.seq = points.seq;
        f.us = us;
        f.fram_cut = cut;
        uint64_t s = 77;
        window(&s); /* saves */
        f.fram_cut = -1;
        assert_int_equal(b.saved_us, f.us);
        take(&now);
        uint32_t at = pw_clock_now(&clk, NULL);
        power_up(at + 7, PW_RESET_POWER);
        clk.base_us = f.us;
        assert_true(b.restored);
        assert_int_equal(b.boot_damage, 0);
        check_between(&old, &now);
        bool is_new = pw_points_total(&points, 0, PW_TQ_WH_DEL) == now.total[0][PW_TQ_WH_DEL];
        kept_new += is_new;
        kept_old += !is_new;
        if (!is_new)
            assert_true(pw_points_total(&points, 0, PW_TQ_WH_DEL) == old.total[0][PW_TQ_WH_DEL]);
        clk = (struct pw_clock){.hal = &f.hal, .state = PW_CLOCK_RUNNING, .base_s = DAY, .base_us = 0};
    }
    assert_true(kept_old > 500 && kept_new > 100);
}

/* Rates by a schedule that changes each minute. */
static void put_schedule(uint32_t effective_utc, unsigned rates, unsigned id, uint8_t image[PW_TOU_SIZE_B])
{
    struct pw_tou t;
    struct pw_tou_names names;
    struct pw_tou_fault fault;
    pw_tou_default(&t);
    memset(&names, 0, sizeof names);
    strcpy(names.daytype[0], "all");
    strcpy(names.season[0], "year");
    t.id = (uint16_t)id;
    t.effective_utc = effective_utc;
    t.n_rates = (uint8_t)rates;
    t.n_segments[0] = 80;
    for (unsigned i = 0; i < 80; i++)
        t.segment[i] = PW_TOU_SEG(i == 0 ? 0 : 1440 - 80 + i, i % rates); /* from 22:41 on; DAY is 17:46:40 */
    assert_int_equal(pw_tou_encode(&t, &names, image, &fault), PW_OK);
}

static int upload(const uint8_t *image)
{
    struct pw_tou_fault fault;
    for (uint32_t at = 0; at < PW_TOU_SIZE_B; at += 64) {
        int err = pw_books_schedule_put(&b, at, image + at, 64);
        if (err != PW_OK)
            return err;
    }
    return pw_books_schedule_end(&b, &fault);
}

static void random_cuts_with_rates_resets_and_test_mode(void **state)
{
    (void)state;
    static const struct state zero;
    uint8_t image[PW_TOU_SIZE_B];
    unsigned switches = 0, cuts = 0;
    for (uint64_t run = 1; run <= 12; run++) {
        uint64_t r = run, seed = 1000 + run;
        fresh(NULL);
        put_schedule(0, 4, 7, image);
        assert_int_equal(upload(image), PW_OK);
        clk.base_s = DAY + 17700; /* 22:41:40 */
        clk.base_us = f.us;
        seconds(3, NULL);
        assert_int_equal(b.tou.id, 7);
        for (unsigned c = 0; c < 25; c++) {
            struct state old, now;
            unsigned rate = pw_billing_rate(&b.billing);
            seconds((unsigned)(rnd(&r) % 60), &seed);
            switches += pw_billing_rate(&b.billing) != rate;
            unsigned ask = (unsigned)(rnd(&r) % 6);
            if (ask == 0)
                (void)!pw_books_reset_demand(&b, PW_RESET_COMMAND);
            if (ask == 1)
                assert_int_equal(pw_books_close(&b), PW_OK);
            if (ask == 2)
                assert_int_equal(pw_books_test_mode(&b, !b.test), PW_OK);
            while (b.saved_us != f.us || b.billing.marked || b.billing.job != 0)
                window(&seed);
            check_sums(&zero);
            take(&old);
            f.fram_cut = (long)(rnd(&r) % 6000); /* sometime in the next second or two */
            for (unsigned i = 0; i < 5; i++)
                window(&seed);
            f.fram_cut = -1;
            take(&now);
            power_up(pw_clock_now(&clk, NULL), PW_RESET_POWER);
            pw_books_seal(&b, true);
            cuts++;
            assert_true(b.restored);
            assert_int_equal(b.boot_damage, 0);
            if (b.want == 0 && b.billing.errors == 0)
                for (unsigned p = 0; p < N_CT; p++)
                    for (unsigned q = 0; q < PW_N_TQ; q++)
                        assert_true(pw_points_total(&points, p, q) >= old.total[p][q] && pw_points_total(&points, p, q) <= now.total[p][q]);
            seconds(2, NULL);
            check_sums(&zero);
            assert_false(b.test); /* ends with the power */
        }
        assert_int_equal(b.image.errors, 0);
    }
    assert_true(switches > 50 && cuts == 300);
}

static void damage_is_found_and_told(void **state)
{
    (void)state;
    uint64_t seed = 5;
    struct state s;
    seconds(10, &seed);
    take(&s);
    f.fram[PW_FRAM_IMAGE_A + 300] ^= 0x10;
    power_up(DAY + 20, PW_RESET_POWER);
    assert_true(b.restored);
    assert_int_equal(b.boot_damage, 0);
    f.fram[PW_FRAM_IMAGE_B + 400] ^= 0x10;
    power_up(DAY + 20, PW_RESET_POWER);
    assert_false(b.restored);
    assert_int_equal(b.boot_damage, 1 << PW_STORE_IMAGE);
    f.fram[PW_FRAM_PROGRAM_A + 4] ^= 1; /* no program was ever stored: blank but for that */
    power_up(DAY + 20, PW_RESET_POWER);
    assert_int_equal(b.program.profile, PW_PROFILE_POWERSTAR24);
}

static void a_memory_that_does_not_answer_is_left_alone(void **state)
{
    (void)state;
    static uint8_t before[sizeof f.fram];
    const struct pw_books_ports ports = {
        .fram = &fram, .clock = &clk, .cfg = &cfg, .energy = &energy, .points = &points, .snap = &snap, .n_ct = N_CT, .uptime_us = uptime, .uptime_ctx = &f,
    };
    uint64_t seed = 5;
    struct state s, again;
    seconds(10, &seed);
    while (b.saved_us != f.us)
        window(&seed);
    take(&s);
    memcpy(before, f.fram, sizeof before);
    f.spi_stuck = true;
    pw_books_init(&b, &ports, &program);
    f.spi_stuck = false; /* it was only then */
    assert_false(b.kept);
    snap.seq = points.seq = 0;
    seconds(5, &seed);
    assert_memory_equal(f.fram, before, sizeof before);
    power_up(DAY + 30, PW_RESET_POWER);
    take(&again);
    assert_memory_equal(&s, &again, sizeof s);
}

static void an_unknown_time_keeps_the_rate(void **state)
{
    (void)state;
    uint8_t image[PW_TOU_SIZE_B];
    uint64_t seed = 6;
    put_schedule(0, 4, 7, image);
    assert_int_equal(upload(image), PW_OK);
    clk.base_s = DAY + 17700 + 120;
    clk.base_us = f.us;
    seconds(5, &seed);
    unsigned rate = pw_billing_rate(&b.billing);
    assert_true(rate > 0 && rate < 4);
    power_up(0, PW_RESET_POWER);
    clk.state = PW_CLOCK_UNSET;
    seconds(5, &seed);
    assert_int_equal(pw_billing_rate(&b.billing), rate);
}

static void old_firmware_left_energies(void **state)
{
    (void)state;
    uint8_t image[32 + N_CT * PW_ENERGY_RECORD_B + 4] = {'P', 'W', 'E', 'N', 2, 0, N_CT, 0, 9};
    uint64_t seed = 6;
    fake_init(&f, N_CT);
    memset(&energy, 0, sizeof energy);
    for (unsigned k = 0; k < N_CT; k++) {
        energy.ct[k].acc[PW_WH_DEL][2] = 5000000 + k;
        energy.ct[k].acc[PW_VARH_Q1][2] = 1000000 + k;
        pw_energy_record_put(image + 32 + k * PW_ENERGY_RECORD_B, &energy.ct[k]);
    }
    pw_put_le32(image + sizeof image - 4, pw_crc32(0, image, sizeof image - 4));
    memcpy(f.fram + PW_FRAM_OLD_ENERGY_A, image, sizeof image);
    power_up(DAY, PW_RESET_POWER);
    assert_true(b.restored);
    assert_int_equal(energy.ct[2].acc[PW_WH_DEL][2], 5000002);
    f.fram_cut = 100; /* the first save is cut: nothing is lost */
    seconds(3, &seed);
    power_up(DAY + 10, PW_RESET_POWER);
    assert_int_equal(energy.ct[2].acc[PW_WH_DEL][2], 5000002);
    seconds(3, NULL);
    power_up(DAY + 20, PW_RESET_POWER);
    assert_true(b.restored && b.image.head.seq > 0);
    assert_int_equal(energy.ct[2].acc[PW_WH_DEL][2], 5000002);
    assert_int_equal(memcmp(f.fram + PW_FRAM_IMAGE_B, "PWBK", 4), 0);
}

static void schedules_are_checked_and_wait_for_their_date(void **state)
{
    (void)state;
    uint8_t image[PW_TOU_SIZE_B];
    seconds(2, NULL);
    put_schedule(DAY + 60, 2, 11, image);
    assert_int_equal(upload(image), PW_OK);
    put_schedule(0, 2, 12, image);
    image[100] ^= 1;
    assert_int_equal(upload(image), PW_ERR_CRC); /* the pending one stays */
    seconds(30, NULL);
    assert_int_equal(b.tou.id, 0);
    power_up(DAY + 40, PW_RESET_POWER); /* still pending after a cut */
    pw_books_seal(&b, false);
    put_schedule(0, 2, 13, image);
    assert_int_equal(upload(image), PW_ERR_SEALED);
    seconds(5, NULL);
    assert_int_equal(b.tou.id, 0);
    seconds(20, NULL);
    assert_int_equal(b.tou.id, 11);
    assert_int_equal(b.next_effective_s, 0);
    power_up(DAY + 80, PW_RESET_POWER);
    assert_int_equal(b.tou.id, 11);
    f.fram[(b.tou_copy ? PW_FRAM_TOU_B : PW_FRAM_TOU_A) + 50] ^= 1;
    power_up(DAY + 90, PW_RESET_POWER);
    assert_int_equal(b.tou.id, 0); /* no other copy yet: one rate, and it is told */
    assert_int_equal(b.boot_damage, 1 << PW_STORE_SCHEDULE);
}

static void another_program_keeps_what_it_can(void **state)
{
    (void)state;
    static const struct state zero;
    struct pw_program p = program;
    struct pw_program_fault fault;
    uint64_t seed = 8;
    struct state s;
    seconds(1, NULL); /* billing has begun */
    seconds(20, &seed);
    p.digits = 5; /* only how it is shown */
    assert_int_equal(pw_books_set_program(&b, &p, &fault), PW_OK);
    seconds(5, &seed);
    check_sums(&zero);
    assert_int_equal(b.program.digits, 5);
    p.demand[0].interval_min = 5; /* other demand, the same registers */
    assert_int_equal(pw_books_set_program(&b, &p, &fault), PW_OK);
    seconds(5, &seed);
    check_sums(&zero);
    p.quantities = 0xFF; /* other registers: they begin at 0 */
    assert_int_equal(pw_books_set_program(&b, &p, &fault), PW_OK);
    window(NULL);
    take(&s);
    seconds(5, &seed);
    check_sums(&s);
    power_up(DAY + 60, PW_RESET_POWER);
    assert_int_equal(b.program.quantities, 0xFF);
    seconds(1, NULL);
    check_sums(&s);
    p.digits = 10;
    pw_books_seal(&b, true);
    assert_int_equal(pw_books_set_program(&b, &p, &fault), PW_ERR_RANGE);
    assert_string_equal(fault.field, "digits");
    p.digits = 6;
    p.n_demands = 3;
    p.demand[1] = p.demand[2] = (struct pw_demand_config){PW_DEMAND_W_DEL, PW_DEMAND_SLIDING, 15, 15};
    for (unsigned i = 0; i < p.n_items; i++)
        p.item[i] = (struct pw_program_item){PW_ITEM_TOTAL, PW_TQ_WH_DEL, 1, 0};
    pw_books_seal(&b, false);
    assert_int_equal(pw_books_set_program(&b, &p, &fault), PW_ERR_SEALED);
    pw_books_seal(&b, true);
    assert_int_equal(pw_books_set_program(&b, &p, &fault), PW_OK);
    seconds(5, &seed);
    assert_int_equal(b.program.n_demands, 3);
}

/* A demand reset in the very window with which other demands begin locks out the next one for as long as any other. */
static void a_program_does_not_end_the_lock_out(void **state)
{
    (void)state;
    struct pw_program p = program;
    struct pw_program_fault fault;
    uint64_t seed = 9;
    seconds(70, &seed);
    p.demand[0].interval_min = 5;
    p.reset_lock_min = 1;
    assert_int_equal(pw_books_set_program(&b, &p, &fault), PW_OK);
    assert_int_equal(pw_books_reset_demand(&b, PW_RESET_COMMAND), PW_OK);
    seconds(1, &seed);
    assert_int_equal(b.program.demand[0].interval_min, 5);
    assert_int_equal(b.billing.lock_ms, 60000u - 4u * 200u);
}

static void resets_and_test_mode_ask_first(void **state)
{
    (void)state;
    uint64_t seed = 9;
    seconds(5, &seed);
    assert_int_equal(pw_books_reset_demand(&b, PW_RESET_KEY), PW_ERR_SEALED); /* not this product's */
    assert_int_equal(pw_books_reset_demand(&b, PW_RESET_COMMAND), PW_OK);
    seconds(3, &seed);
    assert_int_equal(b.billing.head.resets, 1);
    assert_int_equal(pw_books_reset_demand(&b, PW_RESET_COMMAND), PW_ERR_STATE); /* 15 minutes */
    seconds(15 * 60, NULL);
    assert_int_equal(pw_books_reset_demand(&b, PW_RESET_COMMAND), PW_OK);
    seconds(3, NULL);
    assert_int_equal(b.billing.head.resets, 2);
    pw_books_seal(&b, false);
    assert_int_equal(pw_books_test_mode(&b, true), PW_ERR_SEALED);
    pw_books_seal(&b, true);
    uint64_t before = reg(0, PW_TQ_WH_DEL, PW_RATE_ALL);
    assert_int_equal(pw_books_test_mode(&b, true), PW_OK);
    seconds(60, &seed);
    assert_true(b.test && reg(0, PW_TQ_WH_DEL, PW_RATE_TEST) > 0);
    assert_true(reg(0, PW_TQ_WH_DEL, PW_RATE_ALL) - before < 6 * 3000000u); /* a window or two before it began */
    seconds(program.test_timeout_min * 60, NULL);
    assert_false(b.test);
    before = reg(0, PW_TQ_WH_DEL, PW_RATE_TEST);
    seconds(2, &seed);
    assert_true(reg(0, PW_TQ_WH_DEL, PW_RATE_TEST) == before);
}

/* More interval values than a build for many CTs has room for: refused; and where one is stored (by a build with more room), the default is taken. */
static void a_program_needs_room_for_its_intervals(void **state)
{
    (void)state;
    const struct pw_flash_port port = {.ctx = NULL};
    const struct pw_books_ports ports = {
        .fram = &fram, .flash = &port, .flash_size_b = PW_BOOKS_FLASH_MAX_B, .clock = &clk, .cfg = &cfg, .energy = &energy, .points = &points, .snap = &snap,
        .n_ct = PW_MAX_CT, .uptime_us = uptime, .uptime_ctx = &f,
    };
    struct pw_program p = program;
    struct pw_program_fault fault;
    p.intervals.channels = 15; /* four energies */
    assert_true(PW_MAX_CT * 4u > PW_INTERVAL_MAX_VALUES);
    pw_config_default(&cfg, PW_MAX_CT);
    pw_books_init(&b, &ports, &program);
    b.unsealed = true;
    assert_int_equal(pw_books_set_program(&b, &p, &fault), PW_ERR_SIZE);
    pw_program_encode(&p, f.fram + PW_FRAM_PROGRAM_A);
    pw_books_init(&b, &ports, &program);
    assert_int_equal(b.program.intervals.channels, program.intervals.channels);
    assert_int_equal(b.boot_damage & 1u << PW_STORE_PROGRAM, 1u << PW_STORE_PROGRAM);
}

static void logs_have_room_in_each_flash(void **state)
{
    (void)state;
    static const struct { uint32_t size_b, intervals, general, closes; } want[] = {
        {0x800000, 1264, 48, 208}, {0x1000000, 1264, 48, 208}, {0x400000, 240, 48, 208}, {0x200000, 83, 9, 84}, {0x100000, 0, 0, 0}};
    const struct pw_flash_port port = {.ctx = NULL};
    struct pw_books_ports ports = {
        .flash = &port, .clock = &clk, .cfg = &cfg, .energy = &energy, .points = &points, .snap = &snap, .n_ct = N_CT, .uptime_us = uptime, .uptime_ctx = &f,
    };
    for (unsigned i = 0; i < sizeof want / sizeof want[0]; i++) {
        ports.flash_size_b = want[i].size_b;
        pw_books_init(&b, &ports, &program);
        assert_int_equal(b.logs, want[i].intervals != 0);
        if (!b.logs)
            continue;
        const struct pw_flashlog *log[] = {&b.intervals.log, &b.closes.log, &b.events.log[0], &b.events.log[1]};
        const uint32_t n[] = {want[i].intervals, want[i].closes, want[i].general, 16};
        for (unsigned k = 0; k < 4; k++) {
            assert_int_equal(log[k]->n_sectors, n[k]);
            uint32_t end = log[k]->base + n[k] * PW_FLASH_SECTOR_B;
            assert_int_equal(end, k < 3 ? log[k + 1]->base : want[i].size_b > 0x800000 ? 0x800000 : want[i].size_b);
        }
    }
    /* what 2 MiB must hold: PRODUCTS A5, 12 periods, 500 events */
    static const struct pw_intervals_config hours = {60, PW_INTERVAL_WH_DEL, 3, 24}, quarters = {15, PW_INTERVAL_WH_DEL, 3, 24};
    assert_true(pw_intervals_capacity(83, &hours) >= 96 * 24 && pw_intervals_capacity(83, &quarters) >= 24 * 96);
    assert_true(pw_flashlog_capacity(9, PW_EVENT_RECORD_B) >= 500 && pw_flashlog_capacity(84, PW_CLOSE_MAX_B) >= 12 * 24 * 4);
}

static void without_fram_metering_goes_on(void **state)
{
    (void)state;
    const struct pw_books_ports ports = {
        .clock = &clk, .cfg = &cfg, .energy = &energy, .points = &points, .snap = &snap, .n_ct = N_CT, .uptime_us = uptime, .uptime_ctx = &f,
    };
    uint64_t seed = 10, v;
    pw_books_init(&b, &ports, &program);
    snap.seq = points.seq = 0;
    seconds(5, &seed);
    assert_true(pw_points_total(&points, 0, PW_TQ_WH_DEL) > 0);
    assert_int_equal(pw_billing_register(&b.billing, 0, PW_TQ_WH_DEL, 0, &v), PW_ERR_STATE);
    assert_int_equal(b.image.saves, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_new_meter_begins_at_zero, fresh),
        cmocka_unit_test_setup(cut_at_each_byte_of_a_save, fresh),
        cmocka_unit_test_setup(random_cuts_with_rates_resets_and_test_mode, fresh),
        cmocka_unit_test_setup(damage_is_found_and_told, fresh),
        cmocka_unit_test_setup(a_memory_that_does_not_answer_is_left_alone, fresh),
        cmocka_unit_test_setup(an_unknown_time_keeps_the_rate, fresh),
        cmocka_unit_test_setup(old_firmware_left_energies, fresh),
        cmocka_unit_test_setup(schedules_are_checked_and_wait_for_their_date, fresh),
        cmocka_unit_test_setup(another_program_keeps_what_it_can, fresh),
        cmocka_unit_test_setup(a_program_does_not_end_the_lock_out, fresh),
        cmocka_unit_test_setup(resets_and_test_mode_ask_first, fresh),
        cmocka_unit_test_setup(without_fram_metering_goes_on, fresh),
        cmocka_unit_test_setup(a_program_needs_room_for_its_intervals, fresh),
        cmocka_unit_test_setup(logs_have_room_in_each_flash, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
