# SPDX-License-Identifier: Apache-2.0
# Decimator: tables, RTL against the C model, reference in numpy, formal properties, size.
DEC_GEN  := $(B)/gen/pw_dec_tables.h
DEC_RTL  := $(addprefix rtl/frontend/pw_,modclk.v commutator.v capture.v cic.v fir.v decimate.v)
DEC_CFGS := 15_4 15_5 27_5 27_6 51_11 57_11 57_12
DEC_SEED ?= 1
DEC_T    := tests/rtl/decimate

decimate-tables: $(DEC_GEN)  ## coefficients and ROM contents of the decimator
$(DEC_GEN): scripts/fir_design.py | .venv/.ready
	$(PY) $< $(B)/gen

# build/decimate/tb_<channels>_<MOD_DIV>
$(B)/decimate/tb_%: $(DEC_RTL) $(DEC_T)/tb_decimate.v $(DEC_T)/tb_decimate.cpp sim/model/dec_model.c sim/model/dec_model.h $(DEC_GEN)
	@mkdir -p $(B)/decimate/obj_$*
	@$(CC) $(CFLAGS_HOST) -I$(B)/gen -c sim/model/dec_model.c -o $(B)/decimate/obj_$*/dec_model.o
	@echo "verilator: decimator, channels_divider = $*"; \
	verilator --cc --exe --build -O3 -Wall --top tb_decimate -GN_CH=$(word 1,$(subst _, ,$*)) -GMOD_DIV=$(word 2,$(subst _, ,$*)) \
	  -CFLAGS "-O2 -Wall -DN_CH=$(word 1,$(subst _, ,$*)) -DMOD_DIV=$(word 2,$(subst _, ,$*)) -I$(CURDIR)/sim/model" \
	  --Mdir $(B)/decimate/obj_$* -o $(CURDIR)/$@ $(DEC_T)/tb_decimate.v $(DEC_RTL) $(CURDIR)/$(DEC_T)/tb_decimate.cpp \
	  $(CURDIR)/$(B)/decimate/obj_$*/dec_model.o > $(B)/decimate/obj_$*/build.log || { cat $(B)/decimate/obj_$*/build.log; exit 1; }

# The same tests with the iCE40 netlist of Yosys running beside the RTL: what is synthesized is what was tested.
ICE40_CELLS = $(shell $(PY) -c 'import os, pyosys; print(os.path.dirname(pyosys.__file__))')/share/ice40/cells_sim.v
$(B)/decimate/net_%.v: $(DEC_RTL) $(DEC_GEN) scripts/dec_netlist.py
	@mkdir -p $(@D)
	$(PY) scripts/dec_netlist.py $(word 1,$(subst _, ,$*)) $(word 2,$(subst _, ,$*)) $@ > $(@:.v=.log)
$(B)/decimate/tbnet_%: $(B)/decimate/net_%.v $(B)/decimate/tb_%
	@verilator --cc --exe --build -O3 -Wno-fatal -Wno-lint -Wno-style --top tb_decimate -DNETLIST -DNO_ICE40_DEFAULT_ASSIGNMENTS \
	  -GN_CH=$(word 1,$(subst _, ,$*)) -GMOD_DIV=$(word 2,$(subst _, ,$*)) \
	  -CFLAGS "-O2 -DN_CH=$(word 1,$(subst _, ,$*)) -DMOD_DIV=$(word 2,$(subst _, ,$*)) -I$(CURDIR)/sim/model" \
	  --Mdir $(B)/decimate/objnet_$* -o $(CURDIR)/$@ $(DEC_T)/tb_decimate.v $(DEC_RTL) $< $(ICE40_CELLS) $(CURDIR)/$(DEC_T)/tb_decimate.cpp \
	  $(CURDIR)/$(B)/decimate/obj_$*/dec_model.o > $(B)/decimate/objnet_$*.log 2>&1 || { tail -n 20 $(B)/decimate/objnet_$*.log; exit 1; }
test-decimate-netlist: $(B)/decimate/tbnet_15_4 $(B)/decimate/tbnet_27_5  ## decimator: iCE40 netlist = RTL = model
	@$(DEC_T)/sum.sh "decimator-netlist" "$(B)/decimate/tbnet_15_4 $(DEC_SEED)" "$(B)/decimate/tbnet_27_5 $(DEC_SEED)"

DEC_C := sim/model/dec_model.c $(DEC_T)/dec_batch.c
$(B)/decimate/libdec.so: $(DEC_C) sim/model/dec_model.h $(DEC_GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -D_GNU_SOURCE -shared -fPIC -I$(B)/gen -Isim/model $(DEC_C) -lm -o $@
$(B)/decimate/speed: $(DEC_C) sim/model/dec_model.h $(DEC_GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -D_GNU_SOURCE -DDEC_SPEED -I$(B)/gen -Isim/model $(DEC_C) -lm -o $@

# Each part prints its own "N passed, N failed"; sum.sh adds them up and fails if one of them failed or said nothing.
test-decimate: $(addprefix $(B)/decimate/tb_,$(DEC_CFGS)) $(B)/decimate/libdec.so  ## decimator: RTL = model = numpy, response, formal
	@$(DEC_T)/sum.sh "decimator" \
	  $(foreach c,$(DEC_CFGS),"$(B)/decimate/tb_$c $(DEC_SEED)") \
	  "$(PY) $(DEC_T)/test_model.py $(B)/decimate/libdec.so $(B)/gen/pw_dec_fir.json $(DEC_SEED)" \
	  "$(DEC_T)/test_guards.sh $(B)/decimate/guards" \
	  "tests/formal/decimate/run.sh $(B)/decimate/formal"

BENCH_CH ?= 27 15 51 57
BENCH_S  ?= 2
bench: $(DEC_GEN) $(B)/decimate/speed $(B)/sim/pwsim-model $(B)/sim/pwsim-rtl-24 $(B)/afe/serve  ## size of decimator and front-end beside a textbook sinc3 per channel; speed of the tiers (BENCH_CH="27 15 51 57")
	@mkdir -p $(B)/bench
	$(PY) scripts/bench.py -o $(B)/bench --speed $(B)/decimate/speed --ecp5 27 57 --tiers \
	  "model=$(BENCH_S)=$(B)/sim/pwsim-model --seconds $(BENCH_S) --port 0 sim/scenarios/panel24.scn" "rtl=0.4=$(B)/sim/pwsim-rtl-24 --seconds 0.4 --port 0 sim/scenarios/panel24.scn" \
	  "rtl_frontend=$(BENCH_S)=$(B)/afe/serve $(B)/bench/uart sim/scenarios/panel24.scn $(BENCH_S) $(B)/bench" -- $(BENCH_CH)
.PHONY: decimate-tables test-decimate test-decimate-netlist bench
.PRECIOUS: $(B)/decimate/net_%.v $(B)/decimate/tb_%
