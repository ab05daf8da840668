/* SPDX-License-Identifier: Apache-2.0 */
/* Programs: profiles, check of each field, stored form and its damage. */
#include "t.h"

#include <stdio.h>

#include "bytes.h"
#include "crc32.h"
#include "forms.h"
#include "program_random.h"

#define CRC_AT (PW_PROGRAM_SIZE_B - 4u)

static const char *const names[PW_N_PROFILES] = {"powerstar24", "powerstar12", "cp2so", "cp2soa", "focus-alf", "mini-s", "mini-d", "ims-s1", "ims-s2"};

static bool equal(const struct pw_program *a, const struct pw_program *b)
{
    uint8_t x[PW_PROGRAM_SIZE_B], y[PW_PROGRAM_SIZE_B];
    pw_program_encode(a, x);
    pw_program_encode(b, y);
    return memcmp(x, y, sizeof x) == 0;
}

static void nine_profiles(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PW_N_PROFILES; i++) {
        struct pw_program p, back;
        struct pw_program_fault fault = {"", 0, ""};
        uint8_t image[PW_PROGRAM_SIZE_B];
        assert_string_equal(pw_profile_name(i), names[i]);
        assert_int_equal(pw_profile_find(names[i]), i);
        pw_program_default(&p, i);
        if (pw_program_check(&p, &fault) != PW_OK)
            fail_msg("%s: %s %d %s", names[i], fault.group, fault.index, fault.field);
        assert_int_equal(p.profile, i);
        pw_program_encode(&p, image);
        memset(&back, 0xA5, sizeof back);
        assert_int_equal(pw_program_decode(&back, image, sizeof image, &fault), PW_OK);
        assert_memory_equal(&p, &back, sizeof p);
        struct pw_profile_panel panel;
        pw_profile_panel(i, &panel);
        unsigned elements = pw_form_info(panel.form)->n_elements;
        assert_true(panel.n_points >= 1 && panel.n_points * elements == panel.n_ct);
        assert_true(pw_form_fits(panel.form, panel.service));
        for (unsigned k = 0; k < p.n_outputs; k++)
            assert_true(p.output[k].point == PW_OUT_ALL_POINTS || p.output[k].point < panel.n_points);
    }
    assert_null(pw_profile_name(PW_N_PROFILES));
    assert_int_equal(pw_profile_find("powerstar"), -1);
    assert_int_equal(pw_profile_find(""), -1);
    struct pw_program a, b;
    struct pw_profile_panel panel;
    pw_program_default(&a, PW_PROFILE_POWERSTAR24);
    pw_program_default(&b, 77);
    assert_true(equal(&a, &b));
    pw_profile_panel(77, &panel);
    assert_int_equal(panel.n_points, 24);
}

/* What PRODUCTS.md asks of each, in its own terms. */
static unsigned items_of(const struct pw_program *p, unsigned from, unsigned to)
{
    unsigned n = 0;
    for (unsigned i = 0; i < (unsigned)(p->n_items - p->n_test); i++)
        n += p->item[i].what >= from && p->item[i].what <= to;
    return n;
}

static unsigned energy_registers(const struct pw_program *p)
{
    return items_of(p, PW_ITEM_TOTAL, PW_ITEM_TOTAL) + items_of(p, PW_ITEM_NET_WH, PW_ITEM_NET_VARH);
}

