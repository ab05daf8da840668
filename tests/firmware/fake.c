/* SPDX-License-Identifier: Apache-2.0 */
#include "fake.h"

#include <string.h>

#include "pw_masks.h"
#include "pw_regs.h"

/* ---- FRAM ---- */
static uint8_t fram_byte(struct fake *f, uint8_t in)
{
    uint8_t out = 0;
    if (f->no_fram)
        return 0xFF;
    if (f->fram_n == 0) {
        f->fram_op = in;
        if (in == 0x06) f->fram_wel = 2;
        if (in == 0x04) f->fram_wel = 0;
    } else if (f->fram_op == 0x05) {
        out = f->fram_wel;
    } else if (f->fram_op == 0x9F) {
        out = f->fram_n <= sizeof f->fram_id ? f->fram_id[f->fram_n - 1] : 0;
    } else if (f->fram_n <= f->fram_addr_b) {
        f->fram_addr = (f->fram_addr << 8 | in) & (f->fram_size_b - 1);
    } else if (f->fram_op == 0x03) {
        out = f->fram[f->fram_addr];
        f->fram_addr = (f->fram_addr + 1) & (f->fram_size_b - 1);
    } else if (f->fram_op == 0x02 && f->fram_wel) {
        if (f->fram_cut != 0) {
            f->fram[f->fram_addr] = in;
            if (f->fram_cut > 0)
                f->fram_cut--;
        }
        f->fram_addr = (f->fram_addr + 1) & (f->fram_size_b - 1);
    }
    f->fram_n++;
    return out;
}

static void fram_deselect(struct fake *f)
{
    if (f->fram_op == 0x02 && f->fram_n > 0)
        f->fram_wel = 0;
    f->fram_n = 0;
    f->fram_addr = 0;
}

/* ---- W5500 ---- */
static void sock_command(struct fake *f, struct fake_sock *k, uint8_t cmd)
{
    k->commands++;
    switch (cmd) {
    case 0x01: /* OPEN */
        k->reg[3] = k->reg[0] == 1 ? 0x13 : 0x00;
        k->rx_rd = k->rx_wr = k->tx_rd = k->tx_wr = 0x7FF0; /* the buffer's end is met soon */
        k->reg[2] = 0;
        break;
    case 0x02: /* LISTEN */
        if (k->reg[3] == 0x13)
            k->reg[3] = 0x14;
        break;
    case 0x08: /* DISCON */
        k->fin = true;
        k->reg[3] = 0;
        break;
    case 0x10: /* CLOSE */
        k->reg[3] = 0;
        break;
    case 0x20: /* SEND */
        for (; k->tx_rd != k->tx_wr; k->tx_rd++)
            if (k->n_sent < FAKE_TX_LOG)
                k->sent[k->n_sent++] = k->tx[k->tx_rd % 2048];
        if (!f->hold_sendok)
            k->reg[2] |= 0x10;
        break;
    default: /* RECV: the pointer says it all */
        break;
    }
}

static uint8_t pointer_byte(const struct fake_sock *k, unsigned addr)
{
    uint16_t v = addr < 0x22 ? (uint16_t)(2048 - (uint16_t)(k->tx_wr - k->tx_rd)) : addr < 0x24 ? k->tx_rd : addr < 0x26 ? k->tx_wr :
                 addr < 0x28 ? (uint16_t)(k->rx_wr - k->rx_rd) : addr < 0x2A ? k->rx_rd : k->rx_wr;
    return (uint8_t)(addr & 1 ? v : v >> 8);
}

static void set_half(uint16_t *v, unsigned addr, uint8_t in)
{
    *v = (uint16_t)(addr & 1 ? (*v & 0xFF00) | in : (*v & 0x00FF) | in << 8);
}

static uint8_t sock_access(struct fake *f, unsigned block, unsigned addr, bool write, uint8_t in)
{
    struct fake_sock *k = &f->sock[block / 4];
    if (block % 4 == 2) {
        if (write) k->tx[addr % 2048] = in;
        return 0;
    }
    if (block % 4 == 3)
        return k->rx[addr % 2048];
    if (addr >= 48)
        return 0;
    if (!write)
        return addr >= 0x20 && addr < 0x2C ? pointer_byte(k, addr) : addr == 1 ? 0 : k->reg[addr];
    if (addr == 1) sock_command(f, k, in);
    else if (addr == 2) k->reg[2] &= (uint8_t)~in;
    else if (addr == 0x24 || addr == 0x25) set_half(&k->tx_wr, addr, in);
    else if (addr == 0x28 || addr == 0x29) set_half(&k->rx_rd, addr, in);
    else if (addr != 3) k->reg[addr] = in;
    return 0;
}

