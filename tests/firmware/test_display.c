/* SPDX-License-Identifier: Apache-2.0 */
/* LCD driver, pages character by character, buttons; UART and console. */
#include "t.h"

#include "console.h"
#include "display.h"
#include "fake.h"
#include "panel.h"

static struct fake f;
static struct pw_snapshot snap;
static struct pw_energy energy;
static struct pw_config cfg;
static struct pw_diag diag;
static struct pw_lcd lcd;
static const struct pw_view nothing;
static struct pw_display d;

static void set_energy(unsigned ct, unsigned kind, uint64_t uwh)
{
    energy.ct[ct].acc[kind][2] = (uint32_t)uwh;
    energy.ct[ct].acc[kind][3] = (uint32_t)(uwh >> 32);
}

static int setup(void **state)
{
    (void)state;
    fake_init(&f, 24);
    pw_config_default(&cfg, 24);
    memset(&snap, 0, sizeof snap);
    memset(&energy, 0, sizeof energy);
    snap.registers = &energy;
    snap.seq = 7;
    snap.freq_mhz = 59987;
    snap.freq_valid = true;
    for (unsigned i = 0; i < 3; i++)
        snap.v[i].v_mv = 119950 + 100 * i;
    for (unsigned k = 0; k < 24; k++)
        snap.ct[k].flags = PW_FLAG_CREEP;
    snap.ct[2] = (struct pw_meas_ct){.v_mv = 120049, .i_ma = 200000, .p_mw = -12345600, .q_mvar = 20784000, .pf_e4 = -5000, .angle_cdeg = 12050};
    set_energy(2, PW_WH_DEL, UINT64_C(1234567890999999));
    set_energy(2, PW_WH_REC, 2000000);
    set_energy(2, PW_VARH_Q2, UINT64_C(5000000000));
    diag = (struct pw_diag){.gateware_version = 0x000300, .fs_mhz = 8138021, .load_e4 = 734, .worst_us = 1234, .stack_used_b = 1500,
                            .clients = 2, .modbus_requests = 345, .fram_ok = true, .eth_ok = true, .link = true};
    pw_lcd_init(&lcd, &f.hal);
    pw_display_init(&d, &lcd, &snap, &cfg, &diag);
    d.view = &nothing;
    return 0;
}

/* Draws, lets the driver send, and compares what stands on the glass. */
static void shows(const char *a, const char *b, const char *c, const char *e)
{
    const char *want[] = {a, b, c, e};
    f.us += 300000;
    assert_true(pw_display_step(&d, 0, f.us));
    for (unsigned i = 0; i < 400; i++) {
        f.us += 5000;
        (void)pw_lcd_service(&lcd);
    }
    for (unsigned row = 0; row < 4; row++) {
        char got[21];
        fake_lcd_row(&f, row, got);
        assert_int_equal(strlen(want[row]), 20);
        assert_string_equal(got, want[row]);
    }
}

static void press(unsigned b)
{
    for (unsigned i = 0; i < 3; i++) {
        f.us += 10000;
        (void)pw_display_step(&d, b, f.us);
    }
    for (unsigned i = 0; i < 3; i++) {
        f.us += 10000;
        (void)pw_display_step(&d, 0, f.us);
    }
}

