/* SPDX-License-Identifier: Apache-2.0 */
/* Pins of one SPI bus (mode 0) to the part models of that bus. MISO changes on the falling edge of SCK, inputs count on the rising edge. */
#ifndef PW_SPI_PINS_H
#define PW_SPI_PINS_H
#include "spi_part.h"

#define PW_SPI_PINS_PARTS 4

struct pw_spi_pins {
    struct pw_spi_part part[PW_SPI_PINS_PARTS];
    bool present[PW_SPI_PINS_PARTS];
    uint8_t cs_n;                      /* as last seen */
    bool sck;
    int active;                        /* selected part, -1 = none */
    unsigned n_bits;
    uint8_t shift_in, shift_out;
    bool miso;
    unsigned n_errors;                 /* two parts selected, or chip select moved in the middle of a byte */
};

void pw_spi_pins_init(struct pw_spi_pins *s);
void pw_spi_pins_attach(struct pw_spi_pins *s, unsigned cs, struct pw_spi_part part);
/** Call after each change of a line. @return level of MISO from now on (1 when nothing is selected: pull-up) */
bool pw_spi_pins_update(struct pw_spi_pins *s, uint8_t cs_n, bool sck, bool mosi);
#endif
