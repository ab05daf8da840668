/* SPDX-License-Identifier: Apache-2.0 */
#include "panel.h"

#include "pw_masks.h"
#include "pw_regs.h"

struct pw_inputs pw_panel_read(const struct pw_hal *hal)
{
    uint32_t in = pw_read32(hal, PW_GPIO_IN_BASE_ADDR);
    return (struct pw_inputs){
        .buttons = (uint8_t)((in & PW_GPIO__IN__BUTTONS_bm) | ((in & PW_GPIO__IN__KEY_bm) != 0 ? PW_BTN_KEY : 0u)),
        .unsealed = (in & PW_GPIO__IN__UNSEALED_bm) != 0,
        .power_fail = (in & PW_GPIO__IN__POWER_FAIL_bm) != 0,
    };
}

void pw_panel_write(const struct pw_hal *hal, unsigned leds, bool eth_run)
{
    uint32_t out = (leds & PW_GPIO__OUT__LEDS_bm) | (leds >> 4 << PW_GPIO__OUT__LEDS2_bp & PW_GPIO__OUT__LEDS2_bm);
    pw_write32(hal, PW_GPIO_OUT_BASE_ADDR, out | (eth_run ? PW_GPIO__OUT__ETH_RUN_bm : 0u));
}

bool pw_identity_read(const struct pw_hal *hal, struct pw_identity *id)
{
    if (pw_read32(hal, PW_SYS_ID_BASE_ADDR) != PW_SYS__ID__MAGIC_reset)
        return false;
    id->version = pw_read32(hal, PW_SYS_VERSION_BASE_ADDR);
    id->clk_hz = pw_read32(hal, PW_SYS_CLOCK_BASE_ADDR);
    id->ram_kib = (uint16_t)(pw_read32(hal, PW_SYS_CAPS_BASE_ADDR) >> PW_SYS__CAPS__RAM_KIB_bp);
    id->reset_cause = (uint8_t)(pw_read32(hal, PW_SYS_RESET_CAUSE_BASE_ADDR) & PW_SYS__RESET_CAUSE__CAUSE_bm);
    return id->clk_hz != 0;
}

uint32_t pw_bus_errors(const struct pw_hal *hal, uint32_t *addr)
{
    *addr = pw_read32(hal, PW_SYS_BUSERR_ADDR_BASE_ADDR);
    return pw_read32(hal, PW_SYS_BUSERR_COUNT_BASE_ADDR) & PW_SYS__BUSERR_COUNT__COUNT_bm;
}

void pw_watchdog_start(const struct pw_hal *hal, uint32_t ms)
{
    pw_write32(hal, PW_WDT_PERIOD_BASE_ADDR, ms & PW_WDT__PERIOD__MS_bm);
}

void pw_watchdog_kick(const struct pw_hal *hal)
{
    pw_write32(hal, PW_WDT_KICK_BASE_ADDR, 0x57);
}

void pw_reset(const struct pw_hal *hal)
{
    pw_write32(hal, PW_SYS_RESET_BASE_ADDR, 0x52535421);
}

uint32_t pw_scratch_read(const struct pw_hal *hal, unsigned i)
{
    return pw_read32(hal, PW_SYS_SCRATCH_BASE_ADDR((i & 1)));
}

void pw_scratch_write(const struct pw_hal *hal, unsigned i, uint32_t value)
{
    pw_write32(hal, PW_SYS_SCRATCH_BASE_ADDR((i & 1)), value);
}
