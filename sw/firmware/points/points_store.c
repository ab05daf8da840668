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
#define OLD_RECORD_B (N_REGS * REG_B)
_Static_assert(OLD_RECORD_B + 4u * 8u == PW_POINT_RECORD_B, "record");

static const uint8_t magic[4] = {'P', 'W', 'P', 'T'};
static const uint32_t copy_addr[2] = {PW_FRAM_OLD_POINTS_A, PW_FRAM_OLD_POINTS_B};

void pw_point_record_put(uint8_t out[PW_POINT_RECORD_B], const struct pw_points *p, unsigned point)
{
    const struct pw_point_regs *r = &p->point[point];
    struct pw_u96 sum_del, sum_rec;
    const struct pw_u96 *const reg[N_REGS] = {&r->net_del, &r->net_rec, &sum_del, &sum_rec, &r->va_del, &r->va_rec};
    pw_points_sums(p, point, &sum_del, &sum_rec); /* as they were counted: pw_points_count follows each change */
    for (unsigned i = 0; i < N_REGS; i++)
        for (unsigned w = 0; w < 3; w++, out += 4)
            pw_put_le32(out, reg[i]->w[w]);
    for (unsigned q = 0; q < 4; q++, out += 8)
        pw_put_le64(out, pw_points_total(p, point, (enum pw_total_quantity)(PW_TQ_VARH_Q1 + q)));
}

static struct pw_u96 get_reg(const uint8_t *in, unsigned i)
{
    in += REG_B * i;
    return (struct pw_u96){{pw_get_le32(in), pw_get_le32(in + 4), pw_get_le32(in + 8)}};
}

static void get_record(struct pw_points *p, unsigned point, const uint8_t *in)
{
    struct pw_point_regs *r = &p->point[point];
    struct pw_u96 sum_del = get_reg(in, 2), sum_rec = get_reg(in, 3);
    r->net_del = get_reg(in, 0);
    r->net_rec = get_reg(in, 1);
    r->va_del = get_reg(in, 4);
    r->va_rec = get_reg(in, 5);
    pw_points_saved_sums(p, point, &sum_del, &sum_rec);
}

void pw_point_record_get(struct pw_points *p, unsigned point, const uint8_t in[PW_POINT_RECORD_B])
{
    get_record(p, point, in);
    for (unsigned q = 0; q < 4; q++)
        p->varh_base[point][q] = pw_get_le64(in + OLD_RECORD_B + 8u * q); /* pw_points_restore makes bases of them */
}

/* @return number of points in the copy, 0 if it is not whole, PW_ERR_IO */
static int check_copy(struct pw_fram *fram, uint32_t at, uint32_t *seq, uint32_t *assignment)
{
    uint8_t buf[OLD_RECORD_B];
    if (pw_fram_read(fram, at, buf, HEADER_B) != PW_OK)
        return PW_ERR_IO;
    unsigned n = pw_get_le16(buf + 6);
    if (memcmp(buf, magic, sizeof magic) != 0 || pw_get_le16(buf + 4) != VERSION || n < 1 || n > PW_STORED_CT)
        return 0;
    *seq = pw_get_le32(buf + 8);
    *assignment = pw_get_le32(buf + 12);
    uint32_t crc = pw_crc32(0, buf, HEADER_B);
    at += HEADER_B;
    for (unsigned i = 0; i < n; i++, at += OLD_RECORD_B) {
        if (pw_fram_read(fram, at, buf, OLD_RECORD_B) != PW_OK)
            return PW_ERR_IO;
        crc = pw_crc32(crc, buf, OLD_RECORD_B);
    }
    if (pw_fram_read(fram, at, buf, 4) != PW_OK)
        return PW_ERR_IO;
    return pw_get_le32(buf) == crc ? (int)n : 0;
}

static int load_copy(struct pw_fram *fram, struct pw_points *p, unsigned copy, unsigned n)
{
    uint8_t buf[OLD_RECORD_B];
    for (unsigned i = 0; i < n && i < PW_MAX_CT; i++) {
        if (pw_fram_read(fram, copy_addr[copy] + HEADER_B + i * OLD_RECORD_B, buf, OLD_RECORD_B) != PW_OK)
            return PW_ERR_IO;
        get_record(p, i, buf);
        for (unsigned q = 0; q < 4; q++) /* varh of a point were those of its CTs */
            p->varh_base[i][q] = pw_points_total(p, i, (enum pw_total_quantity)(PW_TQ_VARH_Q1 + q));
    }
    return PW_OK;
}

int pw_points_store_load(struct pw_fram *fram, struct pw_points *p)
{
    uint32_t seq[2] = {0, 0}, assignment[2] = {0, 0};
    int n[2], err = PW_ERR_CRC;
    unsigned newest = 0;
    for (unsigned c = 0; c < 2; c++)
        n[c] = check_copy(fram, copy_addr[c], &seq[c], &assignment[c]);
    if (n[0] < 0 || n[1] < 0) {
        err = PW_ERR_IO;
    } else if (n[0] > 0 || n[1] > 0) {
        newest = n[0] == 0 ? 1 : n[1] == 0 ? 0 : (int32_t)(seq[1] - seq[0]) > 0;
        err = load_copy(fram, p, newest, (unsigned)n[newest]);
    }
    if (err != PW_OK)
        pw_points_init(p, p->cfg, p->energy); /* may have been loaded in part */
    pw_points_restore(p, err == PW_OK && assignment[newest] == pw_points_assignment(p->cfg));
    return err;
}
