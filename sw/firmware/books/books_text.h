/* SPDX-License-Identifier: Apache-2.0 */
/* Billing in words, for display and console. Times are local, by the schedule's zone. */
#ifndef PW_BOOKS_TEXT_H
#define PW_BOOKS_TEXT_H

#include "books.h"
#include "text.h"

/** Can registers and peaks be read? @return PW_OK, PW_ERR_STATE (not yet), PW_ERR_IO (never: no FRAM that keeps them) */
static inline int pw_books_readable(const struct pw_books *b)
{
    return !b->kept ? PW_ERR_IO : b->started ? PW_OK : PW_ERR_STATE;
}

/** Energies of a point. @return PW_OK, PW_ERR_STATE, PW_ERR_IO (as pw_books_readable), PW_ERR_RANGE (it has none of this quantity) */
PW_MUST_CHECK int pw_books_values(struct pw_books *b, unsigned point, unsigned quantity, struct pw_billing_values *v);

/** What a record of the interval log is about; *r is untouched unless PW_OK. @return as pw_intervals_read_at; PW_ERR_RANGE: there is no log */
PW_MUST_CHECK int pw_books_interval(struct pw_books *b, uint32_t number, struct pw_interval *r);

/** "2026-11-21 10:44:10" */
void pw_books_time_text(struct pw_text *t, const struct pw_books *b, uint32_t utc_s);

/** Of local time at that time: "-05:00" */
void pw_books_offset_text(struct pw_text *t, const struct pw_books *b, uint32_t utc_s);

/** Both: "2026-11-21 10:44:10 -05:00" */
void pw_books_moment_text(struct pw_text *t, const struct pw_books *b, uint32_t utc_s);

/** "Wh del", "varh Q1", ... @param quantity  enum pw_total_quantity */
const char *pw_quantity_name(unsigned quantity);

/** " kWh", " kvarh", " kVAh" */
const char *pw_quantity_unit(unsigned quantity);

/** "kW", "kvar", "kVA" @param quantity  enum pw_demand_quantity */
const char *pw_demand_unit(unsigned quantity);

/** "kW del block 15 min", "kVA del sliding 3 x 5 min" */
void pw_demand_text(struct pw_text *t, const struct pw_demand_config *d);

/** A demand as it is shown: "001.23 kW". */
void pw_demand_value_text(struct pw_text *t, const struct pw_program *p, unsigned k, uint64_t mw);

/** What an event is about: "phase A", "program"; nothing for most. */
void pw_books_event_index(struct pw_text *t, const struct pw_event *e);

/** Its old or new value with unit, at most 20 characters; nothing if events of this kind have none. */
void pw_books_event_value(struct pw_text *t, const struct pw_books *b, const struct pw_event *e, bool new_one);

/** Flags of an interval as letters: P power failed, S time set, T test, p partial, O overflow, X tamper, C time not known, L late; "-" none. */
void pw_interval_flags_text(struct pw_text *t, unsigned flags);

/** Until the test mode ends by itself; 0 without it. */
uint32_t pw_books_test_left_s(const struct pw_books *b);

/** An error in words. @param err  enum pw_err */
const char *pw_books_answer(int err);

#endif
