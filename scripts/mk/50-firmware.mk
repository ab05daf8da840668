# Firmware for the soft core (rv32im: VexRiscv Lite, rv32i: Min), its tests on the PC, its Modbus register list.
FW_B       := $(B)/firmware
FW_CROSS   ?= riscv64-unknown-elf-
FW_ARCHS   := rv32im rv32i
FW_RAM     ?= 131072
FW_STACK   ?= 4096
FW_DIRS    := app comms console display drivers metrology registers sched
FW_SRC     := $(wildcard sw/lib/*.c) $(foreach d,$(FW_DIRS),$(wildcard sw/firmware/$(d)/*.c))
FW_TARGET  := sw/firmware/target/main.c sw/firmware/target/crt0.S
FW_HDR     := $(wildcard sw/lib/*.h sw/firmware/*/*.h sw/firmware/*/*.def)
# The generated field header also holds a struct of the whole address space, too large for a 32-bit compiler: only its masks here.
FW_MASKS   := $(FW_B)/gen/pw_masks.h
FW_INC     := -I$(FW_B)/gen -Isw/lib $(addprefix -Isw/firmware/,$(FW_DIRS)) -I$(B)/gen
FW_WARN    := -std=c11 -Wall -Wextra -Werror -Wconversion -Wshadow -Wstrict-prototypes -Wvla
FW_FLAGS   := $(FW_WARN) -Os -g -mabi=ilp32 --specs=picolibc.specs -ffunction-sections -fdata-sections -fno-common -ffreestanding \
              -fno-builtin-printf -fstack-usage
FW_LD      := -nostartfiles -static -Wl,--gc-sections -Wl,--no-warn-rwx-segments -Wl,--defsym=RAM_SIZE=$(FW_RAM) -Wl,--defsym=STACK_SIZE=$(FW_STACK)

firmware: $(FW_B)/report.json  ## build the firmware (rv32im, rv32i): elf, bin, hex, size report
.PHONY: firmware

$(FW_MASKS): $(REGS)
	@mkdir -p $(@D)
	{ echo '/* Masks of build/gen/pw_masks.h */'; echo '#pragma once'; sed -n '/^#define PW_.*__/p' $(B)/gen/pw_masks.h; } > $@

define FW_ARCH
$(FW_B)/$(1)/%.o: sw/%.c $(FW_HDR) $(REGS) $(FW_MASKS) scripts/mk/50-firmware.mk
	@mkdir -p $$(@D)
	$(FW_CROSS)gcc -march=$(1)_zicsr $(FW_FLAGS) $(FW_INC) -c $$< -o $$@
$(FW_B)/$(1)/%.o: sw/%.S
	@mkdir -p $$(@D)
	$(FW_CROSS)gcc -march=$(1)_zicsr -mabi=ilp32 -c $$< -o $$@
$(FW_B)/$(1)/firmware.elf: $(patsubst sw/%,$(FW_B)/$(1)/%.o,$(basename $(FW_SRC) $(FW_TARGET))) sw/firmware/target/firmware.ld
	$(FW_CROSS)gcc -march=$(1) -mabi=ilp32 --specs=picolibc.specs $(FW_LD) -T sw/firmware/target/firmware.ld -Wl,-Map=$$(@D)/firmware.map -o $$@ $$(filter %.o,$$^)
endef
$(foreach a,$(FW_ARCHS),$(eval $(call FW_ARCH,$(a))))

$(FW_B)/%.bin: $(FW_B)/%.elf
	$(FW_CROSS)objcopy -O binary $< $@
$(FW_B)/%.hex: $(FW_B)/%.bin scripts/bin2hex.py
	$(PY) scripts/bin2hex.py $< $@
$(FW_B)/report.json: scripts/fw_report.py $(foreach a,$(FW_ARCHS),$(FW_B)/$(a)/firmware.elf $(FW_B)/$(a)/firmware.hex)
	$(PY) scripts/fw_report.py --size $(FW_CROSS)size --out $@ $(foreach a,$(FW_ARCHS),$(a)=$(FW_B)/$(a)/firmware.elf)
.PRECIOUS: $(FW_B)/%.bin