static uint8_t w5500_byte(struct fake *f, uint8_t in)
{
    unsigned n = f->w_n++;
    if (f->no_w5500 || !(f->gpio_out & PW_GPIO__OUT__ETH_RUN_bm))
        return 0xFF;
    if (n < 3) {
        f->w_head[n] = in;
        return 0;
    }
    unsigned addr = ((unsigned)f->w_head[0] << 8 | f->w_head[1]) + n - 3, block = f->w_head[2] >> 3;
    bool write = (f->w_head[2] & 4) != 0;
    if (block != 0)
        return sock_access(f, block, addr & 0xFFFF, write, in);
    if (addr >= 64)
        return 0;
    if (!write)
        return addr == 0x39 ? 4 : f->w_common[addr];
    f->w_common[addr] = addr == 0 ? 0 : in;
    return 0;
}

bool fake_connect(struct fake *f, unsigned s)
{
    if (f->sock[s].reg[3] != 0x14)
        return false;
    f->sock[s].reg[3] = 0x17;
    f->sock[s].fin = false;
    return true;
}

void fake_push(struct fake *f, unsigned s, const void *data, size_t n)
{
    struct fake_sock *k = &f->sock[s];
    for (size_t i = 0; i < n && (uint16_t)(k->rx_wr - k->rx_rd) < 2048; i++)
        k->rx[k->rx_wr++ % 2048] = ((const uint8_t *)data)[i];
}

void fake_peer_close(struct fake *f, unsigned s)
{
    if (f->sock[s].reg[3] == 0x17)
        f->sock[s].reg[3] = 0x1C;
}

/* ---- SPI ---- */
static void spi_data(struct fake *f, uint32_t data)
{
    unsigned n = ((f->spi_ctrl & PW_SPI__CTRL__LEN_bm) >> PW_SPI__CTRL__LEN_bp) + 1;
    f->spi_in = 0;
    for (unsigned i = n; i-- > 0;) {
        uint8_t out = (uint8_t)(data >> (8 * i)), in = 0xFF;
        if (f->spi_ctrl & 1) in = fram_byte(f, out);
        if (f->spi_ctrl & 2) in = w5500_byte(f, out);
        f->spi_in = f->spi_in << 8 | in;
    }
}

static void spi_ctrl(struct fake *f, uint32_t v)
{
    uint32_t fell = f->spi_ctrl & ~v & 15;
    f->spi_ctrl = v;
    if (fell & 1) fram_deselect(f);
    if (fell & 2) f->w_n = 0;
}

/* ---- LCD ---- */
static void lcd_data(struct fake *f, uint32_t v)
{
    uint8_t byte = (uint8_t)v;
    if (v & PW_LCD__DATA__NIBBLE_bm) {
        f->lcd_nibbles++;
        return;
    }
    f->lcd_bytes++;
    if (v & PW_LCD__DATA__RS_bm) {
        f->ddram[f->lcd_addr & 127] = (char)byte;
        f->lcd_addr++;
    } else if (byte & 0x80) {
        f->lcd_addr = byte & 0x7F;
    } else if (byte == 1) {
        memset(f->ddram, ' ', sizeof f->ddram);
        f->lcd_addr = 0;
    } else if ((byte & 0xF8) == 0x08) {
        f->lcd_on = byte >> 2 & 1;
    }
}

void fake_lcd_row(const struct fake *f, unsigned row, char text[21])
{
    static const unsigned at[4] = {0x00, 0x40, 0x14, 0x54};
    memcpy(text, f->ddram + at[row], 20);
    text[20] = 0;
}

/* ---- bus ---- */
static uint32_t read_fe(struct fake *f, uint32_t a)
{
    switch (a) {
    case PW_FE_ID_BASE_ADDR:        return f->no_magic ? 0 : PW_FE_CTRL__ID__MAGIC_reset;
    case PW_FE_CAPS_BASE_ADDR:      return f->n_ct | 3u << PW_FE_CTRL__CAPS__N_V_bp | (uint32_t)f->mod_div << PW_FE_CTRL__CAPS__MOD_DIV_bp | 9u << PW_FE_CTRL__CAPS__OSR_LOG2_bp;
    case PW_FE_LOCK_BASE_ADDR:      return f->lock;
    case PW_FE_WINCFG_BASE_ADDR:    return f->wincfg;
    case PW_FE_QUAD_BASE_ADDR:      return f->quad;
    case PW_FE_SAMPLES_BASE_ADDR:   return f->samples;
    case PW_FE_WINSEQ_BASE_ADDR:    return f->winseq;
    case PW_FE_WININFO_BASE_ADDR:   return f->wininfo;
    case PW_FE_ZC_BEFORE_BASE_ADDR: return f->zc_before;
    case PW_FE_ZC_AFTER_BASE_ADDR:  return f->zc_after;
    default:                        return 0;
    }
}

