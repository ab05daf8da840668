/* SPDX-License-Identifier: Apache-2.0 */
/* The display list: which item of the program is shown at what time. Runs by itself; a person can step through it by hand. Pure logic. */
#ifndef PW_LIST_H
#define PW_LIST_H

#include <stdbool.h>

#include "program.h"

#define PW_LIST_NONE    0xFFu
#define PW_LIST_HAND_US UINT64_C(60000000) /* without a press for so long, it runs by itself again */

struct pw_list {
    uint64_t since_us;  /* the item is shown; by hand: the last press */
    uint8_t  item;      /* index in the program's items; PW_LIST_NONE: nothing to show */
    bool     by_hand;
    bool     test;      /* the TEST list */
};

/* What there is to show now. */
struct pw_list_of {
    const struct pw_program *program; /* passed its check */
    uint32_t hidden;                  /* bit i: item i has nothing to show now, and is left out */
    bool     test;                    /* test mode is on: the TEST list, if the program has one */
};

/** At the first item. */
void pw_list_begin(struct pw_list *l, const struct pw_list_of *of, uint64_t now_us);

/** Moves on when it is time: call it every 10 ms. Items follow each other without drift. Another list, or an item that is not to be shown any more, at once.
 *  @return true if the item is another than before */
bool pw_list_step(struct pw_list *l, const struct pw_list_of *of, uint64_t now_us);

/** By hand, one further or one back; at the ends round. */
void pw_list_turn(struct pw_list *l, const struct pw_list_of *of, bool back, uint64_t now_us);

/** Stays at the item as if it had been turned to by hand, or runs on by itself from there. */
void pw_list_hold(struct pw_list *l, bool hold, uint64_t now_us);

#endif
