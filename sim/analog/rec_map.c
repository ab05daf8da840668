/* SPDX-License-Identifier: Apache-2.0 */
/* Which recorded channel feeds which input of the meter: by a map of the user's, or by names, units and phases. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "rec.h"

#define MAP_MAX_B 8192

bool pw_rec_fail(struct pw_rec *r, const char *path, long line, const char *fmt, ...)
{
    char what[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    for (char *p = what; *p != '\0'; p++)           /* garbage of a file stays on one line */
        if (iscntrl((unsigned char)*p))
            *p = '?';
    if (path == NULL)
        path = r->path;
    if (line > 0)
        snprintf(r->err, r->err_size, "%s:%ld: %s", path, line, what);
    else
        snprintf(r->err, r->err_size, "%s: %s", path, what);
    return false;
}

void pw_rec_note(struct pw_rec *r, const char *fmt, ...)
{
    size_t used = strlen(r->note);
    if (used > 0 && used + 3 < r->note_size) {
        strcpy(r->note + used, "; ");
        used += 2;
    }
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->note + used, r->note_size - used, fmt, ap);
    va_end(ap);
}

bool pw_rec_push(struct pw_rec *r, const float row[])
{
    if ((r->n + 1) * r->n_ch > PW_REC_MAX_VALUES) {
        r->full = true;
        return true;
    }
    if (r->n == r->cap) {
        size_t cap = r->cap == 0 ? 4096 : r->cap * 2;
        float *data = realloc(r->data, cap * r->n_ch * sizeof *data);
        if (data == NULL)
            return false;
        r->data = data;
        r->cap = cap;
    }
    memcpy(r->data + r->n * r->n_ch, row, r->n_ch * sizeof *row);
    r->n++;
    return true;
}

/* ---- the map's text ---- */
struct map_text {
    struct pw_rec *r;
    const char *where;                              /* "map" or the path of the .map file */
    struct pw_rec_map *out;
    bool names;                                     /* second pass: the channels are known */
};

static bool map_fail(struct map_text *t, const char *what, const char *entry)
{
    return pw_rec_fail(t->r, t->where, 0, "'%.60s': %s", entry, what);
}

static bool map_number(struct map_text *t, const char *entry, const char *text, double max, double *out)
{
    char *end;
    *out = strtod(text, &end);
    if (end != text && *end == '\0' && *out > 0.0 && *out <= max)
        return true;
    return map_fail(t, "a positive number is needed", entry);
}

/* "[-]NAME[*FACTOR][@VSEL]" */
static bool map_source(struct map_text *t, const char *entry, char *text, struct pw_rec_use *use)
{
    static const char *const vsels[] = { "a", "b", "c", "ab", "bc", "ca" };
    double sign = 1.0;
    *use = (struct pw_rec_use){ .ch = -1, .factor = 1.0, .vsel = -1 };
    char *at = strrchr(text, '@');
    if (at != NULL) {
        *at = '\0';
        for (int k = 0; k < 6; k++)
            if (strcasecmp(at + 1, vsels[k]) == 0)
                use->vsel = k;
        if (use->vsel < 0)
            return map_fail(t, "after @ one of a, b, c, ab, bc, ca", entry);
    }
    char *star = strrchr(text, '*');
    if (star != NULL) {
        *star = '\0';
        if (!map_number(t, entry, star + 1, 1e9, &use->factor))
            return false;
    }
    if (*text == '-') {
        sign = -1.0;
        text++;
    }
    use->factor *= sign;
    for (unsigned k = 0; k < t->r->n_ch && use->ch < 0; k++)
        if (strcasecmp(t->r->ch[k].name, text) == 0)
            use->ch = (int)k;
    char *end;
    unsigned long number = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;
    if (use->ch < 0 && number >= 1 && number <= t->r->n_ch && *end == '\0')
        use->ch = (int)number - 1;
    return use->ch >= 0 || map_fail(t, "there is no such channel", entry);
}

