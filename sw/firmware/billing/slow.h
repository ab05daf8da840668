/* SPDX-License-Identifier: Apache-2.0 */
/* The slow image: what changes only with a rate switch, a demand reset or the end of a billing period. Two copies; generation g lies in
 * copy g & 1. It is cut into blocks of at most PW_SLOW_BLOCK_B bytes, each with a CRC-32 over generation, block number and data, so
 * that a block is also found out when it is of another generation or lies in another place. Layout: docs/billing.md */
#ifndef PW_SLOW_H
#define PW_SLOW_H

#include <stddef.h>
#include <stdint.h>

#include "program.h"

#define PW_SLOW_BLOCK_B  136u
#define PW_SLOW_HEADER_B 32u
#define PW_PEAK_B        10u

/* Beside the two copies lies a third area, of one more block a point: the marks, totals of its quantities at the moment of a job. They are no part of the image:
 * needed only while the job is under way, the fast image has them too, and they are written anew from it after a power cut. */
#define PW_SLOW_MARKS      0xFFu /* block */
#define PW_SLOW_MARKS_COPY 2u
#define PW_SLOW_MARKS_B    (8u * PW_N_TQ + 4u)

/* Where it lies: copy 0, 1, PW_SLOW_MARKS_COPY. Blocks of a generation are written in order of their addresses, but the header last. @return PW_OK, PW_ERR_IO, or
 * PW_ERR_STATE (not now: the same call comes again). A write returns when the bytes are safe. */
struct pw_slow_io {
    int (*read)(void *ctx, unsigned copy, uint32_t at, void *data, size_t len);
    int (*write)(void *ctx, unsigned copy, uint32_t at, const void *data, size_t len);
    void *ctx;
};

struct pw_slow_layout {
    uint8_t n_points;    /* 1 .. PW_MAX_CT */
    uint8_t quantities;  /* bit i: enum pw_total_quantity i has registers; at least one */
    uint8_t n_rates;     /* 1 .. 8 */
    uint8_t n_demands;   /* 0 .. 3 */
    uint8_t n_past;      /* past peaks kept, 1 .. 13 */
};

struct pw_slow {
    struct pw_slow_io io;
    struct pw_slow_layout layout;
    uint8_t n_quantities; /* bits in layout.quantities */
};

/* What a block of a point holds. */
enum pw_slow_kind {
    PW_SLOW_REGISTERS,   /* of a quantity: origin, one per rate, test mode: u64 each */
    PW_SLOW_PEAKS,       /* of a demand: cumulative u64, peak of each rate (PW_PEAK_B) */
    PW_SLOW_PAST,        /* of a demand: past peaks, newest first */
};

/** @return PW_OK, PW_ERR_RANGE */
PW_MUST_CHECK int pw_slow_init(struct pw_slow *s, const struct pw_slow_io *io, const struct pw_slow_layout *layout);

/** Bytes of one copy. */
uint32_t pw_slow_size_b(const struct pw_slow *s);

/** Blocks a point. */
unsigned pw_slow_blocks(const struct pw_slow *s);

/** What block `block` of each point is. @param[out] idx  bit number of the quantity, or number of the demand */
enum pw_slow_kind pw_slow_kind(const struct pw_slow *s, unsigned block, unsigned *idx);

/** Its bytes without CRC; so too of the marks. */
size_t pw_slow_data_b(const struct pw_slow *s, unsigned block);

/** Reads a block. @param generation  0 for the marks @param[out] buf  its data and CRC: PW_SLOW_BLOCK_B bytes, marks PW_SLOW_MARKS_B
 *  @return PW_OK, PW_ERR_CRC, PW_ERR_IO, PW_ERR_STATE */
PW_MUST_CHECK int pw_slow_get(const struct pw_slow *s, uint32_t generation, unsigned point, unsigned block, uint8_t *buf);

/** Writes a block and reads it back; `buf` gets the CRC behind the data. @return PW_OK, PW_ERR_IO, PW_ERR_STATE, PW_ERR_CRC (not what was written) */
PW_MUST_CHECK int pw_slow_put(const struct pw_slow *s, uint32_t generation, unsigned point, unsigned block, uint8_t *buf);

/* The header: says that the copy is whole. */
struct pw_slow_header {
    uint32_t generation;
    uint8_t  rate;        /* bucket that counts from this generation on */
    uint16_t resets;      /* demand resets done */
    uint16_t closes;      /* billing periods closed */
    uint32_t reset_utc_s; /* of the last reset, closing; 0: none */
    uint32_t close_utc_s;
};

/** @return PW_OK, PW_ERR_CRC (not a whole copy), PW_ERR_VERSION (of another layout), PW_ERR_IO, PW_ERR_STATE */
PW_MUST_CHECK int pw_slow_header_get(const struct pw_slow *s, unsigned copy, struct pw_slow_header *h);

/** @param h  NULL: makes the copy invalid */
PW_MUST_CHECK int pw_slow_header_put(const struct pw_slow *s, unsigned copy, const struct pw_slow_header *h);

#endif
