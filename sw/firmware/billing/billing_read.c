/* SPDX-License-Identifier: Apache-2.0 */
/* What the registers read, also in the middle of a job, and how they are shown. */
#include "billing_priv.h"
#include "bytes.h"

/* @return the block of a quantity, -1 if it has no registers */
static int block_of(const struct pw_billing *b, unsigned quantity)
{
    unsigned block = 0;
    if (quantity >= PW_N_TQ || (b->slow.layout.quantities >> quantity & 1u) == 0)
        return -1;
    for (unsigned i = 0; i < quantity; i++)
        block += b->slow.layout.quantities >> i & 1u;
    return (int)block;
}

/* @param mark  total at the moment of the switch that is under way; without one, `total` */
static uint64_t bucket_value(const struct pw_billing *b, const uint8_t *data, unsigned bucket, uint64_t total, uint64_t mark)
{
    uint64_t value = bucket == b->head.rate ? pw_billing_left(b, data, mark) : pw_get_le64(data + 8u + 8u * bucket);
    if (b->marked && bucket == b->rate_to)
        value += total - mark;
    return value;
}

static bool formatting(const struct pw_billing *b)
{
    return b->head.generation == 0 || ((b->job | b->want) & PW_BILL_FORMAT) != 0;
}

int pw_billing_values(struct pw_billing *b, unsigned point, unsigned quantity, struct pw_billing_values *out)
{
    uint8_t buf[PW_SLOW_BLOCK_B], marks[PW_SLOW_MARKS_B];
    unsigned n_rates = b->slow.layout.n_rates;
    int block = block_of(b, quantity);
    if (point >= b->slow.layout.n_points || block < 0)
        return PW_ERR_RANGE;
    if (formatting(b))
        return PW_ERR_STATE;
    int err = pw_billing_block(b, point, (unsigned)block, buf);
    if (err == PW_OK && b->marked)
        err = pw_billing_marks(b, point, marks);
    if (err != PW_OK)
        return err;
    uint64_t total = pw_total(&b->totals, point, quantity), at_mark = b->marked ? pw_get_le64(marks + 8 * block) : total;
    *out = (struct pw_billing_values){.all = 0};
    for (unsigned r = 0; r <= n_rates && n_rates <= PW_MAX_RATES; r++)
        *(r < n_rates ? &out->rate[r] : &out->test) = bucket_value(b, buf, r, total, at_mark);
    out->all = total - pw_get_le64(buf) - out->test;
    return PW_OK;
}

int pw_billing_register(struct pw_billing *b, unsigned point, unsigned quantity, unsigned rate, uint64_t *value)
{
    struct pw_billing_values v;
    if (rate != PW_RATE_ALL && pw_billing_bucket(b, rate) < 0)
        return PW_ERR_RANGE;
    int err = pw_billing_values(b, point, quantity, &v);
    if (err == PW_OK)
        *value = rate == PW_RATE_ALL ? v.all : rate == PW_RATE_TEST ? v.test : v.rate[rate];
    return err;
}

int pw_billing_net(struct pw_billing *b, unsigned point, bool reactive, unsigned rate, int64_t *value)
{
    static const uint8_t first[2] = {PW_TQ_WH_DEL, PW_TQ_VARH_Q1};
    unsigned each = reactive ? 2 : 1;
    uint64_t net = 0;
    for (unsigned i = 0; i < 2 * each; i++) {
        uint64_t v;
        int err = pw_billing_register(b, point, first[reactive] + i, rate, &v);
        if (err != PW_OK)
            return err;
        net = i < each ? net + v : net - v;
    }
    *value = (int64_t)net;
    return PW_OK;
}

/* Reads a demand's block. */
static int demand_block(struct pw_billing *b, unsigned point, unsigned demand, unsigned second, uint8_t buf[PW_SLOW_BLOCK_B])
{
    if (point >= b->slow.layout.n_points || demand >= b->slow.layout.n_demands)
        return PW_ERR_RANGE;
    if (formatting(b))
        return PW_ERR_STATE;
    return pw_billing_block(b, point, b->slow.n_quantities + 2u * demand + second, buf);
}

