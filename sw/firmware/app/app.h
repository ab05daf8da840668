/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's firmware as a whole. The same files run on the soft core and in the model tier on a PC; only the HAL differs.
 * No allocation, no state outside struct pw_app. */
#ifndef PW_APP_H
#define PW_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "hal.h"

struct pw_app {
    const struct pw_hal *hal;
    struct pw_config     cfg;
};

/** Starts everything: reads the configuration and the energies from FRAM, writes the channel parameters, locks the front-end.
 *  Takes a few ms, waits for nothing but SPI transfers.
 *  @param hal  must outlive the app
 *  @return PW_OK, PW_ERR_MAGIC (no Polywatt front-end behind this HAL). A missing part (FRAM, W5500) is not an error here:
 *          metering goes on, and the console says so. */
PW_MUST_CHECK int pw_app_init(struct pw_app *app, const struct pw_hal *hal);

/** One pass of the main loop; never waits. Call it again and again, at least each ms of the meter's time. */
void pw_app_poll(struct pw_app *app);

#endif
