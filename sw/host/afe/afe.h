/* SPDX-License-Identifier: Apache-2.0 */
/* Driver of the front-end without CPU (board hx8k) for a POSIX host: registers over a serial device, and consistent windows.
 * What a register means: rtl/regs/pw_soc.rdl; numbers to units: sw/firmware/metrology/scale.h over pw_afe_snapshot_hal. */
#ifndef PW_AFE_H
#define PW_AFE_H

#include <stdbool.h>

#include "afe_frame.h"
#include "hal.h"

#define PW_AFE_MAX_CH   57u
#define PW_AFE_FE_WORDS 12u /* of the FE block */

struct pw_afe {
    int      fd;
    unsigned timeout_ms; /* for one answer */
    uint8_t  tag;
    uint32_t clock_hz;
    unsigned n_ct;
    int      error;      /* first error of an access through pw_afe_hal since it was set to PW_OK; such reads gave 0 */
    unsigned n_retries;  /* requests that had to be repeated since it was opened */
};

/** Opens the device and asks what is there. The front-end's bit rate is 115200 after its reset; it is told the new one.
 *  @param baud  9600 .. 1 000 000; a device that knows no bit rates (a pseudo-terminal) works at any
 *  @param[out] err  one line if it fails
 *  @return PW_OK, PW_ERR_IO, PW_ERR_RANGE, PW_ERR_MAGIC (no Polywatt front-end) */
PW_MUST_CHECK int pw_afe_open(struct pw_afe *afe, const char *path, uint32_t baud, char *err, size_t err_n);
void pw_afe_close(struct pw_afe *afe);

/** Words at addr, addr + 4, ... Asked again up to 3 times. @return PW_OK, PW_ERR_IO (no good answer), PW_ERR_RANGE (no such register) */
PW_MUST_CHECK int pw_afe_read(struct pw_afe *afe, uint32_t addr, uint32_t *words, unsigned n);
/** One word; a write may arrive twice when its answer is lost. @return as pw_afe_read */
PW_MUST_CHECK int pw_afe_write(struct pw_afe *afe, uint32_t addr, uint32_t value);

/** Every access goes over the wire; errors: afe->error. */
struct pw_hal pw_afe_hal(struct pw_afe *afe);

/* All registers of one window. */
struct pw_afe_snapshot {
    unsigned n_ch;
    uint32_t fe[PW_AFE_FE_WORDS];
    uint32_t bank[PW_AFE_MAX_CH][32];
};

/** Reads all channels between two windows' ends. 24 CT take 45 ms at 1 Mbaud, 0.4 s at 115200.
 *  @return PW_OK, PW_ERR_STATE (a window ended each time it was tried: a window is too short for this bit rate), or as pw_afe_read */
PW_MUST_CHECK int pw_afe_read_window(struct pw_afe *afe, struct pw_afe_snapshot *snap);

/** Reads come from the snapshot, of words that are not in it 0; writes are ignored. For pw_fe_read_window, pw_fe_read_channel,
 * pw_fe_read_energy. */
struct pw_hal pw_afe_snapshot_hal(struct pw_afe_snapshot *snap);

#endif
