# Front-end: integrator, window logic, bus port, whole front-end against the C models; formal properties.
FE_B       := $(B)/frontend
FE_RTL     := $(wildcard rtl/frontend/*.v rtl/frontend/*.vh)
FE_MODELS  := int_model fe_model dec_model
FE_OBJ     := $(FE_MODELS:%=$(FE_B)/%.o)
FE_CONFIGS := 12_5 24_6 48_12 54_12
FE_SEED    ?= 1

$(FE_B)/%.o: sim/model/%.c $(wildcard sim/model/*.h) $(REGS) $(DEC_GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -I$(B)/gen -c $< -o $@

# $(1): Verilog top, $(2): bench, $(3): extra Verilog files. The stem is <N_CT>_<MOD_DIV>.
define FE_BUILD
	@mkdir -p $(FE_B)
	verilator --cc --exe --build -Wall -O3 --top $(1) -GN_CT=$(word 1,$(subst _, ,$*)) -GMOD_DIV=$(word 2,$(subst _, ,$*)) \
	  -CFLAGS "-O2 -Wall -DN_CT=$(word 1,$(subst _, ,$*)) -DMOD_DIV=$(word 2,$(subst _, ,$*)) -I$(CURDIR)/sim/model -I$(CURDIR)/$(B)/gen" \
	  -Irtl/frontend --Mdir $@.obj -o $(CURDIR)/$@ $(3) $(CURDIR)/$(2) $(addprefix $(CURDIR)/,$(FE_OBJ)) \
	  > $@.log 2>&1 || { cat $@.log; exit 1; }
endef
$(FE_B)/tb_integrate_%: tests/rtl/integrate/tb_integrate.cpp tests/rtl/integrate/pw_tb_integrate.v tests/rtl/frontend/bench.h $(FE_RTL) $(FE_OBJ)
	$(call FE_BUILD,pw_tb_integrate,$<,tests/rtl/integrate/pw_tb_integrate.v)
.SECONDARY: $(FE_OBJ)
$(FE_B)/tb_frontend_%: tests/rtl/frontend/tb_frontend.cpp tests/rtl/frontend/bench.h $(FE_RTL) $(FE_OBJ) $(DEC_GEN)
	$(call FE_BUILD,pw_frontend,$<,rtl/frontend/pw_frontend.v)
