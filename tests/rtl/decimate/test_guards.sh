#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Supported parameters elaborate and lint without a warning, all others are refused. usage: test_guards.sh OUT_DIR
out=$1
mkdir -p "$out"
passed=0 failed=0
rtl=$(printf 'rtl/frontend/pw_%s.v ' modclk commutator capture cic fir decimate)
lint() { verilator --lint-only -Wall --top pw_decimate -GN_CH="$1" -GMOD_DIV="$2" $rtl > "$out/lint_$1_$2.log" 2>&1; }
check() { # NAME STATUS
    if [ "$2" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $1"; fi
}
for p in "15 4" "15 5" "15 6" "27 5" "27 6" "51 11" "51 12" "57 11" "57 12"; do
    lint $p
    check "lint N_CH MOD_DIV = $p" $?
done
for p in "51 5" "51 6" "57 5" "57 6" "15 12" "15 3" "27 12" "27 11" "27 4" "57 10" "27 7" "16 6" "0 6" "64 12"; do
    ! lint $p && grep -q pw_error_ "$out/lint_${p/ /_}.log"
    check "N_CH MOD_DIV = $p must be refused" $?
done
echo "decimator parameters: $passed passed, $failed failed"
[ "$failed" = 0 ]
