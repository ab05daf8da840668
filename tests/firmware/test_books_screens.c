/* SPDX-License-Identifier: Apache-2.0 */
/* Billing on the LCD, character by character, and on the console. */
#include "books_world.h"

#include <stdio.h>

#include "uart.h"

static struct pw_lcd lcd;
static struct pw_display d;
static struct pw_uart uart;
static struct pw_console con;

static int setup(void **state)
{
    w_setup(state);
    w.diag.fram_ok = true;
    pw_lcd_init(&lcd, &w.f.hal);
    pw_display_init(&d, &lcd, &w.snap, &w.cfg, &w.diag);
    d.view = &w.view;
    pw_uart_init(&uart, &w.f.hal, 0, 25000000, 115200);
    con = (struct pw_console){.uart = &uart, .snap = &w.snap, .cfg = &w.cfg, .diag = &w.diag, .view = &w.view};
    pw_console_init(&con);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(w.flash);
    w.flash = NULL;
    return 0;
}

/* The four rows of a page, `item` < 0 the first level. */
static void page(enum pw_page_id id, int item, const char *a, const char *b, const char *c, const char *e)
{
    const char *want[] = {a, b, c, e};
    d.page = (uint8_t)id;
    d.inside = item >= 0;
    d.item = (uint8_t)(item < 0 ? 0 : item);
    for (unsigned row = 0; row < 4; row++) {
        char text[PW_LCD_COLS + 1];
        pw_display_line(&d, row, text);
        assert_true(strlen(text) <= PW_LCD_COLS);
        assert_string_equal(text, want[row]);
    }
}

static const char *type(const char *text)
{
    w.f.typed = text;
    w.f.n_out = 0;
    for (unsigned i = 0; i < 20000; i++) {
        pw_uart_service_rx(&uart);
        (void)pw_console_step(&con);
        pw_uart_service_tx(&uart);
    }
    w.f.out[w.f.n_out] = 0;
    return w.f.out;
}

static void says(const char *command, const char *answer)
{
    char want[2000], line[80];
    snprintf(want, sizeof want, "%s\r\n%s%s> ", command, answer, *answer != 0 ? "\r\n" : "");
    snprintf(line, sizeof line, "%s\r", command);
    assert_string_equal(type(line), want);
}

