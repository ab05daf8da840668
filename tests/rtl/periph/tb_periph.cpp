// SPDX-License-Identifier: Apache-2.0
// All peripherals through their register port: pw_periph at 2 MHz (one us = 2 clk), 24 pulse outputs, 4 UARTs.
#include <vector>

#include "Vpw_periph.h"
#include "Vpw_periph___024root.h"
#include "check.h"
#include "pw_regs.h"
#include "verilated.h"

static const int MHZ = 2;
static const uint64_t UNIT = 8192ull * MHZ;     // clk in a unit of the pulse width
static Vpw_periph *dut;
static uint64_t now;                            // clk since the start
static bool loop_uart0 = true;
static uint16_t pulse_mem[64];

// SPI slave, mode 0, answers with the bytes of `answer`, keeps what came in `got`
struct SpiSlave {
    int port, cs;
    std::vector<uint8_t> answer, got;
    bool sck = false, on = false;
    unsigned bit = 0, in = 0;
    uint64_t last_rise = 0, period = 0;
    void step()
    {
        bool sel = !(dut->spi_cs_n_o >> (4 * port + cs) & 1), clk = dut->spi_sck_o >> port & 1;
        if (sel && !on) {
            bit = in = 0;
            got.clear();
        }
        on = sel;
        if (on && clk && !sck) {
            in = in << 1 | (dut->spi_mosi_o >> port & 1);
            period = now - last_rise;
            last_rise = now;
            if (++bit % 8 == 0)
                got.push_back((uint8_t)in);
        }
        sck = clk;
        if (on && !clk) {
            uint8_t b = bit / 8 < answer.size() ? answer[bit / 8] : 0xFF;
            unsigned level = b >> (7 - bit % 8) & 1;
            dut->spi_miso_i = (uint8_t)((dut->spi_miso_i & ~(1u << port)) | level << port);
        }
    }
};
static SpiSlave flash{0, 0, {}, {}}, eth{1, 1, {}, {}};

// LCD: every E pulse with what stood on the lines, and the shortest times seen (clk)
struct LcdWatch {
    std::vector<unsigned> nibbles;              // rs << 4 | d
    bool e = false;
    unsigned lines = 0;
    uint64_t changed = 0, rose = 0, fell = 0, setup = ~0ull, high = ~0ull, hold = ~0ull, cycle = ~0ull;
    void step()
    {
        unsigned l = (unsigned)dut->lcd_rs_o << 4 | dut->lcd_d_o;
        if (l != lines) {
            if (!nibbles.empty() && now - fell < hold)
                hold = now - fell;
            CHECK(!e && !dut->lcd_e_o);         // never while E is high
            lines = l;
            changed = now;
        }
        if (dut->lcd_e_o && !e) {
            if (now - changed < setup)
                setup = now - changed;
            if (rose && now - rose < cycle)
                cycle = now - rose;
            rose = now;
            nibbles.push_back(lines);
        }
        if (!dut->lcd_e_o && e) {
            fell = now;
            if (now - rose < high)
                high = now - rose;
        }
        e = dut->lcd_e_o;
    }
};
static LcdWatch lcd;

// Pulse outputs: lengths of on and off times of each channel
struct PulseWatch {
    std::vector<uint64_t> on[24], off[24];
    uint32_t last = 0;
    uint64_t since[24] = {};
    void step()
    {
        uint32_t diff = last ^ dut->pulse_o;
        for (int c = 0; diff; c++, diff >>= 1) {
            if (!(diff & 1))
                continue;
            ((last >> c & 1) ? on : off)[c].push_back(now - since[c]);
            since[c] = now;
        }
        last = dut->pulse_o;
    }
};
static PulseWatch pulses;

