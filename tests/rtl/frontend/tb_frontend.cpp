// SPDX-License-Identifier: Apache-2.0
// The whole pw_frontend against sim/model: bitstreams in, registers read over Wishbone, while the CPU reads as often as
// it can. Usage: tb_frontend [seed]. Built for one N_CT (macros N_CT, MOD_DIV).
#include "Vpw_frontend.h"
#include "Vpw_frontend___024root.h"
#include "bench.h"
#include <cmath>
#include <deque>
#include <string>

int g_passed, g_failed;
static const unsigned N_CH = N_CT + 3;
static const uint32_t FE = 0x1000, BANK = 0x2000;

struct Bench {
    VerilatedContext ctx;
    Vpw_frontend v{&ctx};
    Bus<Vpw_frontend> bus{&v, [this] { tick(); }};
    pw_fe m;                              // its registers follow the RTL frame by frame
    pw_dec dec;                           // runs ahead, bit by bit
    std::deque<std::vector<int32_t>> sets;
    std::vector<unsigned> rtl_pulses, model_pulses;
    Rng rng;
    bool modulate;                        // sigma-delta of sines; else random bits
    std::vector<double> i1, i2, amp, ph;
    std::vector<uint8_t> bytes, bits;
    uint64_t clk = 0;
    unsigned n_bits = 0, n_frames = 0, bad_samples = 0;
    int since_last = -1;                  // clocks since the last sample of a frame was taken

    Bench(uint64_t seed, bool mod) : rng(seed), modulate(mod), i1(N_CH), i2(N_CH), amp(N_CH), ph(N_CH), bytes(N_CH), bits(N_CH)
    {
        pw_fe_init(&m, N_CT, MOD_DIV);
        pw_dec_init(&dec, N_CH);
        m.pulse = [](void *c, unsigned ct) { ((Bench *)c)->model_pulses.push_back(ct); };
        m.pulse_ctx = this;
        for (unsigned ch = 0; ch < N_CH; ch++) {
            amp[ch] = ch < 3 ? 0.6 : 0.05 + 0.75 * rng.unit();
            ph[ch] = ch < 3 ? ch / 3.0 : rng.unit();
        }
        v.rst = 1; v.clk = 0; v.unsealed_i = 0; v.wb_cyc_i = v.wb_stb_i = v.wb_we_i = 0; v.wb_adr_i = 0; v.wb_dat_i = 0;
        for (int i = 0; i < 5; i++) { v.clk = 1; v.eval(); v.clk = 0; v.eval(); }
        v.rst = 0;
    }

    void set_bit(unsigned ch, bool b)
    {
        uint64_t *p = (uint64_t *)&v.bits_i;
        *p = b ? *p | 1ull << ch : *p & ~(1ull << ch);
    }

    bool next_bit(unsigned ch)
    {
        if (ch == N_CH - 1) return true;                         // stuck
        if (!modulate) return rng.below(256) < 40 + 7 * ch % 180;
        double x = amp[ch] * std::sin(6.283185307179586 * (n_bits / (512.0 * 15.3) + ph[ch]));
        bool one = i2[ch] >= 0;
        i1[ch] += x - (one ? 1 : -1);
        i2[ch] += i1[ch] - (one ? 2 : -2);
        return one;
    }

    void new_bits()
    {
        for (unsigned ch = 0; ch < N_CH; ch++) {
            bool b = next_bit(ch);
            set_bit(ch, b);
            bytes[ch] = (uint8_t)(bytes[ch] >> 1 | b << 7);
        }
        if (++n_bits % 8 == 0 && n_bits >= 64 * 8) {              // the gateware clears its memories in the first 63 frames
            std::vector<int32_t> s(N_CH);
            if (pw_dec_push8(&dec, bytes.data(), s.data())) sets.push_back(s);
        }
    }

    void tick()
    {
        if (clk % MOD_DIV == 0) new_bits();                      // sampled at the end of the period
        v.eval();
        if (v.pulse_valid_o) rtl_pulses.push_back(v.pulse_ch_o);
        const auto *r = v.rootp;
        if (r->pw_frontend__DOT__s_valid && r->pw_frontend__DOT__s_ready) {
            unsigned ch = r->pw_frontend__DOT__s_ch;
            int32_t x = (int32_t)(r->pw_frontend__DOT__s_data << 8) >> 8;
            if (sets.empty() || sets.front()[ch] != x) bad_samples++;
            if (ch == N_CH - 1) since_last = 0;
        }
        v.clk = 1; v.eval();
        v.clk = 0; v.eval();
        clk++;
        if (since_last >= 0) since_last++;
    }

    void wr(uint32_t off, uint32_t x)
    {
        uint32_t d = x;
        bool ok = bus.access(off, true, d), mok = pw_fe_write32(&m, off, x) == 0;
        if (ok != mok) { g_failed++; printf("FAIL write %04x: bus %d, model %d\n", off, ok, mok); }
    }

