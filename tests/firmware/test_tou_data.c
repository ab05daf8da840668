/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules as data: each fault of the check, the stored form and damage to it. */
#include "t.h"

#include "bytes.h"
#include "crc32.h"
#include "tou_random.h"
#include "tou_text.h"

/* ---- check ---- */

static void faults_have_names(void **state)
{
    (void)state;
    struct pw_tou good, t;
    struct pw_tou_fault f;
    pw_tou_default(&good);
    good.n_rates = 2;
    good.n_daytypes = 2;
    good.n_segments[0] = 2;
    good.n_segments[1] = 1;
    good.segment[1] = PW_TOU_SEG(60, 1);
    good.n_seasons = 2;
    good.season[1] = good.season[0];
    good.season[1].month = 7;
    good.n_holidays = 2;
    good.holiday[0] = (struct pw_tou_holiday){PW_TOU_YEARLY, 2, 29, 0};
    good.holiday[1] = (struct pw_tou_holiday){PW_TOU_RULE(PW_TOU_NTH, PW_TOU_NEXT), 5, 5, 6};
    assert_int_equal(pw_tou_check(&good, &f), PW_OK);
#define FAULT(change, group_, index_, field_)                                                      \
    do {                                                                                           \
        t = good;                                                                                  \
        change;                                                                                    \
        assert_int_equal(pw_tou_check(&t, NULL), PW_ERR_RANGE);                                    \
        assert_int_equal(pw_tou_check(&t, &f), PW_ERR_RANGE);                                      \
        assert_string_equal(f.group, group_);                                                      \
        assert_int_equal(f.index, index_);                                                         \
        assert_string_equal(f.field, field_);                                                      \
    } while (0)
    FAULT(t.n_rates = 0, "schedule", -1, "n_rates");
    FAULT(t.n_rates = PW_TOU_RATES + 1, "schedule", -1, "n_rates");
    FAULT(t.n_daytypes = 0, "schedule", -1, "n_daytypes");
    FAULT(t.n_daytypes = 11, "schedule", -1, "n_daytypes");
    FAULT(t.n_seasons = 0, "schedule", -1, "n_seasons");
    FAULT(t.n_seasons = 5, "schedule", -1, "n_seasons");
    FAULT(t.n_holidays = 41, "schedule", -1, "n_holidays");
    FAULT(t.effective_utc = PW_UTC_END, "schedule", -1, "effective");
    FAULT(t.zone.offset_min = 841, "schedule", -1, "zone");
    FAULT(t.zone.dst_min = 60, "schedule", -1, "zone");
    FAULT((t.zone = zones[0], t.zone.end.month = 4), "schedule", -1, "zone");
    FAULT((t.zone = zones[0], t.zone.end.month = 2), "schedule", -1, "zone");
    FAULT((t.zone = zones[0], t.zone.start.month = 12, t.zone.end.month = 1), "schedule", -1, "zone");
    FAULT(t.name[0] = '"', "schedule", -1, "name");
    FAULT(t.name[16] = 'x', "schedule", -1, "name");
    FAULT(t.name[6] = 'x', "schedule", -1, "name");
    FAULT(t.name[1] = '\n', "schedule", -1, "name");
    FAULT(t.n_segments[1] = 0, "daytype", 1, "n_segments");
    FAULT(t.n_segments[1] = 79, "daytype", 1, "n_segments");
    FAULT(t.n_segments[0] = 255, "daytype", 0, "n_segments");
    FAULT(t.segment[0] = PW_TOU_SEG(1, 0), "daytype", 0, "order");
    FAULT(t.segment[2] = PW_TOU_SEG(60, 0), "daytype", 1, "order");
    FAULT(t.segment[1] = PW_TOU_SEG(0, 1), "daytype", 0, "order");
    FAULT(t.segment[1] = PW_TOU_SEG(1440, 1), "daytype", 0, "order");
    FAULT(t.segment[1] = PW_TOU_SEG(60, 2), "daytype", 0, "rate");
    FAULT(t.season[0].month = 13, "season", 0, "date");
    FAULT((t.season[1].month = 2, t.season[1].day = 29), "season", 1, "date");
    FAULT(t.season[1].month = 1, "season", 1, "order");
    FAULT(t.season[1].daytype[6] = 2, "season", 1, "daytype");
    FAULT(t.season[0].holiday = 2, "season", 0, "daytype");
    FAULT(t.holiday[0].day = 30, "holiday", 0, "date");
    FAULT(t.holiday[0].arg = 1, "holiday", 0, "date");
    FAULT(t.holiday[0].rule = 5, "holiday", 0, "date");
    FAULT(t.holiday[0].rule = PW_TOU_RULE(PW_TOU_YEARLY, 3), "holiday", 0, "date");
    FAULT((t.holiday[0] = (struct pw_tou_holiday){PW_TOU_ONCE, 2, 29, 27}), "holiday", 0, "date");
    FAULT((t.holiday[0] = (struct pw_tou_holiday){PW_TOU_ONCE, 2, 28, 100}), "holiday", 0, "date");
    FAULT((t.holiday[0] = (struct pw_tou_holiday){PW_TOU_AFTER, 12, 26, 1}), "holiday", 0, "date");
    FAULT((t.holiday[0] = (struct pw_tou_holiday){PW_TOU_AFTER, 2, 29, 1}), "holiday", 0, "date");
    FAULT((t.holiday[0] = (struct pw_tou_holiday){PW_TOU_EASTER, 0, 0, (uint8_t)-81}), "holiday", 0, "date");
    FAULT((t.holiday[0] = (struct pw_tou_holiday){PW_TOU_EASTER, 1, 0, 0}), "holiday", 0, "date");
    FAULT(t.holiday[1].day = 6, "holiday", 1, "date");
    FAULT(t.holiday[1].arg = 7, "holiday", 1, "date");
    FAULT((t.holiday[1] = t.holiday[0], t.holiday[1].rule = PW_TOU_RULE(PW_TOU_YEARLY, PW_TOU_NEXT)), "holiday", 1, "twice");
#undef FAULT
}

