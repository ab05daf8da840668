/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

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

const char *pw_text_nth(const char *list, unsigned n)
{
    for (; *list != 0; list += strlen(list) + 1)
        if (n-- == 0)
            return list;
    return "?";
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

enum { NEGATIVE = 1, CUT = 2, ZEROS = 4 };

/* v / 10^scale, rounded or cut, right-aligned. */
static void number(struct pw_text *t, uint64_t v, unsigned flags, unsigned scale, unsigned places, unsigned width)
{
    char digits[24]; /* backwards: 20 digits, point, sign */
    unsigned n = 0, digit = 0; /* the first digit cut decides about rounding */
    for (unsigned i = places; i < scale; i++)
        v = div10(v, &digit);
    if (digit >= 5 && (flags & CUT) == 0)
        v++;
    if (v == 0)
        flags &= ~(unsigned)NEGATIVE;
    for (unsigned i = 0; v != 0 || i <= places; i++) {
        if (i == places && i != 0)
            digits[n++] = '.';
        v = div10(v, &digit);
        digits[n++] = (char)('0' + digit);
    }
    if ((flags & NEGATIVE) != 0)
        digits[n++] = '-';
    for (unsigned i = n; i < width; i++)
        pw_text_char(t, (flags & ZEROS) != 0 ? '0' : ' ');
    while (n > 0)
        pw_text_char(t, digits[--n]);
}

void pw_text_u64(struct pw_text *t, uint64_t v, unsigned width)
{
    number(t, v, 0, 0, 0, width);
}

void pw_text_hex(struct pw_text *t, uint32_t v, unsigned digits)
{
    while (digits-- > 0)
        pw_text_char(t, "0123456789ABCDEF"[v >> (4 * digits) & 15]);
}

void pw_text_fixed(struct pw_text *t, int64_t v, unsigned scale, unsigned places, unsigned width)
{
    number(t, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0 ? NEGATIVE : 0, scale, places, width);
}

void pw_text_energy(struct pw_text *t, uint64_t v, unsigned scale, unsigned places, unsigned width)
{
    number(t, v, CUT, scale, places, width);
}

static void aligned(struct pw_text *t, const char *s, size_t width, bool left)
{
    size_t from = t->len, n = strlen(s);
    if (!left && n < width)
        pw_text_tab(t, from + width - n);
    pw_text_str(t, s);
    pw_text_tab(t, from + width);
}

/* One value; f is behind its %. @return its last letter */
static const char *value(struct pw_text *t, const char *f, va_list *args)
{
    unsigned scale = 0, places = 0, width = 0, flags = *f == '0' ? ZEROS : 0;
    bool left = *f == '-';
    for (f += left; *f >= '0' && *f <= '9'; f++)
        width = 10u * width + (unsigned)(*f - '0');
    if (*f == '.') {
        scale = (unsigned)(f[1] - '0');
        places = (unsigned)(f[2] - '0');
        f += 3;
    }
    bool wide = f[0] == 'l' && f[1] == 'l';
    while (*f == 'l')
        f++;
    switch (*f) {
    case 's': aligned(t, va_arg(*args, const char *), width, left); break;
    case 'c': pw_text_char(t, (char)va_arg(*args, int)); break;
    case 'X': pw_text_hex(t, va_arg(*args, uint32_t), width); break;
    case 'd': pw_text_fixed(t, wide ? va_arg(*args, int64_t) : va_arg(*args, int32_t), scale, places, width); break;
    case 'u': number(t, wide ? va_arg(*args, uint64_t) : va_arg(*args, uint32_t), flags | (wide ? CUT : 0u), scale, places, width); break;
    default:  pw_text_char(t, *f); break; /* %% */
    }
    return f;
}

void pw_text_fmt(struct pw_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    for (const char *f = format; *f != 0; f++)
        if (*f != '%')
            pw_text_char(t, *f);
        else
            f = value(t, f + 1, &args);
    va_end(args);
}
