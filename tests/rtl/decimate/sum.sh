#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs commands, adds up the "N passed, N failed" of their last lines. usage: sum.sh NAME COMMAND...
# A command that ends non-zero, or without such a line, counts as a failure.
name=$1
shift
passed=0 failed=0
for command in "$@"; do
    out=$($command 2>&1)
    rc=$?
    echo "$out"
    if [[ $(tail -n 1 <<< "$out") =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
        [[ $rc != 0 && ${BASH_REMATCH[2]} = 0 ]] && failed=$((failed + 1))
    else
        echo "FAIL $command: status $rc, no result"
        failed=$((failed + 1))
    fi
done
echo "$name: $passed passed, $failed failed"
[ "$failed" = 0 ]
