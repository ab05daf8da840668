/* SPDX-License-Identifier: Apache-2.0 */
/* Billing over Modbus: what is read is what the books hold, whichever way it is read; what is written gets there or is refused, and logged. */
#include "books_world.h"
#include "fram_map.h"

#include "bytes.h"

/* Address of a register: base of its block + stride x item + offset, out of the map's own source. */
enum { ONE = 1, NV = 3, NCT = W_CT, NPOINTS = W_CT, N3 = 3, N4 = 4, N5 = 5, N8 = 8, N13 = 13, N16 = 16, N32 = 32, N50 = 50, N120 = 120, NREGS = 8 * W_CT,
       NDEMANDS = 3 * W_CT };
struct block { uint16_t base, stride, items; };
static const struct block blocks[] = {
#define BLOCK(name, base, stride, items, owner, title) {base, stride, items},
#define REG(block, off, type, access, value, name, unit, text)
#define RES(block, off)
#include "modbus_map.def"
#undef BLOCK
#undef REG
};
enum {
#define BLOCK(name, base, stride, items, owner, title) A_##name = base, STRIDE_##name = stride,
#define REG(block, off, type, access, value, name, unit, text) A_##block##_##value = A_##block + off,
#include "modbus_map.def"
#undef BLOCK
#undef REG
#undef RES
};

static uint64_t reg(unsigned addr, unsigned words)
{
    uint8_t raw[8];
    uint64_t v = 0;
    assert_int_equal(pw_modbus_map_read(&w.map, (uint16_t)addr, (uint16_t)words, raw), PW_MB_OK);
    for (unsigned i = 0; i < words; i++)
        v = v << 16 | pw_get_be16(raw + 2 * i);
    return v;
}

static int put(unsigned addr, unsigned words, uint64_t v)
{
    uint8_t raw[8];
    for (unsigned i = 0; i < words; i++)
        pw_put_be16(raw + 2 * i, (uint16_t)(v >> 16 * (words - 1 - i)));
    return pw_modbus_map_write(&w.map, (uint16_t)addr, (uint16_t)words, raw);
}

static unsigned refusals(void)
{
    return w.b.events.count[PW_EVENT_REFUSED];
}

/* Every rate of every register of every point, against billing itself; and they add up. */
static void registers_are_those_of_billing(void **state)
{
    (void)state;
    for (unsigned turn = 0; turn < 4; turn++) {
        w_set_time(NOON - 1 + 6 * 3600 * turn); /* rate 1 to 2 to 1, and so on */
        w_seconds(2);
        for (unsigned p = 0; p < W_CT; p++)
            for (unsigned q = 0; q < PW_N_TQ; q++) {
                unsigned at = A_REGISTER + STRIDE_REGISTER * (8 * p + q);
                uint64_t sum = 0, v;
                for (unsigned r = 0; r < 8; r++) {
                    uint64_t got = reg(at + 4 + 4 * r, 4);
                    sum += got;
                    if (r < w.b.program.n_rates) {
                        assert_int_equal(pw_billing_register(&w.b.billing, p, q, r, &v), PW_OK);
                        assert_true(got == v);
                        assert_int_equal(reg(at + 42 + 2 * r, 2), pw_register_shown(v, w.b.program.digits, w.b.program.decimals));
                    } else {
                        assert_int_equal(got, 0);
                    }
                }
                assert_int_equal(pw_billing_register(&w.b.billing, p, q, PW_RATE_ALL, &v), PW_OK);
                assert_true(reg(at, 4) == v && v == sum && v == pw_points_total(&w.points, p, q));
                assert_int_equal(reg(at + 58, 1), 1);
            }
    }
    int64_t net;
    assert_int_equal(pw_billing_net(&w.b.billing, 3, true, PW_RATE_ALL, &net), PW_OK);
    assert_true(net < 0 && (int64_t)reg(A_REGISTER_B_NET + STRIDE_REGISTER * (8 * 3 + 2), 4) == net);
    assert_true(reg(A_REGISTER_B_RATE2 + STRIDE_REGISTER * 8 * 3, 4) > 0);
}

