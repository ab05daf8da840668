/* SPDX-License-Identifier: Apache-2.0 */
/* Values and commands of map/clock.def. */
#include "clock.h"
#include "modbus_map.h"

#define CLOCK(f) PW_MAP_FIELD(struct pw_clock, f)
#define CIVIL(f) PW_MAP_FIELD(struct pw_civil, f)
/* In the order of the map; the time itself and the register that sets it are in get. */
static const struct pw_map_field fields[] = {
    CLOCK(state), {0, 0}, CIVIL(year), CIVIL(month), CIVIL(day), CIVIL(hour), CIVIL(minute), CIVIL(second), CIVIL(weekday),
    CLOCK(rate_ppb), CLOCK(trim_steps),
};
_Static_assert(sizeof fields / sizeof fields[0] == M_CLOCK_SET - M_FIRST_CLOCK, "a field for each register");

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_clock *c = PW_VIEW(m, clock);
    struct pw_civil t;
    (void)item;
    if (c == NULL || id >= M_CLOCK_SET)
        return 0;
    uint32_t utc = pw_clock_now(c, NULL);
    if (id == M_CLOCK_UTC)
        return utc;
    pw_civil_from_s(&t, utc);
    bool civil = id >= M_CLOCK_YEAR && id <= M_CLOCK_WEEKDAY;
    return pw_map_get(civil ? (const void *)&t : c, fields[id - M_FIRST_CLOCK]);
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
