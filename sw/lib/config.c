/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

void pw_config_default(struct pw_config *cfg, unsigned n_ct)
{
    n_ct = n_ct < 1 ? 1 : n_ct > PW_MAX_CT ? PW_MAX_CT : n_ct;
    memset(cfg, 0, sizeof *cfg);
    cfg->version = PW_CONFIG_VERSION;
    cfg->n_ct = (uint8_t)n_ct;
    cfg->n_points = (uint8_t)n_ct;
    cfg->nominal_hz = 60;
    cfg->window_cycles = 12;
    cfg->sag_e4 = 9000;
    cfg->swell_e4 = 11000;
    cfg->interruption_e4 = 1000;
    cfg->hysteresis_e4 = 200;
    for (unsigned i = 0; i < PW_N_V; i++)
        cfg->v[i].v_fs_mv = 500000;
    for (unsigned k = 0; k < PW_MAX_CT; k++) {
        cfg->ct[k].i_fs_ma = 800000;
        cfg->ct[k].rated_ma = 200000;
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

int pw_config_point_lead(const struct pw_config *cfg, unsigned point)
{
    for (unsigned k = 0; k < cfg->n_ct && k < PW_MAX_CT; k++)
        if (cfg->ct[k].point == point)
            return (int)k;
    return -1;
}

unsigned pw_config_ct_halves(const struct pw_config *cfg, unsigned ct)
{
    const struct pw_form_info *f = pw_form_info(cfg->point[cfg->ct[ct].point % PW_MAX_CT].form);
    return f == NULL ? 2 : f->halves;
}

uint64_t pw_config_ct_vi_uw(const struct pw_config *cfg, unsigned ct)
{
    uint64_t vi = (uint64_t)cfg->v[cfg->ct[ct].vsel % PW_N_V].v_fs_mv * cfg->ct[ct].i_fs_ma;
    return pw_config_ct_halves(cfg, ct) == 1 ? vi / 2 : vi;
}

int pw_config_set_form(struct pw_config *cfg, unsigned point, unsigned form, unsigned rotation)
{
    const struct pw_form_info *f = pw_form_info(form);
    unsigned n = 0;
    if (f == NULL || point >= cfg->n_points || rotation >= PW_N_V)
        return PW_ERR_RANGE;
    for (unsigned k = 0; k < cfg->n_ct; k++)
        n += cfg->ct[k].point == point;
    if (f->n_elements != 0 && (n == 0 || n % f->n_elements != 0 || n / f->n_elements > PW_MAX_SETS))
        return PW_ERR_RANGE;
    cfg->point[point].form = (uint8_t)form;
    unsigned e = 0;
    for (unsigned k = 0; k < cfg->n_ct && f->n_elements != 0; k++) {
        if (cfg->ct[k].point != point)
            continue;
        cfg->ct[k].vsel = (uint8_t)pw_vsel_rotate(f->vsel[e], rotation);
        cfg->ct[k].pol = f->negated >> e & 1u;
        e = (e + 1) % f->n_elements;
    }
    return PW_OK;
}
