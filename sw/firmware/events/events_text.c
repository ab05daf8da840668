/* SPDX-License-Identifier: Apache-2.0 */
#include "clock_text.h"
#include "events.h"

static const char names[] = /* enum pw_event_kind, at most 14 characters */
    "?\0Power down\0Power up\0Time set\0Programmed\0Demand reset\0Seal opened\0Seal closed\0Refused\0Test mode on\0Test mode off\0"
    "Self-test\0Sag\0Swell\0Interruption\0Over-voltage\0Under-voltage\0Wiring\0Log full\0Flash fault\0Clock stopped\0Firmware\0Events lost\0"
    "Log cleared\0Calibrated\0Store corrupt\0Restart\0Schedule\0Reversed\0";
#define BIT(kind) (1u << PW_EVENT_##kind)
#define TYPE_A (BIT(PROGRAMMED) | BIT(FIRMWARE) | BIT(LOG_CLEARED) | BIT(CALIBRATED))
#define LIMITED (BIT(REFUSED) | BIT(SELF_TEST) | BIT(SAG) | BIT(SWELL) | BIT(INTERRUPTION) | BIT(OVERVOLTAGE) | BIT(UNDERVOLTAGE) | \
    BIT(WIRING) | BIT(FLASH) | BIT(STORE_CORRUPT) | BIT(REVERSED))
_Static_assert(PW_N_EVENTS <= 32, "a bit for each kind");
_Static_assert(PW_N_EVENTS <= PW_EVENTS_KINDS, "kinds have room in stored blocks");

const char *pw_event_name(unsigned kind)
{
    return pw_text_nth(names, kind);
}

unsigned pw_event_class(unsigned kind)
{
    unsigned bit = kind < PW_N_EVENTS ? 1u << kind : 0;
    return (bit & TYPE_A) != 0 ? PW_EVENT_TYPE_A : (bit & LIMITED) != 0 ? PW_EVENT_LIMITED : 0;
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
