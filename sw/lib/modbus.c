/* SPDX-License-Identifier: Apache-2.0 */
#include "modbus.h"

#include <string.h>

#include "bytes.h"

enum { FN_READ_HOLDING = 3, FN_READ_INPUT = 4, FN_WRITE_ONE = 6, FN_WRITE = 16, FN_MEI = 43 };
#define MEI_DEVICE_ID 0x0Eu
#define CONFORMITY    0x82u /* regular objects, as a stream and one by one */

static size_t exception(const uint8_t *req, int code, uint8_t *rsp)
{
    rsp[0] = req[0] | 0x80u;
    rsp[1] = (uint8_t)code;
    return 2;
}

static size_t read_registers(const struct pw_modbus_server *srv, const uint8_t *req, size_t len, uint8_t *rsp)
{
    if (len != 5)
        return exception(req, PW_MB_ILLEGAL_VALUE, rsp);
    uint16_t addr = pw_get_be16(req + 1), qty = pw_get_be16(req + 3);
    if (qty < 1 || qty > PW_MODBUS_READ_MAX)
        return exception(req, PW_MB_ILLEGAL_VALUE, rsp);
    if (addr + (uint32_t)qty > 0x10000u)
        return exception(req, PW_MB_ILLEGAL_ADDRESS, rsp);
    int code = srv->read(srv->ctx, addr, qty, rsp + 2);
    if (code != PW_MB_OK)
        return exception(req, code, rsp);
    rsp[0] = req[0];
    rsp[1] = (uint8_t)(2 * qty);
    return 2u + 2u * qty;
}

static size_t write_one(const struct pw_modbus_server *srv, const uint8_t *req, size_t len, uint8_t *rsp)
{
    if (len != 5)
        return exception(req, PW_MB_ILLEGAL_VALUE, rsp);
    int code = srv->write(srv->ctx, pw_get_be16(req + 1), 1, req + 3);
    if (code != PW_MB_OK)
        return exception(req, code, rsp);
    memcpy(rsp, req, 5);
    return 5;
}

static size_t write_registers(const struct pw_modbus_server *srv, const uint8_t *req, size_t len, uint8_t *rsp)
{
    if (len < 6)
        return exception(req, PW_MB_ILLEGAL_VALUE, rsp);
    uint16_t addr = pw_get_be16(req + 1), qty = pw_get_be16(req + 3);
    if (qty < 1 || qty > PW_MODBUS_WRITE_MAX || req[5] != 2 * qty || len != 6u + 2u * qty)
        return exception(req, PW_MB_ILLEGAL_VALUE, rsp);
    if (addr + (uint32_t)qty > 0x10000u)
        return exception(req, PW_MB_ILLEGAL_ADDRESS, rsp);
    int code = srv->write(srv->ctx, addr, qty, req + 6);
    if (code != PW_MB_OK)
        return exception(req, code, rsp);
    memcpy(rsp, req, 5);
    return 5;
}

/* Objects `first` .. `last` as far as they fit. */
static size_t device_id(const struct pw_modbus_server *srv, const uint8_t *req, size_t len, uint8_t *rsp)
{
    if (len < 2 || req[1] != MEI_DEVICE_ID)
        return exception(req, PW_MB_ILLEGAL_FUNCTION, rsp);
    if (len != 4 || req[2] < 1 || req[2] > 4)
        return exception(req, PW_MB_ILLEGAL_VALUE, rsp);
    unsigned code = req[2], first = req[3], end = code == 1 ? 3 : PW_MODBUS_OBJECTS;
    if (code == 4) {
        if (first >= PW_MODBUS_OBJECTS)
            return exception(req, PW_MB_ILLEGAL_ADDRESS, rsp);
        end = first + 1;
    } else if (first >= end) {
        first = 0; /* the standard: an unknown object begins the stream anew */
    }
    size_t at = 7;
    unsigned id = first;
    for (; id < end; id++) {
        size_t n = strlen(srv->object[id]);
        if (n > PW_MODBUS_PDU_MAX - 9)
            n = PW_MODBUS_PDU_MAX - 9; /* one object fits an empty answer */
        if (at + 2 + n > PW_MODBUS_PDU_MAX)
            break;
        rsp[at] = (uint8_t)id;
        rsp[at + 1] = (uint8_t)n;
        memcpy(rsp + at + 2, srv->object[id], n);
        at += 2 + n;
    }
    rsp[0] = FN_MEI;
    rsp[1] = MEI_DEVICE_ID;
    rsp[2] = (uint8_t)code;
    rsp[3] = CONFORMITY;
    rsp[4] = id < end ? 0xFF : 0;
    rsp[5] = (uint8_t)(id < end ? id : 0);
    rsp[6] = (uint8_t)(id - first);
    return at;
}

size_t pw_modbus_pdu(const struct pw_modbus_server *srv, const uint8_t *req, size_t len, uint8_t rsp[PW_MODBUS_PDU_MAX])
{
    switch (req[0]) {
    case FN_READ_HOLDING:
    case FN_READ_INPUT:
        return read_registers(srv, req, len, rsp);
    case FN_WRITE_ONE:
        return write_one(srv, req, len, rsp);
    case FN_WRITE:
        return write_registers(srv, req, len, rsp);
    case FN_MEI:
        return device_id(srv, req, len, rsp);
    default:
        return exception(req, PW_MB_ILLEGAL_FUNCTION, rsp);
    }
}

int pw_modbus_frame_len(const uint8_t *buf, size_t len)
{
    if (len < 6)
        return 0;
    unsigned follows = pw_get_be16(buf + 4); /* unit identifier and PDU */
    if (pw_get_be16(buf + 2) != 0 || follows < 2 || follows > 1 + PW_MODBUS_PDU_MAX)
        return -1;
    return (int)(6 + follows);
}

size_t pw_modbus_frame(const struct pw_modbus_server *srv, uint8_t unit, const uint8_t *req, size_t len, uint8_t rsp[PW_MODBUS_ADU_MAX])
{
    const uint8_t *pdu = req + PW_MODBUS_MBAP_B;
    uint8_t to = req[6];
    size_t n;
    if (to == 0 || to == 255 || to == unit)
        n = pw_modbus_pdu(srv, pdu, len - PW_MODBUS_MBAP_B, rsp + PW_MODBUS_MBAP_B);
    else
        n = exception(pdu, PW_MB_TARGET_SILENT, rsp + PW_MODBUS_MBAP_B);
    memcpy(rsp, req, 4); /* transaction and protocol */
    pw_put_be16(rsp + 4, (uint16_t)(1 + n));
    rsp[6] = to;
    return PW_MODBUS_MBAP_B + n;
}
