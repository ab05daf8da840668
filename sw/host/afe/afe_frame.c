/* SPDX-License-Identifier: Apache-2.0 */
#include "afe_frame.h"

#include <assert.h>

uint16_t pw_afe_crc16(const uint8_t *bytes, size_t n)
{
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (unsigned k = 0; k < 8; k++)
            crc = (uint16_t)(crc >> 1 ^ (crc & 1 ? 0xA001 : 0));
    }
    return crc;
}

static void put(uint8_t *at, uint32_t value, unsigned n_bytes)
{
    for (unsigned i = 0; i < n_bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void pw_afe_request(uint8_t out[PW_AFE_REQUEST_B], uint8_t tag, enum pw_afe_command command, uint32_t addr, unsigned n, uint32_t value)
{
    assert(addr >= PW_AFE_BASE && addr - PW_AFE_BASE < 0x40000 && addr % 4 == 0 && n <= PW_AFE_WORDS_MAX);
    out[0] = 0xA5;
    out[1] = tag;
    out[2] = (uint8_t)command;
    out[3] = (uint8_t)n;
    put(out + 4, (addr - PW_AFE_BASE) / 4, 2);
    put(out + 6, value, 4);
    put(out + 10, pw_afe_crc16(out + 1, 9), 2);
}

size_t pw_afe_response_length(const uint8_t *bytes, size_t n_bytes)
{
    return n_bytes < 3 ? 3 : PW_AFE_RESPONSE_B(bytes[2]);
}

int pw_afe_response(const uint8_t *bytes, size_t n_bytes, uint8_t tag, unsigned n, uint32_t *words)
{
    if (n_bytes < PW_AFE_RESPONSE_B(0) || n_bytes != pw_afe_response_length(bytes, n_bytes) || bytes[0] != PW_AFE_START)
        return PW_ERR_SIZE;
    uint8_t status = bytes[n_bytes - 3];
    if (pw_afe_crc16(bytes + 1, n_bytes - 1) != 0 || status == PW_AFE_BAD_CRC)
        return PW_ERR_CRC;
    if (bytes[1] != tag)
        return PW_ERR_MAGIC;
    if ((status != PW_AFE_OK && status != PW_AFE_BAD_ADDRESS) || bytes[2] != n)
        return PW_ERR_SIZE;
    for (unsigned i = 0; i < n; i++)
        words[i] = get32(bytes + 3 + 4 * i);
    return status == PW_AFE_OK ? PW_OK : PW_ERR_RANGE;
}
