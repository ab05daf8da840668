/* SPDX-License-Identifier: Apache-2.0 */
/* Interval log (PRODUCTS A5): what each point took and gave in each interval, tied to the local wall clock. Format, rules, capacity and the
 * order of saves: docs/intervals.md
 *
 * A value is floor(register / unit) at the end less the same at the start: the remainder is carried, so the sum of all records and the
 * remainder is the register, exactly. An interval that closed is kept in the block in FRAM until its record was read back from flash; the
 * record is not begun before that block was saved. So a power cut neither loses nor doubles one. */
#ifndef PW_INTERVALS_H
#define PW_INTERVALS_H

#include "calendar.h"
#include "config.h"
#include "flashlog.h"
#include "program.h"

/* Bits of `channels`; the energies stand in records in this order. */
enum pw_interval_channel {
    PW_INTERVAL_WH_DEL = 1, PW_INTERVAL_WH_REC = 2, PW_INTERVAL_VARH_DEL = 4, PW_INTERVAL_VARH_REC = 8,
    PW_INTERVAL_VOLTS  = 16, /* lowest and highest of each voltage input */
};
#define PW_INTERVAL_N_ENERGY 4u

/* Stored and sent: append only. */
enum pw_interval_flag {
    PW_INTERVAL_POWER_FAIL = 1,   /* power was off in it, or between it and the next */
    PW_INTERVAL_TIME_SET   = 2,
    PW_INTERVAL_TEST       = 4,   /* test mode, for some of it */
    PW_INTERVAL_PARTIAL    = 8,   /* shorter or longer than it should be */
    PW_INTERVAL_OVERFLOW   = 16,  /* a value did not fit; the rest is in the next */
    PW_INTERVAL_TAMPER     = 32,  /* seal open, or configuration changed */
    PW_INTERVAL_CLOCK      = 64,  /* the time was not known */
    PW_INTERVAL_LATE       = 128, /* the record before could not be stored in time: this one took over the time since */
};

#ifndef PW_INTERVAL_MAX_VALUES /* points x energies; 4 bytes of RAM each: fewer may do, e.g. -DPW_INTERVAL_MAX_VALUES=48u */
#define PW_INTERVAL_MAX_VALUES (PW_MAX_CT > 24u ? PW_MAX_CT * 2u : PW_MAX_CT * PW_INTERVAL_N_ENERGY) /* of more than 24 points: two energies */
#endif
#define PW_INTERVAL_HEAD_B     20u
#define PW_INTERVAL_VOLTS_B    24u
#define PW_INTERVAL_MAX_B      (PW_INTERVAL_HEAD_B + 4u * PW_INTERVAL_MAX_VALUES + PW_INTERVAL_VOLTS_B)
#define PW_INTERVALS_PREV_B    (8u * PW_INTERVAL_MAX_VALUES) /* twice: see struct pw_intervals_prev */
#define PW_INTERVALS_PART_B    64u /* the block in FRAM is written and read in parts of this size */

/** Size of a record and of the block in FRAM. @param n_values  points x energy channels */
#define PW_INTERVAL_RECORD_B(n_values)  (PW_INTERVAL_HEAD_B + 4u * (n_values) + PW_INTERVAL_VOLTS_B)
#define PW_INTERVALS_BLOCK_B(n_values)  ((64u + 8u * (n_values) + PW_INTERVAL_RECORD_B(n_values) + 4u + 63u) / 64u * 64u)
_Static_assert(PW_INTERVAL_MAX_B <= PW_FLASHLOG_MAX_B, "a record fits a sector");

struct pw_interval {       /* one record */
    uint32_t seq;          /* 1, 2, ... over the meter's life: no gaps, none twice */
    uint32_t end_utc_s;
    uint32_t length_s;     /* real time, power failure included */
    uint16_t flags;        /* enum pw_interval_flag */
    uint16_t minutes;      /* nominal */
    uint8_t  channels, unit_log10, n_points;
};

/* Memory of 2 x PW_INTERVALS_PREV_B bytes for the units already recorded, 8 bytes each by channel and point. Only while the power is on: the block has them, too.
 * @return PW_OK, or an error: nothing counts that was done with it */
struct pw_intervals_prev {
    int (*read)(void *ctx, uint32_t at, uint8_t *out, size_t len);
    int (*write)(void *ctx, uint32_t at, const uint8_t *data, size_t len);
    uint32_t crc;          /* of the area that counts; private, as the rest */
    uint8_t  area;         /* 0, 1 */
    bool     valid;
};

struct pw_intervals {
    const struct pw_zone *zone;
    /* Register of a point in uWh or uvarh, as it is now. @param channel  0 .. 3: bit of enum pw_interval_channel */
    uint64_t (*uwh)(void *ctx, unsigned point, unsigned channel);
    void    *ctx;
    struct pw_intervals_prev prev;
    struct pw_intervals_config cfg;
    bool     loaded, started;
    bool     pending;      /* `record` is not known to be in flash yet */
    bool     saved;        /* ... but is in FRAM */
    bool     checked;      /* the newest record in flash was compared with it */
    bool     writing;
    bool     saving;       /* between save_begin and save_end: nothing closes meanwhile */
    bool     saving_pending;
    bool     deferred;     /* should have closed, but could not */
    uint16_t level;        /* flags that are on for the time being */
    uint16_t flags;        /* of the open interval */
    uint16_t record_len;
    uint32_t generation;   /* of the block */
    uint32_t crc, saving_crc; /* of the parts so far; of what they have of `prev` */
    uint32_t damaged;      /* how often what was recorded could not be read any more: sums began anew */
    uint16_t block_b;      /* size of the one being saved */
    uint32_t seq;          /* of the open interval */
    uint32_t start_utc_s, cell, last_utc_s;
    uint32_t v_min_mv[PW_N_V], v_max_mv[PW_N_V]; /* 0, 0: none yet */
    struct pw_flashlog log;
    uint8_t  record[PW_INTERVAL_MAX_B];
};

