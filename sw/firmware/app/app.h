/* SPDX-License-Identifier: Apache-2.0 */
/* The meter's firmware as a whole. The same files run on the soft core and in the model tier on a PC; only the HAL differs.
 * No allocation, no state outside struct pw_app. */
#ifndef PW_APP_H
#define PW_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "balance.h"
#include "books.h"
#include "calibration.h"
#include "config.h"
#include "config_store.h"
#include "console.h"
#include "diag.h"
#include "display.h"
#include "energy.h"
#include "flash.h"
#include "fram.h"
#include "hal.h"
#include "irq.h"
#include "lcd.h"
#include "meter.h"
#include "modbus_map.h"
#include "network.h"
#include "outputs.h"
#include "panel.h"
#include "sched.h"
#include "service.h"
#include "spectrum.h"
#include "spi.h"
#include "uart.h"
#include "view.h"
#include "voltage_events.h"
#include "waveform.h"
#include "wiring.h"

struct pw_app {
    const struct pw_hal    *hal;
    struct pw_config        cfg;
    struct pw_energy        energy;
    struct pw_meter         meter;   /* meter.out is the snapshot that all the rest reads */
    struct pw_diag          diag;
    struct pw_sched         sched;
    struct pw_spi           spi;
    struct pw_fram          fram;
    struct pw_spi           flash_spi;
    struct pw_flash         flash;
    struct pw_flash_port    flash_port;
    struct pw_config_store  config_store;
    struct pw_points        points;
    struct pw_books         books;   /* all that is kept for billing */
    struct pw_service_watch service;
    struct pw_uart          uart;
    struct pw_console       console;
    struct pw_lcd           lcd;
    struct pw_display       display;
    struct pw_outputs       outputs;
    struct pw_modbus_map    map;
    struct pw_modbus_server modbus;
    struct pw_network       network;
    struct pw_spectrum      spectrum;
    struct pw_voltage_events voltage_events;
    struct pw_waveform      waveform;
    struct pw_clock         clock;
    struct pw_wiring        wiring;
    struct pw_balance       balance;
    struct pw_inputs        inputs;
    struct pw_calibration   calibration;
    struct pw_view          view;    /* what features there are */
    uint64_t start_us;
    uint64_t told_us;     /* uptime of the last event about the configuration */
    uint32_t told_revision; /* of the configuration, that the event log knows of */
    uint32_t program_weight_mwh; /* test pulses by the program that was last looked at */
    bool     by_irq;      /* set by the target: pw_app_irq is called from interrupts */
    volatile bool power_irq; /* the supply was about to fail; its interrupt is masked */
    bool     blink;
    bool     wiring_news; /* the finder has done something since it was asked last */
    uint8_t  follow;      /* steps still to do for the window just published */
};

/** Starts everything: reads the configuration and the energies from FRAM, writes the channel parameters, locks the front-end.
 *  Takes a few ms, waits for nothing but SPI transfers.
 *  @param hal  must outlive the app
 *  @return PW_OK, PW_ERR_MAGIC (no Polywatt system or front-end behind this HAL), PW_ERR_RANGE (one that this firmware does not
 *          support). A missing part (FRAM, W5500) is not an error here: metering goes on, and the console says so. */
PW_MUST_CHECK int pw_app_init(struct pw_app *app, const struct pw_hal *hal);

/** One pass of the main loop; never waits. Call it again and again, at least each ms of the meter's time. */
void pw_app_poll(struct pw_app *app);

/** Lines that interrupt while nothing is wrong: mask of enum pw_irq_line. */
#define PW_APP_IRQS ((unsigned)PW_IRQ_UART0 | (unsigned)PW_IRQ_POWER_FAIL)

/** From an interrupt, when by_irq is set. */
void pw_app_irq(struct pw_app *app);

#endif
