# SPDX-License-Identifier: Apache-2.0
# pw_boot - fills the RAM from SPI flash and jumps to it. Runs from ROM (pw_boot.v) where the RAM has no contents after
# configuration; scripts/synth_bootrom.py makes build/gen/pw_boot.hex of it, 96 words at most. RV32I, no stack.
# Flash at 0x20000: "PWFW", length in bytes (1..RAM size - 1), CRC-32 (IEEE 802.3) of the image, image; little endian.
# A bad image: the status LED flashes (2: magic or length, 3: CRC), a pause, then again from the start.
#include "pw_regs.h"
#define BASE 0x80000800                         /* in s0: all registers are within +-2 KiB */
#define SPI_DATA   (PW_SPI_DATA_BASE_ADDR(0) - BASE)
#define SPI_CTRL   (PW_SPI_CTRL_BASE_ADDR(0) - BASE)
#define SPI_STATUS (PW_SPI_STATUS_BASE_ADDR(0) - BASE)
#define RESET_CAUSE (PW_SYS_RESET_CAUSE_BASE_ADDR - BASE)
#define SCRATCH    (PW_SYS_SCRATCH_BASE_ADDR(0) - BASE)
#define GPIO_OUT   (PW_GPIO_OUT_BASE_ADDR - BASE)
#ifndef RAM_LOG2
#error "RAM_LOG2: log2 of the size of the RAM in bytes"
#endif
#ifndef DELAY
#define DELAY 0x40000                           /* rounds of 7 clk or so: about 0.1 s */
#endif

start:
    li   s0, BASE
    li   a5, 0xEDB88320
    lw   t1, RESET_CAUSE(s0)
    bnez t1, again
    sw   zero, SCRATCH(s0)              # SCRATCH lives in the RAM: 0 at power-on, kept otherwise
    sw   zero, SCRATCH+4(s0)
again:
    li   s6, 1                          # chip select, one byte a transfer
    sw   s6, SPI_CTRL(s0)
    li   a0, 0xAB                       # iCE40 configuration leaves the flash in power-down
    jal  ra, xfer
    sw   zero, SPI_CTRL(s0)
    jal  ra, delay
    li   a0, 0x31                       # the command as one transfer of 4 bytes
    sw   a0, SPI_CTRL(s0)
    li   a0, 0x03020000                 # read at 0x020000
    jal  ra, xfer
    sw   s6, SPI_CTRL(s0)

    li   s5, 2                          # number of flashes if this fails
    li   s1, 12                         # the header to address 0, where its words can be read
    jal  t0, copy
    lw   a3, 0(zero)
    lw   s1, 4(zero)
    lw   s2, 8(zero)
    li   t2, 0x57465750                 # "PWFW"
    bne  a3, t2, bad
    srli a3, s1, RAM_LOG2
    bnez a3, bad
    li   s5, 3
    jal  t0, copy
    not  s4, s4
    bne  s4, s2, bad
    sw   zero, SPI_CTRL(s0)
    jr   zero                           # address 0: the image; the ROM disappears

copy:                                   # t0 = return; s1 bytes to address 0, their CRC (not yet inverted) to s4
    li   s3, 0
    li   s4, -1
1:  jal  ra, xfer                       # one byte; what is sent does not matter
    sb   a0, 0(s3)
    xor  s4, s4, a0
    li   a2, 8
2:  andi t1, s4, 1
    srli s4, s4, 1
    beqz t1, 3f
    xor  s4, s4, a5
3:  addi a2, a2, -1
    bnez a2, 2b
    addi s3, s3, 1
    bltu s3, s1, 1b
    jr   t0

bad:                                    # the chip select stays on until the wake-up command, lost in it, of the next try
4:  sw   s6, GPIO_OUT(s0)
    jal  ra, delay
    sw   zero, GPIO_OUT(s0)
    jal  ra, delay
    addi s5, s5, -1
    bnez s5, 4b
    jal  ra, delay                      # with the one above a pause
    j    again

xfer:
    sw   a0, SPI_DATA(s0)
5:  lw   t1, SPI_STATUS(s0)
    bnez t1, 5b
    lw   a0, SPI_DATA(s0)
    ret

delay:
    li   t1, DELAY
6:  addi t1, t1, -1
    bnez t1, 6b
    ret
