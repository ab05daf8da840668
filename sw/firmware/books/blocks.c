/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept beside the image, with a form and CRC of its own: program, blocks of the logs, list of dead sectors. */
#include <string.h>

#include "books_priv.h"
#include "fram_map.h"

static const uint32_t events_at[2] = {PW_FRAM_EVENTS_A, PW_FRAM_EVENTS_B};
static const uint32_t intervals_at[2] = {PW_FRAM_INTERVALS_A, PW_FRAM_INTERVALS_B};
static const uint32_t dead_at[2] = {PW_FRAM_DEAD_A, PW_FRAM_DEAD_B};
static const uint32_t program_at[2] = {PW_FRAM_PROGRAM_A, PW_FRAM_PROGRAM_B};

#define PARTS_A_STEP 3u /* of the interval block: 192 bytes */

/* Is there anything at all at these places? A new part is all 0 (or all 1): that is no damage. */
static bool blank(struct pw_fram *fram, const uint32_t at[2])
{
    uint8_t b[2][4];
    for (unsigned c = 0; c < 2; c++)
        if (pw_fram_read(fram, at[c], b[c], sizeof b[c]) != PW_OK)
            return true;
    for (unsigned i = 0; i < sizeof b[0]; i++)
        if ((b[0][i] != 0 && b[0][i] != 0xFF) || (b[1][i] != 0 && b[1][i] != 0xFF))
            return false;
    return true;
}

int pw_books_newer(const int err[2], const uint32_t gen[2])
{
    if (err[0] != PW_OK && err[1] != PW_OK)
        return -1;
    return err[0] != PW_OK ? 1 : err[1] != PW_OK ? 0 : (int32_t)(gen[1] - gen[0]) > 0;
}

/* Looks at a copy. @param[out] gen  which save it is @return PW_OK: it is whole */
typedef int (*check_copy)(struct pw_books *b, const uint8_t *in, uint32_t *gen);

/* The newest whole copy. @return PW_OK, PW_ERR_MAGIC (there was never anything), PW_ERR_CRC */
static int load_newest(struct pw_books *b, const uint32_t at[2], check_copy check, uint8_t *buf, size_t len)
{
    uint32_t gen[2] = {0, 0};
    int err[2];
    for (unsigned c = 0; c < 2; c++) {
        err[c] = pw_fram_read(b->on.fram, at[c], buf, len);
        if (err[c] == PW_OK)
            err[c] = check(b, buf, &gen[c]);
    }
    int best = pw_books_newer(err, gen);
    if (best < 0)
        return blank(b->on.fram, at) ? PW_ERR_MAGIC : PW_ERR_CRC;
    int got = best == 1 ? PW_OK : pw_fram_read(b->on.fram, at[0], buf, len); /* the second one is there already */
    return got == PW_OK ? check(b, buf, gen) : got;
}

static int check_events(struct pw_books *b, const uint8_t *in, uint32_t *gen)
{
    (void)b;
    return pw_events_check(in, gen);
}

static void load_events(struct pw_books *b)
{
    uint8_t block[PW_EVENTS_BLOCK_B];
    int err = load_newest(b, events_at, check_events, block, sizeof block);
    if (err == PW_OK)
        err = pw_events_unpack(&b->events, block);
    if (err != PW_OK && err != PW_ERR_MAGIC)
        pw_books_damaged(b, PW_STORE_EVENTS);
}

static void load_intervals(struct pw_books *b)
{
    uint32_t gen[2] = {0, 0};
    int err[2];
    for (unsigned c = 0; c < 2; c++) {
        struct pw_fram_area area = {b->on.fram, intervals_at[c], PW_FRAM_INTERVALS_SIZE_B};
        err[c] = pw_intervals_check(pw_fram_area_read, &area, &gen[c]);
    }
    int best = pw_books_newer(err, gen);
    struct pw_fram_area area = {b->on.fram, intervals_at[best > 0], PW_FRAM_INTERVALS_SIZE_B};
    if ((best < 0 || pw_intervals_load(&b->intervals, pw_fram_area_read, &area) != PW_OK) && !blank(b->on.fram, intervals_at))
        pw_books_damaged(b, PW_STORE_INTERVALS);
}

