/* SPDX-License-Identifier: Apache-2.0 */
/* Waveform captures: keeps the gateware's ring armed, triggers it on events (by hand, sag, swell, interruption; the gateware itself on a level),
 * and holds what a capture needs to be read: its cause, time and scale. One capture is held until it is released or armed again.
 * IEC 60255-24 (COMTRADE) files are made of it by scripts/waveform.py. */
#ifndef PW_WAVEFORM_H
#define PW_WAVEFORM_H

#include "analysis.h"
#include "config.h"

enum pw_wave_cause { PW_WAVE_NONE, PW_WAVE_MANUAL, PW_WAVE_LEVEL, PW_WAVE_SAG, PW_WAVE_SWELL, PW_WAVE_INTERRUPTION, PW_WAVE_N_CAUSES };

enum pw_wave_state {
    PW_WAVE_ABSENT,    /* this gateware has no ring */
    PW_WAVE_IDLE,      /* a capture was released, not armed again */
    PW_WAVE_ARMED,
    PW_WAVE_RECORDING, /* triggered, the frames after it are still being written */
    PW_WAVE_COMPLETE,
};

struct pw_wave_settings {
    uint16_t pre_pct;      /* part of the ring before the trigger, 0 .. 99 % */
    uint16_t level_v_e4;  /* trigger when a voltage's |sample| reaches this part of full scale, 0.01 %; 0: never */
    uint16_t level_i_e4;  /* same for currents */
    uint16_t causes;      /* bit n = 1: cause n (enum pw_wave_cause) may trigger */
};

struct pw_waveform {
    const struct pw_hal *hal;
    struct pw_wave_settings set;
    uint8_t  n_ch;
    uint8_t  ring_log2;   /* 0: no ring */
    uint8_t  shift;       /* of the capture: sample = z >> shift, LSB = 2^(shift - 23) FS */
    uint8_t  state;       /* enum pw_wave_state */
    uint8_t  cause;       /* enum pw_wave_cause, of the capture */
    uint8_t  ch;          /* its channel (level), else 0 */
    uint16_t captures;    /* occurrence number of the capture, modulo 2^16 */
    uint32_t first, n_frames, trig; /* frames of the capture; trig: index of the trigger's frame in it */
    uint64_t time_us;     /* uptime of the trigger, to a few ms */
    uint32_t select;      /* sample that the data registers begin with */
};

/** Arms the ring with half of it before the trigger, all causes but level. @param n_ch  channels, voltages included */
void pw_waveform_init(struct pw_waveform *w, const struct pw_hal *hal, unsigned n_ch);

/** Something happened: captures if armed and the cause may trigger. */
void pw_waveform_trigger(struct pw_waveform *w, enum pw_wave_cause cause);

/** Forgets the capture and waits for the next trigger. @return PW_OK, PW_ERR_RANGE (settings), PW_ERR_STATE (no ring) */
PW_MUST_CHECK int pw_waveform_arm(struct pw_waveform *w, const struct pw_wave_settings *set);

/** Follows the gateware. Every 10 ms. @return true when a capture has just become complete */
bool pw_waveform_step(struct pw_waveform *w);

/** Samples in the capture: n_frames * n_ch, frame by frame, channels 0..2 = Va Vb Vc, 3 + k = CT k; 0: nothing to read. */
uint32_t pw_waveform_samples(const struct pw_waveform *w);

/** One sample; 0 beyond the end. */
int16_t pw_waveform_sample(const struct pw_waveform *w, uint32_t index);

const char *pw_wave_cause_name(unsigned cause);
const char *pw_wave_state_name(unsigned state);

#endif
