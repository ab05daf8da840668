/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's time. At start it comes from the clock chip, aligned to the beginning of one of its seconds; then it follows the system timer,
 * corrected by a learned rate. What sets the time (Modbus now, NTP later) teaches both rates: that of the system timer, and, once a day,
 * the trim of the chip against it, so that the chip is right after an outage too (at most 360 s a year: PRODUCTS A10).
 * UTC only; local time is calendar.h's business. */
#ifndef PW_CLOCK_H
#define PW_CLOCK_H

#include "mcp7940.h"

enum pw_clock_state {
    PW_CLOCK_STARTING,  /* the chip is being asked */
    PW_CLOCK_NO_CHIP,   /* it does not answer: time begins at 2000-01-01 with each start */
    PW_CLOCK_UNSET,     /* it had stopped, or never ran: the same, until the time is set */
    PW_CLOCK_RUNNING,   /* from the chip */
    PW_CLOCK_SET,       /* set since start */
};

/* Told once each; the event log of the meter takes them. */
enum pw_clock_event {
    PW_CLOCK_EV_NONE,
    PW_CLOCK_EV_STARTED, /* old = 0, now = time from the chip */
    PW_CLOCK_EV_STOPPED, /* the chip's oscillator had stopped: its battery is empty or missing */
    PW_CLOCK_EV_NO_CHIP,
    PW_CLOCK_EV_SET,     /* old and new time */
};

struct pw_clock {
    const struct pw_hal *hal;
    struct pw_mcp7940 chip;
    uint8_t  state;       /* enum pw_clock_state */
    uint8_t  job;         /* of the chip's transfer under way */
    uint8_t  tries;
    bool     write_chip;  /* set it at the next full second */
    uint32_t base_s;      /* UTC, seconds since 2000-01-01, at base_us */
    uint64_t base_us;     /* uptime */
    int32_t  rate_ppb;    /* how much the true second is longer than the system timer's, learned */
    int16_t  trim_steps;  /* of the chip */
    uint32_t edge_s;      /* last full second seen in the chip */
    uint64_t next_us;     /* next look at the chip */
    uint64_t set_us;      /* uptime of the last setting, 0: none since start */
    uint32_t check_s;     /* chip was right (just written) at this UTC; 0: unknown */
    uint16_t asked_high;  /* half of a time that a client sets */
    bool     asked;
    uint8_t  event;       /* enum pw_clock_event that waits to be taken */
    uint32_t event_old_s, event_new_s;
};

void pw_clock_init(struct pw_clock *c, const struct pw_hal *hal);

/** Carries on with the chip. Each pass. @return true if it did something */
bool pw_clock_step(struct pw_clock *c);

/** UTC now, seconds since 2000-01-01. @param[out] us  into the second; may be NULL */
uint32_t pw_clock_now(const struct pw_clock *c, uint32_t *us);

/** The time is known: from the chip or set. */
bool pw_clock_valid(const struct pw_clock *c);

/** Sets the time. @param utc  seconds since 2000-01-01, < PW_UTC_END @param us  into the second, 0 .. 999999
 *  @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_clock_set(struct pw_clock *c, uint32_t utc, uint32_t us);

/** Takes the waiting event. @return PW_CLOCK_EV_NONE: none */
enum pw_clock_event pw_clock_take_event(struct pw_clock *c, uint32_t *old_s, uint32_t *new_s);

#endif
