// SPDX-License-Identifier: Apache-2.0
// pw_integrate, pw_line and pw_fe_ctrl against sim/model on random samples, parameters and bus traffic, bit for bit.
// Usage: tb_integrate [seed]. Built for one N_CT (macro N_CT, MOD_DIV).
#include "Vpw_tb_integrate.h"
#include "../frontend/bench.h"
#include "../frontend/conservation.h"
#include <cmath>
#include <cstring>
#include <string>

int g_passed, g_failed;
static const unsigned N_CH = N_CT + 3;
static const uint32_t FE = 0x1000, BANK = 0x2000;
static const uint32_t LOCK = FE + 8, WINCFG = FE + 0xC, QUAD = FE + 0x10, WINSEQ = FE + 0x18;

struct Bench {
    VerilatedContext ctx;
    Vpw_tb_integrate v{&ctx};
    Bus<Vpw_tb_integrate> bus{&v, [this] { tick(); }};
    pw_fe m;
    std::vector<unsigned> rtl_pulses, model_pulses;
    std::vector<int32_t> z, z_last;      // of this frame, of the last one
    bool z_order = true;
    uint64_t clocks = 0;
    unsigned frames = 0;
    // sample feed
    std::vector<int32_t> set;
    unsigned at = 0;
    unsigned idle = 0, gap = 0;          // clocks since the last sample, clocks to leave between two
    bool offer = false;
    // measured
    unsigned busy_from = 0, max_frame_clocks = 0, frame_start = 0;
    uint64_t closing_clocks = 0, closing_frames = 0;
    Ledger *ledger = nullptr;            // told of every pulse
    Rng rng;

    explicit Bench(uint64_t seed) : rng(seed)
    {
        pw_fe_init(&m, N_CT, MOD_DIV);
        m.pulse = [](void *c, unsigned ct) { ((Bench *)c)->model_pulses.push_back(ct); };
        m.pulse_ctx = this;
        v.rst = 1; v.clk = 0; v.unsealed_i = 0; v.s_valid_i = 0; v.s_ch_i = 0; v.s_data_i = 0;
        v.wb_cyc_i = v.wb_stb_i = v.wb_we_i = 0; v.wb_adr_i = 0; v.wb_dat_i = 0;
        at = N_CH;
        for (int i = 0; i < 4; i++) tick();
        v.rst = 0;
        for (int i = 0; i < 32 * 64 + 8; i++) tick(); // sweep
    }

    void tick()
    {
        if (!offer && at < N_CH && idle >= gap) {
            offer = true;
            v.s_valid_i = 1; v.s_ch_i = at; v.s_data_i = (uint32_t)set[at] & 0xFFFFFF;
        }
        v.eval();
        bool taken = v.s_valid_i && v.s_ready_o, frame = v.frame_o;
        if (v.z_valid_o) { z_order &= v.z_ch_o == z.size(); z.push_back((int32_t)(v.z_data_o << 8) >> 8); }
        if (v.pulse_valid_o) rtl_pulses.push_back(v.pulse_ch_o);
        v.clk = 1; v.eval();
        v.clk = 0; v.eval();
        clocks++;
        idle++;
        if (taken) {
            offer = false; at++; idle = 0;
            v.s_valid_i = 0; v.s_data_i = rng.below(1 << 24); v.s_ch_i = rng.below(64);
            v.eval();
        }
        if (frame) frames++;
    }

    bool rd(uint32_t off, uint32_t &x) { x = 0x5A5A5A5A; return bus.access(off, false, x); }
    void wr(uint32_t off, uint32_t x)
    {
        uint32_t d = x;
        bool ok = bus.access(off, true, d), mok = pw_fe_write32(&m, off, x) == 0;
        if (ok != mok) { g_failed++; printf("FAIL write %04x: bus %d, model %d\n", off, ok, mok); }
    }

