# SPDX-License-Identifier: Apache-2.0
# What the CPU sees of the SoC, told on the console as hex words, one a line; tb_soc.cpp knows what they must be. RV32I, or RV32IMC
# with what only that CPU has: 16-bit instructions, products, a data cache.
#include "pw_regs.h"
#define STACK 0x1F00

    .macro say reg
    mv   a0, \reg
    jal  ra, print
    .endm
    .macro get addr
    li   t0, \addr
    lw   a0, 0(t0)
    jal  ra, print
    .endm

    .macro settle                       # time for an interrupt to come
    .rept 16
    nop
    .endr
    .endm

    .globl _start
_start:
    li   sp, STACK
    li   s0, PW_UART_FORMAT_BASE_ADDR(0)
    li   t1, 7
    sw   t1, 0(s0)
    la   t0, trap
    csrw mtvec, t0
    li   t0, 0x800
    csrw mie, t0
    li   t0, 1
    csrw 0xBC0, t0
    csrsi mstatus, 8
    get  PW_SYS_RESET_CAUSE_BASE_ADDR
    li   t0, PW_SYS_RESET_CAUSE_BASE_ADDR
    lw   t0, 0(t0)
    li   t1, 2
    beq  t0, t1, after_soft
    li   t1, 1
    beq  t0, t1, after_wdt

    get  PW_SYS_ID_BASE_ADDR
    get  PW_SYS_SCRATCH_BASE_ADDR(0)
    # bytes and half words of RAM
    la   s1, words
    lb   s2, 3(s1)
    say  s2
    lhu  s2, 2(s1)
    say  s2
    li   t1, 0x5A
    sb   t1, 1(s1)
    li   t1, 0xBEEF
    sh   t1, 2(s1)
    lw   s2, 0(s1)
    say  s2
    # a load and a store from nowhere: interrupt 6, which the handler tells
    li   t0, PW_IRQ_ENABLE_BASE_ADDR
    li   t1, 0x41
    sw   t1, 0(t0)
    li   s2, 0xFFFFFFFF
    li   t0, 0x90000000
    lw   s2, 0(t0)
    settle
    say  s2
    li   t0, 0x80000028
    sw   t0, 0(t0)
    settle
    li   t0, PW_GPIO_OUT_BASE_ADDR
    sb   t0, 0(t0)
    settle
    get  PW_SYS_BUSERR_COUNT_BASE_ADDR
    # a jump to nowhere: illegal instruction there
    la   s3, back1
    li   t0, 0xA0000000
    jr   t0
back1:
    # an illegal instruction, a misaligned load
    la   s3, back2
    .word 0xFFFFFFFF
back2:
    la   s3, back3
    lw   t0, 1(s1)
back3:
#ifdef __riscv_compressed
    # a jump to nowhere where the RAM, did it answer there, would go on with good instructions
    li   t0, PW_IRQ_ENABLE_BASE_ADDR
    li   t1, 0x01
    sw   t1, 0(t0)
    la   s3, back4
    la   t0, good + 4
    li   t1, 0xA0000000
    add  t0, t0, t1
    jr   t0
    .balign 32
good:                                   # a cache line: its words come when the RAM's output is the word before
    .rept 16
    .half 0x0505                        # c.addi a0, 1; bits 1:0 cleared: c.addi4spn
    .endr
back4:
    la   t0, good + 4
    li   t1, 0xA0000000
    add  t0, t0, t1
    sub  s2, s6, t0                     # mepc is the very first one
    say  s2
    # an illegal instruction across two words; mepc is its own
    la   s3, back5
    .option push
    .option norvc
    .balign 4
    nop
    .option pop
    c.nop
across:
    .half 0xFFFF, 0xFFFF
back5:
    la   t0, across
    sub  s2, s6, t0
    say  s2
    # instructions of 32 bits at every half word of a cache line and across its end; 16-bit ones between them
    li   s2, 0
    j    1f
    .balign 32
