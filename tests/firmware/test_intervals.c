/* SPDX-License-Identifier: Apache-2.0 */
/* Interval log: each interval once, sums equal to the registers to the last unit, whenever the power goes; wall clock, time set, flags. */
#include "t.h"

#include <time.h>

#include "bytes.h"
#include "flash_model.h"
#include "intervals.h"

#define UNIX_2000 INT64_C(946684800)
#define N_POINTS  3u
#define SECTORS   24u
#define BLOCK_MAX PW_INTERVALS_BLOCK_B(PW_INTERVAL_MAX_VALUES)

static uint64_t cuts_tried, running, intervals_seen;

struct bench {
    struct flash_model *m;
    struct pw_flash_port port;
    struct pw_flash_dead dead;
    struct pw_intervals iv;
    struct pw_intervals_config cfg;
    struct pw_zone zone;
    uint64_t reg[4][PW_MAX_CT], reg_saved[4][PW_MAX_CT];
    uint64_t most[4][PW_MAX_CT];        /* highest register when a tick could see it */
    uint64_t base[4][PW_MAX_CT];        /* units when the log began */
    uint8_t  fram[2][BLOCK_MAX], prev[2 * PW_INTERVALS_PREV_B];
    unsigned prev_fail;                 /* one access in so many fails */
    uint64_t prev_seed;
    unsigned reading;
    bool     saved;                     /* a block was, whole */
    uint32_t utc;
};

static const struct pw_zone new_york = {-300, 60, {3, 2, 0, 120}, {11, 1, 0, 120}};

static uint64_t uwh(void *ctx, unsigned point, unsigned channel)
{
    struct bench *b = ctx;
    if (b->reg[channel][point] > b->most[channel][point])
        b->most[channel][point] = b->reg[channel][point];
    return b->reg[channel][point];
}

static int fram_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
    struct bench *b = ctx;
    if (at + len > BLOCK_MAX)
        return PW_ERR_RANGE;
    memcpy(out, b->fram[b->reading] + at, len);
    return PW_OK;
}

static bool prev_fails(struct bench *b)
{
    return b->prev_fail != 0 && rnd(&b->prev_seed) % b->prev_fail == 0;
}

static int prev_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
    struct bench *b = ctx;
    assert_true(at + len <= sizeof b->prev);
    memcpy(out, b->prev + at, len);
    return prev_fails(b) ? PW_ERR_IO : PW_OK;
}

static int prev_write(void *ctx, uint32_t at, const uint8_t *data, size_t len)
{
    struct bench *b = ctx;
    assert_true(at + len <= sizeof b->prev);
    memcpy(b->prev + at, data, len);
    if (!prev_fails(b))
        return PW_OK;
    b->prev[at + rnd(&b->prev_seed) % len] ^= 1;
    return rnd(&b->prev_seed) % 2 == 0 ? PW_ERR_IO : PW_OK; /* even if it does not say so */
}

static uint64_t prev_of(const struct bench *b, unsigned i)
{
    return pw_get_le64(b->prev + b->iv.prev.area * PW_INTERVALS_PREV_B + 8 * i);
}

static uint64_t unit_of(const struct bench *b)
{
    uint64_t unit = 1;
    for (unsigned i = 0; i < b->cfg.unit_log10; i++)
        unit *= 10;
    return unit;
}

