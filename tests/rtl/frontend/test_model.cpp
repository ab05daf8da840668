// SPDX-License-Identifier: Apache-2.0
// int_model against mathematics it does not share: sines with known P, Q, I2 in double precision; energy is neither made
// nor lost over a long run; register rules; speed.
#include "bench.h"
#include "conservation.h"
#include <cmath>
#include <complex>
#include <chrono>
#include <string>

int g_passed, g_failed;
static unsigned long n_conservation;     // windows
static unsigned n_differences;
using Z = std::complex<double>;
static const double TAU = 6.283185307179586476925, FS = 8388608.0, LSB = std::ldexp(1.0, -46);

static double s64(const uint32_t *w) { return (double)(int64_t)pw_int_u64(w); }

// Transfer functions at angle w per sample, from the equations in docs/metrology.md.
static Z dc_blocker(double w) { Z z1 = std::polar(1.0, -w); return (1 - 1 / 8192.0) * (1.0 - z1) / (1.0 - (1.0 - 1.0 / 4096) * z1); }
static Z all_pass(double w, double b) { Z z1 = std::polar(1.0, -w), a = 1 - b; return (z1 - a) / (1.0 - a * z1); }

struct Wave { double amp, phase, w; Z h; double at(double n) const { return amp * std::abs(h) * std::cos(w * n + phase + std::arg(h)); } };

// One CT on Va with phase `phi`, gain word `gain`; returns worst error of P, Q, I2 relative to apparent power (I2: to I2).
static double sine_case(double f_rel, uint32_t beta, bool tuned, double amp, double phi, int gain, unsigned vsel, bool pol)
{
    static pw_int m;
    pw_int_init(&m, 12);
    m.quad = beta;
    m.bank[3][0] = (uint32_t)(gain & 0xFFFF) | vsel << 16 | (uint32_t)pol << 19 | 3u << 20;
    double w = f_rel * TAU, b = beta / 524288.0, g = 1 + gain / 131072.0, vamp = 0.34;
    Z h = dc_blocker(w), hq = h * all_pass(w, b);
    if (tuned) { // the all-pass is a pure -90 degrees here
        Z r = all_pass(w, b);
        if (std::abs(r - Z(0, -1)) > 1e-9) printf("  beta %u is not tuned: %g %g\n", beta, r.real(), r.imag());
    }
    int32_t x[15] = {};
    unsigned n = 0, start = 0;
    uint32_t low[2][2] = {};               // of P and Q: of the last window, of the one before
    for (uint16_t windows = 0; n < 120000 || m.seq == windows; n++) {
        if (n == 119999) windows = m.seq;
        for (int c = 0; c < 3; c++) x[c] = (int32_t)std::lrint(FS * vamp * std::cos(w * n - c * TAU / 3));
        x[3] = (int32_t)std::lrint(FS * amp * std::cos(w * n - phi) + 0.01 * FS); // with an offset
        if (!pw_int_frame(&m, x)) continue;
        if (n < 119999) start = n;
        for (int t = 0; t < 2; t++) { low[t][1] = low[t][0]; low[t][0] = m.bank[3][(m.bank_done ? 26 : 20) + 2 * t]; }
    }
    n--; // the frame that closed the window
    double p = 0, q = 0, i2 = 0;
    for (unsigned k = start; k < n; k++) {
        double v[2];
        Z hs[2] = {h, hq};
        for (int t = 0; t < 2; t++) {
            Wave a{vamp, -TAU / 3 * (vsel % 3), w, hs[t]}, c{vamp, -TAU / 3 * ((vsel + 1) % 3), w, hs[t]};
            v[t] = (a.at(k) - (vsel >= 3 ? c.at(k) : 0)) * (pol ? -1 : 1);
        }
        double i = Wave{amp, -phi, w, h}.at(k) * g;
        p += v[0] * i; q += v[1] * i; i2 += i * i;
    }
    const uint32_t *s = m.bank[3] + (m.bank_done ? 26 : 20);
    unsigned samples = m.wininfo & 0xFFFF;
    double va = vamp * (vsel >= 3 ? std::sqrt(3.0) : 1) * amp * g / 2 * samples;
    double e = std::max({std::fabs((s64(s) - low[0][1]) * LSB - p) / va, std::fabs((s64(s + 2) - low[1][1]) * LSB - q) / va, std::fabs(s64(s + 4) * LSB - i2) / i2});
    if (samples != n - start || (m.wininfo >> 16 & 0xFF) != 12) { printf("  window of %u samples, expected %u\n", samples, n - start); e = 1; }
    return e;
}

