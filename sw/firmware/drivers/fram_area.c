/* SPDX-License-Identifier: Apache-2.0 */
#include "fram.h"

int pw_fram_area_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
    const struct pw_fram_area *a = ctx;
    return at <= a->size_b && len <= a->size_b - at ? pw_fram_read(a->fram, a->at + at, out, len) : PW_ERR_RANGE;
}
