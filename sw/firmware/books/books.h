/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's books: all that is kept for billing, and how it outlives a power cut. On top of the points' totals (points.h) stand the tariff (tou.h),
 * the registers per rate (billing.h), the demand (demand.h), the interval log (intervals.h), the closed billing periods (closes.h) and the event logs
 * (events.h). docs/books.md
 *
 * Each second all of it goes into one image in FRAM (image.h), of one instant: between two windows. While that is being written
 * (pw_books_busy) no window may be read and nothing counts. What people or clients ask for (reset, test mode, program) is noted and done with the
 * next window. */
#ifndef PW_BOOKS_H
#define PW_BOOKS_H

#include "billing.h"
#include "clock.h"
#include "closes.h"
#include "demand.h"
#include "events.h"
#include "fram.h"
#include "image.h"
#include "intervals.h"
#include "points.h"
#include "program.h"
#include "tou.h"

#define PW_BOOKS_HISTORY (PW_MAX_CT < 10u ? 48u : PW_MAX_CT <= 24u ? PW_MAX_CT * 5u : 120u) /* words: of sliding demands, points x subintervals; 24 x 5, 54 x 2 */

/* Places in the flash, sectors of 4 KiB: behind bitstream and firmware come intervals, closed periods, general and type A events. Of 8 MiB or more 8 are
 * used; of smaller flashes the intervals have less: books.c, docs/books.md. */
#define PW_BOOKS_TYPE_A_SECTORS    16u
#define PW_BOOKS_FLASH_MAX_B       0x800000u
#define PW_BOOKS_FLASH_MIN_B       0x200000u
enum { PW_BOOKS_LOG_INTERVALS = 2, PW_BOOKS_LOG_CLOSES = 3 };

/* Index of PW_EVENT_PROGRAMMED and PW_EVENT_REFUSED. Stored: append only. */
enum pw_books_group {
    PW_GROUP_CONFIG = 1, PW_GROUP_PROGRAM, PW_GROUP_SCHEDULE, PW_GROUP_CALIBRATION, PW_GROUP_TIME, PW_GROUP_RESET, PW_GROUP_TEST, PW_GROUP_LOG, PW_GROUP_FIRMWARE,
    PW_GROUP_CLOSE
};

/* Index of PW_EVENT_STORE_CORRUPT. Stored: append only. */
enum pw_books_store { PW_STORE_CONFIG = 1, PW_STORE_PROGRAM, PW_STORE_IMAGE, PW_STORE_SLOW, PW_STORE_SCHEDULE, PW_STORE_NEXT_SCHEDULE, PW_STORE_EVENTS, PW_STORE_INTERVALS, PW_STORE_DEAD };

/* What the books stand on; all of it outlives them. */
struct pw_books_ports {
    struct pw_fram         *fram;     /* NULL: nothing is kept; registers run from each start */
    const struct pw_flash_port *flash; /* NULL: no logs */
    uint32_t flash_size_b;            /* PW_BOOKS_FLASH_MIN_B at least, else no logs */
    struct pw_clock        *clock;
    const struct pw_config *cfg;
    struct pw_energy       *energy;
    struct pw_points       *points;
    const struct pw_snapshot *snap;
    unsigned n_ct;                    /* of the gateware */
    unsigned cause;                   /* enum pw_reset_cause of this start */
    uint64_t (*uptime_us)(void *ctx);
    void    *uptime_ctx;
};

/* What is asked for, and done with the next window. */
struct pw_books_asked {
    uint8_t reset;      /* 1 + enum pw_reset_source */
    bool    close;
    bool    test_on, test_off;
    bool    program;    /* `next` below */
    bool    schedule;   /* look at the pending one */
    bool    time_set;
    uint32_t old_s, new_s;
};

/* Small things first: the code that reaches them is shorter. */
struct pw_books {
    struct pw_books_ports on;
    bool     kept;                    /* a FRAM is there and large enough */
    bool     logs;                    /* a flash is there */
    bool     restored;                /* totals come from FRAM */
    bool     started;                 /* the clock has answered, everything runs */
    bool     unsealed, test;
    bool     failing;                 /* supply about to fail: save at once */
    uint8_t  block_step;              /* of saving the blocks beside the image */
    uint8_t  season;                  /* of the last window */
    uint8_t  want;                    /* enum pw_billing_what that is still to begin */
    uint8_t  n_points;                /* that have registers: of the program, at most on.n_ct */
    uint8_t  tou_copy;                /* copy that the schedule was loaded from */
    uint16_t boot_damage;             /* bits 1 << enum pw_books_store: told once the clock has answered */
    uint64_t start_us, saved_us;      /* uptime: of the start, the last save */
    uint64_t test_until_us;           /* test mode ends by itself */
    uint32_t next_effective_s;        /* of the pending schedule; 0: none */
    uint32_t off_total_s;             /* time without power, all that is known */
    uint32_t power_fails;
    uint32_t close_next_s;            /* UTC at which the billing period ends */
    uint32_t damaged_told, intervals_told; /* billing.damaged, intervals.damaged at the last event of it */
    struct pw_books_asked asked;
    struct pw_tou_now   tou_now;      /* valid once started */
    struct pw_image     image;
    struct pw_billing   billing;
    struct pw_program   program;
    struct pw_program   next;         /* asked for */
    struct pw_closes    closes;
    struct pw_intervals intervals;
    struct pw_flash_dead dead;
    struct pw_tou       tou;
    struct pw_events    events;
    struct pw_demand    demand;
    uint64_t history[PW_BOOKS_HISTORY];
};

