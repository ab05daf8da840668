/* SPDX-License-Identifier: Apache-2.0 */
/* Hours of metering in minutes: integrator model and the firmware's metrology, fed with sample sets instead of bitstreams.
 *   bench-long noload STIMULUS NOISE HOURS [SEED]   voltages of the stimulus (computed), CTs: noise out of a recording of the decimator
 *   bench-long pulses STIMULUS HOURS                voltages and currents of the stimulus (computed, rounded to 24 bits)
 * NOISE: int32 sample sets of all channels, as bench-model --samples writes them. Each CT plays pieces of the recorded CT channels, of
 * random channel, start and length (1 .. 3 s), so that 24 h do not repeat, and has its own offset; the voltages get noise too. Prints JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pw_regs.h"
#include "rig.h"
#include "sim/analog/modulator.h"
#include "sim/model/dec_model.h"

enum { MAX_PULSES = 1 << 17 };

struct piece { const int32_t *at; uint32_t left; };

struct noise { int32_t *of_ch; uint32_t n; unsigned n_ch; uint64_t seed; struct piece ch[PW_ACC_PAD]; };

struct pulses { double first, last, at[MAX_PULSES]; uint32_t n; };

struct statistics { double sum2, largest_mw; uint64_t n; uint32_t agg; };

/* ---- sources of samples ---- */
/* The offset of a channel must not jump when it goes on with a piece of another one: only the noise is taken. */
static void remove_mean(int32_t *x, uint32_t n)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += x[i];
    const int32_t mean = (int32_t)(sum / (int64_t)n);
    for (uint32_t i = 0; i < n; i++) x[i] -= mean;
}

static int noise_open(struct noise *z, const char *path, unsigned n_ch, uint64_t seed)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) return pw_acc_fail("the noise recording cannot be opened");
    fseek(f, 0, SEEK_END);
    long bytes = ftell(f);
    rewind(f);
    *z = (struct noise){ .n = (uint32_t)((size_t)bytes / (sizeof(int32_t) * n_ch)), .n_ch = n_ch, .seed = seed };
    int32_t *set = malloc((size_t)n_ch * sizeof *set);
    z->of_ch = malloc((size_t)z->n * n_ch * sizeof *z->of_ch);
    bool ok = z->n > 40000 && z->of_ch != NULL && set != NULL;
    for (uint32_t i = 0; ok && i < z->n; i++) {
        ok = fread(set, sizeof *set, n_ch, f) == n_ch;
        for (unsigned ch = 0; ch < n_ch; ch++) z->of_ch[(size_t)ch * z->n + i] = set[ch];
    }
    free(set);
    fclose(f);
    for (unsigned ch = 0; ok && ch < n_ch; ch++) remove_mean(z->of_ch + (size_t)ch * z->n, z->n);
    return ok ? 0 : pw_acc_fail("the noise recording is shorter than 40000 sets, or cannot be read");
}

static int32_t noise_next(struct noise *z, unsigned ch)
{
    struct piece *p = &z->ch[ch];
    if (p->left == 0) {
        uint64_t r = pw_seed_next(&z->seed);
        p->left = 10000 + (uint32_t)(r % 20000);
        uint32_t start = (uint32_t)((r >> 16) % (z->n - p->left));
        unsigned from = PW_ACC_N_V + (unsigned)((r >> 48) % (z->n_ch - PW_ACC_N_V));
        p->at = z->of_ch + (size_t)from * z->n + start;
    }
    p->left--;
    return *p->at++;
}

/* ---- runs ---- */
static uint64_t energy_sum_uwh(const struct pw_acc_rig *r)
{
    uint64_t sum = 0;
    for (unsigned k = 0; k < r->stim.n_ct; k++)
        for (unsigned i = 0; i < PW_N_ENERGY; i++) sum += pw_snapshot_energy(&r->meter.out, k, (enum pw_energy_kind)i);
    return sum;
}

static uint32_t pulse_sum(const struct pw_acc_rig *r)
{
    uint64_t frame;
    uint32_t sum = 0;
    for (unsigned k = 0; k < r->stim.n_ct; k++) sum += pw_acc_tier_pulses(r->tier, k, &frame);
    return sum;
}

