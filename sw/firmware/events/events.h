/* SPDX-License-Identifier: Apache-2.0 */
/* Event logs (PRODUCTS A3, B13). Format, rules and figures: docs/events.md
 *
 * The general log keeps every event, the oldest go when its ring is full. Changes of what bills (PW_EVENT_TYPE_A) also go to a log of their
 * own of 48 events, which nothing overwrites: when it is full, `pw_events_a_full` says so and such changes must be refused, until it is
 * cleared at a re-verification with the seal broken (Measurement Canada S-EG-06, type A). `a_rolls` makes it a ring of the last 48 instead.
 *
 * An event is taken at once into a queue in RAM, and from there to flash in steps. The queue is part of the block that the caller saves to
 * FRAM with the registers; an event that was in both is written once only. */
#ifndef PW_EVENTS_H
#define PW_EVENTS_H

#include "flashlog.h"
#include "text.h"

#define PW_EVENTS_A_CAPACITY 48u
#define PW_EVENTS_QUEUE      12u
#define PW_EVENTS_KINDS      32u    /* room in stored blocks */
#define PW_EVENT_RECORD_B    32u
#define PW_EVENTS_BLOCK_B    (28u + 4u * PW_EVENTS_KINDS + 28u * PW_EVENTS_QUEUE + 4u)

/* Stored and sent: append only. old, new and index by kind: docs/events.md */
enum pw_event_kind {
    PW_EVENT_NONE           = 0,
    PW_EVENT_POWER_DOWN     = 1,
    PW_EVENT_POWER_UP       = 2,  /* old: UTC of the last save before; new: seconds without power, -1: not known */
    PW_EVENT_TIME_SET       = 3,  /* old, new: UTC */
    PW_EVENT_PROGRAMMED     = 4,  /* index: parameter group; old, new: value, or revision */
    PW_EVENT_DEMAND_RESET   = 5,  /* index: how; new: number of resets */
    PW_EVENT_SEAL_OPENED    = 6,
    PW_EVENT_SEAL_CLOSED    = 7,
    PW_EVENT_REFUSED        = 8,  /* index: parameter group that someone tried to change */
    PW_EVENT_TEST_ON        = 9,
    PW_EVENT_TEST_OFF       = 10,
    PW_EVENT_SELF_TEST      = 11, /* index: what failed */
    PW_EVENT_SAG            = 12, /* index: phase; old: duration ms; new: level mV; so too the next four */
    PW_EVENT_SWELL          = 13,
    PW_EVENT_INTERRUPTION   = 14,
    PW_EVENT_OVERVOLTAGE    = 15,
    PW_EVENT_UNDERVOLTAGE   = 16,
    PW_EVENT_WIRING         = 17, /* index: point or CT; old, new: faults as bits */
    PW_EVENT_LOG_FULL       = 18, /* index: 1 = type A; new: events in it */
    PW_EVENT_FLASH          = 19, /* index: enum pw_flashlog_report; old: log; new: sector or record */
    PW_EVENT_CLOCK_STOPPED  = 20,
    PW_EVENT_FIRMWARE       = 21, /* old, new: version, BCD */
    PW_EVENT_LOST           = 22, /* new: events that could not be kept */
    PW_EVENT_LOG_CLEARED    = 23, /* index: 1 = type A; old: events that were in it */
    PW_EVENT_CALIBRATED     = 24, /* index: channel; old, new: 1e-6 */
    PW_EVENT_STORE_CORRUPT  = 25, /* index: what was damaged in FRAM, and replaced by its copy or by defaults */
    PW_EVENT_RESTART        = 26, /* without power failure: watchdog, trap; new: cause */
    PW_EVENT_SCHEDULE       = 27, /* schedule or season became active; old, new: its number */
    PW_EVENT_REVERSED       = 28, /* energy flow against the configured direction; index: point */
    PW_N_EVENTS
};

enum pw_event_class { PW_EVENT_TYPE_A = 1, PW_EVENT_LIMITED = 2 /* may come in swarms: at most one each 10 s in the long run */ };
enum pw_event_flag { PW_EVENT_CLOCK_OK = 1 /* utc_s was known */ };
enum pw_event_log { PW_EVENTS_GENERAL = 0, PW_EVENTS_A = 1, PW_N_EVENT_LOGS };
#define PW_EVENT_UNWRITTEN(log) (16u << (log)) /* flag, in the queue only: not in that log yet */

struct pw_event {
    uint8_t  kind;        /* enum pw_event_kind */
    uint8_t  flags;       /* enum pw_event_flag */
    uint16_t index;
    uint32_t utc_s;       /* since 2000-01-01 */
    uint32_t occurrence;  /* 1, 2 ... of this kind, over the meter's life; 0 in the queue: not known yet */
    int64_t  old_value, new_value;
};

