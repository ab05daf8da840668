/* SPDX-License-Identifier: Apache-2.0 */
/* The display list: its times, each item character by character from real books, buttons, key switch, test mode, seal. */
#include "t.h"

#include "books.h"
#include "display.h"
#include "fake.h"
#include "panel.h"
#include "program_random.h"
#include "service.h"
#include "text.h"

static struct fake f;
static struct pw_snapshot snap;
static struct pw_config cfg;
static struct pw_diag diag;
static struct pw_lcd lcd;
static struct pw_display d;
static struct pw_spi spi;
static struct pw_fram fram;
static struct pw_clock chip;
static struct pw_energy energy;
static struct pw_points points;
static struct pw_books books;
static struct pw_service_watch service;
static struct pw_view view;
static unsigned buttons;
static uint64_t uwh_a_window; /* what point 0 takes */
static unsigned tick;

static void add(struct pw_u96 *e, uint64_t uwh)
{
    uint64_t v = pw_u96_uwh(e) + uwh;
    e->w[1] = (uint32_t)v;
    e->w[2] = (uint32_t)(v >> 32);
}

/* 10 ms of the meter. */
static void step(void)
{
    f.us += 10000;
    if (++tick % 20 == 0) {
        add(&points.point[0].net_del, uwh_a_window);
        snap.seq++;
        pw_books_window(&books);
        for (unsigned i = 0; i < 100000 && pw_books_step(&books); i++) {}
    }
    (void)pw_display_step(&d, buttons, f.us);
    for (unsigned i = 0; i < 400 && pw_lcd_service(&lcd); i++) {}
}

static void run_ms(unsigned ms)
{
    for (unsigned i = 0; i < ms / 10; i++)
        step();
}

/* To the full hour; the load begins with it. */
static void sixteen(uint64_t uwh)
{
    while (pw_clock_now(&chip, NULL) < 849283200)
        step();
    uwh_a_window = uwh;
}

static void meter(const struct pw_program *p, unsigned n_ct)
{
    fake_init(&f, 24);
    pw_config_default(&cfg, n_ct);
    cfg.n_points = 1;
    for (unsigned k = 0; k < n_ct; k++)
        cfg.ct[k].point = 0;
    memset(&snap, 0, sizeof snap);
    snap.registers = &energy;
    memset(&diag, 0, sizeof diag);
    diag.fram_ok = true;
    memset(&service, 0, sizeof service);
    chip = (struct pw_clock){.hal = &f.hal, .state = PW_CLOCK_SET, .base_s = 849283200 - 10 /* 2026-11-29 15:59:50 */, .base_us = f.us};
    pw_spi_init(&spi, &f.hal, 1, 25000000, 12500000);
    assert_int_equal(pw_fram_init(&fram, &spi, 0), PW_OK);
    const struct pw_books_ports ports = {.fram = &fram, .clock = &chip, .cfg = &cfg, .energy = &energy, .points = &points, .snap = &snap, .n_ct = n_ct,
                                         .uptime_us = f.hal.uptime_us, .uptime_ctx = f.hal.ctx};
    memset(&points, 0, sizeof points);
    pw_books_init(&books, &ports, p);
    pw_lcd_init(&lcd, &f.hal);
    pw_display_init(&d, &lcd, &snap, &cfg, &diag);
    view = (struct pw_view){.books = &books, .points = &points, .service = &service, .clock = &chip};
    d.view = &view;
    buttons = 0;
    uwh_a_window = 0;
    tick = 0;
    for (unsigned i = 0; i < 100; i++) { /* the LCD starts up */
        f.us += 5000;
        (void)pw_lcd_service(&lcd);
    }
    run_ms(3000); /* the books start; registers are formatted */
    assert_true(books.started && books.kept);
    pw_list_begin(&d.list, &d.of, f.us);
    step();
}

static void product(unsigned profile)
{
    struct pw_program p;
    struct pw_profile_panel panel;
    pw_program_default(&p, profile);
    pw_profile_panel(profile, &panel);
    meter(&p, panel.n_ct);
}

static const char *row(unsigned n)
{
    static char text[4][21];
    fake_lcd_row(&f, n, text[n]);
    return text[n];
}