static void power_up(struct bench *b, unsigned flags)
{
    uint32_t gen[2] = {0, 0};
    bool ok[2];
    memcpy(b->reg, b->reg_saved, sizeof b->reg);
    assert_int_equal(pw_intervals_init(&b->iv, &b->port, &b->dead, 0, SECTORS, 2, &b->zone), PW_OK);
    b->iv.uwh = uwh;
    b->iv.ctx = b;
    b->iv.prev = (struct pw_intervals_prev){.read = prev_read, .write = prev_write};
    for (b->reading = 0; b->reading < 2; b->reading++)
        ok[b->reading] = pw_intervals_check(fram_read, b, &gen[b->reading]) == PW_OK;
    b->reading = ok[1] && (!ok[0] || (int32_t)(gen[1] - gen[0]) > 0);
    if (ok[b->reading])
        assert_int_equal(pw_intervals_load(&b->iv, fram_read, b), PW_OK);
    else /* the log begins, or begins anew */
        for (unsigned ch = 0; ch < 4; ch++)
            for (unsigned p = 0; p < PW_MAX_CT; p++)
                b->base[ch][p] = b->reg[ch][p] / unit_of(b);
    assert_true(ok[b->reading] || !b->saved);
    pw_intervals_start(&b->iv, &b->cfg, b->utc, true, flags);
}

static struct bench *bench_new(uint64_t seed, struct pw_intervals_config cfg)
{
    struct bench *b = calloc(1, sizeof *b);
    uint64_t r = seed;
    assert_non_null(b);
    b->m = fm_new(SECTORS, seed);
    b->port = fm_port(b->m);
    b->cfg = cfg;
    b->zone = new_york;
    b->utc = 840000000; /* summer of 2026 */
    for (unsigned ch = 0; ch < 4; ch++)
        for (unsigned p = 0; p < PW_MAX_CT; p++)
            b->reg[ch][p] = b->reg_saved[ch][p] = rnd(&r) >> (8 + rnd(&r) % 40);
    power_up(b, 0);
    return b;
}

static void bench_free(struct bench *b)
{
    free(b->m);
    free(b);
}

/* The block to the copy that is not the newest; only the first `most` parts arrive. */
static void save_block(struct bench *b, unsigned most)
{
    uint8_t part[PW_INTERVALS_PART_B];
    uint32_t gen[2] = {0, 0};
    bool ok[2];
    for (b->reading = 0; b->reading < 2; b->reading++)
        ok[b->reading] = pw_intervals_check(fram_read, b, &gen[b->reading]) == PW_OK;
    unsigned newest = ok[1] && (!ok[0] || (int32_t)(gen[1] - gen[0]) > 0);
    uint8_t *to = b->fram[ok[newest] ? !newest : newest];
    pw_intervals_save_begin(&b->iv);
    unsigned i = 0;
    int got = 0;
    for (; i < most && (got = pw_intervals_save_part(&b->iv, i, part)) > 0; i++) {
        memcpy(to + i * PW_INTERVALS_PART_B, part, sizeof part);
        (void)pw_intervals_tick(&b->iv, b->utc + 1, true); /* between parts the meter goes on */
        (void)pw_intervals_step(&b->iv);
    }
    if (i < most) {
        pw_intervals_save_end(&b->iv, got == 0);
        b->saved |= got == 0;
    } else {
        to[i * PW_INTERVALS_PART_B] ^= 0x55; /* torn: the power goes now */
    }
}

static void save(struct bench *b)
{
    save_block(b, 1000);
    memcpy(b->reg_saved, b->reg, sizeof b->reg);
}

static void settle(struct bench *b)
{
    for (unsigned i = 0; i < 100000 && (b->iv.pending || !b->iv.checked); i++) {
        if (i % 50 == 0)
            save(b);
        (void)pw_intervals_step(&b->iv);
    }
    assert_true(b->iv.checked && !b->iv.pending);
    for (unsigned i = 0; i < 1000 && (pw_intervals_step(&b->iv) || b->m->op != 0); i++)
        ;
}