static void registers_demand_tariff(void **state)
{
    (void)state;
    w_set_time(NOON); /* 15 Wh in rate 1, then one more, the other 19 in rate 2 */
    w_seconds(4);
    page(PW_PAGE_REGISTERS, -1, "Registers      216", "Enter: one by one", "Up/down: next page", "Back: overview");
    page(PW_PAGE_REGISTERS, 0, "Point 01 Wh del", "All    000000.035kWh", "R1     000000.016kWh", "R2     000000.019kWh");
    page(PW_PAGE_REGISTERS, 1, "Point 01 Wh del", "R3     000000.000kWh", "R4     000000.000kWh", "");
    page(PW_PAGE_REGISTERS, 2, "Point 01 Wh rec", "All    000000.000kWh", "R1     000000.000kWh", "R2     000000.000kWh");
    page(PW_PAGE_REGISTERS, 8, "Point 02 Wh del", "All    000000.070kWh", "R1     000000.032kWh", "R2     000000.038kWh");
    page(PW_PAGE_REGISTERS, 215, "Point 27 varh Q2", "R3   000000.000kvarh", "R4   000000.000kvarh", ""); /* four quantities of eight fit 255 screens */
    page(PW_PAGE_DEMAND, -1, "Demand          54", "Enter: one by one", "Up/down: next page", "Back: overview");
    page(PW_PAGE_TARIFF, -1, "2026-07-15 12:00:04", "-04:00 Test tariff", "Rate 2 season 1", "to  2026-07-15 18:00");
    w_set_time(NOON + 899); /* 24 windows of 3 Wh in the 15 min from 12:00: 0.288 kW */
    w_seconds(4);
    page(PW_PAGE_DEMAND, 4, "03 kW del blk 15m", "Now       0000.18 kW", "Peak      0000.28 kW", "2026-07-15 12:15 R2");
    page(PW_PAGE_DEMAND, 5, "03 kvar rec sld 15m", "Now     0000.00 kvar", "Peak    0000.00 kvar", "2026-07-15 12:15 R2");
    says("registers 3", "Wh del  0.165000 kWh R1 0.048000 kWh R2 0.117000 kWh R3 0.000000 kWh R4 0.000000 kWh\r\n"
                        "Wh rec  0.000000 kWh R1 0.000000 kWh R2 0.000000 kWh R3 0.000000 kWh R4 0.000000 kWh\r\n"
                        "varh Q1 0.000000 kvarh R1 0.000000 kvarh R2 0.000000 kvarh R3 0.000000 kvarh R4 0.000000 kvarh\r\n"
                        "varh Q2 0.000000 kvarh R1 0.000000 kvarh R2 0.000000 kvarh R3 0.000000 kvarh R4 0.000000 kvarh\r\n"
                        "varh Q3 0.000000 kvarh R1 0.000000 kvarh R2 0.000000 kvarh R3 0.000000 kvarh R4 0.000000 kvarh\r\n"
                        "varh Q4 0.000165 kvarh R1 0.000048 kvarh R2 0.000117 kvarh R3 0.000000 kvarh R4 0.000000 kvarh\r\n"
                        "VAh del 0.000000 kVAh R1 0.000000 kVAh R2 0.000000 kVAh R3 0.000000 kVAh R4 0.000000 kVAh\r\n"
                        "VAh rec 0.000000 kVAh R1 0.000000 kVAh R2 0.000000 kVAh R3 0.000000 kVAh R4 0.000000 kVAh");
    says("registers 28", "? which point? a number from 1 to the number of points");
    says("demand 3", "kW del block 15 min: now 0000.18 kW, interval before 0000.28 kW\r\n"
                     "  peak 0000.28 kW at 2026-07-15 12:15:00 -04:00 R2\r\n  cumulative 0000.00 kW, at the last reset 0000.00 kW\r\n"
                     "kvar rec sliding 3 x 5 min: now 0000.00 kvar, interval before 0000.00 kvar\r\n"
                     "  peak 0000.00 kvar at 2026-07-15 12:15:00 -04:00 R2\r\n  cumulative 0000.00 kvar, at the last reset 0000.00 kvar");
    says("tariff", "2026-07-15 12:15:03 -04:00\r\nschedule 17 Test tariff\r\nrate 2 season 1 day type 1 until 2026-07-15 18:00:00 -04:00");
    w_set_time(NOON + 180u * 86400u); /* winter: 2027-01-11, 16:00 UTC */
    w_seconds(2);
    says("tariff", "2027-01-11 11:00:02 -05:00\r\nschedule 17 Test tariff\r\nrate 1 season 1 day type 1 until 2027-01-11 12:00:00 -05:00");
    page(PW_PAGE_TARIFF, -1, "2027-01-11 11:00:02", "-05:00 Test tariff", "Rate 1 season 1", "to  2027-01-11 12:00");
}

