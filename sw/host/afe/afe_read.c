/* SPDX-License-Identifier: Apache-2.0 */
/* afe-read - prints what the front-end without CPU has measured: a table a window. See usage(). */
#include <assert.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "afe.h"
#include "config.h"
#include "frontend.h"
#include "pw_regs.h"
#include "scale.h"

static struct pw_config config;          /* full scales; with -c also what the front-end is set to */
static struct pw_afe_snapshot snap;

struct options {
    const char *device, *config;
    uint32_t baud;
    double v_fs, i_fs;
    unsigned n_windows;
    bool csv, lock;
};

static void usage(FILE *to)
{
    fputs("usage: afe-read [options] DEVICE     DEVICE: serial port of the front-end, e.g. /dev/ttyUSB1\n"
          "  -c FILE   set the front-end up from a meter configuration (2048 bytes): gains, delays, voltages, pulses, window\n"
          "  -V VOLTS  peak voltage at full scale (without -c; default 500)\n"
          "  -I AMPS   peak current at full scale (without -c; default 800)\n"
          "  -b BAUD   bit rate, 115200 .. 1000000 (default 1000000)\n"
          "  -n N      windows to print (default 1, 0: for ever)\n"
          "  -s        lines of values separated by commas instead of a table\n"
          "  -l        lock: parameters then need the switch, energies cannot be written any more until reset\n", to);
}

static int fail(const char *what)
{
    fprintf(stderr, "afe-read: %s\n", what);
    return 1;
}

static bool number(const char *text, double lo, double hi, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == 0 && *out >= lo && *out <= hi;
}

static bool parse(int argc, char **argv, struct options *o)
{
    *o = (struct options){.baud = 1000000, .v_fs = 500, .i_fs = 800, .n_windows = 1};
    double v;
    for (int c; (c = getopt(argc, argv, "c:V:I:b:n:slh")) != -1;) {
        bool ok = true;
        switch (c) {
        case 'c': o->config = optarg; break;
        case 'V': ok = number(optarg, 1, 2000, &o->v_fs); break;
        case 'I': ok = number(optarg, 0.1, 20000, &o->i_fs); break;
        case 'b': ok = number(optarg, 9600, 1000000, &v); o->baud = (uint32_t)v; break;
        case 'n': ok = number(optarg, 0, 1e9, &v); o->n_windows = (unsigned)v; break;
        case 's': o->csv = true; break;
        case 'l': o->lock = true; break;
        case 'h': usage(stdout); exit(0);
        default: return false;
        }
        if (!ok) {
            fprintf(stderr, "afe-read: -%c %s: not a number in range\n", c, optarg);
            return false;
        }
    }
    if (optind + 1 != argc) {
        usage(stderr);
        return false;
    }
    o->device = argv[optind];
    return true;
}

static int load_config(const struct options *o, unsigned n_ct)
{
    pw_config_default(&config, n_ct);
    for (unsigned i = 0; i < PW_N_V; i++)
        config.v[i].v_fs_mv = (uint32_t)(o->v_fs * 1000 + 0.5);
    for (unsigned k = 0; k < PW_MAX_CT; k++)
        config.ct[k].i_fs_ma = (uint32_t)(o->i_fs * 1000 + 0.5);
    if (o->config == NULL)
        return PW_OK;
    uint8_t image[PW_CONFIG_SIZE_B + 1];
    FILE *f = fopen(o->config, "rb");
    if (f == NULL)
        return PW_ERR_IO;
    size_t n = fread(image, 1, sizeof image, f);
    fclose(f);
    int err = pw_config_decode(&config, image, n, NULL);
    return err == PW_OK && config.n_ct > n_ct ? PW_ERR_RANGE : err;
}

/* As the meter's own firmware does it (metrology/meter.c), at nominal frequency. */
static int set_up(struct pw_afe *afe, const struct pw_rate *rate)
{
    struct pw_hal hal = pw_afe_hal(afe);
    uint32_t fs_mhz = pw_scale_fs_mhz(rate), timeout = fs_mhz / 2000;
    uint32_t samples = (uint32_t)((uint64_t)config.window_cycles * fs_mhz / (1000u * config.nominal_hz));
    if (timeout < 2 * samples)
        timeout = 2 * samples;
    pw_fe_set_window(&hal, config.window_cycles, 0, timeout < 8191 ? timeout : 8191);
    pw_fe_set_beta(&hal, pw_scale_beta(rate, config.nominal_hz * 1000u));
    for (unsigned i = 0; i < PW_N_V; i++) {
        struct pw_fe_params p = {.gain_f17 = config.v[i].gain_f17, .delay = config.v[i].delay, .point_ch = (uint8_t)i};
        pw_fe_write_params(&hal, i, &p);
    }
    for (unsigned k = 0; k < config.n_ct; k++) {
        const struct pw_config_ct *ct = &config.ct[k];
        const struct pw_config_point *point = &config.point[ct->point];
        unsigned lead = (unsigned)pw_config_point_lead(&config, ct->point);
        uint64_t vi = pw_config_ct_vi_uw(&config, k);
        struct pw_fe_params p = {
            .gain_f17 = ct->gain_f17, .vsel = ct->vsel, .pol = ct->pol, .delay = ct->delay, .point_ch = (uint8_t)(PW_N_V + lead),
            .creep = pw_scale_creep(vi, point->creep_mw, samples),
            .quantum = lead == k ? pw_scale_quantum(rate, vi, point->pulse_weight_mwh) : 0,
        };
        pw_fe_write_params(&hal, PW_N_V + k, &p);
    }
    return afe->error;
}

