/* SPDX-License-Identifier: Apache-2.0 */
/* Head, a record of each CT, registers of as many points, heads of billing and demand, marks and demand slots of each point that has them, CRC-32. */
#include <string.h>

#include "books_priv.h"
#include "bytes.h"
#include "crc32.h"
#include "energy_store.h"
#include "fields.h"
#include "fram_map.h"
#include "points_store.h"

#define VERSION 1u
#define HEADS_B (PW_BILLING_HEADER_B + PW_DEMAND_HEADER_B)
#define POINT_B (PW_BILLING_POINT_B + PW_MAX_DEMANDS * PW_DEMAND_SLOT_B)
#define PIECE_B (POINT_B > PW_ENERGY_RECORD_B ? POINT_B : PW_ENERGY_RECORD_B)
enum { CLOCK_OK = 1 };

static const uint8_t magic[4] = {'P', 'W', 'B', 'K'};
static const uint32_t place[2] = {PW_FRAM_IMAGE_A, PW_FRAM_IMAGE_B};

#define HEAD(name, at) PW_FIELD(struct pw_image_head, name, at)
static const struct pw_field head_fields[] = {
    HEAD(n_ct, 6), HEAD(seq, 8), HEAD(length, 12), HEAD(utc_s, 16), HEAD(assignment, 20), HEAD(off_total_s, 24), HEAD(power_fails, 28), HEAD(close_next_s, 32),
    HEAD(next_effective_s, 36), HEAD(quantities, 40), HEAD(n_demands, 41), HEAD(tou_copy, 42), HEAD(season, 43), HEAD(demands, 44), HEAD(n_points, 48),
};

static void put_head(const struct pw_image_head *h, uint8_t p[PW_IMAGE_HEAD_B])
{
    memset(p, 0, PW_IMAGE_HEAD_B);
    memcpy(p, magic, sizeof magic);
    pw_put_le16(p + 4, VERSION);
    p[7] = h->clock_ok ? CLOCK_OK : 0;
    pw_fields_put(head_fields, PW_N_FIELDS(head_fields), h, p);
}

static int get_head(struct pw_image_head *h, const uint8_t p[PW_IMAGE_HEAD_B])
{
    if (memcmp(p, magic, sizeof magic) != 0)
        return PW_ERR_MAGIC;
    if (pw_get_le16(p + 4) != VERSION)
        return PW_ERR_VERSION;
    pw_fields_get(head_fields, PW_N_FIELDS(head_fields), h, p);
    h->clock_ok = (p[7] & CLOCK_OK) != 0;
    bool fits = h->n_ct >= 1 && h->n_points <= h->n_ct && h->length >= PW_IMAGE_HEAD_B && h->length <= PW_FRAM_IMAGE_SIZE_B - 4u;
    return fits ? PW_OK : PW_ERR_SIZE;
}

/* @return PW_OK: the copy is whole */
static int check_copy(struct pw_fram *fram, unsigned copy, struct pw_image_head *h)
{
    uint8_t buf[PW_IMAGE_HEAD_B];
    int err = pw_fram_read(fram, place[copy], buf, sizeof buf);
    if (err == PW_OK)
        err = get_head(h, buf);
    uint32_t crc = 0, at = 0;
    while (err == PW_OK && at < h->length) {
        size_t n = h->length - at < sizeof buf ? h->length - at : sizeof buf;
        err = pw_fram_read(fram, place[copy] + at, buf, n);
        crc = pw_crc32(crc, buf, n);
        at += (uint32_t)n;
    }
    if (err == PW_OK)
        err = pw_fram_read(fram, place[copy] + at, buf, 4);
    return err != PW_OK ? err : pw_get_le32(buf) == crc ? PW_OK : PW_ERR_CRC;
}

/* Reads on; nothing beyond the image. */
static int take(struct pw_books *b, uint32_t base, uint8_t *out, size_t len)
{
    if (b->image.at + len > b->image.head.length)
        return PW_ERR_SIZE;
    int err = pw_fram_read(b->on.fram, base + b->image.at, out, len);
    b->image.at += (uint32_t)len;
    return err;
}

