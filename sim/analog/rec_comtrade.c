/* SPDX-License-Identifier: Apache-2.0 */
/* COMTRADE, IEEE C37.111-1991, -1999, -2013: .cfg with .dat (ASCII, BINARY, BINARY32, FLOAT32), or both in one .cff. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "rec.h"

#define CFG_MAX_B  ((size_t)1 << 20)
#define MAX_RATES  64
#define MAX_ANALOG 999
#define MAX_FIELDS 16

enum format { ASCII, BINARY, BINARY32, FLOAT32 };

struct comtrade {
    struct pw_rec *r;
    char cfg_path[1024], dat_path[1024];
    char *cfg, *at;                                 /* text of the cfg, next line */
    long line;
    unsigned n_analog, n_digital, n_rates;
    double a[PW_REC_MAX_CH], b[PW_REC_MAX_CH];
    double rate[MAX_RATES];
    unsigned long end[MAX_RATES];                   /* last sample of each rate, from 1 */
    unsigned long first, last;                      /* samples used, from 1 */
    enum format format;
    double timemult;
    long dat_offset;                                /* in a .cff */
    uint64_t dat_size;                              /* bytes from there */
    double t_first, t_last, dt_max;                 /* s, where the rate is only in the time stamps */
};

#define CFG_FAIL(c, ...) pw_rec_fail((c)->r, (c)->cfg_path, (c)->line, __VA_ARGS__)

/* ---- cfg ---- */
static char *next_line(struct comtrade *c)
{
    if (c->at == NULL || *c->at == '\0')
        return NULL;
    char *line = c->at, *end = line + strcspn(line, "\r\n");
    c->at = end;
    if (*c->at == '\r')
        c->at++;
    if (*c->at == '\n')
        c->at++;
    *end = '\0';
    c->line++;
    return line;
}

static unsigned split(char *line, char *field[MAX_FIELDS])
{
    unsigned n = 0;
    for (char *p = line; n < MAX_FIELDS; p++) {
        while (isspace((unsigned char)*p))
            p++;
        field[n++] = p;
        p += strcspn(p, ",");
        bool end = *p == '\0';
        *p = '\0';
        for (char *e = p; e > field[n - 1] && isspace((unsigned char)e[-1]);)
            *--e = '\0';
        if (end)
            break;
    }
    return n;
}

/* A line split into at least `need` fields. */
static bool cfg_line(struct comtrade *c, const char *what, unsigned need, char *field[MAX_FIELDS], unsigned *n)
{
    char *line = next_line(c);
    if (line == NULL)
        return CFG_FAIL(c, "ends where %s is expected", what);
    *n = split(line, field);
    return *n >= need || CFG_FAIL(c, "%s: %u fields of %u", what, *n, need);
}

static bool real(struct comtrade *c, const char *what, const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    if (end != text && *end == '\0' && isfinite(*out) && fabs(*out) < 1e30)
        return true;
    return CFG_FAIL(c, "%s: '%.30s' is not a number", what, text);
}

static bool whole(struct comtrade *c, const char *what, const char *text, unsigned long max, unsigned long *out)
{
    char *end;
    *out = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;
    if (isdigit((unsigned char)*text) && *end == '\0' && *out <= max)
        return true;
    return CFG_FAIL(c, "%s: '%.30s' is not a whole number up to %lu", what, text, max);
}

static bool cfg_head(struct comtrade *c)
{
    char *f[MAX_FIELDS], *end;
    unsigned n;
    if (!cfg_line(c, "station,device", 2, f, &n))
        return false;
    if (n > 2 && f[2][0] != '\0' && strcmp(f[2], "1991") != 0 && strcmp(f[2], "1999") != 0 && strcmp(f[2], "2001") != 0
        && strcmp(f[2], "2013") != 0)
        return CFG_FAIL(c, "revision '%.20s' is not 1991, 1999 or 2013", f[2]);
    if (!cfg_line(c, "number of channels", 3, f, &n))
        return false;
    unsigned long total = strtoul(f[0], &end, 10), na = strtoul(f[1], &end, 10);
    bool ok = isdigit((unsigned char)f[1][0]) && toupper((unsigned char)*end) == 'A' && end[1] == '\0';
    unsigned long nd = strtoul(f[2], &end, 10);
    ok = ok && isdigit((unsigned char)f[2][0]) && toupper((unsigned char)*end) == 'D' && end[1] == '\0' && total == na + nd;
    if (!ok || na > MAX_ANALOG || nd > 9999)
        return CFG_FAIL(c, "number of channels: '%.12s,%.12s,%.12s' is not like 9,8A,1D", f[0], f[1], f[2]);
    if (na < 2 || na > PW_REC_MAX_CH)
        return CFG_FAIL(c, "%lu analog channels: 2 .. %d can be metered", na, PW_REC_MAX_CH);
    c->n_analog = c->r->n_ch = (unsigned)na;
    c->n_digital = (unsigned)nd;
    return true;
}