static void tick()
{
    uint16_t pm_dat = pulse_mem[dut->pm_radr_o];
    bool pm_rd = dut->pm_rd_o, pm_we = dut->pm_we_o;
    uint16_t pm_in = dut->pm_dat_o;
    unsigned pm_wadr = dut->pm_wadr_o;
    dut->clk = 1;
    dut->eval();
    if (pm_we)
        pulse_mem[pm_wadr] = pm_in;
    if (pm_rd)
        dut->pm_dat_i = pm_dat;
    if (loop_uart0)
        dut->uart_rx_i = (uint8_t)((dut->uart_rx_i & ~1u) | (dut->uart_tx_o & 1u));
    dut->clk = 0;
    dut->eval();
    now++;
    flash.step();
    eth.step();
    lcd.step();
    pulses.step();
    dut->eval();
}
static void run(uint64_t n)
{
    while (n--)
        tick();
}
static uint32_t access(uint32_t addr, bool we, uint32_t value, bool *err = nullptr)
{
    dut->stb_i = 1;
    dut->we_i = we;
    dut->adr_i = addr >> 2 & 0x3FF;
    dut->dat_i = value;
    dut->eval();
    uint32_t got = dut->dat_o;
    if (err)
        *err = dut->err_o;
    else
        CHECK_EQ(dut->err_o, 0);
    tick();
    dut->stb_i = 0;
    dut->eval();
    return got;
}
static uint32_t rd(uint32_t addr) { return access(addr, false, 0); }
static void wr(uint32_t addr, uint32_t v) { access(addr, true, v); }
static void reset(bool power_on)
{
    dut->por = power_on;
    dut->rst = 1;
    run(4);
    dut->por = dut->rst = 0;
    run(400);                                   // the pulse outputs clear their state
}

static const uint32_t SYS = PW_SYS_BASE_ADDR, WDT = PW_WDT_PERIOD_BASE_ADDR, KICK = PW_WDT_KICK_BASE_ADDR;
enum { TX_READY = 1, TX_BUSY = 2, RX_VALID = 4, OVERRUN = 8, FRAME = 16, PARITY = 32 };

