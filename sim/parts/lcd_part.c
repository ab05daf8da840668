/* SPDX-License-Identifier: Apache-2.0 */
#include "lcd_part.h"
#include <string.h>

enum { US = 1000 };                              /* ns */
enum { POWER_ON_US = 15000, WAKE1_US = 4100, WAKE2_US = 100, EXEC_US = 37, DATA_US = 41, CLEAR_US = 1520 };
enum { E_HIGH_NS = 230, E_CYCLE_NS = 500, RS_SETUP_NS = 40, DATA_SETUP_NS = 80, HOLD_NS = 10 };

void pw_lcdpart_init(struct pw_lcdpart *l, uint64_t t_ns)
{
    memset(l, 0, sizeof *l);
    memset(l->ddram, ' ', sizeof l->ddram);
    l->increment = true;
    l->ready_ns = t_ns + (uint64_t)POWER_ON_US * US;
}

static void step_ac(struct pw_lcdpart *l)
{
    if (l->in_cgram) {
        l->ac = (uint8_t)((l->ac + (l->increment ? 1 : 63)) & 0x3F);
    } else if (l->increment) {
        l->ac++;
        if (l->ac == 0x28) l->ac = 0x40;         /* line 1 has 40 places, then comes line 2 */
        else if (l->ac >= 0x68) l->ac = 0x00;
    } else {
        if (l->ac == 0x00) l->ac = 0x67;
        else if (l->ac == 0x40) l->ac = 0x27;
        else l->ac--;
    }
}

static void put(struct pw_lcdpart *l, uint8_t b)
{
    if (l->in_cgram) {
        l->cgram[l->ac & 0x3F] = b & 0x1F;
    } else {
        l->ddram[l->ac & 0x7F] = b;
        if (l->shift_on_write)
            l->shift = (uint8_t)((l->shift + (l->increment ? 39 : 1)) % 40);
    }
    step_ac(l);
}

/* Returns the execution time, us. */
static unsigned instruction(struct pw_lcdpart *l, uint8_t b)
{
    if (b & 0x80) {
        l->ac = b & 0x7F;
        l->in_cgram = false;
    } else if (b & 0x40) {
        l->ac = b & 0x3F;
        l->in_cgram = true;
    } else if (b & 0x20) {
        l->four_bit = !(b & 0x10);
        l->two_lines = b & 0x08;
        l->start_step++;
        if (l->start_step == 1) return WAKE1_US;
        if (l->start_step == 2) return WAKE2_US;
    } else if (b & 0x10) {
        if (b & 0x08) l->shift = (uint8_t)((l->shift + (b & 0x04 ? 1 : 39)) % 40);
    } else if (b & 0x08) {
        l->display_on = b & 0x04;
    } else if (b & 0x04) {
        l->increment = b & 0x02;
        l->shift_on_write = b & 0x01;
    } else if (b != 0) {                         /* clear 01, home 02 */
        if (b == 1) {
            memset(l->ddram, ' ', sizeof l->ddram);
            l->increment = true;
        }
        l->ac = 0;
        l->in_cgram = false;
        l->shift = 0;
        return CLEAR_US;
    }
    return EXEC_US;
}

static void execute(struct pw_lcdpart *l, uint64_t t_ns, bool rs, uint8_t b)
{
    unsigned us = DATA_US;
    if (rs)
        put(l, b);
    else
        us = instruction(l, b);
    l->ready_ns = t_ns + (uint64_t)us * US;
    l->n_writes++;
    l->generation++;
}

void pw_lcdpart_nibble(struct pw_lcdpart *l, uint64_t t_ns, bool rs, uint8_t d)
{
    d &= 15;
    if (l->four_bit && l->have_high) {           /* second half: the part was found ready at the first */
        l->have_high = false;
        if (!l->drop_low)
            execute(l, t_ns, rs, (uint8_t)(l->high << 4 | d));
        return;
    }
    bool early = t_ns < l->ready_ns;
    if (early)
        l->n_busy_errors++;
    if (l->four_bit) {
        l->high = d;
        l->have_high = true;
        l->drop_low = early;
    } else if (!early) {
        execute(l, t_ns, rs, (uint8_t)(d << 4)); /* DB3..0 are not connected */
    }
}

