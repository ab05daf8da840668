// SPDX-License-Identifier: Apache-2.0
// The front-end without CPU at its pins: a clock, a bit-banged serial port and a bit-banged SPI master.
#pragma once
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

#include "Vpw_afe.h"
#include "Vpw_afe___024root.h"

extern "C" {
#include "afe_frame.h"
}

typedef std::vector<uint8_t> Bytes;

struct Pins {
    Vpw_afe top;
    uint64_t clk = 0;
    unsigned bit_clk = 208;                     // 115200 at 24 MHz
    unsigned half_sck = 6;                      // clk: the fastest SCK there may be
    std::function<void()> each_clk;             // stimulus of the modulators

    // receiver of what the front-end sends
    Bytes received;
    unsigned rx_bits = 0, n_frame_errors = 0;
    uint64_t rx_at = 0;
    unsigned rx_shift = 0;

    Pins()
    {
        top.rst = 1;
        top.uart_rx_i = 1;
        top.spi_cs_n_i = 1;
        top.spi_sck_i = top.spi_mosi_i = top.unsealed_i = top.bits_i = 0;
        run(4);
        top.rst = 0;
        received.clear();
        rx_bits = 0;
        run(8);
    }

    void listen()
    {
        if (rx_bits == 0) {
            if (top.uart_tx_o == 0) {
                rx_bits = 1;
                rx_at = clk + bit_clk + bit_clk / 2;
                rx_shift = 0;
            }
        } else if (clk == rx_at) {
            rx_at += bit_clk;
            if (rx_bits == 9) {
                if (!top.uart_tx_o) n_frame_errors++;
                received.push_back(uint8_t(rx_shift));
                rx_bits = 0;
                return;
            }
            rx_shift |= unsigned(top.uart_tx_o) << (rx_bits - 1);
            rx_bits++;
        }
    }

    void tick()
    {
        if (each_clk) each_clk();
        top.clk = 0;
        top.eval();
        top.clk = 1;
        top.eval();
        clk++;
        listen();
    }
    void run(uint64_t n) { while (n--) tick(); }

    void send_byte(uint8_t b)
    {
        unsigned frame = unsigned(b) << 1 | 1u << 9;
        for (unsigned i = 0; i < 10; i++) {
            top.uart_rx_i = frame >> i & 1;
            run(bit_clk);
        }
    }
    void send(const Bytes &b) { for (uint8_t x : b) send_byte(x); }
    void line_break(unsigned clks)
    {
        top.uart_rx_i = 0;
        run(clks);
        top.uart_rx_i = 1;
        run(20);
    }

    // What is received until the line is silent for that many byte times
    Bytes hear(unsigned silent = 40)
    {
        uint64_t last = clk;
        size_t n = received.size();
        while (clk - last < uint64_t(silent) * 10 * bit_clk) {
            tick();
            if (received.size() != n) {
                n = received.size();
                last = clk;
            }
            if (n >= 3 && n == pw_afe_response_length(received.data(), n) && received[0] == PW_AFE_START) break;
        }
        Bytes out;
        out.swap(received);
        run(bit_clk);                           // the stop bit
        return out;
    }

    void cs(bool on)
    {
        run(half_sck);
        top.spi_cs_n_i = !on;
        run(half_sck);
    }
    uint8_t spi_byte(uint8_t out)
    {
        uint8_t in = 0;
        for (unsigned i = 0; i < 8; i++) {
            top.spi_mosi_i = out >> (7 - i) & 1;
            run(half_sck);
            in = uint8_t(in << 1 | top.spi_miso_o);
            top.spi_sck_i = 1;
            run(half_sck);
            top.spi_sck_i = 0;
        }
        return in;
    }
    // A request and its answer in one selection; empty if none comes within 64 bytes
    Bytes spi_exchange(const Bytes &request)
    {
        Bytes out;
        cs(true);
        for (uint8_t b : request) spi_byte(b);
        for (unsigned i = 0; i < 64 && out.empty(); i++) {
            uint8_t b = spi_byte(0xFF);
            if (b == PW_AFE_START) out.push_back(b);
        }
        while (!out.empty() && out.size() < pw_afe_response_length(out.data(), out.size())) out.push_back(spi_byte(0xFF));
        cs(false);
        return out;
    }

    unsigned win_seq() const { return top.rootp->pw_afe__DOT__frontend__DOT__win_seq; }
};
