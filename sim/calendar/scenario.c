/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "forms.h"

/* State of a reading. */
struct reader {
    struct cal_scenario *s;
    const char *path;
    unsigned line;
    uint32_t days, hours;
};

static bool fail(const struct reader *rd, const char *reason, const char *what)
{
    fprintf(stderr, "%s:%u: %s '%s'\n", rd->path, rd->line, reason, what == NULL ? "" : what);
    return false;
}

static bool number(const char *word, long min, long max, long *out)
{
    char *end;
    if (word == NULL || *word == 0)
        return false;
    errno = 0;
    *out = strtol(word, &end, 10);
    return *end == 0 && errno == 0 && *out >= min && *out <= max;
}

/* 2027-01-01T05:00:00Z */
static bool time_of(const char *word, uint32_t *utc_s)
{
    unsigned y, mo, d, h, mi, s;
    int n = 0;
    if (word == NULL || sscanf(word, "%4u-%2u-%2uT%2u:%2u:%2uZ%n", &y, &mo, &d, &h, &mi, &s, &n) != 6 || word[n] != 0)
        return false;
    struct pw_civil c = {(uint16_t)y, (uint8_t)mo, (uint8_t)d, (uint8_t)h, (uint8_t)mi, (uint8_t)s, 0};
    if (!pw_civil_valid(&c))
        return false;
    *utc_s = pw_civil_to_s(&c);
    return true;
}

/* profile NAME [CTS POINTS]: the usual panel of the profile, or so many CTs shared out over so many points */
static bool profile(struct reader *rd, char *word)
{
    struct cal_scenario *s = rd->s;
    struct pw_profile_panel panel;
    long cts, points;
    int id = word == NULL ? -1 : pw_profile_find(word);
    if (id < 0)
        return fail(rd, "no such profile", word);
    pw_program_default(&s->program, (unsigned)id);
    pw_profile_panel((unsigned)id, &panel);
    char *a = strtok(NULL, " \t\n"), *b = strtok(NULL, " \t\n");
    bool own = a != NULL;
    cts = panel.n_ct;
    points = panel.n_points;
    if (own && (!number(a, 1, PW_MAX_CT, &cts) || !number(b, 1, cts, &points) || cts % points != 0))
        return fail(rd, "CTs and points", a);
    pw_config_default(&s->cfg, (unsigned)cts);
    s->cfg.n_points = (uint8_t)points;
    s->cfg.service = own ? PW_SERVICE_AUTO : panel.service;
    for (unsigned k = 0; k < s->cfg.n_ct; k++) {
        s->cfg.ct[k].point = (uint8_t)(k / (unsigned)(cts / points));
        s->cfg.ct[k].i_fs_ma = panel.i_fs_ma;
        s->cfg.ct[k].rated_ma = panel.rated_ma;
    }
    for (unsigned p = 0; p < s->cfg.n_points; p++) {
        s->cfg.point[p].pulse_weight_mwh = s->program.pulse_weight_mwh;
        if (!own && pw_config_set_form(&s->cfg, p, panel.form, 0) != PW_OK)
            return fail(rd, "the form does not fit the CTs", word);
    }
    return true;
}

/* load FIRST LAST MIN_W MAX_W STEP_W TAN_E3 [SUN_W] */
static bool load(struct reader *rd, char *word)
{
    long v[7] = {0};
    for (unsigned i = 0; i < 7; i++) {
        if (word == NULL && i == 6)
            break;
        if (!number(word, i == 5 ? -10000 : 0, 1000000, &v[i]))
            return fail(rd, "load", word);
        word = strtok(NULL, " \t\n");
    }
    if (v[0] > v[1] || v[1] >= PW_MAX_CT || v[2] > v[3])
        return fail(rd, "load: order", NULL);
    for (long k = v[0]; k <= v[1] && v[6] != 0; k++)
        rd->s->cfg.ct[k].role = PW_ROLE_SOURCE;
    for (long k = v[0]; k <= v[1]; k++)
        rd->s->load[k] = (struct cal_load){(int32_t)v[2] * 1000, (int32_t)v[3] * 1000, (int32_t)v[4] * 1000, (int32_t)v[6] * 1000, (int32_t)v[5],
                                           (int32_t)(v[2] + (v[3] - v[2]) * (k + 1) / (v[1] + 2)) * 1000};
    return true;
}

static bool on_off(const char *word, int32_t *value)
{
    bool on = word != NULL && (strcmp(word, "on") == 0 || strcmp(word, "open") == 0);
    bool off = word != NULL && (strcmp(word, "off") == 0 || strcmp(word, "closed") == 0);
    *value = on;
    return on || off;
}

static bool rest_of_line(char *out)
{
    char *rest = strtok(NULL, "\n");
    if (rest == NULL || strlen(rest) >= CAL_WORD_B)
        return false;
    while (*rest == ' ')
        rest++;
    strcpy(out, rest);
    return true;
}

