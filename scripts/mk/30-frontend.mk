# SPDX-License-Identifier: Apache-2.0
# Front-end: integrator, window logic, bus port, whole front-end against the C models; formal properties.
FE_B       := $(B)/frontend
FE_SRC     := $(wildcard rtl/frontend/*.v rtl/frontend/*.vh)
FE_MODELS  := int_model fe_model dec_model curve_model
FE_OBJ     := $(FE_MODELS:%=$(FE_B)/%.o)
FE_CONFIGS := 12_4 24_5 48_11 54_11
FE_SEED    ?= 1

$(FE_B)/%.o: sim/model/%.c $(wildcard sim/model/*.h) $(REGS) $(DEC_GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -I$(B)/gen -c $< -o $@

# $(1): Verilog top, $(2): bench, $(3): extra Verilog files. The stem is <N_CT>_<MOD_DIV>.
define FE_BUILD
	@mkdir -p $(FE_B)
	verilator --cc --exe --build -Wall -O3 --top $(1) -GN_CT=$(word 1,$(subst _, ,$*)) -GMOD_DIV=$(word 2,$(subst _, ,$*)) \
	  -CFLAGS "-O2 -Wall -DVERILATOR -DN_CT=$(word 1,$(subst _, ,$*)) -DMOD_DIV=$(word 2,$(subst _, ,$*)) -I$(CURDIR)/sim/model -I$(CURDIR)/$(B)/gen" \
	  -Irtl/frontend --Mdir $@.obj -o $(CURDIR)/$@ $(3) $(CURDIR)/$(2) $(addprefix $(CURDIR)/,$(FE_OBJ)) \
	  > $@.log 2>&1 || { cat $@.log; exit 1; }
endef
$(FE_B)/tb_integrate_%: tests/rtl/integrate/tb_integrate.cpp tests/rtl/integrate/pw_tb_integrate.v tests/rtl/frontend/bench.h tests/rtl/frontend/conservation.h $(FE_SRC) $(FE_OBJ)
	$(call FE_BUILD,pw_tb_integrate,$<,tests/rtl/integrate/pw_tb_integrate.v)
.SECONDARY: $(FE_OBJ)
$(FE_B)/tb_frontend_%: tests/rtl/frontend/tb_frontend.cpp tests/rtl/frontend/bench.h $(FE_SRC) $(FE_OBJ) $(DEC_GEN)
	$(call FE_BUILD,pw_frontend,$<,rtl/frontend/pw_frontend.v)
$(FE_B)/test_model: tests/rtl/frontend/test_model.cpp tests/rtl/frontend/bench.h tests/rtl/frontend/conservation.h $(FE_OBJ)
	g++ -std=c++17 -O2 -Wall -Wextra -Werror -Isim/model -I$(B)/gen $< $(FE_OBJ) -o $@

lint-frontend:  ## lint of the front-end, all channel counts
	@for c in $(FE_CONFIGS); do for k in 0 1; do verilator --lint-only -Wall --top-module pw_frontend -Irtl/frontend -I$(B)/gen \
	  -GN_CT=$${c%_*} -GMOD_DIV=$${c#*_} -GCT_CURVE=$$k rtl/frontend/pw_frontend.v || exit 1; done; done
test-frontend: lint-frontend $(foreach c,$(FE_CONFIGS),$(FE_B)/tb_integrate_$(c) $(FE_B)/tb_frontend_$(c)) $(FE_B)/test_model ## front-end: RTL against models, accuracy, conservation, formal
	@mkdir -p $(FE_B); rc=0; { for c in $(FE_CONFIGS); do $(FE_B)/tb_integrate_$$c $(FE_SEED); $(FE_B)/tb_frontend_$$c $(FE_SEED); done; \
	  $(FE_B)/test_model $(FE_SEED) $(FE_B)/report.json; tests/formal/frontend/prove $(FE_B)/formal; } | tee $(FE_B)/test.log; \
	awk '/^[0-9]+ passed, [0-9]+ failed$$/ {p += $$1; f += $$3; n++} END {if (n != 10) f++; print "front-end: " n " runs"; print p " passed, " f " failed"; exit f != 0}' $(FE_B)/test.log
test-integrate: $(FE_B)/tb_integrate_12_4 $(FE_B)/test_model  ## integrator only, 12 CT: the short test that mutants run
	@$(FE_B)/test_model $(FE_SEED) && $(FE_B)/tb_integrate_12_4 $(FE_SEED)
.PHONY: lint-frontend test-frontend test-integrate
