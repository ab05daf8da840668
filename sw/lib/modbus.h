/* SPDX-License-Identifier: Apache-2.0 */
/* Modbus server: protocol only, no transport and no registers. Functions 3, 4, 6, 16 and 43/14 (device identification).
 * Source: Modbus Application Protocol V1.1b3; order of checks: function, quantity, address, execution. */
#ifndef PW_MODBUS_H
#define PW_MODBUS_H

#include <stddef.h>
#include <stdint.h>

#define PW_MODBUS_PDU_MAX  253u
#define PW_MODBUS_MBAP_B   7u
#define PW_MODBUS_ADU_MAX  (PW_MODBUS_MBAP_B + PW_MODBUS_PDU_MAX)
#define PW_MODBUS_READ_MAX  125u
#define PW_MODBUS_WRITE_MAX 123u
#define PW_MODBUS_OBJECTS   7u

enum pw_modbus_exception {
    PW_MB_OK = 0, PW_MB_ILLEGAL_FUNCTION = 1, PW_MB_ILLEGAL_ADDRESS = 2, PW_MB_ILLEGAL_VALUE = 3, PW_MB_DEVICE_FAILURE = 4,
    PW_MB_BUSY = 6, PW_MB_TARGET_SILENT = 0x0B,
};

/* The registers behind the server. Both work on whole ranges, so that a value of several registers is never torn.
 * @param regs  2 * qty bytes, big endian
 * @return enum pw_modbus_exception; nothing was written unless PW_MB_OK */
struct pw_modbus_server {
    int (*read)(void *ctx, uint16_t addr, uint16_t qty, uint8_t *regs);
    int (*write)(void *ctx, uint16_t addr, uint16_t qty, const uint8_t *regs);
    void *ctx;
    const char *object[PW_MODBUS_OBJECTS]; /* VendorName, ProductCode, MajorMinorRevision, VendorUrl, ProductName, ModelName, UserApplicationName */
};

/** Answers one PDU (function code and data). Every input gets an answer.
 *  @param len  1 .. PW_MODBUS_PDU_MAX
 *  @return length of the answer, 2 .. PW_MODBUS_PDU_MAX */
size_t pw_modbus_pdu(const struct pw_modbus_server *srv, const uint8_t *req, size_t len, uint8_t rsp[PW_MODBUS_PDU_MAX]);

/** Looks at the beginning of a Modbus TCP stream.
 *  @return whole length of the first frame (known once 6 bytes are there), 0 if more bytes are needed to tell, or -1: this is not
 *          Modbus TCP (protocol identifier not 0, length below 2 or above 254) and the stream cannot be followed any more */
int pw_modbus_frame_len(const uint8_t *buf, size_t len);

/** Answers one whole frame (MBAP header and PDU). A frame for another unit is answered with exception 0Bh.
 *  @param len  what pw_modbus_frame_len said
 *  @param unit  own unit identifier; 0 and 255 are answered too
 *  @return length of the answer */
size_t pw_modbus_frame(const struct pw_modbus_server *srv, uint8_t unit, const uint8_t *req, size_t len, uint8_t rsp[PW_MODBUS_ADU_MAX]);

#endif
