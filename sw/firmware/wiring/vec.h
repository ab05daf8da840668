/* SPDX-License-Identifier: Apache-2.0 */
/* Phasors in integers: rms values in mV or mA, below 2^28, on one common reference; a lagging phasor has the smaller angle. */
#ifndef PW_VEC_H
#define PW_VEC_H

#include <stdint.h>

#include "wide.h"

struct pw_vec {
    int32_t re, im;
};

static inline struct pw_vec pw_vec_add(struct pw_vec a, struct pw_vec b) { return (struct pw_vec){a.re + b.re, a.im + b.im}; }
static inline struct pw_vec pw_vec_sub(struct pw_vec a, struct pw_vec b) { return (struct pw_vec){a.re - b.re, a.im - b.im}; }
static inline struct pw_vec pw_vec_neg(struct pw_vec a) { return (struct pw_vec){-a.re, -a.im}; }

static inline uint64_t pw_vec_square(struct pw_vec a)
{
    return (uint64_t)((int64_t)a.re * a.re) + (uint64_t)((int64_t)a.im * a.im);
}

static inline uint32_t pw_vec_abs(struct pw_vec a) { return pw_isqrt64(pw_vec_square(a)); }

/** Re(v i*): active power in uW when v is in mV and i in mA. */
static inline int64_t pw_vec_dot(struct pw_vec v, struct pw_vec i) { return (int64_t)v.re * i.re + (int64_t)v.im * i.im; }

/** Im(v i*): reactive power, + when i lags v. */
static inline int64_t pw_vec_cross(struct pw_vec v, struct pw_vec i) { return (int64_t)v.im * i.re - (int64_t)v.re * i.im; }

/** Degrees that i lags v, -180 .. 180; 0 if one of them is 0. */
static inline int pw_vec_lag_deg(struct pw_vec v, struct pw_vec i)
{
    return (int)pw_div_round(pw_atan2_cdeg(pw_vec_cross(v, i), pw_vec_dot(v, i)), 100);
}

#endif
