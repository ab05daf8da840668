/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules as text: there and back, a test for each kind of fault, text that no friend would send. */
#include "t.h"

#include <stdio.h>

#include "tou_random.h"
#include "tou_text.h"

static int parse(const char *text, struct pw_tou *t, struct pw_tou_names *n, struct pw_tou_text_fault *f)
{
    return pw_tou_parse(text, strlen(text), t, n, f);
}

/* text -> data -> text -> data: the same data and the same text; data -> text -> data: the same data. */
static void text_and_back(void **state)
{
    (void)state;
    size_t longest = 0;
    unsigned by_wall_clock = 0, by_utc = 0;
    for (unsigned round = 0; round < 2000; round++) {
        struct pw_tou t, back;
        struct pw_tou_names n, names_back;
        struct pw_tou_text_fault f;
        uint8_t image[PW_TOU_SIZE_B], again[PW_TOU_SIZE_B];
        char text[PW_TOU_TEXT_MAX_B], text_again[PW_TOU_TEXT_MAX_B];
        seed = 30000 + round;
        random_schedule(&t, 2027);
        if (t.zone.start.month != 0 && pick(2) == 0) { /* in the hour that comes twice */
            uint32_t utc = year_begin(2027);
            while (pw_zone_ahead_s(&t.zone, utc, NULL) <= pw_zone_ahead_s(&t.zone, utc + PW_DAY_S, NULL))
                utc += PW_DAY_S;
            while (pw_zone_ahead_s(&t.zone, utc, NULL) == pw_zone_ahead_s(&t.zone, utc + 60, NULL))
                utc += 60;
            t.effective_utc = utc - 7200 + pick(4 * 3600);
        }
        random_names(&n, &t);
        assert_int_equal(pw_tou_print(&t, &n, text, sizeof text), PW_OK);
        if (parse(text, &back, &names_back, &f) != PW_OK)
            fail_msg("seed %u: line %u: %s\n%s", 30000 + round, f.line, f.reason, text);
        assert_int_equal(pw_tou_encode(&t, &n, image, NULL), PW_OK);
        assert_int_equal(pw_tou_encode(&back, &names_back, again, NULL), PW_OK);
        assert_memory_equal(image, again, sizeof image);
        assert_int_equal(pw_tou_print(&back, &names_back, text_again, sizeof text_again), PW_OK);
        assert_string_equal(text, text_again);
        by_utc += strstr(text, " utc\n") != NULL;
        by_wall_clock += strstr(text, "\neffective") != NULL && strstr(text, " utc\n") == NULL;
        longest = strlen(text) > longest ? strlen(text) : longest;
        char small[PW_TOU_TEXT_MAX_B];
        assert_int_equal(pw_tou_print(&t, &n, small, 1 + pick((unsigned)strlen(text))), PW_ERR_SIZE);
    }
    assert_true(longest + 500 < PW_TOU_TEXT_MAX_B);
    assert_true(by_utc > 50 && by_wall_clock > 500);
}

#define HEAD "schedule 1 \"x\"\nzone 60\nrate 1 \"a\"\nrate 2 \"b\"\n"
#define DAYS HEAD "daytype w 00:00=1 07:00=2\ndaytype e 00:00=1\n" /* lines 5, 6 */
#define ALL  DAYS "season s from 01-01 mon-fri=w sat,sun=e holiday=e\n" /* line 7 */
#define SEG10(r) "00:00=1 00:01=" r " 00:02=1 00:03=" r " 00:04=1 00:05=" r " 00:06=1 00:07=" r " 00:08=1 00:09=" r

