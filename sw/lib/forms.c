/* SPDX-License-Identifier: Apache-2.0 */
#include "forms.h"

#include <stddef.h>

#define ON(s)    (1u << PW_SERVICE_##s)
#define ANY_LINE (ON(1P2W) | ON(SPLIT) | ON(NETWORK) | ON(DELTA3) | ON(WYE4) | ON(HIGHLEG))

/* Half of Vab stands for each leg: right where the legs are opposed and of one size, so only on a single-phase 3-wire service. */
static const struct pw_form_info forms[PW_N_FORMS] = {
    [PW_FORM_FREE]     = {"free", 0, 2, {0}, 0, ANY_LINE},
    [PW_FORM_1E2W]     = {"1e2w", 1, 2, {PW_VA}, 0, ANY_LINE},
    [PW_FORM_15E_1CT]  = {"1.5e-1ct", 1, 1, {PW_VAB}, 0, ON(SPLIT)},
    [PW_FORM_15E_2CT]  = {"1.5e-2ct", 2, 1, {PW_VAB, PW_VAB}, 1u << 1, ON(SPLIT)},
    [PW_FORM_2E3W]     = {"2e3w", 2, 2, {PW_VA, PW_VB}, 0, ON(SPLIT) | ON(NETWORK) | ON(WYE4) | ON(HIGHLEG)},
    [PW_FORM_2E_DELTA] = {"2e-delta", 2, 2, {PW_VAB, PW_VBC}, 1u << 1, ON(DELTA3) | ON(WYE4) | ON(HIGHLEG)},
    [PW_FORM_3E_WYE]   = {"3e-wye", 3, 2, {PW_VA, PW_VB, PW_VC}, 0, ON(WYE4)},
    [PW_FORM_3E_DELTA] = {"3e-delta", 3, 2, {PW_VA, PW_VB, PW_VC}, 0, ON(HIGHLEG)},
};

const struct pw_form_info *pw_form_info(unsigned form)
{
    return form < PW_N_FORMS ? &forms[form] : NULL;
}

const char *pw_service_name(unsigned service)
{
    static const char name[PW_N_SERVICES][12] = {"automatic", "1-phase 2w", "split 3w", "network 3w", "delta 3w", "wye 4w", "high leg 4w"};
    return service < PW_N_SERVICES ? name[service] : "?";
}

const char *pw_vsel_name(unsigned vsel)
{
    static const char name[][4] = {"Va", "Vb", "Vc", "Vab", "Vbc", "Vca"};
    return vsel <= PW_VCA ? name[vsel] : "?";
}

bool pw_form_fits(unsigned form, unsigned service)
{
    if (form >= PW_N_FORMS || service >= PW_N_SERVICES)
        return false;
    return service == PW_SERVICE_AUTO || (forms[form].services >> service & 1u) != 0;
}

unsigned pw_vsel_rotate(unsigned vsel, unsigned rotation)
{
    unsigned group = vsel / 3 * 3;
    return group + (vsel - group + rotation) % 3;
}

static bool matches_rotation(const struct pw_form_info *f, const uint8_t count[6], unsigned sets, unsigned rotation)
{
    uint8_t want[6] = {0};
    for (unsigned e = 0; e < f->n_elements; e++)
        want[pw_vsel_rotate(f->vsel[e], rotation)] += (uint8_t)sets;
    for (unsigned v = 0; v < 6; v++)
        if (want[v] != count[v])
            return false;
    return true;
}

bool pw_form_matches(unsigned form, const uint8_t count[6])
{
    const struct pw_form_info *f = pw_form_info(form);
    unsigned n = 0;
    for (unsigned v = 0; v < 6; v++)
        n += count[v];
    if (f == NULL)
        return false;
    if (f->n_elements == 0)
        return true;
    if (n == 0 || n % f->n_elements != 0 || n / f->n_elements > PW_MAX_SETS)
        return false;
    if (form == PW_FORM_1E2W) { /* between lines as well: a 240 V heater */
        for (unsigned v = 0; v < 6; v++)
            if (count[v] == n)
                return true;
        return false;
    }
    for (unsigned r = 0; r < 3; r++)
        if (matches_rotation(f, count, n / f->n_elements, r))
            return true;
    return false;
}
