/* SPDX-License-Identifier: Apache-2.0 */
/* Text without printf: appends to a buffer of fixed size, always terminated; what does not fit is cut. */
#ifndef PW_TEXT_H
#define PW_TEXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __riscv /* where int32_t is long, 64 bits are long long */
#define PW_TEXT_CHECKED __attribute__((format(printf, 2, 3)))
#else
#define PW_TEXT_CHECKED
#endif

struct pw_text {
    char  *buf;
    size_t size, len;
};

void pw_text_init(struct pw_text *t, char *buf, size_t size);
void pw_text_str(struct pw_text *t, const char *s);
void pw_text_char(struct pw_text *t, char c);

/** Text with values in it. As of printf: %s %c %u %d %X %%, a width, '-' (%s: left-aligned) and '0'. Each value has exactly the width of its letters:
 *  none for int and smaller, l for uint32_t and int32_t, ll for 64 bits; the compiler of the target checks that.
 *  %.SPd is a fixed-point number, v / 10^S with P decimals (P <= S), rounded half away from zero: ("%8.31ld", -12345) gives "   -12.3".
 *  With llu it is cut instead of rounded: a register must never show more than it holds. */
void pw_text_fmt(struct pw_text *t, const char *format, ...) PW_TEXT_CHECKED;

/** The n-th word, from 0, of a list "first\0second\0" (each word with its own \0, a word that begins with a digit in
 *  a literal of its own): without the pointers that an array of them takes. "?" beyond its end. */
const char *pw_text_nth(const char *list, unsigned n);

/** Blanks up to column `col` (at least none). */
void pw_text_tab(struct pw_text *t, size_t col);

/** Unsigned decimal, right-aligned in at least `width` characters. */
void pw_text_u64(struct pw_text *t, uint64_t v, unsigned width);

/** Hexadecimal with `digits` digits. */
void pw_text_hex(struct pw_text *t, uint32_t v, unsigned digits);

/** v / 10^scale with `places` decimals (places <= scale), rounded half away from zero, right-aligned in `width`:
 *  pw_text_fixed(t, -12345, 3, 1, 8) gives "   -12.3". */
void pw_text_fixed(struct pw_text *t, int64_t v, unsigned scale, unsigned places, unsigned width);

/** The same for unsigned 64 bits, cut instead of rounded: a register must never show more than it holds. */
void pw_text_energy(struct pw_text *t, uint64_t v, unsigned scale, unsigned places, unsigned width);

#endif
