/* SPDX-License-Identifier: Apache-2.0 */
/* Stored form of the configuration: records at fixed places, little endian; what is not named is 0. Version 2 is read and written,
 * version 1 is read. Records are coded one at a time, so that no image has to fit the stack of the soft core. */
#include <string.h>

#include "bytes.h"
#include "config.h"
#include "crc32.h"

enum { /* record 0, both versions */
    MAGIC    = 0,    /* "PWCF" */
    VERSION  = 4,    /* u16 */
    SIZE     = 6,    /* u16, of the image */
    REVISION = 8,    /* u32 */
    N_CT     = 12,
    N_POINTS = 13,
    NOMINAL  = 14,
    CYCLES   = 15,
    NET_IP   = 16,
    NET_MASK = 20,
    NET_GW   = 24,
    NET_MAC  = 28,
    PORT     = 34,   /* u16 */
    UNIT     = 36,
    SERIAL   = 40,   /* 16 characters */
    V1_B     = 56,   /* end of the version 1 record */
    SERVICE  = 56,
    VA       = 57,
    NOM_V    = 60,   /* u32 */
    SAG      = 64,   /* u16 each */
    SWELL    = 66,
    INTERR   = 68,
    HYST     = 70,
    RECORD_B = 136,  /* the largest */
    CRC_B    = 4,    /* u32 over all before: the end of the image */
};

/* A run of records of one kind. */
struct run {
    uint16_t at, size, count;
    void (*put)(const struct pw_config *cfg, unsigned i, uint8_t *p);
    void (*get)(struct pw_config *cfg, unsigned i, const uint8_t *p);
};

static const uint8_t magic[4] = {'P', 'W', 'C', 'F'};

static void put_general(const struct pw_config *c, unsigned i, uint8_t *p)
{
    (void)i;
    memcpy(p + MAGIC, magic, sizeof magic);
    pw_put_le16(p + VERSION, c->version);
    pw_put_le16(p + SIZE, PW_CONFIG_SIZE_B);
    pw_put_le32(p + REVISION, c->revision);
    p[N_CT] = c->n_ct;
    p[N_POINTS] = c->n_points;
    p[NOMINAL] = c->nominal_hz;
    p[CYCLES] = c->window_cycles;
    memcpy(p + NET_IP, c->ip, 4);
    memcpy(p + NET_MASK, c->mask, 4);
    memcpy(p + NET_GW, c->gateway, 4);
    memcpy(p + NET_MAC, c->mac, 6);
    pw_put_le16(p + PORT, c->modbus_port);
    p[UNIT] = c->unit_id;
    memcpy(p + SERIAL, c->serial, PW_SERIAL_CHARS);
    p[SERVICE] = c->service;
    p[VA] = c->va_method;
    pw_put_le32(p + NOM_V, c->v_nominal_mv);
    pw_put_le16(p + SAG, c->sag_e4);
    pw_put_le16(p + SWELL, c->swell_e4);
    pw_put_le16(p + INTERR, c->interruption_e4);
    pw_put_le16(p + HYST, c->hysteresis_e4);
}

static void get_general_v1(struct pw_config *c, unsigned i, const uint8_t *p)
{
    (void)i;
    c->version = PW_CONFIG_VERSION;
    c->revision = pw_get_le32(p + REVISION);
    c->n_ct = p[N_CT];
    c->n_points = p[N_POINTS];
    c->nominal_hz = p[NOMINAL];
    c->window_cycles = p[CYCLES];
    memcpy(c->ip, p + NET_IP, 4);
    memcpy(c->mask, p + NET_MASK, 4);
    memcpy(c->gateway, p + NET_GW, 4);
    memcpy(c->mac, p + NET_MAC, 6);
    c->modbus_port = pw_get_le16(p + PORT);
    c->unit_id = p[UNIT];
    memcpy(c->serial, p + SERIAL, PW_SERIAL_CHARS);
}

