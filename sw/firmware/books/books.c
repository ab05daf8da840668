/* SPDX-License-Identifier: Apache-2.0 */
#include "books.h"

#include <string.h>

#include "books_priv.h"
#include "energy_store.h"
#include "fram_map.h"
#include "panel.h"
#include "points_store.h"

#define TRIES   3u
#define SAVE_US 900000u /* the first window after that saves: each second */

/* From so many bytes of flash on: where the logs begin, and sectors of closed periods and general events. 2 MiB: room for 12 periods of 24 points, 500 events, and
 * 24 days of quarter hours. */
static const struct room {
    uint32_t flash_b, at;
    uint16_t closes, general;
} rooms[] = {{0x400000, 0x200000, 208, 48}, {PW_BOOKS_FLASH_MIN_B, 0x140000, 84, 9}};

static const uint32_t slow_at[] = {PW_FRAM_SLOW_A, PW_FRAM_SLOW_B, [PW_SLOW_MARKS_COPY] = PW_FRAM_MARKS};

/* Where bytes of the slow image lie. @return PW_OK; without a FRAM PW_ERR_IO, so that billing says so at each */
static int slow_place(const struct pw_books *b, unsigned copy, uint32_t *at, size_t len)
{
    uint32_t size_b = copy == PW_SLOW_MARKS_COPY ? PW_FRAM_MARKS_SIZE_B : PW_FRAM_SLOW_SIZE_B;
    if (!b->kept || *at + len > size_b)
        return b->kept ? PW_ERR_RANGE : PW_ERR_IO;
    *at += slow_at[copy];
    return PW_OK;
}

static int slow_read(void *ctx, unsigned copy, uint32_t at, void *data, size_t len)
{
    struct pw_books *b = ctx;
    int err = slow_place(b, copy, &at, len);
    return err == PW_OK ? pw_fram_read(b->on.fram, at, data, len) : err;
}

static int slow_write(void *ctx, unsigned copy, uint32_t at, const void *data, size_t len)
{
    struct pw_books *b = ctx;
    int err = slow_place(b, copy, &at, len);
    return err == PW_OK ? pw_fram_write(b->on.fram, at, data, len) : err;
}

static int prev_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
    struct pw_books *b = ctx;
    return b->kept ? pw_fram_read(b->on.fram, PW_FRAM_PREV + at, out, len) : PW_ERR_IO;
}

static int prev_write(void *ctx, uint32_t at, const uint8_t *data, size_t len)
{
    struct pw_books *b = ctx;
    return b->kept ? pw_fram_write(b->on.fram, PW_FRAM_PREV + at, data, len) : PW_ERR_IO;
}

static uint64_t total(void *ctx, unsigned point, unsigned quantity)
{
    const struct pw_books *b = ctx;
    return pw_points_total(b->on.points, point, (enum pw_total_quantity)quantity);
}

/* For the interval log: channels are Wh delivered, received, varh delivered, received. */
static uint64_t interval_total(void *ctx, unsigned point, unsigned channel)
{
    struct pw_books *b = ctx;
    if (channel < 2)
        return total(b, point, channel == 0 ? PW_TQ_WH_DEL : PW_TQ_WH_REC);
    unsigned first = channel == 2 ? PW_TQ_VARH_Q1 : PW_TQ_VARH_Q3;
    return total(b, point, first) + total(b, point, first + 1u);
}

static int emit(void *ctx, uint16_t close, unsigned point, unsigned part, const uint8_t *data, size_t len)
{
    struct pw_books *b = ctx;
    if (!b->logs || pw_flashlog_faulted(&b->closes.log)) /* the period must not wait for a flash that is dead */
        return PW_OK;
    return pw_closes_put(&b->closes, close, point, part, b->billing.utc_s, data, len);
}

static void intervals_report(void *ctx, enum pw_flashlog_report what, uint32_t detail)
{
    struct pw_books *b = ctx;
    pw_events_flash(&b->events, PW_BOOKS_LOG_INTERVALS, what, detail);
}

