/* SPDX-License-Identifier: Apache-2.0 */
/* One modulator with a sine and DC, for test_modulator.py. */
#include <math.h>
#include <stddef.h>

#include "panel_impl.h"

void mod_run(double dc, double amplitude, double cycles_per_clock, double noise_dbfs, double leakage, uint64_t seed, size_t n,
             uint8_t *out)
{
    double x1 = 0.1, x2 = -0.2, width = noise_dbfs > -300.0 ? pw_noise_width(noise_dbfs) : 0.0, last = dc;
    uint64_t s = seed, rng = pw_seed_next(&s);
    for (size_t j = 0; j < n; j++) {
        double u = dc + amplitude * sin(2.0 * M_PI * cycles_per_clock * 8.0 * (double)(j + 1)) + width * pw_noise(&rng);
        out[j] = (uint8_t)pw_mod_step8(&x1, &x2, 1.0 - leakage, last, u);
        last = u;
    }
}
