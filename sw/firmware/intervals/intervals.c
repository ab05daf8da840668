/* SPDX-License-Identifier: Apache-2.0 */
#include "intervals_priv.h"

#include <assert.h>
#include <string.h>

#include "bytes.h"
#include "fields.h"

#define VERSION    1u
#define ON_TIME_S  5u  /* a boundary noticed that much later still counts as the end */
#define LOOK_BACK  16u /* damaged records at the end that are looked past */

int pw_intervals_init(struct pw_intervals *iv, const struct pw_flash_port *port, struct pw_flash_dead *dead, uint32_t base, uint32_t n_sectors,
                      unsigned id, const struct pw_zone *zone)
{
    memset(iv, 0, sizeof *iv);
    iv->zone = zone;
    iv->seq = 1;
    return pw_flashlog_init(&iv->log, port, dead, base, n_sectors, id);
}

int pw_intervals_config_check(const struct pw_intervals_config *cfg)
{
    bool ok = pw_intervals_minutes_ok(cfg->minutes) && pw_intervals_energies(cfg->channels) > 0 && cfg->channels < 32 && cfg->unit_log10 <= 6 && cfg->n_points >= 1 &&
              cfg->n_points <= PW_MAX_CT && pw_intervals_values(cfg) <= PW_INTERVAL_MAX_VALUES;
    return ok ? PW_OK : PW_ERR_RANGE;
}

uint32_t pw_intervals_capacity(uint32_t n_sectors, const struct pw_intervals_config *cfg)
{
    return pw_flashlog_capacity(n_sectors, pw_intervals_len(cfg));
}

/* The cell of the wall clock that a second belongs to: an interval ends when this changes. Where the hour of daylight saving is a whole
 * number of intervals, cells are told apart by UTC, so that the hour that comes twice has twice as many; else by local time, so that a day
 * is one interval of 23, 24 or 25 hours. @param[out] into_s  seconds since it began */
static uint32_t cell_of(const struct pw_intervals *iv, uint32_t utc_s, uint32_t *into_s)
{
    int32_t ahead_s = pw_zone_ahead_s(iv->zone, utc_s, NULL);
    uint32_t length_s = iv->cfg.minutes * 60u;
    uint32_t local_s = utc_s + (uint32_t)ahead_s + PW_DAY_S; /* a day more: west of Greenwich 2000-01-01 would be below 0 */
    uint32_t shift_s = iv->zone->start.month != 0 ? iv->zone->dst_min * 60u : 0;
    *into_s = local_s % length_s;
    uint32_t begin = local_s - *into_s;
    return shift_s % length_s == 0 ? begin - (uint32_t)ahead_s : begin;
}

static void open_interval(struct pw_intervals *iv, uint32_t utc_s, unsigned flags)
{
    uint32_t into_s;
    iv->start_utc_s = iv->last_utc_s = utc_s;
    iv->deferred = false;
    iv->cell = cell_of(iv, utc_s, &into_s);
    iv->flags = (uint16_t)(flags | iv->level);
    memset(iv->v_min_mv, 0, sizeof iv->v_min_mv);
    memset(iv->v_max_mv, 0, sizeof iv->v_max_mv);
}

/* Sums begin anew with the registers of now; if that cannot be, tick tries again. */
static void rebase(struct pw_intervals *iv)
{
    if (pw_intervals_rebase(iv, NULL, NULL, 0) == PW_OK)
        iv->flags |= PW_INTERVAL_PARTIAL;
}

#define HEAD(name, at) PW_FIELD(struct pw_interval, name, at)
static const struct pw_field head_fields[] = {
    HEAD(seq, 0), HEAD(end_utc_s, 4), HEAD(length_s, 8), HEAD(flags, 12), HEAD(minutes, 14), HEAD(channels, 16), HEAD(unit_log10, 17), HEAD(n_points, 18),
};

