/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs: what changes the slow image. */
#include "billing.h"

#include <string.h>

#include "billing_priv.h"
#include "bytes.h"

enum { INVALIDATE, EMIT, WRITE, SEAL };

int pw_billing_init(struct pw_billing *b, const struct pw_slow_io *io, const struct pw_slow_layout *layout, const struct pw_totals *totals,
                    struct pw_demand *demand, unsigned lock_min, pw_billing_emit emit, void *emit_ctx)
{
    memset(b, 0, sizeof *b);
    b->totals = *totals;
    b->demand = demand;
    b->emit = emit;
    b->emit_ctx = emit_ctx;
    b->lock_min = (uint16_t)lock_min;
    int err = pw_slow_init(&b->slow, io, layout);
    if (err == PW_OK && (lock_min > 1440 || demand->n_demands != layout->n_demands || demand->n_points < layout->n_points))
        err = PW_ERR_RANGE;
    return err;
}

int pw_billing_bucket(const struct pw_billing *b, unsigned rate)
{
    return rate == PW_RATE_TEST ? b->slow.layout.n_rates : rate < b->slow.layout.n_rates ? (int)rate : -1;
}

unsigned pw_billing_rate(const struct pw_billing *b)
{
    unsigned bucket = b->marked ? b->rate_to : b->head.rate;
    return bucket == b->slow.layout.n_rates ? PW_RATE_TEST : bucket;
}

static void tell_rate(struct pw_billing *b)
{
    unsigned rate = pw_billing_rate(b);
    b->demand->rate = rate == PW_RATE_TEST ? PW_DEMAND_NO_RATE : (uint8_t)rate;
}

/* Notes the totals of now. */
static int mark(struct pw_billing *b, unsigned point, uint8_t buf[PW_SLOW_MARKS_B])
{
    uint8_t *at = buf;
    for (unsigned q = 0; q < PW_N_TQ; q++)
        if (((unsigned)b->slow.layout.quantities >> q & 1u) != 0) {
            pw_put_le64(at, pw_total(&b->totals, point, q));
            at += 8;
        }
    return pw_slow_put(&b->slow, 0, point, PW_SLOW_MARKS, buf);
}

static int mark_all(struct pw_billing *b)
{
    uint8_t buf[PW_SLOW_MARKS_B];
    int err = PW_OK;
    for (unsigned p = 0; p < b->slow.layout.n_points && err == PW_OK; p++)
        err = mark(b, p, buf);
    b->errors += err != PW_OK;
    b->marked = err == PW_OK;
    return err;
}

int pw_billing_marks(struct pw_billing *b, unsigned point, uint8_t buf[PW_SLOW_MARKS_B])
{
    int err = pw_slow_get(&b->slow, 0, point, PW_SLOW_MARKS, buf);
    if (err == PW_ERR_CRC) /* the first reading may have been disturbed */
        err = pw_slow_get(&b->slow, 0, point, PW_SLOW_MARKS, buf);
    if (err != PW_ERR_CRC)
        return err;
    b->damaged++;
    return mark(b, point, buf);
}

/* From this moment on new peaks are not the job's. */
static void start_job(struct pw_billing *b)
{
    b->job = b->want;
    b->want = 0;
    b->point = b->part = 0;
    b->phase = INVALIDATE;
    if (b->job != 0)
        pw_demand_freeze(b->demand);
}

int pw_billing_begin(struct pw_billing *b, unsigned what, unsigned rate, uint32_t utc_s)
{
    bool switches = (what & (PW_BILL_RATE | PW_BILL_FORMAT)) != 0;
    int bucket = switches ? pw_billing_bucket(b, rate) : b->head.rate;
    if (bucket < 0 || what == 0 || what > 15)
        return PW_ERR_RANGE;
    if (what != PW_BILL_RESET) {
        if (b->marked)
            return PW_ERR_STATE;
        int err = mark_all(b);
        if (err != PW_OK)
            return err;
        b->rate_to = (uint8_t)bucket;
        tell_rate(b);
    }
    b->want = (uint8_t)(b->want | what);
    b->utc_s = utc_s;
    if (b->job == 0)
        start_job(b);
    return PW_OK;
}

