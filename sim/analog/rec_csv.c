/* SPDX-License-Identifier: Apache-2.0 */
/* CSV of oscilloscopes, analysers and scripts: separator , ; tab or blank, decimal point or comma, a header of names with or
 * without units, a row of units, remarks above it, a time column or a rate. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "rec.h"

#define LINE_MAX_B 8192
#define COLS       (PW_REC_MAX_CH + 1)

struct csv {
    struct pw_rec *r;
    FILE *f;
    long line;
    char sep;
    bool decimal_comma;
    char text[LINE_MAX_B], head[2][LINE_MAX_B];     /* this line; the last lines that were not numbers */
    long head_line[2];
    unsigned n_head, n_col;
    int time_col;                                   /* -1 = none */
    double time_unit, t_first, t_last, dt_min, dt_max;
    double rate_hz;                                 /* from a "rate=" remark */
};

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    char *e = s + strlen(s);
    while (e > s && isspace((unsigned char)e[-1]))
        *--e = '\0';
    if (e - s >= 2 && *s == '"' && e[-1] == '"') {
        e[-1] = '\0';
        s++;
    }
    return s;
}

/* Cuts a line into fields in place; returns their number, at most COLS + 1 (too many). */
static unsigned fields(const struct csv *c, char *line, char *field[])
{
    unsigned n = 0;
    char *p = line;
    if (c->sep == ' ')
        p = trim(p);
    for (;;) {
        char *start = p;
        bool quoted = false;
        while (*p != '\0' && (quoted || (c->sep == ' ' ? !isspace((unsigned char)*p) : *p != c->sep))) {
            quoted ^= *p == '"';
            p++;
        }
        bool end = *p == '\0';
        *p++ = '\0';
        field[n++] = trim(start);
        if (end || n > COLS)
            break;
        while (c->sep == ' ' && isspace((unsigned char)*p))
            p++;
    }
    if (n > 1 && field[n - 1][0] == '\0')           /* a separator at the end of each line */
        n--;
    return n;
}

static bool number(const struct csv *c, char *text, double *out)
{
    char *end;
    for (char *p = text; c->decimal_comma && *p != '\0'; p++)
        if (*p == ',')
            *p = '.';
    *out = strtod(text, &end);
    return end != text && *end == '\0';
}

/* "2026-01-31 12:34:56.789" or "12:34:56.789" -> seconds of the day. */
static bool clock_time(const char *text, double *out)
{
    const char *colon = strchr(text, ':');
    unsigned h, m;
    double s;
    char end;
    while (colon != NULL && colon > text && isdigit((unsigned char)colon[-1]))
        colon--;
    if (colon == NULL || sscanf(colon, "%2u:%2u:%lf%c", &h, &m, &s, &end) < 3 || !(s >= 0.0 && s < 61.0))
        return false;
    *out = h * 3600.0 + m * 60.0 + s;
    return true;
}

static bool cell(const struct csv *c, unsigned col, char *text, double *out)
{
    return number(c, text, out) || (col == 0 && clock_time(text, out));
}

static bool get_line(struct csv *c, bool *ok)
{
    *ok = true;
    if (fgets(c->text, sizeof c->text, c->f) == NULL) {
        if (ferror(c->f))
            *ok = pw_rec_fail(c->r, NULL, 0, "%s", strerror(errno));
        return false;
    }
    c->line++;
    size_t len = strlen(c->text);
    if ((len == 0 || c->text[len - 1] != '\n') && !feof(c->f)) {        /* fgets stopped elsewhere: too long, or a NUL inside */
        *ok = len == sizeof c->text - 1 ? pw_rec_fail(c->r, NULL, c->line, "line longer than %d characters", LINE_MAX_B - 2)
                                        : pw_rec_fail(c->r, NULL, c->line, "not a text file");
        return false;
    }
    if (c->line == 1 && memcmp(c->text, "\xef\xbb\xbf", 3) == 0)        /* byte order mark */
        memmove(c->text, c->text + 3, len - 2);
    return true;
}

