/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual test bench: a stimulus through modulators and front-end, metered by the firmware's own metrology code.
 *   bench-model|bench-rtl STIMULUS [--settle S] [--seconds S] [--every N] [--samples FILE] > report.json
 * Prints what the meter shows after each N-th window, with the modulator clock at which that window ended, so that scripts/accuracy
 * can compute the truth for the same span. All units are the firmware's. --samples: raw decimator samples after --settle, int32. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter.h"
#include "sim/machine/machine.h"
#include "tier.h"

struct options { const char *stimulus, *samples; double settle_s, seconds; unsigned every; };

struct run {
    struct pw_acc_stim stim;
    struct pw_acc_tier *tier;
    struct pw_config cfg;
    struct pw_energy energy;
    struct pw_meter meter;
    double fmod_hz;
    uint32_t published, printed;
};

static int fail(const char *what)
{
    fprintf(stderr, "accuracy bench: %s\n", what);
    return 2;
}

static int parse(int argc, char **argv, struct options *o)
{
    *o = (struct options){ .settle_s = 2, .seconds = 2, .every = 1 };
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (argv[i][0] != '-' && o->stimulus == NULL) o->stimulus = argv[i];
        else if (more && strcmp(argv[i], "--settle") == 0) o->settle_s = atof(argv[++i]);
        else if (more && strcmp(argv[i], "--seconds") == 0) o->seconds = atof(argv[++i]);
        else if (more && strcmp(argv[i], "--every") == 0) o->every = (unsigned)atoi(argv[++i]);
        else if (more && strcmp(argv[i], "--samples") == 0) o->samples = argv[++i];
        else return fail("usage: STIMULUS [--settle S] [--seconds S] [--every N] [--samples FILE]");
    }
    if (o->stimulus == NULL) return fail("no stimulus file");
    if (!(o->settle_s >= 0) || !(o->seconds > 0) || o->every == 0) return fail("--settle, --seconds or --every out of range");
    return 0;
}

static void configure(struct run *r)
{
    const struct pw_acc_stim *s = &r->stim;
    pw_config_default(&r->cfg, s->n_ct);
    r->cfg.nominal_hz = (uint8_t)s->nominal_hz;
    r->cfg.window_cycles = (uint8_t)s->window_cycles;
    for (unsigned k = 0; k < PW_ACC_N_V; k++) r->cfg.v[k].v_fs_mv = s->v_fs_mv;
    for (unsigned k = 0; k < s->n_ct; k++) {
        r->cfg.ct[k].i_fs_ma = s->ct[k].i_fs_ma;
        r->cfg.ct[k].vsel = (uint8_t)s->ct[k].vsel;
        r->cfg.ct[k].pol = (uint8_t)s->ct[k].pol;
        r->cfg.point[r->cfg.ct[k].point].creep_mw = s->creep_mw;
        r->cfg.point[r->cfg.ct[k].point].pulse_weight_mwh = s->pulse_weight_mwh;
    }
}

static int start(struct run *r, const struct options *o)
{
    char err[200] = "";
    struct pw_config_fault fault = { "", 0, "" };
    r->fmod_hz = (double)PW_CLK_MHZ * 1e6 / PW_MOD_DIV;
    if (pw_acc_stim_open(&r->stim, o->stimulus, r->fmod_hz, err, sizeof err) != 0) return fail(err);
    r->tier = pw_acc_tier_open(&r->stim, PW_MOD_DIV, PW_CLK_MHZ, err, sizeof err);
    if (r->tier == NULL) return fail(err);
    configure(r);
    if (pw_config_check(&r->cfg, &fault) != PW_OK) {
        snprintf(err, sizeof err, "%s: configuration: %s %d %s", o->stimulus, fault.group, fault.index, fault.field);
        return fail(err);
    }
    if (pw_meter_init(&r->meter, pw_acc_tier_hal(r->tier), PW_CLK_MHZ * 1000000u) != PW_OK) return fail("the firmware refuses this front-end");
    pw_meter_start(&r->meter, &r->cfg, &r->energy, false);
    return 0;
}

/* Half a sample before the set that began the next window, group delay taken off; bit n stands for clock n to n + 1. */
static double window_end_clock(const struct run *r, uint16_t seq)
{
    double set = (double)pw_acc_tier_window_end(r->tier, seq);
    double last_bit = 8.0 * PW_MACHINE_FE_CLEAR + (double)PW_DEC_DECIMATION * (PW_DEC_SETTLE_SETS + 1 + set) - 1;
    return last_bit + 0.5 - PW_DEC_GROUP_DELAY - PW_DEC_DECIMATION / 2.0;
}

