# SPDX-License-Identifier: Apache-2.0
# SoC: lint of all RTL, benches of the peripherals and the SoC, formal properties of the bus.
SOC_B   := $(B)/soc
SOC_T   := tests/rtl/soc
PER_T   := tests/rtl/periph
SOC_RTL := $(wildcard rtl/soc/*.v rtl/periph/*.v)
FE_RTL  := $(wildcard rtl/frontend/*.v rtl/analysis/*.v)
SOC_INC := -I$(B)/gen -Irtl/frontend
SOC_VL  := verilator --cc --exe --build -O3 --x-assign unique --x-initial unique -Wno-fatal -Wno-lint -Wno-style $(SOC_INC)
SOC_CXX := -std=c++17 -O1 -Wall -Wextra -I$(CURDIR)/$(B)/gen -I$(CURDIR)/$(PER_T)
SOC_LOG  = > $@.log 2>&1 || { cat $@.log; exit 1; }

# Lint: every configuration as it is built; `tests/lint/verilator.vlt` is the one waiver file
LINT_CFGS := 12_4_21 12_5_25 24_5_25 48_11_50 54_11_50
lint-rtl: $(addprefix $(SOC_B)/lint_,$(LINT_CFGS)) $(SOC_B)/lint_min  ## Verilator lint of all RTL, N_CT 12, 24, 48, 54
	@echo "lint-rtl: no warning"
$(SOC_B)/lint_%: $(SOC_RTL) $(FE_RTL) tests/lint/verilator.vlt $(REGS) $(DEC_GEN) $(B)/gen/pw_cpu_imac.v
	@mkdir -p $(@D)
	@verilator --lint-only -Wall $(SOC_INC) tests/lint/verilator.vlt $(SOC_RTL) $(FE_RTL) $(B)/gen/pw_cpu_imac.v --top-module pw_soc \
	  -GN_CT=$(word 1,$(subst _, ,$*)) -GMOD_DIV=$(word 2,$(subst _, ,$*)) -GCLK_MHZ=$(word 3,$(subst _, ,$*)) $(if $(filter 12_%,$*),,-GANALYSIS=1 -GRING_LOG2=11)
	@touch $@
$(SOC_B)/lint_min: $(SOC_RTL) $(FE_RTL) boards/icebreaker/top.v boards/ulx3s/top.v $(SOC_T)/cells.v tests/lint/verilator.vlt $(REGS) $(DEC_GEN) $(B)/gen/pw_cpu_min.v $(B)/gen/pw_cpu_imac.v
	@mkdir -p $(@D)
	@verilator --lint-only -Wall $(SOC_INC) tests/lint/verilator.vlt $(SOC_T)/cells.v $(SOC_RTL) $(FE_RTL) $(B)/gen/pw_cpu_min.v boards/icebreaker/top.v --top-module top
	@verilator --lint-only -Wall $(SOC_INC) tests/lint/verilator.vlt $(SOC_T)/cells.v $(SOC_RTL) $(FE_RTL) $(B)/gen/pw_cpu_imac.v boards/ulx3s/top.v --top-module top
	@touch $@

$(SOC_B)/tb_periph: $(PER_T)/tb_periph.cpp $(PER_T)/check.h $(wildcard rtl/periph/*.v) $(REGS)
	@mkdir -p $(@D)
	@$(SOC_VL) --public-flat-rw --top-module pw_periph -GCLK_MHZ=2 -CFLAGS "$(SOC_CXX)" --Mdir $@.dir -o $(CURDIR)/$@ $(wildcard rtl/periph/*.v) $(CURDIR)/$< $(SOC_LOG)
$(SOC_B)/tb_chain: $(PER_T)/tb_chain.cpp $(PER_T)/check.h rtl/periph/pw_chain.v
	@mkdir -p $(@D)
	@$(SOC_VL) --top-module pw_chain -CFLAGS "$(SOC_CXX)" --Mdir $@.dir -o $(CURDIR)/$@ rtl/periph/pw_chain.v $(CURDIR)/$< $(SOC_LOG)
$(SOC_B)/reglist.inc: $(SOC_T)/reglist.py rtl/regs/pw_soc.rdl rtl/regs/pw_frontend.rdl | .venv/.ready
	@mkdir -p $(@D)
	@$(PY) $< rtl/regs/pw_soc.rdl $@
$(SOC_B)/tb_bus: $(SOC_T)/tb_bus.cpp $(SOC_T)/bus_master.v $(PER_T)/check.h $(SOC_B)/reglist.inc $(SOC_RTL) $(FE_RTL) $(DEC_GEN)
	@mkdir -p $(@D)
	@$(SOC_VL) --top-module pw_soc -GN_CT=12 -GN_UART=2 -GRAM_KIB=16 -CFLAGS "$(SOC_CXX) -I$(CURDIR)/$(SOC_B)" --Mdir $@.dir -o $(CURDIR)/$@ \
	  $(SOC_RTL) $(FE_RTL) $(SOC_T)/bus_master.v $(CURDIR)/$< $(SOC_LOG)
# SDRAM controller against the chip's model: width_rows_columns_MHz of ULX3S and Colorlight i5
SDRAM_CFGS := 16_13_9_25 32_11_8_25 32_11_8_50
$(SOC_B)/sdram_part.o: sim/parts/sdram_part.c sim/parts/sdram_part.h
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_HOST) -c $< -o $@
$(SOC_B)/tb_sdram_%: tests/rtl/sdram/tb_sdram.cpp rtl/soc/pw_sdram.v $(SOC_B)/sdram_part.o
	@verilator --cc --exe --build -O3 --x-initial unique -Wall --top-module pw_sdram $(foreach p,1:WIDTH 2:ROW_BITS 3:COL_BITS 4:CLK_MHZ,-G$(lastword $(subst :, ,$(p)))=$(word $(firstword $(subst :, ,$(p))),$(subst _, ,$*))) \
	  -CFLAGS "-std=c++17 -O1 -Wall -I$(CURDIR) $(foreach p,1:WIDTH 2:ROW 3:COL 4:MHZ,-DSDRAM_$(lastword $(subst :, ,$(p)))=$(word $(firstword $(subst :, ,$(p))),$(subst _, ,$*)))" \
	  --Mdir $@.dir -o $(CURDIR)/$@ rtl/soc/pw_sdram.v $(CURDIR)/$< $(CURDIR)/$(SOC_B)/sdram_part.o $(SOC_LOG)
# Code from the flash: the SoC with a bus master, against the models of the flash
XIP_PARTS := $(addprefix sim/parts/,xip_part.c flash_part.c spi_pins.c backing.c)
$(SOC_B)/tb_xip: tests/rtl/xip/tb_xip.cpp $(REGS) $(SOC_T)/bus_master.v $(PER_T)/check.h $(XIP_PARTS) $(wildcard sim/parts/*.h) $(SOC_RTL) $(FE_RTL) $(DEC_GEN)
	@mkdir -p $@.dir
	@for p in $(XIP_PARTS); do $(CC) -std=c11 -O2 -Wall -Wextra -Werror -I. -Isim/parts -c $$p -o $@.dir/$$(basename $$p .c)_part.o || exit 1; done
	@$(SOC_VL) --top-module pw_soc -GN_CT=12 -GMOD_DIV=4 -GCLK_MHZ=21 -GN_UART=1 -GRAM_KIB=128 -GXIP=1 '-GCPU="MIN"' -CFLAGS "$(SOC_CXX) -I$(CURDIR)" --Mdir $@.dir \
	  -o $(CURDIR)/$@ $(SOC_RTL) $(FE_RTL) $(SOC_T)/bus_master.v $(CURDIR)/$< $(patsubst sim/parts/%.c,$(CURDIR)/$@.dir/%_part.o,$(XIP_PARTS)) $(SOC_LOG)
# A program for the CPU: with the RAM filled by the simulator (IMAC), and by the boot copier from a flash model (Min, SPRAM)
$(SOC_B)/prog.bin: PROG_ARCH := rv32i
$(SOC_B)/prog_c.bin: PROG_ARCH := rv32imc
$(SOC_B)/prog.bin $(SOC_B)/prog_c.bin: $(SOC_T)/prog.S $(REGS)
	@mkdir -p $(@D)
	@riscv64-unknown-elf-gcc -march=$(PROG_ARCH)_zicsr_zifencei -mabi=ilp32 -mno-relax -nostdlib -I$(B)/gen -Wl,-Ttext=0 -o $(@:.bin=.elf) $<
	@riscv64-unknown-elf-objcopy -O binary -j .text $(@:.bin=.elf) $@
$(SOC_B)/prog_c.hex: $(SOC_B)/prog_c.bin
	@od -An -v -tx4 -w4 --endian=little $< > $@
$(SOC_B)/pw_boot_fast.hex: rtl/soc/pw_boot.S scripts/synth_bootrom.py $(REGS)
	@mkdir -p $(@D)
	@$(PY) scripts/synth_bootrom.py 128 $(B)/gen $@ 0x1000
$(SOC_B)/tb_soc_imac: $(SOC_T)/tb_soc.cpp $(PER_T)/check.h $(SOC_RTL) $(FE_RTL) $(DEC_GEN) $(SOC_B)/prog_c.hex $(B)/gen/pw_cpu_imac.v
	@$(SOC_VL) --top-module pw_soc -GN_CT=12 -GN_UART=1 -GRAM_KIB=16 '-GRAM_INIT="$(SOC_B)/prog_c.hex"' -CFLAGS "$(SOC_CXX) -DIMAC" --Mdir $@.dir -o $(CURDIR)/$@ \
	  $(SOC_RTL) $(FE_RTL) $(B)/gen/pw_cpu_imac.v $(CURDIR)/$< $(SOC_LOG)
$(SOC_B)/tb_soc_min: $(SOC_T)/tb_soc.cpp $(SOC_T)/cells.v $(PER_T)/check.h $(SOC_RTL) $(FE_RTL) $(DEC_GEN) $(SOC_B)/prog.bin $(SOC_B)/pw_boot_fast.hex $(B)/gen/pw_cpu_min.v
	@$(SOC_VL) --top-module pw_soc -GN_CT=12 -GMOD_DIV=4 -GCLK_MHZ=21 -GN_UART=1 -GRAM_KIB=128 -GBOOT_COPY=1 -GSPRAM=1 '-GCPU="MIN"' \
	  '-GBOOT_ROM="$(SOC_B)/pw_boot_fast.hex"' -CFLAGS "$(SOC_CXX) -DBOOT" --Mdir $@.dir -o $(CURDIR)/$@ \
	  $(SOC_T)/cells.v $(SOC_RTL) $(FE_RTL) $(B)/gen/pw_cpu_min.v $(CURDIR)/$< $(SOC_LOG)

formal-bus: $(REGS)  ## proof of the bus: one slave, one answer, bounded waits, no stale word
	@tests/formal/bus/run.sh $(SOC_B)/formal
test-soc: $(addprefix $(SOC_B)/tb_,periph chain bus xip soc_imac soc_min $(SDRAM_CFGS:%=sdram_%))  ## peripherals, bus, CPU, boot copier, formal
	@pass=0; fail=0; \
	for t in "$(SOC_B)/tb_periph" "$(SOC_B)/tb_chain" "$(SOC_B)/tb_bus" "$(SOC_B)/tb_xip" "$(SOC_B)/tb_soc_imac $(SOC_B)/prog_c.bin" "$(SOC_B)/tb_soc_min $(SOC_B)/prog.bin" "tests/formal/bus/run.sh $(SOC_B)/formal" $(SDRAM_CFGS:%="$(SOC_B)/tb_sdram_%"); do \
	  echo "== $${t%% *}"; out=$$($$t 2>&1); st=$$?; echo "$$out"; \
	  p=$$(echo "$$out" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$$/\1/p' | tail -1); \
	  f=$$(echo "$$out" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$$/\2/p' | tail -1); \
	  pass=$$((pass + $${p:-0})); fail=$$((fail + $${f:-1})); [ $$st -eq 0 ] || [ "$${f:-0}" != 0 ] || fail=$$((fail + 1)); \
	done; echo "$$pass passed, $$fail failed"; [ $$fail -eq 0 ]
.PHONY: lint-rtl formal-bus test-soc