    // Runs to the quiet time after the next frame; the model then stands at the same frame.
    bool frame(bool contention)
    {
        uint64_t t0 = clk;
        since_last = -1;
        while (since_last < 0 && clk - t0 < 4 * 512 * MOD_DIV) {
            if (contention) {
                uint32_t x, off = BANK + 4 * rng.below(N_CH * 32);
                bus.access(off, false, x);
                for (unsigned i = rng.below(6); i > 0; i--) tick();
            } else tick();
        }
        while (since_last >= 0 && since_last < 250) tick();
        if (since_last < 0 || sets.empty()) { printf("FAIL no frame within four sample periods\n"); return false; }
        pw_fe_push_samples(&m, sets.front().data());
        sets.pop_front();
        n_frames++;
        bool ok = rtl_pulses == model_pulses && v.rootp->pw_frontend__DOT__win_seq == m.in.seq && v.irq_o == m.irq;
        if (!ok) printf("FAIL frame %u: pulses %zu/%zu seq %u/%u\n", n_frames, rtl_pulses.size(), model_pulses.size(),
                        v.rootp->pw_frontend__DOT__win_seq, m.in.seq);
        rtl_pulses.clear(); model_pulses.clear();
        return ok;
    }

    bool same(uint32_t off)
    {
        uint32_t a = 0, b = 0;
        bool ra = bus.access(off, false, a), rb = pw_fe_read32(&m, off, &b) == 0;
        if (ra == rb && (!ra || a == b)) return true;
        printf("FAIL frame %u: offset %04x: %08x, model %08x, ack %d %d\n", n_frames, off, a, b, ra, rb);
        return false;
    }
};

static void set_up(Bench &b)
{
    Rng &r = b.rng;
    for (unsigned ch = 0; ch < N_CH; ch++) {                     // while the decimator clears its memories: nothing is in flight
        uint32_t delay = r.below(240);
        b.wr(FE + 0x28, delay | ch << 8);
        if (pw_dec_set_delay(&b.dec, ch, delay) != 0) abort();
    }
    if (b.clk > 64u * 8 * MOD_DIV - 100) { g_failed++; printf("FAIL delays were set too late: clock %llu\n", (unsigned long long)b.clk); }
    for (unsigned ch = 0; ch < N_CH; ch++) {
        uint32_t base = BANK + 128 * ch;
        b.wr(base, r.below(65536) | r.below(6) << 16 | r.below(2) << 19 | (r.one_in(3) ? r.below(N_CH) : ch) << 20);
        b.wr(base + 4, r.one_in(2) ? 0 : r.below(3000));
        b.wr(base + 8, r.below(600));
        if (ch >= 3) b.wr(base + 24, r.below(2000000));
    }
    b.wr(FE + 0x28, 240 | 3 << 8);                               // too long: ignored
    b.wr(FE + 0x28, 7 | 63 << 8);                                // no such channel: ignored
    b.wr(FE + 0xC, (1 + r.below(2)) | r.below(3) << 8 | (b.modulate ? 400u : 9u) << 16);
    b.wr(FE + 8, 1);
    b.wr(FE + 0x28, 99 | 3 << 8);                                // locked: ignored
}

static void run(uint64_t seed, bool modulate, unsigned n_frames)
{
    Bench b(seed, modulate);
    std::string name = std::string(modulate ? "sigma-delta" : "random bits") + " seed " + std::to_string(seed);
    while (b.clk < 40u * 8 * MOD_DIV) b.tick();                   // past the sweeps of both halves
    set_up(b);
    bool ok = true;
    unsigned wait_traffic = 0;
    for (unsigned f = 0; f < n_frames && ok; f++) {
        if (f == 0) while (!b.v.rootp->pw_frontend__DOT__s_valid && b.clk < 40ull * 512 * MOD_DIV) b.tick();
        ok = b.frame(b.rng.one_in(2));
        for (int i = 0; i < 40 && ok; i++) ok = b.same(BANK + 4 * b.rng.below(N_CH * 32));
        if (ok && b.rng.one_in(4)) for (uint32_t r = 0; r < 12 && ok; r++) ok = b.same(FE + 4 * r);
        wait_traffic = b.bus.max_wait;
    }
    check(ok, (name + ": registers and pulses as in the model").c_str());
    check(b.bad_samples == 0, (name + ": samples as in the model").c_str());
    check(b.m.in.seq >= 3, (name + ": windows were closed").c_str());
    check(!b.bus.both && wait_traffic <= 128, (name + ": bus").c_str());
    check(!b.v.rootp->pw_frontend__DOT__overrun, (name + ": no sample lost").c_str());
    check((b.m.in.bank[N_CH - 1][5] & 0x406) == 6, (name + ": stuck stream is flagged").c_str());
    printf("  %-22s %u frames, %u windows, %u pulses, longest bus wait %u clocks\n", name.c_str(), b.n_frames, b.m.in.seq,
           b.m.in.pulses, wait_traffic);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
    printf("pw_frontend, N_CT %d, MOD_DIV %d, seed %llu\n", N_CT, MOD_DIV, (unsigned long long)seed);
    run(seed, false, 60);
    run(seed + 1, true, 120);
    printf("%d passed, %d failed\n", g_passed, g_failed);
    return g_failed != 0;
}