static void sines()
{
    const double b = 24000 / 524288.0, f_tuned = 2 * std::atan(b / (2 - b)) / TAU; // 60.6 Hz at 8138 Hz
    static const double phis[] = {0, 0.5, 1.0471975512, 1.5707963268, 2.5, 3.1415926536, -1.0471975512, -2.0};
    static const struct { double amp, tol; } amps[] = {{0.7, 1e-6}, {0.1, 1e-6}, {0.01, 2e-6}, {0.001, 2e-5}};
    for (auto a : amps) {
        double worst = 0;
        unsigned vsel = 0;
        for (double phi : phis) {
            worst = std::max(worst, sine_case(f_tuned, 24000, true, a.amp, phi, vsel & 1 ? -9000 : 12345, vsel % 6, vsel & 1));
            vsel++;
        }
        char name[80];
        snprintf(name, sizeof name, "sine, I = %g FS: P, Q, I2 within %g", a.amp, a.tol);
        check(worst < a.tol, name);
        printf("  I = %5g FS: worst error of P, Q, I2 %.2g of apparent power\n", a.amp, worst);
    }
    double e = std::max(sine_case(50 / 8138.0, 19794, false, 0.5, 1.0, 0, 1, false), sine_case(60 / 8138.0, 65535, false, 0.5, -1.0, 0, 4, true));
    check(e < 1e-6, "sine, 50 Hz and a wide all-pass");
    printf("  50 Hz and beta 65535: worst error %.2g\n", e);
}

static void conservation(uint64_t seed, unsigned n_frames)
{
    static pw_fe m;
    pw_fe_init(&m, 24, 6);
    Rng r(seed);
    auto wr = [](uint32_t o, uint32_t v) { if (pw_fe_write32(&m, o, v) != 0) abort(); };
    double amp[27], ph[27];
    for (unsigned ch = 0; ch < 27; ch++) {
        amp[ch] = ch < 3 ? 0.4 : std::pow(10, -3 * r.unit());
        ph[ch] = ch < 3 ? -ch / 3.0 : r.unit();
        uint32_t base = 0x2000 + 128 * ch;
        wr(base, r.below(65536) | r.below(6) << 16 | r.below(2) << 19 | (r.one_in(3) ? 3 + r.below(24) : ch) << 20);
        wr(base + 4, r.one_in(2) ? 0 : r.below(400000));
        wr(base + 8, 30000 + r.below(r.one_in(2) ? 100000 : 4000000));
        if (ch < 3) continue;
        wr(base + 24, r.below(1 << 24));
        for (unsigned w = 8; w < 20; w++) wr(base + 4 * w, w & 1 ? r.below(1 << 20) : (uint32_t)r.next());
    }
    wr(0x100C, 1 | 2000u << 16);
    wr(0x1008, 1);
    Ledger led([](uint32_t o) { uint32_t v = 0; if (pw_fe_read32(&m, o, &v) != 0) abort(); return v; }, 24);
    m.pulse = [](void *c, unsigned ct) { ((Ledger *)c)->pulse(ct); };
    m.pulse_ctx = &led;
    for (unsigned n = 0; n < n_frames; n++) {
        int32_t x[27];
        if (n % 50000 == 0) wr(0x100C, (1 + r.below(12)) | r.below(3) << 8 | (256 + r.below(6000)) << 16);
        for (unsigned ch = 0; ch < 3; ch++) amp[ch] = n / 9000 % 7 == 3 ? 0 : 0.4; // no crossings: time-outs
        if (n % 5000 == 0) for (unsigned ch = 3; ch < 27; ch++) ph[ch] = r.unit();
        for (unsigned ch = 0; ch < 27; ch++)
            x[ch] = (int32_t)(FS * amp[ch] * std::sin(TAU * (n / 60.7 + ph[ch]))) + (int32_t)r.below(2001) - 1000;
        uint16_t seq = m.in.seq;
        pw_fe_push_samples(&m, x);
        led.frame(pw_fe_z(&m), m.in.seq != seq);
        if (n % 97 == 0) led.balance();
    }
    led.balance();
    unsigned pulses = 0;
    for (const auto &c : led.ct) pulses += (unsigned)c.pulses;
    unsigned long windows = led.n_windows;
    check(led.n_bad == 0, "conservation: products = windows = energies = pulses x quantum + residue");
    check(led.n_timeouts > 5, "conservation: windows ended by time-out");
    check(led.n_negative > windows && led.n_creep > windows && pulses > 1000, "conservation: received, creep, pulses were there");
    for (unsigned k = 0; k < 4; k++) check(led.n_quadrant[k] > windows, "conservation: all quadrants were there");
    check(pulses == m.in.pulses, "conservation: PULSES counts them");
    n_conservation += windows;
    n_differences += led.n_bad;
    printf("  %lu windows x 24 CT: %u by time-out, %u received, %u below creep, %u pulses; differences: %u\n", windows, led.n_timeouts, led.n_negative, led.n_creep, pulses, led.n_bad);
}

