/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's program: what it is as a product. Which registers, demands, intervals, display items and outputs it has: data, chosen from the
 * profiles (profiles.c) or programmed. What the panel is like (CTs, forms, addresses) is config.h's. Stored form: PW_PROGRAM_SIZE_B bytes with
 * version and CRC-32, two copies (fram_map.h). */
#ifndef PW_PROGRAM_H
#define PW_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "errors.h"

#define PW_PROGRAM_SIZE_B  256u
#define PW_PROGRAM_VERSION 1u
#define PW_MAX_RATES       8u
#define PW_MAX_DEMANDS     3u
#define PW_MAX_PAST        13u
#define PW_MAX_ITEMS       32u  /* of both display lists */
#define PW_MAX_OUTPUTS     4u   /* beside the test pulses of the points */

enum pw_profile {
    PW_PROFILE_POWERSTAR24, PW_PROFILE_POWERSTAR12, PW_PROFILE_CP2SO, PW_PROFILE_CP2SOA, PW_PROFILE_FOCUS_ALF, PW_PROFILE_MINI_S, PW_PROFILE_MINI_D,
    PW_PROFILE_IMS_S1, PW_PROFILE_IMS_S2, PW_N_PROFILES
};

/* 1e-6 Wh, varh, VAh. Quadrants as in docs/architecture.md: Q1 + Q2 are varh delivered, Q3 + Q4 received. */
enum pw_total_quantity {
    PW_TQ_WH_DEL, PW_TQ_WH_REC, PW_TQ_VARH_Q1, PW_TQ_VARH_Q2, PW_TQ_VARH_Q3, PW_TQ_VARH_Q4, PW_TQ_VAH_DEL, PW_TQ_VAH_REC, PW_N_TQ
};

/* What display items and outputs may name besides: sums of two of these. */
enum pw_sum_quantity { PW_SQ_VARH_DEL = PW_N_TQ /* Q1 + Q2 */, PW_SQ_VARH_REC /* Q3 + Q4 */, PW_N_SQ };

/** What a quantity is the sum of. @param quantity  enum pw_total_quantity or pw_sum_quantity
 *  @return bits 1 << enum pw_total_quantity; 0: there is no such quantity */
unsigned pw_quantity_parts(unsigned quantity);

enum pw_demand_method { PW_DEMAND_BLOCK, PW_DEMAND_SLIDING, PW_DEMAND_THERMAL };
enum pw_demand_quantity { PW_DEMAND_W_DEL, PW_DEMAND_W_REC, PW_DEMAND_VAR_DEL, PW_DEMAND_VAR_REC, PW_DEMAND_VA_DEL, PW_DEMAND_VA_REC };

struct pw_demand_config {
    uint8_t quantity;     /* enum pw_demand_quantity */
    uint8_t method;       /* enum pw_demand_method */
    uint8_t interval_min; /* 1 .. 60, divides 60 */
    uint8_t subintervals; /* sliding: 2 .. 15, of whole seconds; others: 1 */
};

struct pw_demand_rules {
    uint8_t  no_peak;       /* enum pw_demand_flag (demand.h): intervals with one of these do not count either; usual: SHORT | LONG */
    uint32_t cold_after_s;  /* outages longer than this ... */
    uint16_t cold_min;      /* ... are followed by so many minutes without demand; 0: off */
    uint32_t sync_after_s;  /* after outages longer than this no demand until pw_demand_synced; 0: off. C5: 86400 */
};

enum pw_reset_source { PW_RESET_BUTTON, PW_RESET_KEY, PW_RESET_COMMAND, PW_RESET_SCHEDULE };

struct pw_intervals_config {
    uint16_t minutes;      /* pw_intervals_minutes_ok: 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440 */
    uint8_t  channels;     /* enum pw_interval_channel (intervals.h), at least one energy */
    uint8_t  unit_log10;   /* unit of values: 10^n uWh, 0 .. 6; default 3 (1 mWh: up to 4.29 MWh an interval) */
    uint8_t  n_points;     /* 1 .. PW_MAX_CT; not of the program: as many as the meter has inputs */
};

bool pw_intervals_minutes_ok(unsigned minutes);

/* How the display works. */
enum pw_display_style { PW_STYLE_PAGES /* 4 x 20, menus; the list comes behind "enter" */, PW_STYLE_LIST /* one item at a time, by itself */ };

/* What an item of the list shows. Stored: append only. */
enum pw_item_what {
    PW_ITEM_NONE,
    PW_ITEM_SEGMENTS,      /* all segments on */
    PW_ITEM_TOTAL,         /* arg: enum pw_total_quantity, pw_sum_quantity; all rates */
    PW_ITEM_RATE,          /* arg: quantity | rate << 4; rate PW_ITEM_TEST_RATE: energy of test mode */
    PW_ITEM_NET_WH,        /* arg: PW_ITEM_ALL_RATES, else rate */
    PW_ITEM_NET_VARH,
    PW_ITEM_PRESENT,       /* arg: number of the demand; so too the next five */
    PW_ITEM_PREVIOUS,
    PW_ITEM_PEAK,
    PW_ITEM_PEAK_TIME,
    PW_ITEM_CUMULATIVE,
    PW_ITEM_CONTINUOUS,
    PW_ITEM_RATE_PEAK,     /* arg: demand | rate << 4; rate PW_ITEM_TEST_RATE: peak in test mode */
    PW_ITEM_RESETS,
    PW_ITEM_DATE,
    PW_ITEM_TIME,
    PW_ITEM_RATE_NOW,
    PW_ITEM_VOLTS,         /* arg: input 0 .. 2 */
    PW_ITEM_AMPERES,       /* arg: CT of the point, 0 .. 8 */
    PW_ITEM_POWER,
    PW_ITEM_SERVICE,
    PW_ITEM_FIRMWARE_1,    /* F31: first half of the firmware's version */
    PW_ITEM_FIRMWARE_2,    /* F32: second half */
    PW_ITEM_SEAL,          /* "Sealed Canadian Meter", or nothing while it is not */
    PW_ITEM_IDENTITY,      /* serial number */
    PW_ITEM_SELF_TEST,
    PW_N_ITEMS
};
#define PW_ITEM_ALL_RATES 0xFu
#define PW_ITEM_TEST_RATE 0xEu

