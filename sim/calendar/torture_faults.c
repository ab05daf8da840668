/* SPDX-License-Identifier: Apache-2.0 */
/* Memories that fail: bits that flip in flash and FRAM, sectors that die. Each trial in a process of its own. */
#include <stdlib.h>
#include <string.h>

#include "flash_own.h"
#include "torture.h"

#define KEY_B 24u

static uint64_t dice(struct torture *t)
{
    return cal_random(&t->run.w->seed);
}

static struct pw_flashlog *log_of(struct torture *t, unsigned i)
{
    struct pw_books *b = &t->run.app.books;
    return i == 0 ? &b->intervals.log : i == 1 ? &b->closes.log : &b->events.log[PW_EVENTS_GENERAL];
}

/* Where the payload of a record lies, by its bytes. */
static uint8_t *find(struct torture *t, const struct pw_flashlog *log, const uint8_t *data, size_t len)
{
    uint8_t *ring = t->run.w->flash->mem + log->base;
    return memmem(ring, (size_t)log->n_sectors * PW_FLASH_SECTOR_B, data, len < KEY_B ? len : KEY_B);
}

static int read_record(struct torture *t, struct pw_flashlog *log, uint32_t n, uint8_t *out, size_t size, size_t *len)
{
    int err;
    while ((err = pw_flashlog_read(log, n, out, size, len)) == PW_ERR_STATE)
        cal_poll(&t->run, 1000);
    return err;
}

static bool flash_event(struct torture *t, enum pw_flashlog_report what)
{
    uint32_t n, next;
    struct pw_event e;
    pw_events_range(&t->run.app.books.events, PW_EVENTS_GENERAL, &n, &next);
    for (; n != next; n++)
        if (cal_event(&t->run, PW_EVENTS_GENERAL, n, &e) == PW_OK && e.kind == PW_EVENT_FLASH && e.index == what)
            return true;
    return false;
}

/* 1 to 4 bits of a record flip: it must not be read as if it were right, its neighbours must, and an event must tell. */
static bool flash_flip(struct torture *t, unsigned trial)
{
    struct pw_flashlog *log = log_of(t, trial % 3);
    uint8_t was[512], is[512];
    size_t len = 0;
    uint32_t count = pw_flashlog_count(log), n = log->oldest + 1 + (uint32_t)(dice(t) % (count - 2));
    t->faults = true;
    if (read_record(t, log, n, was, sizeof was, &len) != PW_OK)
        tor_fail(t, "trial %u: record %u cannot be read", trial, n);
    uint8_t *at = find(t, log, was, len);
    if (at == NULL || memcmp(at, was, len) != 0) {
        tor_fail(t, "trial %u: record %u is not where it can be found", trial, n);
        return true;
    }
    uint8_t *byte = at - 8 + dice(t) % (len + 12); /* number, length, mark, payload, CRC */
    unsigned bits = 1 + (unsigned)(dice(t) % 4);
    for (unsigned i = 0; i < bits; i++)
        *byte ^= (uint8_t)(1u << ((trial + i * 3) % 8));
    t->result->flips++;
    int err = read_record(t, log, n, is, sizeof is, &len);
    t->result->flips_seen += err != PW_OK;
    t->result->undetected += err == PW_OK && memcmp(was, is, sizeof was) != 0;
    for (uint32_t m = n - 1; m <= n + 1; m += 2)
        if (read_record(t, log, m, is, sizeof is, &len) != PW_OK)
            tor_fail(t, "trial %u: record %u is gone with its neighbour", trial, m);
    uint32_t next = cal_next(&t->run);
    if (!cal_window(&t->run, next))
        tor_fail(t, "trial %u: no rest", trial);
    if (!flash_event(t, PW_FLASHLOG_CORRUPT))
        tor_fail(t, "trial %u: no event tells of the damaged record", trial);
    return false;
}

/* Half of a sector's head: the other copy must do. And after a start with it. */
static bool header_flip(struct torture *t, unsigned trial)
{
    struct pw_flashlog *log = log_of(t, 0);
    uint32_t seq = log->head_seq - (uint32_t)(dice(t) % (log->n_sectors / 2));
    uint8_t *page = t->run.w->flash->mem + log->base + seq % log->n_sectors * PW_FLASH_SECTOR_B;
    t->faults = true;
    page[(trial % 2) * 128 + dice(t) % 24] ^= (uint8_t)(1u << dice(t) % 8);
    t->result->flips++;
    t->result->flips_seen++;
    uint32_t records = pw_flashlog_count(log);
    cal_cut(&t->run, 1000000, false);
    t->cold++;
    if (!cal_boot(&t->run))
        tor_fail(t, "trial %u: does not start", trial);
    tor_restored(t);
    cal_feed(&t->run);
    tor_follow(t);
    if (!cal_window(&t->run, cal_now(&t->run) + 1))
        tor_fail(t, "trial %u: no rest", trial);
    if (pw_flashlog_count(log) + 8 < records)
        tor_fail(t, "trial %u: %u records, %u before", trial, pw_flashlog_count(log), records);
    tor_check(t, true);
    return false;
}

void tor_flash_flips(struct torture *t, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        (void)tor_apart(t, i % 8 == 7 ? header_flip : flash_flip, i);
}

