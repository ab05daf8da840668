/* SPDX-License-Identifier: Apache-2.0 */
/* Error codes of all C in this project: 0 is success, append only. */
#ifndef PW_ERRORS_H
#define PW_ERRORS_H

enum pw_err {
    PW_OK          = 0,
    PW_ERR_RANGE   = -1,  /* a value is out of its range, an index does not exist */
    PW_ERR_SIZE    = -2,  /* too short, too long, or does not fit */
    PW_ERR_MAGIC   = -3,  /* not this kind of data */
    PW_ERR_VERSION = -4,  /* a version this program does not know */
    PW_ERR_CRC     = -5,  /* check sum wrong */
    PW_ERR_IO      = -6,  /* a part did not answer */
    PW_ERR_SEALED  = -7,  /* the programming switch is closed */
    PW_ERR_STATE   = -8,  /* not now */
};

#if defined(__GNUC__)
#define PW_MUST_CHECK __attribute__((warn_unused_result))
#else
#define PW_MUST_CHECK
#endif

#endif
