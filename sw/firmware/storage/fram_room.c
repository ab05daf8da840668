/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in the FRAM has room there and does not overlap: checked here, in one place, when the firmware is compiled. No code. */
#include "billing.h"
#include "config.h"
#include "demand.h"
#include "events.h"
#include "flash_dead.h"
#include "fram_map.h"
#include "intervals.h"
#include "tou.h"

/* `from` with `size_b` bytes ends before `next` begins. */
#define BEFORE(from, size_b, next) _Static_assert((from) + (size_b) <= (next), #from " ends before " #next)

BEFORE(PW_FRAM_CONFIG_A, PW_CONFIG_SIZE_B, PW_FRAM_CONFIG_B);
BEFORE(PW_FRAM_CONFIG_B, PW_CONFIG_SIZE_B, PW_FRAM_ENERGY_A);
BEFORE(PW_FRAM_ENERGY_A, PW_FRAM_ENERGY_PART, PW_FRAM_ENERGY_B);
BEFORE(PW_FRAM_ENERGY_B, PW_FRAM_ENERGY_PART, PW_FRAM_ENERGY_A + PW_FRAM_ENERGY_MORE);
BEFORE(PW_FRAM_ENERGY_A + PW_FRAM_ENERGY_MORE, PW_FRAM_ENERGY_PART, PW_FRAM_ENERGY_B + PW_FRAM_ENERGY_MORE);
BEFORE(PW_FRAM_ENERGY_B + PW_FRAM_ENERGY_MORE, PW_FRAM_ENERGY_PART, PW_FRAM_POINTS_A);
BEFORE(PW_FRAM_POINTS_A, PW_FRAM_POINTS_SIZE_B, PW_FRAM_POINTS_B);
BEFORE(PW_FRAM_POINTS_B, PW_FRAM_POINTS_SIZE_B, PW_FRAM_PROBE_SMALL);
BEFORE(PW_FRAM_PROBE_SMALL, 2u, PW_FRAM_SMALL_B);
BEFORE(PW_FRAM_SMALL_B, 0u, PW_FRAM_DEAD_A);
BEFORE(PW_FRAM_DEAD_A, PW_FRAM_DEAD_SIZE_B, PW_FRAM_DEAD_B);
BEFORE(PW_FRAM_DEAD_B, PW_FRAM_DEAD_SIZE_B, PW_FRAM_EVENTS_A);
BEFORE(PW_FRAM_EVENTS_A, PW_FRAM_EVENTS_SIZE_B, PW_FRAM_EVENTS_B);
BEFORE(PW_FRAM_EVENTS_B, PW_FRAM_EVENTS_SIZE_B, PW_FRAM_TOU_A);
BEFORE(PW_FRAM_TOU_A, PW_FRAM_TOU_SIZE_B, PW_FRAM_TOU_B);
BEFORE(PW_FRAM_TOU_B, PW_FRAM_TOU_SIZE_B, PW_FRAM_TOU_NEXT_A);
BEFORE(PW_FRAM_TOU_NEXT_A, PW_FRAM_TOU_SIZE_B, PW_FRAM_TOU_NEXT_B);
BEFORE(PW_FRAM_TOU_NEXT_B, PW_FRAM_TOU_SIZE_B, PW_FRAM_INTERVALS_A);
BEFORE(PW_FRAM_INTERVALS_A, PW_FRAM_INTERVALS_SIZE_B, PW_FRAM_INTERVALS_B);
BEFORE(PW_FRAM_INTERVALS_B, PW_FRAM_INTERVALS_SIZE_B, PW_FRAM_BILLING_A);
BEFORE(PW_FRAM_BILLING_A, PW_FRAM_BILLING_SIZE_B, PW_FRAM_BILLING_B);
BEFORE(PW_FRAM_BILLING_B, PW_FRAM_BILLING_SIZE_B, PW_FRAM_SLOW_A);
BEFORE(PW_FRAM_SLOW_A, PW_FRAM_SLOW_SIZE_B, PW_FRAM_SLOW_B);
BEFORE(PW_FRAM_SLOW_B, PW_FRAM_SLOW_SIZE_B, PW_FRAM_PROBE);
BEFORE(PW_FRAM_PROBE, 1u, PW_FRAM_SIZE_B);

/* What is put there. */
#define FITS(what, size_b, room_b) _Static_assert((size_b) <= (room_b), what " has room")
#define CT_MAX     54u
#define STORE_B    36u /* head and CRC of an image */
#define TOTALS_B   (8u * PW_N_TQ)
#define FAST_B(n)  (STORE_B + PW_BILLING_HEADER_B + PW_DEMAND_HEADER_B + (n) * (TOTALS_B + PW_BILLING_POINT_B + PW_MAX_DEMANDS * PW_DEMAND_SLOT_B))
#define SLOW_B(n, rates) \
    (PW_SLOW_HEADER_B + (n) * (PW_N_TQ * (8u * ((rates) + 2u) + 4u) + PW_MAX_DEMANDS * (8u + PW_PEAK_B * (rates) + 4u + PW_PEAK_B * PW_MAX_PAST + 4u)))

FITS("list of dead sectors", PW_FLASH_DEAD_SIZE_B + 8u + 4u, PW_FRAM_DEAD_SIZE_B); /* with a number and a CRC */
FITS("events", PW_EVENTS_BLOCK_B, PW_FRAM_EVENTS_SIZE_B);
FITS("schedule", PW_TOU_SIZE_B, PW_FRAM_TOU_SIZE_B);
FITS("interval block of 54 points with all channels", PW_INTERVALS_BLOCK_B(CT_MAX * PW_INTERVAL_N_ENERGY), PW_FRAM_INTERVALS_SIZE_B);
FITS("billing image of 24 points", FAST_B(24u), PW_FRAM_BILLING_SIZE_B);
FITS("billing image of 54 points", FAST_B(CT_MAX), PW_FRAM_BILLING_SIZE_B);
FITS("slow image of 24 points, 4 rates, all else there is", SLOW_B(24u, 4u), PW_FRAM_SLOW_SIZE_B);
_Static_assert(SLOW_B(24u, 4u) == 23408u, "as docs/billing.md says");
