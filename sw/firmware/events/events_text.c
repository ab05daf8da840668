/* SPDX-License-Identifier: Apache-2.0 */
#include "clock_text.h"
#include "events.h"

static const struct {
    char name[15];
    uint8_t class;
} kinds[PW_N_EVENTS] = {
    [PW_EVENT_NONE] = {"?", 0},
    [PW_EVENT_POWER_DOWN] = {"Power down", 0},
    [PW_EVENT_POWER_UP] = {"Power up", 0},
    [PW_EVENT_TIME_SET] = {"Time set", 0},
    [PW_EVENT_PROGRAMMED] = {"Programmed", PW_EVENT_TYPE_A},
    [PW_EVENT_DEMAND_RESET] = {"Demand reset", 0},
    [PW_EVENT_SEAL_OPENED] = {"Seal opened", 0},
    [PW_EVENT_SEAL_CLOSED] = {"Seal closed", 0},
    [PW_EVENT_REFUSED] = {"Refused", PW_EVENT_LIMITED},
    [PW_EVENT_TEST_ON] = {"Test mode on", 0},
    [PW_EVENT_TEST_OFF] = {"Test mode off", 0},
    [PW_EVENT_SELF_TEST] = {"Self-test", PW_EVENT_LIMITED},
    [PW_EVENT_SAG] = {"Sag", PW_EVENT_LIMITED},
    [PW_EVENT_SWELL] = {"Swell", PW_EVENT_LIMITED},
    [PW_EVENT_INTERRUPTION] = {"Interruption", PW_EVENT_LIMITED},
    [PW_EVENT_OVERVOLTAGE] = {"Over-voltage", PW_EVENT_LIMITED},
    [PW_EVENT_UNDERVOLTAGE] = {"Under-voltage", PW_EVENT_LIMITED},
    [PW_EVENT_WIRING] = {"Wiring", PW_EVENT_LIMITED},
    [PW_EVENT_LOG_FULL] = {"Log full", 0},
    [PW_EVENT_FLASH] = {"Flash fault", PW_EVENT_LIMITED},
    [PW_EVENT_CLOCK_STOPPED] = {"Clock stopped", 0},
    [PW_EVENT_FIRMWARE] = {"Firmware", PW_EVENT_TYPE_A},
    [PW_EVENT_LOST] = {"Events lost", 0},
    [PW_EVENT_LOG_CLEARED] = {"Log cleared", PW_EVENT_TYPE_A},
    [PW_EVENT_CALIBRATED] = {"Calibrated", PW_EVENT_TYPE_A},
    [PW_EVENT_STORE_CORRUPT] = {"Store corrupt", PW_EVENT_LIMITED},
    [PW_EVENT_RESTART] = {"Restart", 0},
    [PW_EVENT_SCHEDULE] = {"Schedule", 0},
    [PW_EVENT_REVERSED] = {"Reversed", PW_EVENT_LIMITED},
};
_Static_assert(PW_N_EVENTS <= PW_EVENTS_KINDS, "kinds have room in stored blocks");

const char *pw_event_name(unsigned kind)
{
    return kinds[kind < PW_N_EVENTS ? kind : 0].name;
}

unsigned pw_event_class(unsigned kind)
{
    return kinds[kind < PW_N_EVENTS ? kind : 0].class;
}

void pw_event_lcd(struct pw_text *t, const struct pw_event *e)
{
    size_t from = t->len;
    unsigned width = 1;
    for (uint32_t v = e->occurrence; v >= 10; v /= 10)
        width++;
    const char *name = pw_event_name(e->kind);
    for (unsigned i = 0; name[i] != 0 && i + 1 + width < 20; i++) /* a very large number takes the end of the name */
        pw_text_char(t, name[i]);
    pw_text_tab(t, from + 20 - width);
    pw_text_u64(t, e->occurrence, 0);
}

void pw_event_text(struct pw_text *t, const struct pw_event *e)
{
    pw_text_fmt(t, "%s #%lu ", pw_event_name(e->kind), e->occurrence);
    pw_clock_text(t, e->utc_s);
    pw_text_fmt(t, "%s index %u old %lld new %lld", (e->flags & PW_EVENT_CLOCK_OK) == 0 ? "?" : "", e->index, e->old_value, e->new_value);
}