/* All records: numbers without gap, none twice, times in a row, sums as in the registers. */
static void check(struct bench *b)
{
    uint8_t raw[PW_INTERVAL_MAX_B];
    uint64_t sum[4][PW_MAX_CT];
    struct pw_interval r = {0}, last = {0};
    settle(b);
    memcpy(sum, b->base, sizeof sum);
    assert_int_equal(b->iv.log.oldest, 1);
    for (uint32_t n = 1; n < b->iv.log.next; n++, last = r) {
        assert_int_equal(pw_intervals_read(&b->iv, n, &r, raw, sizeof raw), PW_OK);
        intervals_seen++;
        assert_int_equal(r.seq, n);
        if (n > 1 && (r.flags & PW_INTERVAL_TIME_SET) == 0 && (last.flags & (PW_INTERVAL_POWER_FAIL | PW_INTERVAL_TIME_SET)) == 0)
            assert_int_equal(r.end_utc_s - r.length_s, last.end_utc_s);
        assert_true(r.length_s == r.minutes * 60u || (r.flags & PW_INTERVAL_PARTIAL) != 0);
        for (unsigned ch = 0; ch < 4; ch++)
            for (unsigned p = 0; p < r.n_points; p++)
                sum[ch][p] += pw_interval_value(&r, raw, sizeof raw, ch, p);
    }
    assert_int_equal(b->iv.seq, b->iv.log.next);
    uint64_t unit = unit_of(b);
    unsigned i = 0;
    for (unsigned ch = 0; ch < 4; ch++)
        for (unsigned p = 0; p < b->cfg.n_points && (b->cfg.channels >> ch & 1) != 0; p++, i++) {
            assert_true(sum[ch][p] == prev_of(b, i));
            assert_true(sum[ch][p] <= b->most[ch][p] / unit); /* nothing that the register never had */
        }
}

static void run_s(struct bench *b, uint32_t seconds, uint32_t each_s, uint64_t *r)
{
    for (uint32_t s = 0; s < seconds; s += each_s) {
        b->utc += each_s;
        for (unsigned ch = 0; ch < 4; ch++)
            for (unsigned p = 0; p < b->cfg.n_points; p++)
                b->reg[ch][p] += rnd(r) % (1000000u * each_s);
        (void)pw_intervals_tick(&b->iv, b->utc, true);
        save(b);
        for (unsigned i = 0; i < 30; i++)
            (void)pw_intervals_step(&b->iv);
    }
}

static const struct pw_intervals_config five = {5, PW_INTERVAL_WH_DEL | PW_INTERVAL_VARH_REC, 3, N_POINTS};

static void random_run(uint64_t seed)
{
    uint64_t r = seed * 3 + 1;
    struct pw_intervals_config cfg = {rnd(&r) % 2 ? 5 : 15, (uint8_t)(1 + rnd(&r) % 31), (uint8_t)(rnd(&r) % 7), (uint8_t)(1 + rnd(&r) % 4)};
    if ((cfg.channels & 15) == 0)
        cfg.channels |= PW_INTERVAL_WH_REC;
    struct bench *b = bench_new(seed, cfg);
    if (seed % 5 == 0)
        b->m->bad_erase[rnd(&r) % SECTORS] = true, b->m->bad_program[rnd(&r) % SECTORS] = 1;
    for (unsigned c = 0; c < 12; c++) {
        unsigned passes = (unsigned)(rnd(&r) % (rnd(&r) % 3 == 0 ? 20 : 300));
        for (unsigned i = 0; i < passes; i++) {
            b->utc += rnd(&r) % 3 == 0 ? (uint32_t)(rnd(&r) % 60) : 1;
            for (unsigned ch = 0; ch < 4; ch++)
                b->reg[ch][rnd(&r) % cfg.n_points] += rnd(&r) % 20000000;
            (void)pw_intervals_tick(&b->iv, b->utc, true);
            for (unsigned k = (unsigned)(rnd(&r) % 6); k > 0; k--)
                (void)pw_intervals_step(&b->iv);
            if (rnd(&r) % 3 == 0)
                save_block(b, 1000);
            if (rnd(&r) % 3 == 0)
                memcpy(b->reg_saved, b->reg, sizeof b->reg);
        }
        if (rnd(&r) % 3 == 0)
            save_block(b, (unsigned)(rnd(&r) % 3));
        fm_cut(b->m);
        cuts_tried++;
        b->utc += (uint32_t)(rnd(&r) % 3 == 0 ? rnd(&r) % 4000 : rnd(&r) % 3);
        power_up(b, PW_INTERVAL_POWER_FAIL);
        if (rnd(&r) % 2 != 0)
            check(b);
    }
    run_s(b, 1200, 60, &r);
    check(b);
    bench_free(b);
}

