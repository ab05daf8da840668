// SPDX-License-Identifier: Apache-2.0
// pw_chain (19 outputs, 5 keys) driving a model of three 74HC595 with keys on the last five outputs.
#include "Vpw_chain.h"
#include "check.h"
#include "verilated.h"

static Vpw_chain *dut;
static uint32_t shift, latch, keys;             // chips: bit 0 = QA of the first
static bool srclk, rclk;
static unsigned rises, latches;

static void tick()
{
    dut->clk = 1;
    dut->eval();
    dut->clk = 0;
    dut->eval();
    if (dut->srclk_o && !srclk) {
        shift = (shift << 1 | dut->ser_o) & 0xFFFFFF;
        rises++;
    }
    if (dut->rclk_o && !rclk) {
        latch = shift;
        latches++;
        CHECK_EQ(rises, 24);                    // a whole refresh, the clocks never together
        CHECK_EQ(dut->srclk_o, 0);
        rises = 0;
        unsigned scan = ~latch >> 19 & 31;
        CHECK(scan != 0 && (scan & (scan - 1)) == 0);           // one key at a time
    }
    srclk = dut->srclk_o, rclk = dut->rclk_o;
    dut->sense_i = !(keys & ~latch >> 19 & 31); // a closed key pulls the line down while its output is low
    dut->eval();
}
static void refreshes(unsigned n)
{
    for (unsigned end = latches + n; latches != end;)
        tick();
}
static void outputs()
{
    for (uint32_t v = 1; v < 1u << 19; v = v << 1 | (v % 3 == 0)) {
        dut->out_i = v;
        refreshes(2);
        CHECK_EQ(latch & 0x7FFFF, v);
    }
}
static void scan()
{
    dut->quiet_i = 1;
    for (keys = 0; keys < 32; keys++) {
        refreshes(7);
        CHECK_EQ(dut->key_o, keys);
    }
    keys = 0x15;
    refreshes(7);
    for (unsigned gap = 1; gap < 90; gap++) {   // a busy bus, quiet now and then for less than a refresh: nothing is read from it
        keys = gap & 1 ? 0x1F : 0;
        dut->quiet_i = 0;
        for (unsigned i = 0; i < 40; i++)
            tick();
        dut->quiet_i = 1;
        for (unsigned i = 0; i < gap % 50; i++)
            tick();
        CHECK_EQ(dut->key_o, 0x15);
    }
}
int main(int argc, char **argv)
{
    Verilated::commandArgs(argc, argv);
    dut = new Vpw_chain;
    dut->rst = 1;
    for (int i = 0; i < 4; i++)
        tick();
    dut->rst = 0;
    rises = 0;
    tally.begin("chain: outputs");
    outputs();
    tally.begin("chain: keys");
    scan();
    return tally.finish();
}
