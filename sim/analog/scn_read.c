/* SPDX-License-Identifier: Apache-2.0 */
/* Scenario files: the statements. Grammar: docs/scenario.md */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "scn.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOT_GIVEN 1e9

static void scn_defaults(struct pw_scn *s)
{
    snprintf(s->name, sizeof s->name, "scenario");
    s->freq_hz = 60.0;
    s->pulse_wh = 2.0;
    s->creep_w = 1.0;
    for (unsigned k = 0; k < PW_PANEL_N_V; k++) {
        s->v[k].noise = -106.0;
        s->terminal[k] = (int)k;
    }
    for (unsigned k = 0; k < PW_PANEL_MAX_CT; k++) {
        s->ct[k] = (struct pw_scn_ct){ .rated = 200.0, .secondary_ma = 80.0, .burden = 1.0, .clip_mv = 320.0,
                                       .noise = -106.0, .calibrated = 1, .told = PW_ON_DEFAULT, .role = -1, .swapped = -1.0 };
        s->load_of_ct[k] = s->point_of_ct[k] = -1;
    }
}

static bool st_name(struct pw_scn *s, char **tok, unsigned n)
{
    if (n != 2 || tok[1][0] == '\0' || strlen(tok[1]) >= PW_NAME_MAX)
        return pw_scn_fail(s, "name \"...\" with 1 .. %d characters expected", PW_NAME_MAX - 1);
    memcpy(s->name, tok[1], strlen(tok[1]) + 1);
    return true;
}

static bool st_frequency(struct pw_scn *s, char **tok, unsigned n)
{
    if (n != 2)
        return pw_scn_fail(s, "'frequency HZ' expected");
    return pw_scn_number(s, "frequency", tok[1], 40.0, 70.0, &s->freq_hz);
}

static bool st_voltage(struct pw_scn *s, char **tok, unsigned n)
{
    static const struct pw_key keys[] = {
        { "volts", PW_KEY_NUM, offsetof(struct pw_scn_voltage, volts), 0.0, 1000.0 },
        { "angle", PW_KEY_NUM, offsetof(struct pw_scn_voltage, angle), -360.0, 360.0 },
        { "harmonics", PW_KEY_LIST, offsetof(struct pw_scn_voltage, list), 0, 0 },
        { "ratio_error", PW_KEY_NUM, offsetof(struct pw_scn_voltage, ratio_error), -10.0, 10.0 },
        { "offset", PW_KEY_NUM, offsetof(struct pw_scn_voltage, offset), -10.0, 10.0 },
        { "noise", PW_KEY_NUM, offsetof(struct pw_scn_voltage, noise), -200.0, -40.0 },
        { "dip", PW_KEY_TEXT, offsetof(struct pw_scn_voltage, dip), 0, 0 },
        { "swell", PW_KEY_TEXT, offsetof(struct pw_scn_voltage, swell), 0, 0 },
    };
    if (s->service == 0)
        return pw_scn_fail(s, "voltage before service");
    bool all = n >= 2 && strcmp(tok[1], "all") == 0;
    if (n < 3 || (!all && (strlen(tok[1]) != 1 || tok[1][0] < 'a' || tok[1][0] > 'c')))
        return pw_scn_fail(s, "'voltage a|b|c|all key=value ...' expected");
    unsigned from = all ? 0 : (unsigned)(tok[1][0] - 'a'), to = all ? 2 : from;
    struct pw_scn_voltage v = s->v[from];
    if (!pw_scn_keys(s, tok + 2, n - 2, keys, COUNT(keys), &v))
        return false;
    for (unsigned t = 2; all && t < n; t++)
        if (strcmp(tok[t], "volts") == 0 && s->service == PW_SERVICE_HIGHLEG)
            return pw_scn_fail(s, "volts belongs to one voltage here, the high leg is another");
    for (unsigned k = from; k <= to; k++) {
        struct pw_scn_voltage old = s->v[k];
        s->v[k] = v;
        for (unsigned t = 2; all && t < n; t++)
            if (strcmp(tok[t], "angle") == 0)
                return pw_scn_fail(s, "angle belongs to one voltage, not to all");
        if (all)
            s->v[k].angle = old.angle;
        if (all && old.volts == 0.0)                /* an input that the service leaves free */
            s->v[k].volts = 0.0;
    }
    return true;
}

