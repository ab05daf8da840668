/* SPDX-License-Identifier: Apache-2.0 */
/* What the features of the meter offer to its readers (display, console, Modbus): one pointer each, NULL = not in this meter.
 * A reader asks PW_VIEW(reader, feature) and shows nothing when that is NULL. */
#ifndef PW_VIEW_H
#define PW_VIEW_H

#include <stddef.h>

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
};

#define PW_VIEW(reader, feature) ((reader)->view != NULL ? (reader)->view->feature : NULL)

#endif
