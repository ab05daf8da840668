/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware's account of itself, for display, console and Modbus. Filled by the app. */
#ifndef PW_DIAG_H
#define PW_DIAG_H

#include <stdbool.h>
#include <stdint.h>

struct pw_diag {
    uint32_t gateware_version;  /* BCD 0x00MMmmpp */
    uint32_t clk_hz, fs_mhz;
    uint16_t ram_kib;
    uint8_t  reset_cause;       /* 0 power-on, 1 watchdog, 2 software */
    uint16_t load_e4;           /* CPU, 0.01 % */
    uint32_t worst_us;          /* longest pass of the main loop since reset */
    uint32_t worst_1s_us;       /* in the last second */
    uint32_t passes_1s;
    uint32_t stack_used_b, stack_size_b; /* set by the target; 0 on a PC */
    uint32_t bus_errors, bus_error_addr;
    uint32_t uptime_s;
    uint32_t missed_windows, energy_rejected, energy_mismatches;
    uint32_t samples_lost;      /* 1: the front-end was too slow since its reset */
    uint32_t saves, save_errors;
    uint32_t modbus_requests, modbus_exceptions, modbus_closed;
    uint8_t  clients;
    bool     fram_ok, flash_ok, eth_ok, link, unsealed, config_default;
};

/** Something that a service engineer must look at. */
static inline bool pw_diag_fault(const struct pw_diag *d)
{
    return (d->energy_rejected | d->energy_mismatches | d->samples_lost | d->bus_errors | d->save_errors) != 0 || !d->fram_ok;
}

#endif
