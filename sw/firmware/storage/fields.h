/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of a struct and their places in stored bytes (little endian): one table for both ways, so that they cannot differ. */
#ifndef PW_FIELDS_H
#define PW_FIELDS_H

#include <stddef.h>
#include <stdint.h>

struct pw_field {
    uint16_t member;     /* offset in the struct */
    uint8_t  at, size_b; /* in the bytes; 1, 2, 4, 8 */
};
#define PW_FIELD(type, name, at) {offsetof(type, name), at, sizeof(((type *)0)->name)}
#define PW_N_FIELDS(table)       (sizeof(table) / sizeof((table)[0]))

void pw_fields_put(const struct pw_field *f, unsigned n, const void *from, uint8_t *to);
void pw_fields_get(const struct pw_field *f, unsigned n, void *to, const uint8_t *from);

#endif
