/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt lines. They are levels: a line that stays up interrupts again and again until it is masked. */
#ifndef PW_IRQ_DRIVER_H
#define PW_IRQ_DRIVER_H

#include "hal.h"

/* Numbers of the lines: pw_irq in rtl/regs/pw_soc.rdl. */
enum pw_irq_line { PW_IRQ_UART0 = 1 << 2, PW_IRQ_POWER_FAIL = 1 << 7 };

/** Lines that are up, masked ones too. */
unsigned pw_irq_pending(const struct pw_hal *hal);

/** These lines interrupt, no others. @param lines  mask of enum pw_irq_line */
void pw_irq_enable(const struct pw_hal *hal, unsigned lines);

#endif