static void all_pages(void **state)
{
    (void)state;
    shows("V 120.0 120.1 120.2V", "59.987 Hz  OK       ", "P       -12.346 kW  ", "Del  1234567.890 kWh");
    press(PW_BTN_DOWN);
    shows("Del  1234567.890 kWh", "Rec        0.002 kWh", "Q+       5.000 kvarh", "Q-       0.000 kvarh");
    press(PW_BTN_DOWN);
    shows("Metering points 24  ", "Enter: one by one   ", "Up/down: next page  ", "Back: overview      ");
    press(PW_BTN_ENTER);
    cfg.ct[3].point = 2;
    press(PW_BTN_DOWN);
    press(PW_BTN_DOWN);
    shows("Point 03 CT 03,04   ", "Del  1234567.890 kWh", "Rec        0.002 kWh", "P       -12.346 kW  ");
    press(PW_BTN_BACK);
    press(PW_BTN_DOWN);
    press(PW_BTN_ENTER);
    press(PW_BTN_UP);
    shows("CT 24 Vc no load    ", "   0.0 V     0.000 A", "   0.000kW PF  0.000", "   0.000kvar    0deg");
    for (unsigned i = 0; i < 3; i++)
        press(PW_BTN_DOWN);
    shows("CT 03 Vc            ", " 120.0 V   200.000 A", " -12.346kW PF -0.500", "  20.784kvar  121deg");
    press(PW_BTN_BACK);
    for (unsigned i = 0; i < PW_N_PAGES && d.page != PW_PAGE_NET; i++) /* features bring pages of their own */
        press(PW_BTN_DOWN);
    shows("IP 192.168.1.60     ", "Mask 255.255.255.0  ", "Port 502 link up    ", "2 clients 345 req   ");
    press(PW_BTN_DOWN);
    shows("CPU load      7.34 %", "Loop max     1234 us", "Stack   1500 bytes  ", "0 bus errors        ");
    press(PW_BTN_DOWN);
    shows("Polywatt 0.3.0      ", "Gateware 0.3.0      ", "SN PW000001         ", "24 CT 8138.0 Hz rate");
    press(PW_BTN_DOWN);
    assert_int_equal(d.page, PW_PAGE_OVERVIEW);
    press(PW_BTN_UP);
    assert_int_equal(d.page, PW_PAGE_VERSION);
    press(PW_BTN_UP);
    assert_int_equal(d.page, PW_PAGE_DIAG);
    press(PW_BTN_BACK);
    assert_int_equal(d.page, PW_PAGE_OVERVIEW);
}

static void overview_states(void **state)
{
    (void)state;
    diag.unsealed = true;
    shows("V 120.0 120.1 120.2V", "59.987 Hz  UNSEALED ", "P       -12.346 kW  ", "Del  1234567.890 kWh");
    diag.energy_mismatches = 1;
    snap.freq_valid = false;
    shows("V 120.0 120.1 120.2V", "59.987 Hz? FAULT    ", "P       -12.346 kW  ", "Del  1234567.890 kWh");
}

static void start_up_sequence_and_economy(void **state)
{
    (void)state;
    assert_false(pw_lcd_service(&lcd)); /* 40 ms after power first */
    shows("V 120.0 120.1 120.2V", "59.987 Hz  OK       ", "P       -12.346 kW  ", "Del  1234567.890 kWh");
    assert_int_equal(f.lcd_nibbles, 4);
    assert_int_equal(f.lcd_on, 1);
    unsigned before = f.lcd_bytes;
    snap.freq_mhz = 59988;
    shows("V 120.0 120.1 120.2V", "59.988 Hz  OK       ", "P       -12.346 kW  ", "Del  1234567.890 kWh");
    assert_int_equal(f.lcd_bytes - before, 2); /* an address and one character */
}

static void buttons_are_debounced_and_repeat(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++) { /* 10 ms of bouncing is not a press */
        f.us += 10000;
        (void)pw_display_step(&d, i & 1 ? PW_BTN_DOWN : 0, f.us);
    }
    assert_int_equal(d.page, 0);
    for (unsigned i = 0; i < 100; i++) { /* held for 1 s: at once, then after 0.6 s each 0.15 s */
        f.us += 10000;
        (void)pw_display_step(&d, PW_BTN_DOWN, f.us);
    }
    assert_int_equal(d.page, 1 + 3);
}

static struct pw_uart uart;
static struct pw_console con;
static struct pw_sched sched;
static unsigned reboots;

static void reboot(void *ctx)
{
    (void)ctx;
    reboots++;
}

static const char *type(const char *text)
{
    f.typed = text;
    f.n_out = 0;
    for (unsigned i = 0; i < 20000; i++) {
        pw_uart_service_rx(&uart);
        (void)pw_console_step(&con);
        pw_uart_service_tx(&uart);
    }
    f.out[f.n_out] = 0;
    return f.out;
}

