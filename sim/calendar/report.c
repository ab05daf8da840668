/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <string.h>

#include "flash_own.h"

#define TRIES 1000u

/* Calls something again until it is not busy. */
#define AGAIN(r, err, call)                                         \
    do {                                                            \
        for (unsigned n_ = 0; n_ < TRIES; n_++) {                   \
            (err) = (call);                                         \
            if ((err) != PW_ERR_STATE)                              \
                break;                                              \
            cal_poll((r), 50);                                      \
        }                                                           \
    } while (0)

int cal_interval(struct cal_run *r, uint32_t number, struct pw_interval *out, uint8_t raw[PW_INTERVAL_MAX_B])
{
    int err = PW_ERR_STATE;
    AGAIN(r, err, pw_intervals_read(&r->app.books.intervals, number, out, raw, PW_INTERVAL_MAX_B));
    return err;
}

int cal_event(struct cal_run *r, enum pw_event_log log, uint32_t number, struct pw_event *out)
{
    int err = PW_ERR_STATE;
    AGAIN(r, err, pw_events_read(&r->app.books.events, log, number, out));
    return err;
}

int cal_close_part(struct cal_run *r, unsigned close, unsigned point, unsigned part, struct pw_close_part *head, uint8_t data[PW_SLOW_BLOCK_B])
{
    int err = PW_ERR_STATE;
    AGAIN(r, err, pw_closes_read(&r->app.books.closes, close, point, part, head, data));
    return err;
}

static FILE *open_csv(const char *folder, const char *name, const char *head)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    if (f == NULL)
        fprintf(stderr, "%s: cannot be written\n", path);
    else
        fprintf(f, "%s\n", head);
    return f;
}

static bool registers(struct cal_run *r, const char *folder)
{
    struct pw_books *b = &r->app.books;
    FILE *f = open_csv(folder, "registers.csv", "point,quantity,rate,value_e6");
    bool ok = f != NULL;
    for (unsigned p = 0; ok && p < r->app.cfg.n_points; p++)
        for (unsigned q = 0; ok && q < PW_N_TQ; q++) {
            fprintf(f, "%u,%u,total,%llu\n", p, q, (unsigned long long)pw_points_total(&r->app.points, p, (enum pw_total_quantity)q));
            if ((b->program.quantities >> q & 1) == 0 || !b->kept)
                continue;
            for (unsigned i = 0; i < b->program.n_rates + 2u; i++) {
                unsigned rate = i < b->program.n_rates ? i : i == b->program.n_rates ? PW_RATE_TEST : PW_RATE_ALL;
                uint64_t v = 0;
                int err = PW_ERR_STATE;
                AGAIN(r, err, pw_billing_register(&b->billing, p, q, rate, &v));
                ok = ok && err == PW_OK;
                if (rate < PW_MAX_RATES)
                    fprintf(f, "%u,%u,%u,%llu\n", p, q, rate, (unsigned long long)v);
                else
                    fprintf(f, "%u,%u,%s,%llu\n", p, q, rate == PW_RATE_TEST ? "test" : "all", (unsigned long long)v);
            }
        }
    if (f != NULL)
        fclose(f);
    return ok;
}

static void peak_line(FILE *f, unsigned point, unsigned k, const char *what, unsigned i, const struct pw_peak *p)
{
    fprintf(f, "%u,%u,%s,%u,%llu,%u,%u\n", point, k, what, i, (unsigned long long)pw_peak_mw(p), p->utc_s, p->rate);
}