static int load_registers(struct pw_books *b, uint32_t base)
{
    uint8_t buf[PIECE_B];
    unsigned n = b->image.head.n_ct;
    int err = PW_OK;
    for (unsigned k = 0; k < n && err == PW_OK; k++) {
        err = take(b, base, buf, PW_ENERGY_RECORD_B);
        if (err == PW_OK && k < b->on.n_ct)
            pw_energy_record_get(&b->on.energy->ct[k], buf);
    }
    for (unsigned i = 0; i < n && err == PW_OK; i++) {
        err = take(b, base, buf, PW_POINT_RECORD_B);
        if (err == PW_OK && i < b->on.n_ct)
            pw_point_record_get(b->on.points, i, buf);
    }
    pw_points_restore(b->on.points, err == PW_OK && b->image.head.assignment == pw_points_assignment(b->on.cfg));
    return err;
}

static uint32_t demands_crc(const struct pw_books *b)
{
    _Static_assert(sizeof b->program.demand[0] == 4, "no padding");
    return pw_crc32(0, (const uint8_t *)b->program.demand, b->program.n_demands * sizeof b->program.demand[0]);
}

/* The demand's slots only where the image has those of the present program. */
static int load_books(struct pw_books *b, uint32_t base)
{
    uint8_t heads[HEADS_B], buf[POINT_B];
    const struct pw_image_head *h = &b->image.head;
    bool same = h->n_points == b->n_points && h->quantities == b->program.quantities && h->n_demands == b->program.n_demands;
    int err = take(b, base, heads, sizeof heads);
    if (err != PW_OK || !same)
        return err != PW_OK ? err : PW_ERR_VERSION;
    int got = pw_billing_load(&b->billing, heads);
    if (got != PW_OK)
        return got;
    bool demands = h->demands == demands_crc(b);
    if (demands)
        pw_demand_unpack(&b->demand, heads + PW_BILLING_HEADER_B);
    for (unsigned p = 0; p < h->n_points && err == PW_OK; p++) {
        err = take(b, base, buf, pw_billing_point_b(&b->billing));
        if (err == PW_OK && pw_billing_unpack_point(&b->billing, p, buf) != PW_OK)
            err = PW_ERR_IO; /* of a FRAM that takes nothing now; that is no reason to begin anew */
        for (unsigned k = 0; k < h->n_demands && err == PW_OK; k++) {
            err = take(b, base, buf, PW_DEMAND_SLOT_B);
            if (err == PW_OK && demands)
                pw_demand_unpack_slot(&b->demand, p, k, buf);
        }
    }
    return err;
}

int pw_books_image_load(struct pw_books *b)
{
    struct pw_image_head h[2] = {{.seq = 0}, {.seq = 0}};
    int err[2];
    for (unsigned c = 0; c < 2; c++)
        err[c] = check_copy(b->on.fram, c, &h[c]);
    int newest = pw_books_newer(err, (const uint32_t[2]){h[0].seq, h[1].seq});
    if (newest < 0)
        return err[0] == PW_ERR_IO || err[1] == PW_ERR_IO ? PW_ERR_IO : PW_ERR_CRC;
    struct pw_image *i = &b->image;
    i->head = h[newest];
    i->target = (uint8_t)!newest;
    i->at = PW_IMAGE_HEAD_B;
    int got = load_registers(b, place[newest]);
    if (got != PW_OK)
        return got;
    got = load_books(b, place[newest]);
    if (got == PW_ERR_IO || got == PW_ERR_STATE) /* what does not answer is not lost, and must not be written anew */
        return PW_ERR_IO;
    if (got != PW_OK) {
        b->want |= PW_BILL_FORMAT;
        if (got != PW_ERR_VERSION)
            pw_books_damaged(b, PW_STORE_SLOW);
    }
    return PW_OK;
}

