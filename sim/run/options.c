/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCENARIO = 1, WAVE, MAP, SECONDS, REALTIME, PORT, PANEL, TRUTH, SAMPLES, SCREEN, FRAM, FLASH, REPORT, KEYS, UNSEALED, HOLD, LINGER, SEED, CT,
       READY, CONSOLE, PTY_DIR, FIRMWARE, WINDOWS, RTC, FRAM_KIB, KEY_SWITCH, PROFILE, POWER_FAIL, HELP };

static const struct option table[] = {
    { "scenario", 1, NULL, SCENARIO }, { "wave", 1, NULL, WAVE }, { "map", 1, NULL, MAP }, { "seconds", 1, NULL, SECONDS },
    { "realtime", 0, NULL, REALTIME }, { "port", 1, NULL, PORT }, { "panel", 0, NULL, PANEL }, { "truth", 1, NULL, TRUTH },
    { "samples", 1, NULL, SAMPLES }, { "screen", 1, NULL, SCREEN }, { "fram", 1, NULL, FRAM }, { "flash", 1, NULL, FLASH },
    { "report", 1, NULL, REPORT }, { "keys", 1, NULL, KEYS }, { "unsealed", 0, NULL, UNSEALED }, { "hold", 0, NULL, HOLD },
    { "linger", 1, NULL, LINGER }, { "seed", 1, NULL, SEED }, { "ct", 1, NULL, CT }, { "ready", 1, NULL, READY },
    { "console", 1, NULL, CONSOLE }, { "pty-dir", 1, NULL, PTY_DIR }, { "firmware", 1, NULL, FIRMWARE }, { "windows", 1, NULL, WINDOWS },
    { "rtc", 1, NULL, RTC }, { "fram-kib", 1, NULL, FRAM_KIB }, { "key-switch", 1, NULL, KEY_SWITCH }, { "profile", 1, NULL, PROFILE }, { "power-fail", 1, NULL, POWER_FAIL },
    { "help", 0, NULL, HELP },
    { NULL, 0, NULL, 0 }
};

static const char help[] =
    "Usage: pwsim-%s [options] SCENARIO.scn | --wave RECORDING\n"
    "Simulates the meter on a panel. What goes in:\n"
    "  --wave FILE       a recording (.csv, .wav, .cfg) instead of a scenario, --map MAP its channels\n"
    "  --seconds S       metered time; --hold: until Ctrl-C; --linger S: serve clients S more seconds of wall time\n"
    "  --realtime        not faster than real time\n"
    "  --port P          Modbus TCP on 127.0.0.1:P, default 15020; 0 = any free port, see the READY line\n"
    "  --panel           live LCD and buttons in this terminal\n"
    "  --keys 1.0:down,1.5:enter:6 buttons pressed at metered seconds (up, down, enter, back), for 0.2 s or as many seconds as said\n"
    "  --key-switch 2.0,9.0:1.5    key switch turned at metered seconds, for 0.5 s or as many seconds as said\n"
    "  --unsealed        programming switch open\n"
    "  --power-fail S    from that metered second on the supply warns that it will fail; --seconds is the cut\n"
    "  --fram FILE, --flash FILE   content of the parts, kept; created if absent. Without: new parts, configured for the panel\n"
    "  --profile NAME    program of a new FRAM: powerstar24, cp2so, ims-s1, ... (docs/profiles.md)\n"
    "  --fram-kib N      size of the FRAM, 32 or 128. Without: that of its file, 128 if it is a new one\n"
    "  --rtc TIME        UTC in the clock chip, YYYY-MM-DDThh:mm:ss; stopped; none = no chip. Without: the PC's time\n"
    "  --ct N            CT channels of the gateware: 12, 24 (default), 48, 54\n"
    "  --seed N          of the noise\n"
    "  --firmware FILE   program image (RTL tier)\n"
    "What comes out:\n"
    "  --truth FILE      CSV, cumulative truth at each window boundary\n"
    "  --windows FILE    CSV, the front-end's sums of each window, as integers\n"
    "  --samples FILE    CSV, the front-end's last samples\n"
    "  --screen FILE     LCD text at the end\n"
    "  --console FILE    what the console printed\n"
    "  --report FILE     JSON: speed, errors, pulses\n"
    "  --ready FILE      holds the READY line once Modbus is served\n"
    "  --pty-dir DIR     where links to the terminals go, default build/run\n";

