/* SPDX-License-Identifier: Apache-2.0 */
#include "ct_curve.h"

#include <assert.h>

#include "pw_masks.h"
#include "pw_regs.h"

#define NEVER UINT32_C(0x7FFFFFFF)
_Static_assert(PW_CURVE_CT_ZONE_NUM == PW_CT_CURVE_ZONES && PW_CURVE_CT_THRESHOLD_NUM == PW_CT_CURVE_ZONES - 1, "zones");

bool pw_ct_curve_present(const struct pw_hal *hal)
{
    return (pw_read32(hal, PW_FE_CAPS_BASE_ADDR) & PW_FE_CTRL__CAPS__CURVE_bm) != 0;
}

bool pw_ct_curve_zone(const struct pw_hal *hal, unsigned k, unsigned *zone)
{
    assert(k < PW_CURVE_CT_NUM);
    uint32_t w = pw_read32(hal, PW_CURVE_CT_CTRL_BASE_ADDR(k));
    *zone = (w & PW_CT_CURVE__CTRL__ZONE_bm) >> PW_CT_CURVE__CTRL__ZONE_bp;
    return (w & PW_CT_CURVE__CTRL__ENABLE_bm) != 0 && (w & PW_CT_CURVE__CTRL__APPLIED_bm) != 0;
}

void pw_ct_curve_disable(const struct pw_hal *hal, unsigned k)
{
    assert(k < PW_CURVE_CT_NUM);
    pw_write32(hal, PW_CURVE_CT_CTRL_BASE_ADDR(k), 0);
}

void pw_ct_curve_write(const struct pw_hal *hal, unsigned k, unsigned n, const uint32_t threshold[], const int16_t gain_f17[],
                       const uint8_t delay[])
{
    assert(k < PW_CURVE_CT_NUM && n >= 1 && n <= PW_CT_CURVE_ZONES);
    for (unsigned i = 0; i + 1 < PW_CT_CURVE_ZONES; i++)
        pw_write32(hal, PW_CURVE_CT_THRESHOLD_BASE_ADDR(k, i), i + 1 < n ? threshold[i] : NEVER);
    for (unsigned i = 0; i < n; i++)
        pw_write32(hal, PW_CURVE_CT_ZONE_BASE_ADDR(k, i), (uint16_t)gain_f17[i] | (uint32_t)delay[i] << PW_CT_CURVE__ZONE__DELAY_bp);
    pw_write32(hal, PW_CURVE_CT_CTRL_BASE_ADDR(k), PW_CT_CURVE__CTRL__ENABLE_bm);
}
