/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware on the soft core: bus access, interrupts, traps, main loop. */
#include <stddef.h>

#include "app.h"
#include "pw_masks.h"
#include "pw_regs.h"

#define STACK_PAINT    0xC0DEC0DEu /* crt0.S */
#define MIE_MEIE       0x800u      /* external interrupt */
#define MSTATUS_MIE    0x8u
#define CAUSE_EXTERNAL 0x8000000Bu
#define CRASH_MARK     0xDEAD0000u /* SCRATCH[0]: mark and cause; SCRATCH[1]: where */
#define ASSERT_CAUSE   0xA5u

extern uint32_t __stack_bottom[], __stack_top[];

static uint64_t uptime(void *ctx)
{
    (void)ctx;
    return pw_uptime_us(NULL);
}

static const struct pw_hal hal = {.uptime_us = uptime}; /* for who holds a pointer to it; all else is direct: hal_direct.h */
static struct pw_app app;

/* Leaves a note for the next start and resets. */
static void __attribute__((noreturn)) crash(uint32_t cause, uint32_t where)
{
    pw_scratch_write(&hal, 0, CRASH_MARK | (cause & 0xFFFFu));
    pw_scratch_write(&hal, 1, where);
    pw_reset(&hal);
    for (;;)
        ;
}

uint32_t pw_trap(uint32_t cause, uint32_t epc, uint32_t tval);
uint32_t pw_trap(uint32_t cause, uint32_t epc, uint32_t tval)
{
    (void)tval;
    if (cause != CAUSE_EXTERNAL)
        crash(cause, epc);
    pw_app_irq(&app);
    return epc;
}

/* picolibc's assert ends here. */
void __assert_func(const char *file, int line, const char *func, const char *expr);
void __assert_func(const char *file, int line, const char *func, const char *expr)
{
    (void)file;
    (void)line;
    (void)func;
    (void)expr;
    crash(ASSERT_CAUSE, (uint32_t)__builtin_return_address(0));
}

static void enable_interrupts(void)
{
    app.by_irq = true;
    pw_irq_enable(&hal, PW_APP_IRQS);
    __asm__ volatile("csrw 0xBC0, %0" ::"r"(1)); /* VexRiscv: mask of externalInterruptArray; line 0 is the SoC's */
    __asm__ volatile("csrs mie, %0" ::"r"(MIE_MEIE));
    __asm__ volatile("csrs mstatus, %0" ::"r"(MSTATUS_MIE));
}

/* A little of the stack each pass: the deepest word that lost its paint. */
static void watch_stack(void)
{
    static uint32_t at; /* words from the bottom */
    for (unsigned i = 0; i < 16; i++, at++) {
        if (__stack_bottom[at] != STACK_PAINT) { /* met at this very function's frame at the latest */
            uint32_t used = (uint32_t)((uintptr_t)__stack_top - (uintptr_t)&__stack_bottom[at]);
            if (used > app.diag.stack_used_b)
                app.diag.stack_used_b = used;
            at = 0;
            return;
        }
    }
    if (__stack_bottom[0] != STACK_PAINT)
        crash(ASSERT_CAUSE, (uint32_t)__stack_bottom);
}

int main(void)
{
    int err = pw_app_init(&app, &hal);
    if (err != PW_OK)
        crash(ASSERT_CAUSE, (uint32_t)err);
    app.diag.stack_size_b = (uint32_t)((uintptr_t)__stack_top - (uintptr_t)__stack_bottom);
    uint32_t note = pw_scratch_read(&hal, 0);
    if ((note & 0xFFFF0000u) == CRASH_MARK) {
        pw_console_event(&app.console, "the firmware had crashed, cause", note & 0xFFFFu);
        pw_console_event(&app.console, "at address", pw_scratch_read(&hal, 1));
        pw_scratch_write(&hal, 0, 0);
    }
    enable_interrupts();
    for (;;) {
        pw_app_poll(&app);
        watch_stack();
    }
}
