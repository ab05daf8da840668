/* SPDX-License-Identifier: Apache-2.0 */
#include "curve_model.h"
#include <string.h>

enum { ENABLE = 1 << 0, APPLIED = 1 << 8, ZONE_POS = 16, MAX_DELAY = 239 };

void pw_ctcurve_init(struct pw_ctcurve *c) { memset(c, 0, sizeof *c); }

static uint32_t *word_at(struct pw_ctcurve *c, unsigned n_ct, uint32_t offset)
{
    unsigned ct = offset / (4 * PW_CTCURVE_WORDS);
    return ct < n_ct && ct < PW_CTCURVE_MAX_CT ? &c->table[ct][offset / 4 % PW_CTCURVE_WORDS] : NULL;
}

int pw_ctcurve_read(const struct pw_ctcurve *c, unsigned n_ct, uint32_t offset, uint32_t *value)
{
    const uint32_t *w = word_at((struct pw_ctcurve *)c, n_ct, offset);
    if (w == NULL) return -1;
    *value = *w;
    return 0;
}

int pw_ctcurve_write(struct pw_ctcurve *c, unsigned n_ct, uint32_t offset, uint32_t value, bool open)
{
    uint32_t *w = word_at(c, n_ct, offset);
    unsigned word = offset / 4 % PW_CTCURVE_WORDS;
    if (w == NULL) return -1;
    if (open) *w = word < PW_CTCURVE_CTRL ? value : value & (word == PW_CTCURVE_CTRL ? (uint32_t)ENABLE : 0x00FFFFFFu);
    return 0;
}

static unsigned zone_of(const uint32_t *t, uint32_t square)
{
    unsigned was = t[PW_CTCURVE_CTRL] & APPLIED ? t[PW_CTCURVE_CTRL] >> ZONE_POS & 7 : 0, zone = 0;
    for (unsigned i = 0; i < PW_CTCURVE_N_TH; i++)
        zone += square >= t[i] - (i < was ? t[i] >> 5 : 0); /* hysteresis downwards */
    return zone;
}

static bool treat(uint32_t *t, struct pw_int *in, unsigned ct, struct pw_ctcurve_delay *delay)
{
    uint32_t *w = in->bank[PW_INT_N_V + ct];
    if (!(t[PW_CTCURVE_CTRL] & ENABLE)) return false;
    unsigned zone = zone_of(t, w[in->bank_done ? PW_CTCURVE_SQUARE1 : PW_CTCURVE_SQUARE0]);
    uint32_t gain = t[PW_CTCURVE_ZONE + zone] & 0xFFFF, mark = ENABLE | APPLIED | (uint32_t)zone << ZONE_POS;
    if (t[PW_CTCURVE_CTRL] == mark && (w[PW_INT_CFG] & 0xFFFF) == gain) return false;
    t[PW_CTCURVE_CTRL] = mark;
    w[PW_INT_CFG] = (w[PW_INT_CFG] & 0xFFFF0000) | gain;
    *delay = (struct pw_ctcurve_delay){(uint8_t)(PW_INT_N_V + ct), (uint8_t)(t[PW_CTCURVE_ZONE + zone] >> 16)};
    return delay->clocks <= MAX_DELAY;
}

bool pw_ctcurve_frame(struct pw_ctcurve *c, struct pw_int *in, bool closed, struct pw_ctcurve_delay *delay)
{
    if (closed) {
        c->round = true;
        c->next = 0;
        return false;
    }
    if (!c->round) return false;
    unsigned ct = c->next++;
    c->round = c->next < in->n_ct;
    return treat(c->table[ct], in, ct, delay);
}