static void shows(const char *a, const char *b, const char *c, const char *e)
{
    const char *want[] = {a, b, c, e};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(strlen(want[i]), 20);
        assert_string_equal(row(i), want[i]);
    }
}

static void press(unsigned b)
{
    buttons = b;
    run_ms(50);
    buttons = 0;
    run_ms(50);
}

static void hold(unsigned b, unsigned ms)
{
    buttons = b;
    run_ms(ms);
    buttons = 0;
    run_ms(50);
}

/* ---- times, without a meter ---- */

/* The book of it: items one after the other, each for its time, hidden ones left out. */
static void items_follow_each_other(void **state)
{
    (void)state;
    uint64_t s = 11, turns = 0;
    for (unsigned n = 0; n < 150; n++) {
        struct pw_program p;
        struct pw_list l;
        random_program(&s, &p);
        struct pw_list_of of = {.program = &p, .hidden = (uint32_t)(rnd(&s) & rnd(&s)), .test = pick(&s, 0, 1)};
        unsigned normal = (unsigned)p.n_items - p.n_test, first = of.test && p.n_test > 0 ? normal : 0;
        unsigned end = first > 0 ? p.n_items : normal;
        uint64_t now = rnd(&s) >> 20, due = now;
        unsigned at = first, visible = 0;
        for (unsigned i = first; i < end; i++)
            visible += (of.hidden >> i & 1) == 0;
        while (visible > 0 && (of.hidden >> at & 1) != 0)
            at++;
        pw_list_begin(&l, &of, now);
        for (unsigned k = 0; k < 20000; k++) {
            if (visible == 0) {
                assert_int_equal(l.item, PW_LIST_NONE);
            } else {
                assert_int_equal(l.item, at);
                assert_true((of.hidden >> at & 1) == 0);
            }
            now += 10000;
            bool moved = pw_list_step(&l, &of, now);
            if (visible == 0)
                continue;
            uint64_t time = (p.item[at].tenths != 0 ? p.item[at].tenths : p.items_tenths) * UINT64_C(100000);
            unsigned was = at;
            if (now - due >= time) {
                due += time; /* no drift, whatever the steps */
                do
                    at = at + 1 == end ? first : at + 1;
                while ((of.hidden >> at & 1) != 0);
                turns++;
            }
            assert_int_equal(moved, at != was);
        }
    }
    assert_true(turns > 1000);
}

static void by_hand(void **state)
{
    (void)state;
    uint64_t s = 12;
    for (unsigned n = 0; n < 2000; n++) {
        struct pw_program p;
        struct pw_list l;
        random_program(&s, &p);
        struct pw_list_of of = {.program = &p, .hidden = (uint32_t)(rnd(&s) & rnd(&s))};
        unsigned normal = (unsigned)p.n_items - p.n_test, visible = 0;
        for (unsigned i = 0; i < normal; i++)
            visible += (of.hidden >> i & 1) == 0;
        uint64_t now = 5;
        pw_list_begin(&l, &of, now);
        if (visible == 0)
            continue;
        unsigned from = l.item;
        for (unsigned k = 0; k < visible; k++) { /* once round, there and back */
            pw_list_turn(&l, &of, n & 1, ++now);
            assert_int_equal(l.item == from, k + 1 == visible);
        }
        pw_list_turn(&l, &of, false, ++now);
        pw_list_turn(&l, &of, true, ++now);
        assert_int_equal(l.item, from);
        assert_false(pw_list_step(&l, &of, now + PW_LIST_HAND_US - 1)); /* stays for a minute, then goes on */
        assert_int_equal(l.item, from);
        assert_int_equal(pw_list_step(&l, &of, now + PW_LIST_HAND_US), visible > 1);
        assert_int_equal(l.item != from, visible > 1);
        of.hidden |= UINT32_C(1) << l.item; /* what is shown has nothing to show any more */
        from = l.item;
        assert_true(pw_list_step(&l, &of, now + PW_LIST_HAND_US + 1));
        assert_true(l.item != from);
        of.hidden = 0;
        of.test = true; /* another list: at once, at its first item */
        assert_true(pw_list_step(&l, &of, now + PW_LIST_HAND_US + 2));
        assert_int_equal(l.item, p.n_test > 0 ? normal : 0);
    }
}