    // A write that the CPU gives up (its own reset) before the answer: must leave no trace.
    void withdrawn(uint32_t off, uint32_t x)
    {
        v.wb_cyc_i = v.wb_stb_i = v.wb_we_i = 1;
        v.wb_adr_i = off >> 2 & 0xFFF;
        v.wb_dat_i = x;
        v.eval();
        bool done = false;
        for (unsigned n = 1 + rng.below(3); n > 0 && !done; n--) {
            done = v.wb_ack_o || v.wb_err_o;
            tick();
        }
        v.wb_cyc_i = v.wb_stb_i = v.wb_we_i = 0;
        v.wb_dat_i = ~x;
        tick();
        if (done) (void)pw_fe_write32(&m, off, x);
    }

    // One frame through both; `traffic` = mean clocks between CPU reads during it, 0 = none.
    bool frame(unsigned traffic)
    {
        unsigned target = frames + 1;
        at = 0;
        uint64_t t0 = clocks;
        uint16_t seq0 = m.in.seq;
        while (frames != target) {
            if (clocks - t0 > 20000) { printf("FAIL frame does not end\n"); g_failed++; return false; }
            if (traffic && rng.one_in(traffic)) {
                uint32_t x, off = BANK + 4 * rng.below(N_CH * 32);
                rd(off, x);
            } else tick();
        }
        tick();
        pw_fe_push_samples(&m, set.data());
        if (m.in.seq != seq0) { closing_clocks += clocks - t0; closing_frames++; }
        if (clocks - t0 > max_frame_clocks) max_frame_clocks = (unsigned)(clocks - t0);
        bool ok = true;
        if (rtl_pulses != model_pulses) { printf("FAIL pulses differ: %zu, model %zu\n", rtl_pulses.size(), model_pulses.size()); ok = false; }
        for (unsigned ct : rtl_pulses) if (ledger) ledger->pulse(ct);
        rtl_pulses.clear(); model_pulses.clear();
        if (!z_order || z != std::vector<int32_t>(pw_fe_z(&m), pw_fe_z(&m) + N_CH)) { printf("FAIL calibrated samples differ\n"); ok = false; }
        z_last = z;
        z.clear();
        if (v.win_seq_o != m.in.seq) { printf("FAIL seq %u, model %u\n", v.win_seq_o, m.in.seq); ok = false; }
        if (v.irq_o != m.irq) { printf("FAIL irq %d, model %d\n", v.irq_o, m.irq); ok = false; }
        return ok;
    }

    bool same(uint32_t off)
    {
        uint32_t a, b = 0x5A5A5A5A;
        bool ra = rd(off, a), rb = pw_fe_read32(&m, off, &b) == 0;
        if (ra == rb && (!ra || a == b)) return true;
        printf("FAIL frame %u: offset %04x (ch %d word %d): %08x, model %08x, ack %d %d\n", frames, off,
               off >= BANK ? (off - BANK) / 128 : -1, off >= BANK ? (off - BANK) / 4 % 32 : (off - FE) / 4, a, b, ra, rb);
        return false;
    }
    bool same_all()
    {
        bool ok = true;
        for (uint32_t r = 0; r < 12 && ok; r++) ok &= same(FE + 4 * r);
        for (uint32_t w = 0; w < N_CH * 32 && ok; w++) ok &= same(BANK + 4 * w);
        return ok;
    }
};

// ---------------------------------------------------------------- stimulus
enum Kind { ZERO, RAIL_P, RAIL_N, FLIP, NOISE, SMALL, SINE, SQUARE, EDGE, ARM, N_KIND };
struct Source { Kind kind; double amp, f, ph, dc; };

static int32_t clip24(double x)
{
    x = std::floor(x);
    return x > 8388607 ? 8388607 : x < -8388608 ? -8388608 : (int32_t)x;
}

