/* SPDX-License-Identifier: Apache-2.0 */
/* The products as data. Why each is as it is: docs/profiles.md, by the IDs named here. */
#include <string.h>

#include "forms.h"
#include "program.h"

#define BIT(x)  (1u << (x))
#define LEN(a)  (sizeof(a) / sizeof((a)[0]))

enum {
    DEL = PW_TQ_WH_DEL, REC = PW_TQ_WH_REC, VARH = PW_SQ_VARH_DEL, VAH = PW_TQ_VAH_DEL,
    WH = BIT(PW_TQ_WH_DEL), WH_BOTH = WH | BIT(PW_TQ_WH_REC), VARH_DEL = BIT(PW_TQ_VARH_Q1) | BIT(PW_TQ_VARH_Q2),
    TEST = PW_ITEM_TEST_RATE, ALL = PW_ITEM_ALL_RATES,
    USUAL = 3, /* intervals that make no peak: PW_DEMAND_SHORT, PW_DEMAND_LONG (demand.h) */
};
#define RATES(code) /* kWh delivered in each rate */                                                                                    \
    {PW_ITEM_RATE, DEL | 0 << 4, code, 0}, {PW_ITEM_RATE, DEL | 1 << 4, (code) + 1, 0}, {PW_ITEM_RATE, DEL | 2 << 4, (code) + 2, 0},      \
    {PW_ITEM_RATE, DEL | 3 << 4, (code) + 3, 0}
#define VERSIONS {PW_ITEM_FIRMWARE_1, 0, 31, 0}, {PW_ITEM_FIRMWARE_2, 0, 32, 0} /* B9 */

static const struct pw_program_item powerstar_items[] = { /* A4, A12, X4 */
    {PW_ITEM_TOTAL, DEL, 1, 0}, {PW_ITEM_TOTAL, REC, 2, 0}, {PW_ITEM_NET_WH, ALL, 3, 0}, RATES(11), {PW_ITEM_RATE_NOW, 0, 15, 0},
    {PW_ITEM_POWER, 0, 20, 0}, {PW_ITEM_PRESENT, 0, 21, 0}, {PW_ITEM_PEAK, 0, 22, 0}, {PW_ITEM_PEAK_TIME, 0, 23, 0}, {PW_ITEM_DATE, 0, 28, 0},
    {PW_ITEM_TIME, 0, 29, 0},
};
static const struct pw_program_item cp2so_items[] = { /* B1, B2, B9, B11; the last three in test mode, B6 */
    {PW_ITEM_SEGMENTS, 0, 0, 20}, {PW_ITEM_TOTAL, DEL, 1, 0}, {PW_ITEM_TOTAL, REC, 2, 0}, {PW_ITEM_NET_WH, ALL, 3, 0}, {PW_ITEM_TOTAL, VARH, 4, 0},
    RATES(11), {PW_ITEM_PEAK, 0, 21, 0}, {PW_ITEM_PEAK_TIME, 0, 22, 0}, {PW_ITEM_RESETS, 0, 27, 0}, {PW_ITEM_DATE, 0, 28, 0}, {PW_ITEM_TIME, 0, 29, 0},
    VERSIONS, {PW_ITEM_SEAL, 0, 0, 0},
    {PW_ITEM_RATE, DEL | TEST << 4, 41, 0}, {PW_ITEM_PRESENT, 0, 42, 0}, {PW_ITEM_RATE_PEAK, 0 | TEST << 4, 43, 0},
};
static const struct pw_program_item cp2soa_items[] = { /* the last seven in test mode */
    {PW_ITEM_SEGMENTS, 0, 0, 20}, {PW_ITEM_TOTAL, DEL, 1, 0}, {PW_ITEM_TOTAL, REC, 2, 0}, {PW_ITEM_NET_WH, ALL, 3, 0}, {PW_ITEM_TOTAL, VARH, 4, 0},
    {PW_ITEM_TOTAL, VAH, 5, 0}, RATES(11), {PW_ITEM_PEAK, 0, 21, 0}, {PW_ITEM_PEAK_TIME, 0, 22, 0}, {PW_ITEM_PEAK, 1, 23, 0}, {PW_ITEM_PEAK, 2, 24, 0},
    {PW_ITEM_CUMULATIVE, 0, 25, 0}, {PW_ITEM_CONTINUOUS, 0, 26, 0}, {PW_ITEM_RESETS, 0, 27, 0}, {PW_ITEM_DATE, 0, 28, 0}, {PW_ITEM_TIME, 0, 29, 0},
    VERSIONS, {PW_ITEM_SEAL, 0, 0, 0},
    {PW_ITEM_RATE, DEL | TEST << 4, 41, 0}, {PW_ITEM_PRESENT, 0, 42, 0}, {PW_ITEM_PRESENT, 1, 43, 0}, {PW_ITEM_PRESENT, 2, 44, 0},
    {PW_ITEM_RATE_PEAK, 0 | TEST << 4, 45, 0}, {PW_ITEM_RATE_PEAK, 1 | TEST << 4, 46, 0}, {PW_ITEM_RATE_PEAK, 2 | TEST << 4, 47, 0},
};
static const struct pw_program_item focus_items[] = { /* C1, C2, C5, C7 */
    {PW_ITEM_SEGMENTS, 0, 0, 0}, {PW_ITEM_TOTAL, DEL, 1, 0}, {PW_ITEM_TOTAL, REC, 2, 0}, {PW_ITEM_NET_WH, ALL, 3, 0}, RATES(11), {PW_ITEM_PEAK, 0, 21, 0},
    {PW_ITEM_RATE_NOW, 0, 15, 0}, VERSIONS,
};
static const struct pw_program_item mini_items[] = {{PW_ITEM_TOTAL, DEL, 0, 0}}; /* D2: SCC */
/* E5, E6: 18 s in all; the segment test is the first second of the total's 6 s */
static const struct pw_program_item ims_items[] = {
    {PW_ITEM_SEGMENTS, 0, 0, 10}, {PW_ITEM_TOTAL, DEL, 0, 50}, {PW_ITEM_PREVIOUS, 0, 0, 0}, {PW_ITEM_PEAK, 1, 0, 0},
};