/* Any part of any block, from any register, is the same as its registers one by one. The meter stands still meanwhile. */
static void any_part_of_the_map_reads_the_same(void **state)
{
    (void)state;
    static uint8_t all[0x10000][2];
    uint8_t part[250];
    w_set_time(NOON + 299);
    w_seconds(3);
    assert_int_equal(put(A_INTERVAL_OF_IV_SELECT, 2, w.b.intervals.log.next - 1), PW_MB_OK);
    assert_int_equal(put(A_EVENT_OF_EV_FIRST, 2, 1), PW_MB_OK);
    assert_int_equal(pw_books_close(&w.b), PW_OK);
    w_seconds(20);
    assert_int_equal(put(A_CLOSE_CL_SELECT, 1, 1), PW_MB_OK);
    for (unsigned b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
        unsigned n = (unsigned)blocks[b].stride * blocks[b].items, base = blocks[b].base;
        if (base >= 20000 && base < 60000 && n > 2000)
            n = 2000; /* the first points */
        for (unsigned a = 0; a < n; a++)
            assert_int_equal(pw_modbus_map_read(&w.map, (uint16_t)(base + a), 1, all[base + a]), PW_MB_OK);
        for (unsigned i = 0; i < 60; i++) {
            unsigned from = (unsigned)(rnd(&w.seed) % n), qty = 1 + (unsigned)(rnd(&w.seed) % 125);
            qty = qty < n - from ? qty : n - from;
            assert_int_equal(pw_modbus_map_read(&w.map, (uint16_t)(base + from), (uint16_t)qty, part), PW_MB_OK);
            assert_memory_equal(part, all[base + from], 2 * qty);
        }
    }
}

static void demand_peaks_and_past_ones(void **state)
{
    (void)state;
    w_set_time(NOON + 895);
    w_seconds(10);
    for (unsigned p = 0; p < W_CT; p++)
        for (unsigned k = 0; k < 3; k++) {
            unsigned at = A_DEMAND + STRIDE_DEMAND * (3 * p + k);
            bool is_there = k < 2;
            assert_int_equal(reg(at + A_DEMAND_D_HAS - A_DEMAND, 1), is_there);
            if (!is_there)
                continue;
            struct pw_peak peak = pw_demand_peak(&w.b.demand, p, k);
            assert_true(reg(at, 4) == pw_demand_present_mw(&w.b.demand, p, k));
            assert_true(reg(at + 4, 4) == pw_demand_previous_mw(&w.b.demand, p, k));
            assert_true(reg(at + 9, 4) == pw_peak_mw(&peak));
            for (unsigned r = 0; r < w.b.program.n_rates; r++) {
                struct pw_peak in_rate;
                assert_int_equal(pw_billing_rate_peak(&w.b.billing, p, k, r, &in_rate), PW_OK);
                assert_true(reg(A_DEMAND_D_RATE1 - A_DEMAND + at + 6 * r, 4) == pw_peak_mw(&in_rate));
                assert_int_equal(reg(A_DEMAND_D_UTC1 - A_DEMAND + at + 6 * r, 2), in_rate.utc_s);
            }
            if (k == 0) { /* the window of a sliding demand is not full yet */
                assert_true(pw_peak_mw(&peak) > 0 && peak.utc_s == NOON + 900);
                assert_int_equal(reg(at + 13, 2), peak.utc_s);
                assert_int_equal(reg(at + 15, 1), 2);
                assert_true(reg(A_DEMAND_D_RATE2 - A_DEMAND + at, 4) == pw_peak_mw(&peak));
                assert_int_equal(reg(A_DEMAND_D_UTC2 - A_DEMAND + at, 2), NOON + 900);
            }
        }
    struct pw_peak before = pw_demand_peak(&w.b.demand, 7, 0);
    assert_int_equal(put(A_ASK_RESET_DEMAND, 1, 2), PW_MB_ILLEGAL_VALUE);
    assert_int_equal(put(A_ASK_RESET_DEMAND, 1, 1), PW_MB_OK);
    w_seconds(3);
    assert_int_equal(put(A_ASK_RESET_DEMAND, 1, 1), PW_MB_BUSY); /* locked out */
    assert_int_equal((int16_t)reg(A_ASK_RESULT, 1), PW_ERR_STATE);
    assert_int_equal(put(A_PAST_OF_PAST_POINT, 1, W_CT), PW_MB_ILLEGAL_VALUE);
    assert_int_equal(put(A_PAST_OF_PAST_POINT, 1, 7), PW_MB_OK);
    assert_int_equal(reg(A_PAST_OF_PAST_N, 1), 13);
    assert_true(reg(A_PAST_PAST_PEAK, 4) == pw_peak_mw(&before));
    assert_int_equal(reg(A_PAST_PAST_UTC, 2), NOON + 900);
    assert_int_equal(reg(A_PAST_PAST_RATE, 1), 2);
    assert_int_equal(reg(A_PAST + 8, 4), 0);
    unsigned at = A_DEMAND + STRIDE_DEMAND * 21;
    assert_true(reg(A_DEMAND_D_CUMULATIVE - A_DEMAND + at, 4) == pw_peak_mw(&before));
    assert_true(reg(A_DEMAND_D_CONTINUOUS - A_DEMAND + at, 4) == pw_peak_mw(&before) + reg(at + 9, 4));
    assert_int_equal(reg(A_BOOKS_RESETS, 1), 1);
    assert_true(reg(A_BOOKS_LOCK, 2) > 590 && reg(A_BOOKS_LOCK, 2) <= 600);
}

