/* SPDX-License-Identifier: Apache-2.0 */
/* What a meter holds at the end, read through the firmware's own functions and written as CSV for other programs to check. Columns: docs/calendar.md */
#ifndef PW_CAL_REPORT_H
#define PW_CAL_REPORT_H

#include "run.h"

/** registers.csv, peaks.csv, intervals.csv, events.csv, closes.csv, stats.json in a folder. @return false: something could not be read or written */
bool cal_report(struct cal_run *r, const char *folder);

/** A record of the interval log, tried again while the flash is busy. @return as pw_intervals_read */
int cal_interval(struct cal_run *r, uint32_t number, struct pw_interval *out, uint8_t raw[PW_INTERVAL_MAX_B]);

/** An event, likewise. */
int cal_event(struct cal_run *r, enum pw_event_log log, uint32_t number, struct pw_event *out);

/** A part of a close, likewise. */
int cal_close_part(struct cal_run *r, unsigned close, unsigned point, unsigned part, struct pw_close_part *head, uint8_t data[PW_SLOW_BLOCK_B]);

#endif
