# SPDX-License-Identifier: Apache-2.0
# Analog side of the simulation: scenarios, recordings, modulators. Library: $(ANALOG_LIB), header sim/analog/panel.h
# (link with -lm and sw/lib/config.c and what it needs).
ANALOG_B     := $(B)/analog
ANALOG_SRC   := $(wildcard sim/analog/*.c)
ANALOG_HDR   := $(wildcard sim/analog/*.h) sw/lib/config.h sw/lib/forms.h
ANALOG_OBJ   := $(ANALOG_SRC:sim/analog/%.c=$(ANALOG_B)/%.o)
ANALOG_CFG   := $(wildcard sw/lib/config*.c) sw/lib/forms.c sw/lib/bytes.c sw/lib/crc32.c sw/lib/wide.c
ANALOG_LIB   := $(ANALOG_B)/libpwanalog.a
# No contraction of products and sums: the same bits with SSE2, AVX2 and on machines with fused multiply-add.
ANALOG_FLAGS := -std=gnu11 -O3 -g -fno-math-errno -ffp-contract=off -fPIC -Wall -Wextra -Werror -Isim/analog -Isw/lib

$(ANALOG_B)/%.o: sim/analog/%.c $(ANALOG_HDR)
	@mkdir -p $(@D)
	$(CC) $(ANALOG_FLAGS) -c $< -o $@

$(ANALOG_LIB): $(ANALOG_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(ANALOG_B)/libpwanalog.so: $(ANALOG_OBJ) $(ANALOG_CFG)
	$(CC) $(ANALOG_FLAGS) -shared -o $@ $^ -lm

# The same without the AVX2 clone: must give the same bits.
$(ANALOG_B)/libpwanalog_sse2.so: $(ANALOG_SRC) $(ANALOG_HDR) $(ANALOG_CFG)
	@mkdir -p $(@D)
	$(CC) $(ANALOG_FLAGS) -DPW_NO_CLONES -shared -o $@ $(ANALOG_SRC) $(ANALOG_CFG) -lm

$(ANALOG_B)/libmodshim.so: tests/sim/analog/mod_shim.c $(ANALOG_HDR) $(ANALOG_B)/engine.o
	$(CC) $(ANALOG_FLAGS) -shared -o $@ $< $(ANALOG_B)/engine.o -lm

$(ANALOG_B)/fuzz: tests/sim/analog/fuzz.c $(ANALOG_SRC) $(ANALOG_HDR) $(ANALOG_CFG)
	@mkdir -p $(@D)
	$(CC) $(filter-out -O3,$(ANALOG_FLAGS)) -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -o $@ $< $(ANALOG_SRC) $(ANALOG_CFG) -lm

ANALOG_TEST_DEPS := $(addprefix $(ANALOG_B)/,libpwanalog.so libpwanalog_sse2.so libmodshim.so fuzz)
test-analog: $(ANALOG_TEST_DEPS) | .venv/.ready  ## tests of the analog side of the simulation
	.venv/bin/python -B tests/sim/analog/run.py
.PHONY: test-analog
