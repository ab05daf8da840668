/* SPDX-License-Identifier: Apache-2.0 */
/* Register models with a part behind them. */
#include "build/gen/pw_masks.h"
#include "build/gen/pw_regs.h"
#include "machine_priv.h"

enum { DATA = 0x0, STATUS_OR_CTRL = 0x4, FORMAT_OR_STATUS = 0x8 };
enum { LCD_STEP_US = 2, LCD_REST_US = 42, PULSE_QUEUE_MAX = 2047 };

void pw_machine_io_reset(struct pw_machine *m)
{
    for (unsigned i = 0; i < PW_BOARD_UARTS; i++)
        m->uart[i] = (struct pw_machine_uart){ .format = PW_UART__FORMAT__DIV_reset };
    for (unsigned i = 0; i < 2; i++) {
        m->spi[i].done = 0;
        pw_machine_spi_write(m, i, STATUS_OR_CTRL, 0);        /* lets go of the chip selects */
        m->spi[i] = (struct pw_machine_spi){ 0 };
    }
    m->lcd_done = 0;
}

/* ---- UART ---- */
static uint64_t frame_clk(const struct pw_machine_uart *u)
{
    unsigned bits = 10 + (u->format >> 16 & 3 ? 1 : 0) + (u->format >> 18 & 1);
    return (uint64_t)bits * ((u->format & 0xFFFF) + 1);
}

static void start_tx(struct pw_machine *m, unsigned i, uint64_t from, uint8_t b)
{
    m->uart[i].tx_done = from + frame_clk(&m->uart[i]);
    pw_uart_pty_put(&m->board->uart[i], b);
}

static void uart_update(struct pw_machine *m, unsigned i)
{
    struct pw_machine_uart *u = &m->uart[i];
    if (u->tx_full && m->clk >= u->tx_done) {
        u->tx_full = false;
        start_tx(m, i, u->tx_done, u->tx_buf);
    }
    if (u->rx_valid || m->clk < u->rx_next) return;
    int b = pw_uart_pty_get(&m->board->uart[i]);
    if (b < 0) return;
    u->rx = (uint8_t)b;
    u->rx_valid = true;
    u->rx_next = m->clk + frame_clk(u);
}

bool pw_machine_uart_waiting(struct pw_machine *m, unsigned i)
{
    uart_update(m, i);
    return m->uart[i].rx_valid;
}

uint32_t pw_machine_uart_read(struct pw_machine *m, unsigned i, uint32_t off)
{
    struct pw_machine_uart *u = &m->uart[i];
    uart_update(m, i);
    switch (off) {
    case DATA: {
        uint32_t b = u->rx_valid ? u->rx : 0;
        u->rx_valid = false;
        return b;
    }
    case STATUS_OR_CTRL:
        return (u->tx_full ? 0 : PW_UART__STATUS__TX_READY_bm) | (m->clk < u->tx_done ? PW_UART__STATUS__TX_BUSY_bm : 0) |
               (u->rx_valid ? PW_UART__STATUS__RX_VALID_bm : 0);
    case FORMAT_OR_STATUS: return u->format;
    default: return 0;
    }
}

void pw_machine_uart_write(struct pw_machine *m, unsigned i, uint32_t off, uint32_t v)
{
    struct pw_machine_uart *u = &m->uart[i];
    uart_update(m, i);
    if (off == FORMAT_OR_STATUS) {
        u->format = v & 0x7FFFF;
    } else if (off == DATA && !u->tx_full) {
        if (m->clk >= u->tx_done) {
            start_tx(m, i, m->clk, (uint8_t)v);
        } else {
            u->tx_full = true;
            u->tx_buf = (uint8_t)v;
        }
    }
}

