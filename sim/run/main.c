/* SPDX-License-Identifier: Apache-2.0 */
/* pwsim - the meter on a simulated panel. One source, two programs: pwsim-model and pwsim-rtl. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "runner.h"
#include "sw/lib/calendar.h"
#include "sw/lib/config.h"
#include "sw/lib/fram_map.h"
#include "sw/lib/program.h"

#define QUIET_US 50000u /* longer without a write to FRAM: a save has ended */

volatile sig_atomic_t pw_run_stop;

static void on_signal(int sig)
{
    (void)sig;
    pw_run_stop = 1;
}

double pw_run_wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void on_window(void *ctx, unsigned seq, uint64_t frame)
{
    struct pw_run *r = ctx;
    r->n_windows++;
    if (r->truth != NULL) pw_run_truth_line(r, seq, frame);
    if (r->windows != NULL) pw_run_window_line(r, seq, frame);
}

static void on_frame(void *ctx, uint64_t frame, const int32_t *sample)
{
    struct pw_run *r = ctx;
    if (r->samples != NULL) memcpy(r->samples[frame % PW_RUN_SAMPLES], sample, r->n_ch * sizeof sample[0]);
    r->n_samples = frame + 1;
}

static int bad_input(const char *what)
{
    fprintf(stderr, "pwsim-%s: %s\n", pw_tier_name, what);
    return 2;
}

/* With --profile: its program, and its test pulses at each point. */
static int load_program(struct pw_run *r, struct pw_config *cfg, char *err, size_t err_n)
{
    struct pw_program p;
    int profile = r->o.profile != NULL ? pw_profile_find(r->o.profile) : -1;
    if (r->o.profile == NULL) return 0;
    if (profile < 0 || r->board.fram.size_b < PW_FRAM_SIZE_B) {
        snprintf(err, err_n, "--profile %s: %s", r->o.profile, profile < 0 ? "no such profile" : "the FRAM is too small for a program");
        return -1;
    }
    pw_program_default(&p, (unsigned)profile);
    pw_program_encode(&p, r->board.fram.mem + PW_FRAM_PROGRAM_A);
    for (unsigned i = 0; i < cfg->n_points; i++)
        cfg->point[i].pulse_weight_mwh = p.pulse_weight_mwh;
    return 0;
}

/* A new FRAM carries what a commissioning engineer would have written. */
static int load_config(struct pw_run *r, char *err, size_t err_n)
{
    struct pw_config_fault fault;
    if (!r->board.fram_created) return 0;
    struct pw_config cfg = *pw_panel_config(r->panel);
    if (load_program(r, &cfg, err, err_n) != 0) return -1;
    if (pw_config_encode(&cfg, r->board.fram.mem + PW_FRAM_CONFIG_A, &fault) == PW_OK) return 0;
    snprintf(err, err_n, "the panel's configuration is not valid: %s %d %s", fault.group, fault.index, fault.field);
    return -1;
}

static int set_rtc(struct pw_run *r, char *err, size_t err_n)
{
    const char *s = r->o.rtc;
    struct pw_civil c;
    unsigned y, mo, d, h, mi, se;
    int end = 0;
    if (s == NULL) {
        pw_rtcpart_set(&r->board.rtc, (uint32_t)(time(NULL) - 946684800)); /* 2000-01-01 */
        return 0;
    }
    if (strcmp(s, "stopped") == 0) return 0;
    r->board.rtc.present = strcmp(s, "none") != 0;
    if (!r->board.rtc.present) return 0;
    if (sscanf(s, "%4u-%2u-%2uT%2u:%2u:%2u%n", &y, &mo, &d, &h, &mi, &se, &end) == 6 && s[end] == 0) {
        c = (struct pw_civil){ .year = (uint16_t)y, .month = (uint8_t)mo, .day = (uint8_t)d, .hour = (uint8_t)h, .minute = (uint8_t)mi, .second = (uint8_t)se };
        if (pw_civil_valid(&c)) {
            pw_rtcpart_set(&r->board.rtc, pw_civil_to_s(&c));
            return 0;
        }
    }
    snprintf(err, err_n, "--rtc %s: expected YYYY-MM-DDThh:mm:ss from 2000 to 2099, stopped or none", s);
    return -1;
}

