/* SPDX-License-Identifier: Apache-2.0 */
#include "rtc_part.h"
#include <string.h>
#include "sw/lib/calendar.h"

enum { SEC, MIN, HOUR, WKDAY, DATE, MONTH, YEAR, CONTROL, TRIM, DOWN = 0x18, UP = 0x1C };
enum { ST = 0x80, OSCRUN = 0x20, PWRFAIL = 0x10, VBATEN = 0x08, LPYR = 0x20 };
enum { WAITING, RECEIVING, ACK_OUT, SENDING, ACK_IN };

static uint8_t bcd(unsigned v) { return (uint8_t)(v / 10 << 4 | v % 10); }
static unsigned dec(uint8_t v) { return (v >> 4) * 10u + (v & 15u); }

void pw_rtcpart_init(struct pw_rtcpart *r, const uint64_t *now_ns)
{
    memset(r, 0, sizeof *r);
    r->now_ns = now_ns;
    r->present = r->scl = r->sda = true;
    r->reg[WKDAY] = r->reg[DATE] = r->reg[MONTH] = 1;
    r->base_ns = *now_ns;
}

/* Trim: about 2 clocks of 32768 a minute and step = 1.017 ppm; bit 7 set adds clocks. */
static int64_t rate_ppm_e3(const struct pw_rtcpart *r)
{
    int64_t steps = r->reg[TRIM] & 0x7F;
    return r->ppm_e3 + (r->reg[TRIM] & 0x80 ? steps : -steps) * 1017;
}

uint32_t pw_rtcpart_now(struct pw_rtcpart *r)
{
    if (!(r->reg[SEC] & ST)) return r->base_s;
    double s = (double)(*r->now_ns - r->base_ns) * 1e-9 * (1.0 + (double)rate_ppm_e3(r) * 1e-9);
    return r->base_s + (uint32_t)s;
}

static void rebase(struct pw_rtcpart *r, uint32_t s)
{
    r->base_s = s;
    r->base_ns = *r->now_ns;
}

static void show_time(struct pw_rtcpart *r)
{
    struct pw_civil c;
    pw_civil_from_s(&c, pw_rtcpart_now(r));
    bool on = (r->reg[SEC] & ST) != 0;
    r->reg[SEC] = (uint8_t)((on ? ST : 0) | bcd(c.second));
    r->reg[MIN] = bcd(c.minute);
    r->reg[HOUR] = bcd(c.hour);
    r->reg[WKDAY] = (uint8_t)((r->reg[WKDAY] & (PWRFAIL | VBATEN | 7)) | (on ? OSCRUN : 0));
    r->reg[DATE] = bcd(c.day);
    r->reg[MONTH] = (uint8_t)(bcd(c.month) | (c.year % 4 == 0 ? LPYR : 0));
    r->reg[YEAR] = bcd(c.year - 2000u);
}

/* What the registers say; fields out of range are cut to it, as counters would run on from somewhere. */
static void take_time(struct pw_rtcpart *r)
{
    struct pw_civil c = {.year = (uint16_t)(2000 + dec(r->reg[YEAR]) % 100), .month = (uint8_t)dec(r->reg[MONTH] & 0x1F), .day = (uint8_t)dec(r->reg[DATE] & 0x3F),
                         .hour = (uint8_t)dec(r->reg[HOUR] & 0x3F), .minute = (uint8_t)dec(r->reg[MIN] & 0x7F), .second = (uint8_t)dec(r->reg[SEC] & 0x7F)};
    if (!pw_civil_valid(&c)) c = (struct pw_civil){.year = c.year, .month = 1, .day = 1};
    rebase(r, pw_civil_to_s(&c));
}

void pw_rtcpart_set(struct pw_rtcpart *r, uint32_t s)
{
    r->reg[SEC] |= ST;
    r->reg[WKDAY] |= VBATEN;
    rebase(r, s);
}