static int32_t sample(Rng &r, const Source &s, unsigned n)
{
    switch (s.kind) {
    case RAIL_P: return 0x7FFFFF;
    case RAIL_N: return -0x800000;
    case FLIP: return r.one_in(2) ? 0x7FFFFF : -0x800000;
    case NOISE: return (int32_t)r.below(1 << 24) - (1 << 23);
    case SMALL: return (int32_t)r.below(9) - 4;
    case SINE: return clip24(s.dc + s.amp * std::sin(6.283185307179586 * (s.f * n + s.ph)));
    case SQUARE: return clip24(std::sin(6.283185307179586 * (s.f * n + s.ph)) >= 0 ? s.amp : -s.amp);
    case EDGE: { // around the flag thresholds
        static const int32_t e[] = {0x77FFFF, 0x780000, -0x780000, -0x780001, 0x7EFFFF, 0x7F0000, -0x7F0000, -0x7F0001};
        return e[r.below(8)];
    }
    case ARM: return r.one_in(2) ? (int32_t)r.below(5000) : -(int32_t)r.below(1 << 18); // around -FS/64
    default: return 0;
    }
}

static void random_source(Rng &r, Source &s, bool voltage)
{
    static const double amps[] = {8388607, 8388607 * 0.34, 8388607 * 0.7, 1e5, 1000, 30};
    s.kind = voltage && !r.one_in(4) ? (r.one_in(3) ? ARM : SINE) : (Kind)r.below(N_KIND);
    s.amp = amps[r.below(voltage ? 3 : 6)];
    s.f = 1.0 / (3 + r.below(voltage ? 12 : 60));
    s.ph = r.unit();
    s.dc = r.one_in(3) ? (r.unit() - 0.5) * 4e6 : 0;
}

// Values that sit near what the model is about to compare with.
static uint32_t near_creep(Bench &b, unsigned ch)
{
    const uint32_t *s = b.m.in.bank[ch] + (b.rng.one_in(2) ? 20 : 26) + (b.rng.one_in(2) ? 2 : 0);
    uint32_t mag = s[1] >> 31 ? 0 - s[1] : s[1];
    switch (b.rng.below(4)) {
    case 0: return 0;
    case 1: return mag;
    case 2: return mag + 1;
    default: return b.rng.one_in(8) ? (uint32_t)b.rng.next() : b.rng.below(1 << b.rng.below(24));
    }
}

static void random_params(Bench &b, unsigned ch)
{
    Rng &r = b.rng;
    uint32_t base = BANK + 128 * ch;
    uint32_t point = r.one_in(3) ? r.below(64) : r.one_in(2) ? ch : r.below(N_CH);
    uint32_t gain = r.one_in(4) ? 0 : r.one_in(3) ? (r.one_in(2) ? 0x7FFF : 0x8000) : r.below(65536);
    b.wr(base, gain | r.below(8) << 16 | r.below(2) << 19 | point << 20 | (r.one_in(4) ? 0xFC000000 : 0));
    b.wr(base + 4, near_creep(b, ch));
    uint32_t q = r.one_in(6) ? 0 : (uint32_t)(r.next() >> (32 + r.below(28)));
    if (r.one_in(3)) q = b.m.in.bank[ch][PW_INT_PHASE] + r.below(3) - 1;
    b.wr(base + 8, q);
    if (r.one_in(3)) b.wr(base + 12, (uint32_t)r.next() >> r.below(28)); // rate: ignored once locked
}

static void random_write(Bench &b)
{
    Rng &r = b.rng;
    switch (r.below(13)) {
    case 12: b.withdrawn(BANK + 4 * r.below(N_CH * 32), (uint32_t)r.next()); break;
    case 0: b.wr(WINCFG, r.below(4) | r.below(4) << 8 | (r.one_in(3) ? r.below(40) : 20 + r.below(200)) << 16 | r.below(4) << 10 | (r.one_in(2) ? 0xE0000000 : 0)); break;
    case 1: b.wr(QUAD, r.one_in(3) ? (uint32_t)r.next() : 20000 + r.below(8000)); break;
    case 2: b.wr(FE + 4 * r.below(16), (uint32_t)r.next() & ~1u); break; // any register, but no lock
    case 3: case 4: b.wr(BANK + 128 * r.below(N_CH) + 0x18 + 4 * r.below(14), (uint32_t)r.next()); break;
    case 5: b.wr(BANK + 4 * r.below(N_CH * 32), (uint32_t)r.next()); break;
    case 6: b.wr(BANK + 128 * r.below(64) + 4 * r.below(32), (uint32_t)r.next()); break;
    case 7: b.wr(4 * r.below(4096), (uint32_t)r.next() & ~1u); break;
    default: random_params(b, r.below(N_CH)); break;
    }
}

