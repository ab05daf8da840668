// SPDX-License-Identifier: Apache-2.0
// Counting checks for the Verilator benches of rtl/soc and rtl/periph: a test is a name and the checks made in it.
#pragma once
#include <cstdint>
#include <cstdio>

struct Tally {
    int passed = 0, failed = 0, told = 0;
    const char *name = nullptr;
    bool ok = true;

    void begin(const char *test)
    {
        end();
        name = test;
        told = 0;
        ok = true;
    }
    void end()
    {
        if (name == nullptr)
            return;
        (ok ? passed : failed)++;
        if (!ok)
            printf("FAIL %s\n", name);
        name = nullptr;
    }
    bool check(bool cond, const char *text, uint64_t got, uint64_t lo, uint64_t hi, int line)
    {
        if (!cond) {
            ok = false;
            if (++told <= 8)
                printf("  %s: line %d: %s: got %llu (0x%llx), want %llu..%llu (0x%llx)\n", name, line, text, (unsigned long long)got,
                       (unsigned long long)got, (unsigned long long)lo, (unsigned long long)hi, (unsigned long long)lo);
        }
        return cond;
    }
    bool range(uint64_t got, uint64_t lo, uint64_t hi, const char *text, int line)
    {
        return check(got >= lo && got <= hi, text, got, lo, hi, line);
    }
    bool equal(uint64_t got, uint64_t want, const char *text, int line) { return range(got, want, want, text, line); }
    int finish()
    {
        end();
        printf("%d passed, %d failed\n", passed, failed);
        return failed != 0;
    }
};
static Tally tally;
#define CHECK(cond) tally.check((cond), #cond, 0, 1, 1, __LINE__)
#define CHECK_RANGE(got, lo, hi) tally.range((uint64_t)(got), (uint64_t)(lo), (uint64_t)(hi), #got, __LINE__)
#define CHECK_EQ(got, want) tally.equal((uint64_t)(got), (uint64_t)(want), #got, __LINE__)
