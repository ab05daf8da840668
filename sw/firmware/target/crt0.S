/* SPDX-License-Identifier: Apache-2.0 */
/* Reset entry at address 0, and the trap entry. The stack is painted so that its depth can be read off later. */
    .section .reset, "ax"        /* not .text.something: a function of that name would share it */
    .globl  _start
_start:
    la      sp, __stack_top
    .option push
    .option norelax             /* else it would be loaded from itself */
    la      gp, __global_pointer$
    .option pop
    la      t0, pw_trap_entry
    csrw    mtvec, t0
    csrw    mie, zero
    la      t0, __bss_start
    la      t1, __bss_end
1:  bgeu    t0, t1, 2f
    sw      zero, 0(t0)
    addi    t0, t0, 4
    j       1b
2:  la      t0, __stack_bottom
    li      t1, 0xC0DEC0DE      /* PW_STACK_PAINT in target.h */
3:  bgeu    t0, sp, 4f
    sw      t1, 0(t0)
    addi    t0, t0, 4
    j       3b
4:  la      a0, __ext_size     /* code in external memory: bring it there first */
    beqz    a0, 6f
    call    pw_ext_load
6:  call    main
5:  j       5b

/* Saves what a C function may change; pw_trap(mcause, mepc, mtval) returns the address to go on at. */
    .section .text
    .balign 4
    .globl  pw_trap_entry
pw_trap_entry:
    addi    sp, sp, -64
    sw      ra, 0(sp)
    sw      t0, 4(sp)
    sw      t1, 8(sp)
    sw      t2, 12(sp)
    sw      a0, 16(sp)
    sw      a1, 20(sp)
    sw      a2, 24(sp)
    sw      a3, 28(sp)
    sw      a4, 32(sp)
    sw      a5, 36(sp)
    sw      a6, 40(sp)
    sw      a7, 44(sp)
    sw      t3, 48(sp)
    sw      t4, 52(sp)
    sw      t5, 56(sp)
    sw      t6, 60(sp)
    csrr    a0, mcause
    csrr    a1, mepc
    csrr    a2, mtval
    call    pw_trap
    csrw    mepc, a0
    lw      ra, 0(sp)
    lw      t0, 4(sp)
    lw      t1, 8(sp)
    lw      t2, 12(sp)
    lw      a0, 16(sp)
    lw      a1, 20(sp)
    lw      a2, 24(sp)
    lw      a3, 28(sp)
    lw      a4, 32(sp)
    lw      a5, 36(sp)
    lw      a6, 40(sp)
    lw      a7, 44(sp)
    lw      t3, 48(sp)
    lw      t4, 52(sp)
    lw      t5, 56(sp)
    lw      t6, 60(sp)
    addi    sp, sp, 64
    mret