/* What is not known now is not read as 0. */
static void busy_is_an_exception_not_a_zero(void **state)
{
    (void)state;
    uint8_t raw[250];
    w_set_time(NOON + 299);
    w_seconds(3);
    assert_int_equal(pw_modbus_map_read(&w.map, A_INTERVALS, 2, raw), PW_MB_OK);
    put(A_INTERVAL_OF_IV_SELECT, 2, 1);
    w.flash->op = 'E'; /* an erase runs */
    w.flash->polls = 1000;
    assert_int_equal(pw_modbus_map_read(&w.map, A_INTERVAL, 122, raw), PW_MB_BUSY);
    assert_int_equal(pw_modbus_map_read(&w.map, A_EVENT, 24, raw), PW_MB_OK); /* event 0: not in any log */
    put(A_EVENT_OF_EV_FIRST, 2, 1);
    assert_int_equal(pw_modbus_map_read(&w.map, A_EVENT, 24, raw), PW_MB_BUSY);
    assert_int_equal(pw_modbus_map_read(&w.map, A_REGISTER, 63, raw), PW_MB_OK); /* in FRAM */
    w.flash->op = 0;
    assert_int_equal(pw_modbus_map_read(&w.map, A_INTERVAL, 122, raw), PW_MB_OK);
    w.flash->io_fail = 1;
    assert_int_equal(pw_modbus_map_read(&w.map, A_INTERVAL, 122, raw), PW_MB_DEVICE_FAILURE);
    w.flash->io_fail = 0;
    w.f.no_fram = true;
    assert_int_equal(pw_modbus_map_read(&w.map, A_REGISTER, 63, raw), PW_MB_DEVICE_FAILURE);
    w.f.no_fram = false;
    assert_int_equal(pw_modbus_map_read(&w.map, A_REGISTER, 63, raw), PW_MB_OK);
    w_power_up(NOON); /* nothing has been looked at yet */
    assert_int_equal(pw_modbus_map_read(&w.map, A_REGISTER, 63, raw), PW_MB_BUSY);
    assert_int_equal(pw_modbus_map_read(&w.map, A_INTERVALS, 4, raw), PW_MB_BUSY);
    assert_int_equal(pw_modbus_map_read(&w.map, A_EVENTS, 2, raw), PW_MB_BUSY);
    assert_int_equal(pw_modbus_map_read(&w.map, A_BOOKS, 54, raw), PW_MB_OK);
    assert_int_equal(reg(A_BOOKS_STATUS, 1) & 1, 0);
    w.b.kept = false; /* a FRAM that is too small for billing */
    assert_int_equal(pw_modbus_map_read(&w.map, A_REGISTER, 63, raw), PW_MB_DEVICE_FAILURE);
    assert_int_equal(pw_modbus_map_read(&w.map, A_PAST_OF, 108, raw), PW_MB_DEVICE_FAILURE);
    static const struct pw_view nothing;
    w.map.view = &nothing;
    assert_int_equal(pw_modbus_map_read(&w.map, A_REGISTER, 63, raw), PW_MB_OK);
    assert_int_equal(put(A_ASK_RESET_DEMAND, 1, 1), PW_MB_DEVICE_FAILURE);
}