static void each_interval_once(void **state)
{
    (void)state;
    for (running = 1; running <= 700; running++)
        random_run(running);
}

static int show(void **state)
{
    (void)state;
    print_message("seed %llu, cuts %llu, intervals %llu\n", (unsigned long long)running, (unsigned long long)cuts_tried,
                  (unsigned long long)intervals_seen);
    return 0;
}

static void cut_in_every_step(void **state)
{
    (void)state;
    for (unsigned k = 0, done = 0; !done; k++) {
        running = 9000 + k;
        struct bench *b = bench_new(9000 + k, five);
        uint64_t r = 5;
        unsigned steps = 0;
        for (unsigned pass = 0; steps < k && !done; pass++) {
            b->utc += 30;
            b->reg[0][1] += rnd(&r) % 50000000;
            (void)pw_intervals_tick(&b->iv, b->utc, true);
            if (steps++ < k)
                save(b);
            for (unsigned i = 0; i < 8 && steps < k; i++, steps++)
                (void)pw_intervals_step(&b->iv);
            done = pass == 130;
        }
        fm_cut(b->m);
        cuts_tried++;
        power_up(b, PW_INTERVAL_POWER_FAIL);
        check(b);
        run_s(b, 900, 60, &r);
        check(b);
        bench_free(b);
    }
}

/* Lengths and ends of a fortnight around both changes of daylight saving, told by the C library's clock. */
static void the_wall_clock_decides(void **state)
{
    (void)state;
    static const uint16_t minutes[] = {5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440};
    static const uint32_t from[2] = {825656400, 846388800}; /* 2026-03-01 05:00 and 2026-10-27 04:00 UTC: midnight in New York */
    setenv("TZ", "EST5EDT,M3.2.0/2,M11.1.0/2", 1);
    tzset();
    for (unsigned i = 0; i < sizeof minutes / sizeof minutes[0]; i++)
        for (unsigned season = 0; season < 2; season++) {
            struct bench *b = bench_new(1, (struct pw_intervals_config){minutes[i], PW_INTERVAL_WH_DEL, 3, 1});
            unsigned odd = 0, n = 0;
            uint32_t length = 0;
            b->utc = from[season];
            settle(b);
            pw_intervals_start(&b->iv, &b->cfg, b->utc, true, 0);
            for (uint32_t end = b->utc + 14 * PW_DAY_S + (season ? 3600 : -3600); b->utc < end;) {
                b->utc += 300;
                if (!pw_intervals_tick(&b->iv, b->utc, true))
                    continue;
                uint8_t *rec = b->iv.record;
                uint32_t end_s = (uint32_t)rec[4] | (uint32_t)rec[5] << 8 | (uint32_t)rec[6] << 16 | (uint32_t)rec[7] << 24;
                uint32_t len_s = (uint32_t)rec[8] | (uint32_t)rec[9] << 8 | (uint32_t)rec[10] << 16;
                time_t u = (time_t)(end_s + UNIX_2000);
                struct tm t;
                localtime_r(&u, &t);
                assert_int_equal(end_s, b->utc);
                length += len_s;
                n++;
                if (len_s != minutes[i] * 60u)
                    odd++;
                if ((t.tm_hour * 60 + t.tm_min) % minutes[i] != 0)
                    odd++;
                b->iv.pending = false; /* as if stored */
            }
            assert_int_equal(length, 14 * PW_DAY_S + (season ? 3600 : -3600));
            if (minutes[i] <= 60) {
                assert_int_equal(odd, 0);
                assert_int_equal(n, (14 * 24 + (season ? 1 : -1)) * 60 / minutes[i]);
            } else {
                assert_in_range(odd, 1, 2);
                assert_in_range(n, 14 * 1440 / minutes[i], 14 * 1440 / minutes[i] + 1);
            }
            bench_free(b);
        }
}