struct pw_events {
    bool     a_rolls;     /* type A log: the oldest goes. Default: full is full */
    bool     recovered;   /* counts are known: what flash holds beyond the block has been looked at */
    bool     writing;     /* buf is under way to log[target] */
    bool     clock_ok;    /* as of the last step */
    uint8_t  target;
    uint8_t  n;           /* entries in the queue */
    uint8_t  tokens;      /* of limited events */
    uint32_t token_utc_s;
    uint32_t generation;  /* of the block: the caller counts it up before each pack, so that the newer copy is known */
    uint32_t a_base;      /* number of the first event since the type A log was cleared */
    uint32_t lost;        /* not told yet */
    uint32_t lost_ever;   /* since start */
    uint32_t seen[PW_N_EVENT_LOGS];   /* next numbers of the logs that the counts know of */
    uint32_t damaged[PW_N_EVENT_LOGS]; /* last damaged record told */
    struct pw_flashlog log[PW_N_EVENT_LOGS];
    uint32_t count[PW_EVENTS_KINDS];
    struct pw_event queue[PW_EVENTS_QUEUE]; /* in their flags also, as in the block: PW_EVENT_UNWRITTEN */
    uint8_t  buf[PW_EVENT_RECORD_B];
};

/** Before anything else. Then, if there is one, the block from FRAM, then steps.
 *  @param base       of the general log's ring; the type A log's ring lies behind it
 *  @param n_sectors  of the two rings, 4 .. 16384 each
 *  @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_events_init(struct pw_events *ev, const struct pw_flash_port *port, struct pw_flash_dead *dead, uint32_t base,
                                 const uint32_t n_sectors[PW_N_EVENT_LOGS]);

/** Is this copy of the block whole? @param[out] generation  the larger one is the newer (as a difference, it may wrap)
 *  @return PW_OK, PW_ERR_MAGIC, PW_ERR_CRC, PW_ERR_RANGE */
PW_MUST_CHECK int pw_events_check(const uint8_t in[PW_EVENTS_BLOCK_B], uint32_t *generation);

/** Takes the newest whole copy of the block, right after pw_events_init. Without one, occurrence numbers are found in flash.
 *  @return PW_OK, PW_ERR_MAGIC, PW_ERR_CRC, PW_ERR_RANGE: nothing taken */
PW_MUST_CHECK int pw_events_unpack(struct pw_events *ev, const uint8_t in[PW_EVENTS_BLOCK_B]);

/** The block as of now. Save it each second, and when power fails. */
void pw_events_pack(const struct pw_events *ev, uint8_t out[PW_EVENTS_BLOCK_B]);

/** An event happened. Never fails for the caller: what finds no room is counted, and told later by PW_EVENT_LOST.
 *  @param kind  PW_EVENT_NONE < kind < PW_N_EVENTS @param utc_s  now @param clock_ok  the time is known */
void pw_events_post(struct pw_events *ev, enum pw_event_kind kind, unsigned index, int64_t old_value, int64_t new_value, uint32_t utc_s,
                    bool clock_ok);

/** Hook for pw_flashlog.report of any log but these two, which have it already. @param log  number to be shown, >= PW_N_EVENT_LOGS */
void pw_events_flash(struct pw_events *ev, unsigned log, enum pw_flashlog_report what, uint32_t detail);

/** Each pass. @return false if there was nothing to do */
bool pw_events_step(struct pw_events *ev, uint32_t utc_s, bool clock_ok);

/** All events posted are in flash. */
bool pw_events_idle(const struct pw_events *ev);

/** Changes of class PW_EVENT_TYPE_A must be refused: there is no room to log them. Also while it is not known yet. */
bool pw_events_a_full(const struct pw_events *ev);

/** Clears the type A log (its seal is broken: the caller has checked that). The clearing is its first event. */
void pw_events_clear_a(struct pw_events *ev, uint32_t utc_s, bool clock_ok);

/** Numbers that can be read: oldest .. next - 1. Not mounted yet: none (oldest == next). */
void pw_events_range(const struct pw_events *ev, enum pw_event_log log, uint32_t *oldest, uint32_t *next);

/** @return PW_OK, PW_ERR_RANGE (no such event), PW_ERR_CRC (damaged, the others can be read), PW_ERR_STATE (flash busy: again), PW_ERR_IO */
PW_MUST_CHECK int pw_events_read(struct pw_events *ev, enum pw_event_log log, uint32_t number, struct pw_event *out);

/** Name, at most 14 characters; "?" if there is no such kind. */
const char *pw_event_name(unsigned kind);
unsigned pw_event_class(unsigned kind);

/** "Sag              12": name left, occurrence right, exactly 20 characters. */
void pw_event_lcd(struct pw_text *t, const struct pw_event *e);

/** "Sag #12 2026-11-21 15:44:24 index 2 old 340 new 81200": "?" behind a time that was not known. */
void pw_event_text(struct pw_text *t, const struct pw_event *e);

#endif
