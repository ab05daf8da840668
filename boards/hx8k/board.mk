# SPDX-License-Identifier: Apache-2.0
# iCE40-HX8K-B-EVN: 24-channel front-end without a CPU. One size.
BOARD_SIZES    := hx8k
BOARD_FAMILY   := ice40
BOARD_PACKAGE  := ct256
BOARD_PINS     := constraints/hx8k.pcf
BOARD_CLK_MHZ  := 24
BOARD_N_CT     := 24
BOARD_MOD_DIV  := 5
BOARD_RAM_KIB  := 0
BOARD_ARCH     := none
BOARD_BOOT     := none
BOARD_SEED     := 1
BOARD_LOADER   := ice40_generic
BOARD_RTL      := boards/hx8k/top.v $(wildcard rtl/afe/*.v rtl/frontend/*.v) rtl/periph/pw_pulse.v
