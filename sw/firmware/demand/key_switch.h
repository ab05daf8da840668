/* SPDX-License-Identifier: Apache-2.0 */
/* The key switch that resets the peak (PRODUCTS E7): there and back within 1 s, and all the time with the peak on the display. */
#ifndef PW_KEY_SWITCH_H
#define PW_KEY_SWITCH_H

#include <stdbool.h>
#include <stdint.h>

#define PW_KEY_PULSE_MS 1000u

struct pw_key_switch {
    uint64_t since_ms;
    bool     seen;     /* its position is known: a key left turned over a power cut is no pulse */
    bool     turned, good;
};

/** Call it at least every 50 ms, with the debounced switch.
 *  @param turned      the key is turned now
 *  @param peak_shown  the peak is on the display now
 *  @return true once, when a good pulse has ended: ask for a reset (PW_RESET_KEY) */
bool pw_key_switch(struct pw_key_switch *k, bool turned, bool peak_shown, uint64_t up_ms);

#endif