static void closes_report(void *ctx, enum pw_flashlog_report what, uint32_t detail)
{
    struct pw_books *b = ctx;
    pw_events_flash(&b->events, PW_BOOKS_LOG_CLOSES, what, detail);
}

struct pw_books_moment pw_books_moment(const struct pw_books *b)
{
    return (struct pw_books_moment){pw_clock_now(b->on.clock, NULL), pw_clock_valid(b->on.clock), b->on.uptime_us(b->on.uptime_ctx)};
}

uint32_t pw_books_now(const struct pw_books *b, bool *known)
{
    *known = pw_clock_valid(b->on.clock);
    return pw_clock_now(b->on.clock, NULL);
}

void pw_books_event(struct pw_books *b, enum pw_event_kind kind, unsigned index, int64_t old_value, int64_t new_value)
{
    struct pw_books_moment m = pw_books_moment(b);
    if (b->logs)
        pw_events_post(&b->events, kind, index, old_value, new_value, m.utc_s, m.known);
}

void pw_books_damaged(struct pw_books *b, enum pw_books_store what)
{
    b->boot_damage |= (uint16_t)(1u << what);
}

/* Points that have registers by a program. */
static uint8_t points_of(const struct pw_books *b, const struct pw_program *p)
{
    return (uint8_t)(p->n_points == 0 || p->n_points > b->on.n_ct ? b->on.n_ct : p->n_points);
}

static struct pw_slow_layout layout_of(const struct pw_books *b, const struct pw_program *p)
{
    return (struct pw_slow_layout){points_of(b, p), p->quantities, p->n_rates, p->n_demands, p->n_past};
}

static struct pw_intervals_config intervals_config(const struct pw_books *b, const struct pw_program *p)
{
    struct pw_intervals_config c = p->intervals;
    c.n_points = points_of(b, p);
    return c;
}

int pw_books_fits(const struct pw_books *b, const struct pw_program *p)
{
    const struct pw_slow_layout layout = layout_of(b, p);
    const struct pw_intervals_config intervals = intervals_config(b, p);
    struct pw_slow s;
    int err = pw_slow_init(&s, &b->billing.slow.io, &layout);
    if (err != PW_OK)
        return err;
    bool room = pw_slow_size_b(&s) <= PW_FRAM_SLOW_SIZE_B && layout.n_points * p->n_demands <= PW_DEMAND_SLOTS &&
                pw_demand_history(p->demand, p->n_demands, layout.n_points) <= PW_BOOKS_HISTORY && pw_intervals_config_check(&intervals) == PW_OK;
    return room ? PW_OK : PW_ERR_SIZE;
}

int pw_books_lay_out(struct pw_books *b)
{
    const struct pw_slow_io io = {slow_read, slow_write, b};
    const struct pw_totals totals = {total, b};
    const struct pw_program *p = &b->program;
    const struct pw_slow_layout layout = layout_of(b, p);
    int err = pw_books_fits(b, p);
    b->n_points = layout.n_points;
    if (err == PW_OK)
        err = pw_demand_init(&b->demand, &totals, p->demand, p->n_demands, b->n_points, &p->rules, b->history, PW_BOOKS_HISTORY);
    return err == PW_OK ? pw_billing_init(&b->billing, &io, &layout, &totals, &b->demand, p->reset_lock_min, emit, b) : err;
}

