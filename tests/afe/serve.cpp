// SPDX-License-Identifier: Apache-2.0
// The front-end without CPU (RTL) on a panel of the simulator, its UART as a pseudo-terminal.
// usage: serve LINK SCENARIO SECONDS DIR
//   LINK     symbolic link to the terminal; DIR/config.bin: the panel's configuration; DIR/truth.csv: what each window carried
//   SECONDS  of metered time, then it ends
// truth.csv: seq, Va, Vb, Vc (V rms), then A rms, W of each CT, then pulses of each CT so far
#include <cmath>
#include <cstdlib>
#include <string>

#include <termios.h>

#include "pins.h"

#define _Static_assert static_assert                    // C headers
extern "C" {
#include "config.h"
#include "sim/analog/panel.h"
#include "uart_pins.h"
#include "uart_pty.h"
}

static const unsigned kCt = 24, kDiv = 5, kClk = 24000000;

static int fail(const std::string &what)
{
    fprintf(stderr, "serve: %s\n", what.c_str());
    return 1;
}

static unsigned rate_of(int fd)                         // bit rate that the host has set
{
    termios t;
    if (tcgetattr(fd, &t) != 0) return 115200;
    switch (cfgetospeed(&t)) {
    case B1000000: return 1000000;
    case B921600: return 921600;
    case B460800: return 460800;
    case B230400: return 230400;
    default: return 115200;
    }
}

struct Truth {
    pw_panel *panel;
    FILE *out;
    pw_truth last, now;
    unsigned pulses[kCt] = {};
    unsigned long pulse_pins = 0;

    void window(unsigned seq)
    {
        pw_panel_truth(panel, double(pw_panel_clocks(panel)), &now);
        double t = now.seconds - last.seconds;
        fprintf(out, "%u", seq);
        for (unsigned i = 0; i < 3; i++) fprintf(out, ",%.9g", sqrt((now.v2s[i] - last.v2s[i]) / t));
        for (unsigned k = 0; k < kCt; k++)
            fprintf(out, ",%.9g,%.9g", sqrt((now.ct[k].i2s - last.ct[k].i2s) / t), (now.ct[k].wh_j - last.ct[k].wh_j) / t);
        for (unsigned k = 0; k < kCt; k++) fprintf(out, ",%u", pulses[k]);
        fprintf(out, "\n");
        fflush(out);
        last = now;
    }
    void count(unsigned long pins)
    {
        for (unsigned k = 0; k < kCt; k++) pulses[k] += (pins & ~pulse_pins) >> k & 1;
        pulse_pins = pins;
    }
};

int main(int argc, char **argv)
{
    if (argc != 5) return fail("usage: serve LINK SCENARIO SECONDS DIR");
    std::string dir = argv[4];
    char err[200];
    pw_panel_opts o = {};
    o.scenario = argv[2];
    o.fmod_hz = double(kClk) / kDiv;
    o.n_ct = kCt;
    o.seed = 1;
    pw_panel *panel = pw_panel_open(&o, err, sizeof err);
    if (panel == nullptr) return fail(err);
    uint8_t image[PW_CONFIG_SIZE_B];
    if (pw_config_encode(pw_panel_config(panel), image, nullptr) != PW_OK) return fail("configuration of the panel");
    FILE *f = fopen((dir + "/config.bin").c_str(), "wb");
    if (f == nullptr || fwrite(image, sizeof image, 1, f) != 1 || fclose(f) != 0) return fail("cannot write config.bin");
    Truth truth = {panel, fopen((dir + "/truth.csv").c_str(), "w"), {}, {}};
    if (truth.out == nullptr) return fail("cannot write truth.csv");

    Pins p;
    static pw_uart_pty pty;
    pw_uart_pins uart;
    if (pw_uart_pty_open(&pty, argv[1], err, sizeof err) != 0) return fail(err);
    pw_uart_pins_init(&uart, &pty, kClk / 115200, 0);
    uint8_t bytes[PW_PANEL_MAX_CH];
    uint64_t end = uint64_t(atof(argv[3]) * kClk);
    unsigned seq = 0, tx = 1;
    pw_panel_truth(panel, 0, &truth.last);
    while (p.clk < end) {
        pw_panel_step8(panel, bytes);
        for (unsigned t = 0; t < 8; t++) {
            uint32_t word = 0;
            for (unsigned ch = 0; ch < kCt + 3; ch++) word |= uint32_t(bytes[ch] >> t & 1) << ch;
            p.top.bits_i = word;
            for (unsigned c = 0; c < kDiv; c++) {
                p.top.clk = 0;
                p.top.eval();
                p.top.clk = 1;
                p.top.eval();
                p.clk++;
                if (p.top.uart_tx_o != tx) {
                    tx = p.top.uart_tx_o;
                    pw_uart_pins_edge(&uart, p.clk, tx);
                }
                if (p.clk >= pw_uart_pins_next(&uart)) pw_uart_pins_run(&uart, p.clk);
                p.top.uart_rx_i = uart.to_meter;
            }
        }
        truth.count(p.top.pulse_o);
        if (p.win_seq() != seq) truth.window(seq = p.win_seq());
        if (p.clk / (8 * kDiv) % 16 == 0) {             // not in the middle of a byte: the host waits for its answer before it changes the rate
            pw_uart_pty_poll(&pty);
            if (pw_uart_pins_next(&uart) == UINT64_MAX) uart.bit_clk = (kClk + rate_of(pty.slave) / 2) / rate_of(pty.slave);
            pw_uart_pins_feed(&uart, p.clk);
        }
    }
    printf("serve: %.3f s, %llu bytes to the host, %llu from it, %u line errors\n", double(p.clk) / kClk, (unsigned long long)pty.n_tx,
           (unsigned long long)pty.n_rx, uart.n_errors);
    pw_uart_pty_close(&pty);
    pw_panel_close(panel);
    fclose(truth.out);
    return uart.n_errors != 0;
}