static bool st_meter(struct pw_scn *s, char **tok, unsigned n)
{
    static const struct pw_key keys[] = {
        { "v_fs", PW_KEY_NUM, offsetof(struct pw_scn, v_fs), 10.0, 2000.0 },
        { "pulse_wh", PW_KEY_NUM, offsetof(struct pw_scn, pulse_wh), 0.01, 100000.0 },
        { "creep_w", PW_KEY_NUM, offsetof(struct pw_scn, creep_w), 0.0, 1000.0 },
        { "window_cycles", PW_KEY_NUM, offsetof(struct pw_scn, window_cycles), 1.0, 50.0 },
    };
    return n < 2 ? pw_scn_fail(s, "'meter key=value ...' expected") : pw_scn_keys(s, tok + 1, n - 1, keys, COUNT(keys), s);
}

/* Which service phase each voltage input is connected to. */
static bool st_terminals(struct pw_scn *s, char **tok, unsigned n)
{
    static const char *const words[] = { "a", "b", "c", "none" };
    if (n != 1 + PW_PANEL_N_V)
        return pw_scn_fail(s, "'terminals' and three of a, b, c, none expected");
    for (unsigned k = 0; k < PW_PANEL_N_V; k++) {
        int w = 0;
        while (w < 4 && strcmp(tok[1 + k], words[w]) != 0)
            w++;
        if (w == 4)
            return pw_scn_fail(s, "terminals: '%.40s' is none of a, b, c, none", tok[1 + k]);
        s->terminal[k] = w == 3 ? -1 : w;
        for (unsigned m = 0; m < k; m++)
            if (w < 3 && s->terminal[m] == w)
                return pw_scn_fail(s, "terminals: %s twice", words[w]);
    }
    return true;
}

static bool st_ct(struct pw_scn *s, char **tok, unsigned n)
{
#define F(f) offsetof(struct pw_scn_ct, f)
    static const struct pw_key keys[] = {
        { "rated", PW_KEY_NUM, F(rated), 0.1, 10000.0 },
        { "secondary_ma", PW_KEY_NUM, F(secondary_ma), 0.1, 10000.0 },
        { "burden", PW_KEY_NUM, F(burden), 0.001, 10000.0 },
        { "clip_mv", PW_KEY_NUM, F(clip_mv), 1.0, 10000.0 },
        { "ratio_error", PW_KEY_NUM, F(ratio_error), -10.0, 10.0 },
        { "phase_error", PW_KEY_NUM, F(phase_error), -10.0, 10.0 },
        { "noise", PW_KEY_NUM, F(noise), -200.0, -40.0 },
        { "offset", PW_KEY_NUM, F(offset), -10.0, 10.0 },
        { "saturation", PW_KEY_NUM, F(saturation), 0.0, 100000.0 },
        { "leakage", PW_KEY_NUM, F(leakage), 0.0, 0.1 },
        { "reversed", PW_KEY_BOOL, F(reversed), 0, 0 },
        { "polarity", PW_KEY_BOOL, F(polarity), 0, 0 },
        { "calibrated", PW_KEY_BOOL, F(calibrated), 0, 0 },
        { "open", PW_KEY_BOOL, F(open), 0, 0 },
        { "told", PW_KEY_ON, F(told), 0, 0 },
        { "role", PW_KEY_ROLE, F(role), 0, 0 },
        { "swapped", PW_KEY_NUM, F(swapped), 0.0, PW_PANEL_MAX_CT - 1.0 },
    };
#undef F
    unsigned list[PW_PANEL_MAX_CT], m;
    if (n < 3)
        return pw_scn_fail(s, "'ct all|LIST key=value ...' expected");
    if (strcmp(tok[1], "all") == 0) {
        for (m = 0; m < s->n_ct; m++)
            list[m] = m;
    } else if (!pw_scn_ct_list(s, tok[1], list, &m)) {
        return false;
    }
    char copy[PW_SCN_MAX_LINE], *again[PW_SCN_MAX_TOKEN];
    for (unsigned k = 0; k < m; k++) {              /* the keys are parsed in place: each CT gets a copy */
        char *out = copy;
        for (unsigned t = 2; t < n; t++) {
            size_t len = strlen(tok[t]) + 1;
            again[t - 2] = memcpy(out, tok[t], len);
            out += len;
        }
        if (!pw_scn_keys(s, again, n - 2, keys, COUNT(keys), &s->ct[list[k]]))
            return false;
    }
    return true;
}

