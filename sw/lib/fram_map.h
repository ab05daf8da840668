/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of the FRAM (32 KiB). Each thing exists twice; the newer valid copy counts. Numbers are little endian. */
#ifndef PW_FRAM_MAP_H
#define PW_FRAM_MAP_H

#define PW_FRAM_SIZE_B      0x8000u

#define PW_FRAM_CONFIG_A    0x0000u /* PW_CONFIG_SIZE_B bytes each, config.h */
#define PW_FRAM_CONFIG_B    0x0400u

/* Energy images of up to 8 KiB (registers/energy_store.h): the first 4 KiB at _A and _B, the rest PW_FRAM_ENERGY_MORE above. */
#define PW_FRAM_ENERGY_A    0x0800u
#define PW_FRAM_ENERGY_B    0x1800u
#define PW_FRAM_ENERGY_PART 0x1000u
#define PW_FRAM_ENERGY_MORE 0x2000u
/* 0x4800 .. 0x7FFF: free */

#endif
