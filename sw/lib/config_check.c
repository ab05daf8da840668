/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#define WEIGHT_MAX_MWH 100000000u

static int bad(struct pw_config_fault *fault, const char *group, int index, const char *field)
{
    if (fault != NULL)
        *fault = (struct pw_config_fault){group, index, field};
    return PW_ERR_RANGE;
}

static bool outside(uint32_t value, uint32_t min, uint32_t max)
{
    return value < min || value > max;
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
    const char *field = outside(c->n_ct, 1, PW_MAX_CT)             ? "n_ct"
                      : outside(c->n_points, 1, c->n_ct)           ? "n_points"
                      : c->nominal_hz != 50 && c->nominal_hz != 60 ? "nominal_hz"
                      : outside(c->window_cycles, 1, 50)           ? "window_cycles"
                      : !serial_ok(c->serial)                      ? "serial"
                      : c->service >= PW_N_SERVICES                ? "service"
                      : c->va_method > PW_VA_VECTOR                ? "va_method"
                      : c->v_nominal_mv != 0 && outside(c->v_nominal_mv, 10000, 1000000) ? "v_nominal_mv"
                      : outside(c->sag_e4, 5000, 9900)             ? "sag_e4"
                      : outside(c->swell_e4, 10100, 20000)         ? "swell_e4"
                      : outside(c->interruption_e4, 100, c->sag_e4) ? "interruption_e4"
                      : c->hysteresis_e4 > 1000                    ? "hysteresis_e4"
                                                                   : NULL;
    if (field != NULL)
        return bad(fault, "general", -1, field);
    field = c->modbus_port == 0         ? "modbus_port"
          : outside(c->unit_id, 1, 247) ? "unit_id"
          : (c->mac[0] & 1) != 0        ? "mac"
                                        : NULL;
    return field == NULL ? PW_OK : bad(fault, "net", -1, field);
}

static int check_v(const struct pw_config *c, struct pw_config_fault *fault)
{
    for (unsigned i = 0; i < PW_N_V; i++) {
        if (outside(c->v[i].v_fs_mv, 1000, 2000000)) return bad(fault, "v", (int)i, "v_fs_mv");
        if (c->v[i].delay > PW_MAX_DELAY)            return bad(fault, "v", (int)i, "delay");
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
    const char *field = outside(ct->i_fs_ma, 100, 20000000)  ? "i_fs_ma"
                      : ct->delay > PW_MAX_DELAY             ? "delay"
                      : ct->vsel > PW_VCA                    ? "vsel"
                      : ct->pol > 1                          ? "pol"
                      : ct->role > PW_ROLE_SOURCE            ? "role"
                      : ct->curve > PW_N_CURVES              ? "curve"
                      : outside(ct->rated_ma, 100, 20000000) ? "rated_ma"
                      : ct->point >= (k < c->n_ct ? c->n_points : PW_STORED_CT) ? "point"
                                                             : NULL;
    if (field != NULL)
        return bad(fault, "ct", (int)k, field);
    if (k >= c->n_ct)
        return PW_OK;
    /* The gateware subtracts samples for a line voltage: both need one scale. */
    if (ct->vsel >= PW_VAB && c->v[ct->vsel - PW_VAB].v_fs_mv != c->v[(ct->vsel - PW_VAB + 1u) % PW_N_V].v_fs_mv)
        return bad(fault, "ct", (int)k, "vsel");
    /* One residue collects the energy of all CTs of a point: one unit. A point is in the totals or is not. */
    unsigned lead = (unsigned)pw_config_point_lead(c, ct->point);
    if (lead != k && (c->ct[lead].i_fs_ma != ct->i_fs_ma || ct_v_fs(c, lead) != ct_v_fs(c, k)))
        return bad(fault, "ct", (int)k, "point");
    if (c->ct[lead].role != ct->role)
        return bad(fault, "ct", (int)k, "role");
    return PW_OK;
}

/* The CTs of a point must be what its form says. */
static bool form_complete(const struct pw_config *c, unsigned point)
{
    uint8_t count[6] = {0};
    for (unsigned k = 0; k < c->n_ct; k++)
        if (c->ct[k].point == point)
            count[c->ct[k].vsel]++;
    return pw_form_matches(c->point[point].form, count);
}

/* The gateware's quantum has 31 bits: weight <= 2^31 units of FS_v FS_i 2^-14 / fs, whatever the board's sample rate. */
uint32_t pw_config_weight_max_mwh(const struct pw_config *c, unsigned point)
{
    enum { FS_MAX_HZ = 11000 };
    int lead = pw_config_point_lead(c, point);
    if (lead < 0)
        return WEIGHT_MAX_MWH;
    uint64_t fs_mw = (uint64_t)ct_v_fs(c, (unsigned)lead) * c->ct[lead].i_fs_ma / 1000u;
    uint64_t mwh = fs_mw * (UINT64_C(1) << 17) / (3600u * FS_MAX_HZ);
    return mwh < WEIGHT_MAX_MWH ? (uint32_t)mwh : WEIGHT_MAX_MWH;
}

static int check_point(const struct pw_config *c, unsigned i, struct pw_config_fault *fault)
{
    const struct pw_config_point *p = &c->point[i];
    if (p->pulse_weight_mwh != 0 && outside(p->pulse_weight_mwh, 10, pw_config_weight_max_mwh(c, i)))
        return bad(fault, "point", (int)i, "pulse_weight_mwh");
    if (p->creep_mw > 1000000)
        return bad(fault, "point", (int)i, "creep_mw");
    if (p->form >= PW_N_FORMS || !pw_form_fits(p->form, c->service))
        return bad(fault, "point", (int)i, "form");
    if (i < c->n_points && !form_complete(c, i))
        return bad(fault, "point", (int)i, "form");
    return PW_OK;
}

static int check_curve(const struct pw_config_curve *t, unsigned i, struct pw_config_fault *fault)
{
    unsigned last = 0;
    if (t->n > PW_CURVE_POINTS)
        return bad(fault, "curve", (int)i, "n");
    for (unsigned k = 0; k < t->n; k++) {
        if (t->point[k].level_e4 <= last)
            return bad(fault, "curve", (int)i, "level_e4");
        last = t->point[k].level_e4;
    }
    return PW_OK;
}

int pw_config_check(const struct pw_config *cfg, struct pw_config_fault *fault)
{
    if (cfg->version != PW_CONFIG_VERSION) {
        (void)bad(fault, "general", -1, "version");
        return PW_ERR_VERSION;
    }
    int err = check_general(cfg, fault);
    if (err == PW_OK)
        err = check_v(cfg, fault);
    for (unsigned k = 0; k < PW_MAX_CT && err == PW_OK; k++)
        err = check_ct(cfg, k, fault);
    for (unsigned i = 0; i < PW_MAX_CT && err == PW_OK; i++)
        err = check_point(cfg, i, fault);
    for (unsigned i = 0; i < PW_N_CURVES && err == PW_OK; i++)
        err = check_curve(&cfg->curve[i], i, fault);
    return err;
}
