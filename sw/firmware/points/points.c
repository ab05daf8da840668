/* SPDX-License-Identifier: Apache-2.0 */
#include "points.h"

#include <string.h>

#include "crc32.h"
#include "scale.h"
#include "wide.h"

#define MILLI_PER_NANO 1000000u

static void add(struct pw_u96 *a, const uint32_t b[3])
{
    uint64_t carry = 0;
    for (unsigned i = 0; i < 3; i++) {
        carry += (uint64_t)a->w[i] + b[i];
        a->w[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* a - b modulo 2^96 */
static void subtract(struct pw_u96 *a, const uint32_t b[3])
{
    uint32_t borrow = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t v = (uint64_t)a->w[i] - b[i] - borrow;
        a->w[i] = (uint32_t)v;
        borrow = (uint32_t)(v >> 32) & 1u;
    }
}

static bool negative(const struct pw_u96 *a)
{
    return a->w[2] >> 31 != 0;
}

static bool zero(const struct pw_u96 *a)
{
    return (a->w[0] | a->w[1] | a->w[2]) == 0;
}

void pw_points_init(struct pw_points *p, const struct pw_config *cfg, const struct pw_energy *energy)
{
    memset(p, 0, sizeof *p);
    p->cfg = cfg;
    p->energy = energy;
}

uint32_t pw_points_assignment(const struct pw_config *cfg)
{
    uint32_t crc = pw_crc32(0, &cfg->n_ct, 1);
    for (unsigned k = 0; k < cfg->n_ct; k++)
        crc = pw_crc32(crc, &cfg->ct[k].point, 1);
    return crc;
}

void pw_points_sums(const struct pw_points *p, unsigned point, struct pw_u96 *del, struct pw_u96 *rec)
{
    *del = *rec = (struct pw_u96){{0}};
    for (unsigned k = 0; k < p->cfg->n_ct; k++)
        if (p->cfg->ct[k].point == point) {
            add(del, &p->energy->ct[k].acc[PW_WH_DEL][1]);
            add(rec, &p->energy->ct[k].acc[PW_WH_REC][1]);
        }
}

/* Delivered - received, modulo 2^96. */
static struct pw_u96 net_sum(const struct pw_points *p, unsigned point)
{
    struct pw_u96 sum, rec;
    pw_points_sums(p, point, &sum, &rec);
    subtract(&sum, rec.w);
    return sum;
}

/* varh of the present CTs of a point. */
static uint64_t varh_sum(const struct pw_points *p, unsigned point, unsigned quadrant)
{
    uint64_t sum = 0;
    for (unsigned k = 0; k < p->cfg->n_ct; k++)
        if (p->cfg->ct[k].point == point)
            sum += pw_energy_get(&p->energy->ct[k], (enum pw_energy_kind)(PW_VARH_Q1 + quadrant));
    return sum;
}

static void rebase_point(struct pw_points *p, unsigned point)
{
    p->point[point].sum = net_sum(p, point);
}

/* Between settle and rebase, and in the stored form, the bases are the totals. */
static void varh_to_totals(struct pw_points *p, unsigned point)
{
    for (unsigned q = 0; q < 4; q++)
        p->varh_base[point][q] += varh_sum(p, point, q);
}

static void varh_from_totals(struct pw_points *p, unsigned point)
{
    for (unsigned q = 0; q < 4; q++)
        p->varh_base[point][q] -= varh_sum(p, point, q);
}

uint64_t pw_points_total(const struct pw_points *p, unsigned point, enum pw_total_quantity quantity)
{
    const struct pw_point_regs *r = &p->point[point];
    switch (quantity) {
    case PW_TQ_WH_DEL:  return pw_u96_uwh(&r->net_del);
    case PW_TQ_WH_REC:  return pw_u96_uwh(&r->net_rec);
    case PW_TQ_VAH_DEL: return pw_u96_uwh(&r->va_del);
    case PW_TQ_VAH_REC: return pw_u96_uwh(&r->va_rec);
    default:            return p->varh_base[point][quantity - PW_TQ_VARH_Q1] + varh_sum(p, point, quantity - PW_TQ_VARH_Q1);
    }
}

/* What the CTs delivered since the last time, minus what they received: to one register or to the other. */
static void count_net(struct pw_points *p, unsigned point)
{
    struct pw_point_regs *r = &p->point[point];
    struct pw_u96 sum = net_sum(p, point), net = sum, back = r->sum;
    subtract(&net, r->sum.w);
    if (negative(&net)) {
        subtract(&back, sum.w);
        add(&r->net_rec, back.w);
    } else if (!zero(&net)) {
        add(&r->net_del, net.w);
    }
    r->sum = sum;
}

void pw_points_count(struct pw_points *p)
{
    for (unsigned i = 0; i < p->cfg->n_points; i++)
        count_net(p, i);
}

void pw_points_settle(struct pw_points *p)
{
    pw_points_count(p);
    for (unsigned i = 0; i < PW_MAX_CT; i++)
        varh_to_totals(p, i);
}

void pw_points_rebase(struct pw_points *p)
{
    for (unsigned i = 0; i < PW_MAX_CT; i++) {
        rebase_point(p, i);
        varh_from_totals(p, i);
    }
}

void pw_points_saved_sums(struct pw_points *p, unsigned point, const struct pw_u96 *del, const struct pw_u96 *rec)
{
    struct pw_u96 more_del, more_rec;
    pw_points_sums(p, point, &more_del, &more_rec);
    subtract(&more_del, del->w);
    subtract(&more_rec, rec->w);
    if (negative(&more_del) || negative(&more_rec)) {
        rebase_point(p, point);
        return;
    }
    p->point[point].sum = *del;
    subtract(&p->point[point].sum, rec->w);
}

void pw_points_restore(struct pw_points *p, bool same)
{
    for (unsigned i = 0; i < PW_MAX_CT; i++) {
        varh_from_totals(p, i);
        if (same)
            count_net(p, i);
        else
            rebase_point(p, i);
    }
}

static uint64_t hypot_mva(int64_t p, int64_t q)
{
    uint64_t a = p < 0 ? 0 - (uint64_t)p : (uint64_t)p, b = q < 0 ? 0 - (uint64_t)q : (uint64_t)q, max = a > b ? a : b;
    unsigned shift = 0, up = 0;
    while (max >> shift >= UINT64_C(1) << 31) /* squares of 31 bits: their sum fits 64 */
        shift++;
    while (shift == 0 && max != 0 && max << (up + 1) < UINT64_C(1) << 31) /* small ones: bits behind the point, for the rounding */
        up++;
    a = a << up >> shift;
    b = b << up >> shift;
    uint64_t root = pw_isqrt64(a * a + b * b);
    return up == 0 ? root << shift : (root + (UINT64_C(1) << (up - 1))) >> up;
}

static bool voltage_missing(unsigned vsel, unsigned missing)
{
    if (vsel <= PW_VC)
        return (missing >> vsel & 1u) != 0;
    return (missing >> (vsel - PW_VAB) & 1u) != 0 && (missing >> (vsel - PW_VAB + 1) % PW_N_V & 1u) != 0;
}

/* Powers of the CTs of a point. @return sum of their apparent powers, nVA (at most 4e16 each) */
static uint64_t gather(const struct pw_config *cfg, const struct pw_snapshot *s, unsigned point, unsigned missing, struct pw_point_now *now)
{
    uint64_t nva = 0;
    *now = (struct pw_point_now){.status = PW_POINT_NO_LOAD};
    for (unsigned k = 0; k < cfg->n_ct; k++) {
        const struct pw_meas_ct *c = &s->ct[k];
        if (point == PW_ALL_POINTS ? cfg->ct[k].role == PW_ROLE_MAIN : cfg->ct[k].point != point)
            continue;
        if (voltage_missing(cfg->ct[k].vsel, missing))
            now->status |= PW_POINT_NO_VOLTS;
        if (!pw_meas_has_load(cfg, k, c))
            continue; /* noise: registers nothing, and is no load */
        now->status &= (uint16_t)~PW_POINT_NO_LOAD;
        now->p_mw += c->p_mw;
        now->q_mvar += c->q_mvar;
        nva += pw_meas_apparent_nva(cfg, k, c);
    }
    return nva;
}

/* nVA x 1000 h = uVAh. What is cut off below 2^-32 uVAh a block is less than 1 uVAh in 30 years. */
static void count_va(struct pw_points *p, const struct pw_snapshot *s, unsigned point, uint64_t hours_f72)
{
    struct pw_point_now now;
    uint32_t n[4];
    uint64_t nva = gather(p->cfg, s, point, 0, &now);
    if (p->cfg->va_method == PW_VA_VECTOR)
        nva = hypot_mva(now.p_mw, now.q_mvar) * MILLI_PER_NANO;
    pw_wide_mul(n, nva, hours_f72);
    const uint32_t e[3] = {n[1] >> 8 | n[2] << 24, n[2] >> 8 | n[3] << 24, n[3] >> 8};
    add(now.p_mw < 0 ? &p->point[point].va_rec : &p->point[point].va_del, e);
}

void pw_points_window(struct pw_points *p, const struct pw_snapshot *s, uint64_t hours_f72)
{
    if (s->seq == p->seq)
        return;
    pw_points_count(p);
    if (s->agg != p->agg)
        for (unsigned i = 0; i < p->cfg->n_points; i++)
            count_va(p, s, i, hours_f72);
    p->seq = s->seq;
    p->agg = s->agg;
}

static int16_t factor(int64_t p_mw, uint64_t s_mva)
{
    while (s_mva > UINT32_MAX) {
        s_mva >>= 1;
        p_mw /= 2;
    }
    if (p_mw > INT32_MAX || p_mw < -INT32_MAX) { /* then s is large as well */
        p_mw /= 2;
        s_mva /= 2;
    }
    return pw_scale_pf((int32_t)p_mw, (uint32_t)s_mva);
}

void pw_points_now(const struct pw_config *cfg, const struct pw_snapshot *s, unsigned point, unsigned service, unsigned missing,
                   struct pw_point_now *now)
{
    uint64_t nva = gather(cfg, s, point, missing, now);
    now->s_arith_mva = (nva + MILLI_PER_NANO / 2) / MILLI_PER_NANO;
    if (point != PW_ALL_POINTS && !pw_form_fits(cfg->point[point].form, service))
        now->status |= PW_POINT_MISFIT;
    now->s_vector_mva = hypot_mva(now->p_mw, now->q_mvar);
    now->pf_arith_e4 = factor(now->p_mw, now->s_arith_mva);
    now->pf_vector_e4 = factor(now->p_mw, now->s_vector_mva);
}

int64_t pw_points_net_uwh(const struct pw_point_regs *r)
{
    return (int64_t)(pw_u96_uwh(&r->net_del) - pw_u96_uwh(&r->net_rec));
}
