/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual test bench: a stimulus through modulators and front-end, metered by the firmware's own metrology code.
 *   bench-model|bench-rtl STIMULUS [--settle S] [--seconds S] [--every N] [--samples FILE] > report.json
 * Prints what the meter shows after each N-th block of windows (a second), with the modulator clock at which it ended, so that scripts/accuracy
 * can compute the truth for the same span. All units are the firmware's. --samples: raw decimator samples after --settle, int32. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

struct options { const char *stimulus, *samples; double settle_s, seconds; unsigned every; };

struct run {
    struct pw_acc_rig rig;
    uint32_t published, printed;
};

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
        else return pw_acc_fail("usage: STIMULUS [--settle S] [--seconds S] [--every N] [--samples FILE]");
    }
    if (o->stimulus == NULL) return pw_acc_fail("no stimulus file");
    if (!(o->settle_s >= 0) || !(o->seconds > 0) || o->every == 0) return pw_acc_fail("--settle, --seconds or --every out of range");
    return 0;
}

#define LIST(name, n, fmt, expr) do { \
    printf(",\"" name "\":["); \
    for (unsigned k = 0; k < (n); k++) printf("%s" fmt, k ? "," : "", expr); \
    printf("]"); } while (0)

/* One record a block (about a second): V, A, W ... are means over it; energies at its end. */
static void print_block(struct run *r)
{
    const struct pw_snapshot *s = &r->rig.meter.out;
    const unsigned n = r->rig.stim.n_ct;
    printf("%s{\"seq\":%u,\"clk\":%.1f,\"samples\":%u,\"windows\":%u,\"f_mhz\":%u,\"f_valid\":%d", r->printed++ ? ",\n" : "\n", s->fe_seq,
           pw_acc_rig_window_end(&r->rig, s->fe_seq), s->agg_samples, s->agg_windows, s->freq_mhz, s->freq_valid);
    LIST("v_mv", PW_N_V, "%u", s->v[k].v_mv);
    LIST("i_ua", n, "%llu", (unsigned long long)pw_meas_i_ua(&s->ct[k]));
    LIST("p_mw", n, "%d", s->ct[k].p_mw);
    LIST("q_mvar", n, "%d", s->ct[k].q_mvar);
    LIST("s_mva", n, "%u", s->ct[k].s_mva);
    LIST("pf_e4", n, "%d", s->ct[k].pf_e4);
    LIST("flags", n, "%u", s->ct[k].flags);
    LIST("vah_u", n, "%llu", (unsigned long long)(pw_u96_uwh(&r->rig.points.point[k].va_del) + pw_u96_uwh(&r->rig.points.point[k].va_rec)));
    printf(",\"e_uwh\":[");
    for (unsigned k = 0; k < n; k++) {
        printf("%s[", k ? "," : "");
        for (unsigned i = 0; i < PW_N_ENERGY; i++) printf("%s%llu", i ? "," : "", (unsigned long long)pw_snapshot_energy(s, k, (enum pw_energy_kind)i));
        printf("]");
    }
    printf("]");
    uint64_t frame;
    LIST("pulses", n, "%u", pw_acc_tier_pulses(r->rig.tier, k, &frame));
    printf("}");
}

static int meter(struct run *r, const struct options *o)
{
    const double fs_hz = r->rig.fs_hz;
    uint64_t begin = (uint64_t)(o->settle_s * fs_hz), end = begin + (uint64_t)(o->seconds * fs_hz), blocks = 0;
    FILE *samples = o->samples != NULL ? fopen(o->samples, "wb") : NULL;
    if (o->samples != NULL && samples == NULL) return pw_acc_fail("the samples' file cannot be written");
    pw_acc_tier_log(r->rig.tier, samples, begin, end);
    printf("{\"tier\":\"%s\",\"clk_hz\":%u,\"mod_div\":%u,\"fmod_hz\":%.6f,\"fs_hz\":%.6f,\"blocks\":[", pw_acc_tier_name,
           PW_CLK_MHZ * 1000000u, PW_MOD_DIV, r->rig.fmod_hz, fs_hz);
    for (bool last = false; !last;) {
        pw_acc_tier_frame(r->rig.tier);
        uint64_t n = pw_acc_tier_frames(r->rig.tier);
        pw_acc_rig_step(&r->rig);
        if (r->rig.meter.out.agg == r->published) {
            last = n > end + 5 * (uint64_t)fs_hz;            /* no windows: give up */
            continue;
        }
        r->published = r->rig.meter.out.agg;
        if (n >= begin && blocks++ % o->every == 0) {
            print_block(r);
            last = n >= end;
        }
    }
    printf("],\n\"missed\":%u,\"mismatches\":%u,\"rejected\":%u,\"faults\":%u}\n", r->rig.meter.missed, r->rig.meter.mismatches, r->rig.energy.rejected,
           pw_acc_tier_faults(r->rig.tier));
    if (samples != NULL && fclose(samples) != 0) return pw_acc_fail("the samples' file cannot be written");
    return 0;
}

int main(int argc, char **argv)
{
    static struct run r;
    struct options o;
    int rc = parse(argc, argv, &o);
    if (rc == 0) rc = pw_acc_rig_open(&r.rig, o.stimulus);
    if (rc == 0) rc = meter(&r, &o);
    pw_acc_rig_close(&r.rig);
    if (fflush(stdout) != 0) rc = pw_acc_fail("cannot write");
    return rc;
}