static void e_fall(struct pw_lcdpart *l, uint64_t t_ns)
{
    if (t_ns < l->rise_ns + E_HIGH_NS || t_ns < l->d_moved_ns + DATA_SETUP_NS)
        l->n_timing_errors++;
    l->fall_ns = t_ns;
    pw_lcdpart_nibble(l, t_ns, l->rs, l->d);
}

static void e_rise(struct pw_lcdpart *l, uint64_t t_ns)
{
    if ((l->rise_ns != 0 && t_ns < l->rise_ns + E_CYCLE_NS) || t_ns < l->rs_moved_ns + RS_SETUP_NS)
        l->n_timing_errors++;
    l->rise_ns = t_ns;
}

/* A fall of E takes what the lines carried before, so it comes first; a rise sees them as they are now. */
void pw_lcdpart_pins(struct pw_lcdpart *l, uint64_t t_ns, bool rs, bool e, uint8_t d)
{
    d &= 15;
    if (l->e && !e)
        e_fall(l, t_ns);
    if (rs != l->rs || d != l->d) {
        if ((l->e && e && rs != l->rs) || (l->fall_ns != 0 && t_ns < l->fall_ns + HOLD_NS))
            l->n_timing_errors++;
        if (rs != l->rs)
            l->rs_moved_ns = t_ns;
        if (d != l->d)
            l->d_moved_ns = t_ns;
        l->rs = rs;
        l->d = d;
    }
    if (e && !l->e)
        e_rise(l, t_ns);
    l->e = e;
}

/* User characters: bars and columns look like block elements, anything else like a shade. */
static const char *user_char(const uint8_t *rows)
{
    static const char *const lower[9] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char *const left[6] = { " ", "▎", "▍", "▌", "▊", "█" };
    unsigned full = 0;
    while (full < 8 && rows[7 - full] == 0x1F)
        full++;
    unsigned empty = 0;
    while (empty < 8 - full && rows[empty] == 0)
        empty++;
    if (full + empty == 8)
        return lower[full];
    for (unsigned n = 1; n < 5; n++) {
        unsigned same = 0;
        for (unsigned r = 0; r < 8; r++)
            same += rows[r] == (uint8_t)(0x1F & ~(0x1F >> n));
        if (same >= 7)
            return left[n];
    }
    return "▒";
}

static const char *glyph(const struct pw_lcdpart *l, uint8_t c, char ascii[2])
{
    if (c < 16)
        return user_char(l->cgram + 8 * (c & 7));
    switch (c) {                                 /* character ROM A00 where it is not ASCII */
    case 0x5C: return "¥";
    case 0x7E: return "→";
    case 0x7F: return "←";
    case 0xDF: return "°";
    case 0xE0: return "α";
    case 0xE2: return "β";
    case 0xE4: return "µ";
    case 0xF2: return "θ";
    case 0xF4: return "Ω";
    case 0xF6: return "Σ";
    case 0xFF: return "█";
    default: break;
    }
    ascii[0] = c >= 0x20 && c < 0x7F ? (char)c : '?';
    ascii[1] = 0;
    return ascii;
}

void pw_lcdpart_text(const struct pw_lcdpart *l, unsigned row, char out[PW_LCDPART_TEXT_B])
{
    unsigned base = row & 1 ? 0x40 : 0x00, first = row & 2 ? PW_LCDPART_COLS : 0;
    size_t n = 0;
    for (unsigned col = 0; col < PW_LCDPART_COLS; col++) {
        char ascii[2];
        uint8_t c = l->ddram[base + (first + col + 40 - l->shift) % 40];
        const char *g = l->display_on ? glyph(l, c, ascii) : " ";
        size_t len = strlen(g);
        memcpy(out + n, g, len);
        n += len;
    }
    out[n] = 0;
}
