/* SPDX-License-Identifier: Apache-2.0 */
/* Between machine.c (time, decoder, small blocks) and machine_io.c (UART, SPI, LCD, pulses). Offsets are within a block. */
#ifndef PW_MACHINE_PRIV_H
#define PW_MACHINE_PRIV_H
#include "machine.h"

void pw_machine_io_reset(struct pw_machine *m);
uint32_t pw_machine_uart_read(struct pw_machine *m, unsigned i, uint32_t off);
void pw_machine_uart_write(struct pw_machine *m, unsigned i, uint32_t off, uint32_t v);
bool pw_machine_uart_waiting(struct pw_machine *m, unsigned i);
uint32_t pw_machine_spi_read(const struct pw_machine *m, unsigned i, uint32_t off);
void pw_machine_spi_write(struct pw_machine *m, unsigned i, uint32_t off, uint32_t v);
void pw_machine_lcd_write(struct pw_machine *m, uint32_t v);
void pw_machine_pulse_event(void *ctx, unsigned ct);
void pw_machine_pulse_unit(struct pw_machine *m);
#endif
