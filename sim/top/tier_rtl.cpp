/* SPDX-License-Identifier: Apache-2.0 */
/* RTL tier: the whole gateware in Verilator, with the RISC-V firmware in its RAM; the pins go to the part models of the board.
 * A clock costs one evaluation and a few comparisons; part models are called only when their pins have moved. */
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <unistd.h>
#include "Vpw.h"
#include "Vpw___024root.h"
#include "verilated.h"
extern "C" {
#include "sim/analog/panel.h"
#include "sim/parts/board.h"
#include "sim/parts/sdram_part.h"
#include "sim/parts/xip_part.h"
#include "spi_pins.h"
#include "uart_pins.h"
}
#include "sim/run/tier.h"

#ifndef PW_N_CT
#error "PW_N_CT, PW_MOD_DIV, PW_CLK_MHZ and PW_FIRMWARE come from the Makefile, as the parameters of the gateware"
#endif

/* Names inside the design; the only place that knows them. */
#define SIG(path) (t->top->rootp->pw_soc__DOT__##path)
#define S_VALID SIG(frontend__DOT__s_valid)
#define S_READY SIG(frontend__DOT__s_ready)
#define S_CH SIG(frontend__DOT__s_ch)
#define S_DATA SIG(frontend__DOT__s_data)
#define WIN_SEQ SIG(frontend__DOT__win_seq)
#define OVERRUN SIG(frontend__DOT__overrun)
#define BANK SIG(frontend__DOT__integrate__DOT__bank)
#define RAM SIG(bram__DOT__ram__DOT__mem)
#define BUS_ERRORS SIG(periph__DOT__sys__DOT__count_q)
#define RESET_REQ SIG(reset_req)
/* Level of clk at the last evaluation. No logic here acts on a falling edge, so instead of evaluating one we say that it has been. */
#define CLK_BEFORE (t->top->rootp->__Vtrigrprev__TOP__clk)

static const unsigned n_ch = PW_N_CT + PW_PANEL_N_V, n_uart = PW_BOARD_UARTS, ram_words = PW_RAM_KIB * 256, reset_clk = 16;
static const uint32_t baud[PW_BOARD_UARTS] = { 115200, 9600, 9600, 115200 };      /* what the terminals are set to, 8N1 */
static const char *const roms[] = { "build/gen/pw_dec_fir.hex", "build/gen/pw_dec_rom.hex", "build/gen/pw_sine.hex" };    /* $readmemh of decimator and analysis */
static const char default_firmware[] = PW_FIRMWARE;

extern "C" const char pw_tier_name[] = "rtl";

struct pw_tier {
    std::unique_ptr<VerilatedContext> ctx;
    std::unique_ptr<Vpw> top;
    pw_board *board;
    pw_panel *panel;
    pw_tier_hooks hooks;
    uint64_t clk;                      /* since the end of reset */
    uint64_t next_event;               /* clock of the next serial-line action */
    uint64_t bits[8];                  /* the next modulator clocks, one word of N_CH bits each */
    unsigned bit;                      /* the one to come */
    bool mclk;
    uint32_t spi, lcd, misc;           /* port words as last seen */
    uint8_t uart_tx;
    uint64_t pulse;
    pw_spi_pins bus[2];
    pw_uart_pins uart[PW_BOARD_UARTS];
    int32_t sample[PW_PANEL_MAX_CH];
    uint64_t n_frames;
    uint16_t seq;
    unsigned cpu_resets, bus_errors;
#ifdef PW_SDRAM
    pw_sdrampart sdram;
#endif
#ifdef PW_XIP
    pw_flashpart boot;                 /* the logs have a flash of their own then */
    pw_xippart xip;
#endif
};