static const struct {
    const char *text;
    unsigned line;
    const char *reason;
} faults[] = {
    {"", 1, "'schedule' line is missing"},
    {"schedule 1 \"x\"\n", 1, "'zone' line is missing"},
    {"zone 60\n\n# comment\n", 3, "'schedule' line is missing"},
    {"schedule 1 \"x\"\nzone 60\n", 2, "'rate' line is missing"},
    {HEAD, 4, "'daytype' line is missing"},
    {DAYS, 6, "'season' line is missing"},
    {ALL "tariff 3\n", 8, "unknown word 'tariff'"},
    {ALL "\"zone\" 60\n", 8, "unknown word 'zone'"},
    {ALL "rate\x80\x01 60\n", 8, "unknown word 'rate?" "?'"},
    {ALL "abcdefghijklmnopqrstuvwxyz0123\n", 8, "unknown word 'abcdefghijklmnopqrstuvwx...'"},
    {"schedule\n", 1, "number of the schedule is missing"},
    {"schedule x \"a\"\n", 1, "'x' is no number of a schedule: 0 .. 65535"},
    {"schedule 65536 \"a\"\n", 1, "'65536' is no number of a schedule: 0 .. 65535"},
    {"schedule 1\n", 1, "name of the schedule is missing"},
    {"schedule 1 name\n", 1, "name without \": 'name'"},
    {"schedule 1 \"12345678901234567\"\n", 1, "name too long: '12345678901234567', at most 16 characters"},
    {"schedule 1 \"M\xc3\xbcller\"\n", 1, "name is not plain ASCII: 'M?" "?ller'"},
    {"schedule 1 \"open\nzone 60\n", 1, "no \" at the end of 'open'"},
    {"schedule 1 \"a\"b\n", 1, "no blank after 'a'"},
    {"schedule 1 \"a\" b\n", 1, "unknown word 'b', here the line ends"},
    {"\n\nschedule 1 \"a\"\nschedule 1 \"a\"\n", 4, "a second 'schedule' line"},
    {"zone\n", 1, "minutes from UTC is missing"},
    {"zone 841\n", 1, "'841' are no minutes from UTC: -720 .. 840"},
    {"zone --5\n", 1, "'--5' are no minutes from UTC: -720 .. 840"},
    {"zone 60\nzone 60\n", 2, "a second 'zone' line"},
    {"zone 60 60\n", 1, "unknown word '60', here comes 'dst'"},
    {"zone 60 \\", 1, "unknown word '\\', here comes 'dst'"},
    {"zone 60 \\\r", 1, "unknown word '\\', here comes 'dst'"},
    {"zone 60 dst 0 start m3w5d0 02:00 end m10w5d0 03:00\n", 1, "'0' are no minutes of daylight saving: 1 .. 120"},
    {"zone 60 dst 60 end m3w5d0 02:00\n", 1, "unknown word 'end', here comes 'start'"},
    {"zone 60 dst 60 start m3w6d0 02:00 end m10w5d0 03:00\n", 1, "no such weekday (month 1..12, week 1..5, day 0..6): 'm3w6d0'"},
    {"zone 60 dst 60 start 03-28 02:00 end m10w5d0 03:00\n", 1, "'03-28' is no weekday of a month: m11w4d4"},
    {"zone 60 dst 60 start m3w5d0 24:00 end m10w5d0 03:00\n", 1, "no such time: '24:00'"},
    {"zone 60 dst 60 start m3w5d0 2:00 end m10w5d0 03:00\n", 1, "'2:00' is no time: HH:MM"},
    {"zone 60 dst 60 start m3w5d0 02:00\n", 1, "end is missing"},
    {"zone 60 dst 60 start m3w5d0 02:00 end m4w5d0 03:00\n", 1, "start and end of daylight saving are less than two months apart"},
    {ALL "effective 2027-02-29 00:00\n", 8, "no such day: '02-29'"},
    {ALL "effective 1999-12-31 00:00\n", 8, "year not in 2000 .. 2099: '1999-12-31'"},
    {ALL "effective 27-01-01 00:00\n", 8, "'27-01-01' is no date: YYYY-MM-DD"},
    {ALL "effective 2027-01-01\n", 8, "time is missing"},
    {ALL "effective 2027-01-01 00:00:60\n", 8, "no such time: '00:00:60'"},
    {ALL "effective 2027-01-01 00:00 local\n", 8, "unknown word 'local'"},
    {ALL "effective 2000-01-01 00:30\n# end\n", 8, "effective: not in 2000 .. 2099 in UTC"},
    {ALL "effective 2027-01-01 00:00\neffective 2027-01-01 00:00\n", 9, "a second 'effective' line"},
    {"effective 2027-03-28 02:30\nschedule 1 \"x\"\nzone 60 dst 60 start m3w5d0 02:00 end m10w5d0 03:00\nrate 1 \"a\"\ndaytype e 00:00=1\n"
     "season s from 01-01 sun-sat=e holiday=e\n", 1, "effective: the clocks skip this time"},
    {"rate 0 \"a\"\n", 1, "'0' is no rate: 1, 2 ..."},
    {"rate 99 \"a\"\n", 1, PW_TOU_RATES == 4 ? "'99' is beyond the limit of 4 rates" : "'99' is beyond the limit of rates"},
    {"rate 2 \"a\"\n", 1, "rate '2' comes before a lower one"},
    {HEAD "rate 2 \"c\"\n", 5, "rate '2' exists already"},
    {"rate 1 \"1234567890123\"\n", 1, "name too long: '1234567890123', at most 12 characters"},
    {"rate 1\n", 1, "name of the rate is missing"},
    {HEAD "daytype\n", 5, "name of the day type is missing"},
    {HEAD "daytype w\n", 5, "segment is missing"},
    {HEAD "daytype abcdefghijklm 00:00=1\n", 5, "name too long: 'abcdefghijklm', at most 12 characters"},
    {HEAD "daytype a.b 00:00=1\n", 5, "name with other than letters, digits, - and _: 'a.b'"},
    {HEAD "daytype \"w\" 00:00=1\n", 5, "'w' must stand without \""},
    {HEAD "daytype w 00:00\n", 5, "'00:00' is no segment: HH:MM=RATE"},
    {HEAD "daytype w 00:60=1\n", 5, "no such time: '00:60'"},
    {HEAD "daytype w 00:01=1\n", 5, "segment '00:01=1': the first one begins at 00:00"},
    {HEAD "daytype w 00:00=1 \\\n 07:00=2 \\\n 07:00=1\n", 7, "segment '07:00=1' does not come after the one before"},
    {HEAD "daytype w 00:00=3\n", 5, "segment '00:00=3': no such rate (rates come first)"},
    {HEAD "daytype w 00:00=x\n", 5, "'x' is no rate: 1, 2 ..."},
    {DAYS "daytype e 00:00=1\n", 7, "'e' exists already"},
    {HEAD "daytype a " SEG10("2") "\ndaytype b " SEG10("2") "\ndaytype c " SEG10("2") "\ndaytype d " SEG10("2") "\ndaytype e " SEG10("2") "\ndaytype f " SEG10("2")
     "\ndaytype g " SEG10("2") "\ndaytype h " SEG10("2") "\ndaytype i 00:00=1\n", 13, "segment '00:00=1': more than 80 segments"},
    {DAYS "daytype a 00:00=1\ndaytype b 00:00=1\ndaytype c 00:00=1\ndaytype d 00:00=1\ndaytype f 00:00=1\ndaytype g 00:00=1\ndaytype h 00:00=1\n"
     "daytype i 00:00=1\ndaytype j 00:00=1\n", 15, "day type 'j': more than 10 day types"},
    {DAYS "season\n", 7, "name of the season is missing"},
    {DAYS "season s 01-01\n", 7, "unknown word '01-01', here comes 'from'"},
    {DAYS "season s from\n", 7, "day is missing"},
    {DAYS "season s from 02-29\n", 7, "no such day: '02-29'"},
    {DAYS "season s from 1-1\n", 7, "'1-1' is no day: MM-DD"},
    {DAYS "season s from 01-01 mon-fri\n", 7, "unknown word 'mon-fri', here comes DAYS=DAYTYPE"},
    {DAYS "season s from 01-01 mon-fri=x\n", 7, "no such day type: 'x' (day types come first)"},
    {DAYS "season s from 01-01 mon-day=w\n", 7, "'day' is no weekday: mon ... sun"},
    {DAYS "season s from 01-01 mon,=w\n", 7, "'' is no weekday: mon ... sun"},
    {DAYS "season s from 01-01 mon-fri=w fri-sun=e\n", 7, "a second day type for 'fri'"},
    {DAYS "season s from 01-01 holiday=e holiday=e\n", 7, "a second day type for 'holiday'"},
    {DAYS "season s from 01-01 mon-sat=w holiday=e\n", 7, "season 's': no day type for sun"},
    {DAYS "season s from 01-01 mon-tue,thu-sun=w holiday=e\n", 7, "season 's': no day type for wed"},
    {DAYS "season s from 01-01 sun-sat=w\n", 7, "season 's': no day type for holiday"},
    {ALL "season s from 02-01 sun-sat=w holiday=e\n", 8, "'s' exists already"},
    {ALL "season t from 01-01 sun-sat=w holiday=e\n", 8, "season 't' does not begin after the one before"},
    {ALL "season a from 02-01 sun-sat=w holiday=e\nseason b from 02-02 sun-sat=w holiday=e\nseason c from 03-01 sun-sat=w holiday=e\n"
     "season d from 04-01 sun-sat=w holiday=e\n", 11, "season 'd': more than 4 seasons"},
    {ALL "holiday\n", 8, "kind of holiday is missing"},
    {ALL "holiday 07-01\n", 8, "unknown kind of holiday '07-01'; known: once yearly nth on-or-after easter"},
    {ALL "holiday yearly\n", 8, "day of the holiday is missing"},
    {ALL "holiday yearly 02-30\n", 8, "no such day: '02-30'"},
    {ALL "holiday yearly 2027-02-03\n", 8, "'2027-02-03' is no day: MM-DD"},
    {ALL "holiday once 2027-02-29\n", 8, "no such day: '02-29'"},
    {ALL "holiday once 2100-02-28\n", 8, "year not in 2000 .. 2099: '2100-02-28'"},
    {ALL "holiday nth m13w1d1\n", 8, "no such weekday (month 1..12, week 1..5, day 0..6): 'm13w1d1'"},
    {ALL "holiday nth m1w1\n", 8, "'m1w1' is no weekday of a month: m11w4d4"},
    {ALL "holiday easter -81\n", 8, "'-81' are no days from Easter Sunday: -80 .. 127"},
    {ALL "holiday easter\n", 8, "day of the holiday is missing"},
    {ALL "holiday on-or-after 12-26 mon\n", 8, "'12-26': this weekday may be in the next year"},
    {ALL "holiday on-or-after 12-24\n", 8, "weekday is missing"},
    {ALL "holiday on-or-after 12-24 monday\n", 8, "'monday' is no weekday: mon ... sun"},
    {ALL "holiday yearly 07-01 shift shift\n", 8, "unknown word 'shift'"},
    {ALL "holiday yearly 07-01 \"a\" \"b\"\n", 8, "unknown word 'b'"},
    {ALL "holiday yearly 07-01\nholiday yearly 07-01 shift\n", 9, "holiday 'yearly 07-01' exists already"},
    {ALL "holiday  easter +5\nholiday easter 5\n", 9, "holiday 'easter 5' exists already"},
};

