/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's configuration: a plain struct, and its stored form of PW_CONFIG_SIZE_B bytes (version, CRC-32).
 * Where it is stored: fram_map.h. */
#ifndef PW_CONFIG_H
#define PW_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "errors.h"

#define PW_N_V            3u
#define PW_MAX_CT         54u
#define PW_MAX_CH         (PW_N_V + PW_MAX_CT)
#define PW_CONFIG_VERSION 1u
#define PW_CONFIG_SIZE_B  1024u
#define PW_SERIAL_CHARS   16u
#define PW_MAX_DELAY      239u /* modulator clocks */

/* Voltage that a CT is metered with; the numbers are those of the gateware (BANK.CH.CFG.vsel). */
enum pw_vsel { PW_VA = 0, PW_VB = 1, PW_VC = 2, PW_VAB = 3, PW_VBC = 4, PW_VCA = 5 };

struct pw_config_v {
    uint32_t v_fs_mv;  /* peak voltage at full scale of the modulator, 1000 .. 2 000 000 mV */
    int16_t  gain_f17; /* gain = 1 + gain_f17 / 2^17 */
    uint8_t  delay;    /* modulator clocks, 0 .. PW_MAX_DELAY */
};

struct pw_config_ct {
    uint32_t i_fs_ma;  /* peak primary current at full scale of the modulator, 100 .. 20 000 000 mA */
    int16_t  gain_f17;
    uint8_t  delay;
    uint8_t  vsel;     /* enum pw_vsel */
    uint8_t  pol;      /* 1 = reversed */
    uint8_t  point;    /* metering point, 0 .. n_points - 1; CTs of one point need the same full scales */
};

struct pw_config_point {
    uint32_t pulse_weight_mwh; /* energy of one pulse, 0 (no pulses), 10 .. 100 000 000 mWh */
    uint32_t creep_mw;         /* a CT of this point registers nothing below it, 0 .. 1 000 000 mW */
};

struct pw_config {
    uint16_t version;          /* PW_CONFIG_VERSION */
    uint32_t revision;         /* counts saves: the valid copy with the larger number is the newer */
    uint8_t  n_ct;             /* 1 .. PW_MAX_CT */
    uint8_t  n_points;         /* 1 .. n_ct */
    uint8_t  nominal_hz;       /* 50 or 60 */
    uint8_t  window_cycles;    /* line cycles per window, 1 .. 50 (10 at 50 Hz, 12 at 60 Hz) */
    struct pw_config_v     v[PW_N_V];
    struct pw_config_ct    ct[PW_MAX_CT];
    struct pw_config_point point[PW_MAX_CT];
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

/** Defaults: CT k alone on point k with voltage k % 3, 800 A and 500 V peak full scale, 60 Hz, 12 cycles, 2 Wh pulses,
 *  1 W creep, 192.168.1.60/24, port 502, unit 1.
 *  @param n_ct  1 .. PW_MAX_CT (others are taken as the nearest) */
void pw_config_default(struct pw_config *cfg, unsigned n_ct);

/** Every range and relation.
 *  @param[out] fault  what is wrong; may be NULL; untouched on PW_OK
 *  @return PW_OK, PW_ERR_VERSION, PW_ERR_RANGE */
PW_MUST_CHECK int pw_config_check(const struct pw_config *cfg, struct pw_config_fault *fault);

/** To bytes. @return PW_OK or what pw_config_check says (then `out` is untouched) */
PW_MUST_CHECK int pw_config_encode(const struct pw_config *cfg, uint8_t out[PW_CONFIG_SIZE_B], struct pw_config_fault *fault);

/** From bytes; `cfg` is untouched unless PW_OK.
 *  @return PW_OK, PW_ERR_SIZE (len is not PW_CONFIG_SIZE_B), PW_ERR_MAGIC, PW_ERR_VERSION, PW_ERR_CRC, PW_ERR_RANGE */
PW_MUST_CHECK int pw_config_decode(struct pw_config *cfg, const uint8_t *in, size_t len, struct pw_config_fault *fault);

/** CT of the lowest number on a point: its channel carries the point's pulse residue and pulse output.
 *  @return CT number, or -1 if no CT is on the point */
int pw_config_point_lead(const struct pw_config *cfg, unsigned point);

#endif