static void profiles_by_product(void **state)
{
    (void)state;
    struct pw_program p;
    pw_program_default(&p, PW_PROFILE_POWERSTAR24); /* A4, A5, A6, A7, A12 */
    assert_true(p.tou && p.n_rates == 4 && p.intervals.minutes == 15 && p.style == PW_STYLE_PAGES);
    assert_true(p.pulse_weight_mwh == 2000 && p.decimals == 3);
    pw_program_default(&p, PW_PROFILE_CP2SO); /* B1, B4, B6, B7, B9 */
    assert_int_equal(energy_registers(&p), 4);
    assert_int_equal(p.n_demands, 1);
    assert_int_equal(p.reset_by & 7, 1 << PW_RESET_BUTTON | 1 << PW_RESET_COMMAND);
    assert_true(p.test_timeout_min > 0 && p.n_test > 0 && p.intervals.channels == 15 && p.style == PW_STYLE_LIST);
    pw_program_default(&p, PW_PROFILE_CP2SOA);
    assert_int_equal(energy_registers(&p), 5);
    assert_int_equal(p.n_demands, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(p.demand[i].method, i); /* B3: block, sliding, thermal */
    for (unsigned i = 0; i < PW_N_PROFILES; i++) { /* B9: two consecutive items */
        pw_program_default(&p, i);
        for (unsigned k = 0; k < p.n_items; k++)
            if (p.item[k].what == PW_ITEM_FIRMWARE_1) {
                assert_int_equal(p.item[k].code, 31);
                assert_int_equal(p.item[k + 1].what, PW_ITEM_FIRMWARE_2);
                assert_int_equal(p.item[k + 1].code, 32);
            }
        assert_int_equal(items_of(&p, PW_ITEM_FIRMWARE_1, PW_ITEM_FIRMWARE_1), i == PW_PROFILE_CP2SO || i == PW_PROFILE_CP2SOA || i == PW_PROFILE_FOCUS_ALF);
        assert_int_equal(items_of(&p, PW_ITEM_SEAL, PW_ITEM_SEAL), i == PW_PROFILE_CP2SO || i == PW_PROFILE_CP2SOA);
    }
    pw_program_default(&p, PW_PROFILE_FOCUS_ALF); /* C1, C5, C7, C8 */
    assert_true(energy_registers(&p) == 3 && p.rules.sync_after_s == 86400 && p.tou && p.items_tenths >= 100);
    assert_int_equal(p.reset_by, 1 << PW_RESET_COMMAND);
    for (unsigned i = PW_PROFILE_MINI_S; i <= PW_PROFILE_MINI_D; i++) { /* D2, D3 */
        pw_program_default(&p, i);
        assert_true(p.pulse_weight_mwh == 1000000 && p.n_outputs == 1 && p.n_demands == 0 && p.reset_by == 0);
        assert_true(p.output[0].kind == PW_OUT_LED_LOAD && p.output[0].half && p.output[0].weight_mwh == 10000);
    }
    for (unsigned i = PW_PROFILE_IMS_S1; i <= PW_PROFILE_IMS_S2; i++) { /* E4 .. E7 */
        unsigned period = 0, shown = 0;
        pw_program_default(&p, i);
        for (unsigned k = 0; k < p.n_items; k++) {
            unsigned tenths = p.item[k].tenths != 0 ? p.item[k].tenths : p.items_tenths;
            period += tenths;
            shown += p.item[k].what == PW_ITEM_SEGMENTS ? tenths : 0;
        }
        assert_true(period == 180 && shown == 10 && p.decimals == 0 && p.demand_decimals == 2);
        assert_int_equal(p.reset_by, 1 << PW_RESET_KEY);
        assert_true(p.output[0].half && p.output[1].half && p.output[0].weight_mwh == 10000 && p.output[1].weight_mwh == 1000000);
    }
}

static void quantity_parts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PW_N_TQ; i++)
        assert_int_equal(pw_quantity_parts(i), 1 << i);
    assert_int_equal(pw_quantity_parts(PW_SQ_VARH_DEL), 0x0C);
    assert_int_equal(pw_quantity_parts(PW_SQ_VARH_REC), 0x30);
    assert_int_equal(pw_quantity_parts(PW_N_SQ), 0);
    assert_int_equal(pw_quantity_parts(255), 0);
}