static void open_logs(struct pw_books *b)
{
    const struct pw_flash_port *f = b->on.flash;
    if (f == NULL || b->on.flash_size_b < PW_BOOKS_FLASH_MIN_B)
        return;
    const struct room *r = &rooms[b->on.flash_size_b < rooms[0].flash_b];
    const uint32_t n[PW_N_EVENT_LOGS] = {r->general, PW_BOOKS_TYPE_A_SECTORS};
    uint32_t size_b = b->on.flash_size_b < PW_BOOKS_FLASH_MAX_B ? b->on.flash_size_b : PW_BOOKS_FLASH_MAX_B;
    uint32_t closes_at = size_b - (r->closes + r->general + PW_BOOKS_TYPE_A_SECTORS) * PW_FLASH_SECTOR_B;
    b->logs = pw_events_init(&b->events, f, &b->dead, closes_at + r->closes * PW_FLASH_SECTOR_B, n) == PW_OK &&
              pw_intervals_init(&b->intervals, f, &b->dead, r->at, (closes_at - r->at) / PW_FLASH_SECTOR_B, PW_BOOKS_LOG_INTERVALS, &b->tou.zone) == PW_OK &&
              pw_closes_init(&b->closes, f, &b->dead, closes_at, r->closes, PW_BOOKS_LOG_CLOSES) == PW_OK;
    if (!b->logs)
        return;
    b->intervals.uwh = interval_total;
    b->intervals.prev = (struct pw_intervals_prev){.read = prev_read, .write = prev_write};
    b->intervals.log.report = intervals_report;
    b->closes.log.report = closes_report;
    b->intervals.ctx = b->intervals.log.ctx = b->closes.log.ctx = b;
}

/* Registers of firmware before 0.3, or none. @return true if there were some */
static bool load_old(struct pw_books *b)
{
    int err = pw_energy_store_load(b->on.fram, b->on.energy, b->on.n_ct);
    if (err != PW_OK)
        memset(b->on.energy, 0, sizeof *b->on.energy); /* may have been loaded in part */
    bool points = pw_points_store_load(b->on.fram, b->on.points) == PW_OK;
    b->image.target = 1; /* the old images lie where copy A will be: they stay until B is whole */
    b->want |= PW_BILL_FORMAT;
    return err == PW_OK || points;
}

/* Totals begin at 0. */
static void clear_totals(struct pw_books *b)
{
    memset(b->on.energy, 0, sizeof *b->on.energy);
    pw_points_init(b->on.points, b->on.cfg, b->on.energy);
}

static void load_registers(struct pw_books *b)
{
    uint8_t magic[4] = {0};
    int err = PW_ERR_IO;
    for (unsigned i = 0; i < TRIES && err == PW_ERR_IO; i++)
        err = pw_books_image_load(b);
    if (err == PW_ERR_IO) { /* there may be all of it: nothing is written over it in this run */
        b->kept = false;
        pw_books_damaged(b, PW_STORE_IMAGE);
        clear_totals(b);
        b->restored = false;
        return;
    }
    if (err == PW_OK) {
        b->restored = true;
        b->off_total_s = b->image.head.off_total_s;
        b->power_fails = b->image.head.power_fails;
        b->close_next_s = b->image.head.close_next_s;
        b->next_effective_s = b->image.head.next_effective_s;
        b->season = b->image.head.season;
        return;
    }
    b->restored = load_old(b);
    if (!b->restored && pw_fram_read(b->on.fram, PW_FRAM_IMAGE_B, magic, sizeof magic) == PW_OK && (magic[0] | magic[1] | magic[2] | magic[3]) != 0)
        pw_books_damaged(b, PW_STORE_IMAGE);
}

void pw_books_init(struct pw_books *b, const struct pw_books_ports *ports, const struct pw_program *program)
{
    memset(b, 0, sizeof *b);
    b->on = *ports;
    b->program = *program;
    b->start_us = b->on.uptime_us(b->on.uptime_ctx);
    b->kept = b->on.fram != NULL && b->on.fram->size_b >= PW_FRAM_SIZE_B;
    clear_totals(b);
    open_logs(b);
    if (b->kept && pw_books_program_load(b) == PW_ERR_CRC)
        pw_books_damaged(b, PW_STORE_PROGRAM);
    if (pw_books_lay_out(b) != PW_OK) { /* of a meter with more inputs */
        pw_books_damaged(b, PW_STORE_PROGRAM);
        b->program = *program;
        b->image.errors += pw_books_lay_out(b) != PW_OK;
    }
    if (b->kept)
        load_registers(b);
    else
        pw_points_restore(b->on.points, false);
    pw_books_tariff_load(b);
    pw_books_blocks_load(b);
}

