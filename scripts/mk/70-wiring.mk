# SPDX-License-Identifier: Apache-2.0
# Wiring finder and panel balance: unit tests, random panels as phasors (fast) and through the model tier.
WIR_B    := $(B)/wiring
WIR_SRC  := $(wildcard sw/firmware/wiring/*.c) $(addprefix sw/lib/,wide.c text.c forms.c config.c config_check.c)
WIR_HDR  := $(wildcard sw/firmware/wiring/*.h sw/firmware/*/*.h sw/lib/*.h)
WIR_INC  := $(addprefix -Isw/firmware/,wiring registers drivers metrology) -Isw/lib -I$(B)/gen
WIR_FLAGS := -std=c11 -g -Wall -Wextra -Werror $(WIR_INC)

$(WIR_B)/libwiring.so: tests/wiring/shim.c $(WIR_SRC) $(WIR_HDR) $(REGS)
	@mkdir -p $(@D)
	@$(CC) $(WIR_FLAGS) -O2 -fPIC -shared -o $@ $< $(WIR_SRC)
$(WIR_B)/test_wiring: tests/wiring/test_wiring.c $(WIR_SRC) $(WIR_HDR) $(REGS)
	@mkdir -p $(@D)
	@$(CC) $(WIR_FLAGS) -O1 -D_GNU_SOURCE -Itests/firmware -fsanitize=address,undefined -fno-sanitize-recover=all -o $@ $< $(WIR_SRC) -lcmocka -lm

WIR_DEPS := $(WIR_B)/test_wiring $(WIR_B)/libwiring.so $(B)/sim/pwsim-model
test-wiring: $(WIR_DEPS) .venv/.ready  ## wiring finder: unit tests, 1000 panels as phasors, 16 through the model tier
	@$(PY) -B tests/wiring/run.py
test-wiring-long: $(WIR_DEPS) .venv/.ready  ## wiring finder: 500 panels through the model tier (about 20 minutes), build/wiring/report.json
	@nice $(PY) -B tests/wiring/run.py --long
.PHONY: test-wiring test-wiring-long
