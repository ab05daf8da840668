// SPDX-License-Identifier: Apache-2.0
// What the Verilator benches of the front-end share: random numbers, counting of checks, Wishbone accesses.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>
#ifdef VERILATOR
#include "verilated.h"
#endif
extern "C" {
#include "fe_model.h"
}

struct Rng { // xorshift64*
    uint64_t s;
    explicit Rng(uint64_t seed) : s(seed * 0x9E3779B97F4A7C15ull + 0x1234567) {}
    uint64_t next() { s ^= s >> 12; s ^= s << 25; s ^= s >> 27; return s * 0x2545F4914F6CDD1Dull; }
    uint32_t below(uint32_t n) { return (uint32_t)((next() >> 32) * n >> 32); }
    bool one_in(uint32_t n) { return below(n) == 0; }
    double unit() { return (double)(next() >> 11) / 9007199254740992.0; }
};

extern int g_passed, g_failed;

// Ends a named check; prints it only when it failed or is worth a figure.
inline bool check(bool ok, const char *name)
{
    if (ok) g_passed++;
    else { g_failed++; printf("FAIL %s\n", name); }
    return ok;
}

enum { ERROR_BIT = 1 << 30 };

// Wishbone master on a Verilated model; `tick` advances one clock and is the caller's.
template <class V> struct Bus {
    V *v;
    std::function<void()> tick;
    unsigned max_wait = 0;
    bool both = false; // ack and err together, or a strobeless answer: must stay false

    bool access(uint32_t offset, bool we, uint32_t &data)
    {
        v->wb_cyc_i = v->wb_stb_i = 1;
        v->wb_we_i = we;
        v->wb_adr_i = offset >> 2 & 0xFFF;
        v->wb_dat_i = data;
        v->eval();
        unsigned n = 0;
        while (!v->wb_ack_o && !v->wb_err_o && n < 10000) { tick(); n++; }
        if (v->wb_ack_o && v->wb_err_o) both = true;
        bool ok = v->wb_ack_o;
        if (n > max_wait) max_wait = n;
        data = v->wb_dat_o;
        tick();
        v->wb_cyc_i = v->wb_stb_i = v->wb_we_i = 0;
        v->wb_dat_i = 0xDEADBEEF; // an access must not depend on what comes after it
        v->eval();
        if (v->wb_ack_o || v->wb_err_o) both = true;
        return ok;
    }
};