static void faults_of_names(void **state)
{
    (void)state;
    struct pw_tou t;
    struct pw_tou_names good, n;
    struct pw_tou_fault f;
    uint8_t image[PW_TOU_SIZE_B] = {0};
    seed = 77;
    do
        random_schedule(&t, 2027);
    while (t.n_daytypes < 3 || t.n_seasons < 2 || t.n_rates < 2);
    random_names(&good, &t);
    assert_int_equal(pw_tou_check_names(&good, &t, &f), PW_OK);
#define FAULT(change, group_, index_, field_)                                                                  \
    do {                                                                                                       \
        n = good;                                                                                              \
        change;                                                                                                \
        assert_int_equal(pw_tou_check_names(&n, &t, NULL), PW_ERR_RANGE);                                      \
        assert_int_equal(pw_tou_encode(&t, &n, image, &f), PW_ERR_RANGE);                                      \
        assert_true(strcmp(f.group, group_) == 0 && f.index == index_ && strcmp(f.field, field_) == 0);        \
        assert_int_equal(image[0], 0);                                                                         \
    } while (0)
    FAULT(memset(n.rate[1], 'x', 13), "rate", 1, "name");
    FAULT(n.rate[0][0] = '"', "rate", 0, "name");
    FAULT(n.daytype[2][0] = 0, "daytype", 2, "name");
    FAULT(n.daytype[2][0] = '@', "daytype", 2, "name");
    FAULT(memcpy(n.daytype[2], n.daytype[0], 13), "daytype", 2, "twice");
    FAULT(n.season[1][0] = ' ', "season", 1, "name");
    FAULT(memcpy(n.season[1], n.season[0], 13), "season", 1, "twice");
#undef FAULT
}

/* ---- stored form ---- */

