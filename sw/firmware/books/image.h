/* SPDX-License-Identifier: Apache-2.0 */
/* The image of each second: energies of the CTs, registers of the points, what billing and demand keep of the present, as one run of bytes with one CRC-32
 * over all of it, in two places in turn (fram_map.h). A power cut at any byte leaves one whole. Layout: docs/books.md */
#ifndef PW_IMAGE_H
#define PW_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "errors.h"

#define PW_IMAGE_HEAD_B 64u

struct pw_image_head {
    uint32_t seq;            /* counts saves */
    uint32_t utc_s;          /* of the save */
    uint32_t assignment;     /* pw_points_assignment */
    uint32_t off_total_s, power_fails, close_next_s;
    uint32_t length;         /* without the CRC */
    uint32_t demands;        /* CRC-32 of the demands' configuration: others do not take up its slots */
    uint32_t next_effective_s; /* of the pending schedule; 0: none */
    uint8_t  n_ct, n_points, quantities, n_demands;
    uint8_t  tou_copy;       /* where the schedule in force lies */
    uint8_t  season;
    bool     clock_ok;
};

struct pw_image {
    struct pw_image_head head; /* of the newest whole image, or of the one being written */
    uint32_t at, crc;
    uint16_t step;             /* 0: not saving */
    uint8_t  target;           /* copy to be written next */
    uint32_t saves, errors;
    uint32_t generation;       /* of billing, when it was begun */
};

#endif
