/* SPDX-License-Identifier: Apache-2.0 */
/* Event logs: each event once, whenever the power goes; the type A log is never overwritten; swarms; text. */
#include "t.h"

#include "events.h"
#include "flash_model.h"

#define GENERAL_SECTORS 40u
#define A_SECTORS       16u
#define MAX_ID          6000u

static uint64_t cuts_tried, running;

enum fate { UNKNOWN, POSTED, ACKED };

struct bench {
    struct flash_model *m;
    struct pw_flash_port port;
    struct pw_flash_dead dead;
    struct pw_events ev;
    uint8_t  copy[2][PW_EVENTS_BLOCK_B];
    uint32_t gen[2];
    uint32_t utc, n_ids;
    uint8_t  fate[MAX_ID];
    bool     in_a[MAX_ID];        /* there was room when it was posted */
    uint8_t  seen[MAX_ID], seen_a[MAX_ID];
};

static const uint32_t sectors[PW_N_EVENT_LOGS] = {GENERAL_SECTORS, A_SECTORS};

static void power_up(struct bench *b)
{
    for (uint32_t i = 0; i < b->n_ids; i++)
        b->fate[i] = b->fate[i] == POSTED ? UNKNOWN : b->fate[i]; /* may have gone with the power */
    assert_int_equal(pw_events_init(&b->ev, &b->port, &b->dead, 0, sectors), PW_OK);
    unsigned newer = b->gen[1] > b->gen[0];
    if (pw_events_unpack(&b->ev, b->copy[newer]) != PW_OK && pw_events_unpack(&b->ev, b->copy[!newer]) != PW_OK)
        b->ev.seen[0] = 0; /* never saved */
}

static struct bench *bench_new(uint64_t seed)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->m = fm_new(GENERAL_SECTORS + A_SECTORS, seed);
    b->port = fm_port(b->m);
    b->utc = 1000;
    power_up(b);
    return b;
}

static void bench_free(struct bench *b)
{
    free(b->m);
    free(b);
}

static void step(struct bench *b)
{
    (void)pw_events_step(&b->ev, b->utc, true);
    if (pw_events_idle(&b->ev))
        for (uint32_t i = 0; i < b->n_ids; i++)
            b->fate[i] = b->fate[i] == POSTED ? ACKED : b->fate[i];
}

static void drain(struct bench *b)
{
    for (unsigned i = 0; i < 400000 && !(pw_events_idle(&b->ev) && b->m->op == 0 && b->ev.log[0].data == NULL); i++) {
        step(b);
        if (pw_events_idle(&b->ev))
            (void)fm_busy(b->m);
    }
    assert_true(pw_events_idle(&b->ev));
}

static void post(struct bench *b, enum pw_event_kind kind)
{
    assert_true(b->n_ids < MAX_ID);
    b->in_a[b->n_ids] = b->ev.recovered && (pw_event_class(kind) & PW_EVENT_TYPE_A) != 0 && !pw_events_a_full(&b->ev);
    b->fate[b->n_ids] = POSTED;
    pw_events_post(&b->ev, kind, 3, (int64_t)b->n_ids, -(int64_t)b->n_ids, b->utc, true);
    b->n_ids++;
}

/* The block to the older copy; `torn`: only so many bytes arrive. */
static void save(struct bench *b, unsigned bytes)
{
    uint8_t block[PW_EVENTS_BLOCK_B];
    unsigned older = b->gen[1] <= b->gen[0];
    pw_events_pack(&b->ev, block);
    memcpy(b->copy[older], block, bytes);
    if (bytes < PW_EVENTS_BLOCK_B) {
        b->copy[older][bytes] ^= 0x55;
        return;
    }
    b->gen[older] = b->gen[!older] + 1;
    for (unsigned i = 0; i < b->ev.n; i++) { /* what is in the block is safe */
        const struct pw_event *e = &b->ev.queue[i];
        if (e->occurrence != 0 && e->kind != PW_EVENT_FLASH && e->kind != PW_EVENT_LOG_FULL && e->kind != PW_EVENT_LOST)
            b->fate[e->old_value] = ACKED;
    }
}