static void put_volts(const struct pw_intervals *iv, uint8_t *p)
{
    for (unsigned v = 0; v < PW_N_V; v++, p += 8) {
        pw_put_le32(p, iv->v_min_mv[v]);
        pw_put_le32(p + 4, iv->v_max_mv[v]);
    }
}

/* @return false if that cannot be now: the memory of what was recorded does not answer */
static bool close_interval(struct pw_intervals *iv, uint32_t end_s, unsigned flags)
{
    uint8_t *r = iv->record, *p = r + PW_INTERVAL_HEAD_B;
    uint32_t length_s = end_s - iv->start_utc_s;
    assert(!iv->pending && !iv->saving);
    int err = pw_intervals_take(iv, p, &flags);
    if (err == PW_ERR_CRC) /* the first reading may have been disturbed */
        err = pw_intervals_take(iv, p, &flags);
    if (err == PW_ERR_CRC) {
        iv->damaged++;
        iv->prev.valid = false; /* tick begins anew */
    }
    if (err != PW_OK)
        return false;
    if ((iv->cfg.channels & PW_INTERVAL_VOLTS) != 0)
        put_volts(iv, p + 4u * pw_intervals_values(&iv->cfg));
    flags |= iv->flags | (length_s != iv->cfg.minutes * 60u ? (unsigned)PW_INTERVAL_PARTIAL : 0);
    const struct pw_interval head = {iv->seq, end_s, length_s, (uint16_t)flags, iv->cfg.minutes, iv->cfg.channels, iv->cfg.unit_log10, iv->cfg.n_points};
    pw_fields_put(head_fields, PW_N_FIELDS(head_fields), &head, r);
    r[PW_INTERVAL_HEAD_B - 1] = VERSION;
    iv->record_len = (uint16_t)pw_intervals_len(&iv->cfg);
    iv->seq++;
    iv->pending = true;
    iv->saved = false;
    return true;
}

void pw_intervals_start(struct pw_intervals *iv, const struct pw_intervals_config *cfg, uint32_t utc_s, bool clock_ok, unsigned flags)
{
    assert(iv->uwh != NULL && pw_intervals_config_check(cfg) == PW_OK);
    uint32_t into_s;
    iv->started = true;
    flags |= clock_ok ? 0u : (unsigned)PW_INTERVAL_CLOCK;
    if (!iv->loaded) {
        iv->cfg = *cfg;
        rebase(iv);
        open_interval(iv, utc_s, flags | PW_INTERVAL_PARTIAL);
        return;
    }
    iv->flags |= (uint16_t)flags;
    bool back = utc_s < iv->last_utc_s;
    if (!back && cell_of(iv, utc_s, &into_s) == iv->cell)
        return;
    if (!iv->pending && close_interval(iv, iv->last_utc_s, PW_INTERVAL_PARTIAL)) {
        open_interval(iv, utc_s, flags | PW_INTERVAL_PARTIAL);
    } else if (back) { /* no room yet: tick ends it, with the time that is known to have passed */
        pw_intervals_time_set(iv, iv->last_utc_s, utc_s);
    }
}

/* Not before the one before it is safe in flash: what was counted meanwhile stays with the open one. */
static bool can_close(const struct pw_intervals *iv)
{
    return !iv->pending && !iv->saving && iv->checked && iv->prev.valid;
}

