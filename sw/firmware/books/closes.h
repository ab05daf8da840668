/* SPDX-License-Identifier: Apache-2.0 */
/* Closed billing periods (self-reads): what billing hands out at the end of each period (billing.h, pw_billing_emit), part by part, as records of a flash
 * log. A close that a power cut interrupted is emitted again with the same number: the last record of a part counts. */
#ifndef PW_CLOSES_H
#define PW_CLOSES_H

#include "flashlog.h"
#include "slow.h"

#define PW_CLOSE_HEAD_B 12u
#define PW_CLOSE_MAX_B  (PW_CLOSE_HEAD_B + PW_SLOW_BLOCK_B)

struct pw_closes {
    struct pw_flashlog log;
    uint8_t  record[PW_CLOSE_MAX_B];
    bool     writing;
};

struct pw_close_part {
    uint16_t close;      /* number of the period, 1, 2, ... */
    uint8_t  point, part;
    uint32_t utc_s;      /* its end */
    uint16_t length;     /* of the data */
};

/** @return as pw_flashlog_init */
PW_MUST_CHECK int pw_closes_init(struct pw_closes *c, const struct pw_flash_port *port, struct pw_flash_dead *dead, uint32_t base, uint32_t n_sectors, unsigned id);

/** Takes a part. @return PW_OK: it is in flash; PW_ERR_STATE: call again with the same part */
PW_MUST_CHECK int pw_closes_put(struct pw_closes *c, unsigned close, unsigned point, unsigned part, uint32_t utc_s, const uint8_t *data, size_t len);

/** Each pass. @return false if there was nothing to do */
bool pw_closes_step(struct pw_closes *c);

/** Numbers of the oldest close of which everything is still there and of the newest. @return PW_OK, PW_ERR_RANGE (none), PW_ERR_STATE (flash busy: again), PW_ERR_IO */
PW_MUST_CHECK int pw_closes_range(struct pw_closes *c, unsigned *oldest, unsigned *newest);

/** Reads a part. @param[out] data  what emit was given @return PW_OK, PW_ERR_RANGE (not there), PW_ERR_CRC, PW_ERR_STATE (again), PW_ERR_IO */
PW_MUST_CHECK int pw_closes_read(struct pw_closes *c, unsigned close, unsigned point, unsigned part, struct pw_close_part *head, uint8_t data[PW_SLOW_BLOCK_B]);

#endif