static const struct pw_program_output ir_21_6[] = {{PW_OUT_IR, DEL, 0, false, 21600}};   /* B5: kWh as delivered; Kh of a 3-phase class 200 meter */
static const struct pw_program_output ir_7_2[] = {{PW_OUT_IR, DEL, 0, false, 7200}};     /* C2; Kh of a single-phase one */
static const struct pw_program_output load_10[] = {{PW_OUT_LED_LOAD, DEL, 0, true, 10000}}; /* D3 */
static const struct pw_program_output ims_out[] = {{PW_OUT_LED_A, DEL, 0, true, 10000}, {PW_OUT_LED_B, DEL, 0, true, 1000000}}; /* E4 */

#define KW_BLOCK     {PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 15, 1}
static const struct pw_demand_config kw_block[] = {KW_BLOCK};
static const struct pw_demand_config cp2soa_demands[] = { /* B3: one of each way */
    KW_BLOCK, {PW_DEMAND_VAR_DEL, PW_DEMAND_SLIDING, 15, 3}, {PW_DEMAND_VA_DEL, PW_DEMAND_THERMAL, 15, 1},
};
static const struct pw_demand_config ims_demands[] = { /* E6: last 5 minutes; 15 minutes, rolling */
    {PW_DEMAND_W_DEL, PW_DEMAND_BLOCK, 5, 1}, {PW_DEMAND_W_DEL, PW_DEMAND_SLIDING, 15, 3},
};

/* How products differ; what is the same for all is in pw_program_default. */
struct kind {
    const struct pw_program_item *item;
    const struct pw_program_output *output;
    const struct pw_demand_config *demand;
    uint32_t sync_after_s, pulse_weight_mwh;
    uint8_t  n_items, n_test, n_outputs, n_demands;
    uint8_t  quantities, n_rates, digits, decimals, reset_by, channels;
    uint8_t  interval_min, close_day, test_min, style, items_tenths, lock_min;
};

