# SPDX-License-Identifier: Apache-2.0
# CT curves in gateware: RTL against the model, races, formal properties.
CUR_B       := $(B)/curve
CUR_SRC     := $(addprefix rtl/frontend/,pw_ct_curve.v pw_integrate.v pw_integrate_steps.v pw_integrate_codes.vh pw_line.v pw_fe_ctrl.v)
CUR_CONFIGS := 12_5 54_11
CUR_OBJ     := $(FE_OBJ)
CUR_SEED    ?= 1

$(CUR_B)/tb_curve_%: tests/rtl/curve/tb_curve.cpp tests/rtl/curve/pw_tb_curve.v tests/rtl/frontend/bench.h tests/rtl/frontend/conservation.h $(CUR_SRC) $(CUR_OBJ)
	@mkdir -p $(@D)
	@verilator --cc --exe --build -Wall -O3 --top pw_tb_curve -GN_CT=$(word 1,$(subst _, ,$*)) -GMOD_DIV=$(word 2,$(subst _, ,$*)) \
	  -CFLAGS "-O2 -Wall -DVERILATOR -DN_CT=$(word 1,$(subst _, ,$*)) -DMOD_DIV=$(word 2,$(subst _, ,$*)) -I$(CURDIR)/sim/model -I$(CURDIR)/$(B)/gen" \
	  -Irtl/frontend --Mdir $@.obj -o $(CURDIR)/$@ tests/rtl/curve/pw_tb_curve.v $(CURDIR)/$< $(addprefix $(CURDIR)/,$(CUR_OBJ)) > $@.log 2>&1 || { cat $@.log; exit 1; }
test-curve: $(foreach c,$(CUR_CONFIGS),$(CUR_B)/tb_curve_$(c))  ## CT curves in gateware: RTL against the model, races, lock, proof
	@{ for c in $(CUR_CONFIGS); do $(CUR_B)/tb_curve_$$c $(CUR_SEED); done; tests/formal/curve/prove $(CUR_B)/formal; } | tee $(CUR_B)/test.log; \
	awk '/^[0-9]+ passed, [0-9]+ failed$$/ {p += $$1; f += $$3; n++} END {if (n != 3) f++; print p " passed, " f " failed"; exit f != 0}' $(CUR_B)/test.log
# Fit, procedure and changed CT ratio on the fake system, then the running meter; -long: in a closed loop, and a CT curve (2 minutes)
CUR_RUN = mkdir -p $(CUR_B); $(FW_T)/test_calibration > $(CUR_B)/unit.log 2>&1; \
	p=$$(grep -c '^\[       OK \]' $(CUR_B)/unit.log); f=$$(grep '^\[  FAILED  \] [a-z]' $(CUR_B)/unit.log | sort -u | wc -l); [ $$p -gt 0 ] || f=1; \
	$(PY) -B -m pytest -q -p no:cacheprovider tests/cosim/test_calibration.py $(1) > $(CUR_B)/cosim.log 2>&1 || { grep '^E  ' $(CUR_B)/cosim.log | head -20; }; \
	q=$$(sed -n 's/.*\b\([0-9]*\) passed.*/\1/p' $(CUR_B)/cosim.log | tail -1); g=$$(sed -n 's/^\([0-9]*\) failed.*/\1/p' $(CUR_B)/cosim.log | tail -1); \
	[ -n "$$q$$g" ] || g=1; echo "$$((p + $${q:-0})) passed, $$((f + $${g:-0})) failed"; [ $$((f + $${g:-0})) -eq 0 ]
test-calibration: $(FW_T)/test_calibration $(B)/sim/pwsim-model | .venv/.ready  ## calibration: curve fit, procedure, refusals, changed CT ratio
	@$(call CUR_RUN,-k "refus or tool")
test-calibration-long: $(FW_T)/test_calibration $(B)/sim/pwsim-model | .venv/.ready  ## the same, closed loop and CT curve too: build/calibration/report.json
	@$(call CUR_RUN)
.PHONY: test-curve test-calibration test-calibration-long
