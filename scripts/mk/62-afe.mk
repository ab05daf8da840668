# SPDX-License-Identifier: Apache-2.0
# Front-end without CPU (board hx8k): host driver and afe-read, tests of the links and of afe-read on the RTL.
AFE_B    := $(B)/afe
AFE_RTL  := $(wildcard rtl/afe/*.v rtl/frontend/*.v) rtl/periph/pw_pulse.v
AFE_INC  := -Isw/host/afe -Isw/lib -Isw/firmware/drivers -Isw/firmware/metrology -I$(B)/gen
AFE_SRC  := $(wildcard sw/host/afe/*.c sw/lib/*.c) sw/firmware/drivers/frontend.c sw/firmware/metrology/scale.c
AFE_HDR  := $(wildcard sw/host/afe/*.h sw/lib/*.h sw/firmware/drivers/*.h sw/firmware/metrology/*.h)
AFE_C     = -std=c11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE
AFE_CXX  := -std=c++17 -O2 -Wall -Wextra $(addprefix -I$(CURDIR)/,sw/host/afe sw/lib sim/parts . $(B)/gen)

$(AFE_B)/afe-read: $(AFE_SRC) $(AFE_HDR) $(REGS)
	@mkdir -p $(@D)
	@$(CC) $(AFE_C) $(AFE_INC) -o $@ $(AFE_SRC) -lm
afe-read: $(AFE_B)/afe-read  ## host program for the front-end without CPU (board hx8k): build/afe/afe-read

$(AFE_B)/obj/%.o: sw/host/afe/%.c $(AFE_HDR) $(REGS)
	@mkdir -p $(@D)
	@$(CC) $(AFE_C) $(AFE_INC) -c $< -o $@
# $(1): objects and libraries besides
define AFE_BENCH
	@mkdir -p $(AFE_B)
	@verilator --cc --exe --build -O3 --top-module pw_afe -I$(B)/gen -Irtl/frontend -Wno-fatal -Wno-lint -Wno-style --x-assign unique --x-initial unique \
	  -CFLAGS "$(AFE_CXX)" --Mdir $@.obj -o $(CURDIR)/$@ $(AFE_RTL) $(CURDIR)/$< $(addprefix $(CURDIR)/,$(1)) -LDFLAGS "-lutil -lm" > $@.log 2>&1 || { cat $@.log; exit 1; }
endef
$(AFE_B)/test_link: tests/afe/test_link.cpp tests/afe/pins.h $(AFE_RTL) $(AFE_B)/obj/afe_frame.o $(REGS) $(DEC_GEN)
	$(call AFE_BENCH,$(AFE_B)/obj/afe_frame.o)
AFE_SERVE_OBJ = $(AFE_B)/obj/afe_frame.o $(SIM_B)/parts/uart_pins.o $(SIM_B)/parts/uart_pty.o $(ANALOG_LIB) $(SIM_LIB_OBJ)
$(AFE_B)/serve: tests/afe/serve.cpp tests/afe/pins.h $(AFE_RTL) $(REGS) $(DEC_GEN) $(AFE_SERVE_OBJ)
	$(call AFE_BENCH,$(AFE_SERVE_OBJ))

AFE_SEED ?= 1
lint-afe: $(REGS) $(DEC_GEN)  ## lint of the front-end without CPU
	@verilator --lint-only -Wall -I$(B)/gen -Irtl/frontend tests/lint/verilator.vlt tests/rtl/soc/cells.v $(AFE_RTL) boards/hx8k/top.v --top-module top
test-afe: lint-afe $(AFE_B)/test_link $(AFE_B)/serve $(AFE_B)/afe-read  ## front-end without CPU: UART and SPI links, afe-read on the RTL against the panel's truth
	@tests/rtl/decimate/sum.sh "afe" "$(AFE_B)/test_link $(AFE_SEED)" "$(PY) tests/afe/test_read.py $(AFE_B)/serve $(AFE_B)/afe-read $(AFE_B)/read"
.PHONY: afe-read lint-afe test-afe
