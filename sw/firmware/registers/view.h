/* SPDX-License-Identifier: Apache-2.0 */
/* What the features of the meter offer to its readers (display, console, Modbus): one pointer each, NULL = not in this meter.
 * A reader asks PW_VIEW(reader, feature) and shows nothing when that is NULL. */
#ifndef PW_VIEW_H
#define PW_VIEW_H

#include <stddef.h>

#include "build.h"

struct pw_view {
    struct pw_meter          *meter;
    struct pw_points         *points;
    struct pw_service_watch  *service;
    struct pw_spectrum       *spectrum;
    struct pw_voltage_events *voltage_events;
    struct pw_waveform       *waveform;
    struct pw_clock          *clock;
    struct pw_wiring         *wiring;
    struct pw_balance        *balance;
    struct pw_calibration    *calibration;
    struct pw_books          *books;
};

/* A feature that this build leaves out is NULL for the compiler, so that what would show it is left out too. */
#define PW_VIEW(reader, feature) (PW_VIEW_HAS_##feature ? (reader)->view->feature : NULL)
#define PW_VIEW_HAS_meter          1
#define PW_VIEW_HAS_points         1
#define PW_VIEW_HAS_service        1
#define PW_VIEW_HAS_spectrum       PW_WITH_ANALYSIS
#define PW_VIEW_HAS_voltage_events 1
#define PW_VIEW_HAS_waveform       PW_WITH_ANALYSIS
#define PW_VIEW_HAS_clock          1
#define PW_VIEW_HAS_wiring         1
#define PW_VIEW_HAS_balance        1
#define PW_VIEW_HAS_calibration    1
#define PW_VIEW_HAS_books          1

#endif
