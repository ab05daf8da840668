# SPDX-License-Identifier: Apache-2.0
# iCEBreaker v1.0, iCE40 UP5K. One size.
BOARD_SIZES    := up5k
BOARD_FAMILY   := ice40
BOARD_PACKAGE  := sg48
BOARD_PINS     := constraints/icebreaker.pcf
BOARD_CLK_MHZ  := 21
BOARD_N_CT     := 12
BOARD_MOD_DIV  := 4
BOARD_RAM_KIB  := 128
BOARD_ARCH     := rv32i
BOARD_BOOT     := flash
BOARD_EXT      := 1
# 1: 22.77 MHz, below the 10 % asked; 2: 23.77 MHz
BOARD_SEED     := 2
BOARD_LOADER   := ice40_generic
