// SPDX-License-Identifier: Apache-2.0
// Independent bookkeeping: every product of samples must be in the window sums, what the windows say must be in the
// accumulators, and what was delivered must be pulses and residue, bit for bit. Knows only registers and the samples z, no
// model. Feed it every frame and every pulse; parameters must not change while it runs.
#pragma once
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

struct Ledger {
    using Read = std::function<uint32_t(uint32_t offset)>;
    using Int = __int128;
    struct Ct {
        uint32_t cfg, creep, quantum, low[2] = {};
        uint64_t energy[6], residue0, delivered = 0, pulses = 0;
        Int      products[2] = {}, counted[2] = {};   // of P and Q, since the start; high words, times 2^32
    };
    Read read;
    std::vector<Ct> ct;
    unsigned n_bad = 0, n_negative = 0, n_creep = 0, n_timeouts = 0, n_quadrant[4] = {};
    unsigned long n_windows = 0;
    int32_t v[3] = {}, vq[3] = {};

    uint32_t word(unsigned ch, unsigned w) { return read(0x2000 + 128 * ch + 4 * w); }
    uint64_t r64(unsigned ch, unsigned w) { return word(ch, w) | (uint64_t)word(ch, w + 1) << 32; }
    void bad(const char *what, unsigned k, uint64_t is, uint64_t want)
    {
        if (n_bad++ < 5) printf("  CT %u: %s is %llx, should be %llx\n", k, what, (unsigned long long)is, (unsigned long long)want);
    }

    Ledger(Read r, unsigned n) : read(r), ct(n)
    {
        for (unsigned k = 0; k < n; k++) {
            Ct &c = ct[k];
            c.cfg = word(3 + k, 0); c.creep = word(3 + k, 1); c.quantum = word(3 + k, 2);
            for (unsigned i = 0; i < 6; i++) c.energy[i] = r64(3 + k, 8 + 2 * i);
            c.residue0 = word(3 + k, 6);
        }
    }
    void pulse(unsigned k) { ct[k].pulses++; }

    // After every frame. z: calibrated samples of all channels; closed: the frame was the first of a new window.
    void frame(const int32_t *z, bool closed)
    {
        if (closed) window();
        for (unsigned c = 0; c < 3; c++) { v[c] = (int32_t)word(c, 8); vq[c] = (int32_t)word(c, 9); }
        for (unsigned k = 0; k < ct.size(); k++) {
            unsigned sel = ct[k].cfg >> 16 & 7, a = sel < 6 ? sel % 3 : 0, b = (a + 1) % 3;
            bool ll = sel >= 3 && sel < 6, rev = ct[k].cfg >> 19 & 1;
            int64_t u = v[a] - (ll ? v[b] : 0), uq = vq[a] - (ll ? vq[b] : 0);
            ct[k].products[0] += z[3 + k] * (rev ? -u : u);
            ct[k].products[1] += z[3 + k] * (rev ? -uq : uq);
        }
    }

    void window()
    {
        unsigned bank = read(0x1018) >> 16 & 1;
        n_windows++;
        n_timeouts += read(0x101C) >> 24 & 1;
        for (unsigned k = 0; k < ct.size(); k++) {
            Ct &c = ct[k];
            unsigned ch = 3 + k, base = bank ? 26 : 20, point = c.cfg >> 20 & 63;
            int32_t hi[2];
            for (unsigned i = 0; i < 2; i++) {
                hi[i] = (int32_t)word(ch, base + 2 * i + 1);
                c.low[i] = word(ch, base + 2 * i);
                c.counted[i] += (Int)hi[i] << 32;
                if (c.counted[i] + c.low[i] != c.products[i]) bad("high words and last low word", k, (uint64_t)(c.counted[i] + c.low[i]), (uint64_t)c.products[i]);
            }
            uint32_t ap = (uint32_t)(hi[0] < 0 ? -(int64_t)hi[0] : hi[0]), aq = (uint32_t)(hi[1] < 0 ? -(int64_t)hi[1] : hi[1]);
            bool creep = ap < c.creep;
            if (!creep && hi[0] >= 0) {
                c.energy[0] += ap;
                if (point >= 3 && point < ct.size() + 3) ct[point - 3].delivered += ap;
            }
            if (!creep && hi[0] < 0) c.energy[1] += ap;
            unsigned quadrant = hi[1] >= 0 ? (hi[0] >= 0 ? 0 : 1) : (hi[0] < 0 ? 2 : 3);
            if (aq >= c.creep) c.energy[2 + quadrant] += aq;
            n_negative += hi[0] < 0 && !creep;
            n_creep += creep;
            n_quadrant[quadrant]++;
            for (unsigned i = 0; i < 6; i++)
                if (r64(ch, 8 + 2 * i) != c.energy[i]) bad("energy", k, r64(ch, 8 + 2 * i), c.energy[i]);
            if ((word(ch, 5) >> 3 & 1) != creep) bad("creep flag", k, !creep, creep);
        }
    }

    // At any frame: pulses x quantum + residue = what was delivered; no energy is released that was not counted.
    void balance()
    {
        for (unsigned k = 0; k < ct.size(); k++) {
            uint64_t residue = word(3 + k, 6), have = residue + ct[k].pulses * ct[k].quantum, want = ct[k].residue0 + ct[k].delivered;
            if (have != want) bad("pulses x quantum + residue", k, have, want);
            if (word(3 + k, 7) > residue) bad("phase above residue", k, word(3 + k, 7), residue);
        }
    }
};