static uint32_t read_ana(struct fake *f, uint32_t a)
{
    switch (a) {
    case PW_ANA_CAPS_BASE_ADDR:        return f->n_ct + 3u;
    case PW_ANA_FRAME_BASE_ADDR:       return f->samples;
    case PW_ANA_PASS_BASE_ADDR:        return f->ana_pass;
    case PW_ANA_PASS_WSTEP_BASE_ADDR:  return f->ana_wstep;
    case PW_ANA_HALF_FRAME_BASE_ADDR:  return f->half[f->half_at % 64][0];
    case PW_ANA_HALF_SQUARE_BASE_ADDR: return f->half[f->half_at % 64][1];
    case PW_ANA_HALF_INFO_BASE_ADDR:   return f->half[f->half_at % 64][2];
    case PW_ANA_HALF_STATUS_BASE_ADDR: return f->half_at != f->half_n ? PW_ANA__HALF_STATUS__VALID_bm : 0;
    default:
        return a >= PW_ANA_RESULT_BASE_ADDR(0) ? f->ana_result[(a - PW_ANA_RESULT_BASE_ADDR(0)) / 4 % 512] : 0;
    }
}

static uint32_t fake_read(void *ctx, uint32_t a)
{
    struct fake *f = ctx;
    if (a >= PW_BANK_BASE_ADDR && a < PW_BANK_BASE_ADDR + PW_BANK_SIZE) {
        uint32_t v = f->bank[(a - PW_BANK_BASE_ADDR) / 128][(a & 127) / 4];
        if (f->hit_on_read != 0 && --f->hit_on_read == 0) {
            if (f->on_hit != NULL)
                f->on_hit();
            fake_window(f, 1953, 12);
        }
        return v;
    }
    if (a >= PW_FE_BASE_ADDR && a < PW_FE_BASE_ADDR + PW_FE_SIZE)
        return read_fe(f, a);
    if (f->analysis && a >= PW_ANA_BASE_ADDR && a < PW_ANA_BASE_ADDR + PW_ANA_SIZE)
        return read_ana(f, a);
    switch (a) {
    case PW_SYS_ID_BASE_ADDR:           return f->no_magic ? 0 : PW_SYS__ID__MAGIC_reset;
    case PW_SYS_VERSION_BASE_ADDR:      return 0x000300;
    case PW_SYS_CLOCK_BASE_ADDR:        return f->clk_hz;
    case PW_SYS_CAPS_BASE_ADDR:         return 128u << PW_SYS__CAPS__RAM_KIB_bp | (f->analysis ? PW_SYS__CAPS__ANALYSIS_bm : 0u);
    case PW_SYS_BUSERR_COUNT_BASE_ADDR: return f->buserr_count;
    case PW_SYS_BUSERR_ADDR_BASE_ADDR:  return f->buserr_addr;
    case PW_SYS_SCRATCH_BASE_ADDR(0):   return f->scratch[0];
    case PW_GPIO_IN_BASE_ADDR:          return f->gpio_in;
    case PW_UART_STATUS_BASE_ADDR(0):
        return f->uart_status | PW_UART__STATUS__TX_READY_bm | (f->typed != NULL && *f->typed != 0 ? PW_UART__STATUS__RX_VALID_bm : 0u);
    case PW_UART_DATA_BASE_ADDR(0):     return f->typed != NULL && *f->typed != 0 ? (uint8_t)*f->typed++ : 0;
    case PW_SPI_STATUS_BASE_ADDR(1):    return f->spi_stuck;
    case PW_SPI_DATA_BASE_ADDR(1):      return f->spi_in;
    default:                            return 0;
    }
}

static void write_bank(struct fake *f, uint32_t a, uint32_t v)
{
    unsigned word = (a & 127) / 4;
    bool parameters = word < 3 && (!f->lock || (f->gpio_in & PW_GPIO__IN__UNSEALED_bm));
    bool energies = (word == 3 || (word >= 6 && word < 20)) && !f->lock;
    f->bank_writes++;
    if (parameters || energies)
        f->bank[(a - PW_BANK_BASE_ADDR) / 128][word] = v;
}