static bool cfg_channel(struct comtrade *c, unsigned k)
{
    char *f[MAX_FIELDS];
    unsigned n;
    double skew_us, prim = 1.0, sec = 1.0, prefix;
    struct pw_rec_ch *ch = &c->r->ch[k];
    if (!cfg_line(c, "an analog channel", 10, f, &n))
        return false;
    *ch = (struct pw_rec_ch){ .phase = PW_PH_NONE, .ratio = 1.0 };
    snprintf(ch->name, sizeof ch->name, "%.47s", f[1]);
    if (!real(c, "a", f[5], &c->a[k]) || !real(c, "b", f[6], &c->b[k]))
        return false;
    skew_us = 0.0;
    if (f[7][0] != '\0' && !real(c, "skew", f[7], &skew_us))
        return false;
    ch->kind = pw_rec_unit(f[4], &prefix);
    ch->scale = prefix;
    ch->skew_s = skew_us * 1e-6;
    if (fabs(ch->skew_s) > 0.01)
        return CFG_FAIL(c, "skew of %g us", skew_us);
    if (n >= 13 && f[10][0] != '\0' && f[11][0] != '\0') {
        if (!real(c, "primary", f[10], &prim) || !real(c, "secondary", f[11], &sec))
            return false;
        bool ratio = prim > 0.0 && sec > 0.0;
        ch->ratio = ratio ? prim / sec : 1.0;
        if (ratio && toupper((unsigned char)f[12][0]) == 'S')
            ch->scale *= ch->ratio;                 /* the meter shows primary values */
    }
    ch->phase = f[2][0] != '\0' ? pw_rec_phase_of(f[2]) : PW_PH_NONE;
    enum pw_rec_phase by_name = pw_rec_phase_of(ch->name);
    if (by_name >= PW_PH_AB && by_name <= PW_PH_CA)
        ch->phase = by_name;                        /* phase "A", name "VAB" */
    pw_rec_classify(ch);
    return true;
}

static bool cfg_rates(struct comtrade *c)
{
    char *f[MAX_FIELDS];
    unsigned n;
    unsigned long count, before = 0;
    double hz;
    if (!cfg_line(c, "line frequency", 1, f, &n) || (f[0][0] != '\0' && !real(c, "line frequency", f[0], &hz)))
        return false;
    if (!cfg_line(c, "number of rates", 1, f, &n) || !whole(c, "number of rates", f[0], MAX_RATES, &count))
        return false;
    c->n_rates = count == 0 ? 1 : (unsigned)count;
    for (unsigned k = 0; k < c->n_rates; k++) {
        if (!cfg_line(c, "rate,last sample", 2, f, &n) || !real(c, "rate", f[0], &c->rate[k])
            || !whole(c, "last sample", f[1], 4000000000ul, &c->end[k]))
            return false;
        if (c->rate[k] < 0.0 || c->rate[k] > PW_REC_MAX_RATE || (c->rate[k] == 0.0 && c->n_rates > 1))
            return CFG_FAIL(c, "rate of %g Hz", c->rate[k]);
        if (c->end[k] <= before)
            return CFG_FAIL(c, "last sample %lu is not after %lu", c->end[k], before);
        before = c->end[k];
    }
    return true;
}

