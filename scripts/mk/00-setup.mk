# SPDX-License-Identifier: Apache-2.0
# Set-up and generated registers.
# Set-up comes before make looks for what it installs: .venv/.ready is an (empty) included makefile, so make runs its rule
# and starts again.
ifneq ($(filter-out help clean setup,$(MAKECMDGOALS)),)
-include .venv/.ready
endif
setup: .venv/.ready  ## install what is needed (apt, pip into .venv; pinned)
.venv/.ready: scripts/setup scripts/requirements.txt
	scripts/setup
	@: > $@

# the CPU: by file, as all variants are module VexRiscv
CPU_DIR := $(firstword $(wildcard .venv/lib/python3*/site-packages/pythondata_cpu_vexriscv/verilog))

REGS := $(B)/gen/pw_regs.h
registers: $(REGS)  ## generate register headers (C, Verilog) and the HTML manual
$(REGS): rtl/regs/pw_soc.rdl $(wildcard rtl/regs/*.rdl) | .venv/.ready
	@mkdir -p $(B)/gen
	.venv/bin/peakrdl raw-header $< -o $(B)/gen/pw_regs.h --format c --base-name PW
	.venv/bin/peakrdl raw-header $< -o $(B)/gen/pw_regs.vh --format svh --base-name PW
	.venv/bin/peakrdl c-header $< -o $(B)/gen/pw_masks.h
	.venv/bin/peakrdl html $< -o $(B)/gen/registers
.PHONY: setup registers