int pw_billing_reset(struct pw_billing *b, enum pw_reset_source source, uint32_t utc_s)
{
    if (source != PW_RESET_SCHEDULE && b->lock_ms > 0) {
        b->refused = (uint16_t)(b->refused + (b->refused < UINT16_MAX));
        return PW_ERR_STATE;
    }
    b->lock_ms = b->lock_min * 60000u;
    return pw_billing_begin(b, PW_BILL_RESET, 0, utc_s);
}

void pw_billing_passed(struct pw_billing *b, uint32_t ms)
{
    b->lock_ms = ms < b->lock_ms ? b->lock_ms - ms : 0;
}

int pw_billing_block(struct pw_billing *b, unsigned point, unsigned block, uint8_t buf[PW_SLOW_BLOCK_B])
{
    int err = pw_slow_get(&b->slow, b->head.generation, point, block, buf);
    if (err != PW_ERR_CRC)
        return err;
    b->damaged++;
    return pw_slow_get(&b->slow, b->head.generation - 1u, point, block, buf);
}

/* For a job, which must go on: where neither copy is left, all of the total counts in the active rate. */
static int block_or_zeros(struct pw_billing *b, uint8_t buf[PW_SLOW_BLOCK_B])
{
    int err = pw_billing_block(b, b->point, b->part, buf);
    if (err != PW_ERR_CRC)
        return err;
    memset(buf, 0, PW_SLOW_BLOCK_B);
    return PW_OK;
}

uint64_t pw_billing_left(const struct pw_billing *b, const uint8_t *data, uint64_t total)
{
    total -= pw_get_le64(data);
    for (unsigned i = 0; i <= b->slow.layout.n_rates; i++)
        if (i != b->head.rate)
            total -= pw_get_le64(data + 8u + 8u * i);
    return total >> 63 == 0 ? total : 0; /* below 0 only where an older fast image had to do, until the total is there again */
}

/* Writes down what the active bucket held at the moment of the job. */
static int put_left(struct pw_billing *b, uint8_t *data)
{
    uint8_t marks[PW_SLOW_MARKS_B];
    int err = pw_billing_marks(b, b->point, marks);
    if (err == PW_OK)
        pw_put_le64(data + 8u + 8u * b->head.rate, pw_billing_left(b, data, pw_get_le64(marks + 8u * b->part)));
    return err;
}

/* All buckets empty from the moment of the job on. */
static int put_origin(struct pw_billing *b, uint8_t buf[PW_SLOW_BLOCK_B])
{
    uint8_t marks[PW_SLOW_MARKS_B];
    int err = pw_billing_marks(b, b->point, marks);
    if (err == PW_OK)
        memcpy(buf, marks + 8u * b->part, 8);
    return err;
}

/* A block of the next generation, from that of this one. */
static int next_block(struct pw_billing *b, uint8_t buf[PW_SLOW_BLOCK_B])
{
    unsigned idx = 0;
    enum pw_slow_kind kind = pw_slow_kind(&b->slow, b->part, &idx);
    if (b->job & PW_BILL_FORMAT) {
        memset(buf, 0, PW_SLOW_BLOCK_B);
        return kind == PW_SLOW_REGISTERS ? put_origin(b, buf) : PW_OK;
    }
    int err = block_or_zeros(b, buf);
    if (err != PW_OK)
        return err;
    if (kind != PW_SLOW_REGISTERS)
        pw_demand_slow(b->demand, b->point, idx, kind, buf, &b->slow.layout, (b->job & PW_BILL_RESET) != 0);
    else if (b->job & (PW_BILL_RATE | PW_BILL_CLOSE))
        return put_left(b, buf);
    return PW_OK;
}

