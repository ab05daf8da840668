/* SPDX-License-Identifier: Apache-2.0 */
/* Periodic waveforms as spectra, and the load library. x(t) = Re sum c[k] e^(j k w t), c in peak values; a voltage of angle
 * 0 is a sine: it crosses zero upwards at t = 0. Harmonics of a list are sines in step with the n-th multiple of the
 * fundamental's angle: sum p_n sin(n a + d_n), a = w t + angle. */
#ifndef PW_SIM_LOADS_H
#define PW_SIM_LOADS_H

#include <complex.h>
#include <stdbool.h>

#define PW_N_HARM     256               /* orders 0 .. 255 */
#define PW_MAX_LIST   40

struct pw_spectrum {
    double complex c[PW_N_HARM];
};

struct pw_harmonics {
    unsigned n;
    struct { unsigned order; double percent, degrees; } h[PW_MAX_LIST];
};

enum pw_load_kind {
    PW_LOAD_NOLOAD, PW_LOAD_HEATER, PW_LOAD_MOTOR, PW_LOAD_DIMMER, PW_LOAD_LED, PW_LOAD_SMPS, PW_LOAD_HARMONICS,
    PW_LOAD_PV, PW_LOAD_FRIDGE, PW_LOAD_SPLITPHASE, PW_LOAD_THREEPHASE, PW_LOAD_MAIN, PW_LOAD_KINDS
};

/* Keys that a kind understands beyond its size. */
#define PW_USES_PF     1u
#define PW_USES_LIST   2u
#define PW_USES_CUT    4u

struct pw_load_info {
    const char *name;
    unsigned n_ct;                      /* CTs it goes through */
    unsigned uses;
    double pf;                          /* default, displacement */
    bool lead;
};
extern const struct pw_load_info pw_load_info[PW_LOAD_KINDS];

struct pw_load_shape {
    enum pw_load_kind kind;
    double angle_deg;                   /* current behind voltage (fundamental) */
    double cut_deg;                     /* dimmer: conduction begins this far into each half cycle */
    double rise_us;                     /* dimmer: 10..90 % rise time that its choke allows */
    struct pw_harmonics list;           /* added to, or for `harmonics` making up, the current */
};

void   pw_spectrum_sine(struct pw_spectrum *s, double rms, double angle_deg, const struct pw_harmonics *list);
double pw_spectrum_rms(const struct pw_spectrum *s);
double pw_spectrum_power(const struct pw_spectrum *v, const struct pw_spectrum *i);
void   pw_spectrum_scale(struct pw_spectrum *s, double factor);
void   pw_spectrum_lead(struct pw_spectrum *s, double deg);     /* earlier by deg of the fundamental */
void   pw_spectrum_quadrature(struct pw_spectrum *q, const struct pw_spectrum *v); /* fundamental, 90 degrees late */

/** Current of a load at a voltage, of some arbitrary size: scale it to the wanted watts or amperes.
 *  @return false: not enough memory (dimmer) */
bool pw_load_current(const struct pw_load_shape *l, const struct pw_spectrum *v, double freq_hz, struct pw_spectrum *i);
#endif