static double kwh(const struct pw_rate *rate, unsigned k, uint64_t units)
{
    uint32_t f64[3];
    pw_scale_energy(rate, pw_config_ct_vi_uw(&config, k), f64);
    double uwh = (f64[0] / 4294967296.0 + f64[1]) / 4294967296.0 + f64[2];
    return uwh * (double)units / 1e9;
}

static void print_channel(const struct options *o, const struct pw_rate *rate, const struct pw_fe_window *win, unsigned ch, const struct pw_fe_channel *c,
                          const struct pw_fe_energy *e)
{
    static const char *const format[2] = {"%-5s %10.3f %10.4f %12.3f %12.3f %13.6f %13.6f %s\n", "%s,%.3f,%.4f,%.3f,%.3f,%.9f,%.9f,%s\n"};
    char name[8], flags[8];
    snprintf(flags, sizeof flags, "%s%s%s%s", c->flags & PW_CH_OVF ? "o" : "", c->flags & PW_CH_CLIP ? "c" : "", c->flags & PW_CH_STUCK ? "s" : "",
             c->flags & PW_CH_CREEP ? "n" : "");
    if (ch < 3) {
        snprintf(name, sizeof name, "V%c", (int)('a' + ch));
        printf(format[o->csv], name, pw_scale_rms(c->square, config.v[ch].v_fs_mv, win->samples) / 1e3, 0.0, 0.0, 0.0, 0.0, 0.0, flags);
        return;
    }
    unsigned k = ch - 3;
    uint64_t vi = pw_config_ct_vi_uw(&config, k);
    snprintf(name, sizeof name, "CT%u", k);
    printf(format[o->csv], name, 0.0, pw_scale_rms(c->square, config.ct[k].i_fs_ma, win->samples) / 1e3,
           pw_scale_power_mw(c->p, vi, win->samples) / 1e3, pw_scale_power_mw(c->q, vi, win->samples) / 1e3,
           kwh(rate, k, e->energy[0]), kwh(rate, k, e->energy[1]), flags);
}

static int print_window(struct pw_afe *afe, const struct options *o, const struct pw_rate *rate)
{
    struct pw_fe_window win;
    struct pw_hal image = pw_afe_snapshot_hal(&snap);
    if (pw_fe_read_window(&image, &win) != PW_OK || win.samples == 0)
        return PW_ERR_STATE;
    if (o->csv)
        printf("window,%u,%u,%u\n", win.seq, win.samples, win.cycles);
    else
        printf("window %u: %u samples, %u cycles\nchannel        V          A            W          var   kWh in       kWh out  flags\n",
               win.seq, win.samples, win.cycles);
    for (unsigned ch = 0; ch < afe->n_ct + 3 && ch < config.n_ct + 3u; ch++) {
        struct pw_fe_channel c;
        struct pw_fe_energy e = {0};
        if (pw_fe_read_channel(&image, &win, ch, &c) != PW_OK || (ch >= PW_N_V && pw_fe_read_energy(&image, &win, ch, &e) != PW_OK))
            return PW_ERR_STATE;
        print_channel(o, rate, &win, ch, &c, &e);
    }
    fflush(stdout);
    return PW_OK;
}

static int run(struct pw_afe *afe, const struct options *o)
{
    struct pw_fe_caps caps;
    struct pw_hal hal = pw_afe_hal(afe);
    int err = load_config(o, afe->n_ct);
    if (err != PW_OK)
        return fail(err == PW_ERR_IO ? "the configuration cannot be read" : err == PW_ERR_RANGE ? "the configuration is for more CTs, or has a value out of range"
                                                                                              : "this is no meter configuration");
    if (!pw_fe_caps_read(&hal, &caps))
        return fail("no front-end");
    struct pw_rate rate = {afe->clock_hz, caps.mod_div, caps.osr_log2};
    if (o->config != NULL && set_up(afe, &rate) != PW_OK)
        return fail("the front-end did not take its parameters");
    if (o->lock)
        pw_fe_lock(&hal);
    uint16_t seq = 0, last = 0;
    if (!pw_fe_seq(&hal, &last))         /* from the first window on that began after all parameters were set */
        last++;
    if (o->config != NULL)
        last++;
    for (unsigned done = 0; o->n_windows == 0 || done < o->n_windows;) {
        bool still = pw_fe_seq(&hal, &seq);
        if (afe->error != PW_OK)
            return fail("the front-end does not answer");
        if (!still || (int16_t)(uint16_t)(seq - last) <= 0) {
            nanosleep(&(struct timespec){0, 5000000}, NULL);
            continue;
        }
        err = pw_afe_read_window(afe, &snap);
        if (err == PW_OK)
            err = print_window(afe, o, &rate);
        if (err != PW_OK)
            return fail(err == PW_ERR_STATE ? "windows are shorter than reading them takes: a higher bit rate (-b) is needed" : "the front-end does not answer");
        last = (uint16_t)snap.fe[(PW_FE_WINSEQ_BASE_ADDR - PW_FE_ID_BASE_ADDR) / 4];
        done++;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct options o;
    struct pw_afe afe;
    char err[160];
    if (!parse(argc, argv, &o))
        return 2;
    if (pw_afe_open(&afe, o.device, o.baud, err, sizeof err) != PW_OK)
        return fail(err);
    int rc = run(&afe, &o);
    pw_afe_close(&afe);
    return rc;
}
