# SPDX-License-Identifier: Apache-2.0
# Calendar tier: the firmware on the PC, faster than time. Programs: build/sim/pwcal, build/calendar/torture.
CAL_B    := $(B)/calendar
CAL_SUB  := $(addprefix sw/firmware/,drivers/fram.c drivers/flash.c drivers/mcp7940.c drivers/i2c.c drivers/panel.c drivers/lcd.c drivers/uart.c drivers/spi.c metrology/meter.c)
CAL_FW   := $(filter-out $(CAL_SUB) sw/firmware/target/% sw/firmware/doc/%,$(wildcard sw/lib/*.c sw/firmware/*/*.c))
CAL_OWN  := $(filter-out sim/calendar/main.c sim/calendar/torture%.c,$(wildcard sim/calendar/*.c))
CAL_TORT := $(wildcard sim/calendar/torture*.c)
CAL_HDR  := $(wildcard sw/lib/*.h sw/firmware/*/*.h sw/firmware/*/*.def sw/firmware/comms/map/*.def sim/calendar/*.h)
# Room for three demands at each of 24 points, so that block and sliding are seen side by side; all else is as on a board of 24 CTs.
CAL_CFLAGS := -std=c11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -DPW_MAX_CT=24u -DPW_WITH_ANALYSIS=0 -DPW_DEMAND_SLOTS=72u -Isim/calendar -Isw/lib \
              $(addprefix -Isw/firmware/,$(filter-out target doc,$(notdir $(patsubst %/,%,$(wildcard sw/firmware/*/))))) -I$(B)/gen

$(CAL_B)/fw/%.o: sw/%.c $(CAL_HDR) $(REGS) scripts/mk/75-calendar.mk
	@mkdir -p $(@D)
	@$(CC) $(CAL_CFLAGS) -c $< -o $@
$(CAL_B)/own/%.o: sim/calendar/%.c $(CAL_HDR) $(REGS) scripts/mk/75-calendar.mk
	@mkdir -p $(@D)
	@$(CC) $(CAL_CFLAGS) -c $< -o $@
$(B)/sim/pwcal: $(CAL_FW:sw/%.c=$(CAL_B)/fw/%.o) $(CAL_OWN:sim/calendar/%.c=$(CAL_B)/own/%.o) $(CAL_B)/own/main.o
	@mkdir -p $(@D)
	@$(CC) -o $@ $^
pwcal: $(B)/sim/pwcal  ## the calendar tier: build/sim/pwcal SCENARIO -o FOLDER
$(CAL_B)/torture: $(CAL_FW:sw/%.c=$(CAL_B)/fw/%.o) $(CAL_OWN:sim/calendar/%.c=$(CAL_B)/own/%.o) $(CAL_TORT:sim/calendar/%.c=$(CAL_B)/own/%.o)
	@$(CC) -o $@ $^
# the same with sanitizers, for a sample
$(CAL_B)/san/fw/%.o: sw/%.c $(CAL_HDR) $(REGS) scripts/mk/75-calendar.mk
	@mkdir -p $(@D)
	@$(CC) $(CAL_CFLAGS) $(CAL_SAN) -c $< -o $@
$(CAL_B)/san/own/%.o: sim/calendar/%.c $(CAL_HDR) $(REGS) scripts/mk/75-calendar.mk
	@mkdir -p $(@D)
	@$(CC) $(CAL_CFLAGS) $(CAL_SAN) -c $< -o $@
CAL_SAN := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
$(CAL_B)/torture-san: $(CAL_FW:sw/%.c=$(CAL_B)/san/fw/%.o) $(CAL_OWN:sim/calendar/%.c=$(CAL_B)/san/own/%.o) $(CAL_TORT:sim/calendar/%.c=$(CAL_B)/san/own/%.o)
	@$(CC) $(CAL_SAN) -o $@ $^

CAL_TORTURE := $(CAL_B)/torture --schedule tests/calendar/full.tou
test-calendar: $(B)/sim/pwcal $(CAL_B)/torture $(CAL_B)/torture-san .venv/.ready  ## the calendar tier: a year, each product over days, a sample of the torture
	@$(PY) -m pytest -q -p no:cacheprovider tests/calendar
torture: $(CAL_B)/torture  ## the power cut at every write of a day, and at random; flips, dead sectors: build/torture/report.json
	@mkdir -p $(B)/torture
	@$(CAL_TORTURE) --every 1 --multi $(or $(MULTI),3) --seed $(or $(SEED),5) --flips 2000 --fram-flips 3000 --dead 7 -o $(B)/torture/report.json
test-calendar-long: $(B)/sim/pwcal torture .venv/.ready  ## the torture as a whole, a year of the heaviest records
	@$(PY) -B tests/calendar/year.py 365 365
.PHONY: pwcal test-calendar torture test-calendar-long