static struct pw_interval newest(struct bench *b, uint32_t back)
{
    uint8_t raw[PW_INTERVAL_MAX_B];
    struct pw_interval r;
    settle(b);
    assert_int_equal(pw_intervals_read(&b->iv, b->iv.log.next - 1 - back, &r, raw, sizeof raw), PW_OK);
    return r;
}

static void setting_the_clock(void **state)
{
    (void)state;
    uint64_t r = 1;
    struct bench *b = bench_new(1, five);
    settle(b);
    b->utc = b->utc / 300 * 300;
    run_s(b, 700, 10, &r); /* 100 s into an interval */
    pw_intervals_time_set(&b->iv, b->utc, b->utc + 50);
    b->utc += 50;
    run_s(b, 150, 10, &r);
    struct pw_interval i = newest(b, 0);
    assert_int_equal(i.flags, PW_INTERVAL_TIME_SET | PW_INTERVAL_PARTIAL);
    assert_int_equal(i.length_s, 250); /* real time */
    run_s(b, 300, 10, &r);
    assert_int_equal(newest(b, 0).flags, 0);
    uint32_t old = b->utc;
    pw_intervals_time_set(&b->iv, old, old + 7200); /* to another interval: this one ends */
    b->utc += 7200;
    i = newest(b, 0);
    assert_int_equal(i.end_utc_s, old);
    assert_int_equal(i.flags, PW_INTERVAL_TIME_SET | PW_INTERVAL_PARTIAL);
    run_s(b, 300, 10, &r);
    assert_int_equal(newest(b, 0).flags & PW_INTERVAL_TIME_SET, PW_INTERVAL_TIME_SET);
    b->utc -= 9000; /* back, and nobody tells: tick sees it */
    uint32_t n = b->iv.log.next;
    run_s(b, 600, 10, &r);
    assert_true(newest(b, 0).seq > n);
    assert_int_equal(newest(b, b->iv.log.next - 1 - n).flags & PW_INTERVAL_TIME_SET, PW_INTERVAL_TIME_SET);
    check(b);
    bench_free(b);
}

static void flags_and_volts(void **state)
{
    (void)state;
    uint64_t r = 1;
    struct pw_intervals_config cfg = {5, PW_INTERVAL_WH_DEL | PW_INTERVAL_VOLTS, 0, 2};
    struct bench *b = bench_new(1, cfg);
    settle(b);
    b->utc = b->utc / 300 * 300;
    run_s(b, 300, 10, &r);
    const uint32_t mv[3][3] = {{120000, 119000, 0}, {118500, 119500, 0}, {121000, 119200, 5}};
    for (unsigned i = 0; i < 3; i++)
        pw_intervals_volts(&b->iv, mv[i]);
    pw_intervals_flag(&b->iv, PW_INTERVAL_TEST, true);
    run_s(b, 20, 10, &r);
    pw_intervals_flag(&b->iv, PW_INTERVAL_TEST, false);
    b->reg[0][1] += UINT64_C(1) << 33; /* more than a value holds */
    (void)pw_intervals_tick(&b->iv, ++b->utc, false);
    b->utc--;
    run_s(b, 280, 10, &r);
    struct pw_interval i = newest(b, 0);
    assert_int_equal(i.flags & ~(unsigned)PW_INTERVAL_TIME_SET, PW_INTERVAL_TEST | PW_INTERVAL_OVERFLOW | PW_INTERVAL_CLOCK);
    uint8_t raw[PW_INTERVAL_MAX_B];
    uint32_t lo, hi;
    assert_int_equal(pw_intervals_read(&b->iv, i.seq, &i, raw, sizeof raw), PW_OK);
    assert_int_equal(pw_interval_value(&i, raw, sizeof raw, 0, 1), UINT32_MAX);
    assert_int_equal(pw_interval_value(&i, raw, sizeof raw, 1, 1), 0);
    assert_true(pw_interval_volts(&i, raw, sizeof raw, 0, &lo, &hi) && lo == 118500 && hi == 121000);
    assert_true(pw_interval_volts(&i, raw, sizeof raw, 1, &lo, &hi) && lo == 119000 && hi == 119500);
    assert_false(pw_interval_volts(&i, raw, sizeof raw, 3, &lo, &hi));
    assert_false(pw_interval_volts(&i, raw, 40, 2, &lo, &hi));
    run_s(b, 900, 10, &r); /* the rest comes in the next ones */
    assert_int_equal(newest(b, 0).flags, 0);
    check(b);
    bench_free(b);
}