static void tell_start(struct pw_books *b, const struct pw_books_moment *m)
{
    uint32_t down_s = b->restored && b->image.head.clock_ok ? b->image.head.utc_s : 0; /* the last save before this start; 0: not known */
    bool off_known = down_s != 0 && m->known && m->utc_s >= down_s;
    uint32_t off_s = off_known ? m->utc_s - down_s : 0;
    if (!b->logs)
        return;
    if (b->on.cause != PW_RESET_POWER) {
        pw_books_event(b, PW_EVENT_RESTART, 0, 0, b->on.cause);
    } else if (b->restored) {
        b->power_fails++;
        b->off_total_s += off_s;
        pw_events_post(&b->events, PW_EVENT_POWER_DOWN, 0, 0, 0, down_s, down_s != 0);
        pw_books_event(b, PW_EVENT_POWER_UP, 0, down_s, off_known ? (int64_t)off_s : -1);
    }
    if (!m->known)
        pw_books_event(b, PW_EVENT_CLOCK_STOPPED, 0, down_s, 0);
    for (unsigned i = 0; i < 16; i++)
        if (b->boot_damage >> i & 1)
            pw_books_event(b, PW_EVENT_STORE_CORRUPT, i, 0, 0);
}

struct pw_demand_now pw_books_demand_now(const struct pw_books *b, const struct pw_books_moment *m)
{
    return (struct pw_demand_now){m->utc_s, pw_zone_ahead_s(&b->tou.zone, m->utc_s, NULL), (m->up_us - b->start_us) / 1000u, m->known};
}

/* The clock has answered. */
static void start(struct pw_books *b, const struct pw_books_moment *m)
{
    struct pw_demand_now now = pw_books_demand_now(b, m);
    struct pw_intervals_config iv = intervals_config(b, &b->program);
    bool fresh = !b->restored;
    b->started = true;
    b->saved_us = m->up_us - SAVE_US; /* this window is saved too */
    pw_demand_resume(&b->demand, &now);
    unsigned rate = pw_billing_rate(&b->billing);
    if (m->known) {
        pw_tou_at(&b->tou, m->utc_s, &b->tou_now);
        if (fresh)
            b->season = b->tou_now.season; /* no season has ended */
    } else if (rate != PW_RATE_TEST) {
        b->tou_now.rate = (uint8_t)rate; /* goes on */
    }
    if (rate == PW_RATE_TEST)
        pw_books_event(b, PW_EVENT_TEST_OFF, 1, 0, 0);
    if (b->logs)
        pw_intervals_start(&b->intervals, &iv, m->utc_s, m->known, b->on.cause == PW_RESET_POWER && b->restored ? PW_INTERVAL_POWER_FAIL : 0);
    tell_start(b, m);
}

/* What the tariff, the calendar or a change of program wants of billing. A second one waits until the totals of the first are not needed any more. */
static void begin_jobs(struct pw_books *b, const struct pw_books_moment *m)
{
    unsigned rate = pw_books_tariff_rate(b);
    unsigned what = b->want;
    if (pw_billing_rate(&b->billing) != rate)
        what |= PW_BILL_RATE;
    if (what == 0 || !b->kept)
        return;
    if (what & PW_BILL_FORMAT)
        what = PW_BILL_FORMAT;
    if (pw_billing_begin(&b->billing, what, rate, m->utc_s) != PW_OK)
        return;
    if (what & PW_BILL_RESET)
        pw_books_event(b, PW_EVENT_DEMAND_RESET, PW_RESET_SCHEDULE, 0, b->billing.head.resets + 1);
    b->want = 0;
}