// ---- UART
static uint32_t st(int u) { return rd(PW_UART_STATUS_BASE_ADDR(u)); }
static bool wait_status(int u, uint32_t mask, uint32_t value, uint64_t limit)
{
    for (uint64_t end = now + limit; now < end;)
        if ((st(u) & mask) == value)
            return true;
    return false;
}
static void uart_loop_back()
{
    for (unsigned par = 0; par < 3; par++)
        for (unsigned stop2 = 0; stop2 < 2; stop2++)
            for (unsigned div : {7u, 16u, 216u}) {
                wr(PW_UART_FORMAT_BASE_ADDR(0), div | par << 16 | stop2 << 18);
                CHECK_EQ(rd(PW_UART_FORMAT_BASE_ADDR(0)), div | par << 16 | stop2 << 18);
                for (unsigned b : {0x00u, 0xFFu, 0x55u, 0xA7u, 0x01u, 0x80u}) {
                    CHECK(wait_status(0, TX_READY, TX_READY, 20000));
                    wr(PW_UART_DATA_BASE_ADDR(0), b);
                    CHECK(wait_status(0, RX_VALID, RX_VALID, 20 * (div + 1)));
                    CHECK_EQ(rd(PW_UART_DATA_BASE_ADDR(0)), b);
                    CHECK_EQ(rd(PW_UART_DATA_BASE_ADDR(0)), 0);     // taken
                }
                CHECK(wait_status(0, TX_BUSY, 0, 20 * (div + 1)));
                CHECK_EQ(st(0) & (OVERRUN | FRAME | PARITY), 0);
            }
}
// Levels of UART 1's line and its driver enable, one sample each clk, from the write of two bytes to the end
static void uart_wave()
{
    const unsigned T = 10;
    struct { unsigned par, stop2; } formats[] = {{0, 0}, {1, 0}, {2, 0}, {0, 1}, {2, 1}};
    for (auto f : formats) {
        wr(PW_UART_FORMAT_BASE_ADDR(1), (T - 1) | f.par << 16 | f.stop2 << 18);
        std::vector<int> want(T, 1);            // lead-in
        for (unsigned b : {0xC5u, 0x3Eu}) {
            std::vector<int> bits{0};
            int ones = 0;
            for (int i = 0; i < 8; i++) {
                bits.push_back(b >> i & 1);
                ones += b >> i & 1;
            }
            if (f.par)
                bits.push_back(f.par == 1 ? !(ones & 1) : ones & 1);
            bits.insert(bits.end(), 1 + f.stop2, 1);
            for (int v : bits)
                want.insert(want.end(), T, v);
        }
        CHECK_EQ(dut->rs485_de_o, 0);
        wr(PW_UART_DATA_BASE_ADDR(1), 0xC5);
        while (!dut->rs485_de_o)
            tick();
        std::vector<int> got;
        bool second = false;
        while (dut->rs485_de_o && got.size() < 1000) {
            got.push_back(dut->uart_tx_o >> 1 & 1);
            if (!second && got.size() == 3 * T) {           // the buffer is free once the first byte is on its way
                second = true;
                got.push_back(dut->uart_tx_o >> 1 & 1);     // the access takes this clk
                got.pop_back();
                dut->stb_i = 1, dut->we_i = 1, dut->adr_i = PW_UART_DATA_BASE_ADDR(1) >> 2 & 0x3FF, dut->dat_i = 0x3E;
                tick();
                dut->stb_i = 0;
            } else
                tick();
        }
        CHECK_EQ(got.size(), want.size());
        CHECK(got == want);
        CHECK_EQ(st(1) & (TX_BUSY | TX_READY), TX_READY);
    }
}
static void send_bit(int u, int v, unsigned clks)
{
    dut->uart_rx_i = (uint8_t)((dut->uart_rx_i & ~(1u << u)) | (unsigned)v << u);
    run(clks);
}
static void send_frame(int u, unsigned bits, int n, unsigned clks)     // LSB first, start bit included
{
    for (int i = 0; i < n; i++)
        send_bit(u, bits >> i & 1, clks);
    send_bit(u, 1, 2 * clks);
}
static void uart_errors()
{
    const uint32_t D = PW_UART_DATA_BASE_ADDR(2), S = PW_UART_STATUS_BASE_ADDR(2);
    wr(PW_UART_FORMAT_BASE_ADDR(2), 39 | 2 << 16);                     // even parity, 40 clk a bit
    send_frame(2, 0x5A << 1 | 1 << 10, 11, 40);                        // 0x5A has 4 ones: parity 0 is right
    CHECK_EQ(st(2), TX_READY | RX_VALID);
    CHECK_EQ(rd(D), 0x5A);
    send_frame(2, 0x5A << 1 | 1 << 9 | 1 << 10, 11, 40);               // wrong parity
    CHECK_EQ(st(2), TX_READY | RX_VALID | PARITY);
    CHECK_EQ(rd(D), 0x5A);
    wr(S, PARITY);
    CHECK_EQ(st(2), TX_READY);
    wr(PW_UART_FORMAT_BASE_ADDR(2), 39);
    send_frame(2, 0x3C << 1, 10, 40);                                  // stop bit 0
    CHECK_EQ(st(2), TX_READY | RX_VALID | FRAME);
    CHECK_EQ(rd(D), 0x3C);
    wr(S, FRAME);
    send_frame(2, 0x11 << 1 | 1 << 9, 10, 40);
    send_frame(2, 0x22 << 1 | 1 << 9, 10, 40);                         // nobody took the first
    CHECK_EQ(st(2), TX_READY | RX_VALID | OVERRUN);
    CHECK_EQ(rd(D), 0x22);
    wr(S, OVERRUN);
    CHECK_EQ(st(2), TX_READY);
    send_bit(2, 0, 15);                                                // a spike is no start bit
    send_bit(2, 1, 500);
    CHECK_EQ(st(2), TX_READY);
    send_bit(2, 0, 40 * 30);                                           // break: one byte 0 with a bad stop bit, not many
    CHECK_EQ(st(2), TX_READY | RX_VALID | FRAME);
    CHECK_EQ(rd(D), 0);
    send_bit(2, 1, 400);
    CHECK_EQ(st(2), TX_READY | FRAME);
    wr(S, FRAME);
    for (unsigned clks : {39u, 41u})                                   // 2.5 % off: still right
        for (unsigned b : {0x00u, 0xFFu, 0x96u}) {
            send_frame(2, b << 1 | 1 << 9, 10, clks);
            CHECK_EQ(st(2), TX_READY | RX_VALID);
            CHECK_EQ(rd(D), b);
        }
}
// A byte written at any clk around the end of the one before is neither lost nor doubled
static void uart_back_to_back()
{
    wr(PW_UART_FORMAT_BASE_ADDR(0), 7);
    for (int shift = 60; shift < 110; shift++) {
        CHECK(wait_status(0, TX_BUSY | TX_READY, TX_READY, 1000));
        run(100);
        rd(PW_UART_DATA_BASE_ADDR(0));
        wr(PW_UART_DATA_BASE_ADDR(0), 0x41);
        run((uint64_t)shift);
        CHECK_EQ(st(0) & TX_READY, TX_READY);
        wr(PW_UART_DATA_BASE_ADDR(0), 0x42);
        unsigned seen[3] = {}, n = 0;
        for (uint64_t end = now + 250; now < end;)
            if (st(0) & RX_VALID && n < 3)
                seen[n++] = rd(PW_UART_DATA_BASE_ADDR(0));
        CHECK(n == 2 && seen[0] == 0x41 && seen[1] == 0x42);
    }
    CHECK_EQ(st(0), TX_READY);
}

