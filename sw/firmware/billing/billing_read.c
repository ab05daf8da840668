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

static uint64_t bucket_value(const struct pw_billing *b, const uint8_t *data, unsigned bucket, uint64_t total, const uint64_t *mark)
{
    uint64_t value = bucket == b->head.rate ? pw_billing_left(b, data, mark != NULL ? *mark : total) : pw_get_le64(data + 8u + 8u * bucket);
    if (mark != NULL && bucket == b->rate_to)
        value += total - *mark;
    return value;
}

static bool formatting(const struct pw_billing *b)
{
    return b->head.generation == 0 || ((b->job | b->want) & PW_BILL_FORMAT) != 0;
}

int pw_billing_register(struct pw_billing *b, unsigned point, unsigned quantity, unsigned rate, uint64_t *value)
{
    uint8_t buf[PW_SLOW_BLOCK_B];
    int block = block_of(b, quantity), bucket = rate == PW_RATE_ALL ? (int)b->slow.layout.n_rates : pw_billing_bucket(b, rate);
    if (point >= b->slow.layout.n_points || block < 0 || bucket < 0)
        return PW_ERR_RANGE;
    if (formatting(b))
        return PW_ERR_STATE;
    int err = pw_billing_block(b, point, (unsigned)block, buf);
    if (err != PW_OK)
        return err;
    uint64_t total = pw_total(&b->totals, point, quantity);
    uint64_t v = bucket_value(b, buf, (unsigned)bucket, total, b->marked ? &b->mark[point][block] : NULL);
    *value = rate == PW_RATE_ALL ? total - pw_get_le64(buf) - v : v;
    return PW_OK;
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

int pw_billing_rate_peak(struct pw_billing *b, unsigned point, unsigned demand, unsigned rate, struct pw_peak *peak)
{
    uint8_t buf[PW_SLOW_BLOCK_B];
    if (rate >= b->slow.layout.n_rates)
        return PW_ERR_RANGE;
    int err = demand_block(b, point, demand, 0, buf);
    if (err != PW_OK)
        return err;
    pw_demand_slow(b->demand, point, demand, PW_SLOW_PEAKS, buf, &b->slow.layout, false);
    pw_peak_get(peak, buf + 8 + PW_PEAK_B * rate);
    pw_demand_late_peak(b->demand, point, demand, rate, peak);
    return PW_OK;
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

int pw_billing_past(struct pw_billing *b, unsigned point, unsigned demand, unsigned back, struct pw_peak *peak)
{
    uint8_t buf[PW_SLOW_BLOCK_B];
    if (back >= b->slow.layout.n_past)
        return PW_ERR_RANGE;
    int err = demand_block(b, point, demand, 1, buf);
    if (err == PW_OK)
        pw_peak_get(peak, buf + PW_PEAK_B * back);
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
