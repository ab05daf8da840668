/* SPDX-License-Identifier: Apache-2.0 */
/* Billing registers: for each point and quantity one per rate, and one more for test mode; they add up to total - total at the start
 * of billing, exactly, because the active one is never stored: it is what the others leave. What is stored (the slow image, slow.h)
 * changes only in jobs: rate switch, end of a billing period, demand reset, test mode. A job notes the totals of its moment (marks)
 * at once, and writes the other copy of the slow image block by block. Only a fast image of the caller (pw_billing_pack) that refers to the
 * new generation makes it count, so a power cut at any byte leaves a consistent pair. docs/billing.md */
#ifndef PW_BILLING_H
#define PW_BILLING_H

#include <stdbool.h>

#include "config.h"
#include "demand.h"
#include "slow.h"
#include "totals.h"

#define PW_BILLING_HEADER_B 16u
#define PW_BILLING_POINT_B  (8u * PW_N_TQ) /* at most: 8 bytes a registered quantity, and none between jobs */

/* Registers beside rate 0 .. n_rates - 1. */
#define PW_RATE_TEST 0xFEu /* energy of test mode: counts in no rate */
#define PW_RATE_ALL  0xFFu /* all rates, without test mode */

enum pw_billing_what { PW_BILL_RATE = 1, PW_BILL_CLOSE = 2, PW_BILL_RESET = 4, PW_BILL_FORMAT = 8 };

/* Takes the end of a billing period, for each point in turn part 0 .. pw_slow_blocks() - 1 in order, little endian, as of that moment:
 *   a quantity: u64 per rate, u64 test mode; a demand, first part: cumulative u64, peak of each rate (PW_PEAK_B each), peak; all as they are before the
 *   reset that goes with it; second part: past peaks, newest first.
 * The same close comes again from its beginning, with the same number, when the power fails before it is committed.
 * @return PW_OK, or anything else: not now, the same part comes again */
typedef int (*pw_billing_emit)(void *ctx, uint16_t close, unsigned point, unsigned part, const uint8_t *data, size_t len);

struct pw_billing {
    struct pw_slow slow;
    struct pw_totals totals;
    struct pw_demand *demand;  /* with as many demands as the layout */
    pw_billing_emit emit;      /* may be NULL */
    void *emit_ctx;
    struct pw_slow_header head; /* generation that counts */
    uint32_t saved;            /* generation that the last whole fast image refers to */
    uint32_t utc_s;            /* of the job */
    uint32_t damaged;          /* blocks that had to be replaced by older ones, or by nothing; each is an event */
    uint32_t errors;           /* of the slow image's memory; the job tries again */
    uint32_t lock_ms;          /* no demand reset for so long */
    uint16_t lock_min;         /* after a reset */
    uint16_t refused;          /* resets */
    uint8_t  rate_to;          /* bucket from the marks on */
    uint8_t  want, job;        /* enum pw_billing_what: that waits, that is under way */
    bool     marked;           /* there are marks: totals at the moment of the switch */
    uint8_t  point, part, phase;
};

/** @param lock_min  minutes after a demand reset in which others are refused, 0 .. 1440
 *  @return PW_OK, PW_ERR_RANGE (layout, or it has other numbers than the demand) */
PW_MUST_CHECK int pw_billing_init(struct pw_billing *b, const struct pw_slow_io *io, const struct pw_slow_layout *layout,
                                  const struct pw_totals *totals, struct pw_demand *demand, unsigned lock_min, pw_billing_emit emit,
                                  void *emit_ctx);

/** After init at power-up: finds the slow image that the fast image refers to, and takes up the job that was under way.
 *  @param fast  PW_BILLING_HEADER_B bytes of the fast image; NULL if there is none: the newest slow image counts
 *  @return PW_OK; PW_ERR_CRC (none: begin PW_BILL_FORMAT), PW_ERR_VERSION (of another layout: the same), PW_ERR_IO, PW_ERR_STATE: try again */
PW_MUST_CHECK int pw_billing_load(struct pw_billing *b, const uint8_t *fast);

/** Begins a job with the totals of now, or nothing.
 *  @param what  enum pw_billing_what, added up. FORMAT: all registers become 0, from now on they count; once, or after a change of layout
 *  @param rate  with RATE and FORMAT: 0 .. n_rates - 1, or PW_RATE_TEST
 *  @return PW_OK; PW_ERR_RANGE; PW_ERR_STATE (the totals of another job are still needed: try again after the next window); PW_ERR_IO, PW_ERR_CRC (those of
 *          now could not be noted: try again) */
PW_MUST_CHECK int pw_billing_begin(struct pw_billing *b, unsigned what, unsigned rate, uint32_t utc_s);