static bool map_entry(struct map_text *t, char *entry)
{
    char shown[64];
    snprintf(shown, sizeof shown, "%.63s", entry);
    char *eq = strchr(entry, '=');
    if (eq == NULL)
        return map_fail(t, "va=CHANNEL, ct0=CHANNEL, rate=, v_scale= or i_scale= expected", shown);
    *eq = '\0';
    struct pw_rec_map *m = t->out;
    if (strcasecmp(entry, "rate") == 0)
        return map_number(t, shown, eq + 1, PW_REC_MAX_RATE, &m->rate_hz);
    if (strcasecmp(entry, "v_scale") == 0)
        return map_number(t, shown, eq + 1, 1e9, &m->v_scale);
    if (strcasecmp(entry, "i_scale") == 0)
        return map_number(t, shown, eq + 1, 1e9, &m->i_scale);
    m->given = true;
    if (!t->names)
        return true;
    if (tolower((unsigned char)entry[0]) == 'v' && strchr("abcABC", entry[1]) != NULL && entry[1] != '\0' && entry[2] == '\0')
        return map_source(t, shown, eq + 1, &m->v[tolower((unsigned char)entry[1]) - 'a']);
    char *end = NULL;
    unsigned long ct = strncasecmp(entry, "ct", 2) == 0 && isdigit((unsigned char)entry[2]) ? strtoul(entry + 2, &end, 10) : 1000;
    if (end == NULL || *end != '\0')
        return map_fail(t, "va, vb, vc, ct0, ct1 ... , rate, v_scale or i_scale expected", shown);
    if (ct >= m->n_ct)
        return map_fail(t, "the meter has no such CT", shown);
    return map_source(t, shown, eq + 1, &m->ct[ct]);
}

/* Entries: separated by blanks, commas, new lines; "..." protects; # begins a comment. */
static bool map_entries(struct map_text *t, const char *text)
{
    char entry[256];
    for (const char *p = text; *p != '\0';) {
        size_t n = 0;
        bool quoted = false;
        if (*p == '#')
            p += strcspn(p, "\n");
        for (; *p != '\0' && (quoted || (!isspace((unsigned char)*p) && *p != ',' && *p != '#')); p++) {
            if (*p == '"')
                quoted = !quoted;
            else if (n < sizeof entry - 1)
                entry[n++] = *p;
        }
        entry[n] = '\0';
        if (quoted)
            return map_fail(t, "quote without its end", entry);
        if (n > 0 && !map_entry(t, entry))
            return false;
        if (*p != '\0' && *p != '#')
            p++;
    }
    return true;
}

/* The map option, or the text of RECORDING.map if there is one. */
static bool map_load(struct pw_rec *r, const char *map, char text[MAP_MAX_B], char where[1100])
{
    text[0] = '\0';
    snprintf(where, 1100, "map");
    if (map != NULL && map[0] != '\0') {
        if (strlen(map) >= MAP_MAX_B)
            return pw_rec_fail(r, "map", 0, "longer than %d characters", MAP_MAX_B - 1);
        memcpy(text, map, strlen(map) + 1);
        return true;
    }
    snprintf(where, 1100, "%.1000s.map", r->path);
    FILE *f = fopen(where, "r");
    if (f == NULL)
        return errno == ENOENT || errno == ENOTDIR || pw_rec_fail(r, where, 0, "%s", strerror(errno));
    size_t n = fread(text, 1, MAP_MAX_B, f);
    bool ok = !ferror(f) && n < MAP_MAX_B;
    fclose(f);
    text[ok ? n : 0] = '\0';
    return ok || pw_rec_fail(r, where, 0, "cannot be read or is longer than %d characters", MAP_MAX_B - 1);
}

static bool map_read(struct pw_rec *r, const char *map, struct pw_rec_map *out, bool names)
{
    char text[MAP_MAX_B], where[1100];
    struct map_text t = { .r = r, .where = where, .out = out, .names = names };
    return map_load(r, map, text, where) && map_entries(&t, text);
}

bool pw_rec_map_read(struct pw_rec *r, const char *map, struct pw_rec_map *out)
{
    memset(out, 0, sizeof *out);
    for (unsigned k = 0; k < 3; k++)
        out->v[k].ch = -1;
    for (unsigned k = 0; k < 54; k++)
        out->ct[k].ch = -1;
    return map_read(r, map, out, false);
}

/* ---- without a map ---- */
/* Channels without names: V I; V I I; V V I I; V V V I I ... */
static void name_by_position(struct pw_rec *r)
{
    unsigned n_v = r->n_ch <= 3 ? 1 : r->n_ch == 4 ? 2 : 3;
    for (unsigned k = 0; k < r->n_ch; k++) {
        r->ch[k].kind = k < n_v ? PW_REC_VOLT : PW_REC_AMPERE;
        unsigned nth = k < n_v ? k : k - n_v;
        r->ch[k].phase = nth < 3 && n_v > 1 ? (enum pw_rec_phase)(PW_PH_A + nth) : k < n_v || nth == 0 ? PW_PH_A : PW_PH_NONE;
    }
}