struct pw_program_item {
    uint8_t what;          /* enum pw_item_what */
    uint8_t arg;
    uint8_t code;          /* number that the list shows beside the value, 1 .. 99 (of versions with an F: F31); 0: none */
    uint8_t tenths;        /* shown for so many 0.1 s; 0: as items_tenths */
};

/* What a pulse or LED output follows. Energies are of one point. */
enum pw_output_kind { PW_OUT_NONE, PW_OUT_IR, PW_OUT_LED_A, PW_OUT_LED_B, PW_OUT_LED_LOAD };

struct pw_program_output {
    uint8_t  kind;         /* enum pw_output_kind */
    uint8_t  quantity;     /* enum pw_total_quantity, pw_sum_quantity */
    uint8_t  point;        /* PW_OUT_ALL_POINTS: sum of all */
    bool     half;         /* 50 %: on for half of the energy, off for half; else a short pulse each */
    uint32_t weight_mwh;   /* of a whole period, 1e-3 Wh, varh, VAh: 10 .. 10 000 000 */
};
#define PW_OUT_ALL_POINTS 0xFFu /* but the mains */

/* By what demand is reset. Bits: 1 << enum pw_reset_source. */

struct pw_program {
    uint32_t revision;          /* counts saves */
    uint8_t  profile;           /* enum pw_profile that it was made from */
    /* registers */
    uint8_t  quantities;        /* bit i: enum pw_total_quantity i has registers; at least one */
    uint8_t  n_points;          /* points that have registers, demand and intervals, from point 0 on; 0 (or more than inputs): as many as there are inputs */
    uint8_t  n_rates;           /* 1 .. PW_TOU_RATES */
    uint8_t  n_past;            /* past peaks kept, 1 .. 13 */
    uint8_t  digits, decimals;  /* of energies as shown, 1 .. 9 and 0 .. 3, kWh, kvarh, kVAh */
    /* demand */
    uint8_t  n_demands;         /* 0 .. 3 */
    uint8_t  demand_digits, demand_decimals;
    uint8_t  reset_by;          /* bits 1 << enum pw_reset_source that may reset the demand */
    uint16_t reset_lock_min;    /* after a reset, 0 .. 1440 */
    struct pw_demand_config demand[PW_MAX_DEMANDS];
    struct pw_demand_rules  rules;
    /* intervals, billing periods */
    struct pw_intervals_config intervals;
    uint8_t  close_day;         /* a billing period ends at 00:00 of this day of each month: 1 .. 28; 0: by command only */
    bool     close_resets;      /* and the demand is reset then */
    bool     season_closes;     /* a change of season ends the period, too */
    bool     tou;               /* rates by schedule; else all is rate 1 */
    /* test mode */
    uint16_t test_timeout_min;  /* 1 .. 1440; 0: this meter has none */
    /* display and outputs */
    uint8_t  style;             /* enum pw_display_style */
    uint8_t  items_tenths;      /* of items that say 0: 5 .. 250, 0.1 s */
    uint8_t  n_items;           /* of both lists: first the normal one, at least one item ... */
    uint8_t  n_test;            /* ... and at the end so many of the TEST list, shown in test mode; 0: the normal one is shown then, too */
    uint8_t  n_outputs;
    struct pw_program_item   item[PW_MAX_ITEMS];
    struct pw_program_output output[PW_MAX_OUTPUTS];
    uint32_t pulse_weight_mwh;  /* of the points' test pulses, into config.h's points when a profile is chosen */
};

/* What a check found wrong: {"item", 3, "what"}; index -1 when there is only one. */
struct pw_program_fault {
    const char *group;
    int         index;
    const char *field;
};

/** The program of a profile. @param profile  enum pw_profile (others: PW_PROFILE_POWERSTAR24) */
void pw_program_default(struct pw_program *p, unsigned profile);

/** "powerstar24", ...; NULL if there is no such profile. */
const char *pw_profile_name(unsigned profile);

/** @return enum pw_profile, or -1 */
int pw_profile_find(const char *name);

/** CTs, points, form (enum pw_form) of each point and service (enum pw_service) of a profile's usual panel, for tools that make a configuration from it. */
struct pw_profile_panel {
    uint8_t n_ct, n_points, form, service;
    uint32_t i_fs_ma, rated_ma;
};
void pw_profile_panel(unsigned profile, struct pw_profile_panel *panel);

/** Every range and relation; what lies beyond the counts is not looked at, and stored as 0. @param[out] fault  may be NULL; untouched on PW_OK @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_program_check(const struct pw_program *p, struct pw_program_fault *fault);

/** To bytes; the program must pass the check. */
void pw_program_encode(const struct pw_program *p, uint8_t out[PW_PROGRAM_SIZE_B]);

/** From bytes; `p` is scratch unless PW_OK.
 *  @return PW_OK, PW_ERR_SIZE, PW_ERR_MAGIC, PW_ERR_VERSION, PW_ERR_CRC, PW_ERR_RANGE */
PW_MUST_CHECK int pw_program_decode(struct pw_program *p, const uint8_t *in, size_t len, struct pw_program_fault *fault);

#endif