/* Are all fields of this line numbers, for some separator? Then that is the format. */
static bool numeric_line(struct csv *c, const char *line)
{
    static const char seps[] = { ';', '\t', ',', ' ' };
    for (unsigned k = 0; k < sizeof seps; k++) {
        char copy[LINE_MAX_B], *field[COLS + 2];
        double v;
        if (seps[k] != ' ' && strchr(line, seps[k]) == NULL)
            continue;
        c->sep = seps[k];
        c->decimal_comma = seps[k] != ',' && strchr(line, ',') != NULL;
        memcpy(copy, line, strlen(line) + 1);
        unsigned n = fields(c, copy, field), good = 0;
        for (unsigned j = 0; j < n && j < COLS; j++)
            good += cell(c, j, field[j], &v);
        if (n >= 2 && n <= COLS && good == n) {
            c->n_col = n;
            return true;
        }
    }
    return false;
}

/* "# rate=10000", "Sample rate: 10 kHz" is left to the user: one spelling. */
static bool remark(struct csv *c, const char *text)
{
    const char *p = strstr(text, "rate=");
    if (p == NULL)
        return true;
    char *end;
    c->rate_hz = strtod(p + 5, &end);
    while (isspace((unsigned char)*end))
        end++;
    if (end == p + 5 || !(c->rate_hz > 0.0 && c->rate_hz <= PW_REC_MAX_RATE) || (*end != '\0' && *end != ',' && strncasecmp(end, "Hz", 2) != 0))
        return pw_rec_fail(c->r, NULL, c->line, "rate= needs a number of Hz");
    return true;
}

/* "Va (V)", "Ia [kA]", "U1/V" -> name without the unit, and the unit. */
static void split_unit(char *text, char *name, char unit[16])
{
    unit[0] = '\0';
    char *open = strrchr(text, '(');
    if (open == NULL)
        open = strrchr(text, '[');
    if (open == NULL)
        open = strrchr(text, '/');
    if (open != NULL && open != text) {
        snprintf(unit, 16, "%.15s", open + 1);
        unit[strcspn(unit, ")] ")] = '\0';
        *open = '\0';
    }
    snprintf(name, PW_REC_NAME, "%.47s", trim(text));
}

static bool time_name(const char *name, const char *unit, double *seconds)
{
    static const struct { const char *unit; double s; } units[] = {
        { "", 1.0 }, { "s", 1.0 }, { "sec", 1.0 }, { "seconds", 1.0 }, { "second", 1.0 }, { "ms", 1e-3 }, { "us", 1e-6 },
        { "\xc2\xb5s", 1e-6 }, { "\xb5s", 1e-6 }, { "ns", 1e-9 }, { "min", 60.0 } };
    static const char *const names[] = { "t", "time", "zeit", "temps", "x", "seconds", "timestamp", "x-axis", "date", "datetime" };
    char base[PW_REC_NAME];
    snprintf(base, sizeof base, "%s", name);
    const char *suffix = unit;
    char *cut = strchr(base, '_');
    if (cut == NULL)
        cut = strchr(base, ' ');
    if (cut != NULL) {                              /* time_us */
        *cut = '\0';
        if (unit[0] == '\0')
            suffix = cut + 1;
    }
    bool is_time = false;
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        is_time = is_time || strcasecmp(base, names[k]) == 0;
    *seconds = 1.0;
    for (size_t k = 0; is_time && k < sizeof units / sizeof units[0]; k++)
        if (strcasecmp(suffix, units[k].unit) == 0)
            *seconds = units[k].s;
    return is_time;
}