static void tally(struct bench *b, enum pw_event_log log, uint8_t *seen)
{
    uint32_t oldest, next, occurrence[PW_EVENTS_KINDS] = {0};
    pw_events_range(&b->ev, log, &oldest, &next);
    memset(seen, 0, MAX_ID);
    for (uint32_t n = oldest; n < next; n++) {
        struct pw_event e;
        assert_int_equal(pw_events_read(&b->ev, log, n, &e), PW_OK);
        assert_true(e.kind > PW_EVENT_NONE && e.kind < PW_N_EVENTS);
        if (log == PW_EVENTS_GENERAL)
            assert_true(e.occurrence > occurrence[e.kind]); /* none twice, none out of order */
        occurrence[e.kind] = e.occurrence;
        if (e.kind == PW_EVENT_FLASH || e.kind == PW_EVENT_LOG_FULL || e.kind == PW_EVENT_LOST)
            continue;
        assert_true(e.old_value >= 0 && e.old_value < b->n_ids && e.new_value == -e.old_value && e.index == 3);
        seen[e.old_value]++;
    }
}

static void check(struct bench *b)
{
    drain(b);
    tally(b, PW_EVENTS_GENERAL, b->seen);
    tally(b, PW_EVENTS_A, b->seen_a);
    for (uint32_t i = 0; i < b->n_ids; i++) {
        assert_in_range(b->seen[i], b->fate[i] == ACKED ? 1 : 0, 1);
        assert_true(b->seen_a[i] <= 1);
        if (b->in_a[i])
            assert_in_range(b->seen_a[i], b->fate[i] == ACKED ? 1 : 0, 1);
        if (b->seen[i])
            b->fate[i] = ACKED; /* now it must stay */
    }
}

static void random_run(uint64_t seed)
{
    static const uint8_t kinds[] = {PW_EVENT_POWER_UP, PW_EVENT_DEMAND_RESET, PW_EVENT_PROGRAMMED, PW_EVENT_SEAL_OPENED, PW_EVENT_TIME_SET};
    struct bench *b = bench_new(seed);
    uint64_t r = seed + 99;
    if (seed % 4 == 0)
        b->m->bad_erase[rnd(&r) % GENERAL_SECTORS] = true, b->m->bad_program[rnd(&r) % GENERAL_SECTORS] = 1;
    for (unsigned c = 0; c < 10; c++) {
        unsigned steps = (unsigned)(rnd(&r) % (rnd(&r) % 3 == 0 ? 40 : 1500));
        for (unsigned i = 0; i < steps; i++) {
            if (b->ev.n < PW_EVENTS_QUEUE - 4 && rnd(&r) % 12 == 0)
                post(b, kinds[rnd(&r) % sizeof kinds]);
            if (rnd(&r) % 40 == 0)
                save(b, PW_EVENTS_BLOCK_B);
            step(b);
        }
        if (rnd(&r) % 3 == 0) /* the power goes in the middle of a save */
            save(b, (unsigned)(rnd(&r) % PW_EVENTS_BLOCK_B));
        fm_cut(b->m);
        cuts_tried++;
        power_up(b);
        if (rnd(&r) % 2 != 0)
            check(b);
    }
    check(b);
    bench_free(b);
}

static void each_event_once(void **state)
{
    (void)state;
    for (running = 1; running <= 700; running++)
        random_run(running);
}

static int show(void **state)
{
    (void)state;
    print_message("seed %llu, cuts %llu\n", (unsigned long long)running, (unsigned long long)cuts_tried);
    return 0;
}

