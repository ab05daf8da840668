/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes.h"

void pw_put_le32(uint8_t *p, uint32_t v)
{
    pw_put_le16(p, (uint16_t)v);
    pw_put_le16(p + 2, (uint16_t)(v >> 16));
}

void pw_put_le64(uint8_t *p, uint64_t v)
{
    pw_put_le32(p, (uint32_t)v);
    pw_put_le32(p + 4, (uint32_t)(v >> 32));
}

uint32_t pw_get_le32(const uint8_t *p)
{
    return pw_get_le16(p) | (uint32_t)pw_get_le16(p + 2) << 16;
}

uint64_t pw_get_le64(const uint8_t *p)
{
    return pw_get_le32(p) | (uint64_t)pw_get_le32(p + 4) << 32;
}