static void one_column(struct csv *c, unsigned col, char *text, char *unit_row)
{
    char name[PW_REC_NAME], unit[16];
    double scale = 1.0, seconds = 1.0;
    split_unit(text, name, unit);
    if (unit[0] == '\0' && unit_row != NULL) {
        unit_row += *unit_row == '(' || *unit_row == '[';
        snprintf(unit, sizeof unit, "%.15s", unit_row);
        unit[strcspn(unit, ")]")] = '\0';
    }
    if (c->time_col < 0 && col == 0 && time_name(name, unit, &seconds)) {
        c->time_col = 0;
        c->time_unit = seconds;
        return;
    }
    struct pw_rec_ch *ch = &c->r->ch[c->r->n_ch++];
    *ch = (struct pw_rec_ch){ .phase = PW_PH_NONE, .scale = 1.0, .ratio = 1.0 };
    memcpy(ch->name, name, sizeof ch->name);
    char *cut = strrchr(name, '_');
    if (unit[0] == '\0' && cut != NULL && strlen(cut + 1) > 1 && pw_rec_unit(cut + 1, &scale) > PW_REC_UNKNOWN
        && pw_rec_unit(cut + 1, &scale) != PW_REC_OTHER)
        snprintf(unit, sizeof unit, "%.15s", cut + 1);           /* Va_kV; but I_A is current of phase A */
    ch->kind = pw_rec_unit(unit, &scale);
    ch->scale = scale;
    if (ch->kind == PW_REC_UNKNOWN && strlen(name) == 1 && (toupper(name[0]) == 'V' || toupper(name[0]) == 'U'))
        ch->kind = PW_REC_VOLT;
    pw_rec_classify(ch);
}

/* Names from the line above the numbers; where the line above that has as many fields, the lower one has the units. */
static bool header(struct csv *c)
{
    char *name[COLS + 2], *unit[COLS + 2];
    c->time_col = -1;
    unsigned n[2] = { 0, 0 };
    if (c->n_head > 0)
        n[0] = fields(c, c->head[0], name);
    if (c->n_head > 1)
        n[1] = fields(c, c->head[1], unit);
    char **names = name, **units = NULL;
    if (c->n_head > 1 && n[0] == c->n_col && n[1] == c->n_col) {
        names = unit;                               /* head[1] is the upper one */
        units = name;
    } else if (c->n_head > 1 && n[0] != c->n_col && n[1] == c->n_col) {
        names = unit;                               /* a line of dashes or the like below the names */
    } else if (n[0] != c->n_col) {
        names = NULL;
        if (c->n_head > 0)
            return pw_rec_fail(c->r, NULL, c->head_line[0], "%u names for %u columns of numbers", n[0], c->n_col);
    }
    for (unsigned k = 0; names != NULL && k < c->n_col; k++) {
        if (c->r->n_ch == PW_REC_MAX_CH)
            return pw_rec_fail(c->r, NULL, c->head_line[0], "more than %d channels", PW_REC_MAX_CH);
        one_column(c, k, names[k], units != NULL ? units[k] : NULL);
    }
    if (names != NULL)
        return true;
    c->r->positional = true;                        /* no header: time first if no rate is known */
    c->time_col = c->rate_hz > 0.0 ? -1 : 0;
    c->time_unit = 1.0;
    for (unsigned k = c->time_col < 0 ? 0 : 1; k < c->n_col; k++) {
        struct pw_rec_ch *ch = &c->r->ch[c->r->n_ch++];
        *ch = (struct pw_rec_ch){ .phase = PW_PH_NONE, .scale = 1.0, .ratio = 1.0 };
        snprintf(ch->name, sizeof ch->name, "column %u", k + 1);
    }
    return true;
}