static void fake_write(void *ctx, uint32_t a, uint32_t v)
{
    struct fake *f = ctx;
    if (a >= PW_BANK_BASE_ADDR && a < PW_BANK_BASE_ADDR + PW_BANK_SIZE) {
        write_bank(f, a, v);
        return;
    }
    switch (a) {
    case PW_ANA_HALF_STATUS_BASE_ADDR: f->half_at += f->half_at != f->half_n; break;
    case PW_ANA_STEP_BASE_ADDR:       f->ana_step = v; break;
    case PW_ANA_DETAIL_BASE_ADDR:     f->ana_detail[v >> PW_ANA__DETAIL__SLOT_bp & 3] = v & PW_ANA__DETAIL__CHANNEL_bm; break;
    case PW_SYS_RESET_BASE_ADDR:      f->resets += v == 0x52535421; break;
    case PW_SYS_SCRATCH_BASE_ADDR(0): f->scratch[0] = v; break;
    case PW_GPIO_OUT_BASE_ADDR:       f->gpio_out = v; break;
    case PW_WDT_PERIOD_BASE_ADDR:     f->wdt_ms = v; break;
    case PW_WDT_KICK_BASE_ADDR:       f->kicks += v == 0x57; break;
    case PW_LCD_DATA_BASE_ADDR:       lcd_data(f, v); break;
    case PW_UART_DATA_BASE_ADDR(0):
        if (f->n_out < sizeof f->out - 1)
            f->out[f->n_out++] = (char)v;
        break;
    case PW_UART_STATUS_BASE_ADDR(0): f->uart_status &= ~v; break;
    case PW_SPI_CTRL_BASE_ADDR(1):    spi_ctrl(f, v); break;
    case PW_SPI_DATA_BASE_ADDR(1):    spi_data(f, v); break;
    case PW_FE_LOCK_BASE_ADDR:        f->lock |= v & 1; break;
    case PW_FE_WINCFG_BASE_ADDR:      f->wincfg = v; break;
    case PW_FE_QUAD_BASE_ADDR:        f->quad = v; break;
    case PW_FE_DELAY_BASE_ADDR:       f->delay[v >> 8 & 63] = (uint8_t)v; break;
    default: break;
    }
}

static uint64_t fake_uptime(void *ctx)
{
    struct fake *f = ctx;
    f->us += f->us_per_read;
    return f->us;
}

void fake_fram(struct fake *f, uint32_t size_b)
{
    static const uint8_t id[9] = {0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xC2};
    bool small = size_b == 32768;
    memcpy(f->fram_id, id, sizeof id);
    f->fram_id[7] = small ? 0x22 : 0x24; /* FM25V02A, FM25V10 */
    f->fram_id[8] = small ? 0x08 : 0x00;
    f->fram_size_b = size_b;
    f->fram_addr_b = small ? 2 : 3;
}

void fake_init(struct fake *f, unsigned n_ct)
{
    memset(f, 0, sizeof *f);
    f->hal = (struct pw_hal){fake_read, fake_write, fake_uptime, f};
    f->clk_hz = 25000000;
    f->n_ct = (uint8_t)n_ct;
    f->mod_div = 5;
    f->fram_cut = -1;
    fake_fram(f, sizeof f->fram);
    f->w_common[0x2E] = 1; /* link */
    memset(f->ddram, ' ', sizeof f->ddram);
}

void fake_put64(struct fake *f, unsigned ch, unsigned word, uint64_t v)
{
    f->bank[ch][word] = (uint32_t)v;
    f->bank[ch][word + 1] = (uint32_t)(v >> 32);
}

uint64_t fake_get64(const struct fake *f, unsigned ch, unsigned word)
{
    return (uint64_t)f->bank[ch][word + 1] << 32 | f->bank[ch][word];
}

void fake_window(struct fake *f, unsigned samples, unsigned cycles)
{
    f->samples += samples;
    f->winseq = (f->winseq & 0x40000000) | (((f->winseq & 0xFFFF) + 1) & 0xFFFF) | (~f->winseq & 0x10000);
    f->wininfo = samples | cycles << 16 | (cycles == 0 ? 1u << 24 : 0);
    f->zc_before = (uint32_t)-100000;
    f->zc_after = 0;
}