static void events_read_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        pw_books_event(&w.b, PW_EVENT_SCHEDULE, i, -(int64_t)rnd(&w.seed) / 3, (int64_t)(rnd(&w.seed) / 3));
        w_work();
    }
    for (unsigned log = 0; log < 2; log++) {
        uint32_t oldest, next;
        pw_events_range(&w.b.events, (enum pw_event_log)log, &oldest, &next);
        assert_int_equal(reg(A_EVENTS + 4 * log, 2), oldest);
        assert_int_equal(reg(A_EVENTS + 4 * log + 2, 2), next);
        assert_int_equal(put(A_EVENT_OF_EV_LOG, 1, log), PW_MB_OK);
        assert_true(next > oldest);
        for (uint32_t first = oldest; first < next + 7; first += 5) {
            assert_int_equal(put(A_EVENT_OF_EV_FIRST, 2, first), PW_MB_OK);
            for (unsigned i = 0; i < 5; i++) {
                struct pw_event e;
                unsigned at = A_EVENT + STRIDE_EVENT * i;
                assert_int_equal(reg(at, 2), first + i);
                assert_int_equal(reg(at + 2, 1), first + i < next ? PW_RECORD_HERE : PW_RECORD_NOT_YET);
                if (first + i >= next)
                    continue;
                assert_int_equal(pw_events_read(&w.b.events, (enum pw_event_log)log, first + i, &e), PW_OK);
                assert_int_equal(reg(at + 3, 1), e.kind);
                assert_int_equal(reg(at + 5, 1), e.index);
                assert_int_equal(reg(at + 6, 2), e.utc_s);
                assert_int_equal(reg(at + 8, 2), e.occurrence);
                assert_true((int64_t)reg(at + 10, 4) == e.old_value && (int64_t)reg(at + 14, 4) == e.new_value);
            }
        }
    }
    assert_int_equal(put(A_EVENT_OF_EV_LOG, 1, 2), PW_MB_ILLEGAL_VALUE);
    put(A_EVENT_OF_EV_LOG, 1, 0);
    w.b.events.log[0].oldest = 9; /* as if the ring had been round */
    put(A_EVENT_OF_EV_FIRST, 2, 8);
    assert_int_equal(reg(A_EVENT + 2, 1), PW_RECORD_GONE);
    assert_int_equal(reg(A_EVENT + STRIDE_EVENT + 2, 1), PW_RECORD_HERE);
}

static void spoil(const uint8_t *what, size_t len)
{
    for (size_t i = 0; i + len < FM_SECTORS * PW_FLASH_SECTOR_B; i++)
        if (memcmp(w.flash->mem + i, what, len) == 0)
            w.flash->mem[i + len - 1] ^= 1;
}

static void intervals_read_back(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 6; i++) {
        w_set_time(NOON + 300 * i - 1);
        w_seconds(3);
    }
    uint32_t next = w.b.intervals.log.next;
    assert_true(next > 7);
    assert_int_equal(reg(A_INTERVALS_IV_NEXT, 2), next);
    for (uint32_t n = 1; n < next + 2; n++) {
        uint8_t raw[PW_INTERVAL_MAX_B];
        struct pw_interval r;
        assert_int_equal(put(A_INTERVAL_OF_IV_SELECT, 2, n), PW_MB_OK);
        assert_int_equal(reg(A_INTERVAL, 2), n);
        assert_int_equal(reg(A_INTERVAL + 2, 1), n < next ? PW_RECORD_HERE : PW_RECORD_NOT_YET);
        assert_int_equal(reg(A_INTERVAL_VN, 2), n);
        if (n >= next)
            continue;
        assert_int_equal(pw_intervals_read(&w.b.intervals, n, &r, raw, sizeof raw), PW_OK);
        assert_int_equal(r.n_points, W_CT);
        for (unsigned page = 0; page < 4; page++) {
            unsigned at = A_INTERVAL + STRIDE_INTERVAL * page;
            assert_int_equal(reg(at + 3, 2), r.seq);
            assert_int_equal(reg(at + 5, 2), r.end_utc_s);
            assert_int_equal(reg(at + 9, 1), r.flags);
            for (unsigned i = 0; i < 54; i++) {
                unsigned k = 54 * page + i;
                assert_int_equal(reg(at + 14 + 2 * i, 2), pw_interval_value(&r, raw, sizeof raw, k / W_CT, k % W_CT));
            }
        }
        for (unsigned v = 0; v < PW_N_V && (r.channels & PW_INTERVAL_VOLTS) != 0; v++) {
            uint32_t low, high;
            assert_true(pw_interval_volts(&r, raw, sizeof raw, v, &low, &high));
            assert_int_equal(reg(A_INTERVAL_V + 4 * v, 2), low);
            assert_int_equal(reg(A_INTERVAL_V + 4 * v + 2, 2), high);
        }
        if (n == next - 1) { /* last one: damaged */
            spoil(raw, 60);
            assert_int_equal(reg(A_INTERVAL + 2, 1), PW_RECORD_DAMAGED);
            assert_int_equal(reg(A_INTERVAL + 14, 4), 0);
        }
    }
}