static void stored_and_back(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 1000; round++) {
        struct pw_tou t, back;
        struct pw_tou_names n, names_back;
        uint8_t image[PW_TOU_SIZE_B], again[PW_TOU_SIZE_B];
        seed = 2000 + round;
        random_schedule(&t, 2027);
        random_names(&n, &t);
        assert_int_equal(pw_tou_encode(&t, &n, image, NULL), PW_OK);
        memset(&back, 0xA5, sizeof back);
        memset(&names_back, 0xA5, sizeof names_back);
        assert_int_equal(pw_tou_decode(&back, &names_back, image, sizeof image, NULL), PW_OK);
        assert_memory_equal(&n, &names_back, sizeof n);
        assert_true(back.id == t.id && back.effective_utc == t.effective_utc && memcmp(back.name, t.name, sizeof t.name) == 0);
        assert_memory_equal(back.n_segments, t.n_segments, sizeof t.n_segments);
        assert_memory_equal(back.segment, t.segment, sizeof t.segment);
        assert_memory_equal(back.season, t.season, sizeof t.season);
        assert_memory_equal(back.holiday, t.holiday, sizeof t.holiday);
        assert_int_equal(pw_tou_encode(&back, &names_back, again, NULL), PW_OK);
        assert_memory_equal(image, again, sizeof image);
        memset(&back, 0xA5, sizeof back);
        assert_int_equal(pw_tou_decode(&back, NULL, image, sizeof image, NULL), PW_OK);
        assert_int_equal(pw_tou_encode(&back, &n, again, NULL), PW_OK);
        assert_memory_equal(image, again, sizeof image);
    }
}

/* The bytes of one schedule, once and for all: a meter in the field must still read them. */
static void stored_bytes(void **state)
{
    (void)state;
    static const char text[] = "schedule 513 \"A\"\nzone -300 dst 60 start m3w2d0 02:00 end m11w1d0 02:00\neffective 2000-01-02 00:00 utc\n"
                               "rate 1 \"lo\"\nrate 2 \"hi\"\ndaytype d 00:00=1 07:00=2\ndaytype e 00:00=2\n"
                               "season s from 03-04 sun=e mon-sat=d holiday=e\nholiday easter -2 shift\nholiday once 2027-06-11\n";
    static const uint8_t head[] = {'P', 'W', 'T', 'U', 1, 0, 0xC0, 2, 1, 2, 2, 2, 1, 2, 0, 0, 0x80, 0x51, 1, 0, 0xD4, 0xFE, 60, 3, 2, 0, 120, 0, 11, 1, 0, 120, 0,
                                   0, 0, 0, 'A', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0};
    static const uint8_t segments[] = {0, 0, 0xA4, 9, 0, 8, 0, 0}, season[] = {3, 4, 1, 0, 0, 0, 0, 0, 0, 1, 0}, holidays[] = {0x14, 0, 0, 0xFE, 1, 6, 11, 27, 0};
    struct pw_tou t;
    struct pw_tou_names n;
    struct pw_tou_text_fault f;
    uint8_t image[PW_TOU_SIZE_B];
    assert_int_equal(pw_tou_parse(text, strlen(text), &t, &n, &f), PW_OK);
    assert_int_equal(pw_tou_encode(&t, &n, image, NULL), PW_OK);
    assert_memory_equal(image, head, sizeof head);
    assert_memory_equal(image + 64, segments, sizeof segments);
    assert_memory_equal(image + 224, season, sizeof season);
    assert_memory_equal(image + 264, holidays, sizeof holidays);
    assert_memory_equal(image + 424, "lo\0\0\0\0\0\0\0\0\0\0hi", 15);
    assert_memory_equal(image + 520, "d\0\0\0\0\0\0\0\0\0\0\0e", 14);
    assert_memory_equal(image + 640, "s", 2);
    assert_int_equal(pw_get_le32(image + 700), pw_crc32(0, image, 700));
}

