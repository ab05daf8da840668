/* SPDX-License-Identifier: Apache-2.0 */
/* Clock chip, panel, display, console and SPI in place of drivers/mcp7940.c, panel.c, lcd.c, uart.c, spi.c. Nothing takes time here. There is no network. */
#include <string.h>

#include "lcd.h"
#include "mcp7940.h"
#include "panel.h"
#include "spi.h"
#include "uart.h"
#include "world.h"

enum { OP_NONE, OP_READ, OP_SET };

void pw_mcp7940_init(struct pw_mcp7940 *c, const struct pw_hal *hal)
{
    memset(c, 0, sizeof *c);
    c->i2c.hal = hal;
}

static struct cal_rtc *rtc_of(const struct pw_mcp7940 *c)
{
    return &((struct cal_world *)c->i2c.hal->ctx)->rtc;
}

/* A transfer lasts until the next step. */
static bool begin(struct pw_mcp7940 *c, unsigned op)
{
    if (c->i2c.result == PW_ERR_STATE)
        return false;
    c->op = (uint8_t)op;
    c->i2c.result = PW_ERR_STATE;
    return true;
}

bool pw_mcp7940_read(struct pw_mcp7940 *c)
{
    return begin(c, OP_READ);
}

bool pw_mcp7940_set(struct pw_mcp7940 *c, const struct pw_civil *civil, int trim_steps)
{
    if (!begin(c, OP_SET))
        return false;
    const struct cal_world *w = c->i2c.hal->ctx;
    struct cal_rtc *r = rtc_of(c);
    if (r->answers)
        *r = (struct cal_rtc){w->now_us, pw_civil_to_s(civil), true, true, true, false, (int8_t)trim_steps};
    return true;
}

bool pw_mcp7940_step(struct pw_mcp7940 *c)
{
    if (c->i2c.result == PW_ERR_STATE)
        c->i2c.result = rtc_of(c)->answers ? PW_OK : PW_ERR_IO;
    return false;
}

int pw_mcp7940_result(const struct pw_mcp7940 *c)
{
    return c->i2c.result;
}

int pw_mcp7940_get(const struct pw_mcp7940 *c, struct pw_mcp7940_time *t)
{
    int err = c->op == OP_READ ? c->i2c.result : PW_ERR_STATE;
    if (err != PW_OK)
        return err;
    const struct cal_world *w = c->i2c.hal->ctx;
    const struct cal_rtc *r = rtc_of(c);
    *t = (struct pw_mcp7940_time){.running = r->running, .battery = r->battery, .power_failed = r->failed, .valid = true, .trim_steps = r->trim_steps};
    pw_civil_from_s(&t->civil, cal_rtc_now(r, w->now_us));
    return PW_OK;
}

struct pw_inputs pw_panel_read(const struct pw_hal *hal)
{
    const struct cal_world *w = hal->ctx;
    return (struct pw_inputs){.buttons = w->buttons, .unsealed = w->unsealed, .power_fail = w->power_fail};
}

void pw_panel_write(const struct pw_hal *hal, unsigned leds, bool eth_run)
{
    (void)hal;
    (void)leds;
    (void)eth_run;
}

bool pw_identity_read(const struct pw_hal *hal, struct pw_identity *id)
{
    const struct cal_world *w = hal->ctx;
    *id = (struct pw_identity){.version = 0, .clk_hz = 25000000, .ram_kib = 256, .reset_cause = (uint8_t)w->reset_cause};
    return true;
}

uint32_t pw_bus_errors(const struct pw_hal *hal, uint32_t *addr)
{
    (void)hal;
    *addr = 0;
    return 0;
}

void pw_watchdog_start(const struct pw_hal *hal, uint32_t ms)
{
    (void)hal;
    (void)ms;
}

void pw_watchdog_kick(const struct pw_hal *hal)
{
    (void)hal;
}

void pw_reset(const struct pw_hal *hal)
{
    ((struct cal_world *)hal->ctx)->reset_asked = true;
}

uint32_t pw_scratch_read(const struct pw_hal *hal, unsigned i)
{
    (void)hal;
    (void)i;
    return 0;
}

void pw_scratch_write(const struct pw_hal *hal, unsigned i, uint32_t value)
{
    (void)hal;
    (void)i;
    (void)value;
}

void pw_lcd_init(struct pw_lcd *lcd, const struct pw_hal *hal)
{
    memset(lcd, 0, sizeof *lcd);
    lcd->hal = hal;
    memset(lcd->want, ' ', sizeof lcd->want);
    memset(lcd->shown, ' ', sizeof lcd->shown);
}

void pw_lcd_print(struct pw_lcd *lcd, unsigned row, const char *text)
{
    if (row >= PW_LCD_ROWS)
        return;
    for (unsigned col = 0; col < PW_LCD_COLS; col++)
        lcd->want[row][col] = *text != 0 ? *text++ : ' ';
}

bool pw_lcd_service(struct pw_lcd *lcd)
{
    struct cal_world *w = lcd->hal->ctx;
    for (unsigned row = 0; row < PW_LCD_ROWS; row++)
        memcpy(w->lcd[row], lcd->want[row], PW_LCD_COLS);
    return false;
}

void pw_uart_init(struct pw_uart *u, const struct pw_hal *hal, unsigned port, uint32_t clk_hz, uint32_t baud)
{
    (void)clk_hz;
    (void)baud;
    memset(u, 0, sizeof *u);
    u->hal = hal;
    u->port = (uint8_t)port;
}

/* Nobody types. */
void pw_uart_service_rx(struct pw_uart *u)
{
    (void)u;
}

static void keep(struct cal_world *w, char c)
{
    if (c == '\r' || c == 0)
        return;
    if (w->text_n + 1 >= CAL_TEXT_B) {
        w->text_n = CAL_TEXT_B / 2;
        memmove(w->text, w->text + CAL_TEXT_B / 2 - 1, w->text_n);
    }
    w->text[w->text_n++] = c;
    w->text[w->text_n] = 0;
    if (w->text_to != NULL)
        fputc(c, w->text_to);
}

void pw_uart_service_tx(struct pw_uart *u)
{
    u->tx_in = u->tx_out;
}

bool pw_uart_get(struct pw_uart *u, char *c)
{
    if (u->rx_in == u->rx_out)
        return false;
    *c = (char)u->rx[u->rx_out++ % PW_UART_RX_B];
    return true;
}

size_t pw_uart_put(struct pw_uart *u, const char *text, size_t len)
{
    if (u->port == 0)
        for (size_t i = 0; i < len; i++)
            keep(u->hal->ctx, text[i]);
    return len;
}

void pw_spi_init(struct pw_spi *spi, const struct pw_hal *hal, unsigned port, uint32_t clk_hz, uint32_t max_sck_hz)
{
    (void)clk_hz;
    (void)max_sck_hz;
    *spi = (struct pw_spi){.hal = hal, .port = (uint8_t)port};
}

/* FRAM and flash are not asked this way: a W5500, which is not there. */
int pw_spi_command(struct pw_spi *spi, unsigned cs, const uint8_t *head, size_t head_len, const uint8_t *tx, uint8_t *rx, size_t len)
{
    (void)spi;
    (void)cs;
    (void)head;
    (void)head_len;
    (void)tx;
    (void)rx;
    (void)len;
    return PW_ERR_IO;
}
