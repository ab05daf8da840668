# SPDX-License-Identifier: Apache-2.0
# Firmware for the soft core (rv32imc: VexRiscv IMAC, rv32i: Min), its tests on the PC, its Modbus register list.
# build/firmware: room for 54 CTs, for simulation; build/firmware-<CTs>: the same sources for boards with that many, made by make FW_B=... FW_CT=...
FW_B       := $(B)/firmware
FW_CROSS   ?= riscv64-unknown-elf-
FW_ARCHS   := rv32imc rv32i
FW_CT      ?= 54
# Deepest by call graph and -fstack-usage, a configuration written over Modbus with an interrupt on top: 2.4 KB with 24 CTs, 3.4 KB with 54; and a third more
FW_STACK   ?= $(if $(filter 12 24,$(FW_CT)),3328,4608)
# Where code is external: ext, what each pass runs in RAM; small, as little as can be
FW_EXT     ?= ext
# 256 KiB, 128 KiB with 12 CTs (UP5K), less SYS.SCRATCH
FW_RAM     ?= $(if $(filter 12,$(FW_CT)),131064,262136)
FW_DIRS    := $(filter-out target doc,$(notdir $(patsubst %/,%,$(wildcard sw/firmware/*/))))
FW_SRC     := $(wildcard sw/lib/*.c) $(foreach d,$(FW_DIRS),$(wildcard sw/firmware/$(d)/*.c))
FW_TARGET  := sw/firmware/target/main.c sw/firmware/target/libgcc.c sw/firmware/target/muldi3.c sw/firmware/target/ext_load.c sw/firmware/target/crt0.S
FW_HDR     := $(wildcard sw/lib/*.h sw/firmware/*/*.h sw/firmware/*/*.def sw/firmware/comms/map/*.def)
FW_LD_PART := $(wildcard sw/firmware/target/part_*.ld)
# The generated field header also holds a struct of the whole address space, too large for a 32-bit compiler: only its masks here.
FW_MASKS   := $(FW_B)/gen/pw_masks.h
FW_INC     := -I$(FW_B)/gen -Isw/lib $(addprefix -Isw/firmware/,$(FW_DIRS)) -I$(B)/gen
FW_WARN    := -std=c11 -Wall -Wextra -Werror -Wconversion -Wshadow -Wstrict-prototypes -Wvla
FW_OPT     := -Os -msave-restore
# Data aligned by their types (text: not at all), switches as comparisons: 1 % less
FW_SMALL   := -malign-data=natural -fno-jump-tables
# Meters of 12 CTs have no analysis block in their gateware: its features are not linked
FW_ANALYSIS ?= $(if $(filter 12,$(FW_CT)),0,1)
FW_FLAGS   = $(FW_WARN) $(FW_OPT) $(FW_SMALL) -DPW_HAL_DIRECT -Isw/firmware/target -DPW_MAX_CT=$(FW_CT)u -DPW_WITH_ANALYSIS=$(FW_ANALYSIS) -g -mabi=ilp32 --specs=picolibc.specs -ffunction-sections -fdata-sections -fno-common -ffreestanding \
              -fno-builtin-printf -fstack-usage
FW_LD      := -nostartfiles -static -Lsw/firmware/target -Wl,--gc-sections -Wl,--no-warn-rwx-segments -Wl,--defsym=RAM_SIZE=$(FW_RAM) -Wl,--defsym=STACK_SIZE=$(FW_STACK)

firmware: $(FW_B)/report.json  ## build the firmware (rv32imc, rv32i): elf, bin, hex; sizes, load and longest pass on the RTL: build/firmware/report.json (some minutes)
.PHONY: firmware

$(FW_MASKS): $(REGS)
	@mkdir -p $(@D)
	@{ echo '/* Masks of build/gen/pw_masks.h */'; echo '#pragma once'; sed -n '/^#define PW_.*__/p' $(B)/gen/pw_masks.h; } > $@

# What runs for each channel and window is compiled for speed, what runs in each pass of the main loop without -msave-restore (a sixth of
# the time), all else for size.
FW_EACH    := sched/sched app/app_tasks app/network drivers/w5500 drivers/uart drivers/panel drivers/analysis comms/modbus_tcp metrology/meter metrology/aggregate metrology/spectrum console/console clock/clock
$(foreach a,$(FW_ARCHS),$(FW_EACH:%=$(FW_B)/$(a)/firmware/%.o)): FW_OPT := -Os
FW_FAST    := firmware/target/muldi3 lib/wide lib/crc32 firmware/drivers/spi firmware/metrology/voltage_events firmware/registers/energy firmware/drivers/frontend
$(foreach a,$(FW_ARCHS),$(FW_FAST:%=$(FW_B)/$(a)/%.o)): FW_OPT := -O2

define FW_ARCH
$(FW_B)/$(1)/%.o: sw/%.c $(FW_HDR) $(REGS) $(FW_MASKS) scripts/mk/50-firmware.mk
	@mkdir -p $$(@D)
	@$(FW_CROSS)gcc -march=$(1)_zicsr $$(FW_FLAGS) $(FW_INC) -c $$< -o $$@
$(FW_B)/$(1)/%.o: sw/%.S
	@mkdir -p $$(@D)
	@$(FW_CROSS)gcc -march=$(1)_zicsr -mabi=ilp32 -c $$< -o $$@
$(FW_B)/$(1)/firmware.elf: $(patsubst sw/%,$(FW_B)/$(1)/%.o,$(basename $(FW_SRC) $(FW_TARGET))) sw/firmware/target/firmware.ld $(FW_LD_PART)
	@$(FW_CROSS)gcc -march=$(1) -mabi=ilp32 --specs=picolibc.specs $(FW_LD) -T sw/firmware/target/firmware.ld -Wl,-Map=$$(@D)/firmware.map -o $$@ $$(filter %.o,$$^)
# for boards whose RAM is too small: the part in RAM (-ext.hex) and the part for external memory (.ext), SDRAM or (rv32i, UP5K) the flash itself
$(FW_B)/$(1)/firmware-ext.elf: $(patsubst sw/%,$(FW_B)/$(1)/%.o,$(basename $(FW_SRC) $(FW_TARGET))) sw/firmware/target/firmware_$(if $(filter rv32i,$(1)),xip,$(FW_EXT)).ld $(FW_LD_PART)
	@$(FW_CROSS)gcc -march=$(1) -mabi=ilp32 --specs=picolibc.specs $(FW_LD) -T sw/firmware/target/firmware_$(if $(filter rv32i,$(1)),xip,$(FW_EXT)).ld -Wl,-Map=$$(@D)/firmware-ext.map -o $$@ $$(filter %.o,$$^)
endef
$(foreach a,$(FW_ARCHS),$(eval $(call FW_ARCH,$(a))))

$(FW_B)/%-ext.bin: $(FW_B)/%-ext.elf
	@$(FW_CROSS)objcopy -O binary -R .ext $< $@
$(FW_B)/%.ext: $(FW_B)/%-ext.elf scripts/fw_image.py
	@$(FW_CROSS)objcopy -O binary -j .ext $< $@.raw
	@$(PY) scripts/fw_image.py $@.raw $@
$(FW_B)/%.bin: $(FW_B)/%.elf
	@$(FW_CROSS)objcopy -O binary $< $@
$(FW_B)/%.hex: $(FW_B)/%.bin scripts/bin2hex.py
	@$(PY) scripts/bin2hex.py $< $@
ifeq ($(FW_B),$(B)/firmware)
# Variants of boards: one image (24 CT), the same in RAM and SDRAM, and for UP5K (12 CT) in RAM and flash
FW_ONE_24 := $(addprefix $(B)/firmware-24/rv32imc/firmware,.elf .bin)
FW_EXT_24 := $(addprefix $(B)/firmware-24/rv32imc/firmware,-ext.elf -ext.bin .ext)
FW_EXT_12 := $(addprefix $(B)/firmware-12/rv32i/firmware,-ext.elf -ext.bin .ext)
FW_PARTS  := $(FW_SRC) $(FW_TARGET) $(FW_HDR) $(REGS) scripts/mk/50-firmware.mk scripts/fw_image.py $(wildcard sw/firmware/target/*.ld)
$(FW_ONE_24) &: $(FW_PARTS)
	@$(MAKE) --no-print-directory FW_B=$(B)/firmware-24 FW_CT=24 $(FW_ONE_24)
$(FW_EXT_24) &: $(FW_PARTS)
	@$(MAKE) --no-print-directory FW_B=$(B)/firmware-24 FW_CT=24 $(FW_EXT_24)
$(FW_EXT_12) &: $(FW_PARTS)
	@$(MAKE) --no-print-directory FW_B=$(B)/firmware-12 FW_CT=12 $(FW_EXT_12)
# Load on the RTL: 24 CT with everything in RAM and the analysis block, the same with code in SDRAM and without, 12 CT on UP5K with code in flash.
$(FW_B)/load.json: scripts/fw_load.py scripts/meter_client.py $(B)/sim/pwsim-rtl $(B)/sim/pwsim-rtl-sdram $(B)/sim/pwsim-rtl-min $(FW_EXT_12) $(FW_EXT_24) .venv/.ready
	@$(PY) scripts/fw_load.py --out $@ rv32imc_24ct=$(B)/sim/pwsim-rtl-24=sim/scenarios/panel24.scn=24 rv32imc_24ct_sdram=$(B)/sim/pwsim-rtl-sdram=sim/scenarios/panel24.scn=24 \
	  rv32i_12ct=$(B)/sim/pwsim-rtl-min=sim/scenarios/panel12.scn=12
$(FW_B)/report.json: scripts/fw_report.py $(FW_B)/load.json $(FW_ONE_24) $(FW_EXT_12) $(FW_B)/rv32imc/firmware.elf
	@$(PY) scripts/fw_report.py --load $(FW_B)/load.json --size $(FW_CROSS)size --out $@ rv32imc_24ct:0=$(B)/firmware-24/rv32imc/firmware.elf rv32i_12ct:131064=$(B)/firmware-12/rv32i/firmware-ext.elf rv32imc_54ct:0=$(FW_B)/rv32imc/firmware.elf
endif
.PRECIOUS: $(FW_B)/%.bin $(FW_B)/rv32imc/%.o $(FW_B)/rv32i/%.o $(FW_B)/tests/%.o

# Tests on the PC, with address and undefined-behaviour sanitizers. One file, one program.
FW_T       := $(FW_B)/tests
FW_T_BINS  := $(patsubst tests/firmware/%.c,$(FW_T)/%,$(wildcard tests/firmware/test_*.c))
FW_T_OBJ   := $(patsubst sw/%.c,$(FW_T)/%.o,$(FW_SRC))
FW_T_FLAGS := -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=all $(FW_INC)
$(FW_T)/%.o: sw/%.c $(FW_HDR) $(REGS) $(FW_MASKS)
	@mkdir -p $(@D)
	@$(CC) $(FW_WARN) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all $(FW_INC) -c $< -o $@
$(FW_T)/fake.o: tests/firmware/fake.c $(FW_HDR) $(wildcard tests/firmware/*.h) $(FW_MASKS)
	@mkdir -p $(@D)
	@$(CC) $(FW_T_FLAGS) -c $< -o $@
$(FW_T)/test_%: tests/firmware/test_%.c $(FW_T)/fake.o $(FW_T_OBJ) $(wildcard tests/firmware/*.h)
	@$(CC) $(FW_T_FLAGS) $(if $(FW_T_PART),-I.) $< $(FW_T_PART) $(FW_T)/fake.o $(FW_T_OBJ) -lcmocka -lm -o $@
$(FW_T)/test_clock: FW_T_PART := sim/parts/rtc_part.c
$(FW_T)/test_clock: sim/parts/rtc_part.c sim/parts/rtc_part.h
$(FW_T)/test_fram: FW_T_PART := sim/parts/fram_part.c sim/parts/backing.c
$(FW_T)/test_fram: sim/parts/fram_part.c sim/parts/fram_part.h sim/parts/backing.c sim/parts/backing.h
$(FW_T)/test_flash: FW_T_PART := sim/parts/flash_part.c sim/parts/backing.c
$(FW_T)/test_flash: sim/parts/flash_part.c sim/parts/flash_part.h sim/parts/backing.c sim/parts/backing.h
test-firmware: $(FW_T_BINS) $(FW_B)/map_doc  ## firmware unit tests on the PC
	@pass=0; fail=0; for t in $(FW_T_BINS); do \
	  $$t > $$t.log 2>&1; rc=$$?; \
	  p=$$(grep -c '^\[       OK \]' $$t.log); f=$$(grep '^\[  FAILED  \] [a-z]' $$t.log | sort -u | wc -l); \
	  if [ $$rc -ne 0 ] && [ $$f -eq 0 ]; then f=1; fi; \
	  if [ $$f -ne 0 ]; then echo "$$t:"; grep -v 'OK \]\|RUN  ' $$t.log; fi; \
	  pass=$$((pass + p)); fail=$$((fail + f)); done; \
	if $(FW_B)/map_doc | cmp - docs/modbus.md; then pass=$$((pass + 1)); else echo "docs/modbus.md is stale: make modbus-doc"; fail=$$((fail + 1)); fi; \
	echo "$$pass passed, $$fail failed"; [ $$fail -eq 0 ]
.PHONY: test-firmware

$(FW_B)/map_doc: sw/firmware/doc/map_doc.c sw/firmware/comms/modbus_map.def $(wildcard sw/firmware/comms/map/*.def)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_HOST) -Isw/firmware/comms $< -o $@
modbus-doc: $(FW_B)/map_doc  ## write docs/modbus.md from the register map
	$< > docs/modbus.md
.PHONY: modbus-doc
