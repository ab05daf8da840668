/* SPDX-License-Identifier: Apache-2.0 */
/* SPI FRAM, 128 KiB with 3 address bytes (FM25V10) or 32 KiB with 2 (FM25V02A): WREN, WRDI, RDSR, WRSR, READ, FSTRD, WRITE, SLEEP, RDID.
 * Source of op codes and rules: facts/parts.md section 3; id bytes as in the data sheets of the two. */
#ifndef PW_FRAMPART_H
#define PW_FRAMPART_H
#include <stddef.h>
#include "spi_part.h"

#define PW_FRAMPART_SMALL 32768u
#define PW_FRAMPART_LARGE 131072u

struct pw_frampart {
    uint8_t *mem;              /* size_b bytes: own memory or a mapped file */
    uint32_t size_b;           /* PW_FRAMPART_SMALL or PW_FRAMPART_LARGE */
    bool mapped;
    uint8_t status;            /* WPEN 80, BP1 08, BP0 04, WEL 02 */
    bool asleep, ignore;
    uint8_t op;
    uint32_t addr;
    unsigned n_in;             /* bytes since chip select */
    uint64_t n_writes;         /* bytes stored since open */
    int64_t cut_after;         /* tests: bytes stored until the power fails (later ones are lost); -1 = never */
    unsigned n_refused;        /* writes without WREN, or into a protected block */
};

/** @param path    file that keeps the content (created, filled with 00, if absent or empty), or NULL for memory only
 *  @param size_b  PW_FRAMPART_SMALL or PW_FRAMPART_LARGE; 0: as long as the file is, a new one PW_FRAMPART_LARGE
 *  @param[out] created  true if the content is new (all zero); may be NULL
 *  @return 0, or -1 with a message in err (no such size, file not readable or of another length) */
int pw_frampart_open(struct pw_frampart *f, const char *path, uint32_t size_b, bool *created, char *err, size_t err_n);
void pw_frampart_close(struct pw_frampart *f);
struct pw_spi_part pw_frampart_spi(struct pw_frampart *f);
#endif