void pw_books_image_begin(struct pw_books *b)
{
    struct pw_image *i = &b->image;
    if (i->step != 0)
        return;
    struct pw_books_moment m = pw_books_moment(b);
    i->step = 1;
    i->at = i->crc = 0;
    i->generation = b->billing.head.generation;
    struct pw_image_head *h = &i->head;
    h->seq++;
    h->utc_s = m.utc_s;
    h->clock_ok = m.known;
    h->assignment = pw_points_assignment(b->on.cfg);
    h->off_total_s = b->off_total_s;
    h->power_fails = b->power_fails;
    h->close_next_s = b->close_next_s;
    h->next_effective_s = b->next_effective_s;
    h->n_ct = (uint8_t)b->on.n_ct;
    h->n_points = b->n_points;
    h->quantities = b->program.quantities;
    h->n_demands = b->program.n_demands;
    h->demands = demands_crc(b);
    h->tou_copy = b->tou_copy;
    h->season = b->season;
    h->length = PW_IMAGE_HEAD_B + HEADS_B + h->n_ct * (PW_ENERGY_RECORD_B + PW_POINT_RECORD_B) +
                h->n_points * ((uint32_t)pw_billing_point_b(&b->billing) + h->n_demands * PW_DEMAND_SLOT_B);
}

/* The piece of this step. @param[out] len  0: the CRC is next @return PW_OK, PW_ERR_IO, PW_ERR_CRC */
static int piece(struct pw_books *b, uint8_t buf[PIECE_B], size_t *len)
{
    unsigned n = b->on.n_ct, s = b->image.step - 1u;
    *len = 0;
    if (s == 0) {
        put_head(&b->image.head, buf);
        *len = PW_IMAGE_HEAD_B;
        return PW_OK;
    }
    s--;
    if (s < n) {
        pw_energy_record_put(buf, &b->on.energy->ct[s]);
        *len = PW_ENERGY_RECORD_B;
        return PW_OK;
    }
    s -= n;
    if (s < n) {
        pw_point_record_put(buf, b->on.points, s);
        *len = PW_POINT_RECORD_B;
        return PW_OK;
    }
    s -= n;
    if (s == 0) {
        pw_billing_pack(&b->billing, buf);
        pw_demand_pack(&b->demand, buf + PW_BILLING_HEADER_B);
        *len = HEADS_B;
        return PW_OK;
    }
    s--;
    if (s >= b->n_points)
        return PW_OK;
    *len = pw_billing_point_b(&b->billing);
    for (unsigned k = 0; k < b->program.n_demands; k++, *len += PW_DEMAND_SLOT_B)
        pw_demand_pack_slot(&b->demand, s, k, buf + *len);
    return pw_billing_pack_point(&b->billing, s, buf);
}

/* The pieces of points without marks and demands are empty. */
static bool empty(const struct pw_books *b)
{
    unsigned n = b->on.n_ct;
    return b->image.step > 3u + 2u * n && b->image.step <= 3u + 2u * n + b->n_points && b->program.n_demands == 0 && !b->billing.marked;
}

static int finish(struct pw_books *b, uint32_t base)
{
    struct pw_image *i = &b->image;
    uint8_t crc[4];
    pw_put_le32(crc, i->crc);
    int err = i->at == i->head.length ? pw_fram_write(b->on.fram, base + i->at, crc, sizeof crc) : PW_ERR_SIZE;
    if (err != PW_OK)
        return err;
    i->step = 0;
    i->target ^= 1;
    i->saves++;
    pw_billing_saved(&b->billing, i->generation);
    return PW_OK;
}

bool pw_books_image_step(struct pw_books *b)
{
    struct pw_image *i = &b->image;
    uint8_t buf[PIECE_B];
    if (i->step == 0)
        return false;
    uint32_t base = place[i->target];
    while (empty(b))
        i->step++;
    size_t len;
    int err = piece(b, buf, &len);
    if (err != PW_OK) {
        len = 0;
    } else if (len > 0) {
        i->crc = pw_crc32(i->crc, buf, len);
        err = pw_fram_write(b->on.fram, base + i->at, buf, len);
        i->at += (uint32_t)len;
        i->step++;
    } else {
        err = finish(b, base);
    }
    if (err != PW_OK) {
        i->errors++;
        i->step = 0; /* the other copy stays whole; the next second tries again */
    }
    return true;
}