/* Load that switches: what must fit together. */
static bool load_cycle_ok(struct pw_scn *s, const struct pw_scn_load *l)
{
    if ((l->on_s > 0.0) != (l->off_s > 0.0))
        return pw_scn_fail(s, "on_s and off_s go together");
    if (l->on_s > 0.0 && l->on_s < 2.0 / s->freq_hz + l->inrush_s)
        return pw_scn_fail(s, "on_s: %g s is shorter than two cycles and inrush_s", l->on_s);
    if ((l->inrush > 0.0) != (l->inrush_s > 0.0) || (l->inrush > 0.0 && l->on_s == 0.0))
        return pw_scn_fail(s, "inrush, inrush_s, on_s and off_s go together");
    return true;
}

static bool load_size_ok(struct pw_scn *s, const struct pw_scn_load *l)
{
    int sizes = (l->watts > 0.0) + (l->amps > 0.0) + (l->percent > 0.0);
    if (l->shape.kind == PW_LOAD_NOLOAD || l->shape.kind == PW_LOAD_MAIN)
        return sizes == 0 ? true : pw_scn_fail(s, "%s has no size", pw_load_info[l->shape.kind].name);
    if (sizes != 1)
        return pw_scn_fail(s, "%s: one of watts, amps, percent (of rated current) is needed", pw_load_info[l->shape.kind].name);
    return true;
}

/* pf and lead, or angle, to the angle of the fundamental. */
static bool load_angle(struct pw_scn *s, struct pw_scn_load *l)
{
    const struct pw_load_info *info = &pw_load_info[l->shape.kind];
    const bool angle = l->angle < NOT_GIVEN;
    if (!(info->uses & PW_USES_PF) && (angle || l->pf > 0.0 || l->lead >= 0))
        return pw_scn_fail(s, "%s has no pf, lead or angle", info->name);
    if (angle && (l->pf > 0.0 || l->lead >= 0))
        return pw_scn_fail(s, "angle or pf, not both");
    double pf = l->pf > 0.0 ? l->pf : info->pf;
    bool lead = l->lead >= 0 ? l->lead : (info->lead && l->pf == 0.0);
    l->shape.angle_deg = angle ? l->angle : acos(pf) * (lead ? -1.0 : 1.0) * 180.0 / M_PI;
    if (angle && l->watts > 0.0 && fabs(cos(l->angle * M_PI / 180.0)) < 1e-3)
        return pw_scn_fail(s, "angle: at %g degrees give amps, watts would be boundless", l->angle);
    return true;
}

