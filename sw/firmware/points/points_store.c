/* SPDX-License-Identifier: Apache-2.0 */
#include "points_store.h"

#include <string.h>

#include "bytes.h"
#include "crc32.h"
#include "fram_map.h"

#define VERSION  1u
#define HEADER_B 32u
#define N_REGS   6u
#define REG_B    12u
#define RECORD_B (N_REGS * REG_B)
_Static_assert(sizeof(struct pw_point_regs) == N_REGS * sizeof(struct pw_u96), "every register is stored");
_Static_assert(HEADER_B + PW_STORED_CT * RECORD_B + 4 <= PW_FRAM_POINTS_SIZE_B, "an image has room");

static const uint8_t magic[4] = {'P', 'W', 'P', 'T'};
static const uint32_t copy_addr[2] = {PW_FRAM_POINTS_A, PW_FRAM_POINTS_B};

static struct pw_u96 *reg_of(struct pw_point_regs *r, unsigned i)
{
    struct pw_u96 *const reg[N_REGS] = {&r->net_del, &r->net_rec, &r->sum_del, &r->sum_rec, &r->va_del, &r->va_rec};
    return reg[i];
}

static void put_record(uint8_t *p, struct pw_point_regs r)
{
    for (unsigned i = 0; i < N_REGS; i++)
        for (unsigned w = 0; w < 3; w++, p += 4)
            pw_put_le32(p, reg_of(&r, i)->w[w]);
}

static void get_record(struct pw_point_regs *r, const uint8_t *p)
{
    for (unsigned i = 0; i < N_REGS; i++)
        for (unsigned w = 0; w < 3; w++, p += 4)
            reg_of(r, i)->w[w] = pw_get_le32(p);
}

/* @return number of points in the copy, 0 if it is not whole, PW_ERR_IO */
static int check_copy(struct pw_fram *fram, uint32_t at, uint32_t *seq, uint32_t *assignment)
{
    uint8_t buf[RECORD_B];
    if (pw_fram_read(fram, at, buf, HEADER_B) != PW_OK)
        return PW_ERR_IO;
    unsigned n = pw_get_le16(buf + 6);
    if (memcmp(buf, magic, sizeof magic) != 0 || pw_get_le16(buf + 4) != VERSION || n < 1 || n > PW_STORED_CT)
        return 0;
    *seq = pw_get_le32(buf + 8);
    *assignment = pw_get_le32(buf + 12);
    uint32_t crc = pw_crc32(0, buf, HEADER_B);
    at += HEADER_B;
    for (unsigned i = 0; i < n; i++, at += RECORD_B) {
        if (pw_fram_read(fram, at, buf, RECORD_B) != PW_OK)
            return PW_ERR_IO;
        crc = pw_crc32(crc, buf, RECORD_B);
    }
    if (pw_fram_read(fram, at, buf, 4) != PW_OK)
        return PW_ERR_IO;
    return pw_get_le32(buf) == crc ? (int)n : 0;
}

static int load_copy(struct pw_points_store *st, struct pw_points *p, unsigned copy, unsigned n)
{
    uint8_t buf[RECORD_B];
    for (unsigned i = 0; i < n && i < PW_MAX_CT; i++) {
        if (pw_fram_read(st->fram, copy_addr[copy] + HEADER_B + i * RECORD_B, buf, RECORD_B) != PW_OK)
            return PW_ERR_IO;
        get_record(&p->point[i], buf);
    }
    return PW_OK;
}

int pw_points_store_load(struct pw_points_store *st, struct pw_fram *fram, struct pw_points *p)
{
    uint32_t seq[2] = {0, 0}, assignment[2] = {0, 0};
    int n[2], err = PW_ERR_CRC;
    unsigned newest = 0;
    *st = (struct pw_points_store){.fram = fram};
    for (unsigned c = 0; c < 2; c++)
        n[c] = check_copy(fram, copy_addr[c], &seq[c], &assignment[c]);
    if (n[0] < 0 || n[1] < 0) {
        err = PW_ERR_IO;
    } else if (n[0] > 0 || n[1] > 0) {
        newest = n[0] == 0 ? 1 : n[1] == 0 ? 0 : (int32_t)(seq[1] - seq[0]) > 0;
        err = load_copy(st, p, newest, (unsigned)n[newest]);
        st->seq = seq[newest];
        st->target = (uint8_t)!newest;
    }
    if (err != PW_OK)
        memset(p->point, 0, sizeof p->point); /* may have been loaded in part */
    pw_points_restore(p, err == PW_OK && assignment[newest] == pw_points_assignment(p->cfg));
    return err;
}

void pw_points_store_begin(struct pw_points_store *st, const struct pw_points *p)
{
    st->step = 1;
    st->n_points = p->cfg->n_ct; /* points that the configuration has dropped keep their registers */
}

/* The piece of this step. @return its length */
static size_t piece(struct pw_points_store *st, const struct pw_points *p, uint8_t buf[RECORD_B], uint32_t *at)
{
    if (st->step == 1) {
        memcpy(buf, magic, sizeof magic);
        pw_put_le16(buf + 4, VERSION);
        pw_put_le16(buf + 6, st->n_points);
        pw_put_le32(buf + 8, st->seq + 1);
        pw_put_le32(buf + 12, pw_points_assignment(p->cfg));
        st->crc = 0;
        *at = 0;
        return HEADER_B;
    }
    *at = HEADER_B + (st->step - 2u) * RECORD_B;
    if (st->step >= 2u + st->n_points) {
        pw_put_le32(buf, st->crc);
        return 4;
    }
    put_record(buf, p->point[st->step - 2u]);
    return RECORD_B;
}

bool pw_points_store_step(struct pw_points_store *st, const struct pw_points *p)
{
    uint8_t buf[RECORD_B];
    uint32_t at;
    if (st->step == 0)
        return false;
    memset(buf, 0, sizeof buf);
    bool last = st->step == 2u + st->n_points;
    size_t len = piece(st, p, buf, &at);
    st->crc = pw_crc32(st->crc, buf, len);
    if (pw_fram_write(st->fram, copy_addr[st->target] + at, buf, len) != PW_OK) {
        st->errors++;
        st->step = 0; /* the other copy stays whole; the next second tries again */
    } else if (last) {
        st->step = 0;
        st->seq++;
        st->saves++;
        st->target ^= 1;
    } else {
        st->step++;
    }
    return true;
}