static void power_failures_show(void **state)
{
    (void)state;
    uint64_t r = 1;
    struct bench *b = bench_new(1, five);
    settle(b);
    b->utc = b->utc / 300 * 300;
    run_s(b, 400, 10, &r);
    uint32_t down = b->utc;
    b->utc += 20; /* within the interval */
    power_up(b, PW_INTERVAL_POWER_FAIL);
    run_s(b, 180, 10, &r);
    struct pw_interval i = newest(b, 0);
    assert_int_equal(i.flags, PW_INTERVAL_POWER_FAIL);
    assert_int_equal(i.length_s, 300);
    run_s(b, 100, 10, &r);
    down = b->utc;
    b->utc += 5000; /* over several */
    power_up(b, PW_INTERVAL_POWER_FAIL);
    i = newest(b, 0);
    assert_int_equal(i.end_utc_s, down);
    assert_int_equal(i.length_s, 100);
    assert_int_equal(i.flags, PW_INTERVAL_POWER_FAIL | PW_INTERVAL_PARTIAL);
    run_s(b, 300, 10, &r);
    assert_int_equal(newest(b, 0).flags, PW_INTERVAL_POWER_FAIL | PW_INTERVAL_PARTIAL);
    power_up(b, 0); /* a restart without power failure leaves no mark */
    run_s(b, 300, 10, &r);
    assert_int_equal(newest(b, 0).flags, 0);
    check(b);
    bench_free(b);
}

static void flash_that_is_late(void **state)
{
    (void)state;
    uint64_t r = 1;
    struct bench *b = bench_new(1, five);
    settle(b);
    b->utc = b->utc / 300 * 300;
    run_s(b, 610, 10, &r);
    b->m->io_fail = 4000; /* no answer for some intervals */
    run_s(b, 1400, 10, &r);
    b->m->io_fail = 0;
    run_s(b, 600, 10, &r);
    check(b); /* nothing lost: one long interval */
    unsigned late = 0;
    for (uint32_t n = 0; n < b->iv.log.next - 1; n++)
        late += (newest(b, n).flags & PW_INTERVAL_LATE) != 0;
    assert_int_equal(late, 1);
    bench_free(b);
}

static void another_configuration(void **state)
{
    (void)state;
    uint64_t r = 1;
    struct bench *b = bench_new(1, five);
    settle(b);
    run_s(b, 1000, 10, &r);
    settle(b);
    struct pw_intervals_config bad[] = {{7, 1, 3, 1}, {5, 0, 3, 1}, {5, PW_INTERVAL_VOLTS, 3, 1}, {5, 1, 7, 1},
                                        {5, 1, 3, 0}, {5, 1, 3, PW_MAX_CT + 1}, {5, 33, 3, 1}};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(pw_intervals_configure(&b->iv, &bad[i], b->utc), PW_ERR_RANGE);
    struct pw_intervals_config hourly = five;
    hourly.minutes = 60; /* the same values: sums go on */
    b->cfg = hourly;
    assert_int_equal(pw_intervals_configure(&b->iv, &hourly, b->utc), PW_OK);
    hourly.n_points = 4;
    assert_int_equal(pw_intervals_configure(&b->iv, &hourly, b->utc), PW_ERR_STATE); /* the record before is not stored yet */
    check(b);
    run_s(b, 7300, 20, &r);
    check(b);
    struct pw_interval i = newest(b, 0);
    assert_int_equal(i.minutes, 60);
    assert_int_equal(i.length_s, 3600);
    hourly.channels = PW_INTERVAL_WH_REC;
    assert_int_equal(pw_intervals_configure(&b->iv, &hourly, b->utc), PW_OK);
    run_s(b, 7300, 20, &r);
    i = newest(b, 0);
    assert_int_equal(i.channels, PW_INTERVAL_WH_REC);
    assert_int_equal(i.n_points, 4);
    bench_free(b);
}