/** Asks for a demand reset: refused and counted within the lock-out time, but for scheduled ones.
 *  @return PW_OK (it will come, and survives a power cut once the fast image is saved), PW_ERR_STATE (refused) */
PW_MUST_CHECK int pw_billing_reset(struct pw_billing *b, enum pw_reset_source source, uint32_t utc_s);

/** Does a piece of a job: at most one block read and one written. @return false if there was nothing to do */
bool pw_billing_step(struct pw_billing *b);

/** Where energy counts now: a rate, or PW_RATE_TEST. Compare it with the schedule's after each power-up: test mode ends with the power. */
unsigned pw_billing_rate(const struct pw_billing *b);

/** Lets the lock-out run. */
void pw_billing_passed(struct pw_billing *b, uint32_t ms);

/** A register in 1e-6 Wh, varh, VAh. Reads one block of the slow image.
 *  @param rate  0 .. n_rates - 1, PW_RATE_TEST, PW_RATE_ALL
 *  @return PW_OK, PW_ERR_RANGE, PW_ERR_IO, PW_ERR_STATE (being formatted, memory busy) */
PW_MUST_CHECK int pw_billing_register(struct pw_billing *b, unsigned point, unsigned quantity, unsigned rate, uint64_t *value);

/* All registers of a point's quantity, of one instant: the rates add up to `all`. Rates that there are not: 0. */
struct pw_billing_values {
    uint64_t rate[PW_MAX_RATES], test, all;
};

/** As pw_billing_register, for one read of the block. */
PW_MUST_CHECK int pw_billing_values(struct pw_billing *b, unsigned point, unsigned quantity, struct pw_billing_values *out);

/** Delivered - received, Wh or (reactive) varh, in 1e-6; its quantities must have registers. As pw_billing_register. */
PW_MUST_CHECK int pw_billing_net(struct pw_billing *b, unsigned point, bool reactive, unsigned rate, int64_t *value);

/** Peak of a demand in a rate since the last reset. As pw_billing_register. */
PW_MUST_CHECK int pw_billing_rate_peak(struct pw_billing *b, unsigned point, unsigned demand, unsigned rate, struct pw_peak *peak);

struct pw_billing_peaks {
    uint64_t cumulative_mw;             /* without the present peak */
    struct pw_peak rate[PW_MAX_RATES];
};

/** All of them for one read of the block. As pw_billing_register. */
PW_MUST_CHECK int pw_billing_peaks(struct pw_billing *b, unsigned point, unsigned demand, struct pw_billing_peaks *out);

/** Sum of the peaks at all resets; continuous: with the present peak. */
PW_MUST_CHECK int pw_billing_cumulative(struct pw_billing *b, unsigned point, unsigned demand, bool continuous, uint64_t *mw);

/** Peaks at the past resets, the newest first; those that are not kept are 0. As pw_billing_register. */
PW_MUST_CHECK int pw_billing_pasts(struct pw_billing *b, unsigned point, unsigned demand, struct pw_peak past[PW_MAX_PAST]);

/** Peak at a past reset. @param back  0: the last .. n_past - 1 */
PW_MUST_CHECK int pw_billing_past(struct pw_billing *b, unsigned point, unsigned demand, unsigned back, struct pw_peak *peak);

/* The fast image: all of one instant, with the totals and the demand's slots. */

void pw_billing_pack(const struct pw_billing *b, uint8_t out[PW_BILLING_HEADER_B]);

/** Bytes of a point: its marks, 0 while no job needs them. */
size_t pw_billing_point_b(const struct pw_billing *b);

/** @return PW_OK, PW_ERR_IO, PW_ERR_STATE, PW_ERR_CRC: this image cannot be whole */
PW_MUST_CHECK int pw_billing_pack_point(struct pw_billing *b, unsigned point, uint8_t out[PW_BILLING_POINT_B]);

/** After pw_billing_load. @return as pw_billing_pack_point */
PW_MUST_CHECK int pw_billing_unpack_point(struct pw_billing *b, unsigned point, const uint8_t in[PW_BILLING_POINT_B]);

/** The fast image whose header said `generation` (head.generation when it was packed) is whole. Without this no other job begins. */
void pw_billing_saved(struct pw_billing *b, uint32_t generation);

/** What a register shows: `digits` (1 .. 9) in all, `decimals` (0 .. 3) of them behind the point, kWh, kvarh, kVAh; cut off, never
 *  rounded up; rolls over as a real register does. @return the digits as a number */
uint32_t pw_register_shown(uint64_t value_e6, unsigned digits, unsigned decimals);

/** The same as text with leading zeros: "001234.56"; a negative net value "-001234.56". @param out  12 bytes */
void pw_register_text(char out[12], int64_t value_e6, unsigned digits, unsigned decimals);

#endif
