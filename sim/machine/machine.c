/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include <string.h>
#include "build/gen/pw_masks.h"
#include "build/gen/pw_regs.h"
#include "machine_priv.h"

enum { ANA_MIN_CT = 24, ANA_RING_LOG2 = 11, UNIT_US = 8192, RAM_KIB = 256, RESET_KEY = 0x52535421, KICK_KEY = 0x57 };
enum { BLOCK_SYS = 0, BLOCK_TIMER, BLOCK_WDT, BLOCK_IRQ, BLOCK_GPIO, BLOCK_LCD, BLOCK_I2C, BLOCK_PULSE, BLOCK_UART, BLOCK_SPI = 12, BLOCK_END = 14 };
_Static_assert(PW_SPI_BASE_ADDR(0) == PW_SYS_BASE_ADDR + BLOCK_SPI * 0x100u, "blocks are 256 bytes apart");
_Static_assert(PW_UART_BASE_ADDR(0) == PW_SYS_BASE_ADDR + BLOCK_UART * 0x100u, "blocks are 256 bytes apart");
_Static_assert(PW_PULSE_BASE_ADDR == PW_SYS_BASE_ADDR + BLOCK_PULSE * 0x100u, "blocks are 256 bytes apart");

#define OFF(reg) ((uint32_t)(reg) & 0xFF)
#define ANA_OFF (PW_ANA_BASE_ADDR - PW_SYS_BASE_ADDR)

/* ---- time ---- */
static void set_time(struct pw_machine *m, uint64_t clk)
{
    m->clk = clk;
    m->board->now_ns = clk * 1000 / m->clk_mhz;
}

static void tick(struct pw_machine *m)
{
    while (m->clk >= m->next_unit) {
        pw_machine_pulse_unit(m);
        m->next_unit += (uint64_t)UNIT_US * m->clk_mhz;
    }
    if (m->clk >= m->wdt_clk) {
        m->wdt_clk = UINT64_MAX;
        m->reset_cause = 1;
        m->reset_request = true;
    }
}

static void fe_step(struct pw_machine *m)
{
    m->bits8(m->ctx, m->bytes);
    m->fe_clk += 8u * m->mod_div;
    if (m->fe_clear > 0) {
        m->fe_clear--;
        return;
    }
    if (!pw_fe_push8(&m->fe, m->bytes)) return;
    if (m->has_ana) pw_anam_frame(&m->ana, pw_fe_z(&m->fe));
    if (m->frame != NULL) m->frame(m->ctx);
}

void pw_machine_run_to(struct pw_machine *m, uint64_t clk)
{
    while (m->fe_clk + 8u * m->mod_div <= clk) {
        fe_step(m);
        if (m->fe_clk > m->clk) set_time(m, m->fe_clk);
        tick(m);
    }
    if (clk > m->clk) set_time(m, clk);
}

static uint64_t now_us(const struct pw_machine *m) { return m->clk / m->clk_mhz; }

/* ---- small blocks ---- */
static uint32_t sys_read(struct pw_machine *m, uint32_t off)
{
    switch (off) {
    case OFF(PW_SYS_ID_BASE_ADDR): return PW_SYS__ID__MAGIC_reset;
    case OFF(PW_SYS_VERSION_BASE_ADDR):
        return (uint32_t)PW_SYS__VERSION__MAJOR_reset << 16 | (uint32_t)PW_SYS__VERSION__MINOR_reset << 8 | PW_SYS__VERSION__PATCH_reset;
    case OFF(PW_SYS_CLOCK_BASE_ADDR): return m->clk_mhz * 1000000u;
    case OFF(PW_SYS_CAPS_BASE_ADDR):
        return (uint32_t)RAM_KIB << 20 | m->n_ct << 8 | PW_BOARD_UARTS |
               (m->has_ana ? PW_SYS__CAPS__ANALYSIS_bm | ANA_RING_LOG2 << PW_SYS__CAPS__RING_LOG2_bp : 0);
    case OFF(PW_SYS_RESET_CAUSE_BASE_ADDR): return m->reset_cause;
    case OFF(PW_SYS_BUSERR_COUNT_BASE_ADDR): return m->buserr_count;
    case OFF(PW_SYS_BUSERR_ADDR_BASE_ADDR): m->buserr_irq = false; return m->buserr_addr;
    case OFF(PW_SYS_SCRATCH_BASE_ADDR(0)): return m->scratch[0];
    case OFF(PW_SYS_SCRATCH_BASE_ADDR(1)): return m->scratch[1];
    default: return 0;
    }
}