#ifdef PW_EXT
/* The part of the firmware for external memory, where the gateware looks for it in flash: NAME.ext of NAME-ext.bin. */
static int load_ext(pw_tier *t, const char *firmware, char *err, size_t err_n)
{
    static const std::string tail = "-ext.bin";
    std::string path = firmware != nullptr ? firmware : default_firmware;
    if (path.size() > tail.size() && path.compare(path.size() - tail.size(), tail.size(), tail) == 0) path.resize(path.size() - tail.size());
    path += ".ext";
    static const unsigned at = 0x100000;
#ifdef PW_XIP
    if (pw_flashpart_open(&t->boot, NULL, &t->board->now_ns, err, err_n) != 0) return -1;
    t->boot.powered_down = true;       /* as the configuration of an iCE40 leaves it */
    pw_xippart_init(&t->xip, &t->boot);
    uint8_t *flash = t->boot.mem;
#else
    uint8_t *flash = t->board->flash.mem;
#endif
    std::FILE *f = std::fopen(path.c_str(), "rb");
    if (f == nullptr) {
        snprintf(err, err_n, "%s: %s", path.c_str(), strerror(errno));
        return -1;
    }
    size_t n = std::fread(flash + at, 1, PW_FLASHPART_SIZE - at, f);
    std::fclose(f);
#ifdef PW_SDRAM
    if (n > 0 && pw_sdrampart_open(&t->sdram, PW_SDRAM, PW_SDRAM_ROW, PW_SDRAM_COL, PW_CLK_MHZ) == 0) return 0;
#else
    if (n > 0) return 0;
#endif
    snprintf(err, err_n, "%s: empty, or no memory", path.c_str());
    return -1;
}
#endif
#ifdef PW_SDRAM
static inline void sdram_clock(pw_tier *t)
{
    Vpw *top = t->top.get();
    top->sdram_dq_i = pw_sdrampart_clock(&t->sdram, top->sdram_cmd_n_o, top->sdram_ba_o, top->sdram_a_o, top->sdram_dqm_o, top->sdram_dq_oe_o, top->sdram_dq_o);
}
#endif

static void set_time(pw_tier *t) { t->board->now_ns = t->clk * 1000 / PW_CLK_MHZ; }

#ifdef PW_XIP
static inline void xip_clock(pw_tier *t)
{
    Vpw *top = t->top.get();
    bool cs = !(top->spi_cs_n_o & 1);
    if (!top->xip_sck_o && cs == t->xip.on) return;
    set_time(t);
    top->xip_io_i = pw_xippart_clock(&t->xip, cs, top->xip_sck_o, top->xip_oe_o, top->xip_io_o);
}
#endif

int pw_tier_clocks(unsigned n_ct, unsigned *clk_mhz, unsigned *mod_div, char *err, size_t err_n)
{
    *clk_mhz = PW_CLK_MHZ;
    *mod_div = PW_MOD_DIV;
    if (n_ct == PW_N_CT) return 0;
    snprintf(err, err_n, "--ct %u: this program was built for %u CTs (make build/sim/pwsim-rtl-%u)", n_ct, PW_N_CT, n_ct);
    return -1;
}

static int load_firmware(pw_tier *t, const char *path, char *err, size_t err_n)
{
    static uint8_t image[ram_words * 4 + 1];
    std::FILE *f = std::fopen(path, "rb");
    if (f == nullptr) {
        snprintf(err, err_n, "%s: %s (make firmware builds it)", path, strerror(errno));
        return -1;
    }
    size_t n = std::fread(image, 1, sizeof image, f);
    std::fclose(f);
    if (n == 0 || n > ram_words * 4) {
        snprintf(err, err_n, "%s: %s", path, n == 0 ? "empty" : "longer than the RAM");
        return -1;
    }
    memset(image + n, 0, sizeof image - n);
    for (unsigned i = 0; i < ram_words; i++)
        RAM[i] = image[4 * i] | image[4 * i + 1] << 8 | image[4 * i + 2] << 16 | (uint32_t)image[4 * i + 3] << 24;
    return 0;
}

/* Bytes of 8 clocks a channel become words of all channels a clock. */
static void next_bits(pw_tier *t)
{
    uint8_t bytes[PW_PANEL_MAX_CH + 7] = { 0 };
    pw_panel_step8(t->panel, bytes);
    memset(t->bits, 0, sizeof t->bits);
    for (unsigned g = 0; g < n_ch; g += 8) {
        uint64_t x;                    /* 8 x 8 bits, transposed by exchanging ever larger blocks */
        memcpy(&x, bytes + g, 8);
        uint64_t y = (x ^ (x >> 7)) & UINT64_C(0x00AA00AA00AA00AA);
        x ^= y ^ (y << 7);
        y = (x ^ (x >> 14)) & UINT64_C(0x0000CCCC0000CCCC);
        x ^= y ^ (y << 14);
        y = (x ^ (x >> 28)) & UINT64_C(0x00000000F0F0F0F0);
        x ^= y ^ (y << 28);
        for (unsigned i = 0; i < 8; i++) t->bits[i] |= (x >> (8 * i) & 0xFF) << g;
    }
    t->bit = 0;
}

static inline void give_bits(pw_tier *t)
{
    if (t->bit == 8) next_bits(t);
    t->top->bits_i = t->bits[t->bit++] & ((UINT64_C(1) << n_ch) - 1);
}

