/* SPDX-License-Identifier: Apache-2.0 */
/* Brings the code that lives in external memory from flash: runs before main, from the RAM at 0, without variables.
 * Flash at PW_EXT_FLASH: "PWFW", length, CRC-32 (IEEE) of the image, image. A bad one: the fault LED blinks, and it is tried again. */
#include <stdbool.h>
#include <stdint.h>

#include "pw_regs.h"

#define PW_EXT_FLASH  0x100000u
#define MAGIC         0x57465750u
#define CMD_READ      0x03000000u
#define CTRL_4_BYTES  0x31u /* chip select 0, transfers of 4 bytes, SCK = clk / 2 */
#define CTRL_WAKE     0x01u
#define CMD_WAKE      0xABu
#define BLINK_ROUNDS  2000000u

extern uint32_t __ext_start[];
extern const char __ext_size[];
void pw_ext_load(void);

static volatile uint32_t *at(uint32_t addr)
{
    return (volatile uint32_t *)(uintptr_t)addr;
}

static uint32_t transfer(uint32_t out)
{
    *at(PW_SPI_DATA_BASE_ADDR(0)) = out;
    while (*at(PW_SPI_STATUS_BASE_ADDR(0)) != 0)
        ;
    return *at(PW_SPI_DATA_BASE_ADDR(0));
}

static uint32_t read_word(void) /* bytes come first one first, words are little endian */
{
    uint32_t v = transfer(0);
    return v << 24 | (v & 0xFF00u) << 8 | (v >> 8 & 0xFF00u) | v >> 24;
}

static uint32_t crc_word(uint32_t crc, uint32_t word)
{
    crc ^= word;
    for (unsigned i = 0; i < 32; i++)
        crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    return crc;
}

static bool load(void)
{
    uint32_t size = (uint32_t)(uintptr_t)__ext_size, crc = UINT32_MAX;
    *at(PW_SPI_CTRL_BASE_ADDR(0)) = CTRL_WAKE;
    (void)transfer(CMD_WAKE);
    *at(PW_SPI_CTRL_BASE_ADDR(0)) = 0;
    for (unsigned i = 0; i < 100; i++)
        (void)*at(PW_SPI_STATUS_BASE_ADDR(0)); /* 3 us until it is awake */
    *at(PW_SPI_CTRL_BASE_ADDR(0)) = CTRL_4_BYTES;
    (void)transfer(CMD_READ | PW_EXT_FLASH);
    uint32_t magic = read_word(), length = read_word(), want = read_word();
    bool ok = magic == MAGIC && length == size;
    for (uint32_t i = 0; ok && i < size / 4; i++) {
        uint32_t w = read_word();
        __ext_start[i] = w;
        crc = crc_word(crc, __ext_start[i]); /* what the memory holds, not what was sent */
    }
    *at(PW_SPI_CTRL_BASE_ADDR(0)) = 0;
    return ok && ~crc == want;
}

void pw_ext_load(void)
{
    while (!load()) {
        *at(PW_GPIO_OUT_BASE_ADDR) ^= 4; /* fault LED */
        for (uint32_t i = 0; i < BLINK_ROUNDS; i++)
            (void)*at(PW_GPIO_IN_BASE_ADDR);
    }
    *at(PW_GPIO_OUT_BASE_ADDR) = 0;
}
