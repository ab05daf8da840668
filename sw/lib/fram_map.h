/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of the FRAM: 128 KiB, of which 32 KiB parts have the first quarter, for meters that do not bill. Each thing exists twice; the newer valid copy
 * counts. Numbers are little endian. That all of it fits: sw/firmware/storage/fram_room.c */
#ifndef PW_FRAM_MAP_H
#define PW_FRAM_MAP_H

#define PW_FRAM_SMALL_B     0x8000u
#define PW_FRAM_SIZE_B      0x20000u

#define PW_FRAM_CONFIG_A    0x0000u /* PW_CONFIG_SIZE_B bytes each, config.h */
#define PW_FRAM_CONFIG_B    0x0800u
#define PW_FRAM_CONFIG_V1_B 0x0400u /* where the second copy of a version 1 configuration is; read only */

/* Energy images of up to 8 KiB (registers/energy_store.h): the first 4 KiB at _A and _B, the rest PW_FRAM_ENERGY_MORE above. */
#define PW_FRAM_ENERGY_A    0x1000u
#define PW_FRAM_ENERGY_B    0x2000u
#define PW_FRAM_ENERGY_PART 0x1000u
#define PW_FRAM_ENERGY_MORE 0x2000u
#define PW_FRAM_ENERGY_V1_A 0x0800u /* where version 1 images are, parts alike; read only, and their first bytes cleared */
#define PW_FRAM_ENERGY_V1_B 0x1800u

/* Registers of the points (points/points_store.h): PW_FRAM_POINTS_SIZE_B each. */
#define PW_FRAM_POINTS_A      0x5000u
#define PW_FRAM_POINTS_B      0x6000u
#define PW_FRAM_POINTS_SIZE_B 0x1000u

/* 0x7000 .. 0x7FFD: free */
#define PW_FRAM_PROBE_SMALL   0x7FFEu /* 2 bytes: the driver's, of a small part */

/* From here on only in parts of 128 KiB. */
#define PW_FRAM_DEAD_A        0x8000u /* sectors of the flash that failed (storage/flash_dead.h) */
#define PW_FRAM_DEAD_B        0x8040u
#define PW_FRAM_DEAD_SIZE_B   0x0040u
/* 0x8080 .. 0x81FF: free */
#define PW_FRAM_EVENTS_A      0x8200u /* block of the event logs (events/events.h) */
#define PW_FRAM_EVENTS_B      0x8400u
#define PW_FRAM_EVENTS_SIZE_B 0x0200u
/* 0x8600 .. 0x87FF: free */
#define PW_FRAM_TOU_A         0x8800u /* schedule that is in force (tou.h) */
#define PW_FRAM_TOU_B         0x8B00u
#define PW_FRAM_TOU_NEXT_A    0x8E00u /* the one that is pending */
#define PW_FRAM_TOU_NEXT_B    0x9100u
#define PW_FRAM_TOU_SIZE_B    0x0300u
#define PW_FRAM_INTERVALS_A   0x9400u /* block of the interval log (intervals/intervals.h) */
#define PW_FRAM_INTERVALS_B   0x9F00u
#define PW_FRAM_INTERVALS_SIZE_B 0x0B00u
/* 0xAA00 .. 0xAFFF: free */

/* Billing: image of each second (app/billing_store.h), and what changes only with a rate or a period (billing/slow.h). */
#define PW_FRAM_BILLING_A      0xB000u
#define PW_FRAM_BILLING_B      0xE800u
#define PW_FRAM_BILLING_SIZE_B 0x3800u
#define PW_FRAM_SLOW_A         0x12000u
#define PW_FRAM_SLOW_B         0x18800u
#define PW_FRAM_SLOW_SIZE_B    0x6800u

/* 0x1F000 .. 0x1FE7F, 0x1FE81 .. : free */
#define PW_FRAM_PROBE          0x1FE80u /* 1 byte: the driver's */

#endif
