/* SPDX-License-Identifier: Apache-2.0 */
/* State of one run, shared by the files of sim/run. */
#ifndef PW_RUN_RUNNER_H
#define PW_RUN_RUNNER_H
#include <signal.h>
#include <stdio.h>
#include "options.h"
#include "tier.h"

#define PW_RUN_SAMPLES 1024            /* sample sets kept for --samples: 126 ms */

struct pw_run {
    struct pw_run_opts o;
    struct pw_board board;
    struct pw_panel *panel;
    struct pw_tier *tier;
    unsigned clk_mhz, mod_div, n_ch;
    uint64_t end_clk;                  /* UINT64_MAX = none */
    uint64_t fail_clk, saved_clk;      /* the supply warns (UINT64_MAX = never); FRAM was written last, for that */
    uint64_t fram_writes;
    FILE *truth, *windows;
    uint64_t n_windows;
    int32_t (*samples)[PW_PANEL_MAX_CH];   /* ring of PW_RUN_SAMPLES sets, NULL unless asked for */
    uint64_t n_samples;                /* sets seen */
    bool ready;                        /* the READY line is out */
    unsigned key_next;                 /* of o.key */
    uint8_t key_script;                /* buttons held by --keys */
    uint64_t key_until_clk;
    double wall_start, wall_metered;   /* s; wall time at the start, and taken by the metered part */
    double metered_s;
};

extern volatile sig_atomic_t pw_run_stop;          /* set by SIGINT and SIGTERM */

double pw_run_wall_s(void);                        /* monotonic */
/** Modulator clock (fractional) half a sample before sample set `frame`: the boundary of a window that begins with it. */
double pw_run_boundary(uint64_t frame);

/* output.c: all return 0, or -1 after one line on stderr */
int pw_run_lines_open(struct pw_run *r);            /* --truth and --windows */
void pw_run_truth_line(struct pw_run *r, unsigned seq, uint64_t frame);
void pw_run_window_line(struct pw_run *r, unsigned seq, uint64_t frame);
int pw_run_write_outputs(struct pw_run *r);

/* progress.c */
struct pw_progress { bool tty, shown; double next_s; unsigned next_tenth; };
void pw_progress_init(struct pw_progress *p);
void pw_progress_update(struct pw_progress *p, const struct pw_run *r, uint64_t clk, bool done);
void pw_progress_clear(struct pw_progress *p);

/* term.c */
struct pw_term { bool on; double next_s; uint64_t until_clk; uint8_t buttons; uint64_t pulses; double pulse_lit; };
bool pw_term_open(struct pw_term *t);              /* false: no terminal */
void pw_term_close(struct pw_term *t);
void pw_term_keys(struct pw_term *t, struct pw_run *r, uint64_t clk);
void pw_term_draw(struct pw_term *t, const struct pw_run *r, uint64_t clk);
#endif
