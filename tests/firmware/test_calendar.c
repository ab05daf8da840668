/* SPDX-License-Identifier: Apache-2.0 */
/* Calendar and daylight saving against the C library's, which nobody here wrote. */
#include "t.h"

#include <time.h>

#include "calendar.h"

#define UNIX_2000 INT64_C(946684800)

static void same(const struct pw_civil *c, const struct tm *t)
{
    assert_int_equal(c->year, t->tm_year + 1900);
    assert_int_equal(c->month, t->tm_mon + 1);
    assert_int_equal(c->day, t->tm_mday);
    assert_int_equal(c->hour, t->tm_hour);
    assert_int_equal(c->minute, t->tm_min);
    assert_int_equal(c->second, t->tm_sec);
    assert_int_equal(c->weekday, t->tm_wday);
}

static void every_day_of_the_century(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < PW_UTC_END; s += PW_DAY_S / 2 + 1) {
        struct pw_civil c;
        struct tm t;
        time_t u = (time_t)(s + UNIX_2000);
        pw_civil_from_s(&c, s);
        same(&c, gmtime_r(&u, &t));
        assert_true(pw_civil_valid(&c));
        assert_int_equal(pw_civil_to_s(&c), s);
    }
    struct pw_civil end;
    pw_civil_from_s(&end, UINT32_MAX);
    assert_int_equal(end.year, 2099);
    assert_int_equal(pw_civil_to_s(&end), PW_UTC_END - 1);
}

static void impossible_dates(void **state)
{
    (void)state;
    static const struct pw_civil bad[] = {
        {1999, 12, 31, 23, 59, 59, 0}, {2100, 1, 1, 0, 0, 0, 0}, {2026, 0, 1, 0, 0, 0, 0}, {2026, 13, 1, 0, 0, 0, 0}, {2026, 2, 29, 0, 0, 0, 0},
        {2026, 4, 31, 0, 0, 0, 0}, {2026, 1, 0, 0, 0, 0, 0}, {2026, 1, 1, 24, 0, 0, 0}, {2026, 1, 1, 0, 60, 0, 0}, {2026, 1, 1, 0, 0, 60, 0}};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(pw_civil_valid(&bad[i]));
    assert_true(pw_civil_valid(&(struct pw_civil){2028, 2, 29, 23, 59, 59, 0}));
}

static const struct {
    const char *tz;
    struct pw_zone zone;
} zones[] = {
    {"EST5EDT,M3.2.0/2,M11.1.0/2", {-300, 60, {3, 2, 0, 120}, {11, 1, 0, 120}}},
    {"NST3:30NDT,M3.2.0/0:01,M11.1.0/0:01", {-210, 60, {3, 2, 0, 1}, {11, 1, 0, 1}}},
    {"CET-1CEST,M3.5.0/2,M10.5.0/3", {60, 60, {3, 5, 0, 120}, {10, 5, 0, 180}}},
    {"AEST-10AEDT,M10.1.0/2,M4.1.0/3", {600, 60, {10, 1, 0, 120}, {4, 1, 0, 180}}},
    {"LHST-10:30LHDT-11,M10.1.0/2,M4.1.0/2", {630, 30, {10, 1, 0, 120}, {4, 1, 0, 120}}},
    {"CST6", {-360, 0, {0, 0, 0, 0}, {0, 0, 0, 0}}},
};

static void local_time_is_that_of_the_c_library(void **state)
{
    (void)state;
    for (unsigned z = 0; z < sizeof zones / sizeof zones[0]; z++) {
        setenv("TZ", zones[z].tz, 1);
        tzset();
        assert_true(pw_zone_valid(&zones[z].zone));
        for (uint32_t utc = PW_DAY_S; utc < PW_UTC_END - PW_DAY_S; utc += 1799) {
            struct pw_civil c;
            struct tm t;
            time_t u = (time_t)(utc + UNIX_2000);
            bool dst = pw_zone_local(&zones[z].zone, utc, &c);
            localtime_r(&u, &t);
            same(&c, &t);
            assert_int_equal(dst, t.tm_isdst > 0);
            uint32_t back = pw_zone_utc(&zones[z].zone, &c);
            if (back != utc) /* only the second time of the hour that comes twice */
                assert_true(!dst && utc - back == zones[z].zone.dst_min * 60u);
        }
    }
}

static void the_hour_that_does_not_exist(void **state)
{
    (void)state;
    const struct pw_zone *z = &zones[0].zone;
    struct pw_civil skipped = {2026, 3, 8, 2, 30, 0, 0}, is;
    uint32_t utc = pw_zone_utc(z, &skipped);
    assert_true(pw_zone_local(z, utc, &is));
    assert_int_equal(is.hour, 3);
    assert_int_equal(is.minute, 30);
}

static void bad_zones(void **state)
{
    (void)state;
    struct pw_zone z = zones[0].zone;
    z.offset_min = 900;
    assert_false(pw_zone_valid(&z));
    z = zones[0].zone;
    z.start.week = 6;
    assert_false(pw_zone_valid(&z));
    z = zones[0].zone;
    z.end.month = 3;
    assert_false(pw_zone_valid(&z));
    z = zones[0].zone;
    z.dst_min = 0;
    assert_false(pw_zone_valid(&z));
    z = zones[0].zone;
    z.end.minute = 1440;
    assert_false(pw_zone_valid(&z));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_the_century), cmocka_unit_test(impossible_dates), cmocka_unit_test(local_time_is_that_of_the_c_library),
        cmocka_unit_test(the_hour_that_does_not_exist), cmocka_unit_test(bad_zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
