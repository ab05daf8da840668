/* SPDX-License-Identifier: Apache-2.0 */
/* For test_accuracy.py: a stream of samples through the model, read with the firmware's driver. */
#include <string.h>
#include "ana_model.h"
#include "analysis.h"
#include "pw_masks.h"
#include "pw_regs.h"

static struct pw_ana model;
static unsigned bus_errors;

static uint32_t read32(void *ctx, uint32_t addr)
{
    uint32_t v = 0;
    (void)ctx;
    if (addr == PW_SYS_CAPS_BASE_ADDR) return PW_SYS__CAPS__ANALYSIS_bm | model.ring_log2 << PW_SYS__CAPS__RING_LOG2_bp;
    if (addr < PW_ANA_BASE_ADDR || pw_anam_read32(&model, addr - PW_ANA_BASE_ADDR, &v) != 0) bus_errors++;
    return v;
}

static void write32(void *ctx, uint32_t addr, uint32_t v)
{
    (void)ctx;
    if (addr < PW_ANA_BASE_ADDR || pw_anam_write32(&model, addr - PW_ANA_BASE_ADDR, v) != 0) bus_errors++;
}

static const struct pw_hal hal = { .read32 = read32, .write32 = write32 };

/* @return 0 or the driver's error */
int ana_start(unsigned n_ch, unsigned ring_log2, uint32_t step, unsigned cycles, const uint8_t detail[3])
{
    pw_anam_init(&model, n_ch, ring_log2);
    bus_errors = 0;
    for (unsigned s = 0; s < PW_ANA_SLOTS; s++)
        if (pw_ana_set_detail(&hal, s, detail[s]) != PW_OK) return -100;
    return step == 0 ? PW_OK : pw_ana_set_step(&hal, step, cycles);
}

/* Frames of n_ch samples. Each completed pass goes to fund[pass][ch][2] and harm[pass][slot][h - 1][2], in FS; half cycles to
 * half[][5] = channel, time-out, samples, sum of squares in FS^2, frame. @return passes, or -1 - what went wrong */
int ana_push(const int32_t *z, unsigned n_frames, unsigned max_pass, double *fund, double *harm, unsigned max_half, double *half, unsigned *n_half)
{
    struct pw_ana_pass pass;
    struct pw_phasor p;
    struct pw_ana_half h;
    uint32_t seq = pw_ana_pass(&hal, &pass) ? pass.seq : 0;
    unsigned n_pass = 0;
    *n_half = 0;
    for (unsigned f = 0; f < n_frames; f++) {
        pw_anam_frame(&model, z + (size_t)f * model.n_ch);
        while (pw_ana_next_half(&hal, &h) == 1 && *n_half < max_half) {
            double *o = half + 5 * (*n_half)++;
            o[0] = h.ch, o[1] = h.timeout, o[2] = h.samples, o[3] = (double)h.square / (double)(UINT64_C(1) << PW_ANA_SQUARE_LOG2), o[4] = h.frame;
        }
        if (!pw_ana_pass(&hal, &pass) || pass.seq == seq || n_pass == max_pass) continue;
        seq = pass.seq;
        const double unit = (double)(UINT64_C(1) << PW_ANA_PHASOR_LOG2);
        for (unsigned ch = 0; ch < model.n_ch; ch++) {
            if (pw_ana_read_fundamental(&hal, &pass, ch, &p) != PW_OK) return -2;
            *fund++ = (double)p.re / unit, *fund++ = (double)p.im / unit;
        }
        for (unsigned i = 0; i < PW_ANA_SLOTS * PW_ANA_HARMONICS; i++) {
            if (pw_ana_read_harmonic(&hal, &pass, i / PW_ANA_HARMONICS, i % PW_ANA_HARMONICS + 1, &p) != PW_OK) return -3;
            *harm++ = (double)p.re / unit, *harm++ = (double)p.im / unit;
        }
        n_pass++;
    }
    return bus_errors != 0 ? -4 : (int)n_pass;
}

unsigned ana_half_lost(void) { return pw_ana_half_lost(&hal); }
int ana_half_timeout(unsigned n) { return pw_ana_set_half_timeout(&hal, n); }
int ana_ring_arm(unsigned post, unsigned sv, unsigned si, unsigned lv, unsigned li, uint64_t mask) { return pw_ana_ring_arm(&hal, post, sv, si, lv, li, mask); }
void ana_ring_trigger(void) { pw_ana_ring_trigger(&hal); }
int ana_ring_read(uint32_t frame, unsigned ch, unsigned n, int16_t *out) { return pw_ana_ring_read(&hal, frame, ch, n, out); }

