/* SPDX-License-Identifier: Apache-2.0 */
/* Scenario files: the service. */
#include <math.h>
#include <string.h>

#include "scn.h"

static const struct { const char *word; int service; } words[] = {
    { "single", PW_SERVICE_1P2W }, { "split", PW_SERVICE_SPLIT }, { "network", PW_SERVICE_NETWORK },
    { "delta", PW_SERVICE_DELTA3 }, { "wye", PW_SERVICE_WYE4 }, { "highleg", PW_SERVICE_HIGHLEG },
};
#define N_WORDS (sizeof words / sizeof words[0])

/* Volts and degrees of each input against the meter's neutral terminal, in units of `volts`. Sequence a b c. */
static void phasors(struct pw_scn *s, double volts)
{
    static const double table[][PW_PANEL_N_V][2] = {
        [PW_SERVICE_1P2W]    = { { 1, 0 }, { 0, 0 }, { 0, 0 } },
        [PW_SERVICE_SPLIT]   = { { 1, 0 }, { 1, 180 }, { 0, 0 } },
        [PW_SERVICE_NETWORK] = { { 1, 0 }, { 1, -120 }, { 0, 0 } },
        [PW_SERVICE_DELTA3]  = { { 1, 0 }, { 0, 0 }, { 1, 60 } },     /* neutral terminal on b: Vab, 0, Vcb */
        [PW_SERVICE_WYE4]    = { { 1, 0 }, { 1, -120 }, { 1, -240 } },
        [PW_SERVICE_HIGHLEG] = { { 1, 0 }, { 1, 180 }, { 1.7320508075688772, 90 } }, /* of a high leg on c */
    };
    for (unsigned k = 0; k < PW_PANEL_N_V; k++) {
        unsigned from = s->service == PW_SERVICE_HIGHLEG ? (k + 2 - (unsigned)s->high_leg + PW_PANEL_N_V) % PW_PANEL_N_V : k;
        s->v[k].volts = table[s->service][from][0] * volts;
        s->v[k].angle = table[s->service][from][1];
    }
}

bool pw_scn_st_service(struct pw_scn *s, char **tok, unsigned n)
{
    double volts;
    unsigned w = 0;
    while (n >= 2 && w < N_WORDS && strcmp(tok[1], words[w].word) != 0)
        w++;
    bool high = n >= 2 && w < N_WORDS && words[w].service == PW_SERVICE_HIGHLEG;
    if (n < 3 || n > (high ? 4u : 3u) || w == N_WORDS)
        return pw_scn_fail(s, "'service wye|split|network|delta|single VOLTS' or 'service highleg VOLTS [a|b|c]' expected");
    if (s->service != 0)
        return pw_scn_fail(s, "a second service");
    if (s->n_load + s->n_point != 0)
        return pw_scn_fail(s, "service must come before the loads");
    if (!pw_scn_number(s, "volts", tok[2], 10.0, 1000.0, &volts))
        return false;
    s->high_leg = 2;
    if (n == 4) {
        if (strlen(tok[3]) != 1 || tok[3][0] < 'a' || tok[3][0] > 'c')
            return pw_scn_fail(s, "high leg on '%.40s': a, b or c expected", tok[3]);
        s->high_leg = tok[3][0] - 'a';
    }
    s->service = words[w].service;
    phasors(s, volts);
    return true;
}

bool pw_scn_service_has(const struct pw_scn *s, int on)
{
    static const unsigned has[] = { /* bits: a b c ab bc ca */
        [PW_SERVICE_1P2W] = 1, [PW_SERVICE_SPLIT] = 1 | 2 | 8, [PW_SERVICE_NETWORK] = 1 | 2 | 8,
        [PW_SERVICE_DELTA3] = 8 | 16 | 32, [PW_SERVICE_WYE4] = 63, [PW_SERVICE_HIGHLEG] = 63,
    };
    return (has[s->service] >> on & 1u) != 0;
}

int pw_scn_default_on(const struct pw_scn *s, unsigned ct)
{
    switch (s->service) {
    case PW_SERVICE_1P2W:    return PW_ON_A;
    case PW_SERVICE_SPLIT:
    case PW_SERVICE_NETWORK: return (int)(ct % 2);
    case PW_SERVICE_DELTA3:  return PW_ON_AB + (int)(ct % 3);
    case PW_SERVICE_HIGHLEG: return (int)((unsigned)s->high_leg + 1 + ct % 2) % (int)PW_PANEL_N_V;
    default:                 return (int)(ct % 3);
    }
}