enum { POWERSTAR, CP2SO, CP2SOA, FOCUS, MINI, IMS };
static const struct kind kinds[] = {
    [POWERSTAR] = {
        .item = powerstar_items, .n_items = LEN(powerstar_items), .demand = kw_block, .n_demands = 1, .pulse_weight_mwh = 2000, /* A7 */
        .quantities = WH_BOTH, .n_rates = 4, .digits = 9, .decimals = 3, .reset_by = BIT(PW_RESET_COMMAND) | BIT(PW_RESET_SCHEDULE),
        .channels = 3, .interval_min = 15, .close_day = 1, .test_min = 60, .style = PW_STYLE_PAGES, .items_tenths = 50, .lock_min = 15,
    },
    [CP2SO] = {
        .item = cp2so_items, .n_items = LEN(cp2so_items), .n_test = 3, .output = ir_21_6, .n_outputs = 1, .demand = kw_block, .n_demands = 1,
        .pulse_weight_mwh = 21600, .quantities = WH_BOTH | VARH_DEL, .n_rates = 4, .digits = 6,
        .reset_by = BIT(PW_RESET_BUTTON) | BIT(PW_RESET_COMMAND) | BIT(PW_RESET_SCHEDULE), /* B4 */
        .channels = 15 /* B7 */, .interval_min = 15, .close_day = 1, .test_min = 30, .style = PW_STYLE_LIST, .items_tenths = 50, .lock_min = 15,
    },
    [CP2SOA] = {
        .item = cp2soa_items, .n_items = LEN(cp2soa_items), .n_test = 7, .output = ir_21_6, .n_outputs = 1, .demand = cp2soa_demands, .n_demands = 3,
        .pulse_weight_mwh = 21600, .quantities = WH_BOTH | VARH_DEL | BIT(PW_TQ_VAH_DEL), .n_rates = 4, .digits = 6,
        .reset_by = BIT(PW_RESET_BUTTON) | BIT(PW_RESET_COMMAND) | BIT(PW_RESET_SCHEDULE),
        .channels = 15, .interval_min = 15, .close_day = 1, .test_min = 30, .style = PW_STYLE_LIST, .items_tenths = 50, .lock_min = 15,
    },
    [FOCUS] = {
        .item = focus_items, .n_items = LEN(focus_items), .output = ir_7_2, .n_outputs = 1, .demand = kw_block, .n_demands = 1,
        .sync_after_s = 86400 /* C5 */, .pulse_weight_mwh = 7200, .quantities = WH_BOTH, .n_rates = 4, .digits = 6,
        .reset_by = BIT(PW_RESET_COMMAND), .channels = 3, .interval_min = 60, .close_day = 1, .style = PW_STYLE_LIST, .items_tenths = 100 /* C8 */,
        .lock_min = 15,
    },
    [MINI] = {
        .item = mini_items, .n_items = LEN(mini_items), .output = load_10, .n_outputs = 1, .pulse_weight_mwh = 1000000 /* D2: Kh 1000 */,
        .quantities = WH, .n_rates = 1, .digits = 6, .channels = 1, .interval_min = 60, .style = PW_STYLE_LIST, .items_tenths = 60,
    },
    [IMS] = {
        .item = ims_items, .n_items = LEN(ims_items), .output = ims_out, .n_outputs = 2, .demand = ims_demands, .n_demands = 2,
        .pulse_weight_mwh = 10000, .quantities = WH, .n_rates = 1, .digits = 6, .reset_by = BIT(PW_RESET_KEY), /* E7 */
        .channels = 1, .interval_min = 15, .style = PW_STYLE_LIST, .items_tenths = 60,
    },
};

