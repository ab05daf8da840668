/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of this folder. */
#ifndef PW_BOOKS_PRIV_H
#define PW_BOOKS_PRIV_H

#include "books.h"

/* The moment of a window. */
struct pw_books_moment {
    uint32_t utc_s;
    bool     known;
    uint64_t up_us;
};

/* image.c */
/** Energies, points, billing, demand from the newest whole image. @return PW_OK, PW_ERR_CRC (none), PW_ERR_IO */
PW_MUST_CHECK int pw_books_image_load(struct pw_books *b);
void pw_books_image_begin(struct pw_books *b);
/** A piece of a save: at most some 250 bytes. @return false if none is under way */
bool pw_books_image_step(struct pw_books *b);

/* blocks.c: what has a form of its own beside the image. */
/** Of two copies the newer one that is whole. @param err  PW_OK: it is @param gen  counts saves (may wrap) @return which, or -1: none */
int pw_books_newer(const int err[2], const uint32_t gen[2]);
void pw_books_blocks_load(struct pw_books *b);
/** After the image. @return true while there is more */
bool pw_books_blocks_step(struct pw_books *b);
int pw_books_program_load(struct pw_books *b);
int pw_books_program_save(struct pw_books *b);

/* tariff.c */
void pw_books_tariff_load(struct pw_books *b);
/** Rate, season and end of the period at this moment; what has to be done is added to b->want. */
void pw_books_tariff_window(struct pw_books *b, const struct pw_books_moment *m);
/** Rate that should count now. */
unsigned pw_books_tariff_rate(const struct pw_books *b);
/** The end of the period that runs, by the program. */
void pw_books_tariff_period(struct pw_books *b, const struct pw_books_moment *m);

/* requests.c */
void pw_books_requests_window(struct pw_books *b, const struct pw_books_moment *m);

/* books.c */
struct pw_books_moment pw_books_moment(const struct pw_books *b);
/** The same as the demand wants it. */
struct pw_demand_now pw_books_demand_now(const struct pw_books *b, const struct pw_books_moment *m);
/** Is there room for a program's registers, demands and intervals? @return PW_OK, PW_ERR_SIZE, PW_ERR_RANGE */
PW_MUST_CHECK int pw_books_fits(const struct pw_books *b, const struct pw_program *p);
/** Billing, demand and their layout anew from the program. @return as pw_books_fits */
PW_MUST_CHECK int pw_books_lay_out(struct pw_books *b);
void pw_books_damaged(struct pw_books *b, enum pw_books_store what);

#endif