static void each_fault_names_line_and_reason(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct pw_tou t;
        struct pw_tou_names n;
        struct pw_tou_text_fault f = {0, ""};
        memset(&t, 0x5A, sizeof t);
        char *exact = malloc(strlen(faults[i].text)); /* not terminated, so that the sanitizer sees who reads on */
        memcpy(exact, faults[i].text, strlen(faults[i].text));
        int err = pw_tou_parse(exact, strlen(faults[i].text), &t, &n, &f);
        free(exact);
        if (err != PW_ERR_RANGE || f.line != faults[i].line || strcmp(f.reason, faults[i].reason) != 0)
            fail_msg("fault %u: %d, line %u: %s (should be line %u: %s)", i, err, f.line, f.reason, faults[i].line, faults[i].reason);
        assert_int_equal(t.n_rates, 0x5A);
    }
    char many[8192] = ALL;
    for (unsigned i = 0; i < 41; i++)
        sprintf(many + strlen(many), "holiday easter %u\n", i);
    struct pw_tou t;
    struct pw_tou_names n;
    struct pw_tou_text_fault f;
    assert_int_equal(parse(many, &t, &n, &f), PW_ERR_RANGE);
    assert_int_equal(f.line, 48);
    assert_string_equal(f.reason, "holiday 'easter 40': more than 40 holidays");
}

