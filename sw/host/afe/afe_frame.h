/* SPDX-License-Identifier: Apache-2.0 */
/* Frames between a host and the front-end without CPU (rtl/afe/pw_afe_link.v, docs/afe.md); pure functions, for UART and SPI alike. */
#ifndef PW_AFE_FRAME_H
#define PW_AFE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "errors.h"

#define PW_AFE_BASE       0x80000000u /* registers lie from here to 0x8003FFFF */
#define PW_AFE_REQUEST_B  12u
#define PW_AFE_WORDS_MAX  255u        /* words a read may ask for */
#define PW_AFE_RESPONSE_B(n_words) (6u + 4u * (n_words))
#define PW_AFE_RESPONSE_MAX_B PW_AFE_RESPONSE_B(PW_AFE_WORDS_MAX)
#define PW_AFE_START      0x5Au       /* first byte of a response */

enum pw_afe_command { PW_AFE_READ = 1, PW_AFE_WRITE = 2 };
enum pw_afe_status { PW_AFE_OK = 0, PW_AFE_BAD_CRC = 1, PW_AFE_BAD_N = 2, PW_AFE_BAD_ADDRESS = 3, PW_AFE_BAD_COMMAND = 4 };

/** CRC-16 as of Modbus (reflected 8005h, start FFFFh); over a frame with its CRC it gives 0. */
uint16_t pw_afe_crc16(const uint8_t *bytes, size_t n);

/** A request. @param addr  byte address, a multiple of 4 @param n  words, 1 to write @param value  written */
void pw_afe_request(uint8_t out[PW_AFE_REQUEST_B], uint8_t tag, enum pw_afe_command command, uint32_t addr, unsigned n, uint32_t value);

/** How long a response is, as far as its first bytes tell. @return 3 as long as fewer than 3 are there */
size_t pw_afe_response_length(const uint8_t *bytes, size_t n_bytes);

/** Checks a whole response and takes its words out.
 *  @param n  words asked for (0: a write)
 *  @return PW_OK, PW_ERR_CRC (it, or the request, arrived damaged), PW_ERR_MAGIC (of another request), PW_ERR_SIZE, PW_ERR_RANGE
 *          (no such register: missing words are 0 in `words`) */
PW_MUST_CHECK int pw_afe_response(const uint8_t *bytes, size_t n_bytes, uint8_t tag, unsigned n, uint32_t *words);

#endif
