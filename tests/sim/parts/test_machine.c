/* SPDX-License-Identifier: Apache-2.0 */
/* Register models of the model tier, through the HAL as firmware uses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "build/gen/pw_masks.h"
#include "build/gen/pw_regs.h"
#include "sim/machine/machine.h"

static struct pw_board board;
static struct pw_machine m;
static unsigned n_frames;

static void bits8(void *ctx, uint8_t bytes[])
{
    (void)ctx;
    memset(bytes, 0xAA, 27);
}
static void frame(void *ctx)
{
    (void)ctx;
    n_frames++;
}
static uint32_t rd(uint32_t a) { return m.hal.read32(m.hal.ctx, a); }
static void wr(uint32_t a, uint32_t v) { m.hal.write32(m.hal.ctx, a, v); }

static int setup(void **state)
{
    (void)state;
    char err[200];
    struct pw_board_opts o = { .modbus_port = 0, .chip_port = 502 };
    assert_int_equal(pw_board_open(&board, &o, err, sizeof err), 0);
    pw_machine_init(&m, &board, 24, 5, 25);
    m.bits8 = bits8;
    m.frame = frame;
    n_frames = 0;
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    pw_board_close(&board);
    return 0;
}

static void identity(void **state)
{
    (void)state;
    assert_int_equal(rd(PW_SYS_ID_BASE_ADDR), 0x50574154);
    assert_int_equal(rd(PW_SYS_VERSION_BASE_ADDR), 0x000300);
    assert_int_equal(rd(PW_SYS_CLOCK_BASE_ADDR), 25000000);
    assert_int_equal(rd(PW_SYS_CAPS_BASE_ADDR), 256u << 20 | PW_SYS__CAPS__ANALYSIS_bm | 24 << 8 | 11 << 4 | 4);
    assert_int_equal(rd(PW_FE_ID_BASE_ADDR), 0x50574645);
    wr(PW_SYS_SCRATCH_BASE_ADDR(1), 77);
    pw_machine_reset_cpu(&m);
    assert_int_equal(rd(PW_SYS_SCRATCH_BASE_ADDR(1)), 77);
}

static void bus_errors(void **state)
{
    (void)state;
    static const uint32_t bad[] = { 0x00000000, 0x0001FFFC, 0x7FFFFFFC, 0x80000028, 0x800000FC, 0x80000E00, 0x80000F00, 0x80001030, 0x80001FFC,
                                    0x80004000, 0xFFFFFFFC, PW_UART_BASE_ADDR(0) + 12 };
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(rd(bad[i]), 0);
        assert_int_equal(m.buserr_count, 2 * i + 1);
        wr(bad[i], 1);
        assert_int_equal(rd(PW_SYS_BUSERR_COUNT_BASE_ADDR), 2 * i + 2);
        assert_int_equal(rd(PW_SYS_BUSERR_ADDR_BASE_ADDR), bad[i]);
    }
}

static void time_passes(void **state)
{
    (void)state;
    uint64_t t0 = m.hal.uptime_us(m.hal.ctx);
    while (m.hal.uptime_us(m.hal.ctx) < t0 + 20000) { }          /* a driver that waits: the front-end goes on meanwhile */
    /* 20 ms at 5 MHz / 512, less what the gateware clears its memories for (8 modulator clocks each) and the settling */
    unsigned frames = (100000 - 8 * PW_MACHINE_FE_CLEAR) / 512 - PW_DEC_SETTLE_SETS;
    assert_in_range(n_frames, frames - 2, frames + 2);
    assert_int_equal(board.now_ns, m.clk * 40);
}

static void compare_interrupt(void **state)
{
    (void)state;
    wr(PW_TIMER_COMPARE_BASE_ADDR, rd(PW_TIMER_TIME_LO_BASE_ADDR) + 20);
    wr(PW_TIMER_CTRL_BASE_ADDR, 1);
    assert_int_equal(rd(PW_TIMER_CTRL_BASE_ADDR), 1);
    for (unsigned i = 0; i < 60; i++) (void)rd(PW_TIMER_TIME_LO_BASE_ADDR);
    assert_int_equal(rd(PW_TIMER_CTRL_BASE_ADDR), 3);
    assert_int_equal(rd(PW_IRQ_PENDING_BASE_ADDR) & 1, 1);
    wr(PW_TIMER_CTRL_BASE_ADDR, 3);
    assert_int_equal(rd(PW_TIMER_CTRL_BASE_ADDR), 1);
}

