/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of a part, optionally kept in a file (mapped: what was written survives even SIGKILL, as in the real part). */
#ifndef PW_BACKING_H
#define PW_BACKING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @param path  file of exactly size bytes, created with `fill` bytes if absent; NULL: anonymous memory
 *  @param[out] created  true if the content is all `fill`
 *  @return memory, or NULL with one line in err */
uint8_t *pw_backing_open(const char *path, size_t size, uint8_t fill, bool *created, char *err, size_t err_n);
void pw_backing_close(uint8_t *mem, size_t size);
#endif