static int fail(char *err, size_t n, const char *opt, const char *value, const char *want)
{
    snprintf(err, n, "--%s %s: expected %s", opt, value, want);
    return -1;
}

static int number(const char *opt, const char *s, double lo, double hi, double *v, char *err, size_t n)
{
    char *end;
    char want[64];
    errno = 0;
    double x = strtod(s, &end);
    if (end == s || *end != 0 || errno != 0 || !isfinite(x) || x < lo || x > hi) {
        snprintf(want, sizeof want, "a number from %g to %g", lo, hi);
        return fail(err, n, opt, s, want);
    }
    *v = x;
    return 0;
}

static int whole(const char *opt, const char *s, uint64_t hi, uint64_t *v, char *err, size_t n)
{
    char *end;
    char want[64];
    errno = 0;
    unsigned long long x = strtoull(s, &end, 10);
    if (*s < '0' || *s > '9' || *end != 0 || errno != 0 || x > hi) {
        snprintf(want, sizeof want, "a whole number from 0 to %llu", (unsigned long long)hi);
        return fail(err, n, opt, s, want);
    }
    *v = x;
    return 0;
}

static uint8_t button(const char *name, size_t len)
{
    static const char *const names[4] = { "up", "down", "enter", "back" };
    for (unsigned i = 0; i < 4; i++)
        if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0) return (uint8_t)(1u << i);
    return 0;
}

/* ":SECONDS" behind `skip` more characters, or the end of the item. Moves to that end. */
static bool duration(char **at, size_t skip, double *seconds)
{
    char *p = *at + skip;
    if (*p == ':') {
        char *end;
        *seconds = strtod(p + 1, &end);
        if (end == p + 1 || !isfinite(*seconds) || *seconds <= 0) return false;
        p = end;
    }
    *at = p;
    return *p == 0 || *p == ',';
}

static int keys(struct pw_run_opts *o, const char *s, char *err, size_t n)
{
    const char *p = s;
    while (*p != 0) {
        char *end;
        double t = strtod(p, &end), held = PW_RUN_KEY_S;
        size_t len = *end == ':' ? strcspn(end + 1, ":,") : 0;
        uint8_t b = len > 0 ? button(end + 1, len) : 0;
        bool late = o->n_keys > 0 && t < o->key[o->n_keys - 1].at_s, ok = end != p && b != 0;
        if (ok) ok = duration(&end, len + 1, &held);
        if (!ok || !isfinite(t) || t < 0 || late || o->n_keys >= PW_RUN_MAX_KEYS)
            return fail(err, n, "keys", s, "SECONDS:up|down|enter|back, in order of time, parted by commas, at most 64");
        o->key[o->n_keys++] = (struct pw_run_key){ t, held, b };
        p = end;
        if (*p == ',') p++;
    }
    return 0;
}

static int turns(struct pw_run_opts *o, const char *s, char *err, size_t n)
{
    const char *p = s;
    while (*p != 0) {
        char *end;
        double t = strtod(p, &end), held = PW_RUN_TURN_S;
        bool late = o->n_turns > 0 && t < o->turn[o->n_turns - 1].at_s + o->turn[o->n_turns - 1].for_s;
        bool ok = end != p && duration(&end, 0, &held);
        if (!ok || !isfinite(t) || t < 0 || late || o->n_turns >= PW_RUN_MAX_TURNS)
            return fail(err, n, "key-switch", s, "SECONDS or SECONDS:FOR, in order of time, parted by commas, at most 16");
        o->turn[o->n_turns++] = (struct pw_run_turn){ t, held };
        p = end;
        if (*p == ',') p++;
    }
    return 0;
}