static void serial_next(pw_tier *t)
{
    t->next_event = UINT64_MAX;
    for (unsigned i = 0; i < n_uart; i++) {
        uint64_t next = pw_uart_pins_next(&t->uart[i]);
        if (next < t->next_event) t->next_event = next;
    }
}

static void serial_run(pw_tier *t)
{
    uint8_t rx = 0;
    for (unsigned i = 0; i < n_uart; i++) {
        pw_uart_pins_run(&t->uart[i], t->clk);
        rx |= (uint8_t)(t->uart[i].to_meter << i);
    }
    t->top->uart_rx_i = rx;
    serial_next(t);
}

static void serial_edge(pw_tier *t, uint8_t tx)
{
    for (unsigned i = 0; i < n_uart; i++)
        if ((tx ^ t->uart_tx) >> i & 1) pw_uart_pins_edge(&t->uart[i], t->clk, tx >> i & 1);
    t->uart_tx = tx;
    serial_next(t);
}

static void spi_moved(pw_tier *t, uint32_t spi)
{
    set_time(t);
    uint8_t miso = 0;
    for (unsigned i = 0; i < 2; i++)
        miso |= (uint8_t)(pw_spi_pins_update(&t->bus[i], spi >> (4 + 4 * i) & 15, spi >> i & 1, spi >> (2 + i) & 1) << i);
    t->top->spi_miso_i = miso;
    t->spi = spi;
}

static void pulses_moved(pw_tier *t, uint64_t now)
{
    uint64_t rise = now & ~t->pulse;
    t->pulse = now;
    for (; rise != 0; rise &= rise - 1) t->board->pulses[__builtin_ctzll(rise)]++;
}

static void take_sample(pw_tier *t)
{
    unsigned ch = S_CH;
    t->sample[ch] = (int32_t)((uint32_t)S_DATA << 8) >> 8;
    if (ch == n_ch - 1) t->hooks.frame(t->hooks.ctx, t->n_frames++, t->sample);
}

static inline void one_clock(pw_tier *t)
{
    Vpw *top = t->top.get();
    if (S_VALID && S_READY) take_sample(t);
    top->clk = 1;
    top->eval();
    t->clk++;
    if (top->mclk_o != t->mclk) {
        t->mclk = top->mclk_o;
        if (t->mclk) give_bits(t);
    }
    uint32_t spi = top->spi_sck_o | (uint32_t)top->spi_mosi_o << 2 | (uint32_t)top->spi_cs_n_o << 4;
    if (spi != t->spi) spi_moved(t, spi);
    uint32_t lcd = top->lcd_d_o | (uint32_t)top->lcd_rs_o << 4 | (uint32_t)top->lcd_e_o << 5;
    if (lcd != t->lcd) {
        set_time(t);
        t->lcd = lcd;
        pw_lcdpart_pins(&t->board->lcd, t->board->now_ns, lcd >> 4 & 1, lcd >> 5 & 1, lcd & 15);
    }
    if (top->uart_tx_o != t->uart_tx) serial_edge(t, top->uart_tx_o);
    if (top->pulse_o != t->pulse) pulses_moved(t, top->pulse_o);
    if (t->clk >= t->next_event) serial_run(t);
    t->cpu_resets += RESET_REQ;
#ifdef PW_SDRAM
    sdram_clock(t);
#endif
#ifdef PW_XIP
    xip_clock(t);
#endif
    CLK_BEFORE = 0;
}

/* Things that nobody notices a few microseconds later. */
static void slow_pins(pw_tier *t)
{
    Vpw *top = t->top.get();
    set_time(t);
    if (t->board->leds != top->leds_o) pw_board_leds(t->board, top->leds_o);
    pw_w5500part_reset(&t->board->eth, !top->eth_rst_n_o);
    top->buttons_i = t->board->buttons & 15;
    top->unsealed_i = t->board->unsealed;
    top->power_fail_i = t->board->power_fail;
    top->key_i = t->board->key;
    top->i2c_scl_i = top->i2c_scl_o;
    top->i2c_sda_i = pw_rtcpart_lines(&t->board->rtc, top->i2c_scl_o, top->i2c_sda_o);    /* firmware leaves 5 us between two changes */
    if (BUS_ERRORS > t->bus_errors) t->bus_errors = BUS_ERRORS;
    for (unsigned i = 0; i < n_uart; i++) pw_uart_pins_feed(&t->uart[i], t->clk);
    serial_next(t);
    if (WIN_SEQ == t->seq) return;
    t->seq = WIN_SEQ;                  /* moves at the end of the frame that begins the new window */
    t->hooks.window(t->hooks.ctx, t->seq, t->n_frames - 1);
}