/* Rates: as many as this build is for, one more is too many. */
static void limit_of_rates(void **state)
{
    (void)state;
    struct pw_tou t;
    struct pw_tou_names n;
    struct pw_tou_text_fault f;
    char text[1024] = "schedule 1 \"x\"\nzone 60\n";
    for (unsigned r = 1; r <= PW_TOU_RATES; r++)
        sprintf(text + strlen(text), "rate %u \"r%u\"\n", r, r);
    char more[1100];
    sprintf(more, "%srate %u \"r\"\n", text, PW_TOU_RATES + 1);
    sprintf(text + strlen(text), "daytype d 00:00=1 12:00=%u\nseason s from 01-01 sun-sat=d holiday=d\n", PW_TOU_RATES);
    assert_int_equal(parse(text, &t, &n, &f), PW_OK);
    assert_int_equal(t.n_rates, PW_TOU_RATES);
    struct pw_tou_now now;
    pw_tou_at(&t, 13 * 3600, &now);
    assert_int_equal(now.rate, PW_TOU_RATES - 1);
    assert_int_equal(parse(more, &t, &n, &f), PW_ERR_RANGE);
    assert_int_equal(f.line, PW_TOU_RATES + 3);
    assert_non_null(strstr(f.reason, "is beyond the limit"));
}