/* All at once, as when power fails. */
static void save_memory(struct bench *b)
{
    uint8_t part[PW_INTERVALS_PART_B];
    pw_intervals_save_begin(&b->iv);
    for (unsigned i = 0; pw_intervals_save_part(&b->iv, i, part) != 0; i++)
        memcpy(b->fram[0] + i * sizeof part, part, sizeof part);
    pw_intervals_save_end(&b->iv, true);
}

static void a_lost_block(void **state)
{
    (void)state;
    uint64_t r = 1;
    struct bench *b = bench_new(1, five);
    settle(b);
    run_s(b, 2000, 10, &r);
    settle(b);
    uint32_t n = b->iv.log.next;
    memset(b->fram, 0xFF, sizeof b->fram);
    b->saved = false;
    power_up(b, PW_INTERVAL_POWER_FAIL);
    assert_false(b->iv.loaded);
    for (unsigned i = 0; i < 70; i++) { /* before the flash was looked at: what closed now could be taken for an old one */
        b->utc += 10;
        b->reg[0][1] += 5000000;
        (void)pw_intervals_tick(&b->iv, b->utc, true);
        save_memory(b);
    }
    run_s(b, 900, 10, &r);
    settle(b);
    assert_true(b->iv.log.next > n + 1);
    for (uint32_t k = 0; k < b->iv.log.next - 1; k++) /* numbers go on */
        assert_int_equal(newest(b, k).seq, b->iv.log.next - 1 - k);
    uint64_t sum = b->base[0][1];
    for (uint32_t k = n; k < b->iv.log.next; k++) {
        uint8_t raw[PW_INTERVAL_MAX_B];
        struct pw_interval i;
        assert_int_equal(pw_intervals_read(&b->iv, k, &i, raw, sizeof raw), PW_OK);
        sum += pw_interval_value(&i, raw, sizeof raw, 0, 1);
    }
    assert_true(sum == prev_of(b, 1));
    bench_free(b);
}

static void damaged_blocks_are_refused(void **state)
{
    (void)state;
    uint64_t r = 1;
    struct bench *b = bench_new(1, five);
    settle(b);
    run_s(b, 700, 10, &r);
    save(b);
    uint32_t gen;
    unsigned size = b->iv.block_b;
    for (b->reading = 0; b->reading < 2; b->reading++) {
        size = b->fram[b->reading][12] | b->fram[b->reading][13] << 8;
        assert_int_equal(pw_intervals_check(fram_read, b, &gen), PW_OK);
        for (unsigned i = 0; i < size; i++) {
            b->fram[b->reading][i] ^= (uint8_t)(1u << i % 8);
            assert_int_not_equal(pw_intervals_check(fram_read, b, &gen), PW_OK);
            assert_int_not_equal(pw_intervals_load(&b->iv, fram_read, b), PW_OK);
            b->fram[b->reading][i] ^= (uint8_t)(1u << i % 8);
        }
    }
    bench_free(b);
}

