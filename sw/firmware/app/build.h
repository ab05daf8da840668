/* SPDX-License-Identifier: Apache-2.0 */
/* What a build leaves out for want of memory; the sources are the same for all. Set by scripts/mk/50-firmware.mk. */
#ifndef PW_BUILD_H
#define PW_BUILD_H

/* 1: the features that need the gateware's analysis block (spectrum, waveform captures) are linked */
#ifndef PW_WITH_ANALYSIS
#define PW_WITH_ANALYSIS 1
#endif

#endif