// ---------------------------------------------------------------- runs
static void run_random(uint64_t seed, unsigned n_frames, bool lock)
{
    Bench b(seed);
    Rng &r = b.rng;
    std::string name = "random seed " + std::to_string(seed) + (lock ? " locked" : "");
    check(b.same_all(), (name + ": reset values").c_str());
    std::vector<Source> src(N_CH);
    for (unsigned ch = 0; ch < N_CH; ch++) { random_source(r, src[ch], ch < 3); random_params(b, ch); }
    b.wr(WINCFG, 1 + r.below(2) | r.below(3) << 8 | 60u << 16);
    if (lock) b.wr(LOCK, 1);
    bool ok = true;
    uint64_t windows0 = b.m.in.seq;
    for (unsigned f = 0; f < n_frames && ok; f++) {
        if (r.one_in(10)) random_source(r, src[r.below(N_CH)], false);
        if (r.one_in(25)) { unsigned c = r.below(3); random_source(r, src[c], true); }
        b.set.resize(N_CH);
        for (unsigned ch = 0; ch < N_CH; ch++) b.set[ch] = sample(r, src[ch], f);
        b.gap = r.one_in(2) ? 0 : r.below(100);
        ok = b.frame(r.one_in(2) ? 0 : 1 + r.below(30));
        if (lock && r.one_in(20)) {
            bool u = r.one_in(2);
            b.v.unsealed_i = u;
            pw_fe_set_unsealed(&b.m, u);
        }
        for (unsigned i = r.below(4); i > 0; i--) random_write(b);
        if (r.one_in(f < 50 ? 2 : 12)) ok &= b.same_all();
        for (int i = 0; i < 10 && ok; i++) ok = b.same(BANK + 4 * r.below(N_CH * 32));
        if (ok && r.one_in(8)) ok = b.same(WINSEQ);
    }
    check(ok && b.same_all(), (name + ": RTL = model").c_str());
    check(!b.bus.both, (name + ": bus answers once").c_str());
    check(b.bus.max_wait <= 128, (name + ": bus wait").c_str());
    printf("  %-24s %u frames, %u windows, %u pulses, longest bus wait %u clocks\n", name.c_str(), n_frames,
           (unsigned)(b.m.in.seq - windows0), b.m.in.pulses, b.bus.max_wait);
}

// The longest window there is: PHASE comes close to RESIDUE and never passes it.
static void run_longest()
{
    Bench b(11);
    uint32_t base = BANK + 128 * 3, phase = 0, residue = 0;
    b.wr(base, 3u << 20);
    b.wr(base + 8, 1u << 30);
    b.wr(base + 24, 123456789);
    b.wr(WINCFG, 1 | 30u << 16);
    b.set.assign(N_CH, 0);
    bool ok = true;
    for (int f = 0; f < 31 && ok; f++) ok = b.frame(0);           // the window that follows releases the residue
    b.wr(WINCFG, 1 | 8191u << 16);
    uint16_t seq = b.v.win_seq_o;
    for (int f = 0; f < 8190 && ok; f++) ok = b.frame(0);
    b.rd(base + 28, phase);
    b.rd(base + 24, residue);
    check(ok && b.same_all() && b.v.win_seq_o == seq, "longest window: RTL = model");
    check(residue == 123456789 && phase == residue - (residue + 8191) / 8192, "longest window: all but an 8192th is released");
    ok = b.frame(0);
    check(ok && b.v.win_seq_o == (uint16_t)(seq + 1), "longest window: ends after 8191 samples");
}

