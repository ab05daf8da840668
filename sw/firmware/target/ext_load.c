/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the code in external memory ready: runs before main, from the RAM at 0, without variables. Flash at PW_EXT_FLASH: "PWFW", length,
 * CRC-32 (IEEE) of the image, 0, image. SDRAM: copied there. Where code runs from the flash itself (pw_xip): only the flash's quad lines
 * are switched on. Then what the CPU sees is checked; if it is bad, the fault LED blinks, and all is tried again. */
#include <stdbool.h>
#include <stdint.h>

#include "pw_regs.h"

#define PW_EXT_FLASH   0x100000u
#define MAGIC          0x57465750u
#define CMD_READ       0x03000000u
#define CMD_VOLATILE   0x50u       /* the next status write lasts until power-off */
#define CMD_QUAD_ON    0x3102u     /* status 2: QE */
#define CMD_WAKE       0xABu
#define CTRL_1_BYTE    0x01u       /* chip select 0, SCK = clk / 2 */
#define CTRL_2_BYTES   0x11u
#define CTRL_4_BYTES   0x31u
#define BLINK_ROUNDS   2000000u

extern uint32_t __ext_header[], __ext_start[];
extern const char __ext_size[], __ext_xip[]; /* symbols of the linker script: numbers, not addresses */
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

static void command(uint32_t ctrl, uint32_t out)
{
    *at(PW_SPI_CTRL_BASE_ADDR(0)) = ctrl;
    (void)transfer(out);
    *at(PW_SPI_CTRL_BASE_ADDR(0)) = 0;
}

static uint32_t read_word(void) /* bytes come first one first, words are little endian */
{
    uint32_t v = transfer(0);
    return v << 24 | (v & 0xFF00u) << 8 | (v >> 8 & 0xFF00u) | v >> 24;
}

/* Four bits a step: a bit a step would take a second of the start where code runs from the flash. */
static const uint32_t crc_of[16] = {
    0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u, 0x4DB26158u, 0x5005713Cu,
    0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu, 0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
};

static uint32_t crc_word(uint32_t crc, uint32_t word)
{
    crc ^= word;
    for (unsigned i = 0; i < 8; i++)
        crc = crc >> 4 ^ crc_of[crc & 15];
    return crc;
}

static uint32_t size(void)
{
    return (uint32_t)(uintptr_t)__ext_size;
}

static void copy(void)
{
    *at(PW_SPI_CTRL_BASE_ADDR(0)) = CTRL_4_BYTES;
    (void)transfer(CMD_READ | PW_EXT_FLASH);
    for (uint32_t i = 0; i < 4 + size() / 4; i++)
        __ext_header[i] = read_word();
    *at(PW_SPI_CTRL_BASE_ADDR(0)) = 0;
#ifdef __riscv_compressed
    __asm__ volatile(".word 0x500F" ::: "memory"); /* VexRiscv IMAC: empties the data cache, so that the check reads the memory */
#endif
}

static bool good(void)
{
    const volatile uint32_t *header = __ext_header, *word = __ext_start;
    if (header[0] != MAGIC || header[1] != size())
        return false;
    uint32_t crc = UINT32_MAX;
    for (uint32_t i = 0; i < size() / 4; i++)
        crc = crc_word(crc, word[i]);
    return ~crc == header[2];
}

static bool load(void)
{
    command(CTRL_1_BYTE, CMD_WAKE);
    for (unsigned i = 0; i < 100; i++)
        (void)*at(PW_SPI_STATUS_BASE_ADDR(0)); /* 3 us until it is awake */
    if ((uintptr_t)__ext_xip == 1) {
        command(CTRL_1_BYTE, CMD_VOLATILE);
        command(CTRL_2_BYTES, CMD_QUAD_ON);
    } else {
        copy();
    }
    return good();
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
