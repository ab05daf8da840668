/* SPDX-License-Identifier: Apache-2.0 */
/* What a channel is, from its name and unit. Recorders agree on nothing, so words are taken apart. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "rec.h"

struct word { const char *text; int value; };

static bool find(const struct word *w, size_t n, const char *text, int *value)
{
    for (size_t k = 0; k < n; k++)
        if (strcasecmp(w[k].text, text) == 0) {
            *value = w[k].value;
            return true;
        }
    return false;
}
#define FIND(table, text, value) find(table, sizeof(table) / sizeof((table)[0]), text, value)

enum pw_rec_kind pw_rec_unit(const char *unit, double *scale)
{
    static const struct word units[] = {
        { "v", PW_REC_VOLT }, { "volt", PW_REC_VOLT }, { "volts", PW_REC_VOLT }, { "vrms", PW_REC_VOLT },
        { "a", PW_REC_AMPERE }, { "amp", PW_REC_AMPERE }, { "amps", PW_REC_AMPERE }, { "ampere", PW_REC_AMPERE },
        { "amperes", PW_REC_AMPERE }, { "arms", PW_REC_AMPERE } };
    int kind;
    *scale = 1.0;
    if (FIND(units, unit, &kind))
        return (enum pw_rec_kind)kind;
    static const struct { char c; double f; } prefix[] = { { 'k', 1e3 }, { 'K', 1e3 }, { 'm', 1e-3 }, { 'M', 1e6 }, { 'u', 1e-6 } };
    for (size_t k = 0; k < sizeof prefix / sizeof prefix[0]; k++)
        if (unit[0] == prefix[k].c && FIND(units, unit + 1, &kind)) {
            *scale = prefix[k].f;
            return (enum pw_rec_kind)kind;
        }
    return *unit == '\0' ? PW_REC_UNKNOWN : PW_REC_OTHER;
}

static bool phase_word(const char *w, int *phase)
{
    static const struct word phases[] = {
        { "a", PW_PH_A }, { "b", PW_PH_B }, { "c", PW_PH_C }, { "1", PW_PH_A }, { "2", PW_PH_B }, { "3", PW_PH_C },
        { "l1", PW_PH_A }, { "l2", PW_PH_B }, { "l3", PW_PH_C }, { "la", PW_PH_A }, { "lb", PW_PH_B }, { "lc", PW_PH_C },
        { "r", PW_PH_A }, { "s", PW_PH_B }, { "t", PW_PH_C },
        { "an", PW_PH_A }, { "bn", PW_PH_B }, { "cn", PW_PH_C }, { "1n", PW_PH_A }, { "2n", PW_PH_B }, { "3n", PW_PH_C },
        { "l1n", PW_PH_A }, { "l2n", PW_PH_B }, { "l3n", PW_PH_C }, { "rn", PW_PH_A }, { "sn", PW_PH_B }, { "tn", PW_PH_C },
        { "ab", PW_PH_AB }, { "bc", PW_PH_BC }, { "ca", PW_PH_CA }, { "12", PW_PH_AB }, { "23", PW_PH_BC }, { "31", PW_PH_CA },
        { "l12", PW_PH_AB }, { "l23", PW_PH_BC }, { "l31", PW_PH_CA }, { "l1l2", PW_PH_AB }, { "l2l3", PW_PH_BC }, { "l3l1", PW_PH_CA },
        { "rs", PW_PH_AB }, { "st", PW_PH_BC }, { "tr", PW_PH_CA },
        { "n", PW_PH_N }, { "neutral", PW_PH_N }, { "4", PW_PH_N }, { "0", PW_PH_N }, { "g", PW_PH_N }, { "e", PW_PH_N } };
    return FIND(phases, w, phase);
}

/* Next word (letters and digits) of text, in lower case; false at the end. */
static bool next_word(const char **text, char word[32])
{
    size_t n = 0;
    while (**text != '\0' && !isalnum((unsigned char)**text))
        (*text)++;
    for (; isalnum((unsigned char)**text); (*text)++)
        if (n < 31)
            word[n++] = (char)tolower((unsigned char)**text);
    word[n] = '\0';
    return n > 0;
}

/* "voltage", "ia", "u12", "ul1" -> kind and what follows; rest "" if nothing does. */
static enum pw_rec_kind kind_word(const char *w, const char **rest)
{
    static const struct word starts[] = {
        { "voltage", PW_REC_VOLT }, { "volts", PW_REC_VOLT }, { "volt", PW_REC_VOLT }, { "current", PW_REC_AMPERE },
        { "amperes", PW_REC_AMPERE }, { "ampere", PW_REC_AMPERE }, { "amps", PW_REC_AMPERE }, { "amp", PW_REC_AMPERE },
        { "ct", PW_REC_AMPERE }, { "v", PW_REC_VOLT }, { "u", PW_REC_VOLT }, { "i", PW_REC_AMPERE } };
    int phase;
    for (size_t k = 0; k < sizeof starts / sizeof starts[0]; k++) {
        size_t len = strlen(starts[k].text);
        *rest = w + len;
        if (strncmp(w, starts[k].text, len) == 0 && (**rest == '\0' || isdigit((unsigned char)**rest) || phase_word(*rest, &phase)))
            return (enum pw_rec_kind)starts[k].value;
    }
    *rest = w;
    return PW_REC_UNKNOWN;
}

enum pw_rec_phase pw_rec_phase_of(const char *text)
{
    char w[32];
    int phase;
    const char *rest;
    while (next_word(&text, w)) {
        if (strcmp(w, "phase") == 0 || strcmp(w, "ph") == 0 || strcmp(w, "line") == 0)
            continue;
        kind_word(w, &rest);
        if (strncmp(rest, "phase", 5) == 0)
            rest += 5;
        if (*rest != '\0' && phase_word(rest, &phase))
            return (enum pw_rec_phase)phase;
    }
    return PW_PH_NONE;
}

void pw_rec_classify(struct pw_rec_ch *ch)
{
    const char *text = ch->name, *rest;
    char w[32];
    while (ch->kind == PW_REC_UNKNOWN && next_word(&text, w))
        ch->kind = kind_word(w, &rest);
    if (ch->phase == PW_PH_NONE)
        ch->phase = pw_rec_phase_of(ch->name);
}
