/* SPDX-License-Identifier: Apache-2.0 */
/* Stored form of a schedule: fields at fixed places, little endian; what is not named or not in use is 0. */
#include <string.h>

#include "bytes.h"
#include "crc32.h"
#include "tou.h"

enum {
    MAGIC     = 0,   /* "PWTU" */
    VERSION   = 4,   /* u16 */
    SIZE      = 6,   /* u16, of the image */
    ID        = 8,   /* u16 */
    N_RATES   = 10,
    N_DAYTYPES = 11,
    N_SEASONS = 12,
    N_HOLIDAYS = 13,
    EFFECTIVE = 16,  /* u32 */
    OFFSET    = 20,  /* s16 */
    DST       = 22,
    START     = 23,  /* month, week, weekday, minute u16 */
    END       = 28,
    NAME      = 36,  /* 16 characters */
    N_SEG     = 52,  /* 10 counts */
    HEAD_B    = 64,
    SEGMENTS  = 64,  /* u16 each: minute | rate << 11 */
    SEASONS   = 224, /* month, day, 7 day types from Sunday on, that of holidays */
    SEASON_B  = 10,
    HOLIDAYS  = 264, /* rule, month, day, arg */
    HOLIDAY_B = 4,
    RATE_NAMES = 424, /* 12 characters each */
    DAYTYPE_NAMES = 520,
    SEASON_NAMES = 640, /* to 687; then free up to the CRC */
    CRC_B     = 4,   /* u32 over all before: the end of the image */
};
_Static_assert(SEGMENTS + 2 * PW_TOU_SEGMENTS == SEASONS && SEASONS + SEASON_B * PW_TOU_SEASONS == HOLIDAYS, "records follow each other");
_Static_assert(HOLIDAYS + HOLIDAY_B * PW_TOU_HOLIDAYS == RATE_NAMES && RATE_NAMES + PW_TOU_STORED_RATES * PW_TOU_WORD_CHARS == DAYTYPE_NAMES, "names");
_Static_assert(DAYTYPE_NAMES + PW_TOU_DAYTYPES * PW_TOU_WORD_CHARS == SEASON_NAMES, "names of day types");
_Static_assert(SEASON_NAMES + PW_TOU_SEASONS * PW_TOU_WORD_CHARS <= PW_TOU_SIZE_B - CRC_B, "records end before the CRC");
_Static_assert(PW_TOU_SIZE_B % HEAD_B == 0, "the CRC ends a buffer");

static const uint8_t magic[4] = {'P', 'W', 'T', 'U'};

static void put_change(uint8_t *p, const struct pw_dst_change *c)
{
    p[0] = c->month;
    p[1] = c->week;
    p[2] = c->weekday;
    pw_put_le16(p + 3, c->minute);
}

static void get_change(struct pw_dst_change *c, const uint8_t *p)
{
    c->month = p[0];
    c->week = p[1];
    c->weekday = p[2];
    c->minute = pw_get_le16(p + 3);
}

static void put_head(const struct pw_tou *t, uint8_t *p)
{
    memcpy(p + MAGIC, magic, sizeof magic);
    pw_put_le16(p + VERSION, PW_TOU_VERSION);
    pw_put_le16(p + SIZE, PW_TOU_SIZE_B);
    pw_put_le16(p + ID, t->id);
    p[N_RATES] = t->n_rates;
    p[N_DAYTYPES] = t->n_daytypes;
    p[N_SEASONS] = t->n_seasons;
    p[N_HOLIDAYS] = t->n_holidays;
    pw_put_le32(p + EFFECTIVE, t->effective_utc);
    pw_put_le16(p + OFFSET, (uint16_t)t->zone.offset_min);
    p[DST] = t->zone.dst_min;
    if (t->zone.start.month != 0) {
        put_change(p + START, &t->zone.start);
        put_change(p + END, &t->zone.end);
    }
    memcpy(p + NAME, t->name, PW_TOU_NAME_CHARS);
    memcpy(p + N_SEG, t->n_segments, t->n_daytypes);
}

