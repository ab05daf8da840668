/* SPDX-License-Identifier: Apache-2.0 */
/* An item of a display list as text, from the books: a value, and what it is. docs/display.md */
#ifndef PW_ITEMS_H
#define PW_ITEMS_H

#include "books.h"
#include "diag.h"
#include "service.h"
#include "text.h"

#define PW_ITEM_DASHES "--------"

struct pw_item_from {
    struct pw_books *books;
    const struct pw_diag *diag;
    const struct pw_service_watch *service; /* NULL: not in this meter */
};

/** Has it nothing to show now? */
bool pw_item_hidden(const struct pw_item_from *from, const struct pw_program_item *item, unsigned point);

/** Its value with unit, at most 19 characters; PW_ITEM_DASHES where there is none (the clock has not answered yet, memory that does not answer).
 *  @param point  0 .. n_points - 1
 *  @return false: the registers cannot be read at this moment; nothing was written, ask again */
PW_MUST_CHECK bool pw_item_value(const struct pw_item_from *from, const struct pw_program_item *item, unsigned point, struct pw_text *t);

/** What it is: "Delivered, rate 2". */
void pw_item_label(const struct pw_item_from *from, const struct pw_program_item *item, struct pw_text *t);

#endif