/** Loads all that FRAM holds: program, registers (into energy and points), tariff, demand, logs' blocks. What is damaged is replaced by its other copy, or by
 *  defaults, and told by an event. Energy and points are zeroed first.
 *  @param program  taken where FRAM holds none */
void pw_books_init(struct pw_books *b, const struct pw_books_ports *ports, const struct pw_program *program);

/** After each published window, when the points have counted it, before the next channel is read. */
void pw_books_window(struct pw_books *b);

/** An image is being written: no window may be read. At most some 50 ms a second. */
bool pw_books_busy(const struct pw_books *b);

/** Each pass: a piece of saving, of the demand, of a job. @return false if there was nothing to do */
bool pw_books_step(struct pw_books *b);

/** Each ms or so: a piece of work of the flash logs. @return false if there was nothing to do */
bool pw_books_logs_step(struct pw_books *b);

/** A configuration was taken over (pw_points_rebase): an image under way is begun anew. */
void pw_books_points_changed(struct pw_books *b);

/** The supply is about to fail: the image is written at once. */
void pw_books_power_fail(struct pw_books *b);

/** The programming switch. Changes are events. */
void pw_books_seal(struct pw_books *b, bool unsealed);

/** The clock was set (pw_clock_take_event). */
void pw_books_time_set(struct pw_books *b, uint32_t old_s, uint32_t new_s);

/** An event now. */
void pw_books_event(struct pw_books *b, enum pw_event_kind kind, unsigned index, int64_t old_value, int64_t new_value);

/** May what bills be changed? If not, the attempt is logged.
 *  @return PW_OK, PW_ERR_SEALED (the switch is closed), PW_ERR_STATE (the log of such changes is full: clear it first) */
PW_MUST_CHECK int pw_books_may_change(struct pw_books *b, enum pw_books_group group);

/* Requests. Each is an event when it is done, or refused. */

/** @return PW_OK, PW_ERR_SEALED (this meter's demand is not reset that way), PW_ERR_STATE (locked out for some time after a reset) */
PW_MUST_CHECK int pw_books_reset_demand(struct pw_books *b, enum pw_reset_source source);

/** Ends the billing period now, and stores it (self-read). @return PW_OK */
PW_MUST_CHECK int pw_books_close(struct pw_books *b);

/** Test mode (B6). Ends by itself after program.test_timeout_min, or with the power. @return PW_OK, PW_ERR_RANGE (this meter has none), PW_ERR_SEALED */
PW_MUST_CHECK int pw_books_test_mode(struct pw_books *b, bool on);

/** Another program. Where its registers or demands are others than now, these begin at 0.
 *  @return PW_OK, PW_ERR_RANGE, PW_ERR_SIZE (more demands, subintervals or interval values than there is room for), PW_ERR_SEALED, PW_ERR_STATE */
PW_MUST_CHECK int pw_books_set_program(struct pw_books *b, const struct pw_program *p, struct pw_program_fault *fault);

/** Bytes of the schedule that is to become pending (PW_TOU_SIZE_B, tou.h), in any order; it is not looked at before pw_books_schedule_end.
 *  @return PW_OK, PW_ERR_RANGE, PW_ERR_SEALED, PW_ERR_STATE, PW_ERR_IO */
PW_MUST_CHECK int pw_books_schedule_put(struct pw_books *b, uint32_t at, const uint8_t *data, size_t len);

/** The schedule is complete: checked, and taken at its date, or now.
 *  @return PW_OK, or what pw_tou_load says (the one before stays as it is), PW_ERR_SEALED, PW_ERR_STATE */
PW_MUST_CHECK int pw_books_schedule_end(struct pw_books *b, struct pw_tou_fault *fault);

/** Clears the type A event log. @return PW_OK, PW_ERR_SEALED */
PW_MUST_CHECK int pw_books_clear_log(struct pw_books *b);

/* What readers need besides. */

/** UTC now and whether it is known. */
uint32_t pw_books_now(const struct pw_books *b, bool *known);

/** A register, net energy, peak: billing.h and demand.h, on b->billing and b->demand; b->started must be set. */

#endif
