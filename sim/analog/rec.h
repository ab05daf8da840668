/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded waveforms: readers (CSV, WAV, COMTRADE), assignment of their channels to the meter's, finding whole cycles. */
#ifndef PW_SIM_REC_H
#define PW_SIM_REC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PW_REC_MAX_CH     128
#define PW_REC_NAME       48
#define PW_REC_MAX_VALUES ((size_t)24 << 20)    /* of all channels: memory stays bounded, the rest is not read */
#define PW_REC_MAX_RATE   1e8

enum pw_rec_kind  { PW_REC_UNKNOWN, PW_REC_VOLT, PW_REC_AMPERE, PW_REC_OTHER };
enum pw_rec_phase { PW_PH_A, PW_PH_B, PW_PH_C, PW_PH_AB, PW_PH_BC, PW_PH_CA, PW_PH_N, PW_PH_NONE };

struct pw_rec_ch {
    char name[PW_REC_NAME];
    enum pw_rec_kind kind;
    enum pw_rec_phase phase;
    double scale;                       /* value in V or A = scale * sample (the readers leave unit prefixes to this) */
    double skew_s;                      /* sampled this much after the row's time */
    double ratio;                       /* primary : secondary of its transformer, 1 if unknown */
};

struct pw_rec {
    const char *path;
    char *err;                          /* one line */
    size_t err_size;
    char *note;                         /* remarks, appended to */
    size_t note_size;

    double rate_hz;                     /* 0 until known */
    unsigned n_ch;
    size_t n, cap;                      /* rows; float data[n * n_ch], row by row */
    float *data;
    bool full;                          /* PW_REC_MAX_VALUES reached, the rest was left out */
    bool positional;                    /* channels have no names: assigned by their number */
    struct pw_rec_ch ch[PW_REC_MAX_CH];
};

/* What the map says (docs/scenario.md). */
struct pw_rec_use {
    int    ch;                          /* of the recording, -1 = none */
    double factor;
    int    vsel;                        /* CT: enum pw_vsel or -1 = by phase */
};
struct pw_rec_map {
    struct pw_rec_use v[3], ct[54];
    unsigned n_ct;                      /* CTs used: 0 .. n_ct-1 */
    double rate_hz, v_scale, i_scale;
    bool lines;                         /* v[] are Vab, Vbc, Vca (at least two): Va, Vb, Vc to a virtual neutral come of them */
    bool given;                         /* it names channels: nothing is assigned by itself */
};

/* "path:line: what" (line 0: "path: what") into err; false always. `path` NULL = the recording's. */
bool pw_rec_fail(struct pw_rec *r, const char *path, long line, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void pw_rec_note(struct pw_rec *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One row of n_ch samples. Returns false if there is no memory; sets full (and drops the row) at the limit. */
bool pw_rec_push(struct pw_rec *r, const float row[]);

bool pw_rec_read_csv(struct pw_rec *r, const struct pw_rec_map *map);
bool pw_rec_read_wav(struct pw_rec *r);
bool pw_rec_read_comtrade(struct pw_rec *r);

/* rec_names.c: kind, prefix (into *scale) and phase from texts of any style: "Va (kV)", "I_L1", "ampere". */
enum pw_rec_kind  pw_rec_unit(const char *unit, double *scale);
void              pw_rec_classify(struct pw_rec_ch *ch);        /* kind and phase from the name where still unknown */
enum pw_rec_phase pw_rec_phase_of(const char *text);

/* rec_map.c */
bool pw_rec_map_read(struct pw_rec *r, const char *map, struct pw_rec_map *out);        /* scales, rate; NULL map: PATH.map */
bool pw_rec_map_assign(struct pw_rec *r, const char *map, unsigned n_ct, struct pw_rec_map *out);

/* rec_cycles.c: whole cycles of samples x[0], x[step], ...
 *  @param[out] cycles, rows  the window, from the first row */
bool pw_rec_cycles(struct pw_rec *r, const char *name, const float *x, size_t step, size_t n, unsigned *cycles, size_t *rows);
#endif
