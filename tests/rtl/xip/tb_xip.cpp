// SPDX-License-Identifier: Apache-2.0
// pw_xip in the SoC, the CPU replaced by a bus master (bus_master.v), against the models of the flash (sim/parts): random fetches in sequence and
// in jumps, loads, RAM and registers at the same time, transfers of SPI port 0 in between, resets. Every word is compared with the flash.
#include <cstring>
#include <vector>

#include "../periph/check.h"
#include "Vpw_soc.h"
#include "Vpw_soc___024root.h"
#include "pw_regs.h"
#include "verilated.h"
extern "C" {
#include "sim/parts/spi_pins.h"
#include "sim/parts/xip_part.h"
}

static const uint32_t XIP = 0x20000000, BASE = 0x100000, SIZE_B = 256 * 1024;
static Vpw_soc *dut;
static uint64_t now, now_ns, cs_off, cs_off_min = UINT64_MAX, cs_turns;
static pw_flashpart flash;
static pw_xippart part;
static pw_spi_pins pins;
static bool cs_last;
#define CPU(sig) dut->rootp->pw_soc__DOT__cpu__DOT__##sig

static uint32_t seed = 1;
static uint32_t rnd(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(seed >> 3) * below >> 29);
}
static uint32_t flash_word(uint32_t word)
{
    uint32_t v;
    memcpy(&v, flash.mem + BASE + 4 * (word % (SIZE_B / 4)), 4);
    return v;
}

static void tick()
{
    dut->clk = 1;
    dut->eval();
    now++;
    now_ns = now * 1000 / 21;
    bool cs = !(dut->spi_cs_n_o & 1);
    if (cs && !cs_last && cs_turns++ > 0 && now - cs_off < cs_off_min)
        cs_off_min = now - cs_off;
    if (!cs && cs_last)
        cs_off = now;
    cs_last = cs;
    CHECK(!(dut->xip_sck_o && (dut->spi_sck_o & 1)));       // never both
    CHECK((dut->xip_oe_o & 2) == 0 || dut->xip_sck_o);      // MISO is driven for a command only
    dut->xip_io_i = pw_xippart_clock(&part, cs, dut->xip_sck_o, dut->xip_oe_o, dut->xip_io_o);
    bool mosi = dut->xip_oe_o & 1 ? dut->xip_io_o & 1 : true;
    dut->spi_miso_i = 2 | pw_spi_pins_update(&pins, cs ? 0xE : 0xF, dut->spi_sck_o & 1, mosi);
    dut->clk = 0;
    dut->eval();
}
static void run(unsigned n)
{
    while (n--)
        tick();
}

// The data bus alone
static uint32_t data(uint32_t addr, bool we, uint32_t v, bool *err = nullptr, unsigned *clks = nullptr)
{
    CPU(d_stb) = 1, CPU(d_we) = we, CPU(d_adr) = addr >> 2, CPU(d_dat) = v, CPU(d_sel) = 15;
    dut->eval();
    unsigned i = 0;
    for (; i < 400 && !CPU(d_ack); i++)
        tick();
    CHECK(CPU(d_ack));
    uint32_t got = CPU(d_got);
    if (err)
        *err = CPU(d_err);
    if (clks)
        *clks = i;
    tick();
    CPU(d_stb) = 0;
    dut->eval();
    return got;
}
static uint32_t fetch(uint32_t addr, unsigned *clks = nullptr, bool *err = nullptr)
{
    CPU(i_stb) = 1, CPU(i_adr) = addr >> 2;
    dut->eval();
    unsigned i = 0;
    for (; i < 400 && !CPU(i_ack) && !CPU(i_err); i++)
        tick();
    CHECK(CPU(i_ack) || CPU(i_err));
    if (err)
        *err = CPU(i_err);
    if (clks)
        *clks = i;
    uint32_t got = CPU(i_got);
    tick();
    CPU(i_stb) = 0;
    dut->eval();
    return got;
}
static void spi0(uint32_t ctrl, uint32_t out, uint32_t *in = nullptr)
{
    data(PW_SPI_CTRL_BASE_ADDR(0), true, ctrl);
    data(PW_SPI_DATA_BASE_ADDR(0), true, out);
    while (data(PW_SPI_STATUS_BASE_ADDR(0), false, 0) != 0)
        ;
    uint32_t got = data(PW_SPI_DATA_BASE_ADDR(0), false, 0);
    if (in)
        *in = got;
}
static void reset()
{
    CPU(d_stb) = CPU(i_stb) = 0;
    dut->rst = 1;
    run(4);
    dut->rst = 0;
    while (CPU(in_reset))
        tick();
}
static void no_rule_broken()
{
    if (!CHECK_EQ(part.n_errors, 0))
        printf("    %s\n", part.error);
    CHECK_EQ(pins.n_errors, 0);
    part.n_errors = pins.n_errors = 0;
}
static void quad_on()
{
    spi0(1, 0xAB);
    data(PW_SPI_CTRL_BASE_ADDR(0), true, 0);
    run(70);
    spi0(1, 0x50);
    data(PW_SPI_CTRL_BASE_ADDR(0), true, 0);
    spi0(0x11, 0x3102);
    data(PW_SPI_CTRL_BASE_ADDR(0), true, 0);
}