static bool peaks_of(struct cal_run *r, FILE *f, unsigned point, unsigned k)
{
    struct pw_books *b = &r->app.books;
    struct pw_peak peak = pw_demand_peak(&b->demand, point, k);
    uint64_t mw = 0;
    int err = PW_ERR_STATE, worst = PW_OK;
    peak_line(f, point, k, "peak", 0, &peak);
    fprintf(f, "%u,%u,previous,%u,%llu,0,0\n", point, k, pw_demand_previous_flags(&b->demand, k),
            (unsigned long long)pw_demand_previous_mw(&b->demand, point, k));
    fprintf(f, "%u,%u,test,0,%llu,0,0\n", point, k, (unsigned long long)pw_demand_test_peak_mw(&b->demand, point, k));
    for (unsigned rate = 0; rate < b->program.n_rates; rate++) {
        AGAIN(r, err, pw_billing_rate_peak(&b->billing, point, k, rate, &peak));
        worst = err != PW_OK ? err : worst;
        peak_line(f, point, k, "rate", rate, &peak);
    }
    for (unsigned past = 0; past < b->program.n_past; past++) {
        AGAIN(r, err, pw_billing_past(&b->billing, point, k, past, &peak));
        worst = err != PW_OK ? err : worst;
        peak_line(f, point, k, "past", past, &peak);
    }
    AGAIN(r, err, pw_billing_cumulative(&b->billing, point, k, false, &mw));
    worst = err != PW_OK ? err : worst;
    fprintf(f, "%u,%u,cumulative,0,%llu,0,0\n", point, k, (unsigned long long)mw);
    return worst == PW_OK;
}

static bool peaks(struct cal_run *r, const char *folder)
{
    FILE *f = open_csv(folder, "peaks.csv", "point,demand,what,index,mw,utc_s,rate");
    bool ok = f != NULL;
    for (unsigned p = 0; ok && p < r->app.cfg.n_points; p++)
        for (unsigned k = 0; ok && k < r->app.books.program.n_demands; k++)
            ok = peaks_of(r, f, p, k);
    if (f != NULL)
        fclose(f);
    return ok;
}

static bool intervals(struct cal_run *r, const char *folder)
{
    struct pw_intervals *iv = &r->app.books.intervals;
    FILE *f = open_csv(folder, "intervals.csv", "number,seq,end_utc_s,length_s,flags,minutes,channels,values");
    bool ok = f != NULL;
    for (uint32_t n = iv->log.oldest; ok && n != iv->log.next; n++) {
        struct pw_interval rec;
        uint8_t raw[PW_INTERVAL_MAX_B];
        int err = cal_interval(r, n, &rec, raw);
        if (err != PW_OK) {
            fprintf(stderr, "interval record %u: error %d\n", n, err);
            ok = false;
            break;
        }
        fprintf(f, "%u,%u,%u,%u,%u,%u,%u", n, rec.seq, rec.end_utc_s, rec.length_s, rec.flags, rec.minutes, rec.channels);
        for (unsigned ch = 0; ch < PW_INTERVAL_N_ENERGY; ch++)
            for (unsigned p = 0; p < rec.n_points && (rec.channels >> ch & 1) != 0; p++)
                fprintf(f, ",%u", pw_interval_value(&rec, raw, sizeof raw, ch, p));
        fputc('\n', f);
    }
    if (f != NULL)
        fclose(f);
    return ok;
}

static bool events(struct cal_run *r, const char *folder)
{
    FILE *f = open_csv(folder, "events.csv", "log,number,kind,name,utc_s,clock_ok,occurrence,index,old,new");
    bool ok = f != NULL;
    for (unsigned log = 0; ok && log < PW_N_EVENT_LOGS; log++) {
        uint32_t n, next;
        pw_events_range(&r->app.books.events, (enum pw_event_log)log, &n, &next);
        for (; ok && n != next; n++) {
            struct pw_event e;
            ok = cal_event(r, (enum pw_event_log)log, n, &e) == PW_OK;
            if (ok)
                fprintf(f, "%u,%u,%u,%s,%u,%u,%u,%u,%lld,%lld\n", log, n, e.kind, pw_event_name(e.kind), e.utc_s, e.flags & PW_EVENT_CLOCK_OK, e.occurrence,
                        e.index, (long long)e.old_value, (long long)e.new_value);
        }
    }
    if (f != NULL)
        fclose(f);
    return ok;
}