static void sys_write(struct pw_machine *m, uint32_t off, uint32_t v)
{
    if (off == OFF(PW_SYS_SCRATCH_BASE_ADDR(0))) m->scratch[0] = v;
    if (off == OFF(PW_SYS_SCRATCH_BASE_ADDR(1))) m->scratch[1] = v;
    if (off == OFF(PW_SYS_RESET_BASE_ADDR) && v == RESET_KEY) {
        m->reset_cause = 2;
        m->reset_request = true;
    }
}

/* Compare reached? The hardware compares once at each microsecond; here: at each access, whether the value has been passed. */
static void timer_update(struct pw_machine *m, uint32_t before_us)
{
    uint32_t now = (uint32_t)now_us(m);
    if ((uint32_t)(m->compare - before_us - 1) < (uint32_t)(now - before_us)) m->timer_ctrl |= PW_TIMER__CTRL__PENDING_bm;
}

static uint32_t timer_read(struct pw_machine *m, uint32_t off)
{
    switch (off) {
    case OFF(PW_TIMER_TIME_LO_BASE_ADDR): m->time_hi = (uint32_t)(now_us(m) >> 32); return (uint32_t)now_us(m);
    case OFF(PW_TIMER_TIME_HI_BASE_ADDR): return m->time_hi;
    case OFF(PW_TIMER_COMPARE_BASE_ADDR): return m->compare;
    case OFF(PW_TIMER_CTRL_BASE_ADDR): return m->timer_ctrl;
    default: return 0;
    }
}

static void timer_write(struct pw_machine *m, uint32_t off, uint32_t v)
{
    if (off == OFF(PW_TIMER_COMPARE_BASE_ADDR)) m->compare = v;
    if (off == OFF(PW_TIMER_CTRL_BASE_ADDR))
        m->timer_ctrl = (v & PW_TIMER__CTRL__ENABLE_bm) | (m->timer_ctrl & PW_TIMER__CTRL__PENDING_bm & ~v);
}

static void wdt_write(struct pw_machine *m, uint32_t off, uint32_t v)
{
    if (off == OFF(PW_WDT_PERIOD_BASE_ADDR) && (v & 0xFFFF) != 0) m->wdt_ms = v & 0xFFFF;
    else if (off != OFF(PW_WDT_KICK_BASE_ADDR) || (v & 0xFF) != KICK_KEY || m->wdt_ms == 0) return;
    m->wdt_clk = m->clk + (uint64_t)m->wdt_ms * 1000 * m->clk_mhz;
}

static uint32_t irq_pending(struct pw_machine *m)
{
    uint32_t p = (m->timer_ctrl & 3) == 3 ? 1 : 0;
    p |= pw_fe_irq(&m->fe) ? 2u : 0u;
    for (unsigned i = 0; i < PW_BOARD_UARTS; i++)
        p |= (pw_machine_uart_waiting(m, i) ? 4u : 0u) << i;
    return p | (m->buserr_irq ? 0x40u : 0u) | (m->board->power_fail ? 0x80u : 0u);
}

static uint32_t gpio_in(const struct pw_machine *m)
{
    const struct pw_board *b = m->board;
    return (b->buttons & 15u) | (b->unsealed ? PW_GPIO__IN__UNSEALED_bm : 0) | (b->power_fail ? PW_GPIO__IN__POWER_FAIL_bm : 0) |
           (b->key ? PW_GPIO__IN__KEY_bm : 0);
}

