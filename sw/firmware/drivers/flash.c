/* SPDX-License-Identifier: Apache-2.0 */
#include "flash.h"

/* Opcodes and status bits: W25Q64JV data sheet, 7.1 and 8.1. */
enum { PROGRAM = 0x02, READ = 0x03, RDSR1 = 0x05, WREN = 0x06, ERASE_4K = 0x20, JEDEC = 0x9F, RELEASE = 0xAB };
#define STATUS_BUSY    0x01u
#define STATUS_PROTECT 0x1Cu
#define PROGRAM_MAX_US 10000u  /* 3 ms by the data sheet */
#define ERASE_MAX_US   1000000u /* 400 ms by the data sheet */

static int opcode(struct pw_flash *f, uint8_t op)
{
    return pw_spi_command(f->spi, f->cs, &op, 1, NULL, NULL, 0);
}

static int status(struct pw_flash *f, uint8_t *value)
{
    uint8_t op = RDSR1;
    int err = pw_spi_command(f->spi, f->cs, &op, 1, NULL, value, 1);
    return err == PW_OK && *value == 0xFF ? PW_ERR_IO : err; /* all bits set: nobody drives the line */
}

int pw_flash_init(struct pw_flash *f, struct pw_spi *spi, unsigned cs)
{
    uint8_t sr = 0, op = JEDEC, id[3] = {0, 0, 0};
    *f = (struct pw_flash){.spi = spi, .cs = cs};
    if (opcode(f, RELEASE) != PW_OK || status(f, &sr) != PW_OK) /* boot loaders put the part to sleep */
        return PW_ERR_IO;
    if ((sr & STATUS_BUSY) != 0)
        return PW_ERR_STATE;
    if (pw_spi_command(spi, cs, &op, 1, NULL, id, sizeof id) != PW_OK)
        return PW_ERR_IO;
    f->jedec = (uint32_t)id[0] << 16 | (uint32_t)id[1] << 8 | id[2];
    if (id[0] == 0 || id[0] == 0xFF || id[2] < 16 || id[2] > 24)
        return PW_ERR_MAGIC;
    f->size_b = UINT32_C(1) << id[2];
    return (sr & STATUS_PROTECT) != 0 ? PW_ERR_SEALED : PW_OK;
}

int pw_flash_busy(struct pw_flash *f)
{
    uint8_t sr = 0;
    if (status(f, &sr) != PW_OK)
        return PW_ERR_IO;
    if ((sr & STATUS_BUSY) == 0) {
        f->limit_us = 0;
        return 0;
    }
    const struct pw_hal *hal = f->spi->hal;
    if (f->limit_us == 0) { /* begun before a reset: of unknown kind */
        f->limit_us = ERASE_MAX_US;
        f->since_us = pw_uptime_us(hal);
    }
    return pw_uptime_us(hal) - f->since_us > f->limit_us ? PW_ERR_IO : 1;
}

static int ready(struct pw_flash *f, uint32_t addr, size_t len)
{
    if (addr > f->size_b || len > f->size_b - addr)
        return PW_ERR_RANGE;
    int busy = pw_flash_busy(f);
    return busy == 1 ? PW_ERR_STATE : busy;
}

static int command(struct pw_flash *f, uint8_t op, uint32_t addr, const uint8_t *tx, uint8_t *rx, size_t len)
{
    uint8_t head[4] = {op, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr};
    return pw_spi_command(f->spi, f->cs, head, sizeof head, tx, rx, len);
}

int pw_flash_read(struct pw_flash *f, uint32_t addr, uint8_t *out, size_t len)
{
    int err = ready(f, addr, len);
    return err != PW_OK ? err : command(f, READ, addr, NULL, out, len);
}

static int start(struct pw_flash *f, uint8_t op, uint32_t addr, const uint8_t *tx, size_t len, uint32_t limit_us)
{
    int err = opcode(f, WREN); /* the latch clears itself after each operation */
    if (err == PW_OK)
        err = command(f, op, addr, tx, NULL, len);
    f->limit_us = limit_us;
    f->since_us = pw_uptime_us(f->spi->hal);
    return err;
}

int pw_flash_program(struct pw_flash *f, uint32_t addr, const uint8_t *data, size_t len)
{
    if (len == 0 || addr % PW_FLASH_PAGE_B + len > PW_FLASH_PAGE_B) /* the part would wrap inside the page */
        return PW_ERR_RANGE;
    int err = ready(f, addr, len);
    return err != PW_OK ? err : start(f, PROGRAM, addr, data, len, PROGRAM_MAX_US);
}

int pw_flash_erase(struct pw_flash *f, uint32_t addr)
{
    if (addr % PW_FLASH_SECTOR_B != 0)
        return PW_ERR_RANGE;
    int err = ready(f, addr, PW_FLASH_SECTOR_B);
    return err != PW_OK ? err : start(f, ERASE_4K, addr, NULL, 0, ERASE_MAX_US);
}
