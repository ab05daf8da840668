# SPDX-License-Identifier: Apache-2.0
# What a user runs: demo, live panel, all tests.
SCENARIO ?= sim/scenarios/panel24.scn
TIER     ?= rtl
CT       ?= 24
SECONDS_METERED ?= 2
ifeq ($(filter rtl model,$(TIER)),)
$(error TIER=$(TIER): known are rtl and model)
endif
ifeq ($(filter 12 24 48 54,$(CT)),)
$(error CT=$(CT): known are 12, 24, 48 and 54)
endif
DEMO_SIM := $(B)/sim/pwsim-$(TIER)$(if $(filter rtl,$(TIER)),-$(CT))
demo: .venv/.ready $(DEMO_SIM) $(B)/firmware/rv32imc/firmware.bin  ## meter a panel (or WAVE=file) through the RTL and compare with the truth
	@$(PY) scripts/demo.py --tier $(TIER) --ct $(CT) --seconds $(SECONDS_METERED) $(if $(WAVE),--wave "$(WAVE)" $(if $(MAP),--map "$(MAP)"),--scenario "$(SCENARIO)")

run: $(B)/sim/pwsim-model  ## live panel: LCD, buttons, Modbus TCP on port 15020, in real time
	@$(B)/sim/pwsim-model --panel --realtime --hold --port $(or $(PORT),15020) --ct $(CT) $(if $(WAVE),--wave "$(WAVE)" $(if $(MAP),--map "$(MAP)"),"$(SCENARIO)")

test-cosim: $(B)/sim/pwsim-model $(B)/sim/pwsim-rtl $(B)/sim/pwsim-rtl-min $(B)/sim/pwsim-rtl-sdram $(FW_EXT_12) $(FW_EXT_24) $(B)/tou/tou-check .venv/.ready  ## the running meter read by pymodbus and mbpoll
	$(PY) -m pytest -q -p no:cacheprovider tests/cosim

test-profiles-long: $(foreach n,12 24,$(B)/sim/pwsim-rtl-$(n)) $(B)/firmware/rv32imc/firmware.bin .venv/.ready  ## every product profile in the RTL tier: LEDs, pulses, LCD (a quarter of an hour)
	$(PY) -m pytest -q -p no:cacheprovider tests/cosim/long_profiles.py

TEST_AREAS := lint test-decimate test-frontend test-curve test-analysis test-soc test-analog test-firmware test-sim test-cosim test-afe test-wiring test-tou test-calendar test-accuracy test-mutants-sample
test: .venv/.ready  ## everything that must pass before a merge
	@$(PY) scripts/testall.py $(TEST_AREAS)

lint: lint-rtl lint-boards lint-c  ## Verilator and C linters, no warning allowed
	@echo "3 passed, 0 failed"
lint-c: .venv/.ready $(REGS)
	cppcheck --quiet --error-exitcode=1 --enable=warning,portability --inline-suppr --std=c11 -I . -I sw/lib -I $(B)/gen sw sim

test-mutants: .venv/.ready  ## deliberate faults that some test must find (slow)
	@$(PY) scripts/mutants.py
test-mutants-sample: .venv/.ready
	@$(PY) scripts/mutants.py --sample 3

test-long: .venv/.ready  ## the slow suites: error curves, 500 wiring panels, the torture with power cuts, all mutants, the synthesized decimator beside its RTL
	@$(PY) scripts/testall.py test-decimate-netlist test-accuracy-long test-wiring-long test-profiles-long test-calendar-long test-mutants

clean:              ## remove build/
	rm -rf $(B)
.PHONY: demo run test test-cosim test-profiles-long lint lint-c test-mutants test-mutants-sample test-long clean
