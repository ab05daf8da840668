/* SPDX-License-Identifier: Apache-2.0 */
/* Access to the registers of the soft core's own bus, for drivers/hal.h. */
#ifndef PW_HAL_DIRECT_H
#define PW_HAL_DIRECT_H

#include "pw_regs.h"

static inline uint32_t pw_read32(const struct pw_hal *hal, uint32_t addr)
{
    (void)hal;
    return *(volatile uint32_t *)addr;
}

static inline void pw_write32(const struct pw_hal *hal, uint32_t addr, uint32_t value)
{
    (void)hal;
    *(volatile uint32_t *)addr = value;
}

static inline uint64_t pw_uptime_us(const struct pw_hal *hal)
{
    uint32_t lo = pw_read32(hal, PW_TIMER_TIME_LO_BASE_ADDR); /* latches the high word */
    return (uint64_t)pw_read32(hal, PW_TIMER_TIME_HI_BASE_ADDR) << 32 | lo;
}

#endif