static void get_general(struct pw_config *c, unsigned i, const uint8_t *p)
{
    get_general_v1(c, i, p);
    c->service = p[SERVICE];
    c->va_method = p[VA];
    c->v_nominal_mv = pw_get_le32(p + NOM_V);
    c->sag_e4 = pw_get_le16(p + SAG);
    c->swell_e4 = pw_get_le16(p + SWELL);
    c->interruption_e4 = pw_get_le16(p + INTERR);
    c->hysteresis_e4 = pw_get_le16(p + HYST);
}

static void put_v(const struct pw_config *c, unsigned i, uint8_t *p)
{
    pw_put_le32(p, c->v[i].v_fs_mv);
    pw_put_le16(p + 4, (uint16_t)c->v[i].gain_f17);
    p[6] = c->v[i].delay;
}

static void get_v(struct pw_config *c, unsigned i, const uint8_t *p)
{
    c->v[i].v_fs_mv = pw_get_le32(p);
    c->v[i].gain_f17 = (int16_t)pw_get_le16(p + 4);
    c->v[i].delay = p[6];
}

/* fs u32, gain s16, delay, vsel | pol << 3 | role << 4, point, curve, noise u16, rated u32 */
static void put_ct(const struct pw_config *c, unsigned k, uint8_t *p)
{
    const struct pw_config_ct *ct = &c->ct[k];
    pw_put_le32(p, ct->i_fs_ma);
    pw_put_le16(p + 4, (uint16_t)ct->gain_f17);
    p[6] = ct->delay;
    p[7] = (uint8_t)(ct->vsel | ct->pol << 3 | ct->role << 4);
    p[8] = ct->point;
    p[9] = ct->curve;
    pw_put_le16(p + 10, ct->i_noise_ua);
    pw_put_le32(p + 12, ct->rated_ma);
}

static void get_ct_v1(struct pw_config *c, unsigned k, const uint8_t *p)
{
    struct pw_config_ct *ct = &c->ct[k];
    ct->i_fs_ma = pw_get_le32(p);
    ct->gain_f17 = (int16_t)pw_get_le16(p + 4);
    ct->delay = p[6];
    ct->vsel = p[7] & 7;
    ct->pol = p[7] >> 3; /* above 1: the range check says so */
    ct->point = p[8];
    ct->rated_ma = ct->i_fs_ma / 4 < 100 ? 100 : ct->i_fs_ma / 4; /* full scale of a 200 A CT was 800 A */
}

static void get_ct(struct pw_config *c, unsigned k, const uint8_t *p)
{
    struct pw_config_ct *ct = &c->ct[k];
    get_ct_v1(c, k, p);
    ct->pol = p[7] >> 3 & 1;
    ct->role = p[7] >> 4;
    ct->curve = p[9];
    ct->i_noise_ua = pw_get_le16(p + 10);
    ct->rated_ma = pw_get_le32(p + 12);
}

/* weight u32, creep u32, form */
static void put_point(const struct pw_config *c, unsigned i, uint8_t *p)
{
    pw_put_le32(p, c->point[i].pulse_weight_mwh);
    pw_put_le32(p + 4, c->point[i].creep_mw);
    p[8] = c->point[i].form;
}

static void get_point_v1(struct pw_config *c, unsigned i, const uint8_t *p)
{
    c->point[i].pulse_weight_mwh = pw_get_le32(p);
    c->point[i].creep_mw = pw_get_le32(p + 4);
}

static void get_point(struct pw_config *c, unsigned i, const uint8_t *p)
{
    get_point_v1(c, i, p);
    c->point[i].form = p[8];
}

/* n, 8 x (level u16, ratio s16, phase s16) */
static void put_curve(const struct pw_config *c, unsigned i, uint8_t *p)
{
    const struct pw_config_curve *t = &c->curve[i];
    p[0] = t->n;
    for (unsigned k = 0; k < PW_CURVE_POINTS; k++) {
        pw_put_le16(p + 1 + 6 * k, t->point[k].level_e4);
        pw_put_le16(p + 3 + 6 * k, (uint16_t)t->point[k].ratio_e6);
        pw_put_le16(p + 5 + 6 * k, (uint16_t)t->point[k].phase_cmin);
    }
}