/* What the end of the period hands over. */
static int emit_part(struct pw_billing *b)
{
    uint8_t buf[PW_SLOW_BLOCK_B];
    unsigned idx = 0;
    size_t len = pw_slow_data_b(&b->slow, b->part);
    enum pw_slow_kind kind = pw_slow_kind(&b->slow, b->part, &idx);
    int err = block_or_zeros(b, buf);
    if (err != PW_OK)
        return err;
    if (kind == PW_SLOW_REGISTERS) {
        err = put_left(b, buf);
        return err == PW_OK ? b->emit(b->emit_ctx, (uint16_t)(b->head.closes + 1u), b->point, b->part, buf + 8, len - 8u) : err;
    }
    pw_demand_slow(b->demand, b->point, idx, kind, buf, &b->slow.layout, false);
    if (kind == PW_SLOW_PEAKS) {
        struct pw_peak peak = pw_demand_frozen_peak(b->demand, b->point, idx);
        pw_peak_put(buf + len, &peak);
        len += PW_PEAK_B;
    }
    return b->emit(b->emit_ctx, (uint16_t)(b->head.closes + 1u), b->point, b->part, buf, len);
}

static void commit(struct pw_billing *b, const struct pw_slow_header *h)
{
    b->head = *h;
    pw_demand_commit(b->demand, (b->job & (PW_BILL_RESET | PW_BILL_FORMAT)) != 0);
    if (b->job != PW_BILL_RESET)
        b->marked = false;
    start_job(b); /* the one that had to wait */
}

/* The header comes last: with it the copy is whole. */
static int seal(struct pw_billing *b)
{
    struct pw_slow_header h = b->head;
    h.generation++;
    if (b->job & PW_BILL_FORMAT)
        h.resets = h.closes = 0;
    if (b->job != PW_BILL_RESET)
        h.rate = b->rate_to;
    if (b->job & PW_BILL_RESET) {
        h.resets++;
        h.reset_utc_s = b->utc_s;
    }
    if (b->job & PW_BILL_CLOSE) {
        h.closes++;
        h.close_utc_s = b->utc_s;
    }
    int err = pw_slow_header_put(&b->slow, h.generation & 1u, &h);
    if (err == PW_OK)
        commit(b, &h);
    return err;
}

static int do_block(struct pw_billing *b)
{
    uint8_t buf[PW_SLOW_BLOCK_B];
    int err;
    if (b->phase == EMIT)
        return emit_part(b);
    err = next_block(b, buf);
    return err == PW_OK ? pw_slow_put(&b->slow, b->head.generation + 1u, b->point, b->part, buf) : err;
}

/* The next block, point after point; after the last one the next phase. */
static void advance(struct pw_billing *b)
{
    if (++b->part < pw_slow_blocks(&b->slow))
        return;
    b->part = 0;
    if (++b->point < b->slow.layout.n_points)
        return;
    b->point = 0;
    b->phase++;
}

bool pw_billing_step(struct pw_billing *b)
{
    int err;
    if (b->job == 0 || (b->phase == INVALIDATE && b->saved != b->head.generation)) /* the copy to write is still needed */
        return false;
    if (b->phase == INVALIDATE) {
        err = pw_slow_header_put(&b->slow, (b->head.generation + 1u) & 1u, NULL);
        if (err == PW_OK)
            b->phase = (b->job & PW_BILL_CLOSE) != 0 && b->emit != NULL ? EMIT : WRITE;
    } else if (b->phase == SEAL) {
        err = seal(b);
    } else {
        err = do_block(b);
        if (err == PW_OK)
            advance(b);
    }
    b->errors += err == PW_ERR_IO || err == PW_ERR_CRC;
    return true;
}

/* Fast header: generation, seconds of lock-out left, refused, rate, rate_to, job and want, marked, time of the job. */
void pw_billing_pack(const struct pw_billing *b, uint8_t out[PW_BILLING_HEADER_B])
{
    pw_put_le32(out, b->head.generation);
    pw_put_le32(out + 4, (b->lock_ms + 999u) / 1000u | (uint32_t)b->job << 24 | (uint32_t)b->want << 28);
    pw_put_le16(out + 8, b->refused);
    out[10] = (uint8_t)(b->head.rate | (unsigned)b->rate_to << 4);
    out[11] = b->marked;
    pw_put_le32(out + 12, b->utc_s);
}

size_t pw_billing_point_b(const struct pw_billing *b)
{
    return b->marked ? 8u * b->slow.n_quantities : 0;
}

