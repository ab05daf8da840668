/* SPDX-License-Identifier: Apache-2.0 */
/* Closed billing periods in flash: the last record of each part counts, also where closes were begun again after power cuts, and is found at once. */
#include "t.h"

#include <stdio.h>

#include "bytes.h"
#include "closes.h"
#include "flash_model.h"

#define SECTORS 12u
#define POINTS  9u
#define PARTS   5u
#define CLOSES  60u

static struct flash_model *m;
static struct pw_flash_port port;
static struct pw_flash_dead dead;
static struct pw_closes c;
static uint32_t written[CLOSES][POINTS][PARTS]; /* value of the last record; 0: none */
static uint32_t values;

static void mount(void)
{
    assert_int_equal(pw_closes_init(&c, &port, &dead, 0, SECTORS, 3), PW_OK);
    for (unsigned i = 0; i < 100000 && !pw_flashlog_mounted(&c.log); i++)
        if (!pw_closes_step(&c))
            (void)fm_busy(m);
    assert_true(pw_flashlog_mounted(&c.log));
}

/* Length of a part: different ones, as registers and peaks have. */
static size_t length_of(unsigned part)
{
    return 40 + 20 * part;
}

static void put(unsigned close, unsigned point, unsigned part)
{
    uint8_t data[PW_SLOW_BLOCK_B];
    int err = PW_ERR_STATE;
    values++;
    memset(data, (int)(values & 0xFF), sizeof data);
    pw_put_le32(data, values);
    for (unsigned i = 0; i < 5000 && err == PW_ERR_STATE; i++) {
        err = pw_closes_put(&c, close, point, part, 1000 + close, data, length_of(part));
        if (!pw_closes_step(&c))
            (void)fm_busy(m);
    }
    assert_int_equal(err, PW_OK);
    written[close][point][part] = values;
}

static void quiet(void)
{
    for (unsigned i = 0; i < 1000 && (pw_closes_step(&c) || m->op != 0); i++)
        (void)fm_busy(m);
}

/* Every part of every close that is all there, and of the one that is not. @return most flash reads that a part took */
static uint64_t check(unsigned newest, bool at_once)
{
    unsigned oldest, last;
    uint64_t most = 0;
    quiet();
    assert_int_equal(pw_closes_range(&c, &oldest, &last), PW_OK);
    assert_int_equal(last, newest);
    for (unsigned k = oldest; k <= last; k++)
        for (unsigned p = 0; p < POINTS; p++)
            for (unsigned q = 0; q < PARTS; q++) {
                struct pw_close_part h;
                uint8_t data[PW_SLOW_BLOCK_B];
                uint64_t before = m->n_reads;
                int err = pw_closes_read(&c, k, p, q, &h, data);
                if (err == PW_OK && at_once)
                    most = m->n_reads - before > most ? m->n_reads - before : most;
                if (written[k][p][q] == 0) {
                    assert_int_equal(err, PW_ERR_RANGE);
                    continue;
                }
                assert_int_equal(err, PW_OK);
                assert_true(h.close == k && h.point == p && h.part == q && h.utc_s == 1000 + k && h.length == length_of(q));
                assert_int_equal(pw_get_le32(data), written[k][p][q]);
            }
    return most;
}

static void run(uint64_t seed, bool interrupted)
{
    unsigned since = 0;
    uint64_t most = 0;
    memset(&c, 0, sizeof c);
    memset(&dead, 0, sizeof dead);
    memset(written, 0, sizeof written);
    m = fm_new(SECTORS, seed * 2 + 1);
    port = fm_port(m);
    mount();
    for (unsigned close = 1; close < CLOSES; close++) {
        while (interrupted && rnd(&seed) % 3 == 0) { /* some of it, then the power fails */
            unsigned n = 1 + (unsigned)(rnd(&seed) % (POINTS * PARTS));
            for (unsigned i = 0; i < n; i++)
                put(close, i / PARTS, i % PARTS);
            if (rnd(&seed) % 2 == 0)
                (void)check(close, false);
            fm_cut(m);
            mount();
            since++;
        }
        for (unsigned i = 0; i < POINTS * PARTS; i++)
            put(close, i / PARTS, i % PARTS);
        if (close % 3 == 0)
            most = check(close, true);
    }
    if (!interrupted) {
        printf("flash reads for a part, at most: %u\n", (unsigned)most);
        assert_true(most < 150); /* one by one it would be more than 200 */
    } else {
        assert_true(since > 10);
    }
    free(m);
}

static void whole_closes_are_found_at_once(void **state)
{
    (void)state;
    run(1, false);
}

static void the_last_record_of_a_part_counts(void **state)
{
    (void)state;
    for (uint64_t seed = 2; seed < 12; seed++)
        run(seed, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_closes_are_found_at_once),
        cmocka_unit_test(the_last_record_of_a_part_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