static void get_curve(struct pw_config *c, unsigned i, const uint8_t *p)
{
    struct pw_config_curve *t = &c->curve[i];
    t->n = p[0];
    for (unsigned k = 0; k < PW_CURVE_POINTS; k++) {
        t->point[k].level_e4 = pw_get_le16(p + 1 + 6 * k);
        t->point[k].ratio_e6 = (int16_t)pw_get_le16(p + 3 + 6 * k);
        t->point[k].phase_cmin = (int16_t)pw_get_le16(p + 5 + 6 * k);
    }
}

#define RUNS 5u
static const struct run v2[RUNS] = {
    {0, 136, 1, put_general, get_general},
    {136, 8, PW_N_V, put_v, get_v},
    {160, 16, PW_STORED_CT, put_ct, get_ct},
    {1024, 9, PW_STORED_CT, put_point, get_point},
    {1510, 49, PW_N_CURVES, put_curve, get_curve}, /* to 1901; then free up to the CRC */
};
static const struct run v1[RUNS] = {
    {0, 56, 1, NULL, get_general_v1},
    {56, 8, PW_N_V, NULL, get_v},
    {80, 9, PW_STORED_CT, NULL, get_ct_v1},
    {568, 8, PW_STORED_CT, NULL, get_point_v1},
    {0, 0, 0, NULL, NULL},
};
_Static_assert(136 + PW_N_V * 8 == 160 && 160 + PW_STORED_CT * 16 == 1024 && 1024 + PW_STORED_CT * 9 == 1510, "records follow each other");
_Static_assert(1510 + PW_N_CURVES * 49 <= PW_CONFIG_SIZE_B - CRC_B, "records end before the CRC");

/* Records of CTs and points that this build has no room for: written as zeros would not pass the check elsewhere, so as the last one. */
static unsigned in_struct(const struct run *r, unsigned i)
{
    return r->count == PW_STORED_CT && i >= PW_MAX_CT ? PW_MAX_CT - 1u : i;
}

/* The bytes of one record that fall into the window at .. at + len. */
static void put_window(const struct pw_config *cfg, const struct run *r, unsigned i, uint32_t at, uint8_t *out, uint32_t len)
{
    uint8_t rec[RECORD_B] = {0};
    uint32_t from = r->at + i * r->size, to = from + r->size;
    if (to <= at || from >= at + len)
        return;
    r->put(cfg, in_struct(r, i), rec);
    uint32_t a = from > at ? from : at, b = to < at + len ? to : at + len;
    memcpy(out + (a - at), rec + (a - from), b - a);
}

void pw_config_encode_part(const struct pw_config *cfg, unsigned part, uint8_t out[PW_CONFIG_PART_B], uint32_t *crc)
{
    uint32_t at = part * PW_CONFIG_PART_B;
    bool last = part + 1 == PW_CONFIG_PARTS;
    memset(out, 0, PW_CONFIG_PART_B);
    for (unsigned k = 0; k < RUNS; k++)
        for (unsigned i = 0; i < v2[k].count; i++)
            put_window(cfg, &v2[k], i, at, out, PW_CONFIG_PART_B);
    *crc = pw_crc32(part == 0 ? 0 : *crc, out, PW_CONFIG_PART_B - (last ? CRC_B : 0u));
    if (last)
        pw_put_le32(out + PW_CONFIG_PART_B - CRC_B, *crc);
}

int pw_config_encode(const struct pw_config *cfg, uint8_t out[PW_CONFIG_SIZE_B], struct pw_config_fault *fault)
{
    uint32_t crc = 0;
    int err = pw_config_check(cfg, fault);
    for (unsigned part = 0; part < PW_CONFIG_PARTS && err == PW_OK; part++)
        pw_config_encode_part(cfg, part, out + part * PW_CONFIG_PART_B, &crc);
    return err;
}