static void take_voltages(struct pw_rec *r, struct pw_rec_map *m)
{
    unsigned left_out = 0, by_line = 0;
    bool neutral_phases = false;
    for (unsigned k = 0; k < r->n_ch; k++)
        neutral_phases = neutral_phases || (r->ch[k].kind == PW_REC_VOLT && r->ch[k].phase <= PW_PH_C);
    for (unsigned k = 0; k < r->n_ch; k++) {
        struct pw_rec_ch *c = &r->ch[k];
        int slot = -1;
        if (c->kind != PW_REC_VOLT)
            continue;
        if (c->phase <= PW_PH_C)
            slot = (int)c->phase;
        else if (c->phase <= PW_PH_CA && !neutral_phases)
            slot = (int)c->phase - PW_PH_AB;
        for (int s = 0; c->phase == PW_PH_NONE && s < 3 && slot < 0; s++)
            slot = m->v[s].ch < 0 ? s : -1;
        if (slot < 0 || m->v[slot].ch >= 0) {
            left_out++;
            continue;
        }
        by_line += c->phase >= PW_PH_AB && c->phase <= PW_PH_CA;
        m->v[slot] = (struct pw_rec_use){ (int)k, 1.0, -1 };
    }
    if (left_out > 0)
        pw_rec_note(r, "%u voltage channel(s) not used", left_out);
    m->lines = by_line >= 2;
    if (m->lines)
        pw_rec_note(r, "Va, Vb, Vc are to a virtual neutral, from the voltages between lines: only their sum of W has a meaning");
    else if (by_line > 0)
        pw_rec_note(r, "a voltage between lines serves as Va, Vb or Vc");
}

static void take_currents(struct pw_rec *r, struct pw_rec_map *m)
{
    unsigned ct = 0, left_out = 0, unnamed = 0;
    for (unsigned k = 0; k < r->n_ch; k++) {
        const struct pw_rec_ch *c = &r->ch[k];
        if (c->kind != PW_REC_AMPERE)
            continue;
        if (ct == m->n_ct) {
            left_out++;
            continue;
        }
        int vsel = c->phase <= PW_PH_C ? (int)c->phase : c->phase == PW_PH_NONE ? (int)(unnamed++ % 3) : 0;
        m->ct[ct++] = (struct pw_rec_use){ (int)k, 1.0, vsel };
    }
    if (left_out > 0)
        pw_rec_note(r, "%u current channel(s) more than the meter has CTs", left_out);
}

bool pw_rec_map_assign(struct pw_rec *r, const char *map, unsigned n_ct, struct pw_rec_map *m)
{
    m->n_ct = n_ct;
    if (m->given) {
        if (!map_read(r, map, m, true))
            return false;
    } else {
        if (r->positional)
            name_by_position(r);
        take_voltages(r, m);
        take_currents(r, m);
    }
    unsigned n_v = 0, n_i = 0, n_other = 0;
    int some_v = -1;
    for (int k = 2; k >= 0; k--)
        if (m->v[k].ch >= 0) {
            n_v++;
            some_v = k;
        }
    for (unsigned k = 0; k < n_ct; k++) {
        struct pw_rec_use *u = &m->ct[k];
        n_i += u->ch >= 0;
        if (u->ch >= 0 && u->vsel < 0)
            u->vsel = r->ch[u->ch].phase <= PW_PH_C ? (int)r->ch[u->ch].phase : (int)(k % 3);
        if (u->ch >= 0 && n_v > 0 && !m->lines && u->vsel < 3 && m->v[u->vsel].ch < 0) {
            u->vsel = some_v;
            n_other++;
        }
    }
    if (n_other > 0)
        pw_rec_note(r, "no voltage for the phase of %u current(s): metered with V%c", n_other, 'a' + some_v);
    if (n_v == 0)
        return pw_rec_fail(r, NULL, 0, "no voltage channel found (name it in a map: va=NAME)");
    if (n_i == 0)
        return pw_rec_fail(r, NULL, 0, "no current channel found (name it in a map: ct0=NAME)");
    return true;
}
