/* SPDX-License-Identifier: Apache-2.0 */
#include "fram_part.h"
#include "backing.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { WREN = 0x06, WRDI = 0x04, RDSR = 0x05, WRSR = 0x01, READ = 0x03, FSTRD = 0x0B, WRITE = 0x02, SLEEP = 0xB9, RDID = 0x9F };
enum { WEL = 0x02, BP = 0x0C, WPEN = 0x80 };

static const uint8_t id[2][9] = { { 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xC2, 0x22, 0x08 },    /* FM25V02A */
                                  { 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xC2, 0x24, 0x00 } };  /* FM25V10 */

static bool is_large(const struct pw_frampart *f) { return f->size_b == PW_FRAMPART_LARGE; }

/* Bytes of opcode and address; the upper address bits that the part does not need are ignored. */
static unsigned header_b(const struct pw_frampart *f) { return is_large(f) ? 4 : 3; }

static bool is_protected(const struct pw_frampart *f, uint32_t addr)
{
    static const uint32_t quarters[4] = { 4, 3, 2, 0 };                              /* none, upper quarter, upper half, all */
    return addr >= f->size_b / 4 * quarters[(f->status & BP) >> 2];
}

static void store(struct pw_frampart *f, uint8_t b)
{
    if (!(f->status & WEL) || is_protected(f, f->addr)) {
        f->n_refused++;
    } else if (f->cut_after != 0) {
        f->mem[f->addr] = b;
        f->n_writes++;
        if (f->cut_after > 0)
            f->cut_after--;
    }
    f->addr = (f->addr + 1) % f->size_b;
}

static void fram_select(void *ctx, bool on)
{
    struct pw_frampart *f = ctx;
    if (on) {
        f->n_in = 0;
        f->ignore = f->asleep;            /* this select wakes the part, 400 us later; what it carries is lost */
        f->asleep = false;
        return;
    }
    if (f->ignore || f->n_in == 0)
        return;
    if (f->op == WREN)
        f->status |= WEL;
    else if (f->op == WRDI || (f->op == WRITE && f->n_in >= header_b(f)) || (f->op == WRSR && f->n_in >= 2))
        f->status &= (uint8_t)~WEL;
    else if (f->op == SLEEP)
        f->asleep = true;
}

static uint8_t fram_out(void *ctx)
{
    struct pw_frampart *f = ctx;
    if (f->ignore || f->n_in == 0)
        return 0xFF;
    unsigned header = header_b(f) + (f->op == FSTRD);
    switch (f->op) {
    case RDSR:
        return f->status;
    case RDID:
        return f->n_in <= sizeof id[0] ? id[is_large(f)][f->n_in - 1] : 0;
    case READ:
    case FSTRD:
        return f->n_in >= header ? f->mem[f->addr] : 0xFF;
    default:
        return 0xFF;
    }
}

static void fram_in(void *ctx, uint8_t b)
{
    struct pw_frampart *f = ctx;
    unsigned n = f->n_in < 255 ? f->n_in++ : 255;     /* place of this byte; only the first few matter */
    if (f->ignore)
        return;
    if (n == 0) {
        f->op = b;
        f->addr = 0;
        return;
    }
    bool addressed = f->op == READ || f->op == FSTRD || f->op == WRITE;
    if (addressed && n < header_b(f))
        f->addr = ((f->addr << 8) | b) % f->size_b;
    else if (f->op == WRITE)
        store(f, b);
    else if (f->op == READ || (f->op == FSTRD && n > header_b(f)))
        f->addr = (f->addr + 1) % f->size_b;
    else if (f->op == WRSR && n == 1 && (f->status & WEL))
        f->status = (uint8_t)((f->status & WEL) | (b & (WPEN | BP)));
}

/* Size of the part whose content a file is; where the file says nothing, the larger one. */
static uint32_t size_of_file(const char *path, char *err, size_t err_n)
{
    struct stat st;
    if (path == NULL || stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size == PW_FRAMPART_LARGE)
        return PW_FRAMPART_LARGE;
    if (st.st_size == PW_FRAMPART_SMALL)
        return PW_FRAMPART_SMALL;
    snprintf(err, err_n, "%s: %lld bytes long, expected %u or %u", path, (long long)st.st_size, PW_FRAMPART_SMALL, PW_FRAMPART_LARGE);
    return 0;
}

int pw_frampart_open(struct pw_frampart *f, const char *path, uint32_t size_b, bool *created, char *err, size_t err_n)
{
    memset(f, 0, sizeof *f);
    f->cut_after = -1;
    f->mapped = path != NULL;
    if (size_b == 0) {
        size_b = size_of_file(path, err, err_n);
        if (size_b == 0)
            return -1;
    } else if (size_b != PW_FRAMPART_SMALL && size_b != PW_FRAMPART_LARGE) {
        snprintf(err, err_n, "no FRAM of %u bytes, only %u or %u", size_b, PW_FRAMPART_SMALL, PW_FRAMPART_LARGE);
        return -1;
    }
    f->size_b = size_b;
    f->mem = pw_backing_open(path, size_b, 0x00, created, err, err_n);
    return f->mem != NULL ? 0 : -1;
}

void pw_frampart_close(struct pw_frampart *f)
{
    pw_backing_close(f->mem, f->size_b);
    f->mem = NULL;
}

struct pw_spi_part pw_frampart_spi(struct pw_frampart *f)
{
    return (struct pw_spi_part){ .select = fram_select, .out = fram_out, .in = fram_in, .ctx = f };
}