static void logs(void **state)
{
    (void)state;
    page(PW_PAGE_INTERVALS, -1, "Interval", "None yet", "", "Enter: points");
    says("intervals", "");
    w_set_time(NOON);
    w_seconds(4);
    w_set_time(NOON + 899);
    w_seconds(4);
    page(PW_PAGE_INTERVALS, -1, "Interval 5 min SpX", "2026-07-15 12:15:00", "Number 3", "Enter: points");
    page(PW_PAGE_INTERVALS, 2, "Point 3", "2026-07-15 12:15:00", "Del        0.027 kWh", "Rec        0.000 kWh"); /* 9 windows of 3 Wh: the record before it had to be safe first */
    says("intervals", "    3 2026-07-15 12:15:00 -04:00 1 s SpX del 3.402 kWh rec 0.000 kWh var del 0.000 kvarh var rec 0.003 kvarh\r\n"
                      "    2 2026-07-15 12:00:04 -04:00 4 s SpX del 7.560 kWh rec 0.000 kWh var del 0.000 kvarh var rec 0.007 kvarh\r\n"
                      "    1 2026-07-15 11:00:03 -04:00 3 s SpX del 6.048 kWh rec 0.000 kWh var del 0.000 kvarh var rec 0.006 kvarh");
    says("intervals 1", "    3 2026-07-15 12:15:00 -04:00 1 s SpX del 3.402 kWh rec 0.000 kWh var del 0.000 kvarh var rec 0.003 kvarh");
    says("intervals 0", "? how many? a number from 1 to 200");
    page(PW_PAGE_EVENTS, -1, "Events, newest   4", "Enter: one by one", "Up/down: next page", "Back: overview");
    page(PW_PAGE_EVENTS, 0, "Time set           2", "2026-07-15 12:14:59", "o2026-07-15 12:00:04", "n2026-07-15 12:14:59");
    page(PW_PAGE_EVENTS, 3, "Programmed         1", "2026-07-15 11:00:00", "old 0", "new 17 schedule");
    says("changes", "    1 2026-07-15 11:00:00 -04:00 Programmed #1 schedule old 0 new 17");
    pw_books_event(&w.b, PW_EVENT_SAG, 1, 340, 81200);
    pw_books_event(&w.b, PW_EVENT_POWER_UP, 0, NOON - 86400, 61);
    pw_books_event(&w.b, PW_EVENT_POWER_UP, 0, 0, -1);
    pw_books_event(&w.b, PW_EVENT_WIRING, 12, 0x40, 0xBEEF);
    pw_books_event(&w.b, PW_EVENT_REFUSED, PW_GROUP_PROGRAM, 0, PW_ERR_SEALED);
    pw_books_event(&w.b, PW_EVENT_DEMAND_RESET, PW_RESET_KEY, 0, 12);
    pw_books_event(&w.b, PW_EVENT_LOST, 0, 0, 3);
    w_work();
    page(PW_PAGE_EVENTS, 6, "Sag                1", "2026-07-15 12:15:03", "old 340 ms", "new 81200 mV phase B");
    page(PW_PAGE_EVENTS, 5, "Power up           1", "2026-07-15 12:15:03", "o2026-07-14 12:00:00", "new 61 s ");
    page(PW_PAGE_EVENTS, 3, "Wiring             1", "2026-07-15 12:15:03", "old 00000040", "new 0000BEEF input 1");
    says("events 7", "   11 2026-07-15 12:15:03 -04:00 Events lost #1  new 3 events\r\n"
                     "   10 2026-07-15 12:15:03 -04:00 Demand reset #1 key switch new 12\r\n"
                     "    9 2026-07-15 12:15:03 -04:00 Refused #1 program new -7\r\n"
                     "    8 2026-07-15 12:15:03 -04:00 Wiring #1 input 12 old 00000040 new 0000BEEF\r\n"
                     "    7 2026-07-15 12:15:03 -04:00 Power up #2  old unknown new unknown\r\n"
                     "    6 2026-07-15 12:15:03 -04:00 Power up #1  old 2026-07-14 12:00:00 new 61 s\r\n"
                     "    5 2026-07-15 12:15:03 -04:00 Sag #1 phase B old 340 ms new 81200 mV");
    w.clk.state = PW_CLOCK_UNSET;
    pw_books_event(&w.b, PW_EVENT_RESTART, 0, 0, 1);
    w_work();
    says("events 1", "   12 2026-07-15 12:15:03 -04:00? Restart #1  new 1");
    page(PW_PAGE_EVENTS, 0, "Restart            1", "2026-07-15 12:15:03?", "", "new 1 ");
    w.clk.base_s = 100; /* a clock that was never set, west of Greenwich */
    w.clk.base_us = w.f.us;
    pw_books_event(&w.b, PW_EVENT_RESTART, 0, 0, 2);
    w_work();
    says("events 1", "   13 2000-01-01 00:00:00 -05:00? Restart #2  new 2");
}

