/* SPDX-License-Identifier: Apache-2.0 */
/* torture [--every N] [--multi N] [--seed S] [--only OP [--variant V]] [--flips N] [--fram-flips N] [--dead N] --schedule FILE -o report.json */
#include "torture.h"

#include "flash_own.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FAILURES_MAX 20u

struct options {
    uint64_t every, multi, only, seed;
    unsigned variant, flips, fram_flips, dead, days_before;
    bool     one;
    const char *schedule, *out;
};

static struct options opt = {.every = 1, .multi = 3, .seed = 5, .days_before = 6};
static struct torture t;

/* The last line is for who counts tests. */
static _Noreturn void leave(void)
{
    uint64_t failures = t.result->failures, runs = t.result->children;
    printf("%llu passed, %llu failed\n", (unsigned long long)(runs > failures ? runs - failures : 0), (unsigned long long)failures);
    exit(failures != 0);
}

void tor_fail(struct torture *tor, const char *format, ...)
{
    char text[TOR_SUMMARY_B / 2], line[TOR_SUMMARY_B];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    snprintf(line, sizeof line, "%s (--seed %llu --only %llu --variant %u, at %u)", text, (unsigned long long)tor->seed, (unsigned long long)tor->op_id,
             tor->variant, cal_now(&tor->run));
    fprintf(stderr, "%s\n", line);
    if (tor->result->failures++ == 0)
        memcpy(tor->result->first, line, sizeof line);
    if (tor->child)
        _exit(1);
    leave();
}

/* The child returns into the operation, and loses the power there. @return true in it */
static bool split(enum cal_op op, unsigned variant)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        abort();
    if (pid > 0) {
        int status = 0;
        waitpid(pid, &status, 0);
        t.result->children++;
        if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && t.result->failures == 0)) {
            fprintf(stderr, "--seed %llu --only %llu --variant %u: ended by itself, %d\n", (unsigned long long)t.seed, (unsigned long long)t.op_id, variant, status);
            t.result->failures++;
        }
        if (t.result->failures > FAILURES_MAX)
            leave();
        return false;
    }
    uint64_t mix = t.seed * UINT64_C(0x9E3779B97F4A7C15) ^ t.op_id * UINT64_C(0xD1B54A32D192ED03) ^ (variant + 1) * UINT64_C(0x8CB92BA72F3D8DD7);
    t.child = true;
    t.variant = variant;
    t.run.w->seed = t.run.w->flash->seed = mix | 1;
    t.run.w->cut_at = t.run.w->ops;
    t.cuts_left = variant == 0 ? 1 : 2 + (unsigned)(cal_random(&t.run.w->seed) % 5);
    t.all_records = opt.one || t.op_id % 16 == 0;
    t.result->by_op[op]++;
    return true;
}

bool tor_apart(struct torture *tor, bool (*what)(struct torture *t, unsigned n), unsigned n)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        abort();
    if (pid == 0) {
        tor->child = true;
        tor->run.w->seed = tor->run.w->flash->seed = (tor->seed * UINT64_C(0x9E3779B97F4A7C15) ^ (n + 1) * UINT64_C(0xD1B54A32D192ED03)) | 1;
        _exit(what(tor, n));
    }
    waitpid(pid, &status, 0);
    if (!WIFEXITED(status)) {
        fprintf(stderr, "trial %u: ended by itself\n", n);
        tor->result->failures++;
    }
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void before(void *ctx, enum cal_op op)
{
    (void)ctx;
    tor_follow(&t);
    if (t.calm && t.run.w->cut_at != 0)
        t.run.w->cut_at++; /* later */
    if (t.child || t.calm)
        return;
    t.op_id++;
    t.result->ops++;
    if (opt.one) {
        if (t.op_id == opt.only)
            (void)split(op, opt.variant);
        return;
    }
    if (t.op_id % opt.every == t.seed % opt.every && split(op, 0))
        return;
    if (opt.multi != 0 && t.op_id % (opt.every * opt.multi) == t.seed % (opt.every * opt.multi))
        (void)split(op, 1);
}

