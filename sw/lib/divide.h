/* SPDX-License-Identifier: Apache-2.0 */
/* 64-bit division of 32-bit CPUs: one of it for quotient and rest, signed or not, in place of four of libgcc (4.3 KB there). */
#ifndef PW_DIVIDE_H
#define PW_DIVIDE_H

#include <stdint.h>

/** n / d, d not 0. @param rest  n % d. @return quotient, rounded down */
uint64_t pw_divide_u64(uint64_t n, uint64_t d, uint64_t *rest);

#endif
