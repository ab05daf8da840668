/* SPDX-License-Identifier: Apache-2.0 */
#include "lcd.h"

#include <string.h>

#include "pw_masks.h"
#include "pw_regs.h"

/* Start-up in 4-bit mode, HD44780 data sheet: wait before the byte, then the byte. */
static const struct {
    uint16_t wait_us;
    uint16_t data; /* with PW_LCD__DATA__NIBBLE_bm: high nibble only */
} start[] = {
    {45000, 0x30 | PW_LCD__DATA__NIBBLE_bm}, /* 40 ms after 2.7 V */
    {4500, 0x30 | PW_LCD__DATA__NIBBLE_bm},
    {150, 0x30 | PW_LCD__DATA__NIBBLE_bm},
    {150, 0x20 | PW_LCD__DATA__NIBBLE_bm},   /* 4 bits from here */
    {0, 0x28},                               /* two lines (of a 4 x 20: four), 5 x 8 */
    {0, 0x08},                               /* off */
    {0, 0x01},                               /* clear: takes 1.52 ms */
    {2000, 0x06},                            /* cursor moves right */
    {0, 0x0C},                               /* on */
};
#define N_START (sizeof start / sizeof start[0])
#define N_CELLS (PW_LCD_ROWS * PW_LCD_COLS)
#define NOWHERE 0xFFu

static const uint8_t row_addr[PW_LCD_ROWS] = {0x00, 0x40, 0x14, 0x54};

void pw_lcd_init(struct pw_lcd *lcd, const struct pw_hal *hal)
{
    memset(lcd, 0, sizeof *lcd);
    lcd->hal = hal;
    memset(lcd->want, ' ', sizeof lcd->want);
    memset(lcd->shown, ' ', sizeof lcd->shown);
    lcd->cursor = NOWHERE;
    lcd->ready_us = pw_uptime_us(hal) + start[0].wait_us;
}

static void send(struct pw_lcd *lcd, uint32_t data)
{
    pw_write32(lcd->hal, PW_LCD_DATA_BASE_ADDR, data);
}

static bool start_up(struct pw_lcd *lcd)
{
    uint64_t now = pw_uptime_us(lcd->hal);
    if (now < lcd->ready_us)
        return false;
    send(lcd, start[lcd->step].data);
    lcd->step++;
    lcd->ready_us = now + (lcd->step < N_START ? start[lcd->step].wait_us : 0u);
    return true;
}

bool pw_lcd_service(struct pw_lcd *lcd)
{
    if (pw_read32(lcd->hal, PW_LCD_STATUS_BASE_ADDR) & PW_LCD__STATUS__BUSY_bm)
        return false;
    if (lcd->step < N_START)
        return start_up(lcd);

    for (unsigned n = 0; lcd->dirty && n < N_CELLS; n++) {
        unsigned cell = lcd->scan, row = cell / PW_LCD_COLS, col = cell % PW_LCD_COLS;
        char c = lcd->want[row][col];
        if (c != lcd->shown[row][col]) {
            if (lcd->cursor != cell) {
                send(lcd, 0x80u | (row_addr[row] + col));
                lcd->cursor = (uint8_t)cell;
            } else {
                send(lcd, PW_LCD__DATA__RS_bm | (uint8_t)c);
                lcd->shown[row][col] = c;
                lcd->cursor = col + 1 < PW_LCD_COLS ? (uint8_t)(cell + 1) : NOWHERE; /* rows are not in the order of addresses */
            }
            return true;
        }
        lcd->scan = (uint8_t)((cell + 1) % N_CELLS);
    }
    lcd->dirty = false;
    return false;
}

void pw_lcd_print(struct pw_lcd *lcd, unsigned row, const char *text)
{
    if (row >= PW_LCD_ROWS)
        return;
    for (unsigned col = 0; col < PW_LCD_COLS; col++) {
        char c = *text != 0 ? *text++ : ' ';
        lcd->dirty |= c != lcd->want[row][col];
        lcd->want[row][col] = c;
    }
}
