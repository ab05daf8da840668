/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "crc32.h"

/* Stored form, little endian. What is not named is 0. */
enum {
    MAGIC    = 0,    /* "PWCF" */
    VERSION  = 4,    /* u16 */
    SIZE     = 6,    /* u16 = PW_CONFIG_SIZE_B */
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
    V        = 56,   /* 3 x 8: fs u32, gain s16, delay, 0 */
    CT       = 80,   /* 54 x 9: fs u32, gain s16, delay, vsel | pol << 3, point */
    POINT    = 568,  /* 54 x 8: weight u32, creep u32 */
    CRC      = 1020, /* u32 over all before */
    V_B      = 8,
    CT_B     = 9,
    POINT_B  = 8,
};
_Static_assert(V + PW_N_V * V_B <= CT, "voltages overlap CTs");
_Static_assert(CT + PW_MAX_CT * CT_B <= POINT, "CTs overlap points");
_Static_assert(POINT + PW_MAX_CT * POINT_B <= CRC, "points overlap the CRC");
_Static_assert(CRC + 4 == PW_CONFIG_SIZE_B, "size");

static const uint8_t magic[4] = {'P', 'W', 'C', 'F'};

void pw_config_default(struct pw_config *cfg, unsigned n_ct)
{
    n_ct = n_ct < 1 ? 1 : n_ct > PW_MAX_CT ? PW_MAX_CT : n_ct;
    memset(cfg, 0, sizeof *cfg);
    cfg->version = PW_CONFIG_VERSION;
    cfg->n_ct = (uint8_t)n_ct;
    cfg->n_points = (uint8_t)n_ct;
    cfg->nominal_hz = 60;
    cfg->window_cycles = 12;
    for (unsigned i = 0; i < PW_N_V; i++)
        cfg->v[i].v_fs_mv = 500000;
    for (unsigned k = 0; k < PW_MAX_CT; k++) {
        cfg->ct[k].i_fs_ma = 800000;
        cfg->ct[k].vsel = (uint8_t)(k % PW_N_V);
        cfg->ct[k].point = (uint8_t)(k < n_ct ? k : 0);
        cfg->point[k].pulse_weight_mwh = 2000;
        cfg->point[k].creep_mw = 1000;
    }
    memcpy(cfg->ip, (const uint8_t[]){192, 168, 1, 60}, 4);
    memcpy(cfg->mask, (const uint8_t[]){255, 255, 255, 0}, 4);
    memcpy(cfg->gateway, (const uint8_t[]){192, 168, 1, 1}, 4);
    memcpy(cfg->mac, (const uint8_t[]){0x02, 'P', 'W', 0, 0, 1}, 6); /* locally administered */
    cfg->modbus_port = 502;
    cfg->unit_id = 1;
    memcpy(cfg->serial, "PW000001", 8);
}

static int bad(struct pw_config_fault *fault, const char *group, int index, const char *field)
{
    if (fault != NULL)
        *fault = (struct pw_config_fault){group, index, field};
    return PW_ERR_RANGE;
}

static bool serial_ok(const char *s)
{
    bool ended = false;
    for (unsigned i = 0; i < PW_SERIAL_CHARS; i++) {
        if (s[i] == 0)
            ended = true;
        else if (ended || s[i] < ' ' || s[i] > '~')
            return false;
    }
    return s[PW_SERIAL_CHARS] == 0;
}

static int check_general(const struct pw_config *c, struct pw_config_fault *fault)
{
    if (c->n_ct < 1 || c->n_ct > PW_MAX_CT)               return bad(fault, "general", -1, "n_ct");
    if (c->n_points < 1 || c->n_points > c->n_ct)         return bad(fault, "general", -1, "n_points");
    if (c->nominal_hz != 50 && c->nominal_hz != 60)       return bad(fault, "general", -1, "nominal_hz");
    if (c->window_cycles < 1 || c->window_cycles > 50)    return bad(fault, "general", -1, "window_cycles");
    if (c->modbus_port == 0)                              return bad(fault, "net", -1, "modbus_port");
    if (c->unit_id < 1 || c->unit_id > 247)               return bad(fault, "net", -1, "unit_id");
    if (c->mac[0] & 1)                                    return bad(fault, "net", -1, "mac");
    if (!serial_ok(c->serial))                            return bad(fault, "general", -1, "serial");
    for (unsigned i = 0; i < PW_N_V; i++) {
        if (c->v[i].v_fs_mv < 1000 || c->v[i].v_fs_mv > 2000000) return bad(fault, "v", (int)i, "v_fs_mv");
        if (c->v[i].delay > PW_MAX_DELAY)                        return bad(fault, "v", (int)i, "delay");
    }
    return PW_OK;
}