static int set_number(struct pw_run_opts *o, int id, const char *v, char *err, size_t n)
{
    uint64_t u = 0;
    int r = 0;
    switch (id) {
    case SECONDS: return number("seconds", v, 0.001, 1e9, &o->seconds, err, n);
    case POWER_FAIL: return number("power-fail", v, 0.001, 1e9, &o->power_fail_s, err, n);
    case LINGER: return number("linger", v, 0, 1e6, &o->linger, err, n);
    case SEED: return whole("seed", v, UINT64_MAX, &o->seed, err, n);
    case PORT:
        r = whole("port", v, 65535, &u, err, n);
        o->port = (int)u;
        return r;
    case FRAM_KIB:
        r = whole("fram-kib", v, 128, &u, err, n);
        o->fram_size_b = (uint32_t)u * 1024;
        if (r == 0 && u != 32 && u != 128) return fail(err, n, "fram-kib", v, "32 or 128");
        return r;
    default:
        r = whole("ct", v, 54, &u, err, n);
        o->n_ct = (unsigned)u;
        if (r == 0 && u != 12 && u != 24 && u != 48 && u != 54) return fail(err, n, "ct", v, "12, 24, 48 or 54");
        return r;
    }
}

static const char **file_option(struct pw_run_opts *o, int id)
{
    switch (id) {
    case SCENARIO: return &o->scenario;
    case WAVE: return &o->wave;
    case MAP: return &o->map;
    case TRUTH: return &o->truth;
    case SAMPLES: return &o->samples;
    case SCREEN: return &o->screen;
    case FRAM: return &o->fram;
    case FLASH: return &o->flash;
    case REPORT: return &o->report;
    case READY: return &o->ready;
    case CONSOLE: return &o->console;
    case PTY_DIR: return &o->pty_dir;
    case FIRMWARE: return &o->firmware;
    case WINDOWS: return &o->windows;
    case RTC: return &o->rtc;
    case PROFILE: return &o->profile;
    default: return NULL;
    }
}

static int complete(struct pw_run_opts *o, char *err, size_t n)
{
    if ((o->scenario != NULL) == (o->wave != NULL)) {
        snprintf(err, n, "give one input: a scenario file, or --wave and a recording (--help lists all options)");
        return -1;
    }
    if (o->map != NULL && o->wave == NULL) {
        snprintf(err, n, "--map goes with --wave");
        return -1;
    }
    if (o->panel && o->seconds == 0) o->hold = true;
    if (o->seconds == 0 && !o->hold) {
        snprintf(err, n, "give --seconds S, or --hold to run until Ctrl-C");
        return -1;
    }
    if (o->seconds == 0) o->seconds = -1;
    return 0;
}

int pw_run_options(struct pw_run_opts *o, int argc, char **argv, const char *tier, char *err, size_t err_n)
{
    *o = (struct pw_run_opts){ .port = 15020, .seed = 1, .n_ct = 24, .pty_dir = "build/run" };
    opterr = 0;
    optind = 1;
    for (int id; (id = getopt_long(argc, argv, ":", table, NULL)) != -1;) {
        const char **file = file_option(o, id);
        int r = 0;
        if (id == HELP) {
            printf(help, tier);
            return 1;
        }
        if (id == '?' || id == ':') {
            snprintf(err, err_n, id == '?' ? "%s: no such option, or a value where none belongs (--help)" : "%s: value missing", argv[optind - 1]);
            return -1;
        }
        if (file != NULL) *file = optarg;
        else if (id == REALTIME) o->realtime = true;
        else if (id == PANEL) o->panel = true;
        else if (id == UNSEALED) o->unsealed = true;
        else if (id == HOLD) o->hold = true;
        else if (id == KEYS) r = keys(o, optarg, err, err_n);
        else if (id == KEY_SWITCH) r = turns(o, optarg, err, err_n);
        else r = set_number(o, id, optarg, err, err_n);
        if (r != 0) return r;
    }
    if (optind < argc && o->scenario == NULL) o->scenario = argv[optind++];
    if (optind < argc) {
        snprintf(err, err_n, "%s: one input only", argv[optind]);
        return -1;
    }
    return complete(o, err, err_n);
}
