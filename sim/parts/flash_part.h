/* SPDX-License-Identifier: Apache-2.0 */
/* SPI NOR flash W25Q64JV, 8 MiB: read, fast read, page program, erase 4/32/64 KiB and chip, status (quad
 * enable: volatile only), JEDEC and unique id, power-down.
 * Programming only clears bits and wraps inside its page; while busy only the status can be read. Source: facts/parts.md section 2. */
#ifndef PW_FLASHPART_H
#define PW_FLASHPART_H
#include <stddef.h>
#include "spi_part.h"

#define PW_FLASHPART_SIZE (8u << 20)

struct pw_flashpart {
    uint8_t *mem;
    const uint64_t *now_ns;     /* virtual time */
    uint64_t busy_until_ns;
    bool wel, powered_down, ignore, volatile_sr;
    uint8_t op, sr1, sr2, sr_new, page[256];
    unsigned n_in;              /* bytes since chip select */
    uint32_t addr;
    bool page_used[256];
    unsigned n_refused;         /* commands while busy, or without write enable */
    uint64_t n_programs, n_erases;
};

/** @param path    file that keeps the content (created, erased, if absent) or NULL for memory only
 *  @param now_ns  virtual time, lives as long as the part
 *  @return 0, or -1 with one line in err */
int pw_flashpart_open(struct pw_flashpart *f, const char *path, const uint64_t *now_ns, char *err, size_t err_n);
void pw_flashpart_close(struct pw_flashpart *f);
struct pw_spi_part pw_flashpart_spi(struct pw_flashpart *f);
#endif