static const struct {
    char    name[12];
    uint8_t kind, n_ct, n_points, form, service;
} profiles[PW_N_PROFILES] = {
    [PW_PROFILE_POWERSTAR24] = {"powerstar24", POWERSTAR, 24, 24, PW_FORM_1E2W, PW_SERVICE_WYE4},
    [PW_PROFILE_POWERSTAR12] = {"powerstar12", POWERSTAR, 12, 12, PW_FORM_1E2W, PW_SERVICE_WYE4},
    [PW_PROFILE_CP2SO]       = {"cp2so", CP2SO, 3, 1, PW_FORM_3E_WYE, PW_SERVICE_AUTO},
    [PW_PROFILE_CP2SOA]      = {"cp2soa", CP2SOA, 3, 1, PW_FORM_3E_WYE, PW_SERVICE_AUTO},
    [PW_PROFILE_FOCUS_ALF]   = {"focus-alf", FOCUS, 2, 1, PW_FORM_15E_2CT, PW_SERVICE_AUTO},
    [PW_PROFILE_MINI_S]      = {"mini-s", MINI, 1, 1, PW_FORM_1E2W, PW_SERVICE_AUTO},
    [PW_PROFILE_MINI_D]      = {"mini-d", MINI, 2, 1, PW_FORM_2E3W, PW_SERVICE_AUTO},
    [PW_PROFILE_IMS_S1]      = {"ims-s1", IMS, 2, 1, PW_FORM_2E3W, PW_SERVICE_AUTO},
    [PW_PROFILE_IMS_S2]      = {"ims-s2", IMS, 3, 1, PW_FORM_3E_WYE, PW_SERVICE_AUTO},
};

void pw_program_default(struct pw_program *p, unsigned profile)
{
    if (profile >= PW_N_PROFILES)
        profile = PW_PROFILE_POWERSTAR24;
    const struct kind *k = &kinds[profiles[profile].kind];
    memset(p, 0, sizeof *p);
    p->revision = 1;
    p->profile = (uint8_t)profile;
    p->quantities = k->quantities;
    p->n_rates = k->n_rates;
    p->n_points = profiles[profile].n_points > 1 ? 0 : 1;
    p->tou = k->n_rates > 1;
    p->n_past = PW_MAX_PAST;
    p->digits = k->digits;
    p->decimals = k->decimals;
    p->n_demands = k->n_demands;
    p->demand_digits = 6;
    p->demand_decimals = 2; /* E6 */
    p->reset_by = k->reset_by;
    p->reset_lock_min = k->lock_min;
    p->rules = (struct pw_demand_rules){.no_peak = USUAL, .sync_after_s = k->sync_after_s};
    p->intervals = (struct pw_intervals_config){.minutes = k->interval_min, .channels = k->channels, .unit_log10 = 3};
    p->close_day = k->close_day;
    p->test_timeout_min = k->test_min;
    p->style = k->style;
    p->items_tenths = k->items_tenths;
    p->n_items = k->n_items;
    p->n_test = k->n_test;
    p->n_outputs = k->n_outputs;
    p->pulse_weight_mwh = k->pulse_weight_mwh;
    for (unsigned i = 0; i < k->n_demands; i++)
        p->demand[i] = k->demand[i];
    for (unsigned i = 0; i < k->n_items; i++)
        p->item[i] = k->item[i];
    for (unsigned i = 0; i < k->n_outputs; i++)
        p->output[i] = k->output[i];
}

const char *pw_profile_name(unsigned profile)
{
    return profile < PW_N_PROFILES ? profiles[profile].name : NULL;
}

int pw_profile_find(const char *name)
{
    for (int i = 0; i < PW_N_PROFILES; i++)
        if (strcmp(name, profiles[i].name) == 0)
            return i;
    return -1;
}

void pw_profile_panel(unsigned profile, struct pw_profile_panel *panel)
{
    if (profile >= PW_N_PROFILES)
        profile = PW_PROFILE_POWERSTAR24;
    *panel = (struct pw_profile_panel){
        .n_ct = profiles[profile].n_ct, .n_points = profiles[profile].n_points, .form = profiles[profile].form, .service = profiles[profile].service,
        .i_fs_ma = 800000, .rated_ma = 200000, /* A13, B8, C1, D1, E2: class 200 */
    };
}