static void cut_in_every_step(void **state)
{
    (void)state;
    for (unsigned k = 0, done = 0; !done; k++) {
        running = 5000 + k;
        struct bench *b = bench_new(5000 + k);
        unsigned n = 0;
        for (unsigned steps = 0; steps < k && !done; steps++) {
            if (b->ev.recovered && b->ev.n < 3 && n < 90)
                post(b, n++ % 2 ? PW_EVENT_PROGRAMMED : PW_EVENT_SAG);
            if (steps % 25 == 24)
                save(b, PW_EVENTS_BLOCK_B);
            step(b);
            done = n == 90 && pw_events_idle(&b->ev);
        }
        fm_cut(b->m);
        cuts_tried++;
        power_up(b);
        check(b);
        bench_free(b);
    }
}

static void type_a_is_never_overwritten(void **state)
{
    (void)state;
    struct bench *b = bench_new(1);
    drain(b);
    for (unsigned i = 0; i < PW_EVENTS_A_CAPACITY; i++) {
        assert_false(pw_events_a_full(&b->ev));
        post(b, PW_EVENT_PROGRAMMED);
        drain(b);
    }
    assert_true(pw_events_a_full(&b->ev));
    for (unsigned i = 0; i < 3000; i++) { /* neither by general events nor by more of its own */
        post(b, i % 10 == 0 ? PW_EVENT_FIRMWARE : PW_EVENT_DEMAND_RESET);
        drain(b);
        if (i % 500 == 0) {
            save(b, PW_EVENTS_BLOCK_B);
            fm_cut(b->m);
            power_up(b);
            drain(b);
        }
    }
    uint32_t oldest, next;
    struct pw_event e;
    pw_events_range(&b->ev, PW_EVENTS_A, &oldest, &next);
    assert_int_equal(next - oldest, PW_EVENTS_A_CAPACITY);
    for (uint32_t n = oldest; n < next; n++) {
        assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_A, n, &e), PW_OK);
        assert_int_equal(e.old_value, n - oldest);
    }
    pw_events_range(&b->ev, PW_EVENTS_GENERAL, &oldest, &next);
    assert_true(next - oldest >= pw_flashlog_capacity(GENERAL_SECTORS, PW_EVENT_RECORD_B) && next - oldest > 500);
    unsigned full = 0;
    for (uint32_t n = oldest; n < next; n++) {
        assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_GENERAL, n, &e), PW_OK);
        full += e.kind == PW_EVENT_LOG_FULL;
    }
    assert_true(full <= 1);
    assert_int_equal(b->ev.count[PW_EVENT_LOG_FULL], 1); /* told once */
    pw_events_clear_a(&b->ev, b->utc, true);
    drain(b);
    assert_false(pw_events_a_full(&b->ev));
    pw_events_range(&b->ev, PW_EVENTS_A, &oldest, &next);
    assert_int_equal(next - oldest, 1);
    assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_A, oldest, &e), PW_OK);
    assert_int_equal(e.kind, PW_EVENT_LOG_CLEARED);
    assert_int_equal(e.old_value, PW_EVENTS_A_CAPACITY);
    memset(b->copy, 0, sizeof b->copy); /* and without the block too */
    power_up(b);
    drain(b);
    pw_events_range(&b->ev, PW_EVENTS_A, &oldest, &next);
    assert_int_equal(next - oldest, 1);
    assert_int_equal(b->ev.count[PW_EVENT_LOG_CLEARED], 1);
    bench_free(b);
}

static void type_a_may_roll(void **state)
{
    (void)state;
    struct bench *b = bench_new(2);
    b->ev.a_rolls = true;
    drain(b);
    for (unsigned i = 0; i < 200; i++) {
        post(b, PW_EVENT_PROGRAMMED);
        drain(b);
    }
    uint32_t oldest, next;
    struct pw_event e;
    pw_events_range(&b->ev, PW_EVENTS_A, &oldest, &next);
    assert_int_equal(next - oldest, PW_EVENTS_A_CAPACITY);
    assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_A, next - 1, &e), PW_OK);
    assert_int_equal(e.old_value, 199);
    assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_A, oldest - 1, &e), PW_ERR_RANGE);
    bench_free(b);
}

