/* SPDX-License-Identifier: Apache-2.0 */
/* The quad side of a W25Q flash at its pins, one call a clock of the controller (pw_xip): fast read quad I/O, EBh. Checks what the data sheet
 * asks and counts what is broken: quad enabled, not busy, command on line 0 only, chip select off between commands, nobody else drives while the flash does. */
#ifndef PW_XIP_PART_H
#define PW_XIP_PART_H
#include "flash_part.h"

struct pw_xippart {
    struct pw_flashpart *flash;    /* content, quad enable, busy */
    bool on, driving;              /* chip select; the flash drives its lines */
    unsigned n_sck;                /* since chip select */
    uint8_t op, mode;
    uint32_t addr;                 /* of the next byte */
    bool low_nibble;
    uint8_t lines;                 /* what the flash drives */
    uint64_t n_words, n_commands;
    unsigned n_errors;
    char error[120];               /* the first one */
};

void pw_xippart_init(struct pw_xippart *x, struct pw_flashpart *flash);

/** One clock of the controller: lines as they are from its rising edge on, SCK high in its second half if sck_en.
 *  @param oe  which lines the controller drives  @return the lines at the end of the clock (pull-ups where nobody drives) */
uint8_t pw_xippart_clock(struct pw_xippart *x, bool cs, bool sck_en, uint8_t oe, uint8_t io);
#endif