/* Blanks, comments, line ends of other systems, no line end at the end: all the same schedule. */
static void forms_of_white_space(void **state)
{
    (void)state;
    static const char plain[] = ALL "holiday yearly 07-01 shift\n";
    static const char odd[] = "# c\r\n\r\nschedule 1\t\"x\" # \"y\nzone +60\r\nrate 1 \"a\" \\\n\nrate \\\r\n 2 \"b\" #\n  daytype w 00:00=1 07:00=2   \r\ndaytype e 00:00=1\n"
                              "season s from 01-01 sat-sun=e holiday=e \\\n fri,mon-thu=w\nholiday yearly 07-01 \"# no comment\" shift # comment";
    struct pw_tou a, b;
    struct pw_tou_names na, nb;
    struct pw_tou_text_fault f = {0, ""};
    uint8_t ia[PW_TOU_SIZE_B], ib[PW_TOU_SIZE_B];
    assert_int_equal(parse(plain, &a, &na, &f), PW_OK);
    if (parse(odd, &b, &nb, &f) != PW_OK)
        fail_msg("line %u: %s", f.line, f.reason);
    assert_int_equal(pw_tou_encode(&a, &na, ia, NULL), PW_OK);
    assert_int_equal(pw_tou_encode(&b, &nb, ib, NULL), PW_OK);
    assert_memory_equal(ia, ib, sizeof ia);
}

static void printed_text(void **state)
{
    (void)state;
    static const char text[] = "schedule 7 \"A b\"\nzone -210 dst 60 start m3w2d0 00:01 end m11w1d0 00:01\neffective 2027-11-07 01:30:09\nrate 1 \"lo\"\nrate 2 \"\"\n"
                               "daytype w 00:00=1 01:00=2 02:00=1 03:00=2 04:00=1 05:00=2 06:00=1 07:00=2 \\\n    23:59=1\ndaytype e 00:00=2\n"
                               "season a from 02-28 mon,wed-fri=w tue,sat-sun=e holiday=e\nseason b from 12-31 mon-sun=w holiday=e\n"
                               "holiday yearly 07-01 shift\nholiday once 2099-12-31\nholiday nth m12w5d6 shift-next\nholiday on-or-after 05-18 mon\nholiday easter -2\n"
                               "holiday easter 127\n";
    struct pw_tou t;
    struct pw_tou_names n;
    struct pw_tou_text_fault f;
    char again[PW_TOU_TEXT_MAX_B];
    assert_int_equal(parse(text, &t, &n, &f), PW_OK);
    assert_int_equal(pw_tou_print(&t, &n, again, sizeof again), PW_OK);
    assert_string_equal(again, text);
}

