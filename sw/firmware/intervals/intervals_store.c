/* SPDX-License-Identifier: Apache-2.0 */
/* The block in FRAM: head of 64 bytes, units already recorded (8 bytes each), the last record, CRC-32 in its last 4 bytes. */
#include <string.h>

#include "bytes.h"
#include "crc32.h"
#include "fields.h"
#include "intervals_priv.h"

#define MAGIC   0x56495750u /* "PWIV" */
#define VERSION 1u
#define HEAD_B  64u
#define PART_B  PW_INTERVALS_PART_B
_Static_assert(HEAD_B == PART_B, "the head is the first part");
_Static_assert(3 * 8 == PW_INTERVAL_VOLTS_B, "extremes of three inputs");

static unsigned size_of(unsigned n_values, unsigned record_b)
{
    return (HEAD_B + 8u * n_values + record_b + 4u + PART_B - 1u) / PART_B * PART_B;
}

enum { RECORD_LEN = 14 };
#define HEAD(name, at) PW_FIELD(struct pw_intervals, name, at)
static const struct pw_field head_fields[] = {
    HEAD(cfg.n_points, 6), HEAD(cfg.channels, 7), HEAD(cfg.minutes, 8), HEAD(cfg.unit_log10, 10), HEAD(record_len, RECORD_LEN), HEAD(seq, 16), HEAD(start_utc_s, 20),
    HEAD(cell, 24), HEAD(last_utc_s, 28), HEAD(flags, 32), HEAD(v_min_mv[0], 36), HEAD(v_max_mv[0], 40), HEAD(v_min_mv[1], 44), HEAD(v_max_mv[1], 48),
    HEAD(v_min_mv[2], 52), HEAD(v_max_mv[2], 56), HEAD(generation, 60),
};

static void put_head(const struct pw_intervals *iv, uint8_t *b)
{
    pw_fields_put(head_fields, PW_N_FIELDS(head_fields), iv, b);
    pw_put_le32(b, MAGIC);
    b[4] = VERSION;
    b[5] = iv->saving_pending;
    pw_put_le16(b + 12, iv->block_b);
    if (!iv->saving_pending)
        pw_put_le16(b + RECORD_LEN, 0);
}

void pw_intervals_save_begin(struct pw_intervals *iv)
{
    iv->saving = true;
    iv->saving_pending = iv->pending;
    iv->generation++;
    iv->crc = 0;
    iv->block_b = (uint16_t)size_of(pw_intervals_values(&iv->cfg), iv->pending ? iv->record_len : 0);
}

/* What stands behind the head: units recorded, then the record. */
static int put_body(struct pw_intervals *iv, unsigned at, uint8_t out[PART_B])
{
    unsigned n = 8u * pw_intervals_values(&iv->cfg), len = at >= n ? 0 : n - at < PART_B ? n - at : PART_B;
    int err = len > 0 ? pw_intervals_prev_part(iv, at, out, len) : PW_OK;
    for (at = at + len - n; iv->saving_pending && len < PART_B && at < iv->record_len; at++)
        out[len++] = iv->record[at];
    return err;
}

int pw_intervals_save_part(struct pw_intervals *iv, unsigned part, uint8_t out[PW_INTERVALS_PART_B])
{
    unsigned at = part * PART_B;
    int err = PW_OK;
    if (!iv->saving || at >= iv->block_b)
        return 0;
    memset(out, 0, PART_B);
    if (part == 0)
        put_head(iv, out);
    else
        err = put_body(iv, at - HEAD_B, out);
    if (err != PW_OK)
        return err;
    bool last = at + PART_B == iv->block_b;
    iv->crc = pw_crc32(iv->crc, out, last ? PART_B - 4 : PART_B);
    if (last)
        pw_put_le32(out + PART_B - 4, iv->crc);
    return PART_B;
}

void pw_intervals_save_end(struct pw_intervals *iv, bool ok)
{
    iv->saving = false;
    iv->saved |= ok; /* nothing has closed since save_begin */
}

int pw_intervals_check(pw_intervals_reader read, void *ctx, uint32_t *generation)
{
    uint8_t b[PART_B];
    int err = read(ctx, 0, b, sizeof b);
    if (err != PW_OK)
        return err;
    if (pw_get_le32(b) != MAGIC || b[4] != VERSION)
        return PW_ERR_MAGIC;
    struct pw_intervals_config cfg = {pw_get_le16(b + 8), b[7], b[10], b[6]};
    unsigned size = pw_get_le16(b + 12), record_b = pw_get_le16(b + 14);
    uint32_t gen = pw_get_le32(b + 60), crc = 0;
    if (pw_intervals_config_check(&cfg) != PW_OK || record_b > PW_INTERVAL_MAX_B || (b[5] != 0 && record_b < PW_INTERVAL_HEAD_B) ||
        size != size_of(pw_intervals_values(&cfg), record_b))
        return PW_ERR_SIZE;
    for (unsigned at = 0;;) {
        bool last = at + PART_B == size;
        crc = pw_crc32(crc, b, last ? PART_B - 4 : PART_B);
        if (last)
            break;
        at += PART_B;
        err = read(ctx, at, b, sizeof b);
        if (err != PW_OK)
            return err;
    }
    if (pw_get_le32(b + PART_B - 4) != crc)
        return PW_ERR_CRC;
    *generation = gen;
    return PW_OK;
}

int pw_intervals_load(struct pw_intervals *iv, pw_intervals_reader read, void *ctx)
{
    uint8_t b[PART_B];
    uint32_t generation;
    int err = pw_intervals_check(read, ctx, &generation);
    if (err == PW_OK)
        err = read(ctx, 0, b, sizeof b);
    if (err != PW_OK)
        return err;
    pw_fields_get(head_fields, PW_N_FIELDS(head_fields), iv, b);
    iv->pending = iv->saved = b[5] != 0;
    unsigned n = pw_intervals_values(&iv->cfg);
    err = pw_intervals_rebase(iv, read, ctx, HEAD_B);
    if (err == PW_OK && iv->record_len > 0)
        err = read(ctx, HEAD_B + 8 * n, iv->record, iv->record_len);
    iv->loaded = err == PW_OK;
    if (err != PW_OK) { /* gone between check and now, or no memory for it */
        iv->pending = iv->saved = false;
        iv->seq = 1;
    }
    return err;
}