/** Before anything else; then the caller sets uwh, ctx and prev. Order at start: init, load (if there is a block), registers restored, start; then tick and step.
 *  @param zone  of the wall clock; lives as long
 *  @return PW_OK, PW_ERR_RANGE (of pw_flashlog_init) */
PW_MUST_CHECK int pw_intervals_init(struct pw_intervals *iv, const struct pw_flash_port *port, struct pw_flash_dead *dead, uint32_t base,
                                    uint32_t n_sectors, unsigned id, const struct pw_zone *zone);

/** @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_intervals_config_check(const struct pw_intervals_config *cfg);

/* Where the bytes of a block come from. @return PW_OK or an error */
typedef int (*pw_intervals_reader)(void *ctx, uint32_t at, uint8_t *out, size_t len);

/** Is this copy of the block whole? @param[out] generation  the larger one is the newer (as a difference, it may wrap)
 *  @return PW_OK, PW_ERR_MAGIC, PW_ERR_SIZE, PW_ERR_CRC, or the reader's error */
PW_MUST_CHECK int pw_intervals_check(pw_intervals_reader read, void *ctx, uint32_t *generation);

/** Takes the newest whole copy. @return as pw_intervals_check; on an error nothing was taken */
PW_MUST_CHECK int pw_intervals_load(struct pw_intervals *iv, pw_intervals_reader read, void *ctx);

/** Metering begins; registers are as they were saved. The interval of the block goes on, or ends where power failed.
 *  @param cfg    checked; for a start without a block. With one, its configuration stays in force: pw_intervals_configure until PW_OK
 *  @param flags  of the interval that was interrupted: PW_INTERVAL_POWER_FAIL, or 0 after a restart without power failure */
void pw_intervals_start(struct pw_intervals *iv, const struct pw_intervals_config *cfg, uint32_t utc_s, bool clock_ok, unsigned flags);

/** Each pass, or at least each second. @return true if an interval closed: save the block soon */
bool pw_intervals_tick(struct pw_intervals *iv, uint32_t utc_s, bool clock_ok);

/** Another configuration: the open interval ends now. @return PW_OK, PW_ERR_RANGE, PW_ERR_STATE (a record is still under way: again) */
PW_MUST_CHECK int pw_intervals_configure(struct pw_intervals *iv, const struct pw_intervals_config *cfg, uint32_t utc_s);

/** The clock was set, after it was. Within an interval: it is flagged and has its real length. Else it ends, and another one begins. */
void pw_intervals_time_set(struct pw_intervals *iv, uint32_t old_utc_s, uint32_t new_utc_s);

/** Flags that last: test mode, tamper. The open interval and those that follow while it is on carry them. */
void pw_intervals_flag(struct pw_intervals *iv, unsigned flags, bool on);

/** Voltages of a window or block. */
void pw_intervals_volts(struct pw_intervals *iv, const uint32_t mv[PW_N_V]);

/** Flash work. Each pass. @return false if there was nothing to do */
bool pw_intervals_step(struct pw_intervals *iv);

/** Saving the block: begin, then each part in its order, then end. Each second, with the registers, and when power fails.
 *  In between nothing closes. */
void pw_intervals_save_begin(struct pw_intervals *iv);
/** @return bytes of this part (PW_INTERVALS_PART_B), 0: there is no such part, < 0: an error of `prev` */
int pw_intervals_save_part(struct pw_intervals *iv, unsigned part, uint8_t out[PW_INTERVALS_PART_B]);
/** @param ok  all of it is in FRAM, in the older copy's place */
void pw_intervals_save_end(struct pw_intervals *iv, bool ok);

/** Reads a record. @param number  log.oldest .. log.next - 1
 *  @param[out] raw  for pw_interval_value; `size` bytes of it
 *  @return as pw_flashlog_read; PW_ERR_SIZE: `size` below PW_INTERVAL_HEAD_B */
PW_MUST_CHECK int pw_intervals_read(struct pw_intervals *iv, uint32_t number, struct pw_interval *out, uint8_t *raw, size_t size);

/** A value of a record, in 10^unit_log10 uWh. @param channel  0 .. 3 @return 0 if the record has none, or `raw` was too short */
uint32_t pw_interval_value(const struct pw_interval *r, const uint8_t *raw, size_t size, unsigned channel, unsigned point);

/** Bytes of a record from .. from + size - 1, as docs/intervals.md says; for readers without room for a whole one.
 *  @return as pw_flashlog_read; what the record does not have is left as it is */
PW_MUST_CHECK int pw_intervals_read_at(struct pw_intervals *iv, uint32_t number, size_t from, uint8_t *raw, size_t size);

/** Its head, from its first PW_INTERVAL_HEAD_B bytes. */
void pw_interval_head(struct pw_interval *out, const uint8_t *raw);

/** Where a value of a record stands in it: 4 bytes. @return 0: it has none */
size_t pw_interval_value_at(const struct pw_interval *r, unsigned channel, unsigned point);

/** Where the extremes of the voltages stand in it: 24 bytes. @return 0: it has none */
size_t pw_interval_volts_at(const struct pw_interval *r);

/** Extremes of a voltage input in mV. @return false if the record has none */
bool pw_interval_volts(const struct pw_interval *r, const uint8_t *raw, size_t size, unsigned input, uint32_t *min_mv, uint32_t *max_mv);

/** Records that the ring keeps at least, and so how long it goes back: x minutes. */
uint32_t pw_intervals_capacity(uint32_t n_sectors, const struct pw_intervals_config *cfg);

#endif