static int open_all(struct pw_run *r, char *err, size_t err_n)
{
    if (pw_tier_clocks(r->o.n_ct, &r->clk_mhz, &r->mod_div, err, err_n) != 0) return -1;
    struct pw_panel_opts po = { .scenario = r->o.scenario, .recording = r->o.wave, .map = r->o.map, .fmod_hz = r->clk_mhz * 1e6 / r->mod_div,
                                .n_ct = r->o.n_ct, .seed = r->o.seed };
    r->n_ch = r->o.n_ct + PW_PANEL_N_V;
    r->panel = pw_panel_open(&po, err, err_n);
    if (r->panel == NULL) return -1;
    (void)mkdir("build", 0777);                  /* the default folder of the links */
    (void)mkdir(r->o.pty_dir, 0777);
    struct pw_board_opts bo = { .fram_path = r->o.fram, .fram_size_b = r->o.fram_size_b, .flash_path = r->o.flash, .pty_dir = r->o.pty_dir, .modbus_port = r->o.port,
                                .chip_port = pw_panel_config(r->panel)->modbus_port };
    if (pw_board_open(&r->board, &bo, err, err_n) != 0 || load_config(r, err, err_n) != 0 || set_rtc(r, err, err_n) != 0) return -1;
    r->board.unsealed = r->o.unsealed;
    struct pw_tier_opts to = { .n_ct = r->o.n_ct, .firmware = r->o.firmware, .board = &r->board, .panel = r->panel,
                               .hooks = { .ctx = r, .window = on_window, .frame = on_frame } };
    r->tier = pw_tier_open(&to, err, err_n);
    if (r->tier == NULL) return -1;
    r->fail_clk = r->o.power_fail_s > 0 ? (uint64_t)(r->o.power_fail_s * r->clk_mhz * 1e6) : UINT64_MAX;
    r->end_clk = r->o.seconds < 0 ? UINT64_MAX : (uint64_t)(r->o.seconds * r->clk_mhz * 1e6);
    if (r->o.samples != NULL && (r->samples = calloc(PW_RUN_SAMPLES, sizeof r->samples[0])) == NULL) {
        snprintf(err, err_n, "no memory");
        return -1;
    }
    return 0;
}

static void close_all(struct pw_run *r)
{
    pw_tier_close(r->tier);
    pw_board_close(&r->board);
    pw_panel_close(r->panel);
    free(r->samples);
}

/* Under another name first: who waits for the file must find it whole. */
static void write_ready(const char *path, const char *line)
{
    char part[512];
    snprintf(part, sizeof part, "%s.part", path);
    FILE *f = fopen(part, "w");
    bool ok = f != NULL && fputs(line, f) >= 0;
    if (f != NULL) ok = fclose(f) == 0 && ok;
    if (!ok || rename(part, path) != 0) fprintf(stderr, "pwsim-%s: %s: %s\n", pw_tier_name, path, strerror(errno));
}

static void tell_ready(struct pw_run *r)
{
    char line[256];
    if (r->ready || !pw_w5500part_serves(&r->board.eth, pw_panel_config(r->panel)->modbus_port)) return;
    r->ready = true;
    snprintf(line, sizeof line, "READY port=%d console=%s\n", r->board.host_port, r->board.uart[0].path);
    if (r->o.ready != NULL) write_ready(r->o.ready, line);
    if (!r->o.panel) {
        fputs(line, stdout);
        fflush(stdout);
    }
}

static uint8_t scripted_keys(struct pw_run *r, uint64_t clk)
{
    while (r->key_next < r->o.n_keys && (double)clk >= r->o.key[r->key_next].at_s * r->clk_mhz * 1e6) {
        r->key_script = r->o.key[r->key_next++].button;
        r->key_until_clk = clk + (uint64_t)(r->o.key[r->key_next - 1].for_s * r->clk_mhz * 1e6);
    }
    if (clk >= r->key_until_clk) r->key_script = 0;
    return r->key_script;
}

