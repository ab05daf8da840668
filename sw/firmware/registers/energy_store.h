/* SPDX-License-Identifier: Apache-2.0 */
/* The stored form of a CT's energies, a record of the image of each second (books/image.h). And what firmware before 0.3 left in FRAM: two copies of an image of
 * their own (fram_map.h), read where there is no newer one: "PWEN", version u16, n_ct u16, sequence u32, 20 zeros, records, CRC-32 of all before.
 * Record, little endian: 6 x (1e-6 Wh or varh u64, fraction / 2^32 u32, gateware energy u64), gateware residue u32, 2 x (1e-6 VAh delivered, received u64,
 * fraction u32). Version 1: 128 bytes: residue u64, no VAh; gateware numbers in units 2^32 times smaller, at other places. */
#ifndef PW_ENERGY_STORE_H
#define PW_ENERGY_STORE_H

#include "energy.h"
#include "fram.h"

#define PW_ENERGY_RECORD_B 148u

void pw_energy_record_put(uint8_t out[PW_ENERGY_RECORD_B], const struct pw_energy_ct *c);
void pw_energy_record_get(struct pw_energy_ct *c, const uint8_t in[PW_ENERGY_RECORD_B]);

/** Loads the registers (acc, va, raw, residue) of the newest whole old image; CTs that it lacks stay as they are.
 *  @return PW_OK, PW_ERR_CRC (no valid copy: nothing was loaded), PW_ERR_IO */
PW_MUST_CHECK int pw_energy_store_load(struct pw_fram *fram, struct pw_energy *e, unsigned n_ct);

#endif
