# SPDX-License-Identifier: Apache-2.0
# Time of use: tou-check (schedules for people), its tests against Python's time zones, unit tests for 8 rates.
TOU_B    := $(B)/tou
TOU_SRC  := $(wildcard sw/lib/tou*.c) $(addprefix sw/lib/,bytes.c calendar.c crc32.c text.c)
TOU_HDR  := $(addprefix sw/lib/,tou.h tou_text.h tou_words.h calendar.h crc32.h text.h bytes.h errors.h)
TOU_C    := -std=c11 -Wall -Wextra -Werror -Wconversion -Wshadow -Isw/lib

$(TOU_B)/tou-check: sw/host/tou/main.c $(TOU_SRC) $(TOU_HDR)
	@mkdir -p $(@D)
	@$(CC) $(TOU_C) -O2 -g -o $@ $< $(TOU_SRC)
tou-check: $(TOU_B)/tou-check  ## checks schedules of time of use: build/tou/tou-check FILE
# the same with sanitizers, for the tests
$(TOU_B)/tou-check-san: sw/host/tou/main.c $(TOU_SRC) $(TOU_HDR)
	@mkdir -p $(@D)
	@$(CC) $(TOU_C) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -o $@ $< $(TOU_SRC)
# the unit tests, which test-firmware runs for 4 rates, for 8
TOU_T8   := $(addprefix $(TOU_B)/,test_tou_8 test_tou_data_8 test_tou_text_8)
$(TOU_T8): $(TOU_B)/%_8: tests/firmware/%.c tests/firmware/t.h tests/firmware/tou_random.h $(TOU_SRC) $(TOU_HDR)
	@mkdir -p $(@D)
	@$(CC) $(TOU_C) -Wno-conversion -Wno-shadow -O1 -g -D_GNU_SOURCE -DPW_TOU_RATES=8u -Itests/firmware -fsanitize=address,undefined -fno-sanitize-recover=all \
	  -o $@ $< $(TOU_SRC) -lcmocka

test-tou: $(TOU_B)/tou-check-san $(TOU_T8) .venv/.ready  ## time of use: schedules against Python's time zones, unit tests for 8 rates
	@$(PY) -m pytest -q -p no:cacheprovider tests/host/test_tou.py
.PHONY: tou-check test-tou
