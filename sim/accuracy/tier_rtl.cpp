/* SPDX-License-Identifier: Apache-2.0 */
/* The Verilated pw_frontend, no CPU: the bench itself is the master on its Wishbone port. */
#include <cstdio>
#include <cstring>
#include <memory>
#include <unistd.h>
#include "Vpwacc.h"
#include "Vpwacc___024root.h"
#include "verilated.h"
extern "C" {
#include "pw_regs.h"
#include "tier.h"
}

#define SIG(name) (t->top.rootp->pw_frontend__DOT__##name)
/* No logic here acts on a falling edge: instead of evaluating one we say that it has been (as sim/top does). */
#define CLK_BEFORE (t->top.rootp->__Vtrigrprev__TOP__clk)

extern "C" const char pw_acc_tier_name[] = "rtl";

static const unsigned n_ch = PW_N_CT + PW_ACC_N_V, reset_clk = 16, max_wait = 10000;
static const char *const roms[] = { "build/gen/pw_dec_fir.hex", "build/gen/pw_dec_rom.hex" };

struct pw_acc_tier {
    VerilatedContext ctx;
    Vpwacc top{&ctx};
    pw_hal hal;
    pw_acc_stim *stim;
    unsigned clk_mhz, bad_accesses;
    uint64_t clk, bits[8];
    unsigned bit;
    bool mclk, frame_done;
    int32_t sample[PW_ACC_PAD];
    uint64_t n_frames;
    uint16_t seq;
    uint64_t window_end[16];
    uint32_t pulses[PW_ACC_MAX_CT];
    uint64_t pulse_frame[PW_ACC_MAX_CT];
    FILE *log;
    uint64_t log_first, log_last;
};

static void give_bits(pw_acc_tier *t)
{
    if (t->bit == 8) {
        uint8_t bytes[PW_ACC_PAD];
        pw_acc_stim_step8(t->stim, bytes);
        for (unsigned i = 0; i < 8; i++) {
            uint64_t word = 0;
            for (unsigned ch = 0; ch < n_ch; ch++) word |= (uint64_t)(bytes[ch] >> i & 1) << ch;
            t->bits[i] = word;
        }
        t->bit = 0;
    }
    t->top.bits_i = t->bits[t->bit++];
}

static void set_done(pw_acc_tier *t)
{
    if (t->log != nullptr && t->n_frames >= t->log_first && t->n_frames < t->log_last) fwrite(t->sample, sizeof(int32_t), n_ch, t->log);
    t->n_frames++;
    t->frame_done = true;
}

static void tick(pw_acc_tier *t)
{
    Vpwacc &top = t->top;
    if (SIG(s_valid) && SIG(s_ready)) {
        t->sample[SIG(s_ch)] = (int32_t)((uint32_t)SIG(s_data) << 8) >> 8;
        if (SIG(s_ch) == n_ch - 1) set_done(t);
    }
    if (top.pulse_valid_o) {
        t->pulses[top.pulse_ch_o]++;
        t->pulse_frame[top.pulse_ch_o] = t->n_frames;
    }
    top.clk = 1;
    top.eval();
    t->clk++;
    if (top.mclk_o != t->mclk) {
        t->mclk = top.mclk_o;
        if (t->mclk) give_bits(t);
    }
    CLK_BEFORE = 0;
    if (SIG(win_seq) != t->seq) {       /* moves at the end of the frame that begins the new window */
        t->seq = SIG(win_seq);
        t->window_end[t->seq % 16] = t->n_frames - 1;
    }
}

static uint32_t access32(pw_acc_tier *t, uint32_t addr, bool we, uint32_t data)
{
    if (addr - PW_FE_BASE_ADDR >= PW_BANK_BASE_ADDR + PW_BANK_SIZE - PW_FE_BASE_ADDR) return 0; /* not built in */
    Vpwacc &top = t->top;
    top.wb_cyc_i = top.wb_stb_i = 1;
    top.wb_we_i = we;
    top.wb_adr_i = addr >> 2 & 0xFFF;
    top.wb_dat_i = data;
    top.eval();
    unsigned n = 0;
    while (!top.wb_ack_o && !top.wb_err_o && n++ < max_wait) tick(t);
    if (!top.wb_ack_o) t->bad_accesses++;
    data = top.wb_dat_o;
    tick(t);
    top.wb_cyc_i = top.wb_stb_i = top.wb_we_i = 0;
    top.eval();
    return data;
}

static uint32_t read32(void *ctx, uint32_t addr) { return access32((pw_acc_tier *)ctx, addr, false, 0); }
static void write32(void *ctx, uint32_t addr, uint32_t value) { access32((pw_acc_tier *)ctx, addr, true, value); }
static uint64_t uptime_us(void *ctx)
{
    const pw_acc_tier *t = (const pw_acc_tier *)ctx;
    return t->clk / t->clk_mhz;
}

extern "C" {

pw_acc_tier *pw_acc_tier_open(pw_acc_stim *stim, unsigned mod_div, unsigned clk_mhz, char *err, size_t err_n)
{
    if (stim->n_ct != PW_N_CT || mod_div != PW_MOD_DIV) {
        snprintf(err, err_n, "this program was built for %d CTs and MOD_DIV %d", PW_N_CT, PW_MOD_DIV);
        return nullptr;
    }
    for (const char *rom : roms)        /* without them the gateware would meter nothing, and Verilator says no word */
        if (access(rom, R_OK) != 0) {
            snprintf(err, err_n, "%s: cannot be read (start it in the project's root folder)", rom);
            return nullptr;
        }
    pw_acc_tier *t = new pw_acc_tier();
    t->stim = stim;
    t->clk_mhz = clk_mhz;
    t->hal = pw_hal{ read32, write32, uptime_us, t };
    t->bit = 8;
    t->top.rst = 1;
    give_bits(t);                       /* the first modulator period has no rising edge before it */
    for (unsigned i = 0; i < reset_clk; i++) {
        t->top.clk = 1;
        t->top.eval();
        t->top.clk = 0;
        t->top.eval();
    }
    t->top.rst = 0;
    t->mclk = t->top.mclk_o;
    for (unsigned i = 0; i < 100 * 8 * mod_div; i++) tick(t); /* memories are cleared before anything may be written */
    return t;
}

void pw_acc_tier_close(pw_acc_tier *t) { delete t; }
const pw_hal *pw_acc_tier_hal(const pw_acc_tier *t) { return &t->hal; }

void pw_acc_tier_frame(pw_acc_tier *t)
{
    t->frame_done = false;
    while (!t->frame_done) tick(t);
}

uint64_t pw_acc_tier_frames(const pw_acc_tier *t) { return t->n_frames; }

void pw_acc_tier_log(pw_acc_tier *t, FILE *file, uint64_t first, uint64_t last)
{
    t->log = file;
    t->log_first = first;
    t->log_last = last;
}

uint64_t pw_acc_tier_window_end(const pw_acc_tier *t, uint16_t seq) { return t->window_end[seq % 16]; }

uint32_t pw_acc_tier_pulses(const pw_acc_tier *t, unsigned ct, uint64_t *frame)
{
    *frame = t->pulse_frame[ct];
    return t->pulses[ct];
}

unsigned pw_acc_tier_faults(const pw_acc_tier *t) { return t->bad_accesses + SIG(overrun); }
}
