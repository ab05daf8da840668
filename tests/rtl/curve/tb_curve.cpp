// SPDX-License-Identifier: Apache-2.0
// pw_ct_curve with pw_integrate, pw_line and pw_fe_ctrl against sim/model on random tables, currents and bus traffic, bit for bit;
// races with the CPU, lock, hysteresis, conservation of energy. Usage: tb_curve [seed]
#include "Vpw_tb_curve.h"
#include "../frontend/bench.h"
#include "../frontend/conservation.h"
#include <cmath>
#include <cstring>
extern "C" {
#include "curve_model.h"
}

int g_passed, g_failed;
static const unsigned N_CH = N_CT + 3, MAX_WAIT = 170;
static const uint32_t FE = 0x1000, CURVE = 0x1200, BANK = 0x2000;
static const uint32_t WINCFG = FE + 0xC, DELAY = FE + 0x28;

struct Bench {
    VerilatedContext ctx;
    Vpw_tb_curve v{&ctx};
    Bus<Vpw_tb_curve> bus{&v, [this] { tick(); }};
    pw_fe m;
    uint8_t rtl_delay[64] = {}, model_delay[64] = {};
    unsigned frames = 0, delay_writes = 0, walk = 0, max_walk = 0, overlong = 0, zones_seen = 0, changes = 0;
    Ledger *ledger = nullptr;
    std::vector<int32_t> set, z_last = std::vector<int32_t>(64);
    unsigned at = N_CH, idle = 0, gap = 0;
    bool offer = false, locked = false, unsealed = false;
    Rng rng;

    explicit Bench(uint64_t seed) : set(N_CH), rng(seed)
    {
        pw_fe_init(&m, N_CT, MOD_DIV);
        m.curves = true;
        v.rst = 1; v.clk = 0; v.unsealed_i = 0; v.s_valid_i = 0; v.s_ch_i = 0; v.s_data_i = 0;
        v.wb_cyc_i = v.wb_stb_i = v.wb_we_i = 0; v.wb_adr_i = 0; v.wb_dat_i = 0;
        for (int i = 0; i < 4; i++) tick();
        v.rst = 0;
        for (int i = 0; i < 32 * 64 + 8; i++) tick(); // both memories are cleared
    }

    void tick()
    {
        if (!offer && at < N_CH && idle >= gap) {
            offer = true;
            v.s_valid_i = 1; v.s_ch_i = at; v.s_data_i = (uint32_t)set[at] & 0xFFFFFF;
        }
        v.eval();
        bool taken = v.s_valid_i && v.s_ready_o, frame = v.frame_o;
        if (v.dly_we_o) { rtl_delay[v.dly_ch_o] = v.dly_o; delay_writes++; }
        if (v.z_valid_o) z_last[v.z_ch_o] = (int32_t)(v.z_data_o << 8) >> 8;
        if (v.pulse_valid_o && ledger) ledger->pulse(v.pulse_ch_o);
        walk = v.walking_o ? walk + 1 : 0;
        if (walk > max_walk) max_walk = walk;
        v.clk = 1; v.eval();
        v.clk = 0; v.eval();
        idle++;
        if (taken) {
            offer = false; at++; idle = 0;
            v.s_valid_i = 0; v.s_data_i = rng.below(1 << 24); v.s_ch_i = rng.below(64);
            v.eval();
        }
        if (frame) frames++;
    }
    void settle() { while (v.walking_o) tick(); }

    bool rd(uint32_t off, uint32_t &x) { x = 0x5A5A5A5A; return bus.access(off, false, x); }
    uint32_t get(uint32_t off) { uint32_t x; rd(off, x); return x; }
    // To both, when the round rests: the model knows frames, not clocks.
    void wr(uint32_t off, uint32_t x)
    {
        settle();
        uint32_t d = x;
        bool ok = bus.access(off, true, d);
        bool mok = pw_fe_write32(&m, off, x) == 0;
        if (off == DELAY && (!locked || unsealed) && (x >> 8 & 63) < N_CH && (x & 255) < 240) model_delay[x >> 8 & 63] = (uint8_t)x;
        if (ok != mok) { g_failed++; printf("FAIL write %04x: bus %d, model %d\n", off, ok, mok); }
    }
    void lock()
    {
        wr(FE + 8, 1);
        locked = true;
    }
    void seal(bool open)
    {
        settle();
        unsealed = open;
        v.unsealed_i = open;
        pw_fe_set_unsealed(&m, open);
        tick(); tick(); // the bank's write enable is decided a clock before
    }