void pw_rtcpart_power(struct pw_rtcpart *r, bool on)
{
    show_time(r);
    if (!(r->reg[WKDAY] & VBATEN)) {
        if (!on) {
            r->reg[SEC] &= (uint8_t)~ST; /* no battery: oscillator and contents are gone */
            rebase(r, 0);
        }
        return;
    }
    uint8_t *stamp = &r->reg[on ? UP : DOWN];
    if (!on && r->reg[WKDAY] & PWRFAIL) return; /* the last failure has not been read yet */
    stamp[0] = r->reg[MIN];
    stamp[1] = r->reg[HOUR];
    stamp[2] = r->reg[DATE];
    stamp[3] = (uint8_t)((r->reg[MONTH] & 0x1F) | (r->reg[WKDAY] & 7) << 5);
    if (!on) r->reg[WKDAY] |= PWRFAIL;
    r->state = WAITING;
    r->pull = false;
}

static void write_reg(struct pw_rtcpart *r, uint8_t v)
{
    uint8_t a = r->pointer;
    r->n_writes++;
    r->pointer = (uint8_t)((a + 1) % PW_RTCPART_REGS);
    show_time(r);
    if (a == WKDAY) {
        if (!(v & PWRFAIL)) memset(&r->reg[DOWN], 0, 8);
        r->reg[WKDAY] = (uint8_t)((r->reg[WKDAY] & OSCRUN) | (v & (VBATEN | 7)) | (r->reg[WKDAY] & v & PWRFAIL));
        return;
    }
    if (a == TRIM || a <= YEAR) rebase(r, pw_rtcpart_now(r)); /* what has run so far ran with the old rate */
    r->reg[a] = v;
    if (a <= YEAR) take_time(r);
}

static uint8_t read_reg(struct pw_rtcpart *r)
{
    show_time(r);
    r->n_reads++;
    uint8_t v = r->reg[r->pointer];
    r->pointer = (uint8_t)((r->pointer + 1) % PW_RTCPART_REGS);
    return v;
}

static void byte_received(struct pw_rtcpart *r)
{
    if (!r->matched) {
        r->matched = r->present && r->shift >> 1 == PW_RTCPART_DEVICE;
        r->reading = r->shift & 1;
        r->have_pointer = false;
    } else if (!r->have_pointer) {
        r->pointer = (uint8_t)(r->shift % PW_RTCPART_REGS);
        r->have_pointer = true;
    } else {
        write_reg(r, r->shift);
    }
    r->pull = r->matched;
    r->state = r->matched ? ACK_OUT : WAITING;
}

static void begin_sending(struct pw_rtcpart *r)
{
    r->shift = read_reg(r);
    r->bit = 0;
    r->pull = !(r->shift & 0x80);
    r->state = SENDING;
}

static void falling(struct pw_rtcpart *r)
{
    switch (r->state) {
    case RECEIVING:
        if (r->bit == 8) byte_received(r);
        break;
    case ACK_OUT:
        r->pull = false;
        r->bit = 0;
        r->state = RECEIVING;
        if (r->reading) begin_sending(r);
        break;
    case SENDING:
        r->bit++;
        r->pull = r->bit < 8 && !(r->shift << r->bit & 0x80);
        if (r->bit == 8) r->state = ACK_IN;
        break;
    case ACK_IN:
        if (r->nack) r->state = WAITING;
        else begin_sending(r);
        break;
    default: break;
    }
}

bool pw_rtcpart_lines(struct pw_rtcpart *r, bool scl, bool sda)
{
    bool level = sda && !r->pull;
    if (scl && r->scl && r->sda != level) {
        if (!level) { /* start */
            r->state = RECEIVING;
            r->bit = 0;
            r->matched = r->reading = false;
        } else {      /* stop */
            r->state = WAITING;
        }
        r->pull = false;
    } else if (scl && !r->scl) {
        if (r->state == RECEIVING) {
            r->shift = (uint8_t)(r->shift << 1 | level);
            r->bit++;
        } else if (r->state == ACK_IN) {
            r->nack = level;
        }
    } else if (!scl && r->scl) {
        falling(r);
    }
    r->scl = scl;
    r->sda = sda && !r->pull;
    return r->sda;
}
