/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 (IEEE 802.3, reflected 0xEDB88320). "123456789" gives 0xCBF43926. */
#ifndef PW_CRC32_H
#define PW_CRC32_H

#include <stddef.h>
#include <stdint.h>

/** Continues a check sum. @param crc  0 at the start, then the last result */
uint32_t pw_crc32(uint32_t crc, const void *data, size_t len);

#endif