static bool load_keys(struct pw_scn *s, struct pw_scn_load *l, char **tok, unsigned n)
{
#define F(f) offsetof(struct pw_scn_load, f)
    static const struct pw_key keys[] = {
        { "watts", PW_KEY_NUM, F(watts), 1e-3, 1e7 },
        { "amps", PW_KEY_NUM, F(amps), 1e-6, 1e5 },
        { "percent", PW_KEY_NUM, F(percent), 1e-4, 1000.0 },
        { "pf", PW_KEY_NUM, F(pf), 0.001, 1.0 },
        { "angle", PW_KEY_NUM, F(angle), -360.0, 360.0 },
        { "lead", PW_KEY_BOOL, F(lead), 0, 0 },
        { "harmonics", PW_KEY_LIST, F(shape.list), 0, 0 },
        { "cut", PW_KEY_NUM, F(shape.cut_deg), 0.0, 170.0 },
        { "rise_us", PW_KEY_NUM, F(shape.rise_us), 30.0, 1000.0 },
        { "on", PW_KEY_ON, F(on), 0, 0 },
        { "on_s", PW_KEY_NUM, F(on_s), 0.01, 1e6 },
        { "off_s", PW_KEY_NUM, F(off_s), 0.01, 1e6 },
        { "inrush", PW_KEY_NUM, F(inrush), 1.0, 20.0 },
        { "inrush_s", PW_KEY_NUM, F(inrush_s), 0.01, 100.0 },
        { "name", PW_KEY_TEXT, F(name), 0, 0 },
        { "point", PW_KEY_TEXT, F(point), 0, 0 },
    };
#undef F
    const struct pw_load_info *info = &pw_load_info[l->shape.kind];
    if (!pw_scn_keys(s, tok, n, keys, COUNT(keys), l))
        return false;
    for (unsigned t = 0; t < n; t++) {              /* names only by now */
        bool cut = strcmp(tok[t], "cut") == 0 || strcmp(tok[t], "rise_us") == 0;
        if ((cut && !(info->uses & PW_USES_CUT)) || (strcmp(tok[t], "harmonics") == 0 && !(info->uses & PW_USES_LIST)))
            return pw_scn_fail(s, "%s has no key '%s'", info->name, tok[t]);
    }
    return load_size_ok(s, l) && load_angle(s, l) && load_cycle_ok(s, l);
}

/* Which voltage drives the load: defaults by the CT's place in the panel, and what the service has. */
static bool load_on(struct pw_scn *s, struct pw_scn_load *l)
{
    static const char *const names[] = { "a", "b", "c", "ab", "bc", "ca" };
    const unsigned need = pw_load_info[l->shape.kind].n_ct;
    if (l->on == PW_ON_DEFAULT)
        l->on = need == 2 ? PW_ON_AB : pw_scn_default_on(s, l->ct[0]);
    else if (need == 3)
        return pw_scn_fail(s, "threephase is on all three voltages");
    if (l->shape.kind == PW_LOAD_MAIN && l->on >= PW_ON_AB)
        return pw_scn_fail(s, "main is on one conductor: on=a, b or c");
    if (need == 2 && l->on < PW_ON_AB)
        return pw_scn_fail(s, "splitphase is on two conductors: on=ab, bc or ca");
    if (need == 3 && s->service != PW_SERVICE_WYE4)
        return pw_scn_fail(s, "threephase needs a wye service");
    if (need == 2 && s->service == PW_SERVICE_DELTA3)
        return pw_scn_fail(s, "splitphase needs a neutral: on this service say 'point CTS form=2e-delta ...'");
    if (!pw_scn_service_has(s, l->on))
        return pw_scn_fail(s, "%s: this service has no such voltage", names[l->on]);
    return true;
}

