/* SPDX-License-Identifier: Apache-2.0 */
#include "key_switch.h"

bool pw_key_switch(struct pw_key_switch *k, bool turned, bool peak_shown, uint64_t up_ms)
{
    bool pulse = false;
    if (turned && !k->turned) {
        k->since_ms = up_ms;
        k->good = k->seen;
    }
    if (!peak_shown || up_ms - k->since_ms > PW_KEY_PULSE_MS)
        k->good = false;
    if (!turned && k->turned)
        pulse = k->good;
    k->turned = turned;
    k->seen = true;
    return pulse;
}