static void swarms_are_counted(void **state)
{
    (void)state;
    struct bench *b = bench_new(3);
    drain(b);
    for (unsigned i = 0; i < 1000; i++) {
        pw_events_post(&b->ev, PW_EVENT_SAG, 3, 0, 0, b->utc, true);
        drain(b);
    }
    assert_int_equal(b->ev.lost_ever, 1000 - 240);
    for (unsigned i = 0; i < 100; i++, b->utc++)
        drain(b), step(b);
    drain(b);
    uint32_t oldest, next;
    struct pw_event e;
    pw_events_range(&b->ev, PW_EVENTS_GENERAL, &oldest, &next);
    assert_int_equal(next - oldest, 241);
    assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_GENERAL, next - 1, &e), PW_OK);
    assert_int_equal(e.kind, PW_EVENT_LOST);
    assert_int_equal(e.new_value, 760);
    pw_events_post(&b->ev, PW_EVENT_SAG, 3, 0, 0, b->utc, true);
    drain(b);
    assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_GENERAL, next, &e), PW_OK);
    assert_int_equal(e.occurrence, 1001); /* the numbers say how many were not kept */
    bench_free(b);
}

static void a_full_queue_is_told(void **state)
{
    (void)state;
    struct bench *b = bench_new(4);
    drain(b);
    for (unsigned i = 0; i < 20; i++)
        pw_events_post(&b->ev, PW_EVENT_SEAL_OPENED, 0, 0, 0, b->utc, true);
    drain(b);
    for (unsigned i = 0; i < 10; i++)
        step(b);
    drain(b);
    uint32_t oldest, next;
    struct pw_event e;
    pw_events_range(&b->ev, PW_EVENTS_GENERAL, &oldest, &next);
    assert_int_equal(next - oldest, PW_EVENTS_QUEUE + 1);
    assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_GENERAL, next - 1, &e), PW_OK);
    assert_int_equal(e.new_value, 20 - PW_EVENTS_QUEUE);
    bench_free(b);
}

static void numbers_survive_the_loss_of_the_block(void **state)
{
    (void)state;
    struct bench *b = bench_new(6);
    drain(b);
    for (unsigned i = 0; i < 50; i++) {
        post(b, i % 5 == 0 ? PW_EVENT_PROGRAMMED : PW_EVENT_DEMAND_RESET);
        drain(b);
    }
    memset(b->copy, 0xFF, sizeof b->copy);
    power_up(b);
    assert_true(pw_events_a_full(&b->ev)); /* not known yet: no programming */
    post(b, PW_EVENT_PROGRAMMED); /* before recovery */
    drain(b);
    assert_int_equal(b->ev.count[PW_EVENT_DEMAND_RESET], 40);
    assert_int_equal(b->ev.count[PW_EVENT_PROGRAMMED], 11);
    check(b);
    assert_int_equal(b->seen_a[50], 1);
    bench_free(b);
}

static void flash_faults_become_events(void **state)
{
    (void)state;
    struct bench *b = bench_new(7);
    b->m->bad_program[1] = 1;
    drain(b);
    for (unsigned i = 0; i < 200; i++) {
        post(b, PW_EVENT_DEMAND_RESET);
        drain(b);
    }
    assert_int_equal(b->ev.count[PW_EVENT_FLASH], 1);
    b->m->mem[256] ^= 1; /* the first record, in sector 0 */
    struct pw_event e;
    assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_GENERAL, 1, &e), PW_ERR_CRC);
    assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_GENERAL, 1, &e), PW_ERR_CRC);
    drain(b);
    assert_int_equal(b->ev.count[PW_EVENT_FLASH], 2); /* once, not each time somebody looks */
    uint32_t oldest, next;
    pw_events_range(&b->ev, PW_EVENTS_GENERAL, &oldest, &next);
    assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_GENERAL, next - 1, &e), PW_OK);
    assert_int_equal(e.kind, PW_EVENT_FLASH);
    assert_int_equal(e.index, PW_FLASHLOG_CORRUPT);
    assert_int_equal(e.new_value, 1);
    for (uint32_t n = 2; n < next; n++)
        assert_int_equal(pw_events_read(&b->ev, PW_EVENTS_GENERAL, n, &e), PW_OK);
    bench_free(b);
}