/* fault PART: what is missing, or does not work */
static bool fault(struct reader *rd, const char *word)
{
    static const char *const names[] = {"no_fram", "no_flash", "no_clock", "clock_stopped"};
    bool *const flags[] = {&rd->s->no_fram, &rd->s->no_flash, &rd->s->no_clock, &rd->s->clock_stopped};
    for (unsigned i = 0; i < 4 && word != NULL; i++)
        if (strcmp(word, names[i]) == 0)
            return *flags[i] = true;
    return fail(rd, "no such fault", word);
}

/* at TIME WHAT ...; those of one time in their order */
static bool action(struct reader *rd, char *word)
{
    static const char *const names[] = {"cut", "set_time", "reset", "close", "test", "seal", "schedule", "program", "creep", "screen", "load"};
    struct cal_scenario *s = rd->s;
    struct cal_action *a = &s->action[s->n_actions];
    long v = 0;
    if (s->n_actions >= CAL_MAX_ACTIONS)
        return fail(rd, "too many actions", word);
    *a = (struct cal_action){0};
    if (!time_of(word, &a->utc_s) || (s->n_actions > 0 && a->utc_s < a[-1].utc_s))
        return fail(rd, "time, or not after the one before", word);
    char *what = strtok(NULL, " \t\n");
    for (a->kind = 0; a->kind < sizeof names / sizeof names[0] && (what == NULL || strcmp(what, names[a->kind]) != 0);)
        a->kind++;
    bool ok = true;
    switch (a->kind) {
    case CAL_CUT:
        ok = number(strtok(NULL, " \t\n"), 0, 100000000, &v);
        word = strtok(NULL, " \t\n");
        a->hard = word != NULL && strcmp(word, "hard") == 0;
        break;
    case CAL_SET_TIME: ok = number(strtok(NULL, " \t\n"), -100000000, 100000000, &v); break;
    case CAL_CREEP: ok = number(strtok(NULL, " \t\n"), 0, 1000000, &v); break;
    case CAL_TEST:
    case CAL_SEAL: {
        int32_t on;
        ok = on_off(strtok(NULL, " \t\n"), &on);
        v = on;
        break;
    }
    case CAL_SCHEDULE:
    case CAL_PROGRAM:
    case CAL_LOAD: ok = rest_of_line(a->text); break;
    case CAL_RESET:
    case CAL_CLOSE:
    case CAL_SCREEN: break;
    default: return fail(rd, "no such action", what);
    }
    a->value = (int32_t)v;
    s->n_actions++;
    return ok || fail(rd, "argument of", what);
}

static bool statement(struct reader *rd, char *line)
{
    struct cal_scenario *s = rd->s;
    long v;
    char *word = strtok(line, " \t\n");
    if (word == NULL || *word == '#')
        return true;
    char keep[CAL_WORD_B];
    if (strcmp(word, "program") == 0) {
        if (!rest_of_line(keep))
            return fail(rd, "program", NULL);
        const char *wrong = cal_program_set(&s->program, keep);
        return wrong == NULL || fail(rd, "program", wrong);
    }
    char *arg = strtok(NULL, " \t\n");
    if (strcmp(word, "profile") == 0)
        return profile(rd, arg);
    if (strcmp(word, "load") == 0)
        return load(rd, arg);
    if (strcmp(word, "at") == 0)
        return action(rd, arg);
    if (strcmp(word, "fault") == 0)
        return fault(rd, arg);
    if (strcmp(word, "start") == 0)
        return time_of(arg, &s->start_utc_s) || fail(rd, "time", arg);
    if (strcmp(word, "schedule") == 0 && arg != NULL && strlen(arg) < CAL_WORD_B) {
        strcpy(s->schedule, arg);
        return true;
    }
    if (!number(arg, 1, 1000000000, &v))
        return fail(rd, "number", arg);
    if (strcmp(word, "days") == 0)
        rd->days = (uint32_t)v;
    else if (strcmp(word, "hours") == 0)
        rd->hours = (uint32_t)v;
    else if (strcmp(word, "window") == 0)
        s->window_s = (uint32_t)v;
    else if (strcmp(word, "seed") == 0)
        s->seed = (uint64_t)v;
    else
        return fail(rd, "no such statement", word);
    return true;
}

bool cal_scenario_read(struct cal_scenario *s, const char *path)
{
    struct reader rd = {.s = s, .path = path};
    char line[512];
    FILE *f = fopen(path, "r");
    *s = (struct cal_scenario){.window_s = 300, .seed = 1};
    if (f == NULL)
        return fail(&rd, "cannot be read", path);
    bool ok = true;
    while (ok && fgets(line, sizeof line, f) != NULL) {
        rd.line++;
        ok = statement(&rd, line);
    }
    fclose(f);
    s->end_utc_s = s->start_utc_s + rd.days * PW_DAY_S + rd.hours * 3600;
    if (ok && (s->start_utc_s == 0 || s->cfg.n_ct == 0 || s->end_utc_s == s->start_utc_s || s->window_s > 14000 || 86400 % s->window_s != 0))
        ok = fail(&rd, "profile, start, days or hours, window (divides a day, up to 14000 s)", "missing or wrong");
    return ok;
}
