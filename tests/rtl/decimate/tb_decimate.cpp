// SPDX-License-Identifier: Apache-2.0
// RTL against C model, bit by bit, at each stage boundary: delayed bytes, sinc4 samples, FIR samples.
// usage: tb_decimate [seed]    N_CH and MOD_DIV are compiled in. Prints a line per failed case and "N passed, N failed".
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <vector>

#include "Vtb_decimate.h"
#include "verilated.h"
extern "C" {
#include "dec_model.h"
}

static const unsigned kFrame = 8 * MOD_DIV;
static const unsigned kSet = 64 * kFrame;                  // clk per output set

enum Bits { BALANCED, DENSE, SPARSE, MIXED, MODULATOR, STUCK, N_BITS };
enum Delays { ZERO, RANDOM, LONGEST, CHANGING, N_DELAYS };
enum Ready { ALWAYS, COIN, SLOW, BURSTS, N_READY, NEVER };

struct Rng {
    uint64_t s;
    explicit Rng(uint64_t seed) : s(seed * 0x9E3779B97F4A7C15u + 1) {}
    uint32_t next() {
        s ^= s << 13; s ^= s >> 7; s ^= s << 17;
        return uint32_t(s >> 16);
    }
    unsigned below(unsigned n) { return next() % n; }
};

struct Sample { unsigned ch; int32_t value; };

static int32_t s24(uint32_t v) { return int32_t(v << 8) >> 8; }

// One decimator with a model beside it; feeds both, compares at every boundary.
class Bench {
  public:
    Vtb_decimate top;
    pw_dec model;
    Rng rng;
    Bits bits;
    Delays delays;
    Ready ready;
    unsigned long clk = 0, n_bytes = 0, n_sinc4 = 0, n_out = 0, n_bad = 0, n_mclk_bad = 0;
    bool compare_out = true, resync = false;

    explicit Bench(uint64_t seed, Bits b, Delays d, Ready r) : rng(seed), bits(b), delays(d), ready(r) { reset(); }

    void reset() {
        top.rst = 1;
        top.s_ready_i = 0;
        top.dly_we_i = 0;
        top.bits_i = 0;
        for (unsigned i = 0; i < 3 + rng.below(5); i++) edge();
        top.rst = 0;
        pw_dec_init(&model, N_CH);
        frame.assign(N_CH, 0);
        queue_bytes.clear();
        queue_sinc4.clear();
        queue_out.clear();
        n_ticks = 0;
        n_passes = 0;
        held = false;
        since_tick = 0;
        i1.assign(N_CH, 0.0);
        i2.assign(N_CH, 0.0);
    }

    void run(unsigned long n) { while (n--) step(); }

    void delay_write(unsigned ch, unsigned clocks) {       // next clk
        top.dly_we_i = 1;
        top.dly_ch_i = ch;
        top.dly_i = clocks;
    }

  private:
    std::vector<uint8_t> frame;
    std::vector<double> i1, i2;
    std::deque<uint8_t> queue_bytes;
    std::deque<int32_t> queue_sinc4;
    std::deque<Sample> queue_out;
    unsigned long n_ticks, n_passes;
    unsigned burst = 0, since_tick;
    bool held;
    Sample held_sample;

    void edge() {
        top.clk = 0;
        top.eval();
        top.clk = 1;
        top.eval();
        clk++;
    }

    void bad(const char *what, unsigned ch, long rtl, long want) {
        if (n_bad++ < 5) printf("  clk %lu: %s, channel %u: RTL %ld, model %ld\n", clk, what, ch, rtl, want);
    }

    bool bit(unsigned ch) {
        Bits b = bits == MIXED ? Bits(ch % 3) : bits;
        switch (b) {
        case BALANCED: return rng.next() & 1;
        case DENSE: return rng.below(100) < 95;
        case SPARSE: return rng.below(100) < 3;
        case STUCK: return ch % 3 == 0 || (ch % 3 == 1 && (n_ticks >> 11) & 1);
        default: break;
        }
        double x = 0.9 * ((n_ticks * (ch + 1) * 37 % 65536) / 32768.0 - 1);    // second-order modulator of a saw-tooth
        bool one = i2[ch] >= 0;
        i1[ch] += x - (one ? 1 : -1);
        i2[ch] += i1[ch] - (one ? 2 : -2);
        return one;
    }