/* ---- products ---- */

/* E5, E6: 18 s, of which all segments for 1 s, before total kWh; each of the three has 6 s; a dot tells the peak. */
static void ims_times(void **state)
{
    (void)state;
    product(PW_PROFILE_IMS_S2);
    sixteen(1000000); /* 1 Wh in 0.2 s: 18 kW */
    run_ms(16 * 60 * 1000);
    uwh_a_window = 500000; /* 9 kW */
    run_ms(10 * 60 * 1000);
    pw_list_begin(&d.list, &d.of, f.us + 10000);
    static const char *const label[] = {" Delivered          ", " Last 5 min         ", " Peak               "};
    for (unsigned cycle = 0; cycle < 5; cycle++)
        for (unsigned t = 0; t < 1800; t++) {
            step();
            if (t < 100) {
                for (unsigned r = 0; r < 4; r++)
                    for (unsigned c = 0; c < 20; c++)
                        assert_int_equal((unsigned char)row(r)[c], 0xFF);
                continue;
            }
            assert_string_equal(row(2), label[t / 600]);
            assert_int_equal(row(1)[0], t >= 1200 ? '.' : ' ');
            if (t >= 600 && t < 1200)
                assert_string_equal(row(1), " 0009.00 kW         ");
            if (t >= 1200)
                assert_string_equal(row(1), ".0018.00 kW         ");
        }
    assert_int_equal(books.asked.reset, 0);
}

/* E7: only the key, there and back within 1 s, only while the peak is on the display. */
static void key_switch(void **state)
{
    (void)state;
    uint64_t s = 21;
    unsigned good = 0;
    product(PW_PROFILE_IMS_S1);
    for (unsigned n = 0; n < 200; n++) {
        run_ms(10 * pick(&s, 1, 2000));
        unsigned pulse = 10 * pick(&s, 5, 130);
        bool on_peak = true;
        buttons = PW_BTN_KEY;
        for (unsigned t = 0; t < pulse + 60; t += 10) {
            if (t >= pulse)
                buttons = 0;
            step();
            if (t > 20 && t <= pulse) /* debouncing */
                on_peak &= row(1)[0] == '.';
            if (books.asked.reset != 0)
                break;
        }
        buttons = 0;
        bool reset = books.asked.reset == 1 + PW_RESET_KEY;
        if (pulse > 1020 || !on_peak)
            assert_false(reset);
        if (reset) {
            good++;
            assert_true(on_peak && pulse <= 1010);
            assert_string_equal(row(3), "Demand reset        ");
            books.asked.reset = 0;
            books.billing.lock_ms = 0;
        }
        run_ms(100);
    }
    assert_true(good > 10);
    /* nothing else resets it */
    for (unsigned n = 0; n < 6; n++) {
        run_ms(3000);
        hold(PW_BTN_ENTER, 3500);
        assert_int_equal(books.asked.reset, 0);
        assert_string_equal(row(3), "No reset this way   ");
    }
}

static const char *at_item(unsigned what, unsigned arg)
{
    for (unsigned i = 0; i < 40; i++) {
        const struct pw_program_item *it = &books.program.item[d.list.item];
        if (it->what == what && it->arg == arg)
            return row(1);
        press(PW_BTN_DOWN);
    }
    fail_msg("item %u %u is never shown", what, arg);
    return "";
}

