/* SPDX-License-Identifier: Apache-2.0 */
#include "fram.h"

#include "fram_map.h"

/* Opcodes: FM25V02A, FM25V10 and MB85RS data sheets. */
enum { WRITE = 0x02, READ = 0x03, WRDI = 0x04, RDSR = 0x05, WREN = 0x06, RDID = 0x9F };
#define STATUS_WEL 0x02u

/* Parts of 3 address bytes ignore the upper 7 bits. One of 2 takes a write to PROBE_WIDE as one to its PROBE_SMALL: the last address byte is
 * the first byte of the data. So whatever the part is, nothing is hit but bytes that are kept free for this. */
#define PROBE_WIDE   (0x7E0000u | PW_FRAM_PROBE)
#define PROBE_NARROW (PW_FRAM_PROBE_SMALL + 1u)
_Static_assert(PROBE_WIDE >> 8 == PW_FRAM_PROBE_SMALL && (PROBE_WIDE & 0xFFu) != 0 && PROBE_NARROW + 1u == PW_FRAM_SMALL_B, "a probe hits nothing but free bytes");

struct place {
    uint32_t addr;
    unsigned addr_b;
};

static int opcode(struct pw_fram *fram, uint8_t op)
{
    return pw_spi_command(fram->spi, fram->cs, &op, 1, NULL, NULL, 0);
}

static int status(struct pw_fram *fram, uint8_t *value)
{
    uint8_t op = RDSR;
    return pw_spi_command(fram->spi, fram->cs, &op, 1, NULL, value, 1);
}

static int addressed(struct pw_fram *fram, struct place p, const void *tx, void *rx, size_t len)
{
    int err = tx != NULL ? opcode(fram, WREN) : PW_OK; /* the latch clears itself after each write */
    if (err != PW_OK)
        return err;
    uint8_t head[4] = {tx != NULL ? WRITE : READ, (uint8_t)(p.addr >> 16), (uint8_t)(p.addr >> 8), (uint8_t)p.addr};
    if (p.addr_b == 2) {
        head[1] = head[2];
        head[2] = head[3];
    }
    return pw_spi_command(fram->spi, fram->cs, head, 1 + p.addr_b, tx, rx, len);
}

/* Is what is written at `at` seen at `other`? @return 0, 1, PW_ERR_IO (no answer, or it is not seen at `at` either) */
static int is_seen(struct pw_fram *fram, struct place at, struct place other)
{
    uint8_t old = 0, elsewhere = 0, now = 0, mark = 0;
    if (addressed(fram, at, NULL, &old, 1) != PW_OK || addressed(fram, other, NULL, &elsewhere, 1) != PW_OK)
        return PW_ERR_IO;
    while (mark == old || mark == elsewhere)
        mark++;
    if (addressed(fram, at, &mark, NULL, 1) != PW_OK || addressed(fram, other, NULL, &elsewhere, 1) != PW_OK ||
        addressed(fram, at, NULL, &now, 1) != PW_OK || addressed(fram, at, &old, NULL, 1) != PW_OK || now != mark)
        return PW_ERR_IO;
    return elsewhere == mark;
}

/* Size by the device id, 0: unknown. Cypress: six times 7Fh, C2h, family 1 and density; Fujitsu: 04h, 7Fh, density. */
static int size_by_id(struct pw_fram *fram)
{
    uint8_t op = RDID, id[9] = {0};
    int err = pw_spi_command(fram->spi, fram->cs, &op, 1, NULL, id, sizeof id);
    if (err != PW_OK)
        return err;
    unsigned log2_b = 0;
    if (id[0] == 0x7F && id[6] == 0xC2 && id[7] >> 5 == 1)
        log2_b = 13u + (id[7] & 31u);
    else if (id[0] == 0x04 && id[1] == 0x7F)
        log2_b = 10u + (id[2] & 31u);
    fram->id_size_b = log2_b != 0 && log2_b <= 24 ? UINT32_C(1) << log2_b : 0;
    return PW_OK;
}

static int size_by_address(struct pw_fram *fram)
{
    const struct place wide = {PROBE_WIDE, 3}, near = {PROBE_WIDE & ~0xFFu, 3}, narrow = {PROBE_NARROW, 2};
    int seen = is_seen(fram, wide, near); /* only where the last address byte is none */
    if (seen < 0)
        return seen;
    fram->addr_b = seen ? 2 : 3;
    fram->size_b = seen ? PW_FRAM_SMALL_B : PW_FRAM_SIZE_B;
    struct place at = seen ? narrow : wide;
    struct place half = {at.addr - fram->size_b / 2, at.addr_b}; /* where a part of half the size would show it */
    seen = is_seen(fram, at, half);
    return seen == 1 ? PW_ERR_SIZE : seen;
}

int pw_fram_init(struct pw_fram *fram, struct pw_spi *spi, unsigned cs)
{
    uint8_t on = 0, off = STATUS_WEL;
    *fram = (struct pw_fram){.spi = spi, .cs = cs};
    if (opcode(fram, WREN) != PW_OK || status(fram, &on) != PW_OK)
        return PW_ERR_IO;
    if (opcode(fram, WRDI) != PW_OK || status(fram, &off) != PW_OK)
        return PW_ERR_IO;
    if ((on & STATUS_WEL) == 0 || (off & STATUS_WEL) != 0) /* a missing part reads all 0 or all 1 */
        return PW_ERR_IO;
    int err = size_by_id(fram);
    if (err == PW_OK)
        err = size_by_address(fram);
    if (err == PW_OK && fram->id_size_b != 0 && fram->id_size_b < fram->size_b)
        fram->size_b = PW_FRAM_SMALL_B;
    if (err == PW_OK && fram->id_size_b != 0 && fram->id_size_b < PW_FRAM_SMALL_B)
        err = PW_ERR_SIZE;
    if (err != PW_OK)
        fram->size_b = 0; /* nothing can be read or written */
    return err;
}

static int in_range(const struct pw_fram *fram, uint32_t addr, size_t len)
{
    return addr <= fram->size_b && len <= fram->size_b - addr;
}

int pw_fram_read(struct pw_fram *fram, uint32_t addr, void *data, size_t len)
{
    return in_range(fram, addr, len) ? addressed(fram, (struct place){addr, fram->addr_b}, NULL, data, len) : PW_ERR_RANGE;
}

int pw_fram_write(struct pw_fram *fram, uint32_t addr, const void *data, size_t len)
{
    return in_range(fram, addr, len) ? addressed(fram, (struct place){addr, fram->addr_b}, data, NULL, len) : PW_ERR_RANGE;
}