/* Random changes of single registers: what is taken passes the check and is what was written, what is refused changes nothing. */
static void programs_are_taken_or_refused(void **state)
{
    (void)state;
    enum { N = 122 };
    uint8_t now[2 * N], next[2 * N], got[2 * N];
    unsigned taken = 0, refused = 0;
    assert_int_equal(A_PROG_ITEM + 2 * 32 - A_PROG, N);
    for (unsigned i = 0; i < 600; i++) {
        assert_int_equal(pw_modbus_map_read(&w.map, A_PROG, N, now), PW_MB_OK);
        memcpy(next, now, sizeof next);
        unsigned at = (unsigned)(rnd(&w.seed) % (i % 2 == 0 ? 30 : N)), small = (unsigned)(rnd(&w.seed) % 3);
        pw_put_be16(next + 2 * at, (uint16_t)(small == 0 ? rnd(&w.seed) : small == 1 ? rnd(&w.seed) % 20 : pw_get_be16(next + 2 * at) + UINT64_C(1)));
        struct pw_program before = w.b.program;
        int code = pw_modbus_map_write(&w.map, A_PROG, N, next);
        assert_int_equal(pw_modbus_map_read(&w.map, A_PROG, N, got), PW_MB_OK);
        if (code == PW_MB_OK) {
            assert_memory_equal(got, next, sizeof got);
            assert_int_equal(pw_program_check(&w.b.next, NULL), PW_OK);
            assert_int_equal(pw_modbus_map_write(&w.map, A_PROG, N, now), PW_MB_BUSY); /* one at a time */
            w_seconds(1);
            if (w.b.asked.program)
                w_seconds(20); /* a job had to end first */
            assert_false(w.b.asked.program);
            assert_int_equal(w.b.program.revision, before.revision + 1);
            assert_int_equal(pw_modbus_map_read(&w.map, A_PROG, N, got), PW_MB_OK);
            assert_memory_equal(got, next, sizeof got);
            if (++taken % 8 == 0)
                assert_int_equal(put(A_ASK_CLEAR_LOG, 1, 1), PW_MB_OK);
        } else {
            assert_int_equal(code, PW_MB_ILLEGAL_VALUE);
            assert_true((int16_t)reg(A_ASK_RESULT, 1) == PW_ERR_RANGE || (int16_t)reg(A_ASK_RESULT, 1) == PW_ERR_SIZE);
            assert_memory_equal(got, now, sizeof got);
            assert_false(w.b.asked.program);
            refused++;
        }
    }
    assert_true(taken > 50 && refused > 100);
}

static void schedules_in_any_order(void **state)
{
    (void)state;
    uint8_t image[PW_TOU_SIZE_B], got[PW_TOU_SIZE_B];
    bool done[PW_TOU_SIZE_B / 2] = {false};
    w_image(image);
    for (unsigned left = PW_TOU_SIZE_B / 2; left > 0;) {
        unsigned at = (unsigned)(rnd(&w.seed) % (PW_TOU_SIZE_B / 2)), n = 1 + (unsigned)(rnd(&w.seed) % 123);
        n = n < PW_TOU_SIZE_B / 2 - at ? n : PW_TOU_SIZE_B / 2 - at;
        assert_int_equal(pw_modbus_map_write(&w.map, (uint16_t)(A_TOU_NEXT + at), (uint16_t)n, image + 2 * at), PW_MB_OK);
        for (unsigned i = at; i < at + n; i++) {
            left -= !done[i];
            done[i] = true;
        }
    }
    assert_int_equal(put(A_TOU_TOU_END, 1, 1), PW_MB_OK);
    w_seconds(2);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(pw_modbus_map_read(&w.map, (uint16_t)(A_TOU_NOW + 88 * i), 88, got + 176 * i), PW_MB_OK);
    assert_memory_equal(got, image, sizeof got);
    image[50] ^= 4;
    assert_int_equal(pw_modbus_map_write(&w.map, A_TOU_NEXT, 88, image), PW_MB_OK);
    assert_int_equal(put(A_TOU_TOU_END, 1, 1), PW_MB_ILLEGAL_VALUE);
    assert_int_equal((int16_t)reg(A_ASK_RESULT, 1), PW_ERR_CRC);
    assert_int_equal(reg(A_ASK_FAULT_FIELD, 2), 0x63726300); /* "crc" */
    assert_int_equal(pw_modbus_map_write(&w.map, A_TOU_NOW, 1, image), PW_MB_ILLEGAL_ADDRESS);
    w_seconds(1);
    assert_int_equal(w.b.tou.id, 17);
}