    bool want_ready() {
        switch (ready) {
        case COIN: return rng.next() & 1;
        case SLOW: return rng.below((kSet / N_CH - 20) / 2) == 0;
        case BURSTS: if (burst == 0) burst = 1 + rng.below(kSet / 2); return --burst >= 96;
        case NEVER: return false;
        default: return true;
        }
    }

    void push_frame() {
        int32_t samples[PW_DEC_MAX_CH];
        bool set = pw_dec_push8(&model, frame.data(), samples);
        if (set && resync) {
            queue_out.clear();
            compare_out = true;
            resync = false;
        }
        for (unsigned ch = 0; ch < N_CH; ch++) {
            queue_bytes.push_back(model.bytes[ch]);
            if (model.sinc4_valid) queue_sinc4.push_back(model.sinc4[ch]);
            if (set) queue_out.push_back({ch, samples[ch]});
        }
    }

    void change_delay() {                                  // at the start of a pass: both sides from the same byte on
        unsigned ch = rng.below(N_CH), clocks = rng.below(240);
        pending = false;
        delay_write(ch, clocks);
        if (pw_dec_set_delay(&model, ch, clocks) != 0) bad("set_delay", ch, 0, 0);
    }

    void check_bytes() {
        if (top.clr_o || top.label_o >= N_CH) return;
        if (queue_bytes.empty()) return bad("byte without a frame", top.label_o, top.byte_o, 0);
        unsigned at = unsigned(n_bytes % N_CH);
        if (top.label_o != at || top.byte_o != queue_bytes.front())
            bad("byte", top.label_o, top.byte_o, queue_bytes.front());
        queue_bytes.pop_front();
        n_bytes++;
    }

    void check_sinc4() {
        if (top.clr_o || !top.y_valid_o || model.frame == 0) return;
        if (queue_sinc4.empty()) {
            if (model.frame >= 16) bad("sinc4 sample too early", 0, s24(top.y_o), 0);
            return;                                        // samples of the cleared state
        }
        if (s24(top.y_o) != queue_sinc4.front()) bad("sinc4", unsigned(n_sinc4 % N_CH), s24(top.y_o), queue_sinc4.front());
        queue_sinc4.pop_front();
        n_sinc4++;
    }

    void check_out() {
        Sample now = {top.s_ch_o, s24(top.s_data_o)};
        if (held && (!top.s_valid_o || now.ch != held_sample.ch || now.value != held_sample.value))
            bad("output not held", now.ch, now.value, held_sample.value);
        held = top.s_valid_o && !top.s_ready_i;
        held_sample = now;
        if (!top.s_valid_o || !top.s_ready_i) return;
        n_out++;
        if (!compare_out) return;
        if (queue_out.empty()) return bad("sample too early", now.ch, now.value, 0);
        Sample want = queue_out.front();
        queue_out.pop_front();
        if (want.ch != now.ch || want.value != now.value) bad("FIR", now.ch, now.value, want.value);
    }

    void step() {
        top.s_ready_i = want_ready();
        if (since_tick == 0) {                             // a modulator changes its output after the rising edge
            uint64_t word = 0;
            for (unsigned ch = 0; ch < N_CH; ch++) word |= uint64_t(bit(ch)) << ch;
            top.bits_i = word | (N_CH < 64 ? uint64_t(rng.next()) << (N_CH > 32 ? N_CH : 32) : 0);
        }
        top.clk = 0;
        top.eval();
        if (top.mclk_o != (n_ticks > 0 && since_tick < MOD_DIV / 2)) n_mclk_bad++;
        if (top.start_o) {
            n_passes++;
            if (delays == CHANGING && n_passes > 3 && rng.below(2)) pending = true;
        }
        if (top.differ_o) bad("netlist", top.s_ch_o, 1, 0);
        check_bytes();
        check_sinc4();
        check_out();
        if (top.tick_o) {
            for (unsigned ch = 0; ch < N_CH; ch++)
                frame[ch] = uint8_t(frame[ch] >> 1 | (top.bits_i >> ch & 1) << 7);
            n_ticks++;
        }
        since_tick = top.tick_o ? 0 : since_tick + 1;
        bool frame_done = top.tick_o && n_ticks % 8 == 0;
        top.clk = 1;
        top.eval();
        clk++;
        top.dly_we_i = 0;
        if (frame_done) {                                  // pass of this frame: first delay is read 7 clk later
            if (pending) change_delay();
            if (n_passes >= 64) push_frame();
        }
    }

