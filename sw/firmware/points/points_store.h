/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the points in FRAM: two copies written in turn, each with a sequence number and a CRC, so that a power cut at any byte
 * leaves one whole. Image, little endian (fram_map.h): "PWPT", version u16, n_points u16, sequence u32, assignment u32 of CTs to points, 16
 * zeros; per point 72 bytes: netted delivered, received, CTs' delivered, received, VAh delivered, received (each fraction / 2^32 u32, 1e-6 Wh
 * or VAh u64); CRC-32 of all before. */
#ifndef PW_POINTS_STORE_H
#define PW_POINTS_STORE_H

#include "fram.h"
#include "points.h"

struct pw_points_store {
    struct pw_fram *fram;
    uint32_t seq;         /* of the newest copy */
    uint32_t crc;
    uint32_t saves, errors;
    uint8_t  target;      /* copy to write next: 0 A, 1 B */
    uint8_t  step;        /* 0: not saving; 1: header; 2 + i: point i; last: CRC */
    uint8_t  n_points;    /* of the save under way: all that there could be */
};

/** Finds the newest whole copy and loads the registers of the points that it has; then brings them up to the CTs' registers
 *  (pw_points_restore). Without a copy they begin at 0.
 *  @return PW_OK, PW_ERR_CRC (no whole copy), PW_ERR_IO */
PW_MUST_CHECK int pw_points_store_load(struct pw_points_store *st, struct pw_fram *fram, struct pw_points *p);

/** Begins a save, or begins it anew (a changed assignment must not be mixed into one under way). */
void pw_points_store_begin(struct pw_points_store *st, const struct pw_points *p);

/** Does a piece of a save: at most 80 bytes over SPI. @return false if there was nothing to do */
bool pw_points_store_step(struct pw_points_store *st, const struct pw_points *p);

#endif