1:  c.nop
    .rept 20
    .option push
    .option norvc
    addi s2, s2, 0x111
    .option pop
    .endr
    c.addi s2, 5
    .option push
    .option norvc
    xori s2, s2, 0x3C
    .option pop
    say  s2
    # products and quotients, negative ones
    li   s2, -123456789
    li   s4, 54321
    mulh s5, s2, s4
    say  s5
    mul  s5, s2, s4
    say  s5
    div  s5, s2, s4
    say  s5
    rem  s5, s2, s4
    say  s5
    # data cache: what SYS.SCRATCH writes behind it is seen after a flush, and not before
    li   s2, 0x3FF8                     # the same word in RAM
    lw   t0, 0(s2)
    li   t0, PW_SYS_SCRATCH_BASE_ADDR(0)
    li   t1, 0xCAFE
    sw   t1, 0(t0)
    lw   s5, 0(s2)
    say  s5
    .word 0x500F
    lw   s5, 0(s2)
    say  s5
    sw   zero, 0(t0)
    sw   zero, 0(s2)
    # a load from nowhere in cached memory fetches a line: 8 errors; the second time it is in the cache. A store: 1 error
    li   s4, PW_SYS_BUSERR_COUNT_BASE_ADDR
    lw   s7, 0(s4)
    li   t0, 0x10000004
    lw   s2, 0(t0)
    lw   s5, 4(t0)
    or   s2, s2, s5
    say  s2
    li   t0, 0x10001000
    sb   t0, 1(t0)
    lw   s2, 0(s4)
    sub  s2, s2, s7
    say  s2
    get  PW_SYS_BUSERR_ADDR_BASE_ADDR   # of the last one; clears the request
#endif
    # timer interrupt
    li   t0, PW_TIMER_TIME_LO_BASE_ADDR
    lw   t1, 0(t0)
    addi t1, t1, 50
    sw   t1, 8(t0)
    li   t1, 3
    sw   t1, 12(t0)
    li   s4, 0
1:  beqz s4, 1b
    # code written to RAM and run; the front-end; then the first reset
    li   t0, 0x00A00513                 # li a0, 10, in 32 bits
    la   t1, patch
    sw   t0, 0(t1)
    fence.i
    jal  ra, patched
    say  a0
    get  PW_FE_ID_BASE_ADDR
    li   t0, PW_FE_LOCK_BASE_ADDR
    li   t1, 1
    sw   t1, 0(t0)
    li   t0, PW_SYS_SCRATCH_BASE_ADDR(0)
    li   t1, 0x600D0001
    sw   t1, 0(t0)
    li   t0, PW_SYS_RESET_BASE_ADDR
    li   t1, 0x52535421
    sw   t1, 0(t0)
2:  j    2b

after_soft:
    get  PW_SYS_SCRATCH_BASE_ADDR(0)
    get  PW_FE_LOCK_BASE_ADDR
    get  PW_SYS_BUSERR_COUNT_BASE_ADDR
    li   t0, PW_WDT_PERIOD_BASE_ADDR
    li   t1, 2
    sw   t1, 0(t0)
2:  j    2b

after_wdt:
    get  PW_SYS_SCRATCH_BASE_ADDR(0)
    get  PW_FE_LOCK_BASE_ADDR
    li   s2, 0xD09E
    say  s2
2:  j    2b

    .balign 4
patched:
patch:
    .option push
    .option norvc
    li   a0, 1
    .option pop
    ret

# Interrupts: tells cause and, for a bus error, its address; exceptions: cause and mepc, goes on at s3
    .balign 4
trap:
    addi sp, sp, -48
    .set k, 0
    .irp r, ra, t0, t1, t2, t3, t4, t5, t6, a0
    sw   \r, k(sp)
    .set k, k+4
    .endr
    csrr s5, mcause
    csrr s6, mepc
    say  s5
    bltz s5, 3f
    say  s6
    csrw mepc, s3
    j    5f
3:  li   t0, PW_IRQ_PENDING_BASE_ADDR
    lw   t0, 0(t0)
    andi t0, t0, 1
    bnez t0, 4f
    get  PW_SYS_BUSERR_ADDR_BASE_ADDR
    j    5f
4:  li   t0, PW_TIMER_CTRL_BASE_ADDR
    li   t1, 2
    sw   t1, 0(t0)
    li   s4, 1
5:  .set k, 0
    .irp r, ra, t0, t1, t2, t3, t4, t5, t6, a0
    lw   \r, k(sp)
    .set k, k+4
    .endr
    addi sp, sp, 48
    mret

print:                                  # a0 as 8 hex digits and a line feed; uses t1..t6
    li   t6, PW_UART_DATA_BASE_ADDR(0)
    li   t1, 8
1:  srli t2, a0, 28
    slli a0, a0, 4
    li   t3, 10
    addi t4, t2, '0'
    bltu t2, t3, 2f
    addi t4, t2, 'A' - 10
2:  lw   t5, 4(t6)
    andi t5, t5, 1
    beqz t5, 2b
    sw   t4, 0(t6)
    addi t1, t1, -1
    bnez t1, 1b
3:  lw   t5, 4(t6)
    andi t5, t5, 1
    beqz t5, 3b
    li   t4, 10
    sw   t4, 0(t6)
4:  lw   t5, 4(t6)
    andi t5, t5, 2
    bnez t5, 4b
    ret
    .balign 4
words:
    .word 0x81234567
