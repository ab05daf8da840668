// SPDX-License-Identifier: Apache-2.0
// Registers of the front-end without CPU over UART and SPI: both read the same, every bad frame is answered or forgotten,
// nothing hangs and nothing is written that was not asked for. usage: test_link [SEED]
#include <cstdlib>
#include <cstring>

#include "pins.h"

extern "C" {
#include "pw_regs.h"
}

static unsigned n_passed, n_failed;
static uint8_t tag;
static uint32_t rng_q = 1;

static uint32_t rng()
{
    rng_q ^= rng_q << 13;
    rng_q ^= rng_q >> 17;
    rng_q ^= rng_q << 5;
    return rng_q;
}

static void check(bool ok, const char *what)
{
    ok ? n_passed++ : n_failed++;
    if (!ok) printf("FAIL %s\n", what);
}

static Bytes request(pw_afe_command command, uint32_t addr, unsigned n, uint32_t value = 0)
{
    Bytes b(PW_AFE_REQUEST_B);
    pw_afe_request(b.data(), ++tag, command, addr, n, value);
    return b;
}

static Bytes exchange(Pins &p, bool spi, const Bytes &b)
{
    if (spi) return p.spi_exchange(b);
    p.send(b);
    return p.hear();
}

// @return error of the answer, or PW_ERR_IO if there is none
static int access(Pins &p, bool spi, pw_afe_command command, uint32_t addr, unsigned n, uint32_t *words, uint32_t value = 0)
{
    Bytes a = exchange(p, spi, request(command, addr, n, value));
    return a.empty() ? int(PW_ERR_IO) : pw_afe_response(a.data(), a.size(), tag, command == PW_AFE_READ ? n : 0, words);
}
static uint32_t peek(Pins &p, bool spi, uint32_t addr)
{
    uint32_t w = 0xDEADBEEF;
    return access(p, spi, PW_AFE_READ, addr, 1, &w) == PW_OK ? w : 0xDEADBEEF;
}
static bool poke(Pins &p, bool spi, uint32_t addr, uint32_t value) { return access(p, spi, PW_AFE_WRITE, addr, 1, nullptr, value) == PW_OK; }
static int status(const Bytes &a) { return a.size() < 6 || pw_afe_crc16(a.data() + 1, a.size() - 1) != 0 ? -1 : a[a.size() - 3]; }

static const uint32_t kCfg = PW_BANK_CH_CFG_BASE_ADDR(5), kWidth = PW_PULSE_WIDTH_BASE_ADDR;

static void identity(Pins &p)
{
    for (int spi = 0; spi < 2; spi++) {
        check(peek(p, spi, PW_SYS_ID_BASE_ADDR) == 0x50574154, "SYS.ID");
        check(peek(p, spi, PW_SYS_CLOCK_BASE_ADDR) == 24000000, "SYS.CLOCK");
        check(peek(p, spi, PW_SYS_CAPS_BASE_ADDR) == (24 << 8 | 1), "SYS.CAPS");
        check(peek(p, spi, PW_FE_ID_BASE_ADDR) == 0x50574645, "FE.ID");
        check((peek(p, spi, PW_FE_CAPS_BASE_ADDR) & 0xFFFFF) == (5 << 12 | 3 << 8 | 24), "FE.CAPS");
    }
}

// Values written over one port and read over both, over the largest blocks
static void same_words(Pins &p)
{
    uint32_t want[27], a[255], b[255];
    for (unsigned ch = 0; ch < 27; ch++) {
        want[ch] = rng() & 0x03FFFFFF;
        check(poke(p, ch & 1, PW_BANK_CH_CFG_BASE_ADDR(ch), want[ch]), "write of CFG");
    }
    bool ok = true, same = true;
    for (unsigned at = 0; at < 27 * 32; at += 255) {
        unsigned n = 27 * 32 - at < 255 ? 27 * 32 - at : 255;
        ok &= access(p, false, PW_AFE_READ, PW_BANK_CH_CFG_BASE_ADDR(0) + 4 * at, n, a) == PW_OK;
        ok &= access(p, true, PW_AFE_READ, PW_BANK_CH_CFG_BASE_ADDR(0) + 4 * at, n, b) == PW_OK;
        for (unsigned i = 0; i < n; i++) {
            if ((at + i) % 32 == 0) ok &= a[i] == want[(at + i) / 32] && b[i] == a[i];
            if ((at + i) % 32 < 4) same &= a[i] == b[i];
        }
    }
    check(ok, "blocks of CFG over both ports");
    check(same, "UART = SPI");
}

