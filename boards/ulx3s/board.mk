# SPDX-License-Identifier: Apache-2.0
# ULX3S, ECP5. 12F is the default: its 56 block RAMs leave room for data and what runs often; all other code is in the SDRAM.
BOARD_SIZES    := 12F 85F
BOARD_FAMILY   := ecp5
BOARD_PACKAGE  := CABGA381
BOARD_PINS     := constraints/ulx3s.lpf
BOARD_CLK_MHZ  := 25
BOARD_N_CT     := 24
BOARD_MOD_DIV  := 5
BOARD_RAM_KIB  := $(if $(filter 85F,$(SIZE)),192,68)
# log2 of the frames in the waveform ring; empty: no analysis block
BOARD_RING     := $(if $(filter 85F,$(SIZE)),11)
BOARD_EXT      := $(if $(filter 85F,$(SIZE)),,1)
BOARD_ARCH     := rv32imc
BOARD_BOOT     := bitstream
BOARD_SEED     := 1
BOARD_LOADER   := ulx3s