/* Shown power of a block: its spread is compared with that of the bench with modulators. Largest window: the distance to the threshold. */
static void take_windows(struct pw_acc_rig *r, struct statistics *st)
{
    struct pw_fe_window win;
    struct pw_fe_channel c;
    const struct pw_hal *hal = pw_acc_tier_hal(r->tier);
    if (r->meter.out.agg != st->agg) {
        st->agg = r->meter.out.agg;
        for (unsigned k = 0; k < r->stim.n_ct; k++, st->n++) st->sum2 += (double)r->meter.out.ct[k].p_mw * r->meter.out.ct[k].p_mw;
    }
    if (pw_fe_read_window(hal, &win) != PW_OK) return;
    for (unsigned k = 0; k < r->stim.n_ct; k++) {
        if (pw_fe_read_channel(hal, &win, PW_ACC_N_V + k, &c) != PW_OK) continue;
        double mw = fabs((double)c.p / win.samples * 0x1p-46 * r->stim.v_fs_mv * r->stim.ct[k].i_fs_ma / 1000);
        if (mw > st->largest_mw) st->largest_mw = mw;
    }
}

static int no_load(struct pw_acc_rig *r, const char *path, double hours, uint64_t seed)
{
    struct noise z = { 0 };
    struct statistics st = { 0 };
    double u[PW_ACC_PAD];
    int32_t x[PW_ACC_PAD];
    const unsigned n_ch = r->stim.n_ch;
    const uint64_t frames = (uint64_t)(hours * 3600 * r->fs_hz), settle = (uint64_t)(3 * r->fs_hz);
    if (noise_open(&z, path, n_ch, seed) != 0) return 2;
    uint64_t phase = 0, e0 = 0;
    uint32_t p0 = 0;
    for (uint64_t n = 0; n < frames + settle; n++) {
        phase += r->stim.phase_step * (PW_DEC_DECIMATION / 8);
        pw_acc_stim_at(&r->stim, phase, u);
        for (unsigned ch = 0; ch < n_ch; ch++)
            x[ch] = (int32_t)lrint(((ch < PW_ACC_N_V ? u[ch] : 0) + r->stim.off[ch]) * 0x1p23) + noise_next(&z, ch);
        pw_acc_tier_push(r->tier, x);
        bool window = pw_acc_rig_step(r);
        if (n == settle) {
            e0 = energy_sum_uwh(r);
            p0 = pulse_sum(r);
        }
        if (window && n > settle) take_windows(r, &st);
    }
    printf("{\"test\":\"noload\",\"hours\":%g,\"registered_uwh\":%llu,\"pulses\":%u,\"blocks\":%llu,\"sigma_mw\":%.4f,\"largest_mw\":%.3f,\"creep_mw\":%u,"
           "\"missed\":%u,\"mismatches\":%u}\n", hours, (unsigned long long)(energy_sum_uwh(r) - e0), pulse_sum(r) - p0, (unsigned long long)st.n,
           sqrt(st.sum2 / (double)(st.n ? st.n : 1)), st.largest_mw, r->stim.creep_mw, r->meter.missed, r->meter.mismatches);
    free(z.of_ch);
    return 0;
}

static uint64_t bank64(const struct pw_hal *hal, uint32_t addr)
{
    uint32_t lo = pw_read32(hal, addr);
    return (uint64_t)pw_read32(hal, addr + 4) << 32 | lo;
}

/* Largest distance of a pulse from its place on a straight line through the middle of all, and of an interval from the mean one. */
static void jitter(const struct pulses *p, double *place, double *interval)
{
    const double mean = p->n > 1 ? (p->at[p->n - 1] - p->at[0]) / (p->n - 1) : 0, middle = (p->n - 1) / 2.0;
    double slope = 0, low = 0, high = 0;
    for (uint32_t i = 0; i < p->n; i++) /* least squares, of what the mean interval leaves */
        slope += (i - middle) * (p->at[i] - p->at[0] - mean * i);
    if (p->n > 1)
        slope /= (double)p->n * ((double)p->n * p->n - 1) / 12;
    *interval = 0;
    for (uint32_t i = 1; i < p->n; i++) {
        double off = p->at[i] - p->at[0] - (mean + slope) * i;
        low = fmin(low, off);
        high = fmax(high, off);
        *interval = fmax(*interval, fabs(p->at[i] - p->at[i - 1] - mean));
    }
    *place = (high - low) / 2;
}

