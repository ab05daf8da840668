/* SPDX-License-Identifier: Apache-2.0 */
/* All that firmware may ask of hardware. Addresses: build/gen/pw_regs.h. */
#ifndef PW_HAL_H
#define PW_HAL_H

#include <stdint.h>

struct pw_hal {
    uint32_t (*read32)(void *ctx, uint32_t addr);
    void     (*write32)(void *ctx, uint32_t addr, uint32_t value);
    uint64_t (*uptime_us)(void *ctx); /* never goes back */
    void      *ctx;
};

/* On the soft core the registers lie in the memory map: an access is one instruction there, and no call through the table. */
#ifdef PW_HAL_DIRECT
#include "hal_direct.h"
#else
static inline uint32_t pw_read32(const struct pw_hal *hal, uint32_t addr)
{
    return hal->read32(hal->ctx, addr);
}

static inline void pw_write32(const struct pw_hal *hal, uint32_t addr, uint32_t value)
{
    hal->write32(hal->ctx, addr, value);
}

static inline uint64_t pw_uptime_us(const struct pw_hal *hal)
{
    return hal->uptime_us(hal->ctx);
}

#endif /* PW_HAL_DIRECT */

#endif
