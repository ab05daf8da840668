/* SPDX-License-Identifier: Apache-2.0 */
#include "slow.h"

#include <string.h>

#include "bytes.h"
#include "config.h"
#include "crc32.h"
#include "fields.h"
#include "totals.h"

#define VERSION 1u
_Static_assert(8u * (PW_MAX_RATES + 2u) + 4u <= PW_SLOW_BLOCK_B, "registers have room");
_Static_assert(8u + PW_PEAK_B * PW_MAX_RATES + 4u <= PW_SLOW_BLOCK_B, "peaks have room");
_Static_assert(PW_PEAK_B * PW_MAX_PAST + 4u <= PW_SLOW_BLOCK_B, "past peaks have room");

static const uint8_t magic[4] = {'P', 'W', 'S', 'L'};

int pw_slow_init(struct pw_slow *s, const struct pw_slow_io *io, const struct pw_slow_layout *l)
{
    if (l->n_points < 1 || l->n_points > PW_MAX_CT || l->quantities == 0 || l->n_rates < 1 || l->n_rates > PW_MAX_RATES ||
        l->n_demands > PW_MAX_DEMANDS || l->n_past < 1 || l->n_past > PW_MAX_PAST)
        return PW_ERR_RANGE;
    *s = (struct pw_slow){.io = *io, .layout = *l};
    for (unsigned i = 0; i < PW_N_TQ; i++)
        s->n_quantities = (uint8_t)(s->n_quantities + (l->quantities >> i & 1u));
    return PW_OK;
}

unsigned pw_slow_blocks(const struct pw_slow *s)
{
    return s->n_quantities + 2u * s->layout.n_demands;
}

enum pw_slow_kind pw_slow_kind(const struct pw_slow *s, unsigned block, unsigned *idx)
{
    unsigned q = 0;
    if (block >= s->n_quantities) {
        block -= s->n_quantities;
        *idx = block / 2;
        return block % 2 == 0 ? PW_SLOW_PEAKS : PW_SLOW_PAST;
    }
    for (;; q++) {
        if ((s->layout.quantities >> q & 1u) == 0)
            continue;
        if (block-- == 0)
            break;
    }
    *idx = q;
    return PW_SLOW_REGISTERS;
}

size_t pw_slow_data_b(const struct pw_slow *s, unsigned block)
{
    if (block == PW_SLOW_MARKS)
        return 8u * s->n_quantities;
    if (block < s->n_quantities)
        return 8u * (s->layout.n_rates + 2u);
    return (block - s->n_quantities) % 2 == 0 ? 8u + PW_PEAK_B * s->layout.n_rates : PW_PEAK_B * (size_t)s->layout.n_past;
}

/* Where a block begins in its point, or, for one behind the last, how long a point is. */
static uint32_t offset(const struct pw_slow *s, unsigned block)
{
    uint32_t at = 0;
    for (unsigned i = 0; i < block; i++)
        at += (uint32_t)pw_slow_data_b(s, i) + 4u;
    return at;
}

static uint32_t address(const struct pw_slow *s, unsigned point, unsigned block)
{
    if (block == PW_SLOW_MARKS)
        return point * (8u * s->n_quantities + 4u);
    return PW_SLOW_HEADER_B + point * offset(s, pw_slow_blocks(s)) + offset(s, block);
}

static unsigned copy_of(uint32_t generation, unsigned block)
{
    return block == PW_SLOW_MARKS ? PW_SLOW_MARKS_COPY : generation & 1u;
}

uint32_t pw_slow_size_b(const struct pw_slow *s)
{
    return address(s, s->layout.n_points, 0);
}

static uint32_t check_sum(uint32_t generation, unsigned point, unsigned block, const uint8_t *buf, size_t len)
{
    uint8_t seed[6];
    pw_put_le32(seed, generation);
    seed[4] = (uint8_t)point;
    seed[5] = (uint8_t)block;
    return pw_crc32(pw_crc32(0, seed, sizeof seed), buf, len);
}

int pw_slow_get(const struct pw_slow *s, uint32_t generation, unsigned point, unsigned block, uint8_t *buf)
{
    size_t len = pw_slow_data_b(s, block);
    int err = s->io.read(s->io.ctx, copy_of(generation, block), address(s, point, block), buf, len + 4u);
    if (err != PW_OK)
        return err;
    return pw_get_le32(buf + len) == check_sum(generation, point, block, buf, len) ? PW_OK : PW_ERR_CRC;
}

/* Writes, and reads back in small pieces: what was not stored must not count as stored. */
static int put_checked(const struct pw_slow *s, unsigned copy, uint32_t at, const uint8_t *buf, size_t len)
{
    uint8_t back[16];
    int err = s->io.write(s->io.ctx, copy, at, buf, len);
    for (size_t i = 0; err == PW_OK && i < len; i += sizeof back) {
        size_t n = len - i < sizeof back ? len - i : sizeof back;
        err = s->io.read(s->io.ctx, copy, at + (uint32_t)i, back, n);
        if (err == PW_OK && memcmp(back, buf + i, n) != 0)
            err = PW_ERR_CRC;
    }
    return err;
}

int pw_slow_put(const struct pw_slow *s, uint32_t generation, unsigned point, unsigned block, uint8_t *buf)
{
    size_t len = pw_slow_data_b(s, block);
    pw_put_le32(buf + len, check_sum(generation, point, block, buf, len));
    return put_checked(s, copy_of(generation, block), address(s, point, block), buf, len + 4u);
}

#define HEADER(name, at) PW_FIELD(struct pw_slow_header, name, at)
static const struct pw_field header_fields[] = {
    HEADER(rate, 10), HEADER(generation, 12), HEADER(resets, 16), HEADER(closes, 18), HEADER(reset_utc_s, 20), HEADER(close_utc_s, 24),
};

/* Header: magic, version, n_points, quantities, n_rates, n_demands, n_past, then the fields above, CRC. */
static void put_layout(const struct pw_slow *s, uint8_t *buf)
{
    memcpy(buf, magic, sizeof magic);
    buf[4] = VERSION;
    buf[5] = s->layout.n_points;
    buf[6] = s->layout.quantities;
    buf[7] = s->layout.n_rates;
    buf[8] = s->layout.n_demands;
    buf[9] = s->layout.n_past;
}

int pw_slow_header_get(const struct pw_slow *s, unsigned copy, struct pw_slow_header *h)
{
    uint8_t buf[PW_SLOW_HEADER_B], mine[10];
    int err = s->io.read(s->io.ctx, copy, 0, buf, sizeof buf);
    if (err != PW_OK)
        return err;
    if (memcmp(buf, magic, sizeof magic) != 0 || pw_get_le32(buf + 28) != pw_crc32(0, buf, 28) || (pw_get_le32(buf + 12) & 1u) != copy)
        return PW_ERR_CRC;
    put_layout(s, mine);
    if (memcmp(buf, mine, sizeof mine) != 0 || buf[10] > s->layout.n_rates)
        return PW_ERR_VERSION;
    pw_fields_get(header_fields, PW_N_FIELDS(header_fields), h, buf);
    return PW_OK;
}

int pw_slow_header_put(const struct pw_slow *s, unsigned copy, const struct pw_slow_header *h)
{
    uint8_t buf[PW_SLOW_HEADER_B] = {0};
    if (h != NULL) {
        put_layout(s, buf);
        pw_fields_put(header_fields, PW_N_FIELDS(header_fields), h, buf);
        pw_put_le32(buf + 28, pw_crc32(0, buf, 28));
    }
    return put_checked(s, copy, 0, buf, sizeof buf);
}
