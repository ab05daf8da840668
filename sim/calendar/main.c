/* SPDX-License-Identifier: Apache-2.0 */
/* pwcal: runs a scenario of the calendar tier. pwcal SCENARIO -o FOLDER [-v] */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report.h"
#include "scenario.h"

int main(int argc, char **argv)
{
    static struct cal_scenario s;
    static struct cal_run r;
    const char *file = NULL, *folder = NULL;
    char path[512];
    bool verbose = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
            folder = argv[++i];
        else if (strcmp(argv[i], "-v") == 0)
            verbose = true;
        else
            file = argv[i];
    }
    if (file == NULL || folder == NULL) {
        fprintf(stderr, "pwcal SCENARIO -o FOLDER [-v]\n  -v  the meter's console on stdout\nThe scenario's text: docs/calendar.md\n");
        return 2;
    }
    if (!cal_scenario_read(&s, file))
        return 2;
    (void)mkdir(folder, 0777);
    snprintf(path, sizeof path, "%s/trace.csv", folder);
    FILE *trace = fopen(path, "w");
    if (trace == NULL) {
        fprintf(stderr, "%s: cannot be written\n", path);
        return 2;
    }
    bool ok = cal_scenario_start(&r, &s, trace, verbose ? stdout : NULL) && cal_scenario_run(&r, &s);
    fclose(trace);
    r.trace = NULL; /* to read may take passes of the main loop */
    if (!ok) { /* what it holds may tell why */
        fprintf(stderr, "the meter did not come to rest at %u, last words:\n%s", cal_now(&r), r.w == NULL ? "" : r.w->text);
        return 1;
    }
    ok = cal_report(&r, folder);
    cal_run_free(&r);
    return ok ? 0 : 1;
}
