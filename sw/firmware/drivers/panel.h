/* SPDX-License-Identifier: Apache-2.0 */
/* What is on the panel and in the SYS block: buttons, programming switch, LEDs, watchdog, identity, reset. */
#ifndef PW_PANEL_H
#define PW_PANEL_H

#include <stdbool.h>

#include "hal.h"

enum pw_button { PW_BTN_UP = 1, PW_BTN_DOWN = 2, PW_BTN_ENTER = 4, PW_BTN_BACK = 8, PW_BTN_KEY = 16 /* the key switch is turned */ };
enum pw_led { PW_LED_STATUS = 1, PW_LED_LOAD = 2, PW_LED_FAULT = 4, PW_LED_IR = 8, PW_LED_A = 16, PW_LED_B = 32, PW_LED_REVERSE = 64, PW_LED_POWER = 128 };
enum pw_reset_cause { PW_RESET_POWER = 0, PW_RESET_WATCHDOG = 1, PW_RESET_SOFTWARE = 2 };

struct pw_inputs {
    uint8_t buttons;    /* mask of enum pw_button, 1 = pressed */
    bool    unsealed;   /* programming switch open */
    bool    power_fail;
};

struct pw_identity {
    uint32_t version;   /* gateware, BCD 0x00MMmmpp */
    uint32_t clk_hz;
    uint16_t ram_kib;
    uint8_t  reset_cause;
};

struct pw_inputs pw_panel_read(const struct pw_hal *hal);

/** @param leds     mask of enum pw_led
 *  @param eth_run  false holds the W5500 in reset */
void pw_panel_write(const struct pw_hal *hal, unsigned leds, bool eth_run);

/** @return false if there is no Polywatt system behind the HAL */
bool pw_identity_read(const struct pw_hal *hal, struct pw_identity *id);

/** Bus errors since reset, and the address of the last one. */
uint32_t pw_bus_errors(const struct pw_hal *hal, uint32_t *addr);

void pw_watchdog_start(const struct pw_hal *hal, uint32_t ms);
void pw_watchdog_kick(const struct pw_hal *hal);

/** Resets the CPU and the peripherals; on the target it does not return. The front-end keeps metering. */
void pw_reset(const struct pw_hal *hal);

/** Two words that survive a watchdog or software reset. @param i  0, 1 */
uint32_t pw_scratch_read(const struct pw_hal *hal, unsigned i);
void pw_scratch_write(const struct pw_hal *hal, unsigned i, uint32_t value);

#endif