static int con_setup(void **state)
{
    setup(state);
    pw_uart_init(&uart, &f.hal, 0, 25000000, 115200);
    pw_sched_init(&sched, &f.hal, NULL, NULL, 0);
    con = (struct pw_console){.uart = &uart, .snap = &snap, .cfg = &cfg, .diag = &diag, .sched = &sched, .view = &nothing, .reboot = reboot};
    pw_console_init(&con);
    return 0;
}

static void console_answers(void **state)
{
    (void)state;
    assert_string_equal(type("volts\r"),
                        "volts\r\nwindow 7 samples 0 frequency 59.987 Hz\r\nVa  119.950 V    0.00 deg flags 0\r\n"
                        "Vb  120.050 V    0.00 deg flags 0\r\nVc  120.150 V    0.00 deg flags 0\r\n> ");
    assert_non_null(strstr(type("ct 3\r\n"), "3  120.049 V  200.000 A  -12345.6 W   20784.0 var PF -0.5000 flags 0\r\n"
                                             "delivered 1234567890.999999 Wh received 2.000000 Wh\r\n"));
    const char *p = type("points\n");
    assert_non_null(strstr(p, " 24 ") ? strstr(p, "sum   -12345.6 W  1234567.890999 kWh del        0.002000 kWh rec\r\n> ") : NULL);
    assert_non_null(strstr(type("cts\r"), "24    0.000 V"));
    assert_non_null(strstr(type("help\r"), "reboot    restart the firmware"));
    assert_string_equal(type("ct 25\r"), "ct 25\r\n? which CT? a number from 1 to the number of CTs\r\n> ");
    assert_string_equal(type("ct 4294967297\r"), "ct 4294967297\r\n? which CT? a number from 1 to the number of CTs\r\n> ");
    assert_string_equal(type("info now\r"), "info now\r\n? this command takes no argument\r\n> ");
    assert_string_equal(type("xyz\r"), "xyz\r\n? unknown command; try help\r\n> ");
    assert_string_equal(type("x\x7Fx\b\r"), "x\b \bx\b \b\r\n> ");
    assert_int_equal(reboots, 0);
    assert_non_null(strstr(type("cts\rreboot\r"), "24    0.000 V"));
    assert_non_null(strstr(f.out, "rebooting\r\n> ")); /* not before all is said */
    assert_int_equal(reboots, 1);
}

static void console_survives_noise_and_a_jammed_port(void **state)
{
    (void)state;
    static char junk[5001];
    uint64_t s = 3;
    for (unsigned i = 0; i < 5000; i++)
        junk[i] = (char)(1 + rnd(&s) % 255);
    (void)type(junk);
    (void)type("\r");
    assert_non_null(strstr(type("volts\r"), "59.987 Hz"));
    for (unsigned i = 0; i < 100; i++)
        pw_console_event(&con, "event", i); /* nothing is sent meanwhile: what does not fit is dropped */
    assert_true(pw_uart_free(&uart) < 80);
    const char *out = type("");
    assert_non_null(strstr(out, "! event 0\r\n! event 1\r\n"));
    assert_null(strstr(out, "! event 99"));
}

static void uart_counts_what_is_lost(void **state)
{
    (void)state;
    static char many[301];
    memset(many, 'a', 300);
    f.typed = many;
    for (unsigned i = 0; i < 200; i++)
        pw_uart_service_rx(&uart);
    assert_int_equal(uart.lost, 300 - PW_UART_RX_B);
    f.uart_status = 8; /* overrun */
    pw_uart_service_rx(&uart);
    assert_int_equal(uart.lost, 301 - PW_UART_RX_B);
    assert_int_equal(f.uart_status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_pages, setup),
        cmocka_unit_test_setup(overview_states, setup),
        cmocka_unit_test_setup(start_up_sequence_and_economy, setup),
        cmocka_unit_test_setup(buttons_are_debounced_and_repeat, setup),
        cmocka_unit_test_setup(console_answers, con_setup),
        cmocka_unit_test_setup(console_survives_noise_and_a_jammed_port, con_setup),
        cmocka_unit_test_setup(uart_counts_what_is_lost, con_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
