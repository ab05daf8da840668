/* SPDX-License-Identifier: Apache-2.0 */
/* Progress bar with the time left, on stderr: redrawn on a terminal, a line each 10 % elsewhere. Runs under 3 s show nothing. */
#include <string.h>
#include <unistd.h>
#include "runner.h"

void pw_progress_init(struct pw_progress *p)
{
    memset(p, 0, sizeof *p);
    p->tty = isatty(STDERR_FILENO);
    p->next_tenth = 1;
}

static void line(const struct pw_run *r, double done_s, double total_s, double wall)
{
    double left = wall * (total_s - done_s) / done_s;
    fprintf(stderr, "%3.0f %%  %.2f of %.2f s metered, %.2f MHz, %.0f:%02.0f left", 100 * done_s / total_s, done_s, total_s,
            done_s * r->clk_mhz / wall, (double)((int)left / 60), (double)((int)left % 60));
}

void pw_progress_update(struct pw_progress *p, const struct pw_run *r, uint64_t clk, bool done)
{
    double wall = pw_run_wall_s() - r->wall_start;
    if (r->end_clk == UINT64_MAX || clk == 0 || wall < p->next_s) return;
    double done_s = (double)clk / (r->clk_mhz * 1e6), total_s = (double)r->end_clk / (r->clk_mhz * 1e6);
    if (wall < 0.5 || (!p->shown && wall * total_s / done_s < 3.0)) return;
    p->next_s = wall + 0.2;
    p->shown = true;
    if (p->tty) {
        char bar[31];
        unsigned full = (unsigned)(30 * done_s / total_s);
        for (unsigned i = 0; i < 30; i++) bar[i] = i < full ? '#' : '.';
        bar[30] = 0;
        fprintf(stderr, "\r\033[K[%s] ", bar);
        line(r, done_s, total_s, wall);
        if (done) fputc('\n', stderr);
    } else if (done_s / total_s * 10 >= p->next_tenth) {
        p->next_tenth = (unsigned)(done_s / total_s * 10) + 1;
        line(r, done_s, total_s, wall);
        fputc('\n', stderr);
    }
    fflush(stderr);
}

void pw_progress_clear(struct pw_progress *p)
{
    if (p->shown && p->tty) fprintf(stderr, "\r\033[K");
}