static int refuse(struct pw_config_fault *fault, int err, const char *field)
{
    if (fault != NULL)
        *fault = (struct pw_config_fault){"image", -1, field};
    return err;
}

/* Kind and version. @param[out] size  of the image */
static int check_head(const uint8_t head[8], uint32_t *size, struct pw_config_fault *fault)
{
    unsigned version = pw_get_le16(head + VERSION);
    if (memcmp(head + MAGIC, magic, sizeof magic) != 0)
        return refuse(fault, PW_ERR_MAGIC, "magic");
    *size = version == 1 ? PW_CONFIG_V1_B : PW_CONFIG_SIZE_B;
    if (version < 1 || version > PW_CONFIG_VERSION || pw_get_le16(head + SIZE) != *size)
        return refuse(fault, PW_ERR_VERSION, "version");
    return PW_OK;
}

static int check_crc(pw_config_read read, void *ctx, uint32_t size, struct pw_config_fault *fault)
{
    uint8_t buf[64];
    uint32_t crc = 0, n;
    for (uint32_t at = 0; at < size; at += n) {
        n = size - at < sizeof buf ? size - at : (uint32_t)sizeof buf;
        int err = read(ctx, at, buf, n);
        if (err != PW_OK)
            return refuse(fault, err, "read");
        crc = pw_crc32(crc, buf, at + n == size ? n - CRC_B : n);
    }
    uint32_t stored = pw_get_le32(buf + sizeof buf - CRC_B); /* sizes are multiples of the buffer's */
    return crc == stored ? PW_OK : refuse(fault, PW_ERR_CRC, "crc");
}
_Static_assert(PW_CONFIG_V1_B % 64 == 0 && PW_CONFIG_SIZE_B % 64 == 0, "the CRC ends a buffer");

int pw_config_load(struct pw_config *cfg, pw_config_read read, void *ctx, unsigned *version, struct pw_config_fault *fault)
{
    uint8_t rec[RECORD_B];
    uint32_t size = 0;
    int err = read(ctx, 0, rec, 8);
    if (err != PW_OK)
        return refuse(fault, err, "read");
    err = check_head(rec, &size, fault);
    if (err == PW_OK)
        err = check_crc(read, ctx, size, fault);
    if (err != PW_OK)
        return err;
    const struct run *runs = size == PW_CONFIG_V1_B ? v1 : v2;
    pw_config_default(cfg, PW_MAX_CT);
    for (unsigned k = 0; k < RUNS; k++)
        for (unsigned i = 0; i < runs[k].count && in_struct(&runs[k], i) == i; i++) {
            err = read(ctx, runs[k].at + i * runs[k].size, rec, runs[k].size);
            if (err != PW_OK)
                return refuse(fault, err, "read");
            runs[k].get(cfg, i, rec);
        }
    if (version != NULL)
        *version = size == PW_CONFIG_V1_B ? 1 : 2;
    return pw_config_check(cfg, fault);
}

static int read_bytes(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
    memcpy(out, (const uint8_t *)ctx + at, len);
    return PW_OK;
}

int pw_config_decode(struct pw_config *cfg, const uint8_t *in, size_t len, struct pw_config_fault *fault)
{
    struct pw_config c;
    uint32_t size = 0;
    if (len != PW_CONFIG_SIZE_B && len != PW_CONFIG_V1_B)
        return refuse(fault, PW_ERR_SIZE, "length");
    int err = check_head(in, &size, fault);
    if (err != PW_OK)
        return err;
    if (size != len)
        return refuse(fault, PW_ERR_SIZE, "length");
    err = pw_config_load(&c, read_bytes, (void *)(uintptr_t)in, NULL, fault);
    if (err == PW_OK)
        *cfg = c;
    return err;
}