static void watchdog(void **state)
{
    (void)state;
    wr(PW_WDT_PERIOD_BASE_ADDR, 2);
    wr(PW_WDT_PERIOD_BASE_ADDR, 0);                              /* cannot be turned off */
    for (unsigned i = 0; i < 5; i++) {
        pw_machine_run_to(&m, m.clk + 1500 * 25);
        wr(PW_WDT_KICK_BASE_ADDR, 0x57);
    }
    assert_false(m.reset_request);
    pw_machine_run_to(&m, m.clk + 1500 * 25);
    wr(PW_WDT_KICK_BASE_ADDR, 0x58);
    pw_machine_run_to(&m, m.clk + 1500 * 25);
    assert_true(m.reset_request);
    pw_machine_reset_cpu(&m);
    assert_int_equal(rd(PW_SYS_RESET_CAUSE_BASE_ADDR), 1);
    wr(PW_SYS_RESET_BASE_ADDR, 1);
    assert_false(m.reset_request);
    wr(PW_SYS_RESET_BASE_ADDR, 0x52535421);
    assert_true(m.reset_request);
}

static void spi_bus(void **state)
{
    (void)state;
    board.fram.mem[0x1234] = 0xAB;
    board.fram.mem[0x1235] = 0xCD;
    wr(PW_SPI_CTRL_BASE_ADDR(1), 1 | 3 << 4 | 1 << 8);           /* FRAM, 4 bytes */
    wr(PW_SPI_DATA_BASE_ADDR(1), 0x03001234);
    assert_int_equal(rd(PW_SPI_STATUS_BASE_ADDR(1)), 1);         /* 32 bits at 6.25 MHz: 128 clocks */
    wr(PW_SPI_CTRL_BASE_ADDR(1), 0);                             /* ignored while busy */
    while (rd(PW_SPI_STATUS_BASE_ADDR(1))) { }
    wr(PW_SPI_CTRL_BASE_ADDR(1), 1 | 1 << 4 | 1 << 8);
    wr(PW_SPI_DATA_BASE_ADDR(1), 0);
    while (rd(PW_SPI_STATUS_BASE_ADDR(1))) { }
    assert_int_equal(rd(PW_SPI_DATA_BASE_ADDR(1)) & 0xFFFF, 0xABCD);
    wr(PW_SPI_CTRL_BASE_ADDR(1), 0);
}

static void uart_takes_its_time(void **state)
{
    (void)state;
    uint32_t s = PW_UART_STATUS_BASE_ADDR(0);
    assert_int_equal(rd(s), PW_UART__STATUS__TX_READY_bm);
    wr(PW_UART_DATA_BASE_ADDR(0), 'a');
    wr(PW_UART_DATA_BASE_ADDR(0), 'b');
    assert_int_equal(rd(s), PW_UART__STATUS__TX_BUSY_bm);        /* one goes out, one waits */
    wr(PW_UART_DATA_BASE_ADDR(0), 'x');                          /* lost */
    uint64_t t = m.clk;
    while (!(rd(s) & PW_UART__STATUS__TX_READY_bm)) { }
    wr(PW_UART_DATA_BASE_ADDR(0), 'c');
    while (rd(s) & PW_UART__STATUS__TX_BUSY_bm) { }
    assert_in_range(m.clk - t, 3 * 2170 - 60, 3 * 2170 + 60);    /* three bytes of ten bits of 217 clocks */
    uint8_t got[3];
    assert_int_equal(pw_uart_pty_tail(&board.uart[0], got, 3), 3);
    assert_memory_equal(got, "abc", 3);
}

static void pulses_queue(void **state)
{
    (void)state;
    wr(PW_PULSE_WIDTH_BASE_ADDR, 1);
    for (unsigned i = 0; i < 3; i++) m.fe.pulse(m.fe.pulse_ctx, 5);
    assert_int_equal(board.pulses[5], 1);
    assert_int_equal(rd(PW_PULSE_STATE_BASE_ADDR), 1 << 5);
    uint64_t unit = 8192 * 25;
    pw_machine_run_to(&m, m.clk + 2 * unit);
    assert_int_equal(rd(PW_PULSE_STATE_BASE_ADDR), 0);           /* on for 2 units, off for 2 */
    pw_machine_run_to(&m, m.clk + 2 * unit);
    assert_int_equal(rd(PW_PULSE_STATE_BASE_ADDR), 1 << 5);
    assert_int_equal(board.pulses[5], 2);
    pw_machine_run_to(&m, m.clk + 9 * unit);
    assert_int_equal(board.pulses[5], 3);
    assert_int_equal(rd(PW_PULSE_STATE_BASE_ADDR), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(identity, setup, teardown), cmocka_unit_test_setup_teardown(bus_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(time_passes, setup, teardown), cmocka_unit_test_setup_teardown(compare_interrupt, setup, teardown),
        cmocka_unit_test_setup_teardown(watchdog, setup, teardown), cmocka_unit_test_setup_teardown(spi_bus, setup, teardown),
        cmocka_unit_test_setup_teardown(uart_takes_its_time, setup, teardown), cmocka_unit_test_setup_teardown(pulses_queue, setup, teardown) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