static void intervals_window(struct pw_books *b, const struct pw_books_moment *m)
{
    struct pw_intervals_config iv = intervals_config(b, &b->program);
    uint32_t mv[PW_N_V];
    if (!b->logs)
        return;
    for (unsigned v = 0; v < PW_N_V; v++)
        mv[v] = b->on.snap->v[v].win_mv;
    pw_intervals_volts(&b->intervals, mv);
    int err = pw_intervals_configure(&b->intervals, &iv, m->utc_s);
    if (err != PW_OK && err != PW_ERR_STATE) /* not now: with one of the next windows */
        b->image.errors++;
    (void)pw_intervals_tick(&b->intervals, m->utc_s, m->known);
    if (b->intervals.damaged != b->intervals_told)
        pw_books_event(b, PW_EVENT_STORE_CORRUPT, PW_STORE_INTERVALS, b->intervals_told, b->intervals.damaged);
    b->intervals_told = b->intervals.damaged;
}

void pw_books_window(struct pw_books *b)
{
    if (b->on.clock->state == PW_CLOCK_STARTING)
        return;
    struct pw_books_moment m = pw_books_moment(b);
    if (!b->started)
        start(b, &m);
    struct pw_demand_now now = pw_books_demand_now(b, &m);
    pw_billing_passed(&b->billing, (uint32_t)(now.up_ms - b->demand.now.up_ms)); /* since the last window */
    pw_demand_window(&b->demand, &now);
    pw_books_tariff_window(b, &m);
    pw_books_requests_window(b, &m);
    begin_jobs(b, &m);
    if (b->billing.damaged != b->damaged_told)
        pw_books_event(b, PW_EVENT_STORE_CORRUPT, PW_STORE_SLOW, b->damaged_told, b->billing.damaged);
    b->damaged_told = b->billing.damaged;
    intervals_window(b, &m);
    if (b->kept && m.up_us - b->saved_us >= SAVE_US) {
        b->saved_us = m.up_us;
        pw_books_image_begin(b);
    }
}

bool pw_books_busy(const struct pw_books *b)
{
    return b->image.step != 0 || b->block_step != 0;
}

void pw_books_power_fail(struct pw_books *b)
{
    b->failing = b->kept && b->started && b->image.step != 0; /* one more after the one under way */
    if (b->kept && b->started)
        pw_books_image_begin(b);
}

void pw_books_points_changed(struct pw_books *b)
{
    if (b->image.step == 0)
        return;
    b->image.step = 0;
    pw_books_image_begin(b);
}

void pw_books_seal(struct pw_books *b, bool unsealed)
{
    if (unsealed != b->unsealed && b->started)
        pw_books_event(b, unsealed ? PW_EVENT_SEAL_OPENED : PW_EVENT_SEAL_CLOSED, 0, 0, 0);
    if (b->logs)
        pw_intervals_flag(&b->intervals, PW_INTERVAL_TAMPER, unsealed);
    b->unsealed = unsealed;
}

void pw_books_time_set(struct pw_books *b, uint32_t old_s, uint32_t new_s)
{
    if (!b->asked.time_set)
        b->asked.old_s = old_s;
    b->asked.new_s = new_s;
    b->asked.time_set = true;
}

bool pw_books_logs_step(struct pw_books *b)
{
    if (!b->logs)
        return false;
    struct pw_books_moment m = pw_books_moment(b);
    bool did = pw_events_step(&b->events, m.utc_s, m.known);
    did |= pw_intervals_step(&b->intervals);
    return did | pw_closes_step(&b->closes);
}

bool pw_books_step(struct pw_books *b)
{
    if (b->image.step != 0) {
        bool did = pw_books_image_step(b);
        if (b->image.step == 0 && b->logs)
            b->block_step = 1;
        return did;
    }
    if (b->block_step != 0)
        return pw_books_blocks_step(b);
    if (b->failing) {
        b->failing = false;
        pw_books_image_begin(b);
        return true;
    }
    return b->started && (pw_demand_step(&b->demand) || pw_billing_step(&b->billing));
}