bool pw_intervals_tick(struct pw_intervals *iv, uint32_t utc_s, bool clock_ok)
{
    uint32_t into_s;
    unsigned clock = clock_ok ? 0 : PW_INTERVAL_CLOCK;
    iv->flags |= (uint16_t)clock;
    if (!iv->started || utc_s == iv->last_utc_s)
        return false;
    if (utc_s < iv->last_utc_s)
        pw_intervals_time_set(iv, iv->last_utc_s, utc_s);
    if (!iv->prev.valid)
        rebase(iv);
    bool over = cell_of(iv, utc_s, &into_s) != iv->cell;
    bool on_time = into_s <= ON_TIME_S && utc_s - into_s >= iv->last_utc_s;
    uint32_t end_s = on_time ? utc_s - into_s : utc_s;
    if (!over || !can_close(iv) || !close_interval(iv, end_s, iv->deferred && !on_time ? PW_INTERVAL_LATE : 0)) {
        iv->deferred |= over && !iv->saving;
        if (!over || !iv->saving) /* a save takes milliseconds: the same second again then */
            iv->last_utc_s = utc_s;
        return false;
    }
    open_interval(iv, end_s, clock);
    iv->last_utc_s = utc_s;
    return true;
}

/* By fields: a struct's padding may be anything. */
static bool same(const struct pw_intervals_config *a, const struct pw_intervals_config *b)
{
    return a->minutes == b->minutes && a->channels == b->channels && a->unit_log10 == b->unit_log10 && a->n_points == b->n_points;
}

int pw_intervals_configure(struct pw_intervals *iv, const struct pw_intervals_config *cfg, uint32_t utc_s)
{
    if (pw_intervals_config_check(cfg) != PW_OK)
        return PW_ERR_RANGE;
    if (same(&iv->cfg, cfg))
        return PW_OK;
    if (!iv->started || !can_close(iv) || !close_interval(iv, utc_s, PW_INTERVAL_PARTIAL))
        return PW_ERR_STATE;
    bool same_values = cfg->n_points == iv->cfg.n_points && cfg->channels == iv->cfg.channels && cfg->unit_log10 == iv->cfg.unit_log10;
    iv->cfg = *cfg;
    if (!same_values)
        rebase(iv);
    open_interval(iv, utc_s, PW_INTERVAL_PARTIAL);
    return PW_OK;
}

void pw_intervals_time_set(struct pw_intervals *iv, uint32_t old_utc_s, uint32_t new_utc_s)
{
    uint32_t into_s, gone_s = old_utc_s - iv->start_utc_s;
    if (!iv->started || old_utc_s == new_utc_s)
        return;
    iv->flags |= PW_INTERVAL_TIME_SET;
    uint32_t cell = cell_of(iv, new_utc_s, &into_s);
    if (cell != iv->cell && can_close(iv) && close_interval(iv, old_utc_s, PW_INTERVAL_PARTIAL)) {
        open_interval(iv, new_utc_s, PW_INTERVAL_TIME_SET | PW_INTERVAL_PARTIAL);
        return;
    }
    if (cell != iv->cell) /* no room for its record: it goes on in the new time */
        iv->flags |= PW_INTERVAL_PARTIAL | PW_INTERVAL_LATE;
    iv->cell = cell;
    iv->start_utc_s = new_utc_s > gone_s ? new_utc_s - gone_s : 0;
    iv->last_utc_s = new_utc_s;
}

void pw_intervals_flag(struct pw_intervals *iv, unsigned flags, bool on)
{
    iv->level = (uint16_t)(on ? iv->level | flags : iv->level & ~flags);
    iv->flags |= (uint16_t)(on ? flags : 0);
}

void pw_intervals_volts(struct pw_intervals *iv, const uint32_t mv[PW_N_V])
{
    for (unsigned v = 0; v < PW_N_V; v++) {
        if (iv->v_max_mv[v] == 0 || mv[v] < iv->v_min_mv[v]) /* max 0: none seen yet, or all were 0 */
            iv->v_min_mv[v] = mv[v];
        if (mv[v] > iv->v_max_mv[v])
            iv->v_max_mv[v] = mv[v];
    }
}

static int read_seq(struct pw_intervals *iv, uint32_t number, uint32_t *seq)
{
    uint8_t b[4];
    int err = pw_flashlog_read(&iv->log, number, b, sizeof b, NULL);
    if (err == PW_OK)
        *seq = pw_get_le32(b);
    return err;
}