static void sealed_nothing_changes_and_each_attempt_counts(void **state)
{
    (void)state;
    static const struct { uint16_t addr, value; } attempts[] = {
        {A_PROG, 1}, {A_PROG_DEMAND, 1}, {A_PROG_OUTPUT, 1}, {A_PROG_ITEM, 1}, {A_ASK_PROFILE, 2}, {A_ASK_TEST, 1}, {A_ASK_CLEAR_LOG, 1}, {A_TOU_TOU_END, 1},
        {A_TOU_NEXT, 1}, {A_CFG_CT, 1}, {A_CFG_POINT, 1}, {A_CFG2, 1}, {A_CFG_CT2, 1}, {A_CFG_POINT2, 1},
    };
    struct pw_program before = w.b.program;
    pw_books_seal(&w.b, false);
    w_seconds(1);
    unsigned count = refusals();
    for (unsigned i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        assert_int_equal(put(attempts[i].addr, 1, attempts[i].value), PW_MB_DEVICE_FAILURE);
        assert_int_equal((int16_t)reg(A_ASK_RESULT, 1), PW_ERR_SEALED);
        w_work();
        assert_int_equal(refusals(), ++count);
    }
    w_seconds(1);
    assert_memory_equal(&before, &w.b.program, sizeof before);
    assert_false(w.b.test || w.b.asked.program);
    pw_books_seal(&w.b, true);
    w_seconds(1);
    for (unsigned i = 0; !pw_events_a_full(&w.b.events) && i < 100; i++) {
        pw_books_event(&w.b, PW_EVENT_CALIBRATED, i, 0, 0);
        w_work();
    }
    assert_int_equal(put(A_PROG + 2, 1, 3), PW_MB_BUSY); /* the log of changes is full */
    assert_int_equal(reg(A_BOOKS_STATUS, 1) >> 6 & 1, 1);
    assert_int_equal(put(A_ASK_CLEAR_LOG, 1, 1), PW_MB_OK);
    w_work();
    assert_int_equal(put(A_PROG_DEMAND + 2, 1, 30), PW_MB_OK);
}

static int teardown(void **state)
{
    (void)state;
    free(w.flash);
    w.flash = NULL;
    return 0;
}

/* A bit of what the interval log has recorded flips in FRAM while the power is on. */
static void damaged_sums_are_told(void **state)
{
    (void)state;
    uint32_t told = w.b.events.count[PW_EVENT_STORE_CORRUPT], next = w.b.intervals.log.next;
    w.f.fram[PW_FRAM_PREV + w.b.intervals.prev.area * PW_INTERVALS_PREV_B + 5] ^= 4;
    for (unsigned i = 0; i < 700 && w.b.intervals.log.next == next; i++)
        w_seconds(1);
    assert_int_equal(w.b.intervals.damaged, 1);
    assert_int_equal(w.b.events.count[PW_EVENT_STORE_CORRUPT], told + 1);
    assert_true(w.b.image.errors > 0); /* no block was made of them */
    assert_true(w.b.intervals.log.next > next && w.b.intervals.prev.valid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(registers_are_those_of_billing, w_setup, teardown),
        cmocka_unit_test_setup_teardown(any_part_of_the_map_reads_the_same, w_setup, teardown),
        cmocka_unit_test_setup_teardown(demand_peaks_and_past_ones, w_setup, teardown),
        cmocka_unit_test_setup_teardown(busy_is_an_exception_not_a_zero, w_setup, teardown),
        cmocka_unit_test_setup_teardown(events_read_back, w_setup, teardown),
        cmocka_unit_test_setup_teardown(intervals_read_back, w_setup, teardown),
        cmocka_unit_test_setup_teardown(programs_are_taken_or_refused, w_setup, teardown),
        cmocka_unit_test_setup_teardown(schedules_in_any_order, w_setup, teardown),
        cmocka_unit_test_setup_teardown(sealed_nothing_changes_and_each_attempt_counts, w_setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_sums_are_told, w_setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
