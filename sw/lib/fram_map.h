/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of the FRAM: 128 KiB. Each thing exists twice; the newer valid copy counts. Numbers are little endian. That all of it fits:
 * sw/firmware/storage/fram_room.c */
#ifndef PW_FRAM_MAP_H
#define PW_FRAM_MAP_H

#define PW_FRAM_SMALL_B     0x8000u
#define PW_FRAM_SIZE_B      0x20000u

#define PW_FRAM_CONFIG_A    0x0000u /* PW_CONFIG_SIZE_B bytes each, config.h */
#define PW_FRAM_CONFIG_B    0x0800u
#define PW_FRAM_CONFIG_V1_B 0x0400u /* where the second copy of a version 1 configuration is; read only */

/* The image of each second (books/image.h): energies, registers, billing, demand. Up to 54 CTs. */
#define PW_FRAM_IMAGE_A       0x1000u
#define PW_FRAM_IMAGE_B       0x9800u
#define PW_FRAM_IMAGE_SIZE_B  0x6000u

#define PW_FRAM_EVENTS_A      0x7000u /* block of the event logs (events/events.h) */
#define PW_FRAM_EVENTS_B      0x7200u
#define PW_FRAM_EVENTS_SIZE_B 0x0200u
#define PW_FRAM_TOU_A         0x7400u /* schedule that is in force (tou.h) */
#define PW_FRAM_TOU_B         0x7700u
#define PW_FRAM_TOU_NEXT      0x7A00u /* the one that is pending */
#define PW_FRAM_TOU_STAGE     0x7CC0u /* the one that is being written */
#define PW_FRAM_TOU_SIZE_B    0x02C0u
/* 0x7F80 .. 0x7FFD: free */
#define PW_FRAM_PROBE_SMALL   0x7FFEu /* 2 bytes: the driver's, of a part of 32 KiB */
#define PW_FRAM_INTERVALS_A   0x8000u /* block of the interval log (intervals/intervals.h) */
#define PW_FRAM_INTERVALS_B   0x8B00u
#define PW_FRAM_INTERVALS_SIZE_B 0x0B00u
/* 0x9600 .. 0x97FF: free; 0x9800: PW_FRAM_IMAGE_B */
#define PW_FRAM_DEAD_A        0xF800u /* sectors of the flash that failed (storage/flash_dead.h) */
#define PW_FRAM_DEAD_B        0xF880u
#define PW_FRAM_DEAD_SIZE_B   0x0080u
#define PW_FRAM_PROGRAM_A     0xF900u /* the meter's program (program.h) */
#define PW_FRAM_PROGRAM_B     0xFA00u
#define PW_FRAM_MARKS         0xFB00u /* totals at the moment of a billing job, while it is under way (billing/slow.h) */
#define PW_FRAM_MARKS_SIZE_B  0x0E80u
#define PW_FRAM_PREV          0x10980u /* what the interval log has recorded, while the power is on (intervals/intervals.h) */
#define PW_FRAM_PREV_SIZE_B   0x0E00u
/* 0x11780 .. 0x11FFF: free */

/* What changes only with a rate or a period (billing/slow.h). */
#define PW_FRAM_SLOW_A        0x12000u
#define PW_FRAM_SLOW_B        0x18800u
#define PW_FRAM_SLOW_SIZE_B   0x6800u

/* 0x1F000 .. 0x1FE7F, 0x1FE81 .. : free */
#define PW_FRAM_PROBE         0x1FE80u /* 1 byte: the driver's */

/* Of firmware before 0.3, read where there is no image yet. Energy images of up to 8 KiB (registers/energy_store.h): the first 4 KiB at _A and _B, the rest
 * PW_FRAM_OLD_ENERGY_MORE above; version 1 likewise. Registers of the points (points/points_store.h). */
#define PW_FRAM_OLD_ENERGY_A    0x1000u
#define PW_FRAM_OLD_ENERGY_B    0x2000u
#define PW_FRAM_OLD_ENERGY_PART 0x1000u
#define PW_FRAM_OLD_ENERGY_MORE 0x2000u
#define PW_FRAM_OLD_ENERGY_V1_A 0x0800u
#define PW_FRAM_OLD_ENERGY_V1_B 0x1800u
#define PW_FRAM_OLD_POINTS_A    0x5000u
#define PW_FRAM_OLD_POINTS_B    0x6000u

#endif