// Every frame closes a window, samples always wait, and the CPU reads without a pause.
static void run_worst_case()
{
    Bench b(7);
    for (unsigned ch = 0; ch < N_CH; ch++) random_params(b, ch);
    b.wr(WINCFG, 1u);
    b.set.assign(N_CH, 0x123456);
    bool ok = true;
    for (int f = 0; f < 40 && ok; f++) ok = b.frame(1);
    unsigned budget = 512 * MOD_DIV;
    check(ok && b.closing_frames >= 39, "worst case: runs");
    check(b.max_frame_clocks <= budget, "worst case: a closing frame fits the sample period");
    printf("  closing frame with continuous CPU reads: %u of %u clocks (%.1f a channel of %.1f)\n", b.max_frame_clocks, budget,
           b.max_frame_clocks / (double)N_CH, budget / (double)N_CH);
}

// Energy through the bus of the RTL, without a model: windows = energies, pulses x quantum + residue = delivered.
static void run_conservation(uint64_t seed, unsigned n_frames)
{
    Bench b(seed);
    Rng &r = b.rng;
    std::vector<Source> src(N_CH);
    for (unsigned ch = 0; ch < N_CH; ch++) {
        src[ch] = {SINE, ch < 3 ? 3e6 : std::pow(10.0, 3 + 3.8 * r.unit()), 1 / 11.3, ch < 3 ? -(double)ch / 3 : r.unit(), 0};
        uint32_t base = BANK + 128 * ch;
        b.wr(base, r.below(65536) | r.below(6) << 16 | r.below(2) << 19 | (r.one_in(3) ? 3 + r.below(N_CT) : ch) << 20);
        b.wr(base + 4, r.one_in(2) ? 0 : r.below(5000));
        b.wr(base + 8, 20 + r.below(500));
        b.wr(base + 24, r.below(1000000));
        for (unsigned w = 8; ch >= 3 && w < 20; w++) b.wr(base + 4 * w, w & 1 ? r.below(1 << 20) : UINT32_MAX - r.below(30000)); // soon a carry
    }
    b.wr(WINCFG, 1 | 100u << 16);
    b.wr(LOCK, 1);
    Ledger led([&](uint32_t o) { uint32_t x; if (!b.rd(o, x)) abort(); return x; }, N_CT);
    b.ledger = &led;
    bool ok = true;
    for (unsigned f = 0; f < n_frames && ok; f++) {
        b.set.resize(N_CH);
        for (unsigned ch = 0; ch < 3; ch++) src[ch].kind = f % 300 > 180 ? ZERO : SINE; // no crossings: time-outs
        if (f % 100 == 0) for (unsigned ch = 3; ch < N_CH; ch++) src[ch].ph = r.unit();
        for (unsigned ch = 0; ch < N_CH; ch++) b.set[ch] = sample(r, src[ch], f);
        uint16_t seq = b.v.win_seq_o;
        ok = b.frame(r.one_in(3) ? 10 : 0);
        bool closed = b.v.win_seq_o != seq;
        led.frame(b.z_last.data(), closed);
        uint32_t x;
        if (closed) (void)pw_fe_read32(&b.m, WINSEQ, &x); // the ledger's read cleared the interrupt
        if (f % 50 == 0) led.balance();
    }
    led.balance();
    uint64_t pulses = 0;
    for (const auto &c : led.ct) pulses += c.pulses;
    auto windows = led.n_windows;
    check(ok && led.n_bad == 0, "conservation in the RTL");
    check(windows > 20 && led.n_timeouts > 0 && led.n_negative > windows && led.n_creep > windows && pulses > 200, "conservation in the RTL: all kinds were there");
    printf("  conservation: %lu windows, %u by time-out, %u received, %u below creep, %llu pulses; differences %u\n", windows, led.n_timeouts, led.n_negative, led.n_creep,
           (unsigned long long)pulses, led.n_bad);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
    unsigned frames = N_CT > 24 ? 250 : 700;
    printf("pw_integrate, N_CT %d, MOD_DIV %d, seed %llu\n", N_CT, MOD_DIV, (unsigned long long)seed);
    for (unsigned i = 0; i < 2; i++) {
        run_random(seed + 2 * i, frames, false);
        run_random(seed + 2 * i + 1, frames, true);
    }
    run_conservation(seed, N_CT > 24 ? 350 : 600);
    if (N_CT == 12) run_longest();
    run_worst_case();
    printf("%d passed, %d failed\n", g_passed, g_failed);
    return g_failed != 0;
}