// Pulses of a constant power, 2 Wh each, 500 V and 800 A full scale: how even they are, in samples.
struct Even {
    double grid = 0;        // a pulse from its place on the best even grid
    double interval = 0;    // an interval from the mean one
    void worst_of(const Even &e) { grid = std::max(grid, e.grid); interval = std::max(interval, e.interval); }
};

static Even evenness(const std::vector<double> &t)
{
    double n = (double)t.size(), sk = 0, st = 0, skk = 0, skt = 0, lo = 1e9, hi = -1e9;
    for (size_t k = 0; k < t.size(); k++) { sk += (double)k; st += t[k] - t[0]; skk += (double)k * (double)k; skt += (double)k * (t[k] - t[0]); }
    double slope = (n * skt - sk * st) / (n * skk - sk * sk), mean = (t.back() - t[0]) / (n - 1);
    Even e;
    for (size_t k = 0; k < t.size(); k++) {
        double d = t[k] - t[0] - slope * (double)k;
        lo = std::min(lo, d);
        hi = std::max(hi, d);
        if (k > 0) e.interval = std::max(e.interval, std::fabs(t[k] - t[k - 1] - mean));
    }
    e.grid = (hi - lo) / 2;
    return e;
}

static Even jitter_case(double hz, double fs, double watt, double phi, unsigned cycles, unsigned n_intervals)
{
    static pw_int m;
    struct Times { std::vector<double> t; double now; } times{{}, 0};
    pw_int_init(&m, 1);
    double unit = 500.0 * 800 / 16384 / fs / 3600, w = TAU * hz / fs, v = 340 / 500.0, i = watt / 340 * 2 / 800 / std::cos(phi);
    m.bank[3][PW_INT_CFG] = 3u << 20;
    m.bank[3][PW_INT_QUANTUM] = (uint32_t)std::llround(2 / unit);
    m.wincfg = cycles | 8191u << 16;
    m.pulse = [](void *c, unsigned) { auto *t = (Times *)c; t->t.push_back(t->now); };
    m.pulse_ctx = &times;
    unsigned long n = 0, settled = (unsigned long)(20 * fs), most = settled + (unsigned long)((n_intervals + 3) * 7300 / watt * fs);
    for (bool clear = true; times.t.size() <= n_intervals && n < most; n++) {
        if (n > settled && clear && !times.t.empty()) { times.t.clear(); clear = false; }
        times.now = (double)n;
        int32_t x[4] = {(int32_t)std::lrint(FS * v * std::sin(w * n)), 0, 0, (int32_t)std::lrint(FS * i * std::sin(w * n - phi))};
        pw_int_frame(&m, x);
    }
    if (!check(times.t.size() > n_intervals, "pulses: they come")) return {1e9, 1e9};
    // The DC blocker takes 2e-5 off each signal at 60 Hz, 3e-5 at 50 Hz.
    double mean = (times.t.back() - times.t[0]) / n_intervals, want = 2 * 3600 / watt * fs;
    check(std::fabs(mean / want - 1) < 8e-5 + 2 / (mean * n_intervals), "pulses: 500 a kWh");
    return evenness(times.t);
}