// Both buses at random for n clocks. What is in flight is checked when it is answered.
static void random_traffic(unsigned n, unsigned jump_pct, unsigned ram_pct, uint32_t image_words)
{
    std::vector<uint32_t> ram(64);
    for (unsigned i = 0; i < ram.size(); i++)
        data(0x100 + 4 * i, true, ram[i] = rnd(1u << 29));
    uint32_t pc = 1, d_at = 0, d_v = 0;
    bool pc_ram = false, d_ram = false, d_we = false;
    unsigned fetches = 0, loads = 0, waited = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!CPU(i_stb) && rnd(8) != 0) {
            CPU(i_stb) = 1;
            CPU(i_adr) = pc_ram ? 0x40 + pc % 64 : XIP / 4 + pc;
        }
        if (!CPU(d_stb) && rnd(12) == 0) {
            CPU(d_stb) = 1, CPU(d_sel) = 15;
            d_ram = rnd(100) < 60, d_we = d_ram && rnd(2);
            d_at = d_ram ? rnd(64) : rnd(image_words), d_v = rnd(1u << 29);
            CPU(d_we) = d_we, CPU(d_adr) = d_ram ? 0x40 + d_at : XIP / 4 + d_at, CPU(d_dat) = d_v;
        }
        dut->eval();
        bool i_ack = CPU(i_ack), d_ack = CPU(d_ack);
        CHECK(!CPU(i_err) && !CPU(d_err));
        waited = i_ack || !CPU(i_stb) ? 0 : waited + 1;
        CHECK(waited < 500);                                // loads go first
        if (i_ack) {
            CHECK_EQ(CPU(i_got), pc_ram ? ram[pc % 64] : flash_word(pc));
            fetches++;
        }
        if (d_ack) {
            if (!d_we)
                CHECK_EQ(CPU(d_got), d_ram ? ram[d_at] : flash_word(d_at));
            loads++;
        }
        tick();
        if (d_ack) {
            if (d_we)
                ram[d_at] = d_v;
            CPU(d_stb) = 0;
        }
        if (i_ack) {
            CPU(i_stb) = 0;
            pc++;
            if (rnd(100) < jump_pct || (!pc_ram && pc >= image_words)) {
                pc_ram = rnd(100) < ram_pct;
                uint32_t to = rnd(4);                        // also to the same place in another half, and to the next word but one
                pc = to == 0 ? (pc ^ 0x8000) % image_words : to == 1 ? (pc + 1) % image_words : 1 + rnd(image_words - 1);
                if (pc == 0 || pc == 0x8000)                 // see pw_bus.v: no jump to the first word of a half from the last one
                    pc++;
            }
        }
        dut->eval();
    }
    while (CPU(i_stb) || CPU(d_stb)) {
        bool i_ack = CPU(i_ack), d_ack = CPU(d_ack);
        tick();
        if (i_ack)
            CPU(i_stb) = 0;
        if (d_ack)
            CPU(d_stb) = 0;
        dut->eval();
    }
    CHECK(fetches > n / 100 && loads > n / 1000);
}