static void print_pulses(struct pw_acc_rig *r, unsigned k, const struct pulses *p)
{
    const struct pw_hal *hal = pw_acc_tier_hal(r->tier);
    const unsigned ch = PW_ACC_N_V + k;
    uint64_t frame, energy = bank64(hal, PW_BANK_CH_ENERGY_BASE_ADDR(ch, 0));
    uint32_t residue = pw_read32(hal, PW_BANK_CH_RESIDUE_BASE_ADDR(ch)), quantum = pw_read32(hal, PW_BANK_CH_QUANTUM_BASE_ADDR(ch));
    uint32_t n = pw_acc_tier_pulses(r->tier, k, &frame);
    double place, interval;
    jitter(p, &place, &interval);
    printf("%s{\"ct\":%u,\"pulses\":%u,\"timed\":%u,\"quantum\":%u,\"left_over_units\":%lld,\"uwh\":%llu,\"jitter_place\":%.4f,\"jitter_interval\":%.4f,"
           "\"mean_interval\":%.6f}", k ? ",\n" : "\n", k, n, p->n, quantum, (long long)(energy - (uint64_t)n * quantum - residue),
           (unsigned long long)pw_snapshot_energy(&r->meter.out, k, PW_WH_DEL), place, interval, p->n > 1 ? (p->at[p->n - 1] - p->at[0]) / (p->n - 1) : 0.0);
}

static int constant(struct pw_acc_rig *r, double hours)
{
    static struct pulses p[PW_ACC_MAX_CT];
    const unsigned n_ch = r->stim.n_ch, n_ct = r->stim.n_ct;
    const uint64_t frames = (uint64_t)(hours * 3600 * r->fs_hz), settle = (uint64_t)(10 * r->fs_hz);
    uint64_t phase = 0;
    uint32_t known[PW_ACC_MAX_CT] = { 0 };
    double u[PW_ACC_PAD];
    int32_t x[PW_ACC_PAD];
    for (uint64_t n = 0; n < frames + settle; n++) {
        phase += r->stim.phase_step * (PW_DEC_DECIMATION / 8);
        pw_acc_stim_at(&r->stim, phase, u);
        for (unsigned ch = 0; ch < n_ch; ch++) x[ch] = (int32_t)lrint(u[ch] * 0x1p23);
        pw_acc_tier_push(r->tier, x);
        (void)pw_acc_rig_step(r);
        for (unsigned k = 0; k < n_ct; k++) {
            uint64_t frame;
            uint32_t count = pw_acc_tier_pulses(r->tier, k, &frame);
            if (count == known[k]) continue;
            known[k] = count;
            if (n > settle && p[k].n < MAX_PULSES) p[k].at[p[k].n++] = (double)frame;
        }
    }
    printf("{\"test\":\"pulses\",\"hours\":%g,\"fs_hz\":%.6f,\"samples\":%llu,\"missed\":%u,\"mismatches\":%u,\"ct\":[", hours, r->fs_hz,
           (unsigned long long)(frames + settle), r->meter.missed, r->meter.mismatches);
    for (unsigned k = 0; k < n_ct; k++) print_pulses(r, k, &p[k]);
    printf("]}\n");
    return 0;
}

int main(int argc, char **argv)
{
    static struct pw_acc_rig r;
    const bool quiet = argc >= 5 && strcmp(argv[1], "noload") == 0, pulses = argc == 4 && strcmp(argv[1], "pulses") == 0;
    if (!quiet && !pulses) return pw_acc_fail("usage: noload STIMULUS NOISE HOURS [SEED] | pulses STIMULUS HOURS");
    double hours = atof(argv[quiet ? 4 : 3]);
    if (!(hours > 0 && hours <= 1000)) return pw_acc_fail("hours out of range");
    int rc = pw_acc_rig_open(&r, argv[2]);
    if (rc == 0) rc = quiet ? no_load(&r, argv[3], hours, argc > 5 ? strtoull(argv[5], NULL, 0) : 1) : constant(&r, hours);
    pw_acc_rig_close(&r);
    return fflush(stdout) != 0 ? pw_acc_fail("cannot write") : rc;
}