static void load_dead(struct pw_books *b)
{
    uint8_t buf[PW_FLASH_DEAD_SIZE_B];
    for (unsigned c = 0; c < 2; c++) /* the copies are the same, but for a cut while they were written: then the longer list is the newer one */
        if (pw_fram_read(b->on.fram, dead_at[c], buf, sizeof buf) == PW_OK) {
            struct pw_flash_dead d = {.n = 0};
            if (pw_flash_dead_unpack(&d, buf) == PW_OK && (d.n > b->dead.n || d.unlisted > b->dead.unlisted))
                b->dead = d;
        }
    b->dead.changed = false;
}

void pw_books_blocks_load(struct pw_books *b)
{
    if (!b->kept)
        return;
    load_dead(b);
    if (!b->logs)
        return;
    load_events(b);
    load_intervals(b);
}

static int save_events(struct pw_books *b)
{
    uint8_t block[PW_EVENTS_BLOCK_B];
    b->events.generation++;
    pw_events_pack(&b->events, block);
    return pw_fram_write(b->on.fram, events_at[b->events.generation & 1u], block, sizeof block);
}

static int save_dead(struct pw_books *b)
{
    uint8_t buf[PW_FLASH_DEAD_SIZE_B];
    pw_flash_dead_pack(&b->dead, buf);
    int err = pw_fram_write(b->on.fram, dead_at[0], buf, sizeof buf);
    if (err == PW_OK)
        err = pw_fram_write(b->on.fram, dead_at[1], buf, sizeof buf);
    b->dead.changed = err != PW_OK;
    return err;
}

/* @return 1: more to do; 0: done; < 0: error */
static int save_intervals(struct pw_books *b, unsigned part)
{
    uint8_t buf[PW_INTERVALS_PART_B];
    uint32_t base = intervals_at[b->intervals.generation & 1u];
    for (unsigned i = 0; i < PARTS_A_STEP; i++, part++) {
        int err = pw_intervals_save_part(&b->intervals, part, buf);
        if (err <= 0)
            return err;
        err = pw_fram_write(b->on.fram, base + part * PW_INTERVALS_PART_B, buf, sizeof buf);
        if (err != PW_OK)
            return err;
    }
    return 1;
}

/* block_step: 0 nothing, 1 dead list and events, 2 + n: parts n x PARTS_A_STEP of the intervals. */
bool pw_books_blocks_step(struct pw_books *b)
{
    int err = PW_OK;
    if (b->block_step == 0)
        return false;
    if (b->block_step == 1) {
        if (b->dead.changed)
            err = save_dead(b);
        if (err == PW_OK)
            err = save_events(b);
        if (b->intervals.started && err == PW_OK) {
            pw_intervals_save_begin(&b->intervals);
            b->block_step = 2;
        } else {
            b->block_step = 0;
        }
    } else {
        err = save_intervals(b, (b->block_step - 2u) * PARTS_A_STEP);
        if (err > 0) {
            b->block_step++;
        } else {
            pw_intervals_save_end(&b->intervals, err == PW_OK);
            b->block_step = 0;
        }
    }
    b->image.errors += err < 0;
    return true;
}

static int check_program(struct pw_books *b, const uint8_t *in, uint32_t *gen)
{
    struct pw_program_fault fault;
    int err = pw_program_decode(&b->next, in, PW_PROGRAM_SIZE_B, &fault);
    *gen = b->next.revision;
    return err;
}

int pw_books_program_load(struct pw_books *b)
{
    uint8_t buf[PW_PROGRAM_SIZE_B];
    int err = load_newest(b, program_at, check_program, buf, sizeof buf);
    if (err == PW_OK)
        b->program = b->next;
    return err;
}

int pw_books_program_save(struct pw_books *b)
{
    uint8_t buf[PW_PROGRAM_SIZE_B];
    pw_program_encode(&b->program, buf);
    return pw_fram_write(b->on.fram, program_at[b->program.revision & 1u], buf, sizeof buf);
}
