/* SPDX-License-Identifier: Apache-2.0 */
/* All logs on one flash, as the meter has them: one port, one list of dead sectors, power cuts. */
#include "t.h"

#include "bytes.h"
#include "events.h"
#include "flash_model.h"
#include "intervals.h"

#define IV_SECTORS 20u
#define N_POINTS   24u

struct meter {
    struct flash_model *m;
    struct pw_flash_port port;
    struct pw_flash_dead dead;
    struct pw_events ev;
    struct pw_intervals iv;
    struct pw_zone zone;
    uint64_t reg[N_POINTS];
    uint32_t utc, posted;
    /* FRAM: here each save is whole; torn ones are the other tests' business */
    uint64_t f_reg[N_POINTS];
    uint8_t  prev[2 * PW_INTERVALS_PREV_B];
    uint8_t  f_ev[PW_EVENTS_BLOCK_B], f_iv[PW_INTERVALS_BLOCK_B(N_POINTS)], f_dead[PW_FLASH_DEAD_SIZE_B];
    uint32_t f_posted;
};

static uint64_t running, cuts_tried;

static uint64_t uwh(void *ctx, unsigned point, unsigned channel)
{
    struct meter *x = ctx;
    assert_int_equal(channel, 0);
    return x->reg[point];
}

static int fram_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
    struct meter *x = ctx;
    if (at + len > sizeof x->f_iv)
        return PW_ERR_RANGE;
    memcpy(out, x->f_iv + at, len);
    return PW_OK;
}

static int prev_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
    memcpy(out, ((struct meter *)ctx)->prev + at, len);
    return PW_OK;
}

static int prev_write(void *ctx, uint32_t at, const uint8_t *data, size_t len)
{
    memcpy(((struct meter *)ctx)->prev + at, data, len);
    return PW_OK;
}

static void intervals_flash(void *ctx, enum pw_flashlog_report what, uint32_t detail)
{
    struct meter *x = ctx;
    pw_events_flash(&x->ev, 2, what, detail);
}

static void power_up(struct meter *x, unsigned flags)
{
    static const uint32_t n[PW_N_EVENT_LOGS] = {20, 16};
    static const struct pw_intervals_config cfg = {15, PW_INTERVAL_WH_DEL, 3, N_POINTS};
    if (pw_flash_dead_unpack(&x->dead, x->f_dead) != PW_OK)
        assert_int_equal(x->dead.n, 0);
    assert_int_equal(pw_events_init(&x->ev, &x->port, &x->dead, IV_SECTORS * PW_FLASH_SECTOR_B, n), PW_OK);
    if (pw_events_unpack(&x->ev, x->f_ev) == PW_OK)
        x->posted = x->f_posted;
    assert_int_equal(pw_intervals_init(&x->iv, &x->port, &x->dead, 0, IV_SECTORS, 2, &x->zone), PW_OK);
    x->iv.log.report = intervals_flash;
    x->iv.log.ctx = x->iv.ctx = x;
    x->iv.uwh = uwh;
    x->iv.prev = (struct pw_intervals_prev){.read = prev_read, .write = prev_write};
    memcpy(x->reg, x->f_reg, sizeof x->reg);
    if (pw_intervals_load(&x->iv, fram_read, x) != PW_OK)
        assert_false(x->iv.loaded);
    pw_intervals_start(&x->iv, &cfg, x->utc, true, flags);
}

static void save(struct meter *x)
{
    uint8_t part[PW_INTERVALS_PART_B];
    memcpy(x->f_reg, x->reg, sizeof x->reg);
    pw_events_pack(&x->ev, x->f_ev);
    x->f_posted = x->posted;
    pw_intervals_save_begin(&x->iv);
    for (unsigned i = 0; pw_intervals_save_part(&x->iv, i, part) != 0; i++)
        memcpy(x->f_iv + i * sizeof part, part, sizeof part);
    pw_intervals_save_end(&x->iv, true);
    if (x->dead.changed)
        pw_flash_dead_pack(&x->dead, x->f_dead);
    x->dead.changed = false;
}

