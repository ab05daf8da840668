/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in the FRAM has room there and does not overlap: checked here, in one place, when the firmware is compiled. No code. */
#include "billing.h"
#include "config.h"
#include "demand.h"
#include "energy_store.h"
#include "events.h"
#include "flash_dead.h"
#include "fram_map.h"
#include "image.h"
#include "intervals.h"
#include "points_store.h"
#include "program.h"
#include "tou.h"

/* `from` with `size_b` bytes ends before `next` begins. */
#define BEFORE(from, size_b, next) _Static_assert((from) + (size_b) <= (next), #from " ends before " #next)

BEFORE(PW_FRAM_CONFIG_A, PW_CONFIG_SIZE_B, PW_FRAM_CONFIG_B);
BEFORE(PW_FRAM_CONFIG_B, PW_CONFIG_SIZE_B, PW_FRAM_IMAGE_A);
BEFORE(PW_FRAM_IMAGE_A, PW_FRAM_IMAGE_SIZE_B, PW_FRAM_EVENTS_A);
BEFORE(PW_FRAM_EVENTS_A, PW_FRAM_EVENTS_SIZE_B, PW_FRAM_EVENTS_B);
BEFORE(PW_FRAM_EVENTS_B, PW_FRAM_EVENTS_SIZE_B, PW_FRAM_TOU_A);
BEFORE(PW_FRAM_TOU_A, PW_FRAM_TOU_SIZE_B, PW_FRAM_TOU_B);
BEFORE(PW_FRAM_TOU_B, PW_FRAM_TOU_SIZE_B, PW_FRAM_TOU_NEXT);
BEFORE(PW_FRAM_TOU_NEXT, PW_FRAM_TOU_SIZE_B, PW_FRAM_TOU_STAGE);
BEFORE(PW_FRAM_TOU_STAGE, PW_FRAM_TOU_SIZE_B, PW_FRAM_PROBE_SMALL);
BEFORE(PW_FRAM_PROBE_SMALL, 2u, PW_FRAM_INTERVALS_A);
BEFORE(PW_FRAM_INTERVALS_A, PW_FRAM_INTERVALS_SIZE_B, PW_FRAM_INTERVALS_B);
BEFORE(PW_FRAM_INTERVALS_B, PW_FRAM_INTERVALS_SIZE_B, PW_FRAM_IMAGE_B);
BEFORE(PW_FRAM_IMAGE_B, PW_FRAM_IMAGE_SIZE_B, PW_FRAM_DEAD_A);
BEFORE(PW_FRAM_DEAD_A, PW_FRAM_DEAD_SIZE_B, PW_FRAM_DEAD_B);
BEFORE(PW_FRAM_DEAD_B, PW_FRAM_DEAD_SIZE_B, PW_FRAM_PROGRAM_A);
BEFORE(PW_FRAM_PROGRAM_A, PW_PROGRAM_SIZE_B, PW_FRAM_PROGRAM_B);
BEFORE(PW_FRAM_PROGRAM_B, PW_PROGRAM_SIZE_B, PW_FRAM_MARKS);
BEFORE(PW_FRAM_MARKS, PW_FRAM_MARKS_SIZE_B, PW_FRAM_PREV);
BEFORE(PW_FRAM_PREV, PW_FRAM_PREV_SIZE_B, PW_FRAM_SLOW_A);
BEFORE(PW_FRAM_SLOW_A, PW_FRAM_SLOW_SIZE_B, PW_FRAM_SLOW_B);
BEFORE(PW_FRAM_SLOW_B, PW_FRAM_SLOW_SIZE_B, PW_FRAM_PROBE);
BEFORE(PW_FRAM_PROBE, 1u, PW_FRAM_SIZE_B);

/* What is put there. */
#define FITS(what, size_b, room_b) _Static_assert((size_b) <= (room_b), what " has room")
#define CT_MAX     54u
#define IMAGE_B(n) (PW_IMAGE_HEAD_B + (n) * (PW_ENERGY_RECORD_B + PW_POINT_RECORD_B + PW_BILLING_POINT_B + PW_MAX_DEMANDS * PW_DEMAND_SLOT_B) + \
                    PW_BILLING_HEADER_B + PW_DEMAND_HEADER_B + 4u)
#define SLOW_B(n, rates) \
    (PW_SLOW_HEADER_B + (n) * (PW_N_TQ * (8u * ((rates) + 2u) + 4u) + PW_MAX_DEMANDS * (8u + PW_PEAK_B * (rates) + 4u + PW_PEAK_B * PW_MAX_PAST + 4u)))

FITS("list of dead sectors", PW_FLASH_DEAD_SIZE_B, PW_FRAM_DEAD_SIZE_B);
FITS("events", PW_EVENTS_BLOCK_B, PW_FRAM_EVENTS_SIZE_B);
FITS("schedule", PW_TOU_SIZE_B, PW_FRAM_TOU_SIZE_B);
FITS("interval block of 54 points with all channels", PW_INTERVALS_BLOCK_B(CT_MAX * PW_INTERVAL_N_ENERGY), PW_FRAM_INTERVALS_SIZE_B);
FITS("what 54 points have recorded", 2u * 8u * CT_MAX * PW_INTERVAL_N_ENERGY, PW_FRAM_PREV_SIZE_B);
FITS("marks of 54 points", CT_MAX * PW_SLOW_MARKS_B, PW_FRAM_MARKS_SIZE_B);
FITS("image of 54 points", IMAGE_B(CT_MAX), PW_FRAM_IMAGE_SIZE_B);
FITS("slow image of 24 points, 4 rates, all else there is", SLOW_B(24u, 4u), PW_FRAM_SLOW_SIZE_B);
_Static_assert(SLOW_B(24u, 4u) == 23408u, "as docs/billing.md says");
