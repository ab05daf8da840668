/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's configuration: a plain struct, and its stored form of PW_CONFIG_SIZE_B bytes (version, CRC-32).
 * Where it is stored: fram_map.h. Images of version 1 (1024 bytes) are read too; what they lack is as in pw_config_default. */
#ifndef PW_CONFIG_H
#define PW_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "errors.h"
#include "forms.h"

#ifndef PW_MAX_CT
#define PW_MAX_CT          54u /* a build for fewer inputs saves RAM: -DPW_MAX_CT=24u; the stored form is the same */
#endif
#define PW_N_V             3u
#define PW_MAX_CH          (PW_N_V + PW_MAX_CT)
#define PW_STORED_CT       54u
#define PW_CONFIG_VERSION  2u
#define PW_CONFIG_SIZE_B   2048u
#define PW_CONFIG_V1_B     1024u
#define PW_CONFIG_PART_B   128u
#define PW_CONFIG_PARTS    (PW_CONFIG_SIZE_B / PW_CONFIG_PART_B)
#define PW_SERIAL_CHARS    16u
#define PW_MAX_DELAY       239u /* modulator clocks */
#define PW_N_CURVES        8u
#define PW_CURVE_POINTS    8u
_Static_assert(PW_MAX_CT >= 1 && PW_MAX_CT <= PW_STORED_CT, "CT count");

struct pw_config_v {
    uint32_t v_fs_mv;  /* peak voltage at full scale of the modulator, 1000 .. 2 000 000 mV */
    int16_t  gain_f17; /* gain = 1 + gain_f17 / 2^17 */
    uint8_t  delay;    /* modulator clocks, 0 .. PW_MAX_DELAY */
};

/* Mains: in the panel balance, not in totals. Sources: branches that may feed in (PV), so that export is no sign of a reversed CT. */
enum pw_role { PW_ROLE_BRANCH = 0, PW_ROLE_MAIN = 1, PW_ROLE_SOURCE = 2 };

struct pw_config_ct {
    uint32_t i_fs_ma;    /* peak primary current at full scale of the modulator, 100 .. 20 000 000 mA */
    int16_t  gain_f17;
    uint8_t  delay;
    uint8_t  vsel;       /* enum pw_vsel */
    uint8_t  pol;        /* 1 = current or voltage reversed: CT clamped on backwards, exclusive or negated by the form */
    uint8_t  point;      /* metering point, 0 .. n_points - 1; CTs of one point need the same full scales and role */
    uint8_t  role;       /* enum pw_role */
    uint8_t  curve;      /* 0: none, 1 .. PW_N_CURVES: type table curve[curve - 1] */
    uint32_t rated_ma;   /* rated primary current, rms, 100 .. 20 000 000 mA: what the curves' levels refer to */
    uint16_t i_noise_ua; /* rms noise of the input, in primary uA; taken off Irms in quadrature */
};

struct pw_config_point {
    uint32_t pulse_weight_mwh; /* energy of one pulse, 0 (no pulses), 10 .. pw_config_weight_max_mwh */
    uint32_t creep_mw;         /* a CT of this point registers nothing below it, 0 .. 1 000 000 mW */
    uint8_t  form;             /* enum pw_form; not free: CT count and vsel must be the form's */
};

/* Errors of a CT type against current; between the points a straight line over its logarithm, beyond them the nearest. */
struct pw_config_curve {
    uint8_t n;                      /* 0 .. PW_CURVE_POINTS */
    struct pw_config_curve_point {
        uint16_t level_e4;          /* current, 0.01 % of rated (rms); 1 .. 65535, rising */
        int16_t  ratio_e6;          /* ratio error, 1e-6: positive = secondary too large */
        int16_t  phase_cmin;        /* phase displacement, 0.01 minute: positive = secondary leads */
    } point[PW_CURVE_POINTS];
};

enum pw_va_method { PW_VA_ARITHMETIC = 0, PW_VA_VECTOR = 1 };

struct pw_config {
    uint16_t version;          /* PW_CONFIG_VERSION */
    uint32_t revision;         /* counts saves: the valid copy with the larger number is the newer */
    uint8_t  n_ct;             /* 1 .. PW_MAX_CT */
    uint8_t  n_points;         /* 1 .. n_ct */
    uint8_t  nominal_hz;       /* 50 or 60 */
    uint8_t  window_cycles;    /* line cycles per window, 1 .. 50 (10 at 50 Hz, 12 at 60 Hz) */
    uint8_t  service;          /* enum pw_service; forms must fit it */
    uint8_t  va_method;        /* enum pw_va_method: of the kVAh of points */
    uint32_t v_nominal_mv;     /* phase voltage that the thresholds refer to; 0: from detection; else 10 000 .. 1 000 000 mV */
    uint16_t sag_e4, swell_e4; /* 0.01 % of nominal: 5000 .. 9900, 10100 .. 20000 */
    uint16_t interruption_e4;  /* 100 .. sag_e4 */
    uint16_t hysteresis_e4;    /* 0 .. 1000 */
    struct pw_config_v     v[PW_N_V];
    struct pw_config_ct    ct[PW_MAX_CT];
    struct pw_config_point point[PW_MAX_CT];
    struct pw_config_curve curve[PW_N_CURVES];
    uint8_t  ip[4], mask[4], gateway[4], mac[6];
    uint16_t modbus_port;      /* 1 .. 65535 */
    uint8_t  unit_id;          /* 1 .. 247; 0 and 255 are always answered too */
    char     serial[PW_SERIAL_CHARS + 1]; /* printable ASCII, zero terminated, zero filled */
};