static uint32_t ct_v_fs(const struct pw_config *c, unsigned k)
{
    return c->v[c->ct[k].vsel % PW_N_V].v_fs_mv;
}

static int check_ct(const struct pw_config *c, unsigned k, struct pw_config_fault *fault)
{
    const struct pw_config_ct *ct = &c->ct[k];
    int i = (int)k;
    if (ct->i_fs_ma < 100 || ct->i_fs_ma > 20000000) return bad(fault, "ct", i, "i_fs_ma");
    if (ct->delay > PW_MAX_DELAY)                    return bad(fault, "ct", i, "delay");
    if (ct->vsel > PW_VCA)                           return bad(fault, "ct", i, "vsel");
    if (ct->pol > 1)                                 return bad(fault, "ct", i, "pol");
    if (k >= c->n_ct)
        return ct->point < PW_MAX_CT ? PW_OK : bad(fault, "ct", i, "point");
    if (ct->point >= c->n_points)                    return bad(fault, "ct", i, "point");
    /* The gateware subtracts samples for a line voltage: both need one scale. */
    if (ct->vsel >= PW_VAB && c->v[ct->vsel - PW_VAB].v_fs_mv != c->v[(ct->vsel - PW_VAB + 1u) % PW_N_V].v_fs_mv)
        return bad(fault, "ct", i, "vsel");
    /* One residue collects the energy of all CTs of a point: one unit. */
    unsigned lead = (unsigned)pw_config_point_lead(c, ct->point);
    if (lead != k && (c->ct[lead].i_fs_ma != ct->i_fs_ma || ct_v_fs(c, lead) != ct_v_fs(c, k)))
        return bad(fault, "ct", i, "point");
    return PW_OK;
}

int pw_config_check(const struct pw_config *cfg, struct pw_config_fault *fault)
{
    if (cfg->version != PW_CONFIG_VERSION) {
        (void)bad(fault, "general", -1, "version");
        return PW_ERR_VERSION;
    }
    int err = check_general(cfg, fault);
    for (unsigned k = 0; k < PW_MAX_CT && err == PW_OK; k++)
        err = check_ct(cfg, k, fault);
    for (unsigned i = 0; i < PW_MAX_CT && err == PW_OK; i++) {
        uint32_t w = cfg->point[i].pulse_weight_mwh;
        if (w != 0 && (w < 10 || w > 100000000)) err = bad(fault, "point", (int)i, "pulse_weight_mwh");
        else if (cfg->point[i].creep_mw > 1000000) err = bad(fault, "point", (int)i, "creep_mw");
    }
    return err;
}

int pw_config_point_lead(const struct pw_config *cfg, unsigned point)
{
    for (unsigned k = 0; k < cfg->n_ct && k < PW_MAX_CT; k++)
        if (cfg->ct[k].point == point)
            return (int)k;
    return -1;
}