// ---- SPI
static uint32_t spi_busy(int p) { return rd(PW_SPI_STATUS_BASE_ADDR(p)); }
static void spi_bytes()
{
    for (SpiSlave *s : {&flash, &eth})
        for (unsigned len = 1; len <= 4; len++)
            for (unsigned div : {0u, 1u, 5u}) {
                s->answer = {0x9D, 0x41, 0xE2, 0x07};
                const uint32_t out = 0xB4C7D85A;
                wr(PW_SPI_CTRL_BASE_ADDR(s->port), 1u << s->cs | (len - 1) << 4 | div << 8);
                CHECK_EQ(rd(PW_SPI_CTRL_BASE_ADDR(s->port)), 1u << s->cs | (len - 1) << 4 | div << 8);
                CHECK_EQ(dut->spi_cs_n_o, 0xFF & ~(1u << (4 * s->port + s->cs)));
                uint64_t start = now;
                wr(PW_SPI_DATA_BASE_ADDR(s->port), out);
                wr(PW_SPI_CTRL_BASE_ADDR(s->port), 0xF);               // ignored while busy
                while (spi_busy(s->port))
                    CHECK_EQ(dut->spi_sck_o >> !s->port & 1, 0);       // the other port stands still
                CHECK_RANGE(now - start, 16u * len * (div + 1), 16u * len * (div + 1) + 4);
                CHECK_EQ(s->period, 2 * (div + 1));
                uint32_t want = 0, sent = 0;
                CHECK_EQ(s->got.size(), len);
                for (unsigned i = 0; i < len && i < s->got.size(); i++) {
                    want = want << 8 | s->answer[i];
                    sent = sent << 8 | s->got[i];
                }
                CHECK_EQ(rd(PW_SPI_DATA_BASE_ADDR(s->port)), want);
                CHECK_EQ(sent, len == 4 ? out : out & ((1u << 8 * len) - 1));
                wr(PW_SPI_CTRL_BASE_ADDR(s->port), 0);
                CHECK_EQ(dut->spi_cs_n_o, 0xFF);
            }
}

// ---- LCD
static void lcd_timing()
{
    lcd = LcdWatch();
    const uint32_t D = PW_LCD_DATA_BASE_ADDR, S = PW_LCD_STATUS_BASE_ADDR;
    std::vector<unsigned> want;
    for (int i = 0; i < 12; i++) {                                     // at every position against the us tick
        wr(D, 0x1A5u);
        want.insert(want.end(), {0x1Au, 0x15u});
        CHECK_EQ(rd(S), 1);
        wr(D, 0x0FFu);                                                 // ignored while busy
        while (rd(S))
            ;
        CHECK_RANGE(now - lcd.fell, 41u * MHZ, 60u * MHZ);
        wr(D, 0x230u);                                                 // one nibble, start-up
        want.push_back(0x03);
        while (rd(S))
            ;
        run((uint64_t)i % 3);
    }
    CHECK(lcd.nibbles == want);
    CHECK(lcd.setup >= 1 && lcd.setup * 1000 / MHZ >= 80);             // ns
    CHECK(lcd.high * 1000 / MHZ >= 450);
    CHECK(lcd.hold * 1000 / MHZ >= 10);
    CHECK(lcd.cycle * 1000 / MHZ >= 1000);
}