int pw_billing_peaks(struct pw_billing *b, unsigned point, unsigned demand, struct pw_billing_peaks *out)
{
    uint8_t buf[PW_SLOW_BLOCK_B];
    int err = demand_block(b, point, demand, 0, buf);
    if (err != PW_OK)
        return err;
    *out = (struct pw_billing_peaks){.cumulative_mw = pw_get_le64(buf)}; /* before the present peaks come in */
    pw_demand_slow(b->demand, point, demand, PW_SLOW_PEAKS, buf, &b->slow.layout, false);
    for (unsigned r = 0; r < b->slow.layout.n_rates && r < PW_MAX_RATES; r++) {
        pw_peak_get(&out->rate[r], buf + 8 + PW_PEAK_B * r);
        pw_demand_late_peak(b->demand, point, demand, r, &out->rate[r]);
    }
    return PW_OK;
}

int pw_billing_rate_peak(struct pw_billing *b, unsigned point, unsigned demand, unsigned rate, struct pw_peak *peak)
{
    struct pw_billing_peaks p;
    if (rate >= b->slow.layout.n_rates)
        return PW_ERR_RANGE;
    int err = pw_billing_peaks(b, point, demand, &p);
    if (err == PW_OK)
        *peak = p.rate[rate];
    return err;
}

int pw_billing_cumulative(struct pw_billing *b, unsigned point, unsigned demand, bool continuous, uint64_t *mw)
{
    uint8_t buf[PW_SLOW_BLOCK_B];
    int err = demand_block(b, point, demand, 0, buf);
    if (err != PW_OK)
        return err;
    *mw = pw_get_le64(buf);
    if (continuous) {
        struct pw_peak peak = pw_demand_peak(b->demand, point, demand);
        *mw += pw_peak_mw(&peak);
    }
    return PW_OK;
}

int pw_billing_pasts(struct pw_billing *b, unsigned point, unsigned demand, struct pw_peak past[PW_MAX_PAST])
{
    uint8_t buf[PW_SLOW_BLOCK_B];
    int err = demand_block(b, point, demand, 1, buf);
    for (unsigned i = 0; err == PW_OK && i < PW_MAX_PAST; i++)
        if (i < b->slow.layout.n_past)
            pw_peak_get(&past[i], buf + PW_PEAK_B * i);
        else
            past[i] = (struct pw_peak){0};
    return err;
}

int pw_billing_past(struct pw_billing *b, unsigned point, unsigned demand, unsigned back, struct pw_peak *peak)
{
    struct pw_peak past[PW_MAX_PAST];
    if (back >= b->slow.layout.n_past)
        return PW_ERR_RANGE;
    int err = pw_billing_pasts(b, point, demand, past);
    if (err == PW_OK)
        *peak = past[back];
    return err;
}

uint32_t pw_register_shown(uint64_t value_e6, unsigned digits, unsigned decimals)
{
    uint32_t unit = 1000000000u, wrap = 1;
    for (unsigned i = 0; i < decimals && i < 3; i++)
        unit /= 10;
    for (unsigned i = 0; i < digits && i < 9; i++)
        wrap *= 10;
    return (uint32_t)(value_e6 / unit % wrap);
}

void pw_register_text(char out[12], int64_t value_e6, unsigned digits, unsigned decimals)
{
    uint64_t size = value_e6 < 0 ? 0u - (uint64_t)value_e6 : (uint64_t)value_e6;
    uint32_t shown = pw_register_shown(size, digits, decimals);
    if (digits > 9)
        digits = 9;
    if (decimals > 3)
        decimals = 3;
    if (value_e6 < 0 && shown != 0) /* no -0 */
        *out++ = '-';
    char *end = out + digits + (decimals > 0);
    *end = '\0';
    for (unsigned i = 0; i < digits; i++) {
        if (i == decimals && i > 0)
            *--end = '.';
        *--end = (char)('0' + shown % 10u);
        shown /= 10u;
    }
}
