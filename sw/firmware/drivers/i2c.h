/* SPDX-License-Identifier: Apache-2.0 */
/* I2C master on two open-drain lines that firmware drives, a quarter of a bit at a time: pw_i2c_step never waits.
 * At a step each 20 us and more a bit takes at least 60 us (17 kHz at most): any I2C part. */
#ifndef PW_I2C_H
#define PW_I2C_H

#include <stdbool.h>

#include "errors.h"
#include "hal.h"

#define PW_I2C_MAX 16u /* bytes of one transfer, register address not counted */

struct pw_i2c {
    const struct pw_hal *hal;
    uint64_t next_us;     /* not before */
    uint8_t  phase, bit;
    uint8_t  device, reg, len;
    bool     reading;
    uint8_t  index;       /* byte of the transfer: 0 device, 1 register, then data or device again and data */
    uint8_t  shift;
    uint8_t  stretch;     /* steps in which the part has held SCL down */
    int8_t   result;
    uint8_t  data[PW_I2C_MAX];
};

void pw_i2c_init(struct pw_i2c *b, const struct pw_hal *hal);

/** Begins a transfer: device address, register, then `len` bytes read into or written from b->data.
 *  @param device  7 bits  @param len  1 .. PW_I2C_MAX  @return false if one is under way or len is out of range */
bool pw_i2c_begin(struct pw_i2c *b, unsigned device, unsigned reg, bool reading, unsigned len);

/** Does one phase. @return true while a transfer is under way */
bool pw_i2c_step(struct pw_i2c *b);

/** Of the last transfer. @return PW_OK, PW_ERR_IO (not acknowledged, or a line held down), PW_ERR_STATE (still under way) */
PW_MUST_CHECK int pw_i2c_result(const struct pw_i2c *b);

#endif