static void gpio_out(struct pw_machine *m, uint32_t v)
{
    m->gpio_out = v & 0x3F;
    pw_board_leds(m->board, (uint8_t)((v & 15) | (v >> PW_GPIO__OUT__LEDS2_bp & 15) << 4));
    pw_w5500part_reset(&m->board->eth, !(v & PW_GPIO__OUT__ETH_RUN_bm));
}

static uint32_t pulse_state(const struct pw_machine *m)
{
    uint32_t s = 0;
    for (unsigned i = 0; i < m->n_ct && i < 32; i++)
        s |= (m->pulse[i].on ? 1u : 0u) << i;
    return s;
}

/* ---- bus ---- */
static void bus_error(struct pw_machine *m, uint32_t addr)
{
    if (m->buserr_count != 0xFFFF) m->buserr_count++;
    m->buserr_addr = addr & ~3u;
    m->buserr_irq = true;
}

static void pass(struct pw_machine *m, unsigned clk)
{
    uint32_t before = (uint32_t)now_us(m);
    pw_machine_run_to(m, m->clk + clk);
    timer_update(m, before);
    m->fe.unsealed = m->board->unsealed;
}

static uint32_t block_read(struct pw_machine *m, unsigned block, uint32_t off)
{
    switch (block) {
    case BLOCK_SYS: return sys_read(m, off);
    case BLOCK_TIMER: return timer_read(m, off);
    case BLOCK_WDT: return off == OFF(PW_WDT_PERIOD_BASE_ADDR) ? m->wdt_ms : 0;
    case BLOCK_IRQ: return off == 0 ? irq_pending(m) : off == 4 ? m->irq_enable : 0;
    case BLOCK_GPIO: return off == 0 ? gpio_in(m) : off == 4 ? m->gpio_out : 0;
    case BLOCK_LCD: return off == 4 ? m->clk < m->lcd_done : 0;
    case BLOCK_I2C: return off == 0 ? m->i2c_out : (m->i2c_out & 1) | (unsigned)m->board->rtc.sda << 1;
    case BLOCK_PULSE: return off == 0 ? m->pulse_width : off == 4 ? pulse_state(m) : 0;
    default: return block >= BLOCK_SPI ? pw_machine_spi_read(m, block - BLOCK_SPI, off) : pw_machine_uart_read(m, block - BLOCK_UART, off);
    }
}

static void block_write(struct pw_machine *m, unsigned block, uint32_t off, uint32_t v)
{
    switch (block) {
    case BLOCK_SYS: sys_write(m, off, v); break;
    case BLOCK_TIMER: timer_write(m, off, v); break;
    case BLOCK_WDT: wdt_write(m, off, v); break;
    case BLOCK_IRQ: if (off == 4) m->irq_enable = v & 0xFF; break;
    case BLOCK_GPIO: if (off == 4) gpio_out(m, v); break;
    case BLOCK_LCD: if (off == 0) pw_machine_lcd_write(m, v); break;
    case BLOCK_I2C:
        if (off != 0) break;
        m->i2c_out = v & 3;
        (void)pw_rtcpart_lines(&m->board->rtc, v & 1, v >> 1 & 1);
        break;
    case BLOCK_PULSE: if (off == 0) m->pulse_width = v & 7; break;
    default:
        if (block >= BLOCK_SPI) pw_machine_spi_write(m, block - BLOCK_SPI, off, v);
        else pw_machine_uart_write(m, block - BLOCK_UART, off, v);
    }
}

/* Blocks answer only where they have registers, as the gateware's do. */
static bool in_block(uint32_t off)
{
    static const uint8_t size[BLOCK_END] = { PW_SYS_SIZE, PW_TIMER_SIZE, PW_WDT_SIZE, PW_IRQ_SIZE, PW_GPIO_SIZE, PW_LCD_SIZE, PW_I2C_SIZE,
                                             PW_PULSE_SIZE, PW_UART_SIZE, PW_UART_SIZE, PW_UART_SIZE, PW_UART_SIZE, PW_SPI_SIZE, PW_SPI_SIZE };
    return off < BLOCK_END * 0x100u && (off & 0xFF) < size[off >> 8];
}