/* The memory of what was recorded fails now and then, even without saying so: intervals end later, none has a wrong value. */
static void sums_on_a_memory_that_fails(void **state)
{
    (void)state;
    uint64_t r = 1;
    struct bench *b = bench_new(1, (struct pw_intervals_config){5, 15, 3, 12});
    settle(b);
    b->prev_seed = 3;
    b->prev_fail = 20; /* of 18 accesses that the end of an interval takes */
    run_s(b, 12000, 1, &r);
    b->prev_fail = 0;
    run_s(b, 600, 10, &r);
    assert_true(b->iv.log.next > 30);
    assert_int_equal(b->iv.damaged, 0);
    check(b);
    bench_free(b);
}

/* What was recorded is damaged: told, and sums begin anew; a restart before that has it from the block. */
static void damaged_sums(void **state)
{
    (void)state;
    uint64_t r = 1;
    for (unsigned restart = 0; restart < 2; restart++) {
        struct bench *b = bench_new(1, five);
        uint32_t gen = 0, n;
        settle(b);
        run_s(b, 1000, 10, &r);
        settle(b);
        gen = b->iv.generation;
        b->prev[b->iv.prev.area * PW_INTERVALS_PREV_B + 9] ^= 2;
        uint8_t part[PW_INTERVALS_PART_B];
        pw_intervals_save_begin(&b->iv);
        assert_int_equal(pw_intervals_save_part(&b->iv, 0, part), sizeof part);
        assert_int_equal(pw_intervals_save_part(&b->iv, 1, part), PW_ERR_CRC); /* no block is made of it */
        pw_intervals_save_end(&b->iv, false);
        assert_int_equal(b->iv.generation, gen + 1);
        if (restart) {
            power_up(b, 0);
            run_s(b, 1000, 10, &r);
            check(b);
            assert_int_equal(b->iv.damaged, 0);
        } else {
            n = b->iv.log.next;
            for (unsigned i = 0; i < 700; i++) {
                b->utc++;
                b->reg[0][1] += 5000;
                (void)pw_intervals_tick(&b->iv, b->utc, true);
                if (b->iv.prev.valid)
                    save(b);
                for (unsigned k = 0; k < 30; k++)
                    (void)pw_intervals_step(&b->iv);
            }
            assert_int_equal(b->iv.damaged, 1);
            assert_true(b->iv.log.next > n);
        }
        bench_free(b);
    }
}

static void capacity(void **state)
{
    (void)state;
    static const struct pw_intervals_config cfgs[] = {{60, 1, 3, 24}, {15, 1, 3, 24}, {5, 1, 3, 24},
                                                      {15, 15, 3, 24}, {15, 31, 3, 24}, {5, 31, 3, 24}, {15, 1, 3, 54}};
    for (unsigned i = 0; i < sizeof cfgs / sizeof cfgs[0]; i++) {
        if (cfgs[i].n_points > PW_MAX_CT)
            continue;
        uint32_t n = pw_intervals_capacity(1472, &cfgs[i]);
        print_message("%u points, %u min, channels %2u: %u intervals, %u days; block %u bytes\n", cfgs[i].n_points, cfgs[i].minutes,
                      cfgs[i].channels, n, n * cfgs[i].minutes / 1440, PW_INTERVALS_BLOCK_B(cfgs[i].n_points * (cfgs[i].channels < 15 ? 1 : 4)));
        assert_true(n * cfgs[i].minutes / 1440 >= (cfgs[i].minutes == 60 ? 96 : 24));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(each_interval_once, show), cmocka_unit_test_teardown(cut_in_every_step, show), cmocka_unit_test(the_wall_clock_decides),
        cmocka_unit_test(setting_the_clock), cmocka_unit_test(flags_and_volts), cmocka_unit_test(power_failures_show),
        cmocka_unit_test(flash_that_is_late), cmocka_unit_test(another_configuration), cmocka_unit_test(a_lost_block),
        cmocka_unit_test(damaged_blocks_are_refused), cmocka_unit_test(sums_on_a_memory_that_fails), cmocka_unit_test(damaged_sums), cmocka_unit_test(capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
