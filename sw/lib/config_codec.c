/* SPDX-License-Identifier: Apache-2.0 */
/* Stored form of the configuration: records at fixed places, little endian; what is not named is 0. Version 2 is read and written,
 * version 1 is read. Records are coded one at a time, so that no image has to fit the stack of the soft core. */
#include <string.h>

#include "bytes.h"
#include "config.h"
#include "crc32.h"

enum { /* head of record 0, both versions */
    MAGIC    = 0,    /* "PWCF" */
    VERSION  = 4,    /* u16 */
    SIZE     = 6,    /* u16, of the image */
    HEAD_B   = 8,
    RECORD_B = 136,  /* the largest record */
    CRC_B    = 4,    /* u32 over all before: the end of the image */
};

/* A field lies in a record as it does in its struct: little endian, signed ones as two's complement. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fields are copied");
struct field {
    uint16_t in_struct;
    uint8_t  in_record, size_b;
};
#define FIELD(type, f, at) {offsetof(struct type, f), at, sizeof ((struct type *)0)->f}

static const struct field general[] = {
    FIELD(pw_config, revision, 8), FIELD(pw_config, n_ct, 12), FIELD(pw_config, n_points, 13), FIELD(pw_config, nominal_hz, 14),
    FIELD(pw_config, window_cycles, 15), FIELD(pw_config, ip, 16), FIELD(pw_config, mask, 20), FIELD(pw_config, gateway, 24), FIELD(pw_config, mac, 28),
    FIELD(pw_config, modbus_port, 34), FIELD(pw_config, unit_id, 36), {offsetof(struct pw_config, serial), 40, PW_SERIAL_CHARS}, /* to 56: version 1 */
    FIELD(pw_config, service, 56), FIELD(pw_config, va_method, 57), FIELD(pw_config, v_nominal_mv, 60), FIELD(pw_config, sag_e4, 64),
    FIELD(pw_config, swell_e4, 66), FIELD(pw_config, interruption_e4, 68), FIELD(pw_config, hysteresis_e4, 70),
};
static const struct field voltage[] = {FIELD(pw_config_v, v_fs_mv, 0), FIELD(pw_config_v, gain_f17, 4), FIELD(pw_config_v, delay, 6)};
static const struct field ct[] = {
    FIELD(pw_config_ct, i_fs_ma, 0), FIELD(pw_config_ct, gain_f17, 4), FIELD(pw_config_ct, delay, 6), /* 7: vsel | pol << 3 | role << 4 */
    FIELD(pw_config_ct, point, 8), /* to 9: version 1 */ FIELD(pw_config_ct, curve, 9), FIELD(pw_config_ct, i_noise_ua, 10), FIELD(pw_config_ct, rated_ma, 12),
};
static const struct field point[] = {
    FIELD(pw_config_point, pulse_weight_mwh, 0), FIELD(pw_config_point, creep_mw, 4), /* to 8: version 1 */ FIELD(pw_config_point, form, 8),
};
static const struct field curve[] = {FIELD(pw_config_curve, n, 0), FIELD(pw_config_curve, point, 1)}; /* points: level u16, ratio s16, phase s16 */
_Static_assert(sizeof(struct pw_config_curve_point) == 6, "points of a curve are stored as they are");

/* A run of records of one kind. */
enum { GENERAL, VOLTAGE, CT, POINT, CURVE, RUNS };
static const struct {
    const struct field *fields;
    uint16_t in_config, stride; /* place and size of the structs */
    uint8_t  count, n_fields, n_fields_v1;
} kinds[RUNS] = {
#define N(fields) (sizeof (fields) / sizeof (fields)[0])
    [GENERAL] = {general, 0, 0, 1, N(general), 12},
    [VOLTAGE] = {voltage, offsetof(struct pw_config, v), sizeof(struct pw_config_v), PW_N_V, N(voltage), 3},
    [CT]      = {ct, offsetof(struct pw_config, ct), sizeof(struct pw_config_ct), PW_STORED_CT, N(ct), 4},
    [POINT]   = {point, offsetof(struct pw_config, point), sizeof(struct pw_config_point), PW_STORED_CT, N(point), 2},
    [CURVE]   = {curve, offsetof(struct pw_config, curve), sizeof(struct pw_config_curve), PW_N_CURVES, N(curve), 0},
};
struct run {
    uint16_t at, size;
};
static const struct run v2[RUNS] = {{0, 136}, {136, 8}, {160, 16}, {1024, 9}, {1510, 49}}; /* to 1901; then free up to the CRC */
static const struct run v1[RUNS] = {{0, 56}, {56, 8}, {80, 9}, {568, 8}, {0, 0}};
_Static_assert(136 + PW_N_V * 8 == 160 && 160 + PW_STORED_CT * 16 == 1024 && 1024 + PW_STORED_CT * 9 == 1510, "records follow each other");
_Static_assert(1510 + PW_N_CURVES * 49 <= PW_CONFIG_SIZE_B - CRC_B, "records end before the CRC");

