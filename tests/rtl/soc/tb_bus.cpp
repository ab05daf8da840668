// SPDX-License-Identifier: Apache-2.0
// The whole SoC with the CPU replaced by a bus master (bus_master.v): every register of the RDL, unmapped addresses, RAM, resets.
#include <cstring>
#include <string>
#include <vector>

#include "Vpw_soc.h"
#include "Vpw_soc___024root.h"
#include "check.h"
#include "pw_regs.h"
#include "verilated.h"

static const uint32_t RAM_B = 16 * 1024;
static const int N_CH = 15, N_UART = 2;
struct Reg {
    const char *name;
    uint32_t addr, read, rw, known, reset;      // bits
};
static const Reg regs[] = {
#include "reglist.inc"
};

static Vpw_soc *dut;
static uint64_t now;
#define CPU(sig) dut->rootp->pw_soc__DOT__cpu__DOT__##sig

static void tick()
{
    dut->clk = 1;
    dut->eval();
    dut->clk = 0;
    dut->eval();
    now++;
}
static void run(uint64_t n)
{
    while (n--)
        tick();
}
enum Answer { ACK, ERR, NONE };
// One access of the data bus. ack and err of the wrapper are told apart by d_err: pw_soc acknowledges errors too, for VexRiscv.
static Answer access(uint32_t addr, bool we, uint32_t value, uint32_t sel, uint32_t *got, unsigned *clks = nullptr)
{
    CPU(d_stb) = 1, CPU(d_we) = we, CPU(d_adr) = addr >> 2, CPU(d_dat) = value, CPU(d_sel) = (uint8_t)sel;
    dut->eval();
    for (unsigned i = 0; i < 300; i++) {
        if (CPU(d_ack)) {
            Answer a = CPU(d_err) ? ERR : ACK;
            if (got)
                *got = CPU(d_got);
            if (clks)
                *clks = i;
            tick();
            CPU(d_stb) = 0;
            dut->eval();
            return a;
        }
        tick();
    }
    CPU(d_stb) = 0;
    dut->eval();
    return NONE;
}
static uint32_t rd(uint32_t addr)
{
    uint32_t got = 0;
    Answer a = access(addr, false, 0, 0xF, &got);
    if (!CHECK_EQ(a, ACK))
        printf("    read of 0x%08x\n", addr);
    return got;
}
static void wr(uint32_t addr, uint32_t v) { CHECK_EQ(access(addr, true, v, 0xF, nullptr), ACK); }
static Answer fetch(uint32_t addr, uint32_t *got)
{
    CPU(i_stb) = 1, CPU(i_adr) = addr >> 2;
    dut->eval();
    for (unsigned i = 0; i < 300; i++) {
        if (CPU(i_ack) || CPU(i_err)) {
            Answer a = CPU(i_err) ? ERR : ACK;
            *got = CPU(i_got);
            tick();
            CPU(i_stb) = 0;
            dut->eval();
            return a;
        }
        tick();
    }
    return NONE;
}
static void reset()
{
    dut->rst = 1;
    run(4);
    dut->rst = 0;
    while (CPU(in_reset))
        tick();
    run(1000);                                  // the front-end clears its bank
}
static uint32_t seed = 1;
static uint32_t rnd()
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8 ^ seed << 16;
}
static bool is(const Reg &r, const char *name) { return strncmp(r.name, name, strlen(name)) == 0; }
#ifdef ANALYSIS
static const bool has_ana = true;
#else
static const bool has_ana = false;
#endif
static bool absent(const Reg &r)
{
    if (is(r, "ANA."))
        return !has_ana;
    if (is(r, "CURVE."))
        return (r.addr - PW_CURVE_BASE_ADDR) / PW_CURVE_CT_STRIDE >= (uint32_t)N_CH - 3;
    return (is(r, "UART[") && r.name[5] - '0' >= N_UART) || (r.addr >= PW_BANK_BASE_ADDR && (r.addr - PW_BANK_BASE_ADDR) / 128 >= (uint32_t)N_CH);
}
// The gateware writes it meanwhile, or it does more than store
static bool special(const Reg &r) { return is(r, "UART[") ? strstr(r.name, "DATA") != nullptr : is(r, "SPI[") && strstr(r.name, "DATA") != nullptr; }
// Written by the gateware all the time: only that the access is answered is tested here, the rest in tests/rtl/frontend
static bool is_state(const Reg &r)
{
    if (is(r, "ANA."))                          // tested in tests/rtl/analysis
        return r.addr != PW_ANA_CAPS_BASE_ADDR && r.addr != PW_ANA_RING_POST_BASE_ADDR;
    uint32_t word = r.addr / 4 % 32;
    return r.addr >= PW_BANK_BASE_ADDR && ((r.addr - PW_BANK_BASE_ADDR) / 128 < 3 || word == 3 || word == 6 || word == 7) && word >= 3;
}

