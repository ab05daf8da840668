/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario file as read: scn_read.c fills it, scenario.c makes a panel of it. */
#ifndef PW_SIM_SCN_H
#define PW_SIM_SCN_H

#include <stdarg.h>
#include <stddef.h>

#include "loads.h"
#include "panel_impl.h"

#define PW_SCN_MAX_LINE  1024
#define PW_SCN_MAX_TOKEN 64

enum pw_on { PW_ON_A, PW_ON_B, PW_ON_C, PW_ON_AB, PW_ON_BC, PW_ON_CA, PW_ON_DEFAULT };  /* first six = enum pw_vsel */

struct pw_scn_voltage {
    double volts, angle, ratio_error, noise, offset;
    struct pw_harmonics list;
    char dip[PW_NAME_MAX], swell[PW_NAME_MAX];              /* AT:FOR:PERCENT,... as in the file */
};

struct pw_scn_ct {
    double rated, secondary_ma, burden, clip_mv;            /* A, mA, ohm, mV peak at full scale of the modulator */
    double ratio_error, phase_error, noise, offset;         /* %, degrees lead, dB of a full-scale sine, % of full scale */
    double saturation;                                      /* A peak primary, 0 = none */
    double leakage;                                         /* of the modulator's integrators, a clock */
    int reversed, polarity, calibrated, open;
    int told;                                               /* enum pw_on: what the meter is told, PW_ON_DEFAULT = the truth */
    int role;                                               /* enum pw_role, -1 = by the load */
    double swapped;                                         /* number of the CT with which it is exchanged, -1 = none */
};

struct pw_scn_load {
    int line;
    struct pw_load_shape shape;
    unsigned n_ct, ct[3];
    double watts, amps, percent;                            /* one is set; 0 = not given */
    double pf;                                              /* 0 = not given */
    double angle;                                           /* 1e9 = not given */
    int lead;                                               /* -1 = not given */
    double on_s, off_s, inrush, inrush_s;
    int on;                                                 /* enum pw_on */
    char name[PW_NAME_MAX], point[PW_NAME_MAX];
};

/* A metering point by its form: loads between its conductors, CTs where the form has them. */
enum { PW_SCN_LEGS = 6 };                                   /* a b c ab bc ca: enum pw_on */
struct pw_scn_point {
    int line;
    unsigned n_ct, ct[PW_MAX_ELEMENTS * PW_MAX_SETS];
    int form, first;                                        /* enum pw_form; enum pw_on of its first voltage */
    char leg[PW_SCN_LEGS][PW_NAME_MAX];                     /* as written: "" = none */
    double watts[PW_SCN_LEGS], angle[PW_SCN_LEGS];          /* negative: export; degrees that the current lags */
    char name[PW_NAME_MAX], form_name[PW_NAME_MAX];
};

struct pw_scn {
    const char *path;
    int line;
    char *err;
    size_t err_size;
    unsigned n_ct;                                          /* of the hardware */
    char name[PW_NAME_MAX];
    int service;                                            /* enum pw_service, 0 = not given */
    int high_leg;                                           /* its input, of a 4-wire delta */
    double freq_hz;
    struct pw_scn_voltage v[PW_PANEL_N_V];
    int terminal[PW_PANEL_N_V];                             /* service phase on each voltage input, -1 = none */
    double v_fs, pulse_wh, creep_w, window_cycles;          /* v_fs, window: 0 = choose */
    struct pw_scn_ct ct[PW_PANEL_MAX_CT];
    struct pw_scn_load load[PW_PANEL_MAX_CT];
    unsigned n_load;
    int load_of_ct[PW_PANEL_MAX_CT];                        /* -1 = none */
    struct pw_scn_point point[PW_PANEL_MAX_CT];
    unsigned n_point;
    int point_of_ct[PW_PANEL_MAX_CT];                       /* -1 = none */
};

/* "path:line: what" into err; returns false always. */
bool pw_scn_fail(struct pw_scn *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Keys of a statement: "key=value", checked against their range. */
enum pw_key_type { PW_KEY_NUM, PW_KEY_BOOL, PW_KEY_TEXT, PW_KEY_LIST, PW_KEY_ON, PW_KEY_ROLE };
struct pw_key {
    const char *name;
    enum pw_key_type type;
    size_t offset;                                          /* of the field in the statement's struct */
    double min, max;
};
bool pw_scn_keys(struct pw_scn *s, char **token, unsigned n, const struct pw_key *key, unsigned n_key, void *base);
bool pw_scn_number(struct pw_scn *s, const char *what, const char *text, double min, double max, double *out);
/* "0-5,8" -> member[ct] = 1 in the order given in list[]. */
bool pw_scn_ct_list(struct pw_scn *s, const char *text, unsigned list[], unsigned *n);
/* Splits a line into tokens in place; "..." keeps blanks, # begins a comment. */
bool pw_scn_tokens(struct pw_scn *s, char *line, char *token[], unsigned *n);

bool pw_scn_read(struct pw_scn *s);                         /* scn_read.c: the whole file */

/* scn_service.c: the statement; what may be between conductors of the service (enum pw_on); default of a load on this CT. */
bool pw_scn_st_service(struct pw_scn *s, char **token, unsigned n);
bool pw_scn_service_has(const struct pw_scn *s, int on);
int  pw_scn_default_on(const struct pw_scn *s, unsigned ct);

/* scn_point.c: the statement; currents of the conductors, sum of the loads between them; which conductor(s) an element's CT is on. */
bool pw_scn_st_point(struct pw_scn *s, char **token, unsigned n);
bool pw_scn_point_currents(struct pw_scn *s, const struct pw_scn_point *pt, const struct pw_spectrum v[PW_N_VSEL], double freq_hz,
                           struct pw_spectrum conductor[PW_PANEL_N_V]);
void pw_scn_point_ct_current(const struct pw_scn_point *pt, const struct pw_spectrum conductor[PW_PANEL_N_V], unsigned k, struct pw_spectrum *i);
unsigned pw_scn_point_vsel(const struct pw_scn_point *pt, unsigned k);
bool pw_scn_point_negated(const struct pw_scn_point *pt, unsigned k);
#endif
