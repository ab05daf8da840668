/* SPDX-License-Identifier: Apache-2.0 */
/* The driver as the logs see it (flash_port.h). A file of its own: where another driver stands in for flash.c, this stays. */
#include "flash.h"

static int port_read(void *ctx, uint32_t addr, uint8_t *out, size_t len) { return pw_flash_read(ctx, addr, out, len); }
static int port_program(void *ctx, uint32_t addr, const uint8_t *data, size_t len) { return pw_flash_program(ctx, addr, data, len); }
static int port_erase(void *ctx, uint32_t addr) { return pw_flash_erase(ctx, addr); }
static int port_busy(void *ctx) { return pw_flash_busy(ctx); }

struct pw_flash_port pw_flash_port_of(struct pw_flash *f)
{
    return (struct pw_flash_port){port_read, port_program, port_erase, port_busy, f};
}
