/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a program by name. */
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

static int find(const char *word, const char *const *names, int n)
{
    for (int i = 0; i < n && word != NULL; i++)
        if (strcmp(word, names[i]) == 0)
            return i;
    return -1;
}

/* demand K QUANTITY METHOD MINUTES SUBINTERVALS */
static const char *set_demand(struct pw_program *p)
{
    static const char *const quantity[] = {"w_del", "w_rec", "var_del", "var_rec", "va_del", "va_rec"};
    static const char *const method[] = {"block", "sliding", "thermal"};
    char *w[5];
    for (unsigned i = 0; i < 5; i++)
        if ((w[i] = strtok(NULL, " \t\n")) == NULL)
            return "demand: five words";
    int k = atoi(w[0]), q = find(w[1], quantity, 6), m = find(w[2], method, 3);
    if (k < 0 || k >= (int)PW_MAX_DEMANDS || q < 0 || m < 0)
        return "demand: number, quantity, method";
    p->demand[k] = (struct pw_demand_config){(uint8_t)q, (uint8_t)m, (uint8_t)atoi(w[3]), (uint8_t)atoi(w[4])};
    if (p->n_demands <= k)
        p->n_demands = (uint8_t)(k + 1);
    return NULL;
}

const char *cal_program_set(struct pw_program *p, char *words)
{
    static const char *const names[] = {"interval", "close_day", "close_resets", "season_closes", "tou", "cold", "sync_after", "test_timeout", "quantities",
                                        "reset_lock", "demands"};
    char *name = strtok(words, " \t\n");
    if (name != NULL && strcmp(name, "demand") == 0)
        return set_demand(p);
    char *a = strtok(NULL, " \t\n"), *b = strtok(NULL, " \t\n");
    if (a == NULL)
        return "a value";
    unsigned long v = strtoul(a, NULL, 10), v2 = b == NULL ? 0 : strtoul(b, NULL, 10);
    switch (find(name, names, (int)(sizeof names / sizeof names[0]))) {
    case 0: /* minutes, channels */
        p->intervals.minutes = (uint16_t)v;
        p->intervals.channels = (uint8_t)v2;
        break;
    case 1: p->close_day = (uint8_t)v; break;
    case 2: p->close_resets = v != 0; break;
    case 3: p->season_closes = v != 0; break;
    case 4: p->tou = v != 0; break;
    case 5: /* after so many seconds, so many minutes */
        p->rules.cold_after_s = (uint32_t)v;
        p->rules.cold_min = (uint16_t)v2;
        break;
    case 6: p->rules.sync_after_s = (uint32_t)v; break;
    case 7: p->test_timeout_min = (uint16_t)v; break;
    case 8: p->quantities = (uint8_t)v; break;
    case 9: p->reset_lock_min = (uint16_t)v; break;
    case 10: p->n_demands = (uint8_t)v; break;
    default: return "no such setting";
    }
    return NULL;
}
