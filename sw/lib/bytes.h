/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in byte buffers, without alignment or host byte order. le: stored data; be: Modbus and network. */
#ifndef PW_BYTES_H
#define PW_BYTES_H

#include <stdint.h>

static inline void pw_put_le16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline uint16_t pw_get_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | (unsigned)p[1] << 8);
}

void pw_put_le32(uint8_t *p, uint32_t v);
void pw_put_le64(uint8_t *p, uint64_t v);
uint32_t pw_get_le32(const uint8_t *p);
uint64_t pw_get_le64(const uint8_t *p);

static inline void pw_put_be16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline uint16_t pw_get_be16(const uint8_t *p)
{
    return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline void pw_put_be32(uint8_t *p, uint32_t v)
{
    pw_put_be16(p, (uint16_t)(v >> 16));
    pw_put_be16(p + 2, (uint16_t)v);
}

static inline uint32_t pw_get_be32(const uint8_t *p)
{
    return (uint32_t)pw_get_be16(p) << 16 | pw_get_be16(p + 2);
}

#endif