// The last window's sums, read over both ports within one window
static void same_window(Pins &p)
{
    const unsigned sq = 4;                              // of {P lo hi, Q lo hi, square lo hi}
    bool ok = false;
    for (unsigned tries = 0; tries < 3 && !ok; tries++) {
        uint32_t a[6], b[6], before = peek(p, true, PW_FE_WINSEQ_BASE_ADDR), after;
        uint32_t at = before >> 16 & 1 ? PW_BANK_CH_SUM1_BASE_ADDR(3, 0) : PW_BANK_CH_SUM0_BASE_ADDR(3, 0);
        bool got = access(p, false, PW_AFE_READ, at, 6, a) == PW_OK && access(p, true, PW_AFE_READ, at, 6, b) == PW_OK;
        after = peek(p, true, PW_FE_WINSEQ_BASE_ADDR);
        ok = got && before == after && memcmp(a, b, sizeof a) == 0 && (a[sq] != 0 || a[sq + 1] != 0);
    }
    check(ok, "sums of one window: UART = SPI, not 0");
}

static void errors(Pins &p, bool spi)
{
    uint32_t w[4];
    Bytes b = request(PW_AFE_READ, PW_FE_ID_BASE_ADDR, 1);
    b[10] ^= 1;
    check(status(exchange(p, spi, b)) == PW_AFE_BAD_CRC, "bad CRC is answered");
    check(status(exchange(p, spi, request(PW_AFE_READ, PW_FE_ID_BASE_ADDR, 0))) == PW_AFE_BAD_N, "0 words are answered");
    check(status(exchange(p, spi, request(PW_AFE_WRITE, kCfg, 2))) == PW_AFE_BAD_N, "write of 2 words is answered");
    check(status(exchange(p, spi, request(pw_afe_command(7), kCfg, 1))) == PW_AFE_BAD_COMMAND, "unknown command is answered");
    for (uint32_t addr : {0x80000010u, 0x80000100u, 0x80000400u + 4, 0x80000708u, 0x80000808u + 4, 0x80000FFCu,
                          uint32_t(PW_BANK_CH_CFG_BASE_ADDR(27)), 0x80004000u, 0x8003FFFCu}) {
        w[0] = 1;
        check(access(p, spi, PW_AFE_READ, addr, 1, w) == PW_ERR_RANGE && w[0] == 0, "address without a register, read");
        check(access(p, spi, PW_AFE_WRITE, addr, 1, nullptr, 1) == PW_ERR_RANGE, "address without a register, write");
    }
    uint32_t cfg = peek(p, spi, PW_BANK_CH_CFG_BASE_ADDR(26) + 0x7C);
    w[0] = 0;
    check(access(p, spi, PW_AFE_READ, PW_BANK_CH_CFG_BASE_ADDR(26) + 0x7C, 3, w) == PW_ERR_RANGE && w[0] == cfg && w[1] == 0 && w[2] == 0,
          "block beyond the last register");
    check(peek(p, spi, PW_FE_ID_BASE_ADDR) == 0x50574645, "well after errors");
}

// No single flipped bit of a write may write, and the port answers the next good request
static void flipped_bits(Pins &p, bool spi)
{
    poke(p, spi, kCfg, 0x00012345);
    bool written = false, silent = false;
    for (unsigned bit = 0; bit < 8 * PW_AFE_REQUEST_B; bit++) {
        Bytes b = request(PW_AFE_WRITE, kCfg, 1, 0x00054321);
        b[bit / 8] ^= uint8_t(1 << bit % 8);
        Bytes a = exchange(p, spi, b);
        if (a.empty()) silent |= bit >= 8;              // without its first byte it is no request
        else written |= status(a) == PW_AFE_OK;
        if (a.empty()) p.run(1 << 18);
    }
    check(!written && peek(p, spi, kCfg) == 0x00012345, "flipped bit: nothing is written");
    check(!silent, "flipped bit: answered");
}

static void garbage(Pins &p)
{
    bool ok = true;
    for (unsigned i = 0; i < 60; i++) {
        Bytes b;
        for (unsigned n = rng() % 40; n > 0; n--) b.push_back(uint8_t(rng() % 4 ? rng() : 0xA5));
        p.send(b);
        p.hear(4);
        p.run((1 << 18) + 100);                         // a started request is forgotten
        p.received.clear();
        ok &= peek(p, false, PW_FE_ID_BASE_ADDR) == 0x50574645;
    }
    check(ok, "a good request after garbage");
    Bytes b = request(PW_AFE_READ, PW_FE_ID_BASE_ADDR, 1);
    b.resize(7);
    p.send(b);
    p.run(1 << 19);
    check(peek(p, false, PW_FE_ID_BASE_ADDR) == 0x50574645, "a good request after half a one");
    Bytes slow = request(PW_AFE_READ, PW_FE_ID_BASE_ADDR, 1);
    for (uint8_t x : slow) {
        p.send_byte(x);
        p.run(200000);                                  // 8.3 ms: still one request
    }
    Bytes a = p.hear(100);
    uint32_t w = 0;
    check(pw_afe_response(a.data(), a.size(), tag, 1, &w) == PW_OK && w == 0x50574645, "pauses inside a request");
    for (unsigned n = 1; n < 30; n++) {                 // chip select ends it at any byte of request and answer
        Bytes r = request(PW_AFE_READ, PW_FE_ID_BASE_ADDR, 4);
        r.resize(40, 0xFF);
        p.cs(true);
        for (unsigned i = 0; i < n; i++) p.spi_byte(r[i]);
        p.cs(false);
        ok &= peek(p, true, PW_FE_ID_BASE_ADDR) == 0x50574645;
    }
    check(ok, "SPI selection taken away");
}