static void cp2soa_screens(void **state)
{
    (void)state;
    product(PW_PROFILE_CP2SOA);
    books.unsealed = false;
    sixteen(2000000); /* 36 kW: 12.3 kWh */
    run_ms(20 * 60 * 1000 + 30000);
    add(&points.point[0].net_rec, UINT64_C(20000000000));
    add(&points.point[0].va_del, UINT64_C(123456000000));
    points.varh_base[0][0] = UINT64_C(7000000000);
    points.varh_base[0][1] = UINT64_C(5999999999);
    uwh_a_window = 0;
    run_ms(500);
    pw_list_begin(&d.list, &d.of, f.us);
    run_ms(1000);
    static const char full[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
    shows(full, full, full, full);
    /* In the order of the list. 123.456 kVAh in a second: 444 441.6 kVA x (1 - 0.1^(1 / 900)), thermal */
    static const char *const screen[][3] = {
        {"01                  ", " 000012 kWh         ", " Delivered          "}, {"02                  ", " 000020 kWh         ", " Received           "},
        {"03                  ", " -000007 kWh        ", " Net                "}, {"04                  ", " 000012 kvarh       ", " Delivered          "},
        {"05                  ", " 000123 kVAh        ", " Delivered          "}, {"11                  ", " 000012 kWh         ", " Delivered, rate 1  "},
        {"12                  ", " 000000 kWh         ", " Delivered, rate 2  "}, {"13                  ", " 000000 kWh         ", " Delivered, rate 3  "},
        {"14                  ", " 000000 kWh         ", " Delivered, rate 4  "}, {"21                  ", ".0036.00 kW         ", " Peak               "},
        {"22                  ", " 2026-11-29 16:15   ", " Time of peak       "}, {"23                  ", ".0000.00 kvar       ", " Peak               "},
        {"24                  ", ".1135.61 kVA        ", " Peak               "}, {"25                  ", " 0000.00 kW         ", " Cumulative         "},
        {"26                  ", " 0036.00 kW         ", " Continuous cum.    "}, {"27                  ", " 0                  ", " Demand resets      "},
        {"28                  ", " 2026-11-29         ", " Date               "}, {"29                  ", NULL, " Time               "},
        {"F31                 ", " 0000               ", " Firmware, 1 of 2   "}, {"F32                 ", " 0300               ", " Firmware, 2 of 2   "},
        {"                    ", " Sealed Canadian    ", " Meter              "},
    };
    const unsigned n = sizeof screen / sizeof screen[0];
    assert_int_equal(n + 1, books.program.n_items - books.program.n_test);
    run_ms(1000 + 2500); /* the middle of the first item */
    for (unsigned i = 0; i < n; i++, run_ms(i < n ? 5000 : 3500)) {
        char now[21] = " 16:2";
        if (screen[i][1] == NULL) {
            assert_memory_equal(row(1), now, 5);
            assert_true(row(1)[9] == ' ' && row(1)[6] == ':');
        }
        shows(screen[i][0], screen[i][1] == NULL ? row(1) : screen[i][1], screen[i][2], "                    ");
    }
    shows(full, full, full, full);
    pw_books_seal(&books, true); /* B11: not while it is open */
    for (unsigned i = 0; i < 2 * (n + 1); i++) {
        press(PW_BTN_DOWN);
        assert_string_not_equal(row(1), " Sealed Canadian    ");
    }
}

/* B6: TEST at the right, its own list, its own energy and demand; billing registers stand still. */
static void test_mode(void **state)
{
    (void)state;
    product(PW_PROFILE_CP2SOA);
    uwh_a_window = 1000000000;
    run_ms(1000);
    uwh_a_window = 0;
    char before[21];
    strcpy(before, at_item(PW_ITEM_TOTAL, PW_TQ_WH_DEL));
    assert_string_equal(row(0) + 16, "    ");
    pw_books_seal(&books, true);
    assert_int_equal(pw_books_test_mode(&books, true), PW_OK);
    run_ms(500);
    assert_true(books.test);
    shows("41              TEST", " 000000 kWh         ", " Delivered (test)   ", "                    ");
    uwh_a_window = 10000000000; /* 10 kWh a window: 180 MW */
    run_ms(400);
    uwh_a_window = 0;
    run_ms(600);
    shows("41              TEST", " 000020 kWh         ", " Delivered (test)   ", "                    ");
    static const char *const label[] = {" Present            ", " Present            ", " Present            ", " Peak (test)        ", " Peak (test)        ",
                                        " Peak (test)        ", " Delivered (test)   "};
    for (unsigned i = 0; i < 7; i++) {
        press(PW_BTN_DOWN);
        assert_string_equal(row(2), label[i]);
        assert_string_equal(row(0) + 16, "TEST");
    }
    assert_int_equal(pw_books_test_mode(&books, false), PW_OK);
    run_ms(500);
    assert_false(books.test);
    assert_string_equal(row(0) + 16, "\xff\xff\xff\xff"); /* the normal list from its beginning */
    assert_string_equal(at_item(PW_ITEM_TOTAL, PW_TQ_WH_DEL), before);
    assert_string_equal(row(0), "01                  ");
}

static void buttons_of_a_list(void **state)
{
    (void)state;
    product(PW_PROFILE_CP2SO);
    press(PW_BTN_UP); /* from the first to the last that is shown */
    assert_string_equal(row(1), " Sealed Canadian    ");
    press(PW_BTN_UP);
    assert_string_equal(row(0), "F32                 ");
    press(PW_BTN_UP);
    assert_string_equal(row(0), "F31                 ");
    run_ms(59000); /* waits for the reader */
    assert_string_equal(row(0), "F31                 ");
    run_ms(2000);
    assert_string_equal(row(0), "F32                 ");
    press(PW_BTN_ENTER); /* stays */
    run_ms(30000);
    assert_string_equal(row(0), "F32                 ");
    press(PW_BTN_BACK); /* goes on */
    run_ms(5100);
    assert_string_equal(row(1), " Sealed Canadian    ");
    buttons = PW_BTN_DOWN; /* held: repeats */
    run_ms(2000);
    buttons = 0;
    run_ms(50);
    assert_string_equal(row(0), "22                  "); /* 1, and 10 in 1.4 s */
    /* B4: enter held */
    hold(PW_BTN_ENTER, 2900);
    assert_int_equal(books.asked.reset, 0);
    buttons = PW_BTN_ENTER;
    for (unsigned t = 0; t < 310 && books.asked.reset == 0; t++)
        step();
    assert_int_equal(books.asked.reset, 1 + PW_RESET_BUTTON);
    assert_string_equal(row(3), "Demand reset        ");
    run_ms(5000); /* once only, however long it is held */
    assert_int_equal(books.billing.head.resets, 1);
    assert_int_equal(books.asked.reset, 0);
    assert_string_equal(row(3), "                    ");
    buttons = 0;
    run_ms(100);
    hold(PW_BTN_ENTER, 3200);
    assert_string_equal(row(3), "Reset locked        ");
    assert_int_equal(books.billing.head.resets, 1);
    /* back held: the pages, for service */
    hold(PW_BTN_BACK, 3200);
    assert_true(d.service && !d.listing);
    assert_string_equal(row(2), "P         0.000 kW  ");
    press(PW_BTN_DOWN);
    assert_int_equal(d.page, PW_PAGE_ENERGY);
    press(PW_BTN_BACK);
    assert_true(d.service && d.page == PW_PAGE_OVERVIEW);
    buttons = PW_BTN_BACK;
    run_ms(4000); /* leaves; held on it does nothing more */
    buttons = 0;
    run_ms(50);
    assert_true(!d.service && d.listing);
    hold(PW_BTN_BACK, 3200);
    assert_true(d.service);
    run_ms(179000);
    assert_true(d.service);
    run_ms(2000); /* nobody there */
    assert_true(!d.service && d.listing);
}

/* Page style: the list is a page; enter goes into it, there it is the next point. */
static void readings_page(void **state)
{
    (void)state;
    struct pw_program p;
    pw_program_default(&p, PW_PROFILE_POWERSTAR12);
    meter(&p, 12);
    cfg.n_points = 12;
    for (unsigned k = 0; k < 12; k++)
        cfg.ct[k].point = (uint8_t)k;
    for (unsigned i = 0; i < 12; i++)
        add(&points.point[i].net_del, (i + 1) * UINT64_C(1002003000));
    run_ms(300);
    assert_false(d.listing);
    for (unsigned i = 0; i < PW_N_PAGES && d.page != PW_PAGE_READINGS; i++)
        press(PW_BTN_DOWN);
    shows("Readings        14  ", "Enter: one by one   ", "Up/down: next page  ", "Back: overview      ");
    press(PW_BTN_ENTER);
    shows("01  Point 1         ", " 000001.002 kWh     ", " Delivered          ", "                    ");
    press(PW_BTN_ENTER);
    shows("01  Point 2         ", " 000002.004 kWh     ", " Delivered          ", "                    ");
    press(PW_BTN_UP);
    press(PW_BTN_UP);
    press(PW_BTN_UP);
    assert_string_equal(row(2), " Time of peak       ");
    assert_string_equal(row(1), " --------           "); /* none yet */
    for (unsigned i = 0; i < 10; i++)
        press(PW_BTN_ENTER);
    assert_string_equal(row(0), "23  Point 12        ");
    hold(PW_BTN_ENTER, 3200); /* A: not by the button */
    assert_string_equal(row(3), "No reset this way   ");
    assert_string_equal(row(0), "23  Point 12        ");
    cfg.n_points = 5; /* another configuration */
    run_ms(300);
    assert_string_equal(row(0), "23  Point 1         ");
    press(PW_BTN_BACK);
    shows("Readings        14  ", "Enter: one by one   ", "Up/down: next page  ", "Back: overview      ");
    press(PW_BTN_BACK);
    assert_int_equal(d.page, PW_PAGE_OVERVIEW);
}

/* A small FRAM keeps no registers: totals since the start, dashes for the rest. Before the clock has answered: dashes. */
static void without_registers(void **state)
{
    (void)state;
    product(PW_PROFILE_CP2SO);
    books.kept = false;
    points.point[0].net_del.w[2] = 3; /* 12.9 kWh */
    books.billing.head.generation = 0;
    assert_string_equal(at_item(PW_ITEM_TOTAL, PW_TQ_WH_DEL), " 000012 kWh         ");
    (void)at_item(PW_ITEM_TOTAL, PW_TQ_WH_REC);
    for (unsigned i = 0; i < 3; i++)
        press(PW_BTN_DOWN);
    run_ms(600); /* what was there may stay for half a second */
    shows("11                  ", " --------           ", " Delivered, rate 1  ", "                    ");
    books.started = false;
    chip.state = PW_CLOCK_STARTING;
    press(PW_BTN_UP);
    run_ms(300);
    assert_string_equal(row(1), " --------           ");
}

/* Any program, any state: 20 characters that every LCD has, or the segment test, and nothing beyond. */
static void any_program(void **state)
{
    (void)state;
    uint64_t s = 31;
    unsigned filled = 0;
    for (unsigned n = 0; n < 60; n++) {
        struct pw_program p;
        random_program(&s, &p);
        p.n_points = (uint8_t)pick(&s, 0, 3);
        meter(&p, 3);
        cfg.n_points = (uint8_t)pick(&s, 1, 3);
        for (unsigned i = 0; i < 3; i++) {
            cfg.ct[i].point = (uint8_t)pick(&s, 0, cfg.n_points - 1u);
            add(&points.point[i].net_del, rnd(&s) >> pick(&s, 2, 40));
            add(&points.point[i].net_rec, rnd(&s) >> pick(&s, 2, 40));
            snap.ct[i] = (struct pw_meas_ct){.p_mw = (int32_t)rnd(&s), .i_ma = (uint32_t)rnd(&s)};
            snap.v[i].v_mv = (uint32_t)rnd(&s);
        }
        snap.agg = 1;
        memset(cfg.serial, 'X', PW_SERIAL_CHARS);
        uwh_a_window = rnd(&s) >> pick(&s, 24, 60);
        d.page = PW_PAGE_READINGS;
        d.inside = true;
        for (unsigned k = 0; k < 60; k++) {
            press(1u << pick(&s, 0, 2));
            run_ms(10 * pick(&s, 1, 60));
            if (pick(&s, 0, 9) == 0) {
                pw_books_seal(&books, true);
                assert_int_equal(pw_books_test_mode(&books, !books.test), books.program.test_timeout_min > 0 ? PW_OK : PW_ERR_RANGE);
            }
            for (unsigned r = 0; r < 4; r++)
                for (unsigned c = 0; c < 20; c++) {
                    unsigned char ch = (unsigned char)row(r)[c];
                    assert_true((ch >= 0x20 && ch <= 0x7D) || ch == 0xFF);
                    filled += ch != ' ';
                }
        }
    }
    assert_true(filled > 60 * 60 * 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_follow_each_other), cmocka_unit_test(by_hand), cmocka_unit_test(ims_times), cmocka_unit_test(key_switch),
        cmocka_unit_test(cp2soa_screens), cmocka_unit_test(test_mode), cmocka_unit_test(buttons_of_a_list), cmocka_unit_test(readings_page),
        cmocka_unit_test(without_registers), cmocka_unit_test(any_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