static void busy_flash_is_waited_for(void **state)
{
    (void)state;
    w.flash->op = 'E';
    w.flash->polls = 1000000;
    page(PW_PAGE_EVENTS, 0, "(busy)", "", "", "");
    assert_string_equal(type("events 1\r"), "events 1\r\n"); /* 20 000 passes: it waits */
    w.flash->op = 0;
    const char *then = type("");
    assert_string_equal(then, "    2 2026-07-15 11:00:00 -04:00 Schedule #1  old 0 new 17\r\n> ");
    w.flash->op = 'E';
    (void)type("events 1\r");
    (void)type("");
    assert_string_equal(type(""), "? the memory does not answer\r\n> "); /* but not for ever */
    w.flash->op = 0;
}

static void seal_and_requests(void **state)
{
    (void)state;
    page(PW_PAGE_SEAL, -1, "SEAL OPEN", "Test mode off", "Demand resets 0", "Changes 1 of 48");
    page(PW_PAGE_SELF_TEST, -1, "FRAM ok", "Flash ok, dead 0", "Clock from chip", "Saved 4 bad 0");
    says("closes", "0 billing periods closed, the next at 2026-08-01 00:00:00 -04:00\r\nnone is stored");
    says("seal", "programming switch open, refused so far 0 attempts, program revision 1\r\nlog of changes: 1 of 48 events");
    says("test", "test mode off");
    says("test maybe", "? test on, or test off");
    says("test on", "done with the next window");
    says("reset demand", "done with the next window");
    says("reset", "? reset demand");
    w_seconds(2);
    says("test", "test mode on, ends in 3598 s");
    says("reset demand", "refused: locked out, or the log of changes is full");
    page(PW_PAGE_SEAL, -1, "SEAL OPEN", "TEST, ends in 3598 s", "Demand resets 1", "Changes 1 of 48");
    page(PW_PAGE_TARIFF, -1, "2026-07-15 11:00:05", "-04:00 Test tariff", "Rate 1 season 1 TEST", "to  2026-07-15 12:00");
    says("test off", "done with the next window");
    w_seconds(2);
    assert_false(w.b.test);
    says("profile", "powerstar24, program revision 1");
    says("profile x", "? one of powerstar24 powerstar12 cp2so cp2soa focus-alf mini-s mini-d ims-s1 ims-s2");
    says("profile cp2so", "done with the next window");
    w_seconds(30);
    says("profile", "cp2so, program revision 2");
    assert_int_equal(pw_books_close(&w.b), PW_OK);
    w_seconds(20);
    says("closes", "1 billing periods closed, the last at 2026-07-15 11:00:37 -04:00, the next at 2026-08-01 00:00:00 -04:00\r\nstored: 1 to 1");
    pw_books_seal(&w.b, false);
    w_seconds(1);
    page(PW_PAGE_SEAL, -1, "Sealed", "Test mode off", "Demand resets 0", "Changes 2 of 48");
    says("test on", "refused: sealed, or not in this way");
    says("profile ims-s1", "refused: sealed, or not in this way");
    w_seconds(1);
    assert_int_equal(w.b.program.profile, PW_PROFILE_CP2SO);
    says("seal", "sealed, refused so far 3 attempts, program revision 2\r\nlog of changes: 2 of 48 events");
    w.b.logs = false; /* no flash in this meter */
    w.b.kept = false;
    page(PW_PAGE_SELF_TEST, -1, "FRAM TOO SMALL", "Flash MISSING", "Clock from chip", "Saved 60 bad 0");
    says("events", "");
    w.b.program.quantities = 1;
    says("registers 1", "Wh del  memory failed");
    page(PW_PAGE_REGISTERS, 0, "Point 01 Wh del", "(memory failed)", "(memory failed)", "(memory failed)");
    w.view.books = NULL; /* a meter that does not bill */
    page(PW_PAGE_SEAL, -1, "", "", "", "");
    says("registers 1", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(registers_demand_tariff, setup, teardown),
        cmocka_unit_test_setup_teardown(logs, setup, teardown),
        cmocka_unit_test_setup_teardown(busy_flash_is_waited_for, setup, teardown),
        cmocka_unit_test_setup_teardown(seal_and_requests, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
