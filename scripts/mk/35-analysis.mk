# SPDX-License-Identifier: Apache-2.0
# Analysis block: sine table, RTL against the C model, accuracy against numpy, formal properties, size.
ANA_B    := $(B)/analysis
ANA_RTL  := $(wildcard rtl/analysis/*.v)
ANA_T    := tests/rtl/analysis
ANA_GEN  := $(B)/gen/pw_sine.h
# <channels>_<ring log2>_<shortest frame, clk>
ANA_CFGS := 15_0_1200 27_5_1240 57_3_1480
ANA_SEED ?= 1

$(ANA_GEN): scripts/sine_rom.py | .venv/.ready
	$(PY) $< $(B)/gen

$(ANA_B)/ana_model.o: sim/model/ana_model.c sim/model/ana_model.h $(REGS) $(ANA_GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -I$(B)/gen -Isim/model -c $< -o $@
ana_word = $(word $(1),$(subst _, ,$(2)))
$(ANA_B)/tb_%: $(ANA_RTL) $(ANA_T)/tb_analysis.cpp tests/rtl/frontend/bench.h $(ANA_B)/ana_model.o
	@mkdir -p $(@D)
	@verilator --cc --exe --build -O3 -Wall --top pw_analysis -Irtl/analysis -I$(B)/gen \
	  -GN_CH=$(call ana_word,1,$*) -GRING_LOG2=$(call ana_word,2,$*) -GFRAME_CLK=$(call ana_word,3,$*) \
	  -CFLAGS "-std=c++17 -O2 -Wall -DVERILATOR -DN_CH=$(call ana_word,1,$*) -DRING_LOG2=$(call ana_word,2,$*) -DFRAME_CLK=$(call ana_word,3,$*) -I$(CURDIR)/sim/model -I$(CURDIR)/$(B)/gen" \
	  --Mdir $@.obj -o $(CURDIR)/$@ $(ANA_RTL) $(CURDIR)/$(ANA_T)/tb_analysis.cpp $(CURDIR)/$(ANA_B)/ana_model.o > $@.log 2>&1 || { cat $@.log; exit 1; }
.SECONDARY: $(ANA_B)/ana_model.o

ANA_LIB_SRC := sim/model/ana_model.c sw/firmware/drivers/analysis.c $(ANA_T)/ana_batch.c
$(ANA_B)/libana.so: $(ANA_LIB_SRC) sim/model/ana_model.h sw/firmware/drivers/analysis.h $(REGS) $(ANA_GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -shared -fPIC -I$(B)/gen -Isim/model -Isw/lib -Isw/firmware/drivers $(ANA_LIB_SRC) -o $@

# The whole SoC with the block and a bus master instead of a CPU: every register answers where it should
$(ANA_B)/tb_bus: tests/rtl/soc/tb_bus.cpp tests/rtl/soc/bus_master.v $(wildcard rtl/soc/*.v rtl/periph/*.v rtl/frontend/*.v) $(ANA_RTL) $(DEC_GEN) $(ANA_GEN) $(B)/soc/reglist.inc
	@mkdir -p $(@D)
	@$(SOC_VL) --top-module pw_soc -GN_CT=12 -GN_UART=2 -GRAM_KIB=16 -GANALYSIS=1 -GRING_LOG2=2 -CFLAGS "$(SOC_CXX) -DANALYSIS -I$(CURDIR)/$(SOC_B)" --Mdir $@.dir \
	  -o $(CURDIR)/$@ $(filter %.v,$^) $(CURDIR)/$< $(SOC_LOG)

ANA_RUNS := $(foreach c,$(ANA_CFGS),"$(ANA_B)/tb_$c $(ANA_SEED)")
test-analysis: $(addprefix $(ANA_B)/tb_,$(ANA_CFGS)) $(ANA_B)/libana.so $(ANA_B)/tb_bus  ## analysis block: RTL = model, accuracy against numpy, formal
	@$(DEC_T)/sum.sh "analysis" $(ANA_RUNS) \
	  $(ANA_B)/tb_bus "$(PY) $(ANA_T)/test_accuracy.py $(ANA_B)/libana.so $(ANA_B)/report.json $(ANA_SEED)" \
	  "tests/formal/analysis/prove $(ANA_B)/formal"
bench-analysis: $(ANA_GEN) $(REGS)  ## size of the analysis block on ECP5, into build/analysis/size.json
	@$(PY) scripts/synth_analysis.py -o $(ANA_B)/size.json
.PHONY: test-analysis bench-analysis
