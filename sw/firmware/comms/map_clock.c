/* SPDX-License-Identifier: Apache-2.0 */
/* Values and commands of map/clock.def. */
#include "clock.h"
#include "modbus_map.h"

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_clock *c = PW_VIEW(m, clock);
    struct pw_civil t;
    (void)item;
    if (c == NULL)
        return 0;
    uint32_t utc = pw_clock_now(c, NULL);
    pw_civil_from_s(&t, utc);
    switch (id) {
    case M_CLOCK_STATE:   return c->state;
    case M_CLOCK_UTC:     return utc;
    case M_CLOCK_YEAR:    return t.year;
    case M_CLOCK_MONTH:   return t.month;
    case M_CLOCK_DAY:     return t.day;
    case M_CLOCK_HOUR:    return t.hour;
    case M_CLOCK_MINUTE:  return t.minute;
    case M_CLOCK_SECOND:  return t.second;
    case M_CLOCK_WEEKDAY: return t.weekday;
    case M_CLOCK_RATE:    return (uint64_t)(int64_t)c->rate_ppb;
    case M_CLOCK_TRIM:    return (uint64_t)(int64_t)c->trim_steps;
    default:              return 0;
    }
}

/* The high word comes first and waits for the low one. */
static int command(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    struct pw_clock *c = PW_VIEW(m, clock);
    (void)id, (void)item;
    if (c == NULL)
        return PW_MB_DEVICE_FAILURE;
    int may = pw_map_may_change(m, PW_GROUP_TIME);
    if (may != PW_MB_OK)
        return may;
    if (word == 0) {
        c->asked_high = v;
        c->asked = true;
        return PW_MB_OK;
    }
    if (!c->asked)
        return PW_MB_ILLEGAL_VALUE;
    c->asked = false;
    return pw_clock_set(c, (uint32_t)c->asked_high << 16 | v, 0) == PW_OK ? PW_MB_OK : PW_MB_ILLEGAL_VALUE;
}

const struct pw_map_owner pw_map_clock = {.get = get, .command = command};