static void pass(struct meter *x)
{
    (void)pw_intervals_tick(&x->iv, x->utc, true);
    (void)pw_events_step(&x->ev, x->utc, true);
    (void)pw_intervals_step(&x->iv);
}

static void check(struct meter *x)
{
    for (unsigned i = 0; i < 100000 && (x->iv.pending || !x->iv.checked || !pw_events_idle(&x->ev) || x->m->op != 0); i++) {
        pass(x);
        if (i % 100 == 0)
            save(x);
        if (pw_events_idle(&x->ev) && !x->iv.pending)
            (void)fm_busy(x->m);
    }
    save(x);
    assert_true(pw_events_idle(&x->ev) && !x->iv.pending);
    uint64_t sum[N_POINTS] = {0};
    for (uint32_t n = 1; n < x->iv.log.next; n++) {
        uint8_t raw[PW_INTERVAL_RECORD_B(N_POINTS)];
        struct pw_interval r;
        assert_int_equal(pw_intervals_read(&x->iv, n, &r, raw, sizeof raw), PW_OK);
        assert_int_equal(r.seq, n);
        for (unsigned p = 0; p < N_POINTS; p++)
            sum[p] += pw_interval_value(&r, raw, sizeof raw, 0, p);
    }
    for (unsigned p = 0; p < N_POINTS; p++) {
        assert_true(sum[p] == pw_get_le64(x->prev + x->iv.prev.area * PW_INTERVALS_PREV_B + 8 * p));
        assert_true(sum[p] <= x->reg[p] / 1000);
    }
    uint32_t oldest, next, last = 0;
    pw_events_range(&x->ev, PW_EVENTS_GENERAL, &oldest, &next);
    for (uint32_t n = oldest; n < next; n++) {
        struct pw_event e;
        assert_int_equal(pw_events_read(&x->ev, PW_EVENTS_GENERAL, n, &e), PW_OK);
        if (e.kind != PW_EVENT_POWER_UP)
            continue;
        assert_true(e.occurrence == last + 1); /* all of them, in order: posted and saved at once */
        last = e.occurrence;
    }
    assert_int_equal(last, x->posted);
}

static void all_on_one_flash(void **state)
{
    (void)state;
    for (running = 1; running <= 150; running++) {
        struct meter *x = calloc(1, sizeof *x);
        uint64_t r = running;
        assert_non_null(x);
        x->m = fm_new(IV_SECTORS + 36, running);
        x->port = fm_port(x->m);
        x->utc = 840000000;
        x->m->bad_program[rnd(&r) % 56] = (uint8_t)(running % 3);
        power_up(x, 0);
        for (unsigned c = 0; c < 12; c++) {
            for (unsigned s = (unsigned)(rnd(&r) % 400); s > 0; s--) {
                x->utc += 1 + (uint32_t)(rnd(&r) % 40);
                x->reg[rnd(&r) % N_POINTS] += rnd(&r) % 100000000;
                for (unsigned k = (unsigned)(rnd(&r) % 9); k > 0; k--)
                    pass(x);
                if (x->ev.recovered && x->ev.n < 4 && rnd(&r) % 30 == 0) {
                    pw_events_post(&x->ev, PW_EVENT_POWER_UP, 0, 0, 0, x->utc, true);
                    x->posted++;
                    save(x);
                }
                if (rnd(&r) % 3 == 0)
                    save(x);
            }
            fm_cut(x->m);
            cuts_tried++;
            power_up(x, PW_INTERVAL_POWER_FAIL);
            if (rnd(&r) % 2 != 0)
                check(x);
        }
        check(x);
        free(x->m);
        free(x);
    }
}

static int show(void **state)
{
    (void)state;
    print_message("seed %llu, cuts %llu\n", (unsigned long long)running, (unsigned long long)cuts_tried);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(all_on_one_flash, show)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
