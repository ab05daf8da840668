/* SPDX-License-Identifier: Apache-2.0 */
/* What a program may be; its single fields as a table. */
#include <string.h>

#include "program_priv.h"
#include "tou.h"

#define WEIGHT_MIN_MWH     10u
#define WEIGHT_MAX_MWH     10000000u  /* of outputs */
#define PULSE_MAX_MWH      100000000u /* as pw_config_weight_max_mwh at most */
#define DAY_MIN            1440u
#define SUBINTERVALS_MAX   15u
#define STORED_POINTS      54u        /* PW_STORED_CT; how many there are is the configuration's */
#define CTS_OF_A_POINT     9u         /* PW_MAX_ELEMENTS x PW_MAX_SETS */

struct field {
    const char *name;
    uint32_t    max;
    uint8_t     min, offset, size, at; /* in the struct, bytes, in the stored form */
};
#define FIELD(member, at, min, max) {#member, max, min, (uint8_t)offsetof(struct pw_program, member), sizeof(((struct pw_program *)0)->member), at}
static const struct field fields[] = {
    FIELD(revision, 8, 0, UINT32_MAX),
    FIELD(profile, 12, 0, PW_N_PROFILES - 1),
    FIELD(quantities, 13, 1, 255),
    FIELD(n_rates, 14, 1, PW_TOU_RATES),
    FIELD(n_past, 15, 1, PW_MAX_PAST),
    FIELD(digits, 16, 1, 9),
    FIELD(decimals, 17, 0, 3),
    FIELD(n_demands, 18, 0, PW_MAX_DEMANDS),
    FIELD(demand_digits, 19, 1, 9),
    FIELD(demand_decimals, 20, 0, 3),
    FIELD(reset_by, 21, 0, 15),
    FIELD(reset_lock_min, 22, 0, DAY_MIN),
    FIELD(rules.no_peak, 36, 0, 255),
    FIELD(close_day, 37, 0, 28),
    FIELD(rules.cold_min, 38, 0, DAY_MIN),
    FIELD(rules.cold_after_s, 40, 0, UINT32_MAX),
    FIELD(rules.sync_after_s, 44, 0, UINT32_MAX),
    FIELD(intervals.minutes, 48, 5, DAY_MIN),
    FIELD(intervals.channels, 50, 1, 31),
    FIELD(intervals.unit_log10, 51, 0, 6),
    FIELD(close_resets, 52, 0, 1),
    FIELD(season_closes, 53, 0, 1),
    FIELD(tou, 54, 0, 1),
    FIELD(style, 55, 0, PW_STYLE_LIST),
    FIELD(test_timeout_min, 56, 0, DAY_MIN),
    FIELD(items_tenths, 58, 5, 250),
    FIELD(n_items, 59, 1, PW_MAX_ITEMS),
    FIELD(n_test, 60, 0, PW_MAX_ITEMS - 1),
    FIELD(n_outputs, 61, 0, PW_MAX_OUTPUTS),
    FIELD(n_points, 62, 0, STORED_POINTS),
    FIELD(pulse_weight_mwh, 64, 0, PULSE_MAX_MWH),
};
_Static_assert(sizeof(struct pw_program) <= 256, "offsets are bytes");
#define N_FIELDS (sizeof fields / sizeof fields[0])

static int bad(struct pw_program_fault *fault, const char *group, int index, const char *field)
{
    if (fault != NULL)
        *fault = (struct pw_program_fault){group, index, field};
    return PW_ERR_RANGE;
}

static bool outside(uint32_t value, uint32_t min, uint32_t max)
{
    return value < min || value > max;
}

unsigned pw_quantity_parts(unsigned quantity)
{
    if (quantity < PW_N_TQ)
        return 1u << quantity;
    return quantity == PW_SQ_VARH_DEL   ? 1u << PW_TQ_VARH_Q1 | 1u << PW_TQ_VARH_Q2
           : quantity == PW_SQ_VARH_REC ? 1u << PW_TQ_VARH_Q3 | 1u << PW_TQ_VARH_Q4
                                        : 0;
}

static bool has_registers(const struct pw_program *p, unsigned quantity)
{
    unsigned parts = pw_quantity_parts(quantity);
    return parts != 0 && (p->quantities & parts) == parts;
}

static uint32_t load(const struct pw_program *p, const struct field *f)
{
    const uint8_t *at = (const uint8_t *)p + f->offset;
    uint16_t half;
    uint32_t word;
    if (f->size == 1)
        return *at;
    if (f->size == 2) {
        memcpy(&half, at, sizeof half);
        return half;
    }
    memcpy(&word, at, sizeof word);
    return word;
}

static void store(struct pw_program *p, const struct field *f, uint32_t value)
{
    uint8_t *at = (uint8_t *)p + f->offset;
    uint16_t half = (uint16_t)value;
    if (f->size == 1)
        *at = (uint8_t)value;
    else if (f->size == 2)
        memcpy(at, &half, sizeof half);
    else
        memcpy(at, &value, sizeof value);
}

void pw_program_put_scalars(const struct pw_program *p, uint8_t *image)
{
    for (const struct field *f = fields; f < fields + N_FIELDS; f++) {
        uint32_t value = load(p, f);
        for (unsigned i = 0; i < f->size; i++)
            image[f->at + i] = (uint8_t)(value >> 8 * i);
    }
}

int pw_program_get_scalars(struct pw_program *p, const uint8_t *image, struct pw_program_fault *fault)
{
    for (const struct field *f = fields; f < fields + N_FIELDS; f++) {
        uint32_t value = 0;
        for (unsigned i = 0; i < f->size; i++)
            value |= (uint32_t)image[f->at + i] << 8 * i;
        if (outside(value, f->min, f->max)) /* before it is stored: a bool holds 0 and 1 only */
            return bad(fault, "program", -1, f->name);
        store(p, f, value);
    }
    return PW_OK;
}