static bool arguments(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *arg = argv[i + 1];
        uint64_t v = strtoull(arg, NULL, 10);
        if (strcmp(name, "--every") == 0)
            opt.every = v == 0 ? 1 : v;
        else if (strcmp(name, "--multi") == 0)
            opt.multi = v;
        else if (strcmp(name, "--seed") == 0)
            opt.seed = v;
        else if (strcmp(name, "--only") == 0)
            opt.only = v, opt.one = true;
        else if (strcmp(name, "--variant") == 0)
            opt.variant = (unsigned)v;
        else if (strcmp(name, "--flips") == 0)
            opt.flips = (unsigned)v;
        else if (strcmp(name, "--fram-flips") == 0)
            opt.fram_flips = (unsigned)v;
        else if (strcmp(name, "--dead") == 0)
            opt.dead = (unsigned)v;
        else if (strcmp(name, "--schedule") == 0)
            opt.schedule = arg;
        else if (strcmp(name, "-o") == 0)
            opt.out = arg;
        else
            return false;
    }
    return opt.schedule != NULL;
}

static void report(FILE *f, double seconds)
{
    const struct tor_result *r = t.result;
#define LL(x) (unsigned long long)(x)
    fprintf(f, "{\n \"seed\": %llu, \"operations\": %llu, \"runs\": %llu, \"cuts\": %llu, \"cuts_in_recovery\": %llu,\n", LL(t.seed), LL(r->ops), LL(r->children),
            LL(r->cuts), LL(r->recoveries_cut));
    fprintf(f, " \"cuts_at_fram_writes\": %llu, \"cuts_at_flash_programs\": %llu, \"cuts_at_flash_erases\": %llu,\n", LL(r->by_op[CAL_FRAM_WRITE]),
            LL(r->by_op[CAL_FLASH_PROGRAM]), LL(r->by_op[CAL_FLASH_ERASE]));
    fprintf(f, " \"newest_image_back\": %llu, \"image_before_back\": %llu, \"interval_records_checked\": %llu,\n", LL(r->restored_newest),
            LL(r->restored_before), LL(r->records_checked));
    fprintf(f, " \"lost_wh_max\": %.6f, \"lost_s_max\": %.3f, \"lost_windows_max\": %llu, \"intervals_lost\": %llu,\n", (double)r->lost_uwh_max / 1e6,
            (double)r->lost_us_max / 1e6, LL(r->lost_windows_max), LL(r->intervals_lost));
    fprintf(f, " \"flash_flips\": %llu, \"flash_flips_seen\": %llu, \"fram_flips\": %llu, \"fram_flips_seen\": %llu, \"corruptions_undetected\": %llu,\n", LL(r->flips),
            LL(r->flips_seen), LL(r->fram_flips), LL(r->fram_flips_seen), LL(r->undetected));
    fprintf(f, " \"dead_sectors\": %llu, \"dead_sectors_found\": %llu, \"intervals_over_dead\": %llu,\n", LL(r->dead_sectors), LL(r->dead_found),
            LL(r->intervals_over_dead));
    fprintf(f, " \"failures\": %llu, \"seconds\": %.1f\n}\n", LL(r->failures), seconds);
}

static double now_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    double begin = now_s();
    if (!arguments(argc, argv)) {
        fprintf(stderr, "torture [--every N] [--multi N] [--seed S] [--only OP [--variant V]] [--flips N] [--fram-flips N] [--dead N] --schedule FILE [-o JSON]\n");
        return 2;
    }
    t.seed = opt.seed;
    t.result = mmap(NULL, sizeof *t.result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (t.result == MAP_FAILED || !tor_prepare(&t, opt.schedule, opt.days_before)) {
        fprintf(stderr, "the meter does not come up\n");
        return 2;
    }
    t.run.w->before = before;
    tor_day(&t);
    if (t.child)
        _exit(0);
    tor_check(&t, true); /* and of the day without cuts */
    if (!opt.one) {
        tor_flash_flips(&t, opt.flips);
        tor_fram_flips(&t, opt.fram_flips);
        tor_dead_sectors(&t, opt.dead, 250);
    }
    double seconds = now_s() - begin;
    report(stdout, seconds);
    FILE *f = opt.out == NULL ? NULL : fopen(opt.out, "w");
    if (f != NULL) {
        report(f, seconds);
        fclose(f);
    }
    leave();
}