static bool st_load(struct pw_scn *s, char **tok, unsigned n)
{
    unsigned list[PW_PANEL_MAX_CT], m;
    if (s->service == 0)
        return pw_scn_fail(s, "load before service");
    if (n < 3)
        return pw_scn_fail(s, "'load CTS KIND key=value ...' expected");
    if (!pw_scn_ct_list(s, tok[1], list, &m))
        return false;
    unsigned kind = 0;
    while (kind < PW_LOAD_KINDS && strcmp(pw_load_info[kind].name, tok[2]) != 0)
        kind++;
    if (kind == PW_LOAD_KINDS)
        return pw_scn_fail(s, "unknown load '%.40s'", tok[2]);
    const struct pw_load_info *info = &pw_load_info[kind];
    if (m != info->n_ct)
        return pw_scn_fail(s, "%s goes through %u CT%s, not %u", info->name, info->n_ct, info->n_ct > 1 ? "s" : "", m);
    struct pw_scn_load *l = &s->load[s->n_load];        /* each takes a CT that is still free: never too many */
    *l = (struct pw_scn_load){ .line = s->line, .n_ct = m, .angle = NOT_GIVEN, .lead = -1, .on = PW_ON_DEFAULT };
    l->shape = (struct pw_load_shape){ .kind = (enum pw_load_kind)kind, .cut_deg = 90.0, .rise_us = 100.0 };
    for (unsigned k = 0; k < m; k++) {
        l->ct[k] = list[k];
        if (s->point_of_ct[list[k]] >= 0)
            return pw_scn_fail(s, "CT %u is on a point already, line %d", list[k], s->point[s->point_of_ct[list[k]]].line);
        if (s->load_of_ct[list[k]] >= 0)
            return pw_scn_fail(s, "CT %u has a load already, line %d", list[k], s->load[s->load_of_ct[list[k]]].line);
    }
    if (kind == PW_LOAD_FRIDGE)
        l->on_s = 600.0, l->off_s = 1200.0;
    if (!load_keys(s, l, tok + 3, n - 3) || !load_on(s, l))
        return false;
    for (unsigned k = 0; k < m; k++)
        s->load_of_ct[list[k]] = (int)s->n_load;
    s->n_load++;
    return true;
}

static bool statement(struct pw_scn *s, char **tok, unsigned n)
{
    static const struct { const char *word; bool (*read)(struct pw_scn *, char **, unsigned); } table[] = {
        { "name", st_name }, { "service", pw_scn_st_service }, { "frequency", st_frequency }, { "voltage", st_voltage },
        { "meter", st_meter }, { "ct", st_ct }, { "terminals", st_terminals }, { "load", st_load },
        { "point", pw_scn_st_point },
    };
    for (unsigned k = 0; k < COUNT(table); k++)
        if (strcmp(tok[0], table[k].word) == 0)
            return table[k].read(s, tok, n);
    return pw_scn_fail(s, "unknown statement '%.40s'", tok[0]);
}

static bool read_lines(struct pw_scn *s, FILE *f)
{
    char line[PW_SCN_MAX_LINE], *tok[PW_SCN_MAX_TOKEN];
    unsigned n;
    for (;;) {
        if (fgets(line, sizeof line, f) == NULL)
            break;
        s->line++;
        size_t len = strlen(line);
        if ((len == 0 || line[len - 1] != '\n') && !feof(f))    /* fgets stopped elsewhere: too long, or a NUL inside */
            return pw_scn_fail(s, len == sizeof line - 1 ? "line longer than 1022 characters" : "not a text file");
        if (!pw_scn_tokens(s, line, tok, &n) || (n > 0 && !statement(s, tok, n)))
            return false;
    }
    int err = ferror(f) ? errno : 0;
    s->line = 0;
    if (err)
        return pw_scn_fail(s, "%s", strerror(err));
    if (s->service == 0)
        return pw_scn_fail(s, "no service in it");
    return true;
}

bool pw_scn_read(struct pw_scn *s)
{
    scn_defaults(s);
    struct stat st;
    FILE *f = fopen(s->path, "r");
    if (f == NULL)
        return pw_scn_fail(s, "%s", strerror(errno));
    bool ok = fstat(fileno(f), &st) == 0 && !S_ISDIR(st.st_mode) ? read_lines(s, f) : pw_scn_fail(s, "is a directory");
    fclose(f);
    return ok;
}
