/* SPDX-License-Identifier: Apache-2.0 */
/* HD44780 with 4 x 20 characters, write only, 4-bit bus. Checks the timing a real one asks for (facts/parts.md section 1):
 * start-up waits, execution times, and, at pin level, E width, cycle, set-up and hold. An instruction sent too early is lost and counted. */
#ifndef PW_LCDPART_H
#define PW_LCDPART_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PW_LCDPART_ROWS 4
#define PW_LCDPART_COLS 20
#define PW_LCDPART_TEXT_B (PW_LCDPART_COLS * 4 + 1)     /* UTF-8 text of one row, with its end */

struct pw_lcdpart {
    uint8_t ddram[128], cgram[64];
    uint8_t ac;                  /* address counter */
    bool in_cgram, increment, shift_on_write, display_on, four_bit, two_lines;
    uint8_t shift;               /* display shift, 0..39 */
    unsigned start_step;         /* function sets seen since power-on */
    bool have_high, drop_low;
    uint8_t high;
    uint64_t ready_ns;           /* busy until then */
    bool e, rs;                  /* pin level: lines as last seen, and when they moved */
    uint8_t d;
    uint64_t rise_ns, fall_ns, rs_moved_ns, d_moved_ns;
    unsigned n_busy_errors;      /* sent while busy, lost */
    unsigned n_timing_errors;    /* E, set-up or hold too short (pin level) */
    unsigned n_writes;           /* bytes and start-up nibbles taken */
    unsigned generation;         /* counts instructions and characters taken: changes when what is seen may have */
};

/** Power-on at time t_ns: busy for 15 ms. */
void pw_lcdpart_init(struct pw_lcdpart *l, uint64_t t_ns);
/** One E pulse ending at t_ns with the four data lines d (0..15). */
void pw_lcdpart_nibble(struct pw_lcdpart *l, uint64_t t_ns, bool rs, uint8_t d);
/** Pin level: call after each change of rs, e or d. */
void pw_lcdpart_pins(struct pw_lcdpart *l, uint64_t t_ns, bool rs, bool e, uint8_t d);
/** What is seen in row 0..3, UTF-8, exactly 20 characters. */
void pw_lcdpart_text(const struct pw_lcdpart *l, unsigned row, char out[PW_LCDPART_TEXT_B]);
#endif
