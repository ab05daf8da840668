/* SPDX-License-Identifier: Apache-2.0 */
/* Clock chip MCP7940N on I2C (ULX3S has one): time, trim, power-fail flag. Each operation is a transfer that pw_mcp7940_step carries on; nothing waits.
 * Time is UTC. */
#ifndef PW_MCP7940_H
#define PW_MCP7940_H

#include "calendar.h"
#include "i2c.h"

struct pw_mcp7940_time {
    struct pw_civil civil;   /* UTC; only meaningful if valid */
    bool running;            /* the oscillator runs and was never stopped since the time was set */
    bool battery;            /* the battery input is enabled */
    bool power_failed;       /* supply failed since the flag was cleared */
    bool valid;              /* registers hold a possible time */
    int8_t trim_steps;       /* 1.017 ppm each, + = runs faster */
};

struct pw_mcp7940 {
    struct pw_i2c i2c;
    uint8_t op;              /* of the transfer under way */
};

void pw_mcp7940_init(struct pw_mcp7940 *c, const struct pw_hal *hal);

/** Begins reading time and state. @return false if a transfer is under way; so are the others */
bool pw_mcp7940_read(struct pw_mcp7940 *c);

/** Begins setting the time: starts the oscillator, enables the battery, clears the power-fail flag. The chip's second begins now.
 *  @param civil  valid @param trim_steps  -127 .. 127, see above */
bool pw_mcp7940_set(struct pw_mcp7940 *c, const struct pw_civil *civil, int trim_steps);

/** Carries on. @return true while a transfer is under way */
bool pw_mcp7940_step(struct pw_mcp7940 *c);

/** What the finished read found. @return PW_OK, PW_ERR_IO (no answer), PW_ERR_STATE (under way, or the last transfer was not a read) */
PW_MUST_CHECK int pw_mcp7940_get(const struct pw_mcp7940 *c, struct pw_mcp7940_time *t);

/** Outcome of the last transfer. @return PW_OK, PW_ERR_IO, PW_ERR_STATE (under way) */
PW_MUST_CHECK int pw_mcp7940_result(const struct pw_mcp7940 *c);

#endif
