/* SPDX-License-Identifier: Apache-2.0 */
#include "fram.h"

#include "fram_map.h"

/* Opcodes: FM25V02A and MB85RS256 data sheets. */
enum { WRITE = 0x02, READ = 0x03, WRDI = 0x04, RDSR = 0x05, WREN = 0x06 };
#define STATUS_WEL 0x02u

static int opcode(struct pw_fram *fram, uint8_t op)
{
    return pw_spi_command(fram->spi, fram->cs, &op, 1, NULL, NULL, 0);
}

static int status(struct pw_fram *fram, uint8_t *value)
{
    uint8_t op = RDSR;
    return pw_spi_command(fram->spi, fram->cs, &op, 1, NULL, value, 1);
}

int pw_fram_init(struct pw_fram *fram, struct pw_spi *spi, unsigned cs)
{
    uint8_t on = 0, off = STATUS_WEL;
    fram->spi = spi;
    fram->cs = cs;
    if (opcode(fram, WREN) != PW_OK || status(fram, &on) != PW_OK)
        return PW_ERR_IO;
    if (opcode(fram, WRDI) != PW_OK || status(fram, &off) != PW_OK)
        return PW_ERR_IO;
    return (on & STATUS_WEL) != 0 && (off & STATUS_WEL) == 0 ? PW_OK : PW_ERR_IO; /* a missing part reads all 0 or all 1 */
}

static int in_range(uint32_t addr, size_t len)
{
    return addr <= PW_FRAM_SIZE_B && len <= PW_FRAM_SIZE_B - addr;
}

int pw_fram_read(struct pw_fram *fram, uint32_t addr, void *data, size_t len)
{
    if (!in_range(addr, len))
        return PW_ERR_RANGE;
    uint8_t head[3] = {READ, (uint8_t)(addr >> 8), (uint8_t)addr};
    return pw_spi_command(fram->spi, fram->cs, head, sizeof head, NULL, data, len);
}

int pw_fram_write(struct pw_fram *fram, uint32_t addr, const void *data, size_t len)
{
    if (!in_range(addr, len))
        return PW_ERR_RANGE;
    int err = opcode(fram, WREN); /* the latch clears itself after each write */
    if (err != PW_OK)
        return err;
    uint8_t head[3] = {WRITE, (uint8_t)(addr >> 8), (uint8_t)addr};
    return pw_spi_command(fram->spi, fram->cs, head, sizeof head, data, NULL, len);
}