    bool frame(unsigned traffic)
    {
        unsigned target = frames + 1;
        at = 0;
        for (unsigned n = 0; frames != target; n++) {
            if (n > 40000) { printf("FAIL frame does not end\n"); g_failed++; return false; }
            if (traffic && rng.one_in(traffic)) {
                uint32_t x;
                rd(rng.one_in(3) ? CURVE + 4 * rng.below(N_CT * 16) : BANK + 4 * rng.below(N_CH * 32), x);
            } else tick();
        }
        tick();
        settle();
        pw_ctcurve before = m.curve;
        pw_fe_push_samples(&m, set.data());
        for (unsigned ct = 0; ct < N_CT; ct++) changes += m.curve.table[ct][PW_CTCURVE_CTRL] != before.table[ct][PW_CTCURVE_CTRL];
        for (unsigned ch = 3; ch < N_CH; ch++) model_delay[ch] = m.dec.delay[ch];
        return true;
    }

    bool same(uint32_t off)
    {
        uint32_t a, b = 0x5A5A5A5A;
        bool ra = rd(off, a), rb = pw_fe_read32(&m, off, &b) == 0;
        if (ra == rb && (!ra || a == b)) return true;
        printf("FAIL frame %u: offset %04x: %08x, model %08x, ack %d %d\n", frames, off, a, b, ra, rb);
        return false;
    }
    bool same_all()
    {
        bool ok = !memcmp(rtl_delay, model_delay, N_CH);
        if (!ok) printf("FAIL frame %u: delays differ\n", frames);
        for (uint32_t w = 0; w < 54 * 16 + 32 && ok; w++) ok = same(CURVE + 4 * w);
        for (uint32_t w = 0; w < N_CH * 32 && ok; w++) ok = same(BANK + 4 * w);
        return ok;
    }
    uint32_t square(unsigned ct) { return m.in.bank[3 + ct][m.in.bank_done ? PW_CTCURVE_SQUARE1 : PW_CTCURVE_SQUARE0]; }
};

// Thresholds around what the CT has just shown, so that all zones are met, and equality too.
static void random_table(Bench &b, unsigned ct)
{
    Rng &r = b.rng;
    uint32_t base = CURVE + 64 * ct, now = b.square(ct);
    for (unsigned i = 0; i < 7; i++) {
        uint32_t t = r.one_in(4) ? now + r.below(3) - 1 : r.one_in(3) ? (uint32_t)(now * (0.8 + 0.4 * r.unit())) : r.one_in(2) ? (uint32_t)r.next() >> r.below(32) : 0x7FFFFFFF;
        b.wr(base + 4 * i, t);
    }
    for (unsigned i = 0; i < 8; i++) b.wr(base + 32 + 4 * i, r.one_in(4) ? 0x00050010 : (uint32_t)r.next());
    b.wr(base + 28, r.one_in(5) ? 0 : (uint32_t)r.next() | 1);
}

static void random_write(Bench &b)
{
    Rng &r = b.rng;
    switch (r.below(6)) {
    case 0: b.wr(BANK + 128 * r.below(N_CH), (uint32_t)r.next()); break;
    case 1: b.wr(DELAY, r.below(1 << 14)); break;
    case 2: b.wr(CURVE + 4 * r.below(56 * 16), (uint32_t)r.next()); break;
    case 3: b.wr(WINCFG, 1 + r.below(3) | r.below(3) << 8 | (r.one_in(3) ? 1 + r.below(N_CT) : 40 + r.below(60)) << 16); break;
    default: random_table(b, r.below(N_CT)); break;
    }
}