static void bit_rate(Pins &p)
{
    check(peek(p, true, PW_UART_FORMAT_BASE_ADDR(0)) == 207, "first bit rate");
    for (unsigned div : {23u, 49u, 7u, 103u}) {
        check(poke(p, false, PW_UART_FORMAT_BASE_ADDR(0), div), "bit rate is set, answered at the one before");
        p.bit_clk = div + 1;
        p.run(100);
        check(peek(p, false, PW_FE_ID_BASE_ADDR) == 0x50574645, "new bit rate");
    }
    check(poke(p, false, PW_UART_FORMAT_BASE_ADDR(0), 0) && peek(p, true, PW_UART_FORMAT_BASE_ADDR(0)) == 7, "too fast a bit rate is limited");
    p.line_break(1 << 18);
    p.bit_clk = 208;
    p.received.clear();
    check(peek(p, false, PW_FE_ID_BASE_ADDR) == 0x50574645 && peek(p, true, PW_UART_FORMAT_BASE_ADDR(0)) == 207, "first bit rate after a break");
    poke(p, false, PW_UART_FORMAT_BASE_ADDR(0), 23);
    p.bit_clk = 24;
    p.run(100);
}

// Both ports at work at once: each UART bit time is filled with SPI traffic
static void both_ports(Pins &p)
{
    bool ok = true;
    unsigned n_uart = 0;
    for (unsigned i = 0; i < 40; i++) {
        Bytes r = request(PW_AFE_READ, PW_BANK_CH_CFG_BASE_ADDR(0), 200);
        uint8_t mine = tag;
        p.send(r);
        uint32_t w[4], a[200];
        for (unsigned k = 0; k < 12; k++) ok &= access(p, true, PW_AFE_READ, PW_FE_ID_BASE_ADDR, 2, w) == PW_OK && w[0] == 0x50574645;
        Bytes answer = p.hear();
        bool good = pw_afe_response(answer.data(), answer.size(), mine, 200, a) == PW_OK && a[5 * 32] == 0x00012345;
        n_uart += good;
    }
    check(ok && n_uart == 40, "both ports at once");
}

static void seal(Pins &p)
{
    uint32_t energy = PW_BANK_CH_ENERGY_BASE_ADDR(5, 1);
    check(poke(p, true, kWidth, 6) && peek(p, false, kWidth) == 6, "pulse width");
    check(peek(p, true, PW_GPIO_IN_BASE_ADDR) == 0, "sealed");
    check(poke(p, true, energy, 77) && peek(p, true, energy) == 77, "energies can be loaded before the lock");
    check(poke(p, false, PW_FE_LOCK_BASE_ADDR, 1) && peek(p, true, PW_FE_LOCK_BASE_ADDR) == 1, "lock");
    poke(p, false, kCfg, 0x00055555);
    poke(p, true, energy, 1234567);
    check(peek(p, true, kCfg) == 0x00012345, "sealed parameters");
    check(peek(p, true, energy) == 77, "sealed energies");
    p.top.unsealed_i = 1;
    p.run(4);
    check(peek(p, true, PW_GPIO_IN_BASE_ADDR) == 1 << 4, "unsealed");
    check(poke(p, true, kCfg, 0x00055555) && peek(p, false, kCfg) == 0x00055555, "unsealed parameters");
    poke(p, true, energy, 1234567);
    check(peek(p, true, energy) == 77, "energies stay sealed");
}

int main(int argc, char **argv)
{
    rng_q = argc > 1 ? unsigned(strtoul(argv[1], nullptr, 0)) * 2654435761u | 1 : 1;
    Pins p;
    uint32_t noise = 12345;
    p.each_clk = [&] {                                  // dense bits: a constant, so all sums are not 0
        noise = noise * 1664525 + 1013904223;
        p.top.bits_i = (noise >> 5 | noise >> 3 | noise << 7) & 0x7FFFFFF;
    };
    p.run(30000);                                       // delays are being cleared before
    identity(p);
    bit_rate(p);
    same_words(p);
    poke(p, true, PW_FE_WINCFG_BASE_ADDR, 256u << 16 | 12);  // windows of 256 samples, by time-out
    p.run(34 * 2560 + 3 * 256 * 2560);
    same_window(p);
    for (int spi = 0; spi < 2; spi++) {
        errors(p, spi);
        flipped_bits(p, spi);
    }
    garbage(p);
    both_ports(p);
    seal(p);
    check(p.n_frame_errors == 0, "every byte had its stop bit");
    printf("%u passed, %u failed\n", n_passed, n_failed);
    return n_failed != 0;
}