void pw_tier_run_to(pw_tier *t, uint64_t clk)
{
    while (t->clk < clk) {
        for (unsigned i = 0; i < 8 * PW_MOD_DIV; i++) one_clock(t);
        slow_pins(t);
        pw_board_poll(t->board);
    }
    if (!OVERRUN) return;
    std::fprintf(stderr, "pwsim-rtl: the front-end lost samples (overrun)\n");
    std::exit(1);
}

static void power_on(pw_tier *t)
{
    Vpw *top = t->top.get();
    top->i2c_scl_i = top->i2c_sda_i = 1;
    top->spi_miso_i = 3;
    top->uart_rx_i = (1 << n_uart) - 1;
    top->rst = 1;
    next_bits(t);
    give_bits(t);                      /* the first modulator period has no rising edge before it */
    for (unsigned i = 0; i < reset_clk; i++) {
        top->clk = 1;
        top->eval();
        top->clk = 0;
        top->eval();
    }
#ifdef PW_SDRAM
    top->sdram_dq_i = 0;
#endif
    top->rst = 0;
    t->mclk = top->mclk_o;
    t->uart_tx = (1 << n_uart) - 1;
    t->spi = 0xFF0;
}

pw_tier *pw_tier_open(const pw_tier_opts *o, char *err, size_t err_n)
{
    for (const char *rom : roms)       /* without them the gateware would meter nothing, and Verilator says no word */
        if (access(rom, R_OK) != 0) {
            snprintf(err, err_n, "%s: %s (start it in the project's root folder)", rom, strerror(errno));
            return nullptr;
        }
    std::unique_ptr<pw_tier> t(new pw_tier());
    t->ctx.reset(new VerilatedContext);
    t->top.reset(new Vpw(t->ctx.get()));
    t->board = o->board;
    t->panel = o->panel;
    t->hooks = o->hooks;
    t->next_event = UINT64_MAX;
    for (unsigned i = 0; i < 2; i++) pw_spi_pins_init(&t->bus[i]);
#ifdef PW_XIP
    pw_spi_pins_attach(&t->bus[0], 0, pw_flashpart_spi(&t->boot));
    pw_spi_pins_attach(&t->bus[1], 2, pw_flashpart_spi(&o->board->flash));
#else
    pw_spi_pins_attach(&t->bus[0], 0, pw_flashpart_spi(&o->board->flash));
#endif
    pw_spi_pins_attach(&t->bus[1], 0, pw_frampart_spi(&o->board->fram));
    pw_spi_pins_attach(&t->bus[1], 1, pw_w5500part_spi(&o->board->eth));
    for (unsigned i = 0; i < n_uart; i++)
        pw_uart_pins_init(&t->uart[i], &o->board->uart[i], (PW_CLK_MHZ * 1000000 + baud[i] / 2) / baud[i], 0);
    t->top->eval();                    /* initial blocks, before the program goes into the RAM */
    if (load_firmware(t.get(), o->firmware != nullptr ? o->firmware : default_firmware, err, err_n) != 0) return nullptr;
#ifdef PW_EXT
    if (load_ext(t.get(), o->firmware, err, err_n) != 0) return nullptr;
#endif
    power_on(t.get());
    return t.release();
}

void pw_tier_close(pw_tier *t)
{
    if (t == nullptr) return;
#ifdef PW_SDRAM
    if (t->sdram.n_errors != 0) std::fprintf(stderr, "pwsim-rtl: %u SDRAM rules broken, first: %s\n", t->sdram.n_errors, t->sdram.error);
    pw_sdrampart_close(&t->sdram);
#endif
#ifdef PW_XIP
    if (t->xip.n_errors != 0) std::fprintf(stderr, "pwsim-rtl: %u rules of the flash broken, first: %s\n", t->xip.n_errors, t->xip.error);
    std::fprintf(stderr, "pwsim-rtl: %llu words from the flash in %llu reads\n", (unsigned long long)t->xip.n_words, (unsigned long long)t->xip.n_commands);
    pw_flashpart_close(&t->boot);
#endif
    delete t;
}

uint32_t pw_tier_bank(const pw_tier *t, unsigned ch, unsigned word) { return BANK[32 * ch + word]; }

void pw_tier_status(const pw_tier *t, struct pw_tier_status *s)
{
    s->clk = t->clk;
    s->bus_errors = t->bus_errors;
    s->cpu_resets = t->cpu_resets;
    s->n_frames = t->n_frames;
}
