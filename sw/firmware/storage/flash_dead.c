/* SPDX-License-Identifier: Apache-2.0 */
#include "flash_dead.h"

#include <string.h>

#include "bytes.h"
#include "crc32.h"
#include "flash_port.h"

#define MAGIC 0xDEu
_Static_assert(4 + 2 * PW_FLASH_DEAD_MAX + 4 == PW_FLASH_DEAD_SIZE_B, "packed size");

bool pw_flash_dead_has(const struct pw_flash_dead *d, uint32_t addr)
{
    for (unsigned i = 0; i < d->n; i++)
        if (d->sector[i] == addr / PW_FLASH_SECTOR_B)
            return true;
    return false;
}

bool pw_flash_dead_add(struct pw_flash_dead *d, uint32_t addr)
{
    if (pw_flash_dead_has(d, addr))
        return true;
    if (d->n == PW_FLASH_DEAD_MAX) {
        d->unlisted++;
        return false;
    }
    d->sector[d->n++] = (uint16_t)(addr / PW_FLASH_SECTOR_B);
    d->changed = true;
    return true;
}

void pw_flash_dead_pack(const struct pw_flash_dead *d, uint8_t out[PW_FLASH_DEAD_SIZE_B])
{
    out[0] = MAGIC;
    out[1] = d->n;
    pw_put_le16(out + 2, d->unlisted);
    for (unsigned i = 0; i < PW_FLASH_DEAD_MAX; i++)
        pw_put_le16(out + 4 + 2 * i, i < d->n ? d->sector[i] : 0);
    pw_put_le32(out + PW_FLASH_DEAD_SIZE_B - 4, pw_crc32(0, out, PW_FLASH_DEAD_SIZE_B - 4));
}

int pw_flash_dead_unpack(struct pw_flash_dead *d, const uint8_t in[PW_FLASH_DEAD_SIZE_B])
{
    memset(d, 0, sizeof *d);
    if (in[0] != MAGIC)
        return PW_ERR_MAGIC;
    if (pw_get_le32(in + PW_FLASH_DEAD_SIZE_B - 4) != pw_crc32(0, in, PW_FLASH_DEAD_SIZE_B - 4))
        return PW_ERR_CRC;
    if (in[1] > PW_FLASH_DEAD_MAX)
        return PW_ERR_RANGE;
    d->n = in[1];
    d->unlisted = pw_get_le16(in + 2);
    for (unsigned i = 0; i < d->n; i++)
        d->sector[i] = pw_get_le16(in + 4 + 2 * i);
    return PW_OK;
}
