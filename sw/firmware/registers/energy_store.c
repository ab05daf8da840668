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
#define RECORD_B PW_ENERGY_RECORD_B
#define V1_RECORD_B 128u
_Static_assert(PW_N_ENERGY * ITEM_B + 4 + 2 * VA_B == RECORD_B && PW_N_ENERGY * ITEM_B + 8 == V1_RECORD_B, "record");

static const uint8_t magic[4] = {'P', 'W', 'E', 'N'};

/* Copies 0 and 1 are A and B, 2 and 3 those of version 1. */
enum { V1_A = 2, N_COPIES = 4 };
static const uint16_t place[N_COPIES] = {PW_FRAM_OLD_ENERGY_A, PW_FRAM_OLD_ENERGY_B, PW_FRAM_OLD_ENERGY_V1_A, PW_FRAM_OLD_ENERGY_V1_B};

/* An image is one run of bytes to its user, and two runs in the FRAM. */
static int image_read(struct pw_fram *fram, unsigned copy, uint32_t at, uint8_t *data, size_t len)
{
    int err = PW_OK;
    while (len > 0 && err == PW_OK) {
        bool second = at >= PW_FRAM_OLD_ENERGY_PART;
        size_t n = second ? len : PW_FRAM_OLD_ENERGY_PART - at;
        if (n > len)
            n = len;
        err = pw_fram_read(fram, place[copy] + (second ? PW_FRAM_OLD_ENERGY_MORE + at - PW_FRAM_OLD_ENERGY_PART : at), data, n);
        at += (uint32_t)n;
        data += n;
        len -= n;
    }
    return err;
}

void pw_energy_record_put(uint8_t p[PW_ENERGY_RECORD_B], const struct pw_energy_ct *c)
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

void pw_energy_record_get(struct pw_energy_ct *c, const uint8_t p[PW_ENERGY_RECORD_B])
{
    get_record(c, p, VERSION);
}

static unsigned record_size(unsigned copy)
{
    return copy < V1_A ? RECORD_B : V1_RECORD_B;
}

/* @return number of CTs in the copy, 0 if it is not whole, PW_ERR_IO */
static int check_copy(struct pw_fram *fram, unsigned copy, uint32_t *seq)
{
    uint8_t buf[RECORD_B];
    if (image_read(fram, copy, 0, buf, HEADER_B) != PW_OK)
        return PW_ERR_IO;
    unsigned n_ct = pw_get_le16(buf + 6), version = copy < V1_A ? VERSION : 1;
    if (memcmp(buf, magic, sizeof magic) != 0 || pw_get_le16(buf + 4) != version || n_ct < 1 || n_ct > PW_MAX_CT)
        return 0;
    *seq = pw_get_le32(buf + 8);
    uint32_t crc = pw_crc32(0, buf, HEADER_B), at = HEADER_B, size = record_size(copy);
    for (unsigned k = 0; k < n_ct; k++, at += size) {
        if (image_read(fram, copy, at, buf, size) != PW_OK)
            return PW_ERR_IO;
        crc = pw_crc32(crc, buf, size);
    }
    if (image_read(fram, copy, at, buf, 4) != PW_OK)
        return PW_ERR_IO;
    return pw_get_le32(buf) == crc ? (int)n_ct : 0;
}

/* Loads the newer one of two copies. */
static int load_pair(struct pw_fram *fram, unsigned first, struct pw_energy *e, unsigned n_ct)
{
    uint32_t seq[2] = {0, 0};
    int n[2] = {check_copy(fram, first, &seq[0]), check_copy(fram, first + 1, &seq[1])};
    if (n[0] < 0 || n[1] < 0)
        return PW_ERR_IO;
    if (n[0] == 0 && n[1] == 0)
        return PW_ERR_CRC;
    unsigned newest = n[0] == 0 ? 1 : n[1] == 0 ? 0 : (int32_t)(seq[1] - seq[0]) > 0;
    for (unsigned k = 0; k < (unsigned)n[newest] && k < n_ct; k++) {
        uint8_t buf[RECORD_B];
        if (image_read(fram, first + newest, HEADER_B + k * record_size(first), buf, record_size(first)) != PW_OK)
            return PW_ERR_IO;
        get_record(&e->ct[k], buf, first == 0 ? VERSION : 1);
    }
    return PW_OK;
}

int pw_energy_store_load(struct pw_fram *fram, struct pw_energy *e, unsigned n_ct)
{
    int err = load_pair(fram, 0, e, n_ct);
    return err == PW_ERR_CRC ? load_pair(fram, V1_A, e, n_ct) : err;
}
