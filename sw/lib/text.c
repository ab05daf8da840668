/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdbool.h>

void pw_text_init(struct pw_text *t, char *buf, size_t size)
{
    *t = (struct pw_text){buf, size, 0};
    buf[0] = 0;
}

void pw_text_char(struct pw_text *t, char c)
{
    if (t->len + 1 >= t->size)
        return;
    t->buf[t->len++] = c;
    t->buf[t->len] = 0;
}

void pw_text_str(struct pw_text *t, const char *s)
{
    while (*s != 0)
        pw_text_char(t, *s++);
}

void pw_text_tab(struct pw_text *t, size_t col)
{
    while (t->len < col && t->len + 1 < t->size)
        pw_text_char(t, ' ');
}

/* v / 10 by shifts: the smallest core has neither divider nor multiplier. The estimate is at most 1 too small (Warren,
 * Hacker's Delight, 10-3). */
static uint64_t div10(uint64_t v, unsigned *digit)
{
    uint64_t q = (v >> 1) + (v >> 2);
    q += q >> 4;
    q += q >> 8;
    q += q >> 16;
    q += q >> 32;
    q >>= 3;
    unsigned r = (unsigned)(v - ((q << 3) + (q << 1)));
    while (r > 9) {
        r -= 10;
        q++;
    }
    *digit = r;
    return q;
}

/* Digits of v, with a point before the last `places`, a sign, and blanks up to `width`. */
static void number(struct pw_text *t, uint64_t v, bool negative, unsigned places, unsigned width)
{
    char digits[24]; /* backwards: 20 digits, point, sign */
    unsigned n = 0, digit;
    for (unsigned i = 0; v != 0 || i <= places; i++) {
        if (i == places && places != 0)
            digits[n++] = '.';
        v = div10(v, &digit);
        digits[n++] = (char)('0' + digit);
    }
    if (negative)
        digits[n++] = '-';
    for (unsigned i = n; i < width; i++)
        pw_text_char(t, ' ');
    while (n > 0)
        pw_text_char(t, digits[--n]);
}

void pw_text_u64(struct pw_text *t, uint64_t v, unsigned width)
{
    number(t, v, false, 0, width);
}

void pw_text_hex(struct pw_text *t, uint32_t v, unsigned digits)
{
    while (digits-- > 0)
        pw_text_char(t, "0123456789ABCDEF"[v >> (4 * digits) & 15]);
}

void pw_text_fixed(struct pw_text *t, int64_t v, unsigned scale, unsigned places, unsigned width)
{
    uint64_t mag = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    unsigned dropped = 0; /* the first digit cut decides about rounding */
    for (unsigned i = places; i < scale; i++)
        mag = div10(mag, &dropped);
    mag += dropped >= 5;
    number(t, mag, v < 0 && mag != 0, places, width);
}

void pw_text_energy(struct pw_text *t, uint64_t v, unsigned scale, unsigned places, unsigned width)
{
    unsigned dropped;
    for (unsigned i = places; i < scale; i++)
        v = div10(v, &dropped);
    number(t, v, false, places, width);
}
