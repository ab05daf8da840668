// SPDX-License-Identifier: Apache-2.0
// pw_sdram against the chip's model: random reads and writes on both ports over rows and banks, byte enables, withdrawn requests, long idling,
// and the model's judgement of every command.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>

#include "Vpw_sdram.h"
#include "verilated.h"
extern "C" {
#include "sim/parts/sdram_part.h"
}

static Vpw_sdram dut;
static pw_sdrampart chip;
static uint64_t clocks;
static unsigned passed, failed;

static void check(bool ok, const char *what)
{
    ok ? passed++ : failed++;
    if (!ok) std::printf("tb_sdram: %s (clock %llu, %s)\n", what, (unsigned long long)clocks, chip.error);
}

static void tick()
{
    dut.clk = 1;
    dut.eval();
    dut.clk = 0;                        // the chip's rising edge
    dut.dq_i = pw_sdrampart_clock(&chip, dut.cmd_n_o, dut.ba_o, dut.a_o, dut.dqm_o, dut.dq_oe_o, dut.dq_o);
    dut.eval();
    clocks++;
}

static unsigned worst;
static uint32_t read_word(bool data_port, uint32_t adr)
{
    (data_port ? dut.d_adr_i : dut.i_adr_i) = adr;
    dut.d_we_i = 0;
    (data_port ? dut.d_stb_i : dut.i_stb_i) = 1;
    for (unsigned n = 1; n < 20000; n++) {
        tick();
        if (data_port ? dut.d_ack_o : dut.i_ack_o) {
            uint32_t v = dut.dat_o;
            if (clocks > 20000 && n > worst) worst = n;
            tick();
            (data_port ? dut.d_stb_i : dut.i_stb_i) = 0;
            dut.eval();
            return v;
        }
    }
    std::printf("tb_sdram: no answer\n");
    std::exit(1);
}

static void write_word(uint32_t adr, uint32_t v, unsigned sel)
{
    dut.d_adr_i = adr, dut.d_dat_i = v, dut.d_sel_i = sel, dut.d_we_i = 1, dut.d_stb_i = 1;
    for (unsigned n = 0; n < 20000; n++) {
        tick();
        if (dut.d_ack_o) {
            tick();
            dut.d_stb_i = 0;
            dut.eval();
            return;
        }
    }
    std::printf("tb_sdram: no answer\n");
    std::exit(1);
}

int main(int argc, char **argv)
{
    std::mt19937 rnd(argc > 1 ? std::atoi(argv[1]) : 1);
    const unsigned row_bits = SDRAM_ROW, col_bits = SDRAM_COL, aw = row_bits + 2 + col_bits - (SDRAM_WIDTH == 16);
    if (pw_sdrampart_open(&chip, SDRAM_WIDTH, row_bits, col_bits, SDRAM_MHZ) != 0) return 1;
    dut.rst = 1;
    for (int i = 0; i < 4; i++) tick();
    dut.rst = 0;
    std::map<uint32_t, uint32_t> want;
    unsigned wrong = 0;
    for (unsigned n = 0; n < 60000; n++) {
        uint32_t adr = rnd() & ((1u << aw) - 1);
        if (rnd() % 4) adr = (adr & 0x3F) | (rnd() % 3 << (aw - 3)) | (rnd() % 2 << 9);    // a few rows, often the same
        if (rnd() % 3 == 0) {
            uint32_t v = rnd();
            unsigned sel = rnd() % 4 ? 15 : rnd() & 15;
            write_word(adr, v, sel);
            uint32_t mask = 0;
            for (unsigned i = 0; i < 4; i++)
                if (sel >> i & 1) mask |= 0xFFu << 8 * i;
            want[adr] = (want[adr] & ~mask) | (v & mask);
        } else {
            wrong += read_word(rnd() & 1, adr) != want[adr];
        }
        if (rnd() % 64 == 0) for (unsigned i = rnd() % 3000; i > 0; i--) tick();
        if (rnd() % 16 == 0) {                                                             // a fetch withdrawn (reset of the CPU)
            dut.i_adr_i = rnd() & ((1u << aw) - 1);
            dut.i_stb_i = 1;
            for (unsigned i = rnd() % 8; i > 0; i--) {
                tick();
                if (dut.i_ack_o) break;
            }
            dut.i_stb_i = 0;
            dut.eval();
            for (unsigned i = 0; i < 12; i++) tick();
        }
    }
    check(wrong == 0, "a word was lost");
    check(chip.n_errors == 0, "the chip's rules were broken");
    double per_64ms = chip.refreshes / (clocks / (SDRAM_MHZ * 64000.0));
    check(per_64ms > 8100, "too few refreshes");
    check(worst <= 40, "an access took too long");
    std::printf("tb_sdram %u bit %u MHz: %zu words, worst wait %u clk, %.0f refreshes in 64 ms\n", SDRAM_WIDTH, SDRAM_MHZ, want.size(), worst, per_64ms);
    std::printf("%u passed, %u failed\n", passed, failed);
    pw_sdrampart_close(&chip);
    return failed != 0;
}
