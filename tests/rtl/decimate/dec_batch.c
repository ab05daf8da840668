/* SPDX-License-Identifier: Apache-2.0 */
/* The C model, many frames a call, and a second-order modulator: for tests in Python (ctypes) and make bench. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dec_model.h"

int dec_settle_sets(void) { return PW_DEC_SETTLE_SETS; }
int dec_group_delay(void) { return PW_DEC_GROUP_DELAY; }

int dec_set_delay(unsigned n_ch, unsigned ch, unsigned clocks)
{
    static struct pw_dec d;
    pw_dec_init(&d, n_ch);
    return pw_dec_set_delay(&d, ch, clocks);
}

/* bytes[n_frames][n_ch] -> delayed[n_frames][n_ch], sinc4[n_frames / 16][n_ch], out[][n_ch].
 * Returns the number of sets in out, or -1 for a bad delay. */
int dec_run(unsigned n_ch, unsigned n_frames, const unsigned *delays, const uint8_t *bytes, uint8_t *delayed,
            int32_t *sinc4, int32_t *out)
{
    static struct pw_dec d;
    int n_out = 0;
    pw_dec_init(&d, n_ch);
    for (unsigned ch = 0; ch < n_ch; ch++)
        if (pw_dec_set_delay(&d, ch, delays[ch]) != 0) return -1;
    for (unsigned f = 0; f < n_frames; f++) {
        if (pw_dec_push8(&d, bytes + (size_t)f * n_ch, out + (size_t)n_out * n_ch)) n_out++;
        memcpy(delayed + (size_t)f * n_ch, d.bytes, n_ch);
        if (d.sinc4_valid) memcpy(sinc4 + (size_t)(f / 16) * n_ch, d.sinc4, n_ch * sizeof *sinc4);
    }
    return n_out;
}

/* Second-order modulator of amp[ch] * sin(2 pi (freq[ch] * n + phase[ch])), freq in units of fmod, started at rest. */
void sdm_run(unsigned n_ch, unsigned n_frames, const double *amp, const double *freq, const double *phase, uint8_t *bytes)
{
    for (unsigned ch = 0; ch < n_ch; ch++) {
        double i1 = 0, i2 = 0;
        for (unsigned f = 0; f < n_frames; f++) {
            unsigned byte = 0;
            for (unsigned k = 0; k < 8; k++) {
                double x = amp[ch] * sin(2 * M_PI * fmod(freq[ch] * (8.0 * f + k) + phase[ch], 1.0));
                double y = i2 >= 0 ? 1 : -1;
                if (y > 0) byte |= 1u << k;
                i1 += x - y;
                i2 += i1 - 2 * y;
            }
            bytes[(size_t)f * n_ch + ch] = (uint8_t)byte;
        }
    }
}

#ifdef DEC_SPEED
/* Prints how many metered seconds of 27 channels one second of one core does; for make bench. */
int main(void)
{
    enum { N_CH = 27, N_FRAMES = 625000 }; /* a metered second at 5 MHz */
    static struct pw_dec d;
    static uint8_t bytes[4096][N_CH];
    int32_t samples[N_CH];
    uint32_t seed = 1, sum = 0;
    for (unsigned i = 0; i < sizeof bytes; i++) bytes[i / N_CH][i % N_CH] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
    pw_dec_init(&d, N_CH);
    struct timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (unsigned f = 0; f < N_FRAMES; f++)
        if (pw_dec_push8(&d, bytes[f % 4096], samples)) sum += (uint32_t)samples[f % N_CH];
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    printf("%.2f (checksum %08x)\n", 1 / ((double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec)), (unsigned)sum);
    return 0;
}
#endif