static Even jitter()
{
    static const double watts[] = {100, 330, 1000, 3170, 10000, 24000};
    Even mains, all;
    for (double w : watts) {
        unsigned n = w < 1000 ? 5 : w < 5000 ? 30 : 200;
        Even here;
        here.worst_of(jitter_case(60, 25e6 / 2560, w, 0, 12, n));
        here.worst_of(jitter_case(60, 21e6 / 2048, w, 1.0471975512, 12, n));
        here.worst_of(jitter_case(50, 25e6 / 2560, w, -0.6, 10, n));
        mains.worst_of(here);
        here.worst_of(jitter_case(60.021, 21e6 / 2048, w, 0, 12, n));
        here.worst_of(jitter_case(59.973, 25e6 / 2560, w, 1.0471975512, 12, n));
        all.worst_of(here);
        printf("  pulses at %5g W: within %.2f samples of an even grid, intervals within %.2f of their mean\n", w, here.grid, here.interval);
    }
    check(mains.interval <= 1, "pulses: at 50 and 60 Hz every interval within one sample of the mean one");
    check(all.grid <= 1 && all.interval < 2, "pulses: at any frequency within one sample of an even grid");
    return all;
}

static void locks()
{
    static pw_fe m;
    uint32_t v;
    auto get = [&](uint32_t o) { v = 0; return pw_fe_read32(&m, o, &v) == 0 ? v : 0xBADBAD; };
    pw_fe_init(&m, 12, 5);
    check(get(0x1000) == 0x50574645 && get(0x1004) == (9u << 20 | 5u << 12 | 3u << 8 | 12), "ID and CAPS");
    check(pw_fe_read32(&m, 0x1030, &v) != 0 && pw_fe_read32(&m, 0x2000 + 128 * 15, &v) != 0 && pw_fe_read32(&m, 0x2002, &v) != 0 &&
          pw_fe_write32(&m, 0x4000, 0) != 0 && pw_fe_write32(&m, 0x0FFC, 0) != 0, "unmapped addresses are bus errors");
    for (unsigned w = 0; w < 32; w++) (void)pw_fe_write32(&m, 0x2180 + 4 * w, 0x01000000 + w);
    bool ok = true;
    for (unsigned w = 0; w < 32; w++) ok &= get(0x2180 + 4 * w) == (w < 4 || (w >= 6 && w < 20) ? 0x01000000 + w : 0);
    check(ok, "before the lock: parameters, rate, residue, phase and energies can be written, nothing else");
    (void)pw_fe_write32(&m, 0x1008, 1);
    (void)pw_fe_write32(&m, 0x1008, 0);
    check(get(0x1008) == 1, "the lock cannot be opened");
    for (unsigned w = 0; w < 32; w++) (void)pw_fe_write32(&m, 0x2180 + 4 * w, 0xFFFFFFFF);
    ok = true;
    for (unsigned w = 0; w < 32; w++) ok &= get(0x2180 + 4 * w) == (w < 4 || (w >= 6 && w < 20) ? 0x01000000 + w : 0);
    check(ok, "locked and sealed: nothing can be written");
    pw_fe_set_unsealed(&m, true);
    for (unsigned w = 0; w < 32; w++) (void)pw_fe_write32(&m, 0x2180 + 4 * w, 0x02000000);
    ok = true;
    for (unsigned w = 0; w < 32; w++) ok &= get(0x2180 + 4 * w) == (w < 3 ? 0x02000000 : w == 3 || (w >= 6 && w < 20) ? 0x01000000 + w : 0);
    check(ok, "locked and unsealed: parameters only");
}

static void speed()
{
    static pw_int m;
    pw_int_init(&m, 24);
    Rng r(5);
    int32_t x[27];
    for (auto &v : x) v = (int32_t)r.below(1 << 24) - (1 << 23);
    auto t0 = std::chrono::steady_clock::now();
    for (int n = 0; n < 8138; n++) { x[n % 27] ^= n & 0xFFF; pw_int_frame(&m, x); }
    double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - t0).count();
    check(ms < 200, "speed of the model"); // a loaded machine is allowed for
    printf("  model: %.1f ms per metered second of 27 channels\n", ms);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
    printf("int_model, seed %llu\n", (unsigned long long)seed);
    sines();
    conservation(seed, 400000);
    Even worst = jitter();
    locks();
    speed();
    if (argc > 2) {
        FILE *f = fopen(argv[2], "w");
        if (f == nullptr) { perror(argv[2]); return 1; }
        fprintf(f, "{\"jitter_samples_max\": %.3f, \"interval_deviation_samples_max\": %.3f, \"conservation_windows\": %lu, \"conservation_differences\": %u, \"seed\": %llu}\n", worst.grid, worst.interval, n_conservation, n_differences,
                (unsigned long long)seed);
        fclose(f);
    }
    printf("%d passed, %d failed\n", g_passed, g_failed);
    return g_failed != 0;
}
