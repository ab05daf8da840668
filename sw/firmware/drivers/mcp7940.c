/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp7940.h"

#define DEVICE 0x6Fu

/* Registers, and their bits. */
enum { SEC, MIN, HOUR, WKDAY, DATE, MONTH, YEAR, CONTROL, TRIM, N_REGS };
enum { ST = 0x80, HOUR_12 = 0x40, OSCRUN = 0x20, PWRFAIL = 0x10, VBATEN = 0x08, TRIM_ADD = 0x80 };
enum { OP_NONE, OP_READ, OP_SET };

static unsigned dec(unsigned bcd)
{
    return (bcd >> 4) * 10 + (bcd & 15);
}

static bool is_bcd(unsigned v)
{
    return (v & 15) < 10 && v < 0xA0;
}

static uint8_t bcd(unsigned v)
{
    return (uint8_t)(v / 10 << 4 | v % 10);
}

void pw_mcp7940_init(struct pw_mcp7940 *c, const struct pw_hal *hal)
{
    pw_i2c_init(&c->i2c, hal);
    c->op = OP_NONE;
}

bool pw_mcp7940_read(struct pw_mcp7940 *c)
{
    if (!pw_i2c_begin(&c->i2c, DEVICE, SEC, true, N_REGS))
        return false;
    c->op = OP_READ;
    return true;
}

bool pw_mcp7940_set(struct pw_mcp7940 *c, const struct pw_civil *civil, int trim_steps)
{
    if (!pw_i2c_begin(&c->i2c, DEVICE, SEC, false, N_REGS))
        return false;
    uint8_t *r = c->i2c.data;
    r[SEC] = (uint8_t)(ST | bcd(civil->second));
    r[MIN] = bcd(civil->minute);
    r[HOUR] = bcd(civil->hour);
    r[WKDAY] = (uint8_t)(VBATEN | (civil->weekday + 1u)); /* PWRFAIL 0: the next failure is stamped */
    r[DATE] = bcd(civil->day);
    r[MONTH] = bcd(civil->month);
    r[YEAR] = bcd(civil->year % 100u);
    r[CONTROL] = 0;
    r[TRIM] = (uint8_t)(trim_steps < 0 ? -trim_steps : trim_steps | TRIM_ADD);
    c->op = OP_SET;
    return true;
}

bool pw_mcp7940_step(struct pw_mcp7940 *c)
{
    return pw_i2c_step(&c->i2c);
}

int pw_mcp7940_result(const struct pw_mcp7940 *c)
{
    return pw_i2c_result(&c->i2c);
}

int pw_mcp7940_get(const struct pw_mcp7940 *c, struct pw_mcp7940_time *t)
{
    const uint8_t *r = c->i2c.data;
    int err = c->op == OP_READ ? pw_i2c_result(&c->i2c) : PW_ERR_STATE;
    if (err != PW_OK)
        return err;
    bool digits = is_bcd(r[SEC] & 0x7Fu) && is_bcd(r[MIN]) && is_bcd(r[HOUR] & 0x3Fu) && is_bcd(r[DATE]) && is_bcd(r[MONTH] & 0x1Fu) && is_bcd(r[YEAR]);
    *t = (struct pw_mcp7940_time){
        .civil = {.year = (uint16_t)(2000 + dec(r[YEAR])), .month = (uint8_t)dec(r[MONTH] & 0x1Fu), .day = (uint8_t)dec(r[DATE]),
                  .hour = (uint8_t)dec(r[HOUR] & 0x3Fu), .minute = (uint8_t)dec(r[MIN]), .second = (uint8_t)dec(r[SEC] & 0x7Fu)},
        .running = (r[SEC] & ST) != 0 && (r[WKDAY] & OSCRUN) != 0,
        .battery = (r[WKDAY] & VBATEN) != 0,
        .power_failed = (r[WKDAY] & PWRFAIL) != 0,
        .trim_steps = (int8_t)(r[TRIM] & TRIM_ADD ? r[TRIM] & 0x7F : -(r[TRIM] & 0x7F)),
    };
    t->valid = digits && (r[HOUR] & HOUR_12) == 0 && pw_civil_valid(&t->civil);
    return PW_OK;
}