/* After a start: is the interval that FRAM holds in flash already? @return false if the flash is busy */
static bool compare(struct pw_intervals *iv)
{
    uint32_t newest = 0;
    for (unsigned i = 0; i < LOOK_BACK && i < pw_flashlog_count(&iv->log); i++) {
        int err = read_seq(iv, iv->log.next - 1 - i, &newest);
        if (err == PW_OK)
            break;
        if (err != PW_ERR_CRC)
            return false;
    }
    iv->checked = true;
    if (iv->pending && iv->saved && newest >= pw_get_le32(iv->record))
        iv->pending = false;
    uint32_t own = iv->pending ? iv->seq - 1 : iv->seq;
    if (newest >= own) { /* no block, or one that is older than the flash: numbers go on from there */
        iv->seq = newest + 1 + (iv->pending ? 1 : 0);
        if (iv->pending) /* closed by pw_intervals_start, and not saved yet */
            pw_put_le32(iv->record, newest + 1);
    }
    return true;
}

bool pw_intervals_step(struct pw_intervals *iv)
{
    bool did = pw_flashlog_step(&iv->log);
    if (!pw_flashlog_mounted(&iv->log))
        return did;
    if (!iv->checked)
        return (!iv->saving && compare(iv)) || did;
    if (iv->writing) {
        if (pw_flashlog_stored(&iv->log))
            iv->pending = iv->writing = false;
        return true;
    }
    if (!iv->pending || !iv->saved || !pw_flashlog_ready(&iv->log))
        return did;
    iv->writing = pw_flashlog_append(&iv->log, iv->record, iv->record_len) == PW_OK;
    return true;
}

void pw_interval_head(struct pw_interval *out, const uint8_t *raw)
{
    pw_fields_get(head_fields, PW_N_FIELDS(head_fields), out, raw);
}

int pw_intervals_read_at(struct pw_intervals *iv, uint32_t number, size_t from, uint8_t *raw, size_t size)
{
    return pw_flashlog_read_at(&iv->log, number, from, raw, size, NULL);
}

int pw_intervals_read(struct pw_intervals *iv, uint32_t number, struct pw_interval *out, uint8_t *raw, size_t size)
{
    if (size < PW_INTERVAL_HEAD_B)
        return PW_ERR_SIZE;
    int err = pw_flashlog_read(&iv->log, number, raw, size, NULL);
    if (err == PW_OK)
        pw_interval_head(out, raw);
    return err;
}

size_t pw_interval_value_at(const struct pw_interval *r, unsigned channel, unsigned point)
{
    if (channel >= PW_INTERVAL_N_ENERGY || point >= r->n_points || (r->channels >> channel & 1) == 0)
        return 0;
    return PW_INTERVAL_HEAD_B + 4u * (pw_intervals_energies(r->channels & ((1u << channel) - 1)) * r->n_points + point);
}

size_t pw_interval_volts_at(const struct pw_interval *r)
{
    return (r->channels & PW_INTERVAL_VOLTS) == 0 ? 0 : PW_INTERVAL_HEAD_B + 4u * pw_intervals_energies(r->channels) * r->n_points;
}

uint32_t pw_interval_value(const struct pw_interval *r, const uint8_t *raw, size_t size, unsigned channel, unsigned point)
{
    size_t at = pw_interval_value_at(r, channel, point);
    return at != 0 && at + 4 <= size ? pw_get_le32(raw + at) : 0;
}

bool pw_interval_volts(const struct pw_interval *r, const uint8_t *raw, size_t size, unsigned input, uint32_t *min_mv, uint32_t *max_mv)
{
    size_t at = pw_interval_volts_at(r);
    if (at == 0 || input >= PW_N_V || at + 8u * input + 8u > size)
        return false;
    *min_mv = pw_get_le32(raw + at + 8u * input);
    *max_mv = pw_get_le32(raw + at + 8u * input + 4u);
    return true;
}
