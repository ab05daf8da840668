/* SPDX-License-Identifier: Apache-2.0 */
/* Units already recorded: in two areas of the caller's memory in turn. What was written is read back before it counts, and each reading is checked. */
#include <string.h>

#include "bytes.h"
#include "crc32.h"
#include "intervals_priv.h"

#define VALUE_B  8u
#define CHUNK_B  64u
#define N_CHUNK  (CHUNK_B / VALUE_B)

static int read_at(const struct pw_intervals *iv, unsigned area, uint32_t at, uint8_t *out, size_t len)
{
    return iv->prev.read(iv->ctx, area * PW_INTERVALS_PREV_B + at, out, len);
}

/* To the area that does not count yet. */
static int write_at(const struct pw_intervals *iv, uint32_t at, const uint8_t *data, size_t len)
{
    return iv->prev.write(iv->ctx, !iv->prev.area * PW_INTERVALS_PREV_B + at, data, len);
}

static unsigned all_b(const struct pw_intervals *iv)
{
    return VALUE_B * pw_intervals_values(&iv->cfg);
}

static size_t chunk_b(const struct pw_intervals *iv, uint32_t at)
{
    unsigned left = all_b(iv) - at;
    return left < CHUNK_B ? left : CHUNK_B;
}

/* The other area counts, if it holds what was written. */
static int turn(struct pw_intervals *iv, uint32_t crc)
{
    uint8_t buf[CHUNK_B];
    uint32_t is = 0;
    for (uint32_t at = 0; at < all_b(iv); at += CHUNK_B) {
        int err = read_at(iv, !iv->prev.area, at, buf, chunk_b(iv, at));
        if (err != PW_OK)
            return err;
        is = pw_crc32(is, buf, chunk_b(iv, at));
    }
    if (is != crc)
        return PW_ERR_IO;
    iv->prev.area = !iv->prev.area;
    iv->prev.crc = crc;
    iv->prev.valid = true;
    return PW_OK;
}

/* Value `i` of a record: by channel, then by point. */
static uint64_t units(const struct pw_intervals *iv, unsigned i)
{
    static const uint32_t unit[7] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    unsigned channel = 0;
    for (unsigned before = i / iv->cfg.n_points; (iv->cfg.channels >> channel & 1) == 0 || before-- > 0;)
        channel++;
    uint64_t uwh = iv->uwh(iv->ctx, i % iv->cfg.n_points, channel);
    return iv->cfg.unit_log10 == 0 ? uwh : uwh / unit[iv->cfg.unit_log10];
}

/* @param from  NULL: registers of now; else a block, from HEAD_B on */
int pw_intervals_rebase(struct pw_intervals *iv, pw_intervals_reader from, void *ctx, uint32_t from_at)
{
    uint8_t buf[CHUNK_B];
    uint32_t crc = 0;
    iv->prev.valid = false;
    for (uint32_t at = 0; at < all_b(iv); at += CHUNK_B) {
        size_t len = chunk_b(iv, at);
        int err = from != NULL ? from(ctx, from_at + at, buf, len) : PW_OK;
        for (unsigned i = 0; i < N_CHUNK && from == NULL && VALUE_B * i < len; i++)
            pw_put_le64(buf + VALUE_B * i, units(iv, at / VALUE_B + i));
        if (err == PW_OK)
            err = write_at(iv, at, buf, len);
        if (err != PW_OK)
            return err;
        crc = pw_crc32(crc, buf, len);
    }
    return turn(iv, crc);
}

int pw_intervals_take(struct pw_intervals *iv, uint8_t *values, unsigned *flags)
{
    uint8_t buf[CHUNK_B];
    uint32_t was = 0, crc = 0;
    for (uint32_t at = 0; at < all_b(iv); at += CHUNK_B) {
        size_t len = chunk_b(iv, at);
        int err = read_at(iv, iv->prev.area, at, buf, len);
        was = pw_crc32(was, buf, len);
        for (unsigned i = 0; VALUE_B * i < len; i++, values += 4) {
            uint64_t prev = pw_get_le64(buf + VALUE_B * i), now = units(iv, at / VALUE_B + i);
            uint64_t diff = now > prev ? now - prev : 0; /* a register that is behind (restored from an older copy) gives none until it has caught up */
            if (diff > UINT32_MAX) {
                *flags |= PW_INTERVAL_OVERFLOW;
                diff = UINT32_MAX;
            }
            pw_put_le32(values, (uint32_t)diff);
            pw_put_le64(buf + VALUE_B * i, prev + diff);
        }
        if (err == PW_OK)
            err = write_at(iv, at, buf, len);
        if (err != PW_OK)
            return err;
        crc = pw_crc32(crc, buf, len);
    }
    return was == iv->prev.crc ? turn(iv, crc) : PW_ERR_CRC;
}

int pw_intervals_prev_part(struct pw_intervals *iv, uint32_t at, uint8_t *out, size_t len)
{
    if (at == 0)
        iv->saving_crc = 0;
    int err = read_at(iv, iv->prev.area, at, out, len);
    iv->saving_crc = pw_crc32(iv->saving_crc, out, len);
    return err != PW_OK || at + len < all_b(iv) || iv->saving_crc == iv->prev.crc ? err : PW_ERR_CRC;
}
