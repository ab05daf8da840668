/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules in their stored form: map/tariff.def. */
#include "fram_map.h"
#include "modbus_map.h"

#define PART_B 176u /* bytes a block of registers */
_Static_assert(4 * PART_B == PW_TOU_SIZE_B, "four blocks hold a schedule");

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_books *b = PW_VIEW(m, books);
    (void)item;
    return b != NULL && id == M_TOU_TOU_END && b->next_effective_s != 0;
}

static void run(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, unsigned n, uint8_t *regs)
{
    const struct pw_books *b = PW_VIEW(m, books);
    if (b == NULL || !b->kept || id != M_TOU_NOW_TOU_GET)
        return;
    uint32_t at = b->tou_copy == 0 ? PW_FRAM_TOU_A : PW_FRAM_TOU_B;
    int err = pw_fram_read(b->on.fram, at + item * PART_B + 2u * word, regs, 2u * n);
    if (err != PW_OK)
        pw_map_unread(m, err);
}

static int store(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, unsigned n, const uint8_t *regs)
{
    struct pw_books *b = PW_VIEW(m, books);
    (void)id;
    if (b == NULL)
        return PW_MB_DEVICE_FAILURE;
    return pw_map_answer(m, pw_books_schedule_put(b, item * PART_B + 2u * word, regs, 2u * n));
}

static int command(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    struct pw_books *b = PW_VIEW(m, books);
    struct pw_tou_fault fault = {NULL, 0, ""};
    (void)id, (void)item, (void)word;
    if (b == NULL)
        return PW_MB_DEVICE_FAILURE;
    if (v != 1)
        return pw_map_answer(m, PW_ERR_RANGE);
    int err = pw_books_schedule_end(b, &fault);
    m->fault_group = err != PW_OK ? fault.group : NULL;
    m->fault_field = fault.field;
    m->fault_index = (int16_t)fault.index;
    return pw_map_answer(m, err);
}

const struct pw_map_owner pw_map_tariff = {.get = get, .run = run, .store = store, .command = command};