/* What a check or decode found wrong: "ct 7: vsel" is {"ct", 7, "vsel"}; index -1 when there is only one. */
struct pw_config_fault {
    const char *group;
    int         index;
    const char *field;
};

/** Defaults: CT k alone on point k with voltage k % 3, 800 A and 500 V peak full scale, 200 A rated, 60 Hz, 12 cycles, 2 Wh pulses,
 *  1 W creep, no forms, service and nominal voltage as detected, 192.168.1.60/24, port 502, unit 1.
 *  @param n_ct  1 .. PW_MAX_CT (others are taken as the nearest) */
void pw_config_default(struct pw_config *cfg, unsigned n_ct);

/** Every range and relation.
 *  @param[out] fault  what is wrong; may be NULL; untouched on PW_OK
 *  @return PW_OK, PW_ERR_VERSION, PW_ERR_RANGE */
PW_MUST_CHECK int pw_config_check(const struct pw_config *cfg, struct pw_config_fault *fault);

/** To bytes. @return PW_OK or what pw_config_check says (then `out` is untouched) */
PW_MUST_CHECK int pw_config_encode(const struct pw_config *cfg, uint8_t out[PW_CONFIG_SIZE_B], struct pw_config_fault *fault);

/** The same in parts, for a small stack: part 0 .. PW_CONFIG_PARTS - 1 in this order, of a configuration that passed the check.
 *  @param[in,out] crc  carried from part to part; set by part 0 */
void pw_config_encode_part(const struct pw_config *cfg, unsigned part, uint8_t out[PW_CONFIG_PART_B], uint32_t *crc);

/** From bytes; `cfg` is untouched unless PW_OK.
 *  @param len  PW_CONFIG_SIZE_B, or PW_CONFIG_V1_B for an image of version 1
 *  @return PW_OK, PW_ERR_SIZE, PW_ERR_MAGIC, PW_ERR_VERSION, PW_ERR_CRC, PW_ERR_RANGE (also: more CTs than PW_MAX_CT) */
PW_MUST_CHECK int pw_config_decode(struct pw_config *cfg, const uint8_t *in, size_t len, struct pw_config_fault *fault);

/* Where stored bytes come from: at .. at + len - 1 of the image. @return PW_OK or an error that ends the load */
typedef int (*pw_config_read)(void *ctx, uint32_t at, uint8_t *out, size_t len);

/** The same from a reader, without a second struct on the stack: `cfg` is scratch unless PW_OK.
 *  @param[out] version  of the image; may be NULL
 *  @return as pw_config_decode, or the reader's error */
PW_MUST_CHECK int pw_config_load(struct pw_config *cfg, pw_config_read read, void *ctx, unsigned *version, struct pw_config_fault *fault);

/** CT of the lowest number on a point: its channel carries the point's pulse residue and pulse output.
 *  @return CT number, or -1 if no CT is on the point */
int pw_config_point_lead(const struct pw_config *cfg, unsigned point);

/** Heaviest pulse that the gateware can hold for a point: 3.3 mWh a watt of full scale, at most 100 000 000 mWh. */
uint32_t pw_config_weight_max_mwh(const struct pw_config *cfg, unsigned point);

/** Weight of a CT's power and energy, in halves: 2, or 1 on a 1.5-element form, where half of its voltage counts. */
unsigned pw_config_ct_halves(const struct pw_config *cfg, unsigned ct);

/** Power at full scale of voltage and current, weight included: the scale of the CT's power and energy. uW, at most 4e13. */
uint64_t pw_config_ct_vi_uw(const struct pw_config *cfg, unsigned ct);

/** Writes the voltages and polarities of a form to the CTs of a point, in the order of their numbers, set after set.
 *  @param rotation  0 .. 2: the form begins on Va, Vb, Vc
 *  @return PW_OK, PW_ERR_RANGE (no such form or point; no whole sets: then nothing is changed) */
PW_MUST_CHECK int pw_config_set_form(struct pw_config *cfg, unsigned point, unsigned form, unsigned rotation);

#endif
