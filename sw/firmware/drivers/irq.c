/* SPDX-License-Identifier: Apache-2.0 */
#include "irq.h"

#include "pw_regs.h"

unsigned pw_irq_pending(const struct pw_hal *hal)
{
    return pw_read32(hal, PW_IRQ_PENDING_BASE_ADDR);
}

void pw_irq_enable(const struct pw_hal *hal, unsigned lines)
{
    pw_write32(hal, PW_IRQ_ENABLE_BASE_ADDR, lines);
}