static void run_random(uint64_t seed, unsigned n_frames, bool lock)
{
    Bench b(seed);
    Rng &r = b.rng;
    std::string name = "random seed " + std::to_string(seed) + (lock ? " locked" : "");
    check(b.same_all(), (name + ": reset values").c_str());
    std::vector<double> amp(N_CH), want(N_CH);
    for (unsigned ch = 0; ch < N_CH; ch++) amp[ch] = want[ch] = std::pow(10, 2 + 4.9 * r.unit());
    b.wr(WINCFG, 2 | (N_CT + 10) << 16);
    bool ok = true;
    uint32_t seq0 = b.m.in.seq;
    for (unsigned f = 0; f < n_frames && ok; f++) {
        for (unsigned ch = 0; ch < N_CH; ch++) {
            if (r.one_in(300)) want[ch] = std::pow(10, 2 + 4.9 * r.unit());
            amp[ch] += (want[ch] - amp[ch]) * 0.1;
            b.set[ch] = (int32_t)(amp[ch] * std::sin(0.19 * f + ch)) + (int32_t)r.below(9) - 4;
        }
        b.gap = r.one_in(2) ? 0 : r.below(100);
        ok = b.frame(r.one_in(2) ? 0 : 1 + r.below(20));
        if (lock && f == n_frames / 3) b.lock();
        if (lock && r.one_in(30)) b.seal(r.one_in(2));
        if (r.one_in(3)) random_write(b);
        if (r.one_in(10)) ok &= b.same_all();
        if (r.one_in(2)) ok &= b.same(BANK + 128 * (3 + r.below(N_CT)));
    }
    check(ok && b.same_all(), (name + ": RTL = model").c_str());
    check(!b.bus.both, (name + ": bus answers once").c_str());
    check(b.bus.max_wait <= MAX_WAIT, (name + ": bus wait").c_str());
    check(b.changes > n_frames / 20, (name + ": zones changed").c_str());
    printf("  %-24s %u frames, %u windows, %u changes of a zone, longest bus wait %u clocks\n", name.c_str(), n_frames,
           (unsigned)(uint16_t)(b.m.in.seq - seq0), b.changes, b.bus.max_wait);
}

// The CPU writes CFG words all the time, in any clock of the round: what it writes above the gain must stay.
static void run_race(uint64_t seed)
{
    Bench b(seed);
    Rng &r = b.rng;
    std::vector<uint32_t> upper(N_CT);
    for (unsigned ct = 0; ct < N_CT; ct++) {
        for (unsigned i = 0; i < 7; i++) b.wr(CURVE + 64 * ct + 4 * i, 1000u << i);
        for (unsigned i = 0; i < 8; i++) b.wr(CURVE + 64 * ct + 32 + 4 * i, 0x100 + i);
        b.wr(CURVE + 64 * ct + 28, 1);
    }
    b.wr(WINCFG, 1 | (N_CT + 3) << 16);
    unsigned writes = 0;
    bool ok = true;
    for (unsigned f = 0; f < 12 * N_CT && ok; f++) {
        for (unsigned ch = 0; ch < N_CH; ch++) b.set[ch] = (f / 50 & 1) ? 2000000 : 300000;
        unsigned target = b.frames + 1;
        b.at = 0;
        while (b.frames != target) {
            unsigned ct = r.one_in(2) ? f % (N_CT + 3) % N_CT : r.below(N_CT);
            if (r.one_in(12)) {
                uint32_t x = (uint32_t)r.next() & 0x03FFFFFF;
                upper[ct] = x >> 16;
                b.bus.access(BANK + 128 * (3 + ct), true, x);
                writes++;
            } else if (r.one_in(40)) {
                uint32_t x = 1;
                b.bus.access(CURVE + 64 * ct + 28, true, x);
            } else b.tick();
        }
        b.tick();
        b.settle();
        unsigned ct = r.below(N_CT);
        ok = b.get(BANK + 128 * (3 + ct)) >> 16 == upper[ct];
    }
    check(ok, "race: what the CPU writes beside the gain stays");
    // Quiet again: two windows bring every gain to its zone's.
    for (unsigned f = 0; f < 3 * (N_CT + 3); f++) {
        for (unsigned ch = 0; ch < N_CH; ch++) b.set[ch] = 300000;
        b.at = 0;
        for (unsigned target = b.frames + 1; b.frames != target;) b.tick();
        b.tick();
        b.settle();
    }
    bool right = true, word = true;
    for (unsigned ct = 0; ct < N_CT; ct++) {
        uint32_t ctrl = b.get(CURVE + 64 * ct + 28), cfg = b.get(BANK + 128 * (3 + ct));
        right &= (ctrl & 0x101) == 0x101 && (cfg & 0xFFFF) == 0x100 + (ctrl >> 16 & 7);
        word &= cfg >> 16 == upper[ct];
    }
    check(right && word, "race: afterwards every gain is that of its zone");
    check(b.bus.max_wait <= MAX_WAIT, "race: bus wait");
    printf("  race: %u writes of CFG words meanwhile, longest bus wait %u clocks\n", writes, b.bus.max_wait);
}

