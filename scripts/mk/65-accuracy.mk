# SPDX-License-Identifier: Apache-2.0
# Virtual test bench: the front-end (model, RTL) with the firmware's metrology against numpy.
ACC_B       := $(B)/accuracy
ACC_CT      := 24
ACC_CLK_MHZ := 25
ACC_MOD_DIV := 5
ACC_DIRS    := metrology registers drivers points calibration
ACC_FW      := $(foreach d,$(ACC_DIRS),$(wildcard sw/firmware/$(d)/*.c)) $(wildcard sw/lib/*.c)
ACC_MODEL   := $(filter-out %/ana_model.c,$(wildcard sim/model/*.c))
ACC_HDR     := $(wildcard sim/*/*.h sw/lib/*.h sw/firmware/*/*.h)
ACC_INC     := -I. -Isim/model -Isw/lib $(addprefix -Isw/firmware/,$(ACC_DIRS)) -I$(B)/gen
ACC_FLAGS   := -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE $(ACC_INC) -DPW_CLK_MHZ=$(ACC_CLK_MHZ) -DPW_MOD_DIV=$(ACC_MOD_DIV) -DPW_N_CT=$(ACC_CT)
ACC_COMMON  := $(ACC_B)/sim/accuracy/rig.o $(ACC_B)/sim/accuracy/stimulus.o $(ACC_FW:%.c=$(ACC_B)/%.o)

$(ACC_B)/%.o: %.c $(ACC_HDR) $(REGS) $(DEC_GEN) scripts/mk/65-accuracy.mk
	@mkdir -p $(@D)
	@$(CC) -std=c11 $(ACC_FLAGS) -O3 -fno-math-errno -c $< -o $@

$(ACC_B)/bench-model: $(ACC_B)/sim/accuracy/main.o $(ACC_COMMON) $(ACC_B)/sim/accuracy/tier_model.o $(ACC_MODEL:%.c=$(ACC_B)/%.o)
	@$(CC) -o $@ $^ -lm

$(ACC_B)/bench-long: $(ACC_B)/sim/accuracy/long.o $(ACC_COMMON) $(ACC_B)/sim/accuracy/tier_model.o $(ACC_MODEL:%.c=$(ACC_B)/%.o)
	@$(CC) -o $@ $^ -lm

$(ACC_B)/rtl/Vpwacc__ALL.a: $(wildcard rtl/frontend/*.v rtl/frontend/*.vh) $(REGS) $(DEC_GEN) scripts/mk/65-accuracy.mk
	@mkdir -p $(@D)
	verilator --cc --top-module pw_frontend --prefix Vpwacc -O3 --flatten --x-assign fast --x-initial fast --noassert -Wno-fatal -Wno-lint -Wno-style \
	  -Irtl/frontend -I$(B)/gen -GN_CT=$(ACC_CT) -GMOD_DIV=$(ACC_MOD_DIV) --Mdir $(@D) rtl/frontend/pw_frontend.v
	@$(MAKE) -s -C $(@D) -f Vpwacc.mk OPT_FAST="-O2" OPT_SLOW="-O1" Vpwacc__ALL.a verilated.o verilated_threads.o
	@touch $@
$(ACC_B)/rtl/tier_rtl.o: sim/accuracy/tier_rtl.cpp $(ACC_B)/rtl/Vpwacc__ALL.a $(ACC_HDR)
	@$(CXX) -std=c++17 $(ACC_FLAGS) -O3 -I$(@D) -isystem $(SIM_VROOT)/include -isystem $(SIM_VROOT)/include/vltstd -c $< -o $@
$(ACC_B)/bench-rtl: $(ACC_B)/sim/accuracy/main.o $(ACC_COMMON) $(ACC_B)/rtl/tier_rtl.o $(ACC_B)/rtl/Vpwacc__ALL.a
	@$(CXX) -o $@ $^ $(ACC_B)/rtl/verilated.o $(wildcard $(ACC_B)/rtl/verilated_threads.o) -lm -lpthread

ACC_RUN := $(PY) -B scripts/accuracy/accuracy.py
accuracy: $(ACC_B)/bench-model $(ACC_B)/bench-long $(ACC_B)/bench-rtl | .venv/.ready  ## virtual test bench: error curves, standards, build/accuracy/index.html (15 minutes)
	@$(ACC_RUN)
accuracy-model: $(ACC_B)/bench-model $(ACC_B)/bench-long | .venv/.ready  ## the same without the RTL tier
	@$(ACC_RUN) --model-only
test-accuracy: $(ACC_B)/bench-model $(ACC_B)/bench-long $(ACC_B)/bench-rtl | .venv/.ready  ## a minute of the virtual test bench; fails when a limit is missed
	@$(ACC_RUN) --sample
test-accuracy-long: accuracy
.PHONY: accuracy accuracy-model test-accuracy test-accuracy-long