static void damage_is_refused(void **state)
{
    (void)state;
    struct pw_tou t, back;
    struct pw_tou_names n, names_back;
    struct pw_tou_fault f;
    uint8_t image[PW_TOU_SIZE_B];
    seed = 4711;
    random_schedule(&t, 2027);
    random_names(&n, &t);
    assert_int_equal(pw_tou_encode(&t, &n, image, NULL), PW_OK);
    memset(&back, 0x5A, sizeof back);
    memset(&names_back, 0x5A, sizeof names_back);
    struct pw_tou untouched = back;
    for (unsigned i = 0; i < PW_TOU_SIZE_B; i++)
        for (unsigned bits = 1; bits < 256; bits++) {
            image[i] ^= (uint8_t)bits;
            int err = pw_tou_decode(&back, &names_back, image, sizeof image, &f);
            assert_int_equal(err, i < 4 ? PW_ERR_MAGIC : i < 8 ? PW_ERR_VERSION : PW_ERR_CRC);
            assert_string_equal(f.field, i < 4 ? "magic" : i < 8 ? "version" : "crc");
            image[i] ^= (uint8_t)bits;
        }
    for (size_t len = 0; len < PW_TOU_SIZE_B; len += 64 - len % 3)
        assert_int_equal(pw_tou_decode(&back, &names_back, image, len, &f), PW_ERR_SIZE);
    assert_memory_equal(&back, &untouched, sizeof back);
    assert_int_equal(names_back.rate[0][0], 0x5A);
    assert_int_equal(pw_tou_decode(&back, &names_back, image, sizeof image, &f), PW_OK);
}

/* With a right check sum over wrong bytes the ranges must hold: what is accepted can be evaluated (sanitizers watch). */
static void damage_with_a_right_crc(void **state)
{
    (void)state;
    unsigned accepted = 0, refused = 0;
    for (unsigned round = 0; round < 3000; round++) {
        struct pw_tou t;
        struct pw_tou_names n;
        struct pw_tou_now now;
        uint8_t image[PW_TOU_SIZE_B];
        seed = 7000 + round;
        random_schedule(&t, 2027);
        random_names(&n, &t);
        assert_int_equal(pw_tou_encode(&t, &n, image, NULL), PW_OK);
        for (unsigned k = 1 + pick(3); k > 0; k--)
            image[8 + pick(pick(2) == 0 ? 56 : PW_TOU_SIZE_B - 12)] = (uint8_t)(rnd(&seed) >> 40);
        pw_put_le32(image + PW_TOU_SIZE_B - 4, pw_crc32(0, image, PW_TOU_SIZE_B - 4));
        int err = pw_tou_decode(&t, &n, image, sizeof image, NULL);
        assert_true(err == PW_OK || err == PW_ERR_RANGE);
        accepted += err == PW_OK;
        refused += err != PW_OK;
        if (err == PW_OK)
            assert_int_equal(pw_tou_check_names(&n, &t, NULL), PW_OK);
        for (unsigned i = 0; i < 50 && err == PW_OK; i++) {
            pw_tou_at(&t, pick(PW_UTC_END), &now);
            assert_true(now.rate < PW_TOU_RATES && now.season < PW_TOU_SEASONS && now.daytype < PW_TOU_DAYTYPES);
        }
    }
    assert_true(accepted > 200 && refused > 200);
}

struct failing {
    const uint8_t *image;
    unsigned left; /* reads that work */
};

static int read_failing(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
    struct failing *r = ctx;
    assert_true(at + len <= PW_TOU_SIZE_B);
    if (r->left-- == 0)
        return PW_ERR_IO;
    memcpy(out, r->image + at, len);
    return PW_OK;
}

static void reader_that_fails(void **state)
{
    (void)state;
    struct pw_tou t;
    struct pw_tou_names n;
    struct pw_tou_fault f;
    uint8_t image[PW_TOU_SIZE_B];
    seed = 99;
    random_schedule(&t, 2027);
    random_names(&n, &t);
    assert_int_equal(pw_tou_encode(&t, &n, image, NULL), PW_OK);
    struct failing r = {image, 0};
    unsigned reads = 0;
    int err;
    do {
        r.left = reads++;
        err = pw_tou_load(&t, read_failing, &r, &f);
        if (err != PW_OK)
            assert_true(err == PW_ERR_IO && strcmp(f.group, "image") == 0 && strcmp(f.field, "read") == 0);
    } while (err != PW_OK);
    assert_true(reads > 12 && reads < 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_have_names), cmocka_unit_test(faults_of_names), cmocka_unit_test(stored_and_back),
        cmocka_unit_test(stored_bytes), cmocka_unit_test(damage_is_refused), cmocka_unit_test(damage_with_a_right_crc),
        cmocka_unit_test(reader_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