bool pw_intervals_minutes_ok(unsigned minutes)
{
    static const uint16_t allowed[] = {5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440};
    unsigned i = 0;
    while (i < sizeof allowed / sizeof allowed[0] && allowed[i] != minutes)
        i++;
    return i < sizeof allowed / sizeof allowed[0];
}

static int check_scalars(const struct pw_program *p, struct pw_program_fault *fault)
{
    for (const struct field *f = fields; f < fields + N_FIELDS; f++)
        if (outside(load(p, f), f->min, f->max))
            return bad(fault, "program", -1, f->name);
    const char *field = p->decimals >= p->digits                ? "decimals"
                      : p->demand_decimals >= p->demand_digits  ? "demand_decimals"
                      : !pw_intervals_minutes_ok(p->intervals.minutes) ? "intervals.minutes"
                      : (p->intervals.channels & 15) == 0       ? "intervals.channels"
                      : p->n_test >= p->n_items                 ? "n_test"
                      : p->pulse_weight_mwh != 0 && p->pulse_weight_mwh < WEIGHT_MIN_MWH ? "pulse_weight_mwh"
                                                                : NULL;
    return field == NULL ? PW_OK : bad(fault, "program", -1, field);
}

static int check_demands(const struct pw_program *p, struct pw_program_fault *fault)
{
    const char *field = NULL;
    unsigned i = 0;
    for (; i < p->n_demands && field == NULL; i++) {
        const struct pw_demand_config *d = &p->demand[i];
        unsigned least = d->method == PW_DEMAND_SLIDING ? 2 : 1, most = d->method == PW_DEMAND_SLIDING ? SUBINTERVALS_MAX : 1;
        field = d->quantity > PW_DEMAND_VA_REC                       ? "quantity"
              : d->method > PW_DEMAND_THERMAL                        ? "method"
              : d->interval_min < 1 || 60u % d->interval_min != 0    ? "interval_min"
              : outside(d->subintervals, least, most) || d->interval_min * 60u % d->subintervals != 0 ? "subintervals"
                                                                     : NULL;
    }
    return field == NULL ? PW_OK : bad(fault, "demand", (int)i - 1, field);
}

static bool arg_ok(const struct pw_program *p, unsigned what, unsigned arg)
{
    unsigned low = arg & 15u, rate = arg >> 4;
    bool rate_ok = rate < p->n_rates || rate == PW_ITEM_TEST_RATE;
    switch (what) {
    case PW_ITEM_TOTAL:
        return has_registers(p, arg);
    case PW_ITEM_RATE:
        return rate_ok && has_registers(p, low);
    case PW_ITEM_NET_WH:
        return (arg < p->n_rates || arg == PW_ITEM_ALL_RATES) && has_registers(p, PW_TQ_WH_DEL) && has_registers(p, PW_TQ_WH_REC);
    case PW_ITEM_NET_VARH:
        return (arg < p->n_rates || arg == PW_ITEM_ALL_RATES) && has_registers(p, PW_SQ_VARH_DEL) && has_registers(p, PW_SQ_VARH_REC);
    case PW_ITEM_RATE_PEAK:
        return rate_ok && low < p->n_demands;
    case PW_ITEM_VOLTS:
        return arg < 3;
    case PW_ITEM_AMPERES:
        return arg < CTS_OF_A_POINT;
    default:
        return what >= PW_ITEM_PRESENT && what <= PW_ITEM_CONTINUOUS ? arg < p->n_demands : arg == 0;
    }
}

static int check_items(const struct pw_program *p, struct pw_program_fault *fault)
{
    const char *field = NULL;
    unsigned i = 0;
    for (; i < p->n_items && field == NULL; i++) {
        const struct pw_program_item *it = &p->item[i];
        field = outside(it->what, PW_ITEM_NONE + 1, PW_N_ITEMS - 1)     ? "what"
              : !arg_ok(p, it->what, it->arg)                           ? "arg"
              : it->code > 99                                           ? "code"
              : it->tenths != 0 && outside(it->tenths, 5, 250)          ? "tenths"
                                                                        : NULL;
    }
    return field == NULL ? PW_OK : bad(fault, "item", (int)i - 1, field);
}

static int check_outputs(const struct pw_program *p, struct pw_program_fault *fault)
{
    const char *field = NULL;
    unsigned used = 0, i = 0;
    for (; i < p->n_outputs && field == NULL; i++) {
        const struct pw_program_output *o = &p->output[i];
        field = outside(o->kind, PW_OUT_NONE + 1, PW_OUT_LED_LOAD) || (used >> o->kind & 1u) != 0 ? "kind" /* also: two on one pin */
              : pw_quantity_parts(o->quantity) == 0                                             ? "quantity"
              : o->point != PW_OUT_ALL_POINTS && o->point >= STORED_POINTS                      ? "point"
              : outside(o->weight_mwh, WEIGHT_MIN_MWH, WEIGHT_MAX_MWH)                          ? "weight_mwh"
                                                                                                : NULL;
        used |= 1u << (o->kind & 31u);
    }
    return field == NULL ? PW_OK : bad(fault, "output", (int)i - 1, field);
}

int pw_program_check(const struct pw_program *p, struct pw_program_fault *fault)
{
    int err = check_scalars(p, fault);
    if (err == PW_OK)
        err = check_demands(p, fault);
    if (err == PW_OK)
        err = check_items(p, fault);
    return err == PW_OK ? check_outputs(p, fault) : err;
}