static bool one_row(struct csv *c, bool first)
{
    char *field[COLS + 2];
    float row[COLS];
    unsigned m = 0, n = fields(c, c->text, field);
    if (n != c->n_col)
        return pw_rec_fail(c->r, NULL, c->line, "%u of %u columns (cut off?)", n, c->n_col);
    for (unsigned k = 0; k < n; k++) {
        double v;
        if (!cell(c, k, field[k], &v) || !isfinite(v) || fabs(v) > 1e30)
            return pw_rec_fail(c->r, NULL, c->line, "column %u: '%.30s' is not a number", k + 1, field[k]);
        if ((int)k != c->time_col) {
            row[m++] = (float)v;
            continue;
        }
        v *= c->time_unit;
        if (first) {
            c->t_first = v;
        } else {
            double dt = v - c->t_last;
            if (!(dt >= 0.0))
                return pw_rec_fail(c->r, NULL, c->line, "time does not go on");
            c->dt_min = c->r->n == 1 ? dt : fmin(c->dt_min, dt);
            c->dt_max = c->r->n == 1 ? dt : fmax(c->dt_max, dt);
        }
        c->t_last = v;
    }
    if (!pw_rec_push(c->r, row))
        return pw_rec_fail(c->r, NULL, 0, "not enough memory");
    return true;
}

static bool rows(struct csv *c)
{
    bool ok, have = false;
    while (get_line(c, &ok) && !c->r->full) {
        c->text[strcspn(c->text, "\r\n")] = '\0';
        const char *t = c->text + strspn(c->text, " \t");
        if (*t == '#' || *t == '%') {
            if (!remark(c, t))
                return false;
            continue;
        }
        if (*t == '\0' || *t == '\x1a')
            continue;
        if (!have && !numeric_line(c, c->text)) {   /* above the numbers */
            if (!remark(c, t))
                return false;
            memcpy(c->head[1], c->head[0], sizeof c->head[0]);
            memcpy(c->head[0], c->text, sizeof c->head[0]);
            c->head_line[1] = c->head_line[0];
            c->head_line[0] = c->line;
            c->n_head += c->n_head < 2;
            if (c->line > 200)
                return pw_rec_fail(c->r, NULL, 0, "no rows of numbers in the first 200 lines");
            continue;
        }
        if ((!have && !header(c)) || !one_row(c, !have))
            return false;
        have = true;
    }
    if (ok && !have)
        return pw_rec_fail(c->r, NULL, 0, c->line == 0 ? "empty" : "no rows of numbers");
    return ok;
}

static bool csv_rate(struct csv *c, const struct pw_rec_map *map)
{
    struct pw_rec *r = c->r;
    double rate = map->rate_hz > 0.0 ? map->rate_hz : c->rate_hz;
    if (rate == 0.0) {
        if (c->time_col < 0)
            return pw_rec_fail(r, NULL, 0, "no time column and no '# rate=HZ' line");
        if (r->n < 2)
            return pw_rec_fail(r, NULL, 0, "only %zu sample(s)", r->n);
        double dt = (c->t_last - c->t_first) / (double)(r->n - 1);
        bool coarse = c->dt_min < 0.5 * dt;         /* times printed with few digits: steps of 0, 0, 3 samples */
        if (!(dt > 0.0) || c->dt_max > (coarse ? 4.5 : 1.5) * dt)
            return pw_rec_fail(r, NULL, 0, "samples are not evenly spaced: %g .. %g s", c->dt_min, c->dt_max);
        rate = 1.0 / dt;
        if (rate > PW_REC_MAX_RATE)
            return pw_rec_fail(r, NULL, 0, "sample rate of %g Hz", rate);
    }
    r->rate_hz = rate;
    return true;
}

bool pw_rec_read_csv(struct pw_rec *r, const struct pw_rec_map *map)
{
    struct stat st;
    struct csv *c = calloc(1, sizeof *c);
    if (c == NULL)
        return pw_rec_fail(r, NULL, 0, "not enough memory");
    c->r = r;
    c->rate_hz = map->rate_hz;
    c->f = fopen(r->path, "r");
    bool ok = c->f != NULL || pw_rec_fail(r, NULL, 0, "%s", strerror(errno));
    if (ok && (fstat(fileno(c->f), &st) != 0 || S_ISDIR(st.st_mode)))
        ok = pw_rec_fail(r, NULL, 0, "is a directory");
    ok = ok && rows(c) && csv_rate(c, map);
    if (c->f != NULL)
        fclose(c->f);
    free(c);
    return ok;
}
