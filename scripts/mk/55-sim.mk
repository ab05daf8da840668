# SPDX-License-Identifier: Apache-2.0
# Simulation: part models, model tier, Verilated SoC, runner. Programs: build/sim/pwsim-model, build/sim/pwsim-rtl (24 CT), -rtl-12, -48, -54.
SIM_B      := $(B)/sim
SIM_INC    := -I. -Isim/parts -Isim/model -I$(B)/gen
SIM_CFLAGS := -std=c11 -O2 -g -Wall -Wextra -Werror $(SIM_INC)
SIM_HDR    := $(wildcard sim/*/*.h sw/lib/*.h sw/firmware/*/*.h sw/firmware/*/*.def sw/firmware/comms/map/*.def)
SIM_DEC_TABLES := $(B)/gen/pw_dec_tables.h $(B)/gen/pw_sine.h

SIM_PARTS_OBJ := $(patsubst sim/parts/%.c,$(SIM_B)/parts/%.o,$(wildcard sim/parts/*.c))
SIM_RUN_OBJ   := $(patsubst sim/run/%.c,$(SIM_B)/run/%.o,$(filter-out sim/run/tier_model.c,$(wildcard sim/run/*.c)))
SIM_MODEL_OBJ := $(patsubst sim/%.c,$(SIM_B)/%.o,$(wildcard sim/machine/*.c sim/model/*.c) sim/run/tier_model.c)
SIM_LIB_OBJ   := $(patsubst sw/lib/%.c,$(SIM_B)/lib/%.o,$(wildcard sw/lib/*.c))

# The front-end model is integers only: the same results with any instruction set.
$(SIM_B)/model/%.o: sim/model/%.c $(SIM_HDR) $(REGS) $(SIM_DEC_TABLES)
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) -O3 -c $< -o $@
$(SIM_B)/lib/%.o: sw/lib/%.c $(SIM_HDR)
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) -Isw/lib -c $< -o $@
$(SIM_B)/run/tier_model.o: sim/run/tier_model.c $(SIM_HDR) $(REGS) $(SIM_DEC_TABLES)
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) $(SIM_FW_INC) -c $< -o $@
$(SIM_B)/%.o: sim/%.c $(SIM_HDR) $(REGS) $(SIM_DEC_TABLES)
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) -c $< -o $@

# The firmware for the PC, in one object that shows two names only: its driver of a part and our model of it may share others.
SIM_FW_DIRS := $(filter-out target doc,$(notdir $(patsubst %/,%,$(wildcard sw/firmware/*/))))
SIM_FW_SRC  := $(foreach d,$(SIM_FW_DIRS),$(wildcard sw/firmware/$(d)/*.c)) $(wildcard sw/lib/*.c)
SIM_FW_INC  := -Isw/lib $(addprefix -Isw/firmware/,$(SIM_FW_DIRS)) -Isw/firmware -I$(B)/gen
SIM_FW_OBJ  := $(patsubst sw/%.c,$(SIM_B)/fw/%.o,$(SIM_FW_SRC))
$(SIM_B)/fw/%.o: sw/%.c $(SIM_HDR) $(REGS)
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -Wall -Wextra -Werror $(SIM_FW_INC) -c $< -o $@
$(SIM_B)/fw.o: $(SIM_FW_OBJ)
	$(LD) -r -o $@ $^
	objcopy --keep-global-symbol=pw_app_init --keep-global-symbol=pw_app_poll $@

$(SIM_B)/pwsim-model: $(SIM_RUN_OBJ) $(SIM_MODEL_OBJ) $(SIM_PARTS_OBJ) $(SIM_LIB_OBJ) $(SIM_B)/fw.o $(ANALOG_LIB)
	$(CC) -o $@ $^ -lutil -lm

# RTL: one Verilated SoC a channel count; "min" is what the iCEBreaker has: 12 CT, VexRiscv Min, 21 MHz, cold code in the flash. Public signals: sim/top/pwsim.vlt.
SIM_RTL_SRC  := $(wildcard rtl/soc/*.v rtl/periph/*.v rtl/frontend/*.v rtl/analysis/*.v)
SIM_CT = $(if $(filter min,$*),12,$(if $(filter sdram,$*),24,$*))
SIM_RAM = $(if $(filter min,$*),128,$(if $(filter sdram,$*),68,256))
SIM_CPU_FILE = $(B)/gen/pw_cpu_$(if $(filter min,$*),min,imac).v
SIM_FIRMWARE = $(B)/$(if $(filter min,$*),firmware-12/rv32i,$(if $(filter sdram,$*),firmware-24,firmware)/rv32imc)/firmware$(if $(filter min sdram,$*),-ext).bin
SIM_DIV_min := 4
SIM_MHZ_min := 21
SIM_DIV_sdram := 5
SIM_MHZ_sdram := 25
SIM_DIV_12 := 5
SIM_DIV_24 := 5
SIM_DIV_48 := 11
SIM_DIV_54 := 11
SIM_MHZ_12 := 25
SIM_MHZ_24 := 25
SIM_MHZ_48 := 50
SIM_MHZ_54 := 50
SIM_VFLAGS := --cc --top-module pw_soc --prefix Vpw -O3 --flatten --x-assign fast --x-initial fast --noassert -Wno-fatal -Wno-lint -Wno-style -Irtl/frontend -I$(B)/gen
$(SIM_B)/rtl-%/Vpw__ALL.a: $(SIM_RTL_SRC) $(wildcard rtl/*/*.vh) sim/top/pwsim.vlt $(REGS) $(SIM_DEC_TABLES) $(B)/gen/pw_cpu_min.v $(B)/gen/pw_cpu_imac.v
	@mkdir -p $(@D)
	verilator $(SIM_VFLAGS) -GN_CT=$(SIM_CT) -GMOD_DIV=$(SIM_DIV_$*) -GCLK_MHZ=$(SIM_MHZ_$*) $(if $(filter min,$*),-GCPU='"MIN"' -GCT_CURVE=0 -GXIP=1) $(if $(filter 12 min sdram,$*),,-GANALYSIS=1 -GRING_LOG2=11) -GRAM_KIB=$(SIM_RAM) $(if $(filter sdram,$*),-GSDRAM=16) --Mdir $(@D) sim/top/pwsim.vlt $(SIM_RTL_SRC) $(SIM_CPU_FILE)
	$(MAKE) -s -C $(@D) -f Vpw.mk OPT_FAST="-O2" OPT_SLOW="-O1" Vpw__ALL.a verilated.o verilated_threads.o
	@touch $@
SIM_VROOT = $(shell verilator --getenv VERILATOR_ROOT)
$(SIM_B)/rtl-%/tier_rtl.o: sim/top/tier_rtl.cpp $(SIM_B)/rtl-%/Vpw__ALL.a $(SIM_HDR)
	$(CXX) -std=c++17 -O3 -g -Wall -Wextra -Werror -DPW_N_CT=$(SIM_CT) -DPW_MOD_DIV=$(SIM_DIV_$*) -DPW_CLK_MHZ=$(SIM_MHZ_$*) -DPW_RAM_KIB=$(SIM_RAM) -DPW_FIRMWARE='"$(SIM_FIRMWARE)"' $(if $(filter sdram,$*),-DPW_SDRAM=16 -DPW_SDRAM_ROW=13 -DPW_SDRAM_COL=9) $(if $(filter min,$*),-DPW_XIP) $(if $(filter min sdram,$*),-DPW_EXT) $(SIM_INC) -I$(@D) -isystem $(SIM_VROOT)/include -isystem $(SIM_VROOT)/include/vltstd -c $< -o $@
$(SIM_B)/pwsim-rtl-%: $(SIM_B)/rtl-%/tier_rtl.o $(SIM_B)/rtl-%/Vpw__ALL.a $(SIM_RUN_OBJ) $(SIM_PARTS_OBJ) $(SIM_LIB_OBJ) $(ANALOG_LIB)
	$(CXX) -o $@ $^ $(SIM_B)/rtl-$*/verilated.o $(wildcard $(SIM_B)/rtl-$*/verilated_threads.o) -lutil -lm -lpthread
$(SIM_B)/pwsim-rtl: $(SIM_B)/pwsim-rtl-24 $(B)/firmware/rv32imc/firmware.bin
	ln -sf $(<F) $@ && touch -h $@
.PRECIOUS: $(SIM_B)/rtl-%/Vpw__ALL.a $(SIM_B)/rtl-%/tier_rtl.o $(SIM_B)/pwsim-rtl-%

# Tests
SIM_T := $(SIM_B)/tests
SIM_MACHINE_OBJ := $(filter-out %/tier_model.o,$(SIM_MODEL_OBJ))
$(SIM_T)/%: tests/sim/parts/%.c $(SIM_PARTS_OBJ) $(SIM_MACHINE_OBJ) $(SIM_LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) -o $@ $^ -lcmocka -lutil
SIM_UNIT := $(patsubst tests/sim/parts/%.c,$(SIM_T)/%,$(wildcard tests/sim/parts/test_*.c))
test-sim: $(SIM_UNIT) $(SIM_B)/pwsim-model $(SIM_B)/pwsim-rtl | .venv/.ready  ## part models, runner, both tiers the same bits
	@$(PY) -B tests/sim/run/run.py $(SIM_UNIT)
sim: $(SIM_B)/pwsim-model $(SIM_B)/pwsim-rtl  ## the simulator, both tiers
.PHONY: test-sim sim