int pw_billing_pack_point(struct pw_billing *b, unsigned point, uint8_t out[PW_BILLING_POINT_B])
{
    uint8_t marks[PW_SLOW_MARKS_B];
    int err = b->marked ? pw_billing_marks(b, point, marks) : PW_OK;
    if (err == PW_OK)
        memcpy(out, marks, pw_billing_point_b(b));
    return err;
}

int pw_billing_unpack_point(struct pw_billing *b, unsigned point, const uint8_t in[PW_BILLING_POINT_B])
{
    uint8_t marks[PW_SLOW_MARKS_B];
    if (!b->marked)
        return PW_OK;
    memcpy(marks, in, pw_billing_point_b(b));
    return pw_slow_put(&b->slow, 0, point, PW_SLOW_MARKS, marks);
}

void pw_billing_saved(struct pw_billing *b, uint32_t generation)
{
    b->saved = generation;
}

/* The newest slow image, if nobody tells which one counts. */
static int load_newest(struct pw_billing *b)
{
    struct pw_slow_header h[2];
    int err[2], worst;
    for (unsigned c = 0; c < 2; c++)
        err[c] = pw_slow_header_get(&b->slow, c, &h[c]);
    if (err[0] == PW_OK && err[1] == PW_OK)
        b->head = (int32_t)(h[1].generation - h[0].generation) > 0 ? h[1] : h[0];
    else if (err[0] == PW_OK || err[1] == PW_OK)
        b->head = err[0] == PW_OK ? h[0] : h[1];
    worst = err[0] == PW_ERR_IO || err[0] == PW_ERR_STATE ? err[0] : err[1];
    if (worst == PW_ERR_IO || worst == PW_ERR_STATE)
        return worst;
    if (err[0] == PW_OK || err[1] == PW_OK)
        return PW_OK;
    return err[0] == PW_ERR_VERSION ? err[0] : err[1];
}

/* What was under way begins again from its first block. */
static void take_up(struct pw_billing *b, const uint8_t *fast)
{
    uint32_t jobs = pw_get_le32(fast + 4);
    b->head.rate = fast[10] & 15u;
    b->rate_to = fast[10] >> 4;
    b->marked = fast[11] != 0;
    b->utc_s = pw_get_le32(fast + 12);
    b->job = jobs >> 24 & 15u;
    b->want = (uint8_t)(jobs >> 28);
    b->point = b->part = b->phase = 0;
    if (b->job != 0)
        pw_demand_freeze(b->demand);
}

int pw_billing_load(struct pw_billing *b, const uint8_t *fast)
{
    uint32_t generation = fast != NULL ? pw_get_le32(fast) : 0;
    int err = load_newest(b);
    if (err == PW_ERR_IO || err == PW_ERR_STATE)
        return err;
    if (fast != NULL) {
        b->lock_ms = (pw_get_le32(fast + 4) & 0xFFFFFFu) * 1000u;
        b->refused = pw_get_le16(fast + 8);
    }
    if (fast != NULL && err != PW_ERR_VERSION && (fast[10] & 15u) <= b->slow.layout.n_rates && (fast[10] >> 4) <= b->slow.layout.n_rates) {
        struct pw_slow_header h;
        int mine = generation == 0 ? PW_OK : pw_slow_header_get(&b->slow, generation & 1u, &h);
        bool behind = b->head.generation == generation + 1u; /* this fast image is not the last one that was saved */
        if (mine == PW_OK && (generation == 0 || h.generation == generation)) {
            if (generation == 0)
                h = (struct pw_slow_header){0};
            b->head = h;
            take_up(b, fast);
            err = generation == 0 && b->want == 0 && b->job == 0 ? PW_ERR_CRC : PW_OK;
        } else if (!behind) { /* its header is lost, its blocks may be there, and have check sums of their own; the counters are older */
            b->head.generation = generation;
            take_up(b, fast);
            b->damaged++;
            err = PW_OK;
        } else {
            b->damaged++;
        }
    }
    b->saved = b->head.generation;
    tell_rate(b);
    return err;
}
