/* SPDX-License-Identifier: Apache-2.0 */
/* Scenario files: tokens, numbers, lists and key=value pairs. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scn.h"

bool pw_scn_fail(struct pw_scn *s, const char *fmt, ...)
{
    char what[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    if (s->line > 0)
        snprintf(s->err, s->err_size, "%s:%d: %s", s->path, s->line, what);
    else
        snprintf(s->err, s->err_size, "%s: %s", s->path, what);
    return false;
}

bool pw_scn_tokens(struct pw_scn *s, char *line, char *token[], unsigned *n)
{
    char *out = line;
    *n = 0;
    for (char *c = line;;) {
        while (isspace((unsigned char)*c))
            c++;
        if (*c == '\0' || *c == '#')
            return true;
        if (*n == PW_SCN_MAX_TOKEN)
            return pw_scn_fail(s, "more than %d words", PW_SCN_MAX_TOKEN);
        token[(*n)++] = out;
        bool quoted = false;
        for (; *c != '\0' && (quoted || !isspace((unsigned char)*c)); c++) {
            if (*c == '"')
                quoted = !quoted;
            else if (*c == '#' && !quoted)
                break;
            else
                *out++ = *c;
        }
        if (quoted)
            return pw_scn_fail(s, "quote without its end");
        bool more = isspace((unsigned char)*c);
        *out++ = '\0';                  /* at most where c is: quotes only make it shorter */
        if (!more)
            return true;
        c++;
    }
}

bool pw_scn_number(struct pw_scn *s, const char *what, const char *text, double min, double max, double *out)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(v))
        return pw_scn_fail(s, "%s: '%.40s' is not a number", what, text);
    if (v < min || v > max)
        return pw_scn_fail(s, "%s: %g is outside %g .. %g", what, v, min, max);
    *out = v;
    return true;
}

bool pw_scn_ct_list(struct pw_scn *s, const char *text, unsigned list[], unsigned *n)
{
    *n = 0;
    for (const char *c = text;; c++) {
        char *end;
        if (!isdigit((unsigned char)*c))
            return pw_scn_fail(s, "'%.40s' is not a list of CTs like 0-5,8", text);
        unsigned long a = strtoul(c, &end, 10), b = a;
        if (*end == '-' && isdigit((unsigned char)end[1]))
            b = strtoul(end + 1, &end, 10);
        if (b < a || (*end != '\0' && *end != ','))
            return pw_scn_fail(s, "'%.40s' is not a list of CTs like 0-5,8", text);
        if (b >= s->n_ct)
            return pw_scn_fail(s, "CT %lu: this meter has CT 0 .. %u", b, s->n_ct - 1);
        for (; a <= b; a++) {
            for (unsigned k = 0; k < *n; k++)
                if (list[k] == a)
                    return pw_scn_fail(s, "CT %lu twice in '%.40s'", a, text);
            list[(*n)++] = (unsigned)a;
        }
        if (*end == '\0')
            return true;
        c = end;
    }
}

/* "3:81@180,5:60" */
static bool parse_list(struct pw_scn *s, const char *text, struct pw_harmonics *list)
{
    list->n = 0;
    for (const char *c = text;; c++) {
        char *end;
        if (list->n == PW_MAX_LIST)
            return pw_scn_fail(s, "harmonics: more than %d", PW_MAX_LIST);
        unsigned long order = isdigit((unsigned char)*c) ? strtoul(c, &end, 10) : 0;
        if (order < 2 || order >= PW_N_HARM || *end != ':')
            return pw_scn_fail(s, "harmonics: '%.40s' is not order:percent@degrees,... with orders 2 .. %d", c, PW_N_HARM - 1);
        c = end + 1;
        double percent = strtod(c, &end), degrees = 0.0;
        bool ok = end != c && percent >= 0.0 && percent <= 1000.0;
        if (ok && *end == '@') {
            c = end + 1;
            degrees = strtod(c, &end);
            ok = end != c && fabs(degrees) <= 360.0;
        }
        if (!ok || (*end != '\0' && *end != ','))
            return pw_scn_fail(s, "harmonics: '%.40s' is not order:percent@degrees (0 .. 1000 %%, -360 .. 360)", text);
        list->h[list->n].order = (unsigned)order;
        list->h[list->n].percent = percent;
        list->h[list->n].degrees = degrees;
        list->n++;
        if (*end == '\0')
            return true;
        c = end;
    }
}

static bool parse_word(struct pw_scn *s, const char *key, const char *text, const char *const words[], int n, int *out)
{
    for (int k = 0; k < n; k++)
        if (strcmp(text, words[k]) == 0) {
            *out = k;
            return true;
        }
    return pw_scn_fail(s, "%s: '%.40s' is none of %s, %s ... %s", key, text, words[0], words[1], words[n - 1]);
}

static bool parse_key(struct pw_scn *s, const struct pw_key *key, const char *text, void *field)
{
    static const char *const bools[] = { "no", "yes" };
    static const char *const ons[] = { "a", "b", "c", "ab", "bc", "ca" };
    static const char *const roles[] = { "branch", "main", "source" };
    switch (key->type) {
    case PW_KEY_NUM:
        return pw_scn_number(s, key->name, text, key->min, key->max, field);
    case PW_KEY_BOOL:
        return parse_word(s, key->name, text, bools, 2, field);
    case PW_KEY_ON:
        return parse_word(s, key->name, text, ons, 6, field);
    case PW_KEY_ROLE:
        return parse_word(s, key->name, text, roles, 3, field);
    case PW_KEY_LIST:
        return parse_list(s, text, field);
    case PW_KEY_TEXT:
        if (*text == '\0' || strlen(text) >= PW_NAME_MAX)
            return pw_scn_fail(s, "%s: needs 1 .. %d characters", key->name, PW_NAME_MAX - 1);
        memcpy(field, text, strlen(text) + 1);
        return true;
    }
    return false;
}

bool pw_scn_keys(struct pw_scn *s, char **token, unsigned n, const struct pw_key *key, unsigned n_key, void *base)
{
    for (unsigned t = 0; t < n; t++) {
        char *eq = strchr(token[t], '=');
        if (eq == NULL)
            return pw_scn_fail(s, "'%.40s': key=value expected", token[t]);
        *eq = '\0';
        unsigned k = 0;
        while (k < n_key && strcmp(key[k].name, token[t]) != 0)
            k++;
        if (k == n_key)
            return pw_scn_fail(s, "unknown key '%.40s'", token[t]);
        for (unsigned u = 0; u < t; u++)
            if (strcmp(token[u], token[t]) == 0)
                return pw_scn_fail(s, "key '%s' twice", token[t]);
        if (!parse_key(s, &key[k], eq + 1, (char *)base + key[k].offset))
            return false;
    }
    return true;
}