// ---- timer, watchdog
static uint64_t time_us()
{
    uint64_t lo = rd(PW_TIMER_TIME_LO_BASE_ADDR);
    return (uint64_t)rd(PW_TIMER_TIME_HI_BASE_ADDR) << 32 | lo;
}
static void timer_count()
{
    uint64_t t0 = time_us(), c0 = now;
    run(20000);
    uint64_t t1 = time_us(), c1 = now;
    CHECK_RANGE(t1 - t0, (c1 - c0) / MHZ - 1, (c1 - c0) / MHZ + 1);
    dut->rootp->pw_periph__DOT__timer__DOT__us_q = 0x3FFFFFFFCull;    // low word about to carry
    uint64_t last = 0x3FFFFFFFBull;
    for (int i = 0; i < 40; i++) {                                     // never backwards, never off by 2^32
        uint64_t t = time_us();
        CHECK_RANGE(t, last, last + 4);
        last = t;
    }
    CHECK_EQ(last >> 32, 4);
    dut->rootp->pw_periph__DOT__timer__DOT__us_q = 0x5FFFFFFFFull;
    run(1);
    uint32_t lo = rd(PW_TIMER_TIME_LO_BASE_ADDR);                      // the high word is the one latched, though time goes on
    run(100);
    CHECK_EQ(rd(PW_TIMER_TIME_HI_BASE_ADDR), lo == 0xFFFFFFFF ? 5 : 6);
    reset(false);
    CHECK(time_us() >> 32 == 6);                                       // a watchdog reset does not stop the clock
    reset(true);
    CHECK(time_us() < 1000);
}
static void timer_compare()
{
    const uint32_t C = PW_TIMER_CTRL_BASE_ADDR, P = PW_IRQ_PENDING_BASE_ADDR;
    reset(true);
    wr(PW_TIMER_COMPARE_BASE_ADDR, (uint32_t)time_us() + 100);
    wr(C, 3);
    CHECK_EQ(rd(C), 1);
    uint64_t start = now;
    while (!(rd(P) & 1) && now < start + 1000)
        ;
    CHECK_RANGE(now - start, 90u * MHZ, 106u * MHZ);
    CHECK_EQ(rd(C), 3);
    CHECK_EQ(dut->irq_o, 0);                                           // not enabled
    wr(PW_IRQ_ENABLE_BASE_ADDR, 1);
    run(2);
    CHECK_EQ(dut->irq_o, 1);
    wr(C, 3);
    run(2);
    CHECK_EQ(dut->irq_o, 0);
    wr(PW_TIMER_COMPARE_BASE_ADDR, (uint32_t)time_us() + 50);          // disabled: pending, but no line
    wr(C, 2);
    run(200);
    CHECK_EQ(rd(C), 2);
    CHECK_EQ(rd(P) & 1, 0);
    wr(PW_IRQ_ENABLE_BASE_ADDR, 0);
}
static bool bites_within(uint64_t n)
{
    while (n--) {
        tick();
        if (dut->reset_o)
            return true;
    }
    return false;
}
static void watchdog()
{
    const uint64_t MS = 1024ull * MHZ;
    reset(true);
    CHECK(!bites_within(20 * MS));                                     // off after reset
    wr(WDT, 5);
    CHECK(!bites_within(5 * MS - 4));
    CHECK(bites_within(MS + 8));
    wr(WDT, 5);
    wr(WDT, 0);                                                        // cannot be turned off
    CHECK_EQ(rd(WDT), 5);
    for (int i = 0; i < 5; i++) {
        CHECK(!bites_within(4 * MS));
        wr(KICK, 0x57);
    }
    wr(KICK, 0x56);
    CHECK(!bites_within(4 * MS));
    wr(KICK, 0x56);                                                    // wrong key
    CHECK(bites_within(2 * MS + 8));
    CHECK_EQ(rd(PW_SYS_RESET_CAUSE_BASE_ADDR), 1);
    reset(false);
    CHECK_EQ(rd(WDT), 0);
    CHECK_EQ(rd(PW_SYS_RESET_CAUSE_BASE_ADDR), 1);
    reset(true);
    CHECK_EQ(rd(PW_SYS_RESET_CAUSE_BASE_ADDR), 0);
}