int main(int argc, char **argv)
{
    Verilated::commandArgs(argc, argv);
    char err[100];
    if (pw_flashpart_open(&flash, nullptr, &now_ns, err, sizeof err) != 0)
        return 2;
    for (uint32_t i = 0; i < SIZE_B; i++)
        flash.mem[BASE + i] = (uint8_t)rnd(256);
    flash.powered_down = true;
    pw_xippart_init(&part, &flash);
    pw_spi_pins_init(&pins);
    pw_spi_pins_attach(&pins, 0, pw_flashpart_spi(&flash));
    dut = new Vpw_soc;
    dut->uart_rx_i = 1, dut->i2c_scl_i = dut->i2c_sda_i = 1, dut->spi_miso_i = 3, dut->xip_io_i = 15;
    reset();
    quad_on();

    tally.begin("times: a jump 29 clk and 1 with the chip select off, in sequence 8 and 1, a load the same");
    unsigned clks, n = 0;
    CHECK_EQ(fetch(XIP + 16), flash_word(4));
    CHECK_EQ(fetch(XIP + 20, &clks), flash_word(5));
    CHECK_EQ(clks, 9);
    CHECK_EQ(fetch(XIP + 400, &clks), flash_word(100));
    CHECK_EQ(clks, 30);
    CHECK_EQ(data(XIP + 404, false, 0, nullptr, &clks), flash_word(101));
    CHECK_EQ(clks, 30);
    CHECK_EQ(fetch(XIP + 404, &clks), flash_word(101));      // a load ends the sequence
    CHECK_EQ(clks, 30);
    no_rule_broken();

    tally.begin("edges: last words, across the halves, outside, a store");
    CHECK_EQ(fetch(XIP + 0x1FFFC), flash_word(0x7FFF));
    CHECK_EQ(fetch(XIP + 0x20000, &clks), flash_word(0x8000));
    CHECK_EQ(fetch(XIP + 0x20004), flash_word(0x8001));
    CHECK_EQ(fetch(XIP + 0x00008), flash_word(2));           // the same place of the other half
    CHECK_EQ(fetch(XIP + SIZE_B - 4), flash_word(SIZE_B / 4 - 1));
    bool bad = false;
    fetch(XIP + SIZE_B, nullptr, &bad);
    CHECK(bad);
    data(XIP + SIZE_B, false, 0, &bad);
    CHECK(bad);
    data(XIP + 64, true, 0, &bad);
    CHECK(bad);
    CHECK_EQ(fetch(XIP + 64), flash_word(16));
    no_rule_broken();

    tally.begin("random traffic: code in sequence");
    random_traffic(200000, 3, 5, SIZE_B / 4);
    no_rule_broken();
    tally.begin("random traffic: jumps, RAM between");
    random_traffic(400000, 35, 50, SIZE_B / 4);
    no_rule_broken();

    tally.begin("port 0: JEDEC id, slow reads, fetches in between");
    for (unsigned i = 0; i < 300; i++) {
        uint32_t at = rnd(SIZE_B / 4), got;
        for (unsigned k = rnd(4); k > 0; k--, at++)
            CHECK_EQ(fetch(XIP + 4 * (at % (SIZE_B / 4))), flash_word(at));
        run(rnd(5));
        if (rnd(2)) {
            spi0(1, 0x9F);
            spi0(0x21, 0, &got);
            CHECK_EQ(got, 0xEF4017);
        } else {
            spi0(0x31, 0x03000000 | (BASE + 4 * (at % (SIZE_B / 4))));
            spi0(0x31, 0, &got);
            CHECK_EQ(__builtin_bswap32(got), flash_word(at));
        }
        // a fetch while the port has the flash waits for it
        CPU(i_stb) = 1, CPU(i_adr) = XIP / 4 + at % (SIZE_B / 4);
        for (unsigned k = 0; k < 60; k++) {
            dut->eval();
            CHECK(!CPU(i_ack));
            tick();
        }
        data(PW_SPI_CTRL_BASE_ADDR(0), true, 0);
        for (n = 0; n < 60 && !CPU(i_ack); n++)
            tick();
        CHECK_EQ(CPU(i_got), flash_word(at));
        CHECK(CPU(i_ack));
        tick();
        CPU(i_stb) = 0;
        dut->eval();
        if (rnd(3) == 0) {
            spi0(0, rnd(256));                               // a transfer without a chip select moves the clock too
            CHECK_EQ(fetch(XIP + 4 * ((at + 1) % (SIZE_B / 4))), flash_word(at + 1));
        }
    }
    no_rule_broken();

    tally.begin("reset in the middle of a word");
    for (unsigned i = 0; i < 60; i++) {
        uint32_t at = 1 + rnd(SIZE_B / 4 - 2);
        fetch(XIP + 4 * at);
        CPU(i_stb) = 1, CPU(i_adr) = XIP / 4 + at + rnd(2);
        run(rnd(32));
        reset();
        CHECK_EQ(fetch(XIP + 4 * at), flash_word(at));
    }
    no_rule_broken();

    tally.begin("the model sees a flash that is not ready");
    flash.sr2 = 0;
    fetch(XIP + 1000);
    CHECK(part.n_errors > 0);
    tally.begin("chip select off for at least 1 clk between two reads");
    CHECK_EQ(cs_off_min, 1);
    pw_flashpart_close(&flash);
    return tally.finish();
}
