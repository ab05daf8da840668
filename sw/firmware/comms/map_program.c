/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/program.def. */
#include <string.h>

#include "bytes.h"
#include "modbus_map.h"

enum { BOOL = 0, PAIR = 3 /* two bytes, the first one low */ };

/* Where a register's field is; in the order of the map. */
struct field {
    uint8_t at, size_b; /* BOOL, PAIR */
};
#define FIELD(f) {offsetof(struct pw_program, f), sizeof ((struct pw_program *)0)->f}
#define FLAG(f)  {offsetof(struct pw_program, f), BOOL}
#define TWO(f, g) {offsetof(struct pw_program, f) + 0u * sizeof(char[offsetof(struct pw_program, g) == offsetof(struct pw_program, f) + 1u ? 1 : -1]), PAIR}
_Static_assert(sizeof(bool) == 1, "a flag is a byte");

static const struct field fields[] = {
    FIELD(quantities), FIELD(n_points), FIELD(n_rates), FIELD(n_past), TWO(digits, decimals), FIELD(n_demands),
    TWO(demand_digits, demand_decimals), FIELD(reset_by), FIELD(reset_lock_min), FIELD(rules.no_peak), FIELD(rules.cold_after_s), FIELD(rules.cold_min),
    FIELD(rules.sync_after_s), FIELD(intervals.minutes), FIELD(intervals.channels), FIELD(intervals.unit_log10), FIELD(close_day), FLAG(close_resets),
    FLAG(season_closes), FLAG(tou), FIELD(test_timeout_min), FIELD(style), FIELD(items_tenths), FIELD(n_items), FIELD(n_test), FIELD(n_outputs),
    {0, 4}, /* pulse_weight_mwh lies behind the reach of `at` */
};
_Static_assert(sizeof fields / sizeof fields[0] == M_FIRST_PROG_DEMAND - M_FIRST_PROG, "a field for each register");
_Static_assert(offsetof(struct pw_program, item) < 256, "fields within the reach of `at`");

static uint8_t *field_of(struct pw_program *p, const struct field *f)
{
    return f->at != 0 ? (uint8_t *)p + f->at : (uint8_t *)&p->pulse_weight_mwh;
}

static uint32_t field_get(const uint8_t *at, unsigned size_b)
{
    uint32_t v32;
    uint16_t v16;
    if (size_b == 4) {
        memcpy(&v32, at, 4);
        return v32;
    }
    if (size_b == PAIR)
        return pw_get_le16(at);
    if (size_b != 2)
        return *at;
    memcpy(&v16, at, 2);
    return v16;
}

/* @return false if it does not fit */
static bool field_put(uint8_t *at, unsigned size_b, unsigned word, uint16_t v)
{
    if (size_b == 4) {
        uint32_t all = pw_map_put_word(field_get(at, 4), word, v);
        memcpy(at, &all, 4);
        return true;
    }
    if (size_b == PAIR) {
        pw_put_le16(at, v);
        return true;
    }
    if (size_b == 2) {
        memcpy(at, &v, 2);
        return true;
    }
    if (v > (size_b == BOOL ? 1 : UINT8_MAX))
        return false;
    *at = (uint8_t)v;
    return true;
}

static uint8_t *demand_field(struct pw_demand_config *d, unsigned id)
{
    switch (id) {
    case M_PROG_DEMAND_PD_QUANTITY: return &d->quantity;
    case M_PROG_DEMAND_PD_METHOD:   return &d->method;
    case M_PROG_DEMAND_PD_INTERVAL: return &d->interval_min;
    default:                        return &d->subintervals;
    }
}

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    struct pw_books *b = PW_VIEW(m, books);
    if (b == NULL)
        return 0;
    struct pw_program *p = b->asked.program ? &b->next : &b->program; /* what was written is read back at once */
    if (id < M_FIRST_PROG_DEMAND) {
        const struct field *f = &fields[id - M_FIRST_PROG];
        return field_get(field_of(p, f), f->size_b);
    }
    if (id < M_FIRST_PROG_OUTPUT)
        return *demand_field(&p->demand[item], id);
    switch (id) {
    case M_PROG_OUTPUT_PO_KIND:   return p->output[item].kind | (unsigned)p->output[item].half << 8;
    case M_PROG_OUTPUT_PO_SOURCE: return p->output[item].quantity | (unsigned)p->output[item].point << 8;
    case M_PROG_OUTPUT_PO_WEIGHT: return p->output[item].weight_mwh;
    case M_PROG_ITEM_PI_WHAT:     return p->item[item].what | (unsigned)p->item[item].arg << 8;
    default:                      return p->item[item].code | (unsigned)p->item[item].tenths << 8;
    }
}

/* One register of the program that a request changes: m->next. */
static int command(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    struct pw_program *p = m->next;
    uint8_t low = (uint8_t)v, high = (uint8_t)(v >> 8);
    bool fits = true;
    if (id < M_FIRST_PROG_DEMAND) {
        const struct field *f = &fields[id - M_FIRST_PROG];
        fits = field_put(field_of(p, f), f->size_b, word, v);
    } else if (id < M_FIRST_PROG_OUTPUT) {
        fits = field_put(demand_field(&p->demand[item], id), 1, word, v);
    } else if (id == M_PROG_OUTPUT_PO_WEIGHT) {
        p->output[item].weight_mwh = pw_map_put_word(p->output[item].weight_mwh, word, v);
    } else if (id == M_PROG_OUTPUT_PO_KIND) {
        p->output[item].kind = low;
        p->output[item].half = high != 0;
        fits = high <= 1;
    } else if (id == M_PROG_OUTPUT_PO_SOURCE) {
        p->output[item].quantity = low;
        p->output[item].point = high;
    } else if (id == M_PROG_ITEM_PI_WHAT) {
        p->item[item].what = low;
        p->item[item].arg = high;
    } else {
        p->item[item].code = low;
        p->item[item].tenths = high;
    }
    return fits ? PW_MB_OK : pw_map_answer(m, PW_ERR_RANGE);
}

int pw_map_program_end(struct pw_modbus_map *m)
{
    struct pw_program_fault fault = {NULL, 0, ""};
    int err = pw_books_set_program(PW_VIEW(m, books), m->next, &fault);
    m->fault_group = err != PW_OK ? fault.group : NULL;
    m->fault_field = fault.field;
    m->fault_index = (int16_t)fault.index;
    return pw_map_answer(m, err);
}

const struct pw_map_owner pw_map_program = {.get = get, .command = command};
