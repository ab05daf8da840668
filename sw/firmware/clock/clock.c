/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <stddef.h>

#define LOOK_US        20000u      /* between two looks for the beginning of a second */
#define RETRY_US       100000u
#define TRIES          5u
#define DAY_US         UINT64_C(86400000000)
#define LEARN_MIN_US   (6 * UINT64_C(3600000000)) /* a setting after less than 6 h teaches nothing: 1 s of it would be 46 ppm */
#define RATE_MAX_PPB   200000      /* a crystal is never worse: the difference was a real change of time */
#define TRIM_STEP_PPB  1017

enum { JOB_NONE, JOB_FIRST, JOB_EDGE, JOB_SET, JOB_CHECK, JOB_CHECK_EDGE };

void pw_clock_init(struct pw_clock *c, const struct pw_hal *hal)
{
    *c = (struct pw_clock){.hal = hal};
    pw_mcp7940_init(&c->chip, hal);
}

static uint64_t true_us(const struct pw_clock *c, uint64_t since_us)
{
    /* in seconds and rest, so that nothing overflows: 2^31 s x 2e5 ppb < 2^63 */
    int64_t s = (int64_t)(since_us / 1000000u);
    return since_us + (uint64_t)(s * c->rate_ppb / 1000);
}

uint32_t pw_clock_now(const struct pw_clock *c, uint32_t *us)
{
    uint64_t t = true_us(c, pw_uptime_us(c->hal) - c->base_us);
    if (us != NULL)
        *us = (uint32_t)(t % 1000000u);
    uint64_t s = c->base_s + t / 1000000u;
    return s < PW_UTC_END ? (uint32_t)s : PW_UTC_END - 1;
}

bool pw_clock_valid(const struct pw_clock *c)
{
    return c->state >= PW_CLOCK_RUNNING;
}

static void event(struct pw_clock *c, enum pw_clock_event what, uint32_t old_s, uint32_t new_s)
{
    c->event = (uint8_t)what;
    c->event_old_s = old_s;
    c->event_new_s = new_s;
}

enum pw_clock_event pw_clock_take_event(struct pw_clock *c, uint32_t *old_s, uint32_t *new_s)
{
    enum pw_clock_event e = (enum pw_clock_event)c->event;
    *old_s = c->event_old_s;
    *new_s = c->event_new_s;
    c->event = PW_CLOCK_EV_NONE;
    return e;
}

/* The time was set: how wrong had the timer been since the last setting? */
static void learn(struct pw_clock *c, int64_t error_us, uint64_t now_us)
{
    if (c->set_us == 0 || now_us - c->set_us < LEARN_MIN_US)
        return;
    int64_t ppb = error_us * 1000 / (int64_t)((now_us - c->set_us) / 1000000u);
    int64_t rate = c->rate_ppb + ppb;
    if (ppb < RATE_MAX_PPB && ppb > -RATE_MAX_PPB && rate < RATE_MAX_PPB && rate > -RATE_MAX_PPB)
        c->rate_ppb = (int32_t)rate;
}

int pw_clock_set(struct pw_clock *c, uint32_t utc, uint32_t us)
{
    if (utc >= PW_UTC_END || us >= 1000000)
        return PW_ERR_RANGE;
    uint32_t old_us, old = pw_clock_now(c, &old_us);
    uint64_t now = pw_uptime_us(c->hal);
    learn(c, ((int64_t)utc - old) * 1000000 + ((int64_t)us - old_us), now);
    c->base_s = utc;
    c->base_us = now - us;
    c->set_us = now;
    c->state = PW_CLOCK_SET;
    c->write_chip = true;
    event(c, PW_CLOCK_EV_SET, old, utc);
    return PW_OK;
}

static void give_up(struct pw_clock *c)
{
    if (c->state == PW_CLOCK_STARTING) {
        c->state = PW_CLOCK_NO_CHIP;
        event(c, PW_CLOCK_EV_NO_CHIP, 0, 0);
    }
    c->tries = 0;
    c->job = JOB_NONE;
    c->next_us = pw_uptime_us(c->hal) + DAY_US;
}

static void look_again(struct pw_clock *c, unsigned job, uint32_t in_us)
{
    c->job = (uint8_t)job;
    c->next_us = pw_uptime_us(c->hal) + in_us;
}