// ---- system, interrupts, panel
static void sys_block()
{
    reset(true);
    CHECK_EQ(rd(SYS), 0x50574154);
    CHECK_EQ(rd(PW_SYS_CLOCK_BASE_ADDR), MHZ * 1000000);
    CHECK_EQ(rd(PW_SYS_CAPS_BASE_ADDR), 128u << 20 | 24 << 8 | 4);
    const uint32_t COUNT = PW_SYS_BUSERR_COUNT_BASE_ADDR, ADDR = PW_SYS_BUSERR_ADDR_BASE_ADDR;
    for (unsigned i = 1; i <= 3; i++) {
        dut->buserr_i = 1;
        dut->buserr_adr_i = 0x90000000u + 16 * i;
        tick();
        dut->buserr_i = 0;
        CHECK_EQ(rd(COUNT), i);
        CHECK_EQ(rd(PW_IRQ_PENDING_BASE_ADDR), 0x40);
    }
    CHECK_EQ(rd(ADDR), 0x90000030);
    CHECK_EQ(rd(PW_IRQ_PENDING_BASE_ADDR), 0);                         // told
    CHECK_EQ(rd(COUNT), 3);
    dut->buserr_i = 1;
    run(70000);
    dut->buserr_i = 0;
    CHECK_EQ(rd(COUNT), 0xFFFF);                                       // stops there
    dut->stb_i = 1, dut->we_i = 1, dut->adr_i = PW_SYS_RESET_BASE_ADDR >> 2 & 0x3FF, dut->dat_i = 0x52535420;
    dut->eval();
    CHECK_EQ(dut->reset_o, 0);
    dut->dat_i = 0x52535421;
    dut->eval();
    CHECK_EQ(dut->reset_o, 1);
    tick();
    dut->stb_i = 0;
    reset(false);
    CHECK_EQ(rd(PW_SYS_RESET_CAUSE_BASE_ADDR), 2);
    CHECK_EQ(rd(COUNT), 0);
}
static void irq_lines()
{
    reset(true);
    loop_uart0 = false;
    dut->uart_rx_i = 0xF;
    for (int u = 0; u < 4; u++) {
        wr(PW_UART_FORMAT_BASE_ADDR(u), 9);
        send_frame(u, 0x77 << 1 | 1 << 9, 10, 10);
        CHECK_EQ(rd(PW_IRQ_PENDING_BASE_ADDR), 4u << u);
        for (int e = 0; e < 8; e++) {
            wr(PW_IRQ_ENABLE_BASE_ADDR, 1u << e);
            run(2);
            CHECK_EQ(dut->irq_o, e == 2 + u);
        }
        CHECK_EQ(rd(PW_UART_DATA_BASE_ADDR(u)), 0x77);
        CHECK_EQ(rd(PW_IRQ_PENDING_BASE_ADDR), 0);
    }
    dut->fe_irq_i = 1;
    CHECK_EQ(rd(PW_IRQ_PENDING_BASE_ADDR), 2);
    dut->fe_irq_i = 0;
    wr(PW_IRQ_ENABLE_BASE_ADDR, 0);
    loop_uart0 = true;
}
static void panel_pins()
{
    reset(true);
    for (unsigned v = 0; v < 128; v++) {
        dut->buttons_i = v & 15, dut->unsealed_i = v >> 4 & 1, dut->power_fail_i = v >> 5 & 1, dut->key_i = v >> 6;
        run(3);
        CHECK_EQ(rd(PW_GPIO_IN_BASE_ADDR), v);
        CHECK_EQ(dut->unsealed_o, v >> 4 & 1);
    }
    for (unsigned v = 0; v < 1024; v++) { // 6..9 are outputs only
        wr(PW_GPIO_OUT_BASE_ADDR, v);
        CHECK_EQ(rd(PW_GPIO_OUT_BASE_ADDR), v & 63);
        CHECK_EQ((dut->leds_o & 15) | dut->rs485_de_o << 4 | dut->eth_rst_n_o << 5 | dut->leds_o >> 4 << 6, v);
    }
    for (unsigned v = 0; v < 4; v++) {
        wr(PW_I2C_OUT_BASE_ADDR, v);
        CHECK_EQ(dut->i2c_scl_o | dut->i2c_sda_o << 1, v);
        dut->i2c_scl_i = v & 1, dut->i2c_sda_i = v >> 1;
        run(3);
        CHECK_EQ(rd(PW_I2C_IN_BASE_ADDR), v);
    }
    reset(false);
    CHECK_EQ(dut->i2c_scl_o & dut->i2c_sda_o, 1);
    CHECK_EQ(dut->leds_o | dut->eth_rst_n_o, 0);
}

