/* SPDX-License-Identifier: Apache-2.0 */
/* A meter on the bench: stimulus, front-end, and the firmware's metrology on it. */
#ifndef PW_ACC_RIG_H
#define PW_ACC_RIG_H

#include "meter.h"
#include "points.h"
#include "tier.h"

struct pw_acc_rig {
    struct pw_acc_stim stim;
    struct pw_acc_tier *tier;
    struct pw_config cfg;
    struct pw_energy energy;
    struct pw_meter meter;
    struct pw_points points;            /* point k: CT k alone */
    double fmod_hz, fs_hz;
};

/** Prints one line to stderr. @return 2, the exit status for bad input */
int pw_acc_fail(const char *what);

/** Reads the stimulus, starts front-end and metrology as after power-up. @return 0, or 2 (said why) */
int pw_acc_rig_open(struct pw_acc_rig *r, const char *stimulus);
void pw_acc_rig_close(struct pw_acc_rig *r);

/** What the firmware's main loop does for metering: reads what is new, counts. @return true when a window was published */
bool pw_acc_rig_step(struct pw_acc_rig *r);

/** Modulator clock at which window `seq` ended: where the truth has to be taken. */
double pw_acc_rig_window_end(const struct pw_acc_rig *r, uint16_t seq);

#endif
