/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of the FRAM (32 KiB). Each thing exists twice; the newer valid copy counts. Numbers are little endian. */
#ifndef PW_FRAM_MAP_H
#define PW_FRAM_MAP_H

#define PW_FRAM_SIZE_B      0x8000u

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
/* 0x7000 .. 0x7FFF: free */

#endif
