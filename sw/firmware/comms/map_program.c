/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map/program.def. */
#include "modbus_map.h"

#define FIELD(f)   PW_MAP_FIELD(struct pw_program, f)
#define PAIR(f, g) PW_MAP_PAIR(struct pw_program, f, g)
#define DEMAND(f)  PW_MAP_FIELD(struct pw_demand_config, f)

/* In the order of the map. */
static const struct pw_map_field fields[] = {
    FIELD(quantities), FIELD(n_points), FIELD(n_rates), FIELD(n_past), PAIR(digits, decimals), FIELD(n_demands),
    PAIR(demand_digits, demand_decimals), FIELD(reset_by), FIELD(reset_lock_min), FIELD(rules.no_peak), FIELD(rules.cold_after_s), FIELD(rules.cold_min),
    FIELD(rules.sync_after_s), FIELD(intervals.minutes), FIELD(intervals.channels), FIELD(intervals.unit_log10), FIELD(close_day), FIELD(close_resets),
    FIELD(season_closes), FIELD(tou), FIELD(test_timeout_min), FIELD(style), FIELD(items_tenths), FIELD(n_items), FIELD(n_test), FIELD(n_outputs),
    FIELD(pulse_weight_mwh),
    DEMAND(quantity), DEMAND(method), DEMAND(interval_min), DEMAND(subintervals),
    PW_MAP_FIELD(struct pw_program_output, kind) /* and half */, PW_MAP_PAIR(struct pw_program_output, quantity, point),
    PW_MAP_FIELD(struct pw_program_output, weight_mwh),
    PW_MAP_PAIR(struct pw_program_item, what, arg), PW_MAP_PAIR(struct pw_program_item, code, tenths),
};
_Static_assert(sizeof fields / sizeof fields[0] == M_PROG_ITEM_PI_HOW + 1 - M_FIRST_PROG, "a field for each register");
_Static_assert(sizeof(bool) == 1, "a flag is a byte");

/* What the fields of a block are in. */
static void *source_of(struct pw_program *p, unsigned id, unsigned item)
{
    if (id >= M_FIRST_PROG_ITEM)
        return &p->item[item];
    if (id >= M_FIRST_PROG_OUTPUT)
        return &p->output[item];
    return id >= M_FIRST_PROG_DEMAND ? (void *)&p->demand[item] : p;
}

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    struct pw_books *b = PW_VIEW(m, books);
    if (b == NULL)
        return 0;
    struct pw_program *p = b->asked.program ? &b->next : &b->program; /* what was written is read back at once */
    uint64_t half = id == M_PROG_OUTPUT_PO_KIND ? (unsigned)p->output[item].half << 8 : 0;
    return half | pw_map_get(source_of(p, id, item), fields[id - M_FIRST_PROG]);
}

/* Flags take 0 and 1 only. */
static bool is_flag(unsigned id)
{
    return id == M_PROG_P_CLOSE_RESETS || id == M_PROG_P_SEASON_CLOSES || id == M_PROG_P_TOU;
}

/* One register of the program that a request changes: m->next. */
static int command(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    bool fits = !is_flag(id) || v <= 1;
    if (id == M_PROG_OUTPUT_PO_KIND) {
        fits = v >> 8 <= 1;
        m->next->output[item].half = v >> 8 != 0;
        v &= 0xFFu;
    }
    if (fits)
        fits = pw_map_put(source_of(m->next, id, item), fields[id - M_FIRST_PROG], word, v);
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