static void get_head(struct pw_tou *t, const uint8_t *p)
{
    t->id = pw_get_le16(p + ID);
    t->n_rates = p[N_RATES];
    t->n_daytypes = p[N_DAYTYPES];
    t->n_seasons = p[N_SEASONS];
    t->n_holidays = p[N_HOLIDAYS];
    t->effective_utc = pw_get_le32(p + EFFECTIVE);
    t->zone.offset_min = (int16_t)pw_get_le16(p + OFFSET);
    t->zone.dst_min = p[DST];
    get_change(&t->zone.start, p + START);
    get_change(&t->zone.end, p + END);
    memcpy(t->name, p + NAME, PW_TOU_NAME_CHARS);
    for (unsigned i = 0; i < PW_TOU_DAYTYPES && i < t->n_daytypes; i++)
        t->n_segments[i] = p[N_SEG + i];
}

static void put_names(uint8_t *p, const char name[][PW_TOU_WORD_CHARS + 1], unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        memcpy(p + i * PW_TOU_WORD_CHARS, name[i], PW_TOU_WORD_CHARS);
}

int pw_tou_encode(const struct pw_tou *t, const struct pw_tou_names *names, uint8_t out[PW_TOU_SIZE_B], struct pw_tou_fault *fault)
{
    int err = pw_tou_check(t, fault);
    if (err == PW_OK)
        err = pw_tou_check_names(names, t, fault);
    if (err != PW_OK)
        return err;
    memset(out, 0, PW_TOU_SIZE_B);
    put_head(t, out);
    unsigned n = 0;
    for (unsigned i = 0; i < t->n_daytypes; i++)
        n += t->n_segments[i];
    for (unsigned i = 0; i < n; i++)
        pw_put_le16(out + SEGMENTS + 2 * i, t->segment[i]);
    for (unsigned i = 0; i < t->n_seasons; i++) {
        uint8_t *p = out + SEASONS + SEASON_B * i;
        p[0] = t->season[i].month;
        p[1] = t->season[i].day;
        memcpy(p + 2, t->season[i].daytype, 7);
        p[9] = t->season[i].holiday;
    }
    for (unsigned i = 0; i < t->n_holidays; i++) {
        const struct pw_tou_holiday *h = &t->holiday[i];
        memcpy(out + HOLIDAYS + HOLIDAY_B * i, (const uint8_t[]){h->rule, h->month, h->day, h->arg}, HOLIDAY_B);
    }
    put_names(out + RATE_NAMES, names->rate, t->n_rates);
    put_names(out + DAYTYPE_NAMES, names->daytype, t->n_daytypes);
    put_names(out + SEASON_NAMES, names->season, t->n_seasons);
    pw_put_le32(out + PW_TOU_SIZE_B - CRC_B, pw_crc32(0, out, PW_TOU_SIZE_B - CRC_B));
    return PW_OK;
}

static int refuse(struct pw_tou_fault *fault, int err, const char *field)
{
    if (fault != NULL)
        *fault = (struct pw_tou_fault){"image", -1, field};
    return err;
}

/* Kind, version, size and check sum. @param buf  scratch; the head is in it at the end */
static int check_image(pw_tou_read read, void *ctx, uint8_t buf[HEAD_B], struct pw_tou_fault *fault)
{
    uint32_t crc = 0;
    for (uint32_t at = 0; at < PW_TOU_SIZE_B; at += HEAD_B) {
        int err = read(ctx, at, buf, HEAD_B);
        if (err != PW_OK)
            return refuse(fault, err, "read");
        if (at == 0 && memcmp(buf + MAGIC, magic, sizeof magic) != 0)
            return refuse(fault, PW_ERR_MAGIC, "magic");
        if (at == 0 && (pw_get_le16(buf + VERSION) != PW_TOU_VERSION || pw_get_le16(buf + SIZE) != PW_TOU_SIZE_B))
            return refuse(fault, PW_ERR_VERSION, "version");
        crc = pw_crc32(crc, buf, at + HEAD_B == PW_TOU_SIZE_B ? HEAD_B - CRC_B : HEAD_B);
    }
    if (crc != pw_get_le32(buf + HEAD_B - CRC_B))
        return refuse(fault, PW_ERR_CRC, "crc");
    int err = read(ctx, 0, buf, HEAD_B);
    return err == PW_OK ? PW_OK : refuse(fault, err, "read");
}

