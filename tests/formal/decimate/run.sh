#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proofs of the decimator with yosys-smtbmc: base case, induction and cover of each. usage: run.sh OUT_DIR
set -u
out=$1
mkdir -p "$out"
passed=0 failed=0

# prove NAME TOP "MODES" DEPTH COVER_DEPTH FILES [chparam...] [cut]
#   MODES  base: no assertion fails within DEPTH steps; -i: induction over DEPTH; -c: all covers reached
#   cut    cells whose outputs the solver may choose freely: properties then hold for any data
prove() {
    local name=$1 top=$2 modes=$3 depth=$4 cover=$5 files=$6 params=${7:-} cut=${8:-}
    if ! yosys -q -p "read_verilog -formal -defer $files; hierarchy -top $top $params; prep -top $top -nordff; \
        ${cut:+cutpoint $cut;} async2sync; dffunmap; write_smt2 -wires $out/$name.smt2" > "$out/$name.log" 2>&1; then
        echo "FAIL formal $name: yosys: $(grep -m1 ERROR "$out/$name.log")"
        failed=$((failed + 1))
        return
    fi
    local mode
    for mode in $modes; do
        local t=$depth
        [ "$mode" = -c ] && t=$cover
        if yosys-smtbmc -s z3 ${mode#base} -t "$t" "$out/$name.smt2" >> "$out/$name.log" 2>&1; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAIL formal $name $mode: see $out/$name.log"
        fi
    done
}
rtl=rtl/frontend
for div in 4 5 6 11 12; do
    prove "modclk_$div" pw_modclk "base -i -c" 6 30 "$rtl/pw_modclk.v" "-chparam MOD_DIV $div"
done
# By SAT: z3 needs minutes for this one. From any register contents; 16 words later nothing of them is left, so these
# steps are all there is.
if yosys -q -p "read_verilog -formal $rtl/pw_commutator.v tests/formal/decimate/transpose.v; hierarchy -top transpose; \
    proc; flatten; memory_map; opt; async2sync; opt_clean; sat -verify -prove-asserts -seq 26 transpose" \
    > "$out/transpose.log" 2>&1; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "FAIL formal transpose: see $out/transpose.log"
fi
prove fir pw_fir "base -i -c" 5 10 "$rtl/pw_fir.v" "-chparam N_CH 2" 't:$mul t:$mem*'
echo "decimator formal: $passed passed, $failed failed"
[ "$failed" = 0 ]