static bool cfg_tail(struct comtrade *c)
{
    static const char *const names[] = { "ASCII", "BINARY", "BINARY32", "FLOAT32" };
    char *f[MAX_FIELDS];
    unsigned n, k;
    if (!cfg_line(c, "time of the first sample", 1, f, &n) || !cfg_line(c, "time of the trigger", 1, f, &n)
        || !cfg_line(c, "data file type", 1, f, &n))
        return false;
    for (k = 0; k < 4 && strcasecmp(f[0], names[k]) != 0; k++)
        ;
    if (k == 4)
        return CFG_FAIL(c, "data file type '%.20s' is not ASCII, BINARY, BINARY32 or FLOAT32", f[0]);
    c->format = (enum format)k;
    c->timemult = 1.0;
    char *line = next_line(c);
    if (line != NULL && split(line, f) >= 1 && f[0][0] != '\0' && (!real(c, "time multiplier", f[0], &c->timemult) || c->timemult <= 0.0))
        return CFG_FAIL(c, "time multiplier '%.20s'", f[0]);
    return true;
}

/* Of several rates the longest stretch of time is used: the others cannot be looped with it. */
static void choose_section(struct comtrade *c)
{
    unsigned best = 0;
    double longest = -1.0;
    for (unsigned k = 0; k < c->n_rates; k++) {
        double n = (double)(c->end[k] - (k > 0 ? c->end[k - 1] : 0));
        double s = c->rate[k] > 0.0 ? n / c->rate[k] : n;
        if (s > longest) {
            longest = s;
            best = k;
        }
    }
    c->first = best > 0 ? c->end[best - 1] + 1 : 1;
    c->last = c->end[best];
    c->r->rate_hz = c->rate[best];
    if (c->n_rates > 1)
        pw_rec_note(c->r, "of %u sample rates the stretch at %g Hz is used (samples %lu .. %lu)", c->n_rates, c->rate[best], c->first, c->last);
}

static bool cfg_parse(struct comtrade *c)
{
    if (!cfg_head(c))
        return false;
    for (unsigned k = 0; k < c->n_analog; k++)
        if (!cfg_channel(c, k))
            return false;
    for (unsigned k = 0; k < c->n_digital; k++)
        if (next_line(c) == NULL)
            return CFG_FAIL(c, "ends among the digital channels");
    if (!cfg_rates(c) || !cfg_tail(c))
        return false;
    choose_section(c);
    return true;
}

/* ---- dat ---- */
static bool row_done(struct comtrade *c, unsigned long k, const float row[], double stamp)
{
    if (k < c->first || k > c->last)
        return true;
    double t = stamp * c->timemult * 1e-6;
    if (c->r->n == 0) {
        c->t_first = t;
    } else {
        if (c->r->rate_hz == 0.0 && !(t > c->t_last))
            return pw_rec_fail(c->r, c->dat_path, 0, "no sample rate, and the time of sample %lu does not go on", k);
        c->dt_max = fmax(c->dt_max, t - c->t_last);
    }
    c->t_last = t;
    return pw_rec_push(c->r, row) || pw_rec_fail(c->r, c->dat_path, 0, "not enough memory");
}

static bool put_value(struct comtrade *c, unsigned long k, unsigned ch, double raw, float row[])
{
    double v = c->a[ch] * raw + c->b[ch];
    if (!isfinite(v) || fabs(v) > 1e30)
        return pw_rec_fail(c->r, c->dat_path, 0, "sample %lu, channel %u (%s) is not a number", k, ch + 1, c->r->ch[ch].name);
    row[ch] = (float)v;
    return true;
}

static bool ascii_row(struct comtrade *c, char *line, unsigned long k, float row[])
{
    double stamp = 0.0;
    char *p = line;
    for (unsigned j = 0; j < 2 + c->n_analog + c->n_digital; j++) {
        if (p == NULL)
            return pw_rec_fail(c->r, c->dat_path, (long)k, "%u of %u fields (cut off?)", j, 2 + c->n_analog + c->n_digital);
        char *start = p, *end = p + strcspn(p, ",");
        p = *end == ',' ? end + 1 : NULL;
        *end = '\0';
        if (j == 0 || j >= 2 + c->n_analog)
            continue;
        double v = strtod(start, &end);
        bool blank = start[strspn(start, " \t")] == '\0';
        while (isspace((unsigned char)*end))
            end++;
        if (!blank && (end == start || *end != '\0'))
            return pw_rec_fail(c->r, c->dat_path, (long)k, "field %u: '%.30s' is not a number", j + 1, start);
        if (j == 1)
            stamp = v;
        else if (!blank && !put_value(c, k, j - 2, v, row))     /* missing value: the one before stays */
            return false;
    }
    return row_done(c, k, row, stamp);
}