/* armed, triggered, stopped, cause, channel, frame, trigger's frame, first, last */
void ana_ring_state(uint32_t s[9])
{
    struct pw_ana_ring r;
    pw_ana_ring_state(&hal, &r);
    s[0] = r.armed, s[1] = r.triggered, s[2] = r.stopped, s[3] = r.cause, s[4] = r.trig_ch, s[5] = r.frame, s[6] = r.trig_frame, s[7] = r.first, s[8] = r.last;
}

/* The driver's checks of what it is given, and of a pass that is gone. @return 0, or the number of the check that failed */
int ana_driver_checks(void)
{
    struct pw_ana_pass pass;
    struct pw_phasor p = { 1, 2 };
    struct pw_ana_ring r;
    int16_t s;
    const uint8_t detail[3] = { 0, 0, 0 };
    const int32_t z[4] = { 0 };
    if (ana_start(4, 3, 0, 0, detail) != PW_OK || !pw_ana_present(&hal) || pw_ana_ring_log2(&hal) != 3) return 1;
    if (pw_ana_pass(&hal, &pass)) return 2;
    if (pw_ana_set_step(&hal, 1u << 24, 0) != PW_ERR_RANGE || pw_ana_set_step(&hal, 1u << 24, 51) != PW_ERR_RANGE) return 3;
    if (pw_ana_set_step(&hal, 0, 1) != PW_ERR_RANGE || pw_ana_set_step(&hal, UINT32_MAX, 50) != PW_ERR_RANGE) return 4;
    if (pw_ana_set_step(&hal, 1u << 25, 1) != PW_ERR_RANGE || pw_ana_set_step(&hal, 12 * 1398101u, 12) != PW_ERR_RANGE) return 5; /* 128, 3072.0007 frames */
    if (pw_ana_set_step(&hal, 12 * 1398102u, 12) != PW_OK || pw_ana_set_step(&hal, (1u << 24) - 1, 1) != PW_OK) return 6;
    if (pw_ana_set_detail(&hal, 3, 0) != PW_ERR_RANGE || pw_ana_set_detail(&hal, 0, 4) != PW_ERR_RANGE || pw_ana_set_detail(&hal, 2, 3) != PW_OK) return 7;
    for (unsigned i = 0; i < 300; i++) pw_anam_frame(&model, z);
    if (!pw_ana_pass(&hal, &pass) || pass.seq != 1 || pass.frames != 256 || pass.detail[2] != 3) return 8;
    if (pw_ana_read_fundamental(&hal, &pass, 4, &p) != PW_ERR_RANGE || pw_ana_read_harmonic(&hal, &pass, 3, 1, &p) != PW_ERR_RANGE) return 9;
    if (pw_ana_read_harmonic(&hal, &pass, 0, 0, &p) != PW_ERR_RANGE || pw_ana_read_harmonic(&hal, &pass, 0, 51, &p) != PW_ERR_RANGE) return 10;
    if (pw_ana_read_harmonic(&hal, &pass, 2, 50, &p) != PW_OK || p.re != pass.wstep >> 20 || p.im != -(int64_t)(pass.wstep >> 20)) p.re = p.im = 16;
    for (unsigned i = 0; i < 256; i++) pw_anam_frame(&model, z);
    if (pw_ana_read_harmonic(&hal, &pass, 2, 50, &p) != PW_ERR_STATE) return 18;
    struct pw_phasor before = p;
    if (pw_ana_read_fundamental(&hal, &pass, 0, &p) != PW_ERR_STATE || memcmp(&p, &before, sizeof p) != 0) return 11;
    if (pw_ana_set_half_timeout(&hal, 15) != PW_ERR_RANGE || pw_ana_set_half_timeout(&hal, 4096) != PW_ERR_RANGE) return 12;
    if (pw_ana_ring_arm(&hal, 8, 0, 0, 0, 0, 0) != PW_ERR_RANGE || pw_ana_ring_arm(&hal, 0, 9, 0, 0, 0, 0) != PW_ERR_RANGE) return 13;
    if (pw_ana_ring_arm(&hal, 0, 0, 9, 0, 0, 0) != PW_ERR_RANGE || pw_ana_ring_arm(&hal, 0, 0, 0, 32768, 0, 0) != PW_ERR_RANGE) return 14;
    pw_ana_ring_state(&hal, &r);
    if (r.armed || r.triggered || r.stopped || pw_ana_ring_read(&hal, 0, 0, 1, &s) != PW_ERR_STATE) return 15;
    model.ring_log2 = 0;
    if (pw_ana_ring_arm(&hal, 0, 0, 0, 0, 0, 0) != PW_ERR_STATE) return 16;
    return bus_errors != 0 ? 17 : 0;
}