static void random_programs_come_back(void **state)
{
    (void)state;
    uint64_t s = 1;
    for (unsigned n = 0; n < 3000; n++) {
        struct pw_program p, back;
        uint8_t image[PW_PROGRAM_SIZE_B];
        struct pw_program_fault fault = {"", 0, ""};
        random_program(&s, &p);
        if (pw_program_check(&p, &fault) != PW_OK)
            fail_msg("%u: %s %d %s", n, fault.group, fault.index, fault.field);
        pw_program_encode(&p, image);
        assert_int_equal(pw_program_decode(&back, image, sizeof image, NULL), PW_OK);
        assert_memory_equal(&p, &back, sizeof p);
        /* what lies beyond the counts is not stored */
        struct pw_program q = p;
        if (p.n_items < PW_MAX_ITEMS)
            q.item[p.n_items].what = 200;
        if (p.n_demands < PW_MAX_DEMANDS)
            q.demand[p.n_demands].method = 200;
        if (p.n_outputs < PW_MAX_OUTPUTS)
            q.output[p.n_outputs].kind = 200;
        assert_int_equal(pw_program_check(&q, NULL), PW_OK);
        assert_true(equal(&p, &q));
    }
}

static void each_byte_damaged(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PW_N_PROFILES; i++) {
        struct pw_program p, back;
        uint8_t image[PW_PROGRAM_SIZE_B];
        pw_program_default(&p, i);
        pw_program_encode(&p, image);
        for (unsigned at = 0; at < sizeof image; at++)
            for (unsigned bit = 0; bit < 8; bit++) {
                image[at] ^= (uint8_t)(1u << bit);
                assert_int_equal(pw_program_decode(&back, image, sizeof image, NULL), at < 4 ? PW_ERR_MAGIC : PW_ERR_CRC);
                image[at] ^= (uint8_t)(1u << bit);
            }
        for (size_t len = 0; len < sizeof image; len++) {
            uint8_t *exact = malloc(len + (len == 0)); /* the sanitizer sees a read beyond */
            assert_non_null(exact);
            memcpy(exact, image, len);
            assert_int_equal(pw_program_decode(&back, exact, len, NULL), PW_ERR_SIZE);
            free(exact);
        }
        pw_put_le16(image + 4, PW_PROGRAM_VERSION + 1);
        pw_put_le32(image + CRC_AT, pw_crc32(0, image, CRC_AT));
        assert_int_equal(pw_program_decode(&back, image, sizeof image, NULL), PW_ERR_VERSION);
    }
}

/* A right check sum over wrong bytes: what is decoded passed the check, and is stored as the same bytes where these are in use. */
static void bytes_that_no_friend_sends(void **state)
{
    (void)state;
    uint64_t s = 2;
    unsigned good = 0;
    for (unsigned n = 0; n < 60000; n++) {
        struct pw_program p, back;
        struct pw_program_fault fault = {NULL, 0, NULL};
        uint8_t image[PW_PROGRAM_SIZE_B], again[PW_PROGRAM_SIZE_B];
        pw_program_default(&p, pick(&s, 0, PW_N_PROFILES - 1));
        pw_program_encode(&p, image);
        for (unsigned k = pick(&s, 1, 3); k > 0; k--)
            image[pick(&s, 8, 227)] = (uint8_t)rnd(&s);
        pw_put_le32(image + CRC_AT, pw_crc32(0, image, CRC_AT));
        int err = pw_program_decode(&back, image, sizeof image, &fault);
        if (err != PW_OK) {
            assert_int_equal(err, PW_ERR_RANGE);
            assert_non_null(fault.group);
            assert_non_null(fault.field);
            continue;
        }
        good++;
        assert_int_equal(pw_program_check(&back, NULL), PW_OK);
        pw_program_encode(&back, again);
        assert_memory_equal(image, again, 24 + 4u * back.n_demands);
        assert_memory_equal(image + 36, again + 36, 26); /* 62, 63 are free */
        assert_memory_equal(image + 64, again + 64, 4 + 4u * back.n_items);
        assert_memory_equal(image + 196, again + 196, 8u * back.n_outputs);
    }
    assert_true(good > 5000 && good < 55000);
}

/* Each field at and beyond its ends. */
static struct pw_program base;
static void expect(const char *group, int index, const char *field)
{
    struct pw_program_fault fault = {NULL, -2, NULL};
    assert_int_equal(pw_program_check(&base, &fault), PW_ERR_RANGE);
    assert_string_equal(fault.group, group);
    assert_int_equal(fault.index, index);
    assert_string_equal(fault.field, field);
    assert_int_equal(pw_program_check(&base, NULL), PW_ERR_RANGE);
}