/* ---- SPI ---- */
uint32_t pw_machine_spi_read(const struct pw_machine *m, unsigned i, uint32_t off)
{
    const struct pw_machine_spi *s = &m->spi[i];
    unsigned len = (s->ctrl >> 4 & 3) + 1;
    switch (off) {
    case DATA: return len == 4 ? s->data : s->data & ((1u << 8 * len) - 1);
    case STATUS_OR_CTRL: return s->ctrl;
    case FORMAT_OR_STATUS: return m->clk < s->done;
    default: return 0;
    }
}

static void spi_transfer(struct pw_machine *m, unsigned i, uint32_t v)
{
    struct pw_machine_spi *s = &m->spi[i];
    unsigned len = (s->ctrl >> 4 & 3) + 1;
    uint32_t in = 0;
    for (unsigned n = len; n-- > 0;) {
        uint8_t miso = 0xFF;
        for (unsigned cs = 0; cs < 4; cs++)
            if ((s->ctrl >> cs & 1) && m->part[i][cs].select != NULL)
                miso &= pw_spi_part_byte(&m->part[i][cs], (uint8_t)(v >> 8 * n));
        in = in << 8 | miso;
    }
    s->data = in;
    s->done = m->clk + (uint64_t)len * 8 * 2 * ((s->ctrl >> 8 & 0xFF) + 1);
}

void pw_machine_spi_write(struct pw_machine *m, unsigned i, uint32_t off, uint32_t v)
{
    struct pw_machine_spi *s = &m->spi[i];
    if (m->clk < s->done) return;                /* ignored while busy */
    if (off == DATA) spi_transfer(m, i, v);
    if (off != STATUS_OR_CTRL) return;
    for (unsigned cs = 0; cs < 4; cs++) {
        bool was = s->ctrl >> cs & 1, is = v >> cs & 1;
        if (was != is && m->part[i][cs].select != NULL) m->part[i][cs].select(m->part[i][cs].ctx, is);
    }
    s->ctrl = v & 0xFF3F;
}

/* ---- LCD ---- */
void pw_machine_lcd_write(struct pw_machine *m, uint32_t v)
{
    if (m->clk < m->lcd_done) return;
    uint64_t ns = m->board->now_ns, nibble_ns = 3 * LCD_STEP_US * 1000;      /* set-up, E high, hold */
    bool rs = v & PW_LCD__DATA__RS_bm, one = v & PW_LCD__DATA__NIBBLE_bm;
    pw_lcdpart_nibble(&m->board->lcd, ns + nibble_ns, rs, (uint8_t)(v >> 4 & 15));
    if (!one) pw_lcdpart_nibble(&m->board->lcd, ns + 2 * nibble_ns, rs, (uint8_t)(v & 15));
    m->lcd_done = m->clk + (uint64_t)m->clk_mhz * ((one ? 1 : 2) * 3 * LCD_STEP_US + LCD_REST_US);
}

/* ---- pulse outputs, as rtl/periph/pw_pulse.v ---- */
static void turn_on(struct pw_machine *m, unsigned ct)
{
    m->pulse[ct].on = true;
    m->pulse[ct].units = (uint8_t)(m->pulse_width + 1);
    m->board->pulses[ct]++;
}

void pw_machine_pulse_event(void *ctx, unsigned ct)
{
    struct pw_machine *m = ctx;
    struct pw_machine_pulse *p = &m->pulse[ct];
    if (p->units == 0) turn_on(m, ct);
    else if (p->queued < PULSE_QUEUE_MAX) p->queued++;
}

void pw_machine_pulse_unit(struct pw_machine *m)
{
    for (unsigned ct = 0; ct < m->n_ct; ct++) {
        struct pw_machine_pulse *p = &m->pulse[ct];
        if (p->units > 1) {
            p->units--;
        } else if (p->units == 1 && p->on) {
            p->on = false;
            p->units = (uint8_t)(m->pulse_width + 1);
        } else if (p->queued > 0) {
            p->queued--;
            turn_on(m, ct);
        } else {
            p->on = false;
            p->units = 0;
        }
    }
}