#define LIST(name, n, fmt, expr) do { \
    printf(",\"" name "\":["); \
    for (unsigned k = 0; k < (n); k++) printf("%s" fmt, k ? "," : "", expr); \
    printf("]"); } while (0)

static void print_window(struct run *r)
{
    const struct pw_snapshot *s = &r->meter.out;
    const unsigned n = r->stim.n_ct;
    printf("%s{\"seq\":%u,\"clk\":%.1f,\"samples\":%u,\"cycles\":%u,\"f_mhz\":%u,\"f_valid\":%d", r->printed++ ? ",\n" : "\n", s->fe_seq,
           window_end_clock(r, s->fe_seq), s->samples, s->cycles, s->freq_mhz, s->freq_valid);
    LIST("v_mv", PW_N_V, "%u", s->v[k].v_mv);
    LIST("i_ma", n, "%u", s->ct[k].i_ma);
    LIST("p_mw", n, "%d", s->ct[k].p_mw);
    LIST("q_mvar", n, "%d", s->ct[k].q_mvar);
    LIST("s_mva", n, "%u", s->ct[k].s_mva);
    LIST("pf_e4", n, "%d", s->ct[k].pf_e4);
    LIST("flags", n, "%u", s->ct[k].flags);
    printf(",\"e_uwh\":[");
    for (unsigned k = 0; k < n; k++) {
        printf("%s[", k ? "," : "");
        for (unsigned i = 0; i < PW_N_ENERGY; i++) printf("%s%llu", i ? "," : "", (unsigned long long)s->energy[k][i]);
        printf("]");
    }
    printf("],\"pulses\":[");
    for (unsigned k = 0; k < n; k++) {
        uint64_t frame;
        uint32_t count = pw_acc_tier_pulses(r->tier, k, &frame);
        printf("%s%u", k ? "," : "", count);
    }
    printf("]}");
}

static int meter(struct run *r, const struct options *o)
{
    const double fs_hz = r->fmod_hz / PW_DEC_DECIMATION;
    uint64_t begin = (uint64_t)(o->settle_s * fs_hz), end = begin + (uint64_t)(o->seconds * fs_hz), windows = 0;
    FILE *samples = o->samples != NULL ? fopen(o->samples, "wb") : NULL;
    if (o->samples != NULL && samples == NULL) return fail("the samples' file cannot be written");
    printf("{\"tier\":\"%s\",\"clk_hz\":%u,\"mod_div\":%u,\"fmod_hz\":%.6f,\"fs_hz\":%.6f,\"windows\":[", pw_acc_tier_name,
           PW_CLK_MHZ * 1000000u, PW_MOD_DIV, r->fmod_hz, fs_hz);
    for (bool last = false; !last;) {
        pw_acc_tier_frame(r->tier);
        uint64_t n = pw_acc_tier_frames(r->tier);
        if (samples != NULL && n > begin && n <= end) fwrite(pw_acc_tier_sample(r->tier), sizeof(int32_t), r->stim.n_ch, samples);
        while (pw_meter_step(&r->meter)) {}
        if (r->meter.out.seq == r->published) {
            last = n > end + 5 * (uint64_t)fs_hz;            /* no windows: give up */
            continue;
        }
        r->published = r->meter.out.seq;
        if (n >= begin && windows++ % o->every == 0) {
            print_window(r);
            last = n >= end;
        }
    }
    printf("],\n\"missed\":%u,\"mismatches\":%u,\"rejected\":%u,\"faults\":%u}\n", r->meter.missed, r->meter.mismatches, r->energy.rejected,
           pw_acc_tier_faults(r->tier));
    if (samples != NULL && fclose(samples) != 0) return fail("the samples' file cannot be written");
    return 0;
}

int main(int argc, char **argv)
{
    static struct run r;
    struct options o;
    int rc = parse(argc, argv, &o);
    if (rc == 0) rc = start(&r, &o);
    if (rc == 0) rc = meter(&r, &o);
    if (r.tier != NULL) pw_acc_tier_close(r.tier);
    pw_acc_stim_close(&r.stim);
    if (fflush(stdout) != 0) rc = fail("cannot write");
    return rc;
}