/* Trim of the chip against the system's disciplined time, once a day. */
static void compare(struct pw_clock *c, uint32_t chip_s)
{
    uint32_t us, now = pw_clock_now(c, &us);
    uint32_t since = now - c->check_s;
    int64_t ahead_us = ((int64_t)chip_s - now) * 1000000 - us;
    if (c->check_s != 0 && now > c->check_s && since >= 21600) {
        int64_t steps = c->trim_steps - ahead_us * 1000 / (int64_t)since / TRIM_STEP_PPB;
        c->trim_steps = (int16_t)(steps > 127 ? 127 : steps < -127 ? -127 : steps);
    }
    c->write_chip = true;
}

static void start_from(struct pw_clock *c, uint32_t chip_s)
{
    c->base_s = chip_s;
    c->base_us = pw_uptime_us(c->hal);
    c->state = PW_CLOCK_RUNNING;
    event(c, PW_CLOCK_EV_STARTED, 0, chip_s);
}

static void got_time(struct pw_clock *c, const struct pw_mcp7940_time *t)
{
    uint32_t s = pw_civil_to_s(&t->civil);
    bool checking = c->job == JOB_CHECK || c->job == JOB_CHECK_EDGE;
    if (c->job == JOB_FIRST || c->job == JOB_CHECK) {
        c->trim_steps = t->trim_steps;
        c->edge_s = s;
        look_again(c, checking ? JOB_CHECK_EDGE : JOB_EDGE, LOOK_US);
    } else if (s != c->edge_s + 1u) { /* the same second; or it began while it was read, and one of the two readings is half old, half new */
        c->edge_s = s;
        look_again(c, c->job, LOOK_US);
    } else { /* its second has just begun */
        c->job = JOB_NONE;
        c->next_us = pw_uptime_us(c->hal) + DAY_US;
        if (!pw_clock_valid(c))
            start_from(c, s);
        else if (checking)
            compare(c, s);
    }
}

static void finished(struct pw_clock *c)
{
    struct pw_mcp7940_time t;
    if (pw_mcp7940_result(&c->chip) != PW_OK) {
        if (++c->tries >= TRIES)
            give_up(c);
        else
            look_again(c, c->job == JOB_SET ? JOB_NONE : c->job, RETRY_US);
        return;
    }
    c->tries = 0;
    if (pw_mcp7940_get(&c->chip, &t) != PW_OK) { /* it was a setting */
        c->job = JOB_NONE;
        c->write_chip = false;
        c->next_us = pw_uptime_us(c->hal) + DAY_US;
        return;
    }
    if (t.valid && t.running) {
        got_time(c, &t);
        return;
    }
    c->job = JOB_NONE;
    c->next_us = pw_uptime_us(c->hal) + DAY_US;
    if (c->state == PW_CLOCK_STARTING) {
        c->state = PW_CLOCK_UNSET;
        event(c, PW_CLOCK_EV_STOPPED, 0, 0);
    } else if (pw_clock_valid(c)) {
        c->write_chip = true; /* it stopped under our eyes: start it again */
    }
}

/* The chip's second begins when its seconds are written, the third byte of the transfer: some milliseconds after ours. */
static bool set_chip(struct pw_clock *c)
{
    struct pw_civil civil;
    uint32_t us, now = pw_clock_now(c, &us);
    if (us > 10000)
        return false;
    pw_civil_from_s(&civil, now);
    if (!pw_mcp7940_set(&c->chip, &civil, c->trim_steps))
        return false;
    c->check_s = now;
    c->job = JOB_SET;
    return true;
}

bool pw_clock_step(struct pw_clock *c)
{
    if (pw_mcp7940_result(&c->chip) == PW_ERR_STATE) {
        (void)pw_mcp7940_step(&c->chip);
        if (pw_mcp7940_result(&c->chip) != PW_ERR_STATE)
            finished(c);
        return true;
    }
    if (c->write_chip && c->job == JOB_NONE && c->tries == 0)
        return set_chip(c);
    if (pw_uptime_us(c->hal) < c->next_us)
        return false;
    if (c->job == JOB_NONE)
        c->job = c->state == PW_CLOCK_STARTING ? JOB_FIRST : JOB_CHECK;
    return pw_mcp7940_read(&c->chip);
}
