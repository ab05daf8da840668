/* SPDX-License-Identifier: Apache-2.0 */
#include "energy_store.h"

#include <string.h>

#include "bytes.h"
#include "crc32.h"
#include "fram_map.h"

#define VERSION  2u
#define V1_SHIFT 32u /* version 1 counted in units 2^32 times smaller */
#define HEADER_B 32u
#define ITEM_B   20u
#define VA_B     12u
#define RECORD_B 148u
#define V1_RECORD_B 128u
_Static_assert(PW_N_ENERGY * ITEM_B + 4 + 2 * VA_B == RECORD_B && PW_N_ENERGY * ITEM_B + 8 == V1_RECORD_B, "record");
_Static_assert(HEADER_B + PW_MAX_CT * RECORD_B + 4 <= 2 * PW_FRAM_ENERGY_PART, "an image has two parts");

static const uint8_t magic[4] = {'P', 'W', 'E', 'N'};

/* Copies 0 and 1 are A and B, 2 and 3 those of version 1. */
enum { V1_A = 2, N_COPIES = 4 };
static const uint16_t place[N_COPIES] = {PW_FRAM_ENERGY_A, PW_FRAM_ENERGY_B, PW_FRAM_ENERGY_V1_A, PW_FRAM_ENERGY_V1_B};

/* An image is one run of bytes to its user, and two runs in the FRAM. */
static int image_io(struct pw_fram *fram, unsigned copy, uint32_t at, uint8_t *data, size_t len, bool write)
{
    uint32_t base = place[copy];
    int err = PW_OK;
    while (len > 0 && err == PW_OK) {
        bool second = at >= PW_FRAM_ENERGY_PART;
        size_t n = second ? len : PW_FRAM_ENERGY_PART - at;
        if (n > len)
            n = len;
        uint32_t addr = base + (second ? PW_FRAM_ENERGY_MORE + at - PW_FRAM_ENERGY_PART : at);
        err = write ? pw_fram_write(fram, addr, data, n) : pw_fram_read(fram, addr, data, n);
        at += (uint32_t)n;
        data += n;
        len -= n;
    }
    return err;
}

static void put_record(uint8_t *p, const struct pw_energy_ct *c)
{
    for (unsigned i = 0; i < PW_N_ENERGY; i++, p += ITEM_B) {
        pw_put_le64(p, pw_energy_get(c, (enum pw_energy_kind)i));
        pw_put_le32(p + 8, c->acc[i][1]);
        pw_put_le64(p + 12, c->raw[i]);
    }
    pw_put_le32(p, c->residue);
    p += 4;
    for (unsigned received = 0; received < 2; received++, p += VA_B) {
        pw_put_le64(p, pw_energy_va(c, received));
        pw_put_le32(p + 8, c->va[received][0]);
    }
}

/* What version 1 had below a unit is in no register and in no pulse: it is left out. */
static void get_record(struct pw_energy_ct *c, const uint8_t *p, unsigned version)
{
    unsigned shift = version == VERSION ? 0 : V1_SHIFT;
    for (unsigned i = 0; i < PW_N_ENERGY; i++, p += ITEM_B) {
        c->acc[i][3] = pw_get_le32(p + 4);
        c->acc[i][2] = pw_get_le32(p);
        c->acc[i][1] = pw_get_le32(p + 8);
        c->acc[i][0] = 0;
        c->raw[i] = pw_get_le64(p + 12) >> shift;
    }
    if (version != VERSION) {
        c->residue = (uint32_t)(pw_get_le64(p) >> shift);
        return;
    }
    c->residue = pw_get_le32(p);
    p += 4;
    for (unsigned received = 0; received < 2; received++, p += VA_B)
        for (unsigned i = 0; i < 3; i++) /* fraction, low, high */
            c->va[received][i] = pw_get_le32(p + (i == 0 ? 8 : 4 * (i - 1)));
}

static unsigned record_size(unsigned copy)
{
    return copy < V1_A ? RECORD_B : V1_RECORD_B;
}