static void effective_is_local_time(void **state)
{
    (void)state;
    static const struct { const char *line; struct pw_civil utc; } list[] = {
        {"effective 2027-01-01 00:00", {2027, 1, 1, 5, 0, 0, 0}}, {"effective 2027-07-01 00:00:07", {2027, 7, 1, 4, 0, 7, 0}},
        {"effective 2027-11-07 01:30", {2027, 11, 7, 5, 30, 0, 0}}, {"effective 2027-11-07 06:30 utc", {2027, 11, 7, 6, 30, 0, 0}}};
    for (unsigned i = 0; i < sizeof list / sizeof list[0]; i++) {
        struct pw_tou t;
        struct pw_tou_names n;
        struct pw_tou_text_fault f;
        char text[512];
        sprintf(text, "%s\nschedule 1 \"x\"\nzone -300 dst 60 start m3w2d0 02:00 end m11w1d0 02:00\nrate 1 \"\"\ndaytype d 00:00=1\nseason s from 01-01 sun-sat=d holiday=d\n",
                list[i].line);
        assert_int_equal(parse(text, &t, &n, &f), PW_OK);
        assert_int_equal(t.effective_utc, pw_civil_to_s(&list[i].utc));
    }
}

/* Bytes that no friend would send: a line and a reason, or a schedule that passes its check. */
static void damaged_text(void **state)
{
    (void)state;
    unsigned accepted = 0, refused = 0;
    for (unsigned round = 0; round < 20000; round++) {
        static const char spice[] = "\n\r\t #\"\\=,:-+0123456789mwd\0\x80z";
        static char text[PW_TOU_TEXT_MAX_B];
        static size_t len;
        struct pw_tou t;
        struct pw_tou_names n;
        struct pw_tou_text_fault f = {0, ""};
        seed = 60000 + round;
        if (round % 50 == 0) {
            random_schedule(&t, 2027);
            random_names(&n, &t);
            assert_int_equal(pw_tou_print(&t, &n, text, sizeof text), PW_OK);
            len = strlen(text);
        }
        char *bad = malloc(len + 4);
        size_t m = len;
        memcpy(bad, text, len);
        for (unsigned k = pick(4); k > 0 && m > 2; k--) {
            size_t at = pick((unsigned)m);
            switch (pick(3)) {
            case 0: bad[at] = spice[pick(sizeof spice - 1)]; break;
            case 1: memmove(bad + at, bad + at + 1, --m - at); break;
            default: m = pick(20) == 0 ? at : m; bad[at] = bad[pick((unsigned)m + 1)]; break;
            }
        }
        char *exact = malloc(m == 0 ? 1 : m);
        memcpy(exact, bad, m);
        int err = pw_tou_parse(exact, m, &t, &n, &f);
        unsigned lines = 1;
        for (size_t i = 0; i + 1 < m; i++)
            lines += exact[i] == '\n';
        if (err == PW_OK) {
            accepted++;
            assert_int_equal(pw_tou_check(&t, NULL), PW_OK);
            assert_int_equal(pw_tou_check_names(&n, &t, NULL), PW_OK);
        } else {
            refused++;
            assert_int_equal(err, PW_ERR_RANGE);
            assert_true(f.line >= 1 && f.line <= lines + 1 && f.reason[0] != 0);
            assert_null(strstr(f.reason, "does not pass its check")); /* each fault is found at its line */
        }
        free(exact);
        free(bad);
    }
    assert_true(accepted > 1000 && refused > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_back), cmocka_unit_test(each_fault_names_line_and_reason), cmocka_unit_test(limit_of_rates),
        cmocka_unit_test(forms_of_white_space), cmocka_unit_test(printed_text), cmocka_unit_test(effective_is_local_time), cmocka_unit_test(damaged_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