int pw_config_encode(const struct pw_config *cfg, uint8_t out[PW_CONFIG_SIZE_B], struct pw_config_fault *fault)
{
    int err = pw_config_check(cfg, fault);
    if (err != PW_OK)
        return err;
    memset(out, 0, PW_CONFIG_SIZE_B);
    memcpy(out + MAGIC, magic, sizeof magic);
    pw_put_le16(out + VERSION, cfg->version);
    pw_put_le16(out + SIZE, PW_CONFIG_SIZE_B);
    pw_put_le32(out + REVISION, cfg->revision);
    out[N_CT] = cfg->n_ct;
    out[N_POINTS] = cfg->n_points;
    out[NOMINAL] = cfg->nominal_hz;
    out[CYCLES] = cfg->window_cycles;
    memcpy(out + NET_IP, cfg->ip, 4);
    memcpy(out + NET_MASK, cfg->mask, 4);
    memcpy(out + NET_GW, cfg->gateway, 4);
    memcpy(out + NET_MAC, cfg->mac, 6);
    pw_put_le16(out + PORT, cfg->modbus_port);
    out[UNIT] = cfg->unit_id;
    memcpy(out + SERIAL, cfg->serial, PW_SERIAL_CHARS);
    for (unsigned i = 0; i < PW_N_V; i++) {
        uint8_t *p = out + V + i * V_B;
        pw_put_le32(p, cfg->v[i].v_fs_mv);
        pw_put_le16(p + 4, (uint16_t)cfg->v[i].gain_f17);
        p[6] = cfg->v[i].delay;
    }
    for (unsigned k = 0; k < PW_MAX_CT; k++) {
        const struct pw_config_ct *ct = &cfg->ct[k];
        uint8_t *p = out + CT + k * CT_B;
        pw_put_le32(p, ct->i_fs_ma);
        pw_put_le16(p + 4, (uint16_t)ct->gain_f17);
        p[6] = ct->delay;
        p[7] = (uint8_t)(ct->vsel | ct->pol << 3);
        p[8] = ct->point;
    }
    for (unsigned i = 0; i < PW_MAX_CT; i++) {
        uint8_t *p = out + POINT + i * POINT_B;
        pw_put_le32(p, cfg->point[i].pulse_weight_mwh);
        pw_put_le32(p + 4, cfg->point[i].creep_mw);
    }
    pw_put_le32(out + CRC, pw_crc32(0, out, CRC));
    return PW_OK;
}

static void unpack(struct pw_config *cfg, const uint8_t *in)
{
    memset(cfg, 0, sizeof *cfg);
    cfg->version = pw_get_le16(in + VERSION);
    cfg->revision = pw_get_le32(in + REVISION);
    cfg->n_ct = in[N_CT];
    cfg->n_points = in[N_POINTS];
    cfg->nominal_hz = in[NOMINAL];
    cfg->window_cycles = in[CYCLES];
    memcpy(cfg->ip, in + NET_IP, 4);
    memcpy(cfg->mask, in + NET_MASK, 4);
    memcpy(cfg->gateway, in + NET_GW, 4);
    memcpy(cfg->mac, in + NET_MAC, 6);
    cfg->modbus_port = pw_get_le16(in + PORT);
    cfg->unit_id = in[UNIT];
    memcpy(cfg->serial, in + SERIAL, PW_SERIAL_CHARS);
    for (unsigned i = 0; i < PW_N_V; i++) {
        const uint8_t *p = in + V + i * V_B;
        cfg->v[i].v_fs_mv = pw_get_le32(p);
        cfg->v[i].gain_f17 = (int16_t)pw_get_le16(p + 4);
        cfg->v[i].delay = p[6];
    }
    for (unsigned k = 0; k < PW_MAX_CT; k++) {
        const uint8_t *p = in + CT + k * CT_B;
        struct pw_config_ct *ct = &cfg->ct[k];
        ct->i_fs_ma = pw_get_le32(p);
        ct->gain_f17 = (int16_t)pw_get_le16(p + 4);
        ct->delay = p[6];
        ct->vsel = p[7] & 7;
        ct->pol = p[7] >> 3; /* above 1: the range check says so */
        ct->point = p[8];
    }
    for (unsigned i = 0; i < PW_MAX_CT; i++) {
        const uint8_t *p = in + POINT + i * POINT_B;
        cfg->point[i].pulse_weight_mwh = pw_get_le32(p);
        cfg->point[i].creep_mw = pw_get_le32(p + 4);
    }
}

int pw_config_decode(struct pw_config *cfg, const uint8_t *in, size_t len, struct pw_config_fault *fault)
{
    const char *field = NULL;
    int err = PW_OK;
    if (len != PW_CONFIG_SIZE_B) {
        err = PW_ERR_SIZE;
        field = "length";
    } else if (memcmp(in + MAGIC, magic, sizeof magic) != 0) {
        err = PW_ERR_MAGIC;
        field = "magic";
    } else if (pw_get_le16(in + VERSION) != PW_CONFIG_VERSION || pw_get_le16(in + SIZE) != PW_CONFIG_SIZE_B) {
        err = PW_ERR_VERSION;
        field = "version";
    } else if (pw_get_le32(in + CRC) != pw_crc32(0, in, CRC)) {
        err = PW_ERR_CRC;
        field = "crc";
    }
    if (err != PW_OK) {
        (void)bad(fault, "image", -1, field);
        return err;
    }
    struct pw_config c;
    unpack(&c, in);
    err = pw_config_check(&c, fault);
    if (err == PW_OK)
        *cfg = c;
    return err;
}
