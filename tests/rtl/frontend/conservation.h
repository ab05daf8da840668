// SPDX-License-Identifier: Apache-2.0
// Independent bookkeeping: what the windows say must be what the accumulators and the pulses say, bit for bit. Knows
// only registers, no model. Feed it every window and every pulse.
#pragma once
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

struct Ledger {
    using Read = std::function<uint32_t(uint32_t offset)>;
    Read read;
    unsigned n_ct;
    std::vector<std::vector<uint64_t>> energy;    // per CT, as it should be
    std::vector<uint64_t> residue0, delivered, pulses;
    unsigned n_bad = 0, n_negative = 0, n_creep = 0, n_quadrant[4] = {};

    uint64_t r64(unsigned ch, unsigned word) { return read(0x2000 + 128 * ch + 4 * word) | (uint64_t)read(0x2004 + 128 * ch + 4 * word) << 32; }
    void bad(const char *what, unsigned ct, uint64_t is, uint64_t want)
    {
        if (n_bad++ < 5) printf("  CT %u: %s is %llx, should be %llx\n", ct, what, (unsigned long long)is, (unsigned long long)want);
    }

    Ledger(Read r, unsigned n) : read(r), n_ct(n), energy(n), residue0(n), delivered(n), pulses(n)
    {
        for (unsigned ct = 0; ct < n; ct++) {
            for (unsigned i = 0; i < 6; i++) energy[ct].push_back(r64(3 + ct, 8 + 2 * i));
            residue0[ct] = r64(3 + ct, 6);
        }
    }
    void pulse(unsigned ct) { pulses[ct]++; }

    // After every window, before the next one ends.
    void window()
    {
        unsigned bank = read(0x1018) >> 16 & 1;
        for (unsigned ct = 0; ct < n_ct; ct++) {
            unsigned ch = 3 + ct, base = bank ? 26 : 20;
            int64_t p = (int64_t)r64(ch, base), q = (int64_t)r64(ch, base + 2);
            uint64_t limit = (uint64_t)read(0x2004 + 128 * ch) << 32;
            unsigned point = read(0x2000 + 128 * ch) >> 20 & 63;
            uint64_t ap = p < 0 ? -(uint64_t)p : (uint64_t)p, aq = q < 0 ? -(uint64_t)q : (uint64_t)q;
            bool creep = ap < limit; // same as ap >> 32 < threshold
            if (!creep && p >= 0) {
                energy[ct][0] += ap;
                if (point >= 3 && point < n_ct + 3) delivered[point - 3] += ap;
            }
            if (!creep && p < 0) energy[ct][1] += ap;
            unsigned quadrant = q >= 0 ? (p >= 0 ? 0 : 1) : (p < 0 ? 2 : 3);
            if (aq >= limit) energy[ct][2 + quadrant] += aq;
            n_negative += p < 0 && !creep;
            n_creep += creep;
            n_quadrant[quadrant]++;
            for (unsigned i = 0; i < 6; i++)
                if (r64(ch, 8 + 2 * i) != energy[ct][i]) bad("energy", ct, r64(ch, 8 + 2 * i), energy[ct][i]);
            if ((read(0x2000 + 128 * ch + 20) >> 3 & 1) != creep) bad("creep flag", ct, !creep, creep);
        }
    }
    // At any frame: pulses x quantum + residue = what was delivered.
    void balance()
    {
        for (unsigned ct = 0; ct < n_ct; ct++) {
            uint64_t have = r64(3 + ct, 6) + pulses[ct] * r64(3 + ct, 2), want = residue0[ct] + delivered[ct];
            if (have != want) bad("pulses x quantum + residue", ct, have, want);
        }
    }
};