    bool pending = false;

  public:
    void set_all(Delays how) {                             // before data flow: any clk will do
        for (unsigned ch = 0; ch < N_CH; ch++) {
            unsigned clocks = how == LONGEST ? 239 - ch % 16 : how == RANDOM ? rng.below(240) : 0;
            delay_write(ch, clocks);
            if (pw_dec_set_delay(&model, ch, clocks) != 0) bad("set_delay", ch, 0, 0);
            step();
        }
        for (unsigned ch = N_CH; ch < 64; ch++) {          // no such channel: must not land in another
            delay_write(ch, 77);
            step();
        }
    }

};

static unsigned n_passed, n_failed;

static void verdict(const char *what, const Bench &b, bool ok) {
    ok ? n_passed++ : n_failed++;
    if (!ok)
        printf("FAIL %s: %lu bytes, %lu sinc4, %lu out, %lu differ, %lu mclk, overrun %d\n", what, b.n_bytes, b.n_sinc4,
               b.n_out, b.n_bad, b.n_mclk_bad, b.top.overrun_o);
}

static const unsigned kSets = 8;                           // sets compared a run

static bool good(const Bench &b, unsigned sets) {
    return b.n_bad == 0 && b.n_mclk_bad == 0 && !b.top.overrun_o && b.n_out >= (sets - 1) * N_CH && b.n_sinc4 >= b.n_out * 4;
}

static void product(uint64_t seed) {                       // data x delays x back-pressure
    for (int d = 0; d < N_DELAYS; d++)
        for (int b = 0; b < N_BITS; b++) {
            Ready r = Ready((b + d) % N_READY);
            Bench bench(seed + b * 16 + d, Bits(b), Delays(d), r);
            bench.run(3 * kFrame);
            if (d != CHANGING) bench.set_all(Delays(d));
            bench.run((2 + PW_DEC_SETTLE_SETS + kSets) * kSet);
            char name[80];
            snprintf(name, sizeof name, "bits %d, delays %d, ready %d, seed %lu", b, d, r, (unsigned long)seed);
            verdict(name, bench, good(bench, kSets));
        }
}

static void warm_reset(uint64_t seed) {                    // nothing from before a reset may be left
    Bench bench(seed, MIXED, RANDOM, COIN);
    bench.run(3 * kFrame);
    bench.set_all(RANDOM);
    bench.run((2 + PW_DEC_SETTLE_SETS) * kSet + kSet / 3 + bench.rng.below(kSet));
    bench.reset();                                         // delays are 0 again
    bench.n_out = bench.n_sinc4 = bench.n_bytes = 0;
    bench.run((2 + PW_DEC_SETTLE_SETS + kSets) * kSet);
    verdict("warm reset", bench, good(bench, kSets));
}

static void overrun(uint64_t seed) {                       // a consumer that stops is noticed, and all is well again after it
    Bench bench(seed, BALANCED, ZERO, ALWAYS);
    bench.run((3 + PW_DEC_SETTLE_SETS) * kSet);
    bool early = bench.top.overrun_o;
    bench.compare_out = false;
    bench.ready = NEVER;
    bench.run(2 * kSet);
    bool late = !bench.top.overrun_o;
    bench.ready = ALWAYS;
    bench.run(2 * kSet);
    bench.resync = true;                                   // from the next set on
    unsigned long before = bench.n_out;
    bench.run(3 * kSet);
    verdict("overrun", bench, !early && !late && bench.n_bad == 0 && bench.compare_out && bench.n_out - before >= 2 * N_CH);
}

int main(int argc, char **argv) {
    uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
    product(seed);
    warm_reset(seed);
    overrun(seed);
    printf("decimator, %d channels, MOD_DIV %d, seed %lu: %u passed, %u failed\n", N_CH, MOD_DIV, (unsigned long)seed, n_passed, n_failed);
    return n_failed != 0;
}