/* Records one at a time, so that no image has to fit the stack of the soft core. Counts beyond the arrays: cut here, refused by the check. */
static int load_body(struct pw_tou *t, pw_tou_read read, void *ctx)
{
    uint8_t p[SEASON_B];
    unsigned n = 0;
    int err = PW_OK;
    for (unsigned i = 0; i < PW_TOU_DAYTYPES; i++)
        n += t->n_segments[i];
    for (unsigned i = 0; i < n && i < PW_TOU_SEGMENTS && err == PW_OK; i++) {
        err = read(ctx, SEGMENTS + 2 * i, p, 2);
        t->segment[i] = pw_get_le16(p);
    }
    for (unsigned i = 0; i < t->n_seasons && i < PW_TOU_SEASONS && err == PW_OK; i++) {
        struct pw_tou_season *s = &t->season[i];
        err = read(ctx, SEASONS + SEASON_B * i, p, SEASON_B);
        s->month = p[0];
        s->day = p[1];
        memcpy(s->daytype, p + 2, 7);
        s->holiday = p[9];
    }
    for (unsigned i = 0; i < t->n_holidays && i < PW_TOU_HOLIDAYS && err == PW_OK; i++) {
        err = read(ctx, HOLIDAYS + HOLIDAY_B * i, p, HOLIDAY_B);
        t->holiday[i] = (struct pw_tou_holiday){p[0], p[1], p[2], p[3]};
    }
    return err;
}

int pw_tou_load(struct pw_tou *t, pw_tou_read read, void *ctx, struct pw_tou_fault *fault)
{
    uint8_t head[HEAD_B];
    int err = check_image(read, ctx, head, fault);
    if (err != PW_OK)
        return err;
    memset(t, 0, sizeof *t);
    get_head(t, head);
    err = load_body(t, read, ctx);
    return err == PW_OK ? pw_tou_check(t, fault) : refuse(fault, err, "read");
}

static int read_bytes(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
    memcpy(out, (const uint8_t *)ctx + at, len);
    return PW_OK;
}

static void get_names(char name[][PW_TOU_WORD_CHARS + 1], unsigned n, const uint8_t *p)
{
    for (unsigned i = 0; i < n; i++)
        memcpy(name[i], p + i * PW_TOU_WORD_CHARS, PW_TOU_WORD_CHARS);
}

int pw_tou_decode(struct pw_tou *t, struct pw_tou_names *names, const uint8_t *in, size_t len, struct pw_tou_fault *fault)
{
    struct pw_tou loaded;
    struct pw_tou_names loaded_names;
    if (len != PW_TOU_SIZE_B)
        return refuse(fault, PW_ERR_SIZE, "length");
    int err = pw_tou_load(&loaded, read_bytes, (void *)(uintptr_t)in, fault);
    if (err == PW_OK && names != NULL) {
        memset(&loaded_names, 0, sizeof loaded_names);
        get_names(loaded_names.rate, loaded.n_rates, in + RATE_NAMES);
        get_names(loaded_names.daytype, loaded.n_daytypes, in + DAYTYPE_NAMES);
        get_names(loaded_names.season, loaded.n_seasons, in + SEASON_NAMES);
        err = pw_tou_check_names(&loaded_names, &loaded, fault);
    }
    if (err != PW_OK)
        return err;
    *t = loaded;
    if (names != NULL)
        *names = loaded_names;
    return PW_OK;
}
