/* SPDX-License-Identifier: Apache-2.0 */
#include "i2c.h"

#include "pw_regs.h"

#define HALF_US    5u   /* at least between two changes of a line */
#define STRETCH_MAX 250u

/* Phases. A byte: LOW (data set while SCL is low), HIGH (SCL up), SAMPLE (taken, SCL down), for 8 bits and the acknowledge. */
enum { IDLE, FREE, START, START2, LOW, HIGH, SAMPLE, RESTART, RESTART2, STOP, STOP2, STOP3 };
enum { SCL = 1, SDA = 2 };

static void lines(const struct pw_i2c *b, unsigned up)
{
    pw_write32(b->hal, PW_I2C_OUT_BASE_ADDR, up);
}

static unsigned levels(const struct pw_i2c *b)
{
    return pw_read32(b->hal, PW_I2C_IN_BASE_ADDR);
}

void pw_i2c_init(struct pw_i2c *b, const struct pw_hal *hal)
{
    *b = (struct pw_i2c){.hal = hal};
    lines(b, SCL | SDA);
}

bool pw_i2c_begin(struct pw_i2c *b, unsigned device, unsigned reg, bool reading, unsigned len)
{
    if (b->phase != IDLE || len < 1 || len > PW_I2C_MAX)
        return false;
    b->device = (uint8_t)(device << 1);
    b->reg = (uint8_t)reg;
    b->reading = reading;
    b->len = (uint8_t)len;
    b->index = 0;
    b->bit = 0;
    b->stretch = 0;
    b->result = PW_OK;
    b->phase = FREE;
    return true;
}

int pw_i2c_result(const struct pw_i2c *b)
{
    return b->phase == IDLE ? b->result : PW_ERR_STATE;
}

/* Bytes of a transfer: write = device, register, data; read = device, register, restart, device | 1, data. */
static bool receiving(const struct pw_i2c *b)
{
    return b->reading && b->index >= 3;
}

static uint8_t byte_to_send(const struct pw_i2c *b)
{
    if (b->index == 0) return b->device;
    if (b->index == 1) return b->reg;
    if (b->reading)    return b->index == 2 ? (uint8_t)(b->device | 1u) : 0xFF;
    return b->data[b->index - 2];
}

static unsigned last_index(const struct pw_i2c *b)
{
    return b->len + (b->reading ? 2u : 1u);
}

static void begin_byte(struct pw_i2c *b)
{
    b->shift = byte_to_send(b);
    b->bit = 0;
    b->phase = LOW;
}

static void fail(struct pw_i2c *b)
{
    b->result = PW_ERR_IO;
    b->phase = STOP;
}

static void set_bit(struct pw_i2c *b)
{
    bool up;
    if (b->bit < 8)
        up = receiving(b) || (b->shift & 0x80) != 0;
    else /* acknowledge: ours for what was received, but not for the last byte */
        up = !receiving(b) || b->index == last_index(b);
    lines(b, up ? SDA : 0);
    b->phase = HIGH;
}

static void take_bit(struct pw_i2c *b)
{
    bool up = (levels(b) & SDA) != 0;
    lines(b, b->bit < 8 && !receiving(b) && (b->shift & 0x80) == 0 ? 0 : SDA); /* SCL down; SDA follows in LOW */
    if (b->bit < 8) {
        b->shift = (uint8_t)(b->shift << 1 | up);
        b->bit++;
        b->phase = LOW;
        return;
    }
    if (!receiving(b) && up) {
        fail(b);
        return;
    }
    if (receiving(b))
        b->data[b->index - 3] = b->shift;
    if (b->index == last_index(b)) {
        b->phase = STOP;
        return;
    }
    b->index++;
    if (b->reading && b->index == 2)
        b->phase = RESTART;
    else
        begin_byte(b);
}

static void wait_high(struct pw_i2c *b)
{
    if ((levels(b) & SCL) == 0) { /* the part stretches the clock */
        if (++b->stretch == STRETCH_MAX)
            fail(b);
        return;
    }
    b->stretch = 0;
    take_bit(b);
}

static void frame(struct pw_i2c *b)
{
    switch (b->phase) {
    case FREE: /* a part left in the middle of a byte holds SDA: clock it out */
        if (levels(b) == (SCL | SDA)) {
            b->phase = START;
        } else if (++b->stretch > 20) {
            b->result = PW_ERR_IO;
            b->phase = IDLE;
            lines(b, SCL | SDA);
        } else {
            lines(b, b->stretch & 1 ? SDA : SCL | SDA);
        }
        break;
    case START:    b->stretch = 0; lines(b, SCL); b->phase = START2; break;
    case START2:   lines(b, 0); begin_byte(b); break;
    case RESTART:  lines(b, SDA); b->phase = RESTART2; break;
    case RESTART2: lines(b, SCL | SDA); b->phase = START; break;
    case STOP:     lines(b, 0); b->phase = STOP2; break;
    case STOP2:    lines(b, SCL); b->phase = STOP3; break;
    default:       lines(b, SCL | SDA); b->phase = IDLE; break;
    }
}

bool pw_i2c_step(struct pw_i2c *b)
{
    if (b->phase == IDLE)
        return false;
    uint64_t now = pw_uptime_us(b->hal);
    if (now < b->next_us)
        return true;
    b->next_us = now + HALF_US;
    switch (b->phase) {
    case LOW:    set_bit(b); break;
    case HIGH:   lines(b, SCL | (pw_read32(b->hal, PW_I2C_OUT_BASE_ADDR) & SDA)); b->phase = SAMPLE; break;
    case SAMPLE: wait_high(b); break;
    default:     frame(b); break;
    }
    return true;
}
