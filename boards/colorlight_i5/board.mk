# SPDX-License-Identifier: Apache-2.0
# Colorlight i5 v7.0, ECP5-25F. N_CT=24 at 25 MHz, N_CT=48 and 54 at 50 MHz.
BOARD_SIZES    := 25F
BOARD_CTS      := 24 48 54
BOARD_FAMILY   := ecp5
BOARD_PACKAGE  := CABGA381
BOARD_PINS     := constraints/colorlight_i5.lpf
BOARD_CLK_MHZ  := $(if $(filter 48 54,$(N_CT)),50,25)
BOARD_MOD_DIV  := $(if $(filter 48 54,$(N_CT)),11,5)
# 56 block RAMs: 24 CT 22 of RAM, 21 front-end and CPU, 5 analysis, 7 ring; 48, 54 CT 30 of RAM, 24 front-end and CPU
BOARD_RAM_KIB  := $(if $(filter 48 54,$(N_CT)),60,44)
BOARD_RING     := $(if $(filter 48 54,$(N_CT)),,8)
BOARD_ARCH     := rv32imc
BOARD_BOOT     := bitstream
BOARD_EXT      := 1
BOARD_LD       := small
BOARD_SEED     := 1
BOARD_LOADER   := colorlight-i5