/* @return number of CTs in the copy, 0 if it is not whole, PW_ERR_IO */
static int check_copy(struct pw_fram *fram, unsigned copy, uint32_t *seq)
{
    uint8_t buf[RECORD_B];
    if (image_io(fram, copy, 0, buf, HEADER_B, false) != PW_OK)
        return PW_ERR_IO;
    unsigned n_ct = pw_get_le16(buf + 6), version = copy < V1_A ? VERSION : 1;
    if (memcmp(buf, magic, sizeof magic) != 0 || pw_get_le16(buf + 4) != version || n_ct < 1 || n_ct > PW_MAX_CT)
        return 0;
    *seq = pw_get_le32(buf + 8);
    uint32_t crc = pw_crc32(0, buf, HEADER_B), at = HEADER_B, size = record_size(copy);
    for (unsigned k = 0; k < n_ct; k++, at += size) {
        if (image_io(fram, copy, at, buf, size, false) != PW_OK)
            return PW_ERR_IO;
        crc = pw_crc32(crc, buf, size);
    }
    if (image_io(fram, copy, at, buf, 4, false) != PW_OK)
        return PW_ERR_IO;
    return pw_get_le32(buf) == crc ? (int)n_ct : 0;
}

/* Loads the newer one of two copies. */
static int load_pair(struct pw_energy_store *st, unsigned first, struct pw_energy *e)
{
    uint32_t seq[2] = {0, 0};
    int n[2] = {check_copy(st->fram, first, &seq[0]), check_copy(st->fram, first + 1, &seq[1])};
    if (n[0] < 0 || n[1] < 0)
        return PW_ERR_IO;
    if (n[0] == 0 && n[1] == 0)
        return PW_ERR_CRC;
    unsigned newest = n[0] == 0 ? 1 : n[1] == 0 ? 0 : (int32_t)(seq[1] - seq[0]) > 0;
    for (unsigned k = 0; k < (unsigned)n[newest] && k < st->n_ct; k++) {
        uint8_t buf[RECORD_B];
        if (image_io(st->fram, first + newest, HEADER_B + k * record_size(first), buf, record_size(first), false) != PW_OK)
            return PW_ERR_IO;
        get_record(&e->ct[k], buf, first == 0 ? VERSION : 1);
    }
    st->seq = seq[newest];
    st->target = (uint8_t)!newest;
    return PW_OK;
}

int pw_energy_store_load(struct pw_energy_store *st, struct pw_fram *fram, struct pw_energy *e, unsigned n_ct)
{
    *st = (struct pw_energy_store){.fram = fram, .n_ct = (uint8_t)n_ct};
    int err = load_pair(st, 0, e);
    if (err != PW_ERR_CRC)
        return err;
    err = load_pair(st, V1_A, e);
    st->old = err == PW_OK;
    return err;
}

/* Once a copy of this version is whole, those of version 1 must never be loaded again. */
static int retire_old(struct pw_energy_store *st)
{
    for (unsigned copy = V1_A; copy < N_COPIES; copy++) {
        uint8_t buf[4], none[4] = {0};
        if (image_io(st->fram, copy, 0, buf, sizeof buf, false) != PW_OK)
            return PW_ERR_IO;
        if (memcmp(buf, magic, sizeof magic) == 0 && image_io(st->fram, copy, 0, none, sizeof none, true) != PW_OK)
            return PW_ERR_IO;
    }
    st->old = false;
    return PW_OK;
}

void pw_energy_store_begin(struct pw_energy_store *st)
{
    if (st->step == 0)
        st->step = 1;
}

static int write_piece(struct pw_energy_store *st, uint8_t *data, size_t len, uint32_t at)
{
    st->crc = pw_crc32(st->crc, data, len);
    return image_io(st->fram, st->target, at, data, len, true);
}

bool pw_energy_store_step(struct pw_energy_store *st, const struct pw_energy *e)
{
    uint8_t buf[RECORD_B];
    int err;
    if (st->step == 0)
        return false;
    memset(buf, 0, sizeof buf);
    if (st->step == 1) {
        memcpy(buf, magic, sizeof magic);
        pw_put_le16(buf + 4, VERSION);
        pw_put_le16(buf + 6, st->n_ct);
        pw_put_le32(buf + 8, st->seq + 1);
        st->crc = 0;
        err = write_piece(st, buf, HEADER_B, 0);
    } else if (st->step < 2u + st->n_ct) {
        unsigned k = st->step - 2u;
        put_record(buf, &e->ct[k]);
        err = write_piece(st, buf, RECORD_B, HEADER_B + k * RECORD_B);
    } else {
        pw_put_le32(buf, st->crc);
        err = image_io(st->fram, st->target, HEADER_B + st->n_ct * RECORD_B, buf, 4, true);
        st->step = 0;
        if (err == PW_OK) {
            st->seq++;
            st->saves++;
            st->target ^= 1;
            if (st->old)
                err = retire_old(st);
        }
    }
    if (err != PW_OK) {
        st->errors++;
        st->step = 0; /* the other copy stays whole; the next second tries again */
    } else if (st->step != 0) {
        st->step++;
    }
    return true;
}