static void registers_read()
{
    reset();
    unsigned n = 0;
    for (const Reg &r : regs) {
        uint32_t got = 0;
        Answer a = access(r.addr, false, 0, 0xF, &got);
        if (!tally.check(a == (absent(r) ? ERR : ACK), r.name, a, ACK, ERR, __LINE__) || absent(r) || is_state(r))
            continue;
        tally.check((got & ~r.read) == 0, r.name, got, 0, r.read, __LINE__);              // bits without a field are 0
        if (r.addr < PW_BANK_BASE_ADDR)
            tally.check((got & r.known) == r.reset, r.name, got & r.known, r.reset, r.reset, __LINE__);
        n++;
    }
    CHECK(n > 60 + 32 * 3);
}
static void registers_write()
{
    reset();
    unsigned n = 0;
    for (const Reg &r : regs) {
        if (absent(r) || r.rw == 0 || special(r) || is_state(r))
            continue;
        uint32_t before = rd(r.addr);
        for (uint32_t v : {r.rw, 0x55555555u & r.rw, 0xAAAAAAAAu & r.rw, 0u, before & r.rw}) {
            if (is(r, "WDT.PERIOD") && v == 0)
                continue;                       // cannot be turned off
            if (is(r, "TIMER.CTRL"))
                v &= 1;
            wr(r.addr, v);
            uint32_t got = rd(r.addr) & r.rw;
            tally.check(got == v, r.name, got, v, v, __LINE__);
        }
        n++;
        if (is(r, "WDT"))
            reset();
    }
    CHECK(n > 15 + 12 * 16);
    // all at once, each with its own value: no register is another's alias
    reset();
    std::vector<uint32_t> put(sizeof regs / sizeof *regs);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < put.size(); i++) {
            const Reg &r = regs[i];
            if (absent(r) || r.rw == 0 || special(r) || is_state(r) || is(r, "WDT") || is(r, "SPI[") || is(r, "TIMER"))
                continue;
            if (pass == 0)
                wr(r.addr, put[i] = rnd() & r.rw);
            else {
                uint32_t got = rd(r.addr) & r.rw;
                tally.check(got == put[i], r.name, got, put[i], put[i], __LINE__);
            }
        }
}
static void unmapped()
{
    reset();
    const uint32_t bad[] = {RAM_B, RAM_B + 4, 0x10000, 0x00100000, 0x3FFFFFFC, 0x40000000, 0x7FFFFFFC, 0x80000028, 0x800000FC, 0x80000110, 0x80000208,
                            0x80000308, 0x80000408, 0x80000508, 0x80000608, 0x80000708, 0x8000080C, 0x80000A00, 0x80000B00, 0x80000C0C, 0x80000D0C,
                            0x80000E00, 0x80000FFC, 0x80001030, 0x80001FFC, 0x80002000 + 128 * N_CH, 0x80003FFC, 0x80004000, has_ana ? 0x80010064u : 0x80010000u, 0x80011000, 0x90000000, 0xFFFFFFFC};
    unsigned count = 0;
    for (uint32_t a : bad)
        for (bool we : {false, true}) {
            uint32_t got = 1;
            CHECK_EQ(access(a, we, 0xFFFFFFFF, 0xF, &got), ERR);
            if (!we)
                CHECK_EQ(got, 0);
            CHECK_EQ(rd(PW_SYS_BUSERR_COUNT_BASE_ADDR), ++count);
            CHECK_EQ(rd(PW_IRQ_PENDING_BASE_ADDR), 0x40);
            CHECK_EQ(rd(PW_SYS_BUSERR_ADDR_BASE_ADDR), a);
            CHECK_EQ(rd(PW_IRQ_PENDING_BASE_ADDR), 0);
        }
    for (uint32_t sel : {1u, 3u, 12u, 7u}) {                           // part of a register
        CHECK_EQ(access(PW_SYS_SCRATCH_BASE_ADDR(0), true, ~0u, sel, nullptr), ERR);
        CHECK_EQ(access(PW_GPIO_OUT_BASE_ADDR, true, ~0u, sel, nullptr), ERR);
        CHECK_EQ(rd(PW_SYS_BUSERR_ADDR_BASE_ADDR), PW_GPIO_OUT_BASE_ADDR);
    }
    CHECK_EQ(rd(PW_GPIO_OUT_BASE_ADDR), 0);
    count += 8;
    for (uint32_t a : {RAM_B, 0x40000000u, 0x80000000u, 0x80002000u, 0xFFFFFFFCu}) {
        uint32_t got = 3;
        CHECK_EQ(fetch(a, &got), ERR);
        CHECK_EQ(got, 0x000B000B);                                     // custom-0, no instruction at any half word: docs/decisions/0009
        CHECK_EQ(rd(PW_SYS_BUSERR_COUNT_BASE_ADDR), ++count);
        CHECK_EQ(rd(PW_SYS_BUSERR_ADDR_BASE_ADDR), a);
    }
    wr(PW_IRQ_ENABLE_BASE_ADDR, 0x40);
    CHECK_EQ(access(0x90000000, false, 0, 0xF, nullptr), ERR);
    run(3);
    CHECK_EQ(CPU(irq), 1);
    rd(PW_SYS_BUSERR_ADDR_BASE_ADDR);
    run(3);
    CHECK_EQ(CPU(irq), 0);
}
// The supply's warning: a line for as long as it stands, two flip-flops late, and only where it is enabled
static void power_fail()
{
    reset();
    for (uint32_t enable : {0x80u, 0x7Fu}) {
        wr(PW_IRQ_ENABLE_BASE_ADDR, enable);
        dut->power_fail_i = 1;
        run(4);
        CHECK_EQ(rd(PW_IRQ_PENDING_BASE_ADDR), 0x80);
        CHECK_EQ(CPU(irq), enable == 0x80);
        dut->power_fail_i = 0;
        run(4);
        CHECK_EQ(rd(PW_IRQ_PENDING_BASE_ADDR), 0);
        CHECK_EQ(CPU(irq), 0);
    }
}
// Both buses at once at random against a model of the RAM; times as pw_bus states them
static void ram_random()
{
    reset();
    std::vector<uint8_t> model(RAM_B - 8);
    for (uint32_t a = 0; a < model.size(); a += 4)
        wr(a, 0);
    unsigned pc = 0, waited = 0, worst_i = 0, fetched = 0, clks;
    CPU(i_stb) = 1, CPU(i_adr) = 0;
    auto step = [&]() {                                                // one clk; the instruction bus goes on by itself
        bool taken = CPU(i_ack);
        if (taken) {
            uint32_t want;
            memcpy(&want, &model[pc * 4], 4);
            if (!CHECK_EQ(CPU(i_got), want))
                printf("    fetch at 0x%x\n", pc * 4);
            fetched++;
            waited = 0;
            pc = rnd() % 5 ? (pc + 1) % (unsigned)(model.size() / 4) : rnd() % (unsigned)(model.size() / 4);
        } else if (++waited > worst_i)
            worst_i = waited;
        tick();
        CPU(i_adr) = pc;
        CPU(i_stb) = taken ? rnd() % 8 != 0 : 1;
        dut->eval();
        if (!CPU(i_stb))
            waited = 0;
    };
    for (int i = 0; i < 60000; i++) {
        bool near = rnd() % 2;                                         // just ahead of the instruction bus: read-ahead must not be stale
        uint32_t addr = near ? (pc * 4 + rnd() % 16) % (uint32_t)model.size() : rnd() % (uint32_t)model.size();
        bool we = rnd() % 2;
        unsigned size = 1u << rnd() % 3;
        addr &= ~(size - 1);
        uint32_t value = rnd(), sel = we ? ((1u << size) - 1) << (addr & 3) : 0xFu;
        CPU(d_stb) = 1, CPU(d_we) = we, CPU(d_adr) = addr >> 2, CPU(d_dat) = value, CPU(d_sel) = (uint8_t)sel;
        dut->eval();
        for (clks = 0; !CPU(d_ack); clks++) {
            step();
            if (we && clks == 0)                                       // written at this edge
                for (unsigned b = 0; b < 4; b++)
                    if (sel >> b & 1)
                        model[(addr & ~3u) + b] = (uint8_t)(value >> 8 * b);
        }
        CHECK_EQ(clks, 1);
        CHECK_EQ(CPU(d_err), 0);
        if (!we) {
            uint32_t want;
            memcpy(&want, &model[addr & ~3u], 4);
            CHECK_EQ(CPU(d_got), want);
        }
        step();
        CPU(d_stb) = 0;
        dut->eval();
        for (unsigned idle = rnd() % 3; idle; idle--)
            step();
    }
    CPU(i_stb) = 0;
    CHECK_RANGE(worst_i, 1, 3);
    CHECK(fetched > 60000);
    for (uint32_t a = 0; a < model.size(); a += 4) {
        uint32_t want;
        memcpy(&want, &model[a], 4);
        CHECK_EQ(rd(a), want);
    }
}
static void sequential_fetch_rate()
{
    reset();
    CPU(i_stb) = 1;
    uint64_t start = now;
    for (unsigned pc = 0; pc < 1000; pc++) {
        CPU(i_adr) = pc;
        dut->eval();
        while (!CPU(i_ack))
            tick();
        tick();
    }
    CPU(i_stb) = 0;
    CHECK_RANGE(now - start, 1000, 1002);                              // one a clk
}
static void soft_reset()
{
    reset();
    wr(PW_SYS_SCRATCH_BASE_ADDR(0), 0x12345678);
    wr(PW_SYS_SCRATCH_BASE_ADDR(1), 0x9ABCDEF0);
    CHECK_EQ(rd(RAM_B - 8), 0x12345678);                               // where pw_bus keeps them
    CHECK_EQ(rd(RAM_B - 4), 0x9ABCDEF0);
    wr(0x40, 0xCAFEF00D);
    wr(PW_GPIO_OUT_BASE_ADDR, 0x3F);
    wr(PW_FE_LOCK_BASE_ADDR, 1);
    wr(PW_BANK_CH_QUANTUM_BASE_ADDR(3), 777);                       // locked and sealed: ignored
    run(100000);
    uint32_t samples = rd(PW_FE_SAMPLES_BASE_ADDR), us = rd(PW_TIMER_TIME_LO_BASE_ADDR);
    for (uint32_t cause : {2u, 1u}) {
        if (cause == 2)
            access(PW_SYS_RESET_BASE_ADDR, true, 0x52535421, 0xF, nullptr);
        else
            wr(PW_WDT_PERIOD_BASE_ADDR, 1);
        uint64_t start = now;
        while (!CPU(in_reset) && now < start + 100000)
            tick();
        CHECK(CPU(in_reset));
        if (cause == 1)
            CHECK_RANGE((now - start) / 25, 1024, 2 * 1024 + 2);
        for (start = now; CPU(in_reset) && now < start + 100;)
            tick();
        CHECK_RANGE(now - start, 7, 12);
        CHECK_EQ(rd(PW_SYS_RESET_CAUSE_BASE_ADDR), cause);
        CHECK_EQ(rd(PW_GPIO_OUT_BASE_ADDR), 0);
        CHECK_EQ(rd(PW_WDT_PERIOD_BASE_ADDR), 0);
        CHECK_EQ(rd(PW_SYS_SCRATCH_BASE_ADDR(0)), 0x12345678);
        CHECK_EQ(rd(PW_SYS_SCRATCH_BASE_ADDR(1)), 0x9ABCDEF0);
        CHECK_EQ(rd(0x40), 0xCAFEF00D);
        CHECK_EQ(rd(PW_FE_LOCK_BASE_ADDR), 1);                         // the front-end did not notice
        CHECK_EQ(rd(PW_BANK_CH_QUANTUM_BASE_ADDR(3)), 0);
        CHECK_RANGE(rd(PW_FE_SAMPLES_BASE_ADDR), samples, samples + 100);
        CHECK_RANGE(rd(PW_TIMER_TIME_LO_BASE_ADDR), us, us + 5000);
    }
    reset();
    CHECK_EQ(rd(PW_SYS_RESET_CAUSE_BASE_ADDR), 0);
    CHECK_EQ(rd(PW_FE_LOCK_BASE_ADDR), 0);
}
// A reset in the middle of a front-end access leaves the bus usable
static void reset_during_access()
{
    reset();
    for (unsigned delay = 0; delay < 40; delay++) {
        wr(PW_WDT_PERIOD_BASE_ADDR, 1);
        while (!CPU(in_reset)) {
            CPU(d_stb) = 1, CPU(d_we) = 0, CPU(d_adr) = PW_BANK_CH_DC_BASE_ADDR(2) >> 2, CPU(d_sel) = 0xF;
            dut->eval();
            if (CPU(d_ack))
                run(delay % 7 + 1);
            else
                tick();
        }
        CPU(d_stb) = 0;
        while (CPU(in_reset))
            tick();
        CHECK_EQ(rd(PW_SYS_ID_BASE_ADDR), 0x50574154);
        CHECK_EQ(rd(PW_FE_ID_BASE_ADDR), 0x50574645);
    }
}

int main(int argc, char **argv)
{
    Verilated::commandArgs(argc, argv);
    dut = new Vpw_soc;
    dut->uart_rx_i = 3;
    dut->i2c_scl_i = dut->i2c_sda_i = 1;
    struct { const char *name; void (*f)(); } tests[] = {
        {"registers: each answers, reset values", registers_read}, {"registers: each field written, no aliases", registers_write},
        {"unmapped: err, count, address, interrupt", unmapped}, {"power fail: interrupt line 7", power_fail},
        {"ram: both buses at random against a model", ram_random},
        {"ram: sequential fetch takes one clk", sequential_fetch_rate}, {"reset: software and watchdog, front-end goes on", soft_reset},
        {"reset: in the middle of an access", reset_during_access},
    };
    for (auto &t : tests) {
        tally.begin(t.name);
        t.f();
    }
    return tally.finish();
}
