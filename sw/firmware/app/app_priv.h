/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of this folder. */
#ifndef PW_APP_PRIV_H
#define PW_APP_PRIV_H

#include "app.h"

void pw_app_start_tasks(struct pw_app *app);

/** Takes a checked configuration over: parameters, points, store. */
void pw_app_take_config(struct pw_app *app, const struct pw_config *next);

/** An event about what has changed since the last one. */
void pw_app_tell_config(struct pw_app *app);

/** For struct pw_voltage_events: console, and the waveform ring's trigger. ctx is the app. */
void pw_app_voltage_event(void *ctx, const struct pw_vevent *v);

#endif
