// SPDX-License-Identifier: Apache-2.0
// RTL of the analysis block against its C model: random, sine and rail streams, accesses at any time, each register and sum compared.
// Usage: tb_analysis [seed]. Built for N_CH, RING_LOG2 (0: no ring), FRAME_CLK (shortest frame the block is built for).
#include "../frontend/bench.h"
#include "Vpw_analysis.h"
#include "pw_masks.h"
#include "pw_regs.h"
#include <cmath>
#include <cstring>
extern "C" {
#include "ana_model.h"
}

int g_passed, g_failed;
#define REG(name) (PW_ANA_##name##_BASE_ADDR - PW_ANA_BASE_ADDR)
enum { RESULTS = 0x800, MAX_BUS_WAIT = 6 };

struct Bench {
    VerilatedContext ctx;
    Vpw_analysis v{&ctx};
    Rng rng;
    pw_ana now{}, before{};
    unsigned clk = 0, frame_clk = 0, kind = 0, frames = 0, reads = 0, wrong = 0, max_wait = 0, half_seen = 0, triggers = 0, stops = 0, busy_reads = 0;
    bool both = false;
    double phase = 0, dphase = 0.04;
    explicit Bench(uint64_t seed) : rng(seed) {}

    void tick()
    {
        v.clk = 0;
        v.eval();
        v.clk = 1;
        v.eval();
        clk++;
    }
    void reset()
    {
        v.rst = 1;
        v.wb_stb_i = v.z_valid_i = v.frame_i = 0;
        for (int i = 0; i < 4; i++) tick();
        v.rst = 0;
        pw_anam_init(&now, N_CH, RING_LOG2);
        before = now;
    }
    // One access; false: err. z strobes do not happen meanwhile unless `stream` is given.
    bool bus(uint32_t offset, bool we, uint32_t &data)
    {
        v.wb_stb_i = 1;
        v.wb_we_i = we;
        v.wb_adr_i = offset >> 2;
        v.wb_dat_i = data;
        unsigned n = 0;
        do { step(); n++; } while (!v.wb_ack_o && !v.wb_err_o && n < 1000);
        if (v.wb_ack_o && v.wb_err_o) both = true;
        bool ok = v.wb_ack_o;
        data = v.wb_dat_o;
        if (n > max_wait) max_wait = n;
        step();                            // the clock in which the master sees the answer
        v.wb_stb_i = v.wb_we_i = 0;
        v.wb_dat_i = 0xDEADBEEF;
        return ok;
    }
    uint32_t rd(uint32_t offset)
    {
        uint32_t d = 0;
        if (!bus(offset, false, d)) wrong++;
        return d;
    }
    void compare(uint32_t offset)
    {
        uint32_t got = rd(offset), want = 0;
        if (pw_anam_read32(&now, offset, &want) != 0 || got != want) {
            if (wrong++ < 10) printf("  frame %u offset 0x%03x: RTL 0x%08x, model 0x%08x\n", frames, offset, got, want);
        }
        reads++;
    }
    void write(uint32_t offset, uint32_t value)
    {
        uint32_t d = value;
        bool ok = bus(offset, true, d);
        if (ok != (pw_anam_write32(&now, offset, value) == 0)) wrong++;
    }

