#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proof of pw_bus: base case, induction, and that the interesting cases can be reached. run.sh OUT_DIR [pw_bus.v]
out=${1:?usage: run.sh OUT_DIR [pw_bus.v]}
rtl=${2:-rtl/soc/pw_bus.v}
solver=${SOLVER:-cvc4}
mkdir -p "$out"
passed=0 failed=0
for xm in "" -DXIP; do
yosys -q -p "read_verilog -formal $xm -Ibuild/gen $rtl tests/formal/bus/pw_bus_props.v; prep -top pw_bus_props -flatten; async2sync; dffunmap; write_smt2 -wires $out/pw_bus.smt2" || exit 1
for mode in "-t 4" "-i -t 4" "-c -t 9"; do
    # shellcheck disable=SC2086
    if timeout 300 yosys-smtbmc -s "$solver" --noprogress $mode "$out/pw_bus.smt2" > "$out/pw_bus.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "pw_bus $xm: smtbmc $mode:"
        grep -v "Checking\|Trying" "$out/pw_bus.log" | tail -5
    fi
done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