// The CPU takes a CT back in the middle of its turn: disables its curve, then writes CFG. That must be the last word.
static void run_take_back(uint64_t seed)
{
    Bench b(seed);
    Rng &r = b.rng;
    for (unsigned ct = 0; ct < N_CT; ct++) {
        for (unsigned i = 0; i < 7; i++) b.wr(CURVE + 64 * ct + 4 * i, i == 0 ? 20000 : 0x7FFFFFFF);
        for (unsigned i = 0; i < 8; i++) b.wr(CURVE + 64 * ct + 32 + 4 * i, 0x100 + i);
    }
    b.wr(WINCFG, 1 | (N_CT + 3) << 16);
    bool ok = true;
    unsigned n = 0;
    for (unsigned window = 0; window < 30 && ok; window++) {
        std::vector<uint32_t> cfg(N_CT);
        for (unsigned ct = 0; ct < N_CT; ct++) {
            uint32_t on = 1;
            b.bus.access(CURVE + 64 * ct + 28, true, on);
        }
        uint16_t seq = b.v.win_seq_o;
        for (unsigned since = 0; (uint16_t)(b.v.win_seq_o - seq) < 2;) {
            for (unsigned ch = 0; ch < N_CH; ch++) b.set[ch] = window & 1 ? 2000000 : 300000;
            unsigned ct = since - 1, turn = 0;
            bool mine = since >= 1 && since <= N_CT && b.v.win_seq_o != seq;
            b.at = 0;
            for (unsigned target = b.frames + 1, when = r.below(60); b.frames != target;) {
                turn += b.v.walking_o;
                if (!mine || !(turn > when)) { b.tick(); continue; }
                uint32_t off = 0;
                cfg[ct] = (uint32_t)r.next() & 0x03FFFFFF;
                b.bus.access(CURVE + 64 * ct + 28, true, off);
                uint32_t x = cfg[ct];
                b.bus.access(BANK + 128 * (3 + ct), true, x);
                mine = false;
                n++;
            }
            b.tick();
            since = b.v.win_seq_o == seq ? 0 : since + 1;
        }
        b.settle();
        for (unsigned ct = 0; ct < N_CT; ct++) ok &= cfg[ct] == 0 || b.get(BANK + 128 * (3 + ct)) == cfg[ct];
    }
    check(ok && n > 5 * N_CT, "a CT taken back by the CPU stays as the CPU wrote it");
    printf("  taken back in the middle of its turn: %u times\n", n);
}

// Samples always wait, the CPU reads without a pause: is a CT finished before its next sample?
static void run_worst_case()
{
    Bench b(7);
    for (unsigned ct = 0; ct < N_CT; ct++) {
        b.wr(CURVE + 64 * ct + 28, 1);
        for (unsigned i = 0; i < 8; i++) b.wr(CURVE + 64 * ct + 32 + 4 * i, i + 1);
    }
    b.wr(WINCFG, 1 | (N_CT + 1) << 16);
    bool ok = true;
    for (unsigned f = 0; f < 3 * N_CT && ok; f++) {
        for (unsigned ch = 0; ch < N_CH; ch++) b.set[ch] = 0x123456;
        for (unsigned ct = 0; f % (N_CT + 1) == 0 && ct < N_CT; ct++) b.wr(CURVE + 64 * ct, f * 3000000); // another zone each window
        ok = b.frame(1);
    }
    check(ok && b.same_all(), "worst case: RTL = model");
    check(b.max_walk < 51 * N_CT, "worst case: a CT is finished before its next sample");
    printf("  worst case: a CT takes %u clocks of %u\n", b.max_walk, 512 * MOD_DIV);
}

// Sealed and locked the tables cannot be written, and gains follow the current without any access.
static void run_sealed()
{
    Bench b(9);
    for (unsigned i = 0; i < 7; i++) b.wr(CURVE + 4 * i, 100u << i);
    for (unsigned i = 0; i < 8; i++) b.wr(CURVE + 32 + 4 * i, (10 * i) << 16 | 1000 * i);
    b.wr(CURVE + 28, 1);
    b.wr(WINCFG, 1 | (N_CT + 5) << 16);
    b.lock();
    std::vector<uint32_t> before;
    for (unsigned w = 0; w < N_CT * 16; w++) before.push_back(b.get(CURVE + 4 * w));
    for (unsigned w = 0; w < N_CT * 16; w++) b.wr(CURVE + 4 * w, ~before[w]);
    bool ok = true;
    for (unsigned w = 0; w < N_CT * 16; w++) ok &= b.get(CURVE + 4 * w) == before[w];
    check(ok, "sealed: tables cannot be written");
    ok = true;
    unsigned zones = 0;
    for (double a = 5e4; a < 4e6; a *= 1.25) {
        for (unsigned f = 0; f < 3 * (N_CT + 5); f++) {
            for (unsigned ch = 0; ch < N_CH; ch++) b.set[ch] = (int32_t)(a * std::sin(6.283185307 * f / (N_CT + 5)));
            ok &= b.frame(0);
        }
        uint32_t z = b.get(CURVE + 28) >> 16 & 7;
        ok &= (b.get(BANK + 128 * 3) & 0xFFFF) == 1000 * z && b.rtl_delay[3] == 10 * z;
        zones |= 1u << z;
    }
    check(ok, "sealed: gain and delay follow the current");
    check(zones == 0xFF, "sealed: through all zones");
}

