/* SPDX-License-Identifier: Apache-2.0 */
#include "spi_pins.h"
#include <string.h>

void pw_spi_pins_init(struct pw_spi_pins *s)
{
    memset(s, 0, sizeof *s);
    s->cs_n = 0xF;
    s->active = -1;
    s->miso = true;
}

void pw_spi_pins_attach(struct pw_spi_pins *s, unsigned cs, struct pw_spi_part part)
{
    s->part[cs] = part;
    s->present[cs] = true;
}

static void load_byte(struct pw_spi_pins *s)
{
    const struct pw_spi_part *p = &s->part[s->active];
    s->shift_out = p->out(p->ctx);
    s->n_bits = 0;
}

static void select_change(struct pw_spi_pins *s, uint8_t cs_n)
{
    if (s->active >= 0) {
        if (s->n_bits != 0) s->n_errors++;
        s->part[s->active].select(s->part[s->active].ctx, false);
    }
    s->active = -1;
    for (int i = 0; i < PW_SPI_PINS_PARTS; i++) {
        if (cs_n >> i & 1) continue;
        if (s->active >= 0) s->n_errors++;
        if (s->present[i]) s->active = i;
    }
    s->cs_n = cs_n;
    s->miso = true;
    if (s->active >= 0) {
        s->part[s->active].select(s->part[s->active].ctx, true);
        load_byte(s);
        s->miso = s->shift_out >> 7;
    }
}

bool pw_spi_pins_update(struct pw_spi_pins *s, uint8_t cs_n, bool sck, bool mosi)
{
    if (cs_n != s->cs_n) select_change(s, cs_n);
    if (s->active >= 0 && sck && !s->sck) {
        s->shift_in = (uint8_t)(s->shift_in << 1 | mosi);
        if (++s->n_bits == 8) {
            s->part[s->active].in(s->part[s->active].ctx, s->shift_in);
            load_byte(s);
        }
    } else if (s->active >= 0 && !sck && s->sck) {
        s->miso = s->shift_out >> (7 - s->n_bits) & 1;
    }
    s->sck = sck;
    return s->miso;
}
