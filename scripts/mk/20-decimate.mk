# Decimator: tables, RTL against the C model, reference in numpy, formal properties, size.
DEC_GEN  := $(B)/gen/pw_dec_tables.h
DEC_RTL  := $(addprefix rtl/frontend/pw_,modclk.v commutator.v capture.v cic.v fir.v decimate.v)
DEC_CFGS := 15_5 27_5 27_6 51_12 57_12
DEC_SEED ?= 1
DEC_T    := tests/rtl/decimate

decimate-tables: $(DEC_GEN)  ## coefficients and ROM contents of the decimator
$(DEC_GEN): scripts/fir_design.py | .venv/.ready
	$(PY) $< $(B)/gen

# build/decimate/tb_<channels>_<MOD_DIV>
$(B)/decimate/tb_%: $(DEC_RTL) $(DEC_T)/tb_decimate.v $(DEC_T)/tb_decimate.cpp sim/model/dec_model.c sim/model/dec_model.h $(DEC_GEN)
	@mkdir -p $(B)/decimate/obj_$*
	$(CC) $(CFLAGS_HOST) -I$(B)/gen -c sim/model/dec_model.c -o $(B)/decimate/obj_$*/dec_model.o
	verilator --cc --exe --build -O3 -Wall --top tb_decimate -GN_CH=$(word 1,$(subst _, ,$*)) -GMOD_DIV=$(word 2,$(subst _, ,$*)) \
	  -CFLAGS "-O2 -Wall -DN_CH=$(word 1,$(subst _, ,$*)) -DMOD_DIV=$(word 2,$(subst _, ,$*)) -I$(CURDIR)/sim/model" \
	  --Mdir $(B)/decimate/obj_$* -o $(CURDIR)/$@ $(DEC_T)/tb_decimate.v $(DEC_RTL) $(CURDIR)/$(DEC_T)/tb_decimate.cpp \
	  $(CURDIR)/$(B)/decimate/obj_$*/dec_model.o > $(B)/decimate/obj_$*/build.log || { cat $(B)/decimate/obj_$*/build.log; exit 1; }

test-decimate: $(addprefix $(B)/decimate/tb_,$(DEC_CFGS))  ## decimator: RTL against model, model against numpy, formal
	@rm -f $(B)/decimate/rtl.log; for c in $(DEC_CFGS); do $(B)/decimate/tb_$$c $(DEC_SEED) | tee -a $(B)/decimate/rtl.log; done
.PHONY: decimate-tables test-decimate