static bool closes(struct cal_run *r, const char *folder)
{
    struct pw_books *b = &r->app.books;
    FILE *f = open_csv(folder, "closes.csv", "close,utc_s,point,part,hex");
    unsigned oldest = 1, newest = 0;
    int err = PW_ERR_STATE;
    if (f == NULL)
        return false;
    AGAIN(r, err, pw_closes_range(&b->closes, &oldest, &newest));
    bool ok = err == PW_OK || err == PW_ERR_RANGE;
    for (unsigned c = oldest; err == PW_OK && c <= newest && newest != 0; c++)
        for (unsigned p = 0; p < b->on.n_ct; p++)
            for (unsigned part = 0; part < pw_slow_blocks(&b->billing.slow); part++) {
                struct pw_close_part h;
                uint8_t data[PW_SLOW_BLOCK_B];
                if (cal_close_part(r, c, p, part, &h, data) != PW_OK) {
                    fprintf(stderr, "close %u, point %u, part %u cannot be read\n", c, p, part);
                    ok = false;
                    continue;
                }
                fprintf(f, "%u,%u,%u,%u,", c, h.utc_s, p, part);
                for (unsigned i = 0; i < h.length; i++)
                    fprintf(f, "%02x", data[i]);
                fputc('\n', f);
            }
    fclose(f);
    return ok;
}

/* Erases of the sector that had the most, and of all, in one log's ring. */
static void wear(FILE *f, const struct flash_model *m, const char *name, const struct pw_flashlog *log, const char *end)
{
    uint32_t most = 0, first = log->base / PW_FLASH_SECTOR_B;
    uint64_t all = 0;
    for (uint32_t s = first; s < first + log->n_sectors; s++) {
        most = m->erases[s] > most ? m->erases[s] : most;
        all += m->erases[s];
    }
    fprintf(f, "  \"%s\": {\"sectors\": %u, \"erases\": %llu, \"erases_of_one_max\": %u, \"records\": %u, \"written\": %u}%s\n", name, log->n_sectors,
            (unsigned long long)all, most, pw_flashlog_count(log), log->next - 1, end);
}

static bool stats(const struct cal_run *r, const char *folder)
{
    FILE *f = open_csv(folder, "stats.json", "{");
    const struct flash_model *m = r->w->flash;
    const struct pw_books *b = &r->app.books;
    if (f == NULL)
        return false;
    fprintf(f, "  \"utc_s\": %u, \"world_s\": %llu, \"windows\": %llu, \"extra_windows\": %u, \"polls\": %llu, \"settle_polls_max\": %u,\n", cal_now(r),
            (unsigned long long)(r->w->now_us / 1000000u), (unsigned long long)r->windows, r->extra_windows, (unsigned long long)r->polls,
            r->settle_polls_max);
    fprintf(f, "  \"fram_writes\": %llu, \"fram_bytes\": %llu, \"image_saves\": %u, \"flash_programs\": %llu, \"flash_erases\": %llu,\n",
            (unsigned long long)r->w->n_fram, (unsigned long long)r->w->n_fram_b, b->image.saves, (unsigned long long)m->n_programs,
            (unsigned long long)m->n_erases);
    fprintf(f, "  \"n_ct\": %u, \"n_points\": %u, \"n_rates\": %u, \"n_demands\": %u, \"quantities\": %u, \"interval_min\": %u, \"channels\": %u,\n", r->app.cfg.n_ct,
            r->app.cfg.n_points, b->program.n_rates, b->program.n_demands, b->program.quantities, b->program.intervals.minutes, b->program.intervals.channels);
    fprintf(f, "  \"errors\": %u, \"damaged\": %u, \"power_fails\": %u, \"off_total_s\": %u, \"dead_sectors\": %u, \"demand_resets\": %u, \"closes\": %u,\n", b->image.errors,
            b->billing.damaged, b->power_fails, b->off_total_s, b->dead.n, b->billing.head.resets, b->billing.head.closes);
    wear(f, m, "intervals", &b->intervals.log, ",");
    wear(f, m, "closes", &b->closes.log, ",");
    wear(f, m, "events", &b->events.log[PW_EVENTS_GENERAL], ",");
    wear(f, m, "type_a", &b->events.log[PW_EVENTS_A], "");
    fprintf(f, "}\n");
    return fclose(f) == 0;
}

bool cal_report(struct cal_run *r, const char *folder)
{
    bool ok = registers(r, folder), logs = r->app.books.logs;
    ok &= !r->app.books.kept || peaks(r, folder);
    if (!logs)
        return stats(r, folder) && ok;
    ok &= intervals(r, folder);
    ok &= events(r, folder);
    ok &= closes(r, folder);
    return stats(r, folder) && ok;
}