/* Front-end and analysis; 0, or -1: nothing there */
static int far_read(struct pw_machine *m, uint32_t off, uint32_t *v)
{
    if (off >= PW_FE_BASE_ADDR - PW_SYS_BASE_ADDR && off < 0x4000) return pw_fe_read32(&m->fe, off, v);
    return m->has_ana && off >= ANA_OFF ? pw_anam_read32(&m->ana, off - ANA_OFF, v) : -1;
}

static int far_write(struct pw_machine *m, uint32_t off, uint32_t v)
{
    if (off >= PW_FE_BASE_ADDR - PW_SYS_BASE_ADDR && off < 0x4000) return pw_fe_write32(&m->fe, off, v);
    return m->has_ana && off >= ANA_OFF ? pw_anam_write32(&m->ana, off - ANA_OFF, v) : -1;
}

static uint32_t machine_read32(void *ctx, uint32_t addr)
{
    struct pw_machine *m = ctx;
    uint32_t off = addr - PW_SYS_BASE_ADDR, v = 0;
    pass(m, PW_MACHINE_ACCESS_CLK);
    if (addr < PW_SYS_BASE_ADDR || (addr & 3)) bus_error(m, addr);
    else if (in_block(off)) v = block_read(m, off >> 8, off & 0xFF);
    else if (far_read(m, off, &v) != 0) bus_error(m, addr);
    return v;
}

static void machine_write32(void *ctx, uint32_t addr, uint32_t v)
{
    struct pw_machine *m = ctx;
    uint32_t off = addr - PW_SYS_BASE_ADDR;
    pass(m, PW_MACHINE_ACCESS_CLK);
    if (addr < PW_SYS_BASE_ADDR || (addr & 3)) bus_error(m, addr);
    else if (in_block(off)) block_write(m, off >> 8, off & 0xFF, v);
    else if (far_write(m, off, v) != 0) bus_error(m, addr);
}

static uint64_t machine_uptime_us(void *ctx)
{
    struct pw_machine *m = ctx;
    pass(m, 2 * PW_MACHINE_ACCESS_CLK);          /* two reads on the target */
    return now_us(m);
}

void pw_machine_reset_cpu(struct pw_machine *m)
{
    m->gpio_out = 0;
    m->i2c_out = 3;
    m->irq_enable = m->compare = m->timer_ctrl = m->buserr_addr = m->wdt_ms = 0;
    m->buserr_count = 0;
    m->buserr_irq = m->reset_request = false;
    m->wdt_clk = UINT64_MAX;
    pw_machine_io_reset(m);
    gpio_out(m, 0);
}

void pw_machine_init(struct pw_machine *m, struct pw_board *board, unsigned n_ct, unsigned mod_div, unsigned clk_mhz)
{
    memset(m, 0, sizeof *m);
    m->board = board;
    m->n_ct = n_ct;
    m->mod_div = mod_div;
    m->clk_mhz = clk_mhz;
    m->fe_clear = PW_MACHINE_FE_CLEAR;
    m->pulse_width = PW_PULSE__WIDTH__WIDTH_reset;
    m->next_unit = (uint64_t)UNIT_US * clk_mhz;
    m->hal = (struct pw_hal){ .read32 = machine_read32, .write32 = machine_write32, .uptime_us = machine_uptime_us, .ctx = m };
    pw_fe_init(&m->fe, n_ct, mod_div);
    m->fe.curves = true; /* pw_soc has them unless a board leaves them out */
    m->has_ana = n_ct >= ANA_MIN_CT;
    pw_anam_init(&m->ana, n_ct + 3, ANA_RING_LOG2);
    m->fe.pulse = pw_machine_pulse_event;
    m->fe.pulse_ctx = m;
    m->part[0][0] = pw_flashpart_spi(&board->flash);
    m->part[1][0] = pw_frampart_spi(&board->fram);
    m->part[1][1] = pw_w5500part_spi(&board->eth);
    pw_machine_reset_cpu(m);
}
