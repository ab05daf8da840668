/* SPDX-License-Identifier: Apache-2.0 */
/* HD44780, 4 x 20. Printing changes memory only; each service sends at most one byte, and only for cells that differ. */
#ifndef PW_LCD_H
#define PW_LCD_H

#include <stdbool.h>

#include "hal.h"

#define PW_LCD_ROWS 4u
#define PW_LCD_COLS 20u

struct pw_lcd {
    const struct pw_hal *hal;
    char     want[PW_LCD_ROWS][PW_LCD_COLS];
    char     shown[PW_LCD_ROWS][PW_LCD_COLS];
    uint64_t ready_us;  /* not before this time */
    uint8_t  step;      /* of the start-up sequence */
    uint8_t  scan;      /* cell to look at next */
    uint8_t  cursor;    /* cell where the display would write, 0xFF unknown */
    bool     dirty;     /* `want` may differ from `shown` */
};

void pw_lcd_init(struct pw_lcd *lcd, const struct pw_hal *hal);

/** Sets one row; shorter text is filled with blanks, longer text cut. Only characters 20h .. 7Dh look the same on all displays. */
void pw_lcd_print(struct pw_lcd *lcd, unsigned row, const char *text);

/** @return true if a byte was sent */
bool pw_lcd_service(struct pw_lcd *lcd);

#endif