// ---- pulse outputs
static void event(unsigned ch)
{
    dut->pulse_valid_i = 1;
    dut->pulse_ch_i = (uint8_t)ch;
    tick();
    dut->pulse_valid_i = 0;
    run(3);
}
static void pulse_widths()
{
    reset(true);
    for (unsigned w = 0; w < 8; w++) {
        wr(PW_PULSE_WIDTH_BASE_ADDR, w);
        pulses = PulseWatch();
        for (unsigned c = 0; c < 24; c++) {
            event(c);
            run(w * 1000 + 100 * c);
        }
        run(3);
        CHECK_EQ(rd(PW_PULSE_STATE_BASE_ADDR), dut->pulse_o);
        run((w + 1) * 2 * UNIT);
        for (unsigned c = 0; c < 24; c++) {
            CHECK_EQ(pulses.on[c].size(), 1);
            CHECK_RANGE(pulses.on[c].empty() ? 0 : pulses.on[c][0], w * UNIT, (w + 1) * UNIT + 400);
        }
        run(2 * UNIT);
    }
}
static void pulse_queue()
{
    reset(true);
    wr(PW_PULSE_WIDTH_BASE_ADDR, 1);
    pulses = PulseWatch();
    for (int burst = 0; burst < 7; burst++)
        for (unsigned c = 0; c < 24; c++)
            event(c);
    run(7 * 4 * UNIT + 2 * UNIT);
    for (unsigned c = 0; c < 24; c++) {
        CHECK_EQ(pulses.on[c].size(), 7);
        for (size_t i = 0; i < pulses.on[c].size(); i++)
            CHECK_RANGE(pulses.on[c][i], UNIT, 2 * UNIT + 400);
        for (size_t i = 1; i < pulses.off[c].size(); i++)
            CHECK_RANGE(pulses.off[c][i], UNIT, 2 * UNIT + 400);
    }
    CHECK_EQ(dut->pulse_o, 0);
    event(3);                                   // a watchdog reset does not cut it
    run(UNIT / 2);
    reset(false);
    CHECK_EQ(dut->pulse_o, 1u << 3);
    CHECK_EQ(rd(PW_PULSE_WIDTH_BASE_ADDR), 1);
    run(4 * UNIT);
    CHECK_EQ(pulses.on[3].size(), 8);
}
static void pulse_long_run()                    // events at random, close to the highest rate: none lost, none too many
{
    reset(true);
    wr(PW_PULSE_WIDTH_BASE_ADDR, 0);
    pulses = PulseWatch();
    uint32_t seed = 12345;
    unsigned sent[24] = {};
    for (uint64_t end = now + 300 * UNIT; now < end;) {
        seed = seed * 1664525u + 1013904223u;
        unsigned c = (seed >> 16) % 24;
        event(c);
        sent[c]++;
        run(2 * UNIT / 24 - 4);
    }
    run(100 * UNIT);
    for (unsigned c = 0; c < 24; c++)
        CHECK_EQ(pulses.on[c].size(), sent[c]);
}

int main(int argc, char **argv)
{
    Verilated::commandArgs(argc, argv);
    dut = new Vpw_periph;
    dut->uart_rx_i = 0xF;
    struct { const char *name; void (*f)(); } tests[] = {
        {"uart: loop back, all formats", uart_loop_back}, {"uart: wave form, RS-485 driver enable", uart_wave},
        {"uart: parity, stop bit, overrun, break, spike, rate", uart_errors}, {"uart: byte written around the end of the last", uart_back_to_back},
        {"spi: both ports against a slave", spi_bytes}, {"lcd: nibbles and times", lcd_timing},
        {"timer: count, carry, latch", timer_count}, {"timer: compare interrupt", timer_compare}, {"watchdog", watchdog},
        {"sys: identity, bus errors, reset", sys_block}, {"irq: lines and mask", irq_lines}, {"gpio and i2c pins", panel_pins},
        {"pulse: width 0..7 on all outputs", pulse_widths}, {"pulse: queue, watchdog reset", pulse_queue},
        {"pulse: random events all come out", pulse_long_run},
    };
    tally.begin("reset");
    reset(true);
    for (auto &t : tests) {
        tally.begin(t.name);
        t.f();
    }
    return tally.finish();
}