static const struct { uint32_t at, size; } places[] = {
    {PW_FRAM_CONFIG_A, 0x800}, {PW_FRAM_CONFIG_B, 0x800}, {PW_FRAM_IMAGE_A, 8000}, {PW_FRAM_IMAGE_B, 8000}, {PW_FRAM_EVENTS_A, 512}, {PW_FRAM_EVENTS_B, 512},
    {PW_FRAM_TOU_A, PW_TOU_SIZE_B}, {PW_FRAM_TOU_B, PW_TOU_SIZE_B}, {PW_FRAM_INTERVALS_A, 1300}, {PW_FRAM_INTERVALS_B, 1300}, {PW_FRAM_PROGRAM_A, 256},
    {PW_FRAM_PROGRAM_B, 256}, {PW_FRAM_SLOW_A, 11000}, {PW_FRAM_SLOW_B, 11000}, {PW_FRAM_DEAD_A, 40}, {PW_FRAM_MARKS, 1700}, {PW_FRAM_PREV, 1600},
};

/* A few bits of one thing in FRAM flip while the power is off. All that must hold: registers are those of an image that was whole, the rates add up to them, what
 * could not be repaired is told, the logs go on. */
static bool fram_flip(struct torture *t, unsigned trial)
{
    struct pw_books *b = &t->run.app.books;
    unsigned place = trial % (sizeof places / sizeof places[0]), bits = 1 + (unsigned)(dice(t) % 3);
    uint32_t revision = t->run.app.cfg.revision, program = b->program.revision, id = b->tou.id, seq = b->intervals.seq;
    t->faults = true;
    for (unsigned i = 0; i < 2; i++) /* as in all seconds but the one in which an interval ends: both copies are of the one that runs */
        if (!cal_window(&t->run, cal_now(&t->run) + 1))
            tor_fail(t, "no rest");
    tor_follow(t);
    struct tor_state saved = t->saved, before = t->before;
    cal_cut(&t->run, 2000000, false);
    uint32_t at = places[place].at + (uint32_t)(dice(t) % places[place].size);
    for (unsigned i = 0; i < bits; i++)
        t->run.w->fram[at] ^= (uint8_t)(1u << (trial + 3 * i) % 8);
    t->result->fram_flips++;
    if (!cal_boot(&t->run))
        tor_fail(t, "FRAM %x: does not start", at);
    bool newest = tor_is_state(t, &saved), older = tor_is_state(t, &before);
    t->saved = t->writing = newest ? saved : before;
    if (!newest && !older) {
        t->result->undetected++;
        tor_fail(t, "FRAM %x: registers are none that were saved", at);
    }
    bool other = !newest || t->run.app.cfg.revision != revision || b->program.revision != program || b->tou.id != id;
    tor_restored(t);
    cal_feed(&t->run);
    tor_follow(t);
    bool ok = cal_window(&t->run, cal_now(&t->run) + 1) && cal_window(&t->run, cal_next(&t->run)) && cal_window(&t->run, cal_next(&t->run));
    tor_follow(t);
    if (!ok)
        tor_fail(t, "FRAM %x: no rest", at);
    bool exact = tor_rates_fit(t, b->billing.damaged == 0);
    bool told = b->boot_damage != 0 || b->billing.damaged != 0;
    t->result->fram_flips_seen += other || told;
    if (!exact || (other && !newest && !older) || b->intervals.seq < seq) {
        t->result->undetected++;
        tor_fail(t, "FRAM %x: rates, or interval %u after %u", at, b->intervals.seq, seq);
    }
    tor_check(t, false);
    return false;
}

void tor_fram_flips(struct torture *t, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        (void)tor_apart(t, fram_flip, i);
}

static unsigned dead_windows;

/* Sectors that the interval log comes to next can no more be erased, or not be programmed. */
static bool dead_trial(struct torture *t, unsigned n)
{
    struct pw_books *b = &t->run.app.books;
    struct pw_flashlog *log = &b->intervals.log;
    unsigned found = b->dead.n;
    t->faults = true;
    for (unsigned i = 0; i < n; i++) { /* not all in a row: 8 of these are taken for a broken flash */
        uint32_t sector = log->base / PW_FLASH_SECTOR_B + (log->head_seq + 3 + 4 * i + i % 3) % log->n_sectors;
        if (i % 3 == 0)
            t->run.w->flash->bad_erase[sector] = true;
        else
            t->run.w->flash->bad_program[sector] = (uint8_t)(i % 3);
    }
    uint32_t seq = b->intervals.seq;
    for (unsigned i = 0; i < dead_windows; i++) {
        if (!cal_window(&t->run, cal_next(&t->run)))
            tor_fail(t, "dead sectors: no rest");
        tor_follow(t);
    }
    tor_check(t, true);
    if (b->intervals.seq != seq + dead_windows)
        tor_fail(t, "dead sectors: %u intervals in %u windows", b->intervals.seq - seq, dead_windows);
    t->result->dead_sectors += n;
    t->result->dead_found += b->dead.n - found;
    t->result->intervals_over_dead += dead_windows;
    if (n > 0 && (b->dead.n - found != n || !flash_event(t, PW_FLASHLOG_DEAD)))
        tor_fail(t, "%u sectors dead, %u found", n, b->dead.n - found);
    found = b->dead.n;
    cal_cut(&t->run, 1000000, false);
    t->cold++;
    if (!cal_boot(&t->run) || b->dead.n != found)
        tor_fail(t, "after a restart %u sectors are known to be dead", b->dead.n);
    return false;
}

void tor_dead_sectors(struct torture *t, unsigned n, unsigned windows)
{
    dead_windows = windows;
    if (n > 0)
        (void)tor_apart(t, dead_trial, n);
}
