/* SPDX-License-Identifier: Apache-2.0 */
/* What every firmware test needs. */
#ifndef PW_T_H
#define PW_T_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these first */
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* xorshift64*: the same numbers everywhere. */
static inline uint64_t rnd(uint64_t *s)
{
    *s ^= *s >> 12;
    *s ^= *s << 25;
    *s ^= *s >> 27;
    return *s * UINT64_C(2685821657736338717);
}

#endif
