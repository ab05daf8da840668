/* SPDX-License-Identifier: Apache-2.0 */
/* Energies in FRAM: two copies written in turn, each with a sequence number and a CRC, so that a power cut at any byte leaves one whole.
 * Image, little endian (fram_map.h): "PWEN", version u16, n_ct u16, sequence u32, 20 zeros; per CT 148 bytes: 6 x (1e-6 Wh or varh u64,
 * fraction / 2^32 u32, gateware energy u64), gateware residue u32, 2 x (1e-6 VAh delivered, received u64, fraction u32); CRC-32 of all before.
 * Version 1 (128 bytes: residue u64, no VAh; gateware numbers in units 2^32 times smaller, at PW_FRAM_ENERGY_V1_A and _B) is read where there is no version 2
 * image, and retired when the first one has been written. */
#ifndef PW_ENERGY_STORE_H
#define PW_ENERGY_STORE_H

#include "energy.h"
#include "fram.h"

struct pw_energy_store {
    struct pw_fram *fram;
    uint32_t seq;       /* of the newest copy */
    uint8_t  target;    /* copy to write next: 0 A, 1 B */
    uint8_t  step;      /* 0: not saving; 1: header; 2 + k: CT k */
    uint8_t  n_ct;
    bool     old;       /* loaded from version 1, whose copies are still there */
    uint32_t crc;
    uint32_t saves, errors;
};

/** Finds the newest whole copy and loads the registers (acc, va, raw, residue) of the CTs it has; the others stay as they are.
 *  @return PW_OK, PW_ERR_CRC (no valid copy: nothing was loaded), PW_ERR_IO */
PW_MUST_CHECK int pw_energy_store_load(struct pw_energy_store *st, struct pw_fram *fram, struct pw_energy *e, unsigned n_ct);

/** Begins a save. Ignored while one is under way. */
void pw_energy_store_begin(struct pw_energy_store *st);

/** Does a piece of a save: at most 160 bytes over SPI. @return false if there was nothing to do */
bool pw_energy_store_step(struct pw_energy_store *st, const struct pw_energy *e);

#endif