static bool read_ascii(struct comtrade *c, FILE *f)
{
    char line[32768];                               /* 128 + 9999 fields, the latter short */
    float row[PW_REC_MAX_CH] = { 0 };
    unsigned long k = 0;
    while (k < c->last && !c->r->full && fgets(line, sizeof line, f) != NULL) {
        size_t len = strcspn(line, "\r\n\x1a");
        if (line[len] == '\0' && len == sizeof line - 1)
            return pw_rec_fail(c->r, c->dat_path, (long)k + 1, "line longer than %zu characters", sizeof line - 2);
        line[len] = '\0';
        if (len == 0)
            continue;
        if (!ascii_row(c, line, ++k, row))
            return false;
    }
    if (k < c->last && !c->r->full)
        return pw_rec_fail(c->r, c->dat_path, 0, "ends after %lu of %lu samples", k, c->last);
    return true;
}

static uint32_t le(const uint8_t *b, unsigned n)
{
    uint32_t v = 0;
    for (unsigned k = 0; k < n; k++)
        v |= (uint32_t)b[k] << (8 * k);
    return v;
}

static bool binary_row(struct comtrade *c, const uint8_t *b, unsigned long k, float row[])
{
    const unsigned size = c->format == BINARY ? 2 : 4;
    for (unsigned ch = 0; ch < c->n_analog; ch++) {
        uint32_t u = le(b + 8 + ch * size, size);
        float f;
        memcpy(&f, &u, 4);
        double raw = c->format == BINARY ? (int16_t)u : c->format == BINARY32 ? (double)(int32_t)u : (double)f;
        bool missing = (c->format == BINARY && u == 0x8000u) || (c->format == BINARY32 && u == 0x80000000u);
        if (!missing && !put_value(c, k, ch, raw, row))
            return false;
    }
    return row_done(c, k, row, (double)le(b + 4, 4));
}

static bool read_binary(struct comtrade *c, FILE *f)
{
    const size_t size = 8 + c->n_analog * (c->format == BINARY ? 2u : 4u) + (c->n_digital + 15) / 16 * 2;
    uint8_t b[8 + 4 * PW_REC_MAX_CH + 1250];
    float row[PW_REC_MAX_CH] = { 0 };
    if (c->dat_size / size < c->last)
        return pw_rec_fail(c->r, c->dat_path, 0, "cut off: %llu of %lu samples of %zu bytes", (unsigned long long)(c->dat_size / size), c->last, size);
    if (fseek(f, c->dat_offset + (long)((c->first - 1) * size), SEEK_SET) != 0)
        return pw_rec_fail(c->r, c->dat_path, 0, "%s", strerror(errno));
    for (unsigned long k = c->first; k <= c->last && !c->r->full; k++)
        if (fread(b, 1, size, f) != size)
            return pw_rec_fail(c->r, c->dat_path, 0, "ends at sample %lu of %lu", k, c->last);
        else if (!binary_row(c, b, k, row))
            return false;
    return true;
}

static bool read_dat(struct comtrade *c)
{
    struct stat st;
    FILE *f = fopen(c->dat_path, "rb");
    if (f == NULL)
        return pw_rec_fail(c->r, c->dat_path, 0, "%s", strerror(errno));
    bool ok = fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) && fseek(f, c->dat_offset, SEEK_SET) == 0;
    if (ok && c->dat_offset == 0)
        c->dat_size = (uint64_t)st.st_size;
    if (!ok)
        pw_rec_fail(c->r, c->dat_path, 0, "cannot be read");
    ok = ok && (c->format == ASCII ? read_ascii(c, f) : read_binary(c, f));
    fclose(f);
    if (!ok || c->r->rate_hz > 0.0)
        return ok;
    if (c->r->n < 2 || !(c->t_last > c->t_first))
        return pw_rec_fail(c->r, c->dat_path, 0, "no sample rate and no usable time stamps");
    double dt = (c->t_last - c->t_first) / (double)(c->r->n - 1);
    if (c->dt_max > 1.5 * dt && c->dt_max > dt + 1.1e-6 * c->timemult)
        return pw_rec_fail(c->r, c->dat_path, 0, "samples are not evenly spaced: up to %g s, mean %g s", c->dt_max, dt);
    c->r->rate_hz = 1.0 / dt;
    return c->r->rate_hz <= PW_REC_MAX_RATE || pw_rec_fail(c->r, c->dat_path, 0, "sample rate of %g Hz", c->r->rate_hz);
}

