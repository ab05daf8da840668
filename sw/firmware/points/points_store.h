/* SPDX-License-Identifier: Apache-2.0 */
/* The stored form of a point's registers, a record of the image of each second (books/image.h). And what firmware before 0.3 left in FRAM: two copies
 * of an image of their own (fram_map.h), read where there is no newer one: "PWPT", version u16, n_points u16, sequence u32, assignment u32 of CTs to points,
 * 16 zeros, records, CRC-32 of all before.
 * Record, little endian: netted delivered, received, CTs' delivered, received, VAh delivered, received (each fraction / 2^32 u32, 1e-6 Wh or VAh u64);
 * totals of varh Q1 .. Q4 u64, which the old images lack. */
#ifndef PW_POINTS_STORE_H
#define PW_POINTS_STORE_H

#include "fram.h"
#include "points.h"

#define PW_POINT_RECORD_B 104u

void pw_point_record_put(uint8_t out[PW_POINT_RECORD_B], const struct pw_points *p, unsigned point);

/** The CTs' registers must be there before, and pw_points_restore be called when all records are. */
void pw_point_record_get(struct pw_points *p, unsigned point, const uint8_t in[PW_POINT_RECORD_B]);

/** Loads the newest whole old image; then brings the points up to the CTs' registers (pw_points_restore). Without one they begin at 0.
 *  @return PW_OK, PW_ERR_CRC (no whole copy), PW_ERR_IO */
PW_MUST_CHECK int pw_points_store_load(struct pw_fram *fram, struct pw_points *p);

#endif
