/* SPDX-License-Identifier: Apache-2.0 */
/* tou-check: schedules of time of use for people. Reads text or the stored form; docs/tou.md. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tou_text.h"

enum { EXIT_USAGE = 1, EXIT_FAULT = 2, FILE_MAX_B = 1 << 20 };

struct options {
    const char *file, *out;
    unsigned year; /* 0: none */
    bool text;
};

static int usage(void)
{
    fprintf(stderr, "usage: tou-check FILE [--year YYYY] [--text] [-o OUT]\n"
                    "  FILE         schedule: text or stored form, - for standard input\n"
                    "  --year YYYY  prints every switch of that year, by the schedule's zone\n"
                    "  --text       prints the schedule as text\n"
                    "  -o OUT       writes the stored form (%u bytes)\n"
                    "Exit status: 0, 1 (usage, file), 2 (fault in FILE).\n", PW_TOU_SIZE_B);
    return EXIT_USAGE;
}

static bool parse_options(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--text") == 0) {
            o->text = true;
        } else if (strcmp(argv[i], "--year") == 0 && i + 1 < argc) {
            char *end;
            unsigned long y = strtoul(argv[++i], &end, 10);
            if (*end != 0 || y < 2000 || y > 2099) {
                fprintf(stderr, "tou-check: --year is 2000 .. 2099\n");
                return false;
            }
            o->year = (unsigned)y;
        } else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
            o->out = argv[++i];
        } else if ((argv[i][0] != '-' || argv[i][1] == 0) && o->file == NULL) {
            o->file = argv[i];
        } else {
            return false;
        }
    }
    return o->file != NULL;
}

static char *read_file(const char *name, size_t *len)
{
    FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    char *buf = f == NULL ? NULL : malloc(FILE_MAX_B);
    if (buf != NULL) {
        *len = fread(buf, 1, FILE_MAX_B, f);
        if (ferror(f) || *len == FILE_MAX_B) { /* a folder, or much too long */
            errno = ferror(f) ? errno : EFBIG;
            free(buf);
            buf = NULL;
        }
    }
    if (buf == NULL)
        fprintf(stderr, "tou-check: %s: %s\n", name, strerror(errno));
    if (f != NULL && f != stdin)
        fclose(f);
    return buf;
}

static int read_schedule(const char *name, struct pw_tou *t, struct pw_tou_names *names)
{
    struct pw_tou_text_fault text_fault;
    struct pw_tou_fault fault;
    size_t len = 0;
    char *buf = read_file(name, &len);
    int status = EXIT_SUCCESS;
    if (buf == NULL)
        return EXIT_USAGE;
    if (len >= 4 && memcmp(buf, "PWTU", 4) == 0) {
        if (pw_tou_decode(t, names, (const uint8_t *)buf, len, &fault) != PW_OK) {
            if (fault.index < 0)
                fprintf(stderr, "%s: %s: %s\n", name, fault.group, fault.field);
            else
                fprintf(stderr, "%s: %s %d: %s\n", name, fault.group, fault.index, fault.field);
            status = EXIT_FAULT;
        }
    } else if (pw_tou_parse(buf, len, t, names, &text_fault) != PW_OK) {
        fprintf(stderr, "%s:%u: %s\n", name, text_fault.line, text_fault.reason);
        status = EXIT_FAULT;
    }
    free(buf);
    return status;
}

static void print_state(const struct pw_tou *t, const struct pw_tou_names *names, uint32_t utc, const struct pw_tou_now *now)
{
    struct pw_civil u, l;
    pw_civil_from_s(&u, utc);
    bool dst = pw_zone_local(&t->zone, utc, &l);
    printf("%04u-%02u-%02uT%02u:%02u:%02uZ  %04u-%02u-%02u %02u:%02u %s  %-12s  %-12s  %s  %u %s\n", u.year, u.month, u.day, u.hour, u.minute, u.second,
           l.year, l.month, l.day, l.hour, l.minute, dst ? "dst" : "std", names->season[now->season], names->daytype[now->daytype],
           now->holiday ? "holiday" : "-      ", now->rate + 1u, names->rate[now->rate]);
}

/* The state at the year's beginning, then each change of rate, season, day type or holiday. */
static void print_year(const struct pw_tou *t, const struct pw_tou_names *names, unsigned year)
{
    struct pw_tou_now now, before = {UINT8_MAX, 0, 0, false, 0};
    struct pw_civil c = {(uint16_t)year, 1, 1, 0, 0, 0, 0};
    uint32_t utc = pw_zone_utc(&t->zone, &c), end = PW_UTC_END;
    if (utc == PW_UTC_END)
        utc = 0; /* ahead of UTC, the year 2000 begins before the calendar does */
    c.year++;
    if (c.year < 2100)
        end = pw_zone_utc(&t->zone, &c);
    for (; utc < end; utc = now.until_utc) {
        pw_tou_at(t, utc, &now);
        if (now.rate != before.rate || now.season != before.season || now.daytype != before.daytype || now.holiday != before.holiday)
            print_state(t, names, utc, &now);
        before = now;
    }
}

static int write_image(const char *name, const struct pw_tou *t, const struct pw_tou_names *names)
{
    uint8_t image[PW_TOU_SIZE_B];
    if (pw_tou_encode(t, names, image, NULL) != PW_OK)
        return EXIT_FAULT;
    FILE *f = fopen(name, "wb");
    bool ok = f != NULL && fwrite(image, sizeof image, 1, f) == 1;
    if (f != NULL)
        ok = fclose(f) == 0 && ok;
    if (!ok)
        fprintf(stderr, "tou-check: %s: %s\n", name, strerror(errno));
    return ok ? EXIT_SUCCESS : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct options o = {NULL, NULL, 0, false};
    struct pw_tou t;
    struct pw_tou_names names;
    if (!parse_options(&o, argc, argv))
        return usage();
    int status = read_schedule(o.file, &t, &names);
    if (status == EXIT_SUCCESS && o.out != NULL)
        status = write_image(o.out, &t, &names);
    if (status != EXIT_SUCCESS)
        return status;
    if (o.text) {
        char text[PW_TOU_TEXT_MAX_B];
        if (pw_tou_print(&t, &names, text, sizeof text) != PW_OK)
            return EXIT_FAULT;
        fputs(text, stdout);
    }
    if (o.year != 0)
        print_year(&t, &names, o.year);
    if (!o.text && o.year == 0) {
        unsigned n = 0;
        for (unsigned i = 0; i < t.n_daytypes; i++)
            n += t.n_segments[i];
        printf("%s: schedule %u \"%s\": rates %u, day types %u, segments %u, seasons %u, holidays %u\n", o.file, t.id, t.name, t.n_rates, t.n_daytypes, n,
               t.n_seasons, t.n_holidays);
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_USAGE;
}