static bool key_turned(const struct pw_run *r, uint64_t clk)
{
    double s = (double)clk / (r->clk_mhz * 1e6);
    for (unsigned i = 0; i < r->o.n_turns; i++)
        if (s >= r->o.turn[i].at_s && s < r->o.turn[i].at_s + r->o.turn[i].for_s) return true;
    return false;
}

/* The supply warns: from then on to the end of what is written to FRAM at once. */
static void fail_power(struct pw_run *r, uint64_t clk)
{
    if (clk < r->fail_clk) return;
    bool begins = !r->board.power_fail, on = r->board.fram.n_writes != r->fram_writes;
    r->board.power_fail = true;
    r->fram_writes = r->board.fram.n_writes;
    if (begins || (on && clk - r->saved_clk <= QUIET_US * r->clk_mhz)) r->saved_clk = clk;
}

/* Real time: sleeps until the wall clock has caught up, a client has something, or a key is pressed. */
static void pace(const struct pw_run *r, const struct pw_term *t, double metered_s)
{
    double ahead = metered_s - (pw_run_wall_s() - r->wall_start);
    if (ahead <= 0) return;
    struct pollfd p = { .fd = t->on ? STDIN_FILENO : -1, .events = POLLIN };
    (void)poll(&p, 1, (int)(ahead * 1e3));
}

static void loop(struct pw_run *r)
{
    struct pw_term term = { 0 };
    struct pw_progress bar;
    const uint64_t slice = (uint64_t)1000 * r->clk_mhz;           /* 1 ms */
    bool live = r->o.panel && pw_term_open(&term);
    if (r->o.panel && !live) fprintf(stderr, "pwsim-%s: no terminal here: running without the live panel\n", pw_tier_name);
    pw_progress_init(&bar);
    r->wall_start = pw_run_wall_s();
    double wall_end = 0;
    struct pw_tier_status s = { 0 };
    while (!pw_run_stop) {
        pw_term_keys(&term, r, s.clk);
        r->board.buttons = scripted_keys(r, s.clk) | term.buttons;
        r->board.key = key_turned(r, s.clk);
        fail_power(r, s.clk);
        uint64_t next = s.clk + slice;
        pw_tier_run_to(r->tier, s.clk < r->end_clk && next > r->end_clk ? r->end_clk : next);
        pw_tier_status(r->tier, &s);
        tell_ready(r);
        if (live) pw_term_draw(&term, r, s.clk);
        bool over = s.clk >= r->end_clk;
        if (!over || wall_end == 0) {
            r->metered_s = (double)s.clk / (r->clk_mhz * 1e6);
            r->wall_metered = pw_run_wall_s() - r->wall_start;
            if (!live) pw_progress_update(&bar, r, s.clk, over);
        }
        if (over && wall_end == 0) wall_end = pw_run_wall_s() + r->o.linger;
        if (over && !r->o.hold && pw_run_wall_s() >= wall_end) break;
        if (r->board.eth.error[0] != 0) break;
        if (r->o.realtime || live) pace(r, &term, (double)s.clk / (r->clk_mhz * 1e6));
    }
    pw_progress_clear(&bar);
    pw_term_close(&term);
}

int main(int argc, char **argv)
{
    static struct pw_run r;
    char err[512] = "";
    int got = pw_run_options(&r.o, argc, argv, pw_tier_name, err, sizeof err);
    if (got != 0) return got > 0 ? 0 : bad_input(err);
    struct sigaction sa = { .sa_handler = on_signal };
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (open_all(&r, err, sizeof err) != 0) {
        close_all(&r);
        return bad_input(err);
    }
    if (pw_run_lines_open(&r) != 0) {
        close_all(&r);
        return 2;
    }
    if (pw_panel_note(r.panel)[0] != 0) fprintf(stderr, "pwsim-%s: %s\n", pw_tier_name, pw_panel_note(r.panel));
    loop(&r);
    int status = pw_run_write_outputs(&r) == 0 ? 0 : 1;
    if (r.board.eth.error[0] != 0) status = bad_input(r.board.eth.error);
    close_all(&r);
    return status;
}