#define RANGE(member, low, high, group, index)                                      \
    do {                                                                            \
        struct pw_program keep = base;                                              \
        const char *name_ = (index) >= 0 ? strrchr(#member, '.') + 1 : #member;     \
        base.member = low;                                                          \
        assert_int_equal(pw_program_check(&base, NULL), PW_OK);                     \
        base.member = high;                                                         \
        assert_int_equal(pw_program_check(&base, NULL), PW_OK);                     \
        base.member++;                                                              \
        expect(group, index, name_);                                                \
        if ((low) > 0) {                                                            \
            base.member = low;                                                      \
            base.member--;                                                          \
            expect(group, index, name_);                                            \
        }                                                                           \
        base = keep;                                                                \
    } while (0)
#define WRONG(member, value, group, index, field)                                   \
    do {                                                                            \
        struct pw_program keep = base;                                              \
        base.member = value;                                                        \
        expect(group, index, field);                                                \
        base = keep;                                                                \
    } while (0)

static void each_range(void **state)
{
    (void)state;
    uint64_t s = 3;
    do
        random_program(&s, &base);
    while (base.n_demands != 3 || base.demand[1].method == PW_DEMAND_SLIDING || base.n_items < 5 || base.n_outputs != 3);
    base.n_test = 0;
    base.quantities = 0xFF;
    for (unsigned i = 0; i < PW_MAX_ITEMS; i++)
        base.item[i] = (struct pw_program_item){.what = PW_ITEM_TIME};
    base.digits = base.demand_digits = 5;
    base.decimals = base.demand_decimals = 1;
    assert_int_equal(pw_program_check(&base, NULL), PW_OK);
    RANGE(profile, 0, PW_N_PROFILES - 1, "program", -1);
    WRONG(quantities, 0, "program", -1, "quantities");
    RANGE(n_rates, 1, PW_TOU_RATES, "program", -1);
    RANGE(n_past, 1, 13, "program", -1);
    RANGE(decimals, 0, 3, "program", -1);
    WRONG(digits, 1, "program", -1, "decimals"); /* no digit before the point */
    base.decimals = base.demand_decimals = 0;
    RANGE(digits, 1, 9, "program", -1);
    RANGE(test_timeout_min, 0, 1440, "program", -1);
    RANGE(pulse_weight_mwh, 10, 100000000, "program", -1);
    RANGE(n_demands, 0, 3, "program", -1);
    RANGE(demand_digits, 1, 9, "program", -1);
    WRONG(demand_decimals, 5, "program", -1, "demand_decimals");
    RANGE(reset_by, 0, 15, "program", -1);
    RANGE(reset_lock_min, 0, 1440, "program", -1);
    RANGE(rules.cold_min, 0, 1440, "program", -1);
    RANGE(demand[1].quantity, 0, PW_DEMAND_VA_REC, "demand", 1);
    WRONG(demand[2].method, PW_DEMAND_THERMAL + 1, "demand", 2, "method");
    for (unsigned m = 0; m < 256; m++) {
        base.demand[1] = (struct pw_demand_config){0, PW_DEMAND_BLOCK, (uint8_t)m, 1};
        if (m >= 1 && 60 % m == 0)
            assert_int_equal(pw_program_check(&base, NULL), PW_OK);
        else
            expect("demand", 1, "interval_min");
    }
    base.demand[1].interval_min = 15;
    for (unsigned n = 0; n < 256; n++) {
        base.demand[1].subintervals = (uint8_t)n;
        base.demand[1].method = PW_DEMAND_SLIDING;
        if (n >= 2 && n <= 15 && 900 % n == 0)
            assert_int_equal(pw_program_check(&base, NULL), PW_OK);
        else
            expect("demand", 1, "subintervals");
        base.demand[1].method = PW_DEMAND_THERMAL;
        if (n != 1)
            expect("demand", 1, "subintervals");
    }
    base.demand[1].subintervals = 1;
    WRONG(intervals.minutes, 0, "program", -1, "intervals.minutes");
    WRONG(intervals.minutes, 45, "program", -1, "intervals.minutes");
    WRONG(intervals.minutes, 1441, "program", -1, "intervals.minutes");
    RANGE(intervals.channels, 1, 31, "program", -1);
    WRONG(intervals.channels, 16, "program", -1, "intervals.channels"); /* no energy */
    RANGE(intervals.unit_log10, 0, 6, "program", -1);
    RANGE(close_day, 0, 28, "program", -1);
}

static void ranges_of_display_and_outputs(void **state)
{
    (void)state;
    pw_program_default(&base, PW_PROFILE_IMS_S2);
    RANGE(style, 0, PW_STYLE_LIST, "program", -1);
    RANGE(items_tenths, 5, 250, "program", -1);
    WRONG(n_items, 0, "program", -1, "n_items");
    WRONG(n_items, PW_MAX_ITEMS + 1, "program", -1, "n_items");
    WRONG(n_items, 5, "item", 4, "what"); /* PW_ITEM_NONE */
    RANGE(n_points, 0, 54, "program", -1);
    RANGE(n_test, 0, 3, "program", -1); /* one is left of the normal list */
    WRONG(item[2].what, PW_N_ITEMS, "item", 2, "what");
    RANGE(item[2].code, 0, 99, "item", 2);
    RANGE(item[3].tenths, 5, 250, "item", 3);
    WRONG(n_outputs, PW_MAX_OUTPUTS + 1, "program", -1, "n_outputs");
    WRONG(n_outputs, 3, "output", 2, "kind"); /* PW_OUT_NONE */
    WRONG(output[1].kind, PW_OUT_LED_LOAD + 1, "output", 1, "kind");
    WRONG(output[1].kind, base.output[0].kind, "output", 1, "kind"); /* two on one pin */
    RANGE(output[1].quantity, 0, PW_SQ_VARH_REC, "output", 1);
    RANGE(output[1].point, 0, 53, "output", 1);
    base.output[1].point = PW_OUT_ALL_POINTS;
    RANGE(output[1].weight_mwh, 10, 10000000, "output", 1);
}

/* Which items there can be, and what their arguments may say, counted over all of them. */
static void arguments_of_items(void **state)
{
    (void)state;
    static const struct { uint8_t what; unsigned allowed; } want[] = {
        {PW_ITEM_SEGMENTS, 1}, {PW_ITEM_TOTAL, 7}, {PW_ITEM_RATE, 21}, {PW_ITEM_NET_WH, 3}, {PW_ITEM_NET_VARH, 0}, {PW_ITEM_PRESENT, 2}, {PW_ITEM_PREVIOUS, 2},
        {PW_ITEM_PEAK, 2}, {PW_ITEM_PEAK_TIME, 2}, {PW_ITEM_CUMULATIVE, 2}, {PW_ITEM_CONTINUOUS, 2}, {PW_ITEM_RATE_PEAK, 6}, {PW_ITEM_RESETS, 1},
        {PW_ITEM_DATE, 1}, {PW_ITEM_TIME, 1}, {PW_ITEM_RATE_NOW, 1}, {PW_ITEM_VOLTS, 3}, {PW_ITEM_AMPERES, 9}, {PW_ITEM_POWER, 1}, {PW_ITEM_SERVICE, 1},
        {PW_ITEM_FIRMWARE_1, 1}, {PW_ITEM_FIRMWARE_2, 1}, {PW_ITEM_SEAL, 1}, {PW_ITEM_IDENTITY, 1}, {PW_ITEM_SELF_TEST, 1},
    };
    assert_int_equal(sizeof want / sizeof want[0], PW_N_ITEMS - 1);
    pw_program_default(&base, PW_PROFILE_IMS_S2); /* two demands */
    base.n_rates = 2;
    base.quantities = 1 << PW_TQ_WH_DEL | 1 << PW_TQ_WH_REC | 1 << PW_TQ_VARH_Q1 | 1 << PW_TQ_VARH_Q2 | 1 << PW_TQ_VARH_Q3 | /* without Q4 no varh received */
                      1 << PW_TQ_VAH_REC;
    for (unsigned i = 0; i < PW_N_ITEMS - 1; i++) {
        unsigned allowed = 0;
        for (unsigned arg = 0; arg < 256; arg++) {
            base.item[1] = (struct pw_program_item){.what = want[i].what, .arg = (uint8_t)arg};
            if (pw_program_check(&base, NULL) == PW_OK)
                allowed++;
            else
                expect("item", 1, "arg");
        }
        assert_int_equal(allowed, want[i].allowed);
    }
}

/* ---- the page ---- */

static void append(char *out, const char *format, ...)
{
    va_list args;
    size_t n = strlen(out);
    va_start(args, format);
    (void)vsnprintf(out + n, 600 - n, format, args);
    va_end(args);
}

/* A profile as docs/profiles.md has it. */
static void row_of(unsigned profile, char out[600])
{
    static const char *const reset[] = {"button", "key", "command", "schedule"};
    static const char *const kw[] = {"kW", "kW rec", "kvar", "kvar rec", "kVA", "kVA rec"}, *const way[] = {"block", "sliding", "thermal"};
    static const char *const unit[PW_N_SQ] = {"Wh", "Wh rec", "varh Q1", "varh Q2", "varh Q3", "varh Q4", "VAh", "VAh rec", "varh", "varh rec"};
    static const char *const led[] = {"", "IR", "a", "b", "load"};
    struct pw_program p;
    struct pw_profile_panel panel;
    pw_program_default(&p, profile);
    pw_profile_panel(profile, &panel);
    *out = '\0';
    append(out, "| `%s` | %u, %u | ", pw_profile_name(profile), panel.n_points, panel.n_ct);
    for (unsigned q = 0, n = 0; q < PW_N_TQ; q++)
        if (p.quantities >> q & 1)
            append(out, "%s%s", n++ ? ", " : "", unit[q]);
    append(out, " | %u | %u.%u | ", p.n_rates, p.digits - p.decimals, p.decimals);
    for (unsigned k = 0; k < p.n_demands; k++) {
        append(out, "%s%s %s %u", k ? ", " : "", kw[p.demand[k].quantity], way[p.demand[k].method], p.demand[k].interval_min);
        if (p.demand[k].subintervals > 1)
            append(out, " / %u", p.demand[k].subintervals);
    }
    append(out, " | ");
    for (unsigned i = 0, n = 0; i < 4; i++)
        if (p.reset_by >> i & 1)
            append(out, "%s%s", n++ ? ", " : "", reset[i]);
    append(out, " | %u min, %u | %u | %s: %u + %u | ", p.intervals.minutes, __builtin_popcount(p.intervals.channels), p.test_timeout_min,
           p.style == PW_STYLE_LIST ? "list" : "pages", p.n_items - p.n_test, p.n_test);
    for (unsigned i = 0; i < p.n_outputs; i++)
        append(out, "%s%s %g %s%s", i ? ", " : "", led[p.output[i].kind], p.output[i].weight_mwh / 1000.0, unit[p.output[i].quantity], p.output[i].half ? ", 50 %" : "");
    append(out, " | %g |\n", p.pulse_weight_mwh / 1000.0);
}

static void page_is_the_data(void **state)
{
    (void)state;
    static char page[32768];
    FILE *f = fopen("docs/profiles.md", "r");
    assert_non_null(f);
    page[fread(page, 1, sizeof page - 1, f)] = '\0';
    (void)fclose(f);
    for (unsigned i = 0; i < PW_N_PROFILES; i++) {
        char row[600];
        row_of(i, row);
        if (strstr(page, row) == NULL)
            fail_msg("docs/profiles.md should say: %s", row);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "rows") == 0) { /* for the page */
        for (unsigned i = 0; i < PW_N_PROFILES; i++) {
            char row[600];
            row_of(i, row);
            (void)fputs(row, stdout);
        }
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nine_profiles), cmocka_unit_test(profiles_by_product), cmocka_unit_test(quantity_parts),
        cmocka_unit_test(random_programs_come_back), cmocka_unit_test(each_byte_damaged), cmocka_unit_test(bytes_that_no_friend_sends),
        cmocka_unit_test(each_range), cmocka_unit_test(ranges_of_display_and_outputs), cmocka_unit_test(arguments_of_items),
        cmocka_unit_test(page_is_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
