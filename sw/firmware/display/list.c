/* SPDX-License-Identifier: Apache-2.0 */
#include "list.h"

#define TENTH_US 100000u

struct range {
    uint8_t first, n;
};

static struct range range_of(const struct pw_program *p, bool test)
{
    uint8_t normal = (uint8_t)(p->n_items - p->n_test);
    if (test && p->n_test > 0)
        return (struct range){normal, p->n_test};
    return (struct range){0, normal};
}

/* The next item that is shown, from `at` on; `at` itself comes last. */
static uint8_t next(const struct pw_list_of *of, unsigned at, bool back)
{
    struct range r = range_of(of->program, of->test);
    unsigned i = at < r.first || at >= (unsigned)r.first + r.n ? (back ? 0 : r.n - 1u) : at - r.first;
    for (unsigned n = 0; n < r.n; n++) {
        i = back ? (i + r.n - 1u) % r.n : (i + 1u) % r.n;
        if ((of->hidden >> (r.first + i) & 1u) == 0)
            return (uint8_t)(r.first + i);
    }
    return PW_LIST_NONE;
}

static bool shown(const struct pw_list_of *of, unsigned item)
{
    struct range r = range_of(of->program, of->test);
    return item >= r.first && item < (unsigned)r.first + r.n && (of->hidden >> item & 1u) == 0;
}

void pw_list_begin(struct pw_list *l, const struct pw_list_of *of, uint64_t now_us)
{
    *l = (struct pw_list){.since_us = now_us, .item = next(of, PW_LIST_NONE, false), .test = of->test};
}

bool pw_list_step(struct pw_list *l, const struct pw_list_of *of, uint64_t now_us)
{
    uint8_t was = l->item;
    if (l->test != of->test) {
        pw_list_begin(l, of, now_us);
        return true;
    }
    if (!shown(of, l->item)) {
        l->item = next(of, l->item, false);
        l->since_us = now_us;
        return l->item != was;
    }
    const struct pw_program_item *it = &of->program->item[l->item];
    uint32_t own_us = TENTH_US * (it->tenths != 0 ? it->tenths : of->program->items_tenths);
    uint64_t time_us = l->by_hand ? PW_LIST_HAND_US : own_us, since = now_us - l->since_us;
    if (since < time_us)
        return false;
    /* from when it should have been, but for a display that was not asked for longer than that */
    l->since_us = !l->by_hand && since < 2u * time_us ? l->since_us + time_us : now_us;
    l->by_hand = false;
    l->item = next(of, l->item, false);
    return l->item != was;
}

void pw_list_turn(struct pw_list *l, const struct pw_list_of *of, bool back, uint64_t now_us)
{
    l->item = next(of, l->item, back);
    pw_list_hold(l, true, now_us);
}

void pw_list_hold(struct pw_list *l, bool hold, uint64_t now_us)
{
    l->by_hand = hold;
    l->since_us = now_us;
}
