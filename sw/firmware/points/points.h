/* SPDX-License-Identifier: Apache-2.0 */
/* Metering points: powers and energies of the CTs of a point as one customer. Definitions: docs/points.md
 *
 * Two kinds of kWh stand side by side (PRODUCTS X4): per element, each CT's delivered and received energy added up (pw_snapshot_total);
 * and netted, where the sum of the point's elements in each window counts as delivered if it is positive, else as received. Both come
 * from the same energy registers, so netted delivered - netted received = the elements' delivered - received, to the last bit. */
#ifndef PW_POINTS_H
#define PW_POINTS_H

#include "config.h"
#include "energy.h"
#include "snapshot.h"
#include "program.h"

/* Energy in 1e-6 Wh with 32 bits of fraction: word 0 fraction, words 1, 2 integer. Wraps after 2^64 uWh. */
struct pw_u96 {
    uint32_t w[3];
};

struct pw_point_regs {
    struct pw_u96 net_del, net_rec;   /* netted, 1e-6 Wh */
    struct pw_u96 sum;                /* delivered - received of its CTs' registers when it was last counted, modulo 2^96 */
    struct pw_u96 va_del, va_rec;     /* 1e-6 VAh; received: while the point exports */
};

struct pw_points {
    const struct pw_config *cfg;
    const struct pw_energy *energy;
    uint32_t seq, agg;                /* window and block of the snapshot last counted */
    struct pw_point_regs point[PW_MAX_CT];
    uint64_t varh_base[PW_MAX_CT][4]; /* 1e-6 varh per quadrant: what the point has registered beside the present CTs' registers; modulo 2^64 */
};

/* What a point does now: mW, mvar, mVA. */
struct pw_point_now {
    int64_t  p_mw, q_mvar;
    uint64_t s_arith_mva;             /* sum of the elements' V x I */
    uint64_t s_vector_mva;            /* sqrt(P^2 + Q^2) */
    int16_t  pf_arith_e4, pf_vector_e4; /* sign of P; 0 without load */
    uint16_t status;                  /* enum pw_point_status */
};

enum pw_point_status {
    PW_POINT_NO_LOAD  = 1,            /* every CT is below its threshold */
    PW_POINT_MISFIT   = 2,            /* its form does not fit the service */
    PW_POINT_NO_VOLTS = 4,            /* a voltage that its form needs is missing */
};

/** Before anything else; the registers become 0. */
void pw_points_init(struct pw_points *p, const struct pw_config *cfg, const struct pw_energy *energy);

/** Energies of the CTs of a point as registered, 1e-6 Wh with fraction. */
void pw_points_sums(const struct pw_points *p, unsigned point, struct pw_u96 *del, struct pw_u96 *rec);

/** A point is restored, the CTs' registers before it: del and rec are what pw_points_sums was when the point was saved. Where these are behind now (lost,
 *  or saved earlier), the point goes on from where they are. */
void pw_points_saved_sums(struct pw_points *p, unsigned point, const struct pw_u96 *del, const struct pw_u96 *rec);

/** After a restart, when all is restored: what the CTs' registers have counted since the points' were saved is counted now, as one window.
 *  Where `same` is false, the points go on from where they are.
 *  @param same  registers were loaded, and belong to the present assignment of CTs to points (pw_points_assignment) */
void pw_points_restore(struct pw_points *p, bool same);

/** A new configuration is about to be taken over: what the CTs have counted belongs to their points of now. */
void pw_points_settle(struct pw_points *p);

/** It has been taken over: CTs may have come to other points; their history is not the point's. */
void pw_points_rebase(struct pw_points *p);

/** Nets what the CTs have registered since the last time. To be called whenever they were counted (pw_energy.counts), so that points and CTs always
 *  agree; also when that window was not published. */
void pw_points_count(struct pw_points *p);

/** Counts a published window, once, and VAh when it closed a block. Call it before the next one is counted.
 *  @param hours_f72  time of the block, 1000 h, u.72 (pw_meter_block.hours_f72) */
void pw_points_window(struct pw_points *p, const struct pw_snapshot *s, uint64_t hours_f72);

/** What says which CTs are on which points; equal = the same assignment. */
uint32_t pw_points_assignment(const struct pw_config *cfg);

/** @param point     0 .. n_points - 1, or PW_ALL_POINTS: all but the mains
 *  @param service   enum pw_service that forms must fit; PW_SERVICE_AUTO if it is not known
 *  @param missing   bit i: voltage i is missing */
void pw_points_now(const struct pw_config *cfg, const struct pw_snapshot *s, unsigned point, unsigned service, unsigned missing,
                   struct pw_point_now *now);

/** 1e-6 Wh, rounded down. */
static inline uint64_t pw_u96_uwh(const struct pw_u96 *e)
{
    return (uint64_t)e->w[2] << 32 | e->w[1];
}

/** A total of the point for billing, 1e-6 Wh, varh, VAh, rounded down: netted Wh, the elements' varh, VAh. It only grows, whatever CTs come and go.
 *  All of one instant between two windows. @param point  0 .. PW_MAX_CT - 1 */
uint64_t pw_points_total(const struct pw_points *p, unsigned point, enum pw_total_quantity quantity);

/** Delivered - received as they are shown, 1e-6 Wh. */
int64_t pw_points_net_uwh(const struct pw_point_regs *r);

#endif
