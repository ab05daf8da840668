/* SPDX-License-Identifier: Apache-2.0 */
/* Memories that fail: bits that flip in flash and FRAM, sectors that die. */
#include <stdlib.h>
#include <string.h>

#include "flash_own.h"
#include "torture.h"

void tor_flash_flips(struct torture *t, unsigned n)
{
    (void)t;
    (void)n;
}
void tor_fram_flips(struct torture *t, unsigned n)
{
    (void)t;
    (void)n;
}
void tor_dead_sectors(struct torture *t, unsigned n, unsigned windows)
{
    (void)t;
    (void)n;
    (void)windows;
}