    // ---- the sample stream, driven from step()
    int32_t z[N_CH];
    int next_ch = N_CH;                    // N_CH: none to come
    unsigned gap = 0, min_gap = 12, spare = 0;
    bool frame_due = false;
    void step()
    {
        v.z_valid_i = v.frame_i = 0;
        v.z_ch_i = rng.below(64);
        v.z_data_i = rng.below(1 << 24);
        if (gap > 0) gap--;
        else if (next_ch < N_CH) {
            v.z_valid_i = 1;
            v.z_ch_i = next_ch;
            v.z_data_i = z[next_ch] & 0xFFFFFF;
            next_ch++;
            gap = min_gap - 1 + (rng.one_in(4) ? rng.below(20) : 0);
        } else if (frame_due && frame_clk >= FRAME_CLK - 1) {
            v.frame_i = 1;
            frame_due = false;
            frame_clk = 0;
            tick();
            return;
        }
        frame_clk++;
        tick();
    }
    void new_samples()
    {
        phase += dphase;
        for (unsigned ch = 0; ch < N_CH; ch++) {
            double a = kind == 1 ? 8388607 * sin(2 * M_PI * phase + ch) : kind == 2 ? 3e5 * sin(2 * M_PI * phase + ch) + 2000 * sin(14 * M_PI * phase) : 0;
            switch (kind) {
            case 0: z[ch] = (int32_t)rng.below(1 << 24) - (1 << 23); break;
            case 3: z[ch] = rng.one_in(2) ? 0x7FFFFF : -0x800000; break;
            case 4: z[ch] = (int32_t)(sin(2 * M_PI * phase) >= 0 ? 0x7FFFFF : -0x800000); break;
            case 5: z[ch] = (int32_t)rng.below(3) - 1 + (rng.one_in(5) ? (rng.one_in(2) ? 1 << 17 : -(1 << 17) - (int)rng.below(2)) : 0); break;
            default: z[ch] = (int32_t)lrint(a);
            }
        }
        next_ch = 0;
        frame_due = true;
    }
    // Sums of the pass that PASS names, read while the block works on: must be of one pass, the model's of the same number.
    void read_busy()
    {
        uint32_t p0 = rd(REG(PASS)), off[8], got[8], p1;
        for (unsigned i = 0; i < 8; i++) got[i] = rd(off[i] = sum_offset());
        p1 = rd(REG(PASS));
        if (p0 != p1) return;
        uint32_t want = 0;
        pw_anam_read32(&now, REG(PASS), &want);
        pw_ana *m = want == p0 ? &now : &before;
        pw_anam_read32(m, REG(PASS), &want);
        if (want != p0) wrong++;
        for (unsigned i = 0; i < 8; i++) {
            pw_anam_read32(m, off[i], &want);
            if (want != got[i] && wrong++ < 10) printf("  frame %u offset 0x%03x while busy: RTL 0x%08x, model 0x%08x\n", frames, off[i], got[i], want);
        }
        busy_reads++;
    }
    uint32_t sum_offset()                  // only words that are ever written
    {
        unsigned g = rng.below(4), i = g == 0 ? rng.below(N_CH) : 1 + rng.below(50);
        return RESULTS + 4 * (g * 128 + i * 2 + rng.below(2));
    }
    void one_frame(bool quiet)
    {
        new_samples();
        while (frame_due) {
            if (!quiet && rng.one_in(60) && now.seq > 1) read_busy();
            else step();
        }
        before = now;
        pw_anam_frame(&now, z);
        frames++;
    }
    void settle() { for (unsigned i = 0; i < 8 * N_CH + 1024; i++) step(); }
    void all_registers()
    {
        for (uint32_t o = 0; o <= REG(RING_ADDR); o += 4)
            if (o < REG(HALF_FRAME) || o > REG(HALF_INFO) || now.fifo_n != 0)
                if (o != REG(RING_DATA) || now.run == false) compare(o);
    }
    void all_sums()
    {
        for (unsigned g = 0; g < 4; g++)
            for (unsigned i = g == 0 ? 0 : 1; i < (g == 0 ? (unsigned)N_CH : 51u); i++)
                for (unsigned part = 0; part < 2; part++) compare(RESULTS + 4 * (g * 128 + i * 2 + part));
    }
    void drain(unsigned n)
    {
        for (unsigned i = 0; i < n; i++) {
            compare(REG(HALF_STATUS));
            if (now.fifo_n != 0) {
                compare(REG(HALF_FRAME)); compare(REG(HALF_SQUARE)); compare(REG(HALF_INFO));
                half_seen++;
            }
            write(REG(HALF_STATUS), rng.one_in(8) ? 0x7FFFFFFF : 0x80000000);
        }
    }
    void ring_actions()
    {
        if (rng.one_in(3)) write(REG(RING_LEVEL), rng.one_in(4) ? 0 : rng.below(1 << 15) | rng.below(1 << 15) << 16);
        if (rng.one_in(3)) write(REG(RING_MASK_LO), (uint32_t)rng.next() & (uint32_t)rng.next());
        if (rng.one_in(3)) write(REG(RING_MASK_HI), (uint32_t)rng.next() & (uint32_t)rng.next());
        write(REG(RING_POST), rng.below(1u << RING_LOG2));
        write(REG(RING_CTRL), rng.below(256) | 0x100);
        if (rng.one_in(3)) write(REG(RING_CTRL), 0x200);
    }
    void whole_ring()
    {
        if (RING_LOG2 == 0 || now.run || !now.triggered) return;
        unsigned depth = N_CH << RING_LOG2, n = depth > 4000 ? 4000 : depth + 3, at = rng.below(depth);
        write(REG(RING_ADDR), at);
        for (unsigned i = 0; i < n; i++) compare(REG(RING_DATA));
        stops++;
    }
    void actions()
    {
        settle();
        if (rng.one_in(3)) kind = rng.below(6);
        if (rng.one_in(4)) dphase = 0.002 + 0.06 * rng.unit();
        if (rng.one_in(2)) {
            write(REG(STEP), (uint32_t)rng.next());
            if (rng.one_in(2)) all_registers();
            write(REG(WSTEP), (1u << 24) - 1 - rng.below(1 << 22));
        }
        if (rng.one_in(2)) write(REG(DETAIL), rng.below(4) << 8 | rng.below(N_CH));
        if (rng.one_in(4)) write(REG(HALF_TIMEOUT), 1 + rng.below(60));
        drain(rng.below(12));
        if (rng.one_in(4)) { whole_ring(); ring_actions(); }
        if (rng.one_in(3)) write(REG(RING_CTRL), 0x200);
        triggers += now.triggered;
        all_registers();
        if (rng.one_in(3) && now.seq > 1) all_sums();
        write(4 * rng.below(0x200), (uint32_t)rng.next() & (rng.one_in(2) ? 0 : ~0u)) ;
    }
};

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
    Bench b(seed);
    b.reset();
    for (uint32_t o = 0; o <= REG(RING_ADDR); o += 4)
        if (o < REG(HALF_FRAME) || o > REG(HALF_INFO)) b.compare(o);
    check(b.wrong == 0, "registers after reset");
    uint32_t d = 0;
    bool bad = b.bus(REG(RING_ADDR) + 4, false, d) || b.bus(0x7FC, true, d) || b.bus(0x400, false, d);
    check(!bad, "no register: bus error");
    const unsigned n_frames = argc > 2 ? (unsigned)atoi(argv[2]) : 20000;
    while (b.frames < n_frames) {
        unsigned n = b.rng.one_in(5) ? 300 : 1 + b.rng.below(20);
        bool quiet = b.rng.one_in(2);
        for (unsigned i = 0; i < n; i++) b.one_frame(quiet);
        b.actions();
    }
    b.settle();
    b.all_sums();
    b.all_registers();
    check(b.wrong == 0, "RTL = model");
    check(b.now.seq > n_frames / 1000 && b.busy_reads > 20, "passes were completed and read while busy");
    check(b.half_seen > 100 && b.now.half_lost > 0, "half cycles were taken and lost");
    if (RING_LOG2 != 0) check(b.stops > 2 && b.triggers > 5, "the ring was triggered, stopped and read");
    check(!b.both && b.max_wait <= MAX_BUS_WAIT, "bus answers once, in time");
    printf("analysis RTL, %d channels, ring 2^%d, seed %llu: %u frames, %u passes, %u reads, %u half cycles, %u ring read-outs, bus wait %u clk at most\n", N_CH,
           RING_LOG2, (unsigned long long)seed, b.frames, b.now.seq, b.reads + 8 * b.busy_reads, b.half_seen, b.stops, b.max_wait);
    printf("%d passed, %d failed\n", g_passed, g_failed);
    return g_failed != 0;
}
