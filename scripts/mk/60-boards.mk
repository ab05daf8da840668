# SPDX-License-Identifier: Apache-2.0
# Boards: make synth BOARD=icebreaker|ulx3s|hx8k|colorlight_i5 [SIZE=12F|85F] [N_CT=24|48|54], make program BOARD=...
BOARD  ?= ulx3s
BOARDS := $(notdir $(patsubst %/board.mk,%,$(wildcard boards/*/board.mk)))
-include boards/$(BOARD)/board.mk
BOARD_CTS  ?= $(BOARD_N_CT)
SIZE   ?= $(firstword $(BOARD_SIZES))
N_CT   ?= $(firstword $(BOARD_CTS))
BOARD_OUT := $(B)/synth/$(BOARD)
# Firmware for as many CTs as the board has, split if the board has an SDRAM for code (BOARD_EXT); FIRMWARE=none: the gateware alone, for its figures
BOARD_FW_B := $(B)/firmware-$(N_CT)$(if $(filter small,$(BOARD_LD)),-small)
BOARD_FW  := $(if $(filter none,$(BOARD_ARCH) $(FIRMWARE)),,$(BOARD_FW_B)/$(BOARD_ARCH)/firmware$(if $(filter 1,$(BOARD_EXT)),-ext))
BOARD_FW_EXT := $(if $(filter %-ext,$(BOARD_FW)),$(BOARD_FW:%-ext=%.ext))
BOARD_CPU := $(B)/gen/pw_cpu_$(if $(filter ice40,$(BOARD_FAMILY)),min,imac).v
BOARD_RTL ?= boards/$(BOARD)/top.v $(BOARD_CPU) $(wildcard rtl/soc/*.v rtl/periph/*.v rtl/frontend/*.v rtl/analysis/*.v)

board-check:
ifeq ($(filter $(BOARD),$(BOARDS)),)
	@echo "synth: unknown BOARD '$(BOARD)', known: $(BOARDS)" >&2; exit 2
else ifeq ($(filter $(SIZE),$(BOARD_SIZES)),)
	@echo "synth: unknown SIZE '$(SIZE)' for $(BOARD), known: $(BOARD_SIZES)" >&2; exit 2
else ifeq ($(filter $(N_CT),$(BOARD_CTS)),)
	@echo "synth: N_CT '$(N_CT)' is not for $(BOARD), known: $(BOARD_CTS)" >&2; exit 2
endif

$(B)/gen/pw_boot.hex: rtl/soc/pw_boot.S scripts/synth_bootrom.py $(REGS)
	$(PY) scripts/synth_bootrom.py 128 $(B)/gen $@
$(B)/gen/pw_cpu_min.v: CPU_SRC := VexRiscv_Min.v
$(B)/gen/pw_cpu_imac.v: CPU_SRC := VexRiscv_IMAC.v
$(B)/gen/pw_cpu_min.v $(B)/gen/pw_cpu_imac.v: scripts/synth_cpu.py | .venv/.ready
	@mkdir -p $(@D)
	@$(PY) $< $(CPU_DIR)/$(CPU_SRC) $@

synth: board-check  ## bitstream with firmware: BOARD=icebreaker|ulx3s|hx8k|colorlight_i5 [SIZE=12F|85F] [N_CT=24|48|54] [FIRMWARE=none]
	@$(if $(BOARD_FW),$(MAKE) --no-print-directory FW_B=$(BOARD_FW_B) FW_CT=$(N_CT) $(if $(BOARD_LD),FW_EXT=$(BOARD_LD)) $(addprefix $(BOARD_FW),.elf .bin .hex) $(BOARD_FW_EXT))
	@$(MAKE) --no-print-directory synth-run BOARD=$(BOARD) SIZE=$(SIZE) N_CT=$(N_CT) FIRMWARE=$(FIRMWARE)
synth-run: $(REGS) $(DEC_GEN) $(ANA_GEN) $(if $(filter none,$(BOARD_ARCH)),,$(B)/gen/pw_boot.hex $(BOARD_CPU))
	@$(PY) scripts/synth.py --board $(BOARD) --size $(SIZE) --family $(BOARD_FAMILY) --package $(BOARD_PACKAGE) --pins $(BOARD_PINS) \
	  --arch $(BOARD_ARCH) --boot $(BOARD_BOOT) --clk-mhz $(BOARD_CLK_MHZ) --n-ct $(N_CT) $(if $(word 2,$(BOARD_CTS)),--cts $(BOARD_CTS)) --mod-div $(BOARD_MOD_DIV) \
	  --ram-kib $(BOARD_RAM_KIB) $(if $(BOARD_RING),--ring-log2 $(BOARD_RING)) --seed $(BOARD_SEED) --rtl $(BOARD_RTL) $(if $(BOARD_FW),--firmware $(BOARD_FW).bin) $(if $(BOARD_FW_EXT),--ext $(BOARD_FW_EXT))

lint-boards: $(REGS) $(DEC_GEN) $(ANA_GEN) $(B)/gen/pw_cpu_imac.v  ## lint of the colorlight_i5 board, 24, 48 and 54 CT (others: lint-rtl, lint-afe)
	@for n in 24 48 54; do verilator --lint-only -Wall -I$(B)/gen -Irtl/frontend tests/lint/verilator.vlt tests/rtl/soc/cells.v $(wildcard rtl/soc/*.v rtl/periph/*.v rtl/frontend/*.v rtl/analysis/*.v) \
	  $(B)/gen/pw_cpu_imac.v boards/colorlight_i5/top.v --top-module top -GN_CT=$$n || exit 1; done

OPENFPGALOADER := $(firstword $(shell command -v openFPGALoader) .venv/bin/openfpgaloader-cli)
BOARD_IMAGE = $(if $(filter flash,$(BOARD_BOOT))$(filter 1,$(BOARD_EXT)),flash.bin,$(if $(filter ice40,$(BOARD_FAMILY)),top.bin,top.bit))
program: board-check  ## write the board's image to its flash: BOARD=...
	@test -f $(BOARD_OUT)/$(BOARD_IMAGE) || { echo "program: no $(BOARD_OUT)/$(BOARD_IMAGE): run make synth BOARD=$(BOARD) first" >&2; exit 1; }
	$(OPENFPGALOADER) -b $(BOARD_LOADER) -f $(BOARD_OUT)/$(BOARD_IMAGE)
.PHONY: lint-boards board-check synth synth-run program
