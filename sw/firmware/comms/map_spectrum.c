/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the harmonics in map/quantities.def. */
#include "modbus_map.h"
#include "spectrum.h"

#define NO_CHANNEL 0xFFFFu

static uint64_t get_set(const struct pw_spectrum *s, const struct pw_harmonics *set, unsigned reg)
{
    switch (reg) {
    case M_HARM_CHANNEL - M_FIRST_HARM: return set->ch == PW_SPECTRUM_NO_CH ? NO_CHANNEL : set->ch;
    case M_HARM_STATE - M_FIRST_HARM:   return set->state;
    case M_HARM_SET - M_FIRST_HARM:     return set->seq;
    case M_HARM_FUND - M_FIRST_HARM:    return pw_spectrum_harmonic(s, set, 1).rms;
    case M_HARM_THD - M_FIRST_HARM:     return set->ch == PW_SPECTRUM_NO_CH ? PW_SPECTRUM_NO_THD : s->thd_e4[set->ch];
    default:                            return 0;
    }
}

static uint64_t get_harmonic(const struct pw_spectrum *s, const struct pw_harmonics *set, unsigned reg, unsigned item)
{
    struct pw_spec_harmonic h = pw_spectrum_harmonic(s, set, item + 1);
    switch (reg) {
    case M_HARM_H_RMS - M_FIRST_HARM_H:   return h.rms > UINT32_MAX ? UINT32_MAX : h.rms;
    case M_HARM_H_RATIO - M_FIRST_HARM_H: return h.ratio_e5;
    case M_HARM_H_ANGLE - M_FIRST_HARM_H: return (uint64_t)h.angle_cdeg;
    default:                              return 0;
    }
}
_Static_assert(M_HROT_THD - M_FIRST_HROT == M_HARM_THD - M_FIRST_HARM && M_HROT_H_ANGLE - M_FIRST_HROT_H == M_HARM_H_ANGLE - M_FIRST_HARM_H,
               "both sets have the same registers");

static uint64_t get(struct pw_modbus_map *m, unsigned id, unsigned item)
{
    const struct pw_spectrum *s = PW_VIEW(m, spectrum);
    if (s == NULL)
        return 0;
    if (id >= M_FIRST_HROT_H)
        return get_harmonic(s, &s->latest, id - M_FIRST_HROT_H, item);
    if (id >= M_FIRST_HROT)
        return get_set(s, &s->latest, id - M_FIRST_HROT);
    return id >= M_FIRST_HARM_H ? get_harmonic(s, &s->held, id - M_FIRST_HARM_H, item) : get_set(s, &s->held, id - M_FIRST_HARM);
}

/* The only command: a channel. */
static int command(struct pw_modbus_map *m, unsigned id, unsigned item, unsigned word, uint16_t v)
{
    struct pw_spectrum *s = PW_VIEW(m, spectrum);
    (void)id, (void)item, (void)word;
    if (s == NULL)
        return PW_MB_DEVICE_FAILURE;
    int err = pw_spectrum_request(s, v == NO_CHANNEL ? PW_SPECTRUM_NO_CH : v);
    return err == PW_OK ? PW_MB_OK : err == PW_ERR_RANGE ? PW_MB_ILLEGAL_VALUE : PW_MB_DEVICE_FAILURE;
}

const struct pw_map_owner pw_map_spectrum = {.get = get, .command = command};