// At a threshold, up and down by half the hysteresis: the zone stays.
static void run_hysteresis()
{
    Bench b(11);
    b.wr(WINCFG, 1 | (N_CT + 5) << 16);
    auto window = [&](double level) {
        for (unsigned f = 0; f < N_CT + 5; f++) {
            for (unsigned ch = 0; ch < N_CH; ch++) b.set[ch] = (int32_t)(level * 3e6 * std::sin(6.283185307 * 3 * f / (N_CT + 5)));
            b.frame(0);
        }
    };
    for (int i = 0; i < 40; i++) window(1.0);
    for (unsigned i = 0; i < 7; i++) b.wr(CURVE + 4 * i, i == 0 ? b.square(0) : 0x7FFFFFFF);
    b.wr(CURVE + 36, 5 << 16 | 77);
    b.wr(CURVE + 28, 1);
    unsigned n = 0;
    for (int i = 0; i < 3; i++) window(1.0);
    unsigned changes = b.changes;
    for (int i = 0; i < 20; i++) { window(i & 1 ? 1.004 : 0.996); n += b.get(CURVE + 28) >> 16 & 1; }
    check(n == 20 && b.changes == changes, "hysteresis: +-0.4 % of current around a threshold change nothing");
    for (int i = 0; i < 4; i++) window(0.97);
    check((b.get(CURVE + 28) >> 16 & 7) == 0, "hysteresis: -3 % leave the zone");
}

static void run_conservation(uint64_t seed, unsigned n_frames)
{
    Bench b(seed);
    Rng &r = b.rng;
    for (unsigned ch = 0; ch < N_CH; ch++) {
        b.wr(BANK + 128 * ch, r.below(65536) | r.below(6) << 16 | ch << 20);
        b.wr(BANK + 128 * ch + 4, r.one_in(2) ? 0 : r.below(5000));
        b.wr(BANK + 128 * ch + 8, 100 + r.below(3000));
    }
    for (unsigned ct = 0; ct < N_CT; ct++) {
        for (unsigned i = 0; i < 7; i++) b.wr(CURVE + 64 * ct + 4 * i, 4000u << i);
        for (unsigned i = 0; i < 8; i++) b.wr(CURVE + 64 * ct + 32 + 4 * i, (uint32_t)r.next());
        b.wr(CURVE + 64 * ct + 28, 1);
    }
    b.wr(WINCFG, 1 | (N_CT + 8) << 16);
    b.lock();
    Ledger led([&b](uint32_t o) { return b.get(o); }, N_CT);
    b.ledger = &led;
    bool ok = true;
    for (unsigned f = 0; f < n_frames && ok; f++) {
        for (unsigned ch = 0; ch < N_CH; ch++)
            b.set[ch] = (int32_t)((ch < 3 ? 3e6 : 3e6 * std::fabs(std::sin(f * 0.004 + ch))) * std::sin(f * 0.55 + ch));
        uint16_t seq = b.v.win_seq_o;
        ok = b.frame(0);
        led.frame(b.z_last.data(), b.v.win_seq_o != seq);
    }
    led.balance();
    uint64_t pulses = 0;
    for (const auto &c : led.ct) pulses += c.pulses;
    check(ok && led.n_bad == 0 && led.n_windows > 10 && pulses > 100, "conservation while zones change: products = windows = energies = pulses and residue");
    check(b.changes > 2 * N_CT, "conservation: zones changed");
    printf("  conservation: %lu windows, %u changes of a zone, %llu pulses, differences %u\n", led.n_windows, b.changes, (unsigned long long)pulses, led.n_bad);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
    printf("pw_ct_curve, N_CT %d, seed %llu\n", N_CT, (unsigned long long)seed);
    unsigned frames = N_CT > 24 ? 800 : 1500;
    for (unsigned i = 0; i < 2; i++) {
        run_random(seed + 2 * i, frames, false);
        run_random(seed + 2 * i + 1, frames, true);
    }
    run_race(seed);
    run_take_back(seed);
    run_worst_case();
    run_sealed();
    run_hysteresis();
    run_conservation(seed, 40 * (N_CT + 8));
    printf("%d passed, %d failed\n", g_passed, g_failed);
    return g_failed != 0;
}