static const uint8_t magic[4] = {'P', 'W', 'C', 'F'};

static void put_record(const struct pw_config *cfg, unsigned kind, unsigned i, uint8_t *p)
{
    const uint8_t *from = (const uint8_t *)cfg + kinds[kind].in_config + i * kinds[kind].stride;
    const struct field *f = kinds[kind].fields;
    for (unsigned k = 0; k < kinds[kind].n_fields; k++, f++)
        memcpy(p + f->in_record, from + f->in_struct, f->size_b);
    if (kind == GENERAL) {
        memcpy(p + MAGIC, magic, sizeof magic);
        pw_put_le16(p + VERSION, cfg->version);
        pw_put_le16(p + SIZE, PW_CONFIG_SIZE_B);
    } else if (kind == CT) {
        p[7] = (uint8_t)(cfg->ct[i].vsel | cfg->ct[i].pol << 3 | cfg->ct[i].role << 4);
    }
}

static void get_record(struct pw_config *cfg, unsigned kind, unsigned i, const uint8_t *p, bool old)
{
    uint8_t *to = (uint8_t *)cfg + kinds[kind].in_config + i * kinds[kind].stride;
    const struct field *f = kinds[kind].fields;
    for (unsigned k = 0; k < (old ? kinds[kind].n_fields_v1 : kinds[kind].n_fields); k++, f++)
        memcpy(to + f->in_struct, p + f->in_record, f->size_b);
    cfg->version = PW_CONFIG_VERSION;
    if (kind != CT)
        return;
    struct pw_config_ct *c = &cfg->ct[i];
    c->vsel = p[7] & 7;
    c->pol = p[7] >> 3 & 1;
    c->role = p[7] >> 4;
    if (old) {
        c->pol = p[7] >> 3; /* above 1: the range check says so */
        c->role = PW_ROLE_BRANCH;
        c->rated_ma = c->i_fs_ma / 4 < 100 ? 100 : c->i_fs_ma / 4; /* full scale of a 200 A CT was 800 A */
    }
}

/* Records of CTs and points that this build has no room for: written as zeros would not pass the check elsewhere, so as the last one. */
static unsigned in_struct(unsigned kind, unsigned i)
{
    return kinds[kind].count == PW_STORED_CT && i >= PW_MAX_CT ? PW_MAX_CT - 1u : i;
}

/* The bytes of one record that fall into the window at .. at + len. */
static void put_window(const struct pw_config *cfg, unsigned kind, unsigned i, uint32_t at, uint8_t *out, uint32_t len)
{
    uint8_t rec[RECORD_B] = {0};
    uint32_t from = v2[kind].at + i * v2[kind].size, to = from + v2[kind].size;
    if (to <= at || from >= at + len)
        return;
    put_record(cfg, kind, in_struct(kind, i), rec);
    uint32_t a = from > at ? from : at, b = to < at + len ? to : at + len;
    memcpy(out + (a - at), rec + (a - from), b - a);
}

void pw_config_encode_part(const struct pw_config *cfg, unsigned part, uint8_t out[PW_CONFIG_PART_B], uint32_t *crc)
{
    uint32_t at = part * PW_CONFIG_PART_B;
    bool last = part + 1 == PW_CONFIG_PARTS;
    memset(out, 0, PW_CONFIG_PART_B);
    for (unsigned k = 0; k < RUNS; k++)
        for (unsigned i = 0; i < kinds[k].count; i++)
            put_window(cfg, k, i, at, out, PW_CONFIG_PART_B);
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
static int check_head(const uint8_t head[HEAD_B], uint32_t *size, struct pw_config_fault *fault)
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
    int err = read(ctx, 0, rec, HEAD_B);
    if (err != PW_OK)
        return refuse(fault, err, "read");
    err = check_head(rec, &size, fault);
    if (err == PW_OK)
        err = check_crc(read, ctx, size, fault);
    if (err != PW_OK)
        return err;
    bool old = size == PW_CONFIG_V1_B;
    const struct run *runs = old ? v1 : v2;
    pw_config_default(cfg, PW_MAX_CT);
    for (unsigned k = 0; k < RUNS; k++)
        for (unsigned i = 0; runs[k].size != 0 && i < kinds[k].count && in_struct(k, i) == i; i++) {
            err = read(ctx, runs[k].at + i * runs[k].size, rec, runs[k].size);
            if (err != PW_OK)
                return refuse(fault, err, "read");
            get_record(cfg, k, i, rec, old);
        }
    if (version != NULL)
        *version = old ? 1 : 2;
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