static void a_flash_that_is_dead(void **state)
{
    (void)state;
    struct bench *b = bench_new(9);
    memset(b->m->bad_program, 1, sizeof b->m->bad_program);
    drain(b);
    assert_false(pw_events_a_full(&b->ev));
    post(b, PW_EVENT_PROGRAMMED);
    drain(b); /* given up, not waited for */
    assert_true(pw_flashlog_faulted(&b->ev.log[PW_EVENTS_A]) && pw_flashlog_faulted(&b->ev.log[PW_EVENTS_GENERAL]));
    assert_true(b->ev.lost_ever > 0);
    assert_true(pw_events_a_full(&b->ev)); /* nothing can be logged: nothing may be programmed */
    bench_free(b);
}

static void blocks_that_are_none(void **state)
{
    (void)state;
    struct bench *b = bench_new(8);
    uint8_t block[PW_EVENTS_BLOCK_B];
    drain(b);
    pw_events_pack(&b->ev, block);
    for (unsigned i = 0; i < PW_EVENTS_BLOCK_B; i++) {
        block[i] ^= (uint8_t)(1u << i % 8);
        assert_int_not_equal(pw_events_unpack(&b->ev, block), PW_OK);
        block[i] ^= (uint8_t)(1u << i % 8);
    }
    assert_int_equal(pw_events_unpack(&b->ev, block), PW_OK);
    bench_free(b);
}

static void texts(void **state)
{
    (void)state;
    char s[128];
    struct pw_text t;
    struct pw_event e = {PW_EVENT_SAG, PW_EVENT_CLOCK_OK, 2, 846517464, 12, 340, -81200};
    pw_text_init(&t, s, sizeof s);
    pw_event_lcd(&t, &e);
    assert_string_equal(s, "Sag               12");
    pw_text_init(&t, s, sizeof s);
    pw_event_text(&t, &e);
    assert_string_equal(s, "Sag #12 2026-10-28 15:44:24 index 2 old 340 new -81200");
    e.flags = 0;
    e.kind = 200;
    pw_text_init(&t, s, sizeof s);
    pw_event_text(&t, &e);
    assert_string_equal(s, "? #12 2026-10-28 15:44:24? index 2 old 340 new -81200");
    for (unsigned k = 0; k < PW_N_EVENTS; k++) {
        e = (struct pw_event){(uint8_t)k, 0, 0, 0, UINT32_MAX, 0, 0};
        pw_text_init(&t, s, sizeof s);
        pw_event_lcd(&t, &e);
        assert_int_equal(strlen(s), 20);
        assert_string_equal(s + 9, " 4294967295");
        assert_true(strlen(pw_event_name(k)) <= 14);
        for (unsigned j = 0; j < k; j++)
            assert_string_not_equal(pw_event_name(k), pw_event_name(j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(each_event_once, show), cmocka_unit_test_teardown(cut_in_every_step, show), cmocka_unit_test(type_a_is_never_overwritten),
        cmocka_unit_test(type_a_may_roll), cmocka_unit_test(swarms_are_counted), cmocka_unit_test(a_full_queue_is_told),
        cmocka_unit_test(numbers_survive_the_loss_of_the_block), cmocka_unit_test(flash_faults_become_events),
        cmocka_unit_test(a_flash_that_is_dead), cmocka_unit_test(blocks_that_are_none), cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