/* ---- files ---- */
/* The file beside `path` that has its name with another extension, whatever the case of either. */
static bool sibling(struct comtrade *c, const char *path, const char *ext, char out[1024])
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    char dir[1024], want[512];
    bool found = false;
    snprintf(dir, sizeof dir, "%.*s", slash != NULL ? (int)(slash - path + 1) : 2, slash != NULL ? path : "./");
    snprintf(want, sizeof want, "%.*s.%s", dot != NULL ? (int)(dot - base) : (int)strlen(base), base, ext);
    DIR *d = opendir(dir);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        bool exact = strncmp(e->d_name, want, strlen(want) - strlen(ext)) == 0;
        if (strcasecmp(e->d_name, want) != 0 || (found && !exact))
            continue;
        found = true;
        snprintf(out, 1024, "%.500s%.500s", slash != NULL ? dir : "", e->d_name);
    }
    if (d != NULL)
        closedir(d);
    return found || pw_rec_fail(c->r, NULL, 0, "there is no '%s' beside it", want);
}

static bool load_cfg(struct comtrade *c, const char *path)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return pw_rec_fail(c->r, path, 0, "%s", strerror(errno));
    bool ok = fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode);
    c->cfg = calloc(1, CFG_MAX_B + 1);
    ok = ok && c->cfg != NULL;
    size_t n = ok ? fread(c->cfg, 1, CFG_MAX_B, f) : 0;
    fclose(f);
    if (!ok)
        return pw_rec_fail(c->r, path, 0, "cannot be read");
    c->dat_size = (uint64_t)st.st_size;
    c->at = c->cfg;
    if (n >= 3 && memcmp(c->cfg, "\xef\xbb\xbf", 3) == 0)
        c->at += 3;
    return n > 0 || pw_rec_fail(c->r, path, 0, "empty");
}

/* One file: "--- file type: CFG ---", INF, HDR, "--- file type: DAT BINARY: 1234 ---". */
static bool open_cff(struct comtrade *c)
{
    char *cfg = NULL, *cfg_end = NULL;
    for (char *p = c->at, *end; (end = strchr(p, '\n')) != NULL; p = end + 1) {
        if (strncmp(p, "---", 3) != 0)
            continue;
        char head[80];
        snprintf(head, sizeof head, "%.*s", (int)(end - p < 79 ? end - p : 79), p);
        if (cfg != NULL && cfg_end == NULL)
            cfg_end = p;
        if (strstr(head, "CFG") != NULL && cfg == NULL) {
            cfg = end + 1;
        } else if (strstr(head, "DAT") != NULL) {
            c->dat_offset = end + 1 - c->cfg;
            c->dat_size -= (uint64_t)c->dat_offset;
            break;
        }
    }
    if (cfg_end == NULL || c->dat_offset == 0)
        return pw_rec_fail(c->r, NULL, 0, "no '--- file type: CFG ---' and '--- file type: DAT ... ---' in it");
    *cfg_end = '\0';
    c->at = cfg;
    return true;
}

bool pw_rec_read_comtrade(struct pw_rec *r)
{
    struct comtrade *c = calloc(1, sizeof *c);
    if (c == NULL)
        return pw_rec_fail(r, NULL, 0, "not enough memory");
    c->r = r;
    const char *dot = strrchr(r->path, '.');
    bool ok = strlen(r->path) < 500 || pw_rec_fail(r, NULL, 0, "name too long");
    if (ok && dot != NULL && strcasecmp(dot, ".cff") == 0) {
        snprintf(c->cfg_path, sizeof c->cfg_path, "%s", r->path);
        snprintf(c->dat_path, sizeof c->dat_path, "%s", r->path);
        ok = load_cfg(c, c->cfg_path) && open_cff(c);
    } else if (ok && dot != NULL && strcasecmp(dot, ".dat") == 0) {
        snprintf(c->dat_path, sizeof c->dat_path, "%s", r->path);
        ok = sibling(c, r->path, "cfg", c->cfg_path) && load_cfg(c, c->cfg_path);
    } else if (ok) {
        snprintf(c->cfg_path, sizeof c->cfg_path, "%s", r->path);
        ok = load_cfg(c, c->cfg_path) && sibling(c, r->path, "dat", c->dat_path);
    }
    ok = ok && cfg_parse(c) && read_dat(c);
    free(c->cfg);
    free(c);
    return ok;
}
