/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "scenario.h"
#include "tou_text.h"

#define SCHEDULE_MAX_B 20000u

bool cal_schedule_read(const char *path, uint8_t out[PW_TOU_SIZE_B])
{
    static char text[SCHEDULE_MAX_B];
    struct pw_tou tou;
    struct pw_tou_names names;
    struct pw_tou_text_fault fault = {0};
    FILE *f = fopen(path, "r");
    size_t n = f == NULL ? 0 : fread(text, 1, sizeof text, f);
    if (f != NULL)
        fclose(f);
    if (n == 0 || n == sizeof text) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return false;
    }
    if (pw_tou_parse(text, n, &tou, &names, &fault) != PW_OK || pw_tou_encode(&tou, &names, out, NULL) != PW_OK) {
        fprintf(stderr, "%s:%u: %s\n", path, fault.line, fault.reason);
        return false;
    }
    return true;
}

int cal_schedule_put(struct cal_run *r, const uint8_t image[PW_TOU_SIZE_B])
{
    struct pw_tou_fault fault;
    for (uint32_t at = 0; at < PW_TOU_SIZE_B; at += 64) {
        int err = pw_books_schedule_put(&r->app.books, at, image + at, 64);
        if (err != PW_OK)
            return err;
    }
    return pw_books_schedule_end(&r->app.books, &fault);
}

static void note(const struct cal_run *r, const char *what, long long value)
{
    if (r->trace != NULL)
        fprintf(r->trace, "# %s %u %lld\n", what, cal_now(r), value);
}

/* Something was asked for: the main loop goes on, and a second later the next window does it. */
static bool soon(struct cal_run *r)
{
    for (unsigned i = 0; i < 20; i++)
        cal_poll(r, 1000);
    return cal_window(r, cal_now(r) + 1);
}

bool cal_scenario_start(struct cal_run *r, const struct cal_scenario *s, FILE *trace, FILE *console)
{
    uint8_t image[PW_TOU_SIZE_B];
    if (!cal_run_new(r, &s->cfg, &s->program, s->seed, s->start_utc_s))
        return false;
    memcpy(r->load, s->load, sizeof r->load);
    r->window_s = s->window_s;
    r->trace = trace;
    r->w->text_to = console;
    r->w->no_fram = s->no_fram;
    r->w->no_flash = s->no_flash;
    r->w->rtc.answers = !s->no_clock;
    r->w->rtc.running = !s->clock_stopped;
    if (!cal_start(r)) {
        fprintf(stderr, "the meter does not start\n%s", r->w->text);
        return false;
    }
    if (memcmp(&r->app.books.program.demand, &s->program.demand, sizeof s->program.demand) != 0 || r->app.books.program.n_demands != s->program.n_demands) {
        fprintf(stderr, "the meter has no room for this program\n");
        return false;
    }
    if (s->schedule[0] == 0)
        return true;
    if (!cal_schedule_read(s->schedule, image))
        return false;
    r->w->unsealed = true;
    bool ok = soon(r);
    note(r, "schedule", 0);
    int err = cal_schedule_put(r, image);
    if (err != PW_OK)
        fprintf(stderr, "the meter refuses the schedule: %d\n", err);
    ok = ok && soon(r);
    r->w->unsealed = false;
    return err == PW_OK && ok && soon(r);
}

static int set_program(struct cal_run *r, const char *line)
{
    struct pw_program next = r->app.books.program;
    struct pw_program_fault fault = {"", -1, ""};
    char words[CAL_WORD_B];
    strcpy(words, line);
    const char *wrong = cal_program_set(&next, words);
    if (wrong != NULL) {
        fprintf(stderr, "program: %s\n", wrong);
        return PW_ERR_RANGE;
    }
    int err = pw_books_set_program(&r->app.books, &next, &fault);
    if (err != PW_OK)
        fprintf(stderr, "program refused: %d, %s %d %s\n", err, fault.group, fault.index, fault.field);
    return err;
}

static int set_time(struct cal_run *r, int32_t by_s)
{
    uint32_t us, now = pw_clock_now(&r->app.clock, &us);
    return pw_clock_set(&r->app.clock, now + (uint32_t)by_s, us);
}

static void show_screen(const struct cal_run *r)
{
    for (unsigned i = 0; i < 4; i++)
        printf("%s|%.20s|\n", i == 0 ? "screen\n" : "", r->w->lcd[i]);
}

static bool cut(struct cal_run *r, const struct cal_action *a)
{
    cal_cut(r, (uint64_t)a->value * 1000000u, !a->hard);
    if (!cal_boot(r))
        return false;
    note(r, "up", a->value);
    cal_feed(r);
    return r->app.books.started;
}

/* FIRST LAST MIN_W MAX_W STEP_W */
static int set_load(struct cal_run *r, const char *text)
{
    unsigned first, last;
    int min_w, max_w, step_w;
    if (sscanf(text, "%u %u %d %d %d", &first, &last, &min_w, &max_w, &step_w) != 5 || last >= PW_MAX_CT || min_w < 0 || min_w > max_w || max_w > 1000000)
        return PW_ERR_RANGE;
    for (unsigned k = first; k <= last; k++) {
        r->load[k].min_mw = min_w * 1000;
        r->load[k].max_mw = max_w * 1000;
        r->load[k].step_mw = step_w * 1000;
    }
    return PW_OK;
}

static bool act(struct cal_run *r, const struct cal_action *a)
{
    static const char *const names[] = {"cut", "set_time", "reset", "close", "test", "seal", "schedule", "program", "creep", "screen", "load"};
    struct pw_books *b = &r->app.books;
    uint8_t image[PW_TOU_SIZE_B];
    struct pw_config next = r->app.cfg;
    int err = PW_OK;
    note(r, names[a->kind], a->value);
    switch (a->kind) {
    case CAL_CUT: return cut(r, a) && soon(r);
    case CAL_SET_TIME: err = set_time(r, a->value); break;
    case CAL_RESET: err = pw_books_reset_demand(b, PW_RESET_COMMAND); break;
    case CAL_CLOSE: err = pw_books_close(b); break;
    case CAL_TEST: err = pw_books_test_mode(b, a->value != 0); break;
    case CAL_SEAL: r->w->unsealed = a->value != 0; break;
    case CAL_SCHEDULE: err = cal_schedule_read(a->text, image) ? cal_schedule_put(r, image) : PW_ERR_IO; break;
    case CAL_PROGRAM: err = set_program(r, a->text); break;
    case CAL_CREEP:
        for (unsigned i = 0; i < next.n_points; i++)
            next.point[i].creep_mw = (uint32_t)a->value;
        r->app.map.commit(r->app.map.commit_ctx, &next);
        break;
    case CAL_LOAD: err = set_load(r, a->text); break;
    default: show_screen(r); break;
    }
    note(r, "result", err);
    return soon(r);
}

bool cal_scenario_run(struct cal_run *r, const struct cal_scenario *s)
{
    unsigned i = 0;
    while (cal_now(r) < s->end_utc_s) {
        uint32_t next = cal_next(r);
        if (i < s->n_actions && s->action[i].utc_s < next)
            next = s->action[i].utc_s;
        if (!cal_window(r, next))
            return false;
        for (; i < s->n_actions && s->action[i].utc_s <= cal_now(r); i++)
            if (!act(r, &s->action[i]))
                return false;
    }
    return true;
}
